"""The button for files: a decision's list comes in, the report of what is shown goes out, to a workbook or on paper."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, QStandardPaths, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from desktop.tasks.report import MOST_PRINTED, printed
from desktop.widgets.duty import duty
from desktop.widgets.words import say
from sync.domain.catalogue import Sensitivity
from sync.domain.text import fold
from sync.exchange.writing import Table, write_xlsx

if TYPE_CHECKING:  # loaded when a file is asked for
    from desktop.widgets.print_preview import PrintDialog
    from desktop.widgets.work import Work

_FOLDER: Final = "tasks/folder"
_LONGEST_NAME: Final = 80


class Files(QPushButton):
    """`table` gives the report of what is shown, `open_list` takes a list. `told` carries a few words, `failed` a
    fault."""

    told = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        table: Callable[[], Table],
        open_list: Callable[[Path], None],
        settings: QSettings,
        clock: Callable[[], datetime],
        room: QWidget,
    ) -> None:
        super().__init__(say("tasks.files.button"))
        self._table, self._open_list, self._settings, self._clock = table, open_list, settings, clock
        self._room = room
        self._work: Work | None = None
        self.setToolTip(say("tasks.files.tip"))
        self.clicked.connect(self._open_menu)

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        for name, slot in (("import", self.import_list), ("export", self.export), ("print", self.print_report)):
            menu.addAction(say(f"tasks.files.{name}"), slot)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    @Slot()
    def import_list(self) -> None:
        """Ask for a workbook and show what it would give to whom."""
        name, _ = QFileDialog.getOpenFileName(
            self._room, say("tasks.files.import"), str(self._folder()), say("tasks.files.kinds_in")
        )
        if name:
            self._open_list(self._kept(name))

    @Slot()
    def export(self) -> None:
        """Ask for a file and write the report."""
        words = "".join(letter if letter.isalnum() else " " for letter in fold(self._table().title)).split()
        named = "-".join(words)[:_LONGEST_NAME] + ".xlsx"
        name, _ = QFileDialog.getSaveFileName(
            self._room, say("tasks.files.export"), str(self._folder() / named), say("tasks.files.kinds_out")
        )
        if name:
            self.write(self._kept(name))

    def write(self, path: Path) -> None:
        """Write the report into a workbook, on a thread of its own."""
        from desktop.widgets.work import Work

        self._work = Work(partial(_written, self._table(), path))
        self._work.done.connect(self._done)
        self._work.failed.connect(self.failed)
        self._work.start()

    @Slot()
    def print_report(self) -> "PrintDialog | None":
        """Show the pages of the report, to be printed or saved as a PDF; of too long a list say so."""
        from desktop.widgets.print_preview import PrintDialog

        table = self._table()
        if len(table.rows) > MOST_PRINTED:
            self.told.emit(say("tasks.report.too_long", count=MOST_PRINTED))
            return None
        dialog = PrintDialog(printed(table, self._clock()), "nhiem-vu", self._settings, _FOLDER, self._room)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    @Slot(object)
    def _done(self, file: str) -> None:
        self.told.emit(say("tasks.files.written", file=file))

    def _folder(self) -> Path:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(str(self._settings.value(_FOLDER, documents)))

    def _kept(self, name: str) -> Path:
        path = Path(name)
        self._settings.setValue(_FOLDER, str(path.parent))
        return path


def _written(table: Table, path: Path, cancelled: Callable[[], bool]) -> str:
    guarded = duty(Sensitivity.INTERNAL)
    write_xlsx(path, table._replace(title=f"{table.title} · {guarded}"), cancelled)
    return path.name
