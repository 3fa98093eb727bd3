"""The room itself: what stands above, below and beside the grid, and what is shown when there is nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QModelIndex, QSettings, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry.commands import Commands
from desktop.entry.layout import Layout
from desktop.entry.leaving import Leaving
from desktop.entry.model import GridModel
from desktop.entry.notice import Notice
from desktop.entry.selectors import Selectors
from desktop.entry.sheet import Missing, sheet_of
from desktop.entry.steps import Steps
from desktop.entry.view import GridView
from desktop.entry.writing import Kept, Writer
from desktop.feed import Feed
from desktop.widgets import formats, theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.place import Place
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import DEADLINE, OWN_UNIT, UNIT
from sync.domain.local_time import VIETNAM
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED
from sync.store import ChangeSet, Store

if TYPE_CHECKING:  # loaded when the grid has been painted
    from desktop.entry.card import Card


class EntryRoom(QWidget):
    """Nhập liệu. `settings` keeps the last place of this data folder."""

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
        self._settings = settings
        # What could not be stored, and what can be undone, outlives the window, which is built again for another look.
        self._kept = _kept.setdefault(store, Kept({}, Steps()))
        self._writer = Writer(store, open_store, feed, clock, self._kept, self)
        self._model: GridModel | None = None
        self.header = Selectors()
        self._here = self._last_place()
        self._build()
        self._leaving = Leaving(self, lambda: len(self._kept.unsaved), self._try_again)
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
        self._view = GridView(grid)
        self.setFocusProxy(self._view)
        self._notice = Notice(grid)
        self._card: Card | None = None
        self._side.setProperty("look", "side")
        self._side.setFixedWidth(theme.px(_CARD))
        self._beside = QVBoxLayout(self._side)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._title = theme.label("", "section")
        self._filled = theme.label("", "muted")
        self._errors, self._warnings = theme.label("", "pill-bad"), theme.label("", "pill-warning")
        self._unsaved_pill = theme.label("", "pill-bad")
        self._retry = theme.button(say("entry.unsaved.retry"), "link")
        self._before = theme.button(say("entry.bar.before"))
        self._before.setToolTip(say("entry.bar.before_tip"))
        self._details = theme.button(say("entry.bar.details"))
        self._details.setToolTip(say("entry.bar.details_tip"))
        for button, kept in ((self._before, "before"), (self._details, "details")):
            button.setCheckable(True)
            button.setChecked(self._settings.value(f"entry/{kept}", True, bool) is True)
        self._column = column = QVBoxLayout(grid)
        column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(8))
        column.setSpacing(theme.px(10))
        column.addLayout(self._bar())
        column.addWidget(self._notice)
        column.addWidget(self._view, 1)
        column.addLayout(self._hints())

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(theme.px(10))
        for widget in (
            self._title,
            self._filled,
            self._errors,
            self._warnings,
            self._unsaved_pill,
            self._retry,
        ):
            bar.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.addStretch(1)
        bar.addWidget(self._before)
        bar.addWidget(self._details)
        return bar

    def _hints(self) -> QHBoxLayout:
        """The keys, and the two that say why there is no figure as buttons, for who has only a mouse."""
        hints = QHBoxLayout()
        hints.setSpacing(theme.px(6))
        for key, reason in (("F7", NOT_COLLECTED), ("F8", DOES_NOT_APPLY)):
            hints.addWidget(theme.label(key, "key"))
            button = theme.button(say(f"entry.missing.{reason}.long"), "link")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(self._not_collected if reason == NOT_COLLECTED else self._does_not_apply)
            hints.addWidget(button)
        self._keys = QWidget()
        keys = QHBoxLayout(self._keys)
        keys.setContentsMargins(0, 0, 0, 0)
        for key, word in (
            ("F2", "edit"),
            ("Enter", "down"),
            ("Tab", "right"),
            ("Del", "clear"),
            ("Esc", "revert"),
        ):
            keys.addSpacing(theme.px(6))
            keys.addWidget(theme.label(key, "key"))
            keys.addWidget(theme.label(say(f"entry.hint.{word}"), "small"))
        hints.addWidget(self._keys)
        self._said = theme.label("", "small")
        self._said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._said.setAccessibleName(say("entry.did.name"))
        hints.addWidget(self._said, 1)
        return hints

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
        self._before.toggled.connect(self._show_before)
        self._details.toggled.connect(self._show_details)
        self._retry.clicked.connect(self._try_again)
        self._commands = Commands(
            self._view, self._writer, self._notice, self._column, self._say_shortly, self.show_place
        )
        self._view.moved.connect(self._moved)
        self._view.widened.connect(self._keep_widths)
        self._view.first_painted.connect(self._rested.start)
        self._feed.changed.connect(self._changed)
        QShortcut(QKeySequence.fromString("Ctrl+I"), self, self._details.toggle)
        self._show_before(self._before.isChecked())
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """With large letters on a small screen the conveniences go, and card and grid take turns."""
        super().resizeEvent(event)
        roomy = self.width() >= theme.px(_ROOMY)
        self._title.setVisible(roomy)
        self._keys.setVisible(roomy)
        if self._narrow() and event.oldSize().width() != self.width():
            with QSignalBlocker(self._details):
                self._details.setChecked(False)
        self._arrange()

    def _narrow(self) -> bool:
        return self.width() < theme.px(_NARROW)

    def _arrange(self) -> None:
        """Show the card where it is wanted: beside the grid, or in its place without room for both."""
        card = self._details.isChecked() and self._model is not None
        self._side.setVisible(card)
        self._pages.setVisible(not (card and self._narrow()))

    # Places

    def show_place(self, place: Place) -> None:
        """Open a form and period at a cell; what the place leaves open is what is current now."""
        self._open(place)
        if self._model is not None:
            self._go_to(place.unit, place.item)

    def _open(self, place: Place) -> bool:
        """Show the sheet that the place means. Whether it is another one than before."""
        today = self._clock().astimezone(VIETNAM).date()
        sheet = sheet_of(self._store, self._catalogue, place, today)
        if isinstance(sheet, Missing):
            self._show_empty(sheet)
            return False
        self.header.show_sheet(sheet, today)
        old, form, period = self._model, sheet.form, sheet.period
        if old is not None and (old.form.key, old.layout.period, old.layout.units) == (form.key, period, sheet.units):
            return False
        self._view.store_open_editor()
        enrolment = self._store.enrolment()
        self._writer.author = enrolment.person if enrolment else ""
        layout = Layout(self._catalogue, form, sheet.units, [period])
        self._model = GridModel(self._store, self._catalogue, layout, self._writer, self._feed, self)
        self._view.setModel(self._model)
        self._view.take_widths(self._kept_widths())
        if old is not None:
            old.deleteLater()
        self._pages.setCurrentIndex(0)
        self._arrange()
        title = say("entry.bar.title", form=form.name.text(language()), period=formats.period(period.code))
        self._title.setText(title)
        return True

    def _go_to(self, unit: str, item: str) -> None:
        model = self._model
        assert model is not None
        row, column = model.row_of(item), model.column_of(unit)
        first = self._view.first_cell()
        index = model.index(first.row() if row is None else row, first.column() if column is None else column)
        self._view.setCurrentIndex(index)
        self._view.setFocus()
        self._soon.start(0)

    def _kept_widths(self) -> dict[int, int]:
        """The columns' widths that a person gave this form."""
        assert self._model is not None
        kept = str(self._settings.value(f"entry/widths/{self._model.form.key}", ""))
        pairs = (pair.split(":") for pair in kept.split())
        return {int(pair[0]): int(pair[1]) for pair in pairs if len(pair) == 2 and all(map(str.isdecimal, pair))}

    @Slot()
    def _keep_widths(self) -> None:
        assert self._model is not None
        kept = " ".join(f"{column}:{width}" for column, width in self._view.column_widths().items())
        self._settings.setValue(f"entry/widths/{self._model.form.key}", kept)

    def _last_place(self) -> Place:
        form, period, unit, item = (str(self._settings.value(f"entry/{part}", "")) for part in _KEPT)
        return Place(self.name, unit=unit, form=form, period=period, item=item)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._leaving.watch(self.window())

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the place for the next start whenever the person leaves the room."""
        super().hideEvent(event)
        self._view.store_open_editor()
        self._keep_place()

    @Slot()
    def _keep_place(self) -> None:
        here = self._here
        for part, value in zip(_KEPT, (here.form, here.period, here.unit, here.item), strict=True):
            self._settings.setValue(f"entry/{part}", value)

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
        count = model.count()
        if count is None:  # a large grid, which is counted a little at a time
            self._soon.start(0)
            return
        self._filled.setText(say("entry.bar.filled", filled=count.filled, cells=count.cells))
        _say_count(self._errors, "entry.bar.errors", count.errors)
        _say_count(self._warnings, "entry.bar.warnings", count.warnings)
        _say_count(self._unsaved_pill, "entry.bar.unsaved", count.unsaved)
        self._retry.setVisible(count.unsaved > 0)
        if self._view.was_painted:
            self._rested.start()

    def _say_shortly(self, text: str) -> None:
        """What was just done, in the line of keys, as far as there is place for it."""
        fitting = self._said.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._said.width())
        self._said.setText(fitting)
        self._said.setToolTip(text)

    @Slot()
    def _fill_card(self) -> None:
        """Tell of the current cell, once the keys rest: neither the grid's first paint nor fast typing waits for it."""
        model, here = self._model, self._view.currentIndex()
        if model is None or not self._details.isChecked():
            return
        if self._card is None:
            # Loaded and built here: the grid's first paint, in which its place stands empty, is earlier for it.
            from desktop.entry.card import Card

            self._card = Card(self._store, self._clock)
            self._card.retry.connect(self._try_again)
            self._beside.addWidget(self._card)
        if here.isValid():
            self._card.show_cell(model, here.row(), here.column())
        else:
            self._card.show_nothing()

    # Slots

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        kinds = {key.kind for key in changes.keys}
        adopted = (
            self._model is not None and OWN_UNIT in self._model.layout.units and self._store.enrolment() is not None
        )
        # Who is typing stays undisturbed unless there are other columns now.
        if (UNIT in kinds or DEADLINE in kinds or adopted) and self._open(self._here):
            self._go_to(self._here.unit, self._here.item)
        self._soon.start(0)

    @Slot(QModelIndex)
    def _moved(self, index: QModelIndex) -> None:
        model = self._model
        key = model.key(index.row(), index.column()) if model and index.isValid() else None
        if model is not None and key is not None:
            self._here = Place(self.name, unit=key.unit, form=model.form.key, period=key.period, item=key.item)
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

    @Slot(bool)
    def _show_before(self, shown: bool) -> None:
        self._settings.setValue("entry/before", shown)
        self._view.show_before(shown)

    @Slot(bool)
    def _show_details(self, shown: bool) -> None:
        self._settings.setValue("entry/details", shown)
        self._arrange()
        self._soon.start(0)

    @Slot()
    def _try_again(self) -> bool:
        """Store what could not be stored. Whether nothing waits any more."""
        return self._model is not None and self._model.retry()

    @Slot()
    def _not_collected(self) -> None:
        self._view.mark_missing(NOT_COLLECTED)

    @Slot()
    def _does_not_apply(self) -> None:
        self._view.mark_missing(DOES_NOT_APPLY)


_CARD = 312
"""Width of the card in pixels at plain text size."""
_CARD_AFTER_MS = 40
_KEEP_AFTER_MS = 2000
"""The last place is written when a person rests, not at every step."""
_ROOMY, _NARROW = 1000, 990
"""The room's least widths at plain text size, in pixels: for all conveniences, for grid and card."""
_KEPT = ("form", "period", "unit", "item")


_kept: WeakKeyDictionary[Store, Kept] = WeakKeyDictionary()


def _say_count(pill: QLabel, key: str, count: int) -> None:
    pill.setVisible(count > 0)
    pill.setText(say(key, count=count))
