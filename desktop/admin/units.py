"""Villages created, renamed and closed, and a round: some villages asked for a form by a day of their own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import Final, NamedTuple

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets import formats, theme
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.local_time import VIETNAM, day_at, day_of
from sync.domain.periods import Period, period_of
from sync.domain.units import Level, Unit

END_OF_DAY: Final = time(17, 0)
"""When a day that is chosen ends: with the office hours."""

_PERIODS_BACK: Final = 4
_ROUND_DAYS: Final = 7
_UNIT: Final = Qt.ItemDataRole.UserRole


class Round(NamedTuple):
    """Some villages are asked for a form of a period by a moment of their own."""

    units: tuple[str, ...]
    form: str
    period: str
    due: datetime
    source: str


class UnitsPage(QWidget):
    """`asked` carries an order and what it says, `opened` a Round, which needs no line."""

    asked = Signal(str, object)
    opened = Signal(object)

    def __init__(self, catalogue: Catalogue, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue, self._clock = catalogue, clock
        self._units: Mapping[str, Unit] = {}
        self.commune = QComboBox()
        self.commune.setAccessibleName(say("admin.units.commune"))
        self.list = QListWidget()
        self.list.setAccessibleName(say("admin.units.list"))
        self.list.setToolTip(self.list.accessibleName())
        self.list.setProperty("look", "ticks")
        self.new = _field("new")
        self.name, self.decision = _field("name"), _field("decision")
        self.last_day = _day_edit("last_day", clock, 0)
        self.buttons: dict[str, QPushButton] = {
            name: theme.button(say(f"admin.units.{name}")) for name in ("create", "rename", "close")
        }
        self.form, self.period = QComboBox(), QComboBox()
        self.form.setAccessibleName(say("admin.units.form"))
        self.period.setAccessibleName(say("admin.units.period"))
        for key, form in catalogue.forms.items():
            self.form.addItem(form.name.text(language()), key)
        self.due = _day_edit("due", clock, _ROUND_DAYS)
        self.source = _field("source")
        self.open = theme.button(say("admin.units.open"), "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        left = QVBoxLayout()
        left.addWidget(self.commune)
        left.addWidget(self.list, 1)
        row.addLayout(left, 2)
        right = QVBoxLayout()
        right.setSpacing(theme.px(12))
        right.addWidget(self._unit_card())
        right.addWidget(self._round_card())
        right.addStretch(1)
        row.addLayout(right, 3)
        self._connect()
        self._show_periods()

    def show_rounds_alone(self) -> None:
        """For whoever opens rounds and is no administrator."""
        self._card.hide()

    def _unit_card(self) -> QFrame:
        card, grid = _card("admin.units.title")
        self._card = card
        grid.addWidget(self.new, 1, 0)
        grid.addWidget(self.buttons["create"], 1, 1)
        grid.addWidget(self.name, 2, 0)
        grid.addWidget(self.buttons["rename"], 2, 1)
        grid.addWidget(self.last_day, 3, 0)
        grid.addWidget(self.buttons["close"], 3, 1)
        grid.addWidget(self.decision, 4, 0, 1, 2)
        return card

    def _round_card(self) -> QFrame:
        card, grid = _card("admin.units.round")
        text = theme.label(say("admin.units.round_text"), "muted")
        text.setWordWrap(True)
        grid.addWidget(text, 1, 0, 1, 2)
        grid.addWidget(self.form, 2, 0)
        grid.addWidget(self.period, 2, 1)
        grid.addWidget(self.source, 3, 0)
        grid.addWidget(self.due, 3, 1)
        grid.addWidget(self.open, 4, 1)
        return card

    def _connect(self) -> None:
        self.commune.currentIndexChanged.connect(self._show_villages)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemChanged.connect(self._allow)
        self.form.currentIndexChanged.connect(self._show_periods)
        self.new.textChanged.connect(self._allow)
        self.open.clicked.connect(self._open)
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self._act, name))

    def show_units(self, units: Sequence[Unit]) -> None:
        """The units that are administered here; communes to choose from, with their villages."""
        self._units = {unit.key: unit for unit in units}
        kept = self.commune.currentData()
        self.commune.blockSignals(True)
        self.commune.clear()
        for unit in units:
            if unit.kind.level is Level.COMMUNE and unit.valid_to is None:
                self.commune.addItem(unit.name, unit.key)
        self.commune.setCurrentIndex(max(self.commune.findData(kept), 0))
        self.commune.blockSignals(False)
        self._show_villages()

    @Slot()
    def _show_villages(self) -> None:
        commune = self.commune.currentData() or ""
        chosen = self._chosen()
        self.list.clear()
        for key, unit in self._units.items():
            if not key.startswith(f"{commune}.") or unit.valid_to is not None:
                continue
            item = QListWidgetItem(unit.name)
            item.setData(_UNIT, key)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
            if key == chosen:
                self.list.setCurrentItem(item)
        self._allow()

    @Slot()
    def _show_periods(self) -> None:
        """The present period of the form and some before."""
        form = self._catalogue.forms[self.form.currentData()]
        found = period_of(day_at(self._clock()), form.regime, form.frequency)
        period = found or Period(form.regime, day_at(self._clock()).year, form.frequency)
        self.period.clear()
        for _ in range(_PERIODS_BACK):
            self.period.addItem(formats.period(period.code), period.code)
            period = period.previous

    @Slot()
    def _choose(self) -> None:
        unit = self._units.get(self._chosen())
        self.name.setText(unit.name if unit else "")
        self._allow()

    @Slot()
    def _allow(self) -> None:
        chosen = bool(self._chosen())
        self.buttons["create"].setEnabled(bool(self.new.text().strip()) and self.commune.count() > 0)
        self.buttons["rename"].setEnabled(chosen)
        self.buttons["close"].setEnabled(chosen)
        self.open.setEnabled(bool(self._checked()))

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return str(item.data(_UNIT)) if item else ""

    def _checked(self) -> list[str]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [str(item.data(_UNIT)) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _act(self, name: str, _: bool = False) -> None:
        said: dict[str, object] = {"decision": self.decision.text().strip(), "unit": self._chosen()}
        if name == "create":
            said |= {"unit": self.commune.currentData(), "name": self.new.text().strip()}
            self.new.clear()
        elif name == "rename":
            said["name"] = self.name.text().strip()
        else:
            said["last_day"] = _iso(self.last_day)
        self.asked.emit(f"unit_{name}", said)

    @Slot()
    def _open(self) -> None:
        due = datetime.combine(day_of(_iso(self.due)), END_OF_DAY, VIETNAM)
        form, period = self.form.currentData(), self.period.currentData()
        self.opened.emit(Round(tuple(self._checked()), form, period, due, self.source.text().strip()))


def _card(title: str) -> tuple[QFrame, QGridLayout]:
    card = QFrame()
    card.setProperty("look", "card")
    grid = QGridLayout(card)
    grid.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(14))
    grid.setSpacing(theme.px(8))
    grid.setColumnStretch(0, 1)
    grid.addWidget(theme.label(say(title), "section"), 0, 0, 1, 2)
    return card, grid


def _field(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText(say(f"admin.units.field.{name}"))
    made.setAccessibleName(say(f"admin.units.field.{name}"))
    return made


def _day_edit(name: str, clock: Callable[[], datetime], days: int) -> QDateEdit:
    day = day_at(clock()) + timedelta(days=days)
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setDisplayFormat("dd/MM/yyyy")
    made.setCalendarPopup(True)
    made.setAccessibleName(say(f"admin.units.field.{name}"))
    made.setToolTip(made.accessibleName())
    return made


def _iso(edit: QDateEdit) -> str:
    return edit.date().toString(Qt.DateFormat.ISODate)
