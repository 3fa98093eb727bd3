"""The sync centre over a real store: conflicts decided by mouse alone and by keys alone, and what else is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.transfer.conflict import ConflictCard
from desktop.transfer.room import TransferRoom
from desktop.widgets import words
from desktop.widgets.place import Place
from desktop.widgets.rows import Row
from sync.domain.keys import PROGRESS, STATUS, VALUE, Key
from sync.domain.parking import PERIOD_CLOSED
from sync.domain.progress import Progress
from sync.domain.values import Value
from sync.domain.workflow import State, Status
from sync.store import ChangeSet, Store, journal
from sync.store.comments import thread
from sync.store.journal import Line
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, push, receive
from tests.desktop.transfer.between import at_once, unmoved

VILLAGE = f"{COMMUNE.key}.004"
MEMBERS = Key(VALUE, VILLAGE, "village_ct12", "A2026Q2")
HOUSEHOLDS = Key(VALUE, VILLAGE, "village_ct01", "A2026Q2")
OWN = Key(VALUE, COMMUNE.key, "village_ct01", "A2026Q2")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, tmp_path: Path) -> Callable[[Store], TransferRoom]:
    def made(store: Store) -> TransferRoom:
        room = TransferRoom(store, catalogue(), feed, clock(), at_once(store), unmoved(tmp_path))
        qtbot.addWidget(room)
        room.resize(1282, 682)
        room.show()
        room.activateWindow()
        qtbot.waitUntil(room.isActiveWindow)
        QCoreApplication.processEvents()
        return room

    return made


@pytest.fixture
def contested(store: Store) -> Store:
    """Two cells in which two PCs of a village said different things."""
    said = '{"note":"có thêm 1 đoàn viên","number":7}'
    receive(store, [(MEMBERS, ["6", said]), (HOUSEHOLDS, ["312", "318"])], stream=COMMUNE.key)
    return store


@pytest.fixture
def room(build: Callable[[Store], TransferRoom], contested: Store) -> TransferRoom:
    return build(contested)


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def card(room: TransferRoom, key: Key) -> ConflictCard:
    return next(card for card in room.conflicts.cards if card.key == key)


def stands(store: Store, key: Key) -> tuple[Value, int]:
    """What a cell shows, and how many rivals it has."""
    shown = store.shown(key)
    assert shown is not None
    return Value.of(shown.content), len(shown.rivals)


def rows(room: TransferRoom, name: str) -> list[Row]:
    room.tabs[name].click()
    view = room.parked.list if name == "parked" else room.lists[name]
    return [row for row in view.model().rows if isinstance(row, Row)]  # type: ignore[attr-defined]


# Conflicts


def test_a_conflict_tells_each_side_who_and_when(room: TransferRoom) -> None:
    assert room.tabs["conflicts"].text() == "Xung đột 2"
    told = said(card(room, MEMBERS))
    for part in ("CT12", "Thôn Phú Hòa", "Quý II/2026", "6", "7", "Thôn trưởng", "“có thêm 1 đoàn viên”"):
        assert part in told


def test_what_both_had_seen_stands_before_the_sides(build: Callable[[Store], TransferRoom], store: Store) -> None:
    store.record_changes([(MEMBERS, "5")], PERSON, NOW - timedelta(days=3))
    push(store)
    (transfer,) = store.db.execute("SELECT n, branch FROM change WHERE n > 0").fetchall()
    receive(store, [(MEMBERS, ["6", "7"])], stream=COMMUNE.key)
    with_prev(store, transfer)
    assert "Trước khi sửa\n5" in said(card(build(store), MEMBERS))


def test_a_conflict_is_decided_by_the_mouse_alone(qtbot: QtBot, room: TransferRoom, contested: Store) -> None:
    shown = card(room, MEMBERS)
    QTest.mouseClick(shown.buttons[1], LEFT)
    assert shown.asking.isVisible()
    assert stands(contested, MEMBERS)[1] == 1, "another unit's figure asks for a reason first"
    QTest.keyClicks(shown.reason, "theo QD")
    QTest.mouseClick(shown.buttons[1], LEFT)
    assert stands(contested, MEMBERS) == (Value(number=Value.of("7").number, note="theo QD"), 0)
    cell = contested.shown(MEMBERS)
    assert cell is not None
    assert cell.author == PERSON
    qtbot.waitUntil(lambda: room.tabs["conflicts"].text() == "Xung đột 1")
    assert "CT12 Thôn Phú Hòa: đã chọn 7" in said(room)


def test_conflicts_are_decided_by_keys_alone(qtbot: QtBot, room: TransferRoom, contested: Store) -> None:
    room.setFocus()
    first, second = room.conflicts.cards
    assert first.hasFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Up)
    QTest.keyClick(first, Qt.Key.Key_2)
    assert first.reason.hasFocus()
    QTest.keyClicks(first.reason, "da hoi thon")
    QTest.keyClick(first.reason, Qt.Key.Key_Return)
    assert stands(contested, first.key) == (Value(number=Value.of("318").number, note="da hoi thon"), 0)
    qtbot.waitUntil(lambda: len(room.conflicts.cards) == 1)
    assert room.conflicts.cards == [second]
    assert second.hasFocus(), "the next one has the keys"
    QTest.keyClick(second, Qt.Key.Key_1)
    QTest.keyClicks(second.reason, "giu nguyen")
    QTest.keyClick(second.reason, Qt.Key.Key_Return)
    assert stands(contested, second.key) == (Value(number=Value.of("6").number, note="giu nguyen"), 0)
    qtbot.waitUntil(lambda: not room.conflicts.cards)
    assert words.say("transfer.empty.conflicts.title") in said(room)


def test_ones_own_figure_needs_no_reason(build: Callable[[Store], TransferRoom], store: Store) -> None:
    receive(store, [(OWN, ["1", "2"])], stream=COMMUNE.key)
    room = build(store)
    (shown,) = room.conflicts.cards
    assert not shown.reason.isVisible()
    QTest.mouseClick(shown.buttons[0], LEFT)
    assert stands(store, OWN) == (Value.of("1"), 0)


def test_a_progress_is_decided_without_a_reason(build: Callable[[Store], TransferRoom], store: Store) -> None:
    key = Key(PROGRESS, VILLAGE, "01a199c5-3280-7ac0-806f-2ea2b26bdd18", "", "01a199c5-3280-7ac0-806f-2ea2b26bdd19")
    contents = [Progress(NOW.date(), percent, "").content() for percent in (40, 60)]
    receive(store, [(key, contents)], stream=COMMUNE.key)
    room = build(store)
    assert "60 %" in said(room.conflicts.cards[0])
    QTest.mouseClick(room.conflicts.cards[0].buttons[1], LEFT)
    shown = store.shown(key)
    assert shown is not None
    assert (shown.content, shown.rivals) == (contents[1], ())


def test_a_key_without_a_side_decides_nothing(room: TransferRoom, contested: Store) -> None:
    shown = card(room, MEMBERS)
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_9)
    QTest.keyClick(shown, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert stands(contested, MEMBERS)[1] == 1
    assert not shown.asking.isVisible()


def test_a_third_value_is_typed_in_the_cell(qtbot: QtBot, room: TransferRoom) -> None:
    shown = card(room, MEMBERS)
    shown.setFocus()
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(shown, Qt.Key.Key_Return)
    assert went.args == [Place("entry", VILLAGE, "village_quarter", "A2026Q2", "village_ct12")]


def test_alike_conflicts_are_decided_together(qtbot: QtBot, room: TransferRoom, contested: Store) -> None:
    assert room.conflicts.take_all.text() == "Chọn giá trị của Thôn trưởng ở 2 ô"
    QTest.mouseClick(room.conflicts.take_all, LEFT)
    assert room.conflicts.reason_of_all.hasFocus()
    QTest.keyClicks(room.conflicts.reason_of_all, "thon xac nhan")
    QTest.mouseClick(room.conflicts.take_all, LEFT)
    found = [stands(contested, key) for key in (MEMBERS, HOUSEHOLDS)]
    assert [(int(value.number or 0), value.note, rivals) for value, rivals in found] == [
        (7, "thon xac nhan", 0),
        (318, "thon xac nhan", 0),
    ]
    qtbot.waitUntil(lambda: "Đã quyết định 2 ô." in said(room))
    qtbot.waitUntil(lambda: not room.conflicts.together.isVisible())
    QTest.mouseClick(room.conflicts.take_back, LEFT)
    assert [stands(contested, key)[0].number for key in (MEMBERS, HOUSEHOLDS)] == [6, 312]


def test_what_is_being_typed_outlives_what_arrives(
    qtbot: QtBot, room: TransferRoom, contested: Store, feed: Feed
) -> None:
    shown = card(room, MEMBERS)
    shown.reason.setText("đang gõ")
    other = Key(VALUE, VILLAGE, "village_ct02", "A2026Q2")
    feed.changed.emit(ChangeSet(receive(contested, [(other, ["1", "2"])], stream=COMMUNE.key)))
    qtbot.waitUntil(lambda: len(room.conflicts.cards) == 3)
    assert card(room, MEMBERS) is shown
    assert shown.reason.text() == "đang gõ"


def test_a_place_leads_to_its_conflict(room: TransferRoom) -> None:
    room.tabs["journal"].click()
    room.show_place(Place("transfer", VILLAGE, "village_quarter", "A2026Q2", "village_ct12"))
    assert card(room, MEMBERS).hasFocus()
    room.show_place(Place("transfer"))
    room.show_place(Place("transfer", VILLAGE, "", "A2020Q1", "gone"))


def test_the_badge_counts_what_must_be_decided(qtbot: QtBot, feed: Feed, contested: Store, tmp_path: Path) -> None:
    room = TransferRoom(contested, catalogue(), feed, clock(), at_once(contested), unmoved(tmp_path))
    qtbot.addWidget(room)
    with qtbot.waitSignal(room.badge) as told:
        pass
    assert told.args == [2]


# The other lists


def test_what_waits_and_what_was_received(qtbot: QtBot, build: Callable[[Store], TransferRoom], store: Store) -> None:
    store.record_changes([(HOUSEHOLDS, "312")], PERSON, NOW)
    room = build(store)
    (row,) = rows(room, "waiting")
    assert row.title == "CT01 · Tổng số hộ dân · Thôn Phú Hòa · Quý II/2026"
    assert (row.detail, row.pill) == (f"312 · {PERSON} nhập 09:15", "Đã lưu trên máy, chờ gửi")
    assert rows(room, "received") == []
    push(store)
    assert rows(room, "waiting") == []
    assert words.say("transfer.empty.waiting.title") in said(room)
    (row,) = rows(room, "received")
    assert row.detail.endswith("trung tâm nhận 09:16")
    room.lists["received"].choose((0, HOUSEHOLDS))
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.lists["received"], Qt.Key.Key_Return)
    assert went.args == [Place("entry", VILLAGE, "village_quarter", "A2026Q2", "village_ct01")]


def test_what_is_held_back_says_why(build: Callable[[Store], TransferRoom], store: Store) -> None:
    store.record_changes([(HOUSEHOLDS, "655")], PERSON, NOW)
    push(store, PERIOD_CLOSED)
    (row,) = rows(build(store), "parked")
    assert row.title.endswith("Quý II/2026: 655")
    assert row.detail == words.say("widgets.reason.period_closed")


def test_the_journal_in_words_and_as_a_file_without_any_value(
    build: Callable[[Store], TransferRoom], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record_changes([(HOUSEHOLDS, "31298765")], PERSON, NOW)
    for line in (
        Line(NOW - timedelta(hours=5), 1_400, 14, 3, 1_913, 716, ""),
        Line(NOW - timedelta(hours=4), 15_000, 0, 0, 313, 0, "server_timeout", 3),
        Line(NOW, 300, 0, 0, 313, 216, "", 40),
    ):
        journal.write(store, line)
    room = build(store)
    quiet, failed, done = rows(room, "journal")
    assert done.title == "04:15 · Đã đồng bộ"
    assert done.detail == "gửi 14 · nhận 3 · lên 1,9 kB, xuống 716 B · 1,4 giây"
    assert failed.detail.startswith("3 lần liên tiếp, lần cuối: gửi 0")
    assert (failed.look, failed.pill) == ("bad", "Chưa được")
    assert quiet.title == "09:15 · Không có gì mới"
    target = tmp_path / "nhật ký.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    QTest.mouseClick(room.save, LEFT)
    told = target.read_text(encoding="utf-8")
    assert "server_timeout" in told
    assert "31298765" not in told
    assert PERSON not in told
    assert VILLAGE not in told
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "file"), ""))
    QTest.mouseClick(room.save, LEFT)
    assert room.fault.isVisible()


def test_the_journal_is_empty_before_the_first_sync(build: Callable[[Store], TransferRoom], store: Store) -> None:
    room = build(store)
    assert rows(room, "journal") == []
    assert words.say("transfer.empty.journal.title") in said(room)


@pytest.fixture(autouse=True)
def swept(qapp: QCoreApplication) -> None:
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def with_prev(store: Store, version: tuple[int, str]) -> None:
    """As a record tells that its heads replaced this version."""
    n, branch = version
    import msgspec

    store.db.execute("UPDATE record SET prev = ? WHERE item = 'village_ct12'", (msgspec.msgpack.encode([(branch, n)]),))


def test_a_question_about_a_conflict_is_a_comment_and_decides_nothing(
    qtbot: QtBot, room: TransferRoom, contested: Store
) -> None:
    shown = card(room, MEMBERS)
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_H)
    assert shown.reason.hasFocus()
    QTest.keyClick(shown.reason, Qt.Key.Key_Return)
    assert thread(contested, MEMBERS) == [], "nothing was asked"
    QTest.keyClicks(shown.reason, "so nao dung?")
    QTest.keyClick(shown.reason, Qt.Key.Key_Return)
    assert [comment.text for comment in thread(contested, MEMBERS)] == ["so nao dung?"]
    assert stands(contested, MEMBERS)[1] == 1
    assert shown.hasFocus()
    qtbot.waitUntil(lambda: "Đã gửi câu hỏi về CT12 Thôn Phú Hòa" in said(room))
    assert not room.conflicts.take_back.isVisible()
    # And a question that was begun is no reason for a choice.
    QTest.mouseClick(shown.ask, LEFT)
    QTest.mouseClick(shown.buttons[0], LEFT)
    assert stands(contested, MEMBERS)[1] == 1


def test_two_decisions_over_one_form_are_one_conflict(
    qtbot: QtBot, build: Callable[[Store], TransferRoom], store: Store
) -> None:
    step = Key(STATUS, VILLAGE, "village_quarter", "A2026Q2")
    decisions = [Status(State.RETURNED, comment="Sai dòng 2").content(), Status(State.REOPENED).content()]
    receive(store, [(step, decisions)], stream=COMMUNE.key)
    room = build(store)
    (shown,) = room.conflicts.cards
    assert "Biểu thôn CT01–CT14 của Thôn Phú Hòa" in said(shown)
    assert "Trả lại biểu: Sai dòng 2" in said(shown)
    assert "Mở lại biểu" in said(shown)
    assert not shown.ask.isVisible()
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_1)
    cell = store.shown(step)
    assert cell is not None
    assert (Status.of(cell.content).state, cell.rivals, cell.author) == (State.RETURNED, (), PERSON)
