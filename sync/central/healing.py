"""The centre's half of healing: says whether a range of keys is the same here, and else brings what it holds."""

from collections.abc import Mapping, Sequence, Set
from typing import Final

from sqlalchemy import Connection, bindparam, select, tuple_

from sync.central.proofs import Seen, hashes_of, seen, seen_of
from sync.central.room import Room
from sync.central.standing import COLUMNS, record_of
from sync.central.tables import record
from sync.domain.keys import Key
from sync.protocol.digests import Digest
from sync.protocol.messages import Check, Cursor, Heal, Record, Subscription, Verdict

_FEW: Final = 64
"""Records that a healing answer brings at once, of a range that its device cannot split."""

_MAX_ROWS: Final = 50_000
"""Records that the checks of one request may make the centre read."""


def heals(
    connection: Connection,
    province: str,
    checks: Sequence[Check],
    followed: Set[Subscription],
    cursors: Mapping[Subscription, Cursor],
    stream_ends: Mapping[str, Cursor],
    room: Room,
) -> list[Heal]:
    """Judge the checks of those subscriptions that the device has read to their end in this state of the database.

    What the pages of the answer have left of its `room` the records may fill; a check that would bring more is not
    answered, and asked again.
    """
    found: list[Heal] = []
    read = 0
    for index, check in enumerate(checks):
        end = stream_ends.get(check.subscription.stream)
        if read > _MAX_ROWS or check.subscription not in followed or cursors.get(check.subscription) != end:
            continue
        # More than the device has say that the ranges differ, whatever else there is.
        records = _range(connection, province, check, max(min(check.rows, _MAX_ROWS), _FEW) + 1)
        read += len(records)
        digest = Digest().with_rows(hashes_of(records))
        if (digest.rows, digest.brief()) == (check.rows, check.digest):
            found.append(Heal(index, Verdict.AGREES))
        elif len(records) > _FEW and check.rows > _FEW:
            found.append(Heal(index, Verdict.SPLIT))
        elif brought := _that_fit(records[:_FEW], room):
            rest = records[len(brought) :]
            found.append(Heal(index, Verdict.HEALED, brought, up_to=rest[0].key if rest else None))
        elif not records:
            found.append(Heal(index, Verdict.HEALED, []))
    return found


def _that_fit(records: Sequence[Record], room: Room) -> list[Record]:
    """The first of `records`, until the room is full."""
    found: list[Record] = []
    for each in records:
        if room.is_full:
            break
        room.take(each)
        found.append(each)
    return found


def _range(connection: Connection, province: str, check: Check, most: int) -> list[Record]:
    query = _RANGES[check.low is not None, check.high is not None]
    values: dict[str, object] = {"most": most}
    values |= {f"low_{name}": part for name, part in zip(Key._fields, check.low or (), strict=False)}
    values |= {f"high_{name}": part for name, part in zip(Key._fields, check.high or (), strict=False)}
    return [record_of(row) for row in seen(connection, query, province, check.subscription, **values)]


_KEY: Final = tuple(record.c[name] for name in Key._fields)


def _ranges(*, low: bool, high: bool) -> Seen:
    """The first records of a range of keys, bounded or open at either end."""
    query = select(*COLUMNS).order_by(*_KEY).limit(bindparam("most"))
    key = tuple_(*_KEY)
    if low:
        query = query.where(key >= tuple_(*(bindparam(f"low_{name}") for name in Key._fields)))
    if high:
        query = query.where(key < tuple_(*(bindparam(f"high_{name}") for name in Key._fields)))
    return seen_of(query, record)


_RANGES: Final = {(low, high): _ranges(low=low, high=high) for low in (False, True) for high in (False, True)}
