"""Migrations: each whole or not at all, recorded with what it did, and repeated without harm."""

from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from sqlcipher3 import dbapi2

from sync.domain.keys import DEADLINE, OWN_UNIT, Key
from sync.protocol.messages import FIRST_RUN, Heal, Origin, Subscription, Verdict, Version
from sync.store import CellState, Store, schema
from sync.store.base import digest_of
from sync.store.connection import FILE_NAME, SCHEMA
from sync.store.healing import checks, is_in_doubt, take_heals
from sync.store.receiving import cursors, take_silence
from sync.store.schema import migrations
from sync.store.sending import outbox, take_receipts
from sync.store.store import UNNAMED
from tests.sync.store.conversation import (
    CELL,
    COMMUNE,
    NOON,
    OF_COMMUNE,
    OTHER,
    QUARTER,
    SECRET,
    THIRD,
    VILLAGE,
    cell,
    forgot,
    head,
    link_at,
    open_store,
    page,
    record,
    take,
    version,
    write,
)
from tests.sync.store.test_base import recomputed


def tables(store: Store) -> list[str]:
    """The store's own tables by name."""
    found = store.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlite%'")
    return sorted(name for (name,) in found)


def test_the_number_that_a_file_carries_is_the_number_of_migrations() -> None:
    assert len(migrations._migrations) == SCHEMA


def test_migrating_again_changes_nothing(store: Store) -> None:
    write(store, "5")
    before = store.db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    schema.migrate(store.db)
    assert store.db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall() == before
    assert store.waiting() == 1


def test_a_file_that_lost_its_number_is_brought_up_to_date_and_keeps_what_it_holds(tmp_path: Path) -> None:
    """A crash between the last migration and the number."""
    store = Store.open(tmp_path, SECRET)
    write(store, "5")
    store.db.execute("PRAGMA user_version = 0")
    store.close()
    store = Store.open(tmp_path, SECRET)
    assert store.waiting() == 1
    assert store.db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    store.close()


def test_a_migration_that_fails_leaves_no_table_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_FIRST_TABLES", (*schema._FIRST_TABLES, "CREATE TABLE change (again)"))
    with pytest.raises(dbapi2.OperationalError):
        Store.open(tmp_path, SECRET)
    assert not (tmp_path / "soxa.db").exists()
    monkeypatch.undo()
    Store.open(tmp_path, SECRET).close()


def test_a_migration_of_an_existing_file_that_fails_leaves_it_as_it_was(store: Store) -> None:
    for (name,) in store.db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        store.db.execute(f"DROP TABLE {name}")
    store.db.execute("CREATE TABLE cursor (in_the_way)")
    with pytest.raises(dbapi2.OperationalError):
        schema.migrate(store.db)
    assert tables(store) == ["cursor"]
    store.db.execute("DROP TABLE cursor")
    schema.migrate(store.db)
    assert store.db.execute("SELECT count(*) FROM change").fetchone() == (0,)


# A store of the first schema

DEVICE = "a" * 20
FORM = Key(DEADLINE, COMMUNE, "village_quarter", QUARTER)


def make_first(folder: Path) -> None:
    """A folder as the first version left it: two changes confirmed, one waiting, one before enrolment, and a base."""
    with closing(dbapi2.connect(str(folder / FILE_NAME), isolation_level=None)) as db:
        db.execute(f"PRAGMA key = \"x'{SECRET.hex()}'\"")
        for statement in schema._FIRST_TABLES:
            db.execute(statement)
        db.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT,"
                   " PRIMARY KEY (migration_set, name))")  # fmt: skip
        db.execute("INSERT INTO _sqlite_migrations VALUES ('store', 'first_tables', '')")
        db.executemany("INSERT INTO meta VALUES (?, ?)", [
            ("device", DEVICE), ("signing_seed", "00" * 32), ("agreed_n", "2"), ("last_receipt", str(NOON)),
            ("scope", VILLAGE),
        ])  # fmt: skip
        for n, key, content, seen, received_at in (
            (1, CELL, "1", [], NOON),
            (2, CELL, "2", [(DEVICE, 1), (OTHER, 4)], NOON),
            (3, cell(2), "3", [], None),
            (UNNAMED, CELL._replace(unit=OWN_UNIT), "9", [], None),
        ):
            db.execute(
                "INSERT INTO change (n, hash, kind, unit, item, period, part, stream, content, seen, author, typed_at,"
                " catalogue, sent_at, received_at, outcome, open) VALUES"
                " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'An', ?, '2026.1', ?, ?, ?, ?)",
                (n, bytes([n]) * 16 if n > 0 else None, *key, COMMUNE, content, msgspec.msgpack.encode(seen), NOON,
                 received_at, received_at, "applied" if received_at else "", received_at is None),
            )  # fmt: skip
        for key, heads, prev in (
            (CELL, [("2", DEVICE, 2), ("7", OTHER, 5)], [(DEVICE, 1)]),
            (FORM, [('{"due":"2026-06-15T17:00+07:00","source":""}', OTHER, 9)], []),
        ):
            old = [
                {"version": (device, n), "content": content, "author": "Bình", "typed_at": NOON, "received_at": NOON}
                for content, device, n in heads
            ]
            db.execute(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, COMMUNE, heads[0][0], msgspec.msgpack.encode(old), msgspec.msgpack.encode(prev), len(heads) > 1),
            )
        db.execute("INSERT INTO cursor VALUES (?, 5, 't')", (COMMUNE,))
        db.execute("PRAGMA user_version = 1")


