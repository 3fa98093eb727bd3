"""Catalogues, lists and samples read from files."""
