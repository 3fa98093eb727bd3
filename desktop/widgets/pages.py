"""A table on paper: spread over A4 pages with its headings on each, its notes, and where to sign.

Lengths are in points of 1/72 inch until they are painted. Nothing is told by colour: a printer may have none.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import ceil
from typing import Final, NamedTuple

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPen

from desktop.widgets import theme
from desktop.widgets.words import say

_MARGINS_MM: Final = QMarginsF(30, 20, 15, 20)
"""Left, top, right and bottom, as Nghị định 30/2020/NĐ-CP has them for documents."""

_LABEL, _NAME, _LEAST = 38.0, 170.0, 58.0
_MEASURE, _MEASURE_MOST = 52.0, 90.0
_PAD, _FOOT, _GAP = 4.0, 24.0, 10.0
_SIGNATURE: Final = 96.0
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAP: Final = Qt.TextFlag.TextWordWrap


class Row(NamedTuple):
    """A line: a section has no cells. `numeric` cells hold figures."""

    label: str
    name: str
    measure: str
    cells: tuple[str, ...]
    numeric: bool = True


class Printed(NamedTuple):
    """All that stands on the pages. `about` are lines under the title, `notes` those behind the table.

    `lead` are the headings of what stands first in every row: its label, its name and its measure.
    """

    title: str
    lead: tuple[str, str, str]
    about: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    warning: str
    printed: str


def lay_out(device: QPagedPaintDevice, printed: Printed) -> None:
    """Set the page to A4, upright where all columns fit beside each other, else broad."""
    device.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    device.setPageMargins(_MARGINS_MM, QPageLayout.Unit.Millimeter)
    device.setPageOrientation(QPageLayout.Orientation.Portrait)
    if _Table(device, printed).across > 1:
        device.setPageOrientation(QPageLayout.Orientation.Landscape)


class _Band(NamedTuple):
    """What stands on one page: columns and rows of the table, then notes, then perhaps the place to sign."""

    columns: range
    rows: range
    notes: range = range(0)
    signs: bool = False


class Sheets:
    """The pages of one print on one device, whose page is laid out."""

    def __init__(self, device: QPagedPaintDevice, printed: Printed, signatures: bool) -> None:
        self._device, self._table = device, _Table(device, printed)
        self._bands = self._broken(signatures)

    @property
    def count(self) -> int:
        return len(self._bands)

    def paint(self, painter: QPainter, turn: Callable[[], bool]) -> None:
        """Paint every page; `turn` begins the next one and says whether it could."""
        scale = self._device.logicalDpiX() / 72
        for number, band in enumerate(self._bands):
            if number and not turn():
                return
            painter.save()
            painter.setPen(QPen(theme.INK, scale * 0.5))
            _Page(painter, self._table, scale).paint(number, self.count, band)
            painter.restore()

    def _broken(self, signatures: bool) -> list[_Band]:
        """All rows of the first columns, then those of the next; then what stands behind the table."""
        table, bands, left = self._table, list[_Band](), 0.0
        for columns in table.groups:
            start = 0
            while start < len(table.heights):
                left = self._room(len(bands)) - table.heading_height
                end = _fitting(table, start, left)
                bands.append(_Band(columns, range(start, end)))
                left -= sum(table.heights[start:end])
                start = end
        notes = [table.note_height(note) for note in table.printed.notes]
        start = 0
        while start < len(notes):
            begin = table.line + _GAP  # their heading
            fits = sum(height <= left - begin for height in accumulate(notes[start:]))
            if not fits and bands[-1].rows:
                bands.append(bands[-1]._replace(rows=range(0)))
                left = self._room(len(bands) - 1)
                continue
            end = start + max(fits, 1)
            bands[-1] = bands[-1]._replace(notes=range(start, end))
            left -= begin + sum(notes[start:end])
            start = end
            if start < len(notes):
                bands.append(_Band(bands[-1].columns, range(0)))
                left = self._room(len(bands) - 1)
        if signatures:
            if left < _SIGNATURE:
                bands.append(_Band(bands[-1].columns, range(0)))
            bands[-1] = bands[-1]._replace(signs=True)
        return bands

    def _room(self, page: int) -> float:
        """What a page has between its head and its foot."""
        return self._table.height - _FOOT - (self._table.running_height if page else self._table.head_height)


def _fitting(table: "_Table", start: int, room: float) -> int:
    """The row at which the next page begins: no section's heading stands alone at a foot."""
    ends = list(accumulate(table.heights[start:]))
    end = start + max(1, sum(height <= room for height in ends))
    while end - 1 > start and end < len(table.heights) and not table.printed.rows[end - 1].cells:
        end -= 1
    return end


