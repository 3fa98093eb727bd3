"""The one place where the simulator looks inside the engine: what a store and a centre hold, read plainly."""

import json
import sqlite3
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy.exc import OperationalError

from sync.central import register
from sync.central.centre import Centre
from sync.central.database import FILE
from sync.central.keys import centre_id
from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.digests import heads_of, versions_of
from sync.protocol.messages import Cursor, Head, Record, Subscription, Version
from sync.store import Rival, Store
from sync.store.connection import FILE_NAME, reading
from sync.store.scope import scope
from sync.store.standing import read_lost
from tests.simulation.trace import Violation

STORE_NAME: Final = FILE_NAME
CENTRE_NAME: Final = FILE
REGISTER_NAME: Final = register.FILE
DISK_FULL: Final = OperationalError
"""What the centre raises, and its door answers with "busy", when its disk is full."""

_KEY: Final = "kind, unit, item, period, part"
_CELL: Final = "kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?"
_BASED: Final = "stream, heads, prev, lost"
_TYPED: Final = f"branch, n, {_KEY}, content, seen, author, outcome, reason"


class Logged(NamedTuple):
    """A row of a change log. On a PC `received` says that the centre confirmed it, `open` that it still bears on what
    is shown."""

    version: Version
    key: Key
    content: str
    seen: tuple[Version, ...]
    author: str
    outcome: str
    reason: str
    received: bool
    open: bool

    @property
    def is_parked(self) -> bool:
        return self.outcome == Outcome.PARKED


class Based(NamedTuple):
    """A row of a PC's base: what the centre last said, and what the centre has lost of it since."""

    stream: str
    heads: tuple[Head, ...]
    prev: tuple[Version, ...]
    lost: tuple[Head, ...]
    replaced_by_lost: tuple[Version, ...]

    @property
    def standing(self) -> tuple[Head, ...]:
        """All heads that are shown, the displayed one first."""
        hidden = {head.version for head in self.lost}
        if len(self.lost) == 1:
            hidden |= set(self.replaced_by_lost)
        return (*self.lost, *(head for head in self.heads if head.version not in hidden))


class Cell(NamedTuple):
    """What a PC holds of one cell: its part of the log, oldest first, and its base."""

    rows: list[Logged]
    based: Based | None

    @property
    def own(self) -> list[Logged]:
        """The open changes that stand in front of the base: none of which it shows that it was typed over."""
        own = [row for row in self.rows if row.open and not row.is_parked]
        ends = [*self.based.prev, *self.based.replaced_by_lost] if self.based else []
        ends = [version for version in ends if any(row.version == version for row in own)]
        seen = {row.version: row.seen for row in self.rows}
        replaced: set[Version] = set()
        while ends:
            version = ends.pop()
            if version not in replaced:
                replaced.add(version)
                ends += seen.get(version, ())
        return [row for row in own if row.version not in replaced]


class PCState(NamedTuple):
    """What the folder of a PC holds."""

    log: list[Logged]
    base: dict[Key, Based]
    cursors: dict[Subscription, Cursor]
    doubts: set[Subscription]
    unended: set[Subscription]
    """Those that are being read: the end of the reading proves what it has brought."""
    proven: frozenset[int]
    """Numbers of the changes that a receipt says have had their effect."""


class CentreState(NamedTuple):
    """What the centre's database holds.

    `seqs` are the stream and commit of each record, `commits` all commits that are remembered, `digests` the sums by
    stream, unit and sensitivity class.
    """

    log: dict[Version, Logged]
    records: dict[Key, Record]
    seqs: dict[Key, tuple[str, int]]
    streams: dict[str, Cursor]
    commits: frozenset[tuple[str, int, str]]
    digests: dict[tuple[str, str, str], tuple[int, bytes]]


