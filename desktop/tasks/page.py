"""A task's page: what is asked, by whom and until when, its progress, and the form that adds to it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.tasks.form import ProgressForm
from desktop.widgets import formats, theme
from desktop.widgets.marks import Mark, MarkView, mark_word
from desktop.widgets.standing import standing
from desktop.widgets.words import say
from sync.domain.local_time import VIETNAM
from sync.domain.progress import Progress
from sync.domain.values import ContentError
from sync.store import Shown
from sync.store.assigned import Assigned, Update

_WIDE: Final = 480
"""From this width on two facts stand beside each other, and a key beside its button, in pixels of plain text size."""

_FACTS: Final = ("document", "assigner", "lead", "start", "due", "state")


class UpdateView(QFrame):
    """One dated update: day, per cent, words, who typed it and how far it has come. `correct` asks to change it."""

    correct = Signal(object)

    def __init__(self, update: Update, author: str, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = update.cell.key
        progress, cell = update
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(theme.label(formats.day(progress.date), "strong"))
        if progress.percent is not None:
            head.addWidget(theme.label(say("tasks.update.percent", percent=progress.percent), "pill-accent"))
        head.addStretch(1)
        if cell.author == author:
            change = theme.button(say("tasks.update.correct"), "link")
            change.setAccessibleName(say("tasks.update.correct_name", day=formats.day(progress.date)))
            change.clicked.connect(self._correct)
            head.addWidget(change)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(8), 0, theme.px(8))
        column.setSpacing(theme.px(3))
        column.addLayout(head)
        if progress.words:
            column.addWidget(_wrapped(theme.label(progress.words)))
        column.addLayout(_state_line(cell, now))
        for rival in cell.rivals:
            column.addWidget(_wrapped(theme.label(_rival(rival.content, rival.author), "small")))

    def _correct(self) -> None:
        self.correct.emit(self.key)


class TaskPage(QScrollArea):
    """Shows one task. `correct` carries the key of the update that a person wants to change."""

    correct = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(say("tasks.page.name"))
        self.content, self.pill = _wrapped(theme.label("", "title")), theme.label("", "pill")
        self.facts = {name: _wrapped(theme.label("")) for name in _FACTS}
        self._names = {name: theme.label(say(f"tasks.fact.{name}"), "small") for name in _FACTS}
        self._facts = QGridLayout()
        self.bar, self.done = QProgressBar(), theme.label("", "strong")
        self.form = ProgressForm()
        self.updates: list[UpdateView] = []
        self._nothing = _wrapped(theme.label(say("tasks.page.no_progress"), "muted"))
        self._column = QVBoxLayout()
        self._build()

    def _build(self) -> None:
        body = QWidget()
        body.setProperty("look", "surface")
        self.setWidget(body)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(12))
        column.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.content)
        self._facts.setHorizontalSpacing(theme.px(16))
        self._facts.setVerticalSpacing(theme.px(6))
        self._place_facts(2)
        column.addLayout(self._facts)
        done = QHBoxLayout()
        done.setSpacing(theme.px(10))
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(say("tasks.page.done"))
        done.addWidget(self.bar, 1)
        done.addWidget(self.done)
        column.addLayout(done)
        column.addWidget(self.form)
        column.addWidget(theme.label(say("tasks.page.progress"), "section"))
        column.addWidget(self._nothing)
        self._column.setSpacing(0)
        column.addLayout(self._column)
        column.addStretch(1)

    def _place_facts(self, beside: int) -> None:
        """Lay the facts out with so many of them beside each other."""
        top = Qt.AlignmentFlag.AlignTop
        for number, (name, label) in enumerate(self.facts.items()):
            row, place = divmod(number, beside)
            self._facts.addWidget(self._names[name], row, 2 * place, top)
            self._facts.addWidget(label, row, 2 * place + 1, top)
        for place in range(2):
            self._facts.setColumnStretch(2 * place + 1, 1 if place < beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= theme.px(_WIDE)
        self._place_facts(2 if wide else 1)
        self.form.keys.setVisible(wide)

    def type_in(self, field: str) -> None:
        """Put the cursor into a field of the form, and the form into sight."""
        self.form.focus(field)
        self.ensureWidgetVisible(self.form)

    def show_task(self, assigned: Assigned, unit: str, author: str, now: datetime) -> None:
        """Show `assigned`, led by the unit of this name. The form is left as it is."""
        task, today = assigned.task, now.astimezone(VIETNAM).date()
        found = standing(task, today)
        self.content.setText(task.content)
        self.pill.setText(found.word)
        theme.set_look(self.pill, f"pill-{found.look}" if found.look else "pill")
        said = {
            "document": task.document,
            "assigner": task.assigner,
            "lead": unit,
            "start": _day(task.start_date),
            "due": _day(task.due_date),
            "state": say(f"tasks.state.{assigned.state}"),
        }
        for name, label in self.facts.items():
            label.setText(said[name] or say("tasks.fact.unknown"))
        percent = assigned.percent
        self.bar.setValue(percent or 0)
        self.done.setText(say("tasks.page.not_said") if percent is None else say("tasks.page.percent", percent=percent))
        self.bar.setAccessibleDescription(self.done.text())
        self._show_updates(assigned.updates, author, now)

    def _show_updates(self, updates: Sequence[Update], author: str, now: datetime) -> None:
        for view in self.updates:
            self._column.removeWidget(view)
            view.hide()
            view.deleteLater()
        self.updates = []
        self._nothing.setVisible(not updates)
        for update in updates:
            view = UpdateView(update, author, now)
            view.setProperty("look", "line")
            view.correct.connect(self.correct)
            self._column.addWidget(view)
            self.updates.append(view)


def _state_line(cell: Shown, now: datetime) -> QHBoxLayout:
    """Who typed it and when, with the mark of how far it has come and its word."""
    mark = Mark.CONFLICT if cell.rivals else Mark(cell.state.name.lower())
    line = QHBoxLayout()
    line.setSpacing(theme.px(6))
    line.addWidget(MarkView(mark))
    said = say(
        "tasks.update.by", author=cell.author or say("tasks.update.this_device"), at=formats.near(cell.typed_at, now)
    )
    state = mark_word(mark)
    if mark is Mark.RECEIVED and cell.received_at:
        state = say("tasks.update.received", at=formats.near(cell.received_at, now))
    line.addWidget(_wrapped(theme.label(f"{said} · {state}", "small")), 1)
    return line


def _rival(content: str, author: str) -> str:
    """What another PC says in the same update."""
    try:
        other = Progress.of(content)
    except ContentError:
        return say("tasks.update.rival_withdrawn", author=author)
    percent = "" if other.percent is None else say("tasks.update.percent", percent=other.percent)
    said = " · ".join(part for part in (formats.day(other.date), percent, other.words) if part)
    return say("tasks.update.rival", author=author or say("tasks.update.other_device"), said=said)


def _day(of: date | None) -> str:
    return formats.day(of) if of else ""


def _wrapped(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
