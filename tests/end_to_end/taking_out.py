"""What a person takes out of the program on purpose: a workbook, a PDF, the journal for whoever helps."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from desktop.entry.files import Files
from desktop.entry.notice import Notice
from desktop.widgets.print_preview import PrintDialog
from desktop.widgets.words import say
from tests.end_to_end.administering import Administering

_LEFT = Qt.MouseButton.LeftButton


class TakingOut(Administering):
    """Orders about files that are meant to be read elsewhere. The grid to be taken out is the one in front."""

    def export(self, path: str) -> bool:
        """What the grid shows as a workbook, with its sensitive figures."""
        _choose(path)
        (files,) = self._window().findChildren(Files)
        files.export_view(".xlsx")
        self._with_sensitive()
        return self._wait(Path(path).exists)

    def print_pdf(self, path: str) -> bool:
        """What the grid shows as pages, looked at and saved."""
        (files,) = self._window().findChildren(Files)
        files.print_view()
        self._with_sensitive()

        def shown() -> list[PrintDialog]:
            found = (one for one in QApplication.topLevelWidgets() if isinstance(one, PrintDialog))
            return [one for one in found if one.isVisible()]

        assert self._wait(shown)
        (dialog,) = shown()
        dialog.save(Path(path))
        dialog.accept()
        return Path(path).exists()

    def _with_sensitive(self) -> None:
        """Answer that the sensitive figures shall go out too."""
        words = say("exchange.sensitive.with")
        (answer,) = (
            button
            for notice in self._window().findChildren(Notice)
            for button in notice.findChildren(QPushButton)
            if button.text() == words and button.isVisible()
        )
        QTest.mouseClick(answer, _LEFT)

    def save_journal(self, path: str) -> bool:
        _choose(path)
        room = self._transfer("journal")
        QTest.mouseClick(room.save, _LEFT)
        return self._wait(Path(path).exists)


def _choose(path: str) -> None:
    """The system's own dialog, which no test can click in, gives this name."""
    setattr(QFileDialog, "getSaveFileName", lambda *_: (path, ""))  # noqa: B010 - a class of Qt's: no assignment fits