class PCReader:
    """Reads a PC's store, again only when something was written to it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: tuple[object, PCState] | None = None

    def read(self) -> PCState:
        """All of it."""
        db = self._store.db
        # What other connections have written, and what this one has.
        written = db.execute("PRAGMA data_version").fetchone(), db.total_changes
        if self._read is None or self._read[0] != written:
            self._read = written, _read_pc(self._store)
        return self._read[1]


def _read_pc(store: Store) -> PCState:
    db = store.db
    agreed_n = store.agreed_n()
    log = [_logged(row, 0 < row[1] <= agreed_n) for row in db.execute(f"SELECT {_TYPED}, open FROM change ORDER BY n")]
    base = dict(map(_placed, db.execute(f"SELECT {_KEY}, {_BASED} FROM record")))
    read = db.execute("SELECT root, stream, seq, token, ended FROM cursor").fetchall()
    cursors = {Subscription(*row[:2]): Cursor(*row[2:4]) for row in read}
    unended = {Subscription(*row[:2]) for row in read if not row[4]}
    doubts = {Subscription(*row) for row in db.execute("SELECT DISTINCT root, stream FROM doubt")}
    receipts = db.execute("SELECT first_n, last_n, results FROM receipt WHERE mac != x''")
    late = db.execute("SELECT n FROM late_receipt JOIN change USING (n, hash)").fetchall()
    proven = frozenset(n for receipt in receipts for n in _proven(receipt)).union(n for (n,) in late)
    return PCState(log, base, cursors, doubts, unended, proven)


@lru_cache(maxsize=20_000)
def _proven(receipt: tuple[int, int, bytes]) -> frozenset[int]:
    first_n, last_n, results = receipt
    parked = {n for n, outcome, _ in msgspec.msgpack.decode(results) if outcome == Outcome.PARKED}
    return frozenset(range(first_n, last_n + 1)) - parked


def at_once(store: Store) -> AbstractContextManager[None]:
    """All that is read of a store meanwhile, and all that it shows, is of one state."""
    return reading(store.db)


def tail_of(store: Store, after_n: int) -> list[Logged]:
    """What was typed behind `after_n`."""
    rows = store.db.execute(
        f"SELECT {_TYPED}, open FROM change WHERE n > ? ORDER BY n",
        (after_n,),
    )
    return [_logged(row, False) for row in rows]


@lru_cache(maxsize=20_000)
def _placed(row: tuple[Any, ...]) -> tuple[Key, Based]:
    return Key(*row[:5]), _based(row[5:])


@lru_cache(maxsize=20_000)
def _based(row: tuple[Any, ...]) -> Based:
    stream, heads, prev, written = row
    lost = read_lost(written)
    return Based(stream, heads_of(heads), versions_of(prev), lost.heads, lost.prev)


@lru_cache(maxsize=20_000)
def _logged(row: tuple[Any, ...], received: bool) -> Logged:
    version, key, seen = Version(*row[:2]), Key(*row[2:7]), tuple(versions_of(row[8]))
    content, (author, outcome, reason) = row[7], row[9:12]
    return Logged(version, key, content, seen, author, outcome, reason, received, bool(row[12]))


def fingerprint_of_pc(store: Store) -> object:
    """Everything that bytes from the line could change, except that an attempt was made to send."""
    tables = ("record", "cursor", "doubt", "digest", "receipt", "late_receipt", "meta")
    rows = [store.db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    return rows, store.db.execute("SELECT n, hash, received_at, outcome, reason, open FROM change").fetchall()


def digests_of_pc(store: Store) -> dict[tuple[str, str], tuple[int, bytes]]:
    """The sums that the store keeps, by stream and unit; empty sums left out."""
    rows = store.db.execute("SELECT stream, unit, count, total FROM digest WHERE count != 0")
    return {(stream, unit): (count, bytes(total)) for stream, unit, count, total in rows}


def read_cell(store: Store, key: Key) -> Cell:
    """What a PC holds of one cell: its part of the log, oldest first, and its base."""
    db, agreed_n = store.db, store.agreed_n()
    rows = db.execute(f"SELECT {_TYPED}, open FROM change WHERE {_CELL} ORDER BY n", key)
    base = db.execute(f"SELECT {_BASED} FROM record WHERE {_CELL}", key).fetchone()
    return Cell([_logged(row, 0 < row[1] <= agreed_n) for row in rows], _based(base) if base else None)


def record(store: Store, edits: list[tuple[Key, str]], author: str, at: datetime, *, resolving: bool) -> None:
    """A person types, or decides over the rivals that they see. Raises as the store does."""
    over: dict[Key, tuple[Rival, ...]] = {}
    for key, _ in edits if resolving else ():
        cell = store.shown(key)
        over[key] = cell.rivals if cell else ()
    store.record_changes(edits, author, at, over)


def scope_of_pc(store: Store) -> list[str]:
    """The units whose subtrees the PC believes that it may see."""
    return scope(store)


def leaving(store: Store) -> set[str]:
    """The units of which the PC has still to let go of all, to read them anew."""
    kept = store.meta("leaving")
    return set(json.loads(kept)) if kept else set()


# The centre


class CentreReader:
    """Reads a centre's database past its own program, as long as the file stays in its place."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
        self._read: tuple[int, CentreState] | None = None
        self._seen: tuple[int, object] | None = None

    def close(self) -> None:
        self._db.close()

    def read(self) -> CentreState:
        """All of it."""
        number = self._number()
        if self._read is None or self._read[0] != number:
            self._read = number, _read_centre(self._db)
        return self._read[1]

    def fingerprint(self) -> object:
        """Everything that a message could change there."""
        number = self._number()
        if self._seen is None or self._seen[0] != number:
            tables = ("change", "record", "stream", "device")
            self._seen = number, [self._db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
        return self._seen[1]

    def _number(self) -> int:
        """Another one after every commit."""
        (number,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(number)


def _read_centre(db: sqlite3.Connection) -> CentreState:
    changes = db.execute(f"SELECT {_TYPED}, 0 FROM change").fetchall()
    rows = db.execute(
        f"SELECT {_KEY}, branch, n, content, author, typed_at, received_at, extra, rivals, prev, stream, seq"
        " FROM record"
    ).fetchall()
    streams = {name: Cursor(seq, token) for name, seq, token in db.execute("SELECT stream, seq, token FROM stream")}
    commits = frozenset(db.execute("SELECT stream, seq, token FROM commit_token"))
    sums = db.execute("SELECT stream, unit, sensitivity, count, total FROM digest WHERE count != 0").fetchall()
    found = [_record(row) for row in rows]
    records = {record.key: record for record, _ in found}
    seqs = {record.key: place for record, place in found}
    log = {row.version: row for row in [_logged(change, True) for change in changes]}
    if len(log) != len(changes):
        raise Violation("I2", "a version stands twice in the centre's log")
    digests = {(*bucket, sensitivity): (count, bytes(total)) for *bucket, sensitivity, count, total in sums}
    return CentreState(log, records, seqs, streams, commits, digests)


@lru_cache(maxsize=20_000)
def _record(row: tuple[Any, ...]) -> tuple[Record, tuple[str, int]]:
    """A record, and the stream and commit of it."""
    first = Head(Version(*row[5:7]), *row[7:12])
    return Record(Key(*row[:5]), (first, *heads_of(row[12])), versions_of(row[13])), row[14:]


def centre_device(centre: Centre) -> str:
    """The centre's own device."""
    return centre_id(centre.key)
