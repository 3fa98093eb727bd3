"""The room itself: a list for each question, the conflicts to decide, and what travels by hand."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.feed import Ear, Feed
from desktop.transfer import listing
from desktop.transfer.by_hand import ByHandPage
from desktop.transfer.conflicts import ConflictsPage
from desktop.transfer.files import FilesPage, Moving
from desktop.transfer.parked import ParkedPage
from desktop.widgets import theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.errand import Between
from desktop.widgets.fault import FaultPanel
from desktop.widgets.naming import Names
from desktop.widgets.place import Place
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit
from sync.domain.values import ContentError
from sync.store import Shown, Store, journal
from sync.store.assigned import task_of
from sync.store.submissions import to_decide
from sync.store.transfers import received, waiting

_MOST_ROWS: Final = 300
"""Changes that a list shows; their number is told in full."""

_TABS: Final = ("conflicts", "parked", "waiting", "files", "received", "journal", "by_hand")
_LISTS: Final = ("waiting", "received", "journal")


class TransferRoom(QWidget):
    """Đồng bộ. `badge` counts what somebody must decide."""

    name = "transfer"
    go = Signal(object)
    badge = Signal(int)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        feed: Feed,
        clock: Callable[[], datetime],
        between: Between,
        moving: Moving,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._feed, self._clock = store, catalogue, feed, clock
        self._conflicts: Sequence[Shown] = ()
        self._parked: Sequence[Shown] = ()
        self._units: Sequence[Unit] = ()
        self._ear = Ear(self, store, feed)
        self.conflicts = ConflictsPage(store, catalogue, feed, clock)
        self.parked = ParkedPage(store, catalogue, feed, clock)
        self.files = FilesPage(store, feed, clock, moving)
        self.by_hand = ByHandPage(store, feed, clock, between)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        self._connect()

    # Building

    def _build(self) -> None:
        self._tabs = QButtonGroup(self)
        self.tabs: dict[str, QPushButton] = {}
        chips = QHBoxLayout()
        chips.setSpacing(theme.px(6))
        for number, name in enumerate(_TABS):
            chip = theme.button("", "chip")
            chip.setCheckable(True)
            self._tabs.addButton(chip, number)
            self.tabs[name] = chip
            chips.addWidget(chip)
        chips.addStretch(1)
        self.save = theme.button(say("transfer.journal.save"), "link")
        self.save.hide()
        chips.addWidget(self.save)
        self.fault = FaultPanel()
        self._pages = QStackedWidget()
        self.lists = {name: RowsView(say(f"transfer.tab.{name}", count=0)) for name in _LISTS}
        self._stacks: dict[str, QStackedWidget] = {}
        lists = {name: self._list_page(name) for name in _LISTS}
        others = {"conflicts": self.conflicts, "parked": self.parked, "files": self.files, "by_hand": self.by_hand}
        for name in _TABS:
            self._pages.addWidget((lists | others)[name])
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(26), theme.px(14), theme.px(26), theme.px(14))
        column.setSpacing(theme.px(12))
        column.addLayout(chips)
        column.addWidget(self.fault)
        column.addWidget(self._pages, 1)
        self.tabs[_TABS[0]].setChecked(True)

    def _list_page(self, name: str) -> QWidget:
        empty = EmptyPage()
        empty.say(say(f"transfer.empty.{name}.title"), say(f"transfer.empty.{name}.text"))
        stack = self._stacks[name] = QStackedWidget()
        stack.addWidget(self.lists[name])
        stack.addWidget(empty)
        return stack

    def _connect(self) -> None:
        self._ear.heard.connect(self._refresh)
        self._ear.moved.connect(self._refresh)
        self._feed.status.connect(self._ear.soon)
        self._tabs.idToggled.connect(self._turned)
        self.save.clicked.connect(self._save_journal)
        for name in ("waiting", "received"):
            self.lists[name].opened.connect(self._open_row)
        for page in (self.conflicts, self.parked):
            page.opened.connect(self._open_cell)
            page.failed.connect(self._show_fault)
        for other in (self.files, self.by_hand):
            other.failed.connect(self._show_fault)

    # What is shown

    def show_place(self, place: Place) -> None:
        """The conflict of a place, where there is one."""
        if not place.unit:
            return
        self.tabs["conflicts"].setChecked(True)
        self._refresh()
        self.conflicts.show_place(place)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ear.soon()

    @Slot()
    def _refresh(self) -> None:
        """Read what the open list shows, and count the others."""
        open_cells = self._store.undecided()
        names = self._names(open_cells)
        found = (to_decide(self._store, one) for one in open_cells.values() if names.place(one.key))
        undecided = [shown for shown in found if shown.rivals or shown.reason]
        self._conflicts = sorted((one for one in undecided if one.rivals), key=lambda shown: shown.key)
        self._parked = sorted((one for one in undecided if not one.rivals), key=lambda shown: shown.key)
        self.badge.emit(len(undecided))
        counts = {"conflicts": len(self._conflicts), "parked": len(self._parked), "waiting": self._store.waiting()}
        for name, chip in self.tabs.items():
            chip.setText(say(f"transfer.tab.{name}", count=counts.get(name, 0)))
        if self.isVisible():
            self._show_tab(names, counts["waiting"])

    def _names(self, spoken_of: Iterable[Key] = ()) -> Names:
        self._units = self._store.units(self._ear.unit)
        units = {unit.key: unit.name for unit in self._units}
        # Whoever moved still has what they typed before, of units that are not below theirs any more.
        left = {key.unit for key in spoken_of} - units.keys()
        for key, shown in self._store.of_units(UNIT, left).items() if left else ():
            with suppress(ContentError):
                units[key.unit] = Unit.of(key.unit, shown.content).name
        # One by one, as they are named: of all tasks there may be thousands.
        return Names(self._catalogue, units, cache(partial(task_of, self._store)))

    def _show_tab(self, names: Names, count: int) -> None:
        name, now = self._open_tab(), self._clock()
        self.save.setVisible(name == "journal")
        if name == "conflicts":
            self.conflicts.show_conflicts(self._conflicts, names, self._ear.unit)
        elif name == "parked":
            self.parked.show_parked(self._parked, names, self._units)
        elif name == "files":
            self.files.show_files(names, self._ear.unit)
        elif name == "by_hand":
            self.by_hand.show_waiting(count, self._ear.unit)
        elif name == "journal":
            self._show_rows(name, listing.journal(journal.read(self._store), now))
        else:
            found = (waiting if name == "waiting" else received)(self._store, _MOST_ROWS)
            names = self._names(key for key, _ in found)
            self._show_rows(name, listing.transfers(found, names, now))

    def _show_rows(self, name: str, rows: Sequence[Row]) -> None:
        self.lists[name].show_rows(rows)
        self._stacks[name].setCurrentIndex(0 if rows else 1)

    def _open_tab(self) -> str:
        return next(name for name, chip in self.tabs.items() if chip.isChecked())

    # Slots

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keys go to the first conflict, or to the page that is open."""
        super().focusInEvent(event)
        name = self._open_tab()
        if name == "conflicts":
            self.conflicts.take_keys()
        else:
            others = {"parked": self.parked, "files": self.files, "by_hand": self.by_hand}
            (self.lists | others)[name].setFocus()

    @Slot(int, bool)
    def _turned(self, number: int, chosen: bool) -> None:
        if chosen:
            self._pages.setCurrentIndex(number)
            self._refresh()

    @Slot(object)
    def _show_fault(self, fault: EnvironmentFault | None) -> None:
        if fault is None:
            self.fault.hide()
        else:
            self.fault.show_fault(fault)

    @Slot(object)
    def _open_row(self, row: tuple[object, Key]) -> None:
        self._open_cell(row[1])

    @Slot(object)
    def _open_cell(self, key: Key) -> None:
        place = self._names().place(key)
        if place is not None:
            self.go.emit(place)

    @Slot()
    def _save_journal(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, say("transfer.journal.save"), "soxa-nhat-ky.txt", "*.txt")
        if not chosen:
            return
        try:
            Path(chosen).write_text(listing.report(journal.read(self._store)), encoding="utf-8")
        except OSError:
            self.fault.show_fault(EnvironmentFault("file_unwritable", file=chosen))
