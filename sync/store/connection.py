"""Opening the encrypted file, its transactions, and SQLite's errors as faults that a person can be told."""

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault

FILE_NAME: Final = "soxa.db"
_SALT_BYTES: Final = 16
_BUSY_TIMEOUT_S: Final = 10

# Whoever waits for the other thread's transaction is woken the moment it ends. SQLite alone would look again only now
# and then, and a person typing behind the pages of a long pull waited for several of them.
_turn: Final = threading.Lock()
SCHEMA: Final = 6
"""How many migrations `schema` has; the file carries the number so that an ordinary start need not look."""


def connect(folder: Path, key: bytes) -> dbapi2.Connection:
    """Open, or make, the folder's database with a raw 32-byte `key`.

    Raises `EnvironmentFault`: store_damaged (a copy was kept; the detail `copy` names it), store_newer,
    store_folder_unwritable, disk_full.
    """
    return open_database(folder / FILE_NAME, key, SCHEMA, _migrate)


def open_database(
    path: Path, key: bytes, schema: int, migrate: Callable[[dbapi2.Connection], None]
) -> dbapi2.Connection:
    """Open, or make, an encrypted database that `migrate` brings to the number `schema`. Raises as `connect`."""
    with faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path, key, schema, migrate)
        elif not os.access(path, os.W_OK):
            # SQLite would open it for reading and refuse the first thing that is typed.
            raise EnvironmentFault("store_folder_unwritable", folder=str(path.parent))
        found = _schema_of(path, key)
        if found > schema:
            raise EnvironmentFault("store_newer", found=found, known=schema)
        connection = dbapi2.connect(str(path), isolation_level=None, timeout=_BUSY_TIMEOUT_S, cached_statements=256)
        try:
            _prepare(connection, key)
            if found < schema:
                _bring(connection, schema, migrate)
        except BaseException:
            connection.close()
            raise
    return connection


