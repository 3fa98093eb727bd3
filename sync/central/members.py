"""The devices of a province: what the centre decided of each, and the table that mirrors it for every round trip."""

from collections.abc import Collection
from typing import Annotated, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from sync.central.standing import read_standing
from sync.central.tables import device as device_table
from sync.central.tables import enrolment_code
from sync.central.tables import record as record_table
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import DEVICE, REGISTER, Key
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
_UNITS: Final = select(device_table.c.units).where(*_THIS)


class Membership(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the centre decided of one device. Times are seconds since 1970 UTC; `public_key` is in hexadecimal.

    `units` are those whose subtrees it may see and fill in. `code` is the hash of the enrolment code it used.
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


class Member(msgspec.Struct, frozen=True):
    """A device that may speak: the units of its scope, and the end of its latest push."""

    scope: tuple[str, ...]
    last: Link


def read_member(connection: Connection, province: str, device: str) -> Member:
    """Raises EnvironmentFault device_unknown or device_revoked."""
    row = connection.execute(_MEMBER, {"province": province, "of_device": device}).one_or_none()
    if row is None:
        raise EnvironmentFault("device_unknown")
    units, revoked_at, last_n, last_hash = row
    if revoked_at is not None:
        raise EnvironmentFault("device_revoked")
    return Member(read_units(units), Link(last_n, last_hash))


def read_membership(connection: Connection, province: str, device: str) -> Membership:
    """What was last decided of `device`. Raises EnvironmentFault device_unknown."""
    standing = read_standing(connection, province, [key_of(province, device)])
    if not standing:
        raise EnvironmentFault("device_unknown")
    return Membership.of(standing[key_of(province, device)].heads[0].content)


def read_scope(connection: Connection, province: str, device: str) -> tuple[str, ...]:
    """The units of a device, also of one that was revoked; none of one that is not known."""
    units: str | None = connection.scalar(_UNITS, {"province": province, "of_device": device})
    return read_units(units or "[]")


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
    """Write those of `records` that are devices into the table, and give their names."""
    devices = [record for record in records if record.key.kind == DEVICE]
    for record in devices:
        write_member(connection, province, record.key.item, Membership.of(record.heads[0].content))
    return [record.key.item for record in devices]


def key_of(province: str, device: str) -> Key:
    """The cell of a device."""
    return Key(DEVICE, province, device)
