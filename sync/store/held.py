"""What a folder holds of the cells that something is typed into: the base, and what was typed there last.

It is read a block at a time, however many cells there are: a paste asks for little more than a single edit does.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlcipher3 import dbapi2

from sync.domain.authors import APART, id_of, is_one_hand
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
_SEVERAL: Final = "min(author) != max(author)"
_LAST: Final = f"SELECT max(n) AS last, {_SEVERAL} AS several FROM change WHERE %s AND open GROUP BY {KEY}"
_NEWEST: Final = f"SELECT {KEY}, several, {TYPED} FROM ({_LAST}) CROSS JOIN change ON n = last"


def id_in(author: str) -> str:
    """The id in a column of authors, in SQL."""
    return f"substr({author}, instr({author}, '{APART}') + 1)"


def one_hand(author: str, person: str) -> str:
    """Whether a column of authors `is_one_hand` with the person of an id, in SQL."""
    return f"({author} = '' OR {person} IN ('', {id_in(author)}))"


LATER_OF_ONE_HAND: Final = one_hand("later.author", id_in("change.author"))

# Open or not, each is in an index of its own; what is parked may stay open behind later ones.
_BOTH: Final = ("open", "NOT open")
# The branch is that of the row with the largest n: SQLite promises that of a query with one max().
_OWN: Final = " UNION ALL ".join(
    f"SELECT {KEY}, branch, max(n) FROM change WHERE %s AND {which} AND {one_hand('author', '?')} GROUP BY {KEY}"
    for which in _BOTH
)
_THIS: Final = "kind = ?1 AND unit = ?2 AND item = ?3 AND period = ?4 AND part = ?5"
_ONE: Final = (
    f"SELECT {STANDING}, (SELECT {_SEVERAL} FROM change WHERE {_THIS} AND open), {TYPED}"
    f" FROM (SELECT 1) LEFT JOIN (SELECT {STANDING} FROM record WHERE {_THIS})"
    f" LEFT JOIN change ON n = (SELECT n FROM change WHERE {_THIS} AND open ORDER BY n DESC LIMIT 1)"
)
_MOST: Final = 500
"""Units, and items, of one look: far below what a statement takes."""

_NOTHING: Final = Held()
_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


def held_of(db: dbapi2.Connection, key: Key) -> Held:
    """What is held of one cell, but for what is closed: in a single look."""
    heads, prev, lost, several, *change = db.execute(_ONE, key).fetchone()
    record = None if heads is None else read_standing(heads, prev, lost)
    return _held(db, key, record, None if change[0] is None else typed(change), several)


def held_where(db: dbapi2.Connection, where: str, arguments: Sequence[str]) -> dict[Key, Held]:
    """What is held, but for what is closed, of the cells of a condition of which anything is. Inside a transaction."""
    rows = db.execute(f"SELECT {KEY}, {STANDING} FROM record WHERE {where}", arguments)
    records = {Key(*row[:5]): read_standing(*row[5:]) for row in rows}
    rows = db.execute(_NEWEST % where, arguments)
    newest = {Key(*row[:5]): (typed(row[6:]), row[5]) for row in rows}
    if not newest:
        return {key: Held(record) for key, record in records.items()}
    keys = dict.fromkeys((*records, *newest))
    return {key: _held(db, key, records.get(key), *newest.get(key, (None, False))) for key in keys}


def held_in(db: dbapi2.Connection, keys: Collection[Key], author: str) -> dict[Key, Held]:
    """What is held of `keys`, into which `author` types; one of which nothing is may be missing.

    Inside a transaction.
    """
    found: dict[Key, Held] = {}
    for size, where, arguments in [(1, CELL, key) for key in keys] if len(keys) == 1 else _blocks(keys):
        held = {key: held_of(db, key) for key in keys} if len(keys) == 1 else held_where(db, where, arguments)
        mine = {key: last.version for key, one in held.items() if (last := _own_pending(one, author))}
        if len(mine) < size:
            rows = db.execute(_OWN % (where, where), (*arguments, id_of(author)) * 2)
            names = [(Key(*address), Version(branch, n)) for *address, branch, n in rows]
            mine |= sorted(names, key=lambda name: name[1].n)
        found |= held | {key: held.get(key, _NOTHING)._replace(own=own) for key, own in mine.items()}
    return found


def seen_here(db: dbapi2.Connection, key: Key) -> Iterator[Collection[Version]]:
    """What whoever typed the pending changes of a cell had seen: with the first, which is nearly always all; then with
    every one. Inside a transaction."""
    yield typed(db.execute(f"SELECT {TYPED} FROM change WHERE {_PENDING} ORDER BY n LIMIT 1", key).fetchone()).seen
    opened, closed = (_typed_in(db, key, which) for which in _BOTH)
    yield seen_by(_in_effect(opened), (*opened, *closed))


def _own_pending(held: Held, author: str) -> Typed | None:
    """The last change of a cell where it is the author's and has effect here: then it is also their own last."""
    last = held.last
    return last if last and last is held.pending and is_one_hand(last.author, author) else None


def _held(db: dbapi2.Connection, key: Key, record: Standing | None, last: Typed | None, several: bool) -> Held:
    """Of a cell in which `last` is the last open change, and `several` authors have any."""
    if several:
        opened = _typed_in(db, key, "open")
        pending = _in_effect(opened)
        seen = seen_by(pending, (*opened, *_typed_in(db, key, "NOT open")))
        # What has no name yet cannot be named as seen, and was.
        ends = [change for change in pending[:-1] if change.n > 0 and change.version not in seen]
        return Held.of(record, last, [*ends, *pending[-1:]])
    # Each has seen the one before.
    pending = _in_effect([last] if last else [])
    if last and not pending:
        before = db.execute(f"SELECT {TYPED} FROM change WHERE {_PENDING} ORDER BY n DESC LIMIT 1", key).fetchone()
        pending = [typed(before)] if before else []
    return Held.of(record, last, pending)


def _typed_in(db: dbapi2.Connection, key: Key, which: str) -> list[Typed]:
    """What was typed into a cell and is `which`, open or not, in that order."""
    return [typed(row) for row in db.execute(f"SELECT {TYPED} FROM change WHERE {CELL} AND {which} ORDER BY n", key)]


def _in_effect(changes: Iterable[Typed]) -> list[Typed]:
    return [change for change in changes if change.outcome != Outcome.PARKED]


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
