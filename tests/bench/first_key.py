"""What `bench start` starts: the application, or a bare window, each up to its first typed key, in a fresh process.

Prints the clock's reading and the resident memory in bytes when the key was taken: by the application when what was
typed is stored, by the bare window when its table got the key.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QTableView, QWidget


class Typist(QObject):
    """Types into the table as soon as it has been painted."""

    def __init__(self, table: QTableView, keys: list[tuple[Qt.Key, str]]) -> None:
        super().__init__()
        self._keys = keys
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            for key, text in self._keys:
                QApplication.postEvent(self, _Press(key, text))
        return False

    def customEvent(self, event: QEvent) -> None:
        assert isinstance(event, _Press)
        target = QApplication.focusWidget()
        assert target is not None
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(target, QKeyEvent(kind, event.key, Qt.KeyboardModifier.NoModifier, event.text))


class _Press(QEvent):
    def __init__(self, key: Qt.Key, text: str) -> None:
        super().__init__(QEvent.Type.User)
        self.key, self.text = key, text


def taken() -> None:
    """Say when, and with how much memory, and end without ceremony."""
    now = time.monotonic()
    resident = Path("/proc/self/statm").read_text().split()[1]
    print(now, int(resident) * 4096, flush=True)
    sys.stdout.close()
    QApplication.instance().exit()  # type: ignore[union-attr]


def ours(folder: Path) -> None:
    from desktop.__main__ import hasten

    hasten()
    from desktop.app import App
    from desktop.entry.view import GridView
    from desktop.shell.single import Single

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
    (grid,) = app.window.findChildren(GridView)
    # Another digit than at the start before, whose cell this may be: the same again would be no edit.
    digit = before % 9 + 1
    typist = Typist(grid, [(Qt.Key(ord(str(digit))), str(digit)), (Qt.Key.Key_Return, "\r")])
    qt.exec()
    app.stop()
    typist.deleteLater()


def bare() -> None:
    from PySide6.QtGui import QStandardItemModel
    from PySide6.QtWidgets import QMainWindow

    class Table(QTableView):
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
    typist = Typist(table, [(Qt.Key.Key_7, "7")])
    qt.exec()
    typist.deleteLater()


if __name__ == "__main__":
    ours(Path(sys.argv[1])) if len(sys.argv) > 1 else bare()
