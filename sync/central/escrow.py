"""What a revoked device still had to send: stored in its chain and without effect, until an administrator decides.

Nothing goes back to it but the receipt. What is taken is judged as any other change, by its author's roles at that
moment; what is dismissed stays in the log for ever without effect.
"""

from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from sync.central import audit
from sync.central.arrivals import Arriving, Book, Settled
from sync.central.log import LOGGED, logged, note
from sync.central.parked import IS_PARKED, retry_reason
from sync.central.tables import change as change_table
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.parking import DEVICE_REVOKED, DISMISSED

MAX_HELD: Final = 20_000
"""Changes of one device: years of a village's work, and not the whole disk for whoever found a laptop."""

_COLUMNS: Final = change_table.c


class Held(NamedTuple):
    """What is held of one device's: how many changes of whom, received from when to when (seconds since 1970 UTC)."""

    device: str
    author: str
    changes: int
    first_at: int
    last_at: int


def check_room(connection: Connection, province: str, device: str, more: int) -> None:
    """Raises EnvironmentFault device_revoked when a revoked device would have more held than is kept."""
    query = select(func.count()).select_from(change_table).where(*_held(province), _COLUMNS.device == device)
    if (connection.scalar(query) or 0) + more > MAX_HELD:
        raise EnvironmentFault("device_revoked")


def held(connection: Connection, province: str) -> list[Held]:
    """All that is held, by device and author."""
    of = (_COLUMNS.device, _COLUMNS.author)
    received = _COLUMNS.received_at
    query = select(*of, func.count(), func.min(received), func.max(received)).where(*_held(province)).group_by(*of)
    return [Held(*row) for row in connection.execute(query.order_by(*of))]


def take(connection: Connection, province: str, book: Book, device: str) -> int:
    """Give what is held of a device its effect, as far as nothing else is against it. How many changes were held."""
    count = len(_changes(connection, province, device))
    retry_reason(connection, province, book, device, DEVICE_REVOKED)
    return count


def dismiss(connection: Connection, province: str, device: str, now: int) -> int:
    """Leave what is held of a device without effect for good. How many changes that were."""
    changes = _changes(connection, province, device)
    settled = [Settled(Outcome.PARKED, DISMISSED)] * len(changes)
    note(connection, province, [arriving for arriving, _ in changes], settled)
    audit.write(connection, province, [(arriving.change, hashed) for arriving, hashed in changes], settled, now)
    return len(changes)


def _changes(connection: Connection, province: str, device: str) -> list[tuple[Arriving, bytes]]:
    rows = connection.execute(
        select(_COLUMNS.hash, *LOGGED).where(*_held(province), _COLUMNS.device == device).order_by(_COLUMNS.n)
    )
    return [(Arriving(device, logged(row)), hashed) for hashed, *row in rows]


def _held(province: str) -> tuple[ColumnElement[bool], ...]:
    return (_COLUMNS.province_code == province, *IS_PARKED, _COLUMNS.reason == literal_column(f"'{DEVICE_REVOKED}'"))
