"""Blocks of thousands of cells: written on a thread of their own, with progress, and given up at will."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.entry.writing import AT_ONCE, Outcome, Stop
from desktop.feed import Feed
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Row, Section
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, THIRD
from tests.desktop.entry.test_commands import answer, notice, put, said
from tests.desktop.entry.test_model import key
from tests.desktop.entry.test_room import grid
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, K, editor, press, type_in
from tests.desktop.sampled import push, receive

LINES = 700
"""More than are written at once, in one column and in three."""
PATIENCE_MS = 60_000
"""How long a busy machine may take for a block."""


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """A form of many lines beside the others."""
    like = catalogue.indicators["households"]
    many = {f"many_{n:03}": like._replace(key=f"many_{n:03}") for n in range(LINES)}
    rows = tuple(Row("", item) for item in many)
    section = Section("many", catalogue.forms["village"].name, rows)
    form = catalogue.forms["village"]._replace(key="many", sections=(section,))
    return catalogue._replace(indicators={**catalogue.indicators, **many}, forms={**catalogue.forms, "many": form})


@pytest.fixture
def view(room: EntryRoom) -> GridView:
    room.show_place(Place("entry", form="many"))
    return view_of(room)


def column(first: int = 0) -> str:
    return "\n".join(str(first + n) for n in range(LINES))


def contents(store: Store, unit: str = FIRST) -> list[str]:
    found = store.cells("value", unit)
    return [found[one].content if one in found else "" for one in (key(f"many_{n:03}", unit) for n in range(LINES))]


def pasted(room: EntryRoom, view: GridView, qtbot: QtBot, act: Callable[[], None] | None = None) -> Outcome:
    """Press Ctrl+V, and wait for the end of what it began."""
    assert LINES > AT_ONCE
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS) as ended:
        press(view, K.Key_V, held=CTRL)
        if act is not None:
            act()
    outcome = ended.args[0]
    assert isinstance(outcome, Outcome)
    return outcome


def test_a_large_block_is_one_transaction_and_one_step(
    room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot
) -> None:
    put(column())
    outcome = pasted(room, view, qtbot)
    assert len(outcome.step.edits) == LINES
    assert contents(commune) == [str(n) for n in range(LINES)]
    assert grid(room).index(500, 0).data() == "499"
    assert not room._writer.busy
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        press(view, K.Key_Z, held=CTRL)
    assert contents(commune) == ["null"] * LINES
    assert say("entry.did.pasting", count=LINES)[1:] in said(room)
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        press(view, K.Key_Y, held=CTRL)
    assert contents(commune)[-1] == str(LINES - 1)


def test_nothing_else_is_typed_meanwhile(room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot) -> None:
    put(column())

    def type_on() -> None:
        assert room._writer.busy
        type_in(view, "7")
        press(view, K.Key_Delete)
        press(view, K.Key_Z, held=CTRL)
        assert editor(view) is None

    pasted(room, view, qtbot, type_on)
    assert contents(commune)[0] == "0"


def test_it_is_given_up_whole(
    room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(column())
    outcome = pasted(room, view, qtbot, room._writer.cancel)
    if outcome.stop is None:  # it was stored before the word came
        return
    assert isinstance(outcome.stop, Stop)
    assert set(contents(commune)) == {""}
    assert said(room) == say("entry.did.given_up")
    press(view, K.Key_Z, held=CTRL)
    assert said(room) == say("entry.did.nothing_to_undo")


def test_progress_is_shown_with_a_way_to_give_it_up(room: EntryRoom, view: GridView, qtbot: QtBot) -> None:
    room._commands._count = LINES
    room._commands._show_progress()
    QApplication.processEvents()
    assert notice(room) == say("entry.notice.writing", count=LINES)
    button = next(
        one for one in room.findChildren(QPushButton) if one.isVisible() and one.text() == say("entry.notice.give_up")
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert room._writer._given_up.is_set()


def test_a_large_block_over_others_is_shown_first(
    room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot
) -> None:
    put(column())
    pasted(room, view, qtbot)
    put(column(1) + "\n")
    view.selection.only(grid(room).index(1, 0))
    pasted(room, view, qtbot)
    assert notice(room) == say("entry.paste.differences", new=0, changed=LINES, same=0, raw=0)
    assert contents(commune)[0] == "0"
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        answer(room, say("entry.paste.yes"))
    assert contents(commune)[0] == "1"


def test_a_large_block_that_may_be_meant_for_other_lines_is_shown_first(
    room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot
) -> None:
    put("\n" + column())
    pasted(room, view, qtbot)
    assert say("entry.paste.doubtful") in notice(room), "with a row for the heading above the chosen cell"
    assert set(contents(commune)) == {""}
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        answer(room, say("entry.paste.yes"))
    assert contents(commune) == [str(n) for n in range(LINES)]


def test_a_full_disk_leaves_nothing_half_done(
    room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Store, *_: object) -> list[Key]:
        raise EnvironmentFault("disk_full", folder="D:/")

    monkeypatch.setattr(Store, "record_made", full)
    put(column())
    assert pasted(room, view, qtbot).fault is not None
    assert say("errors.disk_full.text") in notice(room)
    assert set(contents(commune)) == {""}
    assert not grid(room).contents.unsaved


def test_undo_of_a_large_block_leaves_what_others_changed(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed, qtbot: QtBot
) -> None:
    put(column())
    pasted(room, view, qtbot)
    feed.changed.emit(ChangeSet(receive(commune, [(key("many_005"), ["99"])])))
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        press(view, K.Key_Z, held=CTRL)
    assert contents(commune).count("null") == LINES - 1
    assert contents(commune)[5] == "5"
    assert say("entry.did.left", count=1) in said(room)


def test_what_came_while_a_block_was_told_of_is_shown(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes behind the block's transaction, and is told of before it."""
    record_made = Store.record_made

    def written(store: Store, *given: Any) -> list[Key]:
        kept = record_made(store, *given)
        feed.changed.emit(ChangeSet(receive(store, [(key("many_005"), ["99"])])))
        return kept

    monkeypatch.setattr(Store, "record_made", written)
    put(column())
    pasted(room, view, qtbot)
    shown = {n: grid(room).contents.shown(key(f"many_{n:03}")) for n in (4, 5)}
    assert [(cell.content, [rival.content for rival in cell.rivals]) for cell in shown.values() if cell] == [
        ("4", []),
        ("5", ["99"]),
    ]


