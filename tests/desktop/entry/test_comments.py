"""Comments on a cell as a person writes them: by one key, with their state, withdrawn, undone, and never lost."""

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.entry.composer import Composer
from desktop.entry.room import EntryRoom
from desktop.feed import Feed
from desktop.widgets.marks import Mark, MarkView, mark_word
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.comments import MAX_LETTERS, content_of, key_of
from sync.domain.keys import COMMENT, OWN_UNIT, Key
from sync.store import ChangeSet, Store
from sync.store.comments import thread
from tests.desktop.entry.conftest import FIRST, SECOND, open_room
from tests.desktop.entry.test_model import FullDisk, key
from tests.desktop.entry.test_room import card, grid, type_in, view
from tests.desktop.sampled import PERSON, push, receive

K = Qt.Key
ID = "019324c1-5a00-7000-8000-000000000201"


def go(room: EntryRoom, item: str = "households", unit: str = FIRST) -> None:
    room.show_place(Place("entry", unit=unit, item=item))
    card(room)


def composer(room: EntryRoom) -> Composer:
    found = room.findChild(Composer)
    assert found is not None
    return found


def write(room: EntryRoom, text: str) -> None:
    """Shift+F2 and the words, as an input method brings them."""
    QTest.keyClick(view(room), K.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    assert composer(room).editor.hasFocus()
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(composer(room).editor, event)


def comment(room: EntryRoom, text: str) -> None:
    write(room, text)
    QTest.keyClick(composer(room).editor, K.Key_Return)


def texts(store: Store, on: Key) -> list[str]:
    return [found.text for found in thread(store, on)]


def count(room: EntryRoom, item: str = "households", unit: str = FIRST) -> int:
    model = grid(room)
    cell = model.cell_of(key(item, unit))
    assert cell is not None
    return model.face(*cell).comments


def test_shift_f2_writes_a_comment_and_gives_the_keys_back(room: EntryRoom, commune: Store) -> None:
    go(room)
    assert say("entry.comment.none_of_cell") in card(room)
    assert count(room) == 0
    comment(room, "Vì sao tăng 2 hộ?")
    assert view(room).hasFocus()
    assert texts(commune, key("households")) == ["Vì sao tăng 2 hộ?"]
    told = card(room)
    assert "Vì sao tăng 2 hộ?" in told
    assert PERSON in told
    assert mark_word(Mark.SAVED) in told
    assert count(room) == 1
    model = grid(room)
    cell = model.cell_of(key("households"))
    assert cell is not None
    words = model.data(model.index(*cell), Qt.ItemDataRole.AccessibleTextRole)
    assert say("entry.comment.count", count=1) in words


def test_a_comment_goes_the_way_of_every_value(room: EntryRoom, commune: Store, feed: Feed) -> None:
    go(room)
    comment(room, "Xem lại")
    push(commune)
    (kept,) = thread(commune, key("households"))
    feed.changed.emit(ChangeSet(frozenset({kept.cell.key})))
    assert mark_word(Mark.SAVED) not in card(room)
    assert mark_word(Mark.RECEIVED) in [mark.accessibleName() for mark in room.findChildren(MarkView)]


def test_a_comment_that_is_pulled_shows_at_once_and_disturbs_nobody(
    room: EntryRoom, commune: Store, feed: Feed
) -> None:
    go(room)
    write(room, "đang viết")
    arrived = key_of(key("households"), ID)
    feed.changed.emit(ChangeSet(receive(commune, [(arrived, [content_of("Đã đối chiếu sổ.")])], stream=FIRST[:8])))
    assert "Đã đối chiếu sổ." in card(room)
    assert count(room) == 1
    assert count(room, "poor") == 0
    assert composer(room).editor.toPlainText() == "đang viết"
    assert composer(room).editor.hasFocus()
    # Another's words are not this person's to withdraw.
    assert say("widgets.comment.withdraw") not in card(room)


def test_what_is_half_written_stays_with_its_cell_and_for_the_next_start(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    go(room)
    write(room, "dở dang")
    QTest.keyClick(composer(room).editor, K.Key_Escape)
    assert view(room).hasFocus()
    go(room, "poor")
    assert composer(room).editor.toPlainText() == ""
    go(room)
    assert composer(room).editor.toPlainText() == "dở dang"
    room.hide()
    again = open_room(commune, catalogue, feed, settings, qtbot)
    go(again)
    assert composer(again).editor.toPlainText() == "dở dang"
    QTest.keyClick(composer(again).editor, K.Key_Return)
    assert texts(commune, key("households")) == ["dở dang"]
    again.hide()
    assert commune.aside("comments") == ""


def test_shift_enter_begins_a_line_and_nothing_is_no_comment(room: EntryRoom, commune: Store) -> None:
    go(room)
    write(room, "một")
    QTest.keyClick(composer(room).editor, K.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer(room).editor, "2")
    QTest.keyClick(composer(room).editor, K.Key_Return)
    assert texts(commune, key("households")) == ["một\n2"]
    write(room, "  ")
    QTest.keyClick(composer(room).editor, K.Key_Return)
    assert len(texts(commune, key("households"))) == 1


def test_one_that_is_too_long_is_refused_in_words_and_kept(room: EntryRoom, commune: Store) -> None:
    go(room)
    comment(room, "ô" * (MAX_LETTERS + 1))
    assert texts(commune, key("households")) == []
    assert say("entry.comment.too_long", most="2.000") in [
        label.text() for label in composer(room).findChildren(type(composer(room)._wrong)) if label.isVisible()
    ]
    assert len(composer(room).editor.toPlainText()) == MAX_LETTERS + 1


def test_it_is_withdrawn_by_a_button_and_by_undo_and_comes_back(room: EntryRoom, commune: Store) -> None:
    go(room)
    comment(room, "nhầm")
    card(room)
    (button,) = [one for one in room.findChildren(QPushButton) if one.text() == say("widgets.comment.withdraw")]
    button.click()
    assert texts(commune, key("households")) == []
    assert say("entry.comment.none_of_cell") in card(room)
    assert count(room) == 0
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(view(room), K.Key_Z, ctrl)
    assert texts(commune, key("households")) == ["nhầm"]
    QTest.keyClick(view(room), K.Key_Z, ctrl)
    assert texts(commune, key("households")) == []
    QTest.keyClick(view(room), K.Key_Y, ctrl)
    assert texts(commune, key("households")) == ["nhầm"]
    assert count(room) == 1


def test_undo_brings_the_cell_of_the_comment_into_sight(room: EntryRoom, commune: Store) -> None:
    go(room, "poor", SECOND)
    comment(room, "ở đây")
    go(room, "area")
    QTest.keyClick(view(room), K.Key_Z, Qt.KeyboardModifier.ControlModifier)
    index = view(room).currentIndex()
    assert grid(room).key(index.row(), index.column()) == key("poor", SECOND)


def test_a_comment_on_a_full_disk_waits_on_the_screen(
    room: EntryRoom, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(room)
    disk = FullDisk(commune, monkeypatch)
    comment(room, "không mất")
    told = card(room)
    assert "không mất" in told
    assert say("entry.unsaved.word") in told
    assert count(room) == 1
    disk.full = False
    type_in(room, "poor", "3", SECOND)
    assert texts(commune, key("households")) == ["không mất"]
    go(room)
    assert say("entry.unsaved.word") not in card(room)


def test_a_computed_cell_can_be_talked_about_and_a_heading_cannot(room: EntryRoom, commune: Store) -> None:
    go(room, "poor_rate")
    comment(room, "cao quá")
    assert texts(commune, key("poor_rate")) == ["cao quá"]
    assert count(room, "poor_rate") == 1


def test_comments_hide_with_the_card_and_shift_f2_brings_both(room: EntryRoom) -> None:
    go(room)
    QTest.keyClick(view(room), K.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert not composer(room).isVisible()
    QTest.keyClick(view(room), K.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    assert composer(room).isVisible()
    assert composer(room).editor.hasFocus()


def test_before_enrolment_comments_are_written_and_adopted(
    store: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    room = open_room(store, catalogue, feed, settings, qtbot)
    go(room, unit=OWN_UNIT)
    comment(room, "chưa có mã")
    assert "chưa có mã" in card(room)
    assert say("widgets.comment.withdraw") in card(room)
    store.adopt(FIRST)
    assert texts(store, key("households")) == ["chưa có mã"]
    assert {found.kind for found in store.cells(COMMENT, FIRST)} == {COMMENT}
    room.close()


def test_the_whole_form_is_talked_about_beside_any_of_its_cells(room: EntryRoom, commune: Store) -> None:
    form = key("households")._replace(item=grid(room).form.key)
    go(room)
    (button,) = [one for one in room.findChildren(QPushButton) if one.text() == say("entry.comment.about_form")]
    button.click()
    editor = composer(room).editor
    assert editor.hasFocus()
    assert editor.placeholderText() == say("entry.comment.write_of_form")
    QTest.keyClicks(editor, "ca bieu")
    # What arrives meanwhile does not turn it back to the cell.
    card(room)
    assert editor.toPlainText() == "ca bieu"
    QTest.keyClick(editor, K.Key_Return)
    assert texts(commune, form) == ["ca bieu"]
    assert texts(commune, key("households")) == []
    assert view(room).hasFocus()
    go(room, "poor")
    assert "ca bieu" in card(room)
    assert editor.placeholderText() == say("entry.comment.write")
    go(room, unit=SECOND)
    assert "ca bieu" not in card(room)


def test_what_is_half_written_about_the_form_waits_apart(room: EntryRoom, commune: Store) -> None:
    go(room)
    composer(room).begin_of_form()
    QTest.keyClicks(composer(room).editor, "do dang")
    QTest.keyClick(composer(room).editor, K.Key_Escape)
    card(room)
    assert composer(room).editor.toPlainText() == ""
    composer(room).begin_of_form()
    assert composer(room).editor.toPlainText() == "do dang"
