"""Sums over the records of each stream and unit, kept up to date with every commit."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Result, Select, Table, and_, bindparam, or_, select, text

from sync.central.tables import digest as digest_table
from sync.domain.catalogue import Sensitivity
from sync.domain.keys import BROADCAST, Key, is_for_one_unit
from sync.domain.rights import classes, limit_of, unit_of
from sync.protocol.digests import Digest, stored
from sync.protocol.messages import Record, Subscription

_WRITE: Final = text(
    "INSERT INTO digest (province_code, stream, unit, sensitivity, count, total)"
    " VALUES (:province, :stream, :unit, :sensitivity, :count, :total)"
    " ON CONFLICT (province_code, stream, unit, sensitivity)"
    " DO UPDATE SET count = excluded.count, total = excluded.total"
)
_KEPT: Final = select(
    digest_table.c.unit, digest_table.c.sensitivity, digest_table.c.count, digest_table.c.total
).where(
    digest_table.c.province_code == bindparam("province"),
    digest_table.c.stream == bindparam("of_stream"),
    digest_table.c.unit.in_(bindparam("units", expanding=True)),
)


Bucket = tuple[str, str, str]
"""A stream, a unit and a sensitivity class: what a device may see is a set of these."""


def hashes_of(records: Iterable[Record]) -> list[int]:
    """The records' row hashes, as a device computes them of what it stores."""
    return [hashed for _, _, hashed in stored(records)]


def bucket_of(stream: str, key: Key) -> str:
    """The unit under which a record is summed; what all may see is one sum."""
    return key.unit if is_for_one_unit(stream) else BROADCAST


def add(connection: Connection, province: str, changes: Mapping[Bucket, Digest]) -> None:
    """Add what changed. The streams' rows are held by this transaction."""
    by_stream: dict[str, dict[tuple[str, str], Digest]] = {}
    for (stream, unit, sensitivity), change in changes.items():
        by_stream.setdefault(stream, {})[unit, sensitivity] = change
    rows: list[dict[str, object]] = []
    for stream, buckets in by_stream.items():
        units = list(dict.fromkeys(unit for unit, _ in buckets))
        before = connection.execute(_KEPT, {"province": province, "of_stream": stream, "units": units})
        kept = {(unit, sensitivity): Digest.of(count, total) for unit, sensitivity, count, total in before}
        for (unit, sensitivity), change in buckets.items():
            after = kept.get((unit, sensitivity), Digest()).plus(change)
            rows.append(
                {
                    "province": province,
                    "stream": stream,
                    "unit": unit,
                    "sensitivity": sensitivity,
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
    """A query in its forms, made once: of a whole stream, and of what is seen of it from one unit, of all or some
    classes."""

    whole: Select[Any]
    below: Select[Any]
    limited: Select[Any]


def seen_of(query: Select[Any], table: Table) -> Seen:
    """`query` for the rows of one subscription in a `table` with province, stream, unit and sensitivity."""
    columns = table.c
    whole = query.where(columns.province_code == bindparam("of_province"), columns.stream == bindparam("of_stream"))
    # "/" follows "." in the alphabet: between lies all that is below.
    inside = and_(columns.unit > bindparam("of_first"), columns.unit < bindparam("of_last"))
    below = whole.where(or_(columns.unit == bindparam("of_root"), inside))
    return Seen(whole, below, below.where(columns.sensitivity.in_(bindparam("of_classes", expanding=True))))


def seen(
    connection: Connection, query: Seen, province: str, subscription: Subscription, **values: object
) -> Result[Any]:
    """The rows of `query` that are seen of a stream from a root; `values` are for what else it asks."""
    root, stream = subscription
    values |= {"of_province": province, "of_stream": stream}
    if not is_for_one_unit(stream):
        return connection.execute(query.whole, values)
    unit, limit = unit_of(root), limit_of(root)
    values |= {"of_root": unit, "of_first": f"{unit}.", "of_last": f"{unit}/"}
    if limit is Sensitivity.SENSITIVE:
        return connection.execute(query.below, values)
    return connection.execute(query.limited, {**values, "of_classes": classes(limit)})


_SUMS: Final = seen_of(select(digest_table.c.count, digest_table.c.total), digest_table)
