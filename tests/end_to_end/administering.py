"""What an administrator does in their room, by clicks on what is visible: a part of the person in front of a PC."""

from datetime import date

from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop.admin.room import AdminRoom
from desktop.today.room import TodayRoom
from desktop.widgets.rows import Row
from sync.domain.rights import Role
from tests.end_to_end.showing import Showing


class Administering(Showing):
    """The room of administration, and what comes of it on a desk."""

    def open_round(self, unit: str, form: str, first: str, last: str, due: str) -> str:
        """A round for one unit over days of its own, all written 2026-11-20; what the room then says."""
        room = self._administration("rounds")
        page = room.rounds
        page.form.setCurrentIndex(page.form.findData(form))
        page.period.setCurrentIndex(page.period.findData(""))
        for edit, day in ((page.first, first), (page.last, last), (page.due, due)):
            found = date.fromisoformat(day)
            edit.setDate(QDate(found.year, found.month, found.day))
        for row in range(page.list.count()):
            item = page.list.item(row)
            chosen = item.data(Qt.ItemDataRole.UserRole) == unit
            item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self._click(page.set)
        return room.told.text()

    def name_computer(self, before: str, after: str) -> str:
        """Give the computer of this name another one; what the room then says."""
        room = self._administration("computers")
        page = room.computers
        rows = page.list.model().rows  # type: ignore[attr-defined]
        assert page.list.choose(next(row.key for row in rows if isinstance(row, Row) and row.title == before))
        page.name.setText(after)
        self._click(page.buttons["rename"])
        assert self._wait(lambda: not room._is_busy)
        return room.told.text()

    def give_role(self, person: str, role: str, unit: str, another: bool) -> str:
        """Let somebody hold a role; `another` is somebody else of the name. What the room then says."""
        room = self._administration("people")
        page = room.people
        page.role.setCurrentIndex(page.role.findData(Role(role)))
        page.unit.setCurrentIndex(page.unit.findData(unit))
        page.person.setText(person)
        page.another.setChecked(another)
        self._click(page.give)
        assert self._wait(lambda: not room._is_busy)
        return room.told.text()

    def desk(self) -> list[str]:
        """What is on the desk, a line each."""
        room = self._window().open_room("today")
        assert isinstance(room, TodayRoom)
        QTest.qWait(300)
        rows = room.list.model().rows  # type: ignore[attr-defined]
        return [row.words for row in rows if isinstance(row, Row)]

    def _administration(self, tab: str) -> AdminRoom:
        room = self._window().open_room("admin")
        assert isinstance(room, AdminRoom)
        assert self._wait(lambda: not room._is_busy)
        self._click(room.tabs[tab])
        return room

    def _click(self, button: QPushButton) -> None:
        assert self._wait(button.isEnabled)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
