"""Help (F1): a page for each screen, read beside the window while a person goes on working."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.resources import ROOT
from desktop.widgets.words import language, say

FIRST: Final = "today"
"""The page of a screen that has none of its own."""


class Help(QWidget):
    """A window of its own; Esc closes it, and links lead from page to page."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(say("shell.help.title"))
        self.resize(theme.px(640), theme.px(620))
        self.page = ""
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.text.setAccessibleName(say("shell.help.title"))
        self.text.document().setDocumentMargin(theme.px(20))
        self.text.anchorClicked.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        QShortcut(QKeySequence("Esc"), self, self.close)

    def open_page(self, name: str) -> None:
        """Show the page of a screen, in front."""
        self.page = name if page_of(name).exists() else FIRST
        self.text.setMarkdown(page_of(self.page).read_text(encoding="utf-8"))
        self.show()
        self.activateWindow()
        self.text.setFocus()

    @Slot(QUrl)
    def _follow(self, link: QUrl) -> None:
        self.open_page(link.toString())


def page_of(name: str) -> Path:
    """The file of a screen's page in the language now shown."""
    return ROOT / "help" / language() / f"{name}.md"
