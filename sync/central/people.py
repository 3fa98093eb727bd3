"""The people of a province at the centre: which roles each holds, and on which devices.

A person is known by name, so that no two bear the same. Whatever is decided of one is told to every device that is
theirs, as that device's rights, in the same transaction; of the others no device hears.
"""

from collections.abc import Callable, Collection, Mapping

import msgspec
from sqlalchemy import Connection, select

from sync.central.database import Database
from sync.central.members import Membership, key_of, read_memberships, read_people
from sync.central.repository import CENTRE, Repository
from sync.central.tables import record as record_table
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import PERSON, REGISTER, RIGHTS, Key, stream_of_device
from sync.domain.rights import Grant, Grants, People, Role, fits, grants_content, grants_of, people_content, roots

Decisions = list[tuple[Key, str]]


def read_persons(connection: Connection, province: str) -> dict[str, Grants]:
    """What each person holds, by name; one from whom all was taken holds nothing."""
    columns = record_table.c
    rows = connection.execute(
        select(columns.item, columns.content)
        .where(columns.province_code == province, columns.stream == REGISTER, columns.kind == PERSON)
        .order_by(columns.item)
    )
    return {name: grants_of(content) for name, content in rows}


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

    def persons(self) -> dict[str, Grants]:
        """What each person holds, by name."""
        with self._database.reading() as connection:
            return read_persons(connection, self._province)

    def people_of_devices(self) -> dict[str, People]:
        """The people of every device of which somebody said who they are, by device."""
        with self._database.reading() as connection:
            return read_people(connection, self._province)

    def give(self, name: str, role: Role, unit: str, up_to: Sensitivity, author: str = CENTRE) -> None:
        """Let a person hold `role` at `unit` up to a class, instead of up to another one that they may have there.

        Raises EnvironmentFault role_unfit for a unit at which nobody holds it.
        """
        if not fits(role, unit):
            raise EnvironmentFault("role_unfit", role=role, unit=unit)
        kept = Grant(role, unit, up_to)
        self._change(name, lambda held: (*_without(held, role, unit), kept), author)

    def take(self, name: str, role: Role, unit: str, author: str = CENTRE) -> None:
        """Take a role from a person. Raises EnvironmentFault person_unknown, role_not_held."""

        def taken(held: Grants) -> Grants:
            left = _without(held, role, unit)
            if left == held:
                raise EnvironmentFault("role_not_held", person=name, role=role, unit=unit)
            return left

        self._change(name, taken, author, is_known=True)

    def set_people(self, device: str, names: Collection[str], author: str = CENTRE) -> None:
        """Let these people, and no others, work on a device. Raises EnvironmentFault device_unknown, person_unknown."""
        with self._database.writing() as connection:
            persons = read_persons(connection, self._province)
            memberships = self._memberships(connection)
            if device not in memberships:
                raise EnvironmentFault("device_unknown")
            for name in names:
                if name not in persons:
                    raise EnvironmentFault("person_unknown", person=name)
            people = {name: persons[name] for name in names}
            decided = rights_of(self._province, device, memberships[device], people)
            self._repository.decide_in(connection, decided, author)

    def _change(self, name: str, change: Callable[[Grants], Grants], author: str, *, is_known: bool = False) -> None:
        with self._database.writing() as connection:
            persons = read_persons(connection, self._province)
            if is_known and name not in persons:
                raise EnvironmentFault("person_unknown", person=name)
            grants = change(persons.get(name, ()))
            decisions: Decisions = [(Key(PERSON, self._province, name), grants_content(grants))]
            said = read_people(connection, self._province)
            for device, membership in self._memberships(connection).items():
                people = _with(said.get(device), membership, name, grants)
                if people is not None:
                    decisions += rights_of(self._province, device, membership, people)
            self._repository.decide_in(connection, decisions, author)

    def _memberships(self, connection: Connection) -> dict[str, Membership]:
        """Of all devices but the centre's own, which decides."""
        found = read_memberships(connection, self._province)
        return {device: membership for device, membership in found.items() if device != self._centre}


def _with(people: People | None, membership: Membership, name: str, grants: Grants) -> Mapping[str, Grants] | None:
    """The people of a device with what `name` holds now; None where they are none of them.

    Nobody has said who uses a device that was taken in before there were roles: whom it was taken in for does. Once
    that person has a role, the device is theirs, and no longer every hand's.
    """
    if people is None:
        people = {membership.person: ()} if membership.person == name else {}
    return {**people, name: grants} if name in people else None


def _without(held: Grants, role: Role, unit: str) -> Grants:
    return tuple(grant for grant in held if (grant.role, grant.unit) != (role, unit))
