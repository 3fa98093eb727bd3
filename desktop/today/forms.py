"""Which forms are due for a unit and the level below it, and how complete they are. Counted once, and kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from sync.domain.catalogue import Catalogue, Form
from sync.domain.keys import DEADLINE, OWN_UNIT, STATUS, UNIT, VALUE, Key, commune_of
from sync.domain.local_time import day_at
from sync.domain.periods import Period, period_of
from sync.domain.units import Unit, reporting_on
from sync.domain.values import Value
from sync.store import CellState, Shown, Store
from sync.store.deadlines import Deadlines
from sync.store.submissions import submission_of

FAR: Final = date.max
"""Sorts what has no deadline behind everything that has one."""


@dataclass(frozen=True, slots=True)
class FormDue:
    """One form of one period over the units that fill it.

    `unsent` are the units that have still to send it, in key order, and `lacking` those of them that have not filled
    every cell; a form that was sent lacks nothing, whatever is empty in it. Of the unsent, `unread` cells hold a text
    where a number belongs, and `next_cell` is unit and indicator of the first cell to fill, or to write again, None
    when there is none. `due` is the earliest of those that lack anything, or else have not sent it, the latest of all
    when it was sent by all, and None where nobody set a deadline.
    """

    form: Form
    period: Period
    due: datetime | None
    units: tuple[str, ...]
    unsent: tuple[str, ...]
    lacking: tuple[str, ...]
    next_cell: tuple[str, str] | None
    filled: int
    cells: int
    unread: int

    @property
    def name(self) -> tuple[str, str]:
        """Form and period as keys name them."""
        return self.form.key, self.period.code

    @property
    def is_complete(self) -> bool:
        return self.next_cell is None

    @property
    def day(self) -> date:
        """The day by which it is sorted."""
        return day_at(self.due) if self.due else FAR


class Batch(NamedTuple):
    """Cells of one unit and period that the centre received at one moment."""

    received_at: datetime
    unit: str
    period: str
    cells: int


class _Tally(NamedTuple):
    """What one unit has of one period: forms that it has sent, indicators filled, of these unread, and the latest batch
    received."""

    sent: frozenset[str]
    filled: frozenset[str]
    unread: frozenset[str]
    received: Batch | None


class Forms:
    """Reads `unit` and the level below it, as the review does; OWN_UNIT before enrolment.

    What was counted is kept until it changes.
    """

    def __init__(self, store: Store, catalogue: Catalogue, unit: str) -> None:
        self._store, self._catalogue, self._unit = store, catalogue, unit
        self._typed = {
            form: tuple(indicator.key for indicator in catalogue.indicators_of(form) if not indicator.is_computed)
            for form in catalogue.forms
        }
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._units: list[Unit] | None = None
        self._deadlines: Deadlines | None = None

    def forget(self, keys: Iterable[Key]) -> bool:
        """Count again what these keys concern. Whether any of them does."""
        concerned = False
        for key in keys:
            if key.kind in (VALUE, STATUS):
                concerned |= self._tallies.pop((key.unit, key.period), None) is not None
            elif key.kind == UNIT:
                self._units, concerned = None, True
            elif key.kind == DEADLINE:
                self._deadlines, concerned = None, True
        return concerned

    def names(self) -> dict[str, str]:
        """Names of the units in scope."""
        return {unit.key: unit.name for unit in self._known_units()}

    def dues(self, today: date) -> list[FormDue]:
        """Every form of the current period, of the one that ended last, and of those with a deadline: earliest first.

        A period before these is asked for only where someone set its deadline, so that a new PC is not told
        of every period that ever was; a round only of the units that have a deadline for it.
        """
        asked_for = []
        if self._deadlines is None:
            # What communes ask of their villages is no business of a province's desk.
            self._deadlines = Deadlines(self._store, self._unit, below=commune_of(self._unit) is not None)
        for form in self._catalogue.forms.values():
            asked = set(self._deadlines.periods(form.key))
            current = period_of(today, form.regime, form.frequency)
            if current:
                asked |= {current, current.previous}
            for period in asked:
                if period.first_day > today:
                    continue
                units = self._units_of(form, period)
                dues = {unit: self._deadlines.of(unit, form.key, period.code) for unit in units}
                if period.days is not None:
                    dues = {unit: due for unit, due in dues.items() if due}
                if dues:
                    asked_for.append((form, period, dues))
        self._count({(unit, period.code) for _, period, dues in asked_for for unit in dues})
        found = [self._due(form, period, dues) for form, period, dues in asked_for]
        return sorted(found, key=lambda due: (due.day, due.period.last_day))

    def received(self) -> list[Batch]:
        """The latest batch of each unit and period on the desk, newest first."""
        batches = (tally.received for tally in self._tallies.values())
        return sorted((batch for batch in batches if batch), reverse=True)

    def _due(self, form: Form, period: Period, dues: Mapping[str, datetime | None]) -> FormDue:
        """Of the units that are asked for it, each with its deadline."""
        typed, units = self._typed[form.key], tuple(dues)
        asked = frozenset(typed)
        tallies = {unit: self._tallies[unit, period.code] for unit in units}
        unsent = tuple(unit for unit, tally in tallies.items() if form.key not in tally.sent)
        lacking = tuple(unit for unit in unsent if not asked <= tallies[unit].filled)
        late = [due for unit in lacking or unsent if (due := dues[unit])]
        to_fill = ((unit, item) for unit in lacking for item in typed if item not in tallies[unit].filled)
        to_write = ((unit, item) for unit in unsent for item in typed if item in tallies[unit].unread)
        return FormDue(
            form,
            period,
            min(late) if late else max(filter(None, dues.values()), default=None),
            units,
            unsent,
            lacking,
            next(to_fill, None) or next(to_write, None),
            sum(len(asked & tally.filled) for tally in tallies.values()),
            len(typed) * len(units),
            sum(len(asked & tallies[unit].unread) for unit in unsent),
        )

    def _count(self, asked: Collection[tuple[str, str]]) -> None:
        """Count what of these units and periods was not counted yet, all in two looks."""
        wanted = [one for one in asked if one not in self._tallies]
        if not wanted:
            return
        cells: dict[tuple[str, str], list[tuple[Key, Shown]]] = {one: [] for one in wanted}
        units, periods = ({one[place] for one in wanted} for place in (0, 1))
        for key, shown in self._store.cells_of(VALUE, units, periods).items():
            of = cells.get((key.unit, key.period))
            if of is not None:
                of.append((key, shown))
        sent: dict[tuple[str, str], set[str]] = {one: set() for one in wanted}
        for key, shown in self._store.cells_of(STATUS, units, periods).items():
            of_forms = sent.get((key.unit, key.period))
            # Whether it is still to be sent does not hang on what stands in its cells.
            if of_forms is not None and not submission_of(self._store, key, {}, shown).is_to_send:
                of_forms.add(key.item)
        self._tallies |= {one: _tally(one, sent[one], found) for one, found in cells.items()}

    def _units_of(self, form: Form, period: Period) -> tuple[str, ...]:
        """The units in scope that fill `form` for a period: those of its kinds that were there, as the entry room has
        them."""
        if self._unit == OWN_UNIT:
            return (OWN_UNIT,)
        deepest = self._unit.count(".") + 1
        every = (unit for unit in self._known_units() if unit.kind in form.unit_kinds)
        asked = reporting_on((unit for unit in every if unit.key.count(".") <= deepest), period.last_day)
        return tuple(unit.key for unit in asked)

    def _known_units(self) -> list[Unit]:
        if self._units is None:
            self._units = [] if self._unit == OWN_UNIT else self._store.units(self._unit)
        return self._units


def _tally(of: tuple[str, str], sent: Iterable[str], cells: Iterable[tuple[Key, Shown]]) -> _Tally:
    filled, unread = set(), set()
    received: list[datetime] = []
    for key, shown in cells:
        value = Value.of(shown.content)
        if not value.is_empty and not key.part:  # a part of a figure is not the figure
            filled.add(key.item)
        if value.raw is not None:
            unread.add(key.item)
        if shown.state is CellState.RECEIVED and shown.received_at:
            received.append(shown.received_at)
    latest = max(received, default=None)
    batch = Batch(latest, *of, received.count(latest)) if latest else None
    return _Tally(frozenset(sent), frozenset(filled), frozenset(unread), batch)
