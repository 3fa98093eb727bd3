"""The hash chain over a device's changes: it names each, and two ends that agree on a hash agree on all before."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from sync.domain.hashes import blake2b
from sync.protocol.messages import Change, Link

HASH_BYTES: Final = 16

_HASHER: Final = blake2b(digest_size=HASH_BYTES)
_encode = msgspec.msgpack.Encoder().encode


def device_id(public_key: bytes) -> str:
    """The name of the device that holds this Ed25519 key: 20 hexadecimal digits of the key's hash."""
    return blake2b(public_key, digest_size=10).hexdigest()


def root(device: str) -> Link:
    """The link before a device's first change. It names the device, so every later hash does."""
    return Link(0, blake2b(device.encode(), digest_size=HASH_BYTES).digest())


def link(before: Link, change: Change) -> Link:
    """The link of `change` after the one `before` it: over its whole content, in one fixed form."""
    return Link(change.n, hashes(before.hash, (change,))[0])


def links(before: Link, changes: Sequence[Change]) -> list[Link]:
    """The link of each of `changes` in turn."""
    numbers = [change.n for change in changes]
    return list(map(Link, numbers, hashes(before.hash, changes)))


def hashes(before: bytes, changes: Iterable[Change]) -> list[bytes]:
    """The hash of each of `changes` in turn, behind the one with the hash `before`."""
    # Every change goes through here, so the loop does without what it can: a copied hasher takes half as long as a new.
    encode, hasher = _encode, _HASHER.copy
    found: list[bytes] = []
    last = before
    for change in changes:
        said = (
            change.n,
            change.branch,
            change.key,
            change.content,
            change.seen,
            change.author,
            change.typed_at,
            change.catalogue,
        )
        hashed = hasher()
        hashed.update(last)
        # What no program added makes no difference, so that one that knows more computes the same.
        hashed.update(encode((*said, change.extra) if change.extra else said))
        last = hashed.digest()
        found.append(last)
    return found


def hash_after(before: bytes, *said: object) -> bytes:
    """The hash of a change after the one with the hash `before`: over all that it says, in the order of its fields."""
    hashed = _HASHER.copy()
    hashed.update(before + _encode(said))
    return hashed.digest()
