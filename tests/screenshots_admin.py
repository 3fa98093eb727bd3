"""The room of administration, over a real centre with a few people, computers and what a revoked one handed in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shiboken6 import delete

from desktop.admin.room import AdminRoom, Reach
from desktop.app import App
from sync.central.centre import Centre, make_centre, open_centre
from sync.central.members import Membership, key_of
from sync.central.orders import obey
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import UNIT, VALUE, Key
from sync.domain.rights import Role
from sync.protocol import chain
from sync.protocol.messages import Change, Order, Push, SyncRequest
from sync.protocol.version import PROTOCOL
from tests.desktop.sampled import COMMUNE, NOW, PERSON

_ROOM: Final = (1282, 682)
_HERE, _LOST, _ABOVE = "a" * 20, "b" * 20, "c" * 20
_HEAD: Final = "Lê Minh"
_VILLAGE: Final = f"{COMMUNE.key}.001"


@contextmanager
def _centre(app: App) -> Iterator[Centre]:
    with TemporaryDirectory() as name:
        folder = Path(name) / "centre"
        make_centre(folder, "48", NOW.timestamp)
        with closing(open_centre(folder, app.catalogue, NOW.timestamp)) as centre:
            units = app.store.units()
            centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "admin")
            computers = (
                (_HERE, PERSON, "Máy xã", COMMUNE.key),
                (_LOST, "Trần Văn An", "Laptop thôn", _VILLAGE),
                (_ABOVE, _HEAD, "Máy tỉnh", "48"),
            )
            for device, person, computer, unit in computers:
                membership = Membership("11" * 32, (unit,), person, computer, int(NOW.timestamp()))
                centre.repository.decide([(key_of("48", device), membership.content())], "admin")
            centre.staff.give(PERSON, Role.ADMINISTRATOR, COMMUNE.key, Sensitivity.SENSITIVE)
            centre.staff.give(_HEAD, Role.ADMINISTRATOR, "48", Sensitivity.SENSITIVE)
            centre.staff.give(PERSON, Role.COMMUNE_APPROVAL, COMMUNE.key, Sensitivity.SENSITIVE)
            centre.staff.give("Trần Văn An", Role.VILLAGE_ENTRY, _VILLAGE, Sensitivity.INTERNAL)
            centre.enrolment.revoke(_LOST)
            key = Key(VALUE, _VILLAGE, "village_ct01", "A2026Q3")
            change = Change(1, _LOST + "00000000", key, "434", (), "Trần Văn An", int(NOW.timestamp()), "1")
            request = SyncRequest(PROTOCOL, "1", Push(chain.root(_LOST), [change]), {}, 1 << 15)
            centre.repository.push_pull(_LOST, request)
            yield centre


def _take_acts(room: AdminRoom, folder: Path, name: str) -> None:
    """Who may use a computer, what would come of revoking it, a namesake, a round, and a period to be closed."""

    def shot(scene: str) -> None:
        QTest.qWait(20)
        room.grab().save(str(folder / f"admin-{scene}-{name}.png"))
        room.sure.hide()

    room.tabs["computers"].click()
    room.computers.list.setCurrentIndex(room.computers.list.model().index(1, 0))
    room.computers.buttons["revoke"].click()
    shot("revoke")
    room.tabs["people"].click()
    room.people.person.setText("Trần Văn An")
    shot("namesake")
    room.tabs["rounds"].click()
    rounds = room.rounds
    rounds.list.item(0).setCheckState(Qt.CheckState.Checked)
    rounds.close_period.click()
    shot("close")
    rounds.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    for row in (1, 3):
        rounds.list.item(row).setCheckState(Qt.CheckState.Checked)
    rounds.period.setCurrentIndex(rounds.period.findData(""))
    rounds.source.setText("Công văn 5/UBND")
    rounds.set.click()
    shot("round")


def _take_province(
    app: App, give: Callable[[str, str, str, Mapping[str, object]], Any], folder: Path, name: str
) -> None:
    """A commune about to be created, and one whose code is another's."""
    reach = Reach("48", "48", "48")
    room = AdminRoom(app.store, app.catalogue, app.feed, lambda: NOW, reach, partial(give, _ABOVE, _HEAD))
    room.resize(*_ROOM)
    room.show()
    _wait(room)
    room.tabs["units"].click()
    _wait(room)
    room.units.new_commune.setText("Xã Hòa Vang (mẫu)")
    room.units.code.setText(COMMUNE.key.rpartition(".")[2])
    for scene in ("commune", "commune-fault"):
        QTest.qWait(20)
        room.grab().save(str(folder / f"admin-{scene}-{name}.png"))
        room.units.create_commune.click()
        _wait(room)
    delete(room)


def take_admin(app: App, folder: Path, name: str) -> None:
    """Its pages, and a centre that cannot be reached."""
    numbers = count(1)
    with _centre(app) as centre:

        def give(device: str, person: str, what: str, said: Mapping[str, object]) -> Any:
            order = Order(PROTOCOL, next(numbers), person, what, msgspec.json.encode(said).decode())
            return msgspec.json.decode(obey(centre, device, order))

        reach = Reach(COMMUNE.key, COMMUNE.key, COMMUNE.key)
        room = AdminRoom(app.store, app.catalogue, app.feed, lambda: NOW, reach, partial(give, _HERE, PERSON))
        room.resize(*_ROOM)
        room.show()
        _wait(room)
        for page, tab in room.tabs.items():
            if not tab.isVisible():
                continue
            tab.click()
            if page == "computers":
                room.computers.list.setCurrentIndex(room.computers.list.model().index(0, 0))
            _wait(room)
            room.grab().save(str(folder / f"admin-{page}-{name}.png"))
        _take_acts(room, folder, name)
        room.fault.show_fault(EnvironmentFault("server_unreachable", server="https://soxa.example"))
        QTest.qWait(20)
        room.grab().save(str(folder / f"admin-fault-{name}.png"))
        delete(room)
        _take_province(app, give, folder, name)


def _wait(room: AdminRoom) -> None:
    QTest.qWait(20)
    while not room.again.isEnabled():
        QTest.qWait(10)
