"""Ways out of what is parked: taken back with its text kept, or handed over to a unit where it may stand."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from sync.domain.heads import Outcome
from sync.domain.keys import WITHDRAWAL, Key, stream_of_device
from sync.domain.parking import WITHDRAWN
from sync.domain.withdrawing import TAKEN_BACK, key_of
from sync.protocol.messages import Version
from sync.store import connection as file
from sync.store.cells import ChangeSet, Entry, Typed
from sync.store.store import Store

_CELL: Final = "kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?"
_PARKED: Final = (
    f"SELECT n, branch FROM change WHERE {_CELL} AND open AND outcome = 'parked' AND reason != 'withdrawn' ORDER BY n"
)
_TYPED: Final = "n, branch, content, seen, author, typed_at, sent_at, received_at, outcome, reason"
_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


class Withdrawn(NamedTuple):
    """A change that was taken back. `in_effect`: it had taken effect before the centre heard of that."""

    key: Key
    entry: Entry
    in_effect: bool


def withdraw(
    store: Store, keys: Collection[Key], author: str, at: datetime, instead: Sequence[tuple[Key, str]] = ()
) -> ChangeSet:
    """Take back what is parked in the cells `keys`; they show what the centre has. The log keeps all of it.

    `instead` are edits in other cells, kept in the same transaction: what is handed over is never at neither place.
    Raises `EnvironmentFault`; then nothing changed.
    """
    with file.writing(store.db) as db:
        parked = {key: db.execute(_PARKED, key).fetchall() for key in keys}
        edits = [(key_of(branch, n), TAKEN_BACK) for found in parked.values() for n, branch in found]
        changes = store.record_in([*instead, *edits], author, at)
        taken_back = [(WITHDRAWN, n) for found in parked.values() for n, _ in found]
        db.executemany("UPDATE change SET reason = ? WHERE n = ?", taken_back)
    return ChangeSet(changes.keys | frozenset(keys))


def withdrawn(store: Store, most: int) -> list[Withdrawn]:
    """The last `most` changes that were taken back here, the newest first."""
    with file.reading(store.db):
        rows = store.db.execute(
            f"SELECT kind, unit, item, period, part, {_TYPED} FROM change JOIN ("
            " SELECT item AS of_branch, CAST(part AS INTEGER) AS of_n, n AS at_n FROM change"
            " WHERE kind = ? AND unit = ?) ON n = of_n AND branch = of_branch ORDER BY at_n DESC LIMIT ?",
            (WITHDRAWAL, stream_of_device(store.device), most),
        ).fetchall()
    return [_withdrawn(row) for row in rows]


def _withdrawn(row: Sequence[Any]) -> Withdrawn:
    n, branch, content, seen, *rest = row[5:]
    found = Typed(n, branch, content, _versions(seen), *rest)
    return Withdrawn(Key(*row[:5]), found.entry(), found.outcome != Outcome.PARKED)
