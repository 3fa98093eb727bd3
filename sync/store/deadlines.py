"""The deadlines that this store knows for a unit and all below it: one's own goes before that of whoever is above; and
what is closed."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sync.domain.deadlines import Deadline
from sync.domain.keys import CLOSING, DEADLINE, Key, ancestors
from sync.domain.periods import Period, PeriodError
from sync.domain.values import ContentError
from sync.domain.workflow import CLOSED
from sync.store.store import Store


class Deadlines:
    """Read once; made anew when a deadline changes. Without `below`, what is set below the unit is left out."""

    def __init__(self, store: Store, unit: str, *, below: bool = True) -> None:
        self._set: dict[tuple[str, str, str], datetime] = {}
        self._periods: dict[str, set[Period]] = {}
        above = {key: shown for one in ancestors(unit)[1:] for key, shown in store.cells(DEADLINE, one).items()}
        here = store.select(DEADLINE, unit) if below else store.cells(DEADLINE, unit)
        for key, shown in (above | here).items():
            try:
                due, period = Deadline.of(shown.content).due, Period.parse(key.period)
            except (ContentError, PeriodError):
                continue  # taken back, or written by a newer version
            self._set[key.unit, key.item, key.period] = due
            self._periods.setdefault(key.item, set()).add(period)

    def of(self, unit: str, form: str, period: str) -> datetime | None:
        """When a unit's form of a period is due, None where nobody said it."""
        return next(filter(None, (self._set.get((one, form, period)) for one in ancestors(unit))), None)

    def periods(self, form: str) -> set[Period]:
        """The periods of which somebody said by when a form of them is due; every round is one of them."""
        return self._periods.get(form, set())


def closings(store: Store, units: Iterable[str], periods: Collection[str]) -> frozenset[Key]:
    """The closings of these periods, by code, at these units or above them; what is contested is closed. The centre
    lets nothing through there, by the same (`central.judgement`)."""
    above = {over for unit in units for over in ancestors(unit)}
    found = store.cells_of(CLOSING, above, periods).items()
    return frozenset(key for key, one in found if CLOSED in (one.content, *(rival.content for rival in one.rivals)))
