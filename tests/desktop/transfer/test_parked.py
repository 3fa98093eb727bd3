"""The ways out of what is held back, by keys and by mouse: asked about, handed over, taken back and typed again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.transfer.parked import ParkedPage
from desktop.transfer.room import TransferRoom
from desktop.widgets import words
from desktop.widgets.rows import Heading, Row
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import STATUS, VALUE, Key
from sync.domain.parking import APPROVED, INVALID_CONTENT, NOT_YOUR_UNIT, NOT_YOURS_TO_DECIDE, PERIOD_CLOSED
from sync.domain.revisions import Revision, key_of
from sync.domain.workflow import State, Status
from sync.store import Store
from sync.store.comments import thread
from sync.store.submissions import requests
from sync.store.withdrawing import withdrawn
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, push
from tests.desktop.transfer.between import at_once, unmoved

VILLAGE = f"{COMMUNE.key}.004"
OTHER = f"{COMMUNE.key}.005"
CELL = Key(VALUE, VILLAGE, "village_ct01", "A2026Q3")
FORM = Key(VALUE, VILLAGE, "village_quarter", "A2026Q3")
LEFT = Qt.MouseButton.LeftButton


def park(store: Store, reason: str, key: Key = CELL, content: str = "655") -> None:
    store.record_changes([(key, content)], PERSON, NOW)
    push(store, reason)


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, tmp_path: Path) -> Callable[[Store], ParkedPage]:
    kept: list[TransferRoom] = []

    def made(store: Store) -> ParkedPage:
        room = TransferRoom(store, catalogue(), feed, clock(), at_once(store), unmoved(tmp_path))
        qtbot.addWidget(room)
        kept.append(room)
        room.resize(1282, 682)
        room.show()
        room.activateWindow()
        qtbot.waitUntil(room.isActiveWindow)
        QTest.mouseClick(room.tabs["parked"], LEFT)
        QCoreApplication.processEvents()
        room.parked.list.setFocus()
        return room.parked

    return made


def rows(page: ParkedPage) -> list[Heading | Row]:
    return list(page.list.model().rows)  # type: ignore[attr-defined]


def offered(page: ParkedPage) -> list[str]:
    return [name for name, button in page.buttons.items() if button.isVisible()]


def test_each_reason_offers_what_leads_anywhere(build: Callable[[Store], ParkedPage], store: Store) -> None:
    park(store, PERIOD_CLOSED)
    page = build(store)
    assert page.reason.text() == words.say("widgets.reason.period_closed")
    assert offered(page) == ["reopen", "hand_over", "withdraw"]


def test_a_step_that_was_refused_is_shown_and_taken_back(build: Callable[[Store], ParkedPage], store: Store) -> None:
    step = Key(STATUS, VILLAGE, "village_quarter", "A2026Q3")
    park(store, NOT_YOURS_TO_DECIDE, step, Status(State.RETURNED, comment="sai dòng 2").content())
    page = build(store)
    (row,) = rows(page)
    assert isinstance(row, Row)
    assert "Trả lại biểu: sai dòng 2" in row.title
    assert offered(page) == ["withdraw"]
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert store.shown(step) is None


def test_it_is_taken_back_by_one_key_kept_to_be_read_and_typed_again(
    qtbot: QtBot, build: Callable[[Store], ParkedPage], store: Store
) -> None:
    park(store, INVALID_CONTENT)
    page = build(store)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert store.shown(CELL) is None
    qtbot.waitUntil(lambda: any(isinstance(row, Heading) for row in rows(page)))
    heading, row = rows(page)
    assert isinstance(heading, Heading)
    assert isinstance(row, Row)
    assert heading.title == "Đã rút lại"
    assert row.title.endswith("Thôn Phú Hòa · Quý III/2026: 655")
    assert row.pill == "Đã rút"
    assert not page.ways.isVisible()
    QTest.mouseClick(page.again, LEFT)
    shown = store.shown(CELL)
    assert shown is not None
    assert (shown.content, shown.reason) == ("655", "")
    assert not page.done.isVisible()


def test_to_reopen_is_asked_by_keys_as_a_comment_on_the_form(
    qtbot: QtBot, build: Callable[[Store], ParkedPage], store: Store
) -> None:
    park(store, PERIOD_CLOSED)
    page = build(store)
    QTest.keyClick(page.list, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert page.words.hasFocus()
    assert page.words.text() == "Đề nghị mở lại kỳ để sửa CT01 Thôn Phú Hòa thành 655."
    page.words.setText("")
    QTest.keyClick(page.words, Qt.Key.Key_Return)
    assert thread(store, FORM) == [], "nothing was asked"
    QTest.keyClicks(page.words, "Xin mo lai")
    QTest.keyClick(page.words, Qt.Key.Key_Return)
    (comment,) = thread(store, FORM)
    assert comment.text == "Xin mo lai"
    assert page.list.hasFocus()
    shown = store.shown(CELL)
    assert shown is not None
    assert shown.reason == PERIOD_CLOSED, "it is kept and waits"
    assert "Đã gửi đề nghị" in page.done_words.text()
    assert not page.again.isVisible()


def test_an_edit_after_the_approval_is_asked_for_and_its_answer_told(
    qtbot: QtBot, build: Callable[[Store], ParkedPage], store: Store
) -> None:
    park(store, APPROVED)
    page = build(store)
    assert page.buttons["reopen"].text() == "Xin sửa…  [Ctrl+M]"
    QTest.keyClick(page.list, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert page.words.text() == "Đề nghị sửa CT01 Thôn Phú Hòa thành 655."
    QTest.keyClick(page.words, Qt.Key.Key_Return)
    (request,) = requests(store, [VILLAGE], ["A2026Q3"])
    assert (request.figure, request.revision) == (CELL, Revision("655", "Đề nghị sửa CT01 Thôn Phú Hòa thành 655."))
    assert thread(store, FORM) == []

    def detail() -> str:
        return next(row.detail for row in rows(page) if isinstance(row, Row))

    qtbot.waitUntil(lambda: detail() == words.say("transfer.request.open"))
    # Whoever takes the value back asks for it no longer; and asks again with the next one.
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert requests(store, [VILLAGE], ["A2026Q3"]) == []
    park(store, APPROVED)
    page.show_parked(list(store.undecided().values()), page._names, page._units)  # type: ignore[arg-type]
    store.record_changes([(key_of(CELL), request.revision.rejected("đã chốt").content())], "Bình", NOW)
    page.show_parked(list(store.undecided().values()), page._names, page._units)  # type: ignore[arg-type]
    assert detail() == "Người duyệt từ chối: đã chốt"


def test_it_is_handed_over_by_keys(qtbot: QtBot, build: Callable[[Store], ParkedPage], store: Store) -> None:
    there = CELL._replace(unit=OTHER)
    store.record_changes([(there, "12")], PERSON, NOW)
    push(store)
    park(store, NOT_YOUR_UNIT)
    page = build(store)
    assert offered(page) == ["hand_over", "withdraw"]
    QTest.keyClick(page.list, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    assert page.unit.hasFocus()
    names = [page.unit.itemText(number) for number in range(page.unit.count())]
    place = page.unit.findData(OTHER)
    assert names[place].endswith("(đang là 12)")
    assert page.unit.findData(VILLAGE) == -1
    assert page.unit.findData(COMMUNE.key) == -1, "a commune does not report a village's figure"
    page.unit.setCurrentIndex(place)
    QTest.mouseClick(page.go_on, LEFT)
    shown = store.shown(there)
    assert shown is not None
    assert shown.content == "655"
    assert store.shown(CELL) is None
    assert [found.key for found in withdrawn(store, 9)] == [CELL]


def test_esc_leaves_a_way_and_another_row_closes_it(
    qtbot: QtBot, build: Callable[[Store], ParkedPage], store: Store
) -> None:
    other = CELL._replace(unit=OTHER)
    park(store, PERIOD_CLOSED)
    park(store, PERIOD_CLOSED, other)
    page = build(store)
    page.list.choose(("parked", CELL))
    QTest.keyClick(page.list, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page.words, Qt.Key.Key_Escape)
    assert not page.words.isVisible()
    assert page.list.hasFocus()
    QTest.keyClick(page.list, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    page.list.choose(("parked", other))
    assert not page.words.isVisible()
    assert thread(store, FORM) == []


def test_what_took_effect_before_it_was_taken_back_is_told(build: Callable[[Store], ParkedPage], store: Store) -> None:
    park(store, PERIOD_CLOSED)
    page = build(store)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    store.db.execute("UPDATE change SET outcome = 'applied', reason = '' WHERE content = '655'")
    page = build(store)
    row = rows(page)[-1]
    assert isinstance(row, Row)
    assert (row.pill, row.look) == ("Đã có hiệu lực trước khi rút", "warning")


def test_a_full_disk_keeps_it_as_it_was(
    build: Callable[[Store], ParkedPage], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    park(store, PERIOD_CLOSED)
    page = build(store)

    def full(*_: object, **__: object) -> None:
        raise EnvironmentFault("disk_full")

    monkeypatch.setattr(store, "record_in", full)
    told: list[object] = []
    page.failed.connect(told.append)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert isinstance(told[0], EnvironmentFault)
    shown = store.shown(CELL)
    assert shown is not None
    assert shown.reason == PERIOD_CLOSED
    assert not page.done.isVisible()
