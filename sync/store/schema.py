"""The store's tables, as migrations. Each runs in a transaction that also records it."""

import sqlite3
import sys
from typing import Final, cast

import msgspec
from sqlcipher3 import dbapi2

# sqlite-utils takes its SQLite from this name; ours must be the one that can open the file.
sys.modules.setdefault("pysqlite3", sys.modules["sqlcipher3"])

from sqlite_utils import Database, Migrations  # noqa: E402

migrations: Final = Migrations("store")


@migrations()
def first_tables(db: Database) -> None:
    """The log of what was typed here, what the centre confirmed, and how far each stream was read."""
    for statement in _FIRST_TABLES:
        db.execute(statement)


_FIRST_TABLES: Final = (
    # n is the change's place in this device's chain; negative, and hash null, while its unit is not known.
    # open: it still bears on what is shown, because it is unconfirmed, or parked and the last of its cell.
    """CREATE TABLE change (
        n INTEGER PRIMARY KEY,
        hash BLOB,
        kind TEXT NOT NULL, unit TEXT NOT NULL, item TEXT NOT NULL, period TEXT NOT NULL, part TEXT NOT NULL,
        stream TEXT NOT NULL,
        content TEXT NOT NULL,
        seen BLOB NOT NULL,
        author TEXT NOT NULL,
        typed_at INTEGER NOT NULL,
        catalogue TEXT NOT NULL,
        sent_at INTEGER,
        received_at INTEGER,
        outcome TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        open INTEGER NOT NULL DEFAULT 1
    )""",
    # Two small indexes instead of one: typing touches the page of one of them only.
    "CREATE INDEX change_open ON change(kind, unit, period, item, part) WHERE open",
    "CREATE INDEX change_closed ON change(kind, unit, period, item, part) WHERE NOT open",
    # contested: more than one head, with different contents.
    """CREATE TABLE record (
        kind TEXT NOT NULL, unit TEXT NOT NULL, item TEXT NOT NULL, period TEXT NOT NULL, part TEXT NOT NULL,
        stream TEXT NOT NULL,
        content TEXT NOT NULL,
        heads BLOB NOT NULL,
        prev BLOB NOT NULL,
        contested INTEGER NOT NULL,
        PRIMARY KEY (kind, unit, period, item, part)
    ) WITHOUT ROWID""",
    "CREATE INDEX record_contested ON record(kind) WHERE contested",
    "CREATE TABLE cursor (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL, token TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


@migrations()
def branches_and_proofs(db: Database) -> None:
    """Versions by branch, several units in one scope, and proofs that the base is the centre's; it is read anew."""
    for statement in _BRANCHES_AND_PROOFS:
        db.execute(statement)
    for n, seen in db.execute("SELECT n, seen FROM change WHERE seen != x'90'").fetchall():
        named = [(device + _FIRST_RUN, number) for device, number in msgspec.msgpack.decode(seen)]
        db.execute("UPDATE change SET seen = ? WHERE n = ?", (msgspec.msgpack.encode(named), n))


_FIRST_RUN: Final = "00000000"
"""The run of everything that was typed before versions named one."""

_BRANCHES_AND_PROOFS: Final = (
    "ALTER TABLE change ADD COLUMN branch TEXT NOT NULL DEFAULT ''",
    f"UPDATE change SET branch = (SELECT value FROM meta WHERE name = 'device') || '{_FIRST_RUN}' WHERE n > 0",
    "DROP TABLE record",
    "DROP TABLE cursor",
    "DELETE FROM meta WHERE name = 'scope'",
    # lost: heads that a restored centre has forgotten, and what they had replaced; empty nearly always.
    """CREATE TABLE record (
        kind TEXT NOT NULL, unit TEXT NOT NULL, item TEXT NOT NULL, period TEXT NOT NULL, part TEXT NOT NULL,
        stream TEXT NOT NULL,
        content TEXT NOT NULL,
        heads BLOB NOT NULL,
        prev BLOB NOT NULL,
        contested INTEGER NOT NULL,
        lost BLOB NOT NULL DEFAULT x'',
        PRIMARY KEY (kind, unit, period, item, part)
    ) WITHOUT ROWID""",
    "CREATE INDEX record_contested ON record(kind) WHERE contested",
    "CREATE INDEX record_lost ON record(kind) WHERE lost != x''",
    """CREATE TABLE cursor (
        root TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, token TEXT NOT NULL,
        PRIMARY KEY (root, stream)
    ) WITHOUT ROWID""",
    # Sums over the records of one stream and unit; total is a number of 32 bytes.
    """CREATE TABLE digest (
        stream TEXT NOT NULL, unit TEXT NOT NULL, count INTEGER NOT NULL, total BLOB NOT NULL,
        PRIMARY KEY (stream, unit)
    ) WITHOUT ROWID""",
    # Ranges of keys that differ from the centre's; low and high are keys in bytes, empty when open.
    """CREATE TABLE doubt (
        root TEXT NOT NULL, stream TEXT NOT NULL, low BLOB NOT NULL, high BLOB NOT NULL,
        PRIMARY KEY (root, stream, low)
    ) WITHOUT ROWID""",
    # The centre's word on what it received, shown to it again when it was restored.
    """CREATE TABLE receipt (
        last_n INTEGER PRIMARY KEY, first_n INTEGER NOT NULL, hash BLOB NOT NULL,
        results BLOB NOT NULL, mac BLOB NOT NULL
    )""",
)


def migrate(connection: dbapi2.Connection) -> None:
    """Bring an older or empty database up to date."""
    migrations.apply(Database(cast(sqlite3.Connection, connection)))
