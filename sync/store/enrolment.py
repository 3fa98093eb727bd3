"""Whom a data folder works for, as the centre said when it took the device in."""

from typing import Final

import msgspec

JOINING: Final = "joining"
"""Under what name the store keeps what was asked of a centre by hand, until it belongs to one."""


class Enrolment(msgspec.Struct, frozen=True):
    """Whom this folder works for. `centre_key` is the centre's Ed25519 public key, 32 bytes.

    `server` is "" where nobody said yet at which address the centre is had: then all goes by hand.
    `recovery_key` is the X25519 public key that the store's key is sealed to; b"" from a centre that has none.
    """

    server: str
    centre: str
    centre_key: bytes
    province: str
    unit: str
    person: str
    recovery_key: bytes = b""
