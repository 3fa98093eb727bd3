"""The dialog in which a task is given to units: to many at once, or on to those below."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.tasks.targets import TargetsEditor, choosable
from desktop.tasks.typing import day_of
from desktop.tasks.units import LEAD, SUPPORT, UnitsPicker
from desktop.widgets import formats, theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from sync.domain.assigning import assign, break_down, refusals
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.tasks import Task, TaskGroup
from sync.domain.text import nfc
from sync.domain.units import Unit
from sync.store import Store

_SIZE: Final = (1080, 660)
_EDGE: Final = 60
_ASIDE: Final = "assign"
_KEEP_AFTER_MS: Final = 1_000
_FIELDS: Final = (
    "document",
    "document_type",
    "document_date",
    "citation",
    "assigner",
    "code",
    "leader",
    "start",
    "due",
    "contact",
    "roadmap",
)
"""The lines of the form; the content and the group stand above them."""
_DAYS: Final = {"document_date": "document_date", "start": "start_date", "due": "due_date"}
_OF_WHOLE: Final = ("start", "due", "assigner")
"""What is asked when a task is broken down: all else is as it is in the whole."""


class AssignDialog(QDialog):
    """`given` carries the tasks that were made; the caller stores them, then calls `done_with` or `say_unsaved`.

    `units` are those that may be chosen. With a `whole`, that task is broken down. What is half typed is kept.
    """

    given = Signal(object)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        unit: Unit,
        units: Sequence[Unit],
        clock: Callable[[], datetime],
        today: date,
        whole: Task | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._unit, self._units = store, unit, units
        self.keeps_whole = True
        self._clock, self._today, self._whole = clock, today, whole
        title = say("tasks.assign.break_down" if whole else "tasks.assign.title")
        self.setWindowTitle(title)
        self.content, self.group = QPlainTextEdit(), QComboBox()
        self.lines = {name: QLineEdit() for name in _FIELDS}
        self.targets = TargetsEditor(choosable(catalogue, frozenset(one.kind for one in units)))
        self.picker = UnitsPicker([one for one in units if one.key != unit.key or not whole], supports=whole is None)
        self.note, self.note_text, self.fault = QFrame(), theme.label(""), FaultPanel()
        self.save, self.cancel = theme.button("", "primary"), theme.button(say("tasks.assign.later"))
        self._soon = QTimer(self, singleShot=True, interval=_KEEP_AFTER_MS)
        self._build(parent)
        self._fill()
        self._connect()
        self._name_save()

    def _build(self, parent: QWidget | None) -> None:
        free = parent.window().size() if parent is not None else self.screen().availableSize()
        self.resize(min(theme.px(_SIZE[0]), free.width() - _EDGE), min(theme.px(_SIZE[1]), free.height() - _EDGE))
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, theme.px(12), 0)
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        self.content.setTabChangesFocus(True)
        self.content.setFixedHeight(theme.px(84))
        self.content.setReadOnly(self._whole is not None)
        self._add(grid, "content", self.content, 0, 0, 2)
        self.group.addItem(say("tasks.assign.no_group"), "")
        self.group.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for group in TaskGroup:
            self.group.addItem(say(f"tasks.group.{group}"), group.value)
        shown = _OF_WHOLE if self._whole else _FIELDS
        if not self._whole:
            self._add(grid, "group", self.group, 1, 0, 1)
        first = 0 if self._whole else 1
        for place, name in enumerate(shown, first):
            self._add(grid, name, self.lines[name], 1 + place // 2, place % 2, 1)
        if not self._whole:
            self._add(grid, "targets", self.targets, 2 + (first + len(shown)) // 2, 0, 2)
        self.lines["due"].setPlaceholderText(say("tasks.assign.due_hint"))
        grid.setRowStretch(40, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(form)
        halves = QHBoxLayout()
        halves.setSpacing(theme.px(16))
        halves.addWidget(scroll, 1)
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
        column.addWidget(theme.label(self.windowTitle(), "title"))
        column.addWidget(self.fault)
        column.addWidget(self.note)
        column.addLayout(halves, 1)
        column.addLayout(buttons)

    def _add(self, grid: QGridLayout, name: str, field: QWidget, row: int, place: int, wide: int) -> None:
        label = theme.label(say(f"tasks.assign.{name}"), "small")
        label.setBuddy(field)
        label.setWordWrap(True)
        field.setAccessibleName(say(f"tasks.assign.{name}"))
        grid.addWidget(label, 2 * row, place, 1, wide)
        grid.addWidget(field, 2 * row + 1, place, 1, wide)

    def _connect(self) -> None:
        self.save.clicked.connect(self._give)
        self.cancel.clicked.connect(self.close)
        self.picker.changed.connect(self._name_save)
        self.picker.changed.connect(self._soon.start)
        self.content.textChanged.connect(self._soon.start)
        self.group.activated.connect(self._soon.start)
        self.targets.edited.connect(self._soon.start)
        for line in self.lines.values():
            line.textEdited.connect(self._soon.start)
        self._soon.timeout.connect(self._keep)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self._give)
        self.save.setDefault(False)
        self.save.setAutoDefault(False)
        self.cancel.setAutoDefault(False)
        for button in (self.picker.all, self.picker.none):
            button.setAutoDefault(False)

    # What is typed

    def _fill(self) -> None:
        """What was half typed, or an empty form of today."""
        typed = self._kept()
        task = self._whole
        self.lines["start"].setText(formats.day(self._today))
        self.lines["assigner"].setText(self._unit.name)
        if task is not None:
            self.content.setPlainText(task.content)
            self.lines["due"].setText(formats.day(task.due_date) if task.due_date else "")
        for name, text in typed.get("lines", {}).items():
            if name in self.lines:
                self.lines[name].setText(str(text))
        if task is None:
            self.content.setPlainText(str(typed.get("content", "")))
            self.group.setCurrentIndex(max(0, self.group.findData(typed.get("group", ""))))
        self.targets.show_typed(typed.get("targets", ()))
        self.picker.show_chosen(typed.get("lead", ()), typed.get("support", ()))

    def _kept(self) -> dict[str, Any]:
        with suppress(ValueError):
            kept = json.loads(self._store.aside(self._place) or "{}")
            if isinstance(kept, dict):
                return kept
        return {}

    @property
    def _place(self) -> str:
        """Where it is kept: each task that is broken down has a place of its own."""
        return f"{_ASIDE}-{self._whole.item}" if self._whole else _ASIDE

    @Slot()
    def _keep(self) -> None:
        typed = {
            "content": self.content.toPlainText(),
            "group": self.group.currentData(),
            "lines": {name: line.text() for name, line in self.lines.items()},
            "targets": self.targets.typed(),
            "lead": self.picker.model.keys(LEAD),
            "support": self.picker.model.keys(SUPPORT),
        }
        with suppress(EnvironmentFault):  # on a full disk it stays on the screen
            self._store.keep_aside(self._place, json.dumps(typed))

    @Slot()
    def _name_save(self) -> None:
        count = len(self.picker.model.keys(LEAD))
        self.save.setText(say("tasks.assign.save", count=count) if count else say("tasks.assign.save_none"))

    # What is made of it

    @Slot()
    def _give(self) -> None:
        task = self._task()
        if task is None:
            return
        lead = self.picker.model.keys(LEAD)
        wrongs = refusals(task, lead, self._units, self._unit.key, self._today, self._whole)
        if wrongs:
            names = {unit.key: unit.name for unit in self._units}
            said = [say(f"tasks.refused.{code}", unit=names.get(unit, unit)) for code, unit in wrongs[:5]]
            self._say_wrong("\n".join(said))
            return
        if self._whole is not None:
            start = task.start_date or self._today
            made = break_down(self._whole, lead, task.assigner, start, task.due_date, self._new_item)
        else:
            made = assign(task, lead, self._new_item, keeps_whole=self.keeps_whole)
        self.given.emit(made)

    def _task(self) -> Task | None:
        """The task that was typed; None when a day cannot be read, which is said."""
        days: dict[str, Any] = {}
        for name, field in _DAYS.items():
            text = self.lines[name].text().strip()
            days[field] = day_of(text, self._today) if text else None
            if text and days[field] is None:
                self._say_wrong(say("tasks.wrong.day_unreadable", example=formats.day(self._today)))
                self.lines[name].setFocus()
                return None
        if self._whole is not None:
            assigner = nfc(self.lines["assigner"].text().strip())
            return replace(self._whole, assigner=assigner, start_date=days["start_date"], due_date=days["due_date"])
        try:
            targets = self.targets.targets()
        except ValueError as error:
            self._say_wrong(str(error))
            return None
        words: dict[str, Any] = {
            name: nfc(line.text().strip()) for name, line in self.lines.items() if name not in _DAYS
        }
        return Task(
            item=self._new_item(),
            unit=self._unit.key,
            from_unit=self._unit.key,
            content=nfc(self.content.toPlainText().strip()),
            group=TaskGroup(self.group.currentData()) if self.group.currentData() else None,
            supporting=self.picker.model.keys(SUPPORT),
            targets=targets,
            **words,
            **days,
        )

    def _new_item(self) -> str:
        return uuid7(self._clock())

    def _say_wrong(self, sentence: str) -> None:
        self.note_text.setText(sentence)
        self.note.setAccessibleName(sentence)
        self.note.show()

    def say_unsaved(self, fault: EnvironmentFault) -> None:
        """It could not be stored; what was typed stays."""
        self.fault.show_fault(fault)

    def done_with(self) -> None:
        """The tasks are stored: what was typed is not needed any more."""
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
