"""All conflicts on one page: a card for each, alike ones decided together, and what was decided last, to take back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.feed import Feed
from desktop.transfer.conflict import (
    MOST_REASON,
    OF_A_CELL,
    ConflictCard,
    Decision,
    OverForm,
    authors,
    sides_of,
    with_reason,
)
from desktop.transfer.done import done_line
from desktop.widgets import theme
from desktop.widgets.decisions import decisions, remarks_in
from desktop.widgets.empty import EmptyPage
from desktop.widgets.naming import Names, in_short
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.authors import name_of
from sync.domain.catalogue import Catalogue
from sync.domain.comments import content_of, key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.keys import OWN_UNIT, STATUS, Key
from sync.store import ChangeSet, Shown, Store
from sync.store.rights import Rights
from sync.store.submissions import Submission, decide_between, submission_at
from sync.store.transfers import replaced

_MOST_CARDS: Final = 30
"""Conflicts that are shown at once; the next come when these are decided."""


class ConflictsPage(QWidget):
    """`opened` carries the key of a cell to type a third value into, `failed` the fault of a decision not kept."""

    opened = Signal(object)
    failed = Signal(object)

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
        self._alike: Sequence[Shown] = ()
        self._decided: Mapping[Key, str] = {}
        self._submissions: dict[Key, Submission] = {}
        """Of the decisions over forms that are shown: nobody decides between others."""
        self._names: Names | None = None
        self._unit = OWN_UNIT
        self.cards: list[ConflictCard] = []
        column = QVBoxLayout(self)
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
        self._stack = QStackedWidget()
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self._nothing)
        column.addWidget(self._stack, 1)

    def _done_line(self) -> QWidget:
        self.done, self.done_words, self.take_back = done_line(say("transfer.done.take_back"))
        self.take_back.clicked.connect(self._take_back)
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

    # What is shown

    def show_conflicts(self, conflicts: Sequence[Shown], names: Names, unit: str) -> None:
        """New cards only where something differs: what is being typed into a card's line stays.

        `unit` is whose figures are decided without a reason. Of decisions over a form one that was refused is the last
        of the rivals.
        """
        self._conflicts, self._names, self._unit = conflicts, names, unit
        place, now = self._focused(), self._clock()
        kept = {(card.key, tuple(card.sides)): card for card in self.cards}
        for card in self.cards:
            self._cards.removeWidget(card)
        self.cards = []
        for number, shown in enumerate(conflicts[:_MOST_CARDS]):
            found, over = (shown.key, tuple(sides_of(shown))), self._over_form(shown, names)
            is_there = found in kept and kept[found].over == over
            card = kept.pop(found) if is_there else self._card(shown, names, over, now)
            self._cards.insertWidget(number, card)
            self.cards.append(card)
        for gone in kept.values():
            gone.hide()
            gone.deleteLater()
        if place is not None and self._focused() is None:
            # Decided: on to the next one.
            self._focus_card(place)
        self._stack.setCurrentIndex(0 if self.cards else 1)
        self._show_together()

    def show_place(self, place: Place) -> None:
        """The conflict of a place, where there is one."""
        card = next((card for card in self.cards if _is_at(card.key, place)), None)
        if card is not None:
            card.setFocus()
            self._scroll.ensureWidgetVisible(card)

    def take_keys(self) -> None:
        """The keys go to the first conflict, unless they are at one."""
        if self._focused() is None:
            self._focus_card(0)

    def _focused(self) -> int | None:
        """The place of the card that the keys go to."""
        inside = self.focusWidget()
        found = (place for place, card in enumerate(self.cards) if inside is card or card.isAncestorOf(inside))
        return next(found, None) if inside is not None else None

    def _focus_card(self, place: int) -> None:
        if self.cards:
            self.cards[min(max(place, 0), len(self.cards) - 1)].setFocus()

    def _over_form(self, shown: Shown, names: Names) -> OverForm:
        """What there is to tell of decisions over a form."""
        if shown.key.kind != STATUS:
            return OF_A_CELL
        submission = self._submissions[shown.key] = self._submission(shown.key)
        found = decisions(submission, Rights(self._store, self._catalogue))
        return OverForm(
            {one.content: remarks_in(self._store, shown, one.content, names) for one in found},
            {one.content: one.bar for one in found if one.bar},
            submission.refused is not None,
        )

    def _submission(self, key: Key) -> Submission:
        form = self._catalogue.forms.get(key.item)
        return submission_at(self._store, key, {row.indicator for row in form.rows} if form else ())

    def _card(self, shown: Shown, names: Names, over: OverForm, now: datetime) -> ConflictCard:
        other = shown.key.unit not in (self._unit, OWN_UNIT)
        card = ConflictCard(shown, names.whole(shown.key), replaced(self._store, shown.key), other, now, over)
        card.decided.connect(self._decide)
        card.opened.connect(self.opened)
        card.asked.connect(self._ask)
        card.near.connect(self._scroll.ensureWidgetVisible)
        card.stepped.connect(self._step)
        return card

    def _show_together(self) -> None:
        # Over a form somebody decides who has looked at it.
        self._alike = [shown for shown in self._conflicts if shown.key.kind != STATUS]
        count = len(self._alike)
        self.together.setVisible(count > 1)
        self.keep_all.setText(say("transfer.together.keep", count=count))
        rivals = authors(self._alike)
        author, cells = next(iter(rivals.items()), ("", 0))
        self.take_all.setProperty("author", author)
        self.take_all.setVisible(cells > 1)
        self.take_all.setText(say("transfer.together.take", author=name_of(author), count=cells))
        self.reason_of_all.setVisible(any(shown.key.unit != self._unit for shown in self._alike))

    # What is decided

    @Slot(object)
    def _decide(self, decision: Decision) -> None:
        if decision.key.kind == STATUS:
            self._decide_over_form(decision)
        else:
            self._record({decision.key: with_reason(decision.content, decision.reason)})

    def _decide_over_form(self, decision: Decision) -> None:
        """Either of two decisions; whoever thinks better of it takes a step anew, in the review."""
        submission, author = self._submissions[decision.key], self._store.author()
        words = self._words_of({decision.key: decision.content})
        self._keep(lambda: decide_between(self._store, submission, decision.content, author, self._clock()), words)

    @Slot(object, str)
    def _ask(self, key: Key, words: str) -> None:
        """As a comment on the cell, where whoever typed it sees it; the conflict stays."""
        edit, author = (key_of(key, uuid7(self._clock())), content_of(words)), self._store.author()
        what = self._names.what(key) if self._names is not None else ""
        said = say("transfer.done.asked", what=what)
        self._keep(lambda: self._store.record_changes([edit], author, self._clock()), said)

    @Slot()
    def _keep_all(self) -> None:
        self._decide_all({shown.key: shown.content for shown in self._alike})

    @Slot()
    def _take_all(self) -> None:
        author = self.take_all.property("author")
        self._decide_all(
            {shown.key: rival.content for shown in self._alike for rival in shown.rivals if rival.author == author}
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
        edits, author = list(chosen.items()), self._store.author()
        if self._keep(lambda: self._store.record_changes(edits, author, self._clock(), over), self._words_of(chosen)):
            self._decided = {key: before[key].content for key in chosen if key in before}
            self.take_back.show()

    def _words_of(self, chosen: Mapping[Key, str]) -> str:
        if len(chosen) > 1 or self._names is None:
            return say("transfer.done.many", count=len(chosen))
        ((key, content),) = chosen.items()
        return say("transfer.done.one", what=self._names.what(key), value=in_short(content))

    @Slot()
    def _take_back(self) -> None:
        """Show again what was shown before; both values stay in the history, and the decision is a change like any."""
        edits, author = list(self._decided.items()), self._store.author()
        if self._keep(lambda: self._store.record_changes(edits, author, self._clock()), ""):
            self.done.hide()

    def _keep(self, work: Callable[[], ChangeSet], words: str) -> bool:
        """Do it, and say so. Whether it is kept."""
        try:
            changes = work()
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return False
        self.done_words.setText(words)
        self.take_back.hide()
        self.done.show()
        self._feed.changed.emit(changes)
        return True

    @Slot(int)
    def _step(self, by: int) -> None:
        """Up and Down go from card to card."""
        here = self._focused()
        if here is not None:
            self._focus_card(here + by)


def _is_at(key: Key, place: Place) -> bool:
    if place.task:
        return key.item == place.task
    return (key.unit, key.item, key.period) == (place.unit, place.item or place.form, place.period)
