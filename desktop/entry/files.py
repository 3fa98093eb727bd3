"""The button for files: what goes out as a workbook or CSV, and what comes in."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSettings, QStandardPaths, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.entry.model import GridModel
from desktop.entry.notice import Notice
from desktop.entry.steps import Action, Step
from desktop.entry.view import GridView
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key
from sync.store import Store

if TYPE_CHECKING:  # loaded when a file is asked for
    from desktop.entry.importing import ImportDialog
    from desktop.entry.subject import Subject
    from desktop.widgets.work import Run, Work

_FOLDER: Final = "entry/folder"
_SLICE_S: Final = 0.02
"""How long rows are collected before the window has its turn."""
_PROGRESS_AFTER_MS: Final = 700


class Files(QPushButton):
    """Opens a menu for what `view` shows. `notice` says what must be read, `tell` a few words in passing."""

    def __init__(
        self,
        view: GridView,
        catalogue: Catalogue,
        open_store: Callable[[], Store],
        notice: Notice,
        settings: QSettings,
        clock: Callable[[], datetime],
        tell: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(say("exchange.button"), parent)
        self._view, self._catalogue, self._open_store = view, catalogue, open_store
        self._notice, self._settings, self._clock, self._tell = notice, settings, clock, tell
        self._work: Work | None = None
        self._rows: Iterator[Any] | None = None
        self._collected: list[Any] = []
        self._doing = ""
        self._slow = QTimer(self, singleShot=True, interval=_PROGRESS_AFTER_MS)
        self._slow.timeout.connect(self._show_progress)
        self.setToolTip(say("exchange.button_tip"))
        self.clicked.connect(self._open_menu)
        QShortcut(QKeySequence.fromString("Ctrl+P"), parent, self.print_view)

    @Slot()
    def _open_menu(self) -> None:
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        for name, slot in (
            ("template", self.export_template),
            ("import", self.import_file),
            ("", None),
            ("xlsx", partial(self.export_view, ".xlsx")),
            ("csv", partial(self.export_view, ".csv")),
            ("", None),
            ("print", self.print_view),
        ):
            if slot is None:
                menu.addSeparator()
            else:
                menu.addAction(say(f"exchange.menu.{name}"), slot)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    # Out

    @Slot()
    def export_template(self) -> None:
        """Ask for a file and write the form to fill in."""
        from desktop.entry.exporting import export_template, file_name

        def write(model: GridModel, subject: "Subject", with_sensitive: bool) -> None:
            path = self._asked_for(file_name(subject, ".xlsx"), ".xlsx")
            if path is not None:
                self._start(partial(export_template, subject, path, with_sensitive=with_sensitive))

        self._with_sensitive_or_without(write)

    def export_view(self, suffix: str) -> None:
        """Ask for a file, collect what the grid shows a little at a time, and write it."""
        from desktop.entry.exporting import export_table, file_name, shown_rows, shown_table

        def write(model: GridModel, subject: "Subject", with_sensitive: bool) -> None:
            path = self._asked_for(file_name(subject, suffix), suffix)
            if path is None:
                return

            def save(rows: list[Any]) -> None:
                table = shown_table(model, subject, rows, with_sensitive=with_sensitive)
                self._start(partial(export_table, table, path))

            self._collect_all(model, shown_rows(model, with_sensitive=with_sensitive), "exchange.saving", save)

        self._with_sensitive_or_without(write)

    def _with_sensitive_or_without(self, write: Callable[[GridModel, "Subject", bool], None]) -> None:
        """Where the form has sensitive figures, ask first whether they shall leave this PC."""
        from desktop.entry.exporting import has_sensitive

        found = self._ready()
        if found is None:
            return
        model, subject = found
        if not has_sensitive(subject):
            write(model, subject, True)
            return

        def go_on(with_sensitive: bool) -> None:
            self._notice.close_notice()
            if self._view.grid() is model:
                write(model, subject, with_sensitive)

        answers = [
            (say("exchange.sensitive.without"), partial(go_on, False)),
            (say("exchange.sensitive.with"), partial(go_on, True)),
        ]
        self._notice.ask(say("exchange.sensitive.text"), answers)

    @Slot()
    def print_view(self) -> None:
        """Show the pages of what the grid shows, as it is turned."""
        from desktop.entry.exporting import class_written, file_name
        from desktop.entry.printing import MOST_CELLS, printed_of, printed_rows

        def write(model: GridModel, subject: "Subject", with_sensitive: bool) -> None:
            notes, up_to = list[str](), class_written(subject, with_sensitive=with_sensitive)

            def show(rows: list[Any]) -> None:
                # Loaded when it is asked for: most days nobody prints.
                from desktop.widgets.print_preview import PrintDialog

                self._end()
                printed = printed_of(model, rows, notes, self._clock(), up_to)
                dialog = PrintDialog(printed, file_name(subject, ""), self._settings, _FOLDER, self.window())
                dialog.finished.connect(dialog.deleteLater)
                dialog.open()

            self._collect_all(model, printed_rows(model, notes, up_to), "exchange.printing", show)

        shown = self._view.grid()
        if shown is not None and shown.rowCount() * shown.columnCount() > MOST_CELLS:
            self._notice.tell(say("entry.print.too_large", most=MOST_CELLS))
        else:
            self._with_sensitive_or_without(write)

    def _collect_all(
        self, model: GridModel, rows: Iterator[Any], doing: str, then: Callable[[list[Any]], None]
    ) -> None:
        """Collect what the grid shows a little at a time, and say what is done if it takes a while."""
        self._rows, self._collected, self._doing = rows, [], doing
        self._slow.start()
        self._collect(model, then)

    def _collect(self, model: GridModel, then: Callable[[list[Any]], None]) -> None:
        if self._rows is None:
            return  # given up
        if self._view.grid() is not model:
            self._end()
            return
        until = monotonic() + _SLICE_S
        for row in self._rows:
            self._collected.append(row)
            if monotonic() > until:
                if not self._slow.isActive():
                    self._show_progress()
                QTimer.singleShot(0, self, partial(self._collect, model, then))
                return
        self._rows = None
        then(self._collected)

    def _start(self, run: "Run") -> None:
        from desktop.widgets.work import Work

        self._work = Work(run)
        self._work.done.connect(self._saved)
        self._work.failed.connect(self._failed)
        self._slow.start()
        self._work.start()

    @Slot()
    def _show_progress(self) -> None:
        model = self._view.grid()
        if self._rows is not None and model is not None:
            self._notice.progress(say(self._doing), len(self._collected), model.rowCount(), self._cancel)
        elif self._work is not None:
            self._notice.progress(say("exchange.saving"), 0, 0, self._cancel)

    @Slot()
    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()
        self._end()
        self._tell(say("exchange.given_up"))

    @Slot(object)
    def _saved(self, path: Path) -> None:
        self._end()
        self._tell(say("exchange.saved", file=path.name))

    @Slot(object)
    def _failed(self, fault: EnvironmentFault) -> None:
        self._end()
        words = " ".join(say(f"errors.{fault.code}.{part}") for part in ("title", "text", "way_out"))
        self._notice.tell(say("exchange.failed", fault=words))

    def _end(self) -> None:
        self._slow.stop()
        self._work, self._rows = None, None
        self._notice.close_notice()

    # In

    @Slot()
    def import_file(self) -> None:
        """Ask for a file and show what it would change."""
        from PySide6.QtWidgets import QFileDialog

        from sync.exchange.workbooks import BOOKS, TEXTS

        if self._ready() is None:
            return
        kinds = " ".join(f"*{suffix}" for suffix in (*BOOKS, *TEXTS))
        kind = say("exchange.kinds.read", kinds=kinds)
        name, _ = QFileDialog.getOpenFileName(self.window(), say("exchange.menu.import"), self._folder(), kind)
        if name:
            self._keep_folder(Path(name))
            self.open_file(Path(name))

    def open_file(self, path: Path) -> "ImportDialog | None":
        """Show what a file would change in the grid that is open now."""
        from desktop.entry.importing import ImportDialog

        found = self._ready()
        if found is None:
            return None
        model, subject = found
        dialog = ImportDialog(subject, path, self._settings, self.window())
        dialog.chosen.connect(partial(self._write, model))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _write(self, model: GridModel, count: int, make: Callable[[], dict[Key, str]]) -> None:
        """Write what was chosen as one step, which one undo takes back."""
        model = self._view.grid() or model  # another one, where a sync brought other columns meanwhile
        step = Step(Action.IMPORTING, model.form.key, {})
        model.writer.write_made(model.contents, step, count, make, sure=True)

    # Both

    def _ready(self) -> "tuple[GridModel, Subject] | None":
        """What is open now, once nothing is under way."""
        from desktop.entry.subject import subject_of

        model = self._view.grid()
        if model is None or model.writer.busy or self._work is not None or self._rows is not None:
            self._tell(say("exchange.busy"))
            return None
        self._view.store_open_editor()
        return model, subject_of(model, self._catalogue, self._open_store)

    def _asked_for(self, name: str, suffix: str) -> Path | None:
        """The file that the person names, with its ending."""
        from PySide6.QtWidgets import QFileDialog

        kind = say(f"exchange.kinds.{suffix[1:]}")
        folder = Path(self._folder()) / name
        found, _ = QFileDialog.getSaveFileName(self.window(), say("exchange.save_title"), str(folder), kind)
        if not found:
            return None
        path = Path(found)
        self._keep_folder(path)
        return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)

    def _folder(self) -> str:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return str(self._settings.value(_FOLDER, documents))

    def _keep_folder(self, path: Path) -> None:
        self._settings.setValue(_FOLDER, str(path.parent))
