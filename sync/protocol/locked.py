"""A secret locked by a password: Argon2id makes a key of the password, and a secretbox holds the secret under it.

What it cost to derive stands beside it, so that it can be raised later. `about` says what the secret is of: locked
for one thing, it does not open as another's.
"""

from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.domain.text import nfc

SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_MOST_OPS: Final = 64
_MOST_MEMORY_MB: Final = 1024


class Cost(NamedTuple):
    """How dear a guess is: passes over the memory, and the memory in MiB."""

    ops: int
    memory_mb: int


COST: Final = Cost(4, 128)
"""About a third of a second on a PC of today, a second on an old one, and a fair part of neither's memory."""


class WrongPasswordError(ValueError):
    """The password does not open this, or what it should open was altered: nobody can tell the two apart."""


class Locked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A locked secret. `salt` has 16 bytes, `box` nonce, tag and secret."""

    salt: bytes
    ops: int
    memory_mb: int
    box: bytes

    def __post_init__(self) -> None:
        # A damaged number must not take all of a PC's memory, nor its evening.
        if len(self.salt) != SALT_BYTES or not (1 <= self.ops <= _MOST_OPS and 1 <= self.memory_mb <= _MOST_MEMORY_MB):
            raise ValueError("cost")

    @property
    def cost(self) -> Cost:
        return Cost(self.ops, self.memory_mb)


def lock(secret: bytes, password: str, about: bytes, cost: Cost = COST) -> Locked:
    """`secret` locked by `password`. It takes the time that `cost` says. Raises EnvironmentFault memory_short."""
    from nacl.secret import SecretBox
    from nacl.utils import random

    salt = random(SALT_BYTES)
    box = SecretBox(derive(password, salt, about, cost)).encrypt(secret)
    return Locked(salt, cost.ops, cost.memory_mb, bytes(box))


def unlock(locked: Locked, password: str, about: bytes) -> bytes:
    """The secret. Raises WrongPasswordError, and EnvironmentFault memory_short."""
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    try:
        return SecretBox(derive(password, locked.salt, about, locked.cost)).decrypt(locked.box)
    except (CryptoError, ValueError) as error:
        raise WrongPasswordError from error


def derive(password: str, salt: bytes, about: bytes, cost: Cost) -> bytes:
    """The 32-byte key that `password` comes to; `salt` has 16 bytes. Raises EnvironmentFault memory_short."""
    # Loaded with the first password: a start without one does not pay for the import.
    from nacl.exceptions import RuntimeError as NotDerivedError
    from nacl.pwhash import argon2id

    try:
        # One form of the letters, whatever keyboard they come from.
        derived = argon2id.kdf(
            _KEY_BYTES,
            nfc(password).encode(errors="surrogatepass"),
            salt,
            opslimit=cost.ops,
            memlimit=cost.memory_mb << 20,
        )
    except (NotDerivedError, MemoryError) as error:
        raise EnvironmentFault("memory_short") from error
    return blake2b(about, key=derived, digest_size=_KEY_BYTES).digest()
