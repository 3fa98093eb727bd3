"""What the centre decided, beside its key: it outlives a database that is put back from a copy."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import event, select

from sync.central import tables
from sync.central.arrivals import MAX_LETTERS
from sync.central.centre import Centre
from sync.central.register import FILE, TORN, Register
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, DEADLINE, TASK, UNIT, Key
from sync.domain.units import Unit, UnitKind
from sync.domain.workflow import CLOSED
from sync.protocol.messages import Change, EnrolRequest
from sync.protocol.version import PROTOCOL
from tests.sync.central.conftest import COMMUNE, FORM, PERIOD, VILLAGE, Device, value_key

Reopen = Callable[..., Centre]
NEW_VILLAGE = f"{COMMUNE}.009"
NEW_UNIT = (Key(UNIT, NEW_VILLAGE), Unit(NEW_VILLAGE, UnitKind.VILLAGE, "Thôn Mới").content())


def change(n: int, content: str = "1") -> Change:
    return Change(n, "a" * 28, Key(UNIT, "48"), content, (), "Trung tâm", n, "1")


# The file


def test_an_empty_folder_has_an_empty_register(tmp_path: Path) -> None:
    register = Register(tmp_path)
    assert (register.last_n(), register.after(0)) == (0, [])
    assert not (tmp_path / FILE).exists()


def test_what_is_kept_is_read_in_order_and_from_any_number(tmp_path: Path) -> None:
    Register(tmp_path).append([change(1), change(2, '"dòng\\n hai 🌾"')])
    Register(tmp_path).append([change(3)])
    register = Register(tmp_path)
    assert register.last_n() == 3
    assert register.after(0) == [change(1), change(2, '"dòng\\n hai 🌾"'), change(3)]
    assert register.after(2) == [change(3)]
    assert register.after(3) == []


def test_a_torn_last_line_counts_for_nothing_and_swallows_nothing(tmp_path: Path) -> None:
    """The power went in the middle: every length that the last line can have."""
    register = Register(tmp_path)
    register.append([change(1)])
    whole = (tmp_path / FILE).read_bytes()
    register.append([change(2), change(3)])
    both = (tmp_path / FILE).read_bytes()
    for length in range(len(whole), len(both)):
        (tmp_path / FILE).write_bytes(both[:length])
        assert (register.last_n(), register.after(0)) == (1, [change(1)])
        torn = both[len(whole) : length]
        register.append([change(2, '"lại"')])
        assert register.after(0) == [change(1), change(2, '"lại"')]
        if torn:
            assert (tmp_path / TORN).read_bytes().endswith(torn + b"\n")


@pytest.mark.parametrize("left", [b"\0" * 40 + b"\n", b'[{"n":2,"branch"\0\0\0}]\n', b"\xff", b"\n"])
def test_a_last_line_whose_middle_never_came_to_the_disk_is_set_aside_and_said(
    tmp_path: Path, left: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    register = Register(tmp_path)
    register.append([change(1)])
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole + left)
    assert (register.last_n(), register.after(0)) == (1, [change(1)])
    register.check()
    assert (tmp_path / FILE).read_bytes() == whole
    assert (tmp_path / TORN).read_bytes() == left + b"\n"
    assert str(tmp_path / TORN) in caplog.text
    register.check()
    assert (tmp_path / TORN).read_bytes() == left + b"\n"
    register.append([change(2)])
    assert register.after(0) == [change(1), change(2)]


def test_a_full_disk_keeps_nothing_of_a_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = Register(tmp_path)
    register.append([change(1)])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        register.append([change(2), change(3)])
    monkeypatch.undo()
    assert register.after(0) == [change(1)]


@pytest.mark.parametrize("damage", [b"<html>", b"{}", b"[1]", b"\xff", b"", b"[]"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_damaged_line_in_front_of_a_whole_one_is_refused_and_left_as_it_is(
    tmp_path: Path, damage: bytes, place: int
) -> None:
    register = Register(tmp_path)
    for n in (1, 2, 3):
        register.append([change(n)])
    lines = (tmp_path / FILE).read_bytes().splitlines()
    lines[place] = damage
    content = b"\n".join(lines) + b"\n"
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(EnvironmentFault) as caught:
        register.check()
    assert (caught.value.code, caught.value.details["line"]) == ("register_damaged", place + 1)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_line_that_was_taken_out_or_put_elsewhere_is_missed(tmp_path: Path) -> None:
    register = Register(tmp_path)
    for n in (1, 2, 3):
        register.append([change(n)])
    first, second, third = (tmp_path / FILE).read_bytes().splitlines(keepends=True)
    for left in (first + third, second + third, first + third + second, first + second + second):
        (tmp_path / FILE).write_bytes(left)
        with pytest.raises(EnvironmentFault, match="register_damaged"):
            register.check()


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    Register(tmp_path).append([change(1)])
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


# With a database


@pytest.fixture
def restore(centre: Centre, tmp_path: Path, reopened: Reopen) -> Callable[[], Centre]:
    """Keeps the database as it is now; what it gives opens that beside the key and the register of that moment."""
    folder = tmp_path / "restored"
    shutil.copytree(centre.folder, folder)

    def put_back() -> Centre:
        shutil.copy(centre.folder / FILE, folder / FILE)
        return reopened(folder)

    return put_back


def own_changes(centre: Centre) -> list[tuple[int, str]]:
    with centre.database.reading() as connection:
        columns = tables.change.c
        query = select(columns.n, columns.content).where(columns.author != "Nguyễn Văn An").order_by(columns.n)
        return [(n, content) for n, content in connection.execute(query)]


def test_every_decision_is_in_the_register(centre: Centre) -> None:
    centre.repository.decide([NEW_UNIT], "admin")
    centre.enrolment.make_code(VILLAGE, "An", 7)
    kept = Register(centre.folder).after(0)
    assert [(each.n, each.content) for each in kept] == own_changes(centre)
    assert kept[-1].key == NEW_UNIT[0]


def test_a_restored_database_is_given_what_was_decided_since(centre: Centre, restore: Callable[[], Centre]) -> None:
    decided = [
        NEW_UNIT,
        (Key(DEADLINE, COMMUNE, FORM, PERIOD), '{"due":"2026-06-15T17:00+07:00","source":""}'),
        (Key(TASK, COMMUNE, "t1", "", "content"), '"việc"'),
        (Key(CLOSING, COMMUNE, FORM, "A2026Q1"), CLOSED),
    ]
    for each in decided:
        centre.repository.decide([each], "admin")
    before = own_changes(centre)
    restored = restore()
    assert own_changes(restored) == before
    assert NEW_VILLAGE in restored.repository.units()
    province = Device(restored, "48")
    province.pull()
    assert {key: province.base[key].heads[0].content for key, _ in decided} == dict(decided)


def test_a_decision_after_a_restore_follows_those_before_it(centre: Centre, restore: Callable[[], Centre]) -> None:
    centre.repository.decide([NEW_UNIT], "admin")
    restored = restore()
    assert restored.repository.decide([NEW_UNIT], "admin") == 0
    assert restored.repository.decide([(value_key(NEW_VILLAGE), "5")], "admin") == 1
    kept = Register(restored.folder).after(0)
    assert [each.n for each in kept] == list(range(1, len(kept) + 1))
    assert [(each.n, each.content) for each in kept] == own_changes(restored)


def test_a_register_that_was_lost_is_written_again(centre: Centre, reopened: Reopen) -> None:
    centre.repository.decide([NEW_UNIT], "admin")
    before = Register(centre.folder).after(0)
    for left in (b"", (centre.folder / FILE).read_bytes().splitlines(keepends=True)[0]):
        centre.close()
        (centre.folder / FILE).write_bytes(left)
        centre = reopened(centre.folder)
        assert Register(centre.folder).after(0) == before


def test_a_decision_whose_transaction_was_never_committed_is_done_when_the_centre_opens(
    centre: Centre, reopened: Reopen
) -> None:
    """The power went between the register and the database."""
    last = Register(centre.folder).after(0)[-1]
    torn = Change(last.n + 1, last.branch, *NEW_UNIT, (), "admin", 1, "1")
    centre.close()
    Register(centre.folder).append([torn])
    again = reopened(centre.folder)
    assert NEW_VILLAGE in again.repository.units()
    assert Register(centre.folder).last_n() == torn.n


def test_a_centre_opens_over_a_torn_register_and_not_over_one_that_somebody_changed(
    centre: Centre, reopened: Reopen
) -> None:
    file = centre.folder / FILE
    centre.repository.decide([NEW_UNIT], "admin")
    before = Register(centre.folder).after(0)
    centre.close()
    file.write_bytes(file.read_bytes()[:-9])
    # The database was committed: it has what the line said.
    reopened(centre.folder).close()
    assert Register(centre.folder).after(0) == before
    file.write_bytes(b"<html>\n" + file.read_bytes())
    with pytest.raises(EnvironmentFault, match="register_damaged"):
        reopened(centre.folder)
    # Moved away it is written again.
    file.unlink()
    reopened(centre.folder)
    assert Register(centre.folder).after(0) == before


def test_deciding_reads_what_it_decides_and_not_the_whole_log(centre: Centre) -> None:
    decided = [(value_key(VILLAGE, period=f"A{2000 + n // 4}Q{n % 4 + 1}"), str(n)) for n in range(400)]
    assert centre.repository.decide(decided, "admin") == 400
    asked: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        if "change" in statement and statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    with centre.database.reading() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", note)
    again = [*decided[:5], (decided[5][0], "999"), (value_key(VILLAGE, "ct14"), "1")]
    assert centre.repository.decide(again, "admin") == 2
    event.remove(engine, "before_cursor_execute", note)
    with centre.database.reading() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            steps = [row[3] for row in plan]
            assert not any("SCAN change" in step for step in steps), statement
            if "wanted" in statement:
                assert any("INDEX change_cell" in step or "PRIMARY KEY" in step for step in steps), steps
    assert any("max(n)" in statement for statement, _ in asked)


def test_another_process_finds_what_this_one_decided(centre: Centre, reopened: Reopen) -> None:
    """The server and an administrator's command have one folder."""
    command = reopened(centre.folder)
    command.repository.decide([NEW_UNIT], "admin")
    centre.repository.decide([(value_key(NEW_VILLAGE), "5")], "admin")
    command.repository.decide([(value_key(NEW_VILLAGE, "ct14"), "6")], "admin")
    kept = Register(centre.folder).after(0)
    assert [each.n for each in kept] == list(range(1, len(kept) + 1))


