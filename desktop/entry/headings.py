"""The frozen part of the grid: labels, names and units of measure at the left, the units' names on top."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from desktop.entry.lines import Line
from desktop.entry.model import GridModel
from desktop.widgets import theme
from desktop.widgets.words import language, say

ROW, SECTION_ROW = 34, 36
"""Pixels of a line at plain text size; stacked capitals such as Ẳ need 28."""
_TOP, _PAD = 44, 10
_LABEL, _NAME_LEAST, _MEASURE = 58, 212, 66
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RowHeading(QHeaderView):
    """Every line's label, name and unit of measure; it stays while the columns scroll beside it."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        self._view, self._width = view, self.least_width()
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultSectionSize(theme.px(ROW))
        self.setMinimumSectionSize(theme.px(ROW))
        self.setSectionsClickable(True)
        self.setAccessibleName(say("entry.grid.indicators"))

    @staticmethod
    def least_width() -> int:
        return theme.px(_LABEL + _NAME_LEAST + _MEASURE)

    def wanted_width(self) -> int:
        """Pixels at which no name is shortened."""
        model = self.model()
        if not isinstance(model, GridModel):
            return self.least_width()
        metrics = QFontMetrics(theme.font())
        widest = max(metrics.horizontalAdvance(line.title) for line in model.lines)
        return theme.px(_LABEL + _MEASURE + 2 * _PAD) + widest

    def take_width(self, free: int) -> None:
        """Use what the columns leave free, as far as the names need it."""
        self._width = max(self.least_width(), min(self.wanted_width(), free))
        self.setFixedWidth(self._width)

    def sizeHint(self) -> QSize:
        return QSize(self._width, super().sizeHint().height())

    def cells(self, area: QRect) -> tuple[QRect, QRect, QRect]:
        """Where label, name and unit of measure stand in a line."""
        label, measure = theme.px(_LABEL), theme.px(_MEASURE)
        name = area.width() - label - measure
        return (
            QRect(area.left(), area.top(), label, area.height()),
            QRect(area.left() + label, area.top(), name, area.height()),
            QRect(area.left() + label + name, area.top(), measure, area.height()),
        )

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
        font = theme.font()
        painter.setFont(font)
        painter.setPen(shown.muted)
        painter.drawText(label.adjusted(pad, 0, -2, 0), _LEFT, line.label)
        assert line.indicator is not None
        unit = line.indicator.unit_of_measure.name.text(language())
        _draw_fitting(painter, measure.adjusted(pad, 0, -pad, 0), unit)
        painter.setPen(shown.text if line.typed else shown.muted)
        _draw_fitting(painter, name.adjusted(pad, 0, -pad, 0), line.title)


class UnitHeading(QHeaderView):
    """The units' names, on two lines where they are long."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setMinimumSectionSize(theme.px(56))
        self.setSectionsClickable(True)
        self.setAccessibleName(say("entry.grid.units"))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.px(_TOP))

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
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
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


def _draw_fitting(painter: QPainter, area: QRect, text: str) -> None:
    fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, _LEFT, fitting)
