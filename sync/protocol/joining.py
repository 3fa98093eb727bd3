"""An enrolment code as both ends prove that they know it, where a file carries what is said and anybody may read it.

    code ── hash, all that the centre keeps ── Argon2id, for the device's key ──▶ secret ──▶ a proof for each way

The code never stands in a file. The hint in its place finds it among the centre's without trying them all, and who
has the file alone would have to derive the secret for every code there is.
"""

from hashlib import blake2b
from typing import Final

from sync.protocol.locked import COST, SALT_BYTES, derive
from sync.protocol.recovery import signs_of

HINT_BYTES: Final = 2
_HASH_BYTES: Final = 32


def hash_of(code: str) -> bytes:
    """Of the code as signs alone: no case, no dashes, no spaces."""
    return blake2b(signs_of(code).encode(), digest_size=_HASH_BYTES).digest()


def hint_of(code_hash: bytes) -> bytes:
    return code_hash[:HINT_BYTES]


def secret_of(code_hash: bytes, public_key: bytes) -> bytes:
    """What a code comes to for one device's key, 32 bytes. It takes the time of one password.

    Raises EnvironmentFault memory_short.
    """
    salt = blake2b(public_key, digest_size=SALT_BYTES).digest()
    return derive(code_hash.hex(), salt, b"joining", COST)


def proof_of_asking(secret: bytes, public_key: bytes) -> bytes:
    """That whoever asks to be taken in with this key knows the code; 32 bytes."""
    return _proof(secret, b"asking", public_key)


def proof_of_answer(secret: bytes, enrolled: bytes) -> bytes:
    """That the centre which says `enrolled` is one that knows the code; 32 bytes."""
    return _proof(secret, b"answer", enrolled)


def _proof(secret: bytes, way: bytes, of: bytes) -> bytes:
    return blake2b(way + of, key=secret, digest_size=_HASH_BYTES).digest()
