"""The keys of the grid, sent to a real window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.entry import headings
from desktop.entry.delegate import CellEditor
from desktop.entry.model import GridModel
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets import theme
from sync.domain.catalogue import Catalogue, Label
from sync.domain.text import nfc
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED, Value
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, SECOND, THIRD, grid_of
from tests.desktop.entry.test_model import FullDisk, at, kept, key, text
from tests.desktop.sampled import receive

K = Qt.Key
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def press(view: GridView, *keys: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Send keys to whatever takes them now: the editor while one is open."""
    for one in keys:
        QTest.keyClick(editor(view) or view, one, held)


def type_in(view: GridView, typed: str) -> None:
    for sign in typed:
        QTest.keyClicks(editor(view) or view, sign)


def editor(view: GridView) -> CellEditor | None:
    QApplication.processEvents()
    return next((found for found in view.findChildren(CellEditor) if found.isVisible()), None)


def here(view: GridView) -> tuple[str, str]:
    """The current cell as indicator and unit."""
    model, index = view.grid(), view.currentIndex()
    assert model is not None
    found = model.key(index.row(), index.column())
    assert found is not None
    return found.item, found.unit


def test_typing_replaces_and_enter_goes_down(view: GridView, grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "households"), "999", Qt.ItemDataRole.EditRole)
    type_in(view, "312")
    press(view, K.Key_Return)
    assert kept(commune, "households").number == 312
    assert here(view) == ("poor", FIRST)
    type_in(view, "9")
    press(view, K.Key_Return, held=SHIFT)
    assert here(view) == ("households", FIRST)
    assert text(grid, "poor_rate") == "2,88"


def test_tab_goes_right_and_shift_tab_back(view: GridView, commune: Store) -> None:
    for typed in ("1", "2", "3"):
        type_in(view, typed)
        press(view, K.Key_Tab)
    assert [kept(commune, "households", unit).number for unit in (FIRST, SECOND, THIRD)] == [1, 2, 3]
    assert here(view) == ("households", THIRD)
    press(view, K.Key_Backtab)
    assert here(view) == ("households", SECOND)
    type_in(view, "7")
    press(view, K.Key_Backtab)
    assert here(view) == ("households", FIRST)
    assert kept(commune, "households", SECOND).number == 7


def test_enter_passes_over_what_is_computed(view: GridView, commune: Store) -> None:
    for typed in ("312", "9", "2,5", "ghi chu"):
        type_in(view, typed)
        press(view, K.Key_Return)
    assert kept(commune, "area").number == Value.of("2.5").number
    assert kept(commune, "remark").text == "ghi chu"


def test_f2_edits_what_is_there_and_arrows_stay_in_it(view: GridView, grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "households"), "1.187", Qt.ItemDataRole.EditRole)
    press(view, K.Key_F2)
    opened = editor(view)
    assert opened is not None
    assert opened.text() == "1187"
    assert not opened.hasSelectedText()
    press(view, K.Key_Left, K.Key_Backspace)
    type_in(view, "9")
    press(view, K.Key_Return)
    assert kept(commune, "households").number == 1197


def test_arrows_leave_a_cell_that_was_typed_over(view: GridView, commune: Store) -> None:
    type_in(view, "5")
    press(view, K.Key_Right)
    assert here(view) == ("households", SECOND)
    type_in(view, "6")
    press(view, K.Key_Down)
    assert here(view) == ("poor", SECOND)
    assert kept(commune, "households", SECOND).number == 6


def test_escape_gives_up_what_is_being_typed(view: GridView, grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "households"), "312", Qt.ItemDataRole.EditRole)
    type_in(view, "4")
    press(view, K.Key_Escape)
    assert editor(view) is None
    assert kept(commune, "households").number == 312
    assert here(view) == ("households", FIRST)


def test_headings_are_passed_over_and_rates_visited(view: GridView) -> None:
    press(view, K.Key_Down, K.Key_Down)
    assert here(view) == ("poor_rate", FIRST)
    type_in(view, "5")
    assert editor(view) is None
    press(view, K.Key_Down)
    assert here(view) == ("area", FIRST)
    press(view, K.Key_Up, K.Key_Up, K.Key_Up, K.Key_Up)
    assert here(view) == ("households", FIRST)


