"""The frozen part of the grid: labels, names and units of measure at the left, the units' names on top."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from desktop.entry.lines import Line
from desktop.entry.model import GridModel
from desktop.widgets import theme
from desktop.widgets.viewport import give_viewport
from desktop.widgets.words import language, say

ROW = 34
"""Pixels of a line at plain text size; stacked capitals such as Ẳ need 28."""
_PAD = 10
_LABEL, _NAME_LEAST, _NAME_MOST, _MEASURE_LEAST = 58, 224, 320, 58
_NAME_LINES, _UNIT_LINES = 3, 4
"""Most lines of an indicator's and of a unit's name; the rest is in the tooltip."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAP = Qt.TextFlag.TextWordWrap


class RowHeading(QHeaderView):
    """Every line's label, name and unit of measure; it stays while the columns scroll beside it.

    A name that is too long for its width goes on in a second and third line, and its row is higher.
    """

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        give_viewport(self, QPalette.ColorRole.Button, tracks_mouse=True)
        self._view = view
        self._model: GridModel | None = None
        self._name, self._name_wanted, self._measure = 0, 0, 0
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(theme.px(ROW))
        self.setDefaultSectionSize(theme.px(ROW))
        self.setSectionsClickable(True)
        self.setAccessibleName(say("entry.grid.indicators"))

    def wanted_width(self, model: GridModel) -> int:
        """Pixels at which most names stand in one line."""
        if model is not self._model:
            self._model, self._name = model, 0
            names, words = QFontMetrics(theme.font()), QFontMetrics(theme.font("small"))
            widest = max(names.horizontalAdvance(line.title) for line in model.lines)
            self._name_wanted = min(widest + theme.px(2 * _PAD) + 1, theme.px(_NAME_MOST))
            parts = [part for line in model.lines for part in _measure_of(line).split()]
            longest = max((words.horizontalAdvance(part) for part in parts), default=0)
            self._measure = max(longest + theme.px(2 * _PAD) + 1, theme.px(_MEASURE_LEAST))
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
        metrics = QFontMetrics(theme.font())
        for row, line in enumerate(self._model.lines):
            lines = _lines(metrics, name - theme.px(2 * _PAD), line.title, _NAME_LINES) if line.indicator else 1
            height = max(theme.px(ROW), lines * metrics.lineSpacing() + theme.px(8))
            if self.sectionSize(row) != height:
                self.resizeSection(row, height)

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

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        below = self.rect().adjusted(0, self.length() - self.offset(), 0, 0)
        if below.height() > 0:
            QPainter(self.viewport()).fillRect(below, theme.roles().surface)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        model = self.model()
        if not rect.isValid() or not isinstance(model, GridModel):
            return
        line, shown, pad = model.lines[logicalIndex], theme.roles(), theme.px(_PAD)
        painter.save()
        painter.fillRect(rect, shown.computed if line.indicator and not line.typed else shown.surface)
        painter.setPen(shown.line)
        if line.indicator is None:
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
            painter.setFont(theme.font("body", strong=True))
            painter.setPen(shown.accent)
            painter.drawText(rect.adjusted(pad, theme.px(6), -pad, 0), _LEFT, line.title)
        else:
            self._paint_line(painter, rect, line, logicalIndex)
        painter.restore()

    def _paint_line(self, painter: QPainter, rect: QRect, line: Line, row: int) -> None:
        shown, pad = theme.roles(), theme.px(_PAD)
        here = self._view.currentIndex().row() == row
        if here:
            painter.fillRect(rect, shown.accent_soft)
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
        painter.drawText(name.adjusted(pad, 0, -pad, 0), _LEFT | _WRAP, line.title)
        painter.setFont(theme.font("small"))
        painter.setPen(shown.muted)
        painter.drawText(measure.adjusted(pad, 0, -2, 0), _LEFT | _WRAP, _measure_of(line))


class UnitHeading(QHeaderView):
    """The units' names, on two lines where they are long."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        give_viewport(self, QPalette.ColorRole.Button, tracks_mouse=True)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setMinimumSectionSize(theme.px(56))
        self.setSectionsClickable(True)
        self.setAccessibleName(say("entry.grid.units"))
        self._measured: tuple[int, tuple[str, ...]] = (0, ())
        self._lines = 1

    def sizeHint(self) -> QSize:
        """As high as the longest name needs at the columns' width."""
        model, metrics = self.model(), QFontMetrics(theme.font("small", strong=True))
        if isinstance(model, GridModel) and model.columnCount():
            width = self.sectionSize(0) - theme.px(2 * _PAD) + 4
            names = tuple(model.unit_name(column) for column in range(model.columnCount()))
            # Qt asks at every step of a layout.
            if (width, names) != self._measured:
                self._measured = width, names
                self._lines = max(_lines(metrics, width, name, _UNIT_LINES) for name in names)
        return QSize(self.length(), theme.px(18) + max(self._lines, 2) * metrics.lineSpacing() - 8)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        model = self.model()
        if not rect.isValid() or not isinstance(model, GridModel):
            return
        shown, pad = theme.roles(), theme.px(_PAD) - 2
        here = self._view.currentIndex().column() == logicalIndex
        painter.save()
        painter.fillRect(rect, shown.accent_soft if here else shown.computed)
        painter.setPen(shown.line)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(shown.faint)
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.setFont(theme.font("small", strong=True))
        painter.setPen(shown.accent if here else shown.muted)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | _WRAP
        text = model.unit_name(logicalIndex) or say("entry.grid.own_unit")
        painter.drawText(QRectF(rect.adjusted(pad, 0, -pad, 0)), flags, text)
        painter.restore()


class Corner(QWidget):
    """The headings of the frozen part, over the table's corner."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown, pad = QPainter(self), theme.roles(), theme.px(_PAD)
        painter.fillRect(self.rect(), shown.computed)
        heading = self._view.verticalHeader()
        assert isinstance(heading, RowHeading)
        painter.setFont(theme.font("small", strong=True))
        words = (say("entry.grid.label"), say("entry.grid.indicator"), say("entry.grid.measure"))
        for area, word in zip(heading.cells(self.rect()), words, strict=True):
            painter.setPen(shown.faint)
            painter.drawLine(area.topRight(), area.bottomRight())
            painter.setPen(shown.muted)
            painter.drawText(area.adjusted(pad, 0, -2, 0), _LEFT, word)
        painter.setPen(shown.line)
        painter.drawLine(self.rect().bottomLeft(), self.rect().bottomRight())
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())


def _measure_of(line: Line) -> str:
    return line.indicator.unit_of_measure.name.text(language()) if line.indicator else ""


def _lines(metrics: QFontMetrics, width: int, text: str, most: int) -> int:
    """How many lines `text` takes in `width` pixels, at most `most`."""
    high = metrics.boundingRect(QRect(0, 0, width, 10_000), int(_WRAP.value), text).height()
    return max(1, min(most, round(high / metrics.lineSpacing())))
