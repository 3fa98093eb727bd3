"""A short name for many cursors, by which a centre that has seen them recognises all of them."""

from collections.abc import Mapping
from typing import Final

import msgspec

from sync.domain.hashes import blake2b
from sync.protocol.messages import Cursor, Subscription

MANY: Final = 8
"""From this many cursors on a vector stands for them."""

_VECTOR_BYTES: Final = 8


def vector_of(cursors: Mapping[Subscription, Cursor]) -> bytes:
    """8 bytes that name these cursors, in whatever order they stand."""
    rows = sorted((*subscription, *cursor) for subscription, cursor in cursors.items())
    return blake2b(msgspec.msgpack.encode(rows), digest_size=_VECTOR_BYTES).digest()
