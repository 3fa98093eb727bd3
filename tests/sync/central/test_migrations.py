"""Migrations: a centre that was made by the first version opens, and keeps every change, record and device."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any, Final

import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import inspect, select

from sync.central import tables
from sync.central.centre import Centre, make_centre
from sync.central.database import FILE, open_database
from sync.central.keys import centre_id, make_key
from sync.central.migrations import MIGRATIONS
from sync.central.register import Register
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import BROADCAST, DEADLINE, DEVICE, UNIT, VALUE, Key
from sync.protocol import chain
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import FIRST_RUN, Change, Subscription, Version
from tests.sync.central.conftest import COMMUNE, FORM, PERIOD, UNITS, VILLAGE, Clock, Device, value_key

Reopen = Callable[..., Centre]

FIRST_TABLES: Final = """
CREATE TABLE migration (name TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (name));
CREATE TABLE stream (
    province_code TEXT NOT NULL, stream TEXT NOT NULL, seq BIGINT NOT NULL, token TEXT NOT NULL,
    PRIMARY KEY (province_code, stream)
) WITHOUT ROWID;
CREATE TABLE commit_token (
    province_code TEXT NOT NULL, stream TEXT NOT NULL, seq BIGINT NOT NULL, token TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (province_code, stream, seq)
) WITHOUT ROWID;
CREATE TABLE change (
    province_code TEXT NOT NULL, device TEXT NOT NULL, n BIGINT NOT NULL, hash BLOB NOT NULL,
    kind TEXT NOT NULL, unit TEXT NOT NULL, item TEXT NOT NULL, period TEXT NOT NULL, part TEXT NOT NULL,
    content TEXT NOT NULL, seen BLOB NOT NULL, author TEXT NOT NULL, typed_at BIGINT NOT NULL,
    catalogue TEXT NOT NULL, received_at BIGINT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (province_code, device, n)
) WITHOUT ROWID;
CREATE TABLE record (
    province_code TEXT NOT NULL, stream TEXT NOT NULL,
    kind TEXT NOT NULL, unit TEXT NOT NULL, item TEXT NOT NULL, period TEXT NOT NULL, part TEXT NOT NULL,
    seq BIGINT NOT NULL, sensitivity TEXT NOT NULL, device TEXT NOT NULL, n BIGINT NOT NULL, content TEXT NOT NULL,
    author TEXT NOT NULL, typed_at BIGINT NOT NULL, received_at BIGINT NOT NULL,
    rivals BLOB NOT NULL, prev BLOB NOT NULL,
    PRIMARY KEY (province_code, stream, kind, unit, item, period, part)
) WITHOUT ROWID;
CREATE INDEX record_feed ON record (province_code, stream, seq);
CREATE TABLE device (
    province_code TEXT NOT NULL, device TEXT NOT NULL, public_key BLOB NOT NULL, unit TEXT NOT NULL,
    person TEXT NOT NULL, computer TEXT NOT NULL, enrolled_at BIGINT NOT NULL, revoked_at BIGINT,
    last_n BIGINT NOT NULL, last_hash BLOB NOT NULL,
    PRIMARY KEY (province_code, device)
);
CREATE TABLE enrolment_code (
    province_code TEXT NOT NULL, hash BLOB NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
    expires_at BIGINT NOT NULL, used_by TEXT NOT NULL,
    PRIMARY KEY (province_code, hash)
);
"""

KEYS: Final = [SigningKey(bytes([number]) * 32) for number in range(1, 4)]
VILLAGE_PC, COMMUNE_PC, REVOKED = names = [chain.device_id(bytes(key.verify_key)) for key in KEYS]
CELL: Final = value_key(VILLAGE)
SENSITIVE: Final = value_key(VILLAGE, "ct14")
DUE: Final = Key(DEADLINE, COMMUNE, FORM, PERIOD)
CODE: Final = bytes(range(32))

Typed = tuple[str, int, Key, str, list[tuple[str, int]], str, str]


def typed(centre: str) -> list[Typed]:
    """Device, number, key, content, what it had seen, outcome and reason of every change."""
    return [
        *((centre, n, Key(UNIT, unit.key), unit.content(), [], "applied", "") for n, unit in enumerate(UNITS, 1)),
        (centre, len(UNITS) + 1, DUE, '{"due":"2026-06-15T17:00+07:00","source":""}', [], "applied", ""),
        (VILLAGE_PC, 1, CELL, "1", [], "applied", ""),
        (VILLAGE_PC, 2, CELL, "2", [(VILLAGE_PC, 1)], "applied", ""),
        (VILLAGE_PC, 3, SENSITIVE, "5", [], "applied", ""),
        (VILLAGE_PC, 4, value_key(VILLAGE, "later"), "6", [], "parked", "unknown_indicator"),
        (COMMUNE_PC, 1, CELL, "3", [(VILLAGE_PC, 1)], "conflict", ""),
    ]


def insert(db: Any, table: str, *row: object) -> None:
    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' for _ in row)})", row)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A centre's folder as the first version left it."""
    folder = tmp_path / "first"
    folder.mkdir()
    centre = centre_id(key := make_key(folder))
    changes = typed(centre)
    with closing(connect(folder / FILE)) as db, db:
        db.executescript(FIRST_TABLES)
        insert(db, "migration", "first_tables", 0)
        for stream, seq in ((BROADCAST, 3), (COMMUNE, 7)):
            insert(db, "stream", "48", stream, seq, f"{stream}{seq}")
            insert(db, "commit_token", "48", stream, seq, f"{stream}{seq}", 0)
        for device, n, cell, content, seen, outcome, reason in changes:
            written = msgspec.msgpack.encode(seen) if seen else b""
            insert(db, "change", "48", device, n, bytes([n]) * 16, *cell, content, written, "An", 100 + n, "1", 200,
                   outcome, reason)  # fmt: skip
        for stream, seq, cell, sensitivity, device, n, content, rivals, prev in (
            *((BROADCAST, 1, Key(UNIT, unit.key), "", centre, n, unit.content(), [], [])
              for n, unit in enumerate(UNITS, 1)),
            (COMMUNE, 2, DUE, "", centre, len(UNITS) + 1, changes[len(UNITS)][3], [], []),
            (COMMUNE, 7, CELL, "public", VILLAGE_PC, 2, "2", [(COMMUNE_PC, 1, "3", "An", 101, 200)], [(VILLAGE_PC, 1)]),
            (COMMUNE, 5, SENSITIVE, "sensitive", VILLAGE_PC, 3, "5", [], []),
        ):  # fmt: skip
            insert(db, "record", "48", stream, *cell, seq, sensitivity, device, n, content, "An", 100 + n, 200,
                   msgspec.msgpack.encode(rivals) if rivals else b"",
                   msgspec.msgpack.encode(prev) if prev else b"")  # fmt: skip
        insert(db, "device", "48", centre, bytes(key.verify_key), "48", "Trung tâm", "", 0, None, len(UNITS) + 1, b"x")
        for signing, name, unit, last_n in zip(KEYS, names, (VILLAGE, COMMUNE, VILLAGE), (4, 1, 0), strict=True):
            revoked_at = 300 if name == REVOKED else None
            insert(db, "device", "48", name, bytes(signing.verify_key), unit, "An", "PC", 50, revoked_at, last_n, b"x")
        insert(db, "enrolment_code", "48", CODE, VILLAGE, "An", 9, VILLAGE_PC)
    return folder


