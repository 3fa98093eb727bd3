"""What a folder holds of the cells that something is typed into: the base, and what was typed there last.

It is read a block at a time, however many cells there are: a paste asks for little more than a single edit does.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlcipher3 import dbapi2

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.messages import Version
from sync.store.cells import Held, Typed, seen_by
from sync.store.standing import Standing, read_standing

KEY: Final = "kind, unit, item, period, part"
CELL: Final = "kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?"
TYPED: Final = "n, branch, content, seen, author, typed_at, sent_at, received_at, outcome, reason"
STANDING: Final = "heads, prev, lost"
_PENDING: Final = f"{CELL} AND open AND outcome != 'parked'"
_LAST: Final = f"SELECT max(n) AS last FROM change WHERE %s AND open GROUP BY {KEY}"
_NEWEST: Final = f"SELECT {KEY}, {TYPED} FROM ({_LAST}) CROSS JOIN change ON n = last"
# The branch is that of the row with the largest n: SQLite promises that of a query with one max().
_NEWEST_NAME: Final = f"SELECT {KEY}, branch, max(n) FROM change WHERE %s AND NOT open GROUP BY {KEY}"
_THIS: Final = "kind = ?1 AND unit = ?2 AND item = ?3 AND period = ?4 AND part = ?5"
_ONE: Final = (
    f"SELECT {STANDING}, {TYPED} FROM (SELECT 1) LEFT JOIN (SELECT {STANDING} FROM record WHERE {_THIS})"
    f" LEFT JOIN change ON n = (SELECT n FROM change WHERE {_THIS} AND open ORDER BY n DESC LIMIT 1)"
)
_MOST: Final = 500
"""Units, and items, of one look: far below what a statement takes."""

_NOTHING: Final = Held()
_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


def held_of(db: dbapi2.Connection, key: Key) -> Held:
    """What is held of one cell, but for what is closed: in a single look."""
    heads, prev, lost, *change = db.execute(_ONE, key).fetchone()
    record = None if heads is None else read_standing(heads, prev, lost)
    return _held(db, key, record, None if change[0] is None else typed(change))


def held_where(db: dbapi2.Connection, where: str, arguments: Sequence[str]) -> dict[Key, Held]:
    """What is held, but for what is closed, of the cells of a condition of which anything is. Inside a transaction."""
    rows = db.execute(f"SELECT {KEY}, {STANDING} FROM record WHERE {where}", arguments)
    records = {Key(*row[:5]): read_standing(*row[5:]) for row in rows}
    rows = db.execute(_NEWEST % where, arguments)
    newest = {Key(*row[:5]): typed(row[5:]) for row in rows}
    if not newest:
        return {key: Held(record) for key, record in records.items()}
    keys = dict.fromkeys((*records, *newest))
    return {key: _held(db, key, records.get(key), newest.get(key)) for key in keys}


def held_in(db: dbapi2.Connection, keys: Collection[Key]) -> dict[Key, Held]:
    """What is held of `keys`; one of which nothing is may be missing. Inside a transaction."""
    if len(keys) == 1:
        return {key: _with_closed(db, key, held_of(db, key)) for key in keys}
    found: dict[Key, Held] = {}
    for size, where, arguments in _blocks(keys):
        held = held_where(db, where, arguments)
        if sum(one.last is not None and one.last is one.pending for one in held.values()) < size:
            for *address, branch, n in db.execute(_NEWEST_NAME % where, arguments):
                key = Key(*address)
                held[key] = held.get(key, _NOTHING)._replace(closed=Version(branch, n))
        found |= held
    return found


def seen_here(db: dbapi2.Connection, key: Key) -> Iterator[Collection[Version]]:
    """What whoever typed the pending changes of a cell had seen: with the first, which is nearly always all; then with
    every one. Inside a transaction."""
    yield typed(db.execute(f"SELECT {TYPED} FROM change WHERE {_PENDING} ORDER BY n LIMIT 1", key).fetchone()).seen
    opened, closed = (
        [typed(row) for row in db.execute(f"SELECT {TYPED} FROM change WHERE {CELL} AND {which} ORDER BY n", key)]
        for which in ("open", "NOT open")
    )
    yield seen_by([change for change in opened if change.outcome != Outcome.PARKED], (*opened, *closed))


def _with_closed(db: dbapi2.Connection, key: Key, held: Held) -> Held:
    if held.last and held.last is held.pending:
        return held
    closed = db.execute(f"SELECT branch, n FROM change WHERE {CELL} AND NOT open ORDER BY n DESC LIMIT 1", key)
    return held._replace(closed=next((Version(*row) for row in closed), None))


def _held(db: dbapi2.Connection, key: Key, record: Standing | None, last: Typed | None) -> Held:
    pending = last
    if last is not None and last.outcome == Outcome.PARKED:
        before = db.execute(f"SELECT {TYPED} FROM change WHERE {_PENDING} ORDER BY n DESC LIMIT 1", key).fetchone()
        pending = typed(before) if before else None
    return Held.of(record, last, pending)


def _blocks(keys: Iterable[Key]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The keys as blocks, of each unit every item: how many cells it has, the condition for them, and its arguments."""
    items: defaultdict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for kind, unit, item, period, part in keys:
        items[kind, unit, period, part].append(item)
    units: defaultdict[tuple[str, str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (kind, unit, period, part), of_unit in items.items():
        units[kind, period, part, tuple(of_unit)].append(unit)
    for (kind, period, part, of_units), found in units.items():
        for some_units in _runs(found):
            for some_items in _runs(of_units):
                where = f"kind = ? AND unit IN ({_marks(some_units)}) AND period = ? AND item IN ({_marks(some_items)})"
                arguments = (kind, *some_units, period, *some_items, part)
                yield len(some_units) * len(some_items), f"{where} AND part = ?", arguments


def _runs(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _MOST] for start in range(0, len(names), _MOST))


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def typed(row: Sequence[Any]) -> Typed:
    """A change, of its columns TYPED."""
    n, branch, content, seen, *rest = row
    return Typed(n, branch, content, _versions(seen), *rest)
