"""The fields of a task, as they are typed when it is given, broken down or corrected. They store nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from desktop.tasks.targets import TargetsEditor, choosable
from desktop.tasks.typing import day_of
from desktop.widgets import formats, theme
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.tasks import Task, TaskGroup
from sync.domain.text import nfc
from sync.domain.units import UnitKind

_LINES: Final = (
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
_OF_PART: Final = ("start", "due", "assigner")
"""What is asked when a task is broken down: all else is as it is in the whole."""


class TaskFields(QScrollArea):
    """`edited` with every stroke. Of a part only those are typed in which it differs from its whole."""

    edited = Signal()

    def __init__(
        self, catalogue: Catalogue, kinds: frozenset[UnitKind], *, of_part: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._of_part = of_part
        self.content, self.group = QPlainTextEdit(), QComboBox()
        self.lines = {name: QLineEdit() for name in _LINES}
        self.targets = TargetsEditor(choosable(catalogue, kinds))
        self._build()
        self.content.textChanged.connect(self.edited)
        self.group.activated.connect(self.edited)
        self.targets.edited.connect(self.edited)
        for line in self.lines.values():
            line.textEdited.connect(self.edited)

    def _build(self) -> None:
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, theme.px(12), 0)
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        self.content.setTabChangesFocus(True)
        self.content.setFixedHeight(theme.px(84))
        self.content.setReadOnly(self._of_part)
        _add(grid, "content", self.content, 0, 0, 2)
        self.group.addItem(say("tasks.assign.no_group"), "")
        self.group.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for group in TaskGroup:
            self.group.addItem(say(f"tasks.group.{group}"), group.value)
        shown = _OF_PART if self._of_part else _LINES
        first = 0
        if not self._of_part:
            _add(grid, "group", self.group, 1, 0, 1)
            first = 1
        for place, name in enumerate(shown, first):
            _add(grid, name, self.lines[name], 1 + place // 2, place % 2, 1)
        if not self._of_part:
            _add(grid, "targets", self.targets, 2 + (first + len(shown)) // 2, 0, 2)
        self.lines["due"].setPlaceholderText(say("tasks.assign.due_hint"))
        grid.setRowStretch(40, 1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(form)

    def typed(self) -> dict[str, Any]:
        """What stands in the fields, as `show_typed` takes it."""
        return {
            "content": self.content.toPlainText(),
            "group": self.group.currentData(),
            "lines": {name: line.text() for name, line in self.lines.items()},
            "targets": [list(each) for each in self.targets.typed()],
        }

    def show_typed(self, typed: Mapping[str, Any]) -> None:
        """Show what is typed here; a field of which it says nothing stays as it is."""
        for name, text in typed.get("lines", {}).items():
            if name in self.lines:
                self.lines[name].setText(str(text))
        if "content" in typed and not self._of_part:
            self.content.setPlainText(str(typed["content"]))
        if "group" in typed:
            self.group.setCurrentIndex(max(0, self.group.findData(typed["group"])))
        self.targets.show_typed(typed.get("targets", ()))

    def show_task(self, task: Task) -> None:
        """Show what a task says."""
        days: dict[str, date | None] = {name: getattr(task, field) for name, field in _DAYS.items()}
        lines = {name: getattr(task, name) for name in _LINES if name not in _DAYS}
        self.content.setPlainText(task.content)
        self.show_typed(
            {
                "group": task.group or "",
                "lines": lines | {name: formats.day(day) if day else "" for name, day in days.items()},
                "targets": [(target.indicator, formats.number(target.number)) for target in task.targets],
            }
        )

    def values(self, today: date) -> dict[str, Any]:
        """The fields of a task that were typed, by their names. Raises ValueError with the sentence that says what is
        wrong, and puts the cursor there."""
        found: dict[str, Any] = {}
        for name, field in _DAYS.items():
            text = self.lines[name].text().strip()
            found[field] = day_of(text, today) if text else None
            if text and found[field] is None:
                self.lines[name].setFocus()
                raise ValueError(say("tasks.wrong.day_unreadable", example=formats.day(today)))
        if self._of_part:
            assigner = nfc(self.lines["assigner"].text().strip())
            return {"assigner": assigner, "start_date": found["start_date"], "due_date": found["due_date"]}
        found |= {name: nfc(line.text().strip()) for name, line in self.lines.items() if name not in _DAYS}
        return found | {
            "content": nfc(self.content.toPlainText().strip()),
            "group": TaskGroup(self.group.currentData()) if self.group.currentData() else None,
            "targets": self.targets.targets(),
        }


def _add(grid: QGridLayout, name: str, field: QWidget, row: int, place: int, wide: int) -> None:
    label = theme.label(say(f"tasks.assign.{name}"), "small")
    label.setBuddy(field)
    label.setWordWrap(True)
    field.setAccessibleName(say(f"tasks.assign.{name}"))
    grid.addWidget(label, 2 * row, place, 1, wide)
    grid.addWidget(field, 2 * row + 1, place, 1, wide)
