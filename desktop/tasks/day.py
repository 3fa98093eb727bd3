"""A day that is typed as people write it; Up and Down move it by a day."""

from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.tasks.typing import day_of
from desktop.widgets import formats, theme


class DayLine(QLineEdit):
    """`chosen` when another day stands here. What is no day gives way to the day before it."""

    chosen = Signal()

    def __init__(self, day: date, parent: QWidget | None = None) -> None:
        super().__init__(formats.day(day), parent)
        self.day = day
        self.setFixedWidth(theme.px(124))
        self.editingFinished.connect(self._read)

    def show_day(self, day: date) -> None:
        """Show this day."""
        self.setText(formats.day(day))
        if day != self.day:
            self.day = day
            self.chosen.emit()

    @Slot()
    def _read(self) -> None:
        self.show_day(day_of(self.text(), self.day) or self.day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif date.min < self.day < date.max:
            self.show_day(self.day + timedelta(days=step))
