"""The heads that stand in records: read for a batch of keys at once, and written back with their commit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, TextClause, bindparam, insert, text, update

from sync.central.tables import record
from sync.domain.keys import Key, stream_of
from sync.protocol.messages import Head, Record, Version

_KEYS_AT_ONCE: Final = 256
_NONE: Final = b""

_rivals_decoder = msgspec.msgpack.Decoder(list[tuple[str, int, str, str, int, int]])
_versions_decoder = msgspec.msgpack.Decoder(tuple[Version, ...])

_CELL: Final = (record.c.kind, record.c.unit, record.c.item, record.c.period, record.c.part)
_ADDRESS: Final = (record.c.stream, *_CELL)
_ADDRESS_NAMES: Final = tuple(column.name for column in _ADDRESS)
_COLUMNS: Final = (
    *_CELL,
    record.c.device,
    record.c.n,
    record.c.content,
    record.c.author,
    record.c.typed_at,
    record.c.received_at,
    record.c.rivals,
    record.c.prev,
)
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
    first = Head(Version(row[5], row[6]), row[7], row[8], row[9], row[10])
    heads = (first, *_rivals(row[11])) if row[11] else (first,)
    return Record(Key(*row[:5]), heads, read_versions(row[12]))


def read_standing(connection: Connection, province: str, keys: Collection[Key]) -> dict[Key, Record]:
    """The records of those `keys` that have one."""
    found: dict[Key, Record] = {}
    addresses = [(stream_of(key), *key) for key in keys]
    for start in range(0, len(addresses), _KEYS_AT_ONCE):
        run = addresses[start : start + _KEYS_AT_ONCE]
        count = 1 << (len(run) - 1).bit_length()
        # Few lengths, so that few statements are ever compiled.
        run += run[-1:] * (count - len(run))
        wanted = {
            f"{name}_{row}": part
            for row, address in enumerate(run)
            for name, part in zip(_ADDRESS_NAMES, address, strict=True)
        }
        for row in connection.execute(_reading(count), {"province": province, **wanted}):
            standing = record_of(row)
            found[standing.key] = standing
    return found


@cache
def _reading(count: int) -> TextClause:
    """Reads `count` records by key. A join with the keys: SQLite would scan the table for a list of tuples."""
    wanted = ", ".join(f"({', '.join(f':{name}_{row}' for name in _ADDRESS_NAMES)})" for row in range(count))
    names = ", ".join(f"wanted_{name}" for name in _ADDRESS_NAMES)
    same = " AND ".join(f"{name} = wanted_{name}" for name in _ADDRESS_NAMES)
    columns = ", ".join(column.name for column in _COLUMNS)
    return text(
        f"WITH wanted ({names}) AS (VALUES {wanted})"
        f" SELECT {columns} FROM wanted JOIN record ON province_code = :province AND {same}"
    )


def write_standing(
    connection: Connection,
    province: str,
    records: Iterable[Record],
    seqs: Mapping[str, int],
    sensitivities: Mapping[Key, str],
) -> None:
    """Write `records` under their streams' commits `seqs`; the keys of `sensitivities` have no row yet."""
    inserts: list[dict[str, object]] = []
    updates: list[dict[str, object]] = []
    for standing in records:
        key, (first, *rivals) = standing.key, standing.heads
        stream = stream_of(key)
        values: dict[str, object] = {
            "seq": seqs[stream],
            "device": first.version.device,
            "n": first.version.n,
            "content": first.content,
            "author": first.author,
            "typed_at": first.typed_at,
            "received_at": first.received_at,
            "rivals": _write_rivals(rivals),
            "prev": write_versions(standing.prev),
        }
        address = dict(zip(("kind", "unit", "item", "period", "part"), key, strict=True))
        if key in sensitivities:
            values |= {
                "province_code": province,
                "stream": stream,
                "sensitivity": sensitivities[key],
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


def write_versions(versions: Sequence[Version]) -> bytes:
    """`versions` as compact bytes, empty for none."""
    return msgspec.msgpack.encode(versions) if versions else _NONE


def read_versions(written: bytes) -> tuple[Version, ...]:
    """The versions that `write_versions` wrote."""
    return _versions_decoder.decode(written) if written else ()


def _write_rivals(rivals: Sequence[Head]) -> bytes:
    if not rivals:
        return _NONE
    return msgspec.msgpack.encode(
        [(*head.version, head.content, head.author, head.typed_at, head.received_at) for head in rivals]
    )


def _rivals(written: bytes) -> list[Head]:
    return [
        Head(Version(device, n), content, author, typed_at, received_at)
        for device, n, content, author, typed_at, received_at in _rivals_decoder.decode(written)
    ]
