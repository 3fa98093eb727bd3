"""The centre's database file: how it is opened and brought up to date, and how a transaction begins."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import DatabaseError, OperationalError

from sync.central import tables
from sync.central.migrations import MIGRATIONS
from sync.domain.errors import EnvironmentFault

FILE: Final = "centre.db"
CONNECTIONS: Final = 8

_BUSY_TIMEOUT_MS: Final = 30_000


class Database:
    """Gives transactions. Its threads take turns to write; other processes wait for SQLite's own lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite waits by sleeping ever longer: eight writers in line took a third of the time.
        self._turn = Lock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the right to write from its first moment, committed at the end."""
        options = {"writing": True}
        with self._turn, self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database from its first read to its end."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self._engine.dispose()


def open_database(folder: Path, now: int, *, create: bool = False) -> Database:
    """The database in `folder`, brought up to date; an empty one only where it may be created.

    Raises EnvironmentFault: store_damaged, store_newer or store_folder_unwritable; the file is then left as it is.
    """
    file = folder / FILE
    if not create and file.exists() and file.stat().st_size == 0:
        raise EnvironmentFault("store_damaged", file=str(file))
    engine = create_engine(
        URL.create("sqlite", database=str(file)), pool_size=CONNECTIONS, max_overflow=3, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    database = Database(engine)
    try:
        with database.writing() as connection:
            _migrate(connection, file, now, create=create)
    except OperationalError as error:
        database.close()
        raise EnvironmentFault("store_folder_unwritable", folder=str(folder)) from error
    except DatabaseError as error:
        database.close()
        raise EnvironmentFault("store_damaged", file=str(file)) from error
    except EnvironmentFault:
        database.close()
        raise
    return database


def _migrate(connection: Connection, file: Path, now: int, *, create: bool) -> None:
    done: set[str] = set()
    if inspect(connection).has_table(tables.migration.name):
        done.update(connection.scalars(select(tables.migration.c.name)))
    if not done and not create:
        raise EnvironmentFault("store_damaged", file=str(file))
    if done - {name for name, _ in MIGRATIONS}:
        raise EnvironmentFault("store_newer", file=str(file))
    for name, change in MIGRATIONS:
        if name not in done:
            change(connection)
            connection.execute(insert(tables.migration), {"name": name, "at": now})


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    # Transactions are begun by _begin: the driver's own would start too late, at the first write.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could be refused in between; this one waits at the door.
    writes = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
