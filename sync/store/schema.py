"""The store's tables, as migrations. Each runs in a transaction that also records it."""

import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, cast

import msgspec
from sqlcipher3 import dbapi2

from sync.domain.keys import BROADCAST, Key, is_for_one_unit, stream_of
from sync.protocol import chain
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import FIRST_RUN, Change, Head, Version

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
    """Versions by branch, several units in one scope, and proofs that the base is the centre's.

    The streams are read anew; until then the screens show what they showed.
    """
    for statement in _BRANCHES_AND_PROOFS:
        db.execute(statement)
    _name_branches(db)
    _carry_base(db)


def _name_branches(db: Database) -> None:
    """Everything that was typed is of the device's first branch; the chain over it is reckoned anew."""
    rows = db.execute(f"SELECT n, {_LOGGED} FROM change ORDER BY n").fetchall()
    if not rows:
        return
    (device,) = db.execute("SELECT value FROM meta WHERE name = 'device'").fetchone()
    link, branch = chain.root(device), device + FIRST_RUN
    for n, *address, content, seen, author, typed_at, catalogue in rows:
        key, named = Key(*address), _of_first_run(msgspec.msgpack.decode(seen))
        name: tuple[str, bytes | None] = ("", None)
        if n > 0:
            link = chain.link(link, Change(n, branch, key, content, named, author, typed_at, catalogue))
            name = (branch, link.hash)
        db.execute(
            "UPDATE change SET branch = ?, hash = ?, stream = ?, seen = ? WHERE n = ?",
            (*name, stream_of(key), msgspec.msgpack.encode(named), n),
        )


def _carry_base(db: Database) -> None:
    """The records in their new form and streams, and the sums over them."""
    sums: dict[tuple[str, str], Digest] = defaultdict(Digest)
    for *address, old_heads, old_prev in db.execute(f"SELECT {_KEY}, heads, prev FROM record").fetchall():
        key = Key(*address)
        stream = stream_of(key)
        heads = heads_bytes(
            Head(version, head["content"], head["author"], head["typed_at"], head["received_at"])
            for head in msgspec.msgpack.decode(old_heads)
            for version in _of_first_run([head["version"]])
        )
        prev = versions_bytes(_of_first_run(msgspec.msgpack.decode(old_prev)))
        db.execute(
            "UPDATE record SET stream = ?, heads = ?, prev = ?"
            " WHERE kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?",
            (stream, heads, prev, *key),
        )
        bucket = (stream, key.unit if is_for_one_unit(stream) else BROADCAST)
        sums[bucket] = sums[bucket].with_row(row_hash(key, heads, prev))
    for bucket, total in sums.items():
        db.execute("INSERT INTO digest VALUES (?, ?, ?, ?)", (*bucket, total.rows, total.total_bytes()))


def _of_first_run(versions: Iterable[tuple[str, int]]) -> tuple[Version, ...]:
    """Versions that were named by their device alone."""
    return tuple(Version(device + FIRST_RUN, n) for device, n in versions)


_KEY: Final = "kind, unit, item, period, part"
_LOGGED: Final = f"{_KEY}, content, seen, author, typed_at, catalogue"
_BRANCHES_AND_PROOFS: Final = (
    "ALTER TABLE change ADD COLUMN branch TEXT NOT NULL DEFAULT ''",
    "DROP TABLE cursor",
    "DELETE FROM meta WHERE name = 'scope'",
    # lost: heads that a restored centre has forgotten, and what they had replaced; empty nearly always.
    "ALTER TABLE record ADD COLUMN lost BLOB NOT NULL DEFAULT x''",
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


@migrations()
def journal_of_syncs(db: Database) -> None:
    """What each sync moved, for a person who asks why something has not arrived."""
    db.execute(
        """CREATE TABLE journal (
            n INTEGER PRIMARY KEY,
            at INTEGER NOT NULL, took_ms INTEGER NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL,
            up_bytes INTEGER NOT NULL, down_bytes INTEGER NOT NULL, fault TEXT NOT NULL, times INTEGER NOT NULL
        )"""
    )


@migrations()
def ended_readings(db: Database) -> None:
    """Whether each stream was read to its end, and lost heads without a mark of whether they were asked about.

    Of what was read before, nobody knows: it is compared once.
    """
    db.execute("ALTER TABLE cursor ADD COLUMN ended INTEGER NOT NULL DEFAULT 0")
    for *address, lost in db.execute(f"SELECT {_KEY}, lost FROM record WHERE lost != x''").fetchall():
        heads, prev, *_ = msgspec.msgpack.decode(lost)
        db.execute(
            "UPDATE record SET lost = ? WHERE kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?",
            (msgspec.msgpack.encode((heads, prev)), *address),
        )


@migrations()
def files_in_the_journal(db: Database) -> None:
    """What went and came by hand stands among the syncs: which way, and by what file."""
    for column in ("way", "file"):
        db.execute(f"ALTER TABLE journal ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


@migrations()
def late_receipts(db: Database) -> None:
    """The centre's word on each change that took effect after it had been parked: the receipt of its push says less."""
    db.execute("CREATE TABLE late_receipt (n INTEGER PRIMARY KEY, hash BLOB NOT NULL, mac BLOB NOT NULL)")


def migrate(connection: dbapi2.Connection) -> None:
    """Bring an older or empty database up to date."""
    migrations.apply(Database(cast(sqlite3.Connection, connection)))
