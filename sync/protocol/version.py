"""The protocol's number, and what each number changed."""

from typing import Final

PROTOCOL: Final = 1
"""1: push and pull in one request, streams with cursors, sealed columnar messages."""

OLDEST: Final = 1
"""The oldest protocol that is still answered."""
