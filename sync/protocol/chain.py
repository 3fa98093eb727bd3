"""The hash chain over a device's changes: it names each, and two ends that agree on a hash agree on all before."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from sync.protocol.messages import Change

HASH_BYTES: Final = 16


def device_id(public_key: bytes) -> str:
    """The name of the device that holds this Ed25519 key: 20 hexadecimal digits of the key's hash."""
    return blake2b(public_key, digest_size=10).hexdigest()


def root(device: str) -> bytes:
    """The hash before a device's first change. It names the device, so every later hash does."""
    return blake2b(device.encode(), digest_size=HASH_BYTES).digest()


def link(previous_hash: bytes, change: Change) -> bytes:
    """The hash of `change` after `previous_hash`: over its whole content, in one fixed form."""
    body = msgspec.msgpack.encode(
        (change.n, change.key, change.content, change.seen, change.author, change.typed_at, change.catalogue)
    )
    return blake2b(previous_hash + body, digest_size=HASH_BYTES).digest()


def links(previous_hash: bytes, changes: Iterable[Change]) -> list[bytes]:
    """The hash of each of `changes` in turn."""
    found: list[bytes] = []
    for change in changes:
        previous_hash = link(previous_hash, change)
        found.append(previous_hash)
    return found
