"""How a form is spread over rows and columns: indicators × units, × periods or × breakdowns, or units × periods."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from desktop.entry.lines import Line, lines_of
from desktop.widgets.words import language
from sync.domain.catalogue import Catalogue, Form, Label
from sync.domain.keys import VALUE, Key
from sync.domain.periods import FIRST_YEAR, Period


class Turn(StrEnum):
    """What the rows and columns are; the third of indicator, unit and period is one and the same in all cells."""

    UNITS = "units"
    PERIODS = "periods"
    INDICATOR = "indicator"
    BREAKDOWN = "breakdown"


class Column(NamedTuple):
    """The unit of a column's cells, "" where each row is one, and their period, with its code and the one before.

    The column of a `total` has no unit: nothing is typed there. `part` is the member of a breakdown, "" for what it
    divides.
    """

    unit: str
    period: Period
    code: str
    before: Period
    before_code: str
    total: bool = False
    part: str = ""

    @classmethod
    def of(cls, unit: str, period: Period, total: bool = False) -> "Column":
        before = period.previous
        return cls(unit, period, period.code, before, before.code, total)


class Layout:
    """Rows and columns of a form for `units` in `periods`, turned as `turn` says; `item` is the one of INDICATOR.

    UNITS shows the last of `periods`, PERIODS the first of `units`, BREAKDOWN both, and of the form the indicators that
    are divided; the others of `units` are its `peers` all the same. `below` are the units whose total is shown in a
    last column, or in a last row where the rows are units: `units` themselves, or what lies below a commune whose form
    sums its villages'.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        form: Form,
        units: Sequence[str],
        periods: Sequence[Period],
        turn: Turn = Turn.UNITS,
        item: str = "",
        below: Sequence[str] = (),
    ) -> None:
        self.form, self.turn, self.item, self.period = form, turn, item, periods[-1]
        self.whole = lines_of(catalogue, form, language())
        """All that the form asks for; `lines` are its own where the rows are the indicators."""
        self.form_lines, self.typed = self.whole.lines, self.whole.typed
        self.lines = self.form_lines
        self.parts: dict[str, Label] = {}
        self.units, self.below, self.peers = tuple(units), tuple(below), tuple(units)
        self.sums = bool(form.sums)
        if turn is Turn.UNITS:
            total = (Column.of("", periods[-1], total=True),) if below else ()
            self.columns = (*(Column.of(unit, periods[-1]) for unit in units), *total)
        elif turn is Turn.PERIODS:
            self.units = self.units[:1]
            self.below = self.below if self.sums else ()
            self.columns = tuple(Column.of(units[0], period) for period in periods)
        elif turn is Turn.BREAKDOWN:
            self.units, self.below, whole = self.units[:1], (), Column.of(units[0], periods[-1])
            self.lines, self.parts = divided(self.form_lines)
            self.columns = (whole, *(whole._replace(part=part) for part in self.parts))
        else:
            line = next(line for line in self.lines if line.indicator and line.indicator.key == item)
            self.lines = tuple(line._replace(label="", unit=unit) for unit in units)
            if below:
                self.lines += (line._replace(label="", typed=False, total=True),)
            self.columns = tuple(Column.of("", period) for period in periods)
        self.periods = tuple(dict.fromkeys(column.period for column in self.columns))
        self._columns: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, column in enumerate(self.columns):
            # A figure stands in its own period and beside that of the next one; a rule may look at it a year later.
            for code in {column.code, column.before_code, column.period.same_period_last_year.code}:
                for unit in ("",) if turn is Turn.INDICATOR else self._moving(column.unit, column.total):
                    self._columns[unit, code].append(number)
        self._rows: defaultdict[str, list[int]] = defaultdict(list)
        for row, line in enumerate(self.lines) if turn is Turn.INDICATOR else ():
            for unit in self._moving(line.unit, line.total):
                self._rows[unit].append(row)
        self._catalogue = catalogue

    @cached_property
    def _row(self) -> dict[str, int]:
        """The row of each indicator, or of each unit where the rows are units."""
        shown = ((row, line) for row, line in enumerate(self.lines) if line.indicator is not None and not line.total)
        return {line.unit or line.indicator.key: row for row, line in shown if line.indicator}

    @cached_property
    def _dependents(self) -> dict[str, set[str]]:
        """See `_dependents`; worked out when something changes first, since rules may be many."""
        return _dependents(self._catalogue, self.form)

    def _moving(self, unit: str, total: bool) -> tuple[str, ...]:
        """The units with whose figures a unit's cells, or the total's, look different.

        A total is made of all, and the cell that takes it is measured by it.
        """
        if total:
            return self.below
        return (unit, *self.below) if self.sums else (unit,)

    @property
    def name(self) -> tuple[object, ...]:
        """What tells it from another layout."""
        item = self.item if self.turn is Turn.INDICATOR else ""
        return self.form.key, self.turn, self.units, self.below, self.period, item

    def key(self, row: int, column: int) -> Key | None:
        """Address of the cell; None for a heading's and a total's."""
        line, shown = self.lines[row], self.columns[column]
        indicator, part = line.indicator, shown.part
        if indicator is None or line.total or shown.total or (part and not indicator.has_part(part)):
            return None
        return Key(VALUE, shown.unit or line.unit, indicator.key, shown.code, part)

    def keys(self, row: int, columns: range) -> list[Key | None]:
        """Addresses of the cells of a row, as `key` gives each; there may be very many."""
        line = self.lines[row]
        if line.indicator is None or line.total:
            return [None] * len(columns)
        unit, item, has_part = line.unit, line.indicator.key, line.indicator.has_part
        # By the tuple's own maker: a named tuple's takes three times as long.
        return [
            None
            if shown.total or (shown.part and not has_part(shown.part))
            else tuple.__new__(Key, (VALUE, shown.unit or unit, item, shown.code, shown.part))
            for shown in self.columns[columns.start : columns.stop]
        ]

    def is_total(self, row: int, column: int) -> bool:
        """Whether the cell shows what `below` come to."""
        line = self.lines[row]
        return line.total or (self.columns[column].total and line.indicator is not None)

    def row_of(self, item: str, unit: str = "") -> int | None:
        """The row of an indicator, or of a unit where the rows are units; None where there is none."""
        return self._row.get(unit if self.turn is Turn.INDICATOR else item)

    def column_of(self, unit: str, period: str = "", part: str = "") -> int | None:
        """The column of a unit, a period code, the layout's own where it is "", and a part; None without one."""
        code = period or self.period.code
        unit = "" if self.turn is Turn.INDICATOR else unit
        found = self._columns.get((unit, code), ())
        return next((place for place in found if self._is_of(self.columns[place], unit, code, part)), None)

    def places(self, keys: Iterable[Key]) -> tuple[set[int], set[int]]:
        """Rows and columns of the values at these addresses, as far as they are shown; there may be very many."""
        by_unit = self.turn is Turn.INDICATOR
        if by_unit:
            keys = [key for key in keys if key.item == self.item]
        by_column: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        for _, unit, item, code, part in keys:
            by_column[unit, code, part].add(unit if by_unit else item)
        rows: set[int] = set()
        columns: set[int] = set()
        for address, names in by_column.items():
            column = self.column_of(*address)
            shown = self._row.keys() & names
            if column is not None and shown:
                columns.add(column)
                rows.update(self._row[name] for name in shown)
        return rows, columns

    def _is_of(self, column: Column, unit: str, code: str, part: str) -> bool:
        return (column.unit, column.code, column.part) == (unit, code, part) and not column.total

    def touched(self, key: Key) -> tuple[list[int], list[int]]:
        """Rows and columns of the cells that look different when the value at `key` changes."""
        by_unit = self.turn is Turn.INDICATOR
        columns = self._columns.get(("" if by_unit else key.unit, key.period), [])
        # What a member says is measured by the whole, too.
        columns = [place for place in columns if self.columns[place].part in ("", key.part)]
        items = self._dependents.get(key.item, {key.item})
        if by_unit:
            return (self._rows.get(key.unit, []) if self.item in items else []), columns
        return sorted(self._row[item] for item in items if item in self._row), columns


