"""Proof that two ends hold the same: the one stored form of a record, its hash, and sums of hashes.

A sum of row hashes can be kept up to date row by row, in any order, and compared for any set of rows.
"""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import msgspec

from sync.domain.hashes import blake2b
from sync.domain.keys import Key
from sync.protocol.messages import Head, Record, Version

_HASH_BYTES: Final = 32
_BRIEF_BYTES: Final = 8
_MASK: Final = (1 << 8 * _HASH_BYTES) - 1
_NONE: Final = b""
_HASHER: Final = blake2b(digest_size=_HASH_BYTES)

_encode = msgspec.msgpack.Encoder().encode
_decode_heads = msgspec.msgpack.Decoder(tuple[Head, ...]).decode
_decode_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


def heads_bytes(heads: Iterable[Head]) -> bytes:
    """The stored form of heads; what a newer program adds stands only where it is set. Empty for none."""
    rows = [
        (head.version, head.content, head.author, head.typed_at, head.received_at, head.extra)
        if head.extra
        else (head.version, head.content, head.author, head.typed_at, head.received_at)
        for head in heads
    ]
    return _encode(rows) if rows else _NONE


def heads_of(written: bytes) -> tuple[Head, ...]:
    """The heads that `heads_bytes` wrote."""
    return _decode_heads(written) if written else ()


def versions_bytes(versions: tuple[Version, ...]) -> bytes:
    """The stored form of versions, empty for none."""
    return _encode(versions) if versions else _NONE


def versions_of(written: bytes) -> tuple[Version, ...]:
    """The versions that `versions_bytes` wrote."""
    return _decode_versions(written) if written else ()


def row_hash(key: Key, heads: bytes, prev: bytes) -> int:
    """The hash of a record, of its stored bytes: a number below 2**256."""
    return int.from_bytes(blake2b(_encode((key, heads, prev)), digest_size=_HASH_BYTES).digest())


Stored = tuple[bytes, bytes, int]
"""A record as it is kept: its heads and what they replaced in bytes, and its row hash."""


def stored(records: Iterable[Record]) -> list[Stored]:
    """The stored form of each of `records`."""
    # As `row_hash` of `heads_bytes` and `versions_bytes`, for every record at both ends: nearly all have one head.
    encode, hasher, number = _encode, _HASHER.copy, int.from_bytes
    found: list[Stored] = []
    for record in records:
        heads, prev = record.heads, record.prev
        if len(heads) == 1 and not (head := heads[0]).extra:
            written = encode(((head.version, head.content, head.author, head.typed_at, head.received_at),))
        else:
            written = heads_bytes(heads)
        replaced = encode(prev) if prev else _NONE
        hashed = hasher()
        hashed.update(encode((record.key, written, replaced)))
        found.append((written, replaced, number(hashed.digest())))
    return found


class Digest(NamedTuple):
    """How many rows, and the sum of their hashes modulo 2**256."""

    rows: int = 0
    total: int = 0

    def plus(self, other: "Digest") -> "Digest":
        return Digest(self.rows + other.rows, (self.total + other.total) & _MASK)

    def with_row(self, hashed: int) -> "Digest":
        return Digest(self.rows + 1, (self.total + hashed) & _MASK)

    def with_rows(self, hashes: Collection[int]) -> "Digest":
        return Digest(self.rows + len(hashes), (self.total + sum(hashes)) & _MASK)

    def without_rows(self, hashes: Collection[int]) -> "Digest":
        return Digest(self.rows - len(hashes), (self.total - sum(hashes)) & _MASK)

    def brief(self) -> bytes:
        """8 bytes to compare it by."""
        return blake2b(_encode((self.rows, self.total_bytes())), digest_size=_BRIEF_BYTES).digest()

    def total_bytes(self) -> bytes:
        """The sum as a database keeps it."""
        return self.total.to_bytes(_HASH_BYTES)

    @classmethod
    def sum_of(cls, kept: Iterable[tuple[int, bytes]]) -> "Digest":
        """The sum of digests that were kept as `of` reads them."""
        found = list(kept)
        return cls(sum(rows for rows, _ in found), sum(int.from_bytes(total) for _, total in found) & _MASK)

    @classmethod
    def of(cls, rows: int, total: bytes) -> "Digest":
        """What was kept as a count and `total_bytes`."""
        return cls(rows, int.from_bytes(total))
