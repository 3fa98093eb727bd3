"""Tasks on their way to units: one that is typed, one that is broken down, one that was given wrong, those of a
decision's list."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.tasks.here import Here
from desktop.tasks.reading import Reading
from desktop.tasks.storing import AT_ONCE, Given, Stored, beside, store_given
from desktop.widgets.work import Work
from sync.domain.catalogue import Catalogue
from sync.domain.correcting import correct, differing
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.keys import within
from sync.domain.local_time import day_at
from sync.domain.tasks import Task
from sync.domain.units import Unit
from sync.store import Store

if TYPE_CHECKING:  # loaded when a task is given
    from desktop.tasks.assigning import AssignDialog
    from desktop.tasks.correcting import CorrectDialog
    from desktop.tasks.importing import ImportTasks


class Giving(QObject):
    """`given` carries the change set and the tasks that were stored, `corrected` the change set. `here` is who gives
    them; whoever may not give their own unit one leaves it without the whole of what several get."""

    given = Signal(object, object)
    corrected = Signal(object)
    here: Here

    def __init__(
        self,
        store: Store,
        open_store: Callable[[], Store],
        catalogue: Catalogue,
        clock: Callable[[], datetime],
        reading: Reading,
        room: QWidget,
    ) -> None:
        super().__init__(room)
        self._store, self._catalogue, self._clock, self._room = store, catalogue, clock, room
        self._reading, self._open_store = reading, open_store
        self._work: Work | None = None
        self._dialog: AssignDialog | ImportTasks | None = None
        self._correcting: CorrectDialog | None = None
        self._opened: Task | None = None

    def below(self, task: Task) -> list[Task]:
        """What was given below a task, of that over which whoever is here decides."""
        return [each for each in self._reading.below(task) if self.here.decides(each)]

    def type_one(self, today: date, whole: Task | None = None) -> None:
        """Open the dialog in which the unit gives a task, or parts of `whole` to those next below it."""
        from desktop.tasks.assigning import AssignDialog

        here, by = self.here, self._giver()
        if by is None:
            return
        below = self._choosable(by, today)
        if whole is not None:
            below = [one for one in below if one.key.count(".") == by.key.count(".") + 1]
        dialog = AssignDialog(self._store, self._catalogue, by, below, self._clock, today, whole, self._room)
        dialog.keeps_whole = here.may_give_to(by.key)
        self._show(dialog)

    def correct(self, task: Task, today: date) -> None:
        """Open the dialog in which `task` is corrected, and with it what was given below it alike."""
        from desktop.tasks.correcting import CorrectDialog

        by = self._giver()
        if by is None:
            return
        whole, parts = self._reading.find(task.parent), any(not each.supports for each in self.below(task))
        units = self._choosable(by, today)
        known = {one.key for one in units}
        of_it = {task.unit, *task.supporting} - known
        units += [replace(one, name=self.here.names[one.key]) for one in self.here.units if one.key in of_it]
        self._opened = task
        self._correcting = dialog = CorrectDialog(
            self._store,
            self._catalogue,
            task,
            whole.task if whole and not task.supports else None,
            by,
            units,
            today,
            with_parts=parts,
            together=len(self._given_with(task)),
            parent=self._room,
        )
        dialog.corrected.connect(self._correct)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def open_list(self, path: Path, known_tasks: Sequence[Task], today: date) -> None:
        """Show what the list in `path` would give to whom, beside the tasks that are known already."""
        from desktop.tasks.importing import ImportTasks

        here, by = self.here, self._giver()
        if by is None:
            return
        # Those that were closed are known, so that it can be said that they were.
        known = [one for one in here.units if one == by or one.valid_to is not None or here.may_give_to(one.key)]
        dialog = ImportTasks(path, by, known, known_tasks, self._clock, today, self._room)
        dialog.keeps_whole = here.may_give_to(by.key)
        self._show(dialog)

    def _choosable(self, by: Unit, today: date) -> list[Unit]:
        """The units to which `by` may give a task, each by a name of its own."""
        told_apart = (replace(one, name=self.here.names[one.key]) for one in self.here.units)
        open_ones = (one for one in told_apart if one.valid_to is None or one.valid_to >= today)
        return [one for one in open_ones if within(one.key, by.key) and self.here.may_give_to(one.key)]

    def _giver(self) -> Unit | None:
        return next((one for one in self.here.units if one.key == self.here.unit), None)

    def _show(self, dialog: "AssignDialog | ImportTasks") -> None:
        self._dialog = dialog
        dialog.given.connect(self._give)
        dialog.finished.connect(self._forget)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def _give(self, given: Given) -> None:
        """Store what was given, all of it in one transaction; of much, the dialog waits for it."""
        author, at = self._store.author(), self._clock()
        if given.size > AT_ONCE:
            assert self._dialog is not None
            self._dialog.say_storing()
            self._work = Work(beside(self._open_store, given, author, at))
            self._work.done.connect(self._take)
            self._work.failed.connect(self._fail)
            self._work.start()
            return
        try:
            stored = store_given(self._store, given, author, at)
        except EnvironmentFault as fault:
            self._fail(fault)
            return
        self._take(stored)

    @Slot(object)
    def _take(self, stored: Stored) -> None:
        if self._dialog is not None:
            self._dialog.done_with()
        self.given.emit(*stored)

    @Slot(object)
    def _fail(self, fault: EnvironmentFault) -> None:
        if self._dialog is not None:
            self._dialog.say_unsaved(fault)

    @Slot()
    def _forget(self) -> None:
        if self.sender() is self._dialog:
            self._dialog = None

    def _given_with(self, task: Task) -> list[Task]:
        others = self._reading.given_with(task)
        return [each for each in others if not each.is_withdrawn and self.here.decides(each)]

    @Slot(object, str, bool)
    def _correct(self, said: Task, words: str, together: bool) -> None:
        """Store what was corrected, unless somebody else has corrected the same, or withdrawn it, since the dialog was
        opened."""
        dialog, opened = self._correcting, self._opened
        assert dialog is not None
        assert opened is not None
        task = self._reading.task_now(opened)
        mine, theirs = differing(opened, said), differing(opened, task)
        if task.is_withdrawn:
            dialog.say_withdrawn()
            return
        self._opened = task
        both = [name for name in mine if name in theirs]
        if task.is_confirmed and not opened.is_confirmed:
            both.append("state")  # given to another unit, it would be withdrawn here
        if both:
            dialog.begin_again(task, both)
            return
        now = self._clock()
        meant = replace(task, unit=said.unit, **{name: getattr(said, name) for name in mine})
        others = self._given_with(task) if together else []
        under = [below for each in (task, *others) for below in self.below(each)]
        cells = correct(task, meant, [*others, *under], words, day_at(now), lambda: uuid7(now))
        try:
            changes = self._store.record_changes(
                list(cells.items()), self._store.author(), now, self._reading.rivals(cells)
            )
        except EnvironmentFault as fault:
            dialog.say_unsaved(fault)
            return
        dialog.done_with()
        self.corrected.emit(changes)
