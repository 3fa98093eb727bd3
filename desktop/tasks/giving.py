"""Tasks on their way to units and out of the room: one typed, one broken down, a decision's list, a unit's report."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSettings, QStandardPaths, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import within
from sync.domain.tasks import Task
from sync.domain.text import fold
from sync.domain.units import Unit
from sync.exchange.writing import Table, write_xlsx
from sync.store import Store

if TYPE_CHECKING:  # loaded when a task is given
    from desktop.tasks.assigning import AssignDialog
    from desktop.tasks.importing import ImportTasks
    from desktop.widgets.work import Work

_FOLDER: Final = "tasks/folder"
_LONGEST_NAME: Final = 80


class Giving(QObject):
    """`given` carries the change set and the tasks that were stored, `written` the name of a file, `failed` a fault."""

    given = Signal(object, object)
    written = Signal(object)
    failed = Signal(object)

    def __init__(
        self, store: Store, catalogue: Catalogue, clock: Callable[[], datetime], settings: QSettings, room: QWidget
    ) -> None:
        super().__init__(room)
        self._store, self._catalogue, self._clock = store, catalogue, clock
        self._settings, self._room = settings, room
        self._dialog: AssignDialog | ImportTasks | None = None
        self._work: Work | None = None

    def type_one(self, unit: str, units: Sequence[Unit], today: date, whole: Task | None = None) -> None:
        """Open the dialog in which the unit of this key gives a task, or parts of `whole` to those next below it."""
        from desktop.tasks.assigning import AssignDialog

        by = next((one for one in units if one.key == unit), None)
        if by is None:
            return
        open_ones = [one for one in units if one.valid_to is None or one.valid_to >= today]
        below = [one for one in open_ones if within(one.key, unit)]
        if whole is not None:
            below = [one for one in below if one.key.count(".") == unit.count(".") + 1]
        self._show(AssignDialog(self._store, self._catalogue, by, below, self._clock, today, whole, self._room))

    def open_list(self, path: Path, unit: str, units: Sequence[Unit], here: Sequence[Task], today: date) -> None:
        """Show what the list in `path` would give to whom."""
        from desktop.tasks.importing import ImportTasks

        by = next((one for one in units if one.key == unit), None)
        if by is not None:
            self._show(ImportTasks(path, by, units, here, self._clock, today, self._room))

    def ask_for_list(self) -> Path | None:
        """The workbook that the person chooses."""
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getOpenFileName(
            self._room, say("tasks.files.import"), str(self._folder()), say("tasks.files.kinds_in")
        )
        return self._kept(name)

    def ask_for_report(self, unit: str, day: date) -> Path | None:
        """The file that the report of a unit is to be written to."""
        from PySide6.QtWidgets import QFileDialog

        words = "".join(letter if letter.isalnum() else " " for letter in fold(unit)).split()
        named = "-".join(["nhiem-vu", *words])[:_LONGEST_NAME] + f"-{day:%Y%m%d}.xlsx"
        name, _ = QFileDialog.getSaveFileName(
            self._room, say("tasks.files.export"), str(self._folder() / named), say("tasks.files.kinds_out")
        )
        return self._kept(name)

    def write(self, table: Table, path: Path) -> None:
        """Write a report, on a thread of its own."""
        from desktop.widgets.work import Work

        self._work = Work(partial(_written, table, path))
        self._work.done.connect(self.written)
        self._work.failed.connect(self.failed)
        self._work.start()

    def _folder(self) -> Path:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(str(self._settings.value(_FOLDER, documents)))

    def _kept(self, name: str) -> Path | None:
        if not name:
            return None
        path = Path(name)
        self._settings.setValue(_FOLDER, str(path.parent))
        return path

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


def _written(table: Table, path: Path, cancelled: Callable[[], bool]) -> str:
    write_xlsx(path, table, cancelled)
    return path.name
