"""Changes that are stored without effect, and take it when what kept them from it is gone.

One that was taken back takes it no more. A centre that is restored may have that change again, from its device or a
copy of its folder, and what was in its way may be gone, long before it has the withdrawal again, which comes behind it
in its chain. So the centre decides each withdrawal once more, in its own chain: that one comes back with the register,
beside its key, before any device speaks, and stands in the device's stream when the change comes.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, insert, literal_column, or_, select, update

from sync.central import assigning, audit
from sync.central.arrivals import Arriving, Book, Settled, commits
from sync.central.log import LOGGED, logged, note
from sync.central.tables import change as change_table
from sync.central.tables import judged
from sync.central.tables import record as record_table
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, STATUS, TASK, UNIT, WITHDRAWAL, Key, ancestors, stream_of_device
from sync.domain.parking import (
    APPROVED,
    NOT_YOURS_TO_DECIDE,
    OF_RIGHTS,
    OF_RULES,
    PERIOD_CLOSED,
    TOO_MANY_RIVALS,
    UNKNOWN_UNIT,
    WITHDRAWN,
)
from sync.domain.withdrawing import TAKEN_BACK, about, device_of, key_of
from sync.protocol.messages import Change, Version

IS_PARKED: Final = (
    # Spelled out, and with a bound that every reason keeps: else SQLite reads the whole log, not the few in the index.
    change_table.c.outcome == literal_column(f"'{Outcome.PARKED.value}'"),
    change_table.c.reason > literal_column("''"),
)
"""The condition for changes without effect."""

_CAUSES: Final = {
    UNIT: UNKNOWN_UNIT,
    STATUS: APPROVED,
    CLOSING: PERIOD_CLOSED,
}
"""By the kind of what changed: the reason that may be gone with it, for all below its unit."""


def retry_after(
    connection: Connection, province: str, book: Book, changed: Collection[Key], eased: Collection[Key]
) -> None:
    """Try again what may take effect now that the records of `changed` keys say something else, and that there may be
    room in the cells of `eased` ones."""
    moved: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for key in changed:
        if key.kind in _CAUSES:
            moved[_CAUSES[key.kind]].add((key.unit, key.period))
        elif key.kind == TASK and key.part in assigning.DECIDING:
            moved[NOT_YOURS_TO_DECIDE].add((key.unit, key.item))
    if eased:
        moved[TOO_MANY_RIVALS].update(eased)

    def concerns(key: Key, reason: str) -> bool:
        places = moved[reason]
        if reason == TOO_MANY_RIVALS:
            return key in places
        if reason == NOT_YOURS_TO_DECIDE:
            return key.kind in assigning.DECIDED and (key.unit, key.item) in places
        # What is said of a unit is said of all below it; a unit itself is of no period.
        return any((unit, period) in places for unit in ancestors(key.unit) for period in {key.period, ""})

    if moved:
        _retry(connection, province, book, change_table.c.reason.in_(moved), concerns)


def take_back(connection: Connection, province: str, changed: Collection[Key]) -> None:
    """What the withdrawals among the records of `changed` keys are about is tried no more, unless it has effect."""
    columns = change_table.c
    for key in changed:
        if key.kind == WITHDRAWAL:
            branch, n = about(key)
            named = (columns.device == device_of(key), columns.n == n, columns.branch == branch)
            connection.execute(
                update(change_table)
                .where(columns.province_code == province, *IS_PARKED, *named)
                .values(reason=WITHDRAWN)
            )


def to_decide(connection: Connection, province: str, device: str = "") -> list[tuple[Key, str]]:
    """What the centre has to decide once more: every withdrawal that left its change without effect, or those on
    `device`."""
    columns = change_table.c
    query = select(columns.branch, columns.n).where(
        columns.province_code == province, *IS_PARKED, columns.reason == literal_column(f"'{WITHDRAWN}'")
    )
    if device:
        query = query.where(columns.device == device)
    return [(key_of(branch, n), TAKEN_BACK) for branch, n in connection.execute(query)]


def withdrawn(connection: Connection, province: str, device: str, branches: Collection[str]) -> frozenset[Version]:
    """What was taken back of what was typed on `device` in these branches, whether it has come or not."""
    columns = record_table.c
    rows = connection.execute(
        select(columns.item, columns.part).where(
            columns.province_code == province,
            columns.stream == stream_of_device(device),
            columns.kind == WITHDRAWAL,
            columns.unit == stream_of_device(device),
            columns.item.in_(branches),
        )
    )
    return frozenset(Version(branch, int(n)) for branch, n in rows)


def retry_device(connection: Connection, province: str, book: Book, device: str) -> None:
    """Try again what a device typed without a right to, now that its scope or its people's roles are others."""
    columns = change_table.c
    _retry(connection, province, book, and_(columns.device == device, columns.reason.in_(OF_RIGHTS)))