# Devices


def enrol(centre: Centre, key: SigningKey, unit: str = VILLAGE) -> str:
    """Take a device in; its code."""
    code = centre.enrolment.make_code(unit, "An", 7)
    centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), "PC"))
    return code


def test_a_device_that_was_enrolled_since_is_known_after_a_restore(
    centre: Centre, restore: Callable[[], Centre]
) -> None:
    key = SigningKey.generate()
    enrol(centre, key)
    village = Device(restore(), VILLAGE, key, is_known=True)
    village.type(value_key(VILLAGE), "1")
    assert village.ask(village.push()).results == []
    assert village.centre.enrolment.public_key(village.name) == bytes(key.verify_key)


def test_a_code_that_was_used_since_is_not_good_for_another(centre: Centre, reopened: Reopen, tmp_path: Path) -> None:
    key, thief = SigningKey.generate(), SigningKey.generate()
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    shutil.copytree(centre.folder, tmp_path / "restored")
    centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), "PC"))
    shutil.copy(centre.folder / FILE, tmp_path / "restored" / FILE)
    restored = reopened(tmp_path / "restored")
    with pytest.raises(EnvironmentFault, match="code_used"):
        restored.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(thief.verify_key), "PC"))
    assert restored.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), "PC")).unit == VILLAGE


