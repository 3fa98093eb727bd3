"""The zip that a modern workbook is: how much it unpacks to, how far its sheets reach, and what else lies in it."""

import re
import zipfile
import zlib
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Final, NamedTuple

from sync.domain.errors import EnvironmentFault

MAX_AREA: Final = 1 << 23
"""Cells of the rectangles that the sheets fill: the reader takes memory for all of them, empty or not."""

MAX_UNPACKED: Final = 64 << 20
"""Bytes of all parts together; a workbook of 10,000 rows and 20 columns has a tenth of it."""

_COLUMN: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})[0-9]""")
_ROW: Final = re.compile(rb"""\br\s*=\s*["'][A-Z]{0,3}([0-9]{1,7})["']""")
"""Where a cell, and a row or a cell, of a sheet says that it stands."""

_LONGER: Final = [re.compile(b' r="' + b"[A-Z]" * (count + 1)) for count in range(4)]
"""Names of cells with more letters than their number in this list."""

_ERROR: Final = b' t="e"'
"""A cell whose formula failed (#DIV/0!, #REF!): the reader gives nothing for it."""

_UNRECKONED: Final = re.compile(
    rb"""<(?:\w+:)?c\b(?![^<>]*\bt=["']str["'])[^<>]*>\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"""
)
"""A cell whose formula has no result, as programs write it that reckon nothing: the reader gives nothing for it. One
whose result is a text may well be empty."""

_CHUNK: Final = 1 << 19
_OVERLAP: Final = 64
_FORMULA_OVERLAP: Final = 1 << 16
"""Bytes that are looked at in one go, during which other threads wait, and those that two goes share: a name, or a
formula, of which Excel takes 8,192 characters."""

_ODS_SHEETS: Final = "content.xml"
_ODS_MANIFEST: Final = "META-INF/manifest.xml"


class Package(NamedTuple):
    """What lies in a workbook's zip. `area` is that of large sheets, in cells.

    `errors` says whether a formula failed, `unreckoned` whether one has no result.
    """

    parts: frozenset[str]
    area: int
    errors: bool
    unreckoned: bool


def look_into(path: Path, check: Callable[[], None]) -> Package:
    """Unpack a workbook to nowhere, part by part, calling `check` before each.

    Sizes are counted, never believed: a zip may say of a part that it is small. Raises EnvironmentFault
    "file_too_large", "file_password" or "file_damaged".
    """
    left, filled, errors, unreckoned = MAX_UNPACKED, 0, False, False
    try:
        with zipfile.ZipFile(path) as archive:
            # The manifest first: under a password the other parts of an OpenDocument are no XML.
            for info in sorted(archive.infolist(), key=lambda info: info.filename != _ODS_MANIFEST):
                check()
                part = _unpacked(archive, info, left)
                left -= len(part)
                if left < 0:
                    raise EnvironmentFault("file_too_large", file=path.name)
                if info.filename == _ODS_MANIFEST and b"encryption-data" in part:
                    raise EnvironmentFault("file_password", file=path.name)
                if info.filename == _ODS_SHEETS:
                    reach = _ods_reach(part)
                    filled += reach.area
                    unreckoned = reach.unreckoned
                elif info.filename.endswith(".xml"):
                    filled += area(part, MAX_AREA // 2)
                    errors = errors or _ERROR in part
                    unreckoned = unreckoned or _is_unreckoned(part)
            return Package(frozenset(archive.namelist()), filled, errors, unreckoned)
    except RuntimeError as error:  # what zipfile says of a part under a password
        raise EnvironmentFault("file_password", file=path.name) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeDecodeError, NotImplementedError) as error:
        raise EnvironmentFault("file_damaged", file=path.name) from error


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    """A part's bytes, or one more than `left` of them."""
    counted = copy(info)
    counted.file_size = left + 2  # never reached, where the checksum would be looked at
    with archive.open(counted) as part:
        return part.read(left + 1)


def area(sheet: bytes, enough: int = 0) -> int:
    """Rows times columns from A1 to the farthest cell of a sheet's XML; 0 where that is plainly within `enough`."""
    if enough and _is_within(sheet, enough):
        return 0
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    for start in range(0, len(sheet), _CHUNK):
        chunk = sheet[max(0, start - _OVERLAP) : start + _CHUNK]
        rows.update(_ROW.findall(chunk))
        columns.update(_COLUMN.findall(chunk))
    return max(map(int, rows), default=0) * max(map(_column, columns), default=0)


def _is_within(sheet: bytes, enough: int) -> bool:
    """Whether the longest names of a sheet's cells tell already that it reaches no farther: a fifth of the work."""
    if sheet.count(b" r=") != sheet.count(b' r="') or b" r " in sheet:
        return False  # no spreadsheet writes it so
    if any(space in sheet and (b"r" + space in sheet or space + b"r=" in sheet) for space in (b"\t", b"\n", b"\r")):
        return False
    letters = next((count for count, longer in enumerate(_LONGER) if not longer.search(sheet)), len(_LONGER))
    rows = enough // sum(26**place for place in range(1, letters + 1)) if letters else 0
    digits = len(str(rows)) - 1
    return digits > 0 and not re.search(b' r="[A-Z]*' + b"[0-9]" * (digits + 1), sheet)


def _is_unreckoned(sheet: bytes) -> bool:
    """Whether a formula of a sheet has no result."""
    if b"<f" not in sheet and b":f" not in sheet:
        return False  # as most sheets: the rest is a look at every cell
    starts = range(0, len(sheet), _CHUNK)
    return any(_UNRECKONED.search(sheet, max(0, start - _FORMULA_OVERLAP), start + _CHUNK) for start in starts)


def _column(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column


class _Reach:
    """How far the sheets of an OpenDocument reach, where one cell or row may stand for a million alike.

    `unreckoned` says whether a formula in them has no result.
    """

    def __init__(self) -> None:
        self.unreckoned = False
        self.before = 0  # of the sheets that came before this one
        self._rows = self._columns = 0
        self._row_times = self._column = self._last = self._empty_rows = 0

    @property
    def area(self) -> int:
        """Rows times columns of every sheet so far."""
        return self.before + self._rows * self._columns

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.before = self.area
            self._rows = self._columns = self._empty_rows = 0
        elif name == "table:table-row":
            self._row_times = _times(attributes, "table:number-rows-repeated")
            self._column = self._last = 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._column += _times(attributes, "table:number-columns-repeated")
            if "office:value-type" in attributes:
                self._last = self._column
            elif "table:formula" in attributes:
                self.unreckoned = True

    def end(self, name: str) -> None:
        if name != "table:table-row":
            return
        if not self._last:
            self._empty_rows += self._row_times
            return
        self._rows += self._empty_rows + self._row_times
        self._empty_rows = 0
        self._columns = max(self._columns, self._last)


def _times(attributes: dict[str, str], name: str) -> int:
    written = attributes.get(name, "1")
    return int(written) if written.isdecimal() else 1


def _ods_reach(content: bytes) -> _Reach:
    """How far an OpenDocument's sheets reach; its area is that of all of them, from A1 to the farthest filled cell."""
    from xml.parsers import expat  # a start, which reads CSV, does without

    reach = _Reach()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reach.start
    parser.EndElementHandler = reach.end
    try:
        for start in range(0, len(content), _CHUNK):
            parser.Parse(content[start : start + _CHUNK], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise zipfile.BadZipFile(str(error)) from error
    return reach
