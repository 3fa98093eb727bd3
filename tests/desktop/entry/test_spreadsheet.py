"""What people know from a spreadsheet works as in a spreadsheet: a table of behaviours, each played with real keys and
the mouse in a real window."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from sync.domain.keys import VALUE, Key
from sync.store import Store
from tests.desktop.entry.conftest import PERIOD, VILLAGES
from tests.desktop.entry.test_model import text
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import editor
from tests.desktop.sampled import NOW

UNITS = tuple(VILLAGES)
_HELD = {"Ctrl": Qt.KeyboardModifier.ControlModifier, "Shift": Qt.KeyboardModifier.ShiftModifier}
START = {"households": "100 200 300", "poor": "10 20 30", "area": "1 2 3", "remark": "- - -"}
"""Every played grid begins so, with the first village's households as its current cell. Between poor and area lie a
computed line and a heading, and behind the third village stands the commune's total."""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Behaviour(NamedTuple):
    """`keys` are played one after another: a key by its name, 'text' typed, poor/2 clicked, poor/2x double clicked,
    +poor/2 clicked with Shift, poor/1~area/2 dragged. `at` is where the current cell is afterwards, `cells` the lines
    that are not as they were, `block` how many lines and columns are chosen, `clipboard` what another program put in.
    """

    words: str
    keys: str
    at: str
    cells: Mapping[str, str] = NOTHING
    block: tuple[int, int] = (1, 1)
    clipboard: str = ""


