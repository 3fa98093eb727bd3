"""The journal of syncs: when each was, what it moved and how it ended. It holds no value, name or key."""

from datetime import datetime
from typing import Final, NamedTuple

from sync.store import connection as file
from sync.store.cells import moment
from sync.store.store import Store

MOST: Final = 500
"""Lines that are kept."""

_LINE: Final = "at, took_ms, sent, received, up_bytes, down_bytes, fault, times"


class Line(NamedTuple):
    """One sync, or `times` of them that were alike: then time and bytes are of the last. `fault` is a code, or ""."""

    at: datetime
    took_ms: int
    sent: int
    received: int
    up_bytes: int
    down_bytes: int
    fault: str
    times: int = 1

    @property
    def is_quiet(self) -> bool:
        return not (self.sent or self.received or self.fault)


def write(store: Store, line: Line) -> None:
    """Add a line; one more sync in which nothing moved, or that failed as the last did, is counted with it."""
    with file.writing(store.db) as db:
        last = db.execute(f"SELECT n, {_LINE} FROM journal ORDER BY n DESC LIMIT 1").fetchone()
        n = 1 if last is None else last[0] + 1
        times = line.times
        if last is not None and _is_alike(_line(last[1:]), line):
            n, times = last[0], last[-1] + 1
        db.execute(
            f"INSERT OR REPLACE INTO journal (n, {_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (n, int(line.at.timestamp()), *line[1:-1], times),
        )
        db.execute("DELETE FROM journal WHERE n <= ?", (n - MOST,))


def read(store: Store) -> list[Line]:
    """All lines, the newest first."""
    with file.reading(store.db):
        rows = store.db.execute(f"SELECT {_LINE} FROM journal ORDER BY n DESC").fetchall()
    return [_line(row) for row in rows]


def _is_alike(last: Line, line: Line) -> bool:
    if last.is_quiet or line.is_quiet:
        return last.is_quiet and line.is_quiet
    return bool(line.fault) and last.fault == line.fault and not (last.sent or last.received)


def _line(row: tuple[int, int, int, int, int, int, str, int]) -> Line:
    return Line(moment(row[0]), *row[1:])
