"""Where a block of another program goes: our own files have rows for headings and computed lines, other lists not."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.entry.exporting import export_template, shown_rows
from desktop.entry.room import EntryRoom
from desktop.entry.selection import Block
from desktop.entry.subject import subject_of
from desktop.entry.view import GridView
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import VALUE, Key
from sync.domain.numbers import Convention, format_number
from sync.exchange.differences import number_in
from sync.exchange.workbooks import read_book
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, PERIOD, THIRD, opener
from tests.desktop.entry.test_commands import answer, go, notice, paste, put
from tests.desktop.entry.test_model import key
from tests.desktop.entry.test_room import grid
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, SHIFT, K, press
from tests.desktop.sampled import NOW

TYPED = {"households": "1187", "poor": "12", "area": "2.88", "remark": '"Đã rà soát"'}
"""What the first village has: lines 1, 2, 5 and 6 below and above the headings in 0 and 4, and the rate in 3."""


@pytest.fixture
def view(commune: Store, room: EntryRoom) -> GridView:
    typed = [(Key(VALUE, FIRST, item, PERIOD.code), content) for item, content in TYPED.items()]
    room._feed.changed.emit(commune.record_changes(typed, "Hoa", NOW))
    return view_of(room)


def of_the_template(room: EntryRoom, catalogue: Catalogue, folder: Path) -> list[str]:
    """The first village's column of the form to fill in, as a spreadsheet shows it once it has worked out the rate."""
    subject = subject_of(grid(room), catalogue, opener(room._store))
    path = export_template(subject, folder / "form.xlsx", lambda: False)
    sheet = read_book(path).sheets[0]
    found = [sheet.cell(row, 4) for row in range(5, 12)]
    texts = []
    for cell in found:
        number = number_in(cell, Convention.VIETNAMESE)
        texts.append(str(cell) if number is None else format_number(number, Convention.VIETNAMESE))
    assert texts == ["", "1.187", "12", "", "", "2,88", "Đã rà soát"]
    return [*texts[:3], "1,01", *texts[4:]]


def of_the_export(room: EntryRoom) -> list[str]:
    """The same column of the file of what is shown."""
    texts = [
        one if isinstance(one, str) else format_number(one, Convention.VIETNAMESE)
        for one in (row[3] for row in shown_rows(grid(room)))
    ]
    assert texts == ["", "1.187", "12", "1,01", "", "2,88", "Đã rà soát"]
    return texts


def put_column(texts: Sequence[str]) -> None:
    """Put a column on the clipboard as spreadsheets do: every row ends with a line break."""
    put("".join(f"{text}\r\n" for text in texts))


def contents(store: Store, unit: str = THIRD) -> dict[str, str]:
    """What a village's cells hold that hold anything."""
    shown = {item: store.shown(key(item, unit)) for item in TYPED}
    return {item: cell.content for item, cell in shown.items() if cell is not None and cell.content != "null"}


def doubtful(room: EntryRoom) -> bool:
    return say("entry.paste.doubtful") in notice(room)


@pytest.mark.parametrize("file", ["template", "export"])
@pytest.mark.parametrize(("first", "asked"), [(0, True), (1, False)])
def test_a_whole_column_of_our_own_files_goes_to_its_lines(
    room: EntryRoom,
    view: GridView,
    commune: Store,
    catalogue: Catalogue,
    tmp_path: Path,
    file: str,
    first: int,
    asked: bool,
) -> None:
    texts = of_the_export(room) if file == "export" else of_the_template(room, catalogue, tmp_path)
    put_column(texts[first:])
    go(view, 1, 2)
    paste(view)
    assert doubtful(room) is asked, "it begins a line above the chosen cell"
    if asked:
        assert contents(commune) == {}
        assert view.preview[key("area", THIRD)] == "2.88"
        answer(room, say("entry.paste.yes"))
    assert contents(commune) == TYPED
    assert view.selection.block == Block(1, 2, 6, 2)
    press(view, K.Key_Z, held=CTRL)
    assert contents(commune) == {}


def test_a_whole_column_goes_into_a_whole_column_that_was_chosen(
    room: EntryRoom, view: GridView, commune: Store
) -> None:
    put_column(of_the_export(room))
    go(view, 1, 2)
    press(view, K.Key_Space, held=CTRL)
    paste(view)
    assert notice(room) == ""
    assert contents(commune) == TYPED