def test_scopes_and_revocations_are_what_was_decided_last(centre: Centre, reopened: Reopen, tmp_path: Path) -> None:
    village, commune, gone = (Device(centre, unit) for unit in (VILLAGE, COMMUNE, VILLAGE))
    shutil.copytree(centre.folder, tmp_path / "restored")
    centre.enrolment.set_scope(village.name, [COMMUNE])
    centre.enrolment.set_scope(commune.name, [])
    centre.enrolment.revoke(gone.name)
    shutil.copy(centre.folder / FILE, tmp_path / "restored" / FILE)
    restored = reopened(tmp_path / "restored")
    assert {each.device: each.units for each in restored.enrolment.devices()}.items() >= {
        village.name: (COMMUNE,),
        commune.name: (),
    }.items()
    gone.centre = restored
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        gone.ask()
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        enrol(restored, gone.key)


def test_more_decisions_than_one_commit_may_bring_are_taken_and_given_back(
    centre: Centre, restore: Callable[[], Centre]
) -> None:
    """A province's villages with their sources, loaded at once, and again into a database that was put back."""
    units = [
        Unit(f"{COMMUNE}.{number:03}", UnitKind.VILLAGE, f"Thôn {number}", source="n" * 1_100)
        for number in range(10, 999)
    ]
    decided = [(Key(UNIT, unit.key), unit.content()) for unit in units]
    assert sum(len(content) for _, content in decided) > MAX_LETTERS
    assert centre.repository.decide(decided, "admin") == len(units)
    assert {unit.key for unit in units} <= set(restore().repository.units())
