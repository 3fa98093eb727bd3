"""What this device may see: its units, and what leaves the store with a unit that it may see no longer."""

from typing import Final

import msgspec

from sync.domain.catalogue import Sensitivity
from sync.domain.keys import Key, is_for_one_unit, within
from sync.domain.rights import limit_of, unit_of
from sync.protocol.messages import Subscription
from sync.store import connection as file
from sync.store.cells import ChangeSet
from sync.store.store import Store

_LEAVING: Final = "leaving"


def scope(store: Store) -> list[str]:
    """The roots of what the centre last said that this device may see: units, each up to some class."""
    return msgspec.json.decode(store.meta("scope") or "[]", type=list[str])


def take_scope(store: Store, roots: list[str]) -> ChangeSet:
    """See these roots from now on. What was typed stays in the log, and what waits is still sent.

    The base of what lies outside leaves; a root that is new has no cursor, so it is read from its start. So is a unit
    that is seen up to another class: what may be there no longer nobody here can tell from the rest, so all of it
    leaves before it is read again.
    """
    before = scope(store)
    if roots == before:
        return ChangeSet()
    gone_roots = _roots_outside(store, roots)
    narrowed = {unit_of(root) for root in roots if root not in before and limit_of(root) is not Sensitivity.SENSITIVE}
    with file.writing(store.db) as db:
        db.executemany("DELETE FROM cursor WHERE root = ? AND stream = ?", gone_roots)
        db.executemany("DELETE FROM doubt WHERE root = ? AND stream = ?", gone_roots)
        store.keep_meta("scope", msgspec.json.encode(roots).decode())
        store.keep_meta(_LEAVING, msgspec.json.encode(sorted(narrowed | _narrowed(store))).decode())
    return leave(store)


def leave(store: Store) -> ChangeSet:
    """Let what lies outside the scope leave the base, if the scope changed and not all of it has left.

    Each unit leaves in a transaction of its own, so that a person typing never waits for all of them; what is left
    when the power fails leaves in the next session.
    """
    if store.meta(_LEAVING) is None:
        return ChangeSet()
    units, narrowed = [unit_of(root) for root in scope(store)], _narrowed(store)
    gone: set[Key] = set()
    with file.faults(store.db):
        summed = store.db.execute("SELECT stream, unit FROM digest").fetchall()
    for stream, unit in summed:
        stays = any(within(unit, root) for root in units) and not any(within(unit, root) for root in narrowed)
        if is_for_one_unit(stream) and not stays:
            gone |= _drop(store, stream, unit)
    with file.writing(store.db) as db:
        db.execute("DELETE FROM meta WHERE name = ?", (_LEAVING,))
    return ChangeSet(frozenset(gone))


def _narrowed(store: Store) -> set[str]:
    """Units of which all has to leave, because less of them is seen than was."""
    kept = store.meta(_LEAVING)
    # An earlier program kept no more than that something leaves.
    return set(msgspec.json.decode(kept, type=list[str])) if kept and kept != "1" else set()


def _roots_outside(store: Store, roots: list[str]) -> list[Subscription]:
    """What was followed until now from a root that is none of these."""
    with file.faults(store.db):
        followed = store.db.execute("SELECT root, stream FROM cursor UNION SELECT root, stream FROM doubt").fetchall()
    return [Subscription(root, stream) for root, stream in followed if root not in roots and is_for_one_unit(stream)]


def _drop(store: Store, stream: str, unit: str) -> set[Key]:
    """Take a unit out of the base, with its sums."""
    gone: set[Key] = set()
    with file.writing(store.db) as db:
        # By the kinds there are, found by leaps: the key leads with them, and the whole base is long.
        kinds = db.execute(
            "WITH RECURSIVE leap(kind) AS (SELECT min(kind) FROM record UNION ALL"
            " SELECT (SELECT min(kind) FROM record WHERE kind > leap.kind) FROM leap WHERE kind NOT NULL)"
            " SELECT kind FROM leap WHERE kind NOT NULL"
        ).fetchall()
        for (kind,) in kinds:
            rows = db.execute(
                "DELETE FROM record WHERE kind = ? AND unit = ? AND stream = ?"
                " RETURNING kind, unit, item, period, part",
                (kind, unit, stream),
            ).fetchall()
            gone.update(Key(*row) for row in rows)
        db.execute("DELETE FROM digest WHERE stream = ? AND unit = ?", (stream, unit))
    return gone
