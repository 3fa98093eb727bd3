"""The room's part of the window's header: which form, which period, and when it is due."""

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from desktop.entry.sheet import Sheet
from desktop.widgets import formats, theme
from desktop.widgets.stepper import PeriodStepper
from desktop.widgets.words import language, say
from sync.domain.periods import FIRST_YEAR, Period

_WITH_DUE = 520
"""Pixels at plain text size that form, period and deadline need beside each other."""
SOON_DAYS = 7
"""A deadline this near is shown as a warning."""


class Selectors(QWidget):
    """Form and period, chosen by the person or set by the room."""

    form_chosen = Signal(str)
    period_chosen = Signal(str)

    commune_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_due = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self._forms = _choice(say("entry.header.form"), 340)
        self._communes = _choice(say("entry.header.commune"), 220)
        # The period before the first one shown must exist too: it stands beside the figures.
        self._periods = PeriodStepper(FIRST_YEAR + 1)
        self._due = theme.label("", "pill")
        for widget in (self._communes, self._forms, self._periods, self._due):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self._connect()

    def show_sheet(self, sheet: Sheet, today: date) -> None:
        """Show what the grid shows, choosing nothing; one commune alone is no choice."""
        period, due = sheet.period, sheet.due
        _fill(self._forms, {form.key: form.name.text(language()) for form in sheet.forms}, sheet.form.key)
        _fill(self._communes, sheet.communes, sheet.commune)
        self._forms.show()
        self._periods.show()
        self._communes.setVisible(len(sheet.communes) > 1)
        self._periods.show_period(period)
        self._has_due = due is not None
        self._fit()
        if due is not None:
            left = (due - today).days
            self._due.setText(say("entry.header.due", left=formats.days_left(due, today), due=formats.short_day(due)))
            theme.set_look(self._due, "pill-bad" if left < 0 else "pill-warning" if left <= SOON_DAYS else "pill")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """With large letters on a small screen the deadline gives way; the desk tells it too."""
        self._due.setVisible(self._has_due and self.width() >= theme.px(_WITH_DUE))

    def show_none(self) -> None:
        """There is nothing to choose from."""
        self._has_due = False
        for widget in (self._communes, self._forms, self._periods, self._due):
            widget.hide()

    def _connect(self) -> None:
        self._forms.activated.connect(self._choose_form)
        self._communes.activated.connect(self._choose_commune)
        self._periods.stepped.connect(self._go_to)

    @Slot(int)
    def _choose_form(self, index: int) -> None:
        self.form_chosen.emit(self._forms.itemData(index))

    @Slot(int)
    def _choose_commune(self, index: int) -> None:
        self.commune_chosen.emit(self._communes.itemData(index))

    @Slot(object)
    def _go_to(self, period: Period) -> None:
        self.period_chosen.emit(period.code)


def _choice(word: str, most: int) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(word)
    made.setToolTip(word)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.setMinimumWidth(theme.px(120))
    made.setMaximumWidth(theme.px(most))
    return made


def _fill(choice: QComboBox, names: Mapping[str, str], chosen: str) -> None:
    """Offer `names` by key and show `chosen`; `activated` is a person's only: nothing is emitted."""
    if [choice.itemData(index) for index in range(choice.count())] != list(names):
        choice.clear()
        for key, name in names.items():
            choice.addItem(name, key)
    choice.setCurrentIndex(choice.findData(chosen))
