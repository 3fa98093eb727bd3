"""The sheets of a workbook as they are read: within fixed bounds, and as often looked away from as a person asks."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sync.domain.errors import EnvironmentFault

if TYPE_CHECKING:  # loaded when a workbook is read
    from python_calamine import CalamineWorkbook

MAX_ROWS: Final = 20_000
"""Rows of one sheet that hold anything."""

MAX_SHEETS: Final = 50

_PANIC: Final = "pyo3_runtime"
_STEP: Final = 512
"""Rows between two looks at whether the person gave up."""

Cell = str | float | bool | date | time | datetime | timedelta
"""What a cell holds; "" is an empty one."""

Merge = tuple[tuple[int, int], tuple[int, int]]


class Cancelled(Exception):
    """The person gave up waiting."""


def never() -> bool:
    """Nobody gives up."""
    return False


class Sheet(NamedTuple):
    """`rows` are those that hold anything, by number from 0; `merged` None where the file does not tell."""

    name: str
    rows: Mapping[int, Sequence[Cell]]
    merged: tuple[Merge, ...] | None

    def cell(self, row: int, column: int) -> Cell:
        """What stands there, "" outside of what is filled."""
        cells = self.rows.get(row, ())
        return cells[column] if column < len(cells) else ""


def sheets_in(path: Path, raw: bytes, check: Callable[[], None]) -> list[Sheet]:
    """The sheets of a workbook whose bytes are `raw`, calling `check` now and then.

    Raises EnvironmentFault "file_password", "file_damaged" or "file_too_many_rows".
    """
    from python_calamine import CalamineError, PasswordError

    try:
        with _opened(path, raw) as book:
            found = []
            for place, about in enumerate(book.sheets_metadata[:MAX_SHEETS]):
                sheet = book.get_sheet_by_index(place)
                merged = sheet.merged_cell_ranges
                # Rows come from the first of the sheet on, cells from the first filled column on.
                lead: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
                rows = ((number, lead + cells if lead else cells) for number, cells in enumerate(sheet.iter_rows()))
                found.append(kept_sheet(path.name, about.name, rows, None if merged is None else tuple(merged), check))
            return found
    except PasswordError as error:
        raise EnvironmentFault("file_password", file=path.name) from error
    except CalamineError as error:
        raise EnvironmentFault("file_damaged", file=path.name) from error
    except BaseException as error:
        # Where the reader meets what it never thought of, it panics, and that is no Exception.
        if type(error).__module__ != _PANIC:
            raise
        raise EnvironmentFault("file_damaged", file=path.name) from error


def _opened(path: Path, raw: bytes) -> "CalamineWorkbook":
    """The workbook by its ending, or by its content where the two do not agree."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise
    except CalamineError:
        return CalamineWorkbook.from_filelike(io.BytesIO(raw))


def kept_sheet(
    file: str,
    name: str,
    rows: Iterable[tuple[int, Sequence[Cell]]],
    merged: tuple[Merge, ...] | None,
    check: Callable[[], None],
) -> Sheet:
    """A sheet of the rows that hold anything."""
    kept: dict[int, Sequence[Cell]] = {}
    for number, cells in rows:
        if number % _STEP == 0:
            check()
        if any(cell != "" for cell in cells):
            kept[number] = cells
            if len(kept) > MAX_ROWS:
                raise EnvironmentFault("file_too_many_rows", file=file)
    return Sheet(name, kept, merged)
