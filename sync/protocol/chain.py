"""The hash chain over a device's changes: it names each, and two ends that agree on a hash agree on all before."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

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
    return links(before, (change,))[0]


def links(before: Link, changes: Iterable[Change]) -> list[Link]:
    """The link of each of `changes` in turn."""
    # Every change goes through here at both ends, so what a loop can do without is left out: a copied hasher and the
    # tuple's own maker take a third of the time of a new hasher and a named tuple's maker.
    encode, hasher, make = _encode, _HASHER.copy, tuple.__new__
    found: list[Link] = []
    last = before.hash
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
        found.append(make(Link, (change.n, last)))
    return found


def hash_after(before: bytes, *said: object) -> bytes:
    """The hash of a change after the one with the hash `before`: over all that it says, in the order of its fields."""
    return blake2b(before + _encode(said), digest_size=HASH_BYTES).digest()
