"""Changes that are stored without effect, and take it when what kept them from it is gone."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from sync.central.arrivals import Arriving, Book
from sync.central.log import LOGGED, logged, note
from sync.central.tables import change as change_table
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, STATUS, UNIT, Key
from sync.domain.parking import (
    APPROVED,
    NOT_YOUR_UNIT,
    PERIOD_CLOSED,
    UNKNOWN_INDICATOR,
    UNKNOWN_KIND,
    UNKNOWN_UNIT,
)
from sync.protocol.messages import Version

_CAUSES: Final = {
    UNIT: (UNKNOWN_UNIT,),
    STATUS: (APPROVED,),
    CLOSING: (PERIOD_CLOSED,),
}
"""By the kind of what changed: the reasons that may be gone with it."""


def retry_after(connection: Connection, province: str, book: Book, changed: Collection[Key]) -> None:
    """Try again what may take effect now that the records of `changed` keys say something else."""
    columns = change_table.c
    causes = [
        and_(
            columns.reason.in_(_CAUSES[key.kind]),
            # A closing is for all who are below its unit.
            or_(columns.unit == key.unit, and_(columns.unit > f"{key.unit}.", columns.unit < f"{key.unit}/")),
            columns.period == key.period if key.period else true(),
        )
        for key in changed
        if key.kind in _CAUSES
    ]
    if causes:
        _retry(connection, province, book, or_(*causes))


def retry_device(connection: Connection, province: str, book: Book, device: str) -> None:
    """Try again what a device typed for units that were not its own, now that its scope is another."""
    columns = change_table.c
    _retry(connection, province, book, and_(columns.device == device, columns.reason == NOT_YOUR_UNIT))


def retry_unknown(connection: Connection, province: str, book: Book) -> None:
    """Try again what an older catalogue or program did not know."""
    _retry(connection, province, book, change_table.c.reason.in_((UNKNOWN_INDICATOR, UNKNOWN_KIND)))


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
    *,
    had_effect: bool = False,
) -> None:
    columns = change_table.c
    rows = connection.execute(
        select(columns.device, *LOGGED)
        .where(columns.province_code == province, columns.outcome == Outcome.PARKED.value, condition)
        .order_by(columns.device, columns.n)
    )
    arrivals = [Arriving(device, logged(row), had_effect) for device, *row in rows]
    if arrivals:
        settled, _ = book.settle(arrivals, again=True)
        note(connection, province, arrivals, settled)
