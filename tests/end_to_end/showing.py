"""What a person does with the evidence of a task: drop files on its page, see where they are, have them fetched."""

from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.tasks.room import TasksRoom
from desktop.widgets.preview import Preview
from desktop.widgets.rows import Row
from sync.store.evidence import Attached
from tests.end_to_end.deciding import Deciding


class Showing(Deciding):
    """Orders about the evidence of a task."""

    def _tasks(self, task: str) -> TasksRoom:
        raise NotImplementedError

    def attach(self, task: str, paths: list[str]) -> list[str]:
        """Drop files on a task's page and wait until all are attached; what was refused, in words."""
        room = self._tasks(task)
        dropped = QMimeData()
        dropped.setUrls([QUrl.fromLocalFile(path) for path in paths])
        action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        page = room.page.viewport()
        QApplication.sendEvent(page, QDragEnterEvent(QPoint(20, 20), action, dropped, button, none))
        QApplication.sendEvent(page, QDropEvent(QPointF(20, 20), action, dropped, button, none))
        self._wait(lambda: room.proving.waiting() == 0 and room.proving._work is None)
        panel = room.proving.panel
        return panel.refused_words.text().split("\n") if panel.refused.isVisible() else []

    def evidence(self, task: str) -> list[list[str]]:
        """What the page lists: name, where the file is in words, and who attached it when."""
        model = self._tasks(task).proving.panel.list.model()
        return [[row.title, row.pill, row.detail] for row in model.rows if isinstance(row, Row)]  # type: ignore[attr-defined]

    def evidence_is(self, task: str, name: str, word: str) -> bool:
        """Wait until a file is where `word` says."""
        return self._wait(lambda: any(row[:2] == [name, word] for row in self.evidence(task)))

    def fetch(self, task: str, name: str) -> bool:
        """Choose a file that is not here, and press Enter."""
        room = self._tasks(task)
        found = room.proving.panel.list
        self._awake(found)
        found.choose(self._one(room, name).cell.key)
        QTest.keyClick(found, Qt.Key.Key_Return)
        return True

    def look(self, task: str, name: str) -> list[int]:
        """Choose a file that is here, and press Enter; how large the picture is that is then shown."""
        room = self._tasks(task)
        found = room.proving.panel.list
        self._awake(found)
        found.choose(self._one(room, name).cell.key)
        QTest.keyClick(found, Qt.Key.Key_Return)
        preview = next(one for one in room.findChildren(Preview) if one.isVisible())
        assert self._wait(preview.view.isVisible)
        shown = preview.view.sceneRect()
        preview.close()
        return [round(shown.width()), round(shown.height())]

    def digest(self, task: str, name: str) -> list[str]:
        """The hash that is said of a file, and that of the bytes which lie here."""
        room = self._tasks(task)
        one = self._one(room, name)
        files = room.proving._means.open_files()
        with files.opened(one.evidence.sha256) as whole:
            here = sha256(whole.read()).hexdigest()
        files.close()
        return [one.evidence.sha256, here]

    def save_copy(self, task: str, name: str, path: str) -> bool:
        """Write a file out, unencrypted."""
        room = self._tasks(task)
        files = room.proving._means.open_files()
        files.write_to(self._one(room, name).evidence.sha256, Path(path))
        files.close()
        return True

    def _one(self, room: TasksRoom, name: str) -> Attached:
        return next(one for one in room.proving.panel.all() if one.evidence.name == name)
