"""Rules between indicators."""
