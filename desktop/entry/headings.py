"""The frozen part of the grid: labels, names and units of measure at the left, the units' names on top."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHeaderView, QWidget

from desktop.entry.layout import Turn
from desktop.entry.lines import FormLines, Line
from desktop.entry.model import GridModel
from desktop.widgets import theme
from desktop.widgets.viewport import fill, fill_beyond, give_viewport, opaque
from desktop.widgets.words import language, say

if TYPE_CHECKING:
    from desktop.entry.view import GridView

ROW = 34
"""Pixels of a line at plain text size; stacked capitals such as Ẳ need 28."""
_PAD = 10
_LABEL, _NAME_LEAST, _NAME_MOST, _MEASURE_LEAST = 58, 224, 320, 58
_NAME_LINES, _UNIT_LINES = 3, 4
"""Most lines of an indicator's and of a unit's name; the rest is in the tooltip."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAP = Qt.TextFlag.TextWordWrap
_KEPT: Final = 8
"""Forms, fonts and widths of which it is kept how high their lines are."""


class RowHeading(QHeaderView):
    """Every line's label, name and unit of measure; it stays while the columns scroll beside it.

    A name that is too long for its width goes on in a second and third line, and its row is higher. `pressed` carries
    the first and last line to choose; -1 for the first means from the current one.
    """

    pressed = Signal(int, int)

    def __init__(self, view: "GridView") -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        give_viewport(self, QPalette.ColorRole.Button, tracks_mouse=True)
        self._view = view
        opaque(self)
        self._model: GridModel | None = None
        self._name, self._name_wanted, self._measure = 0, 0, 0
        self._pressed_at = -1
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.px(ROW))
        self.setDefaultSectionSize(theme.px(ROW))
        self.setAccessibleName(say("entry.grid.indicators"))

    def wanted_width(self, model: GridModel) -> int:
        """Pixels at which most names stand in one line."""
        if model is not self._model:
            self._model, self._name = model, 0
            names = _names_in(model)
            self._name_wanted = min(names.widest + theme.px(2 * _PAD) + 1, theme.px(_NAME_MOST))
            self._measure = max(names.measure + theme.px(2 * _PAD) + 1, theme.px(_MEASURE_LEAST))
        return theme.px(_LABEL) + self._name_wanted + self._measure

    def take_width(self, free: int) -> None:
        """Use what the columns leave free, as far as the names need it, and give every name its height."""
        assert self._model is not None
        rest = theme.px(_LABEL) + self._measure
        widest = max(self._name_wanted, theme.px(_NAME_LEAST))
        name = max(theme.px(_NAME_LEAST), min(widest, free - rest))
        if name == self._name:
            return
        self._name = name
        self.setFixedWidth(name + rest)
        with QSignalBlocker(self):  # the table looks once, when all have their heights
            self._take_heights(self._model, name - theme.px(2 * _PAD))
        self._view.viewport().update()

    def _take_heights(self, model: GridModel, room: int) -> None:
        """Make the rows as high as their names need in `room` pixels."""
        whole, font = model.layout.whole, theme.font()
        place = (whole, font, room) if model.lines is whole.lines else None
        if place is not None and (kept := _heights.get(place)) is not None:
            self.restoreState(kept)
            return
        spacing, least, more = QFontMetrics(font).lineSpacing(), theme.px(ROW), theme.px(8)
        # In the font of now: a window that is about to go may still be measured when the letters have grown.
        for row, wide in enumerate(_names_in(model).wide):
            is_tall = wide > room and model.lines[row].indicator
            lines = _lines(font, room, model.line_title(row), _NAME_LINES) if is_tall else 1
            high = max(least, lines * spacing + more)
            if high != self.sectionSize(row):  # Qt keeps the heights of lines that another form had
                self.resizeSection(row, high)
        if place is not None:
            if len(_heights) == _KEPT:
                del _heights[next(iter(_heights))]
            _heights[place] = self.saveState()

    def sizeHint(self) -> QSize:
        """The width taken; Qt would measure the texts of a hundred lines at every step of a layout."""
        return QSize(self.width(), self.length())

    def cells(self, area: QRect) -> tuple[QRect, QRect, QRect]:
        """Where label, name and unit of measure stand in a line."""
        label, measure = theme.px(_LABEL), self._measure
        name = area.width() - label - measure
        return (
            QRect(area.left(), area.top(), label, area.height()),
            QRect(area.left() + label, area.top(), name, area.height()),
            QRect(area.left() + label + name, area.top(), measure, area.height()),
        )

    def section_at(self, at: QPoint) -> int:
        """The line at a place, -1 for none."""
        return self.logicalIndexAt(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed_at = _press(self, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        _drag(self, event, self._pressed_at)

    def paintEvent(self, event: QPaintEvent) -> None:
        fill_beyond(self, self.width(), self.length() - self.offset())
        super().paintEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        model = self.model()
        if not rect.isValid() or not isinstance(model, GridModel):
            return
        line, shown, pad = model.lines[logicalIndex], theme.roles(), theme.px(_PAD)
        painter.save()
        fill(painter, rect, shown.computed if line.indicator and not line.typed else shown.surface)
        painter.setPen(shown.line)
        if line.indicator is None:
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
            painter.setFont(theme.font("body", strong=True))
            painter.setPen(shown.accent)
            painter.drawText(rect.adjusted(pad, theme.px(6), -pad, 0), _LEFT, line.title)
        else:
            self._paint_line(painter, rect, model, logicalIndex)
        painter.restore()

    def _paint_line(self, painter: QPainter, rect: QRect, model: GridModel, row: int) -> None:
        line, shown, pad = model.lines[row], theme.roles(), theme.px(_PAD)
        block = self._view.selection.block
        if block.top <= row <= block.bottom:
            fill(painter, rect, shown.accent_soft)
        label, name, measure = self.cells(rect)
        painter.setPen(shown.faint)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.drawLine(label.topRight(), label.bottomRight())
        painter.drawLine(name.topRight(), name.bottomRight())
        painter.setPen(shown.line)
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.setFont(theme.font())
        painter.setPen(shown.muted)
        painter.drawText(label.adjusted(pad, 0, -2, 0), _LEFT, line.label)
        painter.setPen(shown.text if line.typed else shown.muted)
        painter.drawText(name.adjusted(pad, 0, -pad, 0), _LEFT | _WRAP, model.line_title(row))
        painter.setFont(theme.font("small"))
        painter.setPen(shown.muted)
        painter.drawText(measure.adjusted(pad, 0, -2, 0), _LEFT | _WRAP, _measure_of(line))


class UnitHeading(QHeaderView):
    """The units' names, on two lines where they are long. `pressed` carries columns as those of RowHeading."""

    pressed = Signal(int, int)

    def __init__(self, view: "GridView") -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        give_viewport(self, QPalette.ColorRole.Button, tracks_mouse=True)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setMinimumSectionSize(theme.px(56))
        self._pressed_at = -1
        self.setAccessibleName(say("entry.grid.units"))
        self._measured: tuple[int, tuple[str, ...]] = (0, ())
        self._lines = 1

    def sizeHint(self) -> QSize:
        """As high as the longest name needs at the columns' width."""
        model, font = self.model(), theme.font("small", strong=True)
        if isinstance(model, GridModel) and model.columnCount():
            width = self.sectionSize(0) - theme.px(2 * _PAD) + 4
            names = tuple(model.heading(column) for column in range(model.columnCount()))
            # Qt asks at every step of a layout.
            if (width, names) != self._measured:
                self._measured = width, names
                self._lines = max(_lines(font, width, name, _UNIT_LINES) for name in names)
        return QSize(self.length(), theme.px(18) + max(self._lines, 2) * QFontMetrics(font).lineSpacing() - 8)

    def section_at(self, at: QPoint) -> int:
        """The column at a place, which may be the one that is held; -1 for none."""
        pinned = self._view.pinned
        if pinned.column is not None and pinned.holds(at.x()):
            return pinned.column
        return self.logicalIndexAt(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._view.pinned.holds(at.x()):
            self._pressed_at = _press(self, event)
            return
        super().mousePressEvent(event)
        from PySide6.QtWidgets import QStyle  # its hundreds of names are not for a start

        section, grip = self.logicalIndexAt(at), self.style().pixelMetric(QStyle.PixelMetric.PM_HeaderGripMargin)
        left = self.sectionViewportPosition(section)
        resizing = left + self.sectionSize(section) - at.x() <= grip or (at.x() - left < grip and section > 0)
        self._pressed_at = -1 if resizing else _press(self, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        _drag(self, event, self._pressed_at)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        pinned = self._view.pinned
        if pinned.left is not None and pinned.column is not None:
            painter, area = QPainter(self.viewport()), pinned.area(0, self.height())
            self.paintSection(painter, area, pinned.column)
            painter.setPen(theme.roles().line)
            painter.drawLine(area.topLeft(), area.bottomLeft())

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        model = self.model()
        if not rect.isValid() or not isinstance(model, GridModel):
            return
        shown, pad = theme.roles(), theme.px(_PAD) - 2
        block = self._view.selection.block
        here = block.left <= logicalIndex <= block.right
        painter.save()
        fill(painter, rect, shown.accent_soft if here else shown.computed)
        painter.setPen(shown.line)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(shown.faint)
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.setFont(theme.font("small", strong=True))
        painter.setPen(shown.accent if here else shown.muted)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | _WRAP
        text = model.heading(logicalIndex) or say("entry.grid.own_unit")
        painter.drawText(QRectF(rect.adjusted(pad, 0, -pad, 0)), flags, text)
        painter.restore()


class Corner(QWidget):
    """The headings of the frozen part, over the table's corner."""

    def __init__(self, view: "GridView") -> None:
        super().__init__(view)
        self._view = view

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown, pad = QPainter(self), theme.roles(), theme.px(_PAD)
        fill(painter, self.rect(), shown.computed)
        heading = self._view.verticalHeader()
        assert isinstance(heading, RowHeading)
        painter.setFont(theme.font("small", strong=True))
        model = self._view.model()
        of_units = isinstance(model, GridModel) and model.layout.turn is Turn.INDICATOR
        name = say("entry.grid.unit" if of_units else "entry.grid.indicator")
        words = (say("entry.grid.label"), name, say("entry.grid.measure"))
        for area, word in zip(heading.cells(self.rect()), words, strict=True):
            painter.setPen(shown.faint)
            painter.drawLine(area.topRight(), area.bottomRight())
            painter.setPen(shown.muted)
            painter.drawText(area.adjusted(pad, 0, -2, 0), _LEFT, word)
        painter.setPen(shown.line)
        painter.drawLine(self.rect().bottomLeft(), self.rect().bottomRight())
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())


class _Widths(dict[str, int]):
    """Pixels of texts: those of their letters together, but for what letters move beside each other."""

    def __init__(self, metrics: QFontMetrics) -> None:
        super().__init__()
        self._metrics = metrics

    def __missing__(self, text: str) -> int:
        one = len(text) == 1
        wide = self[text] = self._metrics.horizontalAdvance(text) if one else sum(map(self.__getitem__, text))
        return wide


@lru_cache(maxsize=4)
def _widths(font: QFont) -> _Widths:
    """The widths in a font, kept: the same names are shown again for every period and commune."""
    return _Widths(QFontMetrics(font))


class _Names(NamedTuple):
    """Pixels of every line's name, of the longest one, and of the longest word of a unit of measure."""

    wide: list[int]
    widest: int
    measure: int


def _measured(titles: Sequence[str], lines: Sequence[Line], body: QFont, small: QFont) -> _Names:
    widths, words = _widths(body), QFontMetrics(small)
    wide = [widths[title] for title in titles]
    measured = {line.indicator.unit_of_measure.key: line for line in lines if line.indicator}
    parts = {part for line in measured.values() for part in _measure_of(line).split()}
    return _Names(wide, max(wide), max((words.horizontalAdvance(part) for part in parts), default=0))


@lru_cache(maxsize=_KEPT)
def _names_of(whole: FormLines, body: QFont, small: QFont) -> _Names:
    """Of a form in the order of its lines, kept: it is shown again for every period."""
    return _measured([line.title for line in whole.lines], whole.lines, body, small)


def _names_in(model: GridModel) -> _Names:
    whole, fonts = model.layout.whole, (theme.font(), theme.font("small"))
    if model.lines is whole.lines:
        return _names_of(whole, *fonts)
    return _measured([model.line_title(row) for row in range(len(model.lines))], model.lines, *fonts)


_heights: dict[tuple[FormLines, QFont, int], QByteArray] = {}
"""The heights of a form's lines, as Qt writes them down, by font and pixels of the names: to give each its own takes
several times as long."""


def _press(heading: "RowHeading | UnitHeading", event: QMouseEvent) -> int:
    """Choose the line or column that was pressed, with Shift all up to it. Where it was, -1 for another button."""
    if event.button() != Qt.MouseButton.LeftButton:
        return -1
    found = heading.section_at(event.position().toPoint())
    if found >= 0:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        heading.pressed.emit(-1 if shift else found, found)
    return found


def _drag(heading: "RowHeading | UnitHeading", event: QMouseEvent, pressed_at: int) -> None:
    """Choose all from the line or column that was pressed to the one under the mouse."""
    found = heading.section_at(event.position().toPoint())
    if event.buttons() & Qt.MouseButton.LeftButton and pressed_at >= 0 and found >= 0:
        heading.pressed.emit(pressed_at, found)


def _measure_of(line: Line) -> str:
    return line.indicator.unit_of_measure.name.text(language()) if line.indicator else ""


@lru_cache(maxsize=8192)
def _lines(font: QFont, width: int, text: str, most: int) -> int:
    """How many lines `text` takes in `width` pixels, at most `most`."""
    metrics = QFontMetrics(font)
    high = metrics.boundingRect(QRect(0, 0, width, 10_000), int(_WRAP.value), text).height()
    return max(1, min(most, round(high / metrics.lineSpacing())))
