"""Blocks of cells, chosen by keys and by the mouse in a real window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.entry.model import GridModel
from desktop.entry.selection import Block
from desktop.entry.view import GridView
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, SECOND, THIRD
from tests.desktop.entry.test_model import at, kept
from tests.desktop.entry.test_view import CTRL, SHIFT, K, editor, here, press, type_in

LEFT = Qt.MouseButton.LeftButton
WHOLE = Block(0, 0, 6, 2)


def block(view: GridView) -> Block:
    """What is chosen, which Qt's selection model must say too."""
    found = view.selection.block
    chosen = {(index.row(), index.column()) for index in view.selectionModel().selectedIndexes()}
    model = view.grid()
    assert model is not None
    assert chosen == {(row, column) for row, column in found.cells() if model.lines[row].indicator}
    return found


def centre(view: GridView, row: int, column: int) -> QPoint:
    model = view.grid()
    assert model is not None
    return view.visualRect(model.index(row, column)).center()


def click(view: GridView, row: int, column: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(view.viewport(), LEFT, held, centre(view, row, column))


def test_shift_and_arrows_reach_out_and_the_current_cell_stays(view: GridView) -> None:
    press(view, K.Key_Right, K.Key_Down, held=SHIFT)
    assert block(view) == Block(1, 0, 2, 1)
    assert here(view) == ("households", FIRST)
    press(view, K.Key_Up, held=SHIFT)
    assert block(view) == Block(1, 0, 1, 1)
    press(view, K.Key_Right)
    assert view.selection.single
    assert here(view) == ("households", SECOND)


def test_shift_passes_over_headings(view: GridView) -> None:
    press(view, K.Key_Down, K.Key_Down, K.Key_Down, held=SHIFT)
    assert block(view) == Block(1, 0, 5, 0)


def test_ctrl_shift_reaches_to_the_edge_of_what_is_filled(view: GridView, grid: GridModel) -> None:
    for unit in (FIRST, SECOND):
        grid.setData(at(grid, "households", unit), "1", Qt.ItemDataRole.EditRole)
    press(view, K.Key_Right, held=CTRL | SHIFT)
    assert block(view) == Block(1, 0, 1, 1)
    press(view, K.Key_End, held=CTRL | SHIFT)
    assert block(view) == Block(1, 0, 6, 2)


def test_shift_home_end_and_pages(view: GridView) -> None:
    press(view, K.Key_End, held=SHIFT)
    assert block(view) == Block(1, 0, 1, 2)
    press(view, K.Key_Home, held=SHIFT)
    assert view.selection.single
    press(view, K.Key_PageDown, held=SHIFT)
    assert block(view) == Block(1, 0, 6, 0)


def test_ctrl_a_chooses_all_and_escape_one(view: GridView) -> None:
    press(view, K.Key_A, held=CTRL)
    assert block(view) == WHOLE
    press(view, K.Key_Escape)
    assert view.selection.single
    assert here(view) == ("households", FIRST)


def test_space_chooses_rows_and_columns(view: GridView) -> None:
    press(view, K.Key_Down)
    press(view, K.Key_Space, held=SHIFT)
    assert block(view) == Block(2, 0, 2, 2)
    press(view, K.Key_Escape)
    press(view, K.Key_Space, held=CTRL)
    assert block(view) == Block(0, 0, 6, 0)
    assert here(view) == ("poor", FIRST)
    assert editor(view) is None


def test_a_drag_chooses_a_block_and_shift_click_another(view: GridView) -> None:
    QTest.mousePress(view.viewport(), LEFT, pos=centre(view, 2, 1))
    QTest.mouseMove(view.viewport(), centre(view, 1, 2))
    QTest.mouseRelease(view.viewport(), LEFT, pos=centre(view, 1, 2))
    assert block(view) == Block(1, 1, 2, 2)
    assert here(view) == ("poor", SECOND)
    QTest.mouseMove(view.viewport(), centre(view, 5, 0))
    assert block(view) == Block(1, 1, 2, 2), "the button is up"
    click(view, 5, 2, SHIFT)
    assert block(view) == Block(2, 1, 5, 2)
    click(view, 5, 0)
    assert view.selection.single
    assert here(view) == ("area", FIRST)


def test_a_click_on_a_heading_line_chooses_nothing(view: GridView) -> None:
    click(view, 4, 1)
    assert here(view) == ("households", FIRST)


def test_clicks_on_headings_choose_columns_and_rows(view: GridView) -> None:
    top, side = view.horizontalHeader().viewport(), view.verticalHeader().viewport()
    QTest.mouseClick(top, LEFT, pos=QPoint(centre(view, 1, 1).x(), 10))
    assert block(view) == Block(0, 1, 6, 1)
    assert here(view) == ("households", SECOND)
    QTest.mouseClick(top, LEFT, SHIFT, QPoint(centre(view, 1, 2).x(), 10))
    assert block(view) == Block(0, 1, 6, 2)
    QTest.mouseClick(side, LEFT, pos=QPoint(20, centre(view, 2, 0).y()))
    assert block(view) == Block(2, 0, 2, 2)
    QTest.mousePress(side, LEFT, pos=QPoint(20, centre(view, 2, 0).y()))
    QTest.mouseMove(side, QPoint(20, centre(view, 5, 0).y()))
    QTest.mouseRelease(side, LEFT, pos=QPoint(20, centre(view, 5, 0).y()))
    assert block(view) == Block(2, 0, 5, 2)
    assert view.hasFocus()


def test_enter_and_tab_go_round_in_a_block(view: GridView, commune: Store) -> None:
    press(view, K.Key_Right, K.Key_Down, held=SHIFT)
    for typed in ("1", "2", "3", "4"):
        type_in(view, typed)
        press(view, K.Key_Return)
    found = [kept(commune, item, unit).number for unit in (FIRST, SECOND) for item in ("households", "poor")]
    assert found == [1, 2, 3, 4]
    assert here(view) == ("households", FIRST)
    assert block(view) == Block(1, 0, 2, 1)
    press(view, K.Key_Tab)
    assert here(view) == ("households", SECOND)
    press(view, K.Key_Tab)
    assert here(view) == ("poor", FIRST)
    press(view, K.Key_Backtab, K.Key_Backtab, K.Key_Backtab)
    assert here(view) == ("poor", SECOND)


def test_enter_after_tabs_begins_the_next_line_where_the_first_began(view: GridView, commune: Store) -> None:
    press(view, K.Key_Right)
    for typed in ("1", "2"):
        type_in(view, typed)
        press(view, K.Key_Tab)
    assert here(view) == ("households", THIRD)
    press(view, K.Key_Return)
    assert here(view) == ("poor", SECOND)
    press(view, K.Key_Return)
    assert here(view) == ("area", SECOND), "only once"


def test_an_arrow_forgets_where_tabbing_began(view: GridView) -> None:
    press(view, K.Key_Tab)
    press(view, K.Key_Right)
    press(view, K.Key_Return)
    assert here(view) == ("poor", THIRD)


def test_ctrl_enter_types_into_every_chosen_cell(view: GridView, commune: Store) -> None:
    press(view, K.Key_Right, K.Key_Down, held=SHIFT)
    type_in(view, "7")
    press(view, K.Key_Return, held=CTRL)
    found = {kept(commune, item, unit).number for unit in (FIRST, SECOND) for item in ("households", "poor")}
    assert found == {7}
    assert block(view) == Block(1, 0, 2, 1)
    assert view.hasFocus()


def test_page_keys_leave_the_editor_and_store(view: GridView, commune: Store) -> None:
    type_in(view, "7")
    press(view, K.Key_PageDown)
    assert kept(commune, "households").number == 7
    assert here(view) == ("remark", FIRST)


@pytest.mark.parametrize("key", [K.Key_F7, K.Key_Backspace])
def test_one_key_serves_every_chosen_cell(view: GridView, commune: Store, key: Qt.Key) -> None:
    press(view, K.Key_A, held=CTRL)
    press(view, K.Key_F7)
    assert kept(commune, "remark", THIRD).missing == "not_collected"
    press(view, key)
    assert kept(commune, "remark", THIRD).is_empty == (key == K.Key_Backspace)


def test_a_click_elsewhere_stores_what_is_being_typed(view: GridView, commune: Store) -> None:
    type_in(view, "7")
    click(view, 2, 1)
    assert kept(commune, "households").number == 7
    assert here(view) == ("poor", SECOND)


def test_a_selection_starts_over_on_another_sheet(view: GridView, grid: GridModel) -> None:
    press(view, K.Key_A, held=CTRL)
    view.setModel(None)
    view.setModel(grid)
    view.setCurrentIndex(at(grid, "poor"))
    assert block(view) == Block(2, 0, 2, 0)


def test_home_and_end_of_the_grid(view: GridView) -> None:
    press(view, K.Key_End, held=CTRL)
    assert here(view) == ("remark", THIRD)
    press(view, K.Key_Home, held=CTRL | SHIFT)
    assert block(view) == Block(1, 0, 6, 2)
