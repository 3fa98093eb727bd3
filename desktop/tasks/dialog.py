"""What the dialogs have alike in which a task is given and in which it is corrected: its fields beside the units, and
what is half typed, kept until it is stored."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.tasks.fields import TaskFields
from desktop.tasks.units import UnitsPicker
from desktop.widgets import theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.store import Store

_SIZE: Final = (1080, 660)
_EDGE: Final = 60
_KEEP_AFTER_MS: Final = 1_000


class TaskDialog(QDialog):
    """What is typed is kept at `place` of the store. Whoever stores what it brings calls `done_with` or `say_unsaved`
    then. A dialog of its own says what it keeps (`_to_keep`), and what saving does (`_save`)."""

    def __init__(
        self,
        store: Store,
        place: str,
        title: str,
        fields: TaskFields,
        picker: UnitsPicker,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._place = store, place
        self.setWindowTitle(title)
        self.fields, self.picker = fields, picker
        self.content, self.group, self.lines, self.targets = fields.content, fields.group, fields.lines, fields.targets
        self.note, self.note_text, self.fault = QFrame(), theme.label(""), FaultPanel()
        self.save, self.cancel = theme.button("", "primary"), theme.button(say("tasks.assign.later"))
        self._soon = QTimer(self, singleShot=True, interval=_KEEP_AFTER_MS)

    def _build(self, *under: QWidget) -> None:
        """Lay it out, with what stands `under` the fields and the units."""
        parent = self.parentWidget()
        free = parent.window().size() if parent is not None else self.screen().availableSize()
        self.resize(min(theme.px(_SIZE[0]), free.width() - _EDGE), min(theme.px(_SIZE[1]), free.height() - _EDGE))
        halves = QHBoxLayout()
        halves.setSpacing(theme.px(16))
        halves.addWidget(self.fields, 1)
        halves.addWidget(self.picker, 1)
        self.note.setProperty("look", "note-warning")
        self.note_text.setWordWrap(True)
        inside = QVBoxLayout(self.note)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.addWidget(self.note_text)
        self.note.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(12))
        if not theme.is_large():  # with large letters the frame's title is enough
            column.addWidget(theme.label(self.windowTitle(), "title"))
        column.addWidget(self.fault)
        column.addWidget(self.note)
        column.addLayout(halves, 1)
        for widget in under:
            column.addWidget(widget)
        column.addLayout(buttons)
        self.save.setDefault(False)
        for button in (self.save, self.cancel, self.picker.all, self.picker.none):
            button.setAutoDefault(False)

    def _connect(self) -> None:
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.close)
        self.picker.changed.connect(self._soon.start)
        self.fields.edited.connect(self._soon.start)
        self._soon.timeout.connect(self._keep)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self._save)

    @Slot()
    def _save(self) -> None:
        raise NotImplementedError

    def _to_keep(self) -> dict[str, Any]:
        raise NotImplementedError

    def _kept(self) -> dict[str, Any]:
        """What was half typed the last time."""
        with suppress(ValueError):
            kept = json.loads(self._store.aside(self._place) or "{}")
            if isinstance(kept, dict):
                return kept
        return {}

    @Slot()
    def _keep(self) -> None:
        with suppress(EnvironmentFault):  # on a full disk it stays on the screen
            self._store.keep_aside(self._place, json.dumps(self._to_keep()))

    def _say_wrong(self, *sentences: str) -> None:
        self.note_text.setText("\n".join(sentences))
        self.note.setAccessibleName(self.note_text.text())
        self.note.show()

    def _say_refused(self, wrongs: Sequence[tuple[str, str]], names: dict[str, str]) -> None:
        self._say_wrong(*(say(f"tasks.refused.{code}", unit=names.get(unit, unit)) for code, unit in wrongs[:5]))

    def say_storing(self) -> None:
        """It is being stored, which takes a while; what was typed is kept already."""
        self._soon.stop()
        self._keep()
        self.setEnabled(False)

    def say_unsaved(self, fault: EnvironmentFault) -> None:
        """It could not be stored; what was typed stays."""
        self.setEnabled(True)
        self.fault.show_fault(fault)

    def done_with(self) -> None:
        """It is stored: what was typed is not needed any more."""
        self._soon.stop()
        with suppress(EnvironmentFault):
            self._store.keep_aside(self._place, "")
        self.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc: come back to it later."""
        self._soon.stop()
        self._keep()
        super().reject()
