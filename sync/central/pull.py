"""The second half of a round trip: pages of what a device may see and does not have yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from sync.central.standing import COLUMNS, record_of
from sync.central.tables import commit_token, record
from sync.central.tables import stream as stream_table
from sync.domain.keys import BROADCAST, DEADLINE, commune_of, province_of
from sync.protocol.messages import START, Cursor, Page, Record

MIN_PAGE_BYTES: Final = 1 << 10
MAX_PAGE_BYTES: Final = 1 << 20

_MAX_HEADS: Final = 20_000
_ROWS_AT_ONCE: Final = 500
_HEAD_BYTES: Final = 9
_SEQ: Final = len(COLUMNS) - 1


class _Stream(NamedTuple):
    name: str
    end: Cursor


@dataclass(frozen=True, slots=True)
class Scope:
    """What the devices of `unit` may see: their subtree, the commune's deadlines, and all that is broadcast."""

    unit: str

    def follows(self, stream: str) -> bool:
        """Whether something of `stream` may lie in this scope."""
        if stream == BROADCAST or self.unit == province_of(self.unit):
            return True
        return stream == (commune_of(self.unit) or province_of(self.unit))

    def filter(self, stream: str) -> ColumnElement[bool] | None:
        """The condition for rows of a followed stream; None when all of them lie in this scope."""
        if stream in (BROADCAST, self.unit) or self.unit == province_of(self.unit):
            return None
        below = record.c.unit.startswith(f"{self.unit}.", autoescape=True)
        deadline_above = and_(record.c.kind == DEADLINE, record.c.unit == stream)
        return or_(record.c.unit == self.unit, below, deadline_above)


def pages(
    connection: Connection,
    province: str,
    scope: Scope,
    cursors: Mapping[str, Cursor],
    pushed: frozenset[str],
    page_bytes: int,
) -> list[Page]:
    """One page for each stream of the scope that has something to say, all of one state of the database.

    A stream is left out when its cursor is at the end, unless the device wrote to it just now (`pushed`) or sent no
    cursor that is known here. Records are read until about `page_bytes` are spent; streams behind that get an empty
    page that says `more`. A cursor that is unknown here begins again: the feed is the present state, so what comes
    twice changes nothing.
    """
    rows = connection.execute(
        select(stream_table.c.stream, stream_table.c.seq, stream_table.c.token)
        .where(stream_table.c.province_code == province)
        .order_by(stream_table.c.stream)
    )
    left = min(max(page_bytes, MIN_PAGE_BYTES), MAX_PAGE_BYTES)
    found: list[Page] = []
    for stream in [_Stream(name, Cursor(seq, token)) for name, seq, token in rows if scope.follows(name)]:
        sent = cursors.get(stream.name)
        if sent == stream.end and stream.name not in pushed:
            continue
        cursor = _agreed(connection, province, stream, sent)
        if cursor == stream.end:
            found.append(Page(stream.name, [], cursor, more=False))
        elif left <= 0:
            found.append(Page(stream.name, [], cursor, more=True))
        else:
            page, spent = _page(connection, province, scope, stream, cursor, left)
            left -= spent
            found.append(page)
    return found


def _agreed(connection: Connection, province: str, stream: _Stream, sent: Cursor | None) -> Cursor:
    """From where to read: the device's cursor when it names a commit of this stream, else the start."""
    if sent is None or sent == stream.end:
        return sent or START
    if 0 < sent.seq < stream.end.seq and _token(connection, province, stream.name, sent.seq) == sent.token:
        return sent
    return START


def _page(
    connection: Connection, province: str, scope: Scope, stream: _Stream, cursor: Cursor, page_bytes: int
) -> tuple[Page, int]:
    """Whole commits behind `cursor` until about `page_bytes` are reached, at least one; and what they weigh."""
    records: list[Record] = []
    spent = heads = 0
    last_seq = cursor.seq
    for seq, found in _rows(connection, province, scope, stream, cursor):
        if seq != last_seq and (spent >= page_bytes or heads >= _MAX_HEADS):
            end = Cursor(last_seq, _token(connection, province, stream.name, last_seq))
            return Page(stream.name, records, end, more=True), spent
        last_seq = seq
        records.append(found)
        heads += len(found.heads)
        spent += sum(_HEAD_BYTES + len(head.content) // 2 for head in found.heads)
    return Page(stream.name, records, stream.end, more=False), spent


def _rows(
    connection: Connection, province: str, scope: Scope, stream: _Stream, cursor: Cursor
) -> Iterator[tuple[int, Record]]:
    """Records behind `cursor` in the order of their commits, read a few at a time."""
    query = (
        select(*COLUMNS)
        .where(
            record.c.province_code == province,
            record.c.stream == stream.name,
            record.c.seq > cursor.seq,
        )
        .order_by(record.c.seq)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    condition = scope.filter(stream.name)
    rows: Any = connection.execute(query if condition is None else query.where(condition))
    with rows:
        for row in rows:
            yield row[_SEQ], record_of(row)


def _token(connection: Connection, province: str, stream: str, seq: int) -> str:
    found = connection.scalar(
        select(commit_token.c.token).where(
            commit_token.c.province_code == province,
            commit_token.c.stream == stream,
            commit_token.c.seq == seq,
        )
    )
    return found or ""
