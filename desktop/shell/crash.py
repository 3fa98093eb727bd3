"""Our own bugs: kept in the folder's log, and shown once with a report to save that holds none of what was typed."""

import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.errors import lines_of

LOG: Final = "soxa-errors.log"
_LOG_BYTES: Final = 256 << 10


def report(kind: type[BaseException], trace: TracebackType | None, at: datetime) -> str:
    """What broke and where: versions, the error's kind and the lines of code on the way to it.

    The error's own message is left out, since it may quote a value.
    """
    import platform  # not for a start

    lines = [
        f"{at:%Y-%m-%d %H:%M:%S%z}",
        f"Python {platform.python_version()} · Qt {qVersion()} · {platform.system()} {platform.release()}",
        kind.__name__,
    ]
    return "\n".join([*lines, *lines_of(trace)]) + "\n"


def keep(folder: Path, text: str) -> None:
    """Add a report to the folder's log, which is started again when it has grown, and say it on standard error.

    There too without the error's message: systems keep what programs with windows say in a log of their own.
    """
    if sys.stderr:
        sys.stderr.write(text)
    log = folder / LOG
    try:
        fresh = not log.exists() or log.stat().st_size > _LOG_BYTES
        with log.open("w" if fresh else "a", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError:
        pass  # The folder cannot be written: the dialog still shows the report.


class CrashDialog(QDialog):
    """Says that the fault is ours and that what was typed is saved; offers the report as a file."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setWindowTitle(say("shell.crash.title"))
        self.resize(theme.px(620), theme.px(420))
        title, words = theme.label(say("shell.crash.title"), "title"), theme.label(say("shell.crash.text"))
        for label in (title, words):
            label.setWordWrap(True)
        shown = QPlainTextEdit(text)
        shown.setReadOnly(True)
        shown.setAccessibleName(say("shell.crash.report"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        save = buttons.addButton(say("shell.crash.save"), QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(8))
        for widget in (title, words, shown, buttons):
            column.addWidget(widget)
        buttons.rejected.connect(self.reject)
        save.clicked.connect(self._save)

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, say("shell.crash.save"), "soxa-bao-loi.txt", "*.txt")
        if not chosen:
            return
        try:
            Path(chosen).write_text(self._text, encoding="utf-8")
        except OSError:
            self.setWindowTitle(say("errors.store_folder_unwritable.title"))
