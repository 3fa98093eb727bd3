"""Which column and which row of a foreign sheet means what: proposed from its headings, confirmed by a person."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from sync.domain.numbers import Convention
from sync.domain.text import nfc
from sync.exchange.differences import Layout, LeftOut, is_part, number_in, whole_of
from sync.exchange.names import Names, is_total
from sync.exchange.sheets import Cell, Sheet

_HEADING_ROWS: Final = 40
_DEEPEST: Final = 3
"""How far down headings are looked for, and how many rows they take."""

_COLUMNS: Final = 400
"""Columns whose headings are looked at."""

_NAME_COLUMNS: Final = 12
_TRIED_ROWS: Final = 200
"""Columns in which the names of the rows are looked for, and rows that are tried for it."""

LEAVE: Final = ""
"""What is chosen for a row or column that goes nowhere."""


class Frame(NamedTuple):
    """Where a sheet's headings stand: rows `first` to `last`, and the column `names` for those of the rows.

    `by_unit` says that rows are units and columns indicators; else it is the other way round.
    """

    first: int
    last: int
    names: int
    by_unit: bool


class Target(NamedTuple):
    """A row or column by its number and heading, the keys that it may mean, and the one chosen, LEAVE for none.

    `is_shared` says that another one means the same: "Kỳ trước" and "Kỳ này" under one "Số hộ nghèo".
    """

    place: int
    text: str
    candidates: tuple[str, ...]
    chosen: str
    is_total: bool = False
    is_shared: bool = False


class Proposal(NamedTuple):
    """What a sheet's rows and columns are taken for, until a person says otherwise."""

    frame: Frame
    rows: tuple[Target, ...]
    columns: tuple[Target, ...]

    @property
    def weight(self) -> int:
        """How many cells have a place to go."""
        return _chosen(self.rows) * _chosen(self.columns)

    @property
    def open(self) -> tuple[Target, ...]:
        """Columns and rows that a person has to choose for: they may mean several things, or several mean the same."""
        return (*_open(self.columns), *_open(self.rows))

    @property
    def fit(self) -> tuple[int, int]:
        """How well it fits the sheet: by the cells that have a place to go, then by the places to choose for."""
        return self.weight, len(self.open)


def _open(targets: Sequence[Target]) -> Iterator[Target]:
    chosen = {target.chosen for target in targets}
    for target in targets:
        shared = target.is_shared and target.candidates[0] not in chosen
        if not target.chosen and (shared or len(target.candidates) > 1):
            yield target


def propose(sheet: Sheet, units: Names, indicators: Names, frame: Frame | None = None) -> Proposal:
    """What a sheet seems to hold, read with this `frame` or with the one that explains most of it."""
    if frame is not None:
        return _in_frame(sheet, frame, units, indicators)
    numbers = sorted(sheet.rows)[:_HEADING_ROWS]
    best, weight = Frame(numbers[0], numbers[0], 0, by_unit=True), (0, 0)
    for by_unit in (True, False):
        across, down = (indicators, units) if by_unit else (units, indicators)
        for first in numbers:
            for last in range(first, min(first + _DEEPEST, numbers[-1] + 1)):
                texts = dict(_headings(sheet, first, last))
                headings = {column: _of_heading(across, parts) for column, parts in texts.items()}
                found = {column for column, keys in headings.items() if keys}
                # "Nam" alone tells less than "Nam" under what it is a part of.
                bare = {headings[one] for one in found if len(texts[one]) == 1 and all(map(is_part, headings[one]))}
                told = sum(1 if keys in bare else 2 for keys in {headings[column] for column in found})
                if told * _TRIED_ROWS <= weight[0]:
                    continue
                names, count = _names_column(sheet, last, found, down)
                # One row alone is preferred to several that explain no more.
                if (told * count, first - last) > weight:
                    best, weight = Frame(first, last, names, by_unit), (told * count, first - last)
    if not weight[0] and len(units.keys) == 1:
        best = _frame_of_one(sheet, numbers, indicators) or best
    return _in_frame(sheet, _with_lower(sheet, best, units if best.by_unit else indicators), units, indicators)


def _with_lower(sheet: Sheet, frame: Frame, down: Names) -> Frame:
    """The frame with the headings that stand below one of several columns, though they explain no more of the sheet."""
    below = frame.last + 1
    row = sheet.rows.get(below, ())
    is_heading = len(down.candidates(_text(sheet, below, frame.names))) != 1
    if below - frame.first >= _DEEPEST or not is_heading or any(_is_figure(cell) for cell in row):
        return frame
    own = {column: text for column in range(min(_COLUMNS, len(row))) if (text := _text(sheet, frame.last, column))}
    spread = _spread(sheet, frame.last, below, min(_COLUMNS, len(row)), own)
    if not any(_text(sheet, below, column) for column in spread.keys() - own.keys()):
        return frame
    return _with_lower(sheet, frame._replace(last=below), down)


