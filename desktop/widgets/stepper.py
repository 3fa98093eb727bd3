"""A period between two arrows: one earlier, one later."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from desktop.widgets import formats, theme
from desktop.widgets.icons import icon
from desktop.widgets.words import say
from sync.domain.periods import LAST_YEAR, Period

_PERIOD: Final = 108
"""Pixels at plain text size that the period has at least, so that the arrows beside it seldom move."""


class PeriodStepper(QFrame):
    """`stepped` carries the Period that an arrow leads to; what is shown is set by `show_period` alone.

    `first_year` is the earliest whose periods can be shown.
    """

    stepped = Signal(object)

    def __init__(self, first_year: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first_year = first_year
        self._period: Period | None = None
        self.setProperty("look", "field")
        self.setFixedHeight(theme.px(34))
        self.setAccessibleName(say("widgets.stepper.period"))
        self.earlier = _arrow("chevron-left", say("widgets.stepper.earlier"))
        self.later = _arrow("chevron-right", say("widgets.stepper.later"))
        self.shown = theme.label("")
        self.shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(2), 0, theme.px(2), 0)
        row.setSpacing(0)
        for part in (self.earlier, self.shown, self.later):
            row.addWidget(part)
        self.earlier.clicked.connect(self._go_earlier)
        self.later.clicked.connect(self._go_later)

    def show_period(self, period: Period) -> None:
        """Show `period` between the arrows that lead on from it."""
        self._period = period
        self.shown.setText(formats.period(period.code))
        self.shown.setMinimumWidth(max(theme.px(_PERIOD), self.shown.sizeHint().width()))
        self.shown.setToolTip(
            say("widgets.stepper.days", first=formats.day(period.first_day), last=formats.day(period.last_day))
        )
        self.earlier.setEnabled(period.year > self._first_year)
        self.later.setEnabled(period.year < LAST_YEAR)

    @Slot()
    def _go_earlier(self) -> None:
        if self._period is not None:
            self.stepped.emit(self._period.previous)

    @Slot()
    def _go_later(self) -> None:
        if self._period is not None:
            self.stepped.emit(self._period.next)


def _arrow(name: str, word: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name, side=18))
    button.setAccessibleName(word)
    button.setToolTip(word)
    return button