def test_home_end_and_ctrl(view: GridView, grid: GridModel) -> None:
    press(view, K.Key_End)
    assert here(view) == ("households", THIRD)
    press(view, K.Key_Home)
    assert here(view) == ("households", FIRST)
    press(view, K.Key_End, held=CTRL)
    assert here(view) == ("remark", THIRD)
    press(view, K.Key_Home, held=CTRL)
    assert here(view) == ("households", FIRST)
    press(view, K.Key_PageDown)
    assert here(view) == ("remark", FIRST)
    press(view, K.Key_PageUp)
    assert here(view) == ("households", FIRST)
    for unit in (FIRST, SECOND):
        grid.setData(at(grid, "households", unit), "1", Qt.ItemDataRole.EditRole)
    press(view, K.Key_Right, held=CTRL)
    assert here(view) == ("households", SECOND)
    press(view, K.Key_Right, held=CTRL)
    assert here(view) == ("households", THIRD)
    press(view, K.Key_Left, held=CTRL)
    assert here(view) == ("households", SECOND)


def test_delete_clears_every_selected_cell(view: GridView, grid: GridModel, commune: Store) -> None:
    for unit in (FIRST, SECOND):
        grid.setData(at(grid, "households", unit), "1", Qt.ItemDataRole.EditRole)
    press(view, K.Key_Right, held=SHIFT)
    press(view, K.Key_Delete)
    assert kept(commune, "households").is_empty
    assert kept(commune, "households", SECOND).is_empty
    press(view, K.Key_Escape)
    assert view.selection.single


def test_one_key_each_says_why_there_is_no_figure(view: GridView, commune: Store) -> None:
    press(view, K.Key_F7)
    assert kept(commune, "households").missing == NOT_COLLECTED
    press(view, K.Key_Down, K.Key_F8)
    assert kept(commune, "poor").missing == DOES_NOT_APPLY
    type_in(view, "1")
    press(view, K.Key_F7)
    assert editor(view) is None
    assert kept(commune, "poor").missing == NOT_COLLECTED


def test_an_input_method_starts_a_cell_and_replaces_it(view: GridView, grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "remark"), "cũ", Qt.ItemDataRole.EditRole)
    view.setCurrentIndex(at(grid, "remark"))
    event = QInputMethodEvent()
    event.setCommitString("hộ")
    QApplication.sendEvent(view, event)
    opened = editor(view)
    assert opened is not None
    assert opened.text() == "hộ"
    more = QInputMethodEvent()
    more.setCommitString(" nghèo")
    QApplication.sendEvent(opened, more)
    press(view, K.Key_Return)
    assert kept(commune, "remark").text == "hộ nghèo"


def test_composing_with_an_input_method_begins_in_the_cell(view: GridView, grid: GridModel, commune: Store) -> None:
    view.setCurrentIndex(at(grid, "remark"))
    QApplication.sendEvent(view, QInputMethodEvent("hô", []))
    done = QInputMethodEvent("", [])
    done.setCommitString("hộ")
    QApplication.sendEvent(view, done)
    press(view, K.Key_Return)
    assert kept(commune, "remark").text == "hộ"


def test_a_value_that_arrives_does_not_disturb_who_is_typing(view: GridView, feed: Feed, commune: Store) -> None:
    type_in(view, "31")
    feed.changed.emit(ChangeSet(receive(commune, [(key("households"), ["99"])])))
    opened = editor(view)
    assert opened is not None
    assert opened.text() == "31"
    type_in(view, "2")
    press(view, K.Key_Return)
    assert kept(commune, "households").number == 312


def test_leaving_for_another_period_stores_what_is_being_typed(view: GridView, commune: Store) -> None:
    type_in(view, "312")
    view.setModel(None)
    assert kept(commune, "households").number == 312