def pc(centre: Centre, number: int, unit: str) -> Device:
    """A device of the first version, with all that it had typed, after it was brought up to date itself."""
    found = Device(centre, unit, KEYS[number], run=FIRST_RUN, is_known=True)
    for device, n, key, content, seen, *_ in typed(""):
        if device == found.name:
            named = tuple(Version(other + FIRST_RUN, number) for other, number in seen)
            found.log.append(Change(n, device + FIRST_RUN, key, content, named, "An", 100 + n, "1"))
    return found


def test_every_change_and_record_is_there(first: Path, reopened: Reopen) -> None:
    centre = reopened(first)
    with centre.database.reading() as connection:
        columns = tables.change.c
        rows = connection.execute(
            select(columns.device, columns.n, columns.branch, columns.content, columns.outcome).where(
                columns.kind != DEVICE
            )
        ).all()
    own = centre_id(centre.key)
    expected = [
        (device, n, device + FIRST_RUN, content, outcome) for device, n, _, content, _, outcome, _ in typed(own)
    ]
    assert sorted(rows) == sorted(expected)
    province = Device(centre, "48")
    province.pull()
    assert [(head.content, head.version) for head in province.base[CELL].heads] == [
        ("2", Version(VILLAGE_PC + FIRST_RUN, 2)),
        ("3", Version(COMMUNE_PC + FIRST_RUN, 1)),
    ]
    assert province.base[CELL].prev == (Version(VILLAGE_PC + FIRST_RUN, 1),)
    assert province.base[SENSITIVE].heads[0].content == "5"
    assert {key.unit for key in province.base if key.kind == UNIT} == {unit.key for unit in UNITS}