TABLE = [
    # Typing
    Behaviour("typing replaces what is in the cell", "'7' Return", "poor/1", {"households": "7 200 300"}),
    Behaviour("Enter goes down", "Return", "poor/1"),
    Behaviour("Shift+Enter goes up", "poor/1 Shift+Return", "households/1"),
    Behaviour("Tab goes to the right", "'7' Tab", "households/2", {"households": "7 200 300"}),
    Behaviour("Shift+Tab goes to the left", "poor/2 Shift+Tab", "poor/1"),
    Behaviour("Enter after tabs returns to the first column", "Tab Tab Return", "poor/1"),
    Behaviour("F2 edits at the end of what is there", "F2 '5' Return", "poor/1", {"households": "1.005 200 300"}),
    Behaviour("a double click edits too", "poor/2x '5' Return", "area/2", {"poor": "10 205 30"}),
    Behaviour("an arrow ends what was typed over", "'7' Right", "households/2", {"households": "7 200 300"}),
    Behaviour("an arrow stays within what is edited", "F2 Left '5' Return", "poor/1", {"households": "1.050 200 300"}),
    Behaviour("Esc gives up what is being typed", "'7' Escape", "households/1"),
    Behaviour("a click elsewhere takes what was typed", "'7' poor/3", "poor/3", {"households": "7 200 300"}),
    Behaviour("a page key takes it too", "'7' PageDown", "remark/1", {"households": "7 200 300"}),
    Behaviour(
        "Backspace within an editor rubs out a sign", "'78' Backspace Return", "poor/1", {"households": "7 200 300"}
    ),
    Behaviour("Enter passes over what is computed", "poor/1 Return", "area/1"),
    Behaviour("typing on what is computed does nothing", "poor/1 Down '5'", "poor_rate/1"),
    Behaviour("words are typed where words belong", "remark/1 'abc' Tab", "remark/2", {"remark": "abc - -"}),
    # Emptying
    Behaviour("Delete empties the cell", "Delete", "households/1", {"households": "- 200 300"}),
    Behaviour("Backspace empties it too", "Backspace", "households/1", {"households": "- 200 300"}),
    Behaviour(
        "Delete empties all that is chosen",
        "Shift+Right Shift+Down Delete",
        "households/1",
        {"households": "- - 300", "poor": "- - 30"},
        (2, 2),
    ),
    # Moving
    Behaviour("arrows move", "Down Right Right Up", "households/3"),
    Behaviour("an arrow at the edge stays", "Left Up", "households/1"),
    Behaviour("End goes to the last column, the total", "End", "households/4"),
    Behaviour("Home goes to the first column", "poor/3 Home", "poor/1"),
    Behaviour("Ctrl+Home goes to the first cell", "area/3 Ctrl+Home", "households/1"),
    Behaviour("Ctrl+End goes to the last cell", "Ctrl+End", "remark/4"),
    Behaviour("Ctrl+Right goes to the edge of what is filled", "Ctrl+Right", "households/4"),
    Behaviour("Page Down goes a page down", "PageDown", "remark/1"),
    Behaviour("Page Up goes a page up", "remark/2 PageUp", "households/2"),
    Behaviour("a click goes to its cell", "area/2", "area/2"),
    # Choosing
    Behaviour("Shift and an arrow reach out", "Shift+Down Shift+Right", "households/1", NOTHING, (2, 2)),
    Behaviour("Shift and End reach to the last column", "Shift+End", "households/1", NOTHING, (1, 4)),
    Behaviour("Shift and a click reach to the clicked cell", "+poor/3", "households/1", NOTHING, (2, 3)),
    Behaviour("a drag chooses a block", "households/2~poor/3", "households/2", NOTHING, (2, 2)),
    Behaviour("an arrow leaves the block", "+poor/3 Down", "poor/1"),
    Behaviour("Esc leaves the block", "+poor/3 Escape", "households/1"),
    Behaviour("Ctrl+A chooses all", "Ctrl+A", "households/1", NOTHING, (7, 4)),
    Behaviour("Shift+Space chooses the line", "poor/2 Shift+Space", "poor/2", NOTHING, (1, 4)),
    Behaviour("Ctrl+Space chooses the column", "poor/2 Ctrl+Space", "poor/2", NOTHING, (7, 1)),
    Behaviour(
        "Enter goes round within a block", "+poor/2 Return Return Return Return", "households/1", NOTHING, (2, 2)
    ),
    Behaviour("Tab goes round within a block", "+poor/2 Tab Tab", "poor/1", NOTHING, (2, 2)),
    Behaviour(
        "Ctrl+Enter types into all that is chosen",
        "+poor/2 '5' Ctrl+Return",
        "households/1",
        {"households": "5 5 300", "poor": "5 5 30"},
        (2, 2),
    ),
    # Copying
    Behaviour("copy and paste", "Ctrl+C area/3 Ctrl+V", "area/3", {"area": "1 2 100"}),
    Behaviour(
        "cut and paste move", "Ctrl+X remark/1 Ctrl+V", "remark/1", {"households": "- 200 300", "remark": "100 - -"}
    ),
    Behaviour(
        "Ctrl+Insert and Shift+Insert copy and paste", "Ctrl+Insert area/3 Shift+Insert", "area/3", {"area": "1 2 100"}
    ),
    Behaviour(
        "a block of another program is pasted from the current cell on",
        "remark/1 Ctrl+V",
        "remark/1",
        {"remark": "a b -"},
        (1, 2),
        "a\tb\r\n",
    ),
    Behaviour(
        "one value goes into all that is chosen",
        "remark/1 Shift+End Ctrl+V",
        "remark/1",
        {"remark": "x x x"},
        (1, 4),
        "x",
    ),
    Behaviour("Ctrl+D fills down", "+poor/1 Ctrl+D", "households/1", {"poor": "100 20 30"}, (2, 1)),
    Behaviour("Ctrl+D takes from the cell above a single one", "poor/2 Ctrl+D", "poor/2", {"poor": "10 200 30"}),
    Behaviour(
        "Ctrl+R fills to the right", "+households/3 Ctrl+R", "households/1", {"households": "100 100 100"}, (1, 3)
    ),
    # Taking back
    Behaviour("Ctrl+Z takes back", "'7' Return Ctrl+Z", "households/1"),
    Behaviour("Ctrl+Y does it again", "'7' Return Ctrl+Z Ctrl+Y", "households/1", {"households": "7 200 300"}),
    Behaviour("Ctrl+Shift+Z does too", "'7' Return Ctrl+Z Ctrl+Shift+Z", "households/1", {"households": "7 200 300"}),
    Behaviour("one Ctrl+Z takes a whole paste back", "remark/1 Ctrl+V Ctrl+Z", "remark/1", NOTHING, (1, 3), "a\tb\tc"),
    Behaviour("one Ctrl+Z takes a whole filling back", "+households/3 Ctrl+R Ctrl+Z", "households/2", NOTHING, (1, 2)),
    Behaviour("Ctrl+Z within an editor is the editor's", "'78' Ctrl+Z Escape", "households/1"),
    # Beyond a spreadsheet: one key each says why there is no figure
    Behaviour("F7 says that it was not collected", "F7", "households/1", {"households": "k.thu_thập 200 300"}),
    Behaviour("F8 says that it does not apply", "F8", "households/1", {"households": "k.áp_dụng 200 300"}),
]


