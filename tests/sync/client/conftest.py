"""A real centre with a commune of four villages, and PCs that are enrolled there."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from sync.central.centre import Centre, make_centre, open_centre
from sync.client.session import Session, Summary
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from sync.protocol.messages import EnrolRequest
from sync.protocol.remote import Remote
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Enrolment, Store
from tests.sync.store.conversation import COMMUNE, NOON, SECRET, VILLAGE

CATALOGUES = Path(__file__).parents[3] / "resources" / "catalogues"
UNITS = (
    Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng"),
    Unit(COMMUNE, UnitKind.COMMUNE, "Xã Bà Nà"),
    *(Unit(f"{COMMUNE}.{number:03}", UnitKind.VILLAGE, f"Thôn {number}") for number in range(1, 5)),
)


def clock() -> int:
    return NOON + 100


def unheard(changes: ChangeSet) -> None:
    """Nobody looks at a screen."""


@dataclass
class PC:
    """A store that is enrolled, and the remote that it speaks to."""

    folder: Path
    store: Store
    remote: Remote

    def sync(
        self, remote: Remote | None = None, changed: Callable[[ChangeSet], None] = lambda changes: None
    ) -> Summary:
        return Session(self.store, remote or self.remote, clock, changed).run()

    def fork(self, folder: Path) -> "PC":
        """A copy of this PC's folder, opened on another one."""
        self.store.checkpoint()
        shutil.copytree(self.folder, folder)
        return PC(folder, Store.open(folder, SECRET, self.store.catalogue), self.remote)

    def restart(self) -> None:
        """As after a crash: nothing but the folder is left."""
        self.store.close()
        self.store = Store.open(self.folder, SECRET, self.store.catalogue)


def open_the_centre(folder: Path) -> Centre:
    return open_centre(folder, load(CATALOGUES), clock)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    make_centre(tmp_path / "centre", "48", clock)
    opened = open_the_centre(tmp_path / "centre")
    opened.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in UNITS], "admin")
    yield opened
    opened.close()


@pytest.fixture
def enrol_again(centre: Centre) -> Callable[[PC, str], None]:
    """Enrols a PC for a unit, the first time or again."""

    def enrol(pc: PC, unit: str) -> None:
        code = centre.enrolment.make_code(unit, pc.folder.name, 1)
        key = SigningKey(pc.store.signing_seed())
        answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), pc.folder.name))
        pc.store.keep_enrolment(
            Enrolment("http://localhost", answer.centre, answer.centre_key, answer.province, answer.unit, answer.person)
        )

    return enrol


@pytest.fixture
def pc(centre: Centre, tmp_path: Path, enrol_again: Callable[[PC, str], None]) -> Iterator[Callable[..., PC]]:
    """Enrols a PC by its name, for a village if nothing else is said."""
    made: list[PC] = []

    def enrol(name: str, unit: str = VILLAGE) -> PC:
        store = Store.open(tmp_path / name, SECRET, centre.catalogue.version)
        made.append(PC(tmp_path / name, store, centre.repository))
        enrol_again(made[-1], unit)
        return made[-1]

    yield enrol
    for each in made:
        each.store.close()
