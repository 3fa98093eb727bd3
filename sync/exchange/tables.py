"""Tables with a heading row, read from CSV or xlsx into rows of texts by heading, within fixed bounds."""

import csv
import io
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from sync.domain.text import nfc

MAX_BYTES: Final = 16 << 20
"""Largest file, and the largest sum of what an xlsx unpacks to times four."""

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 4_000

_MAX_AREA: Final = 1 << 24
"""Cells of the rectangle that an xlsx fills: one stray cell in the last row is let pass, one in the last corner not."""


class Wrong(NamedTuple):
    """One thing that is wrong in a file: `line` counts from 1 (0 for the whole file), `reason` is a stable code.

    `text` is what stands there, or the name of what is missing.
    """

    file: str
    line: int
    reason: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}: {self.text}"


class TableError(Exception):
    """Why no table could be read: at least one `Wrong`."""

    def __init__(self, *wrongs: Wrong) -> None:
        super().__init__("\n".join(map(str, wrongs)))
        self.wrongs = wrongs


class Line(NamedTuple):
    """One row: `number` is where it starts in the file, `cells` are NFC texts without outer space, by heading.

    What stands under no heading is left out.
    """

    number: int
    cells: dict[str, str]


class Table(NamedTuple):
    """A file's rows that hold anything, in order."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(path: Path) -> Table:
    """Read a CSV (UTF-8, comma or semicolon) or the first sheet of an xlsx. Raises TableError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TableError(Wrong(path.name, 0, "file_too_large"))
        if path.suffix.lower() == ".csv":
            return read_csv(path.name, path.read_bytes())
        return _table(path.name, _xlsx_rows(path))
    except OSError as error:
        raise TableError(Wrong(path.name, 0, "file_missing", error.strerror or "")) from error


def read_csv(file: str, raw: bytes) -> Table:
    """As `read_table`, of a CSV that is in memory already; `file` is what it is called. Raises TableError."""
    return _table(file, _csv_rows(file, raw))


def require(file: str, table: Table, needed: Collection[str], known: Collection[str] | None = None) -> None:
    """Raise TableError for each needed heading that is absent, and for each one outside `known` if that is given."""
    wrongs = [Wrong(file, 1, "column_missing", name) for name in needed if name not in table.headings]
    if known is not None:
        wrongs += [Wrong(file, 1, "column_unknown", name) for name in table.headings if name not in known]
    if wrongs:
        raise TableError(*wrongs)


def _csv_rows(file: str, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(Wrong(file, raw.count(b"\n", 0, error.start) + 1, "not_utf8")) from error
    # Excel writes semicolons where the comma is the decimal mark, as in Vietnam.
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise TableError(Wrong(file, start, "csv_damaged", str(error))) from error


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    # Here: a desktop reads its catalogue, which is CSV, at every start.
    from python_calamine import CalamineError, load_workbook

    from sync.exchange.packages import area

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > 4 * MAX_BYTES:
                raise TableError(Wrong(path.name, 0, "file_too_large"))
            # The reader takes memory for all of it at once, and where there is none it ends the process.
            if any(area(archive.read(part)) > _MAX_AREA for part in archive.namelist() if part.endswith(".xml")):
                raise TableError(Wrong(path.name, 0, "too_many_rows"))
        with load_workbook(path) as book:
            if not book.sheet_names:
                raise TableError(Wrong(path.name, 0, "file_empty"))
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MAX_ROWS + 2)
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeDecodeError) as error:
        raise TableError(Wrong(path.name, 0, "xlsx_damaged", str(error))) from error
    for number, row in enumerate(rows, 1):
        yield number, [_text(cell) for cell in row]


def _text(cell: int | float | str | bool | time | date | datetime | timedelta) -> str:
    """A spreadsheet cell as a person would type it into a CSV: whole numbers without ".0", days as 2026-11-20."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not cell.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _table(file: str, rows: Iterable[tuple[int, Sequence[str]]]) -> Table:
    """Headings are the first row that holds anything. Raises TableError for all rows that do not fit it."""
    headings: tuple[str, ...] = ()
    lines: list[Line] = []
    wrongs: list[Wrong] = []
    for number, row in rows:
        cells = [nfc(cell).strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if not headings:
            headings = tuple(cells)
            twice = sorted({name for name in headings if name and headings.count(name) > 1})
            wrongs += [Wrong(file, number, "column_twice", name) for name in twice]
        elif len(cells) > len(headings) or len(cells) > MAX_COLUMNS:
            wrongs.append(Wrong(file, number, "too_many_cells", cells[-1][:MAX_CELL]))
        elif any(len(cell) > MAX_CELL for cell in cells):
            wrongs.append(Wrong(file, number, "cell_too_long"))
        else:
            cells += [""] * (len(headings) - len(cells))
            named = {name: cell for name, cell in zip(headings, cells, strict=True) if name}
            lines.append(Line(number, named))
        if len(lines) > MAX_ROWS:
            wrongs.append(Wrong(file, number, "too_many_rows", str(MAX_ROWS)))
            break
    if not headings:
        wrongs.append(Wrong(file, 0, "file_empty"))
    if wrongs:
        raise TableError(*wrongs)
    return Table(headings, tuple(lines))
