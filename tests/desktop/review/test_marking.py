"""A form returned with a reason for each cell: marked by keys or by mouse, alike ones at once, sent as one step."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.review.marking import MarkingPage
from desktop.review.room import ReviewRoom
from desktop.widgets import theme, words
from desktop.widgets.place import Place
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, STATUS, VALUE, Key
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, MAX_REMARKS, MAX_WHY, Remark, Stage, State, Status
from sync.store import ChangeSet, Store
from tests.desktop.sampled import COMMUNE, PERSON, clock, push, receive

FORM, PERIOD = "village_quarter", "A2026Q2"
VILLAGE, OTHER = f"{COMMUNE.key}.004", f"{COMMUNE.key}.001"
STEP = Key(STATUS, VILLAGE, FORM, PERIOD)
LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
ENTER = Qt.Key.Key_Return


@pytest.fixture
def submitted(store: Store) -> Store:
    content = Status(State.SUBMITTED).content()
    steps = [STEP, STEP._replace(unit=OTHER)]
    receive(store, [(step, [content]) for step in steps], stream=COMMUNE.key)
    return store


@pytest.fixture
def room(build: Callable[[Store], ReviewRoom], submitted: Store) -> ReviewRoom:
    room = build(submitted)
    room.show_place(Place("review", VILLAGE, FORM, PERIOD))
    return room


@pytest.fixture
def page(room: ReviewRoom) -> MarkingPage:
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    assert room.marking.isVisible()
    assert room.marking.table.hasFocus()
    return room.marking


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def choose(page: MarkingPage, *cells: str) -> None:
    """Choose cells by their labels in the form."""
    rows = [row for row, line in enumerate(page.model.lines) if line.cell in cells]
    assert len(rows) == len(cells)
    selection = page.table.selectionModel()
    selection.clearSelection()
    for row in rows:
        chosen = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        selection.setCurrentIndex(page.model.index(row, 0), chosen)


def say_of(page: MarkingPage, why: str, *cells: str) -> None:
    choose(page, *cells)
    QTest.keyClick(page.table, ENTER)
    assert page.why.hasFocus()
    page.why.setText(why)
    QTest.keyClick(page.why, ENTER)
    assert page.table.hasFocus()


def status(store: Store) -> Status:
    shown = store.shown(STEP)
    assert shown is not None
    return Status.of(shown.content)


def test_the_list_has_every_cell_that_is_typed_and_says_what_stands_out(page: MarkingPage) -> None:
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [line.cell for line in page.model.lines] == [f"CT{number:02}" for number in range(1, 15)]
    assert "Trả lại: Biểu thôn CT01–CT14 · Quý II/2026 · Thôn Phú Hòa" in said(page)
    headings = [page.model.headerData(column, Qt.Orientation.Horizontal) for column in range(5)]
    assert headings == ["Ô", "Chỉ tiêu", "Giá trị", "Cần xem", "Lý do trả lại"]


def test_what_stands_out_is_chosen_first(build: Callable[[Store], ReviewRoom], submitted: Store) -> None:
    figure = Key(VALUE, VILLAGE, "village_ct03", PERIOD)
    receive(submitted, [(figure, ["2000"])], stream=COMMUNE.key)
    room = build(submitted)
    room.show_place(Place("review", VILLAGE, FORM, PERIOD))
    QTest.mouseClick(room.panel.mark_cells, LEFT)
    page = room.marking
    (line,) = [line for line in page.model.lines if line.figure == figure]
    assert line.standing_out.startswith("lỗi")
    first = next(row for row, line in enumerate(page.model.lines) if line.standing_out)
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [first]


def test_cells_are_marked_by_keys_alone_and_go_out_as_one_step(
    qtbot: QtBot, room: ReviewRoom, page: MarkingPage, submitted: Store
) -> None:
    say_of(page, "Thiếu 4 hộ", "CT01")
    say_of(page, "Chưa đối chiếu", "CT05", "CT06")
    told = page.summary.text()
    assert told == "Sẽ trả lại với lý do ở 3 ô:\nCT01: Thiếu 4 hộ\nCT05, CT06: Chưa đối chiếu"
    QTest.keyClick(page.table, Qt.Key.Key_Backspace, CTRL)
    assert status(submitted) == Status(
        State.RETURNED,
        remarks=(
            Remark("village_ct01", "", "Thiếu 4 hộ"),
            Remark("village_ct05", "", "Chưa đối chiếu"),
            Remark("village_ct06", "", "Chưa đối chiếu"),
        ),
    )
    assert len([entry for entry in submitted.history(STEP) if entry.author == PERSON]) == 1
    assert room.table.isVisible()
    assert room.table.hasFocus()
    qtbot.waitUntil(lambda: (square := room.square()) is not None and square.submission.stage is Stage.RETURNED)
    assert "CT01: Thiếu 4 hộ\nCT05: Chưa đối chiếu\nCT06: Chưa đối chiếu" in said(room.panel)
    assert submitted.aside("returning") == "", "nothing is left half done"


def test_the_keys_that_send_it_delete_a_word_while_somebody_writes(page: MarkingPage, submitted: Store) -> None:
    for line in (page.why, page.comment):
        QTest.mouseClick(line, LEFT)
        QTest.keyClicks(line, "Xem lai so ho ngheo roi")
        QTest.keyClick(line, Qt.Key.Key_Backspace, CTRL)
        assert line.text() == "Xem lai so ho ngheo "
    assert status(submitted) == Status(State.SUBMITTED)
    assert page.isVisible()


def test_of_a_form_that_came_back_the_review_tells_what_is_mended(
    build: Callable[[Store], ReviewRoom], submitted: Store
) -> None:
    wrong = (Remark("village_ct01", "", "Thiếu 4 hộ"), Remark("village_ct05", "", "Khác sổ"))
    receive(submitted, [(STEP, [Status(State.RETURNED, remarks=wrong).content()])], "Bình", COMMUNE.key)
    submitted.record_changes([(Key(VALUE, VILLAGE, "village_ct05", PERIOD), "9")], PERSON, clock()())
    room = build(submitted)
    room.show_place(Place("review", VILLAGE, FORM, PERIOD))
    assert "CT01: Thiếu 4 hộ\nCT05: Khác sổ (đã sửa)\n" in said(room.panel)


def test_cells_are_marked_by_the_mouse_alone(qtbot: QtBot, room: ReviewRoom, submitted: Store) -> None:
    QTest.mouseClick(room.panel.mark_cells, LEFT)
    page = room.marking
    at = page.table.visualRect(page.model.index(1, 1)).center()
    QTest.mouseClick(page.table.viewport(), LEFT, pos=at)
    row_below = page.table.visualRect(page.model.index(3, 1)).center()
    QTest.mouseClick(page.table.viewport(), LEFT, CTRL, row_below)
    assert page.why.placeholderText() == "Lý do cho 2 ô đang chọn; Enter để ghi"
    page.why.setText("Khác sổ")
    QTest.mouseClick(page.mark, LEFT)
    QTest.mouseClick(page.table.viewport(), LEFT, pos=at)
    QTest.mouseDClick(page.table.viewport(), LEFT, pos=at)
    qtbot.waitUntil(page.why.hasFocus)
    assert page.why.text() == "Khác sổ"
    page.comment.setText("Xem lại cả bảng")
    QTest.mouseClick(page.send, LEFT)
    wrong = (Remark("village_ct02", "", "Khác sổ"), Remark("village_ct04", "", "Khác sổ"))
    assert status(submitted) == Status(State.RETURNED, "", "Xem lại cả bảng", wrong)


def test_a_return_from_the_panel_takes_what_is_marked_with_it(
    room: ReviewRoom, page: MarkingPage, submitted: Store
) -> None:
    say_of(page, "Thiếu 4 hộ", "CT01")
    page.comment.setText("Hạn thứ Sáu")
    room.panel.comment.setText("Xem lại")
    QTest.mouseClick(room.panel.steps[State.RETURNED], LEFT)
    wrong = (Remark("village_ct01", "", "Thiếu 4 hộ"),)
    assert status(submitted) == Status(State.RETURNED, "", "Hạn thứ Sáu · Xem lại", wrong), "both words go out"
    assert room.table.isVisible()


def test_words_that_are_not_said_of_a_cell_yet_stay_and_nothing_goes_out_without_them(
    room: ReviewRoom, page: MarkingPage, submitted: Store
) -> None:
    say_of(page, "Khác sổ", "CT02")
    choose(page, "CT01")
    QTest.keyClick(page.table, ENTER)
    QTest.keyClicks(page.why, "Thieu 4 ho")
    # One more cell is chosen for what is being written.
    below = page.table.visualRect(page.model.index(3, 1)).center()
    QTest.mouseClick(page.table.viewport(), LEFT, CTRL, below)
    assert page.why.text() == "Thieu 4 ho"
    room.panel.comment.setText("Xem lại")
    for button in (page.send, room.panel.steps[State.RETURNED]):
        QTest.mouseClick(button, LEFT)
        assert status(submitted).state is State.SUBMITTED
        assert words.say("review.marking.unsaid") in said(page)
        assert page.why.hasFocus()
    QTest.keyClick(page.why, ENTER)
    QTest.mouseClick(page.send, LEFT)
    assert [remark.why for remark in status(submitted).remarks] == ["Thieu 4 ho", "Khác sổ", "Thieu 4 ho"]


def test_with_large_letters_what_is_wrong_takes_the_place_of_what_goes_out(
    build: Callable[[Store], ReviewRoom], submitted: Store, qapp: QApplication
) -> None:
    theme.apply(qapp, "light", 200)
    room = build(submitted)
    room.resize(1366 - theme.px(84), 540)
    room.show_place(Place("review", VILLAGE, FORM, PERIOD))
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    page = room.marking
    QApplication.processEvents()
    assert page.summary.isVisible()
    QTest.mouseClick(page.send, LEFT)
    QApplication.processEvents()
    assert page.wrong.isVisible()
    assert not page.summary.isVisible()
    QTest.keyClicks(page.table, "\r")
    QTest.keyClicks(page.why, "Sai")
    assert page.summary.isVisible()


def test_what_was_wrong_with_one_form_is_not_said_of_the_next(room: ReviewRoom, page: MarkingPage) -> None:
    QTest.mouseClick(page.send, LEFT)
    assert page.wrong.isVisible()
    QTest.mouseClick(page.leave, LEFT)
    room.show_place(Place("review", OTHER, FORM, PERIOD))
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    assert page.isVisible()
    assert not page.wrong.isVisible()


def test_a_reason_is_taken_away_again(page: MarkingPage) -> None:
    say_of(page, "Khác sổ", "CT01", "CT02", "CT03")
    choose(page, "CT02")
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    choose(page, "CT03")
    QTest.mouseClick(page.clear, LEFT)
    assert page.status().remarks == (Remark("village_ct01", "", "Khác sổ"),)
    say_of(page, "", "CT01")
    assert page.status().remarks == ()
    assert page.summary.text() == words.say("review.marking.nothing")


def test_nothing_is_returned_without_a_reason_and_none_is_too_long(page: MarkingPage, submitted: Store) -> None:
    QTest.mouseClick(page.send, LEFT)
    assert words.say("review.marking.no_reason") in said(page)
    assert status(submitted).state is State.SUBMITTED
    choose(page, "CT01")
    page.why.setText('"' * MAX_WHY)
    QTest.keyClick(page.why, ENTER)
    assert words.say("review.marking.too_long", most=MAX_WHY) in said(page)
    assert page.model.why == {}
    assert page.why.text() == '"' * MAX_WHY, "what was written stays to be made shorter"
    # A word on the whole is enough.
    page.comment.setText("Xem lại")
    QTest.keyClick(page.comment, ENTER)
    assert status(submitted) == Status(State.RETURNED, comment="Xem lại")


def test_more_cells_than_a_step_holds_are_not_marked(page: MarkingPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.review.marking.MAX_REMARKS", 3)
    say_of(page, "Khác sổ", "CT01", "CT02", "CT03")
    choose(page, "CT04")
    page.why.setText("Khác sổ")
    QTest.keyClick(page.why, ENTER)
    assert words.say("review.marking.too_many", most=3) in said(page)
    assert len(page.status().remarks) == 3
    assert MAX_REMARKS >= 14, "a village's form has room"


def test_what_is_marked_outlives_what_arrives_and_the_next_start(
    qtbot: QtBot,
    build: Callable[[Store], ReviewRoom],
    room: ReviewRoom,
    page: MarkingPage,
    submitted: Store,
    feed: Feed,
) -> None:
    say_of(page, "Thiếu 4 hộ", "CT01")
    choose(page, "CT02")
    page.why.setFocus()
    page.why.setText("đang viết")
    figure = Key(VALUE, VILLAGE, "village_ct02", PERIOD)
    feed.changed.emit(submitted.record_changes([(figure, "1999")], PERSON, clock()()))
    qtbot.waitUntil(lambda: page.model.lines[1].value == "1.999")
    assert page.isVisible()
    assert page.why.text() == "đang viết"
    assert page.why.hasFocus()
    assert "sửa sau khi nộp" in page.model.lines[1].standing_out
    # From the line to the list, and from there to the matrix; nothing of it is lost.
    QTest.keyClick(page.why, Qt.Key.Key_Escape)
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert room.table.hasFocus()
    assert status(submitted).state is State.SUBMITTED
    again = build(submitted)
    again.show_place(Place("review", OTHER, FORM, PERIOD))
    QTest.keyClick(again.table, Qt.Key.Key_F2)
    assert again.marking.status().remarks == (), "another form has its own"
    again.show_place(Place("review", VILLAGE, FORM, PERIOD))
    assert again.table.isVisible()
    QTest.keyClick(again.table, Qt.Key.Key_F2)
    assert again.marking.status().remarks == (Remark("village_ct01", "", "Thiếu 4 hộ"),)


def test_a_form_that_somebody_decides_meanwhile_is_not_returned_and_keeps_what_was_marked(
    qtbot: QtBot, page: MarkingPage, submitted: Store, feed: Feed
) -> None:
    say_of(page, "Thiếu 4 hộ", "CT01")
    returned = Status(State.RETURNED, comment="Sai")
    feed.changed.emit(ChangeSet(receive(submitted, [(STEP, [returned.content()])], "Bình", COMMUNE.key)))
    qtbot.waitUntil(lambda: not page.send.isEnabled())
    assert words.say("review.marking.decided") in said(page)
    QTest.keyClick(page.table, Qt.Key.Key_Backspace, CTRL)
    assert status(submitted) == returned
    assert page.model.remarks() == (Remark("village_ct01", "", "Thiếu 4 hộ"),)
    again = Status(State.SUBMITTED)
    feed.changed.emit(ChangeSet(receive(submitted, [(STEP, [again.content()])], stream=COMMUNE.key)))
    qtbot.waitUntil(page.send.isEnabled)
    assert not page.wrong.isVisible(), "it was sent again"


def test_a_form_of_which_the_period_is_closed_meanwhile_is_not_returned_and_keeps_what_was_marked(
    qtbot: QtBot, page: MarkingPage, submitted: Store, feed: Feed
) -> None:
    say_of(page, "Thiếu 4 hộ", "CT01")
    closing = STEP._replace(kind=CLOSING, unit=COMMUNE.key)
    feed.changed.emit(ChangeSet(receive(submitted, [(closing, [CLOSED])])))
    qtbot.waitUntil(lambda: not page.send.isEnabled())
    assert words.say("review.marking.closed") in said(page)
    QTest.keyClick(page.table, Qt.Key.Key_Backspace, CTRL)
    assert status(submitted) == Status(State.SUBMITTED)
    assert page.model.remarks() == (Remark("village_ct01", "", "Thiếu 4 hộ"),)
    feed.changed.emit(ChangeSet(receive(submitted, [(closing, [CLEARED])])))
    qtbot.waitUntil(page.send.isEnabled)


def test_a_full_disk_loses_no_reason(
    room: ReviewRoom, page: MarkingPage, submitted: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> ChangeSet:
        raise EnvironmentFault("disk_full")

    say_of(page, "Thiếu 4 hộ", "CT01")
    with monkeypatch.context() as patch:
        patch.setattr(submitted, "record_made", full)
        QTest.keyClick(page.table, Qt.Key.Key_Backspace, CTRL)
    assert room.fault.isVisible()
    assert page.isVisible()
    assert page.status().remarks == (Remark("village_ct01", "", "Thiếu 4 hộ"),)
    QTest.keyClick(page.table, Qt.Key.Key_Backspace, CTRL)
    assert status(submitted).state is State.RETURNED


def test_who_may_not_see_a_figure_cannot_speak_of_it(build: Callable[[Store], ReviewRoom], submitted: Store) -> None:
    submitted.sees = lambda key: key.item != "village_ct03"
    room = build(submitted)
    room.show_place(Place("review", VILLAGE, FORM, PERIOD))
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    assert "CT03" not in [line.cell for line in room.marking.model.lines]


def test_of_a_cell_that_is_not_public_no_figures_belong_in_the_reason(page: MarkingPage) -> None:
    choose(page, "CT01")
    assert not page.caution.isVisible()
    choose(page, "CT01", "CT14")
    assert page.caution.isVisible()


def test_what_cannot_be_returned_is_not_marked(room: ReviewRoom, submitted: Store) -> None:
    submitted.record_changes([(STEP, Status(State.RETURNED, comment="Sai").content())], PERSON, clock()())
    push(submitted)
    room._refresh({STEP})
    assert not room.panel.mark_cells.isVisibleTo(room.panel)
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    assert room.table.isVisible()
