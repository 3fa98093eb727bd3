"""Sums over the records of each stream and unit, kept up to date with every commit."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Result, Select, Table, and_, bindparam, or_, select, text

from sync.central.tables import digest as digest_table
from sync.domain.keys import BROADCAST, Key, is_for_one_unit
from sync.protocol.digests import Digest, stored
from sync.protocol.messages import Record, Subscription

_WRITE: Final = text(
    "INSERT INTO digest (province_code, stream, unit, count, total) VALUES (:province, :stream, :unit, :count, :total)"
    " ON CONFLICT (province_code, stream, unit) DO UPDATE SET count = excluded.count, total = excluded.total"
)
_KEPT: Final = select(digest_table.c.unit, digest_table.c.count, digest_table.c.total).where(
    digest_table.c.province_code == bindparam("province"),
    digest_table.c.stream == bindparam("of_stream"),
    digest_table.c.unit.in_(bindparam("units", expanding=True)),
)


def hashes_of(records: Iterable[Record]) -> list[int]:
    """The records' row hashes, as a device computes them of what it stores."""
    return [hashed for _, _, hashed in stored(records)]


def bucket_of(stream: str, key: Key) -> str:
    """The unit under which a record is summed; what all may see is one sum."""
    return key.unit if is_for_one_unit(stream) else BROADCAST


def add(connection: Connection, province: str, changes: Mapping[tuple[str, str], Digest]) -> None:
    """Add what changed, by stream and unit. The streams' rows are held by this transaction."""
    by_stream: dict[str, dict[str, Digest]] = {}
    for (stream, unit), change in changes.items():
        by_stream.setdefault(stream, {})[unit] = change
    rows: list[dict[str, object]] = []
    for stream, by_unit in by_stream.items():
        before = connection.execute(_KEPT, {"province": province, "of_stream": stream, "units": list(by_unit)})
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
    rows: Any = seen(connection, _SUMS, province, subscription)
    return Digest.sum_of((count, total) for count, total in rows)


class Seen(NamedTuple):
    """A query in its two forms, made once: of a whole stream, and of what is seen of it from one unit."""

    whole: Select[Any]
    below: Select[Any]


def seen_of(query: Select[Any], table: Table) -> Seen:
    """`query` for the rows of one subscription in a `table` with province, stream and unit."""
    columns = table.c
    whole = query.where(columns.province_code == bindparam("of_province"), columns.stream == bindparam("of_stream"))
    # "/" follows "." in the alphabet: between lies all that is below.
    inside = and_(columns.unit > bindparam("of_first"), columns.unit < bindparam("of_last"))
    return Seen(whole, whole.where(or_(columns.unit == bindparam("of_root"), inside)))


def seen(
    connection: Connection, query: Seen, province: str, subscription: Subscription, **values: object
) -> Result[Any]:
    """The rows of `query` that are seen of a stream from a unit; `values` are for what else it asks."""
    root, stream = subscription
    values |= {"of_province": province, "of_stream": stream}
    if not is_for_one_unit(stream):
        return connection.execute(query.whole, values)
    return connection.execute(query.below, {**values, "of_root": root, "of_first": f"{root}.", "of_last": f"{root}/"})


_SUMS: Final = seen_of(select(digest_table.c.count, digest_table.c.total), digest_table)
