"""Orders of administrators over a line: the commands' own acts, each asked whether its author may, at its unit.

What an order says and what comes of it are JSON. Whoever administers a unit sees and decides of the people, devices and
villages in it and below, and gives nobody a class of figures that is above their own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from sync.central import audit, escrow
from sync.central.administration import Administration
from sync.central.centre import Centre
from sync.central.enrolment import Device
from sync.central.keys import centre_id
from sync.central.members import Membership, read_hands, take_number
from sync.domain import keys
from sync.domain.authors import id_of
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import within
from sync.domain.local_time import day_of
from sync.domain.persons import Person
from sync.domain.rights import Action, Grants, People, Role, allows, unit_of
from sync.domain.text import nfc
from sync.domain.units import UnitKind
from sync.protocol.messages import MAX_NAME, Order

MOST: Final = 500
"""People, devices, or entries of the audit that one answer brings."""

_CODE_DAYS: Final = 7
_MOST_ENTRIES: Final = 2**63 - 1
"""Of an audit: as far as a database counts."""

Said = Mapping[str, Any]


def obey(centre: Centre, device: str, order: Order) -> str:
    """Do what an administrator asks, and give what came of it as JSON.

    Raises EnvironmentFault: device_revoked, order_repeated, order_unfit (an order that is none), order_no_right, and
    what the act itself refuses.
    """
    with centre.database.reading() as connection:
        hands = read_hands(connection, centre.province, device)
        # Where nobody has said who the people are, nobody administers.
        grants = (hands.grants(order.author) if hands.people else None) or ()
    if hands.is_revoked:
        raise EnvironmentFault("device_revoked")
    if not any(allows((grant,), Action.ADMINISTER, grant.unit) for grant in grants):
        raise EnvironmentFault("order_no_right")
    with centre.database.writing() as connection:
        if not take_number(connection, centre.province, device, order.number):
            raise EnvironmentFault("order_repeated")
    try:
        said = msgspec.json.decode(order.said, type=dict[str, Any])
        found = _Clerk(centre, grants, order.author).ways[order.what](said)
    except (msgspec.DecodeError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise EnvironmentFault("order_unfit") from error
    return msgspec.json.encode(found).decode()


class _Clerk:
    """Does what one administrator may."""

    def __init__(self, centre: Centre, grants: Grants, author: str) -> None:
        self._centre, self._grants, self._author = centre, grants, author
        self._acts = Administration(centre, author)
        self.ways: Mapping[str, Callable[[Said], object]] = {
            "overview": self._overview,
            "audit": self._audit,
            "grant": self._grant,
            "withdraw": self._withdraw,
            "person_name": self._person_name,
            "code": self._code,
            "device_name": self._device_name,
            "device_people": self._device_people,
            "revoke": self._revoke,
            "escrow_take": self._escrow_take,
            "escrow_dismiss": self._escrow_dismiss,
            "unit_create": self._unit_create,
            "unit_rename": self._unit_rename,
            "unit_close": self._unit_close,
        }

    # Telling

    def _overview(self, said: Said) -> object:
        unit = self._may(said["unit"])
        people = self._centre.staff.people_of_devices()
        devices = [one for one in self._centre.enrolment.devices() if self._is_below(one, people, unit)]
        shown = {one.device for one in devices}
        with self._centre.database.reading() as connection:
            held = [one for one in escrow.held(connection, self._centre.province) if one.device in shown]
        # What somebody holds elsewhere is nobody's to know here.
        held_here = {
            person.author: [grant for grant in person.grants if within(grant.unit, unit)]
            for person in self._centre.staff.persons().values()
        }
        persons = [[author, grants] for author, grants in held_here.items() if grants]
        return {
            "people": persons[:MOST],
            "devices": [
                [one.device, one.computer, one.person, one.units, one.enrolled_at, one.revoked_at, one.forks]
                for one in devices
            ][:MOST],
            "device_people": {device: list(theirs) for device, theirs in people.items() if device in shown},
            "escrow": held,
            "more": max(len(persons), len(devices)) > MOST,
        }

    def _audit(self, said: Said) -> object:
        unit, before_n = self._may(said["unit"]), said.get("before_n")
        if not isinstance(before_n, int | None) or (before_n or 0) > _MOST_ENTRIES:
            raise EnvironmentFault("order_unfit")
        # What was decided of people and devices is kept for the province, and so is told with it.
        items = [] if unit == self._centre.province else self._items_below(unit)

        def is_told(entry: audit.Entry) -> bool:
            """Who came from elsewhere did there what nobody here need know."""
            return all(within(one, unit) for one in _units_in(entry))

        with self._centre.database.reading() as connection:
            return audit.show(
                connection, self._centre.province, MOST // 5, before_n, unit, items=items, is_told=is_told
            )

    def _items_below(self, unit: str) -> list[str]:
        """The devices and people that are a unit's alone."""
        people = self._centre.staff.people_of_devices()
        devices = [one.device for one in self._centre.enrolment.devices() if self._is_below(one, people, unit)]
        return devices + [
            person.id
            for person in self._centre.staff.persons().values()
            if all(within(one, unit) for one in ([grant.unit for grant in person.grants] or [person.at]))
        ]

    # People and devices

    def _grant(self, said: Said) -> object:
        role, up_to = Role(said["role"]), Sensitivity(said["up_to"])
        unit = self._known(self._may(said["unit"], up_to))
        person = self._person(said, unit)
        self._centre.staff.give(person, role, unit, up_to, self._author)
        return person

    def _withdraw(self, said: Said) -> object:
        role, unit = Role(said["role"]), self._may(said["unit"])
        # Of who is known elsewhere alone no more is said than of nobody.
        person = self._here(_name(said["person"]))
        left = [grant for grant in self._grants if (grant.role, grant.unit) != (role, unit)]
        if person.id == id_of(self._author) and not allows(left, Action.ADMINISTER, unit):
            # Nor could they take that back, and the last one would leave nobody who could.
            raise EnvironmentFault("role_own")
        self._centre.staff.take(person.author, role, unit, self._author)
        return None

    def _person_name(self, said: Said) -> object:
        """Whoever gives somebody another name must administer all that they do."""
        author, name = _name(said["person"]), _name(said["name"])
        found = self._centre.staff.persons().get(id_of(self._of_here(author) or ""))
        if found is None or not self._is_whole(found):
            raise EnvironmentFault("order_no_right")
        return self._centre.staff.rename(author, name, self._author)

    def _code(self, said: Said) -> object:
        """A device that is let in for somebody does all that they may: nobody makes one that could do more than what
        the author gives; and of whom nobody has said what they may, every hand on it sees every class. Whoever is known
        gets it where they do something: it follows them, whatever unit was named."""
        unit = self._known(self._may(said["unit"]))
        name = self._person(said, unit)
        person = self._centre.staff.persons().get(id_of(name))
        if person is None and not allows(self._grants, Action.ADMINISTER, unit, Sensitivity.SENSITIVE):
            raise EnvironmentFault("person_unknown", person=name)
        if person is not None and not self._gives(person):
            raise EnvironmentFault("order_no_right")
        if person is not None and not _is_of(person, unit):
            # What they may do is elsewhere, and so would the device be: a namesake is meant, or another unit.
            raise EnvironmentFault("person_elsewhere", person=name)
        return self._centre.enrolment.make_code(unit, name, _CODE_DAYS)

    def _device_name(self, said: Said) -> object:
        self._centre.enrolment.rename(self._device(said["device"]), _name(said["computer"]), self._author)
        return None

    def _device_people(self, said: Said) -> object:
        """Whoever may sign in there sees there what they may see: nobody is put on a device that could see beyond
        what the author administers."""
        device = self._device(said["device"])
        names = [_name(name) for name in _list(said["people"])]
        if not all(self._gives(self._here(name)) for name in names):
            raise EnvironmentFault("order_no_right")
        self._centre.staff.set_people(device, names, self._author)
        return None

    def _revoke(self, said: Said) -> object:
        self._centre.enrolment.revoke(self._device(said["device"]), self._author)
        return None

    def _escrow_take(self, said: Said) -> object:
        return self._centre.repository.release_escrow(self._device(said["device"]), self._author, take=True)

    def _escrow_dismiss(self, said: Said) -> object:
        return self._centre.repository.release_escrow(self._device(said["device"]), self._author, take=False)

    # Units

    def _unit_create(self, said: Said) -> object:
        """A village in a commune, or, by its kind and official code, a commune in the province."""
        above, name, decision = self._may(said["unit"]), _name(said["name"]), _text(said["decision"])
        if above == self._centre.province:
            return self._acts.create_commune(UnitKind(said["kind"]), _text(said["code"]), name, decision).key
        return self._acts.create_village(above, name, decision).key

    def _unit_rename(self, said: Said) -> object:
        return self._acts.rename_unit(self._below(said["unit"]), _name(said["name"]), _text(said["decision"])).key

    def _unit_close(self, said: Said) -> object:
        last_day = day_of(said["last_day"])
        return self._acts.close_unit(self._below(said["unit"]), last_day, _text(said["decision"])).key

    # Whether they may

    def _may(self, unit: Any, up_to: Sensitivity = Sensitivity.PUBLIC) -> str:
        """The unit that an order names, where its author administers it."""
        if not isinstance(unit, str) or not allows(self._grants, Action.ADMINISTER, unit, up_to):
            raise EnvironmentFault("order_no_right")
        return unit

    def _below(self, unit: Any) -> str:
        """The unit that an order names, where its author establishes it: administers the one above."""
        if not isinstance(unit, str) or not allows(self._grants, Action.ESTABLISH, unit):
            raise EnvironmentFault("order_no_right")
        return unit

    def _is_whole(self, person: Person) -> bool:
        """Whether all that somebody may do lies in what the author administers."""
        return all(allows(self._grants, Action.ADMINISTER, grant.unit) for grant in person.grants)

    def _gives(self, person: Person) -> bool:
        """Whether the author could give somebody all that they may, up to the same classes."""
        return all(allows(self._grants, Action.ADMINISTER, grant.unit, grant.up_to) for grant in person.grants)

    def _here(self, name: str) -> Person:
        """Who is meant among those of the units that the author administers. Raises EnvironmentFault person_unknown."""
        found = self._centre.staff.persons().get(id_of(self._of_here(name) or ""))
        if found is None:
            raise EnvironmentFault("person_unknown", person=name)
        return found

    def _person(self, said: Said, unit: str) -> str:
        """Who is meant: somebody of the units that the author administers, or else a new person, also where that name
        is somebody's elsewhere, of whom nobody here learns. `is_new` says that it is none of those who bear it here."""
        name = _name(said["person"])
        found = None if said.get("is_new") is True else self._of_here(name)
        return found or self._centre.staff.free(name, self._centre.repository.units()[unit].name)

    def _of_here(self, name: str) -> str | None:
        units = [grant.unit for grant in self._grants if allows((grant,), Action.ADMINISTER, grant.unit)]
        return next(filter(None, (self._centre.staff.known(name, unit) for unit in units)), None)

    def _known(self, unit: str) -> str:
        if unit not in self._centre.repository.units():
            raise EnvironmentFault("unit_unknown", unit=unit)
        return unit

    def _device(self, name: Any) -> str:
        people = self._centre.staff.people_of_devices()
        for one in self._centre.enrolment.devices():
            if one.device == name and any(self._is_below(one, people, grant.unit) for grant in self._grants):
                return one.device
        # Also for one that there is, elsewhere: nobody learns of it.
        raise EnvironmentFault("order_no_right")

    def _is_below(self, device: Device, people: Mapping[str, People], unit: str) -> bool:
        """Whether all that a device is used for lies in a unit that the author administers."""
        if not allows(self._grants, Action.ADMINISTER, unit) or device.device == centre_id(self._centre.key):
            return False
        units = {unit_of(root) for root in device.units}
        units |= {grant.unit for grants in people.get(device.device, {}).values() for grant in grants}
        return bool(units) and all(within(one, unit) for one in units)


def _is_of(person: Person, unit: str) -> bool:
    """Whether somebody does anything at a unit, above it or below, or held their last role there."""
    units = [grant.unit for grant in person.grants] or [person.at]
    return any(within(unit, one) or within(one, unit) for one in units)


def _units_in(entry: audit.Entry) -> list[str]:
    """The units that a decision over a person or a device speaks of."""
    match entry.key.kind:
        case keys.PERSON:
            person = Person.of(entry.key.item, entry.content)
            return [*(grant.unit for grant in person.grants), *([person.at] if person.at else [])]
        case keys.DEVICE:
            return [unit_of(root) for root in Membership.of(entry.content).units]
    return []


def _name(text: Any) -> str:
    found = nfc(" ".join(text.split())) if isinstance(text, str) else ""
    if not found or not found.isprintable() or len(found) > MAX_NAME:
        raise EnvironmentFault("name_unfit")
    return found


def _list(found: Any) -> list[Any]:
    if not isinstance(found, list) or len(found) > MOST:
        raise EnvironmentFault("order_unfit")
    return found


def _text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > MAX_NAME or "\0" in text:
        raise EnvironmentFault("order_unfit")
    return nfc(text.strip())
