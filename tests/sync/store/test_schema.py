"""Migrations: each whole or not at all, recorded with what it did, and repeated without harm."""

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from sync.store import Store, schema
from sync.store.connection import SCHEMA
from sync.store.schema import migrations
from tests.sync.store.conversation import SECRET, write


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
    for name in ("change", "record", "cursor", "meta"):
        store.db.execute(f"DROP TABLE {name}")
    store.db.execute("DROP TABLE _sqlite_migrations")
    store.db.execute("CREATE TABLE cursor (in_the_way)")
    with pytest.raises(dbapi2.OperationalError):
        schema.migrate(store.db)
    tables = {name for (name,) in store.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables & {"change", "record", "meta"} == set()
    store.db.execute("DROP TABLE cursor")
    schema.migrate(store.db)
    assert store.db.execute("SELECT count(*) FROM change").fetchone() == (0,)
