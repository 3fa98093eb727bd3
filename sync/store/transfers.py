"""What waits to be sent, what the centre received, and what a conflict came from: the log read for the sync centre."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from sync.domain.authors import id_of
from sync.domain.keys import Key
from sync.protocol.messages import Version
from sync.store import connection as file
from sync.store.cells import Entry, Typed
from sync.store.standing import read_standing
from sync.store.store import Store

_ROW = (
    "kind, unit, item, period, part, n, branch, content, seen, author, typed_at, sent_at, received_at, outcome, reason"
)
_CELL = "kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?"
_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


class Transfer(NamedTuple):
    """One change of this PC, and how far it has come."""

    key: Key
    entry: Entry


def waiting(store: Store, most: int) -> list[Transfer]:
    """The last `most` changes that the centre has not confirmed that it holds, the newest first."""
    with file.reading(store.db):
        rows = store.db.execute(
            f"SELECT * FROM (SELECT {_ROW} FROM change WHERE n > ? UNION ALL SELECT {_ROW} FROM change WHERE n < 0)"
            " ORDER BY n DESC LIMIT ?",
            (store.agreed_n(), most),
        ).fetchall()
    return _told(store, rows)


def received(store: Store, most: int) -> list[Transfer]:
    """The last `most` changes that the centre confirmed, the newest first."""
    with file.reading(store.db):
        rows = store.db.execute(
            f"SELECT {_ROW} FROM change WHERE n BETWEEN 1 AND ? ORDER BY n DESC LIMIT ?", (store.agreed_n(), most)
        ).fetchall()
    return _told(store, rows)


def replaced(store: Store, key: Key) -> Entry | None:
    """What stood in a cell in conflict before, as far as this PC knows: the last of what its heads replaced.

    None where it was empty, or was typed on other PCs only.
    """
    with file.reading(store.db):
        row = store.db.execute(f"SELECT heads, prev, lost FROM record WHERE {_CELL}", key).fetchone()
        if row is None:
            return None
        prev = frozenset(read_standing(*row).prev)
        typed = store.db.execute(
            f"SELECT {_ROW} FROM change WHERE {_CELL} AND open UNION ALL"
            f" SELECT {_ROW} FROM change WHERE {_CELL} AND NOT open",
            (*key, *key),
        ).fetchall()
    found = [change for change in map(_typed, typed) if Version(change.branch, change.n) in prev]
    return max(found, key=lambda change: change.n).entry() if found else None


def _told(store: Store, rows: Sequence[Sequence[Any]]) -> list[Transfer]:
    """Those of `rows` that whoever is here typed or may see."""
    found = [Transfer(Key(*row[:5]), _typed(row).entry()) for row in rows]
    if store.sees is None:
        return found
    me = id_of(store.author())
    return [one for one in found if id_of(one.entry.author) == me or store.sees(one.key)]


def _typed(row: Sequence[Any]) -> Typed:
    n, branch, content, seen, *rest = row[5:]
    return Typed(n, branch, content, _versions(seen), *rest)
