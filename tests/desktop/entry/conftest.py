"""A commune with three villages, a small form with every kind of row, and the grid over a real store."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.entry.layout import Layout, Turn
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.steps import Steps
from desktop.entry.view import GridView
from desktop.entry.writing import Kept, Writer
from desktop.feed import Feed
from sync.domain.catalogue import (
    Aggregation,
    Catalogue,
    Form,
    Indicator,
    Label,
    Row,
    Rule,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    Severity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import UNIT, Key
from sync.domain.periods import Frequency, Period, Regime
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from tests.desktop.sampled import COMMUNE, clock, enrol, receive

VILLAGES = {
    f"{COMMUNE.key}.001": "Thôn An Sơn",
    f"{COMMUNE.key}.002": "Thôn Phú Hòa",
    f"{COMMUNE.key}.003": "Thôn Ẳng Đông",
}
FIRST, SECOND, THIRD = VILLAGES
PERIOD = Period.parse("A2026Q4")

_opened: list[EntryRoom] = []
_SCHEME = Scheme("sample", Label("Mẫu", "Sample"), "", "", None, "1", SchemeStatus.SAMPLE, "")
_VILLAGE = frozenset({UnitKind.VILLAGE})
_AGGREGATIONS = {ValueType.RATE: Aggregation.RATE_OF_SUMS, ValueType.TEXT: Aggregation.NONE}


def _indicator(
    key: str, vi: str, en: str, of: ValueType = ValueType.INTEGER, decimals: int = 0, rate: tuple[str, ...] = ()
) -> Indicator:
    measure = {ValueType.RATE: "%", ValueType.TEXT: "", ValueType.DECIMAL: "ha"}.get(of, "hộ")
    return Indicator(
        key=key,
        code="",
        scheme=_SCHEME,
        name=Label(vi, en),
        definition=Label(f"Định nghĩa {vi}", f"Definition {en}"),
        unit_of_measure=UnitOfMeasure(measure or "text", Label(measure, measure)),
        type=of,
        decimals=decimals,
        minimum=None if of in (ValueType.RATE, ValueType.TEXT) else Decimal(0),
        numerator=rate[0] if rate else "",
        denominator=rate[1] if rate else "",
        scale=100 if rate else 0,
        choices=(),
        frequency=Frequency.QUARTER,
        regime=Regime.ADMINISTRATIVE,
        unit_kinds=_VILLAGE,
        sensitivity=Sensitivity.INTERNAL,
        aggregation=_AGGREGATIONS.get(of, Aggregation.SUM),
        source="Biểu của một xã",
        confidence="VERIFIED-secondary",
    )


def _form(key: str, vi: str, en: str, sections: tuple[Section, ...]) -> Form:
    return Form(key, Label(vi, en), _SCHEME, Frequency.QUARTER, Regime.ADMINISTRATIVE, _VILLAGE, sections, "")


@pytest.fixture
def catalogue() -> Catalogue:
    found = [
        _indicator("households", "Tổng số hộ dân", "Households"),
        _indicator("poor", "Số hộ nghèo", "Poor households"),
        _indicator("poor_rate", "Tỷ lệ hộ nghèo", "Poor rate", ValueType.RATE, 2, ("poor", "households")),
        _indicator("area", "Diện tích", "Area", ValueType.DECIMAL, 2),
        _indicator("remark", "Nhận xét", "Remark", ValueType.TEXT),
    ]
    numbers = Section(
        "numbers",
        Label("Hộ và nhân khẩu", "Households"),
        (Row("CT01", "households"), Row("CT03", "poor"), Row("", "poor_rate")),
    )
    others = Section("others", Label("Khác", "Other"), (Row("CT20", "area"), Row("CT21", "remark")))
    rules = [
        Rule(
            "poor_within",
            "village",
            Severity.HARD,
            "poor <= households",
            ("households", "poor"),
            Label("CT03 ≤ CT01", "CT03 ≤ CT01"),
            Label("Số hộ nghèo lớn hơn tổng số hộ.", "More poor households than households."),
            "",
        ),
        Rule(
            "many_poor",
            "village",
            Severity.SOFT,
            "poor * 2 <= households",
            ("households", "poor"),
            Label("CT03 / CT01", "CT03 / CT01"),
            Label("Hơn một nửa số hộ là hộ nghèo.", "More than half of the households are poor."),
            "",
        ),
    ]
    forms = (
        _form("village", "Biểu thôn", "Village form", (numbers, others)),
        _form("short", "Biểu ngắn", "Short form", (others,)),
    )
    return Catalogue(
        "1",
        {_SCHEME.key: _SCHEME},
        {},
        {indicator.key: indicator for indicator in found},
        {form.key: form for form in forms},
        {rule.key: rule for rule in rules},
    )


@pytest.fixture(autouse=True)
def closed(swept: None) -> Iterator[None]:
    """A room that nobody holds any more must not be collected while it is shown."""
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data", bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def commune(store: Store) -> Store:
    """The store of a commune's officer, who received the list of villages."""
    enrol(store)
    receive(store, [(Key(UNIT, COMMUNE.key), [COMMUNE.content()])])
    villages = [Unit(key, UnitKind.VILLAGE, name) for key, name in VILLAGES.items()]
    receive(store, [(Key(UNIT, unit.key), [unit.content()]) for unit in villages])
    return store


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def grid(commune: Store, catalogue: Catalogue, feed: Feed) -> GridModel:
    """The village form of one quarter over the three villages."""
    return grid_of(commune, catalogue, feed)


def grid_of(
    store: Store,
    catalogue: Catalogue,
    feed: Feed,
    units: Sequence[str] = tuple(VILLAGES),
    periods: Sequence[Period] = (PERIOD,),
    turn: Turn = Turn.UNITS,
    item: str = "",
    below: Sequence[str] = (),
) -> GridModel:
    """The village form, spread as asked, with nothing to undo."""
    layout = Layout(catalogue, catalogue.forms["village"], units, periods, turn, item, below)
    writer = Writer(store, opener(store), feed, clock(), Kept({}, Steps()))
    writer.author = "Hoa"
    return GridModel(store, catalogue, layout, writer, feed)


def opener(store: Store) -> Callable[[], Store]:
    """Another connection to a test's folder."""
    folder = Path(store.db.execute("PRAGMA database_list").fetchone()[2]).parent
    return lambda: Store.open(folder, bytes(32))


@pytest.fixture
def view(grid: GridModel, qtbot: QtBot) -> GridView:
    shown = GridView()
    qtbot.addWidget(shown)
    shown.resize(1000, 500)
    shown.setModel(grid)
    shown.show()
    qtbot.waitExposed(shown)
    shown.activateWindow()
    shown.setFocus()
    shown.setCurrentIndex(grid.index(1, 0))
    return shown


@pytest.fixture
def room(commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot) -> Iterator[EntryRoom]:
    made = open_room(commune, catalogue, feed, settings, qtbot)
    yield made
    QApplication.processEvents()
    made.close()


def open_room(store: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot) -> EntryRoom:
    room = EntryRoom(store, opener(store), catalogue, feed, clock(), settings)
    qtbot.addWidget(room)
    qtbot.addWidget(room.header)
    room.resize(1282, 682)
    room.show()
    qtbot.waitExposed(room)
    room.activateWindow()
    room.setFocus()
    _opened.append(room)
    return room