def test_a_store_of_the_first_schema_opens_and_shows_what_it_showed(tmp_path: Path) -> None:
    make_first(tmp_path)
    store = open_store(tmp_path)
    assert (store.device, store.waiting()) == (DEVICE, 2)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state) == ("2", CellState.RECEIVED)
    assert [(rival.content, rival.versions) for rival in found.rivals] == [("7", (Version(OTHER + FIRST_RUN, 5),))]
    assert store.shown(CELL._replace(unit=OWN_UNIT)) is not None
    assert store.shown(FORM) is not None
    assert [entry.content for entry in store.history(CELL)] == ["2", "1", "7"]
    store.close()


def test_a_store_of_an_earlier_schema_keeps_what_was_lost_and_compares_what_it_read(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    take(store, page(record(head("7"), prev=[version(THIRD, 1)])))
    take(store, page(seq=2, origin=Origin.UNKNOWN, digest=b"not the same"))
    take_heals(store, checks(store), [Heal(0, Verdict.HEALED)])
    (lost,) = store.db.execute("SELECT lost FROM record").fetchone()
    former = msgspec.msgpack.encode((*msgspec.msgpack.decode(lost), True))
    store.db.execute("UPDATE record SET lost = ?", (former,))
    store.db.execute("ALTER TABLE cursor DROP COLUMN ended")
    store.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'ended_readings'")
    store.db.execute("PRAGMA user_version = 3")
    store.close()
    store = open_store(tmp_path)
    assert store.db.execute("SELECT lost FROM record").fetchone() == (lost,)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state) == ("7", CellState.SENT)
    take_silence(store, [], cursors(store))
    assert is_in_doubt(store, OF_COMMUNE)
    store.close()


def test_a_store_of_the_first_schema_keeps_its_log_in_one_chain(tmp_path: Path) -> None:
    make_first(tmp_path)
    store = open_store(tmp_path)
    assert link_at(store, 3) == store.last_link()
    push = outbox(store)
    assert push.after == link_at(store, 2)
    assert [change.version for change in push.changes] == [Version(DEVICE + FIRST_RUN, 3)]
    take_receipts(store, push, forgot())
    again = outbox(store).changes
    assert [change.n for change in again] == [1, 2, 3]
    assert again[1].seen == (Version(DEVICE + FIRST_RUN, 1), Version(OTHER + FIRST_RUN, 4))
    # What is typed from now on is of a branch of its own, and the old comes before it.
    write(store, "4", cell(2))
    assert outbox(store).changes[-1].version == version(DEVICE, 4)
    assert outbox(store).changes[-1].seen == (Version(DEVICE + FIRST_RUN, 3),)
    store.adopt(VILLAGE)
    assert outbox(store).changes[-1].seen == (Version(DEVICE + FIRST_RUN, 2),)
    assert link_at(store, 5) == store.last_link()
    store.close()


def test_a_store_of_the_first_schema_reads_the_streams_anew_and_proves_what_it_has(tmp_path: Path) -> None:
    make_first(tmp_path)
    store = open_store(tmp_path)
    assert cursors(store) == {}
    assert digest_of(store, OF_COMMUNE) == recomputed(store, COMMUNE, VILLAGE)
    assert digest_of(store, Subscription("*", "*")) == recomputed(store, "*", "*")
    assert digest_of(store, OF_COMMUNE).rows == digest_of(store, Subscription("*", "*")).rows == 1
    store.close()


def test_a_store_of_the_first_schema_becomes_as_a_new_one(tmp_path: Path) -> None:
    make_first(tmp_path)
    (tmp_path / "new").mkdir()
    described = []
    for folder in (tmp_path, tmp_path / "new"):
        store = open_store(folder)
        tables = store.db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlite%'"
        ).fetchall()
        described.append({name: store.db.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in tables})
        store.close()
    assert described[0] == described[1]
