"""What was said and decided of a task, one line each: a dated update, a step, a part that was given to others."""

from collections.abc import Mapping
from datetime import date, datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.tasks.worded import field_name, worded
from desktop.widgets import formats, theme
from desktop.widgets.marks import Mark, MarkView, mark_word
from desktop.widgets.standing import standing
from desktop.widgets.words import say
from sync.domain.authors import id_of, name_of
from sync.domain.local_time import day_at
from sync.domain.progress import Progress
from sync.domain.steps import StepKind
from sync.domain.values import ContentError
from sync.store import Shown
from sync.store.assigned import Assigned, Taken, Update


class UpdateView(QFrame):
    """One dated update: day, how much, words, who typed it and how far it has come. `correct` asks to change it."""

    correct = Signal(object)

    def __init__(self, update: Update, author: str, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = update.cell.key
        progress, cell = update
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(theme.label(formats.day(progress.date), "strong"))
        if progress.percent is not None:
            pill = theme.label(_percent(progress), "pill-accent")
            head.addWidget(pill)
        head.addStretch(1)
        if id_of(cell.author) == id_of(author):
            change = theme.button(say("tasks.update.correct"), "link")
            change.setAccessibleName(say("tasks.update.correct_name", day=formats.day(progress.date)))
            change.clicked.connect(self._correct)
            head.addWidget(change)
        column = _column(self)
        column.addLayout(head)
        if progress.percent is not None and theme.is_large():
            head.removeWidget(pill)
            column.addWidget(pill, 0, Qt.AlignmentFlag.AlignLeft)
        if progress.milestone:
            column.addWidget(wrapped(theme.label(say("tasks.update.milestone", text=progress.milestone))))
        if progress.words:
            column.addWidget(wrapped(theme.label(progress.words)))
        for name in ("difficulties", "proposals"):
            if text := getattr(progress, name):
                column.addWidget(wrapped(theme.label(say(f"tasks.update.{name}", text=text))))
        if cell.received_at and progress.date > day_at(cell.received_at):
            # A PC whose clock is ahead: the update counts from its day on, and everybody sees why.
            column.addWidget(wrapped(theme.label(say("tasks.update.ahead"), "small")))
        column.addLayout(_state_line(cell, now))
        for rival in cell.rivals:
            column.addWidget(wrapped(theme.label(_rival(rival.content, rival.author), "small")))

    @Slot()
    def _correct(self) -> None:
        self.correct.emit(self.key)


class StepView(QFrame):
    """One step: its day, what it is, its words, who took it and how far it has come. `units` are the names of units."""

    def __init__(self, taken: Taken, units: Mapping[str, str], now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        step, cell = taken
        column = _column(self)
        title = say("tasks.step.taken", day=formats.day(step.date), title=say(f"tasks.step.{step.kind}.title"))
        column.addWidget(wrapped(theme.label(title, "strong")))
        if step.kind is StepKind.EXTEND and step.due:
            old, new = (formats.day(day) if day else say("tasks.fact.unknown") for day in (step.old_due, step.due))
            column.addWidget(wrapped(theme.label(say("tasks.step.from_to", old=old, new=new))))
        elif step.due:
            column.addWidget(wrapped(theme.label(say(f"tasks.step.{step.kind}.until", due=formats.day(step.due)))))
        if step.words:
            column.addWidget(wrapped(theme.label(step.words)))
        for field, was in step.was:
            before = say("tasks.step.was", field=field_name(field), was=worded(field, was, units))
            column.addWidget(wrapped(theme.label(before, "small")))
        if step.unit:
            column.addWidget(wrapped(theme.label(say("tasks.step.moved", unit=units.get(step.unit, step.unit)))))
        if cell.received_at and step.date > day_at(cell.received_at):
            column.addWidget(wrapped(theme.label(say("tasks.step.ahead"), "small")))
        if step.by:
            column.addWidget(theme.label(say("tasks.step.granted_by", by=step.by), "small"))
        column.addLayout(_state_line(cell, now))
        if cell.reason:
            column.addWidget(wrapped(theme.label(formats.reason(cell.reason), "small")))


class PartView(QFrame):
    """A part of the task that another unit leads. `opened` carries its UUID."""

    opened = Signal(str)

    def __init__(self, part: Assigned, unit: str, as_of: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = part.task.item
        link = theme.button(unit, "link")
        link.setAccessibleName(say("tasks.part.open", unit=unit))
        link.clicked.connect(self._open)
        found = standing(part.on(as_of), as_of)
        percent = part.percent_on(as_of)
        done = say("tasks.page.not_said") if percent is None else say("tasks.page.percent", percent=percent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(3), 0, theme.px(3))
        row.setSpacing(theme.px(8))
        row.addWidget(link)
        row.addStretch(1)
        row.addWidget(theme.label(done, "small"))
        row.addWidget(theme.label(found.word, f"pill-{found.look}" if found.look else "pill"))

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.item)


def _column(view: QFrame) -> QVBoxLayout:
    view.setProperty("look", "line")
    column = QVBoxLayout(view)
    column.setContentsMargins(0, theme.px(8), 0, theme.px(8))
    column.setSpacing(theme.px(3))
    return column


def _percent(progress: Progress) -> str:
    if progress.counted is None:
        return say("tasks.update.percent", percent=progress.percent)
    return say("tasks.update.counted", percent=progress.percent, counted=progress.counted, total=progress.total)


def _state_line(cell: Shown, now: datetime) -> QHBoxLayout:
    """Who typed it and when, with the mark of how far it has come and its word."""
    mark = Mark.CONFLICT if cell.rivals else Mark(cell.state.name.lower())
    line = QHBoxLayout()
    line.setSpacing(theme.px(6))
    line.addWidget(MarkView(mark))
    said = say(
        "tasks.update.by",
        author=name_of(cell.author) or say("tasks.update.this_device"),
        at=formats.near(cell.typed_at, now),
    )
    state = mark_word(mark)
    if mark is Mark.RECEIVED and cell.received_at:
        state = say("tasks.update.received", at=formats.near(cell.received_at, now))
    line.addWidget(wrapped(theme.label(f"{said} · {state}", "small")), 1)
    return line


def _rival(content: str, author: str) -> str:
    """What another PC says in the same update."""
    try:
        other = Progress.of(content)
    except ContentError:
        return say("tasks.update.rival_withdrawn", author=name_of(author))
    percent = "" if other.percent is None else _percent(other)
    said = " · ".join(part for part in (formats.day(other.date), percent, other.words) if part)
    return say("tasks.update.rival", author=name_of(author) or say("tasks.update.other_device"), said=said)


def wrapped(label: QLabel) -> QLabel:
    """The label, broken into lines, whose text can be copied."""
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
