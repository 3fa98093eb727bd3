"""The devices of a province: what the centre decided of each, and the table that mirrors it for every round trip."""

from collections.abc import Callable, Collection
from functools import cache, partial
from typing import Annotated, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from sync.central.standing import read_standing
from sync.central.tables import device as device_table
from sync.central.tables import enrolment_code
from sync.central.tables import record as record_table
from sync.domain.authors import alike, id_of, name_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import DEVICE, PERSON, REGISTER, RIGHTS, Key, device_of_stream
from sync.domain.persons import Person
from sync.domain.rights import Action, Grants, People, allows, implied, people_of
from sync.domain.values import ContentError, canonical
from sync.protocol import chain
from sync.protocol.messages import Link, Record

_KEY_BYTES: Final = 32

_Units = Annotated[tuple[str, ...], msgspec.Meta(max_length=1_000)]


_THIS: Final = (
    device_table.c.province_code == bindparam("province"),
    device_table.c.device == bindparam("of_device"),
)
_MEMBER: Final = select(
    device_table.c.units, device_table.c.revoked_at, device_table.c.last_n, device_table.c.last_hash
).where(*_THIS)
_HANDS: Final = select(device_table.c.units, device_table.c.rights, device_table.c.revoked_at).where(*_THIS)
_RIGHTS: Final = update(device_table).where(*_THIS).values(rights=bindparam("new_rights"))


