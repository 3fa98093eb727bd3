"""The room itself: what the centre told of the administered unit, and the orders that are given over the line."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.admin.acts import Act, Sure
from desktop.admin.audit import row_of
from desktop.admin.computers import ComputersPage
from desktop.admin.days import DaysPage
from desktop.admin.people import PeoplePage
from desktop.admin.rounds import RoundsPage
from desktop.admin.seen import Entry, Overview, entries_of, overview_of
from desktop.admin.units import UnitsPage
from desktop.feed import Feed
from desktop.widgets import theme
from desktop.widgets.errand import Errand
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.rows import RowsView
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, DEADLINE, HOLIDAY, STATUS, UNIT, province_of
from sync.domain.values import CLEARED
from sync.store import ChangeSet, Store

Give = Callable[[str, Mapping[str, object]], Any]
"""Gives the centre an order and brings what came of it; on any thread. Raises EnvironmentFault."""

_TABS: Final = ("people", "computers", "units", "rounds", "days", "audit")
_AUDIT_MOST: Final = 2_000
"""Entries in sight at most: older ones are for the command."""


class Reach(NamedTuple):
    """The highest units at which whoever is here may do so, "" for none: administer, set deadlines, close periods."""

    administers: str
    opens: str
    closes: str


class AdminRoom(QWidget):
    """Quản trị. Whoever only sets deadlines, opens rounds or closes periods finds these alone."""

    name = "admin"
    go = Signal(object)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        feed: Feed,
        clock: Callable[[], datetime],
        reach: Reach,
        give: Give,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._feed, self._give = store, feed, give
        self._catalogue, self._clock, self._reach = catalogue, clock, reach
        self._unit = unit = reach.administers
        self._shown = _shown(reach)
        self._names: Mapping[str, str] = {}
        self._entries: list[Entry] = []
        self._is_busy = self._was_shown = False
        self._then: Callable[[Any], None] = self._forget
        # Without a parent: its thread may outlive the room, which then hears nothing any more.
        self._errand = Errand()
        self.people, self.computers, self.units = PeoplePage(), ComputersPage(), UnitsPage(unit, clock)
        self.rounds = RoundsPage(store, catalogue, clock, reach.opens, reach.closes)
        self.days = DaysPage(store, clock, province_of(unit or reach.opens or reach.closes))
        self.sure, self.undo = Sure(), theme.button(say("admin.undo"), "link")
        self._back: Act | None = None
        self.audit = RowsView(say("admin.tab.audit"))
        self.more = theme.button(say("admin.audit.more"), "link")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        self._connect()
        self._read_units()

    # Building

    def _build(self) -> None:
        self._tabs = QButtonGroup(self)
        self.tabs: dict[str, QPushButton] = {}
        chips = QHBoxLayout()
        chips.setSpacing(theme.px(6))
        for number, name in enumerate(_TABS):
            chip = theme.button(say(f"admin.tab.{name}"), "chip")
            chip.setCheckable(True)
            self._tabs.addButton(chip, number)
            self.tabs[name] = chip
            chip.setVisible(name in self._shown)
            chips.addWidget(chip)
        chips.addStretch(1)
        self.told = theme.label("", "muted")
        self.again = theme.button(say("admin.again"), "link")
        chips.addWidget(self.told)
        chips.addWidget(self.undo)
        chips.addWidget(self.again)
        self.undo.hide()
        self.fault = FaultPanel()
        self._pages = QStackedWidget()
        audit = QWidget()
        inside = QVBoxLayout(audit)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.audit, 1)
        inside.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        for page in (self.people, self.computers, self.units, self.rounds, self.days, audit):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(26), theme.px(14), theme.px(26), theme.px(14))
        column.setSpacing(theme.px(12))
        column.addLayout(chips)
        column.addWidget(self.fault)
        column.addWidget(self.sure)
        column.addWidget(self._pages, 1)
        self.tabs[self._shown[0]].setChecked(True)
        self._pages.setCurrentIndex(_TABS.index(self._shown[0]))
        if not self._unit:
            self.again.hide()

    def _connect(self) -> None:
        self._tabs.idClicked.connect(self._open_tab)
        self.again.clicked.connect(self._refresh)
        self.more.clicked.connect(self._read_more)
        for page in (self.people, self.computers, self.units, self.rounds, self.days):
            page.acted.connect(self._take)
        self.sure.agreed.connect(self._do)
        self.undo.clicked.connect(self._take_back)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undo.activated.connect(self._take_back)
        self._errand.done.connect(self._ended)
        self._errand.failed.connect(self._failed)
        self._feed.changed.connect(self._changed)

    def show_place(self, place: Place) -> None:
        """The room has no places of its own."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_shown and self._unit:
            self._was_shown = True
            self._refresh()

    # Acts

    @Slot(object)
    def _take(self, act: Act) -> None:
        """Do it, or show first what would come of it."""
        self.sure.hide()
        if act.effect:
            self.sure.ask(act)
        else:
            self._do(act)

    @Slot(object)
    def _do(self, act: Act) -> None:
        if act.edits:
            self._type(act)
        else:
            self._send(act.what, act.said, partial(self._done, act))

    def _type(self, act: Act) -> None:
        """Kept at once, sent when there is a line, and judged by its author."""
        shown = {key: self._store.shown(key) for key, _ in act.edits}
        before = tuple((key, found.content if found else CLEARED) for key, found in shown.items())
        try:
            changes = self._store.record_changes(act.edits, self._store.author(), self._clock())
        except EnvironmentFault as fault:
            self.fault.show_fault(fault)
            return
        self.fault.hide()
        self._feed.changed.emit(changes)
        self._tell(say(f"admin.done.{act.told}"), replace(act, edits=before, told="undone", effect=""))

    @Slot()
    def _take_back(self) -> None:
        """The last act, once."""
        act = self._back
        if act is not None and not self._is_busy:
            self._tell("")
            self._do(act)

    def _tell(self, told: str, back: Act | None = None) -> None:
        """What was done, and what takes it back."""
        self._back = back
        self.told.setText(told)
        self.undo.setVisible(back is not None)

    def _send(self, what: str, said: Mapping[str, object], done: Callable[[Any], None]) -> None:
        """One at a time: what is pressed meanwhile would be decided over a list that is no longer true."""
        if self._is_busy:
            return
        self._show_busy(True)
        self.fault.hide()
        self._then = done
        self._errand.run(partial(self._give, what, said))

    @Slot(object)
    def _ended(self, found: object) -> None:
        self._show_busy(False)
        try:
            self._then(found)
        except EnvironmentFault as fault:
            self.fault.show_fault(fault)

    @Slot(object)
    def _failed(self, fault: EnvironmentFault) -> None:
        self._show_busy(False)
        self._tell("")
        self.fault.show_fault(fault)

    def _forget(self, found: Any) -> None:
        """Nothing was asked yet."""

    def _done(self, act: Act, found: Any) -> None:
        if act.what == "code":
            self.computers.show_code(str(found))
            self._tell(say("admin.done.code"))
            return
        self._read(say(f"admin.done.{act.told}"), act.back)

    def _show_busy(self, busy: bool) -> None:
        self._is_busy = busy
        self._pages.setEnabled(not busy)
        self.again.setEnabled(not busy)
        if busy:
            self.told.setText(say("admin.busy"))

    # What the centre told

    @Slot()
    def _refresh(self) -> None:
        self._read("")

    def _read(self, told: str, back: Act | None = None) -> None:
        """The whole of it anew; what was done is told with it."""
        self._send("overview", {"unit": self._unit}, partial(self._show_overview, told, back))

    def _show_overview(self, told: str, back: Act | None, found: Any) -> None:
        seen: Overview = overview_of(found)
        self.people.show_overview(seen, self._names)
        self.computers.show_overview(seen, self._names)
        self._tell(told or (say("admin.more") if seen.more else ""), back)
        if self._pages.currentIndex() == _TABS.index("audit"):
            self._read_audit()

    @Slot(int)
    def _open_tab(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self.sure.hide()
        if _TABS[number] == "audit":
            self._read_audit()

    def _read_audit(self) -> None:
        self._send("audit", {"unit": self._unit}, partial(self._show_audit, []))

    @Slot()
    def _read_more(self) -> None:
        if self._entries:
            said = {"unit": self._unit, "before_n": self._entries[-1].n}
            self._send("audit", said, partial(self._show_audit, self._entries))

    def _show_audit(self, before: list[Entry], found: Any) -> None:
        fresh = entries_of(found)
        self._entries = [*before, *fresh]
        self.audit.show_rows([row_of(entry, self._names, self._catalogue) for entry in self._entries])
        self.more.setVisible(bool(fresh) and len(self._entries) < _AUDIT_MOST)
        self.told.setText("")

    # What came by the sync or was typed here

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        kinds = {key.kind for key in changes.keys}
        if UNIT in kinds:
            self._read_units()
        if kinds & {DEADLINE, CLOSING, STATUS}:
            self.rounds.refresh()
        if HOLIDAY in kinds:
            self.days.refresh()

    def _read_units(self) -> None:
        units = self._store.units(self._unit) if self._unit else []
        self._names = {unit.key: unit.name for unit in units}
        self.people.show_units(units)
        self.computers.show_units(units)
        self.units.show_units(units)
        self.rounds.show_units(self._store.units(self._reach.opens or self._reach.closes))


def _shown(reach: Reach) -> tuple[str, ...]:
    """The pages that whoever is here has use for."""
    shown = set(_TABS) if reach.administers else set()
    if not (reach.opens or reach.closes):
        shown.discard("rounds")
    elif not reach.administers:
        shown = {"rounds"}
    if reach.administers.count("."):
        # The days are the province's.
        shown.discard("days")
    return tuple(name for name in _TABS if name in shown)
