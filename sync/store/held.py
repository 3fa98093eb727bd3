"""What a folder holds of the cells that something is typed into: the base, and what was typed there last.

It is read a block at a time, however many cells there are: a paste asks for little more than a single edit does.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlcipher3 import dbapi2

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.messages import Version
from sync.store.cells import Typed, gives_way, seen_of
from sync.store.standing import Standing, read_standing

KEY: Final = "kind, unit, item, period, part"
CELL: Final = "kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?"
TYPED: Final = "n, branch, content, seen, author, typed_at, sent_at, received_at, outcome, reason"
STANDING: Final = "heads, prev, lost"
# The other columns are those of the row with the largest n: SQLite promises that of a query with one max().
_NEWEST: Final = f"SELECT {KEY}, max({TYPED.replace(', ', '), ', 1)} FROM change WHERE %s GROUP BY {KEY}"
_NEWEST_NAME: Final = f"SELECT {KEY}, branch, max(n) FROM change WHERE %s GROUP BY {KEY}"
_LAST_PENDING: Final = (
    f"SELECT {TYPED} FROM change WHERE {CELL} AND open AND outcome != 'parked' ORDER BY n DESC LIMIT 1"
)
_MOST: Final = 500
"""Units, and items, of one look: far below what a statement takes."""

_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


class Held(NamedTuple):
    """What is held of one cell: what stands in it, the last change that is open, the last of those that has effect
    here (`pending`), and the last that is closed; each None where there is none."""

    record: Standing | None = None
    last: Typed | None = None
    pending: Typed | None = None
    closed: Version | None = None

    def seen(self) -> tuple[Version, ...]:
        """What the person had before them: what is displayed, and their own last change whatever became of it."""
        mine, record, pending = self.own_last(), self.record, self.pending
        if mine is None or mine.n < 0:
            return seen_of(record)
        if pending:
            # What is displayed is their own; others may have typed the same.
            same = tuple(head.version for head in record.heads if head.content == pending.content) if record else ()
            shown = (pending.version, *same)
        else:
            shown = seen_of(record)
        return (mine, *(version for version in shown if version != mine))

    def own_last(self) -> Version | None:
        """The last thing typed here into the cell; what is parked may stay open behind later ones."""
        if self.last and self.last is self.pending:
            return self.last.version
        both = [version for version in (self.last and self.last.version, self.closed) if version]
        return max(both, key=lambda version: version.n, default=None)


_NOTHING: Final = Held()


def held_in(db: dbapi2.Connection, keys: Iterable[Key]) -> dict[Key, Held]:
    """What is held of those `keys` of which anything is. Inside a transaction."""
    found: dict[Key, Held] = {}
    for size, where, arguments in _blocks(keys):
        found |= _held_of(db, size, where, arguments)
    return found


def _held_of(db: dbapi2.Connection, size: int, where: str, arguments: tuple[str, ...]) -> dict[Key, Held]:
    rows = db.execute(f"SELECT {KEY}, {STANDING} FROM record WHERE {where}", arguments)
    found = {Key(*row[:5]): Held(read_standing(*row[5:])) for row in rows}
    settled = 0
    for row in db.execute(_NEWEST % f"{where} AND open", arguments).fetchall():
        key, last = Key(*row[:5]), typed(row[5:])
        pending: Typed | None = last
        if last.outcome == Outcome.PARKED:
            before = db.execute(_LAST_PENDING, key).fetchone()
            pending = typed(before) if before else None
        held = found.get(key, _NOTHING)
        if pending and gives_way(pending, held.record):
            pending = None
        settled += last is pending
        found[key] = held._replace(last=last, pending=pending)
    if settled < size:
        for *address, branch, n in db.execute(_NEWEST_NAME % f"{where} AND NOT open", arguments):
            key = Key(*address)
            found[key] = found.get(key, _NOTHING)._replace(closed=Version(branch, n))
    return found


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
