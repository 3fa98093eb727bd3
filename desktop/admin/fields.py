"""The lines, days, lists and cards that the pages are made of."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFrame,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.local_time import day_at


def card(title: str) -> tuple[QFrame, QGridLayout]:
    """A card under a title, with columns for what stands in it."""
    made = QFrame()
    made.setProperty("look", "card")
    grid = QGridLayout(made)
    grid.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(14))
    grid.setSpacing(theme.px(8))
    grid.setColumnStretch(0, 1)
    grid.addWidget(theme.label(say(title), "section"), 0, 0, 1, 2)
    return made, grid


class Ticks(QListWidget):
    """A list of which some are ticked, named by the sentence `name`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(name))
        self.setProperty("look", "ticks")

    def show_lines(self, lines: Iterable[tuple[str, str]], ticked: Collection[str]) -> None:
        """Show these, each by its key and its words, and say nothing of it."""
        self.blockSignals(True)
        self.clear()
        for key, words in lines:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key in ticked else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)

    def ticked(self) -> list[str]:
        """The keys of those that are, in the order shown."""
        items = (self.item(row) for row in range(self.count()))
        return [
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() is Qt.CheckState.Checked
        ]


def line(name: str) -> QLineEdit:
    """A line to type in, named by the sentence `name`."""
    made = QLineEdit()
    made.setPlaceholderText(say(name))
    made.setAccessibleName(say(name))
    return made


def choice(name: str) -> QComboBox:
    """A choice, named by the sentence `name`."""
    made = QComboBox()
    made.setAccessibleName(say(name))
    made.setToolTip(say(name))
    return made


def day_edit(name: str, clock: Callable[[], datetime], days: int) -> QDateEdit:
    """A day, at first this many after today."""
    first = day_at(clock()) + timedelta(days=days)
    made = QDateEdit(QDate(first.year, first.month, first.day))
    made.setDisplayFormat("dd/MM/yyyy")
    made.setCalendarPopup(True)
    made.setAccessibleName(say(name))
    made.setToolTip(say(name))
    return made


def day_in(edit: QDateEdit) -> date:
    """The day that a field shows."""
    shown = edit.date()
    return date(shown.year(), shown.month(), shown.day())