@pytest.fixture
def view(commune: Store, room: EntryRoom) -> GridView:
    return view_of(room)


def test_the_table_is_long_enough() -> None:
    assert len({behaviour.words for behaviour in TABLE}) == len(TABLE) >= 40


@pytest.mark.parametrize("behaviour", TABLE, ids=lambda behaviour: behaviour.words)
def test_as_in_a_spreadsheet(view: GridView, room: EntryRoom, commune: Store, behaviour: Behaviour) -> None:
    begin(room, commune)
    if behaviour.clipboard:
        mime = QMimeData()
        mime.setText(behaviour.clipboard)
        QApplication.clipboard().setMimeData(mime)
    for word in behaviour.keys.split(" "):
        play(view, word)
    assert cells(view) == {**START, **behaviour.cells}
    model, index = view.grid(), view.currentIndex()
    assert model is not None
    indicator = model.lines[index.row()].indicator
    assert indicator is not None
    assert f"{indicator.key}/{index.column() + 1}" == behaviour.at
    block = view.selection.block
    assert (block.height, block.width) == behaviour.block


def begin(room: EntryRoom, store: Store) -> None:
    typed = [
        (Key(VALUE, unit, item, PERIOD.code), figure)
        for item, line in START.items()
        for unit, figure in zip(UNITS, line.split(" "), strict=True)
        if figure != "-"
    ]
    room._feed.changed.emit(store.record_changes(typed, "Hoa", NOW))


def cells(view: GridView) -> dict[str, str]:
    model = view.grid()
    assert model is not None
    texts = {item: [text(model, item, unit) for unit in UNITS] for item in START}
    return {item: " ".join(one.replace(" ", "_") or "-" for one in line) for item, line in texts.items()}


def play(view: GridView, word: str) -> None:
    QApplication.processEvents()
    if word.startswith("'"):
        for sign in word.strip("'"):
            QTest.keyClicks(editor(view) or view, sign)
    elif "/" in word:
        click(view, word)
    else:
        *held, name = word.split("+")
        modifiers = Qt.KeyboardModifier.NoModifier
        for one in held:
            modifiers |= _HELD[one]
        QTest.keyClick(editor(view) or view, Qt.Key[f"Key_{name}"], modifiers)


def click(view: GridView, word: str) -> None:
    button, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    area = view.viewport()
    first, _, last = word.strip("+x").partition("~")
    if word.endswith("x"):
        QTest.mouseDClick(area, button, pos=middle(view, first))
    elif last:
        QTest.mousePress(area, button, pos=middle(view, first))
        QTest.mouseMove(area, middle(view, last))
        QTest.mouseRelease(area, button, pos=middle(view, last))
    else:
        QTest.mouseClick(
            area, button, shift if word.startswith("+") else Qt.KeyboardModifier.NoModifier, middle(view, first)
        )


def middle(view: GridView, place: str) -> QPoint:
    """The middle of a cell, which is brought into sight."""
    item, _, number = place.partition("/")
    model = view.grid()
    assert model is not None
    row, column = model.row_of(item), model.column_of(UNITS[int(number) - 1])
    assert row is not None
    assert column is not None
    index = model.index(row, column)
    view.scrollTo(index)
    return view.visualRect(index).center()
