"""What is held back, each with its reason in words and the ways out: ask to reopen, hand over, take back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.feed import Feed
from desktop.transfer import listing
from desktop.transfer.done import done_line
from desktop.widgets import formats, theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.naming import Names, in_short
from desktop.widgets.rows import Heading, Row, RowsView
from desktop.widgets.words import say
from sync.domain import revisions
from sync.domain.catalogue import Catalogue
from sync.domain.comments import content_of, key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.keys import STATUS, VALUE, Key
from sync.domain.parking import APPROVED, PERIOD_CLOSED
from sync.domain.units import Unit
from sync.domain.values import CLEARED
from sync.store import ChangeSet, Shown, Store
from sync.store.submissions import requests
from sync.store.withdrawing import withdraw, withdrawn

_MOST_WITHDRAWN: Final = 100
_MOST_ASKING: Final = 500
"""Letters of what is asked."""

_NO_KEY: Final = Key("", "")
_REOPENABLE: Final = (PERIOD_CLOSED, APPROVED)
_WAYS: Final = (("reopen", "Ctrl+M"), ("hand_over", "Ctrl+U"), ("withdraw", "Delete"))


class ParkedPage(QWidget):
    """`opened` carries the key of a cell, `failed` the fault of what was not kept."""

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
        self._parked: Mapping[Key, Shown] = {}
        self._typed: Mapping[Key, str] = {}
        self._units: Sequence[Unit] = ()
        self._names: Names | None = None
        self._undone: tuple[Key, str] | None = None
        self._asked: set[Key] = set()
        self._way, self._for = "", _NO_KEY
        self.list = RowsView(say("transfer.tab.parked", count=0))
        self._empty = EmptyPage()
        self._empty.say(say("transfer.empty.parked.title"), say("transfer.empty.parked.text"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self.done, self.done_words, self.again = done_line(say("transfer.ways.again"))
        column.addWidget(self.done)
        column.addWidget(self._stack, 1)
        column.addWidget(self._ways_out())
        self.setFocusProxy(self.list)
        self._connect()

    def _ways_out(self) -> QWidget:
        self.ways = QFrame()
        self.ways.setProperty("look", "card")
        column = QVBoxLayout(self.ways)
        column.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(14))
        column.setSpacing(theme.px(8))
        self.reason = theme.label("")
        self.reason.setWordWrap(True)
        column.addWidget(self.reason)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.buttons: dict[str, QPushButton] = {}
        for name, keys in _WAYS:
            button = theme.button(say(f"transfer.ways.{name}", keys=keys))
            button.setToolTip(say(f"transfer.ways.{name}_text"))
            button.setProperty("way", name)
            self.buttons[name] = button
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.words = QLineEdit()
        self.words.setMaxLength(_MOST_ASKING)
        self.words.setAccessibleName(say("transfer.ways.words"))
        self.unit = QComboBox()
        self.unit.setAccessibleName(say("transfer.ways.unit"))
        self.go_on = theme.button("", "primary")
        self.leave = theme.button(say("transfer.ways.leave"))
        inside = QHBoxLayout()
        inside.setSpacing(theme.px(8))
        inside.addWidget(self.words, 1)
        inside.addWidget(self.unit, 1)
        inside.addWidget(self.go_on)
        inside.addWidget(self.leave)
        column.addLayout(inside)
        self._close()
        return self.ways

    def _connect(self) -> None:
        self.list.opened.connect(self._open_row)
        self.list.chosen.connect(self._show_ways)
        self.go_on.clicked.connect(self._go_on)
        self.words.returnPressed.connect(self._go_on)
        self.leave.clicked.connect(self._close)
        self.again.clicked.connect(self._type_again)
        for button in self.buttons.values():
            button.clicked.connect(self._pressed)
        for name, keys in _WAYS:
            within = self.list if name == "withdraw" else self
            shortcut = QShortcut(QKeySequence(keys), within, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setProperty("way", name)
            shortcut.activated.connect(self._pressed)
        QShortcut(QKeySequence("Esc"), self.ways, self._close, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def show_parked(self, parked: Sequence[Shown], names: Names, units: Sequence[Unit]) -> None:
        """Show these cells, whose last change is held back, and below them what was taken back."""
        self._parked = {shown.key: shown for shown in parked}
        self._typed = {shown.key: self._store.history(shown.key)[0].content for shown in parked}
        self._names, self._units = names, units
        asked = self._answers(parked)
        rows: list[Heading | Row] = [*listing.parked(parked, list(self._typed.values()), asked, names)]
        gone = withdrawn(self._store, _MOST_WITHDRAWN)
        if gone:
            rows += [Heading(say("transfer.withdrawn.heading")), *listing.withdrawn(gone, names, self._clock())]
        self.list.show_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        self._show_ways()

    def _answers(self, parked: Sequence[Shown]) -> list[str]:
        """What became of the request for each, in words; "" where nobody has asked."""
        places = {(shown.key.unit, shown.key.period) for shown in parked if _is_revision(shown)}
        units, periods = [unit for unit, _ in places], [period for _, period in places]
        found = {one.figure: one.revision for one in requests(self._store, units, periods)} if places else {}
        self._asked = {key for key, revision in found.items() if revision.answer is revisions.Answer.OPEN}
        return [listing.answer(found[shown.key]) if shown.key in found else "" for shown in parked]

    def _current(self) -> Shown | None:
        found = self.list.current_key()
        return self._parked.get(found[1]) if isinstance(found, tuple) and found[0] == "parked" else None

    @Slot()
    def _show_ways(self) -> None:
        """Only those that lead anywhere for what is chosen."""
        shown = self._current()
        self.ways.setVisible(shown is not None)
        if shown is None:
            return
        self.reason.setText(formats.reason(shown.reason))
        self.buttons["reopen"].setVisible(bool(shown.reason in _REOPENABLE and self._form(shown.key)))
        word = "revise" if _is_revision(shown) else "reopen"
        self.buttons["reopen"].setText(say(f"transfer.ways.{word}", keys=_WAYS[0][1]))
        self.buttons["hand_over"].setVisible(bool(self._others(shown.key)))
        if self._for != shown.key:
            self._close()

    def _form(self, key: Key) -> str:
        if key.kind == STATUS:
            return key.item
        return self._names.row(key)[0] if key.kind == VALUE and self._names is not None else ""

    def _others(self, key: Key) -> list[Unit]:
        """Units of the same level that report the same indicator, and so may have the figure."""
        indicator = self._catalogue.indicators.get(key.item) if key.kind == VALUE else None
        if indicator is None:
            return []
        level = key.unit.count(".")
        beside = (unit for unit in self._units if unit.key != key.unit and unit.key.count(".") == level)
        return [unit for unit in beside if unit.kind in indicator.unit_kinds and unit.valid_to is None]

    # The ways

    @Slot()
    def _pressed(self) -> None:
        shown, way = self._current(), self.sender().property("way")
        if shown is None or self.buttons[way].isHidden():
            return
        if way == "withdraw":
            self._withdraw(shown)
        elif way == "reopen":
            self._begin_asking(shown)
        else:
            self._begin_handing_over(shown)

    def _withdraw(self, shown: Shown) -> None:
        key, content = shown.key, self._typed[shown.key]
        # Nobody need answer any more.
        asked = [(revisions.key_of(key), CLEARED)] if key in self._asked else []
        if self._keep(lambda: withdraw(self._store, [key], self._store.author(), self._clock(), asked)):
            self._undone = key, content
            self._say_done("withdrawn", key, content)
            self.again.show()

    @Slot()
    def _type_again(self) -> None:
        """What was taken back is typed once more: a change like any."""
        undone = self._undone
        if undone is None:
            return
        if self._keep(lambda: self._store.record_changes([undone], self._store.author(), self._clock())):
            self._undone = None
            self.done.hide()

    def _begin_asking(self, shown: Shown) -> None:
        assert self._names is not None
        self._way, self._for = "reopen", shown.key
        value = in_short(self._typed[shown.key])
        self.words.setText(say(f"transfer.ways.ask_{shown.reason}", what=self._names.what(shown.key), value=value))
        self.go_on.setText(say("transfer.ways.send"))
        self._show_inputs(self.words)

    def _begin_handing_over(self, shown: Shown) -> None:
        self._way, self._for = "hand_over", shown.key
        self.unit.clear()
        for unit in self._others(shown.key):
            there = self._store.shown(shown.key._replace(unit=unit.key))
            held = in_short(there.content) if there is not None and there.content != CLEARED else ""
            self.unit.addItem(
                say("transfer.ways.unit_with", unit=unit.name, value=held) if held else unit.name, unit.key
            )
        self.go_on.setText(say("transfer.ways.move"))
        self._show_inputs(self.unit)

    def _show_inputs(self, first: QWidget) -> None:
        for widget in (self.words, self.unit):
            widget.setVisible(widget is first)
        for button in (self.go_on, self.leave):
            button.show()
        first.setFocus()

    @Slot()
    def _close(self) -> None:
        self._way, self._for = "", _NO_KEY
        for widget in (self.words, self.unit, self.go_on, self.leave):
            if widget.hasFocus():
                self.list.setFocus()
            widget.hide()

    @Slot()
    def _go_on(self) -> None:
        shown = self._current()
        if shown is None or shown.key != self._for:
            return
        if self._way == "reopen":
            self._ask(shown)
        elif self._way == "hand_over":
            self._hand_over(shown.key, str(self.unit.currentData()))

    def _ask(self, shown: Shown) -> None:
        """Of an approved form, as a request that its approver answers; else as a comment on the whole form, which those
        see who may reopen it."""
        key = shown.key
        try:
            said = content_of(self.words.text())
        except ValueError:
            return
        if _is_revision(shown):
            words = self.words.text().strip()
            edit = revisions.key_of(key), revisions.Revision(self._typed[key], words).content()
        else:
            edit = key_of(Key(VALUE, key.unit, self._form(key), key.period), uuid7(self._clock())), said
        if self._keep(lambda: self._store.record_changes([edit], self._store.author(), self._clock())):
            self._close()
            self._say_done("revision" if _is_revision(shown) else "asked", key, self._typed.get(key, CLEARED))

    def _hand_over(self, key: Key, unit: str) -> None:
        content = self._typed[key]
        there = key._replace(unit=unit)
        if self._keep(lambda: withdraw(self._store, [key], self._store.author(), self._clock(), [(there, content)])):
            self._close()
            self._say_done("handed_over", there, content)

    def _say_done(self, what: str, key: Key, content: str) -> None:
        assert self._names is not None
        self.again.hide()
        self.done_words.setText(say(f"transfer.ways.done.{what}", what=self._names.what(key), value=in_short(content)))
        self.done.show()

    def _keep(self, work: Callable[[], ChangeSet]) -> bool:
        try:
            changes = work()
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return False
        self.failed.emit(None)
        self._feed.changed.emit(changes)
        return True

    @Slot(object)
    def _open_row(self, row: tuple[str, Key]) -> None:
        self.opened.emit(row[1])


def _is_revision(shown: Shown) -> bool:
    """Whether a figure waits because its form is approved."""
    return shown.reason == APPROVED and shown.key.kind == VALUE
