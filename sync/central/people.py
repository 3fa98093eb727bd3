"""The people of a province at the centre: who they are, which roles each holds, and on which devices.

A person is known by an id (`domain.persons`), and no two are called alike. Whatever is decided of one is told to every
device that is theirs, as that device's rights, in the same transaction; of the others no device hears.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from sync.central.database import Database
from sync.central.members import Membership, key_of, read_memberships, read_people, read_persons
from sync.central.repository import CENTRE, Repository
from sync.central.tables import enrolment_code
from sync.domain.authors import alike, among, id_of, is_name, name_of
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import PERSON, RIGHTS, Key, stream_of_device, within
from sync.domain.persons import Person
from sync.domain.rights import Grant, Grants, People, Role, fits, people_content, roots, unit_of

_MOST_NAMESAKES: Final = 100

Decisions = list[tuple[Key, str]]


def read_named(connection: Connection, province: str) -> list[tuple[str, tuple[str, ...]]]:
    """Whom devices and codes were made for, each with the units of theirs."""
    codes = select(enrolment_code.c.person, enrolment_code.c.unit).where(enrolment_code.c.province_code == province)
    devices = read_memberships(connection, province).values()
    return [
        *((person, (unit,)) for person, unit in connection.execute(codes)),
        *((one.person, tuple(map(unit_of, one.units))) for one in devices),
    ]


def rights_of(province: str, device: str, membership: Membership, people: People) -> Decisions:
    """The decisions that make `people` those of a device, and let it see what they may read."""
    seen = msgspec.structs.replace(membership, units=roots(people))
    return [
        (Key(RIGHTS, stream_of_device(device)), people_content(people)),
        (key_of(province, device), seen.content()),
    ]


class Staff:
    """Gives and takes roles, for one province whose own device is `centre`."""

    def __init__(self, database: Database, repository: Repository, province: str, centre: str) -> None:
        self._database = database
        self._repository = repository
        self._province = province
        self._centre = centre

    def persons(self) -> dict[str, Person]:
        """Everybody by id."""
        with self._database.reading() as connection:
            return read_persons(connection, self._province)

    def known(self, author: str, unit: str) -> str | None:
        """The author that `author` is among those of a unit and all below it; None for one who is none of them.

        Of a unit is who holds a role there, or held the last one, or for whom a device or a code of it was made.
        """
        with self._database.reading() as connection:
            persons = read_persons(connection, self._province)
            person = _meant(persons, author)
            found = persons.get(person)
            named = read_named(connection, self._province)
        if found:
            units = [grant.unit for grant in found.grants] or [found.at or self._province]
            if any(within(one, unit) for one in units):
                return found.author
        theirs = [units for one, units in named if id_of(one) == person]
        if theirs and all(units and all(within(one, unit) for one in units) for units in theirs):
            return found.author if found else person
        return None

    def free(self, name: str, words: str) -> str:
        """`name` in a spelling that nobody has: as it is, else with `words` beside it, such as the unit's name.

        Raises EnvironmentFault name_unfit.
        """
        with self._database.reading() as connection:
            taken = self._spellings(connection, read_persons(connection, self._province))
        told = (name, f"{name} ({words})", *(f"{name} ({words} {number})" for number in range(2, _MOST_NAMESAKES)))
        found = next((one for one in told if alike(one) not in taken), "")
        if not is_name(found):
            raise EnvironmentFault("name_unfit", name=name[:80])
        return found

    def rename(self, author: str, name: str, by: str = CENTRE) -> str:
        """Correct a person's name: who they are stays, and what they did. What they are called from now on.

        Raises EnvironmentFault person_unknown, name_unfit, person_alike.
        """
        if not is_name(name):
            raise EnvironmentFault("name_unfit", name=name[:80])

        return self._change(author, lambda found: found._replace(name=name), by, is_known=True).author

    def people_of_devices(self) -> dict[str, People]:
        """The people of every device of which somebody said who they are, by device."""
        with self._database.reading() as connection:
            return read_people(connection, self._province)

    def give(self, name: str, role: Role, unit: str, up_to: Sensitivity, author: str = CENTRE) -> None:
        """Let a person hold `role` at `unit` up to a class, instead of up to another one that they may have there.

        Whoever is not known is from then on. Raises EnvironmentFault role_unfit for a unit at which nobody holds it,
        person_alike for a new one who would be called as somebody else is.
        """
        if not fits(role, unit):
            raise EnvironmentFault("role_unfit", role=role, unit=unit)
        kept = Grant(role, unit, up_to)

        def given(found: Person) -> Person:
            if not found.grants and not is_name(found.id):
                raise EnvironmentFault("name_unfit", name=name[:80])
            return found._replace(grants=(*_without(found.grants, role, unit), kept), at="")

        self._change(name, given, author)

    def take(self, name: str, role: Role, unit: str, author: str = CENTRE) -> None:
        """Take a role from a person. Raises EnvironmentFault person_unknown, role_not_held."""

        def taken_from(found: Person) -> Person:
            left = _without(found.grants, role, unit)
            if left == found.grants:
                raise EnvironmentFault("role_not_held", person=name, role=role, unit=unit)
            return found._replace(grants=left, at=found.at if left else unit)

        self._change(name, taken_from, author, is_known=True)

    def set_people(self, device: str, names: Collection[str], author: str = CENTRE) -> None:
        """Let these people, and no others, work on a device. Raises EnvironmentFault device_unknown, person_unknown."""
        with self._database.writing() as connection:
            persons = read_persons(connection, self._province)
            memberships = self._memberships(connection)
            if device not in memberships:
                raise EnvironmentFault("device_unknown")
            for name in names:
                if _meant(persons, name) not in persons:
                    raise EnvironmentFault("person_unknown", person=name)
            theirs = [persons[_meant(persons, name)] for name in names]
            people = {person.author: person.grants for person in theirs}
            decided = rights_of(self._province, device, memberships[device], people)
            self._repository.decide_in(connection, decided, author)

    def _change(self, name: str, change: Callable[[Person], Person], author: str, *, is_known: bool = False) -> Person:
        """Raises EnvironmentFault person_unknown where one must be known, person_alike for a name that is another's."""
        with self._database.writing() as connection:
            persons = read_persons(connection, self._province)
            person = _meant(persons, name)
            if is_known and person not in persons:
                raise EnvironmentFault("person_unknown", person=name)
            before = persons.get(person)
            changed = change(before or Person(person, person))
            if (before is None or before.name != changed.name) and (
                self._spellings(connection, persons).get(alike(changed.name), person) != person
            ):
                raise EnvironmentFault("person_alike", person=changed.name)
            decisions: Decisions = [(self._key(person), changed.content())]
            said = read_people(connection, self._province)
            for device, membership in self._memberships(connection).items():
                people = _with(said.get(device), membership, changed)
                if people is not None:
                    decisions += rights_of(self._province, device, membership, people)
            self._repository.decide_in(connection, decisions, author)
        return changed

    def _key(self, person: str) -> Key:
        return Key(PERSON, self._province, person)

    def _spellings(self, connection: Connection, persons: Mapping[str, Person]) -> dict[str, str]:
        """Whose every spelling of a name is that anybody has, or had when they were first named."""
        found = {alike(name_of(author)): id_of(author) for author, _ in read_named(connection, self._province)}
        found |= {alike(one.name): one.id for one in persons.values()}
        return found | {alike(one.id): one.id for one in persons.values()}

    def _memberships(self, connection: Connection) -> dict[str, Membership]:
        """Of all devices but the centre's own, which decides."""
        found = read_memberships(connection, self._province)
        return {device: membership for device, membership in found.items() if device != self._centre}


def _meant(persons: Mapping[str, Person], name: str) -> str:
    """The id of whoever is meant by their id, by what they are called, or by both."""
    return id_of(among((one.author for one in persons.values()), name))


def _with(people: People | None, membership: Membership, person: Person) -> Mapping[str, Grants] | None:
    """The people of a device with what `person` is called and holds now; None where they are none of them.

    Nobody has said who uses a device that was taken in before there were roles: whom it was taken in for does. Once
    that person has a role, the device is theirs, and no longer every hand's.
    """
    if people is None:
        return {person.author: person.grants} if id_of(membership.person) == person.id else None
    if all(id_of(author) != person.id for author in people):
        return None
    beside = {author: grants for author, grants in people.items() if id_of(author) != person.id}
    return {**beside, person.author: person.grants}


def _without(held: Grants, role: Role, unit: str) -> Grants:
    return tuple(grant for grant in held if (grant.role, grant.unit) != (role, unit))
