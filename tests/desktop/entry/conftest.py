"""A commune with three villages, a small form with every kind of row, and the grid over a real store."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from desktop.entry.model import GridModel
from desktop.feed import Feed
from desktop.widgets import theme, words
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
from sync.protocol.messages import Cursor, Head, Page, Record, Version
from sync.store import Enrolment, Store
from sync.store.receiving import take_page

COMMUNE = "48.20194"
VILLAGES = {f"{COMMUNE}.001": "Thôn An Sơn", f"{COMMUNE}.002": "Thôn Phú Hòa", f"{COMMUNE}.003": "Thôn Ẳng Đông"}
FIRST, SECOND, THIRD = VILLAGES
PERIOD = Period.parse("A2026Q4")
NOW = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
OTHER_PC = "b" * 20

_SCHEME = Scheme("sample", Label("Mẫu", "Sample"), "", "", None, "1", SchemeStatus.SAMPLE, "")
_VILLAGE = frozenset({UnitKind.VILLAGE})


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
        aggregation=Aggregation.SUM,
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
def language(qapp: QApplication) -> Iterator[None]:
    words.set_language("vi")
    theme.apply(qapp, "light", 100)
    yield
    words.set_language("vi")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data", bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def commune(store: Store) -> Store:
    """The store of a commune's officer, who received the list of villages."""
    store.keep_enrolment(Enrolment("http://127.0.0.1", "centre", bytes(32), "48", COMMUNE, "Nguyễn Thị Hoa"))
    units = [Unit(COMMUNE, UnitKind.COMMUNE, "Xã Bà Nà")]
    units += [Unit(key, UnitKind.VILLAGE, name) for key, name in VILLAGES.items()]
    receive(store, "*", [(Key(UNIT, unit.key), [unit.content()]) for unit in units])
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
    return GridModel(commune, catalogue, catalogue.forms["village"], PERIOD, list(VILLAGES), "Hoa", clock(), feed)


def clock() -> Callable[[], datetime]:
    """A clock that moves a second at every look."""
    ticks = iter(range(1_000_000))
    return lambda: NOW + timedelta(seconds=next(ticks))


def receive(store: Store, stream: str, found: list[tuple[Key, list[str]]]) -> frozenset[Key]:
    """Take a page in which another PC's `contents` stand for each key; more than one is a conflict."""
    at = int(NOW.timestamp()) - 3600
    records = []
    for number, (key, contents) in enumerate(found, 1):
        heads = [
            Head(Version(OTHER_PC, number * 10 + place), content, "Thôn trưởng", at, at + 60)
            for place, content in enumerate(contents)
        ]
        records.append(Record(key, tuple(heads)))
    return take_page(store, Page(stream, records, Cursor(1, "t"), False)).keys
