"""Which records name which file, and so which device may bring a file or have it."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from sync.central.members import read_member
from sync.central.tables import evidence as table
from sync.central.tables import file as file_table
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import Evidence, key_of
from sync.domain.keys import EVIDENCE
from sync.domain.media import Media
from sync.domain.rights import is_seen
from sync.domain.values import ContentError
from sync.protocol.messages import Record

_AT_ONCE: Final = 500
"""Hashes in one statement."""


class Named(NamedTuple):
    """What the records that a device sees say of one file: its sizes and kinds, more than one only if some lie."""

    sizes: frozenset[int]
    media: frozenset[Media]


def note(connection: Connection, province: str, records: Iterable[Record]) -> None:
    """Let the table say what those of `records` say that are evidence."""
    columns = table.c
    for record in records:
        key = record.key
        if key.kind != EVIDENCE:
            continue
        this = (columns.unit == key.unit, columns.item == key.item, columns.part == key.part)
        connection.execute(delete(table).where(columns.province_code == province, *this))
        said: set[Evidence] = set()
        for head in record.heads:
            with suppress(ContentError):
                said.add(Evidence.of(head.content))
        # Two heads of one cell may name one file twice, under two names.
        rows = {one.sha256: one for one in said}
        if rows:
            address = {"province_code": province, "unit": key.unit, "item": key.item, "part": key.part}
            values = [
                {**address, "sha256": one.sha256, "size": one.size, "media": one.media.value} for one in rows.values()
            ]
            connection.execute(insert(table), values)


def named(
    connection: Connection, province: str, catalogue: Catalogue, device: str, hashes: Collection[str]
) -> dict[str, Named]:
    """Those of the files with these hashes that records in the device's scope name.

    Raises EnvironmentFault device_unknown, device_revoked.
    """
    member = read_member(connection, province, device)
    if member.is_revoked:
        raise EnvironmentFault("device_revoked")
    columns = table.c
    found: dict[str, list[tuple[int, Media]]] = {}
    wanted = list(hashes)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = connection.execute(
            select(columns.unit, columns.item, columns.part, columns.sha256, columns.size, columns.media).where(
                columns.province_code == province, columns.sha256.in_(wanted[start : start + _AT_ONCE])
            )
        )
        for unit, item, part, hashed, size, media in rows:
            if is_seen(catalogue, member.scope, key_of(unit, item, part)):
                found.setdefault(hashed, []).append((size, Media(media)))
    return {
        hashed: Named(frozenset(size for size, _ in said), frozenset(media for _, media in said))
        for hashed, said in found.items()
    }


def brought(connection: Connection, province: str, device: str) -> int:
    """Bytes of all files that a device has brought."""
    columns = file_table.c
    asked = select(func.coalesce(func.sum(columns.size), 0))
    total = connection.scalar(asked.where(columns.province_code == province, columns.device == device))
    return int(total or 0)


def came(connection: Connection, province: str, hashed: str, size: int, device: str, now: int) -> None:
    """A file came whole."""
    columns = file_table.c
    connection.execute(delete(file_table).where(columns.province_code == province, columns.sha256 == hashed))
    row = {"province_code": province, "sha256": hashed, "size": size, "device": device, "at": now}
    connection.execute(insert(file_table), row)


class Owed(NamedTuple):
    """A file that records name: how large it is said to be, by how many, and one unit of those."""

    sha256: str
    size: int
    pieces: int
    unit: str


def all_named(connection: Connection, province: str) -> list[Owed]:
    """Every file that any record names, by hash."""
    columns = table.c
    asked = select(columns.sha256, func.max(columns.size), func.count(), func.min(columns.unit))
    rows = connection.execute(
        asked.where(columns.province_code == province).group_by(columns.sha256).order_by(columns.sha256)
    )
    return [Owed(*row) for row in rows]
