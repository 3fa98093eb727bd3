"""Administration over a real centre: what is pressed is decided there, and what cannot be done is told."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.admin.audit import row_of
from desktop.admin.room import AdminRoom
from desktop.admin.seen import Entry, Held, entries_of, overview_of
from desktop.feed import Feed
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.central.centre import Centre, make_centre, open_centre
from sync.central.members import Membership, key_of
from sync.central.orders import obey
from sync.domain.catalogue import Sensitivity
from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import DEADLINE, UNIT, VALUE, Key
from sync.domain.local_time import VIETNAM
from sync.domain.rights import Grant, Role
from sync.domain.units import Unit, UnitKind
from sync.protocol import chain
from sync.protocol.messages import Change, Order, Push, SyncRequest
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Store
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, enrol, receive

VILLAGE = f"{COMMUNE.key}.001"
UNITS = (Unit("48", UnitKind.PROVINCE, "Đà Nẵng"), COMMUNE, Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Phú Hòa"))
HERE = "a" * 20
LEFT = Qt.MouseButton.LeftButton


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
    made = AdminRoom(store, catalogue(), feed, lambda: NOW, COMMUNE.key, COMMUNE.key, give)
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
    assert centre.staff.persons()["Trần Thị Bình"] == (grant,)
    assert room.told.text() == say("admin.done.grant")
    held = Held("Trần Thị Bình", "village_entry", VILLAGE, "sensitive")
    assert held in [row.key for row in rows(page.list)]
    page.list.opened.emit(held)
    settled(qtbot, room)
    assert centre.staff.persons()["Trần Thị Bình"] == ()
    assert "Trần Thị Bình" not in [row.key.person for row in rows(page.list) if isinstance(row.key, Held)]
    page.role.setCurrentIndex(page.role.findData(Role.PROVINCE_READING))
    assert not page.give.isEnabled()


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
    assert not page.sure.isVisible()
    QTest.mouseClick(page.buttons["revoke"], LEFT)
    assert page.sure.isVisible()
    press(qtbot, room, page.sure)
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


def test_a_village_is_created_renamed_and_closed_and_a_round_opened(
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
    assert page.list.count() == 2
    page.list.setCurrentRow(1)
    assert page.name.text() == "Thôn Mới"
    page.name.setText("Thôn Phu Hoa")
    press(qtbot, room, page.buttons["rename"])
    assert say("errors.name_taken.title") in said(room)
    page.name.setText("Thôn Mới Hơn")
    press(qtbot, room, page.buttons["rename"])
    assert not page.open.isEnabled()
    for place in range(2):
        page.list.item(place).setCheckState(Qt.CheckState.Checked)
    page.form.setCurrentIndex(page.form.findData("village_quarter"))
    page.due.setDate(QDate(2026, 12, 20))
    page.source.setText("CV 5")
    press(qtbot, room, page.open)
    assert room.told.text() == say("admin.done.round")
    # Typed as all else is, so that it needs no line.
    period = page.period.currentData()
    deadlines = {unit: store.shown(Key(DEADLINE, unit, "village_quarter", period)) for unit in (VILLAGE, made.key)}
    due = Deadline(datetime(2026, 12, 20, 17, tzinfo=VIETNAM), "CV 5")
    assert {unit: shown and Deadline.of(shown.content) for unit, shown in deadlines.items()} == dict.fromkeys(
        (VILLAGE, made.key), due
    )
    page.list.setCurrentRow(1)
    page.last_day.setDate(QDate(2026, 12, 31))
    press(qtbot, room, page.buttons["close"])
    closed = centre.repository.units()[made.key]
    assert (closed.name, closed.valid_to and closed.valid_to.isoformat()) == ("Thôn Mới Hơn", "2026-12-31")


def test_whoever_only_opens_rounds_finds_these_alone_and_needs_no_line(store: Store, feed: Feed, qtbot: QtBot) -> None:
    def ask(what: str, order: Mapping[str, object]) -> Any:
        raise AssertionError(what)

    made = AdminRoom(store, catalogue(), feed, lambda: NOW, "", COMMUNE.key, ask)
    qtbot.addWidget(made)
    made.show()
    assert [name for name, chip in made.tabs.items() if chip.isVisible()] == ["units"]
    assert not made.units.buttons["create"].isVisible()
    assert not made.again.isVisible()
    made.units.list.item(0).setCheckState(Qt.CheckState.Checked)
    QTest.mouseClick(made.units.open, LEFT)
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

    made = AdminRoom(store, catalogue(), feed, lambda: NOW, COMMUNE.key, COMMUNE.key, ask)
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
        (Key("something", VILLAGE, "x"), "1", "máy ghi 01/01/1970"),
    ],
)
def test_an_entry_is_told_in_words(key: Key, content: str, words: str) -> None:
    at = datetime.fromtimestamp(0, UTC)
    row = row_of(Entry(1, at, "An", at, key, "applied", "", content), {VILLAGE: "Thôn Một"}, catalogue())
    assert words in row.words
    assert "{" not in row.words
