"""Identifiers for what has no natural key: UUID version 7 (RFC 9562), which sorts by the time it was made."""

import re
from collections.abc import Callable
from datetime import datetime
from random import SystemRandom
from typing import Final

# Python's own UUIDs are not for a start: their module looks over the whole system to find out who it is.
_WRITTEN: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_BITS: Final = SystemRandom().getrandbits


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID of any version in its one written form: small letters, with dashes."""
    return _WRITTEN.fullmatch(text) is not None


def uuid7(at: datetime, random_bits: Callable[[int], int] = _BITS) -> str:
    """A new identifier made at `at`: 48 bits of milliseconds since 1970 UTC, then 74 random ones.

    `random_bits(k)` gives k random bits. A clock before 1970 counts as 1970: an identifier is no proof of a time.
    """
    milliseconds = max(0, int(at.timestamp() * 1000)) & (1 << 48) - 1
    version, variant = 0x7, 0b10
    number = milliseconds << 80 | version << 76 | random_bits(12) << 64 | variant << 62 | random_bits(62)
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
