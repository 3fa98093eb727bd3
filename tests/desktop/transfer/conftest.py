"""A real centre with one village, and PCs that are enrolled there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from sync.central.centre import Centre, make_centre, open_centre
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit, UnitKind
from sync.protocol.messages import EnrolRequest
from sync.protocol.version import PROTOCOL
from sync.store import Enrolment, Store
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue

VILLAGE = f"{COMMUNE.key}.001"


def now_s() -> int:
    return int(NOW.timestamp())


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    make_centre(tmp_path / "centre", "48", now_s)
    opened = open_centre(tmp_path / "centre", catalogue(), now_s)
    units = (Unit("48", UnitKind.PROVINCE, "Đà Nẵng"), COMMUNE, Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Một"))
    opened.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "admin")
    yield opened
    opened.close()


@pytest.fixture
def pc(centre: Centre, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    made: list[Store] = []

    def enrolled(name: str, unit: str, person: str = PERSON) -> Store:
        store = Store.open(tmp_path / name, bytes(32), centre.catalogue.version)
        made.append(store)
        key = SigningKey(store.signing_seed())
        code = centre.enrolment.make_code(unit, person, 1)
        answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), name))
        store.keep_enrolment(
            Enrolment("http://127.0.0.1:9", answer.centre, answer.centre_key, "48", answer.unit, answer.person)
        )
        return store

    yield enrolled
    for store in made:
        store.close()
