"""A field for a password: hidden unless its eye is pressed, and aware of Caps Lock."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.widgets import icons, theme
from desktop.widgets.words import say

MOST_SIGNS = 200


class PasswordField(QLineEdit):
    """`capitals` tells whether Caps Lock seems to be on, `stepped` of an arrow key up (-1) or down (1)."""

    capitals = Signal(bool)
    stepped = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMaxLength(MOST_SIGNS)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = QAction(self)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._show)
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        self._show(False)

    def take(self) -> str:
        """What was typed; the field is empty and hidden again."""
        typed = self.text()
        self.clear()
        self._eye.setChecked(False)
        return typed

    @Slot(bool)
    def _show(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._eye.setIcon(icons.icon("eye-off" if shown else "eye", theme.roles().muted, 16))
        self._eye.setText(say("widgets.password.hide" if shown else "widgets.password.show"))
        self._eye.setToolTip(self._eye.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        letter = event.text()
        # No system tells all programs of Caps Lock; a letter and the shift key under it do.
        if len(letter) == 1 and letter.lower() != letter.upper():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.capitals.emit(letter.isupper() != shift)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.capitals.emit(False)
