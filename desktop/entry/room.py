"""The room itself: what stands above, below and beside the grid, and what is shown when there is nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QModelIndex, QSettings, QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry.bar import Bar, Hints
from desktop.entry.commands import Commands
from desktop.entry.files import Files
from desktop.entry.keeping import Keeping
from desktop.entry.layout import Layout, Turn, periods_to
from desktop.entry.model import GridModel, unit_name
from desktop.entry.notice import Notice
from desktop.entry.selectors import Selectors
from desktop.entry.sheet import Missing, Sheet, sheet_of
from desktop.entry.steps import Steps
from desktop.entry.taking import Taking
from desktop.entry.view import GridView
from desktop.entry.watching import Watching
from desktop.entry.writing import AT_ONCE, Kept, Outcome, Writer
from desktop.feed import Feed
from desktop.widgets import formats, theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.leaving import Leaving
from desktop.widgets.place import Place
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import DEADLINE, OWN_UNIT, UNIT
from sync.domain.local_time import day_at
from sync.store import ChangeSet, Store

if TYPE_CHECKING:  # loaded when the grid has been painted
    from desktop.entry.card import Card
    from desktop.entry.composer import Composer
    from desktop.entry.explaining import Explaining


class EntryRoom(QWidget):
    """Nhập liệu. `settings` keeps the last place of this data folder; `open_store` gives a thread its connection."""

    name = "entry"
    go = Signal(object)

    def __init__(
        self,
        store: Store,
        open_store: Callable[[], Store],
        catalogue: Catalogue,
        feed: Feed,
        clock: Callable[[], datetime],
        settings: QSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._feed, self._clock = store, catalogue, feed, clock
        self._keeping = Keeping(settings)
        # What could not be stored, and what can be undone, outlives the window, which is built again for another look.
        self._kept = _kept.setdefault(store, Kept({}, Steps()))
        self._writer = Writer(store, open_store, feed, clock, self._kept, self)
        self._model: GridModel | None = None
        self.header = Selectors()
        self._here, self._turn = self._keeping.place(self.name), self._keeping.turn()
        self._possible = list(Turn)
        self._build()
        tell = self._hints.tell
        self._bar.add(Files(self._view, catalogue, open_store, self._notice, settings, clock, tell, self._bar))
        self._leaving = Leaving(self, lambda: len(self._kept.unsaved), self._try_again, self._writer.finish)
        self._connect()
        self.show_place(self._here)

    # Building

    def _build(self) -> None:
        # From the outside in: what gets another parent once it is filled is measured and styled anew, all of it.
        self._pages = QStackedWidget(self)
        self._side = QFrame(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._pages, 1)
        row.addWidget(self._side)
        grid = QWidget(self._pages)
        self._empty = EmptyPage(parent=self._pages)
        self._pages.addWidget(grid)
        self._pages.addWidget(self._empty)
        self._bar, self._notice = Bar(grid), Notice(grid)
        self._view, self._hints = GridView(grid), Hints(grid)
        self.setFocusProxy(self._view)
        self._card: Card | None = None
        self._composer: Composer | None = None
        self._explaining: Explaining | None = None
        self._side.setProperty("look", "side")
        self._side.setFixedWidth(theme.px(_CARD))
        self._beside = QVBoxLayout(self._side)
        self._beside.setContentsMargins(0, 0, 0, 0)
        for button, kept in ((self._bar.before, "before"), (self._bar.details, "details")):
            button.setChecked(self._keeping.switch(kept))
        self._column = QVBoxLayout(grid)
        self._column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(8))
        self._column.setSpacing(theme.px(10))
        for widget in (self._bar, self._notice, self._view, self._hints):
            self._column.addWidget(widget, 1 if widget is self._view else 0)

    def _connect(self) -> None:
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._say_all)
        self._rested = QTimer(self, singleShot=True, interval=_CARD_AFTER_MS)
        self._rested.timeout.connect(self._fill_card)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._keep_place)
        self.header.form_chosen.connect(self._choose_form)
        self.header.period_chosen.connect(self._choose_period)
        self.header.commune_chosen.connect(self._choose_commune)
        self._bar.before.toggled.connect(self._show_before)
        self._bar.details.toggled.connect(self._show_details)
        self._bar.retry.connect(self._try_again)
        self._bar.check.clicked.connect(self._check)
        self._bar.turned.connect(self.turn_to)
        self._bar.chosen.connect(self._choose_one)
        self._hints.reason.connect(self._view.mark_missing)
        self._commands = Commands(
            self._view, self._writer, self._notice, self._column, self._hints.tell, self.show_place
        )
        Taking(self._view, self._writer, self._notice, self._hints.tell)
        self._watching = Watching(self._view)
        self._watching.marked.connect(self._rested.start)
        self._watching.marked.connect(self._count_soon)
        self._bar.take.clicked.connect(self._take_all)
        self._writer.ended.connect(self._ended)
        self._view.moved.connect(self._moved)
        self._view.commented.connect(self._comment)
        self._view.widths.chosen.connect(self._keep_widths)
        self._view.first_painted.connect(self._count_soon)
        self._view.first_painted.connect(self._rested.start)
        self._feed.changed.connect(self._changed)
        QShortcut(QKeySequence.fromString("Ctrl+I"), self, self._bar.details.toggle)
        QShortcut(QKeySequence.fromString("Ctrl+T"), self, self._turn_on)
        QShortcut(QKeySequence.fromString("Ctrl+E"), self, self._explain)
        self._show_before(self._bar.before.isChecked())
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """With large letters on a small screen the conveniences go, and card and grid take turns."""
        super().resizeEvent(event)
        roomy = self.width() >= theme.px(_ROOMY)
        self._hints.make_room(roomy)
        if self._narrow() and event.oldSize().width() != self.width():
            with QSignalBlocker(self._bar.details):
                self._bar.details.setChecked(False)
        self._arrange()

    def _narrow(self) -> bool:
        return self.width() < theme.px(_NARROW)

    def _arrange(self) -> None:
        """Show the card where it is wanted: beside the grid, or in its place without room for both."""
        card = self._bar.details.isChecked() and self._model is not None
        alone = card and self._narrow()
        if alone:  # before the card comes: both together would make the window wider
            self._pages.hide()
        self._side.setVisible(card)
        self._pages.setVisible(not alone)

    # Places

    def show_place(self, place: Place) -> None:
        """Open a form and period at a cell; what the place leaves open is what is current now."""
        self._open(place)
        if self._model is not None:
            self._go_to(place)

    def _open(self, place: Place) -> bool:
        """Show the sheet that the place means. Whether it is another one than before."""
        today = day_at(self._clock())
        sheet = sheet_of(self._store, self._catalogue, place, today)
        if isinstance(sheet, Missing):
            self._show_empty(sheet)
            return False
        self.header.show_sheet(sheet, today)
        layout = self._layout_of(sheet, place)
        old = self._model
        if old is not None and old.layout.name == layout.name:
            return False
        self._view.store_open_editor()
        self._writer.author = self._store.author()
        self._bar.check.setVisible(self._store.enrolment() is not None)
        self._model = GridModel(self._store, self._catalogue, layout, self._writer, self._feed, self)
        self._view.setModel(self._model)
        self._view.widths.take(self._keeping.widths(sheet.form.key, layout.turn))
        self._view.fit_columns()
        if old is not None:
            old.deleteLater()
        self._pages.setCurrentIndex(0)
        self._arrange()
        form = sheet.form.name.text(language())
        self._bar.show_title(say("entry.bar.title", form=form, period=formats.period(sheet.period.code)))
        self._show_turn(sheet, self._model)
        self._watching.rest()
        return True

    def _layout_of(self, sheet: Sheet, place: Place) -> Layout:
        """The sheet, turned as the person chose; in the other turns, of the place's unit or indicator."""
        units, periods = sheet.units, [sheet.period]
        items = [row.indicator for row in sheet.form.rows]
        item = place.item if place.item in items else items[0]
        turn = self._turn if self._turn in self._turns(sheet) else Turn.UNITS
        if turn in (Turn.PERIODS, Turn.INDICATOR):
            periods = periods_to(sheet.period, _PERIODS)
        if turn in _OF_ONE_UNIT:
            one = place.unit if place.unit in units else units[0]
            units = (one, *(unit for unit in units if unit != one))
        return Layout(self._catalogue, sheet.form, units, periods, turn, item, sheet.below)

    def _turns(self, sheet: Sheet) -> list[Turn]:
        """How the form can be turned: by breakdowns only where something of it is divided."""
        divided = any(indicator.breakdown for indicator in self._catalogue.indicators_of(sheet.form.key))
        return [turn for turn in Turn if turn is not Turn.BREAKDOWN or divided]

    def _show_turn(self, sheet: Sheet, model: GridModel) -> None:
        names: dict[str, str] = {}
        one, own, turn = "", say("entry.grid.own_unit"), model.layout.turn
        if turn in _OF_ONE_UNIT:
            names, one = {unit: unit_name(self._store, unit) or own for unit in sheet.units}, model.layout.units[0]
        elif turn is Turn.INDICATOR:
            indicators = self._catalogue.indicators
            names = {row.indicator: indicators[row.indicator].name.text(language()) for row in sheet.form.rows}
            one = model.layout.item
        self._possible = self._turns(sheet)
        self._bar.show_turn(turn, self._possible, names, one)
        self._bar.show_take(model.total_words.taking() if model.layout.sums and model.layout.below else "")
        self._view.show_before(self._bar.before.isVisibleTo(self._bar) and self._bar.before.isChecked())

    def _go_to(self, place: Place) -> None:
        model = self._model
        assert model is not None
        row, column = model.row_of(place.item, place.unit), model.column_of(place.unit, place.period)
        first = self._view.first_cell()
        if column is None and model.layout.turn is not Turn.UNITS:
            column = model.columnCount() - 1
        index = model.index(first.row() if row is None else row, first.column() if column is None else column)
        self._view.setCurrentIndex(index)
        self._view.setFocus()
        self._soon.start(0)

    def unsaved(self) -> int:
        """How many values are on the screen only."""
        return len(self._kept.unsaved)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._leaving.watch(self.window())

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the place for the next start whenever the person leaves the room."""
        super().hideEvent(event)
        self._view.store_open_editor()
        self._keep_place()

    @Slot()
    def _check(self) -> None:
        """Where the form of the current cell's unit stands, and how to submit it."""
        model, here = self._model, self._view.currentIndex()
        if model is None:
            return
        self._view.store_open_editor()
        key = model.key(here.row(), here.column()) if here.isValid() else None
        unit = key.unit if key else model.layout.units[0]
        self.go.emit(Place("review", unit, model.form.key, key.period if key else model.layout.period.code))

    @Slot()
    def _keep_place(self) -> None:
        self._keeping.keep_place(self._here)

    @Slot()
    def _keep_widths(self) -> None:
        assert self._model is not None
        self._keeping.keep_widths(self._model.form.key, self._model.layout.turn, self._view.widths.own)

    def _show_empty(self, why: Missing) -> None:
        self._view.setModel(None)
        if self._model is not None:
            self._model.deleteLater()
        self._model = None
        self._empty.say(say(f"entry.empty.{why}.title"), say(f"entry.empty.{why}.text"))
        self._pages.setCurrentIndex(1)
        self._arrange()
        self.header.show_none()

    # What is said

    @Slot()
    def _say_all(self) -> None:
        """Counts above the grid and the card beside it."""
        model = self._model
        if model is None:
            return
        if self._writer.busy or not self._view.was_painted:
            return  # it is told at the end, and once the cells stand
        self._rested.start()
        count = model.count()
        if count is None:  # a large grid, which is counted a little at a time
            self._soon.start(0)
            return
        self._bar.show_count(count)

    @Slot()
    def _fill_card(self) -> None:
        """Tell of the current cell, once the keys rest: neither the grid's first paint nor fast typing waits for it."""
        model, here = self._model, self._view.currentIndex()
        if model is None or not self._bar.details.isChecked() or self._writer.busy:
            return
        if self._card is None or self._composer is None or self._explaining is None:
            # Loaded and built here: the grid's first paint, in which its place stands empty, is earlier for it.
            from desktop.entry.card import Card
            from desktop.entry.composer import Composer
            from desktop.entry.explaining import Explaining

            self._card, self._composer = Card(self._store, self._clock), Composer(self._store, self._clock)
            self._explaining = Explaining()
            self._card.retry.connect(self._try_again)
            self._card.take.connect(self._take)
            self._card.withdrawn.connect(self._composer.withdraw)
            self._card.about_form.connect(self._composer.begin_of_form)
            self._composer.left.connect(self._leave_side)
            self._explaining.left.connect(self._leave_side)
            self._beside.addWidget(self._card, 1)
            self._beside.addWidget(self._explaining)
            self._beside.addWidget(self._composer)
        if here.isValid():
            self._card.show_cell(model, here.row(), here.column())
        else:
            self._card.show_nothing()
        key = model.key(here.row(), here.column()) if here.isValid() else None
        self._explaining.show_cell(model, key)
        self._composer.show_cell(model, key)

    # Slots

    @Slot()
    def _comment(self) -> None:
        """Shift+F2: write a comment on the current cell."""
        self._bar.details.setChecked(True)
        self._fill_card()
        if self._composer is not None:
            self._composer.begin()

    @Slot()
    def _explain(self) -> None:
        """Ctrl+E: say why the current cell's figure is right, if anything asks for it."""
        self._view.store_open_editor()
        was_shown = self._bar.details.isChecked()
        self._bar.details.setChecked(True)
        self._fill_card()
        if self._explaining is not None and not self._explaining.begin():
            self._bar.details.setChecked(was_shown)
            self._hints.tell(say("entry.explain.nothing"))

    @Slot()
    def _leave_side(self) -> None:
        """Back to the cells, which the card hides where there is no room for both."""
        if self._narrow():
            self._bar.details.setChecked(False)
        self._view.setFocus()

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        kinds = {key.kind for key in changes.keys}
        adopted = (
            self._model is not None and OWN_UNIT in self._model.layout.units and self._store.enrolment() is not None
        )
        # Who is typing stays undisturbed unless there are other columns now.
        if (UNIT in kinds or DEADLINE in kinds or adopted) and self._open(self._here):
            self._go_to(self._here)
        self._watching.rest()
        self._count_behind(len(changes.keys))

    @Slot()
    def _count_soon(self) -> None:
        self._soon.start(0)

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._count_behind(len(outcome.step.edits))

    def _count_behind(self, changed: int) -> None:
        """Count what changed: much of it once it is painted."""
        self._soon.start(_BEHIND_MS if changed > AT_ONCE else 0)

    @Slot(QModelIndex)
    def _moved(self, index: QModelIndex) -> None:
        model = self._model
        key = model.key(index.row(), index.column()) if model and index.isValid() else None
        if model is not None and key is not None:
            self._here = Place(
                self.name, unit=key.unit, form=model.form.key, period=model.layout.period.code, item=key.item
            )
            self._later.start(_KEEP_AFTER_MS)
        self._soon.start(0)

    @Slot(str)
    def _choose_form(self, form: str) -> None:
        self.show_place(self._here._replace(form=form))

    @Slot(str)
    def _choose_period(self, code: str) -> None:
        self.show_place(self._here._replace(period=code))

    @Slot(str)
    def _choose_commune(self, commune: str) -> None:
        self.show_place(self._here._replace(unit=commune))

    @Slot(str)
    def _choose_one(self, key: str) -> None:
        """Another unit or indicator in all cells."""
        of_unit = self._model is not None and self._model.layout.turn in _OF_ONE_UNIT
        self.show_place(self._here._replace(unit=key) if of_unit else self._here._replace(item=key))

    @Slot(str)
    def turn_to(self, turn: str) -> None:
        """Turn rows and columns; the current cell stays current."""
        self._turn = Turn(turn)
        self._keeping.keep_turn(self._turn)
        self.show_place(self._here)

    @Slot()
    def _turn_on(self) -> None:
        if self._model is not None:
            turns = self._possible
            self.turn_to(turns[(turns.index(self._model.layout.turn) + 1) % len(turns)])

    @Slot(bool)
    def _show_before(self, shown: bool) -> None:
        self._keeping.keep_switch("before", shown)
        self._view.show_before(shown)

    @Slot(bool)
    def _show_details(self, shown: bool) -> None:
        self._keeping.keep_switch("details", shown)
        self._arrange()
        self._soon.start(0)

    @Slot()
    def _take_all(self) -> None:
        self._view.asked.emit("take_all")
        self._view.setFocus()

    @Slot()
    def _take(self) -> None:
        self._view.asked.emit("take")
        self._view.setFocus()

    @Slot()
    def _try_again(self) -> bool:
        """Store what could not be stored. Whether nothing waits any more."""
        return self._model is not None and self._model.retry()


_CARD = 312
"""Width of the card in pixels at plain text size."""
_BEHIND_MS = 20
"""Qt puts painting off for some milliseconds, and counting much takes as long as a person notices."""
_CARD_AFTER_MS = 40
_KEEP_AFTER_MS = 2000
"""The last place is written when a person rests, not at every step."""
_ROOMY, _NARROW = 1000, 990
"""The room's least widths at plain text size, in pixels: for the keys below, for grid and card."""
_OF_ONE_UNIT = (Turn.PERIODS, Turn.BREAKDOWN)
_PERIODS = 8
"""Periods side by side: two years of quarters."""


_kept: WeakKeyDictionary[Store, Kept] = WeakKeyDictionary()
