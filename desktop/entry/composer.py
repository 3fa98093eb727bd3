"""Where a comment on the current cell is written: below the card, so that nothing that arrives disturbs it."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.entry.model import GridModel
from desktop.entry.steps import Action
from desktop.widgets import formats, theme
from desktop.widgets.words import say
from sync.domain.comments import MAX_LETTERS, content_of, key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.keys import Key
from sync.domain.values import CLEARED
from sync.store import Store

_MOST_LINES = 5
_ASIDE = "comments"


class _Editor(QPlainTextEdit):
    """Enter sends, Shift+Enter begins a line, Esc leaves."""

    sent = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def of_form(model: GridModel, cell: Key) -> Key:
    """What a comment on the whole form of the cell's unit and period is on."""
    return cell._replace(item=model.form.key, part="")


class Composer(QFrame):
    """Follows the current cell, and keeps for each what is half written, for the next start too.

    `left` gives the keys back to the grid.
    """

    left = Signal()

    def __init__(self, store: Store, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._clock = store, clock
        self._model: GridModel | None = None
        self._key: Key | None = None
        self._cell: Key | None = None
        self._drafts = {Key(*key): text for *key, text in json.loads(store.aside(_ASIDE) or "[]")}
        self.setProperty("look", "line")
        self.editor = _Editor(self)
        self.editor.setPlaceholderText(say("entry.comment.write"))
        self.editor.setAccessibleName(say("entry.comment.name"))
        self.editor.setAccessibleDescription(say("entry.comment.keys"))
        self.editor.setToolTip(say("entry.comment.keys"))
        self.editor.setTabChangesFocus(True)
        self._wrong = theme.label("", "small")
        self._wrong.setWordWrap(True)
        self._wrong.hide()
        self._send = theme.button(say("entry.comment.send"))
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(4))
        row.setSpacing(theme.px(6))
        row.addWidget(self.editor, 1)
        row.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        column.addWidget(self._wrong)
        self.editor.textChanged.connect(self._changed)
        self.editor.sent.connect(self._say)
        self.editor.left.connect(self._leave)
        self._send.clicked.connect(self._say)
        self._fit()

    def show_cell(self, model: GridModel | None, key: Key | None) -> None:
        """Write of another cell from now on, or of none; what was half written of it stands there again."""
        self._model, self._cell = model, key
        self.setVisible(key is not None)
        if model is not None and key is not None and self._key == of_form(model, key) and self.editor.hasFocus():
            return  # what is being said of the form is not finished
        self._turn_to(key)

    def _turn_to(self, key: Key | None) -> None:
        if key == self._key:
            return
        self._keep_drafts()
        self._key = key
        self._wrong.hide()
        words = say("entry.comment.write" if key == self._cell else "entry.comment.write_of_form")
        self.editor.setPlaceholderText(words)
        self.editor.setPlainText(self._drafts.get(key, "") if key is not None else "")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keep_drafts()

    def _keep_drafts(self) -> None:
        written = json.dumps([[*key, text] for key, text in self._drafts.items()]) if self._drafts else ""
        if written != self._store.aside(_ASIDE):
            # On a full disk it stays on the screen.
            with suppress(EnvironmentFault):
                self._store.keep_aside(_ASIDE, written)

    def begin(self) -> None:
        """Shift+F2."""
        if self._key is not None:
            self.editor.setFocus()

    @Slot()
    def begin_of_form(self) -> None:
        """Write of the whole form that the cell stands in, until it is sent or left."""
        if self._model is not None and self._cell is not None:
            self._turn_to(of_form(self._model, self._cell))
            self.editor.setFocus()

    def withdraw(self, comment: Key) -> None:
        """Take a comment back: a change like any other, which can be undone."""
        self._write({comment: CLEARED}, Action.WITHDRAWING)

    @Slot()
    def _say(self) -> None:
        """Store what was written; where it cannot be, it stays."""
        if self._key is None or not self.editor.toPlainText().strip():
            return
        try:
            content = content_of(self.editor.toPlainText())
        except ValueError:
            self._wrong.setText(say("entry.comment.too_long", most=formats.number(Decimal(MAX_LETTERS))))
            self._wrong.show()
            return
        if self._write({key_of(self._key, uuid7(self._clock())): content}, Action.COMMENTING):
            self.editor.clear()
            self._leave()

    @Slot()
    def _leave(self) -> None:
        self._turn_to(self._cell)
        self.left.emit()

    def _write(self, said: dict[Key, str], action: Action) -> bool:
        model = self._model
        if model is None or model.writer.busy:
            return False
        # What could not be stored waits on the screen as every value does.
        model.writer.write(model.contents, said, action, model.form.key)
        return True

    @Slot()
    def _changed(self) -> None:
        text = self.editor.toPlainText()
        if self._key is not None:
            if text.strip():
                self._drafts[self._key] = text
            else:
                self._drafts.pop(self._key, None)
        self._wrong.hide()
        self._fit()

    def _fit(self) -> None:
        """As high as its lines, up to a few."""
        lines = min(max(round(self.editor.document().size().height()), 1), _MOST_LINES)
        self.editor.setFixedHeight(lines * self.editor.fontMetrics().lineSpacing() + theme.px(20))
        self._send.setEnabled(bool(self.editor.toPlainText().strip()))
