"""The heads that stand in records: read for a batch of keys at once, and written back with their commit and sums."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, TextClause, bindparam, insert, text, update

from sync.central.batches import batches, wanted
from sync.central.proofs import Bucket, add, bucket_of, hashes_of
from sync.central.tables import record
from sync.domain.keys import Key, stream_of
from sync.protocol.digests import Digest, heads_bytes, heads_of, stored, versions_of
from sync.protocol.messages import Head, Record, Version

_CELL: Final = (record.c.kind, record.c.unit, record.c.item, record.c.period, record.c.part)
_ADDRESS: Final = (record.c.stream, *_CELL)
_ADDRESS_NAMES: Final = tuple(column.name for column in _ADDRESS)
_COLUMNS: Final = (
    *_CELL,
    record.c.branch,
    record.c.n,
    record.c.content,
    record.c.author,
    record.c.typed_at,
    record.c.received_at,
    record.c.extra,
    record.c.rivals,
    record.c.prev,
)
COLUMN_NAMES: Final = tuple(column.name for column in _COLUMNS)
_CLASS_NAMES: Final = (*(column.name for column in _CELL), record.c.sensitivity.name)
COLUMNS: Final = (*_COLUMNS, record.c.seq)
"""What `record_of` reads, and the commit that it came with."""

_INSERT: Final = insert(record)
_UPDATE: Final = (
    update(record)
    .where(
        record.c.province_code == bindparam("of_province"),
        *(column == bindparam(f"of_{column.name}") for column in _ADDRESS),
    )
    .values({column.name: bindparam(column.name) for column in (record.c.seq, *_COLUMNS[len(_CELL) :])})
)


def record_of(row: Any) -> Record:
    """The record in a row of COLUMNS."""
    first = Head(Version(row[5], row[6]), row[7], row[8], row[9], row[10], row[11])
    heads = (first, *heads_of(row[12])) if row[12] else (first,)
    return Record(Key(*row[:5]), heads, versions_of(row[13]))


def read_standing(connection: Connection, province: str, keys: Collection[Key]) -> dict[Key, Record]:
    """The records of those `keys` that have one."""
    found: dict[Key, Record] = {}
    for count, values in batches(_ADDRESS_NAMES, [(stream_of(key), *key) for key in keys]):
        for row in connection.execute(_reading(count), {"province": province, **values}):
            standing = record_of(row)
            found[standing.key] = standing
    return found


def _classes(connection: Connection, province: str, keys: Collection[Key]) -> dict[Key, str]:
    """The sensitivity class with which the records of `keys` stand."""
    found: dict[Key, str] = {}
    for count, values in batches(_ADDRESS_NAMES, [(stream_of(key), *key) for key in keys]):
        rows = connection.execute(_reading(count, _CLASS_NAMES), {"province": province, **values})
        for *address, sensitivity in rows:
            found[Key(*address)] = sensitivity
    return found


@cache
def _reading(count: int, names: tuple[str, ...] = COLUMN_NAMES) -> TextClause:
    """Reads these columns of `count` records by key."""
    same = " AND ".join(f"{name} = wanted_{name}" for name in _ADDRESS_NAMES)
    columns = ", ".join(names)
    return text(
        f"{wanted(_ADDRESS_NAMES, count)}"
        f" SELECT {columns} FROM wanted JOIN record ON province_code = :province AND {same}"
    )


def write_standing(
    connection: Connection,
    province: str,
    records: Mapping[Key, Record],
    before: Mapping[Key, Record],
    seqs: Mapping[Key, int],
    sensitivity_of: Callable[[Key], str],
) -> None:
    """Write `records` under their commits `seqs`, and the sums over them; `before` is what stood there."""
    inserts: list[dict[str, object]] = []
    updates: list[dict[str, object]] = []
    come: dict[Bucket, list[int]] = defaultdict(list)
    gone: dict[Bucket, list[int]] = defaultdict(list)
    kept = _classes(connection, province, [key for key in records if key in before and sensitivity_of(key)])
    for standing, (_, prev, hashed) in zip(records.values(), stored(records.values()), strict=True):
        key, (first, *rivals) = standing.key, standing.heads
        stream = stream_of(key)
        # A record keeps the class that it came with: another catalogue moves none of it without its sums.
        sensitivity = kept.get(key) or sensitivity_of(key)
        bucket = (stream, bucket_of(stream, key), sensitivity)
        old = before.get(key)
        come[bucket].append(hashed)
        if old is not None:
            gone[bucket] += hashes_of([old])
        values: dict[str, object] = {
            "seq": seqs[key],
            "branch": first.version.branch,
            "n": first.version.n,
            "content": first.content,
            "author": first.author,
            "typed_at": first.typed_at,
            "received_at": first.received_at,
            "extra": first.extra,
            "rivals": heads_bytes(rivals),
            "prev": prev,
        }
        address = dict(zip(("kind", "unit", "item", "period", "part"), key, strict=True))
        if old is None:
            values |= {
                "province_code": province,
                "stream": stream,
                "sensitivity": sensitivity,
                **address,
            }
            inserts.append(values)
        else:
            values |= {"of_province": province, "of_stream": stream}
            values |= {f"of_{name}": text for name, text in address.items()}
            updates.append(values)
    if inserts:
        connection.execute(_INSERT, inserts)
    if updates:
        connection.execute(_UPDATE, updates)
    sums = {bucket: Digest().with_rows(hashes).without_rows(gone[bucket]) for bucket, hashes in come.items()}
    add(connection, province, sums)
