"""A file on its way into the grid: read, matched, looked at, written as one step, and every refusal in words."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QMenu, QPushButton, QTableView
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.entry.files import Files
from desktop.entry.import_mapping import MappingPage, column_letters
from desktop.entry.import_preview import PreviewPage
from desktop.entry.importing import ImportDialog
from desktop.entry.room import EntryRoom
from desktop.feed import Feed
from desktop.widgets import theme, words
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Form
from sync.domain.keys import VALUE, Key
from sync.domain.numbers import Convention
from sync.exchange.differences import DOUBTS, REFUSALS, Kind
from sync.exchange.template import write_template
from sync.exchange.workbooks import Note
from sync.store import Store
from tests.desktop.entry.conftest import opener
from tests.desktop.sampled import COMMUNE, catalogue, clock, enrol, fill
from tests.sync.exchange import forms
from tests.sync.exchange.forms import FILES
from tests.sync.exchange.workbook import write_workbook

FORM, PERIOD = "village_quarter", "A2026Q2"
WITHIN_MS = 10_000
OLDER = forms.FORM._replace(scheme=forms.FORM.scheme._replace(version="2025-01"))


@pytest.fixture
def office(store: Store) -> Store:
    """The sample commune's PC after its first sync."""
    enrol(store)
    fill(store)
    return store


@pytest.fixture
def room(office: Store, feed: Feed, settings: QSettings, qtbot: QtBot) -> Iterator[EntryRoom]:
    """The sample commune's room, at the quarter that the files are of."""
    made = EntryRoom(office, opener(office), catalogue(), feed, clock(), settings)
    qtbot.addWidget(made)
    qtbot.addWidget(made.header)
    made.resize(1282, 682)
    made.show()
    qtbot.waitExposed(made)
    made.show_place(Place("entry", form=FORM, period=PERIOD))
    yield made
    QApplication.processEvents()
    made.close()


def files(room: EntryRoom) -> Files:
    found = room.findChild(Files)
    assert isinstance(found, Files)
    return found


def cell(village: str, item: str, period: str = PERIOD) -> Key:
    return Key(VALUE, f"{COMMUNE.key}.{village}", f"village_{item}", period)


def content(office: Store, key: Key) -> str | None:
    shown = office.shown(key)
    return shown.content if shown else None


class Import:
    """The dialog as a person uses it."""

    def __init__(self, room: EntryRoom, path: Path, qtbot: QtBot) -> None:
        dialog = files(room).open_file(path)
        assert dialog is not None
        self.dialog, self._qtbot = dialog, qtbot
        self.settle()

    def settle(self) -> None:
        self._qtbot.waitUntil(lambda: self.page is not self.dialog._waiting, timeout=WITHIN_MS)

    @property
    def page(self) -> object:
        return self.dialog._pages.currentWidget()

    @property
    def mapping(self) -> MappingPage:
        assert isinstance(self.page, MappingPage)
        return self.page

    @property
    def preview(self) -> PreviewPage:
        assert isinstance(self.page, PreviewPage)
        return self.page

    @property
    def closed(self) -> bool:
        return not isValid(self.dialog) or not self.dialog.isVisible()

    def said(self) -> str:
        shown = self.dialog.findChildren(QLabel) + self.dialog.findChildren(QPushButton)
        return "\n".join(one.text() for one in shown if one.isVisible())

    def press(self, word: str) -> None:
        (button,) = [one for one in self.dialog.findChildren(QPushButton) if one.text() == word and one.isVisible()]
        assert button.isEnabled()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        work = self.dialog._work
        assert work is not None
        self._qtbot.waitUntil(lambda: not work._thread.is_alive(), timeout=WITHIN_MS)
        QApplication.processEvents()

    def go_on(self) -> None:
        self.press(say("exchange.import.next"))
        self.settle()

    def choose(self, name: str, text: str) -> None:
        """Pick a text in the choice that is called `name`."""
        boxes = self.dialog.findChildren(QComboBox)
        (box,) = [one for one in boxes if one.accessibleName() == name and one.isVisible()]
        place = box.findText(text, Qt.MatchFlag.MatchStartsWith)
        assert place >= 0, [box.itemText(number) for number in range(box.count())]
        box.setCurrentIndex(place)
        box.activated.emit(place)

    def rows(self) -> list[list[str]]:
        model = self.preview.model
        return [
            [str(model.index(row, column).data() or "") for column in range(1, model.columnCount())]
            for row in range(model.rowCount())
        ]

    def tick(self, row: int, on: bool) -> None:
        index = self.preview.model.index(row, 0)
        assert self.preview.model.setData(index, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked, CHECK)


CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def importing(room: EntryRoom, qtbot: QtBot) -> Callable[[Path], Import]:
    return lambda path: Import(room, path, qtbot)


def figures(path: Path, *rows: list[str | float | bool | None]) -> Path:
    write_workbook(path, [["Tên thôn", "Tổng số hộ dân", "Số hộ nghèo"], *rows])
    return path


def test_a_file_is_matched_looked_at_and_written_as_one_step(
    importing: Callable[[Path], Import], room: EntryRoom, office: Store, tmp_path: Path
) -> None:
    waiting = office.waiting()
    path = figures(
        tmp_path / "số liệu.xlsx",
        ["Thôn Phú Hòa", 1040, 45],
        ["Thôn Sơn Phước", 500, "12a"],
        ["Thôn Xa Lạ", 1, 2],
        ["Tổng cộng", 1541, 59],
    )
    shown = importing(path)
    assert say("exchange.mapping.rows_known", count=2) in shown.said()
    shown.go_on()
    assert shown.rows() == [
        ["Không nhận", "Thôn Xa Lạ", "", "", "", "Không rõ là gì", "Dòng 4"],
        ["Không nhận", "Tổng cộng", "", "", "", "Dòng hoặc cột tổng", "Dòng 5"],
        ["Thay đổi", "Thôn Phú Hòa", "Tổng số hộ dân", "1.033", "1.040", "", "B2"],
        ["Mới", "Thôn Sơn Phước", "Tổng số hộ dân", "", "500", "", "B3"],
        ["Mới", "Thôn Sơn Phước", "Số hộ nghèo", "", "12a", "Không phải số, giữ nguyên", "C3"],
    ]
    said = shown.said()
    for counted in ("Mới 2", "Thay đổi 1", "Giống 1", "Không nhận 2", say("exchange.preview.doubtful", count=1)):
        assert counted in said
    shown.tick(4, True)
    shown.press("Nhập 3 ô")
    assert shown.closed
    assert content(office, cell("004", "ct01")) == "1040"
    assert content(office, cell("008", "ct01")) == "500"
    assert content(office, cell("008", "ct03")) == '{"raw":"12a"}'
    assert office.waiting() == waiting + 3
    room._commands._do("undo")
    assert content(office, cell("004", "ct01")) == "1033"
    assert content(office, cell("008", "ct01")) == content(office, cell("008", "ct03")) == "null"


def test_nothing_is_written_until_it_is_asked_for(
    importing: Callable[[Path], Import], office: Store, tmp_path: Path
) -> None:
    waiting = office.waiting()
    shown = importing(figures(tmp_path / "a.xlsx", ["Thôn Phú Hòa", 1, 2]))
    shown.go_on()
    assert shown.preview.chosen == 2
    shown.press(say("exchange.import.cancel"))
    assert shown.closed
    assert office.waiting() == waiting


def test_only_what_is_chosen_is_written(importing: Callable[[Path], Import], office: Store, tmp_path: Path) -> None:
    shown = importing(figures(tmp_path / "a.xlsx", ["Thôn Phú Hòa", 1, 2], ["Thôn Thái Lai", 3, 4]))
    shown.go_on()
    shown.press(say("exchange.preview.none"))
    assert say("exchange.import.write", count=0) in shown.said()
    shown.tick(1, True)
    shown.press("Nhập 1 ô")
    assert content(office, cell("004", "ct03")) == "2"
    assert content(office, cell("004", "ct01")) == "1033"
    assert content(office, cell("005", "ct01")) == "1345"


