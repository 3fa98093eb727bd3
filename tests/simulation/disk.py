"""Disks that fail: a process killed at a statement, power lost in a commit, a disk that is full, under both ends."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2

from sync.central import database

_FULL: Final = "database or disk is full"
_GROWING: Final = ("INSERT", "UPDATE", "DELETE", "COMMIT")
"""What needs room on the disk."""

_FRAME: Final = 512
"""Bytes that are compared at once to find where a commit began to write."""

_SYNCED_AT_COMMIT: Final = 2
"""PRAGMA synchronous = FULL: what was committed is on the disk when the commit returns."""


if TYPE_CHECKING:  # the encrypted one speaks as this does, and says nothing of its types
    _Plain = sqlite3.Connection
else:
    _Plain = dbapi2.Connection


class Crash(BaseException):
    """The process is gone. What it had on its disk is in the bomb."""


class Blow(StrEnum):
    """How a disk fails."""

    CRASH = "crash"
    POWER = "power"
    FULL = "full"


@dataclass
class Bomb:
    """Strikes the database `file` at the statement (POWER: at the commit) after `left` more of them.

    `cut(low, high)` chooses how many bytes of the write-ahead log the power loss left.
    """

    file: Path
    blow: Blow
    left: int
    cut: Callable[[int, int], int]
    wreck: dict[Path, bytes] = field(default_factory=dict)
    struck: bool = False


class _Disks:
    bomb: Bomb | None = None


_disks: Final = _Disks()


@contextmanager
def armed(bomb: Bomb) -> Iterator[Bomb]:
    """One bomb lies under its file."""
    _disks.bomb = bomb
    try:
        yield bomb
    finally:
        _disks.bomb = None


def copy_of(file: Path) -> dict[Path, bytes]:
    """A database as it lies on the disk: the file and its write-ahead log."""
    return {path: path.read_bytes() for path in (file, _log_of(file)) if path.exists()}


def put_back(file: Path, copy: dict[Path, bytes]) -> None:
    """Make the database what `copy` is. Nobody may have it open."""
    for path in (file, _log_of(file), file.with_name(file.name + "-shm")):
        path.unlink(missing_ok=True)
    for path, content in copy.items():
        path.write_bytes(content)


def _log_of(file: Path) -> Path:
    return file.with_name(file.name + "-wal")


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _strikes(file: str, statement: str, blow_at_commit: bool) -> Bomb | None:
    """The bomb, when it is its turn at this statement or commit of `file`."""
    bomb = _disks.bomb
    if bomb is None or bomb.struck or str(bomb.file) != file or (bomb.blow is Blow.POWER) != blow_at_commit:
        return None
    if bomb.blow is Blow.FULL and not statement.startswith(_GROWING):
        return None
    bomb.left -= 1
    if bomb.left >= 0:
        return None
    bomb.struck = True
    return bomb


def _kill(bomb: Bomb) -> None:
    bomb.wreck = copy_of(bomb.file)
    raise Crash


def _lose_power(bomb: Bomb, synchronous: int, commit: Callable[[], object]) -> None:
    """The power goes while a commit is written: of what it wrote, any part may have reached the disk."""
    log = _log_of(bomb.file)
    before = _bytes_of(log)
    commit()
    after = _bytes_of(log)
    same = next(
        (at for at in range(0, len(before), _FRAME) if before[at : at + _FRAME] != after[at : at + _FRAME]), None
    )
    same = len(before) if same is None else same
    low = same if synchronous >= _SYNCED_AT_COMMIT else 0
    cut = bomb.cut(low, len(after))
    bomb.wreck = {bomb.file: bomb.file.read_bytes(), log: after[:cut] + (before[cut:] if low else b"")}
    raise Crash


class _Watched(_Plain):
    """A desktop's connection whose statements are counted."""

    def __init__(self, database: str, *arguments: Any, **named: Any) -> None:
        super().__init__(database, *arguments, **named)
        self._file = str(database)

    def execute(self, statement: str, *arguments: Any) -> Any:
        if _disks.bomb is not None:
            self._meet(statement)
        return super().execute(statement, *arguments)

    def executemany(self, statement: str, *arguments: Any) -> Any:
        if _disks.bomb is not None:
            self._meet(statement)
        return super().executemany(statement, *arguments)

    def _meet(self, statement: str) -> None:
        if statement == "COMMIT" and (bomb := _strikes(self._file, statement, blow_at_commit=True)):
            (synchronous,) = super().execute("PRAGMA synchronous").fetchone()
            commit = super().execute
            _lose_power(bomb, synchronous, lambda: commit("COMMIT"))
        if bomb := _strikes(self._file, statement, blow_at_commit=False):
            if bomb.blow is Blow.FULL:
                raise dbapi2.OperationalError(_FULL)
            _kill(bomb)


def _at_statement(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    if _disks.bomb is None:
        return
    if bomb := _strikes(str(connection.engine.url.database), statement, blow_at_commit=False):
        if bomb.blow is Blow.FULL:
            raise OperationalError(statement, None, sqlite3.OperationalError(_FULL))
        _kill(bomb)


def _at_commit(connection: Connection) -> None:
    if _disks.bomb is None:
        return
    file = str(connection.engine.url.database)
    if bomb := _strikes(file, "COMMIT", blow_at_commit=True):
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        (synchronous,) = driver.execute("PRAGMA synchronous").fetchone()
        _lose_power(bomb, synchronous, driver.commit)
    if bomb := _strikes(file, "COMMIT", blow_at_commit=False):
        _kill(bomb)


@contextmanager
def watched() -> Iterator[None]:
    """Every database that is opened meanwhile lies on a disk that can fail."""
    connect: Any = dbapi2.connect

    def connect_watched(database: str, **named: Any) -> Any:
        return connect(database, factory=_Watched, **named)

    event.listen(Engine, "before_cursor_execute", _at_statement)
    event.listen(Engine, "commit", _at_commit)
    try:
        with (
            mock.patch.object(dbapi2, "connect", connect_watched),
            # A new engine would prepare every statement anew, which takes longer than all the rest of a restart.
            mock.patch.object(database, "create_engine", cache(create_engine)),
        ):
            yield
    finally:
        event.remove(Engine, "before_cursor_execute", _at_statement)
        event.remove(Engine, "commit", _at_commit)
