"""Copy, cut, paste, fill, undo and redo by their keys, in the room."""

import pytest
from PySide6.QtCore import QMimeData, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.entry import clipboard
from desktop.entry.clipboard import Piece
from desktop.entry.notice import Notice
from desktop.entry.room import EntryRoom
from desktop.entry.selection import Block
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, open_room
from tests.desktop.entry.test_model import FullDisk, kept, key, text
from tests.desktop.entry.test_room import grid
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, SHIFT, K, editor, here, press, type_in
from tests.desktop.sampled import push, receive


@pytest.fixture
def view(room: EntryRoom) -> GridView:
    return view_of(room)


def notice(room: EntryRoom) -> str:
    QApplication.processEvents()
    found = room.findChild(Notice)
    assert found is not None
    return found.words


def said(room: EntryRoom) -> str:
    QApplication.processEvents()
    return next(
        label.toolTip() for label in room.findChildren(QLabel) if label.accessibleName() == say("entry.did.name")
    )


def answer(room: EntryRoom, word: str) -> None:
    """Press the button of a question that says `word`, by the keyboard."""
    QApplication.processEvents()
    button = next(one for one in room.findChildren(QPushButton) if one.isVisible() and one.text() == word)
    button.setFocus()
    QTest.keyClick(button, K.Key_Return)


def put(block: str, html: str = "") -> None:
    """Put a block on the clipboard as another program does."""
    mime = QMimeData()
    mime.setText(block)
    if html:
        mime.setHtml(html)
    QApplication.clipboard().setMimeData(mime)


def paste(view: GridView) -> None:
    press(view, K.Key_V, held=CTRL)


def go(view: GridView, row: int, column: int) -> None:
    model = view.grid()
    assert model is not None
    view.selection.only(model.index(row, column))


def shown(view: GridView) -> list[list[str]]:
    model = view.grid()
    assert model is not None
    return [[text(model, item, unit) for unit in (FIRST, SECOND, THIRD)] for item in ("households", "poor", "area")]


# Pasting


