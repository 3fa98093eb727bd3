"""The room's part of the window's header: which form, which period, and when it is due."""

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QToolButton, QWidget

from desktop.entry.sheet import Sheet
from desktop.widgets import formats, theme
from desktop.widgets.icons import icon
from desktop.widgets.words import language, say
from sync.domain.periods import FIRST_YEAR, LAST_YEAR, Period

_WITH_DUE = 520
"""Pixels at plain text size that form, period and deadline need beside each other."""
_PERIOD = 108
"""Pixels at plain text size that the period has at least, so that the arrows beside it seldom move."""
SOON_DAYS = 7
"""A deadline this near is shown as a warning."""


class Selectors(QWidget):
    """Form and period, chosen by the person or set by the room."""

    form_chosen = Signal(str)
    period_chosen = Signal(str)

    commune_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._period: Period | None = None
        self._has_due = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self._forms = _choice(say("entry.header.form"), 340)
        self._communes = _choice(say("entry.header.commune"), 220)
        self._earlier = self._arrow("chevron-left", say("entry.header.earlier"))
        self._later = self._arrow("chevron-right", say("entry.header.later"))
        self._shown = theme.label("")
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._due = theme.label("", "pill")
        box = QFrame()
        box.setProperty("look", "field")
        box.setFixedHeight(theme.px(34))
        box.setAccessibleName(say("entry.header.period"))
        inside = QHBoxLayout(box)
        inside.setContentsMargins(theme.px(2), 0, theme.px(2), 0)
        inside.setSpacing(0)
        for part in (self._earlier, self._shown, self._later):
            inside.addWidget(part)
        self._box = box
        for widget in (self._communes, self._forms, box, self._due):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self._connect()

    def show_sheet(self, sheet: Sheet, today: date) -> None:
        """Show what the grid shows, choosing nothing; one commune alone is no choice."""
        period, due = sheet.period, sheet.due
        self._period = period
        _fill(self._forms, {form.key: form.name.text(language()) for form in sheet.forms}, sheet.form.key)
        _fill(self._communes, sheet.communes, sheet.commune)
        self._forms.show()
        self._box.show()
        self._communes.setVisible(len(sheet.communes) > 1)
        self._shown.setText(formats.period(period.code))
        self._shown.setMinimumWidth(max(theme.px(_PERIOD), self._shown.sizeHint().width()))
        self._shown.setToolTip(
            say("entry.header.days", first=formats.day(period.first_day), last=formats.day(period.last_day))
        )
        # The period before the first one shown must exist too: it stands beside the figures.
        self._earlier.setEnabled(period.year > FIRST_YEAR + 1)
        self._later.setEnabled(period.year < LAST_YEAR)
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
        for widget in (self._communes, self._forms, self._box, self._due):
            widget.hide()

    def _arrow(self, name: str, word: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name, side=18))
        button.setAccessibleName(word)
        button.setToolTip(word)
        return button

    def _connect(self) -> None:
        self._forms.activated.connect(self._choose_form)
        self._communes.activated.connect(self._choose_commune)
        self._earlier.clicked.connect(self._go_earlier)
        self._later.clicked.connect(self._go_later)

    @Slot(int)
    def _choose_form(self, index: int) -> None:
        self.form_chosen.emit(self._forms.itemData(index))

    @Slot(int)
    def _choose_commune(self, index: int) -> None:
        self.commune_chosen.emit(self._communes.itemData(index))

    @Slot()
    def _go_earlier(self) -> None:
        if self._period is not None:
            self.period_chosen.emit(self._period.previous.code)

    @Slot()
    def _go_later(self) -> None:
        if self._period is not None:
            self.period_chosen.emit(self._period.next.code)


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
