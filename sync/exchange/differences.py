"""What importing a sheet would change: every cell new, changed, the same, or refused and why. Nothing is written."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Final, NamedTuple, overload

from sync.domain.catalogue import NUMBERS, Indicator, ValueType
from sync.domain.keys import VALUE, Key
from sync.domain.numbers import MAX_DIGITS, Convention, NumberError, parse_number
from sync.domain.spelling import day_text, fits, spelled
from sync.domain.text import fold, nfc
from sync.domain.values import CLEARED, EMPTY, Value, with_kept_note
from sync.exchange.sheets import Cell, Sheet

_EXACT: Final = 1e15
"""Whole numbers below this are what they are, to the last digit."""

MAX_TEXT: Final = 1_000
"""Longest text of a cell, as where it is typed."""


_OF_BREAKDOWN: Final = "/"


def line_of(item: str, part: str) -> str:
    """What a file calls the line of a cell: its indicator's key, and behind it the member of a breakdown."""
    return f"{item}{_OF_BREAKDOWN}{part}" if part else item


def is_part(line: str) -> bool:
    """Whether a line is that of a member of a breakdown."""
    return _OF_BREAKDOWN in line


def whole_of(line: str) -> str:
    """The indicator of a line."""
    return line.partition(_OF_BREAKDOWN)[0]


def lines_of(indicator: Indicator) -> dict[str, str]:
    """The lines of an indicator by name, with their parts: the whole, and each member of its breakdown."""
    members = indicator.breakdown.members if indicator.breakdown is not None else ()
    return {line_of(indicator.key, part): part for part in ("", *(member.key for member in members))}


class Kind(StrEnum):
    """What importing would do with a cell."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class Difference(NamedTuple):
    """One cell of a file, or with `row` or `column` −1 a whole column or row that is left out.

    `unit` and `item` (as `line_of`) say where it goes, "" where that is unknown; `before` and `after` are contents.
    `reason` says why it is refused, or what makes a new or changed one doubtful: REFUSALS and DOUBTS. `text` is what
    stands in the file, where that is not plain from `after`: also the heading of an indicator that is left out. That of
    a unit stands as `unit`.
    """

    kind: Kind
    row: int
    column: int
    unit: str
    item: str
    before: str
    after: str
    reason: str = ""
    text: str = ""

    def key(self, period: str) -> Key:
        """The address of the cell in the period that the file is of."""
        item, _, part = self.item.partition(_OF_BREAKDOWN)
        return Key(VALUE, self.unit, item, period, part)


REFUSALS: Final = ("unknown", "ambiguous", "computed", "total", "twice", "not_here", "too_long")
DOUBTS: Final = (
    "not_a_number",
    "below_minimum",
    "not_whole",
    "too_many_decimals",
    "not_a_choice",
    "not_a_day",
    "emptied",
)


_UNFIT: Final = {ValueType.CHOICE: "not_a_choice", ValueType.DATE: "not_a_day"}


class Differences(Sequence[Difference]):
    """Many differences, kept as plain tuples, which the collector of garbage need not look at again and again."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, int, int, str, str, str, str, str, str]] = []

    def add(self, one: tuple[str, int, int, str, str, str, str, str, str]) -> None:
        """Keep the fields of a Difference, its kind by value."""
        self._kept.append(one)

    def places(self, kinds: Iterable[Kind], doubtful: bool = True) -> list[int]:
        """Where those of some kinds stand; the doubtful and refused ones only if asked for."""
        wanted = {kind.value for kind in kinds}
        return [place for place, one in enumerate(self._kept) if one[0] in wanted and (doubtful or not one[7])]

    def counts(self) -> Counter[Kind]:
        """How many there are of each kind."""
        return Counter({Kind(kind): count for kind, count in Counter(one[0] for one in self._kept).items()})

    def put(self, place: int, one: Difference) -> None:
        """Take another in the place of one."""
        self._kept[place] = (one.kind.value, *one[1:])

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, place: int) -> Difference: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Difference]: ...
    def __getitem__(self, place: int | slice) -> Difference | Sequence[Difference]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        one = self._kept[place]
        return Difference(Kind(one[0]), *one[1:])


