"""How the centre keeps: one call takes what a device pushes and answers with what it may see and has not yet."""

import secrets
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection, select

from sync.central import push
from sync.central.database import Database
from sync.central.judgement import Judge
from sync.central.pull import Scope, pages
from sync.central.tables import change as change_table
from sync.central.tables import device as device_table
from sync.central.tables import record as record_table
from sync.central.tables import stream as stream_table
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import BROADCAST, UNIT, Key, stream_of
from sync.domain.units import Unit
from sync.protocol.messages import Change, Push, SyncAnswer, SyncRequest, Version
from sync.protocol.remote import Remote


def random_token() -> str:
    """A commit's token: short, and never the same after a restore."""
    return secrets.token_urlsafe(6)


class Repository(Remote):
    """The centre's side of `Remote` for one province. `centre` is the centre's own device.

    `clock` gives seconds since 1970 UTC: shown beside what was received, never decided by. Several threads may call at
    once, and other processes may write to the same database.
    """

    def __init__(
        self,
        database: Database,
        province: str,
        centre: str,
        catalogue: Catalogue,
        clock: Callable[[], float],
        new_token: Callable[[], str] = random_token,
    ) -> None:
        self._database = database
        self._province = province
        self._centre = centre
        self._catalogue = catalogue
        self._clock = clock
        self._new_token = new_token
        self._units: tuple[str, frozenset[str]] = ("", frozenset())

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        """One round trip of a device whose seal was checked.

        Raises EnvironmentFault device_unknown, device_revoked or push_branch, and MessageError for a push that no
        device sends.
        """
        now = int(self._clock())
        pushed = push.Pushed(push.Chain(0, b""), [])
        if request.push:
            with self._database.writing() as connection:
                pushed = self._take(connection, device, request.push, now)
        with self._database.reading() as connection:
            unit, held = self._enrolled(connection, device)
            changes = request.push.changes if request.push else []
            streams = frozenset(stream_of(change.key) for change in changes)
            cursors, page_bytes = request.cursors, request.page_bytes
            found = pages(connection, self._province, Scope(unit), cursors, streams, page_bytes)
        return SyncAnswer(now, held.last_n, held.last_hash, pushed.results, found)

    def decide(self, decisions: Iterable[tuple[Key, str]], author: str) -> int:
        """Write what the centre decides (units, tasks, deadlines, given values) as changes of its own device.

        All in one transaction. A cell of which the centre's last word has this content already is left alone, so that
        deciding the same again changes nothing; a value that others typed since becomes a conflict, never overwritten.
        Gives the number of changes. Raises ValueError when one of them may not take effect.
        """
        now = int(self._clock())
        with self._database.writing() as connection:
            _, held = self._enrolled(connection, self._centre)
            words = _last_words(connection, self._province, self._centre)
            changes: list[Change] = []
            for key, content in dict(decisions).items():
                n, last = words.get(key, (0, None))
                if content != last:
                    seen = (Version(self._centre, n),) if n else ()
                    next_n = held.last_n + len(changes) + 1
                    changes.append(Change(next_n, key, content, seen, author, now, self._catalogue.version))
            for start in range(0, len(changes), push.MAX_CHANGES):
                run = changes[start : start + push.MAX_CHANGES]
                taken = self._take(connection, self._centre, Push(held.last_hash, run), now)
                parked = [result for result in taken.results if result.reason]
                if parked:
                    refused = changes[parked[0].n - changes[0].n]
                    raise ValueError(f"{parked[0].reason}: {refused.key}")
                held = taken.chain
        return len(changes)

    def units(self) -> dict[str, Unit]:
        """All units of the province by key, as they stand."""
        columns = record_table.c
        query = select(columns.unit, columns.content).where(
            columns.province_code == self._province, columns.stream == BROADCAST, columns.kind == UNIT
        )
        with self._database.reading() as connection:
            return {key: Unit.of(key, content) for key, content in connection.execute(query)}

    def _take(self, connection: Connection, device: str, pushed: Push, now: int) -> push.Pushed:
        unit, held = self._enrolled(connection, device, to_write=True)
        units = self._known_units(connection)
        judge = Judge(self._catalogue, units, unit, is_centre=device == self._centre)
        return push.take(connection, self._province, device, held, pushed, judge, now, self._new_token)

    def _enrolled(self, connection: Connection, device: str, *, to_write: bool = False) -> tuple[str, push.Chain]:
        """The unit of an enrolled device, and how far its chain is held."""
        columns = device_table.c
        query = select(columns.unit, columns.revoked_at, columns.last_n, columns.last_hash).where(
            columns.province_code == self._province, columns.device == device
        )
        row = connection.execute(query.with_for_update() if to_write else query).one_or_none()
        if row is None:
            raise EnvironmentFault("device_unknown")
        unit, revoked_at, last_n, last_hash = row
        if revoked_at is not None:
            raise EnvironmentFault("device_revoked")
        return unit, push.Chain(last_n, last_hash)

    def _known_units(self, connection: Connection) -> frozenset[str]:
        """Keys of all units that the province has or had, read again when the broadcast stream moved."""
        # The token, unlike the sequence number, is never used again after a rollback or a restore.
        token = connection.scalar(
            select(stream_table.c.token).where(
                stream_table.c.province_code == self._province, stream_table.c.stream == BROADCAST
            )
        )
        known_at, units = self._units
        if token is not None and token != known_at:
            units = frozenset(
                connection.scalars(
                    select(record_table.c.unit).where(
                        record_table.c.province_code == self._province,
                        record_table.c.stream == BROADCAST,
                        record_table.c.kind == UNIT,
                    )
                )
            )
            # One assignment of one tuple: another thread sees the old pair or the new.
            self._units = (token, units)
        return units


def _last_words(connection: Connection, province: str, device: str) -> Mapping[Key, tuple[int, str]]:
    """The last change of a device to each cell: its number and content."""
    columns = change_table.c
    rows = connection.execute(
        select(columns.kind, columns.unit, columns.item, columns.period, columns.part, columns.n, columns.content)
        .where(columns.province_code == province, columns.device == device)
        .order_by(columns.n)
    )
    return {Key(kind, unit, item, period, part): (n, content) for kind, unit, item, period, part, n, content in rows}
