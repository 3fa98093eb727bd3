"""The second half of a round trip: pages of what a device may see and does not have yet."""

from collections import OrderedDict
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from sync.central.proofs import digest_of, seen, seen_of
from sync.central.room import Room
from sync.central.standing import COLUMNS, record_of
from sync.central.tables import commit_token, record
from sync.central.tables import stream as stream_table
from sync.domain.catalogue import Sensitivity
from sync.domain.keys import BROADCAST, commune_of, is_for_one_unit, province_of, stream_of_device
from sync.domain.rights import limit_of, unit_of
from sync.protocol.messages import START, Cursor, Origin, Page, Record, Subscription
from sync.protocol.vectors import MANY, vector_of
from sync.protocol.version import FIRST_WITH_CLASSES

_ROWS_AT_ONCE: Final = 500
_SEQ: Final = len(COLUMNS) - 1
_VECTORS: Final = 256


class Vectors:
    """Cursors that were seen lately, by their hash. Lost with the process: devices then send them whole again."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Mapping[Subscription, Cursor]] = OrderedDict()
        self._lock = Lock()

    def keep(self, cursors: Mapping[Subscription, Cursor]) -> None:
        if len(cursors) < MANY:
            return
        with self._lock:
            self._known[vector_of(cursors)] = cursors
            while len(self._known) > _VECTORS:
                self._known.popitem(last=False)

    def find(self, vector: bytes) -> Mapping[Subscription, Cursor] | None:
        with self._lock:
            return self._known.get(vector)


class Names:
    """How a device names the roots of its scope: one of an earlier protocol knows units alone, and is served no more
    than it may see all the same."""

    def __init__(self, scope: Collection[str], protocol: int) -> None:
        theirs = (root if protocol >= FIRST_WITH_CLASSES else unit_of(root) for root in scope)
        self._theirs = dict(zip(scope, theirs, strict=True))
        self._ours = {named: root for root, named in self._theirs.items()}

    @property
    def scope(self) -> list[str]:
        """The whole scope by their names."""
        return list(self._theirs.values())

    def ours(self, subscription: Subscription) -> Subscription:
        """What is served where the device says `subscription`."""
        return subscription._replace(root=self._ours.get(subscription.root, subscription.root))

    def theirs(self, subscription: Subscription) -> Subscription:
        """What the device calls `subscription`."""
        return subscription._replace(root=self._theirs.get(subscription.root, subscription.root))


_BEHIND: Final = seen_of(
    select(*COLUMNS)
    .where(record.c.seq > bindparam("after"))
    .order_by(record.c.seq)
    .execution_options(yield_per=_ROWS_AT_ONCE),
    record,
)
_ENDS: Final = (
    select(stream_table.c.stream, stream_table.c.seq, stream_table.c.token)
    .where(stream_table.c.province_code == bindparam("province"))
    .order_by(stream_table.c.stream)
)
_TOKEN: Final = select(commit_token.c.token).where(
    commit_token.c.province_code == bindparam("province"),
    commit_token.c.stream == bindparam("of_stream"),
    commit_token.c.seq == bindparam("of_seq"),
)


def stream_ends(connection: Connection, province: str) -> dict[str, Cursor]:
    """Where every stream ends in this state of the database, in the order of their names."""
    rows = connection.execute(_ENDS, {"province": province})
    return {stream: Cursor(seq, token) for stream, seq, token in rows}


def subscriptions(device: str, scope: Collection[str], streams: Collection[str]) -> list[Subscription]:
    """What a device with this scope follows of these streams: what is broadcast, its own, and those of its units."""
    found = [Subscription(stream, stream) for stream in (BROADCAST, stream_of_device(device)) if stream in streams]
    for root in scope:
        unit = unit_of(root)
        if unit == province_of(unit):
            found += [Subscription(root, stream) for stream in streams if is_for_one_unit(stream)]
        elif (stream := commune_of(unit) or province_of(unit)) in streams:
            found.append(Subscription(root, stream))
    return found


def pages(
    connection: Connection,
    province: str,
    followed: Sequence[Subscription],
    ends: Mapping[str, Cursor],
    cursors: Mapping[Subscription, Cursor],
    narrowed: Mapping[str, Cursor],
    pushed: Collection[str],
    room: Room,
    *,
    proves: bool,
) -> list[Page]:
    """One page for each subscription that has something to say, all of one state of the database.

    A subscription is left out when its cursor is at the end, unless the device wrote to its stream just now
    (`pushed`). Records are read until the `room` is full; those behind get an empty page that says `more`.
    A cursor that is not known here is answered with the stream's end: what differs is found by digests. A device that
    has none (not `proves`) reads from the start again.
    """
    found: list[Page] = []
    for subscription in followed:
        end, sent = ends[subscription.stream], cursors.get(subscription)
        if sent == end and subscription.stream not in pushed:
            continue
        # A unit is named by its stream's start as long as nothing was read of it.
        sent = None if sent == START else sent
        origin = Origin.START if sent is None else Origin.AS_SENT
        cursor = sent or START
        tokens = Tokens(connection, province, subscription, narrowed)
        if sent is not None and not tokens.know(sent, end):
            origin, cursor = (Origin.UNKNOWN, end) if proves else (Origin.START, START)
        if cursor == end:
            found.append(_last(connection, province, subscription, origin, [], end))
        elif room.is_full:
            found.append(Page(subscription, origin, [], cursor, more=True))
        else:
            found.append(_page(connection, province, subscription, origin, cursor, end, room, tokens))
    return found


class Tokens:
    """The tokens of a stream's commits as those have them who read it from one root. `narrowed` is from
    `reclassing.narrowings`.

    Where less is seen from the root than was, an earlier commit has another token for whoever reads it since: one who
    comes with the first has read what is seen no longer.
    """

    def __init__(
        self, connection: Connection, province: str, subscription: Subscription, narrowed: Mapping[str, Cursor]
    ) -> None:
        self._connection = connection
        self._province = province
        root, self._stream = subscription
        is_limited = is_for_one_unit(self._stream) and limit_of(root) is not Sensitivity.SENSITIVE
        self._narrowed = narrowed.get(self._stream) if is_limited else None

    def know(self, sent: Cursor, end: Cursor) -> bool:
        """Whether a cursor names a commit of this stream, which ends at `end`."""
        if sent in (START, end):
            return True
        return 0 < sent.seq < end.seq and self.at(sent.seq) == sent

    def at(self, seq: int) -> Cursor:
        """The cursor of whoever has read up to this commit."""
        values = {"province": self._province, "of_stream": self._stream, "of_seq": seq}
        token: str = self._connection.scalar(_TOKEN, values) or ""
        if self._narrowed and seq < self._narrowed.seq:
            token = f"{token}~{self._narrowed.token}"
        return Cursor(seq, token)


def _page(
    connection: Connection,
    province: str,
    subscription: Subscription,
    origin: Origin,
    cursor: Cursor,
    end: Cursor,
    room: Room,
    tokens: Tokens,
) -> Page:
    """Whole commits behind `cursor` until the `room` is full, at least one."""
    records: list[Record] = []
    last_seq = cursor.seq
    # Ended here also when it is left in the middle: not some time later, when the database may be closed.
    with closing(_rows(connection, province, subscription, cursor)) as rows:
        for seq, found in rows:
            if seq != last_seq and room.is_full:
                return Page(subscription, origin, records, tokens.at(last_seq), more=True)
            last_seq = seq
            records.append(found)
            room.take(found)
    return _last(connection, province, subscription, origin, records, end)


def _last(
    connection: Connection,
    province: str,
    subscription: Subscription,
    origin: Origin,
    records: list[Record],
    end: Cursor,
) -> Page:
    digest = digest_of(connection, province, subscription).brief()
    return Page(subscription, origin, records, end, more=False, digest=digest)


def _rows(
    connection: Connection, province: str, subscription: Subscription, cursor: Cursor
) -> Generator[tuple[int, Record]]:
    """Records behind `cursor` in the order of their commits, read a few at a time."""
    rows: Any = seen(connection, _BEHIND, province, subscription, after=cursor.seq)
    with rows:
        for row in rows:
            yield row[_SEQ], record_of(row)