class _Table:
    """Widths and heights, measured in the device's own letters."""

    def __init__(self, device: QPagedPaintDevice, printed: Printed) -> None:
        self.printed, self.device = printed, device
        self.scale = device.logicalDpiX() / 72
        area = device.pageLayout().paintRectPoints()
        self.width, self.height = float(area.width()), float(area.height())
        self.fonts = {name: _font(points, strong) for name, (points, strong) in _FONTS.items()}
        self.line = self._metrics("body").lineSpacing() / self.scale
        figures = self._metrics("body")
        words = [word for row in printed.rows for word in row.measure.split()]
        longest = max(map(figures.horizontalAdvance, words), default=0.0) / self.scale + 2 * _PAD + 1
        self.measure = min(max(_MEASURE, longest), _MEASURE_MOST)
        lead = _LABEL + _NAME + self.measure
        cells = [cell for row in printed.rows if row.numeric for cell in row.cells if not cell[:1].isalpha()]
        widest = max((figures.horizontalAdvance(cell) for cell in cells), default=0.0) / self.scale + 2 * _PAD + 1
        least = min(max(_LEAST, widest), self.width - lead)
        count = len(printed.headings)
        fitting = max(1, int((self.width - lead) // least))
        self.across = ceil(count / fitting)
        each = ceil(count / self.across)
        self.groups = [range(start, min(start + each, count)) for start in range(0, count, each)]
        self.column = min((self.width - lead) / each, 1.6 * least)
        self.name = _NAME + max(0.0, min(120.0, self.width - lead - each * self.column))
        self.heights = [self._row_height(row) for row in printed.rows]
        headings = [self.tall(text, self.column, "strong") for text in printed.headings]
        for text, width in zip(printed.lead, (_LABEL, self.name, self.measure), strict=True):
            headings.append(self.tall(text, width, "strong"))
        self.heading_height = max([self.line, *headings]) + 2 * _PAD
        self.head_height = self._head_height()

    def _metrics(self, name: str) -> QFontMetricsF:
        return QFontMetricsF(self.fonts[name], self.device)

    def tall(self, text: str, width: float, name: str) -> float:
        """How high a text is that is broken into lines of a width."""
        room = QRectF(0, 0, (width - 2 * _PAD) * self.scale, 1e6)
        broken = self.broken(text, width, name)
        tall: float = self._metrics(name).boundingRect(room, int(_LEFT | _WRAP), broken).height()
        return tall / self.scale

    def broken(self, text: str, width: float, name: str) -> str:
        """The text, in which what is wider than a line without a space, as a code or an address, is broken too."""
        if all(len(word) < _LONG for word in text.split()):
            return text
        metrics, room = self._metrics(name), (width - 2 * _PAD) * self.scale
        lines = [""]
        for letter in text:
            if letter.isspace():
                lines[-1:] = [lines[-1] + letter, ""]
            elif metrics.horizontalAdvance(lines[-1] + letter) > room and lines[-1]:
                lines[-1:] = [lines[-1] + "\n", letter]
            else:
                lines[-1] += letter
        return "".join(lines)

    def _row_height(self, row: Row) -> float:
        if not row.cells:
            return self.tall(row.name, self.width, "strong") + 3 * _PAD
        texts = [self.tall(cell, self.column, "body") for cell in row.cells]
        lead = self.tall(row.name, self.name, "body"), self.tall(row.measure, self.measure, "body")
        return max(*lead, *texts) + 2 * _PAD

    def _head_height(self) -> float:
        found = self.tall(self.printed.title, self.width, "title") + _GAP
        found += sum(self.tall(text, self.width, "body") for text in self.printed.about)
        if self.printed.warning:
            found += self.tall(self.printed.warning, self.width, "strong") + _GAP
        return found + _GAP

    @property
    def running_height(self) -> float:
        """What stands above the table on every page but the first."""
        return self.tall(self.running, self.width, "foot") + _GAP

    @property
    def running(self) -> str:
        printed = self.printed
        return " · ".join(part for part in (printed.title, *printed.about, printed.warning) if part)

    def note_height(self, text: str) -> float:
        return self.tall(text, self.width, "body")


_LONG: Final = 9
"""Letters of a word that every column holds."""
_FONTS: Final = {"title": (14.0, True), "strong": (9.5, True), "body": (9.5, False), "foot": (8.0, False)}


def _font(points: float, strong: bool) -> QFont:
    made = QFont(theme.FAMILY)
    made.setPointSizeF(points)
    if strong:
        made.setWeight(QFont.Weight.DemiBold)
    return made


class _Page:
    """One page being painted, from top to bottom."""

    def __init__(self, painter: QPainter, table: _Table, scale: float) -> None:
        self._painter, self._table, self._scale = painter, table, scale
        self._top = 0.0

    def paint(self, number: int, count: int, band: _Band) -> None:
        table = self._table
        if number == 0:
            self._head()
        else:
            self._text(table.running, 0, table.width, table.running_height - _GAP, "foot", _LEFT)
            self._top += table.running_height
        if band.rows:
            self._headings(band.columns)
            for row in band.rows:
                self._row(table.printed.rows[row], table.heights[row], band.columns)
        if band.notes:
            self._notes(band.notes)
        if band.signs:
            self._signatures()
        self._foot(number, count)

    def _head(self) -> None:
        table, printed = self._table, self._table.printed
        title = table.tall(printed.title, table.width, "title")
        self._text(printed.title, 0, table.width, title, "title", Qt.AlignmentFlag.AlignHCenter)
        self._top += title + _GAP
        for text in printed.about:
            height = table.note_height(text)
            self._text(text, 0, table.width, height, "body", Qt.AlignmentFlag.AlignHCenter)
            self._top += height
        if printed.warning:
            self._top += _GAP
            height = table.tall(printed.warning, table.width, "strong")
            self._text(printed.warning, 0, table.width, height, "strong", Qt.AlignmentFlag.AlignHCenter)
            self._top += height
        self._top += _GAP

    def _headings(self, columns: range) -> None:
        table = self._table
        printed = table.printed
        side = _RIGHT if any(row.numeric for row in printed.rows) else _LEFT
        texts = [(word, _LEFT) for word in printed.lead] + [(printed.headings[column], side) for column in columns]
        self._boxes(texts, table.heading_height, "strong")

    def _row(self, row: Row, height: float, columns: range) -> None:
        if not row.cells:
            width = _LABEL + self._table.name + self._table.measure + len(columns) * self._table.column
            self._box(0, width, height)
            self._text(row.name, _PAD, width - 2 * _PAD, height, "strong", _LEFT)
            self._top += height
            return
        texts = [(row.label, _LEFT), (row.name, _LEFT), (row.measure, _LEFT)]
        side = _RIGHT if row.numeric else _LEFT
        self._boxes([*texts, *((row.cells[column], side) for column in columns)], height, "body")

    def _boxes(self, texts: Sequence[tuple[str, Qt.AlignmentFlag]], height: float, font: str) -> None:
        left = 0.0
        for place, (text, side) in enumerate(texts):
            width = (_LABEL, self._table.name, self._table.measure)[place] if place < 3 else self._table.column
            self._box(left, width, height)
            self._text(text, left + _PAD, width - 2 * _PAD, height, font, side)
            left += width
        self._top += height

    def _notes(self, notes: range) -> None:
        table = self._table
        self._top += _GAP
        self._text(say("widgets.print.notes"), 0, table.width, table.line, "strong", _LEFT)
        self._top += table.line
        for note in notes:
            text = table.printed.notes[note]
            height = table.note_height(text)
            self._text(text, 0, table.width, height, "body", _LEFT)
            self._top += height

    def _signatures(self) -> None:
        table, half = self._table, self._table.width / 2
        self._top += _GAP
        for place, who in enumerate(("maker", "head")):
            self._text(say(f"widgets.print.{who}"), place * half, half, table.line, "strong", _CENTRE)
        self._top += table.line
        for place in range(2):
            self._text(say("widgets.print.sign"), place * half, half, table.line, "foot", _CENTRE)

    def _foot(self, number: int, count: int) -> None:
        table, printed = self._table, self._table.printed
        self._top = table.height - table.line
        page = say("widgets.print.page", number=number + 1, count=count)
        self._text(page, 0, table.width, table.line, "foot", _RIGHT)
        self._text(printed.printed, 0, table.width, table.line, "foot", _LEFT)

    def _box(self, left: float, width: float, height: float) -> None:
        self._painter.drawRect(self._area(left, width, height))

    def _text(self, text: str, left: float, width: float, height: float, font: str, side: Qt.AlignmentFlag) -> None:
        self._painter.setFont(self._table.fonts[font])
        broken = self._table.broken(text, width + 2 * _PAD, font)
        self._painter.drawText(self._area(left, width, height), int(side | _WRAP), broken)

    def _area(self, left: float, width: float, height: float) -> QRectF:
        scale = self._scale
        return QRectF(left * scale, self._top * scale, width * scale, height * scale)


_CENTRE: Final = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
