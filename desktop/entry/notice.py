"""A strip above the grid: why something was not done, a question before it is, or how far it has come."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QWidget

from desktop.widgets import theme
from desktop.widgets.words import say

if TYPE_CHECKING:  # loaded when something takes long
    from PySide6.QtWidgets import QProgressBar

Answer = tuple[str, Callable[[], None]]


class Notice(QFrame):
    """Hidden until it has something to say. `closed` when it was sent away; the focus then belongs to the grid."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = theme.label("")
        self._text.setWordWrap(True)
        self._bar: QProgressBar | None = None
        self._answers: list[QPushButton] = []
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(theme.px(12), theme.px(6), theme.px(8), theme.px(6))
        self._row.setSpacing(theme.px(8))
        self._row.addWidget(self._text, 1)
        self._beside = QHBoxLayout()
        self._beside.setSpacing(theme.px(8))
        self._row.addLayout(self._beside)
        self.hide()

    @property
    def asks(self) -> bool:
        """Whether an answer is waited for."""
        return self.isVisible() and len(self._answers) > 1

    @property
    def words(self) -> str:
        """What it says now; "" while it is hidden."""
        return self._text.text() if self.isVisible() else ""

    def tell(self, text: str) -> None:
        """Say why nothing was done, until the next thing is done or it is sent away."""
        self._show("note-warning", text, [(say("entry.notice.close"), self.close_notice)])

    def ask(self, text: str, answers: Sequence[Answer]) -> None:
        """Ask, with the focus on the first of the `answers`; Esc gives none."""
        self._show("note-plain", text, [*answers, (say("entry.notice.give_up"), self.close_notice)], "primary")
        self._answers[0].setFocus()

    def progress(self, text: str, done: int, total: int, cancel: Callable[[], None]) -> None:
        """Say how far something has come, and let it be given up."""
        if self._bar is None:
            from PySide6.QtWidgets import QProgressBar

            self._bar = QProgressBar()
            self._bar.setTextVisible(False)
            self._bar.setFixedWidth(theme.px(200))
            self._row.insertWidget(1, self._bar)
            self._bar.hide()
        if not (self.isVisible() and self._bar.isVisible()):
            self._show("note-plain", text, [(say("entry.notice.give_up"), cancel)])
            self._bar.show()
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    @Slot()
    def close_notice(self) -> None:
        """Hide, and give the focus back."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _show(self, look: str, text: str, answers: Sequence[Answer], first_look: str = "") -> None:
        for old in self._answers:
            old.hide()
            old.deleteLater()
        self._answers = []
        for word, slot in answers:
            button = theme.button(word, "" if self._answers else first_look)
            button.clicked.connect(slot)
            self._beside.addWidget(button)
            self._answers.append(button)
        # Several answers stand in a line of their own.
        several = len(answers) > 2
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if several else QBoxLayout.Direction.LeftToRight)
        theme.set_look(self, look)
        self._text.setText(text)
        if self._bar is not None:
            self._bar.hide()
        self.setAccessibleName(text)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus; Esc sends it away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for button in self._answers:
                if button.hasFocus():
                    button.click()
                    return
        elif event.key() == Qt.Key.Key_Escape:
            self._answers[-1].click()
        else:
            super().keyPressEvent(event)