def _make(path: Path, key: bytes, schema: int, migrate: Callable[[dbapi2.Connection], None]) -> None:
    """Under another name until it is whole: a file that is empty then is a damaged one, and never one half made."""
    unfinished = path.with_name(f"{path.stem}-new{path.suffix}")
    for left in (unfinished, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
        left.unlink(missing_ok=True)
    with closing(dbapi2.connect(str(unfinished), isolation_level=None)) as connection:
        unlock(connection, key)
        _bring(connection, schema, migrate)
    unfinished.replace(path)


def _schema_of(path: Path, key: bytes) -> int:
    """The file's schema number, read without the right to write.

    Closing a file that was opened for writing moves its log into it, even if it could not be read.
    """
    if path.stat().st_size == 0:
        raise _damaged(path)
    with closing(dbapi2.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        unlock(connection, key)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def unlock(connection: dbapi2.Connection, key: bytes) -> None:
    """Let a connection that was just made read and write under this key."""
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")


def _prepare(connection: dbapi2.Connection, key: bytes) -> None:
    unlock(connection, key)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16000")
    # The worker empties the log between syncs; a person typing pays for it only if the worker could not.
    connection.execute("PRAGMA wal_autocheckpoint = 8000")


def _migrate(connection: dbapi2.Connection) -> None:
    # Only here: a start that finds nothing to do does not pay for the import.
    from sync.store import schema

    schema.migrate(connection)


def _bring(connection: dbapi2.Connection, schema: int, migrate: Callable[[dbapi2.Connection], None]) -> None:
    migrate(connection)
    connection.execute(f"PRAGMA user_version = {schema}")


@contextmanager
def writing(connection: dbapi2.Connection, turn: threading.Lock = _turn) -> Iterator[dbapi2.Connection]:
    """One transaction. All of it is durable when this ends, or nothing of it happened.

    Those who write to one database share a `turn`. Raises `EnvironmentFault`: disk_full, store_busy, store_damaged.
    """
    if not turn.acquire(timeout=_BUSY_TIMEOUT_S):
        raise EnvironmentFault("store_busy")
    try:
        with faults(connection):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    finally:
        turn.release()


@contextmanager
def reading(connection: dbapi2.Connection) -> Iterator[None]:
    """Several reads of one state: what another connection commits meanwhile is not seen. Errors become faults.

    Without it a cell could be read from the base before a page, and from the log after it had given way.
    """
    if connection.in_transaction:
        yield
        return
    with faults(connection):
        connection.execute("BEGIN")
        try:
            yield
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def checkpoint(connection: dbapi2.Connection) -> None:
    """Move the write-ahead log into the file, as far as nobody reads it."""
    with faults(connection):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def check(connection: dbapi2.Connection, path: Path) -> None:
    """Read every page of the database in `path`, open without a log beside it.

    Raises `EnvironmentFault`: store_damaged (a copy was kept; the detail `copy` names it), evidence_damaged.
    """
    if not is_whole(connection):
        raise _damaged(path)


def is_whole(connection: dbapi2.Connection) -> bool:
    """Whether every page has its seal, and all of them make a database. Raises dbapi2.Error where none is found."""
    return not connection.execute("PRAGMA cipher_integrity_check").fetchall() and connection.execute(
        "PRAGMA quick_check(1)"
    ).fetchall() == [("ok",)]


def pages(connection: dbapi2.Connection) -> int:
    """How many pages the database has."""
    return int(connection.execute("PRAGMA page_count").fetchone()[0])


@contextmanager
def faults(place: Path | dbapi2.Connection) -> Iterator[None]:
    """Errors become faults. What one statement reads is of one state, and needs no more than this."""
    try:
        yield
    except dbapi2.Error as error:
        raise _fault(error, _path(place)) from error
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "store_folder_unwritable"
        raise EnvironmentFault(code, folder=str(_path(place).parent)) from error


def _path(place: Path | dbapi2.Connection) -> Path:
    return place if isinstance(place, Path) else Path(place.execute("PRAGMA database_list").fetchone()[2])


def _fault(error: Exception, path: Path) -> Exception:
    said = str(error)
    folder = str(path.parent)
    if "full" in said or "disk I/O" in said:
        return EnvironmentFault("disk_full", folder=folder)
    if "locked" in said or "busy" in said:
        return EnvironmentFault("store_busy", folder=folder)
    if "unable to open" in said or "readonly" in said:
        return EnvironmentFault("store_folder_unwritable", folder=folder)
    if "not a database" in said or "malformed" in said or "file is encrypted" in said:
        return _damaged(path)
    return error


def _damaged(path: Path) -> EnvironmentFault:
    if path.name != FILE_NAME:
        # Large, and no person's words: whoever opened it keeps it as it is.
        return EnvironmentFault("evidence_damaged", folder=str(path.parent))
    try:
        return EnvironmentFault("store_damaged", folder=str(path.parent), copy=str(_keep_copy(path)))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return EnvironmentFault("disk_full", folder=str(path.parent))
        return EnvironmentFault("store_folder_unwritable", folder=str(path.parent))


def _keep_copy(path: Path) -> Path:
    """Keep the damaged file as it was found, under the first free name, before anyone tries anything.

    It is kept once: what begins with the same random salt is the same database.
    """
    for number in range(1, 1000):
        kept = path.with_name(f"soxa-damaged-{number}.db")
        if not kept.exists():
            break
        if salt_at(kept) == salt_at(path):
            return kept
    unfinished = kept.with_name(kept.name + ".part")
    shutil.copy2(path, unfinished)
    log = path.with_name(path.name + "-wal")
    if log.exists():
        shutil.copy2(log, kept.with_name(kept.name + "-wal"))
    return unfinished.replace(kept)


def salt_at(path: Path) -> bytes:
    """The salt at the head of a database, which it keeps for as long as it lives. Raises OSError."""
    with path.open("rb") as file:
        return file.read(_SALT_BYTES)
