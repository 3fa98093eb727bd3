"""The matrix of units and forms as the store shows it: how complete each is, where it stands, and whether it is due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sync.analysis.findings import Findings, Inspector
from sync.domain.catalogue import Catalogue, Form
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE, REVISION, STATUS, VALUE, Key, ancestors
from sync.domain.periods import Period
from sync.domain.revisions import Answer
from sync.domain.units import Unit
from sync.domain.values import EMPTY, ContentError, Value
from sync.domain.workflow import Stage
from sync.store import Shown, Store
from sync.store.submissions import Request, Submission, requests, submission_of

_UNITS: Final = 200
"""Units in one look."""


class Column(NamedTuple):
    """One form in one of its periods."""

    form: Form
    period: Period


class Square(NamedTuple):
    """One form of one unit. `due` is None where nobody set a deadline; `requests` are to change what was approved."""

    unit: Unit
    column: Column
    submission: Submission
    findings: Findings
    due: datetime | None
    requests: tuple[Request, ...] = ()

    @property
    def asked(self) -> tuple[Request, ...]:
        """What is asked to be changed, and nobody has answered yet."""
        return tuple(request for request in self.requests if request.revision.answer is Answer.OPEN)

    @property
    def sent_at(self) -> datetime | None:
        """When the centre received the step that is shown; None while it waits, or without one."""
        return self.submission.step.received_at if self.submission.step else None

    def is_late(self, now: datetime) -> bool:
        """Whether the deadline has passed and the form is still to be sent by its unit."""
        is_open = self.submission.stage in (Stage.DRAFT, Stage.RETURNED, Stage.REOPENED)
        return is_open and self.due is not None and self.due < now


def columns(catalogue: Catalogue, units: Iterable[Unit], quarter: Period) -> list[Column]:
    """The forms of these units in every period that ends within the quarter, in the order of the catalogue."""
    kinds = {unit.kind for unit in units}
    found = []
    for form in catalogue.forms.values():
        if not kinds & form.unit_kinds:
            continue
        for number in range(1, form.frequency.per_year + 1):
            period = Period(form.regime, quarter.year, form.frequency, number)
            if _end_month(quarter) - 2 <= _end_month(period) <= _end_month(quarter):
                found.append(Column(form, period))
    return found


class Matrix:
    """Reads what is shown of `unit` and of those right below it in one quarter: a commune looks at its villages, a
    province at its communes, since each level decides for the next."""

    def __init__(self, store: Store, catalogue: Catalogue, unit: str, quarter: Period) -> None:
        self._store, self.quarter = store, quarter
        below = unit.count(".") + 1
        units = [one for one in store.units(unit) if one.valid_to is None and one.key.count(".") <= below]
        self.columns = columns(catalogue, units, quarter)
        self._inspectors = {column.form.key: Inspector(catalogue, column.form) for column in self.columns}
        self._items = {form: frozenset(one.key for one in catalogue.indicators_of(form)) for form in self._inspectors}
        shown = {kind for column in self.columns for kind in column.form.unit_kinds}
        self.units = [one for one in units if one.kind in shown]
        self._values: dict[tuple[str, str], dict[Key, Shown]]
        self._steps: dict[Key, Shown] = {}
        self._requests: dict[tuple[str, str], list[Request]] = {}
        self._due = self._deadlines(unit)
        self._read(sorted({column.period.code for column in self.columns}))
        self._squares: dict[tuple[str, int], Square | None] = {}

    def square(self, row: int, column: int) -> Square | None:
        """The form of a unit, None where its kind does not report it."""
        unit, shown = self.units[row], self.columns[column]
        if unit.kind not in shown.form.unit_kinds:
            return None
        found = self._squares.get((unit.key, column))
        if found is None:
            found = self._squares[unit.key, column] = self._make(unit, shown)
        return found

    def touch(self, keys: Iterable[Key]) -> bool:
        """Read again the units and periods that `keys` name. Whether any is shown here."""
        places = {(key.unit, key.period) for key in keys if key.kind in (VALUE, STATUS, REVISION)}
        mine = {one.key for one in self.units}
        periods = {column.period.code for column in self.columns}
        touched = {(unit, period) for unit, period in places if unit in mine and period in periods}
        for unit, period in touched:
            self._values[unit, period] = self._store.cells(VALUE, unit, period)
            self._steps |= self._store.cells(STATUS, unit, period)
            self._requests[unit, period] = requests(self._store, [unit], [period])
        self._squares = {
            place: square
            for place, square in self._squares.items()
            if square is not None and (place[0], square.column.period.code) not in touched
        }
        return bool(touched)

    def cells(self, square: Square) -> Mapping[Key, Shown]:
        """The values of a form, by key."""
        found = self._values.get((square.unit.key, square.column.period.code), {})
        return {key: shown for key, shown in found.items() if key.item in self._items[square.column.form.key]}

    def _make(self, unit: Unit, column: Column) -> Square:
        form, period = column
        items = self._items[form.key]
        held = self._values.get((unit.key, period.code), {})
        cells = {key: shown for key, shown in held.items() if key.item in items}
        key = Key(STATUS, unit.key, form.key, period.code)
        submission = submission_of(self._store, key, cells, self._steps.get(key))
        findings = self._inspectors[form.key].findings(
            period,
            lambda item, then: self._value(unit.key, item, then),
            lambda item, part: self._value(unit.key, item, period, part),
        )
        # A unit's own deadline goes before its commune's, and that before its province's.
        dues = (self._due.get((one, form.key, period.code)) for one in ancestors(unit.key))
        asked = (request for request in self._requests.get((unit.key, period.code), ()) if request.figure.item in items)
        return Square(unit, column, submission, findings, next(filter(None, dues), None), tuple(asked))

    def _value(self, unit: str, item: str, period: Period, part: str = "") -> Value:
        key = Key(VALUE, unit, item, period.code, part)
        if (unit, period.code) not in self._values:
            # Another period that a rule looks back at.
            self._values[unit, period.code] = self._store.cells(VALUE, unit, period.code)
        shown = self._values[unit, period.code].get(key)
        return Value.of(shown.content) if shown else EMPTY

    def _read(self, periods: Sequence[str]) -> None:
        keys = [one.key for one in self.units]
        self._values = {(unit, period): {} for unit in keys for period in periods}
        for start in range(0, len(keys) if periods else 0, _UNITS):
            some = keys[start : start + _UNITS]
            for key, shown in self._store.cells_of(VALUE, some, periods).items():
                self._values[key.unit, key.period][key] = shown
            self._steps |= self._store.cells_of(STATUS, some, periods)
            for request in requests(self._store, some, periods):
                self._requests.setdefault((request.figure.unit, request.figure.period), []).append(request)

    def _deadlines(self, unit: str) -> dict[tuple[str, str, str], datetime]:
        found: dict[tuple[str, str, str], datetime] = {}
        every = {key: shown for one in ancestors(unit)[1:] for key, shown in self._store.cells(DEADLINE, one).items()}
        for key, shown in (every | self._store.select(DEADLINE, unit)).items():
            try:
                found[key.unit, key.item, key.period] = Deadline.of(shown.content).due
            except ContentError:
                continue  # withdrawn
        return found


def _end_month(period: Period) -> int:
    """The month of the year, from 1, with which a period ends."""
    return period.number * period.frequency.months
