"""The log: every change that was ever accepted, with its hash and what became of it."""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, TextClause, bindparam, insert, select, text, update

from sync.central.arrivals import Arriving, Settled
from sync.central.batches import batches, wanted
from sync.central.tables import change as change_table
from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.digests import versions_bytes, versions_of
from sync.protocol.messages import Change, Version

_COLUMNS: Final = change_table.c
LOGGED: Final = (
    _COLUMNS.n,
    _COLUMNS.branch,
    _COLUMNS.kind,
    _COLUMNS.unit,
    _COLUMNS.item,
    _COLUMNS.period,
    _COLUMNS.part,
    _COLUMNS.content,
    _COLUMNS.seen,
    _COLUMNS.author,
    _COLUMNS.typed_at,
    _COLUMNS.catalogue,
    _COLUMNS.extra,
)
"""What `logged` reads."""

_INSERT: Final = insert(change_table)
_NOTE: Final = (
    update(change_table)
    .where(
        _COLUMNS.province_code == bindparam("province"),
        _COLUMNS.device == bindparam("of_device"),
        _COLUMNS.n == bindparam("of_n"),
        _COLUMNS.branch == bindparam("of_branch"),
    )
    .values(outcome=bindparam("to_outcome"), reason=bindparam("to_reason"))
)


def logged(row: Sequence[Any]) -> Change:
    """The change in a row of LOGGED."""
    n, branch, kind, unit, item, period, part, content, seen, *rest = row
    return Change(n, branch, Key(kind, unit, item, period, part), content, versions_of(seen), *rest)


def changes_of(connection: Connection, province: str, device: str, after_n: int) -> list[Change]:
    """The changes of a device that has one branch only, behind number `after_n`."""
    rows = connection.execute(
        select(*LOGGED)
        .where(_COLUMNS.province_code == province, _COLUMNS.device == device, _COLUMNS.n > after_n)
        .order_by(_COLUMNS.n)
    )
    return [logged(row) for row in rows]


def last_words(
    connection: Connection, province: str, device: str, keys: Collection[Key]
) -> dict[Key, tuple[Version, str]]:
    """The last change of a device that has one branch only to each of these cells, and its content."""
    found: dict[Key, tuple[Version, str]] = {}
    for count, values in batches(Key._fields, list(keys)):
        for row in connection.execute(_last_words(count), {"province": province, "of_device": device, **values}):
            found[Key(*row[3:])] = (Version(*row[:2]), row[2])
    return found


@cache
def _last_words(count: int) -> TextClause:
    """By the index of the cells, which ends in the device and the number."""
    address = ", ".join(f"change.{name}" for name in Key._fields)
    cell = " AND ".join(f"change.{name} = wanted_{name}" for name in Key._fields)
    last = " AND ".join(f"last.{name} = change.{name}" for name in ("province_code", *Key._fields, "device"))
    return text(
        f"{wanted(Key._fields, count)} SELECT change.branch, change.n, change.content, {address}"
        f" FROM wanted JOIN change ON change.province_code = :province AND change.device = :of_device AND {cell}"
        f" WHERE change.n = (SELECT max(n) FROM change AS last WHERE {last})"
    )


def held(
    connection: Connection,
    province: str,
    device: str,
    sees: Callable[[Key], bool],
    versions: Sequence[Version],
) -> list[Version]:
    """Those of `versions` that are in the log and had effect; what is parked nobody else may do without.

    As far as `device` may know of it: its own, and what it `sees`.
    """
    found: list[Version] = []
    for version in versions:
        query = select(*(_COLUMNS[name] for name in Key._fields)).where(
            *_is(province, version), _COLUMNS.outcome != Outcome.PARKED.value
        )
        row = connection.execute(query).one_or_none()
        if row is not None and (version.device == device or sees(Key(*row))):
            found.append(version)
    return found


def write(
    connection: Connection,
    province: str,
    device: str,
    changes: Sequence[tuple[Change, bytes]],
    settled: Sequence[Settled],
    now: int,
) -> None:
    """Log new changes, each with its hash, and what became of them."""
    rows = [
        {
            "province_code": province,
            "device": device,
            "n": change.n,
            "branch": change.branch,
            "hash": hashed,
            **change.key._asdict(),
            "content": change.content,
            "seen": versions_bytes(change.seen),
            "author": change.author,
            "typed_at": change.typed_at,
            "catalogue": change.catalogue,
            "received_at": now,
            "extra": change.extra,
            "outcome": what.outcome.value,
            "reason": what.reason,
        }
        for (change, hashed), what in zip(changes, settled, strict=True)
    ]
    connection.execute(_INSERT, rows)


def note(connection: Connection, province: str, arrivals: Sequence[Arriving], settled: Sequence[Settled]) -> None:
    """Write what became now of changes that are in the log."""
    for arriving, what in zip(arrivals, settled, strict=True):
        version = arriving.change.version
        named = {"province": province, "of_device": version.device, "of_n": version.n, "of_branch": version.branch}
        connection.execute(_NOTE, {**named, "to_outcome": what.outcome.value, "to_reason": what.reason})


def _is(province: str, version: Version) -> tuple[Any, ...]:
    return (
        _COLUMNS.province_code == province,
        _COLUMNS.device == version.device,
        _COLUMNS.n == version.n,
        _COLUMNS.branch == version.branch,
    )
