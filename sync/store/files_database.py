"""The database of the files: its tables, and what becomes of one that is damaged."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault
from sync.store import connection as file

FILE_NAME: Final = "soxa-files.db"
SCHEMA: Final = 1

_TABLES: Final = (
    # sha256: null while the file is being read in by the process `reader`; here: bytes that lie in the pieces;
    # sent: bytes that the centre said it holds; at_centre: it holds all of them; asked: somebody here wants to have it;
    # fault: why it stays where it is, a code for the translations, until it is tried again.
    """CREATE TABLE file (
        id INTEGER PRIMARY KEY,
        sha256 TEXT UNIQUE,
        reader TEXT NOT NULL DEFAULT '',
        size INTEGER NOT NULL DEFAULT 0,
        here INTEGER NOT NULL DEFAULT 0,
        whole INTEGER NOT NULL DEFAULT 0,
        sent INTEGER NOT NULL DEFAULT 0,
        at_centre INTEGER NOT NULL DEFAULT 0,
        asked INTEGER NOT NULL DEFAULT 0,
        paused INTEGER NOT NULL DEFAULT 0,
        fault TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX file_moving ON file(id) WHERE asked OR (whole AND NOT at_centre)",
    "CREATE TABLE piece (file INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (file, n))",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


def open_files(folder: Path, key: bytes) -> tuple[dbapi2.Connection, Path | None]:
    """Open or make the database, and give the name under which a damaged one was left, if it was.

    Raises `EnvironmentFault`: store_newer, store_folder_unwritable, disk_full.
    """
    path = folder / FILE_NAME
    try:
        return _looked_at(file.open_database(path, key, SCHEMA, _migrate)), None
    except EnvironmentFault as fault:
        if fault.code != "evidence_damaged":
            raise
    aside = _put_aside(path)
    return file.open_database(path, key, SCHEMA, _migrate), aside


def _looked_at(connection: dbapi2.Connection) -> dbapi2.Connection:
    """Whether what it says of every file can be read; the pieces are looked at with their file."""
    try:
        with file.reading(connection):
            connection.execute("SELECT max(here + length(fault)) FROM file").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: dbapi2.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for statement in _TABLES:
        connection.execute(statement)


def _put_aside(path: Path) -> Path:
    """Leave a damaged database, with its log, under the first free name. Raises `EnvironmentFault`."""
    try:
        for number in range(1, 1000):
            kept = path.with_name(f"soxa-files-damaged-{number}.db")
            if not kept.exists():
                break
        for end in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).replace(kept.with_name(kept.name + end))
        return path.replace(kept)
    except OSError as error:
        raise EnvironmentFault("store_folder_unwritable", folder=str(path.parent)) from error