def test_deadlines_are_for_all_now(first: Path, reopened: Reopen) -> None:
    elsewhere = Device(reopened(first), "48.D01")
    elsewhere.pull()
    assert DUE in elsewhere.base


def test_the_sums_are_those_of_the_records(first: Path, reopened: Reopen) -> None:
    province = Device(reopened(first), "48")
    digests = {page.subscription: page.digest for page in province.ask().pages}
    total = Digest()
    for key, record in province.base.items():
        if key.kind == VALUE:
            total = total.with_row(row_hash(key, heads_bytes(record.heads), versions_bytes(record.prev)))
    assert digests[Subscription("48", COMMUNE)] == total.brief()


def test_a_device_goes_on_where_it_was_and_may_replay_all(first: Path, reopened: Reopen) -> None:
    village = pc(reopened(first), 0, VILLAGE)
    village.run = "5eed0001"
    last = village.type(CELL, "4", (Version(VILLAGE_PC + FIRST_RUN, 2), Version(COMMUNE_PC + FIRST_RUN, 1)))
    assert village.ask(village.push(5)).held == village.link(5)
    assert [head.version for head in village.base[CELL].heads] == [last]
    again = village.ask(village.push())
    assert (again.held, [result.n for result in again.results]) == (village.link(5), [4])


def test_devices_stay_what_they_were_and_are_decided_of_once(first: Path, reopened: Reopen) -> None:
    centre = reopened(first)
    assert {(each.device, each.units, each.revoked_at, each.last_n) for each in centre.enrolment.devices()} >= {
        (VILLAGE_PC, (VILLAGE,), None, 4),
        (COMMUNE_PC, (COMMUNE,), None, 1),
        (REVOKED, (VILLAGE,), 300, 0),
    }
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        pc(centre, 2, VILLAGE).ask()
    decided = [change for change in Register(first).after(0) if change.key.kind == DEVICE]
    assert {change.key.item for change in decided} == set(names)
    assert [CODE.hex() in change.content for change in decided].count(True) == 1
    centre.close()
    reopened(first)
    assert len([change for change in Register(first).after(0) if change.key.kind == DEVICE]) == len(names)


def test_a_catalogue_that_knows_more_may_give_an_old_change_its_effect(first: Path, reopened: Reopen) -> None:
    """What was parked before stays parked, and is still tried."""
    centre = reopened(first)
    with centre.database.reading() as connection:
        reasons = connection.scalars(select(tables.change.c.reason).where(tables.change.c.outcome == "parked")).all()
    assert reasons == ["unknown_indicator"]


