"""A fault of the environment as a quiet panel: what happened, what is safe, and what to do."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from desktop.widgets import icons, theme
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault

_NAMED: Final = ("server", "address", "folder", "file", "found", "copy", "centre")
"""Details that help a person to find what is meant, in the order in which they are shown."""


class FaultPanel(QFrame):
    """Hidden until `show_fault`; closed by its button, which emits `closed`."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "note-warning")
        sign = QLabel()
        sign.setPixmap(icons.pixmap("triangle-alert", theme.roles().warning, 20))
        self._title = theme.label("", "strong")
        self._text, self._way_out = theme.label(""), theme.label("")
        self._named = theme.label("", "small")
        for label in (self._title, self._text, self._way_out, self._named):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setIcon(icons.icon("x", theme.roles().warning, 16))
        close.setAccessibleName(say("widgets.fault.close"))
        close.setToolTip(say("widgets.fault.close"))
        close.clicked.connect(self._close)
        lines = QVBoxLayout()
        lines.setSpacing(theme.px(2))
        for label in (self._title, self._text, self._way_out, self._named):
            lines.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        row.setSpacing(theme.px(10))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(lines, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_fault(self, fault: EnvironmentFault) -> None:
        """Say `fault` in the words of its code."""
        self._title.setText(say(f"errors.{fault.code}.title"))
        self._text.setText(say(f"errors.{fault.code}.text"))
        self._way_out.setText(say(f"errors.{fault.code}.way_out"))
        named = [str(fault.details[name]) for name in _NAMED if fault.details.get(name)]
        self._named.setText(" · ".join(named))
        self._named.setVisible(bool(named))
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(f"{self._text.text()} {self._way_out.text()}")
        self.show()

    @Slot()
    def _close(self) -> None:
        self.hide()
        self.closed.emit()
