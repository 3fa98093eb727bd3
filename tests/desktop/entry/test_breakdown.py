"""Figures divided by a breakdown: the fourth turn of the grid, the whole as a cell of its own, the sum of its parts."""

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from shiboken6 import delete
from xlsxwriter import Workbook

from desktop.entry.exporting import export_template, shown_rows, shown_table
from desktop.entry.import_mapping import MappingPage
from desktop.entry.import_reading import Choice, compared, opened
from desktop.entry.layout import Turn
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.subject import missing_words, subject_of
from desktop.feed import Feed
from desktop.widgets.marks import Mark
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Breakdown, Catalogue, Label, Member, Severity
from sync.domain.keys import Key
from sync.domain.numbers import Convention
from sync.domain.values import Value
from sync.exchange.differences import Kind
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, grid_of, open_room, opener
from tests.desktop.entry.test_comments import comment
from tests.desktop.entry.test_model import counted, key
from tests.desktop.entry.test_printing import printed_from
from tests.desktop.entry.test_room import card, grid, view
from tests.desktop.entry.test_view import CTRL, press, type_in
from tests.desktop.sampled import NOW, PERSON

EDIT = Qt.ItemDataRole.EditRole
K = Qt.Key
SEX = Breakdown(
    "sex",
    Label("Giới tính", "Sex"),
    (Member("female", Label("Nữ", "Female")), Member("male", Label("Nam", "Male"))),
    Severity.SOFT,
    "",
)
PLACE = Breakdown("place", Label("Nơi", "Place"), (Member("town", Label("Thị", "Town")),), None, "")
WHOLE, FEMALE, MALE, TOWN = range(4)


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The village form with households by sex of their head, and an area by place."""
    indicators = dict(catalogue.indicators)
    indicators["households"] = indicators["households"]._replace(breakdown=SEX)
    indicators["area"] = indicators["area"]._replace(breakdown=PLACE)
    return catalogue._replace(indicators=indicators)


@pytest.fixture
def turned(commune: Store, catalogue: Catalogue, feed: Feed) -> GridModel:
    return grid_of(commune, catalogue, feed, turn=Turn.BREAKDOWN)


def part(member: str, item: str = "households", unit: str = FIRST) -> Key:
    return key(item, unit)._replace(part=member)


def put(model: GridModel, column: int, text: str, row: int = 1) -> None:
    assert model.setData(model.index(row, column), text, EDIT)


def contents(store: Store) -> dict[str, str]:
    found = {one: store.shown(part(one)) for one in ("", "female", "male")}
    return {one: shown.content for one, shown in found.items() if shown}


def test_the_columns_are_the_whole_and_its_parts_of_what_is_divided(turned: GridModel, qtbot: QtBot) -> None:
    QAbstractItemModelTester(turned, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [turned.heading(column) for column in range(4)] == ["Tổng số", "Nữ", "Nam", "Thị"]
    assert [line.title for line in turned.lines] == ["Hộ và nhân khẩu", "Tổng số hộ dân", "Khác", "Diện tích"]
    assert turned.key(1, FEMALE) == part("female")
    assert turned.key(1, WHOLE) == part("")
    assert turned.cell_of(part("male")) == (1, MALE)


def test_what_is_not_divided_so_is_no_cell(turned: GridModel) -> None:
    assert turned.key(1, TOWN) is None
    assert not turned.flags(turned.index(1, TOWN)) & Qt.ItemFlag.ItemIsSelectable
    assert not turned.setData(turned.index(1, TOWN), "5", EDIT)
    assert turned.face(1, TOWN).text == ""
    assert "Thị" in turned.data(turned.index(1, TOWN), Qt.ItemDataRole.AccessibleTextRole)
    assert turned.flags(turned.index(3, TOWN)) & Qt.ItemFlag.ItemIsEditable
    assert counted(turned).cells == 5


def test_parts_are_cells_of_their_own_and_the_whole_too(turned: GridModel, commune: Store) -> None:
    put(turned, FEMALE, "2")
    put(turned, MALE, "3")
    assert contents(commune) == {"female": "2", "male": "3"}
    assert counted(turned).filled == 2
    put(turned, WHOLE, "5")
    assert contents(commune) == {"": "5", "female": "2", "male": "3"}
    assert turned.judge.wrongs(part("")) == ()


def test_parts_that_do_not_make_up_the_whole_ask_why(turned: GridModel, commune: Store, feed: Feed) -> None:
    for column, text in ((WHOLE, "6"), (FEMALE, "2")):
        put(turned, column, text)
    assert turned.face(1, WHOLE).corner is None, "one part is not told yet"
    put(turned, MALE, "3")
    assert turned.face(1, WHOLE).corner is Mark.WARNING
    (wrong,) = turned.judge.wrongs(part(""))
    assert wrong.sentence == say("entry.breakdown.missed", sum="5")
    assert wrong.title == say("entry.breakdown.sum", of="giới tính")
    assert counted(turned).warnings == 1
    assert turned.face(1, MALE).corner is None
    feed.changed.emit(commune.record_changes([(part(""), Value(number=None, note="x").content())], PERSON, NOW))
    put(turned, MALE, "4")
    put(turned, WHOLE, "6")
    assert turned.face(1, WHOLE).corner is None
    assert counted(turned).warnings == 0


def test_the_whole_is_judged_by_its_parts_in_every_turn(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    commune.record_changes([(part(""), "6"), (part("female"), "2"), (part("male"), "3")], PERSON, NOW)
    hard = catalogue.indicators["households"]._replace(breakdown=SEX._replace(sums=Severity.HARD))
    catalogue = catalogue._replace(indicators={**catalogue.indicators, "households": hard})
    for turn in (Turn.UNITS, Turn.PERIODS, Turn.INDICATOR):
        model = grid_of(commune, catalogue, feed, turn=turn, item="households")
        cell = model.cell_of(part(""))
        assert cell is not None
        assert model.face(*cell).corner is Mark.ERROR, turn
        counts = counted(model)
        assert (counts.filled, counts.errors) == (1, 1), turn
        feed.changed.emit(commune.record_changes([(part("male"), "4")], PERSON, NOW))
        assert model.face(*cell).corner is None, turn
        assert counted(model).errors == 0
        feed.changed.emit(commune.record_changes([(part("male"), "3")], PERSON, NOW))


def test_a_part_that_is_no_number_is_marked_where_it_stands(turned: GridModel) -> None:
    put(turned, FEMALE, "hai")
    assert turned.face(1, FEMALE).corner is Mark.ERROR
    assert turned.face(1, WHOLE).corner is None
    assert counted(turned).errors == 1
    put(turned, FEMALE, "-1")
    assert turned.judge.wrongs(part("female"))[0].sentence == say("entry.fault.below_minimum", minimum="0")


def test_the_room_turns_to_breakdowns_of_one_village_and_back(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed
) -> None:
    room.show_place(Place("entry", unit=SECOND, form="village", item="households"))
    for _ in range(3):
        QTest.keyClick(view(room), K.Key_T, CTRL)
    assert grid(room).layout.turn is Turn.BREAKDOWN
    assert grid(room).layout.units == (SECOND,)
    type_in(view(room), "6")
    press(view(room), K.Key_Tab)
    type_in(view(room), "2")
    press(view(room), K.Key_Tab)
    type_in(view(room), "3")
    press(view(room), K.Key_Return)
    assert {one: commune.shown(part(one, unit=SECOND)) is not None for one in ("", "female", "male")} == {
        "": True,
        "female": True,
        "male": True,
    }
    room.show_place(Place("entry", unit=SECOND, item="households"))
    told = card(room)
    assert say("entry.breakdown.missed", sum="5") in told
    QTest.keyClick(view(room), K.Key_T, CTRL)
    assert grid(room).layout.turn is Turn.UNITS


def test_the_card_and_comments_are_of_the_part(room: EntryRoom, commune: Store, feed: Feed) -> None:
    before = part("female")._replace(period=PERIOD.previous.code)
    commune.record_changes([(before, "7"), (before._replace(part=""), "99")], PERSON, NOW - timedelta(days=1))
    room.show_place(Place("entry", unit=FIRST, form="village", item="households"))
    room.turn_to(str(Turn.BREAKDOWN))
    view(room).setCurrentIndex(grid(room).index(1, FEMALE))
    told = card(room)
    assert "CT01 · Nữ · Thôn An Sơn · Quý IV/2026" in told
    assert "7" in told.split("\n")
    assert "99" not in told.split("\n")
    assert grid(room).face(1, FEMALE).before == "7"
    comment(room, "đếm lại")
    assert grid(room).face(1, FEMALE).comments == 1
    assert grid(room).face(1, WHOLE).comments == 0
    type_in(view(room), "8")
    press(view(room), K.Key_Return)
    QTest.keyClick(view(room), K.Key_Z, CTRL)
    index = view(room).currentIndex()
    assert (index.row(), index.column()) == (1, FEMALE)
    assert commune.shown(part("female")) is not None


def test_a_form_that_divides_nothing_is_not_turned_so(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    def offered(shown: EntryRoom) -> list[str]:
        (box,) = [found for found in shown.findChildren(QComboBox) if found.accessibleName() == say("entry.turn.name")]
        return [box.itemData(place) for place in range(box.count())]

    assert "breakdown" in offered(room)
    room.turn_to(str(Turn.BREAKDOWN))
    room.hide()
    plain = catalogue._replace(
        indicators={one: found._replace(breakdown=None) for one, found in catalogue.indicators.items()}
    )
    again = open_room(commune, plain, feed, settings, qtbot)
    assert offered(again) == ["units", "periods", "indicator"]
    assert grid(again).layout.turn is Turn.UNITS


def test_what_is_shown_by_breakdown_is_exported_and_printed_so(
    turned: GridModel, commune: Store, catalogue: Catalogue
) -> None:
    for column, text in ((WHOLE, "6"), (FEMALE, "2"), (MALE, "3")):
        put(turned, column, text)
    rows = list(shown_rows(turned))
    table = shown_table(turned, subject_of(turned, catalogue, opener(commune)), rows)
    assert table.headings == ("Mã", "Chỉ tiêu", "ĐVT", "Tổng số", "Nữ", "Nam", "Thị")
    about = "Biểu thôn · Đơn vị: Thôn An Sơn · Kỳ báo cáo: Quý IV/2026"
    assert table.title == f"{about} · {say('exchange.duty.internal')}"
    assert [str(cell) for cell in rows[1]] == ["CT01", "Tổng số hộ dân", "hộ", "6", "2", "3", ""]
    printed = printed_from(turned)
    assert printed.headings == ("Tổng số", "Nữ", "Nam", "Thị")
    assert printed.about[0] == "Đơn vị: Thôn An Sơn"
    assert printed.rows[1].cells == ("6 [1]", "2", "3", "")


def test_what_stands_in_a_part_is_not_taken_for_the_whole_by_a_file(
    commune: Store, catalogue: Catalogue, feed: Feed, tmp_path: Path
) -> None:
    commune.record_changes([(part(""), "5"), (part("female"), "2"), (part("male"), "3")], PERSON, NOW)
    subject = subject_of(grid_of(commune, catalogue, feed), catalogue, opener(commune))
    path = export_template(subject, tmp_path / "a.xlsx", lambda: False)
    found = opened(subject, path, {}, lambda: False)
    told = compared(subject, found, Choice(0, None, Convention.VIETNAMESE), missing_words(), lambda: False)
    shown = {(it.unit, it.item): it for it in told.found}
    assert {it.kind for it in shown.values()} == {Kind.SAME}
    assert shown[FIRST, "households/male"].before == "3"
    assert subject.line_name("households/male") == "Tổng số hộ dân – Nam"
    assert shown[FIRST, "households/male"].key(PERIOD.code) == part("male")


def test_a_foreign_workbook_brings_the_parts_under_a_merged_heading(
    commune: Store, catalogue: Catalogue, feed: Feed, tmp_path: Path
) -> None:
    subject = subject_of(grid_of(commune, catalogue, feed), catalogue, opener(commune))
    path = tmp_path / "hộ theo giới.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 1, 0, 3, "Tổng số hộ dân")
        sheet.write_row(1, 0, ["Thôn", "Tổng số", "Nam", "Nữ"])
        sheet.write_row(2, 0, [subject.units[FIRST], 5, 3, 2])
    found = opened(subject, path, {}, lambda: False)
    choice = Choice(0, found.proposals[0], Convention.VIETNAMESE)
    told = compared(subject, found, choice, missing_words(), lambda: False)
    assert {(it.key(PERIOD.code), it.after) for it in told.found if it.kind is Kind.NEW} == {
        (part(""), "5"),
        (part("male"), "3"),
        (part("female"), "2"),
    }
    page = MappingPage(subject)
    page.show_opened(found)
    heading = say("exchange.mapping.target", heading="Tổng số hộ dân Nam")
    shown = {box.accessibleName(): box.currentText() for box in page.findChildren(QComboBox)}
    assert shown.get(heading) == "Tổng số hộ dân – Nam"
    delete(page)
