"""Tasks on their way to units: one that is typed, one that is broken down, those of a decision's list."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.tasks.here import Here
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import within
from sync.domain.tasks import Task
from sync.domain.units import Unit
from sync.store import Store

if TYPE_CHECKING:  # loaded when a task is given
    from desktop.tasks.assigning import AssignDialog
    from desktop.tasks.importing import ImportTasks


class Giving(QObject):
    """`given` carries the change set and the tasks that were stored. `here` is who gives them; whoever may not give
    their own unit one leaves it without the whole of what several get."""

    given = Signal(object, object)
    here: Here

    def __init__(self, store: Store, catalogue: Catalogue, clock: Callable[[], datetime], room: QWidget) -> None:
        super().__init__(room)
        self._store, self._catalogue, self._clock, self._room = store, catalogue, clock, room
        self._dialog: AssignDialog | ImportTasks | None = None

    def type_one(self, today: date, whole: Task | None = None) -> None:
        """Open the dialog in which the unit gives a task, or parts of `whole` to those next below it."""
        from desktop.tasks.assigning import AssignDialog

        here, units = self.here, self.here.units
        by = self._giver()
        if by is None:
            return
        told_apart = (replace(one, name=here.names[one.key]) for one in units)
        open_ones = [one for one in told_apart if one.valid_to is None or one.valid_to >= today]
        below = [one for one in open_ones if within(one.key, by.key) and here.may_give_to(one.key)]
        if whole is not None:
            below = [one for one in below if one.key.count(".") == by.key.count(".") + 1]
        dialog = AssignDialog(self._store, self._catalogue, by, below, self._clock, today, whole, self._room)
        dialog.keeps_whole = here.may_give_to(by.key)
        self._show(dialog)

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

    def _giver(self) -> Unit | None:
        return next((one for one in self.here.units if one.key == self.here.unit), None)

    def _show(self, dialog: "AssignDialog | ImportTasks") -> None:
        self._dialog = dialog
        dialog.given.connect(self._give)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def _give(self, tasks: list[Task]) -> None:
        """Store what was given, all of it in one transaction."""
        dialog = self._dialog
        assert dialog is not None
        edits = [edit for task in tasks for edit in task.cells().items()]
        try:
            changes = self._store.record_changes(edits, self._store.author(), self._clock())
        except EnvironmentFault as fault:
            dialog.say_unsaved(fault)
            return
        dialog.done_with()
        self.given.emit(changes, tasks)