def test_a_filled_in_form_asks_only_how_its_numbers_are_written(
    importing: Callable[[Path], Import], office: Store
) -> None:
    shown = importing(FILES / "bieu-da-dien.xlsx")
    assert "4.034" in shown.said()
    assert not shown.mapping.ready
    shown.choose(say("exchange.mapping.convention"), "4.034")
    shown.go_on()
    kinds = [row[0] for row in shown.rows()]
    assert kinds == ["Thay đổi"] * 5
    shown.press("Nhập 1 ô")
    assert content(office, cell("004", "ct14")) == '{"missing":"does_not_apply"}'


def test_an_ambiguous_name_lists_every_candidate_and_the_choice_is_remembered(
    importing: Callable[[Path], Import], tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [["Thôn", "Tổng số hộ dân", "Hộ nghèo"], ["thach nham", 5, 6]])
    shown = importing(path)
    assert say("exchange.mapping.still_open", count=2) in shown.said()
    assert not shown.mapping.ready
    name = say("exchange.mapping.target", heading="thach nham")
    boxes = shown.dialog.findChildren(QComboBox)
    (box,) = [one for one in boxes if one.accessibleName() == name]
    assert [box.itemText(place) for place in range(3)] == [
        say("exchange.mapping.ambiguous"),
        "Thôn Thạch Nham Đông",
        "Thôn Thạch Nham Tây",
    ]
    shown.choose(name, "Thôn Thạch Nham Tây")
    shown.choose(say("exchange.mapping.target", heading="Hộ nghèo"), "Số hộ cận nghèo")
    shown.go_on()
    assert [row[:3] for row in shown.rows()] == [
        ["Mới", "Thôn Thạch Nham Tây", "Tổng số hộ dân"],
        ["Mới", "Thôn Thạch Nham Tây", "Số hộ cận nghèo"],
    ]
    shown.press("Nhập 2 ô")
    write_workbook(path, [["Thôn", "Tổng số hộ dân", "Hộ nghèo"], ["thach nham", 7, 8]])
    again = importing(path)
    assert [row[3:5] for row in again.rows()] == [["5", "7"], ["6", "8"]]
    again.press(say("exchange.import.back"))
    again.choose(name, say("exchange.mapping.leave"))
    assert not again.mapping.ready


def test_two_columns_of_one_indicator_are_asked_for(importing: Callable[[Path], Import], tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [["Thôn", "Số hộ nghèo kỳ trước", "Số hộ nghèo kỳ này"], ["Thôn Sơn Phước", 5, 6]])
    shown = importing(path)
    assert not shown.mapping.ready
    assert say("exchange.mapping.still_open", count=2) in shown.said()
    name = say("exchange.mapping.target", heading="Số hộ nghèo kỳ này")
    (box,) = [one for one in shown.dialog.findChildren(QComboBox) if one.accessibleName() == name]
    assert [box.itemText(place) for place in range(2)] == [say("exchange.mapping.shared"), "Số hộ nghèo"]
    shown.choose(name, "Số hộ nghèo")
    assert say("exchange.mapping.rows_known", count=1) in shown.said()
    shown.go_on()
    assert shown.rows() == [
        ["Không nhận", "", "Số hộ nghèo kỳ trước", "", "", "Đã có ở chỗ khác trong tệp", "Cột B"],
        ["Mới", "Thôn Sơn Phước", "Số hộ nghèo", "", "6", "", "C2"],
    ]


def test_a_remembered_mapping_asks_for_what_it_does_not_know(
    importing: Callable[[Path], Import], tmp_path: Path
) -> None:
    path = figures(tmp_path / "a.xlsx", ["Thôn Phú Hòa", 1040, 46])
    shown = importing(path)
    shown.go_on()
    shown.press("Nhập 2 ô")
    shown = importing(figures(path, ["Thôn Phú Hòa", 1041, 46]))
    assert shown.rows()[0][3:5] == ["1.040", "1.041"]
    shown.dialog.reject()
    shown = importing(figures(path, ["Thôn Phú Hòa", 1042, 46], ["thach nham", 5, 6]))
    assert say("exchange.mapping.still_open", count=1) in shown.said()
    assert shown.mapping.ready


