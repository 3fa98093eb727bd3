"""Administration over a real centre: what is pressed is decided there, and what cannot be done is told."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.admin.acts import Act
from desktop.admin.audit import row_of
from desktop.admin.room import AdminRoom, Reach
from desktop.admin.seen import Entry, Held, entries_of, overview_of
from desktop.feed import Feed
from desktop.today.forms import Forms
from desktop.widgets.rows import Heading, Row, RowsView
from desktop.widgets.words import say
from sync.central.centre import Centre, make_centre, open_centre
from sync.central.members import Membership, key_of
from sync.central.orders import obey
from sync.domain.catalogue import Sensitivity
from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.holidays import Holiday
from sync.domain.keys import CLOSING, DEADLINE, STATUS, UNIT, VALUE, Key
from sync.domain.local_time import VIETNAM, day_at
from sync.domain.rights import Grant, Role
from sync.domain.units import Unit, UnitKind
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, State, Status
from sync.protocol import chain
from sync.protocol.messages import Change, Order, Push, SyncRequest
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Store
from sync.store.calendar import calendar
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, enrol, receive

VILLAGE = f"{COMMUNE.key}.001"
UNITS = (Unit("48", UnitKind.PROVINCE, "Đà Nẵng"), COMMUNE, Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Phú Hòa"))
HERE = "a" * 20
LEFT = Qt.MouseButton.LeftButton
ALL = Reach(COMMUNE.key, COMMUNE.key, COMMUNE.key)
FORM = "village_quarter"


OVERVIEW: Mapping[str, object] = {"people": [], "devices": [], "device_people": {}, "escrow": [], "more": False}


@pytest.fixture
def store(empty: Store) -> Store:
    """The officer's PC, which knows the commune and one village."""
    enrol(empty)
    receive(empty, [(Key(UNIT, unit.key), [unit.content()]) for unit in UNITS])
    return empty


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A centre with the commune, whose officer administers it at this device."""
    make_centre(tmp_path / "centre", "48", NOW.timestamp)
    with closing(open_centre(tmp_path / "centre", catalogue(), NOW.timestamp)) as opened:
        opened.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in UNITS], "admin")
        enrolled(opened, HERE, PERSON, "Máy xã", COMMUNE.key)
        opened.staff.give(PERSON, Role.ADMINISTRATOR, COMMUNE.key, Sensitivity.SENSITIVE)
        yield opened


def enrolled(centre: Centre, device: str, person: str, computer: str, unit: str) -> None:
    membership = Membership("11" * 32, (unit,), person, computer, 0)
    centre.repository.decide([(key_of("48", device), membership.content())], "admin")


@pytest.fixture
def give(centre: Centre) -> Callable[[str, Mapping[str, object]], Any]:
    """Orders as the line brings them, without the line; on whatever thread."""
    numbers = iter(range(1, 10_000))
    lock = threading.Lock()

    def ask(what: str, said: Mapping[str, object]) -> Any:
        with lock:
            order = Order(PROTOCOL, next(numbers), PERSON, what, msgspec.json.encode(said).decode())
            return msgspec.json.decode(obey(centre, HERE, order))

    return ask


@pytest.fixture
def room(store: Store, feed: Feed, give: Callable[..., Any], qtbot: QtBot) -> AdminRoom:
    made = AdminRoom(store, catalogue(), feed, lambda: NOW, ALL, give)
    qtbot.addWidget(made)
    made.resize(1282, 682)
    made.show()
    settled(qtbot, made)
    return made


def settled(qtbot: QtBot, room: AdminRoom) -> None:
    qtbot.waitUntil(lambda: not room._is_busy, timeout=10_000)


def rows(view: RowsView) -> list[Row]:
    model: Any = view.model()
    return [row for row in model.rows if isinstance(row, Row)]


def press(qtbot: QtBot, room: AdminRoom, button: Any) -> None:
    QTest.mouseClick(button, LEFT)
    settled(qtbot, room)


def said(room: AdminRoom) -> str:
    return "\n".join(label.text() for label in room.fault.findChildren(QLabel))


def test_a_role_is_given_shown_and_taken_back(room: AdminRoom, centre: Centre, qtbot: QtBot) -> None:
    page = room.people
    assert not page.give.isEnabled()
    page.person.setText("  Trần Thị Bình ")
    page.role.setCurrentIndex(page.role.findData(Role.VILLAGE_ENTRY))
    assert [page.unit.itemData(place) for place in range(page.unit.count())] == [VILLAGE]
    page.up_to.setCurrentIndex(page.up_to.findData(Sensitivity.SENSITIVE))
    press(qtbot, room, page.give)
    grant = Grant(Role.VILLAGE_ENTRY, VILLAGE, Sensitivity.SENSITIVE)
    assert centre.staff.persons()["Trần Thị Bình"].grants == (grant,)
    assert room.told.text() == say("admin.done.grant")
    held = Held("Trần Thị Bình", "village_entry", VILLAGE, "sensitive")
    assert held in [row.key for row in rows(page.list)]
    page.list.opened.emit(held)
    settled(qtbot, room)
    assert centre.staff.persons()["Trần Thị Bình"].grants == ()
    # Taken back by mistake: once more, by the key of every undo.
    assert room.undo.isVisible()
    room.activateWindow()
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    QTest.keyClick(page.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, room)
    assert centre.staff.persons()["Trần Thị Bình"].grants == (grant,)
    assert not room.undo.isVisible()
    page.list.opened.emit(held)
    settled(qtbot, room)
    assert "Trần Thị Bình" not in [row.key.person for row in rows(page.list) if isinstance(row.key, Held)]
    page.role.setCurrentIndex(page.role.findData(Role.PROVINCE_READING))
    assert not page.give.isEnabled()


def test_the_role_of_an_administrator_is_not_taken_by_one_key(room: AdminRoom, centre: Centre, qtbot: QtBot) -> None:
    centre.staff.give("Lan", Role.ADMINISTRATOR, COMMUNE.key, Sensitivity.INTERNAL)
    press(qtbot, room, room.again)
    page = room.people

    def take(person: str) -> None:
        key = next(
            row.key
            for row in rows(page.list)
            if isinstance(row.key, Held) and (row.key.person, row.key.role) == (person, Role.ADMINISTRATOR)
        )
        assert page.list.choose(key)
        QTest.keyClick(page.list, Qt.Key.Key_Return)
        settled(qtbot, room)

    take("Lan")
    assert room.sure.isVisible()
    assert "Lan" in room.sure.text.text()
    assert centre.staff.persons()["Lan"].grants
    press(qtbot, room, room.sure.yes)
    assert not centre.staff.persons()["Lan"].grants
    # One's own the centre leaves as it is, in words.
    take(PERSON)
    press(qtbot, room, room.sure.yes)
    assert centre.staff.persons()[PERSON].grants
    assert say("errors.role_own.title") in " ".join(label.text() for label in room.fault.findChildren(QLabel))


def test_a_namesake_is_asked_about_and_a_name_is_corrected(room: AdminRoom, centre: Centre, qtbot: QtBot) -> None:
    page = room.people
    page.role.setCurrentIndex(page.role.findData(Role.VILLAGE_ENTRY))
    page.person.setText("Trần Bình")
    assert not page.another.isVisible()
    press(qtbot, room, page.give)
    page.person.setText("trần  bình")
    assert page.another.isVisible()
    assert "Trần Bình" in page.another.text()
    assert "Thôn Phú Hòa" in page.another.text()
    page.another.setChecked(True)
    press(qtbot, room, page.give)
    assert set(centre.staff.persons()) == {PERSON, "Trần Bình", "trần bình (Thôn Phú Hòa)"}
    held = Held("trần bình (Thôn Phú Hòa)", "village_entry", VILLAGE, "internal")
    assert page.list.choose(held)
    assert not page.rename.isEnabled()
    page.name.setText("Trần Bình B")
    press(qtbot, room, page.rename)
    renamed = centre.staff.persons()[held.person]
    assert renamed.name == "Trần Bình B"
    assert "Trần Bình B" in [row.title for row in page.list.model().rows if isinstance(row, Heading)]  # type: ignore[attr-defined]
    press(qtbot, room, room.undo)
    assert centre.staff.persons()[held.person].name == held.person
    # Whoever bears a corrected name is found by it.
    assert page.list.choose(held)
    page.name.setText("Trần Bình B")
    press(qtbot, room, page.rename)
    page.person.setText("Trần Bình B")
    assert page.another.isVisible()
    press(qtbot, room, page.give)
    assert len(centre.staff.persons()) == 3


def test_a_code_for_a_name_that_is_somebodys_asks_whether_it_is_them(
    room: AdminRoom, centre: Centre, qtbot: QtBot
) -> None:
    centre.staff.give("Nguyễn Văn Hoa", Role.VILLAGE_ENTRY, VILLAGE, Sensitivity.INTERNAL)
    enrolled(centre, "b" * 20, "Bình", "Laptop", VILLAGE)
    press(qtbot, room, room.again)
    page = room.computers
    QTest.mouseClick(room.tabs["computers"], LEFT)
    said: list[Act] = []
    page.acted.connect(said.append)
    page.unit.setCurrentIndex(page.unit.findData(VILLAGE))
    page.person.setText("Nguyễn Văn Ho")
    assert not page.another.isVisible()
    page.person.setText("nguyễn văn  hoa")
    assert page.another.isVisible()
    assert "Nguyễn Văn Hoa" in page.another.text()
    assert "Thôn Phú Hòa" in page.another.text()
    press(qtbot, room, page.make)
    assert said[-1].said == {"unit": VILLAGE, "person": "Nguyễn Văn Hoa"}
    assert len(page.code.text()) == 14
    page.another.setChecked(True)
    press(qtbot, room, page.make)
    assert said[-1].said == {"unit": VILLAGE, "person": "nguyễn văn hoa", "is_new": True}
    # Also of whom a computer alone is known.
    page.person.setText("Bình")
    assert page.another.isVisible()
    assert say("admin.people.no_role") in page.another.text()


def test_a_computer_gets_a_code_another_name_and_its_end(room: AdminRoom, centre: Centre, qtbot: QtBot) -> None:
    other = "b" * 20
    enrolled(centre, other, "Bình", "Laptop", VILLAGE)
    press(qtbot, room, room.again)
    page = room.computers
    QTest.mouseClick(room.tabs["computers"], LEFT)
    assert {row.key for row in rows(page.list)} == {HERE, other}
    page.person.setText("Bình")
    press(qtbot, room, page.make)
    assert len(page.code.text()) == 14
    model: Any = page.list.model()
    page.list.setCurrentIndex(model.index_of(other))
    page.name.setText("Máy thôn")
    press(qtbot, room, page.buttons["rename"])
    page.list.setCurrentIndex(model.index_of(other))
    assert page.name.text() == "Máy thôn"
    press(qtbot, room, room.undo)
    page.list.setCurrentIndex(model.index_of(other))
    assert page.name.text() == "Laptop"
    page.name.setText("Máy thôn")
    press(qtbot, room, page.buttons["rename"])
    page.list.setCurrentIndex(model.index_of(other))
    assert not room.sure.isVisible()
    QTest.mouseClick(page.buttons["revoke"], LEFT)
    assert room.sure.isVisible()
    assert "Máy thôn" in room.sure.text.text()
    assert "Bình" in room.sure.text.text()
    QTest.keyClick(room.sure.yes, Qt.Key.Key_Escape)
    assert not room.sure.isVisible()
    assert all(one.revoked_at is None for one in centre.enrolment.devices())
    QTest.mouseClick(page.buttons["revoke"], LEFT)
    press(qtbot, room, room.sure.yes)
    (found,) = [one for one in centre.enrolment.devices() if one.device == other]
    assert (found.computer, found.revoked_at) == ("Máy thôn", int(NOW.timestamp()))
    page.list.setCurrentIndex(model.index_of(other))
    assert not page.buttons["revoke"].isVisible()
    assert not page.buttons["take"].isVisible()
    change = Change(1, other + "00000000", Key(VALUE, VILLAGE, "village_ct01", "A2026Q3"), "5", (), "Bình", 0, "1")
    request = SyncRequest(PROTOCOL, "1", Push(chain.root(other), [change]), {}, 1 << 15)
    centre.repository.push_pull(other, request)
    press(qtbot, room, room.again)
    page.list.setCurrentIndex(model.index_of(other))
    assert rows(page.list)[0].pill == say("admin.computers.held", count=1)
    press(qtbot, room, page.buttons["take"])
    assert room.told.text() == say("admin.done.escrow_take")
    assert rows(page.list)[0].pill != say("admin.computers.held", count=1)


def test_a_village_is_created_renamed_and_closed(
    room: AdminRoom, centre: Centre, store: Store, feed: Feed, qtbot: QtBot
) -> None:
    page = room.units
    QTest.mouseClick(room.tabs["units"], LEFT)
    page.new.setText("Thôn Mới")
    press(qtbot, room, page.buttons["create"])
    made = centre.repository.units()[f"{COMMUNE.key}.002"]
    assert made.name == "Thôn Mới"
    # It comes by the sync, as to everybody.
    feed.changed.emit(ChangeSet(receive(store, [(Key(UNIT, made.key), [made.content()])])))
    assert page.list.count() == 3
    page.list.setCurrentRow(2)
    assert page.name.text() == "Thôn Mới"
    page.name.setText("Thôn Phu Hoa")
    press(qtbot, room, page.buttons["rename"])
    assert say("errors.name_taken.title") in said(room)
    page.name.setText("Thôn Mới Hơn")
    press(qtbot, room, page.buttons["rename"])
    press(qtbot, room, room.undo)
    assert centre.repository.units()[made.key].name == "Thôn Mới"
    page.list.setCurrentRow(2)
    page.last_day.setDate(QDate(2026, 12, 31))
    press(qtbot, room, page.buttons["close"])
    assert "31/12/2026" in room.sure.text.text()
    assert centre.repository.units()[made.key].valid_to is None
    press(qtbot, room, room.sure.yes)
    closed = centre.repository.units()[made.key]
    assert closed.valid_to
    assert closed.valid_to.isoformat() == "2026-12-31"


def test_a_name_that_is_being_typed_outlives_units_that_arrive(room: AdminRoom, store: Store, feed: Feed) -> None:
    QTest.mouseClick(room.tabs["units"], LEFT)
    page = room.units
    page.list.setCurrentRow(1)
    village = next(unit for unit in store.units() if unit.name == page.list.currentItem().text())

    def renamed(name: str) -> None:
        said = [replace(village, name=name).content()]
        feed.changed.emit(ChangeSet(receive(store, [(Key(UNIT, village.key), said)])))

    renamed("Thôn Khác")
    assert page.list.currentItem().text() == page.name.text() == "Thôn Khác"
    page.name.setText("Thôn đang g")
    renamed("Thôn Khác Nữa")
    assert page.list.currentItem().text() == "Thôn Khác Nữa"
    assert page.name.text() == "Thôn đang g"
    page.list.setCurrentRow(0)
    assert page.name.text() == page.list.currentItem().text(), "of another unit its own"


def test_a_commune_is_created_renamed_and_closed_by_the_province_alone(
    room: AdminRoom, centre: Centre, store: Store, feed: Feed, give: Callable[..., Any], qtbot: QtBot
) -> None:
    QTest.mouseClick(room.tabs["units"], LEFT)
    room.units.list.setCurrentRow(0)
    assert room.units.list.currentItem().text() == COMMUNE.name
    assert not room.units.buttons["rename"].isEnabled()
    assert not room.units.buttons["close"].isEnabled()
    assert not room.units.create_commune.isVisible()

    centre.staff.give(PERSON, Role.ADMINISTRATOR, "48", Sensitivity.SENSITIVE)
    of_province = AdminRoom(store, catalogue(), feed, lambda: NOW, Reach("48", "48", "48"), give)
    qtbot.addWidget(of_province)
    of_province.show()
    settled(qtbot, of_province)
    page = of_province.units
    QTest.mouseClick(of_province.tabs["units"], LEFT)
    page.kind.setCurrentIndex(page.kind.findData(UnitKind.WARD))
    page.new_commune.setText("Phường Mới")
    QTest.keyClicks(page.code, "2099x")
    assert page.code.text() == "2099"
    assert not page.create_commune.isEnabled()
    QTest.keyClicks(page.code, "9")
    page.commune_decision.setText("NQ 1")
    press(qtbot, of_province, page.create_commune)
    made = centre.repository.units()["48.20999"]
    assert made == Unit("48.20999", UnitKind.WARD, "Phường Mới", "20999", decision="NQ 1")
    press(qtbot, of_province, page.create_commune)
    assert say("errors.unit_code_taken.title") in said(of_province)
    feed.changed.emit(ChangeSet(receive(store, [(Key(UNIT, made.key), [made.content()])])))
    assert page.code.text() == page.new_commune.text() == ""
    page.commune.setCurrentIndex(page.commune.findData(made.key))
    page.list.setCurrentRow(0)
    page.name.setText("Phường Mới Hơn")
    press(qtbot, of_province, page.buttons["rename"])
    assert centre.repository.units()[made.key].name == "Phường Mới Hơn"
    page.last_day.setDate(QDate(2027, 1, 31))
    press(qtbot, of_province, page.buttons["close"])
    press(qtbot, of_province, of_province.sure.yes)
    assert centre.repository.units()[made.key].valid_to == date(2027, 1, 31)
    page.commune.setCurrentIndex(page.commune.findData(COMMUNE.key))
    page.list.setCurrentRow(0)
    press(qtbot, of_province, page.buttons["close"])
    press(qtbot, of_province, of_province.sure.yes)
    assert say("errors.unit_has_units.title") in said(of_province)
    assert centre.repository.units()[COMMUNE.key].valid_to is None


def tick(room: AdminRoom, *names: str) -> None:
    items = (room.rounds.list.item(place) for place in range(room.rounds.list.count()))
    for item in items:
        item.setCheckState(Qt.CheckState.Checked if item.text() in names else Qt.CheckState.Unchecked)


def deadline(store: Store, unit: str, period: str) -> Deadline | None:
    shown = store.shown(Key(DEADLINE, unit, FORM, period))
    return Deadline.of(shown.content) if shown and shown.content != CLEARED else None


def test_a_round_has_days_of_its_own_and_needs_no_period_and_no_line(room: AdminRoom, store: Store) -> None:
    page = room.rounds
    QTest.mouseClick(room.tabs["rounds"], LEFT)
    page.form.setCurrentIndex(page.form.findData(FORM))
    assert not page.set.isEnabled()
    tick(room, "Thôn Phú Hòa")
    page.period.setCurrentIndex(page.period.findData(""))
    assert page.first.isVisible()
    page.first.setDate(QDate(2026, 12, 10))
    page.last.setDate(QDate(2026, 12, 1))
    assert page.wrong.isVisible()
    assert not page.set.isEnabled()
    page.first.setDate(QDate(2026, 11, 20))
    page.due.setDate(QDate(2026, 12, 3))
    page.source.setText("CV 5")
    QTest.mouseClick(page.set, LEFT)
    assert room.told.text() == say("admin.done.round")
    code = "A20261120-20261201Q"
    due = Deadline(datetime(2026, 12, 3, 17, tzinfo=VIETNAM), "CV 5")
    assert deadline(store, VILLAGE, code) == due
    assert deadline(store, COMMUNE.key, code) is None
    assert "03/12/2026" in page.stands.text()
    # The village finds it on its desk, at once and with no other period in between.
    (asked,) = [one for one in Forms(store, catalogue(), VILLAGE).dues(day_at(NOW)) if one.period.code == code]
    assert (asked.units, asked.due) == ((VILLAGE,), due.due)
    QTest.mouseClick(room.undo, LEFT)
    assert deadline(store, VILLAGE, code) is None
    QTest.mouseClick(room.undo, LEFT)
    assert deadline(store, VILLAGE, code) == due
    QTest.mouseClick(page.clear, LEFT)
    assert deadline(store, VILLAGE, code) is None
    assert not page.clear.isEnabled()


def test_a_deadline_in_the_past_is_set_only_when_that_is_meant(room: AdminRoom, store: Store) -> None:
    page = room.rounds
    QTest.mouseClick(room.tabs["rounds"], LEFT)
    page.form.setCurrentIndex(page.form.findData(FORM))
    tick(room, say("admin.rounds.whole", unit=COMMUNE.name))
    period = page.period.currentData()
    page.due.setDate(QDate(2026, 11, 1))
    QTest.mouseClick(page.set, LEFT)
    assert "01/11/2026" in room.sure.text.text()
    QTest.mouseClick(room.sure.no, LEFT)
    assert deadline(store, COMMUNE.key, period) is None
    QTest.mouseClick(page.set, LEFT)
    QTest.keyClick(room.sure.yes, Qt.Key.Key_Space)
    assert deadline(store, COMMUNE.key, period) == Deadline(datetime(2026, 11, 1, 17, tzinfo=VIETNAM))


def test_a_period_is_closed_with_its_effect_before_one_and_opened_again(room: AdminRoom, store: Store) -> None:
    page = room.rounds
    QTest.mouseClick(room.tabs["rounds"], LEFT)
    page.form.setCurrentIndex(page.form.findData(FORM))
    tick(room, say("admin.rounds.whole", unit=COMMUNE.name))
    period = page.period.currentData()
    receive(store, [(Key(STATUS, VILLAGE, FORM, period), [Status(State.SUBMITTED).content()])], "Bình", COMMUNE.key)
    closing = Key(CLOSING, COMMUNE.key, FORM, period)
    assert not page.reopen.isEnabled()
    QTest.mouseClick(page.close_period, LEFT)
    assert "1 đơn vị: 0 đã duyệt, 1 đã nộp, 0 chưa nộp" in room.sure.text.text()
    assert store.shown(closing) is None
    QTest.mouseClick(room.sure.yes, LEFT)
    shown = store.shown(closing)
    assert shown
    assert shown.content == CLOSED
    assert say("admin.state.closed") in page.stands.text()
    assert (page.close_period.isEnabled(), page.reopen.isEnabled()) == (False, True)
    QTest.mouseClick(page.reopen, LEFT)
    shown = store.shown(closing)
    assert shown
    assert shown.content == CLEARED
    QTest.mouseClick(room.undo, LEFT)
    shown = store.shown(closing)
    assert shown
    assert shown.content == CLOSED


def test_holidays_are_the_provinces_alone(store: Store, feed: Feed, give: Callable[..., Any], qtbot: QtBot) -> None:
    made = AdminRoom(store, catalogue(), feed, lambda: NOW, Reach("48", "48", "48"), lambda what, said: OVERVIEW)
    qtbot.addWidget(made)
    made.show()
    settled(qtbot, made)
    page = made.days
    QTest.mouseClick(made.tabs["days"], LEFT)
    assert not page.write.isEnabled()
    page.name.setText("  Tết   Dương lịch ")
    page.day.setDate(QDate(2027, 1, 1))
    QTest.keyClick(page.name, Qt.Key.Key_Return)
    day = date(2027, 1, 1)
    assert calendar(store, "48") == {day: Holiday("Tết Dương lịch")}
    (row,) = rows(page.list)
    assert row.title == "Thứ sáu, 01/01/2027"
    page.day.setDate(QDate(2027, 1, 9))
    page.name.setText("Làm bù")
    page.kind.setCurrentIndex(1)
    QTest.mouseClick(page.write, LEFT)
    assert calendar(store, "48")[date(2027, 1, 9)].is_worked
    page.name.setText("x" * 300)
    QTest.mouseClick(page.write, LEFT)
    page.list.opened.emit(day)
    assert day not in calendar(store, "48")
    QTest.mouseClick(made.undo, LEFT)
    assert calendar(store, "48")[day] == Holiday("Tết Dương lịch")


def test_who_may_use_a_computer_is_ticked_with_its_effect(room: AdminRoom, centre: Centre, qtbot: QtBot) -> None:
    other = "b" * 20
    enrolled(centre, other, "Bình", "Laptop", VILLAGE)
    for name in ("Bình", "Chi"):
        centre.staff.give(name, Role.VILLAGE_ENTRY, VILLAGE, Sensitivity.INTERNAL)
    press(qtbot, room, room.again)
    page = room.computers
    QTest.mouseClick(room.tabs["computers"], LEFT)
    model: Any = page.list.model()

    def choose(*names: str) -> None:
        page.list.setCurrentIndex(model.index_of(other))
        for place in range(page.people.count()):
            item = page.people.item(place)
            ticked = str(item.data(Qt.ItemDataRole.UserRole)) in names
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    choose("Bình")
    assert not page.keep.isEnabled()
    # Where two could be meant, role and unit tell which.
    assert f"Chi · {say('admin.role.village_entry')} Thôn Phú Hòa" in [
        page.people.item(place).text() for place in range(page.people.count())
    ]
    choose("Bình", "Chi")
    press(qtbot, room, page.keep)
    assert set(centre.staff.people_of_devices()[other]) == {"Bình", "Chi"}
    choose("Chi")
    press(qtbot, room, page.keep)
    assert "Bình không còn là người dùng Laptop" in room.sure.text.text()
    press(qtbot, room, room.sure.yes)
    assert set(centre.staff.people_of_devices()[other]) == {"Chi"}
    press(qtbot, room, room.undo)
    assert set(centre.staff.people_of_devices()[other]) == {"Bình", "Chi"}
    choose()
    press(qtbot, room, page.keep)
    assert room.sure.text.text() == say("admin.effect.nobody", computer="Laptop")


def test_whoever_only_opens_rounds_finds_these_alone_and_needs_no_line(store: Store, feed: Feed, qtbot: QtBot) -> None:
    def ask(what: str, order: Mapping[str, object]) -> Any:
        raise AssertionError(what)

    made = AdminRoom(store, catalogue(), feed, lambda: NOW, Reach("", COMMUNE.key, ""), ask)
    qtbot.addWidget(made)
    made.show()
    assert [name for name, chip in made.tabs.items() if chip.isVisible()] == ["rounds"]
    assert not made.rounds.close_period.isVisible()
    assert not made.again.isVisible()
    made.rounds.list.item(1).setCheckState(Qt.CheckState.Checked)
    QTest.mouseClick(made.rounds.set, LEFT)
    assert store.waiting() == 1


def test_the_audit_is_read_with_its_times_and_without_figures(room: AdminRoom, qtbot: QtBot) -> None:
    QTest.mouseClick(room.tabs["audit"], LEFT)
    settled(qtbot, room)
    found = rows(room.audit)
    assert any(say("admin.kind.unit") in row.title and COMMUNE.name in row.title for row in found)
    press(qtbot, room, room.more)
    assert not room.more.isVisible()
    assert rows(room.audit) == found


def test_without_a_line_it_is_said_and_the_room_goes_on(
    store: Store, feed: Feed, give: Callable[..., Any], qtbot: QtBot
) -> None:
    is_cut = True

    def ask(what: str, order: Mapping[str, object]) -> Any:
        if is_cut:
            raise EnvironmentFault("server_unreachable", server="x")
        return give(what, order)

    made = AdminRoom(store, catalogue(), feed, lambda: NOW, ALL, ask)
    qtbot.addWidget(made)
    made.show()
    settled(qtbot, made)
    assert say("errors.server_unreachable.title") in said(made)
    assert rows(made.people.list) == []
    is_cut = False
    press(qtbot, made, made.again)
    assert not made.fault.isVisible()
    assert rows(made.people.list) != []


@pytest.mark.parametrize("found", [None, {}, {"escrow": [], "people": [[1]], "devices": [], "more": False}, [1]])
def test_an_answer_that_is_none_is_called_damaged(found: object) -> None:
    with pytest.raises(EnvironmentFault, match="answer_damaged"):
        overview_of(found)
    with pytest.raises(EnvironmentFault, match="answer_damaged"):
        entries_of([found])


@pytest.mark.parametrize(
    ("key", "content", "words"),
    [
        (Key(VALUE, VILLAGE, "village_ct14", "A2026Q3"), "", "Quý III/2026"),
        (Key("status", VILLAGE, "village_quarter", "A2026Q3"), '{"state":"submitted"}', "đã nộp"),
        (Key("status", VILLAGE, "village_quarter", "A2026Q3"), "{", "Quý III/2026"),
        (Key("closing", COMMUNE.key, "village_quarter", "x"), "true", "đã khóa sổ"),
        (Key("closing", COMMUNE.key, "village_quarter", "x"), "null", "đã mở lại kỳ"),
        (
            Key("deadline", VILLAGE, "village_quarter", "A2026Q3"),
            '{"due":"2026-07-01T17:00+07:00","source":""}',
            "17:00",
        ),
        (Key("person", "48", "Bình"), f'[["village_entry","{VILLAGE}","public"]]', "Bình · Nhập số liệu thôn Thôn Một"),
        (Key("holiday", "48", "2027-01-01"), '{"name":"Tết","is_worked":false}', "01/01/2027 Tết"),
        (Key("holiday", "48", "nonsense"), "null", "ngày nghỉ"),
        (Key("escrow", "48", "a" * 20), '{"is_taken":true,"changes":2,"at":1}', "đã nhận 2 thay đổi"),
        (Key("escrow", "48", "a" * 20), "[]", "máy thu hồi"),
        (Key("device", "48", "a" * 20), '{"computer":"Máy thôn","revoked_at":7}', "Máy thôn · Đã thu hồi"),
        (Key("device", "48", "a" * 20), '{"computer":1}', "máy ghi"),
        (Key("something", VILLAGE, "x"), "1", "máy ghi 01/01/1970"),
    ],
)
def test_an_entry_is_told_in_words(key: Key, content: str, words: str) -> None:
    at = datetime.fromtimestamp(0, UTC)
    row = row_of(Entry(1, at, "An", at, key, "applied", "", content), {VILLAGE: "Thôn Một"}, catalogue())
    assert words in row.words
    assert "{" not in row.words
