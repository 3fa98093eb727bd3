"""The desk itself: one list by deadline, the cards beside it, and what is said when nothing is due."""

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.feed import Ear, Feed
from desktop.today.cards import CompletenessCard, ProtectCard, ReceiptsCard, WaitingCard
from desktop.today.forms import FormDue, Forms
from desktop.today.listing import listing
from desktop.today.open_tasks import MOST_RECEIVED, OpenTasks
from desktop.today.reminders import reminders
from desktop.today.steps import Came, came
from desktop.widgets import formats, theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.naming import Names
from desktop.widgets.place import Place
from desktop.widgets.rows import RowsView
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import OWN_UNIT, REVISION, RIGHTS, STATUS, TASK, Key
from sync.domain.local_time import day_at
from sync.store import Store
from sync.store.assigned import Assignments, are_many
from sync.store.submissions import to_decide

if TYPE_CHECKING:  # loaded with the sync, after the first paint
    from desktop.widgets.work import Work
    from sync.client.loop import Status

_CARDS: Final = 312
_CARDS_SHARE: Final = 0.28
_NEW_DAY_MS: Final = 30_000
_AT_ONCE: Final = 300
"""So many tasks are read again between two strokes."""
_LOOKED_AT: Final = 2_000
"""So many tasks are looked at for what is pressing between two strokes."""


