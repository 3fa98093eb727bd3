"""A later catalogue gives a figure another sensitivity class: the records that stand move to it, with their sums.

Whoever may see them from then on is served them as any later commit. Whoever may see them no longer cannot be told
which they are: a root that is limited to some classes, and was read before, is taken from such a device, with all that
it holds of it, and given back in the next request (`is_stale`). So it is also where the centre was restored and no
longer has the commit up to which the device has read: nobody knows in which classes that was.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from sync.central.arrivals import commit_in
from sync.central.proofs import Bucket, add, bucket_of, hashes_of
from sync.central.pull import Tokens
from sync.central.room import parts
from sync.central.standing import COLUMN_NAMES, record_of
from sync.central.tables import commit_token, record
from sync.central.tables import reclassing as table
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import Key
from sync.domain.rights import class_of, limit_of
from sync.protocol.digests import Digest
from sync.protocol.messages import Cursor, Subscription

_CELL: Final = ("kind", "unit", "item", "period", "part")
_MOVE: Final = (
    update(record)
    .where(*(record.c[name] == bindparam(f"of_{name}") for name in ("province_code", "stream", *_CELL)))
    .values(seq=bindparam("to_seq"), sensitivity=bindparam("to_class"))
)
_NARROWED: Final = (
    select(table, commit_token.c.token)
    .outerjoin(commit_token, and_(*(column == commit_token.c[column.name] for column in table.c)))
    .where(table.c.province_code == bindparam("province"))
)
_ORDER: Final = tuple(Sensitivity)


def reclass(connection: Connection, province: str, catalogue: Catalogue, now: int, new_token: Callable[[], str]) -> int:
    """Let every record have the class that `catalogue` gives it. How many moved.

    What the catalogue does not know any more keeps the class that it has.
    """
    columns = record.c
    known = connection.execute(
        select(columns.kind, columns.item, columns.sensitivity)
        .where(columns.province_code == province, columns.sensitivity != "")
        .distinct()
    ).all()
    moved = 0
    for kind, item, before in known:
        if item not in catalogue.indicators and item not in catalogue.forms:
            continue
        after = class_of(catalogue, Key(kind, "", item))
        if after not in ("", before):
            moved += _move(connection, province, (kind, item), (before, after), now, new_token)
    return moved


def _move(
    connection: Connection,
    province: str,
    of: tuple[str, str],
    classes: tuple[str, str],
    now: int,
    new_token: Callable[[], str],
) -> int:
    columns, (kind, item), (before, after) = record.c, of, classes
    rows = connection.execute(
        select(columns.stream, *(columns[name] for name in COLUMN_NAMES))
        .where(
            columns.province_code == province,
            columns.kind == kind,
            columns.item == item,
            columns.sensitivity == before,
        )
        .order_by(columns.stream)
    ).all()
    for stream, run in groupby(rows, lambda row: str(row[0])):
        for some in parts(record_of(row[1:]) for row in run):
            seq = commit_in(connection, province, {stream}, now, new_token)[stream]
            connection.execute(
                _MOVE,
                [
                    {
                        "of_province_code": province,
                        "of_stream": stream,
                        **{f"of_{name}": part for name, part in zip(_CELL, one.key, strict=True)},
                        "to_seq": seq,
                        "to_class": after,
                    }
                    for one in some
                ],
            )
            sums: dict[Bucket, Digest] = defaultdict(Digest)
            for one in some:
                unit, hashes = bucket_of(stream, one.key), hashes_of([one])
                sums[stream, unit, before] = sums[stream, unit, before].without_rows(hashes)
                sums[stream, unit, after] = sums[stream, unit, after].with_rows(hashes)
            add(connection, province, sums)
            if _ORDER.index(Sensitivity(after)) > _ORDER.index(Sensitivity(before)):
                _note(connection, province, stream, seq)
    return len(rows)


def _note(connection: Connection, province: str, stream: str, seq: int) -> None:
    """Up to this commit more was seen of the stream than may be seen now."""
    here = (table.c.province_code == province, table.c.stream == stream)
    if not connection.execute(update(table).where(*here).values(seq=seq)).rowcount:
        connection.execute(insert(table), {"province_code": province, "stream": stream, "seq": seq})


def narrowings(connection: Connection, province: str) -> dict[str, Cursor]:
    """Up to which commit more was seen of a stream than may be seen now, by stream: nearly always none."""
    rows = connection.execute(_NARROWED, {"province": province})
    return {row.stream: Cursor(row.seq, row.token or "") for row in rows}


def is_stale(
    connection: Connection,
    province: str,
    narrowed: Mapping[str, Cursor],
    cursors: Mapping[Subscription, Cursor],
    ends: Mapping[str, Cursor],
    root: str,
) -> bool:
    """Whether a device that stands at `cursors` may hold what it may see no longer from this root."""
    return limit_of(root) is not Sensitivity.SENSITIVE and any(
        subscription.root == root
        and subscription.stream in narrowed
        and not Tokens(connection, province, subscription, narrowed).know(cursor, ends[subscription.stream])
        for subscription, cursor in cursors.items()
    )
