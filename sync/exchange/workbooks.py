"""Workbooks and CSV files of any origin, read within fixed bounds: sheets of cells, and what to know of the file."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from sync.domain.errors import EnvironmentFault
from sync.exchange.apart import sheets_read_apart
from sync.exchange.packages import MAX_AREA, look_into
from sync.exchange.sheets import Cancelled, Cell, Sheet, kept_sheet, never, sheets_in

MAX_BYTES: Final = 16 << 20

TEXTS: Final = (".csv", ".tsv", ".txt")
BOOKS: Final = (".xlsx", ".xlsm", ".xls", ".ods")
"""Endings of the files that are read."""

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_OLE_MACROS: Final = "_VBA_PROJECT_CUR".encode("utf-16-le")


class Note(StrEnum):
    """What a person should know of a file beside its figures."""

    MACROS = "macros"
    LINKS = "links"
    ERRORS = "errors"
    UNRECKONED = "unreckoned"
    OPEN_ELSEWHERE = "open_elsewhere"


class Book(NamedTuple):
    """A file's name, its sheets that hold anything, and its notes."""

    file: str
    sheets: tuple[Sheet, ...]
    notes: frozenset[Note]


def read_book(path: Path, cancelled: Callable[[], bool] = never) -> Book:
    """Read an xlsx, xlsm, xls, ods or CSV. Macros are not run and links not followed: values are as last saved.

    Raises EnvironmentFault "file_…" with `file`, and Cancelled.
    """

    def check() -> None:
        if cancelled():
            raise Cancelled

    raw = _bytes(path)
    notes = {Note.OPEN_ELSEWHERE} if _is_open_elsewhere(path) else set()
    if raw.startswith((_ZIP, _OLE)):
        sheets = _sheets(path, raw, notes, check)
    elif path.suffix.lower() in TEXTS:
        sheets = [kept_sheet(path.name, path.stem, _csv_rows(path, raw), None, check)]
    else:
        raise EnvironmentFault("file_kind_unknown", file=path.name)
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    if not filled:
        raise EnvironmentFault("file_empty", file=path.name)
    return Book(path.name, filled, frozenset(notes))


def _bytes(path: Path) -> bytes:
    """The whole file, within bounds."""
    try:
        if path.is_dir():  # which Windows would call a file that must not be opened
            raise EnvironmentFault("file_is_folder", file=path.name)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except PermissionError as error:
        raise EnvironmentFault("file_busy", file=path.name) from error
    except OSError as error:
        raise EnvironmentFault("file_missing", file=path.name) from error
    if len(raw) > MAX_BYTES:
        raise EnvironmentFault("file_too_large", file=path.name)
    if not raw:
        raise EnvironmentFault("file_empty", file=path.name)
    return raw


def _is_open_elsewhere(path: Path) -> bool:
    """Whether a spreadsheet program left its sign that it has the file open, as Excel and LibreOffice do."""
    signs = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#")
    return any((path.parent / sign).exists() for sign in signs)


def _sheets(path: Path, raw: bytes, notes: set[Note], check: Callable[[], None]) -> list[Sheet]:
    """The sheets of a workbook."""
    if raw.startswith(_ZIP):
        package = look_into(path, check)
        if package.area > MAX_AREA:
            raise EnvironmentFault("file_too_many_rows", file=path.name)
        if package.errors:
            notes.add(Note.ERRORS)
        if package.unreckoned:
            notes.add(Note.UNRECKONED)
        if any(part.endswith("vbaProject.bin") or part.startswith("Basic/") for part in package.parts):
            notes.add(Note.MACROS)
        if any(part.startswith("xl/externalLinks/") for part in package.parts):
            notes.add(Note.LINKS)
        check()
        return sheets_in(path, raw, check)
    if _OLE_MACROS in raw:
        notes.add(Note.MACROS)
    return sheets_read_apart(path, check)


def _csv_rows(path: Path, raw: bytes) -> Iterable[tuple[int, Sequence[Cell]]]:
    """The rows of a CSV in UTF-8, or in UTF-16 as Excel's "Unicode text", divided by tabs, semicolons or commas."""
    try:
        text = raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise EnvironmentFault("file_encoding", file=path.name) from error
    if "\0" in text:
        raise EnvironmentFault("file_kind_unknown", file=path.name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, row in enumerate(reader):
            yield number, [cell.strip() for cell in row]
    except csv.Error as error:
        raise EnvironmentFault("file_damaged", file=path.name) from error


def _delimiter(text: str) -> str:
    """The mark that most lines have: a comma may be a decimal mark, a semicolon and a tab are not."""
    lines = [line for line in text.splitlines()[:100] if line.strip()]
    for mark in ("\t", ";"):
        if 2 * sum(mark in line for line in lines) > len(lines):
            return mark
    return ","
