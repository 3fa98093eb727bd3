"""The rail at the left: one button for each room that works, with its badge."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from desktop.widgets import icons, theme
from desktop.widgets.words import say

WIDTH = 84


class RailButton(QAbstractButton):
    """Icon above label, a badge for what asks for attention."""

    def __init__(self, room: str, icon: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self._icon = icon
        self._badge = 0
        self.setText(say(f"shell.room.{room}"))
        self.setCheckable(True)
        self.setToolTip(say("shell.rail.tip", room=self.text(), number=number))
        self.set_badge(0)

    def set_badge(self, count: int) -> None:
        """Show how many things in the room ask for attention; 0 shows no badge."""
        self._badge = count
        self.setAccessibleName(say("shell.rail.badge", room=self.text(), count=count) if count else self.text())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(72), theme.px(60))

    def paintEvent(self, event: QPaintEvent) -> None:
        roles = theme.roles()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = roles.accent_soft if self.isChecked() else roles.faint if self.underMouse() else None
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(area, theme.px(8), theme.px(8))
        if self.hasFocus():
            painter.setPen(QPen(roles.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, theme.px(8), theme.px(8))
        colour = roles.accent if self.isChecked() else roles.muted
        side = theme.px(22)
        painter.drawPixmap(int((self.width() - side) / 2), theme.px(9), icons.pixmap(self._icon, colour, 22))
        painter.setFont(theme.font("small", strong=self.isChecked()))
        painter.setPen(colour)
        words = QRectF(0, theme.px(33), self.width(), theme.px(22))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._badge:
            self._draw_badge(painter)

    def _draw_badge(self, painter: QPainter) -> None:
        painter.setFont(theme.font("tiny", strong=True))
        text = str(self._badge) if self._badge < 100 else "99+"
        wide = max(theme.px(20), painter.fontMetrics().horizontalAdvance(text) + theme.px(10))
        badge = QRectF(self.width() / 2 + theme.px(7), theme.px(5), wide, theme.px(15))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.roles().bad)
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        painter.setPen(theme.roles().on_bad)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


class Rail(QFrame):
    """Emits `chosen` with a room's name. The last room stands at the foot."""

    chosen = Signal(str)

    def __init__(self, rooms: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "rail")
        self.setFixedWidth(theme.px(WIDTH))
        self.setAccessibleName(say("shell.rail.name"))
        self._buttons = {room: RailButton(room, icon, number) for number, (room, icon) in enumerate(rooms, start=1)}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(6), theme.px(8), theme.px(5), theme.px(8))
        column.setSpacing(theme.px(2))
        for button in self._buttons.values():
            if button.room == rooms[-1][0]:
                column.addStretch(1)
            self._group.addButton(button)
            column.addWidget(button)
        self._group.buttonClicked.connect(self._clicked)

    def show_room(self, room: str) -> None:
        """Mark the room that is open."""
        self._buttons[room].setChecked(True)

    def set_badge(self, room: str, count: int) -> None:
        self._buttons[room].set_badge(count)

    def _clicked(self, button: QAbstractButton) -> None:
        assert isinstance(button, RailButton)
        self.chosen.emit(button.room)
