"""A small province with two communes, made anew for every test, and devices that speak to it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from sync.central.centre import Centre, make_centre, open_centre
from sync.central.enrolment import add_device
from sync.domain.catalogue import (
    Aggregation,
    Catalogue,
    Form,
    Indicator,
    Label,
    Scheme,
    SchemeStatus,
    Sensitivity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import UNIT, VALUE, Key
from sync.domain.periods import Frequency, Regime
from sync.domain.units import Unit, UnitKind
from sync.protocol import chain
from sync.protocol.messages import Change, Cursor, Page, Push, Record, SyncAnswer, SyncRequest, Version
from sync.protocol.version import PROTOCOL

COMMUNE = "48.20308"
VILLAGE = "48.20308.001"
OTHER_VILLAGE = "48.20308.002"
OTHER_COMMUNE = "48.20194"
PERIOD = "A2026Q2"

UNITS = (
    Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng"),
    Unit("48.D01", UnitKind.DEPARTMENT, "Sở Khoa học và Công nghệ"),
    Unit(COMMUNE, UnitKind.COMMUNE, "Xã Bà Nà"),
    Unit(OTHER_COMMUNE, UnitKind.WARD, "Phường Hải Vân"),
    Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Phú Hòa"),
    Unit(OTHER_VILLAGE, UnitKind.VILLAGE, "Thôn An Sơn"),
)


class Clock:
    """A clock that stands until it is moved. Seconds since 1970 UTC."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


def value_key(unit: str, item: str = "ct01", period: str = PERIOD) -> Key:
    return Key(VALUE, unit, item, period)


@dataclass
class Device:
    """A device as the protocol sees it: a key, a chain, cursors, and what it received."""

    centre: Centre
    unit: str
    key: SigningKey = field(default_factory=SigningKey.generate)
    log: list[Change] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    base: dict[Key, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.centre.database.writing() as connection:
            person = {"unit": self.unit, "person": "Nguyễn Văn An", "computer": "PC"}
            add_device(connection, self.centre.province, bytes(self.key.verify_key), 0, **person)

    @property
    def name(self) -> str:
        return chain.device_id(bytes(self.key.verify_key))

    def type(self, key: Key, content: str, seen: tuple[Version, ...] = ()) -> Version:
        """Append a change to the log."""
        n = len(self.log) + 1
        self.log.append(Change(n, key, content, seen, "Nguyễn Văn An", 1_780_000_000 + n, "1"))
        return Version(self.name, n)

    def push(self, first_n: int = 1, last_n: int | None = None) -> Push:
        """The log from `first_n` to `last_n` as a push."""
        before = chain.links(chain.root(self.name), self.log[: first_n - 1])
        previous = before[-1] if before else chain.root(self.name)
        return Push(previous, self.log[first_n - 1 : last_n])

    def ask(self, push: Push | None = None, page_bytes: int = 1 << 20) -> SyncAnswer:
        """One round trip, whose pages are taken in."""
        request = SyncRequest(PROTOCOL, "1", push, dict(self.cursors), page_bytes)
        answer = self.centre.repository.push_pull(self.name, request)
        for page in answer.pages:
            self.take(page)
        return answer

    def take(self, page: Page) -> None:
        self.cursors[page.stream] = page.cursor
        self.base.update({record.key: record for record in page.records})

    def pull(self, page_bytes: int = 1 << 20) -> int:
        """Pull until nothing more comes; the number of round trips."""
        for rounds in itertools.count(1):
            if not any(page.more for page in self.ask(page_bytes=page_bytes).pages):
                return rounds
        raise AssertionError


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    label = Label("Tên", "Name")
    scheme = Scheme("sample", label, "xã Bà Nà", "", None, "1", SchemeStatus.SAMPLE, "")
    kinds = frozenset({UnitKind.VILLAGE})
    quarterly, administrative = Frequency.QUARTER, Regime.ADMINISTRATIVE
    indicators = {
        key: Indicator(
            key=key,
            code="",
            scheme=scheme,
            name=label,
            definition=label,
            unit_of_measure=UnitOfMeasure("household", label),
            type=ValueType.INTEGER,
            decimals=0,
            minimum=Decimal(0),
            numerator="",
            denominator="",
            scale=1,
            choices=(),
            frequency=quarterly,
            regime=administrative,
            unit_kinds=kinds,
            sensitivity=sensitivity,
            aggregation=Aggregation.SUM,
            source="",
            confidence="",
        )
        for key, sensitivity in (("ct01", Sensitivity.PUBLIC), ("ct14", Sensitivity.SENSITIVE))
    }
    form = Form("village_quarter", label, scheme, quarterly, administrative, kinds, (), "")
    return Catalogue("1", {"sample": scheme}, {}, indicators, {form.key: form}, {})


@pytest.fixture
def centre(tmp_path: Path, catalogue: Catalogue, clock: Clock) -> Iterator[Centre]:
    folder = tmp_path / "centre"
    make_centre(folder, "48", clock)
    centre = open_centre(folder, catalogue, clock)
    centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in UNITS], "admin")
    yield centre
    centre.close()


@pytest.fixture
def device(centre: Centre) -> Callable[[str], Device]:
    """Enrols a device for a unit."""
    return lambda unit: Device(centre, unit)
