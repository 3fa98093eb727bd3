"""Tables written as xlsx and CSV, for a spreadsheet to open; a file appears whole or not at all."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sync.domain.errors import EnvironmentFault
from sync.exchange.sheets import Cancelled, never

if TYPE_CHECKING:  # loaded when a workbook is written
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

_WIDTHS: Final = (8, 60)
_SAFE_DIGITS: Final = 15
_HEADER: Final = 120
"""Letters of a title on printed pages: Excel takes 255 with all marks."""
_STEP: Final = 512
"""Rows between two looks at whether the person gave up."""

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Table(NamedTuple):
    """What a view shows: what it is of, its headings, and rows of figures and texts as wide as they are."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[str | Decimal]]


def write_xlsx(path: Path, table: Table, cancelled: Callable[[], bool] = never) -> None:
    """Write a table with its headings frozen. Raises EnvironmentFault "file_unwritable", and Cancelled."""
    with workbook(path) as book:
        sheet = book.add_worksheet()
        book.set_properties({"title": table.title})
        # What is printed of it says what it is of; a sheet that is read by machines begins with its headings.
        sheet.set_header("&C" + table.title[:_HEADER].replace("&", "&&"))
        head = book.add_format(
            {"bold": True, "bg_color": "#F3F5F8", "text_wrap": True, "valign": "vcenter", "border": 1}
        )
        looks: dict[int, Format] = {}
        for column, heading in enumerate(table.headings):
            sheet.write_string(0, column, heading, head)
        for row, cells in enumerate(_watched(table.rows, cancelled), 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif len(cell.as_tuple().digits) > _SAFE_DIGITS:
                    sheet.write_string(row, column, f"{cell:f}")
                else:
                    places = _places(cell)
                    if places not in looks:
                        looks[places] = book.add_format({"num_format": number_format(places)})
                    sheet.write_number(row, column, float(cell), looks[places])
        for column, width in enumerate(_widths(table)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 1)


def write_csv(path: Path, table: Table, decimal_mark: str, cancelled: Callable[[], bool] = never) -> None:
    """Write a table in UTF-8 with a mark that Excel knows it by; semicolons divide it where decimals take the comma.

    Raises EnvironmentFault "file_unwritable", and Cancelled.
    """
    with whole(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";" if decimal_mark == "," else ",")
        writer.writerow(map(_harmless, table.headings))
        for cells in _watched(table.rows, cancelled):
            writer.writerow(
                _harmless(cell) if isinstance(cell, str) else f"{cell:f}".replace(".", decimal_mark) for cell in cells
            )


@contextmanager
def workbook(path: Path) -> Iterator["Workbook"]:
    """A workbook to fill, which is at `path` once it is complete. Raises EnvironmentFault "file_unwritable"."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with whole(path) as part:
        # Else its parts would lie, for a while, where everybody's temporary files do.
        book = Workbook(part, {"strings_to_urls": False, "strings_to_formulas": False, "in_memory": True})
        yield book
        try:
            book.close()
        except FileCreateError as error:
            raise PermissionError(str(error)) from error


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to, which takes its place when all is written."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise EnvironmentFault("file_unwritable", file=path.name) from error
    finally:
        part.unlink(missing_ok=True)


def _watched(
    rows: Iterable[Sequence[str | Decimal]], cancelled: Callable[[], bool]
) -> Iterator[Sequence[str | Decimal]]:
    for number, row in enumerate(rows):
        if number % _STEP == 0 and cancelled():
            raise Cancelled
        yield row


def number_format(places: int) -> str:
    """The format of figures with so many decimals, with Vietnamese marks wherever the file is opened."""
    return "[$-42A]#,##0" + (f".{'0' * places}" if places else "")


def _places(number: Decimal) -> int:
    """Digits behind the decimal mark."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _widths(table: Table) -> list[int]:
    """Widths in letters that show most of what the first rows hold."""
    least, most = _WIDTHS
    widths = [len(heading) for heading in table.headings]
    for row in table.rows[:_STEP]:
        widths = [max(width, len(str(cell))) for width, cell in zip(widths, row, strict=True)]
    return [max(least, min(most, width + 2)) for width in widths]


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text
