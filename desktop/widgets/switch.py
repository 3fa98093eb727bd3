"""A switch: a word and a knob that stands left for off and right for on."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.widgets import theme


class Switch(QAbstractButton):
    """A checkable button drawn as a switch, its text before it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFont(theme.font("small"))

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + theme.px(28 + 8 + 8), max(theme.px(24), self.fontMetrics().height() + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        roles = theme.roles()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.hasFocus():
            painter.setPen(QPen(roles.accent, 1))
            painter.drawRoundedRect(inside, theme.px(4), theme.px(4))
        wide, high = theme.px(28), theme.px(14)
        track = QRectF(inside.right() - wide - theme.px(4), inside.center().y() - high / 2, wide, high)
        painter.setPen(roles.text if self.isChecked() else roles.muted)
        painter.setFont(self.font())
        words = QRectF(theme.px(4), 0, track.left() - theme.px(8), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setPen(QPen(roles.accent if self.isChecked() else roles.muted, 1.2))
        painter.setBrush(roles.accent if self.isChecked() else roles.surface)
        painter.drawRoundedRect(track, high / 2, high / 2)
        knob = high - theme.px(4)
        left = track.right() - knob - theme.px(2) if self.isChecked() else track.left() + theme.px(2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(roles.on_accent if self.isChecked() else roles.muted)
        painter.drawEllipse(QRectF(left, track.center().y() - knob / 2, knob, knob))