class LeftOut(NamedTuple):
    """A row (`column` −1) or a column (`row` −1) that goes nowhere: its heading and one of REFUSALS."""

    row: int
    column: int
    text: str
    reason: str


class Layout(NamedTuple):
    """Where a sheet's cells go: its rows and columns by number, each an indicator's or a unit's key.

    `by_unit` says that rows are units and columns indicators; else it is the other way round.
    """

    rows: Mapping[int, str]
    columns: Mapping[int, str]
    by_unit: bool
    left_out: tuple[LeftOut, ...] = ()


class Reading(NamedTuple):
    """How a file's cells are understood: the mark of its decimals, and the words for a missing figure, folded.

    `given` are the contents by unit and indicator that stood in a form when it was given out: what still stands
    there was not touched and says nothing, and what was erased empties. In any other file an empty cell says nothing.
    `year` is that of a day that is written without one.
    """

    convention: Convention
    missing: Mapping[str, str]
    given: Mapping[tuple[str, str], str] = MappingProxyType({})
    year: int | None = None


def differences(
    sheet: Sheet,
    layout: Layout,
    indicators: Mapping[str, Indicator],
    current: Mapping[str, Mapping[str, str]],
    reading: Reading,
) -> Differences:
    """Compare a sheet with the `current` contents by unit and indicator; what is left out stands first."""
    found = Differences()
    add, new = found.add, Kind.NEW.value
    for out in layout.left_out:
        unit, text = (out.text, "") if (out.column < 0) == layout.by_unit else ("", out.text)
        add((Kind.REFUSED.value, out.row, out.column, unit, "", CLEARED, CLEARED, out.reason, text))
    readers = {key: _Reader(indicators[key], reading) for key in indicators}
    by_unit, plain = layout.by_unit, not reading.given
    columns = [(column, across, readers[across] if by_unit else None) for column, across in layout.columns.items()]
    for row, down in layout.rows.items():
        cells = sheet.rows.get(row, ())
        width, of_row = len(cells), None if by_unit else readers[down]
        for column, across, of_column in columns:
            cell = cells[column] if column < width else ""
            unit, item = (down, across) if by_unit else (across, down)
            before = current.get(unit, _NOTHING).get(item, CLEARED)
            reader = of_row or of_column
            assert reader is not None
            # A whole number in a free cell, as nearly all are, is told of at once.
            if cell.__class__ is float and plain and before == CLEARED and reader.takes(cell):
                add((new, row, column, unit, item, before, str(int(cell)), "", ""))
                continue
            given = reading.given.get((unit, item), CLEARED)
            if cell == "":
                kind, after = against(before, CLEARED) if given != CLEARED else (Kind.SAME, before)
                if kind is Kind.CHANGED:
                    add((kind.value, row, column, unit, item, before, after, "emptied", ""))
                continue
            after, reason = reader.read(cell)
            if reason in REFUSALS:
                kind, after = Kind.REFUSED, CLEARED
            else:
                if given != CLEARED and against(given, after)[0] is Kind.SAME:
                    after = before  # nobody touched it, whatever has come since
                kind, after = against(before, after)
            reason = "" if kind is Kind.SAME else reason
            add((kind.value, row, column, unit, item, before, after, reason, written(cell)))
    return found


_NOTHING: Final[Mapping[str, str]] = {}


def against(before: str, after: str) -> tuple[Kind, str]:
    """What kind of difference `after` is from what stands, and what to write.

    A file knows of no note: that of the same value stays, and another value has none.
    """
    after = with_kept_note(before, after)
    if before == after:
        return Kind.SAME, after
    if before == CLEARED or Value.of(before).is_empty:
        return Kind.NEW, after
    return Kind.CHANGED, after


