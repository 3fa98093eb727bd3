"""Opening the encrypted file, its transactions, and SQLite's errors as faults that a person can be told."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault

FILE_NAME: Final = "soxa.db"
SCHEMA: Final = 1
"""How many migrations `schema` has; the file carries the number so that an ordinary start need not look."""


def connect(folder: Path, key: bytes) -> dbapi2.Connection:
    """Open, or make, the folder's database with a raw 32-byte `key`.

    Raises `EnvironmentFault`: store_damaged (a copy was kept; the detail `copy` names it), store_newer,
    store_folder_unwritable, disk_full.
    """
    path = folder / FILE_NAME
    with _faults(path):
        folder.mkdir(parents=True, exist_ok=True)
        connection = dbapi2.connect(str(path), isolation_level=None, timeout=10, cached_statements=256)
    try:
        with _faults(path):
            _prepare(connection, key)
    except EnvironmentFault as fault:
        connection.close()
        if fault.code == "store_damaged":
            fault.details["copy"] = _copy(path)
        raise
    return connection


def _prepare(connection: dbapi2.Connection, key: bytes) -> None:
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16000")
    # The worker empties the log between syncs; a person typing pays for it only if the worker could not.
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > SCHEMA:
        raise EnvironmentFault("store_newer", found=found, known=SCHEMA)
    if found < SCHEMA:
        # Only here: a start that finds nothing to do does not pay for the import.
        from sync.store import schema

        schema.migrate(connection)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def writing(connection: dbapi2.Connection) -> Iterator[dbapi2.Connection]:
    """One transaction. All of it is durable when this ends, or nothing of it happened.

    Raises `EnvironmentFault`: disk_full, store_busy, store_damaged.
    """
    with _faults(None):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def reading() -> Iterator[None]:
    """SQLite's errors while reading, as faults."""
    with _faults(None):
        yield


@contextmanager
def _faults(path: Path | None) -> Iterator[None]:
    try:
        yield
    except dbapi2.Error as error:
        raise _fault(error, path) from error
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "store_folder_unwritable"
        raise EnvironmentFault(code, folder=str(path.parent) if path else "") from error


def _fault(error: dbapi2.Error, path: Path | None) -> Exception:
    said = str(error)
    folder = str(path.parent) if path else ""
    if "full" in said or "disk I/O" in said:
        return EnvironmentFault("disk_full", folder=folder)
    if "locked" in said or "busy" in said:
        return EnvironmentFault("store_busy", folder=folder)
    if "unable to open" in said or "readonly" in said:
        return EnvironmentFault("store_folder_unwritable", folder=folder)
    if "not a database" in said or "malformed" in said or "file is encrypted" in said:
        return EnvironmentFault("store_damaged", folder=folder)
    return error


def _copy(path: Path) -> str:
    """Keep the damaged file as it was found, under the first free name, before anyone tries anything."""
    for number in range(1, 1000):
        kept = path.with_name(f"soxa-damaged-{number}.db")
        if not kept.exists():
            break
        if kept.stat().st_size == path.stat().st_size and kept.read_bytes() == path.read_bytes():
            return str(kept)
    shutil.copy2(path, kept)
    log = Path(f"{path}-wal")
    if log.exists():
        shutil.copy2(log, f"{kept}-wal")
    return str(kept)
