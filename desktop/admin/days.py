"""The days of a province that are off, or worked against the week: by them working days are counted."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.admin import fields
from desktop.admin.acts import Act
from desktop.widgets import formats, theme
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.domain.holidays import Holiday
from sync.domain.keys import HOLIDAY, Key
from sync.domain.text import nfc
from sync.domain.values import CLEARED
from sync.store import Store
from sync.store.calendar import calendar

_OFF, _WORKED = "off", "worked"


class DaysPage(QWidget):
    """`acted` carries an Act."""

    acted = Signal(object)

    def __init__(
        self, store: Store, clock: Callable[[], datetime], province: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._province = store, province
        self.day = fields.day_edit("admin.days.day", clock, 1)
        self.name = fields.line("admin.days.name")
        self.kind = fields.choice("admin.days.kind")
        for kind in (_OFF, _WORKED):
            self.kind.addItem(say(f"admin.days.{kind}"), kind)
        self.write = theme.button(say("admin.days.write"), "primary")
        self.list = RowsView(say("admin.tab.days"))
        made, grid = fields.card("admin.days.title")
        text = theme.label(say("admin.days.text"), "muted")
        text.setWordWrap(True)
        grid.addWidget(text, 1, 0, 1, 4)
        for column, widget in enumerate((self.name, self.day, self.kind, self.write)):
            grid.addWidget(widget, 2, column)
        column_of_all = QVBoxLayout(self)
        column_of_all.setContentsMargins(0, 0, 0, 0)
        column_of_all.setSpacing(theme.px(12))
        column_of_all.addWidget(made)
        column_of_all.addWidget(self.list, 1)
        self.name.textChanged.connect(self._allow)
        self.name.returnPressed.connect(self._write)
        self.write.clicked.connect(self._write)
        self.list.opened.connect(self._clear)
        self._allow()
        self.refresh()

    def refresh(self) -> None:
        """Show the days that are known, the latest first."""
        found = sorted(calendar(self._store, self._province).items(), reverse=True)
        self.list.show_rows([_row(day, holiday) for day, holiday in found])

    @Slot()
    def _allow(self) -> None:
        self.write.setEnabled(bool(self.name.text().strip()))

    @Slot()
    def _write(self) -> None:
        # Longer than a name may be, or nothing but signs that are cut away.
        with suppress(ValueError):
            holiday = Holiday(nfc(" ".join(self.name.text().split())), self.kind.currentData() == _WORKED)
            self._say(fields.day_in(self.day), holiday.content(), "holiday")
            self.name.clear()

    @Slot(object)
    def _clear(self, day: object) -> None:
        if isinstance(day, date):
            self._say(day, CLEARED, "holiday_clear")

    def _say(self, day: date, content: str, told: str) -> None:
        key = Key(HOLIDAY, self._province, day.isoformat())
        self.acted.emit(Act("holiday", edits=((key, content),), told=told))


def _row(day: date, holiday: Holiday) -> Row:
    word = say("admin.days.worked") if holiday.is_worked else ""
    title = f"{say(f'admin.days.weekday{day.isoweekday()}')}, {formats.day(day)}"
    return Row(day, "calendar", title, holiday.name, word, "accent", say("admin.days.clear"))
