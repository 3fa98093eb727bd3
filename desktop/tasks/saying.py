"""What a person says of the open task: progress and steps, half typed, kept, and then stored by one door."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.tasks.drafts import Draft, keep, read
from desktop.tasks.page import TaskPage
from desktop.tasks.reading import Reading
from desktop.tasks.steps import TypedStep, step_of
from desktop.tasks.typing import Typed, Wrong, progress_of, typed_of
from desktop.widgets import formats
from desktop.widgets.words import say
from sync.domain.correcting import resume, withdraw, withdrawn_with
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.keys import PROGRESS, Key
from sync.domain.local_time import day_at
from sync.domain.steps import StepKind, cells_of
from sync.domain.tasks import Task
from sync.store import Store
from sync.store.assigned import Assigned

_KEEP_AFTER_MS: Final = 1_000
"""How long after the last stroke what is half typed is kept, for when the power fails."""


class Saying(QObject):
    """The forms of `page`, for one task after another. `stored` carries the change set of what was kept, `left` is
    that the person is done with the forms. `below` gives what is withdrawn together with a task."""

    stored = Signal(object)
    left = Signal()

    def __init__(
        self,
        page: TaskPage,
        store: Store,
        clock: Callable[[], datetime],
        reading: Reading,
        below: Callable[[Task], Sequence[Task]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._store, self._clock, self._reading, self._below = page, store, clock, reading, below
        self.author = ""
        self.day = date.min
        if store not in _drafts:
            _drafts[store] = read(store)
        # `aside` are new updates half typed while another one is corrected.
        self._drafts, self._aside = _drafts[store]
        self._task = ""
        self._corrects: Key | None = None
        self._fault: EnvironmentFault | None = None
        self._soon = QTimer(self, singleShot=True, interval=_KEEP_AFTER_MS)
        self._soon.timeout.connect(self.keep)
        page.correct.connect(self._correct)
        page.form.edited.connect(self._soon.start)
        page.form.submitted.connect(self._save)
        page.form.given_up.connect(self._give_up)
        page.steps.asked.connect(self._ask)
        page.step_form.edited.connect(self._soon.start)
        page.step_form.submitted.connect(self._take)
        page.step_form.given_up.connect(self._leave_step)

    # Which task

    def turn_to(self, task: str) -> None:
        """Leave the forms of one task and take up those of another."""
        self._set_down()
        self._task = task
        self._take_up()

    def unsaved(self) -> int:
        """How many updates are on the screen only."""
        kept = (*self._drafts.values(), *self._aside.values())
        return sum(draft.fault is not None for draft in kept) + (self._fault is not None)

    def move_to(self, day: date) -> None:
        """A new day has come: an untouched form is of that day."""
        untouched = self._page.form.typed() == self._blank() and not self._corrects
        self.day = day
        if untouched and self._task:
            self._renew()

    @Slot()
    def keep(self) -> None:
        """Keep what is half typed for the next start, whatever ends this one."""
        self._soon.stop()
        open_one = self._open_draft()
        # On a full disk it stays on the screen, and the next stroke tries again.
        with suppress(EnvironmentFault):
            keep(self._store, self._drafts | ({self._task: open_one} if open_one else {}), self._aside)

    def set_down(self) -> None:
        """The room is left: what is half typed outlives its window."""
        self._set_down()
        self.keep()

    def _take_up(self) -> None:
        """What was being typed for this task, or a new update of today."""
        draft = self._drafts.pop(self._task, Draft(self._blank()))
        self._corrects, self._fault = draft.corrects, draft.fault
        self._page.form.show_typed(draft.typed, draft.corrects is not None)
        self._page.step_form.show_typed(draft.step, self._about(draft.step))
        if draft.fault:
            self._page.form.say_unsaved(draft.fault)

    def _set_down(self) -> None:
        open_one = self._open_draft()
        self._drafts.pop(self._task, None)
        if open_one:
            self._drafts[self._task] = open_one

    def _open_draft(self) -> Draft | None:
        typed, step = self._page.form.typed(), self._page.step_form.typed()
        if not self._task or (typed == self._blank() and not self._corrects and step is None):
            return None
        return Draft(typed, self._corrects, self._fault, step)

    def _blank(self) -> Typed:
        return Typed(formats.day(self.day))

    # Progress

    @Slot()
    def _save(self) -> None:
        assigned = self._reading.find(self._task)
        if assigned is None:
            return
        form, now = self._page.form, self._clock()
        progress = progress_of(form.typed(), assigned.task, day_at(now))
        if isinstance(progress, Wrong):
            form.say_wrong(say(f"tasks.wrong.{progress.key}", **progress.values))
            self._page.type_in(progress.field)
            return
        task = assigned.task
        key = self._corrects or Key(PROGRESS, task.unit, task.item, "", uuid7(now))
        try:
            changes = self._store.record_changes([(key, progress.content())], self.author, now)
        except EnvironmentFault as fault:
            self._fault = fault
            form.say_unsaved(fault)
            return
        self._renew()
        self.stored.emit(changes)

    @Slot(object)
    def _correct(self, key: Key) -> None:
        assigned = self._reading.find(self._task)
        updates = assigned.updates if assigned else ()
        update = next((update for update in updates if update.cell.key == key), None)
        if update:
            typed = self._page.form.typed()
            if self._corrects is None and typed != self._blank():
                self._aside[self._task] = Draft(typed, None, self._fault)
            self._corrects, self._fault = key, None
            self._page.form.show_typed(typed_of(update.progress), correcting=True)
            self._page.type_in("percent")

    @Slot()
    def _give_up(self) -> None:
        """Leave a correction, or what was typed for a new update stands as it is."""
        if self._corrects:
            self._renew()
        self.left.emit()

    def _renew(self) -> None:
        """The form for the next update: what was set aside for a correction, or an empty one."""
        step = self._page.step_form.typed()
        draft = self._aside.pop(self._task, Draft(self._blank()))
        self._drafts[self._task] = Draft(draft.typed, None, draft.fault, step)
        self._take_up()
        self._soon.start()

    # Steps

    @Slot(str, str)
    def _ask(self, kind: str, to: str) -> None:
        """Begin to say a step; what was half said of another of its kind stays."""
        typed = self._page.step_form.typed()
        if typed is None or (typed.kind, typed.to) != (kind, to):
            typed = TypedStep(kind, to, self._day_of(kind, to), typed.words if typed else "")
            self._page.step_form.show_typed(typed, self._about(typed))
            self._soon.start()
        self._page.ask_step()

    @Slot()
    def _take(self) -> None:
        assigned, typed = self._reading.find(self._task), self._page.step_form.typed()
        if assigned is None or typed is None:
            return
        now, task = self._clock(), self._reading.task_now(assigned.task)
        step = step_of(typed, task, self._reading.steps_now(task), day_at(now))
        if isinstance(step, Wrong):
            self._page.step_form.say_wrong(step)
            return
        if step.kind is StepKind.WITHDRAW:
            together = [task, *self._below(task)]
            cells = withdraw(together, step.words, step.date, lambda: uuid7(now))
        elif step.kind is StepKind.RESUME:
            together = [task, *self._gone_with(assigned)]
            cells = resume(together, step.words, step.date, lambda: uuid7(now))
        else:
            cells = cells_of(task, uuid7(now), step)
        try:
            changes = self._store.record_changes(list(cells.items()), self.author, now, self._reading.rivals(cells))
        except EnvironmentFault as fault:
            self._page.step_form.say_unsaved(fault)
            return
        self._leave_step()
        self.stored.emit(changes)

    @Slot()
    def _leave_step(self) -> None:
        self._page.step_form.show_typed(None)
        self._soon.start()
        self.left.emit()

    def _day_of(self, kind: str, to: str) -> str:
        """The day that a step begins with: what was asked for, or today for what is done."""
        if kind == StepKind.REPORT_DONE:
            return formats.day(self.day)
        assigned = self._reading.find(self._task)
        asked = assigned.steps.get(to) if assigned and kind == StepKind.EXTEND else None
        return formats.day(asked.due) if asked and asked.due else ""

    def _about(self, typed: TypedStep | None) -> str:
        """What a step answers, in its words, or what else it concerns."""
        assigned = self._reading.find(self._task)
        if typed is None or assigned is None:
            return ""
        if typed.kind == StepKind.WITHDRAW:
            count = sum(not each.is_confirmed and not each.is_withdrawn for each in self._below(assigned.task))
            return say("tasks.step.withdraw.also", count=count) if count else ""
        if typed.kind == StepKind.RESUME:
            count = len(self._gone_with(assigned))
            return say("tasks.step.resume.also", count=count) if count else ""
        step = assigned.steps.get(typed.to)
        if step is None:
            return ""
        return say("tasks.step.answers", title=say(f"tasks.step.{step.kind}.title"), words=step.words)

    def _gone_with(self, assigned: Assigned) -> list[Task]:
        """What was withdrawn together with a task that is withdrawn."""
        if not assigned.task.is_withdrawn:
            return []
        found = (self._reading.find(each.item) for each in self._below(assigned.task))
        return withdrawn_with(assigned.steps, [(each.task, each.steps) for each in found if each])


_drafts: WeakKeyDictionary[Store, tuple[dict[str, Draft], dict[str, Draft]]] = WeakKeyDictionary()
"""What is half typed, by task, and what is set aside for a correction. It outlives the window, which is built again for
another language or theme."""
