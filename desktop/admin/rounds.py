"""By when a form is due, rounds with days of their own, and periods closed and opened again, for chosen units."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.admin import fields
from desktop.admin.acts import Act
from desktop.widgets import formats, theme
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.keys import CLOSING, DEADLINE, STATUS, Key, ancestors, within
from sync.domain.local_time import VIETNAM, day_at
from sync.domain.periods import Period, PeriodError, period_of
from sync.domain.units import Level, Unit
from sync.domain.values import CLEARED, ContentError
from sync.domain.workflow import CLOSED, State, Status
from sync.store import Store

END_OF_DAY: Final = time(17, 0)
"""When a day that is chosen ends: with the office hours."""

_PERIODS_BACK: Final = 4
_DUE_DAYS: Final = 7


class RoundsPage(QWidget):
    """`acted` carries an Act. `opens` and `closes` are the highest units at which whoever is here may do so, or ""."""

    acted = Signal(object)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
        opens: str,
        closes: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._clock = store, catalogue, clock
        self._top, self._closes = opens or closes, closes
        self._units: Mapping[str, Unit] = {}
        self.place = fields.choice("admin.rounds.place")
        self.list = fields.Ticks("admin.rounds.list")
        self.form, self.period = fields.choice("admin.rounds.form"), fields.choice("admin.rounds.period")
        for key, form in catalogue.forms.items():
            self.form.addItem(form.name.text(language()), key)
        self.first = fields.day_edit("admin.rounds.first", clock, 0)
        self.last = fields.day_edit("admin.rounds.last", clock, _DUE_DAYS)
        self.due = fields.day_edit("admin.rounds.due", clock, _DUE_DAYS)
        self.source = fields.line("admin.rounds.source")
        self.stands, self.wrong = theme.label("", "muted"), theme.label("", "pill-bad")
        self.set, self.clear = theme.button(say("admin.rounds.set"), "primary"), theme.button(say("admin.rounds.clear"))
        self.close_period = theme.button(say("admin.rounds.close"))
        self.reopen = theme.button(say("admin.rounds.reopen"))
        self._build()
        self._connect()
        self._show_periods()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        left = QVBoxLayout()
        left.addWidget(self.place)
        left.addWidget(self.list, 1)
        row.addLayout(left, 2)
        right = QVBoxLayout()
        right.setSpacing(theme.px(12))
        for made in (self._form_card(), self._due_card(), self._closing_card()):
            right.addWidget(made)
        right.addStretch(1)
        row.addLayout(right, 3)

    def _form_card(self) -> QFrame:
        made, grid = fields.card("admin.rounds.title")
        grid.addWidget(self.form, 1, 0)
        grid.addWidget(self.period, 1, 1)
        self._own_days = QWidget()
        days = QHBoxLayout(self._own_days)
        days.setContentsMargins(0, 0, 0, 0)
        days.addWidget(theme.label(say("admin.rounds.first"), "muted"))
        days.addWidget(self.first)
        days.addWidget(theme.label(say("admin.rounds.last"), "muted"))
        days.addWidget(self.last)
        days.addWidget(self.wrong)
        days.addStretch(1)
        grid.addWidget(self._own_days, 2, 0, 1, 2)
        self.stands.setWordWrap(True)
        grid.addWidget(self.stands, 3, 0, 1, 2)
        return made

    def _due_card(self) -> QFrame:
        made, grid = fields.card("admin.rounds.due_title")
        grid.addWidget(self.source, 1, 0)
        grid.addWidget(self.due, 1, 1)
        grid.addWidget(self.set, 2, 1)
        grid.addWidget(self.clear, 2, 0, Qt.AlignmentFlag.AlignLeft)
        return made

    def _closing_card(self) -> QFrame:
        made, grid = fields.card("admin.rounds.closing_title")
        text = theme.label(say("admin.rounds.closing_text"), "muted")
        text.setWordWrap(True)
        grid.addWidget(text, 1, 0, 1, 2)
        grid.addWidget(self.reopen, 2, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.close_period, 2, 1)
        made.setVisible(bool(self._closes))
        return made

    def _connect(self) -> None:
        self.place.currentIndexChanged.connect(self._show_places)
        self.form.currentIndexChanged.connect(self._show_periods)
        self.period.currentIndexChanged.connect(self._show_standing)
        self.list.itemChanged.connect(self._show_standing)
        for edit in (self.first, self.last):
            edit.dateChanged.connect(self._show_standing)
        self.set.clicked.connect(partial(self._deadline, clear=False))
        self.clear.clicked.connect(partial(self._deadline, clear=True))
        self.close_period.clicked.connect(partial(self._closing, closed=True))
        self.reopen.clicked.connect(partial(self._closing, closed=False))

    # What may be chosen

    def show_units(self, units: Sequence[Unit]) -> None:
        """The units of whoever is here; communes to choose from, with their villages."""
        self._units = {unit.key: unit for unit in units if unit.valid_to is None}
        kept = self.place.currentData()
        self.place.blockSignals(True)
        self.place.clear()
        for key, unit in self._units.items():
            if unit.kind.level is not Level.VILLAGE:
                self.place.addItem(unit.name, key)
        self.place.setCurrentIndex(max(self.place.findData(kept), 0))
        self.place.blockSignals(False)
        self._show_places()

    def refresh(self) -> None:
        """A deadline or a closing changed."""
        self._show_standing()

    @Slot()
    def _show_places(self) -> None:
        """The chosen unit as a whole, and of a commune each village."""
        at = self.place.currentData() or ""
        lines = (
            (key, say("admin.rounds.whole", unit=unit.name) if key == at else unit.name)
            for key, unit in self._units.items()
            if key == at or (unit.kind.level is Level.VILLAGE and within(key, at))
        )
        self.list.show_lines(lines, self.list.ticked())
        self._show_standing()

    @Slot()
    def _show_periods(self) -> None:
        """The present period of the form, some before, and days of their own."""
        form = self._catalogue.forms[self.form.currentData()]
        today = day_at(self._clock())
        period = period_of(today, form.regime, form.frequency) or Period(form.regime, today.year, form.frequency)
        self.period.blockSignals(True)
        self.period.clear()
        for _ in range(_PERIODS_BACK):
            self.period.addItem(formats.period(period.code), period.code)
            period = period.previous
        self.period.addItem(say("admin.rounds.own_days"), "")
        self.period.blockSignals(False)
        self._show_standing()

    def _period(self) -> Period | None:
        """What is chosen; None for days that make no round."""
        if code := self.period.currentData():
            return Period.parse(code)
        form = self._catalogue.forms[self.form.currentData()]
        with suppress(PeriodError):
            return Period.of_round(form.regime, form.frequency, fields.day_in(self.first), fields.day_in(self.last))
        return None

    # What stands there

    @Slot()
    def _show_standing(self) -> None:
        period, ticked, form = self._period(), self.list.ticked(), self.form.currentData()
        is_round = not self.period.currentData()
        self._own_days.setVisible(is_round)
        self.set.setText(say("admin.rounds.open" if is_round else "admin.rounds.set"))
        self.wrong.setText("" if period else say("admin.rounds.days_wrong"))
        self.wrong.setVisible(period is None)
        dues, closed = self._known(ticked, form, period.code) if period else ({}, set())
        told = [self._told(unit, dues.get(unit), unit in closed) for unit in ticked]
        self.stands.setText("\n".join(told[:4]) if ticked else say("admin.rounds.choose"))
        self.set.setEnabled(bool(ticked) and period is not None)
        self.clear.setEnabled(bool(dues))
        may = bool(ticked) and period is not None and all(within(unit, self._closes) for unit in ticked)
        self.close_period.setEnabled(may and len(closed) < len(ticked))
        self.reopen.setEnabled(may and bool(closed))

    def _known(self, units: Sequence[str], form: str, period: str) -> tuple[dict[str, datetime], set[str]]:
        """Deadlines that are set at these units themselves, and which of them are closed."""
        dues: dict[str, datetime] = {}
        for key, shown in self._store.cells_of(DEADLINE, units, [period], form).items() if units else ():
            with suppress(ContentError):
                dues[key.unit] = Deadline.of(shown.content).due
        closings = self._store.cells_of(CLOSING, units, [period], form) if units else {}
        return dues, {key.unit for key, shown in closings.items() if shown.content == CLOSED}

    def _told(self, unit: str, due: datetime | None, closed: bool) -> str:
        when = say("admin.rounds.due_at", due=formats.moment(due)) if due else say("admin.rounds.no_due")
        parts = [self._units[unit].name, when, *([say("admin.state.closed")] if closed else [])]
        return " · ".join(parts)

    # Acts

    def _deadline(self, _: bool = False, *, clear: bool) -> None:
        period, form = self._period(), self.form.currentData()
        if period is None:
            return
        due = datetime.combine(fields.day_in(self.due), END_OF_DAY, VIETNAM)
        content = CLEARED if clear else Deadline(due, self.source.text().strip()).content()
        edits = tuple((Key(DEADLINE, unit, form, period.code), content) for unit in self.list.ticked())
        told = "deadline_clear" if clear else "round" if period.days else "deadline"
        late = not clear and due < self._clock()
        effect = say("admin.effect.past", due=formats.moment(due)) if late else ""
        self.acted.emit(Act("deadline", edits=edits, told=told, effect=effect))

    def _closing(self, _: bool = False, *, closed: bool) -> None:
        period, form = self._period(), self.form.currentData()
        if period is None:
            return
        units = self.list.ticked()
        edits = tuple((Key(CLOSING, unit, form, period.code), CLOSED if closed else CLEARED) for unit in units)
        effect = self._effect(units, form, period.code) if closed else ""
        self.acted.emit(Act("closing", edits=edits, told="closed" if closed else "reopened", effect=effect))

    def _effect(self, units: Sequence[str], form: str, period: str) -> str:
        """How many units it would be closed for, and where their forms stand."""
        kinds, chosen = self._catalogue.forms[form].unit_kinds, set(units)
        below = [
            unit.key for unit in self._units.values() if unit.kind in kinds and chosen.intersection(ancestors(unit.key))
        ]
        stands: Counter[State] = Counter()
        for shown in self._store.cells_of(STATUS, below, [period], form).values() if below else ():
            with suppress(ContentError):
                stands[Status.of(shown.content).state] += 1
        approved, submitted = stands[State.APPROVED], stands[State.SUBMITTED]
        return say(
            "admin.effect.close",
            form=self._catalogue.forms[form].name.text(language()),
            period=formats.period(period),
            count=len(below),
            approved=approved,
            submitted=submitted,
            rest=len(below) - approved - submitted,
        )
