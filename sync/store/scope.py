"""What this device may see: its units, and what leaves the store with a unit that it may see no longer."""

import msgspec

from sync.domain.keys import BROADCAST, Key, is_for_one_unit, within
from sync.store import connection as file
from sync.store.cells import ChangeSet
from sync.store.store import Store


def scope(store: Store) -> list[str]:
    """The units whose subtrees the centre last said that this device may see."""
    return msgspec.json.decode(store.meta("scope") or "[]", type=list[str])


def take_scope(store: Store, units: list[str]) -> ChangeSet:
    """See these units' subtrees from now on. What was typed stays in the log, and what waits is still sent.

    The base of what lies outside leaves; a unit that is new has no cursor, so it is read from its start.
    """
    if units == scope(store):
        return ChangeSet()
    roots = {*units, BROADCAST}
    gone: set[Key] = set()
    with file.writing(store.db) as db:
        store.keep_meta("scope", msgspec.json.encode(units).decode())
        for root, stream in db.execute(
            "SELECT root, stream FROM cursor UNION SELECT root, stream FROM doubt"
        ).fetchall():
            if root not in roots and is_for_one_unit(stream):
                db.execute("DELETE FROM cursor WHERE root = ? AND stream = ?", (root, stream))
                db.execute("DELETE FROM doubt WHERE root = ? AND stream = ?", (root, stream))
        for stream, unit in db.execute("SELECT DISTINCT stream, unit FROM record").fetchall():
            if is_for_one_unit(stream) and not any(within(unit, root) for root in units):
                rows = db.execute(
                    "DELETE FROM record WHERE unit = ? AND stream = ? RETURNING kind, unit, item, period, part",
                    (unit, stream),
                ).fetchall()
                gone.update(Key(*row) for row in rows)
                db.execute("DELETE FROM digest WHERE stream = ? AND unit = ?", (stream, unit))
    return ChangeSet(frozenset(gone))
