"""What a person does in the review and the sync centre: steps, reasons, requests, and files that somebody carries."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.entry.view import GridView
from desktop.review.room import ReviewRoom
from desktop.shell.window import Window
from desktop.today.room import TodayRoom
from desktop.transfer.room import TransferRoom
from desktop.widgets.place import Place
from desktop.widgets.rows import Row, RowsModel
from sync.domain.workflow import Stage, State

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


class Deciding(QObject):
    """Orders about forms and files; whoever is at the window says how it is found and waited for."""

    def _window(self) -> Window:
        raise NotImplementedError

    def _awake(self, widget: QWidget) -> None:
        raise NotImplementedError

    def _grid(self) -> GridView:
        raise NotImplementedError

    def _wait(self, until: Callable[[], Any]) -> bool:
        raise NotImplementedError

    def form(self, unit: str, form: str, period: str) -> dict[str, Any]:
        """Where a form stands in the review, and all that the panel says of it."""
        room = self._review(unit, form, period)
        square = room.square()
        assert square is not None
        assert (square.unit.key, square.column.form.key) == (unit, form)
        said = [label.text() for label in room.panel.findChildren(QLabel) if label.isVisibleTo(room.panel)]
        return {
            "stage": square.submission.stage.value,
            "steps": [step.value for step in room.panel.steps],
            "said": "\n".join(said),
            "asked": len(square.asked),
            "received": square.sent_at is not None,
        }

    def step(self, unit: str, form: str, period: str, step: str, reason: str = "") -> bool:
        """Take a step by keys: Ctrl+Enter submits or approves, Ctrl+Backspace returns, and Enter sends the reason."""
        room = self._review(unit, form, period)
        self._awake(room.table)
        before = room.square()
        assert before is not None
        key = Qt.Key.Key_Backspace if step == State.RETURNED else Qt.Key.Key_Return
        QTest.keyClick(room.table, key, CTRL)
        if reason:
            assert room.panel.comment.hasFocus()
            QTest.keyClicks(room.panel.comment, reason)
            QTest.keyClick(room.panel.comment, Qt.Key.Key_Return)

        def taken() -> bool:
            square = room.square()
            status = square.submission.status if square else None
            return status is not None and status.state == step and square is not before

        return self._wait(taken)

    def return_cells(self, unit: str, form: str, period: str, said: dict[str, str]) -> str:
        """Return a form by keys: F2, then each cell by its label with its reason, and Ctrl+Backspace. What was to go
        out, as it was told before."""
        room = self._review(unit, form, period)
        self._awake(room.table)
        QTest.keyClick(room.table, Qt.Key.Key_F2)
        page = room.marking
        assert page.table.hasFocus()
        for cell, why in said.items():
            place = next(row for row, line in enumerate(page.model.lines) if line.cell == cell)
            QTest.keyClick(page.table, Qt.Key.Key_Home, CTRL)
            for _ in range(place):
                QTest.keyClick(page.table, Qt.Key.Key_Down)
            QTest.keyClick(page.table, Qt.Key.Key_Return)
            assert page.why.hasFocus()
            QTest.keyClicks(page.why, why)
            QTest.keyClick(page.why, Qt.Key.Key_Return)
        told = page.summary.text()
        QTest.keyClick(page.table, Qt.Key.Key_Backspace, CTRL)
        returned = Stage.RETURNED
        assert self._wait(lambda: (square := room.square()) is not None and square.submission.stage is returned)
        return told

    def open_from_desk(self, words: str) -> list[str]:
        """Press Enter on the desk's row that has these words; unit, period and item of the cell that is open then."""
        room = self._window().open_room("today")
        assert isinstance(room, TodayRoom)
        QTest.qWait(20)
        self._awake(room.list)
        rows = room.list.model()
        assert isinstance(rows, RowsModel)
        (key,) = [row.key for row in rows.rows if isinstance(row, Row) and words in row.words]
        assert room.list.choose(key)
        QTest.keyClick(room.list, Qt.Key.Key_Return)
        grid = self._grid()
        model, index = grid.grid(), grid.currentIndex()
        assert model is not None
        key = model.key(index.row(), index.column())
        assert key is not None
        return [key.unit, key.period, key.item]

    def answer(self, unit: str, form: str, period: str, takes: bool) -> bool:
        """Take or reject the first change that is asked for."""
        room = self._review(unit, form, period)
        QTest.mouseClick(room.panel.answers[0 if takes else 1], LEFT)
        return self._wait(lambda: not room.panel.answers)

    def desk(self) -> list[str]:
        """All rows of the desk, in words."""
        room = self._window().open_room("today")
        assert isinstance(room, TodayRoom)
        QTest.qWait(20)
        return _rows(room.list.model())

    def list_of(self, tab: str) -> list[str]:
        """All rows of a page of the sync centre, in words."""
        room = self._transfer(tab)
        return _rows(room.parked.list.model() if tab == "parked" else room.lists[tab].model())

    def ask_to_change(self) -> str:
        """Of the first thing that is held back, ask by Ctrl+M and Enter; what is said then."""
        page = self._transfer("parked").parked
        self._awake(page.list)
        QTest.keyClick(page.list, Qt.Key.Key_M, CTRL)
        QTest.keyClick(page.words, Qt.Key.Key_Return)
        return page.done_words.text()

    def make_file(self, path: str) -> str:
        """Make a file for the centre; what is said of it."""
        page = self._transfer("by_hand").by_hand
        page.make_file(Path(path))
        assert self._wait(page.made.isVisible)
        return page.made_words.text()

    def take_file(self, path: str) -> list[str]:
        """Drop a file on the page and press its button; what it is said to be, and what came of it."""
        room = self._transfer("by_hand")
        page = room.by_hand
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path)])
        action, none, at = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier, QPointF(20, 20)
        page.dragEnterEvent(QDragEnterEvent(at.toPoint(), action, data, LEFT, none))
        page.dropEvent(QDropEvent(at, action, data, LEFT, none))
        assert self._wait(lambda: page.summary.isVisible() or room.fault.isVisible())
        if room.fault.isVisible():
            return [room.fault.accessibleName()]
        summary = page.summary_words.text()
        QTest.mouseClick(page.go_on, LEFT)
        assert self._wait(lambda: page.done.isVisible() or room.fault.isVisible())
        return [summary, room.fault.accessibleName() if room.fault.isVisible() else page.done_words.text()]

    def _review(self, unit: str, form: str, period: str) -> ReviewRoom:
        window = self._window()
        window.show_place(Place("review", unit, form, period))
        room = window.open_room("review")
        assert isinstance(room, ReviewRoom)
        QTest.qWait(20)
        return room

    def _transfer(self, tab: str) -> TransferRoom:
        room = self._window().open_room("transfer")
        assert isinstance(room, TransferRoom)
        button: QPushButton = room.tabs[tab]
        QTest.mouseClick(button, LEFT)
        QTest.qWait(20)
        return room


def _rows(model: object) -> list[str]:
    assert isinstance(model, RowsModel)
    return [row.words for row in model.rows if isinstance(row, Row)]
