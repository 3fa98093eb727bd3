"""Tests of sync/store."""
