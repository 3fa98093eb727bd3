"""The baselines that the benches' ratios refer to, all in one place, each as bare as it can be."""

from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from sync.protocol import codec
from sync.protocol.messages import SyncAnswer


def bare_database(path: Path) -> dbapi2.Connection:
    """An encrypted database with one table of values, set as the store sets its own."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA key = \"x'" + "01" * 32 + "'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (kind, unit, item, period, part, content, author, typed_at, received_at)")
    return connection


def bare_insert(connection: dbapi2.Connection, row: tuple[Any, ...]) -> None:
    """One value, committed."""
    connection.execute("BEGIN")
    connection.execute("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("COMMIT")


def bare_pull(connection: dbapi2.Connection, bodies: list[bytes]) -> None:
    """Decode all answers and put their values away with one executemany."""
    found = [codec.decode(body) for body in bodies]
    records = [record for m in found if isinstance(m, SyncAnswer) for page in m.pages for record in page.records]
    rows = [
        (*r.key, r.heads[0].content, r.heads[0].author, r.heads[0].typed_at, r.heads[0].received_at) for r in records
    ]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