class TodayRoom(QWidget):
    """Hôm nay. Nothing is typed here; every row opens the place where it can be done.

    `remind` carries the Reminders of what waits now, told or not.
    """

    name = "today"
    go = Signal(object)
    badge = Signal(int)
    remind = Signal(object)

    def __init__(
        self,
        store: Store,
        open_store: Callable[[], Store],
        catalogue: Catalogue,
        feed: Feed,
        clock: Callable[[], datetime],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._feed, self._clock = store, catalogue, feed, clock
        self._open_store = open_store
        self._reading: Work | None = None
        self._missed: set[Key] = set()
        self._taken: frozenset[Key] = frozenset()
        self._places: dict[object, Place] = {}
        self._day = date.min
        self._is_begun = False
        self._ear = Ear(self, store, feed)
        self._build()
        self._connect()
        self._begin()

    # Building

    def _build(self) -> None:
        self.header = QWidget()
        self._weekday, self._date = theme.label("", "small"), theme.label("")
        box = QFrame()
        box.setProperty("look", "field")
        inside = QHBoxLayout(box)
        inside.setContentsMargins(theme.px(12), theme.px(5), theme.px(12), theme.px(5))
        inside.setSpacing(theme.px(8))
        inside.addWidget(self._weekday)
        inside.addWidget(self._date)
        beside = QHBoxLayout(self.header)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(box)
        beside.addStretch(1)
        self.list = RowsView(say("today.list.name"))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        self.open_entry = theme.button(say("today.empty.open"), "primary")
        self._empty = EmptyPage(self.open_entry)
        self._pages.addWidget(self._empty)
        self.completeness, self.waiting, self.receipts = CompletenessCard(), WaitingCard(), ReceiptsCard()
        beside_list = QWidget()
        cards = QVBoxLayout(beside_list)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(theme.px(14))
        self.protect = ProtectCard()
        for card in (self.completeness, self.waiting, self.receipts, self.protect):
            cards.addWidget(card)
        cards.addStretch(1)
        self._cards = QScrollArea()
        self._cards.setWidgetResizable(True)
        self._cards.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._cards.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cards.setWidget(beside_list)
        left = QVBoxLayout()
        left.setSpacing(theme.px(12))
        left.addWidget(self._unenrolled_note())
        left.addWidget(self._pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(26), theme.px(14), theme.px(26), theme.px(14))
        row.setSpacing(theme.px(24))
        row.addLayout(left, 1)
        row.addWidget(self._cards)

    def _unenrolled_note(self) -> QWidget:
        self._note = QFrame()
        self._note.setProperty("look", "note-plain")
        row = QHBoxLayout(self._note)
        row.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        row.setSpacing(theme.px(16))
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        text = theme.label(say("today.unenrolled.text"))
        text.setWordWrap(True)
        words.addWidget(theme.label(say("today.unenrolled.title"), "strong"))
        words.addWidget(text)
        self.enter_code = theme.button(say("today.unenrolled.open"))
        row.addLayout(words, 1)
        row.addWidget(self.enter_code)
        return self._note

    def _connect(self) -> None:
        self._ear.heard.connect(self._refresh)
        self._ear.moved.connect(self._begin)
        self._days = QTimer(self)
        self._days.setInterval(_NEW_DAY_MS)
        self._days.timeout.connect(self._look_at_clock)
        self._days.start()
        self._feed.status.connect(self._status)
        self.list.opened.connect(self._open)
        self.open_entry.clicked.connect(self._open_entry)
        self.enter_code.clicked.connect(self._open_settings)
        self.protect.open.clicked.connect(self._open_settings)

    @Slot()
    def _begin(self) -> None:
        """Read everything that concerns the unit this device works for."""
        self._unit = self._ear.unit
        self._forms = Forms(self._store, self._catalogue, self._unit)
        self._is_read = not are_many(self._store, self._unit)
        self._assigned = Assignments(self._store, self._unit if self._is_read else "")
        self._reading, self._missed = None, set()
        self._tasks = OpenTasks(date.min)
        self._refresh_tasks(set())
        self._came = Came()
        self._ear.soon()
        self._note.setVisible(self._unit == OWN_UNIT)
        self.protect.setVisible(self._unit != OWN_UNIT and not self._store.person)
        self._show_all()

    def _read(self) -> None:
        """Read thousands of tasks on a thread of its own, or those of them that are others now."""
        from desktop.widgets.work import Work

        known, unit, open_store = self._assigned if self._is_read else None, self._unit, self._open_store
        today = self._today()
        touched = self._taken = frozenset(self._missed)
        self._missed.clear()

        def run(_cancelled: Callable[[], bool]) -> tuple[Assignments, OpenTasks]:
            with closing(open_store()) as store:
                found = known.after(touched, store) if known else Assignments(store, unit)
            return found, OpenTasks.of(found.all(), unit, today)

        self._reading = Work(run)
        self._reading.done.connect(self._take)
        self._reading.failed.connect(self._unread)
        self._reading.start()

    @Slot(object)
    def _take(self, brought: tuple[Assignments, OpenTasks]) -> None:
        if self.sender() is not self._reading:
            return  # of a unit that the folder does not work for any more
        self._reading, self._is_read = None, True
        self._assigned, self._tasks = brought
        self._assigned.use(self._store)
        self._refresh_tasks(set())
        self._show_all()

    @Slot(object)
    def _unread(self, _fault: object) -> None:
        """It is read with the next that changes."""
        if self.sender() is self._reading:
            self._reading = None
            self._missed |= self._taken

    def _refresh_tasks(self, touched: set[Key]) -> None:
        """Read the tasks again that changes name, and look at all of them anew: few at once, many beside the window."""
        self._missed |= touched
        if self._reading is not None:
            return
        count = self._assigned.count(self._missed)
        is_old = self._tasks.day != self._today()
        if not self._is_read or count > _AT_ONCE or ((count or is_old) and len(self._tasks.known) > _LOOKED_AT):
            self._read()
            return
        if self._assigned.refresh(self._missed) or is_old:
            self._tasks = OpenTasks.of(self._assigned.all(), self._unit, self._today())
        self._missed.clear()

    def _today(self) -> date:
        return day_at(self._clock())

    def show_place(self, place: Place) -> None:
        """The desk has one place only."""
        self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """With large letters the list keeps most of the width."""
        super().resizeEvent(event)
        self._cards.setFixedWidth(min(theme.px(_CARDS), round(self.width() * _CARDS_SHARE)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ear.soon()

    # What is shown

    def _show_all(self) -> None:
        now = self._clock()
        self._day = self._today()
        dues = self._forms.dues(self._day)
        to_do = [due for due in dues if not due.is_complete or self._came.unsent(due)]
        tasks = self._tasks
        names = Names(self._catalogue, self._forms.names(), lambda key: tasks.known.get(key.item))
        found = listing(
            to_do,
            tasks,
            [to_decide(self._store, shown) for shown in self._store.undecided().values()],
            self._came,
            names,
            now,
        )
        self._places = found.places
        self.list.show_rows(found.rows)
        self._pages.setCurrentIndex(0 if found.rows else 1)
        self.setFocusProxy(self.list if found.rows else self.open_entry)
        why = "done" if dues or tasks.known else "nothing_yet"
        if self._is_read:
            self._empty.say(say(f"today.empty.{why}.title"), say(f"today.empty.{why}.text"))
        else:
            self._empty.say(say("tasks.list.reading"), say("tasks.list.reading_text"))
        weekday, day = say(f"today.weekday.{self._day.isoweekday()}"), formats.day(self._day)
        self._weekday.setText(weekday)
        self._date.setText(day)
        self.header.setAccessibleName(say("today.day.name", weekday=weekday, day=day))
        self._show_completeness(dues, now)
        self._show_waiting()
        self._show_receipts(names, now)
        self.badge.emit(found.urgent)
        if self._is_begun:
            self.remind.emit(reminders(self._came, to_do, tasks, names, now))

    def _show_completeness(self, dues: list[FormDue], now: datetime) -> None:
        """The form that is asked for next: the nearest deadline to come, else the current period of the first form."""
        coming = [due for due in dues if due.due and due.due >= now]
        current = [due for due in dues if due.period.contains(self._day)]
        asked = coming or current or dues
        self.completeness.setVisible(bool(asked))
        if asked:
            due = asked[0]
            form, period = due.form.name.text(language()), formats.period(due.period.code)
            left = formats.days_left(due.day, self._day) if due.due else ""
            left = left[:1].lower() + left[1:]
            title = say("today.completeness.title", form=form, period=period)
            self.completeness.show_count(title, due.filled, due.cells, left)

    def _show_waiting(self) -> None:
        count = self._store.waiting()
        if count == 0:
            why = "none" if self._store.last_receipt() else "nothing_yet"
        elif self._unit == OWN_UNIT:
            why = "unenrolled"
        else:
            status: Status | None = self._feed.last_status
            why = "by_choice" if status and status.phase == "offline_by_choice" else "by_itself"
        self.waiting.show_count(count, say(f"today.waiting.{why}"))

    def _show_receipts(self, names: Names, now: datetime) -> None:
        found = [
            (
                batch.received_at,
                names.unit(batch.unit),
                say(
                    "today.receipts.values",
                    count=batch.cells,
                    period=formats.period(batch.period),
                    at=formats.near(batch.received_at, now),
                ),
            )
            for batch in self._forms.received()[:MOST_RECEIVED]
        ]
        for at, task in self._tasks.received:
            words = say("today.receipts.progress", at=formats.near(at, now))
            found.append((at, names.task(Key(TASK, task.unit, task.item)), words))
        found.sort(key=lambda line: line[0], reverse=True)
        lines = [(what, when) for _, what, when in found[:MOST_RECEIVED]]
        self.receipts.show_lines(lines or [(say("today.receipts.none"), "")])

    # Slots

    @Slot(object)
    def _refresh(self, touched: set[Key]) -> None:
        self._forms.forget(touched)
        self._refresh_tasks(touched)
        # Not before the first paint, which does without.
        self._is_begun = True
        if self._came.others is None or any(key.kind in (STATUS, REVISION, RIGHTS) for key in touched):
            self._came = came(self._store, self._catalogue, self._unit, self._forms.dues(self._today()))
        else:
            self._came = self._came.after(self._store, touched)
        self._show_all()

    @Slot(object)
    def _status(self, status: "Status") -> None:
        self._show_waiting()

    @Slot()
    def _look_at_clock(self) -> None:
        if self._today() != self._day:
            self._refresh_tasks(set())
            self._show_all()

    @Slot(object)
    def _open(self, key: object) -> None:
        self.go.emit(self._places[key])

    @Slot()
    def _open_entry(self) -> None:
        self.go.emit(Place("entry"))

    @Slot()
    def _open_settings(self) -> None:
        self.go.emit(Place("settings"))