def test_an_old_centre_becomes_as_a_new_one(first: Path, reopened: Reopen, tmp_path: Path, clock: Clock) -> None:
    make_centre(tmp_path / "new", "48", clock)
    described = []
    for folder in (first, tmp_path / "new"):
        with reopened(folder).database.reading() as connection:
            found = inspect(connection)
            described.append(
                {
                    name: (
                        {column["name"] for column in found.get_columns(name)},
                        found.get_pk_constraint(name)["constrained_columns"],
                        {index["name"] for index in found.get_indexes(name)},
                    )
                    for name in found.get_table_names()
                }
            )
    assert described[0] == described[1]


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    first: Path, reopened: Reopen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("sync.central.migrations._carry_records", fail)
    with pytest.raises(RuntimeError):
        open_database(first, 0)
    monkeypatch.undo()
    assert len(reopened(first).enrolment.devices()) == 4


def test_a_new_database_has_every_migration_behind_it(tmp_path: Path) -> None:
    database = open_database(tmp_path, 0, create=True)
    with database.reading() as connection:
        assert set(connection.scalars(select(tables.migration.c.name))) == {name for name, _ in MIGRATIONS}
    database.close()


def test_what_was_overtaken_is_reckoned_from_the_log(centre: Centre, reopened: Reopen) -> None:
    """As it would have been remembered from the first change on."""
    village, commune = Device(centre, VILLAGE), Device(centre, COMMUNE)
    unknown = Version(commune.name + "0ddba110", 7)
    parked = village.type(CELL, "not a value", (unknown,))
    behind = village.type(CELL, "nor this", (parked,))
    village.type(CELL, "1", (behind,))
    commune.type(CELL, "nor that", (Version(village.name + village.run, 9),))
    commune.type(CELL, "2", (Version(village.name + village.run, 3),))
    for each in (village, commune):
        each.ask(each.push())
    query = select(tables.overtaken).order_by(*tables.overtaken.c)
    with centre.database.writing() as connection:
        before = connection.execute(query).all()
        assert [(row.branch, row.n) for row in before if row.branch == village.name + village.run] == [
            (village.name + village.run, 1),
            (village.name + village.run, 2),
        ]
        assert len(before) == 3
        tables.overtaken.drop(connection)
        connection.execute(tables.migration.delete().where(tables.migration.c.name == "overtaken"))
    centre.close()
    with reopened(centre.folder).database.reading() as connection:
        assert connection.execute(query).all() == before


def test_sums_are_reckoned_anew_by_class_and_nobody_has_said_who_uses_a_device(
    centre: Centre, reopened: Reopen
) -> None:
    village = Device(centre, VILLAGE)
    for item in ("ct01", "ct14"):
        village.type(value_key(VILLAGE, item), "1")
    village.ask(village.push())
    query = select(tables.digest).order_by(*tables.digest.c)
    with centre.database.writing() as connection:
        before = connection.execute(query).all()
        assert {row.sensitivity for row in before if row.unit == VILLAGE} == {"public", "sensitive"}
        connection.exec_driver_sql("DROP TABLE digest")
        connection.exec_driver_sql(
            "CREATE TABLE digest (province_code VARCHAR, stream VARCHAR, unit VARCHAR, count BIGINT, total BLOB,"
            " PRIMARY KEY (province_code, stream, unit)) WITHOUT ROWID"
        )
        connection.exec_driver_sql("ALTER TABLE device DROP COLUMN rights")
        connection.execute(tables.migration.delete().where(tables.migration.c.name == "rights"))
    centre.close()
    again = reopened(centre.folder)
    with again.database.reading() as connection:
        assert connection.execute(query).all() == before
    assert again.staff.people_of_devices() == {}
    village.centre = again
    assert village.ask().held == village.link(2)
