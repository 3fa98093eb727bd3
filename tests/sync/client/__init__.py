"""Tests of sync/client."""