def divided(lines: Sequence[Line]) -> tuple[tuple[Line, ...], dict[str, Label]]:
    """Those lines whose indicators are divided, under their headings, and all members by key, in order."""
    found: list[Line] = []
    parts: dict[str, Label] = {}
    heading: Line | None = None
    for line in lines:
        if line.indicator is None:
            heading = line
        elif line.indicator.breakdown is not None:
            if heading is not None:
                found.append(heading)
                heading = None
            found.append(line)
            parts |= {member.key: member.name for member in line.indicator.breakdown.members}
    return tuple(found), parts


def periods_to(last: Period, count: int) -> list[Period]:
    """Up to `count` periods one after the other; before the first of them lies at least one more."""
    found = [last]
    while len(found) < count and found[0].year > FIRST_YEAR + 1:
        found.insert(0, found[0].previous)
    return found


def _dependents(catalogue: Catalogue, form: Form) -> dict[str, set[str]]:
    """The indicators to show anew when one's value changes: itself, what is computed of it, what rules mark with it.

    One that nothing depends on is left out.
    """
    moved = catalogue.moved_by(form.key)
    found = {item: {item, *computed} for item, computed in moved.items()}
    marked: defaultdict[str, set[str]] = defaultdict(set)
    for rule in catalogue.rules_of(form.key):
        for figure in rule.figures:
            marked[figure.indicator].update(rule.marks)
    for indicator in catalogue.indicators_of(form.key):
        for item in (indicator.key, *moved.get(indicator.key, ())):
            if item in marked:
                found.setdefault(indicator.key, {indicator.key}).update(marked[item])
    return found
