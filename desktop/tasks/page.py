"""A task's page: what is asked, by whom and until when, what may be done now, its progress and its history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.tasks.evidence import EvidencePanel
from desktop.tasks.form import ProgressForm
from desktop.tasks.history import PartView, StepView, UpdateView, wrapped
from desktop.tasks.sources import can_attach
from desktop.tasks.steps import StepButtons, StepForm
from desktop.tasks.targets import TargetView, target_views
from desktop.widgets import formats, theme
from desktop.widgets.standing import standing
from desktop.widgets.words import say
from sync.domain.catalogue import Indicator
from sync.domain.steps import StepKind, extensions
from sync.store.assigned import Assigned

_WIDE: Final = 480
"""From this width on two facts stand beside each other, and a key beside its button, in pixels of plain text size."""

_ALWAYS: Final = ("document", "assigner", "lead", "start", "due", "state")
_IF_KNOWN: Final = ("group", "code", "supporting", "supports", "leader", "contact", "roadmap", "extended", "completed")
"""Facts that few tasks have: shown of those that do."""

_MOST_PARTS: Final = 400


class TaskPage(QScrollArea):
    """Shows one task, with its `evidence`. `correct` carries the key of the update that a person wants to change,
    `part_opened` the UUID of a part, `figure_asked` the key of an indicator and a period, `dropped` what was dragged
    here."""

    correct = Signal(object)
    part_opened = Signal(str)
    figure_asked = Signal(str, str)
    dropped = Signal(object)

    def __init__(
        self, indicators: Mapping[str, Indicator], evidence: EvidencePanel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._indicators, self.evidence = indicators, evidence
        self.setAcceptDrops(True)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(say("tasks.page.name"))
        self.content, self.pill = wrapped(theme.label("", "title")), theme.label("", "pill")
        names = (*_ALWAYS, *_IF_KNOWN)
        self.facts = {name: wrapped(theme.label("")) for name in names}
        self._names = {name: theme.label(say(f"tasks.fact.{name}"), "small") for name in names}
        self._facts = QGridLayout()
        self._known: tuple[str, ...] = _ALWAYS
        self.asks = QFrame()
        self._asked = wrapped(theme.label(""))
        self.bar, self.done = QProgressBar(), theme.label("", "strong")
        self.steps, self.step_form = StepButtons(), StepForm()
        self.break_down = theme.button(say("tasks.page.break_down"))
        self.correct_task = theme.button(say("tasks.page.correct"))
        self.form = ProgressForm()
        self.closed = wrapped(theme.label("", "muted"))
        self.updates: list[UpdateView] = []
        self.taken: list[StepView] = []
        self.parts: list[PartView] = []
        self.targets: list[TargetView] = []
        self._nothing = wrapped(theme.label(say("tasks.page.no_progress"), "muted"))
        self._titles = {
            name: theme.label(say(f"tasks.page.{name}"), "section") for name in ("targets", "parts", "steps")
        }
        self._columns = {name: QVBoxLayout() for name in ("targets", "parts", "updates", "steps")}
        self._build()

    def _build(self) -> None:
        body = QWidget()
        body.setProperty("look", "surface")
        # Facts that are not known are in no layout, and without a parent each would be a window.
        for label in (*self._names.values(), *self.facts.values()):
            label.setParent(body)
        self.setWidget(body)
        column = self._column = QVBoxLayout(body)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(12))
        column.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.content)
        self._facts.setHorizontalSpacing(theme.px(16))
        self._facts.setVerticalSpacing(theme.px(6))
        self._place_facts(2)
        column.addLayout(self._facts)
        self.asks.setProperty("look", "note-warning")
        inside = QVBoxLayout(self.asks)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.addWidget(self._asked)
        column.addWidget(self.asks)
        done = QHBoxLayout()
        done.setSpacing(theme.px(10))
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(say("tasks.page.done"))
        done.addWidget(self.bar, 1)
        done.addWidget(self.done)
        column.addLayout(done)
        column.addWidget(self._titles["targets"])
        column.addLayout(self._columns["targets"])
        for widget in (self.steps, self.step_form, self.closed, self.form):
            column.addWidget(widget)
        for button in (self.break_down, self.correct_task):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.evidence)
        column.addWidget(self._titles["parts"])
        column.addLayout(self._columns["parts"])
        column.addWidget(theme.label(say("tasks.page.progress"), "section"))
        column.addWidget(self._nothing)
        column.addLayout(self._columns["updates"])
        column.addWidget(self._titles["steps"])
        column.addLayout(self._columns["steps"])
        for each in self._columns.values():
            each.setSpacing(0)
        column.addStretch(1)
        for field in body.findChildren(QWidget):
            if isinstance(field, QLineEdit | QPlainTextEdit):
                # A file that is dropped on one is evidence, and its name no words; so is a picture that is pasted.
                field.setAcceptDrops(False)
                field.installEventFilter(self)

    def _place_evidence(self, *, first: bool) -> None:
        """Before the steps for whoever confirms by it, else behind the form in which progress is said."""
        self._column.removeWidget(self.evidence)
        before = self.steps if first else self._titles["parts"]
        self._column.insertWidget(self._column.indexOf(before), self.evidence)

    def _place_facts(self, beside: int) -> None:
        """Lay the facts that are known out with so many of them beside each other."""
        top = Qt.AlignmentFlag.AlignTop
        for name, label in self.facts.items():
            for widget in (self._names[name], label):
                widget.setVisible(name in self._known)
        for number, name in enumerate(self._known):
            row, place = divmod(number, beside)
            self._facts.addWidget(self._names[name], row, 2 * place, top)
            self._facts.addWidget(self.facts[name], row, 2 * place + 1, top)
        for place in range(2):
            self._facts.setColumnStretch(2 * place + 1, 1 if place < beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= theme.px(_WIDE)
        self._place_facts(2 if wide else 1)
        self.form.keys.setVisible(wide)
        self.steps.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            copied = QGuiApplication.clipboard().mimeData()
            if event.matches(QKeySequence.StandardKey.Paste) and can_attach(copied) and not copied.hasText():
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if can_attach(event.mimeData()):
            self.evidence.invite(True)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.evidence.invite(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.evidence.invite(False)
        self.dropped.emit(event.mimeData())
        event.acceptProposedAction()

    def type_in(self, field: str) -> None:
        """Put the cursor into a field of the form, and the form into sight, where there is one."""
        if self.form.isHidden():
            return
        self.form.focus(field)
        self.ensureWidgetVisible(self.form)

    def ask_step(self) -> None:
        """Put the cursor into the form of the step that is being said."""
        self.step_form.focus()
        self.ensureWidgetVisible(self.step_form)

    def show_task(
        self,
        assigned: Assigned,
        units: Mapping[str, str],
        steps: Sequence[tuple[StepKind, str]],
        asks: Sequence[str],
        author: str,
        as_of: date,
        now: datetime,
    ) -> None:
        """Show `assigned` as it stood on `as_of`, with the steps that may be taken and what it asks for, in
        sentences. What is typed is left as it is."""
        task = assigned.on(as_of)
        found = standing(task, as_of)
        self.content.setText(task.content)
        self.pill.setText(found.word)
        theme.set_look(self.pill, f"pill-{found.look}" if found.look else "pill")
        said = self._said(assigned, units, as_of)
        self._known = (*_ALWAYS, *(name for name in _IF_KNOWN if said[name]))
        for name, label in self.facts.items():
            label.setText(said[name] or say("tasks.fact.unknown"))
        self._place_facts(2 if self.width() >= theme.px(_WIDE) else 1)
        self._asked.setText("\n".join(asks))
        self.asks.setVisible(bool(asks))
        percent = assigned.percent_on(as_of)
        self.bar.setValue(percent or 0)
        self.done.setText(say("tasks.page.not_said") if percent is None else say("tasks.page.percent", percent=percent))
        self.bar.setAccessibleDescription(self.done.text())
        self.steps.offer(steps)
        self._place_evidence(first=any(kind is StepKind.CONFIRM for kind, _ in steps))
        ended = "withdrawn" if assigned.task.is_withdrawn else "closed" if assigned.task.is_confirmed else ""
        self.closed.setText(say(f"tasks.page.{ended}") if ended else "")
        self.closed.setVisible(bool(ended))
        self._show_history(assigned, units, author, as_of, now)

    def _said(self, assigned: Assigned, units: Mapping[str, str], as_of: date) -> dict[str, str]:
        """The facts in words, "" for what is not known."""
        task = assigned.on(as_of)
        granted = [step for step in extensions(assigned.steps) if step.date <= as_of]
        first = next((step.old_due for step in granted), None)
        return {
            "document": task.source,
            "assigner": task.assigner,
            "lead": units.get(task.unit, task.unit),
            "start": _day(task.start_date),
            "due": _day(task.due_date) or say("tasks.fact.no_due"),
            "state": say(f"tasks.state.{task.state}"),
            "group": say(f"tasks.group.{task.group}") if task.group else "",
            "code": task.code,
            "supporting": ", ".join(units.get(unit, unit) for unit in task.supporting),
            "supports": units.get(task.supports, task.supports),
            "leader": task.leader,
            "contact": task.contact,
            "roadmap": task.roadmap,
            "extended": say("tasks.fact.times", count=len(granted), day=_day(first)) if granted else "",
            "completed": _day(task.completed_date),
        }

    def _show_history(
        self, assigned: Assigned, units: Mapping[str, str], author: str, as_of: date, now: datetime
    ) -> None:
        for old in (*self.updates, *self.taken, *self.parts, *self.targets):
            old.hide()
            old.deleteLater()
        self.parts = [
            PartView(part, units.get(part.task.unit, part.task.unit), as_of) for part in assigned.parts[:_MOST_PARTS]
        ]
        self.targets = target_views(assigned.reached(as_of), self._indicators, as_of)
        self.updates = [UpdateView(update, author, now) for update in assigned.updates]
        self.taken = [StepView(taken, units, now) for taken in reversed(assigned.taken)]
        shown: dict[str, Iterable[QWidget]] = {
            "targets": self.targets,
            "parts": self.parts,
            "updates": self.updates,
            "steps": self.taken,
        }
        for name, views in shown.items():
            for view in views:
                self._columns[name].addWidget(view)
        for part in self.parts:
            part.opened.connect(self.part_opened)
        for target in self.targets:
            target.opened.connect(self.figure_asked)
        for update in self.updates:
            update.correct.connect(self.correct)
        self._nothing.setVisible(not self.updates)
        for name, title in self._titles.items():
            title.setVisible(bool(list(shown[name])))


def _day(of: date | None) -> str:
    return formats.day(of) if of else ""
