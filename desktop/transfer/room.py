"""The room itself: a list for each question, the conflicts to decide, and what was decided last, to take back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.feed import Feed
from desktop.transfer import listing
from desktop.transfer.conflict import MOST_REASON, ConflictCard, Decision, authors, sides_of, with_reason
from desktop.widgets import theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.fault import FaultPanel
from desktop.widgets.naming import Names, in_short
from desktop.widgets.place import Place
from desktop.widgets.rows import RowsView
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, Key
from sync.store import ChangeSet, Shown, Store, journal
from sync.store.assigned import Assignments
from sync.store.transfers import received, replaced, waiting

_MOST_ROWS: Final = 300
"""Changes that a list shows; their number is told in full."""

_MOST_CARDS: Final = 30
"""Conflicts that are shown at once; the next come when these are decided."""

_HIDDEN_WAIT_MS: Final = 400
"""While another room is open only the badge is kept right."""

_TABS: Final = ("conflicts", "parked", "waiting", "received", "journal")


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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._feed, self._clock = store, catalogue, feed, clock
        self._conflicts: Sequence[Shown] = ()
        self._parked: Sequence[Shown] = ()
        self._decided: Mapping[Key, str] = {}
        self.cards: list[ConflictCard] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        self._connect()
        self._soon.start(0)  # for who listens to the badge from now on

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
        self.fault.hide()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._conflict_page())
        self.lists = {name: RowsView(say(f"transfer.tab.{name}", count=0)) for name in _TABS[1:]}
        self._empty = {name: EmptyPage() for name in _TABS}
        self._stacks: dict[str, QStackedWidget] = {}
        for name, view in self.lists.items():
            self._empty[name].say(say(f"transfer.empty.{name}.title"), say(f"transfer.empty.{name}.text"))
            stack = self._stacks[name] = QStackedWidget()
            stack.addWidget(view)
            stack.addWidget(self._empty[name])
            self._pages.addWidget(stack)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(26), theme.px(14), theme.px(26), theme.px(14))
        column.setSpacing(theme.px(12))
        column.addLayout(chips)
        column.addWidget(self.fault)
        column.addWidget(self._pages, 1)
        self.tabs[_TABS[0]].setChecked(True)

    def _conflict_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        column.addWidget(self._done_line())
        column.addWidget(self._together_line())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._cards = QVBoxLayout(inside)
        self._cards.setContentsMargins(0, 0, theme.px(8), 0)
        self._cards.setSpacing(theme.px(12))
        self._cards.addStretch(1)
        self._scroll.setWidget(inside)
        self._nothing = EmptyPage()
        self._nothing.say(say("transfer.empty.conflicts.title"), say("transfer.empty.conflicts.text"))
        self._conflict_stack = QStackedWidget()
        self._conflict_stack.addWidget(self._scroll)
        self._conflict_stack.addWidget(self._nothing)
        column.addWidget(self._conflict_stack, 1)
        return page

    def _done_line(self) -> QWidget:
        self.done = QFrame()
        self.done.setProperty("look", "note-good")
        row = QHBoxLayout(self.done)
        row.setContentsMargins(theme.px(16), theme.px(6), theme.px(10), theme.px(6))
        self.done_words = theme.label("")
        self.done_words.setWordWrap(True)
        self.take_back = theme.button(say("transfer.done.take_back"), "link")
        self.take_back.clicked.connect(self._take_back)
        row.addWidget(self.done_words, 1)
        row.addWidget(self.take_back)
        self.done.hide()
        return self.done

    def _together_line(self) -> QWidget:
        """Alike conflicts are decided together."""
        self.together = QFrame()
        self.together.setProperty("look", "card")
        row = QHBoxLayout(self.together)
        row.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        row.setSpacing(theme.px(8))
        self.keep_all = theme.button("")
        self.keep_all.clicked.connect(self._keep_all)
        self.take_all = theme.button("")
        self.take_all.clicked.connect(self._take_all)
        self.reason_of_all = QLineEdit()
        self.reason_of_all.setMaxLength(MOST_REASON)
        self.reason_of_all.setPlaceholderText(say("transfer.conflict.reason"))
        self.reason_of_all.setAccessibleName(say("transfer.conflict.reason"))
        for widget in (self.keep_all, self.take_all):
            row.addWidget(widget)
        row.addWidget(self.reason_of_all, 1)
        self.together.hide()
        return self.together

    def _connect(self) -> None:
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._refresh)
        self._feed.changed.connect(self._changed)
        self._feed.status.connect(self._status)
        self._tabs.idToggled.connect(self._turned)
        self.save.clicked.connect(self._save_journal)
        for name in ("parked", "waiting", "received"):
            self.lists[name].opened.connect(self._open_row)

    # What is shown

    def show_place(self, place: Place) -> None:
        """The conflict of a place, where there is one."""
        if not place.unit:
            return
        self.tabs["conflicts"].setChecked(True)
        self._refresh()
        card = next((card for card in self.cards if _is_at(card.key, place)), None)
        if card is not None:
            card.setFocus()
            self._scroll.ensureWidgetVisible(card)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start(0)

    @Slot()
    def _refresh(self) -> None:
        """Read what the open list shows, and count the others."""
        enrolment = self._store.enrolment()
        self._unit = enrolment.unit if enrolment else OWN_UNIT
        self._author = self._store.author()
        names = self._names()
        undecided = [shown for shown in self._store.undecided().values() if names.place(shown.key) is not None]
        self._conflicts = sorted((one for one in undecided if one.rivals), key=lambda shown: shown.key)
        self._parked = sorted((one for one in undecided if not one.rivals), key=lambda shown: shown.key)
        self.badge.emit(len(undecided))
        counts = {"conflicts": len(self._conflicts), "parked": len(self._parked), "waiting": self._store.waiting()}
        for name, chip in self.tabs.items():
            chip.setText(say(f"transfer.tab.{name}", count=counts.get(name, 0)))
        if self.isVisible():
            self._show_tab(names)

    def _names(self) -> Names:
        units = {unit.key: unit.name for unit in self._store.units(self._unit)}
        return Names(self._catalogue, units, Assignments(self._store, self._unit).all())

    def _show_tab(self, names: Names) -> None:
        name, now = self._open_tab(), self._clock()
        self.save.setVisible(name == "journal")
        if name == "conflicts":
            self._show_conflicts(names, now)
            return
        if name == "parked":
            typed = [self._store.history(shown.key)[0].content for shown in self._parked]
            rows = listing.parked(self._parked, typed, names)
        elif name == "journal":
            rows = listing.journal(journal.read(self._store), now)
        else:
            find = waiting if name == "waiting" else received
            rows = listing.transfers(find(self._store, _MOST_ROWS), names, now)
        self.lists[name].show_rows(rows)
        self._stacks[name].setCurrentIndex(0 if rows else 1)

    def _show_conflicts(self, names: Names, now: datetime) -> None:
        """New cards only where something differs: what is being typed into a card's line stays."""
        place = self._focused()
        kept = {(card.key, tuple(card.sides)): card for card in self.cards}
        for card in self.cards:
            self._cards.removeWidget(card)
        self.cards = []
        for number, shown in enumerate(self._conflicts[:_MOST_CARDS]):
            found = (shown.key, tuple(sides_of(shown)))
            card = kept.pop(found) if found in kept else self._card(shown, names, now)
            self._cards.insertWidget(number, card)
            self.cards.append(card)
        for gone in kept.values():
            gone.hide()
            gone.deleteLater()
        if place is not None and self._focused() is None:
            # Decided: on to the next one.
            self._focus_card(place)
        self._conflict_stack.setCurrentIndex(0 if self.cards else 1)
        self._show_together()

    def _focused(self) -> int | None:
        """The place of the card that the keys go to."""
        inside = self.focusWidget()
        found = (place for place, card in enumerate(self.cards) if inside is card or card.isAncestorOf(inside))
        return next(found, None) if inside is not None else None

    def _focus_card(self, place: int) -> None:
        if self.cards:
            self.cards[min(max(place, 0), len(self.cards) - 1)].setFocus()

    def _card(self, shown: Shown, names: Names, now: datetime) -> ConflictCard:
        other = shown.key.unit not in (self._unit, OWN_UNIT)
        card = ConflictCard(shown, names.whole(shown.key), replaced(self._store, shown.key), other, now)
        card.decided.connect(self._decide)
        card.opened.connect(self._open_cell)
        card.near.connect(self._scroll.ensureWidgetVisible)
        card.stepped.connect(self._step)
        return card

    def _show_together(self) -> None:
        count = len(self._conflicts)
        self.together.setVisible(count > 1)
        self.keep_all.setText(say("transfer.together.keep", count=count))
        rivals = authors(self._conflicts)
        author, cells = next(iter(rivals.items()), ("", 0))
        self.take_all.setProperty("author", author)
        self.take_all.setVisible(cells > 1)
        self.take_all.setText(say("transfer.together.take", author=author, count=cells))
        self.reason_of_all.setVisible(any(shown.key.unit != self._unit for shown in self._conflicts))

    def _open_tab(self) -> str:
        return next(name for name, chip in self.tabs.items() if chip.isChecked())

    # What is decided

    @Slot(object)
    def _decide(self, decision: Decision) -> None:
        self._record({decision.key: with_reason(decision.content, decision.reason)})

    @Slot()
    def _keep_all(self) -> None:
        self._decide_all({shown.key: shown.content for shown in self._conflicts})

    @Slot()
    def _take_all(self) -> None:
        author = self.take_all.property("author")
        self._decide_all(
            {shown.key: rival.content for shown in self._conflicts for rival in shown.rivals if rival.author == author}
        )

    def _decide_all(self, chosen: Mapping[Key, str]) -> None:
        reason = self.reason_of_all.text().strip()
        if self.reason_of_all.isVisible() and not reason:
            self.reason_of_all.setFocus()
            return
        self._record({key: with_reason(content, reason) for key, content in chosen.items()})
        self.reason_of_all.clear()

    def _record(self, chosen: Mapping[Key, str]) -> None:
        before = {shown.key: shown for shown in self._conflicts}
        over = {key: before[key].rivals for key in chosen if key in before}
        try:
            changes = self._store.record_changes(list(chosen.items()), self._author, self._clock(), over)
        except EnvironmentFault as fault:
            self.fault.show_fault(fault)
            return
        self.fault.hide()
        self._decided = {key: before[key].content for key in chosen if key in before}
        names = self._names()
        if len(chosen) == 1:
            ((key, content),) = chosen.items()
            self.done_words.setText(say("transfer.done.one", what=names.what(key), value=in_short(content)))
        else:
            self.done_words.setText(say("transfer.done.many", count=len(chosen)))
        self.done.show()
        self._feed.changed.emit(changes)

    @Slot()
    def _take_back(self) -> None:
        """Show again what was shown before; both values stay in the history, and the decision is a change like any."""
        try:
            changes = self._store.record_changes(list(self._decided.items()), self._author, self._clock())
        except EnvironmentFault as fault:
            self.fault.show_fault(fault)
            return
        self.done.hide()
        self._feed.changed.emit(changes)

    # Slots

    @Slot(int)
    def _step(self, by: int) -> None:
        """Up and Down go from card to card."""
        here = self._focused()
        if here is not None:
            self._focus_card(here + by)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keys go to the first conflict, or to the list that is open."""
        super().focusInEvent(event)
        name = self._open_tab()
        if name != "conflicts":
            self.lists[name].setFocus()
        elif self._focused() is None:
            self._focus_card(0)

    @Slot(int, bool)
    def _turned(self, number: int, chosen: bool) -> None:
        if chosen:
            self._pages.setCurrentIndex(number)
            self._refresh()

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        self._soon.start(0 if self.isVisible() else _HIDDEN_WAIT_MS)

    @Slot(object)
    def _status(self, status: object) -> None:
        self._soon.start(0 if self.isVisible() else _HIDDEN_WAIT_MS)

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


def _is_at(key: Key, place: Place) -> bool:
    if place.task:
        return key.item == place.task
    return (key.unit, key.item, key.period) == (place.unit, place.item, place.period)
