"""Choices and days: typed, chosen from a list or a calendar, and marked when they are none."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCalendarWidget, QCompleter

from desktop.entry.clipboard import Copied, block_of
from desktop.entry.model import GridModel
from desktop.entry.pasting import Laid, contents_of, lay
from desktop.entry.selection import Block
from desktop.entry.view import GridView
from desktop.widgets.marks import Mark
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Row, Section, ValueType
from sync.domain.spelling import day_of
from sync.store import Store
from tests.desktop.entry.conftest import FIRST
from tests.desktop.entry.test_model import at, kept, text
from tests.desktop.entry.test_view import K, editor, press, type_in

ALT = Qt.KeyboardModifier.AltModifier
OF_NO_SCREEN = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
CHOICES = ("Đạt", "Không đạt", "Chưa xét")


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The village form with a choice and a day beneath."""
    like = catalogue.indicators["remark"]
    result = like._replace(key="result", type=ValueType.CHOICE, choices=CHOICES)
    met = like._replace(key="met", type=ValueType.DATE)
    form = catalogue.forms["village"]
    section = Section("more", form.name, (Row("CT30", "result"), Row("CT31", "met")))
    return catalogue._replace(
        indicators={**catalogue.indicators, "result": result, "met": met},
        forms={**catalogue.forms, "village": form._replace(sections=(*form.sections, section))},
    )


def go(view: GridView, item: str) -> None:
    model = view.grid()
    assert model is not None
    view.selection.only(at(model, item))


@pytest.mark.parametrize(
    ("typed", "kept_as"),
    [
        ("30/4/2026", "30/04/2026"),
        ("1-12-26", "01/12/2026"),
        ("20.11", "20/11/2026"),
        ("5 6 2025", "05/06/2025"),
        ("04/30/2026", "04/30/2026"),
        ("31/02/2026", "31/02/2026"),
        ("hôm qua", "hôm qua"),
    ],
)
def test_a_day_is_typed_in_vietnamese_order(grid: GridModel, commune: Store, typed: str, kept_as: str) -> None:
    assert grid.setData(at(grid, "met"), typed)
    assert kept(commune, "met").text == kept_as
    wrong = grid.face(at(grid, "met").row(), 0).corner is Mark.ERROR
    assert wrong == (day_of(kept_as, None) is None)
    told = at(grid, "met").data(Qt.ItemDataRole.AccessibleTextRole)
    assert (say("entry.unfit.date") in told) == wrong


@pytest.mark.parametrize(
    ("typed", "kept_as", "wrong"),
    [("đạt", "Đạt", False), ("khong dat", "Không đạt", False), ("Đạt", "Đạt", False), ("tốt", "tốt", True)],
)
def test_a_choice_is_kept_as_it_is_spelled(
    grid: GridModel, commune: Store, typed: str, kept_as: str, wrong: bool
) -> None:
    grid.setData(at(grid, "result"), typed)
    assert kept(commune, "result").text == kept_as
    assert (grid.face(at(grid, "result").row(), 0).corner is Mark.ERROR) == wrong
    said = at(grid, "result").data(Qt.ItemDataRole.AccessibleTextRole)
    assert (say("entry.unfit.choice", choices=" · ".join(CHOICES)) in said) == wrong


@OF_NO_SCREEN
def test_the_list_narrows_as_one_types_and_enter_takes_it(view: GridView, commune: Store) -> None:
    go(view, "result")
    type_in(view, "d")
    opened = editor(view)
    assert opened is not None
    QTest.keyClicks(opened, "at")
    completer = opened.completer()
    assert isinstance(completer, QCompleter)
    model = completer.model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Đạt", "Không đạt"]
    popup = completer.popup()
    assert popup is not None
    QTest.keyClick(popup, K.Key_Down)
    QTest.keyClick(popup, K.Key_Down)
    QTest.keyClick(popup, K.Key_Return)
    assert kept(commune, "result").text == "Không đạt"
    assert editor(view) is None


@OF_NO_SCREEN
def test_alt_down_opens_the_whole_list(view: GridView) -> None:
    go(view, "result")
    press(view, K.Key_Down, held=ALT)
    opened = editor(view)
    assert opened is not None
    popup = opened.completer().popup()
    assert popup is not None
    assert popup.isVisible()
    assert opened.completer().model().rowCount() == len(CHOICES)
    popup.hide()


@OF_NO_SCREEN
def test_alt_down_opens_the_calendar_at_the_day(view: GridView, grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "met"), "20/11/2026")
    go(view, "met")
    press(view, K.Key_Down, held=ALT)
    opened = editor(view)
    assert opened is not None
    (calendar,) = opened.findChildren(QCalendarWidget)
    assert calendar.selectedDate() == QDate(2026, 11, 20)
    calendar.clicked.emit(QDate(2026, 11, 9))
    QApplication.processEvents()
    assert opened.text() == "09/11/2026"
    QTest.keyClick(opened, K.Key_Return)
    assert kept(commune, "met").text == "09/11/2026"


def test_alt_down_on_a_number_does_nothing(view: GridView) -> None:
    press(view, K.Key_Down, held=ALT)
    assert editor(view) is None


def test_days_and_choices_are_pasted_by_the_same_rules(view: GridView, grid: GridModel, commune: Store) -> None:
    row = at(grid, "result").row()
    laid = lay(grid, Copied(block_of("khong dat\n9/11")), Block(row, 0, row, 0))
    assert isinstance(laid, Laid)
    assert list(contents_of(laid).values()) == ['"Không đạt"', '"09/11/2026"']


def test_the_unit_of_measure_stands_beside_the_name(view: GridView, grid: GridModel) -> None:
    grid.setData(at(grid, "households"), "312")
    assert "312 hộ" in at(grid, "households", FIRST).data(Qt.ItemDataRole.AccessibleTextRole)
    assert kept(grid._store, "households").number == Decimal(312)
    assert text(grid, "households") == "312"
