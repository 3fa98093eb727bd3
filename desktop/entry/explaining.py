"""Where it is said why a figure that is asked for is right all the same: a line below the card, and its words."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.entry.model import GridModel
from desktop.entry.reading import cleaned
from desktop.entry.wrongs import Wrong
from desktop.widgets import theme
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.words import say
from sync.domain.keys import Key
from sync.domain.values import MAX_NOTE

KEY = "Ctrl+E"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ELSEWHERE = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
"""Whoever looks at another window, or at a menu, is still writing."""


def told(wrong: Wrong, note: str) -> tuple[str, str, str]:
    """How the card tells what is wrong: the note's look, title and text.

    Why it is so is said with it, unless it is the value's own `note`, which the card tells once.
    """
    if wrong.mark is Mark.ERROR:
        return "note-bad", wrong.title, wrong.sentence
    if wrong.mark is not Mark.EXPLAINED:
        return "note-warning", wrong.title, wrong.sentence
    title = f"{mark_word(Mark.EXPLAINED)}: {wrong.title}"
    why = "" if wrong.why == note else say("entry.explain.why", why=wrong.why)
    return "note-calm", title, f"{wrong.sentence}\n{why}".strip()


class _Line(QLineEdit):
    """Enter keeps what was written, and so does going elsewhere; Esc gives it up."""

    kept = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.kept.emit()
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.undo_all()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def undo_all(self) -> None:
        """Say again what stood there."""
        while self.isUndoAvailable():
            self.undo()
        self.setModified(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _ELSEWHERE:
            self.kept.emit()


class Explaining(QFrame):
    """Follows the current cell, and is there while it has something to explain. `left` gives the keys back to the grid.

    It stands below the card, which is built anew at every change, so that nothing that arrives disturbs who writes.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: GridModel | None = None
        self._key: Key | None = None
        self.setProperty("look", "line")
        self.line = _Line(self)
        self.line.setMaxLength(MAX_NOTE)
        self.line.setPlaceholderText(say("entry.explain.write"))
        self.line.setAccessibleName(say("entry.explain.name"))
        self.line.setAccessibleDescription(say("entry.explain.keys"))
        self.line.setToolTip(say("entry.explain.keys"))
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(4))
        row.addWidget(theme.label(say("entry.explain.heading"), "small-strong"), 1)
        row.addWidget(theme.label(KEY, "key"))
        column.addLayout(row)
        column.addWidget(self.line)
        self.line.kept.connect(self._keep)
        self.line.left.connect(self.left)
        self.hide()

    def show_cell(self, model: GridModel | None, key: Key | None) -> None:
        """Explain another cell from now on, or none; what is being written of the same one stays."""
        if (model, key) != (self._model, self._key):
            self._keep()
        elif self.line.isModified():
            return
        self._model, self._key = model, key
        note = model.contents.value(key).note if model is not None and key is not None else ""
        self.line.setText(note)
        self.line.setCursorPosition(0)
        self.setVisible(model is not None and key is not None and is_asked(model, key))

    def begin(self) -> bool:
        """Take the keys, if there is anything to explain. Whether there is."""
        if self.isHidden():
            return False
        self.line.setFocus()
        self.line.selectAll()
        return True

    @Slot()
    def _keep(self) -> None:
        """Keep what was written with the value, wherever that is kept."""
        model, key = self._model, self._key
        if not self.line.isModified() or model is None or key is None or model.writer.busy:
            return
        why = cleaned(self.line.text())
        self.line.setModified(False)
        if why != model.contents.value(key).note:
            model.explain(key, why)


def is_asked(model: GridModel, key: Key) -> bool:
    """Whether there is a value and anything to explain about it, or an explanation that may be written anew."""
    value = model.contents.value(key) if key.item in model.typed else None
    if value is None or value.is_empty:
        return False
    return bool(value.note) or any(wrong.mark is not Mark.ERROR for wrong in model.wrongs(key))
