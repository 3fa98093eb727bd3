"""Tests of sync/protocol."""