def test_a_block_from_a_spreadsheet_is_one_step(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("312\t1.187\r\n9\t0\r\n")
    paste(view)
    assert shown(view)[:2] == [["312", "1.187", ""], ["9", "0", ""]]
    assert kept(commune, "households", SECOND).number == 1187
    assert view.selection.block == Block(1, 0, 2, 1)
    assert say("entry.did.pasting", count=4) in said(room)
    press(view, K.Key_Z, held=CTRL)
    assert shown(view)[:2] == [["", "", ""], ["", "", ""]]
    assert kept(commune, "households").is_empty


def test_a_single_value_goes_into_the_whole_selection(view: GridView, commune: Store) -> None:
    press(view, K.Key_Right, K.Key_Down, K.Key_Down, K.Key_Down, held=SHIFT)
    put("7")
    paste(view)
    assert shown(view) == [["7", "7", ""], ["7", "7", ""], ["7", "7", ""]]
    assert len(commune.history(key("area", SECOND))) == 1


def test_a_block_is_repeated_where_it_goes_in_without_a_rest(view: GridView) -> None:
    press(view, K.Key_End, K.Key_Down, held=SHIFT)
    put("1\n2")
    paste(view)
    assert shown(view)[:2] == [["1", "1", "1"], ["2", "2", "2"]]


def test_a_block_that_does_not_fit_the_selection_is_laid_once(view: GridView) -> None:
    press(view, K.Key_Right, K.Key_Right, held=SHIFT)
    put("1\t2")
    paste(view)
    assert shown(view)[0] == ["1", "2", ""]


@pytest.mark.parametrize("block", ["1\t2\t3\t4", "\n".join("12345678")])
def test_a_block_larger_than_the_grid_is_refused_whole(
    room: EntryRoom, view: GridView, commune: Store, block: str
) -> None:
    put(block)
    paste(view)
    assert "Chưa dán gì." in notice(room)
    assert commune.shown(key("households")) is None
    press(view, K.Key_Escape)
    assert notice(room) == ""


def test_a_block_over_a_computed_line_is_refused_whole(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("312\n9\n5\n2,5")
    paste(view)
    assert notice(room) == say("entry.refused.computed", line="Tỷ lệ hộ nghèo")
    assert commune.shown(key("households")) is None
    type_in(view, "5")
    press(view, K.Key_Return)
    assert notice(room) == "", "what is done next takes the sentence away"


def test_a_block_with_the_computed_line_empty_passes_over_it_and_the_heading(room: EntryRoom, view: GridView) -> None:
    put("312\n9\n\n2,5")
    paste(view)
    answer(room, say("entry.paste.yes"))
    assert [row[0] for row in shown(view)] == ["312", "9", "2,5"]


def test_only_a_computed_cell_takes_nothing(room: EntryRoom, view: GridView) -> None:
    go(view, 3, 0)
    put("5")
    paste(view)
    assert notice(room) == say("entry.refused.computed", line="Tỷ lệ hộ nghèo")


def test_text_among_numbers_is_kept_marked_and_told(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("312\nkhoảng 9")
    paste(view)
    assert notice(room) == say("entry.paste.differences", new=2, changed=0, same=0, raw=1)
    assert commune.shown(key("households")) is None, "nothing before the answer"
    answer(room, say("entry.paste.yes"))
    assert kept(commune, "poor").raw == "khoảng 9"
    assert say("entry.did.raw", count=1) in said(room)
    assert view.hasFocus()


def test_a_formula_is_kept_as_its_text_and_marked(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("=A1+B1\t5")
    paste(view)
    answer(room, say("entry.paste.yes"))
    assert kept(commune, "households").raw == "=A1+B1"
    assert kept(commune, "households", SECOND).number == 5


def test_vietnamese_in_decomposed_letters_is_composed(view: GridView, commune: Store) -> None:
    go(view, 6, 0)
    put("Tho\u0302n \u0111u\u0309")
    paste(view)
    assert kept(commune, "remark").text == "Thôn đủ"


def test_overwriting_is_shown_first_and_may_be_given_up(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("1\t2\t3")
    paste(view)
    put("1\t20\t3\n4\t5\t6")
    paste(view)
    assert notice(room) == say("entry.paste.differences", new=3, changed=1, same=2, raw=0)
    assert view.preview[key("households", SECOND)] == "20"
    assert key("households") not in view.preview
    found = room.findChild(Notice)
    assert found is not None
    QTest.keyClick(found, K.Key_Escape)
    assert view.preview == {}
    assert shown(view)[0] == ["1", "2", "3"]
    paste(view)
    answer(room, say("entry.paste.yes"))
    assert shown(view)[:2] == [["1", "20", "3"], ["4", "5", "6"]]
    press(view, K.Key_Z, held=CTRL)
    assert shown(view)[:2] == [["1", "2", "3"], ["", "", ""]]


def test_going_on_without_an_answer_pastes_nothing(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("1\tx")
    paste(view)
    assert notice(room) != ""
    view.setFocus()
    assert notice(room) == ""
    assert commune.shown(key("households")) is None


@pytest.mark.parametrize(("take", "number"), [("en", 1234), ("vi", None)])
def test_other_thousands_marks_are_asked_for(
    room: EntryRoom, view: GridView, commune: Store, take: str, number: int | None
) -> None:
    put("1,234\t56")
    paste(view)
    assert notice(room) == say("entry.paste.which", example="1,234")
    word = {"en": "1.234", "vi": "1,234"}[take]
    answer(room, say(f"entry.paste.as_{take}", number=word))
    if take == "en":
        assert kept(commune, "households").number == number
    else:
        assert kept(commune, "households").number is not None, "one and a bit, which the indicator complains of"
    assert kept(commune, "households", SECOND).number == 56


def test_the_language_s_own_marks_are_not_asked_for(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("1.234\t1.234.567")
    paste(view)
    assert kept(commune, "households").number == 1234
    go(view, 5, 0)
    put("2,88")
    paste(view)
    assert str(kept(commune, "area").number) == "2.88"


def test_english_shown_reads_english_marks(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    words.set_language("en")
    room = open_room(commune, catalogue, feed, settings, qtbot)
    put("1,234")
    paste(view_of(room))
    assert kept(commune, "households").number == 1234
    room.close()


def test_exact_figures_of_a_table_need_no_question(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("1,234\t2.88", '<table><tr><td sdval="1234">1,234</td><td sdval="3">3.00</td></tr></table>')
    paste(view)
    assert kept(commune, "households").number == 1234
    assert kept(commune, "households", SECOND).number == 3


def test_what_only_a_spreadsheet_counts_is_taken_as_it_is_written(
    room: EntryRoom, view: GridView, commune: Store
) -> None:
    cells = (("46142", "30/04/2026"), ("0.12", "12%"), ("1", "TRUE"))
    row = "".join(f'<td align="right" sdval="{exact}">{shown}</td>' for exact, shown in cells)
    put("\t".join(shown for _, shown in cells), f"<table><tr>{row}</tr></table>")
    paste(view)
    assert notice(room) == say("entry.paste.differences", new=3, changed=0, same=0, raw=3)
    answer(room, say("entry.paste.yes"))
    assert [kept(commune, "households", unit).raw for unit in (FIRST, SECOND, THIRD)] == [shown for _, shown in cells]


def test_a_picture_cannot_be_pasted(room: EntryRoom, view: GridView) -> None:
    mime = QMimeData()
    mime.setData("image/png", b"x")
    QApplication.clipboard().setMimeData(mime)
    paste(view)
    assert notice(room) == say("entry.refused.no_block")


def test_a_very_long_cell_is_refused(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("x" * 1001 + "\t1")
    paste(view)
    assert notice(room) == say("entry.refused.too_long", most=1000)
    assert commune.shown(key("households", SECOND)) is None


def test_too_many_cells_are_refused(room: EntryRoom, view: GridView) -> None:
    put("1\n" * 200_000)
    paste(view)
    assert "Chưa dán gì." in notice(room)


def test_a_full_disk_keeps_a_pasted_block_on_the_screen(
    room: EntryRoom, view: GridView, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(commune, monkeypatch)
    put("1\t2")
    paste(view)
    grid = view.grid()
    assert grid is not None
    assert grid.face(1, 1).unsaved
    disk.full = False
    press(view, K.Key_Z, held=CTRL)
    assert not grid.face(1, 1).unsaved
    assert shown(view)[0] == ["", "", ""]


# Copying


def test_a_block_is_copied_as_text_table_and_contents(room: EntryRoom, view: GridView) -> None:
    put("1.187\t5\n9\t0")
    paste(view)
    press(view, K.Key_C, held=CTRL)
    mime = QApplication.clipboard().mimeData()
    assert mime.text() == "1187\t5\r\n9\t0\r\n"
    assert clipboard.table_of(mime.html())[0][0] == Piece("1187", number=kept(room._store, "households").number)
    assert say("entry.did.copied", count=4) in said(room)


def test_a_copy_pasted_keeps_reasons_texts_and_passes_over_rates(view: GridView, commune: Store) -> None:
    put("312\n9\n\n2,5\nđủ")
    paste(view)
    go(view, 2, 0)
    press(view, K.Key_F7)
    press(view, K.Key_Space, held=CTRL)
    press(view, K.Key_C, held=CTRL)
    go(view, 1, 2)
    paste(view)
    assert kept(commune, "households", THIRD).number == 312
    assert kept(commune, "poor", THIRD).missing == "not_collected"
    assert str(kept(commune, "area", THIRD).number) == "2.5"
    assert kept(commune, "remark", THIRD).text == "đủ"


def test_a_copied_text_in_a_number_cell_is_marked(room: EntryRoom, view: GridView, commune: Store) -> None:
    go(view, 6, 0)
    type_in(view, "chua ro")
    press(view, K.Key_Return)
    go(view, 6, 0)
    press(view, K.Key_C, held=CTRL)
    go(view, 1, 0)
    paste(view)
    assert kept(commune, "households").raw == "chua ro"


def test_a_copied_reason_is_a_word_that_other_programs_give_back(view: GridView, commune: Store) -> None:
    press(view, K.Key_F7)
    press(view, K.Key_C, held=CTRL)
    mime = QApplication.clipboard().mimeData()
    word = mime.text()
    assert word.strip() == say("entry.missing.not_collected.short")
    assert clipboard.table_of(mime.html()) == ((Piece(word.strip()),),)
    put(word)
    go(view, 2, 1)
    paste(view)
    assert kept(commune, "poor", SECOND).missing == "not_collected"


@pytest.mark.parametrize("word", ["k.thu thập", "KHÔNG THU THẬP ĐƯỢC", "not coll.", "Not collected"])
def test_the_words_of_our_files_for_no_figure_are_understood(view: GridView, commune: Store, word: str) -> None:
    put(f"{word}\t5", f"<table><tr><td>{word}</td><td sdval='5'>5</td></tr></table>")
    paste(view)
    assert kept(commune, "households").missing == "not_collected"
    assert kept(commune, "households", SECOND).number == 5


def test_cut_empties_and_paste_puts_it_elsewhere(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("1\t2")
    paste(view)
    press(view, K.Key_X, held=CTRL)
    assert shown(view)[0] == ["", "", ""]
    go(view, 2, 1)
    paste(view)
    assert shown(view)[1] == ["", "1", "2"]
    press(view, K.Key_Z, K.Key_Z, held=CTRL)
    assert shown(view)[:2] == [["1", "2", ""], ["", "", ""]]


def test_the_older_keys_of_the_clipboard(view: GridView) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    go(view, 1, 0)
    press(view, K.Key_Insert, held=CTRL)
    go(view, 1, 1)
    press(view, K.Key_Insert, held=SHIFT)
    assert shown(view)[0] == ["5", "5", ""]
    press(view, K.Key_Delete, held=SHIFT)
    assert shown(view)[0] == ["5", "", ""]


# Filling


def test_fill_down_and_right(room: EntryRoom, view: GridView, commune: Store) -> None:
    put("5")
    paste(view)
    press(view, K.Key_Right, K.Key_Right, held=SHIFT)
    press(view, K.Key_R, held=CTRL)
    assert shown(view)[0] == ["5", "5", "5"]
    assert say("entry.did.filling", count=2) in said(room)
    press(view, K.Key_Down, held=SHIFT)
    press(view, K.Key_D, held=CTRL)
    assert shown(view)[:2] == [["5", "5", "5"], ["5", "5", "5"]]
    press(view, K.Key_Z, held=CTRL)
    assert shown(view)[:2] == [["5", "5", "5"], ["", "", ""]]


def test_fill_takes_from_the_cell_before_a_single_one(view: GridView, commune: Store) -> None:
    press(view, K.Key_F8)
    press(view, K.Key_Right)
    press(view, K.Key_R, held=CTRL)
    assert kept(commune, "households", SECOND).missing == "does_not_apply"
    press(view, K.Key_Down)
    press(view, K.Key_D, held=CTRL)
    assert kept(commune, "poor", SECOND).missing == "does_not_apply"


def test_fill_at_the_edge_has_nothing_to_repeat(room: EntryRoom, view: GridView) -> None:
    press(view, K.Key_D, held=CTRL)
    assert notice(room) == say("entry.refused.nothing_to_fill")
    press(view, K.Key_R, held=CTRL)
    assert notice(room) == say("entry.refused.nothing_to_fill")


# Undo and redo


def test_every_gesture_is_undone_and_redone_in_order(room: EntryRoom, view: GridView, commune: Store) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    press(view, K.Key_F7)
    put("1\t2")
    go(view, 5, 0)
    paste(view)
    go(view, 1, 0)
    press(view, K.Key_Delete)
    states = [shown(view)]
    for _ in range(4):
        press(view, K.Key_Z, held=CTRL)
        states.append(shown(view))
    assert states[-1] == [["", "", ""], ["", "", ""], ["", "", ""]]
    press(view, K.Key_Z, held=CTRL)
    assert said(room) == say("entry.did.nothing_to_undo")
    for state, chord in zip(states[-2::-1], (CTRL, CTRL | SHIFT, CTRL, CTRL), strict=True):
        press(view, K.Key_Y if chord == CTRL else K.Key_Z, held=chord)
        assert shown(view) == state
    press(view, K.Key_Y, held=CTRL)
    assert said(room) == say("entry.did.nothing_to_redo")
    assert len(commune.history(key("households"))) == 6, "the log keeps all of it"


def test_typing_after_an_undo_forgets_what_was_undone(room: EntryRoom, view: GridView) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    press(view, K.Key_Z, held=CTRL)
    assert here(view) == ("households", FIRST), "what was undone is current"
    type_in(view, "6")
    press(view, K.Key_Return)
    press(view, K.Key_Y, held=CTRL)
    assert shown(view)[0][0] == "6"


def test_undo_tells_what_it_undid(room: EntryRoom, view: GridView) -> None:
    put("1\t2")
    paste(view)
    press(view, K.Key_Z, held=CTRL)
    assert said(room) == "Hoàn tác: đã dán 2 ô."
    press(view, K.Key_Y, held=CTRL)
    assert said(room) == "Làm lại: đã dán 2 ô."


def test_undo_of_a_received_value_is_a_new_change(room: EntryRoom, view: GridView, commune: Store, feed: Feed) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    push(commune)
    feed.changed.emit(ChangeSet(frozenset({key("households")})))
    waiting = commune.waiting()
    press(view, K.Key_Z, held=CTRL)
    assert kept(commune, "households").is_empty
    assert commune.waiting() == waiting + 1


def test_undo_leaves_alone_what_somebody_else_changed(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed
) -> None:
    put("1\t2")
    paste(view)
    feed.changed.emit(ChangeSet(receive(commune, [(key("households"), ["99"])])))
    press(view, K.Key_Z, held=CTRL)
    assert say("entry.did.left", count=1) in said(room)
    assert text(grid(room), "households", SECOND) == ""
    found = commune.shown(key("households"))
    assert found is not None
    assert found.content == "1"
    assert found.rivals


def test_undo_reaches_into_another_period_and_shows_it(room: EntryRoom, view: GridView, commune: Store) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    room._choose_period(PERIOD.previous.code)
    press(view, K.Key_Z, held=CTRL)
    assert kept(commune, "households").is_empty
    assert grid(room).layout.period == PERIOD


def test_undo_outlives_the_window(
    room: EntryRoom, view: GridView, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    room.close()
    again = open_room(commune, catalogue, feed, settings, qtbot)
    press(view_of(again), K.Key_Z, held=CTRL)
    assert kept(commune, "households").is_empty
    again.close()


def test_undo_in_an_open_editor_is_the_editor_s(view: GridView, commune: Store) -> None:
    type_in(view, "12")
    press(view, K.Key_Z, held=CTRL)
    opened = editor(view)
    assert opened is not None
    assert opened.text() != "12"
    assert commune.shown(key("households")) is None


# What is looked at, and decided


def of_others(store: Store, feed: Feed, *contents: str) -> None:
    """Other PCs say something else of the first village's households."""
    feed.changed.emit(ChangeSet(receive(store, [(key("households"), contents)])))


def rivals(store: Store) -> list[str]:
    found = store.shown(key("households"))
    assert found is not None
    return [rival.content for rival in found.rivals]


def double_click(view: GridView, row: int, column: int) -> None:
    model = view.grid()
    assert model is not None
    place = view.visualRect(model.index(row, column)).center()
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor(view) is not None


def click(view: GridView, row: int, column: int) -> None:
    model = view.grid()
    assert model is not None
    place = view.visualRect(model.index(row, column)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_reason_that_is_looked_at_stays(view: GridView, commune: Store) -> None:
    press(view, K.Key_F7, K.Key_F2, K.Key_Return)
    double_click(view, 1, 0)
    click(view, 2, 0)
    go(view, 1, 0)
    press(view, K.Key_F2)
    press(view, K.Key_Return, held=CTRL)
    assert kept(commune, "households").missing == "not_collected"
    assert len(commune.history(key("households"))) == 1
    press(view, K.Key_F2)
    type_in(view, "5")
    press(view, K.Key_Return)
    assert kept(commune, "households").number == 5


def test_a_conflict_that_is_looked_at_stays(view: GridView, commune: Store, feed: Feed) -> None:
    of_others(commune, feed, "300", "321")
    press(view, K.Key_F2, K.Key_Return)
    double_click(view, 1, 0)
    click(view, 2, 0)
    go(view, 1, 0)
    press(view, K.Key_F2, K.Key_Tab)
    assert rivals(commune) == ["321"]
    assert commune.waiting() == 0


def test_a_conflict_is_decided_by_typing_what_is_shown_and_ctrl_z_takes_nothing_else_back(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed
) -> None:
    go(view, 2, 0)
    type_in(view, "7")
    press(view, K.Key_Return)
    of_others(commune, feed, "300", "321")
    go(view, 1, 0)
    type_in(view, "300")
    press(view, K.Key_Return)
    assert rivals(commune) == []
    press(view, K.Key_Z, held=CTRL)
    assert said(room) == say("entry.did.decided", count=1)
    assert here(view) == ("households", FIRST)
    assert kept(commune, "poor").number == 7
    press(view, K.Key_Z, held=CTRL)
    assert kept(commune, "poor").is_empty


def test_a_figure_is_taken_back_from_a_conflict_and_the_conflict_stays_decided(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed
) -> None:
    of_others(commune, feed, "300", "321")
    type_in(view, "310")
    press(view, K.Key_Return)
    press(view, K.Key_Z, held=CTRL)
    assert kept(commune, "households").number == 300
    assert say("entry.did.decided", count=1) in said(room)


def test_undo_of_what_is_parked_says_so(room: EntryRoom, view: GridView, commune: Store, feed: Feed) -> None:
    type_in(view, "5")
    press(view, K.Key_Return)
    push(commune, parked="period_closed")
    feed.changed.emit(ChangeSet(frozenset({key("households")})))
    press(view, K.Key_Z, held=CTRL)
    assert said(room) == say("entry.did.parked", count=1)
