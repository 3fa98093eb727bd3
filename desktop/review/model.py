"""The matrix as Qt asks for it, and how a square is drawn: a mark and a word for its state, and what is behind it."""

from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.review.matrix import Matrix, Square
from desktop.widgets import formats, theme
from desktop.widgets.icons import pixmap
from desktop.widgets.words import language, say
from sync.domain.workflow import Stage

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()

COLUMN: Final = 200
"""Pixels of a column at plain text size."""

LOOKS: Final = {
    Stage.DRAFT: ("pencil", "muted"),
    Stage.SUBMITTED: ("clock", "accent"),
    Stage.RETURNED: ("undo", "warning"),
    Stage.APPROVED: ("shield-check", "good"),
    Stage.REOPENED: ("pencil", "warning"),
    Stage.WAITING: ("triangle-alert", "conflict"),
}
"""The icon and the colour's role of each stage; its word stands beside them."""


def stage_word(square: Square) -> str:
    """Where a form stands; an untouched one has not begun."""
    if square.submission.stage is Stage.DRAFT and len(square.findings.missing) == square.findings.cells:
        return say("review.stage.nothing")
    return say(f"review.stage.{square.submission.stage}")


def details(square: Square, now: datetime) -> str:
    """How complete a form is, and what stands against it, in short."""
    findings = square.findings
    parts = [say("review.square.filled", filled=findings.cells - len(findings.missing), cells=findings.cells)]
    if findings.errors:
        parts.append(say("review.square.errors", count=findings.errors))
    if findings.unexplained:
        parts.append(say("review.square.unexplained", count=findings.unexplained))
    if square.submission.stage is not Stage.DRAFT and square.submission.changed:
        parts.append(say("review.square.changed", count=len(square.submission.changed)))
    if square.submission.refused or (square.submission.step and square.submission.step.rivals):
        parts.append(say("review.square.between"))
    if square.asked:
        parts.append(say("review.square.asked", count=len(square.asked)))
    if square.is_closed:
        parts.append(say("review.square.closed"))
    if square.is_late(now):
        parts.append(say("review.square.late"))
    return " · ".join(parts)


class MatrixModel(QAbstractTableModel):
    """Rows are units, columns forms in their periods."""

    def __init__(self, matrix: Matrix, now: datetime, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.matrix, self.now = matrix, now
        self._headings: dict[int, str] = {}

    def square(self, index: Index) -> Square | None:
        """The form at `index`; None for nothing, and where a unit has no such form."""
        return self.matrix.square(index.row(), index.column()) if index.isValid() else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.matrix.units)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.matrix.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.square(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        square = self.square(index)
        if square is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return stage_word(square)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            name, period = square.column.form.name.text(language()), formats.period(square.column.period.code)
            return " · ".join((square.unit.name, name, period, stage_word(square), details(square, self.now)))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if orientation == Qt.Orientation.Vertical:
            return self.matrix.units[section].name
        if role == Qt.ItemDataRole.DisplayRole:
            # Asked for many times over, by every look at the sizes.
            if section not in self._headings:
                self._headings[section] = self._heading(section, elided=True)
            return self._headings[section]
        return self._heading(section, elided=False)

    def _heading(self, section: int, *, elided: bool) -> str:
        column = self.matrix.columns[section]
        name, period = column.form.name.text(language()), formats.period(column.period.code)
        if elided:
            # Each line by itself: elided as one the period would be lost.
            room = theme.px(COLUMN) - theme.px(24)
            metrics = QFontMetrics(theme.font("small", strong=True))
            name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        return f"{name}\n{period}"


class SquareDelegate(QStyledItemDelegate):
    """Two lines: the state with its mark, and the figures behind it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, MatrixModel)
        square, roles = model.square(index), theme.roles()
        area = QRectF(option.rect)
        painter.save()
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(area, roles.accent_soft if chosen else roles.surface if square else roles.computed)
        painter.setPen(roles.faint)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topRight(), area.bottomRight())
        if square is not None:
            _draw(painter, area, square, model.now)
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(roles.accent)
            painter.drawRect(area.adjusted(0.5, 0.5, -1.5, -1.5))
        painter.restore()


def _draw(painter: QPainter, area: QRectF, square: Square, now: datetime) -> None:
    name, role = LOOKS[square.submission.stage]
    colour, side = getattr(theme.roles(), role), theme.px(16)
    left, top = area.left() + theme.px(10), area.top() + theme.px(6)
    painter.drawPixmap(QPoint(round(left), round(top + theme.px(2))), pixmap(name, colour, 16))
    lines = (
        (stage_word(square), theme.font("small", strong=True), colour, left + side + theme.px(6), top),
        (details(square, now), theme.font("tiny"), theme.roles().muted, left, top + theme.px(21)),
    )
    for text, font, pen, x, y in lines:
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(pen)
        room = QRectF(x, y, area.right() - x - theme.px(6), metrics.height())
        fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, fitting)