class _Reader:
    """Reads the cells of one indicator, and keeps what it read."""

    def __init__(self, indicator: Indicator, reading: Reading) -> None:
        self._indicator, self._reading = indicator, reading
        self._numeric = indicator.type in NUMBERS
        self._least = -_EXACT if indicator.minimum is None else max(-_EXACT, float(indicator.minimum))
        self._most = _EXACT if self._numeric else -_EXACT
        self._read: dict[tuple[type, Cell], tuple[str, str]] = {}

    def takes(self, number: float) -> bool:
        """Whether a number is a whole one that fits."""
        return self._least <= number < self._most and number.is_integer()

    def read(self, cell: Cell) -> tuple[str, str]:
        """The content that a cell says, and a reason of REFUSALS or DOUBTS, "" where there is none."""
        known = self._read.get((type(cell), cell))
        if known is None:
            known = self._read[type(cell), cell] = self._first(cell)
        return known

    def _first(self, cell: Cell) -> tuple[str, str]:
        number = number_in(cell, self._reading.convention) if self._numeric else None
        if number is not None:
            return Value(number=number).content(), self._indicator.fault(number)
        text = written(cell)
        missing = self._reading.missing.get(fold(text))
        if missing is not None:
            return Value(missing=missing).content(), ""
        if not text:
            return EMPTY.content(), ""
        if len(text.encode("utf-16-le")) > 2 * MAX_TEXT:
            return CLEARED, "too_long"
        if self._numeric:
            return Value(raw=text).content(), "not_a_number"
        if isinstance(cell, date) and self._indicator.type is ValueType.DATE:
            text = day_text(cell.year, cell.month, cell.day)
        text = spelled(text, self._indicator, self._reading.year)
        return Value(text=text).content(), "" if fits(text, self._indicator) else _UNFIT[self._indicator.type]


def number_in(cell: Cell, convention: Convention) -> Decimal | None:
    """The number that a cell holds or writes, to the 15 digits that a spreadsheet shows; None if there is none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        if not isfinite(cell) or abs(cell) >= 10**MAX_DIGITS:
            return None
        return Decimal(int(cell)) if cell == int(cell) else Decimal(f"{cell:.15g}")
    if isinstance(cell, str):
        try:
            return parse_number(cell, convention)
        except NumberError:
            return None
    return None


def written(cell: Cell) -> str:
    """What a person sees in a cell, in NFC: whole numbers without ".0", days as 30/04/2026."""
    if isinstance(cell, str):
        return nfc(cell.replace("\0", "")).strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime) and cell.time() != time():
        return f"{cell:%d/%m/%Y %H:%M}"
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else str(cell)


_FIGURE: Final = re.compile(r"[\s+−-]*[0-9]")
_SHAPE: Final = str.maketrans("12345678", "99999999")
"""Texts that are alike but for these digits are numbers in the same conventions: one of them is enough to try."""


class Conventions(NamedTuple):
    """The conventions that a sheet's texts can be in, and one of them that is read otherwise in each.

    `example` is "" where they all are the same numbers in both.
    """

    possible: tuple[Convention, ...]
    example: str


def conventions(sheet: Sheet, rows: Iterable[int], columns: Sequence[int]) -> Conventions:
    """Which conventions fit the numbers that `rows` and `columns` hold as text: one alone is told by the file.

    Where none of them tells, or they contradict each other, both are possible.
    """
    texts: dict[str, str] = {}
    for row in rows:
        cells = sheet.rows.get(row, ())
        width = len(cells)
        for column in columns:
            cell = cells[column] if column < width else ""
            if isinstance(cell, str) and not cell.isdecimal() and _FIGURE.match(cell):
                texts.setdefault(cell.translate(_SHAPE), cell)
    told: dict[Convention, str] = {}
    example = ""
    for text in texts.values():
        vietnamese, english = (number_in(text, convention) for convention in Convention)
        if vietnamese == english:
            continue
        if vietnamese is None or english is None:
            told.setdefault(Convention.ENGLISH if vietnamese is None else Convention.VIETNAMESE, text)
        else:
            example = example or text
    possible = tuple(told) if len(told) == 1 else tuple(Convention)
    return Conventions(possible, example or next(iter(told.values()), ""))
