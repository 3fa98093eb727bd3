"""The journal of syncs, over a line and by hand: when each was, what it moved and how it ended.

It holds no value and no key, and no name but those of files that somebody carried.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import MAX_NAME
from sync.store import connection as file
from sync.store.cells import moment
from sync.store.store import Store

T = TypeVar("T")

MOST: Final = 500
"""Lines that are kept."""

_LINE: Final = "at, took_ms, sent, received, up_bytes, down_bytes, fault, times, way, file"


class Way(StrEnum):
    """How something went or came."""

    LINE = ""
    MADE = "made"
    TAKEN = "taken"
    HANDED_ON = "handed_on"
    CATALOGUE = "catalogue"
    ASKED = "asked"
    JOINED = "joined"
    REFUSED = "refused"


class Line(NamedTuple):
    """One sync, or `times` of them that were alike: then time and bytes are of the last. `fault` is a code, or "".

    By hand `file` is the name of the file that was made, taken or refused.
    """

    at: datetime
    took_ms: int
    sent: int
    received: int
    up_bytes: int
    down_bytes: int
    fault: str
    times: int = 1
    way: Way = Way.LINE
    file: str = ""

    @property
    def is_quiet(self) -> bool:
        return not (self.sent or self.received or self.fault or self.way)


def write(store: Store, line: Line) -> None:
    """Add a line; one more sync in which nothing moved, or that failed as the last did, is counted with it."""
    with file.writing(store.db) as db:
        last = db.execute(f"SELECT n, {_LINE} FROM journal ORDER BY n DESC LIMIT 1").fetchone()
        n = 1 if last is None else last[0] + 1
        if last is not None and _is_alike(before := _line(last[1:]), line):
            n, line = last[0], line._replace(times=before.times + 1)
        db.execute(
            f"INSERT OR REPLACE INTO journal (n, {_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (n, int(line.at.timestamp()), *line[1:]),
        )
        db.execute("DELETE FROM journal WHERE n <= ?", (n - MOST,))


def read(store: Store) -> list[Line]:
    """All lines, the newest first."""
    with file.reading(store.db):
        rows = store.db.execute(f"SELECT {_LINE} FROM journal ORDER BY n DESC").fetchall()
    return [_line(row) for row in rows]


class Noted(NamedTuple):
    """What an exchange by hand came to."""

    sent: int = 0
    received: int = 0
    up_bytes: int = 0
    down_bytes: int = 0


def note(
    store: Store, clock: Callable[[], datetime], way: Way, file_name: str, work: Callable[[], tuple[T, Noted]]
) -> T:
    """Do `work`, an exchange by hand, and write a line of it, also where it raises EnvironmentFault."""
    began_s = time.monotonic()

    def write_line(noted: Noted, code: str) -> None:
        took_ms = round((time.monotonic() - began_s) * 1000)
        # What was done is done: that the disk is full now is told by what comes next.
        with suppress(EnvironmentFault):
            write(store, Line(clock(), took_ms, *noted, code, 1, way, _readable(file_name)))

    try:
        found, noted = work()
    except EnvironmentFault as fault:
        write_line(Noted(), fault.code)
        raise
    write_line(noted, "")
    return found


def refuse(store: Store, clock: Callable[[], datetime], file_name: str, fault: EnvironmentFault) -> None:
    """Write a line of a file that was of no use here."""
    with suppress(EnvironmentFault):
        write(store, Line(clock(), 0, 0, 0, 0, 0, fault.code, 1, Way.REFUSED, _readable(file_name)))


def _readable(name: str) -> str:
    """A name of the system's may hold what is no letter."""
    return name.encode(errors="replace").decode()[:MAX_NAME]


def _is_alike(last: Line, line: Line) -> bool:
    if last.way or line.way:
        return False
    if last.is_quiet or line.is_quiet:
        return last.is_quiet and line.is_quiet
    return bool(line.fault) and last.fault == line.fault and not (last.sent or last.received)


def _line(row: tuple[int, int, int, int, int, int, str, int, str, str]) -> Line:
    return Line(moment(row[0]), *row[1:8], Way(row[8]), row[9])
