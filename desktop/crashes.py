"""Bugs of ours: each is kept in the folder's log, and the first of a start is shown."""

import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from desktop.shell.crash import CrashDialog


class Crashes(QObject):
    """Takes what nobody caught, from whatever thread it comes. `front` is what stands before the person."""

    _broke = Signal(str)

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], front: Callable[[], QWidget | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._folder, self._clock, self._front = folder, clock, front
        self._dialog: CrashDialog | None = None
        self._broke.connect(self._show)

    def take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Keep a report of it and show it: as `sys.excepthook`."""
        from desktop.shell.crash import keep, report

        if sys.stderr and sys.stderr.isatty():
            sys.__excepthook__(kind, error, trace)  # for whoever develops, and in no log
        text = report(kind, trace, self._clock())
        keep(self._folder, text)
        self._broke.emit(text)

    def take_of_thread(self, hook: threading.ExceptHookArgs) -> None:
        """The same, as `threading.excepthook`."""
        if hook.exc_value is not None:
            self.take(hook.exc_type, hook.exc_value, hook.exc_traceback)

    def take_unraised(self, hook: "sys.UnraisableHookArgs") -> None:
        """Keep a report where nobody can be told, as while something is thrown away: as `sys.unraisablehook`."""
        from desktop.shell.crash import keep, report

        keep(self._folder, report(hook.exc_type, hook.exc_traceback, self._clock()))

    @Slot(str)
    def _show(self, text: str) -> None:
        """One dialog for each start: an error that repeats itself must not bury the window."""
        if self._dialog is not None:
            return
        from desktop.shell.crash import CrashDialog

        self._dialog = CrashDialog(text, self._front())
        self._dialog.show()
