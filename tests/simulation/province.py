"""The small province that every world begins with: its units, forms and PCs, made once and then copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

from nacl.signing import SigningKey

from sync.central.centre import Centre, make_centre, open_centre
from sync.domain.catalogue import (
    Aggregation,
    Catalogue,
    Form,
    Indicator,
    Label,
    Row,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import TASK, UNIT, Key
from sync.domain.periods import Frequency, Regime
from sync.domain.units import Unit, UnitKind
from sync.protocol.messages import EnrolRequest
from sync.protocol.version import PROTOCOL
from sync.store import Enrolment, Store

PROVINCE: Final = "48"
COMMUNE: Final = "48.20308"
VILLAGE: Final = "48.20308.001"
OTHER_VILLAGE: Final = "48.20308.002"
OTHER_COMMUNE: Final = "48.20194"
PERIOD: Final = "A2026Q2"
FORM: Final = "village_quarter"
TASK_ITEM: Final = "019324c1-5a00-7000-8000-000000000001"
SECRET: Final = bytes(range(32))
BEGIN_S: Final = 1_780_000_000

UNITS: Final = (
    Unit(PROVINCE, UnitKind.PROVINCE, "Thành phố Đà Nẵng"),
    Unit(COMMUNE, UnitKind.COMMUNE, "Xã Bà Nà"),
    Unit(OTHER_COMMUNE, UnitKind.WARD, "Phường Hải Vân"),
    Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Phú Hòa"),
    Unit(OTHER_VILLAGE, UnitKind.VILLAGE, "Thôn An Sơn"),
)
UNKNOWN_VILLAGE: Final = "48.20308.003"
"""A village that the centre founds later, or never."""

OLD_ITEMS: Final = ("ct01", "ct02")
"""The second is sensitive, as is what not every catalogue knows: a class holds whichever catalogue the centre has."""

NEW_ITEM: Final = "ct99"
"""An indicator of the second catalogue only."""

STRANGE_ITEM: Final = "ct00"
"""An indicator that no catalogue knows."""

INVALID: Final = "1.50"
"""A number that is not in its one spelling, which the centre parks."""


class Place(NamedTuple):
    """A PC of the cast: its unit, and the person who uses it."""

    name: str
    unit: str
    person: str


CAST: Final = (
    Place("thôn", VILLAGE, "An"),
    Place("xã", COMMUNE, "Bình"),
    Place("thôn-2", VILLAGE, "An"),
    Place("thôn-khác", OTHER_VILLAGE, "Chi"),
    Place("phường", OTHER_COMMUNE, "Dũng"),
    Place("tỉnh", PROVINCE, "Giang"),
)
"""The second is the commune's, the third the second PC of the first one's user."""


NEWCOMER: Final = Place("thôn-mới", VILLAGE, "Em")
"""A PC that is used before it is enrolled, some time later."""


class Clock:
    """Seconds since 1970 UTC, moved by the world; a PC's may be wrong or stand still."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> int:
        return int(self.now)


def catalogue(version: str) -> Catalogue:
    """Version 1 knows OLD_ITEMS, version 2 also NEW_ITEM."""
    label = Label("Tên", "Name")
    scheme = Scheme("sample", label, "xã Bà Nà", "", None, "1", SchemeStatus.SAMPLE, "")
    kinds = frozenset(UnitKind)
    items = OLD_ITEMS if version == "1" else (*OLD_ITEMS, NEW_ITEM)
    indicators = {key: _indicator(key, label, scheme, kinds) for key in items}
    section = Section("all", label, tuple(Row(key, key) for key in items))
    form = Form(FORM, label, scheme, Frequency.QUARTER, Regime.ADMINISTRATIVE, kinds, (section,), "")
    return Catalogue(version, {"sample": scheme}, {}, indicators, {form.key: form}, {})


def _indicator(key: str, label: Label, scheme: Scheme, kinds: frozenset[UnitKind]) -> Indicator:
    return Indicator(
        key=key,
        code="",
        scheme=scheme,
        name=label,
        definition=label,
        unit_of_measure=UnitOfMeasure("household", label),
        type=ValueType.INTEGER,
        decimals=0,
        minimum=None if key == NEW_ITEM else Decimal(0),
        numerator="",
        denominator="",
        scale=1,
        choices=(),
        frequency=Frequency.QUARTER,
        regime=Regime.ADMINISTRATIVE,
        unit_kinds=kinds,
        sensitivity=Sensitivity.PUBLIC if key == OLD_ITEMS[0] else Sensitivity.SENSITIVE,
        aggregation=Aggregation.SUM,
        source="",
        confidence="",
    )


CATALOGUES: Final = {version: catalogue(version) for version in ("1", "2")}


class Template(NamedTuple):
    """The files of a province that stands ready, by their path below its folder."""

    files: dict[str, bytes]

    def lay_out(self, folder: Path) -> None:
        """Put them below `folder`, whose files are replaced."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextmanager
def numbered_keys() -> Iterator[None]:
    """Every key that is made meanwhile is the next one of a fixed row, so that devices have the same names again."""
    keys = (SigningKey(number.to_bytes(32, "big")) for number in count(1))
    with mock.patch.object(SigningKey, "generate", side_effect=lambda: next(keys)):
        yield


def make_template(folder: Path) -> Template:
    """A centre with its units and a task, and every PC of the cast enrolled, not synced yet."""
    clock = Clock(BEGIN_S)
    tokens = (f"t{number}" for number in count())
    with numbered_keys():
        make_centre(folder / "centre", PROVINCE, clock)
        centre = open_centre(folder / "centre", CATALOGUES["1"], clock, lambda: next(tokens), lambda: "0" * 8)
        centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in UNITS], "admin")
        task = [(Key(TASK, COMMUNE, TASK_ITEM, "", "content"), '"Rà soát hộ nghèo"')]
        centre.repository.decide(task, "admin")
        for place in CAST:
            store = Store.open(folder / place.name, SECRET, "1", new_run=lambda: "0" * 8)
            enrol(centre, store, place)
            store.close()
        Store.open(folder / NEWCOMER.name, SECRET, "1", new_run=lambda: "0" * 8).close()
        centre.close()
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return Template({name: content for name, content in files.items() if not name.endswith("-shm")})


def enrol(centre: Centre, store: Store, place: Place) -> None:
    """Make `store` belong to the centre, for the place's unit."""
    code = centre.enrolment.make_code(place.unit, place.person, 30)
    key = SigningKey(store.signing_seed())
    answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), place.name))
    store.keep_enrolment(
        Enrolment("http://localhost", answer.centre, answer.centre_key, answer.province, answer.unit, answer.person)
    )