def test_closing_the_room_waits_for_what_is_being_written(
    room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot
) -> None:
    put(column())
    press(view, K.Key_V, held=CTRL)
    assert room._writer.busy
    room.close()
    assert not room._writer.busy
    assert contents(commune)[-1] == str(LINES - 1)


def test_delete_over_everything_is_one_step(room: EntryRoom, view: GridView, commune: Store, qtbot: QtBot) -> None:
    put("\n".join(f"{n}\t{n}\t{n}" for n in range(LINES)))
    pasted(room, view, qtbot)
    press(view, K.Key_A, held=CTRL)
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        press(view, K.Key_Delete)
    assert set(contents(commune, THIRD)) == {"null"}
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        press(view, K.Key_Z, held=CTRL)
    assert contents(commune, THIRD)[-1] == str(LINES - 1)
    assert Decimal(contents(commune)[3]) == 3


def test_a_table_of_many_cells_is_read_as_text(view: GridView, room: EntryRoom, commune: Store, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setText(column())
    mime.setHtml("<table>" + "".join(f'<tr><td sdval="9">{"x" * 600}</td></tr>' for _ in range(LINES)) + "</table>")
    QApplication.clipboard().setMimeData(mime)
    pasted(room, view, qtbot)
    assert contents(commune)[-1] == str(LINES - 1)


def test_a_large_block_over_a_conflict_is_taken_back_as_far_as_it_can_be(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed, qtbot: QtBot
) -> None:
    feed.changed.emit(ChangeSet(receive(commune, [(key("many_005"), ["5", "99"])])))
    put(column())
    pasted(room, view, qtbot)
    push(commune, parked="period_closed")
    feed.changed.emit(ChangeSet(frozenset({key(f"many_{LINES - 1}")})))
    with qtbot.waitSignal(room._writer.ended, timeout=PATIENCE_MS):
        press(view, K.Key_Z, held=CTRL)
    assert contents(commune)[5] == "5"
    assert contents(commune).count("null") == LINES - 1
    assert said(room).endswith(say("entry.did.parked", count=1) + " " + say("entry.did.decided", count=1))
