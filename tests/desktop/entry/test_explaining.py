"""Why a figure is right all the same: asked for by soft rules, written in a line, kept with the value."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.entry import writing
from desktop.entry.explaining import Explaining
from desktop.entry.exporting import export_template
from desktop.entry.import_reading import Choice, compared, opened
from desktop.entry.room import EntryRoom
from desktop.entry.steps import Action
from desktop.entry.subject import missing_words, subject_of
from desktop.feed import Feed
from desktop.widgets import theme
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.numbers import Convention
from sync.domain.values import NOT_COLLECTED, Value, with_kept_note
from sync.exchange.differences import Kind
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, SECOND, open_room, opener
from tests.desktop.entry.test_model import FullDisk, counted, kept, key
from tests.desktop.entry.test_room import card, grid, said, type_in, view
from tests.desktop.entry.test_view import CTRL, K, press
from tests.desktop.sampled import receive

WHY = "Thôn mới sáp nhập thêm 6 hộ nghèo"


def line(room: EntryRoom) -> Explaining:
    found = room.findChild(Explaining)
    assert found is not None
    return found


def passing(room: EntryRoom) -> str:
    """What is said below the grid of what was just done."""
    labels = room.findChildren(QLabel)
    return next(one.accessibleDescription() for one in labels if one.accessibleName() == say("entry.did.name"))


def go(room: EntryRoom, item: str = "poor", unit: str = FIRST) -> None:
    room.show_place(Place("entry", unit=unit, item=item))
    card(room)


def write(room: EntryRoom, text: str) -> None:
    """Ctrl+E, and the words through an input method, as Vietnamese is typed."""
    QTest.keyClick(view(room), K.Key_E, CTRL)
    assert line(room).line.hasFocus()
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(line(room).line, event)


def explain(room: EntryRoom, text: str = WHY) -> None:
    write(room, text)
    QTest.keyClick(line(room).line, K.Key_Return)
    QApplication.processEvents()


def face(room: EntryRoom, item: str, unit: str = FIRST) -> Mark | None:
    cell = grid(room).cell_of(key(item, unit))
    assert cell is not None
    return grid(room).face(*cell).corner


@pytest.fixture
def asked(room: EntryRoom) -> EntryRoom:
    """More than half of the ten households are poor: a soft rule asks why, at the cell of the poor."""
    type_in(room, "households", "10")
    type_in(room, "poor", "6")
    go(room)
    assert face(room, "poor") is Mark.WARNING
    return room


def test_the_card_asks_says_the_key_and_takes_an_answer(asked: EntryRoom, commune: Store) -> None:
    assert "Ctrl+E" in said(line(asked))
    assert say("entry.bar.warnings", count=1) in said(asked)
    explain(asked)
    assert kept(commune, "poor") == Value(number=kept(commune, "poor").number, note=WHY)
    assert view(asked).hasFocus()
    assert face(asked, "poor") is face(asked, "households") is Mark.EXPLAINED
    assert counted(grid(asked)).warnings == 0
    told = card(asked)
    assert mark_word(Mark.EXPLAINED) in told
    assert WHY in told
    assert say("entry.bar.warnings", count=1) not in said(asked)
    words = grid(asked).data(view(asked).currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert WHY in words


def test_one_cell_explains_the_rule_and_the_other_tells_of_it(asked: EntryRoom, commune: Store) -> None:
    explain(asked)
    go(asked, "households")
    assert WHY in card(asked)
    assert kept(commune, "households").note == ""


def test_esc_gives_it_up_and_enter_on_an_emptied_line_takes_it_back(asked: EntryRoom, commune: Store) -> None:
    write(asked, "nhầm")
    QTest.keyClick(line(asked).line, K.Key_Escape)
    assert view(asked).hasFocus()
    assert kept(commune, "poor").note == ""
    assert line(asked).line.text() == ""
    explain(asked)
    write(asked, "khác")
    QTest.keyClick(line(asked).line, K.Key_Escape)
    assert (kept(commune, "poor").note, line(asked).line.text()) == (WHY, WHY)
    QTest.keyClick(view(asked), K.Key_E, CTRL)
    QTest.keyClick(line(asked).line, K.Key_Backspace)
    QTest.keyClick(line(asked).line, K.Key_Return)
    assert kept(commune, "poor").note == ""
    assert counted(grid(asked)).warnings == 1


def test_going_elsewhere_keeps_what_was_written(asked: EntryRoom, commune: Store) -> None:
    write(asked, WHY)
    QTest.mouseClick(view(asked).viewport(), Qt.MouseButton.LeftButton, pos=cell_at(asked, "area", SECOND))
    assert kept(commune, "poor").note == WHY
    assert commune.shown(key("area", SECOND)) is None


def said_of(store: Store, unit: str = FIRST) -> tuple[int, str]:
    """The number of the poor, and why it is so."""
    value = kept(store, "poor", unit)
    assert value.number is not None
    return int(value.number), value.note


def cell_at(room: EntryRoom, item: str, unit: str) -> QPoint:
    cell = grid(room).cell_of(key(item, unit))
    assert cell is not None
    return view(room).visualRect(grid(room).index(*cell)).center()


def test_what_arrives_disturbs_nobody_who_writes(asked: EntryRoom, commune: Store, feed: Feed) -> None:
    write(asked, WHY)
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", SECOND), ["44"])])))
    card(asked)
    assert line(asked).line.hasFocus()
    assert line(asked).line.text() == WHY
    QTest.keyClick(line(asked).line, K.Key_Return)
    assert kept(commune, "poor").note == WHY


def test_there_is_nothing_to_explain_where_nothing_asks(room: EntryRoom) -> None:
    type_in(room, "households", "10")
    go(room, "households")
    assert line(room).isHidden()
    QTest.keyClick(view(room), K.Key_E, CTRL)
    assert view(room).hasFocus()
    assert say("entry.explain.nothing") in passing(room)
    type_in(room, "poor", "11")
    type_in(room, "households", "8")
    go(room, "area")
    assert line(room).isHidden()


def test_a_hard_rule_is_not_explained_away(asked: EntryRoom, commune: Store) -> None:
    type_in(asked, "poor", "11")
    go(asked)
    explain(asked)
    assert kept(commune, "poor").note == WHY
    assert face(asked, "poor") is Mark.ERROR
    assert (counted(grid(asked)).errors, counted(grid(asked)).warnings) == (1, 0)


def test_another_number_has_no_explanation_and_undo_brings_it_back(asked: EntryRoom, commune: Store) -> None:
    explain(asked)
    type_in(asked, "poor", "6")
    assert kept(commune, "poor").note == WHY, "the same number is the same value"
    type_in(asked, "poor", "7")
    assert said_of(commune) == (7, "")
    assert face(asked, "poor") is Mark.WARNING
    press(view(asked), K.Key_Z, held=CTRL)
    assert said_of(commune) == (6, WHY)
    assert face(asked, "poor") is Mark.EXPLAINED
    press(view(asked), K.Key_Z, held=CTRL)
    assert kept(commune, "poor").note == ""
    press(view(asked), K.Key_Y, held=CTRL)
    assert kept(commune, "poor").note == WHY
    press(view(asked), K.Key_Y, held=CTRL)
    assert said_of(commune) == (7, "")


def test_deleting_and_saying_why_there_is_none_drop_it_and_undo_brings_it_back(
    asked: EntryRoom, commune: Store
) -> None:
    explain(asked)
    go(asked)
    for taken, now in ((K.Key_Delete, Value()), (K.Key_F7, Value(missing=NOT_COLLECTED))):
        press(view(asked), taken)
        assert kept(commune, "poor") == now
        press(view(asked), K.Key_Z, held=CTRL)
        assert kept(commune, "poor").note == WHY


def test_a_copy_takes_no_explanation_along_and_a_paste_of_the_same_leaves_it(asked: EntryRoom, commune: Store) -> None:
    explain(asked)
    go(asked)
    press(view(asked), K.Key_C, K.Key_V, held=CTRL)
    assert kept(commune, "poor").note == WHY
    go(asked, "poor", SECOND)
    press(view(asked), K.Key_V, held=CTRL)
    assert said_of(commune, SECOND) == (6, "")
    go(asked)
    press(view(asked), K.Key_R, held=CTRL)
    assert kept(commune, "poor").note == WHY


def test_a_cut_takes_it_away_with_the_value_and_undo_brings_both_back(asked: EntryRoom, commune: Store) -> None:
    explain(asked)
    go(asked)
    press(view(asked), K.Key_X, held=CTRL)
    assert kept(commune, "poor").is_empty
    press(view(asked), K.Key_Z, held=CTRL)
    assert said_of(commune) == (6, WHY)


def test_a_large_block_on_its_thread_keeps_it_too(
    asked: EntryRoom, commune: Store, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    explain(asked)
    monkeypatch.setattr(writing, "AT_ONCE", 1)
    QApplication.clipboard().setText("10\t20\n6\t3\n")
    go(asked, "households")
    with qtbot.waitSignal(asked._writer.ended):
        press(view(asked), K.Key_V, held=CTRL)
    while asked._writer.busy:
        QApplication.processEvents()
    assert kept(commune, "poor", SECOND).number == 3
    assert kept(commune, "poor").note == WHY


def test_it_waits_on_the_screen_with_its_value_while_the_disk_is_full(
    asked: EntryRoom, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(commune, monkeypatch)
    explain(asked)
    assert grid(asked).contents.value(key("poor")).note == WHY
    assert face(asked, "poor") is Mark.EXPLAINED
    assert key("poor") in grid(asked).contents.unsaved
    disk.full = False
    assert grid(asked).retry()
    assert kept(commune, "poor").note == WHY


def test_a_form_that_is_given_out_and_comes_back_loses_and_invents_none(
    asked: EntryRoom, commune: Store, catalogue: Catalogue, tmp_path: Path
) -> None:
    explain(asked)
    subject = subject_of(grid(asked), catalogue, opener(commune))
    path = export_template(subject, tmp_path / "a.xlsx", lambda: False)
    read = opened(subject, path, {}, lambda: False)
    assert read.template is not None
    choice = Choice(read.book.sheets.index(read.template.sheet), None, Convention.VIETNAMESE)
    found = compared(subject, read, choice, missing_words(), lambda: False)
    assert found.counts[Kind.SAME] == 2
    assert sum(found.counts.values()) == 2


def test_with_large_letters_the_line_takes_the_grid_s_place_and_gives_it_back(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot, qapp: QApplication
) -> None:
    theme.apply(qapp, "light", 200)
    try:
        room = open_room(commune, catalogue, feed, settings, qtbot)
        type_in(room, "households", "10")
        type_in(room, "poor", "6")
        room.show_place(Place("entry", unit=FIRST, item="poor"))
        explain(room)
        assert kept(commune, "poor").note == WHY
        assert view(room).isVisible()
        assert view(room).hasFocus()
    finally:
        theme.apply(qapp, "light", 100)


@pytest.mark.parametrize(
    ("before", "after", "kept_as"),
    [
        ('{"note":"a","number":5}', "5", '{"note":"a","number":5}'),
        ('{"note":"a","number":5}', "6", "6"),
        ('{"note":"a","number":5}', "null", "null"),
        ('{"note":"a","number":5}', '{"note":"b","number":5}', '{"note":"b","number":5}'),
        ('{"missing":"not_collected","note":"a"}', '{"missing":"not_collected"}', None),
        ('{"missing":"not_collected","note":"a"}', '{"missing":"does_not_apply"}', '{"missing":"does_not_apply"}'),
        ('{"note":"a"}', "5", "5"),
        ("5", "6", "6"),
        ('"\\"note\\":"', '"x"', '"x"'),
    ],
)
def test_the_same_value_keeps_its_note_and_another_begins_without(before: str, after: str, kept_as: str | None) -> None:
    assert with_kept_note(before, after) == (before if kept_as is None else kept_as)


def test_it_is_a_step_of_its_own_with_words(asked: EntryRoom) -> None:
    explain(asked)
    step = asked._kept.steps.done[-1]
    assert step.action is Action.EXPLAINING
    assert say("entry.did.explaining", count=1) in passing(asked)