def retry_reason(connection: Connection, province: str, book: Book, device: str, reason: str) -> None:
    """Try again what a device typed and was parked for this reason."""
    columns = change_table.c
    _retry(connection, province, book, and_(columns.device == device, columns.reason == reason))


def judge_anew(connection: Connection, province: str, book: Book, rules: str) -> None:
    """Try again what another catalogue or program may judge otherwise. `rules` names those of now: with the same ones
    as the last time there is nothing to do."""
    here = judged.c.province_code == province
    last = connection.scalar(select(judged.c.rules).where(here))
    if last == rules:
        return
    _retry(connection, province, book, change_table.c.reason.in_(OF_RULES))
    if last is None:
        connection.execute(insert(judged), {"province_code": province, "rules": rules})
    else:
        connection.execute(update(judged).where(here).values(rules=rules))


def retry_these(connection: Connection, province: str, book: Book, device: str, versions: Collection[Version]) -> None:
    """Give what is parked its effect because the centre had given it before it was restored."""
    columns = change_table.c
    numbers: dict[str, list[int]] = defaultdict(list)
    for branch, n in versions:
        numbers[branch].append(n)
    # A copy of the folder has changes of the same numbers.
    named = (and_(columns.branch == branch, columns.n.in_(found)) for branch, found in numbers.items())
    _retry(connection, province, book, and_(columns.device == device, or_(*named)), had_effect=True)


def _retry(
    connection: Connection,
    province: str,
    book: Book,
    condition: ColumnElement[bool],
    concerns: Callable[[Key, str], bool] = lambda key, reason: True,
    *,
    had_effect: bool = False,
) -> None:
    columns = change_table.c
    rows = connection.execute(
        select(columns.device, columns.reason, columns.hash, *LOGGED).where(
            columns.province_code == province, *IS_PARKED, condition
        )
    )
    arrivals: list[Arriving] = []
    before: dict[Version, tuple[str, bytes]] = {}
    for device, reason, hashed, *row in rows:
        change = logged(row)
        if concerns(change.key, reason):
            arrivals.append(Arriving(device, change, had_effect, hash=hashed))
            before[change.version] = reason, hashed
    # Not by the statement, which would read the log in its own order rather than the few that are parked.
    arrivals.sort(key=lambda arriving: (arriving.device, arriving.change.version.n))
    moved: list[Key] = []
    eased: set[Key] = set()
    for part in commits([arriving.change.content for arriving in arrivals]):
        settled, changed, fewer = book.settle(arrivals[part], again=True)
        note(connection, province, arrivals[part], settled)
        audit.write(connection, province, *_otherwise(arrivals[part], settled, before), book.now)
        moved += [record.key for record in changed]
        eased |= fewer
    take_back(connection, province, moved)
    # A step that takes effect now may have been what others waited for.
    retry_after(connection, province, book, moved, eased)


def _otherwise(
    arrivals: Sequence[Arriving], settled: Sequence[Settled], before: Mapping[Version, tuple[str, bytes]]
) -> tuple[list[tuple[Change, bytes]], list[Settled]]:
    """Those of which something else became than `before`, each with its hash."""
    changes: list[tuple[Change, bytes]] = []
    found: list[Settled] = []
    for arriving, what in zip(arrivals, settled, strict=True):
        change = arriving.change
        reason, hashed = before[change.version]
        if what.reason != reason:
            changes.append((change, hashed))
            found.append(what)
    return changes, found