@pytest.mark.parametrize("heading", ["", "Khác"])
def test_a_part_with_a_heading_in_it_is_shown_before_it_is_written(
    room: EntryRoom, view: GridView, commune: Store, heading: str
) -> None:
    put_column(["12", "", heading, "2,88"])
    go(view, 2, 2)
    paste(view)
    assert doubtful(room)
    assert view.preview == {key("poor", THIRD): "12", key("area", THIRD): "2.88"}
    asking = QApplication.focusWidget()
    assert asking is not None
    QTest.keyClick(asking, K.Key_Escape)
    assert view.preview == {}
    assert contents(commune) == {}
    paste(view)
    answer(room, say("entry.paste.yes"))
    assert contents(commune) == {"poor": "12", "area": "2.88"}


def test_a_part_that_begins_with_the_heading_goes_below_it(room: EntryRoom, view: GridView, commune: Store) -> None:
    put_column(["", "2,88", "Đã rà soát"])
    go(view, 5, 2)
    paste(view)
    assert doubtful(room)
    answer(room, say("entry.paste.yes"))
    assert contents(commune) == {"area": "2.88", "remark": '"Đã rà soát"'}


def test_a_first_row_that_may_be_empty_begins_in_the_chosen_cell(
    room: EntryRoom, view: GridView, commune: Store
) -> None:
    put_column(["", "12"])
    go(view, 1, 2)
    paste(view)
    assert doubtful(room)
    answer(room, say("entry.paste.yes"))
    assert contents(commune) == {"poor": "12"}


def test_a_block_without_rows_for_headings_passes_over_them(room: EntryRoom, view: GridView, commune: Store) -> None:
    put_column(["1.187", "12", "1,01", "2,88", "Đã rà soát"])
    go(view, 1, 2)
    paste(view)
    assert notice(room) == ""
    assert contents(commune) == TYPED


def test_a_block_without_rows_for_what_is_computed_is_not_written_two_lines_too_high_in_silence(
    room: EntryRoom, view: GridView, commune: Store
) -> None:
    put_column(["1.187", "12", "", "7"])
    go(view, 1, 2)
    paste(view)
    assert doubtful(room), "the third may be an area that nobody knew, and the fourth a remark"
    assert contents(commune) == {}


@pytest.mark.parametrize("rate", ["1,02", "1", "7", "abc"])
def test_a_computed_line_that_comes_to_something_else_refuses_the_block(
    room: EntryRoom, view: GridView, commune: Store, rate: str
) -> None:
    put_column(["1.187", "12", rate, "", "2,88"])
    go(view, 1, 2)
    paste(view)
    assert notice(room) == say("entry.refused.computed", line="Tỷ lệ hộ nghèo")
    assert contents(commune) == {}


def test_only_a_computed_line_speaks_against_a_part_with_a_heading_in_it(
    room: EntryRoom, view: GridView, commune: Store
) -> None:
    put_column(["12", "1,01", "", "2,88", "Đã rà soát"])
    go(view, 2, 2)
    paste(view)
    assert notice(room) == say("entry.refused.computed", line="Tỷ lệ hộ nghèo"), "not: too large"
    assert contents(commune) == {}


@pytest.mark.parametrize("rate", ["1,01", "1.01", "1,010951980", "—"])
def test_a_computed_line_may_say_what_the_block_itself_comes_to(
    room: EntryRoom, view: GridView, commune: Store, rate: str
) -> None:
    go(view, 1, 2)
    put_column(["1.187", "12" if rate != "—" else "k.thu thập", rate, "2,88"])
    paste(view)
    assert notice(room) == ""
    assert contents(commune)["area"] == "2.88"


def test_a_row_goes_to_the_chosen_line_whatever_stands_above(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("\t3\r\n")
    go(view, 5, 1)
    paste(view)
    assert notice(room) == ""
    assert contents(commune) == {"area": "3"}


def test_what_was_copied_here_goes_where_it_went(room: EntryRoom, view: GridView, commune: Store) -> None:
    go(view, 2, 0)
    press(view, K.Key_Delete)
    go(view, 1, 0)
    press(view, *[K.Key_Down] * 4, held=SHIFT)
    press(view, K.Key_C, held=CTRL)
    go(view, 1, 2)
    paste(view)
    assert notice(room) == ""
    assert contents(commune) == {"households": "1187", "area": "2.88", "remark": '"Đã rà soát"'}
