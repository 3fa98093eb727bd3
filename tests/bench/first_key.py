"""What `bench start` starts: the application, or a bare window, each up to its first typed key, in a fresh process.

Prints the clock's reading and the resident memory in bytes when the key was taken: by the application when what was
typed is stored, by the bare window when its table got the key. Each loads what it needs itself, Qt first of all.
"""

import sys
from pathlib import Path


def ours(folder: Path) -> None:
    from desktop.__main__ import hasten

    hasten()  # before anything else is loaded, as the program's own start does
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication, QWidget

    from desktop.app import App
    from desktop.entry.view import GridView
    from desktop.shell.single import Single
    from tests.bench.typist import Typist, taken

    qt = QApplication(["soxa"])
    single = Single(folder)
    assert single.is_first()
    app = App(folder, single)
    before = app.store.waiting()

    def stored(_: object) -> None:
        assert app.store.waiting() == before + 1
        taken()

    app.feed.changed.connect(stored)
    app.start()
    assert isinstance(app.window, QWidget)
    # Looked for among all widgets, every one would be made known to Python, which neither window needs.
    grid = app.window.focusWidget()
    assert isinstance(grid, GridView)
    # Another digit than at the start before, whose cell this may be: the same again would be no edit.
    digit = before % 9 + 1
    typist = Typist([(Qt.Key(ord(str(digit))), str(digit)), (Qt.Key.Key_Return, "\r")])
    grid.viewport().installEventFilter(typist)
    qt.exec()
    app.stop()
    typist.deleteLater()


def bare() -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QStandardItemModel
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

    from tests.bench.typist import Typist, taken

    typist = Typist([(Qt.Key.Key_7, "7")])

    class Table(QTableView):
        # Asked for its viewport, PySide would load every kind of widget there is, which no bare window needs.
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            typist.painted()

        def keyPressEvent(self, event: QKeyEvent) -> None:
            super().keyPressEvent(event)
            taken()

    qt = QApplication(["bare"])
    window = QMainWindow()
    table = Table()
    table.setModel(QStandardItemModel(20, 10, table))
    window.setCentralWidget(table)
    window.resize(1366, 768)
    window.show()
    table.setFocus()
    qt.exec()
    typist.deleteLater()


if __name__ == "__main__":
    ours(Path(sys.argv[1])) if len(sys.argv) > 1 else bare()
