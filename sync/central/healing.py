"""The centre's half of healing: says whether a range of keys is the same here, and else brings what it holds."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, literal, select, tuple_

from sync.central.proofs import hash_of, seen_from
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
) -> list[Heal]:
    """Judge the checks of those subscriptions that the device has read to their end in this state of the database."""
    found: list[Heal] = []
    read = 0
    for index, check in enumerate(checks):
        end = stream_ends.get(check.subscription.stream)
        if read > _MAX_ROWS or check.subscription not in followed or cursors.get(check.subscription) != end:
            continue
        records = _range(connection, province, check)
        read += len(records)
        digest = Digest()
        for held in records:
            digest = digest.with_row(hash_of(held))
        if (digest.rows, digest.brief()) == (check.rows, check.digest):
            found.append(Heal(index, Verdict.AGREES))
        elif len(records) <= _FEW:
            found.append(Heal(index, Verdict.HEALED, records))
        elif check.rows > _FEW:
            found.append(Heal(index, Verdict.SPLIT))
        else:
            found.append(Heal(index, Verdict.HEALED, records[:_FEW], up_to=records[_FEW].key))
    return found


def _range(connection: Connection, province: str, check: Check) -> list[Record]:
    where: list[ColumnElement[bool]] = [record.c.province_code == province, seen_from(record, check.subscription)]
    if check.low is not None:
        where.append(_literal(check.low) <= _KEY)
    if check.high is not None:
        where.append(_literal(check.high) > _KEY)
    rows = connection.execute(select(*COLUMNS).where(*where).order_by(*_COLUMNS))
    return [record_of(row) for row in rows]


def _key_columns(table: Table) -> list[Any]:
    columns = table.c
    return [columns.kind, columns.unit, columns.item, columns.period, columns.part]


def _literal(key: Key) -> Any:
    return tuple_(*(literal(part) for part in key))


_COLUMNS: Final = _key_columns(record)
_KEY: Final = tuple_(*_COLUMNS)
