"""What the grid shows, written out: the form to fill in and come back, and any view as a workbook or CSV."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from desktop.entry import exporting
from desktop.entry.files import Files
from desktop.entry.importing import ImportDialog
from desktop.entry.layout import Layout, Turn
from desktop.entry.model import GridModel
from desktop.entry.notice import Notice
from desktop.entry.room import EntryRoom
from desktop.entry.steps import Steps
from desktop.entry.subject import Subject, missing_words
from desktop.entry.writing import Kept, Writer
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.place import Place
from desktop.widgets.print_preview import PrintDialog
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import VALUE, Key
from sync.domain.text import fold
from sync.exchange.template import template_of
from sync.exchange.workbooks import read_book
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, VILLAGES, open_room, opener
from tests.desktop.entry.test_importing import WITHIN_MS
from tests.desktop.entry.test_model import key
from tests.desktop.entry.test_room import view
from tests.desktop.sampled import NOW, clock

TYPED = {"households": "1187", "poor": "12", "area": "2.88", "remark": '"Đã rà soát"'}


@pytest.fixture
def room(commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot) -> Iterator[EntryRoom]:
    """The small form with one village filled."""
    edits = [(Key(VALUE, FIRST, item, PERIOD.code), content) for item, content in TYPED.items()]
    edits.append((Key(VALUE, SECOND, "households", PERIOD.code), '{"missing":"not_collected"}'))
    commune.record_changes(edits, "Hoa", NOW)
    made = open_room(commune, catalogue, feed, settings, qtbot)
    made.show_place(Place("entry", form="village", period=PERIOD.code))
    yield made
    QApplication.processEvents()
    made.close()


def files(room: EntryRoom) -> Files:
    found = room.findChild(Files)
    assert isinstance(found, Files)
    return found


def named(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> list[str]:
    """Answer the question for a file; what was proposed."""
    proposed: list[str] = []

    def answer(_parent: object, _title: str, proposal: str, kind: str) -> tuple[str, str]:
        proposed.append(proposal)
        return (str(path) if path else "", kind)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return proposed


def saved(room: EntryRoom, qtbot: QtBot) -> None:
    button = files(room)
    qtbot.waitUntil(lambda: button._work is None and button._rows is None, timeout=WITHIN_MS)


def test_the_form_goes_out_filled_and_comes_back_unchanged(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Biểu thôn.xlsx"
    proposed = named(monkeypatch, path)
    files(room).export_template()
    saved(room, qtbot)
    assert Path(proposed[0]).name == "bieu-thon-quy-iv-2026.xlsx"
    assert say("exchange.saved", file=path.name) == room._hints._said.toolTip()
    template = template_of(read_book(path))
    assert template is not None
    assert template.given == {
        **{(FIRST, item): content for item, content in TYPED.items()},
        (SECOND, "households"): '{"missing":"not_collected"}',
    }
    dialog = files(room).open_file(path)
    assert isinstance(dialog, ImportDialog)
    qtbot.waitUntil(lambda: dialog._pages.currentWidget() is dialog._preview, timeout=WITHIN_MS)
    assert {found.kind for found in dialog._preview.model.found} == {"same"}
    assert dialog._preview.chosen == 0
    dialog.reject()


def test_an_english_form_comes_back_to_a_vietnamese_window(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, tmp_path / "form.xlsx")
    words.set_language("en")
    files(room).export_template()
    saved(room, qtbot)
    words.set_language("vi")
    dialog = files(room).open_file(tmp_path / "form.xlsx")
    assert isinstance(dialog, ImportDialog)
    qtbot.waitUntil(lambda: dialog._pages.currentWidget() is dialog._preview, timeout=WITHIN_MS)
    assert {found.kind for found in dialog._preview.model.found} == {"same"}
    dialog.reject()


@pytest.mark.parametrize(
    ("suffix", "rows"),
    [
        (
            ".xlsx",
            [
                ["CT01", "Tổng số hộ dân", "hộ", 1187.0, "k.thu thập", "", "thiếu 2 thôn"],
                ["CT20", "Diện tích", "ha", 2.88, "", "", "thiếu 2 thôn"],
            ],
        ),
        (
            ".csv",
            [
                ["CT01", "Tổng số hộ dân", "hộ", "1187", "k.thu thập", "", "thiếu 2 thôn"],
                ["CT20", "Diện tích", "ha", "2,88", "", "", "thiếu 2 thôn"],
            ],
        ),
    ],
)
def test_what_is_shown_is_written_as_it_is_shown(
    room: EntryRoom,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    rows: list[list[object]],
) -> None:
    path = tmp_path / f"bảng{suffix}"
    named(monkeypatch, path.with_suffix(""))
    files(room).export_view(suffix)
    saved(room, qtbot)
    written = [list(row) for row in read_book(path).sheets[0].rows.values()]
    assert written[0] == ["Mã", "Chỉ tiêu", "ĐVT", "Thôn An Sơn", "Thôn Phú Hòa", "Thôn Ẳng Đông", "Toàn xã"]
    for row in rows:
        assert row in written
    assert any(row[1] == "Tỷ lệ hộ nghèo" and row[3] in (1.01, "1,01") for row in written)


def test_a_turned_grid_is_written_turned(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.turn_to(str(Turn.PERIODS))
    named(monkeypatch, tmp_path / "a.csv")
    files(room).export_view(".csv")
    saved(room, qtbot)
    headings = list(read_book(tmp_path / "a.csv").sheets[0].rows[0])
    assert headings[3:][-1] == "Quý IV/2026"
    assert len(headings) > 4


def test_a_file_that_cannot_be_written_is_told_of_and_nothing_stays(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    path.mkdir()
    named(monkeypatch, path)
    for export in (files(room).export_template, lambda: files(room).export_view(".xlsx")):
        export()
        saved(room, qtbot)
        notice = room.findChild(Notice)
        assert isinstance(notice, Notice)
        assert say("errors.file_unwritable.title") in notice.words
        notice.close_notice()
    assert [found.name for found in tmp_path.iterdir() if found.suffix not in ("", ".ini")] == ["a.xlsx"]


def test_nothing_is_written_when_no_file_is_named(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, None)
    files(room).export_template()
    files(room).export_view(".csv")
    assert files(room)._work is None
    assert files(room)._rows is None


def test_a_long_export_shows_how_far_it_is_and_can_be_given_up(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    named(monkeypatch, path)
    monkeypatch.setattr("desktop.entry.files._SLICE_S", 0.0)
    files(room).export_view(".csv")
    assert files(room)._rows is not None, "a row at a time, in between the window has its turn"
    files(room)._slow.stop()
    files(room)._show_progress()
    notice = room.findChild(Notice)
    assert isinstance(notice, Notice)
    assert notice.words == say("exchange.saving")
    files(room).export_view(".csv")
    assert room._hints._said.toolTip() == say("exchange.busy")
    files(room)._cancel()
    QApplication.processEvents()
    assert not notice.isVisible()
    assert not path.exists()
    assert room._hints._said.toolTip() == say("exchange.given_up")


def test_another_form_ends_the_export_of_the_one_before(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, tmp_path / "a.csv")
    monkeypatch.setattr("desktop.entry.files._SLICE_S", 0.0)
    files(room).export_view(".csv")
    room.show_place(Place("entry", form="short", period=PERIOD.code))
    saved(room, qtbot)
    assert not (tmp_path / "a.csv").exists()


def test_words_for_a_missing_figure_are_known_in_both_languages(subject: Subject) -> None:
    known = missing_words()
    for language in words.LANGUAGES:
        words.set_language(language)
        for reason, text in exporting.template_words(subject).missing.items():
            assert known[fold(text)] == reason


@pytest.fixture
def subject(room: EntryRoom) -> Subject:
    found = files(room)._ready()
    assert found is not None
    return found[1]


@pytest.mark.parametrize("turn", list(Turn))
def test_every_turn_is_written_whole_with_its_totals(
    commune: Store, catalogue: Catalogue, feed: Feed, turn: Turn
) -> None:
    """As many cells as are shown, the totals among them, and a title that says what all of it is of."""
    edits = [(Key(VALUE, unit, "poor", PERIOD.code), "4") for unit in VILLAGES]
    commune.record_changes(edits, "Hoa", NOW)
    layout = Layout(catalogue, catalogue.forms["village"], list(VILLAGES), [PERIOD], turn, "poor", list(VILLAGES))
    writer = Writer(commune, opener(commune), feed, clock(), Kept({}, Steps()))
    model = GridModel(commune, catalogue, layout, writer, feed)
    subject = Subject(catalogue, layout.form, PERIOD, VILLAGES, {}, opener(commune))
    table = exporting.shown_table(model, subject, list(exporting.shown_rows(model)))
    assert len(table.rows) == model.rowCount()
    assert {len(row) for row in table.rows} <= {len(table.headings)}
    told = [cell for row in table.rows for cell in row if cell == 12]
    assert len(told) == (1 if turn in (Turn.UNITS, Turn.INDICATOR) else 0)
    assert table.title.startswith("Biểu thôn · Đơn vị: ")
    assert PERIOD.code not in table.title


# Sensitive figures


@pytest.fixture
def guarded(catalogue: Catalogue) -> Catalogue:
    """The same forms, with the poor as what they are."""
    poor = {key: catalogue.indicators[key]._replace(sensitivity=Sensitivity.SENSITIVE) for key in ("poor", "poor_rate")}
    return catalogue._replace(indicators={**catalogue.indicators, **poor})


def answer(room: EntryRoom, name: str) -> None:
    (button,) = [each for each in room.findChildren(QPushButton) if each.text() == say(name)]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("asked", "is_there"), [("without", False), ("with", True)])
@pytest.mark.parametrize("way", ["table", "template"])
def test_sensitive_figures_leave_the_pc_only_when_that_is_asked_for(
    commune: Store,
    guarded: Catalogue,
    feed: Feed,
    settings: QSettings,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    is_there: bool,
    way: str,
) -> None:
    edits = [(key("households"), "917263"), (key("poor"), "736251")]
    commune.record_changes(edits, "Hoa", NOW)
    room = open_room(commune, guarded, feed, settings, qtbot)
    path = tmp_path / "bảng.xlsx"
    named(monkeypatch, path)
    if way == "table":
        files(room).export_view(".xlsx")
    else:
        files(room).export_template()
    assert not path.exists()
    answer(room, f"exchange.sensitive.{asked}")
    saved(room, qtbot)
    written = str([list(row) for sheet in read_book(path).sheets for row in sheet.rows.values()])
    assert "917263" in written
    assert ("736251" in written) is is_there
    if way == "template":
        # What was left out says nothing when the form comes back.
        dialog = files(room).open_file(path)
        assert dialog is not None
        dialog.reject()
    room.close()


@pytest.mark.parametrize(("asked", "is_there"), [("without", False), ("with", True)])
def test_sensitive_figures_are_printed_only_when_that_is_asked_for(
    commune: Store,
    guarded: Catalogue,
    feed: Feed,
    settings: QSettings,
    qtbot: QtBot,
    asked: str,
    is_there: bool,
) -> None:
    commune.record_changes([(key("households"), "917263"), (key("poor"), "736251")], "Hoa", NOW)
    room = open_room(commune, guarded, feed, settings, qtbot)
    files(room).print_view()

    def shown() -> list[PrintDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, PrintDialog) and one.isVisible()]

    assert not shown()
    answer(room, f"exchange.sensitive.{asked}")
    qtbot.waitUntil(lambda: len(shown()) == 1)
    (dialog,) = shown()
    assert "917.263" in str(dialog._printed)
    assert ("736.251" in str(dialog._printed)) is is_there
    dialog.reject()
    room.close()


@pytest.mark.parametrize(("keys", "is_there"), [([], False), ([Qt.Key.Key_Tab], True)])
def test_by_keys_alone_the_answer_is_near_and_the_careful_one_first(
    commune: Store,
    guarded: Catalogue,
    feed: Feed,
    settings: QSettings,
    qtbot: QtBot,
    keys: list[Qt.Key],
    is_there: bool,
) -> None:
    commune.record_changes([(key("poor"), "736251")], "Hoa", NOW)
    room = open_room(commune, guarded, feed, settings, qtbot)
    grid = view(room)
    grid.window().activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)

    def press(pressed: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, pressed, held)

    def shown() -> list[PrintDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, PrintDialog) and one.isVisible()]

    # Given up, nothing is printed and the cell has the keys again.
    press(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert not grid.hasFocus()
    press(Qt.Key.Key_Escape)
    assert grid.hasFocus()
    assert room.findChildren(Notice)[0].words == ""
    # Asked twice is asked once.
    for _ in range(2):
        press(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    for pressed in keys:
        press(pressed)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(shown()) == 1)
    (dialog,) = shown()
    assert ("736.251" in str(dialog._printed)) is is_there
    dialog.reject()
    assert grid.hasFocus()
    room.close()


def test_nothing_is_asked_of_a_form_without_any(
    room: EntryRoom, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, tmp_path / "a.csv")
    files(room).export_view(".csv")
    saved(room, qtbot)
    assert (tmp_path / "a.csv").exists()
