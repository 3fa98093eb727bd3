"""The lines, days and cards that the pages are made of."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit, QFrame, QGridLayout, QLineEdit

from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.local_time import day_at


def card(title: str) -> tuple[QFrame, QGridLayout]:
    """A card under a title, with two columns for what stands in it."""
    made = QFrame()
    made.setProperty("look", "card")
    grid = QGridLayout(made)
    grid.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(14))
    grid.setSpacing(theme.px(8))
    grid.setColumnStretch(0, 1)
    grid.addWidget(theme.label(say(title), "section"), 0, 0, 1, 2)
    return made, grid


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