def test_enter_on_an_unsaved_value_tries_again(
    view: GridView, grid: GridModel, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(commune, monkeypatch)
    type_in(view, "312")
    press(view, K.Key_Return)
    view.setCurrentIndex(at(grid, "households"))
    press(view, K.Key_Return)
    assert here(view) == ("households", FIRST), "what is not safe stays current"
    disk.full = False
    press(view, K.Key_Return)
    assert kept(commune, "households").number == 312
    assert here(view) == ("poor", FIRST)


def test_many_columns_scroll_beside_the_frozen_part(view: GridView, grid: GridModel) -> None:
    view.resize(420, 400)
    frozen = view.verticalHeader().width()
    press(view, K.Key_End)
    assert view.horizontalScrollBar().value() > 0
    assert view.verticalHeader().width() == frozen
    assert view.visualRect(view.currentIndex()).left() >= 0


def test_a_double_click_edits(view: GridView, grid: GridModel) -> None:
    grid.setData(at(grid, "poor", SECOND), "9", Qt.ItemDataRole.EditRole)
    place = view.visualRect(at(grid, "poor", SECOND)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    opened = editor(view)
    assert opened is not None
    assert opened.text() == "9"


def test_the_cell_speaks_whole(view: GridView, grid: GridModel) -> None:
    grid.setData(at(grid, "households"), "312", Qt.ItemDataRole.EditRole)
    said = at(grid, "households").data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "CT01 Tổng số hộ dân. Thôn An Sơn. 312 hộ. Đã lưu trên máy, chờ gửi"
    grid.mark_missing([(2, 0)], NOT_COLLECTED)
    said = at(grid, "poor").data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "CT03 Số hộ nghèo. Thôn An Sơn. Không thu thập được. Đã lưu trên máy, chờ gửi"
    assert at(grid, "poor_rate").data(Qt.ItemDataRole.AccessibleTextRole).startswith("Tỷ lệ hộ nghèo. Thôn An Sơn. —")


@pytest.mark.parametrize("pasted", ["9" * 70_000, "\U0001d15e" * 5_000, "\x01\u1ea4" * 20_000])
def test_a_page_pasted_by_mistake_is_kept_as_far_as_a_cell_takes_it(
    view: GridView, commune: Store, pasted: str
) -> None:
    QApplication.clipboard().setText(pasted)
    press(view, K.Key_F2)
    opened = editor(view)
    assert opened is not None
    QTest.keySequence(opened, QKeySequence.StandardKey.Paste)
    press(view, K.Key_Return)
    raw = kept(commune, "households").raw
    assert raw is not None
    assert raw[:50] == nfc(pasted.strip())[:50]


def test_opening_a_long_cell_does_not_shorten_it(view: GridView, grid: GridModel, commune: Store) -> None:
    long = "ngoài mẫu " * 300
    grid.setData(at(grid, "households"), long, Qt.ItemDataRole.EditRole)
    press(view, K.Key_F2)
    press(view, K.Key_Return)
    assert kept(commune, "households").raw == long.strip()


def test_what_no_store_can_hold_is_left_out(grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "households"), "12\0a\ud83d", Qt.ItemDataRole.EditRole)
    assert kept(commune, "households").raw == "12a"


def test_lines_are_as_high_as_their_own_names_need(
    view: GridView, commune: Store, catalogue: Catalogue, feed: Feed
) -> None:
    """A table keeps the heights of lines when its model is another one."""
    one_line = view.rowHeight(1)
    households = catalogue.indicators["households"]
    long = households._replace(name=Label("Số hộ có nhà ở thiếu kiên cố, nhà đơn sơ hoặc nhà dột nát " * 2, "Homes"))
    other = catalogue._replace(indicators={**catalogue.indicators, "households": long})
    view.setModel(grid_of(commune, other, feed))
    view.fit_columns()
    higher = view.rowHeight(1)
    assert higher > one_line
    view.setModel(grid_of(commune, catalogue, feed))
    view.fit_columns()
    assert [view.rowHeight(row) for row in (1, 2)] == [one_line, one_line]
    view.setModel(grid_of(commune, other, feed))
    view.fit_columns()
    assert [view.rowHeight(row) for row in (1, 2)] == [higher, one_line], "as they were kept"


def test_lines_are_as_high_as_large_letters_need_also_beside_a_window_with_small_ones(
    qapp: QApplication, view: GridView, commune: Store, catalogue: Catalogue, feed: Feed, qtbot: QtBot
) -> None:
    long = catalogue.indicators["households"]._replace(name=Label("Số thành viên Tổ công nghệ số cộng đồng", "Members"))
    other = catalogue._replace(indicators={**catalogue.indicators, "households": long})
    view.setModel(grid_of(commune, other, feed))
    view.fit_columns()

    def heights() -> list[int]:
        large = GridView()
        qtbot.addWidget(large)
        large.setModel(grid_of(commune, other, feed))
        large.resize(900, 500)
        large.show()
        return [large.rowHeight(row) for row in range(large.model().rowCount())]

    try:
        theme.apply(qapp, "light", 200)
        beside = heights()  # the one with small letters was measured once more
        headings._heights.clear()
        assert beside == heights()
    finally:
        theme.apply(qapp, "light", 100)
