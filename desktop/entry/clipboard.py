"""Blocks of cells on the clipboard: tab-separated text and an HTML table, as spreadsheets write and read them."""

import csv
import html
import json
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from html.parser import HTMLParser
from io import StringIO
from typing import Final, NamedTuple

from PySide6.QtCore import QMimeData

from sync.domain.numbers import Convention, NumberError, parse_number

OWN: Final = "application/x-soxa-cells"
"""What only this program reads: the cells' contents, which say more than their texts."""
_LONGEST_HTML: Final = 400_000
"""Letters of HTML that are read for the exact figures in it; a longer one is read as text, many times as fast."""
_LONGEST_TEXT: Final = 50_000_000
_SIGNIFICANT: Final = 15
"""Digits that a spreadsheet's figures have; what is behind them is the noise of binary fractions."""


class Piece(NamedTuple):
    """One cell of a block: its text, and the exact `number` or our own `content` where the clipboard tells it."""

    text: str
    number: Decimal | None = None
    content: str = ""


Pieces = tuple[tuple[Piece, ...], ...]
Texts = Sequence[Sequence[str]]


class Copied(NamedTuple):
    """A block from the clipboard, every row equally long: its texts, and all that the clipboard tells of each cell
    where it tells more. `ours` was copied in this program."""

    texts: Texts
    told: Pieces = ()
    ours: bool = False

    @classmethod
    def of(cls, told: Pieces, ours: bool = False) -> "Copied":
        """A block of which the clipboard tells more than the texts."""
        return cls([[piece.text for piece in row] for row in told], told, ours)

    @property
    def height(self) -> int:
        return len(self.texts)

    @property
    def width(self) -> int:
        return len(self.texts[0])


def written(rows: Sequence[Sequence[Piece]]) -> QMimeData:
    """A block in all three forms."""
    made = QMimeData()
    text = StringIO()
    csv.writer(text, "excel-tab").writerows([piece.text for piece in row] for row in rows)
    made.setText(text.getvalue())
    lines = ("<tr>" + "".join(map(_td, row)) + "</tr>" for row in rows)
    head = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta charset="utf-8">'
    made.setHtml(f"{head}<table>{''.join(lines)}</table></html>")
    made.setData(OWN, json.dumps([[(piece.text, piece.content) for piece in row] for row in rows]).encode())
    return made


def _td(piece: Piece) -> str:
    exact = "" if piece.number is None else f' align="right" sdval="{piece.number:f}" x:num="{piece.number:f}"'
    return f"<td{exact}>{html.escape(piece.text)}</td>"


def read(mime: QMimeData) -> Copied | None:
    """The block on the clipboard; None where there is none, or a text that is no block of any sensible size."""
    if mime.hasFormat(OWN):
        found = json.loads(bytes(mime.data(OWN).data()))
        told = tuple(tuple(Piece(text, content=content) for text, content in row) for row in found)
        return Copied.of(told, ours=True)
    if mime.hasHtml():
        source = mime.html()
        if len(source) <= _LONGEST_HTML or not mime.hasText():
            table = table_of(source)
            if table:
                return Copied.of(table)
    text = mime.text() if mime.hasText() else ""
    return Copied(block_of(text)) if text and len(text) <= _LONGEST_TEXT else None


def block_of(text: str) -> Texts:
    """The cells of tab-separated text; a cell with tabs or lines in it stands in quotes.

    Spreadsheets end every row with a line break, the last one, too: another one behind it is of an empty row.
    """
    lines = text.removesuffix("\n").removesuffix("\r")
    try:
        rows = list(csv.reader(StringIO(lines, newline=""), "excel-tab", strict=True))
    except csv.Error:
        # A quotation mark that only happens to stand first.
        rows = [line.split("\t") for line in lines.splitlines()]
    if lines.endswith(("\r", "\n")):
        rows.append([])
    width = max((len(row) for row in rows), default=0) or 1  # an empty cell alone is a line and nothing else
    return [row if len(row) == width else row + [""] * (width - len(row)) for row in rows or [[""]]]


def table_of(source: str) -> Pieces:
    """The cells of the first table in an HTML text; none without a table."""
    parser = _Table()
    parser.feed(source)
    parser.close()
    if not any(parser.rows):
        return ()
    width = max(len(row) for row in parser.rows)
    return tuple((*row, *[Piece("")] * (width - len(row))) for row in parser.rows)


class _Table(HTMLParser):
    """Reads the first table: a merged cell is its first one, the others are empty."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[Piece]] = []
        self._tables, self._done = 0, False
        self._text: list[str] | None = None
        self._number: Decimal | None = None
        self._span = (1, 1)
        self._below: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._tables += 1
        elif self._tables != 1 or self._done:
            return
        elif tag == "tr":
            self._end_cell()
            self._end_row()
            self.rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            if not self.rows:
                self.rows.append([])
            given = dict(attrs)
            self._text = []
            self._number = _exact(given.get("sdval") or given.get("x:num"))
            self._span = _span(given.get("rowspan")), _span(given.get("colspan"))
        elif tag == "br" and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._tables -= 1
            if self._tables == 0 and not self._done:
                self._end_cell()
                self._end_row()
                self._done = True
        elif tag in ("td", "th") and self._tables == 1:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None:
            return
        row, text = self.rows[-1], " ".join("".join(self._text).split())
        # A day and a percentage are numbers to a spreadsheet, and others than they say.
        number = self._number if self._number is not None and says(text, self._number) else None
        self._skip(row)
        rows, columns = self._span
        for place in range(columns):
            if rows > 1:
                self._below[len(row)] = rows
            row.append(Piece(text, number) if place == 0 else Piece(""))
        self._text = None

    def _end_row(self) -> None:
        if self.rows:
            self._skip(self.rows[-1])
        self._below = {column: rows - 1 for column, rows in self._below.items() if rows > 1}

    def _skip(self, row: list[Piece]) -> None:
        """Leave out the columns into which a cell from above reaches."""
        while len(row) in self._below and len(self.rows) > 1:
            row.append(Piece(""))


_MOST_SPAN: Final = 1_000


def _span(given: str | None) -> int:
    return min(int(given), _MOST_SPAN) if given and given.isascii() and given.isdigit() and int(given) else 1


def says(text: str, number: Decimal, places: int = 0) -> bool:
    """Whether a text writes `number` in one of the two conventions, rounded to no fewer than so many decimal `places`
    where it has not as many."""
    return any(_writes(text, number, places, convention) for convention in Convention)


def _writes(text: str, number: Decimal, places: int, convention: Convention) -> bool:
    try:
        written = parse_number(text, convention)
    except NumberError:
        return False
    exponent = written.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(written - number) * 2 <= Decimal(1).scaleb(-max(places, -exponent))


def _exact(given: str | None) -> Decimal | None:
    """The figure that a spreadsheet gives beside the text; None for none, or one that is not finite."""
    try:
        number = Decimal(given or "")
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > _SIGNIFICANT:
        return None
    return Context(prec=_SIGNIFICANT).plus(number)