def _frame_of_one(sheet: Sheet, numbers: Sequence[int], indicators: Names) -> Frame | None:
    """A form of one unit names only the indicators: its heading stands above the first of them."""
    names, _ = _names_column(sheet, -1, set(), indicators)
    first = next((row for row in numbers if indicators.candidates(_text(sheet, row, names))), 0)
    above = [row for row in numbers if row < first]
    return Frame(above[-1], above[-1], names, by_unit=False) if above else None


def _names_column(sheet: Sheet, last: int, taken: set[int], down: Names) -> tuple[int, int]:
    """The column in which most rows below the headings are named, and how many."""
    rows = [row for row in sorted(sheet.rows) if row > last][:_TRIED_ROWS]
    counts = {
        column: sum(bool(down.candidates(_text(sheet, row, column))) for row in rows)
        for column in range(_NAME_COLUMNS)
        if column not in taken
    }
    names = max(counts, key=counts.__getitem__, default=0)
    return names, counts.get(names, 0)


def _in_frame(sheet: Sheet, frame: Frame, units: Names, indicators: Names) -> Proposal:
    across, down = (indicators, units) if frame.by_unit else (units, indicators)
    headings = [(column, text) for column, text in _headings(sheet, frame.first, frame.last) if column != frame.names]
    columns = tuple(
        Target(column, " ".join(parts), found, LEAVE, total)
        for column, parts in headings
        for total in (not frame.by_unit and is_total(parts[-1]),)
        for found in (() if total else _of_heading(across, parts),)
    )
    rows = []
    whole = ""
    for row in sorted(number for number in sheet.rows if number > frame.last):
        text = _text(sheet, row, frame.names)
        total = frame.by_unit and not down.has(text) and is_total(text)
        found = () if total or not text else down.candidates(text)
        if found and all(map(is_part, found)):
            # "Nam" is of the indicator under which it stands, if that is divided so.
            found = tuple(line for line in found if whole_of(line) == whole) or (() if whole else found)
        elif text:
            whole = found[0] if len(found) == 1 else ""
        rows.append(Target(row, text, found, LEAVE, total))
    if not frame.by_unit and len(units.keys) == 1:
        columns = _only_unit(sheet, columns, rows, units.keys[0])
    named_rows, named_columns = _named(rows), _named(columns)
    return Proposal(
        frame,
        _sure(rows, lambda row: any(sheet.cell(row, column) != "" for column in named_columns)),
        _sure(columns, lambda column: any(sheet.cell(row, column) != "" for row in named_rows)),
    )


def _named(targets: Sequence[Target]) -> list[int]:
    """Where something is known by name; everywhere, where nothing is."""
    return [target.place for target in targets if target.candidates] or [target.place for target in targets]


def _sure(targets: Sequence[Target], is_filled: Callable[[int], bool]) -> tuple[Target, ...]:
    """Choose what has one candidate alone; of those that have the same one, that which alone is filled, else none."""
    alike: Counter[tuple[str, ...]] = Counter(target.candidates for target in targets if len(target.candidates) == 1)
    filled = [alike[target.candidates] > 1 and is_filled(target.place) for target in targets]
    of_filled: Counter[tuple[str, ...]] = Counter(
        target.candidates for target, one in zip(targets, filled, strict=True) if one
    )
    sure = []
    for target, one in zip(targets, filled, strict=True):
        if of_filled[target.candidates] and not one:
            sure.append(target._replace(candidates=()))  # it has nothing to say, whatever it is
        else:
            sure.append(as_proposed(target._replace(is_shared=of_filled[target.candidates] > 1)))
    return tuple(sure)


def as_proposed(target: Target) -> Target:
    """What is chosen before anybody says otherwise."""
    sure = len(target.candidates) == 1 and not target.is_shared
    return target._replace(chosen=target.candidates[0] if sure else LEAVE)


def _only_unit(sheet: Sheet, columns: tuple[Target, ...], rows: Sequence[Target], unit: str) -> tuple[Target, ...]:
    """A form of one unit does not name it: its one column of figures is meant."""
    if any(len(target.candidates) == 1 for target in columns):
        return columns
    named = [row.place for row in rows if len(row.candidates) == 1]
    figures = [target for target in columns if any(_is_figure(sheet.cell(row, target.place)) for row in named)]
    if len(figures) != 1:
        return columns
    return tuple(target._replace(candidates=(unit,)) if target in figures else target for target in columns)


