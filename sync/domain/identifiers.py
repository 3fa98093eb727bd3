"""Identifiers for what has no natural key: UUID version 7 (RFC 9562), which sorts by the time it was made."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from random import SystemRandom
from typing import Final

# Python's own UUIDs are not for a start: their module looks over the whole system to find out who it is.
_WRITTEN: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LAST_MS: Final = 253_402_000_000_000
"""Late in the year 9999."""
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


def made_at(uuid: str) -> datetime | None:
    """When an identifier was made by the clock of whoever made it; None of one that does not say so."""
    if not is_uuid(uuid) or uuid[14] != "7":
        return None
    # A clock gone wild may name a moment that no calendar has.
    milliseconds = min(int(uuid[:8] + uuid[9:13], 16), _LAST_MS)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