def test_of_a_wide_and_unknown_sheet_only_so_many_lines_are_shown(
    importing: Callable[[Path], Import], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    headings = ["Tên thôn", "Tổng số hộ dân", *(f"Cột lạ {number}" for number in range(500))]
    rows = [["Thôn Phú Hòa", "5"], *([f"Người {number}", "1"] for number in range(200))]
    path.write_text("\n".join(";".join(row) for row in [headings, *rows]), encoding="utf-8")
    shown = importing(path)
    assert shown.mapping._table.rowCount() == 150
    assert say("exchange.mapping.more", count=399 + 200 - 150) in shown.said()
    assert shown.mapping.ready


def test_another_sheet_and_other_headings_can_be_chosen(importing: Callable[[Path], Import]) -> None:
    shown = importing(FILES / "tong-hop.xlsx")
    page = shown.mapping
    shown.choose(say("exchange.mapping.sheet"), "Ghi chú")
    assert not page.ready
    assert say("exchange.mapping.nothing") in shown.said()
    shown.choose(say("exchange.mapping.sheet"), "Quý II")
    shown.choose(say("exchange.mapping.convention"), "1.607")
    assert page.ready
    shown.choose(say("exchange.mapping.last"), "5")
    assert page.choice.proposal is not None
    assert page.choice.proposal.frame.last == 4
    shown.choose(say("exchange.mapping.by_unit"), say("exchange.mapping.rows_are.indicators"))
    assert not page.ready


@pytest.mark.parametrize(("choice", "after"), [("1.607 ·", "1.607"), ("1,607 ·", "2")])
def test_the_convention_that_was_chosen_counts(
    importing: Callable[[Path], Import], tmp_path: Path, choice: str, after: str
) -> None:
    shown = importing(figures(tmp_path / "a.xlsx", ["Thôn Sơn Phước", "1.607", 2]))
    shown.choose(say("exchange.mapping.convention"), choice)
    shown.go_on()
    assert shown.rows()[0][4] == ("1.607" if after == "1.607" else "1,607")


def test_numbers_of_lines_do_not_tell_how_figures_are_written(
    importing: Callable[[Path], Import], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    rows = ["TT;Thôn;CT01;Hộ", "1.1;Thôn Phú Hòa;1.000;5,15", "1.2;Thôn Sơn Phước;2.000;"]
    path.write_text("\n".join(rows), encoding="utf-8")
    shown = importing(path)
    assert not shown.mapping.ready
    assert say("exchange.mapping.question", example="1.000") in shown.said()
    # What is taken tells, as soon as it is taken, and no longer.
    name = say("exchange.mapping.target", heading="Hộ")
    shown.choose(name, "Số hộ nghèo")
    assert say("exchange.mapping.answer", example="1.000") in shown.said()
    assert shown.mapping.choice.convention == "vi"
    shown.choose(name, say("exchange.mapping.leave"))
    assert not shown.mapping.ready
    shown.choose(say("exchange.mapping.convention"), "1,000 ·")
    shown.choose(name, "Số hộ nghèo")
    assert shown.mapping.choice.convention == "en", "what a person says stands"


def test_the_convention_that_is_told_is_shown_and_can_be_changed(importing: Callable[[Path], Import]) -> None:
    shown = importing(FILES / "viet-nam.csv")
    name = say("exchange.mapping.convention")
    (box,) = [one for one in shown.dialog.findChildren(QComboBox) if one.accessibleName() == name]
    assert box.isVisible()
    assert box.currentText() == say("exchange.mapping.as_vi", number="1.607")
    shown.go_on()
    assert say("exchange.note.convention", example="1.607", read=box.currentText()) in shown.said()
    shown.press(say("exchange.import.back"))
    shown.choose(name, "1,607 ·")
    shown.go_on()
    assert say("exchange.note.convention", example="1.607", read=box.currentText()) in shown.said()
    assert say("exchange.mapping.as_en", number="1,607") == box.currentText()


def test_a_value_that_came_meanwhile_is_shown_before_it_is_written_over(
    importing: Callable[[Path], Import], office: Store, feed: Feed, tmp_path: Path
) -> None:
    shown = importing(figures(tmp_path / "a.xlsx", ["Thôn Phú Hòa", 1040, 46]))
    shown.go_on()
    feed.changed.emit(office.record_changes([(cell("004", "ct01"), "1039")], "Thôn trưởng", clock()()))
    shown.press("Nhập 2 ô")
    assert shown.dialog.isVisible()
    assert say("exchange.preview.moved", count=1) in shown.said()
    assert shown.rows()[0][3:5] == ["1.039", "1.040"]
    assert content(office, cell("004", "ct01")) == "1039"
    shown.press("Nhập 1 ô")
    assert content(office, cell("004", "ct01")) == "1039"
    assert content(office, cell("004", "ct03")) == "46"


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("mat-khau.xlsx", "file_password"),
        ("mat-khau.xls", "file_password"),
        ("mat-khau.ods", "file_password"),
        ("trong.xlsx", "file_empty"),
        ("README.md", "file_kind_unknown"),
        ("absent.xlsx", "file_missing"),
        (".", "file_is_folder"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of_in_words(
    importing: Callable[[Path], Import], office: Store, name: str, code: str, language: str
) -> None:
    waiting = office.waiting()
    words.set_language(language)
    shown = importing(FILES / name)
    for part in ("title", "text", "way_out"):
        assert say(f"errors.{code}.{part}") in shown.said()
    shown.dialog.reject()
    assert office.waiting() == waiting


@pytest.mark.parametrize(
    ("place", "code", "found"),
    [
        (Place("entry", form="group_month", period="A2026M06"), "template_form", "Biểu thôn CT01–CT14"),
        (Place("entry", form=FORM, period="A2026Q3"), "template_period", "Quý II/2026"),
    ],
)
def test_a_form_of_something_else_says_what_it_is(
    importing: Callable[[Path], Import], room: EntryRoom, place: Place, code: str, found: str
) -> None:
    room.show_place(place)
    shown = importing(FILES / "bieu-da-dien.xlsx")
    assert say(f"errors.{code}.title") in shown.said()
    assert say("exchange.found", found=found) in shown.said()


@pytest.mark.parametrize(
    ("form", "units", "code", "found"),
    [
        (forms.FORM, {"48.20194.001": "Tổ dân phố Kim Liên"}, "template_units", "Tổ dân phố Kim Liên"),
        (OLDER, forms.THREE, "template_version", "2025-01"),
    ],
)
def test_a_form_of_another_unit_or_version_says_so(
    importing: Callable[[Path], Import], tmp_path: Path, form: Form, units: dict[str, str], code: str, found: str
) -> None:
    path = tmp_path / "biểu.xlsx"
    write_template(path, forms.CATALOGUE, form, forms.PERIOD, units, {}, forms.WORDS)
    shown = importing(path)
    for part in ("title", "text", "way_out"):
        assert say(f"errors.{code}.{part}") in shown.said()
    assert say("exchange.found", found=found) in shown.said()


def test_a_form_given_out_under_an_older_catalogue_is_taken_with_a_word(
    importing: Callable[[Path], Import], tmp_path: Path
) -> None:
    path = tmp_path / "biểu.xlsx"
    older = forms.CATALOGUE._replace(version="older")
    write_template(path, older, forms.FORM, forms.PERIOD, forms.THREE, {cell("001", "ct01"): "434"}, forms.WORDS)
    shown = importing(path)
    assert say("exchange.note.catalogue") in shown.said()


def test_macros_and_open_files_are_told_of(importing: Callable[[Path], Import], tmp_path: Path) -> None:
    shutil.copy(FILES / "macro.xlsm", tmp_path / "a.xlsm")
    (tmp_path / "~$a.xlsm").write_bytes(b"Hoa")
    shown = importing(tmp_path / "a.xlsm")
    shown.go_on()
    assert say("exchange.note.macros") in shown.said()
    assert say("exchange.note.open_elsewhere") in shown.said()


def test_giving_up_while_a_file_is_read_brings_nothing(room: EntryRoom, office: Store, qtbot: QtBot) -> None:
    waiting = office.waiting()
    dialog = files(room).open_file(FILES / "tong-hop.xls")
    assert dialog is not None
    work = dialog._work
    assert work is not None
    dialog.reject()
    qtbot.waitUntil(lambda: not work._thread.is_alive(), timeout=WITHIN_MS)
    QApplication.processEvents()
    assert dialog._opened is None
    assert office.waiting() == waiting


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_button_s_menu_opens_a_file_that_is_asked_for(
    room: EntryRoom, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(_parent: object, _title: str, folder: str, kinds: str) -> tuple[str, str]:
        asked.extend((folder, kinds))
        return str(FILES / "macro.ods"), kinds

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    QTest.mouseClick(files(room), Qt.MouseButton.LeftButton)
    (menu,) = room.findChildren(QMenu)
    assert [action.text() for action in menu.actions() if action.text()] == [
        say(f"exchange.menu.{name}") for name in ("template", "import", "xlsx", "csv", "print")
    ]
    menu.actions()[1].trigger()
    menu.close()
    (dialog,) = room.findChildren(ImportDialog)
    qtbot.waitUntil(lambda: dialog._opened is not None, timeout=WITHIN_MS)
    assert "*.ods" in asked[1]
    dialog.reject()
    files(room).import_file()
    assert asked[2] == str(FILES)


def test_the_list_keeps_qt_s_promises_and_speaks(importing: Callable[[Path], Import], tmp_path: Path) -> None:
    shown = importing(figures(tmp_path / "a.xlsx", ["Thôn Phú Hòa", 1040, -3], ["Thôn Xa Lạ", 1, 2]))
    shown.go_on()
    model = shown.preview.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert spoken[2] == "Thay đổi. Thôn Phú Hòa. Số hộ nghèo. 45. -3. Nhỏ hơn mức thấp nhất. C2"
    assert model.index(0, 0).data(CHECK) is None
    assert not model.setData(model.index(0, 0), Qt.CheckState.Checked, CHECK)
    table = shown.dialog.findChild(QTableView)
    assert isinstance(table, QTableView)
    assert table.accessibleName()
    (same,) = [one for one in shown.dialog.findChildren(QPushButton) if one.text().startswith("Giống")]
    assert not same.isEnabled()


def test_the_same_is_shown_when_it_is_asked_for(importing: Callable[[Path], Import], tmp_path: Path) -> None:
    shown = importing(figures(tmp_path / "a.xlsx", ["Thôn Phú Hòa", 1033, 45]))
    shown.go_on()
    assert shown.rows() == []
    assert say("exchange.preview.nothing") in shown.said()
    shown.press("Giống 2")
    assert [row[0] for row in shown.rows()] == ["Giống", "Giống"]


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_dialog_stays_within_its_window(
    importing: Callable[[Path], Import], room: EntryRoom, qapp: QApplication, percent: int, look: str
) -> None:
    theme.apply(qapp, look, percent)
    shown = importing(FILES / "tong-hop.xlsx")
    QApplication.processEvents()
    assert shown.dialog.width() <= room.window().width()
    assert shown.dialog.height() <= room.window().height()


def test_every_reason_kind_and_note_has_its_words() -> None:
    for language in words.LANGUAGES:
        words.set_language(language)
        assert all(say(f"exchange.reason.{reason}") for reason in (*REFUSALS, *DOUBTS))
        assert all(say(f"exchange.kind.{kind}") and say(f"exchange.count.{kind}", count=1) for kind in Kind)
        assert all(say(f"exchange.note.{note}") for note in Note)
        assert all(say(f"exchange.mapping.as_{convention}", number="1") for convention in Convention)


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_in_a_spreadsheet(column: int, letters: str) -> None:
    assert column_letters(column) == letters
