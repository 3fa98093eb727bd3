"""The matrix of units and forms as the store shows it: how complete each is, where it stands, and whether it is due."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Final, NamedTuple

from sync.analysis.findings import Findings, Inspector
from sync.domain.catalogue import Catalogue, Form
from sync.domain.keys import CLOSING, REVISION, STATUS, VALUE, Key, ancestors
from sync.domain.periods import Frequency, Period, Regime, period_of
from sync.domain.revisions import Answer
from sync.domain.units import Unit, reporting_on
from sync.domain.values import EMPTY, Value
from sync.store import Shown, Store
from sync.store.deadlines import Deadlines, closings
from sync.store.submissions import Request, Submission, requests, submission_of

_UNITS: Final = 16
"""Units in one look: about as many as are in sight."""

_FORMS: Final = 5
"""Forms in one look, as long as they are of one period."""


class _Held(NamedTuple):
    """What the store shows of one form of one unit."""

    values: dict[Key, Shown]
    step: Shown | None
    requests: list[Request]


class Column(NamedTuple):
    """One form in one of its periods."""

    form: Form
    period: Period


class Square(NamedTuple):
    """One form of one unit. `due` is None where nobody set a deadline; `requests` are to change what was approved.
    While the period `is_closed` for it, no step over it takes effect at the centre."""

    unit: Unit
    column: Column
    submission: Submission
    findings: Findings
    due: datetime | None
    requests: tuple[Request, ...] = ()
    is_closed: bool = False

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
        return self.submission.is_to_send and self.due is not None and self.due < now


def columns(catalogue: Catalogue, units: Iterable[Unit], quarter: Period, deadlines: Deadlines) -> list[Column]:
    """The forms of these units in every period and round that ends in the quarter, in the order of the catalogue."""
    kinds = {unit.kind for unit in units}
    found = []
    for form in catalogue.forms.values():
        if not kinds & form.unit_kinds:
            continue
        regular = (Period(form.regime, quarter.year, form.frequency, one + 1) for one in range(form.frequency.per_year))
        rounds = (one for one in deadlines.periods(form.key) if one.days is not None)
        found += [
            Column(form, period)
            for period in sorted((*regular, *rounds), key=lambda one: (one.last_day, one.code))
            if quarter_of(period) == quarter
        ]
    return found


def quarter_of(period: Period) -> Period:
    """The quarter in which a period or a round ends, as the room counts quarters."""
    month = period if period.days is None else period_of(period.last_day, period.regime, Frequency.MONTH)
    assert month is not None, "every day lies in a month"
    number = (month.number * month.frequency.months - 1) // 3 + 1
    return Period(Regime.ADMINISTRATIVE, month.year, Frequency.QUARTER, number)


class Matrix:
    """Reads what is shown of `unit` and of those right below it in one quarter: a commune looks at its villages, a
    province at its communes, since each level decides for the next."""

    def __init__(self, store: Store, catalogue: Catalogue, unit: str, quarter: Period) -> None:
        self._store, self.quarter = store, quarter
        below = unit.count(".") + 1
        units = store.units(unit, below)
        self._deadlines = Deadlines(store, unit)
        self.columns = columns(catalogue, units, quarter, self._deadlines)
        self._inspectors = {column.form.key: Inspector(catalogue, column.form) for column in self.columns}
        self._items = {form: frozenset(one.key for one in catalogue.indicators_of(form)) for form in self._inspectors}
        periods = {column.period for column in self.columns}
        self._closed = closings(store, (one.key for one in units), {one.code for one in periods})
        self._reporting = {one.last_day: {unit.key for unit in reporting_on(units, one.last_day)} for one in periods}
        others = [one.key for one in units if not all(one.key in asked for asked in self._reporting.values())]
        stated = store.cells_of(STATUS, others, {one.code for one in periods}) if others else ()
        self._stated = {(key.unit, key.item, key.period) for key in stated}
        self.units = [one for one in units if any(self._is_asked(one, column) for column in self.columns)]
        self._places = {one.key: row for row, one in enumerate(self.units)}
        self._held: dict[tuple[str, int], _Held] = {}
        self._others: dict[tuple[str, str], dict[Key, Shown]] = {}
        self._squares: dict[tuple[str, int], Square | None] = {}

    def square(self, row: int, column: int) -> Square | None:
        """The form of a unit, None where it is not asked for it; read when it is first looked at."""
        unit, shown = self.units[row], self.columns[column]
        if not self._is_asked(unit, shown):
            return None
        found = self._squares.get((unit.key, column))
        if found is None:
            found = self._squares[unit.key, column] = self._make(row, column)
        return found

    def touch(self, keys: Iterable[Key]) -> bool:
        """Read again the units and periods that `keys` name. Whether any is shown here."""
        places = {(key.unit, key.period) for key in keys if key.kind in (VALUE, STATUS, REVISION)}
        mine = {one.key for one in self.units}
        codes = [column.period.code for column in self.columns]
        touched = {(unit, period) for unit, period in places if unit in mine and period in codes}
        gone = [(unit, column) for unit, period in touched for column, code in enumerate(codes) if code == period]
        for place in gone:
            self._held.pop(place, None)
            self._squares.pop(place, None)
        for looked_back_at in places:
            self._others.pop(looked_back_at, None)
        return bool(touched)

    def cells(self, square: Square) -> Mapping[Key, Shown]:
        """The values of a form, by key."""
        row, column = self._places[square.unit.key], self.columns.index(square.column)
        return self._holding(row, column).values

    def _make(self, row: int, column: int) -> Square:
        unit, shown = self.units[row], self.columns[column]
        form, period = shown
        held = self._holding(row, column)
        submission = submission_of(self._store, Key(STATUS, unit.key, form.key, period.code), held.values, held.step)
        code = period.code

        own = {(key.item, key.part): cell for key, cell in held.values.items()}
        items = self._items[form.key]

        def value(item: str, then: Period, part: str = "") -> Value:
            # Asked of every figure of a form, nearly always of this very period.
            if (then is period or then == period) and item in items:
                cell = own.get((item, part))
            else:
                cell = self._other(unit.key, then).get(Key(VALUE, unit.key, item, then.code, part))
            return Value.of(cell.content) if cell else EMPTY

        findings = self._inspectors[form.key].findings(period, value, lambda item, part: value(item, period, part))
        due = self._deadlines.of(unit.key, form.key, code)
        is_closed = any(Key(CLOSING, over, form.key, code) in self._closed for over in ancestors(unit.key))
        return Square(unit, shown, submission, findings, due, tuple(held.requests), is_closed)

    def _is_asked(self, unit: Unit, shown: Column) -> bool:
        """Who was there at its end is asked for a form, in a round only who has a deadline for it; what was submitted
        all the same is looked at."""
        form, period = shown
        if unit.kind not in form.unit_kinds:
            return False
        if (unit.key, form.key, period.code) in self._stated:
            return True
        if unit.key not in self._reporting[period.last_day]:
            return False
        return period.days is None or self._deadlines.of(unit.key, form.key, period.code) is not None

    def _other(self, unit: str, period: Period) -> Mapping[Key, Shown]:
        """What a rule looks at beside the form: another period, or another form's figure."""
        found = self._others.get((unit, period.code))
        if found is None:
            found = self._others[unit, period.code] = self._store.cells(VALUE, unit, period.code)
        return found

    def _holding(self, row: int, column: int) -> _Held:
        """What is held of a form, read with those beside it: one look for what is in sight together."""
        found = self._held.get((self.units[row].key, column))
        if found is not None:
            return found
        period = self.columns[column].period
        first_row, first_column = row - row % _UNITS, column - column % _FORMS
        beside = range(first_column, min(first_column + _FORMS, len(self.columns)))
        read: dict[tuple[str, int], _Held] = {}
        for number in beside:
            if self.columns[number].period != period:
                continue
            for unit in self.units[first_row : first_row + _UNITS]:
                place = unit.key, number
                if unit.kind in self.columns[number].form.unit_kinds and place not in self._held:
                    read[place] = _Held({}, None, [])
        self._read({unit for unit, _ in read}, sorted({number for _, number in read}), period.code, read)
        self._held |= read
        return self._held[self.units[row].key, column]

    def _read(self, units: Set[str], numbers: Sequence[int], period: str, into: dict[tuple[str, int], _Held]) -> None:
        """Read these units and columns, all of one period, for those places of `into` that are asked for."""
        forms = {number: self.columns[number].form.key for number in numbers}
        items = frozenset().union(*(self._items[form] for form in forms.values()))
        for key, shown in self._store.sheet(units, [period], items).items():
            for number, form in forms.items():
                if key.item in self._items[form] and (key.unit, number) in into:
                    into[key.unit, number].values[key] = shown
        columns = {form: number for number, form in forms.items()}
        for key, shown in self._store.cells_of(STATUS, units, [period]).items():
            place = key.unit, columns.get(key.item, -1)
            if place in into:
                into[place] = into[place]._replace(step=shown)
        for request in requests(self._store, units, [period]):
            for number, form in forms.items():
                if request.figure.item in self._items[form] and (request.figure.unit, number) in into:
                    into[request.figure.unit, number].requests.append(request)
