"""A way back into a store whose password is forgotten: what the desktop keeps for it, and what the centre answers.

    beside the store   the store's key, sealed to the centre's recovery key; the centre alone can open it
    to the centre      the same file, with the name of who asks
    back               the key once more, locked for that store and person by a code, which is told by phone

Nobody on the way can read either file, and neither opens without the other half.
"""

import secrets
from typing import Final

import msgspec

from sync.protocol.locked import COST, Cost, Locked, lock, unlock

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs that nobody takes for one another: 12 of them are 59 bits."""

CODE_SIGNS: Final = 12
MAX_FILE: Final = 64 << 10
_GROUP_SIGNS: Final = 4
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 16


class RecoveryError(ValueError):
    """Bytes that are no such file, or not one for whoever reads it. `reason` is damaged or other_centre."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecoveryCopy(msgspec.Struct, frozen=True, tag_field="kind", tag="soxa-recovery-1"):
    """`store` is the salt of the database, `centre` the recovery key that it is sealed to, `person` who asks."""

    store: bytes
    device: str
    centre: bytes
    sealed: bytes
    person: str = ""


class Reset(msgspec.Struct, frozen=True, tag_field="kind", tag="soxa-reset-1"):
    """The centre's answer: opens `store` once, for a new password of `person`. `id` is of this answer alone."""

    id: str
    store: bytes
    person: str
    locked: Locked


class _Secret(msgspec.Struct, frozen=True, array_like=True):
    store: bytes
    device: str
    key: bytes


def seal_copy(key: bytes, store: bytes, device: str, centre: bytes) -> RecoveryCopy:
    """The store's 32-byte `key` for the holder of the private half of `centre`, an X25519 public key."""
    from nacl.public import PublicKey, SealedBox

    secret = msgspec.msgpack.encode(_Secret(store, device, key))
    return RecoveryCopy(store, device, centre, SealedBox(PublicKey(centre)).encrypt(secret))


def open_copy(copy: RecoveryCopy, private_key: bytes) -> bytes:
    """The store's key. What a copy says of itself must be what was sealed. Raises RecoveryError."""
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    private = PrivateKey(private_key)
    if copy.centre != bytes(private.public_key):
        raise RecoveryError("other_centre")
    try:
        secret = msgspec.msgpack.decode(SealedBox(private).decrypt(copy.sealed), type=_Secret)
    except (CryptoError, msgspec.DecodeError, ValueError) as error:
        raise RecoveryError("damaged") from error
    if (secret.store, secret.device, len(secret.key)) != (copy.store, copy.device, _KEY_BYTES):
        raise RecoveryError("damaged")
    return secret.key


def make_reset(key: bytes, copy: RecoveryCopy, code: str, cost: Cost = COST) -> Reset:
    """The answer to who sent `copy`. It opens with `code` only."""
    name = secrets.token_hex(_ID_BYTES)
    return Reset(name, copy.store, copy.person, lock(key, signs_of(code), _about(name, copy.store, copy.person), cost))


def open_reset(reset: Reset, code: str) -> bytes:
    """The store's key. Raises WrongPasswordError for another code, and for a file that was altered."""
    return unlock(reset.locked, signs_of(code), _about(reset.id, reset.store, reset.person))


def write(message: RecoveryCopy | Reset) -> bytes:
    return msgspec.json.encode(message) + b"\n"


def read(written: bytes) -> RecoveryCopy | Reset:
    """Raises RecoveryError."""
    try:
        found: RecoveryCopy | Reset = msgspec.json.decode(written[:MAX_FILE], type=RecoveryCopy | Reset)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise RecoveryError("damaged") from error
    return found


def random_code() -> str:
    """A code to be read out: three groups of four signs."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(CODE_SIGNS))
    return "-".join(signs[start : start + _GROUP_SIGNS] for start in range(0, CODE_SIGNS, _GROUP_SIGNS))


def signs_of(code: str) -> str:
    """A code as signs alone: no case, no dashes, no spaces."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _about(name: str, store: bytes, person: str) -> bytes:
    return b"\0".join((b"reset", name.encode(), store.hex().encode(), person.encode(errors="replace")))