def _headings(sheet: Sheet, first: int, last: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The texts above each column from the upper to the lower; a merged heading stands above all its columns."""
    width = min(_COLUMNS, max((len(sheet.rows.get(row, ())) for row in range(first, last + 1)), default=0))
    above: list[dict[int, str]] = []
    for row in range(first, last + 1):
        texts = {column: text for column in range(width) if (text := _text(sheet, row, column))}
        above.append(_spread(sheet, row, last, width, texts))
    for column in range(width):
        parts = dict.fromkeys(texts[column] for texts in above if column in texts)
        if parts:
            yield column, tuple(parts)


def _spread(sheet: Sheet, row: int, last: int, width: int, texts: dict[int, str]) -> dict[int, str]:
    """A row's headings over all the columns that they are merged across, or seem to be where the file does not tell."""
    spread = dict(texts)
    if sheet.merged is not None:
        for (top, left), (_, right) in sheet.merged:
            if top == row and left in texts:
                spread |= dict.fromkeys(range(left, min(right, width - 1) + 1), texts[left])
        return spread
    if row == last:
        return spread
    for column in range(1, width):
        below = any(_text(sheet, lower, column) for lower in range(row + 1, last + 1))
        if column not in spread and column - 1 in spread and below:
            spread[column] = spread[column - 1]
    return spread


def _of_heading(names: Names, parts: Sequence[str]) -> tuple[str, ...]:
    """What the lowest heading means alone, or, where that is not sure, together with those above it."""
    if len(parts) > 1 and is_total(parts[-1]):
        return _of_heading(names, parts[:-1])  # "Tổng số" is the whole of what stands above it
    alone = names.candidates(parts[-1])
    if len(parts) == 1:
        return alone
    together = names.candidates(" ".join(parts))
    if alone and all(map(is_part, alone)):
        # "Nam" under a heading that means something is of that alone.
        return tuple(filter(is_part, together)) or (() if names.candidates(" ".join(parts[:-1])) else alone)
    if len(alone) == 1:
        return alone
    return together if len(together) == 1 or not alone else alone


def _text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.cell(row, column)
    return " ".join(nfc(cell).split()) if isinstance(cell, str) else ""


def _is_figure(cell: Cell) -> bool:
    return any(number_in(cell, convention) is not None for convention in Convention)


def _chosen(targets: Sequence[Target]) -> int:
    return sum(bool(target.chosen) for target in targets)


# What the confirmed proposal makes of the sheet


def layout_of(sheet: Sheet, proposal: Proposal, computed: frozenset[str], convention: Convention) -> Layout:
    """Where the cells go. `computed` are the indicators that nobody types; sums and what goes nowhere are left out."""
    columns, columns_out = _places(proposal.columns, computed)
    rows, rows_out = _places(proposal.rows, computed)
    out = [
        LeftOut(-1, target.place, target.text, reason)
        for target, reason in columns_out.items()
        if any(sheet.cell(row, target.place) != "" for row in rows)
    ]
    sums = _Sums(sheet, tuple(columns), convention)
    for target in proposal.rows:
        if target.place in rows:
            sums.add(target.place)
            continue
        reason = rows_out[target]
        filled = any(sheet.cell(target.place, column) != "" for column in columns)
        if filled and reason == "unknown" and proposal.frame.by_unit and sums.is_sum(target.place):
            reason = "total"
        if filled:
            out.append(LeftOut(target.place, -1, target.text, reason))
    return Layout(rows, columns, proposal.frame.by_unit, tuple(out))


def _places(targets: Sequence[Target], computed: frozenset[str]) -> tuple[dict[int, str], dict[Target, str]]:
    """The key of each row or column that goes somewhere, and why the others do not."""
    places: dict[int, str] = {}
    taken: set[str] = set()
    out: dict[Target, str] = {}
    for target in targets:
        if target.is_total and not target.chosen:
            out[target] = "total"
        elif not target.chosen:
            alone = "twice" if target.is_shared else "unknown"
            out[target] = "ambiguous" if len(target.candidates) > 1 else alone
        elif target.chosen in computed:
            out[target] = "computed"
        elif target.chosen in taken:
            out[target] = "twice"
        else:
            taken.add(target.chosen)
            places[target.place] = target.chosen
    return places, out


class _Sums:
    """What the rows so far add up to, reckoned only when a row is met that may be their sum."""

    def __init__(self, sheet: Sheet, columns: Sequence[int], convention: Convention) -> None:
        self._sheet, self._columns, self._convention = sheet, columns, convention
        self._waiting: list[int] = []
        self._rows = 0
        self._sums = dict.fromkeys(columns, Decimal(0))

    def add(self, row: int) -> None:
        self._waiting.append(row)

    def is_sum(self, row: int) -> bool:
        """Whether every figure of a row is the sum of those above it, and one of them is not 0."""
        for above in self._waiting:
            for column, number in self._figures(above):
                self._sums[column] += number
        self._rows += len(self._waiting)
        self._waiting.clear()
        figures = list(self._figures(row))
        same = all(self._sums[column] == number for column, number in figures)
        return self._rows > 1 and same and any(number for _, number in figures)

    def _figures(self, row: int) -> Iterator[tuple[int, Decimal]]:
        for column in self._columns:
            number = number_in(self._sheet.cell(row, column), self._convention)
            if number is not None:
                yield column, number
