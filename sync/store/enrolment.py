"""Whom a data folder works for, as the centre said when it took the device in."""

import msgspec


class Enrolment(msgspec.Struct, frozen=True):
    """Whom this folder works for. `centre_key` is the centre's Ed25519 public key, 32 bytes.

    `recovery_key` is the X25519 public key that the store's key is sealed to; b"" from a centre that has none.
    """

    server: str
    centre: str
    centre_key: bytes
    province: str
    unit: str
    person: str
    recovery_key: bytes = b""
