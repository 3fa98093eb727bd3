"""The hash chain over a device's changes: it names each, and two ends that agree on a hash agree on all before."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from sync.protocol.messages import Change, Link

HASH_BYTES: Final = 16

_encode = msgspec.msgpack.Encoder().encode


def device_id(public_key: bytes) -> str:
    """The name of the device that holds this Ed25519 key: 20 hexadecimal digits of the key's hash."""
    return blake2b(public_key, digest_size=10).hexdigest()


def root(device: str) -> Link:
    """The link before a device's first change. It names the device, so every later hash does."""
    return Link(0, blake2b(device.encode(), digest_size=HASH_BYTES).digest())


def link(before: Link, change: Change) -> Link:
    """The link of `change` after the one `before` it: over its whole content, in one fixed form."""
    return Link(change.n, _hash_after(before.hash, change))


def links(before: Link, changes: Iterable[Change]) -> list[Link]:
    """The link of each of `changes` in turn."""
    found: list[Link] = []
    last = before.hash
    for change in changes:
        last = _hash_after(last, change)
        # By the tuple's own maker: a named tuple's takes three times as long.
        found.append(tuple.__new__(Link, (change.n, last)))
    return found


def hash_after(before: bytes, *said: object) -> bytes:
    """The hash of a change after the one with the hash `before`: over all that it says, in the order of its fields."""
    return blake2b(before + _encode(said), digest_size=HASH_BYTES).digest()


def _hash_after(before: bytes, change: Change) -> bytes:
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
    # What no program added makes no difference, so that one that knows more computes the same.
    return hash_after(before, *said, change.extra) if change.extra else hash_after(before, *said)
