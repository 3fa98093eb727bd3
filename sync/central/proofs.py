"""Sums over the records of each stream and unit, kept up to date with every commit."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, text

from sync.central.tables import digest as digest_table
from sync.domain.keys import BROADCAST, Key, is_for_one_unit
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Record, Subscription

_WRITE: Final = text(
    "INSERT INTO digest (province_code, stream, unit, count, total) VALUES (:province, :stream, :unit, :count, :total)"
    " ON CONFLICT (province_code, stream, unit) DO UPDATE SET count = excluded.count, total = excluded.total"
)


def hash_of(record: Record) -> int:
    """The record's row hash, as a device computes it of what it stores."""
    return row_hash(record.key, heads_bytes(record.heads), versions_bytes(record.prev))


def bucket_of(stream: str, key: Key) -> str:
    """The unit under which a record is summed; what all may see is one sum."""
    return key.unit if is_for_one_unit(stream) else BROADCAST


def add(connection: Connection, province: str, changes: Mapping[tuple[str, str], Digest]) -> None:
    """Add what changed, by stream and unit. The streams' rows are held by this transaction."""
    columns = digest_table.c
    by_stream: dict[str, dict[str, Digest]] = {}
    for (stream, unit), change in changes.items():
        by_stream.setdefault(stream, {})[unit] = change
    rows: list[dict[str, object]] = []
    for stream, by_unit in by_stream.items():
        before = connection.execute(
            select(columns.unit, columns.count, columns.total).where(
                columns.province_code == province, columns.stream == stream, columns.unit.in_(by_unit)
            )
        )
        kept = {unit: Digest.of(count, total) for unit, count, total in before}
        for unit, change in by_unit.items():
            after = kept.get(unit, Digest()).plus(change)
            rows.append(
                {
                    "province": province,
                    "stream": stream,
                    "unit": unit,
                    "count": after.rows,
                    "total": after.total_bytes(),
                }
            )
    if rows:
        connection.execute(_WRITE, rows)


def digest_of(connection: Connection, province: str, subscription: Subscription) -> Digest:
    """The sum over all that a device may see of a stream."""
    columns = digest_table.c
    rows = connection.execute(
        select(columns.count, columns.total).where(
            columns.province_code == province, seen_from(digest_table, subscription)
        )
    )
    return Digest.sum_of((count, total) for count, total in rows)


def seen_from(table: Table, subscription: Subscription) -> ColumnElement[bool]:
    """The condition for rows of a subscription in a `table` with stream and unit."""
    root, stream = subscription
    columns = table.c
    if not is_for_one_unit(stream):
        return columns.stream == stream
    # "/" follows "." in the alphabet: between lies all that is below.
    below = and_(columns.unit > f"{root}.", columns.unit < f"{root}/")
    return and_(columns.stream == stream, or_(columns.unit == root, below))