class Membership(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the centre decided of one device. Times are seconds since 1970 UTC; `public_key` is in hexadecimal.

    `units` are the roots of its scope (`rights.root`): subtrees that it sees and, while nobody has said who its people
    are, may fill in. `code` is the hash of the enrolment code it used.
    """

    public_key: str
    units: _Units
    person: str
    computer: str
    enrolled_at: int
    revoked_at: int | None = None
    code: str = ""

    def content(self) -> str:
        """What the device's cell holds: canonical JSON."""
        return canonical(msgspec.to_builtins(self))

    @classmethod
    def of(cls, content: str) -> "Membership":
        """Read a device's cell. Raises ContentError."""
        try:
            found = msgspec.json.decode(content, type=cls)
            key = bytes.fromhex(found.public_key)
        except (msgspec.DecodeError, ValueError) as error:
            raise ContentError(content[:80]) from error
        if len(key) != _KEY_BYTES:
            raise ContentError(content[:80])
        return found


class Release(msgspec.Struct, frozen=True):
    """What an administrator let become of what was held of a revoked device: how many changes, `is_taken` or without
    effect for good, and when, in seconds since 1970 UTC."""

    is_taken: bool
    changes: int
    at: int

    def content(self) -> str:
        """What the release's cell holds: canonical JSON."""
        return canonical(msgspec.to_builtins(self))

    @classmethod
    def of(cls, content: str) -> "Release":
        """Read a release's cell. Raises ContentError."""
        try:
            return msgspec.json.decode(content, type=cls)
        except msgspec.DecodeError as error:
            raise ContentError(content[:80]) from error


class Hands(NamedTuple):
    """Who types on a device: its `people`, None while nobody has said who they are; then all hold what is `implied`.

    `names` gives the names that somebody has, each with whose it is.
    """

    people: People | None
    implied: Grants
    is_revoked: bool = False
    names: Callable[[], Collection[tuple[str, str]]] = tuple

    def grants(self, author: str) -> Grants | None:
        """What `author` holds here; None for one who is not among its people."""
        if self.people is None:
            return self.implied
        found = self.people.get(author)
        if found is None:  # their name was corrected, before or after they typed it
            person = id_of(author)
            found = next((grants for one, grants in self.people.items() if id_of(one) == person), None)
            name = alike(name_of(author))
            if found is not None and any(name == one and whose != person for one, whose in self.names()):
                # Else one's own words could stand everywhere under a colleague's name.
                found = None
        return found

    @property
    def units(self) -> frozenset[str]:
        """The units at which anybody holds anything."""
        return frozenset(grant.unit for grant in self._all())

    def may(self, action: Action, unit: str) -> bool:
        """Whether anybody here may do `action` at `unit`."""
        return allows(self._all(), action, unit)

    def _all(self) -> Grants:
        if self.people is None:
            return self.implied
        return tuple(grant for grants in self.people.values() for grant in grants)


class Member(msgspec.Struct, frozen=True):
    """A device: the roots of its scope, the end of its latest push, and whether it was revoked."""

    scope: tuple[str, ...]
    last: Link
    is_revoked: bool = False


def read_member(connection: Connection, province: str, device: str) -> Member:
    """Raises EnvironmentFault device_unknown."""
    row = connection.execute(_MEMBER, {"province": province, "of_device": device}).one_or_none()
    if row is None:
        raise EnvironmentFault("device_unknown")
    units, revoked_at, last_n, last_hash = row
    return Member(read_units(units), Link(last_n, last_hash), revoked_at is not None)


def read_membership(connection: Connection, province: str, device: str) -> Membership:
    """What was last decided of `device`. Raises EnvironmentFault device_unknown."""
    standing = read_standing(connection, province, [key_of(province, device)])
    if not standing:
        raise EnvironmentFault("device_unknown")
    return Membership.of(standing[key_of(province, device)].heads[0].content)


def read_memberships(connection: Connection, province: str) -> dict[str, Membership]:
    """What was last decided of every device, by device."""
    held = record_table.c
    rows = connection.execute(
        select(held.item, held.content).where(
            held.province_code == province, held.stream == REGISTER, held.kind == DEVICE
        )
    )
    return {device: Membership.of(content) for device, content in rows}


def read_hands(connection: Connection, province: str, device: str) -> Hands:
    """Who types on a device, also on one that was revoked; of one that is not known nobody may anything."""
    row = connection.execute(_HANDS, {"province": province, "of_device": device}).one_or_none()
    units, rights, revoked_at = row or ("[]", "", None)
    if rights:
        names = cache(partial(_names, connection, province))
        return Hands(people_of(rights), (), revoked_at is not None, names)
    return Hands(None, implied(read_units(units)), revoked_at is not None)


def read_persons(connection: Connection, province: str) -> dict[str, Person]:
    """Everybody by id; one from whom all was taken holds nothing."""
    columns = record_table.c
    rows = connection.execute(
        select(columns.item, columns.content)
        .where(columns.province_code == province, columns.stream == REGISTER, columns.kind == PERSON)
        .order_by(columns.item)
    )
    return {person: Person.of(person, content) for person, content in rows}


def _names(connection: Connection, province: str) -> set[tuple[str, str]]:
    """All that anybody is called or was first called, in one spelling, each with whose it is."""
    persons = read_persons(connection, province).values()
    return {(alike(name), person.id) for person in persons for name in (person.name, person.id)}


def take_number(connection: Connection, province: str, device: str, number: int) -> bool:
    """Whether an order of this number is the device's next; then no other of it, nor one before, ever is."""
    columns = device_table.c
    taken = update(device_table).where(
        columns.province_code == province, columns.device == device, columns.orders < number
    )
    return connection.execute(taken.values(orders=number)).rowcount == 1


def read_people(connection: Connection, province: str) -> dict[str, People]:
    """The people of every device of which somebody said who they are, by device."""
    columns = device_table.c
    rows = connection.execute(
        select(columns.device, columns.rights).where(columns.province_code == province, columns.rights != "")
    )
    return {device: people_of(rights) for device, rights in rows}


def read_units(written: str) -> tuple[str, ...]:
    """The units of the table's column."""
    return msgspec.json.decode(written, type=tuple[str, ...])


def undecided(connection: Connection, province: str, centre: str) -> list[tuple[Key, str]]:
    """Decisions for the devices of which the table alone speaks: they were taken in before decisions were kept.

    Not for the centre's own, which decides of all others.
    """
    columns, codes = device_table.c, enrolment_code.c
    held = record_table.c
    decided = select(held.item).where(held.province_code == province, held.stream == REGISTER, held.kind == DEVICE)
    rows = connection.execute(
        select(
            columns.device,
            columns.public_key,
            columns.units,
            columns.person,
            columns.computer,
            columns.enrolled_at,
            columns.revoked_at,
            select(func.max(codes.hash)).where(codes.used_by == columns.device).scalar_subquery(),
        ).where(columns.province_code == province, columns.device != centre, columns.device.not_in(decided))
    )
    return [
        (
            key_of(province, name),
            Membership(
                key.hex(), read_units(units), person, computer, enrolled_at, revoked_at, code.hex() if code else ""
            ).content(),
        )
        for name, key, units, person, computer, enrolled_at, revoked_at, code in rows
    ]


def write_member(connection: Connection, province: str, device: str, membership: Membership) -> None:
    """Let the table say what was decided of `device`; how far its chain is held stays as it is."""
    columns = device_table.c
    values: dict[str, object] = {
        "public_key": bytes.fromhex(membership.public_key),
        "units": canonical(list(membership.units)),
        "person": membership.person,
        "computer": membership.computer,
        "enrolled_at": membership.enrolled_at,
        "revoked_at": membership.revoked_at,
    }
    this_device = (columns.province_code == province, columns.device == device)
    if connection.execute(update(device_table).where(*this_device).values(values)).rowcount == 0:
        root = chain.root(device)
        values |= {
            "province_code": province,
            "device": device,
            "last_n": root.n,
            "last_hash": root.hash,
            "forks": 0,
            "rights": "",
            "orders": 0,
        }
        connection.execute(insert(device_table), values)
    if membership.code:
        codes = enrolment_code.c
        connection.execute(
            update(enrolment_code)
            .where(codes.province_code == province, codes.hash == bytes.fromhex(membership.code))
            .values(used_by=device)
        )


def mirror(connection: Connection, province: str, records: Collection[Record]) -> list[str]:
    """Write those of `records` that are devices, or the rights of one, into the table, and give the devices' names."""
    devices: list[str] = []
    for record in records:
        content = record.heads[0].content
        if record.key.kind == DEVICE:
            devices.append(record.key.item)
            write_member(connection, province, record.key.item, Membership.of(content))
    for record in records:
        if record.key.kind == RIGHTS:
            devices.append(device_of_stream(record.key.unit))
            values = {"province": province, "of_device": devices[-1], "new_rights": record.heads[0].content}
            connection.execute(_RIGHTS, values)
    return list(dict.fromkeys(devices))


def key_of(province: str, device: str) -> Key:
    """The cell of a device."""
    return Key(DEVICE, province, device)
