"""The room itself: the list and the board as of a day, and the page of the chosen task."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.feed import Ear, Feed
from desktop.tasks.asks import asks
from desktop.tasks.day import DayLine
from desktop.tasks.files import Files
from desktop.tasks.giving import Giving
from desktop.tasks.here import Here
from desktop.tasks.pages import Header, Pages
from desktop.tasks.proving import Means, Proving
from desktop.tasks.reading import Reading
from desktop.tasks.report import report
from desktop.tasks.saying import Saying
from desktop.widgets import formats, theme
from desktop.widgets.leaving import Leaving
from desktop.widgets.naming import Names
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import EVIDENCE, STEP, UNIT, VALUE, Key
from sync.domain.local_time import day_at
from sync.domain.steps import possible
from sync.domain.tasks import Task
from sync.exchange.writing import Table
from sync.store import ChangeSet, Store

if TYPE_CHECKING:  # loaded when something is printed
    from desktop.widgets.print_preview import PrintDialog

_NEW_DAY_MS: Final = 30_000


class TasksRoom(QWidget):
    """Nhiệm vụ. `settings` keeps the filter and the last task of this data folder."""

    name = "tasks"
    go = Signal(object)
    badge = Signal(int)

    def __init__(
        self,
        store: Store,
        open_store: Callable[[], Store],
        catalogue: Catalogue,
        feed: Feed,
        clock: Callable[[], datetime],
        settings: QSettings,
        means: Means,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._feed = store, catalogue, feed
        self.proving = Proving(store, open_store, means, feed, clock, settings, self)
        self._open_store, self._clock, self._settings = open_store, clock, settings
        self._task: str = ""
        self._place: Place | None = None
        self._day = day_at(clock())
        self.reading = Reading(store, open_store, self._day, self)
        self._build()
        self._connect()
        self._begin()
        self._open_last("")

    # Building

    def _build(self) -> None:
        pages = self._pages = Pages(self._settings, self._catalogue.indicators, self.proving.panel, self)
        self.filters_bar, self.list, self.page = pages.filters_bar, pages.list, pages.page
        self.board, self.fault, self.done = pages.board, pages.fault, pages.done
        self.empty, self.enter_code, self.again = pages.empty, pages.enter_code, pages.again
        self.search, self.filters = self.filters_bar.search, self.filters_bar.stands
        self.reading.choice = self.filters_bar.choice
        self.setFocusProxy(self.list)
        self.giving = Giving(self._store, self._open_store, self._catalogue, self._clock, self.reading, self)
        self.saying = Saying(self.page, self._store, self._clock, self.reading, self.giving.below, self)
        self.as_of = DayLine(self._day)
        self.files = Files(self._report, self.open_list, self._settings, self._clock, self)
        header = self.header = Header(self.as_of, self.files)
        self.today, self.show_board, self.assign, self.acts = (
            header.today,
            header.show_board,
            header.assign,
            header.acts,
        )
        all_of_it = QVBoxLayout(self)
        all_of_it.setContentsMargins(0, 0, 0, 0)
        if theme.is_large():
            # Beside such letters the header has no room for them.
            above = QVBoxLayout()
            above.setContentsMargins(theme.px(18), theme.px(10), theme.px(18), 0)
            above.addWidget(header.acts)
            all_of_it.addLayout(above)
        all_of_it.addWidget(pages)

    def _connect(self) -> None:
        self._leaving = Leaving(self, self.proving.waiting)
        self._days = QTimer(self)
        self._days.setInterval(_NEW_DAY_MS)
        self._days.timeout.connect(self._look_at_clock)
        self._days.start()
        self.reading.read.connect(self._take)
        self.reading.failed.connect(self._fail)
        self.again.clicked.connect(self._read_again)
        self._ear = Ear(self, self._store, self._feed)
        self._ear.heard.connect(self._refresh)
        self._ear.moved.connect(self._begin)
        self.filters_bar.changed.connect(self._show_list)
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(self._open)
        self.page.part_opened.connect(self._open_part)
        self.page.figure_asked.connect(self._open_figure)
        self.page.break_down.clicked.connect(self._break_down)
        self.page.correct_task.clicked.connect(self._correct)
        self.page.dropped.connect(self.proving.take)
        self.proving.failed.connect(self.fault.show_fault)
        self.saying.stored.connect(self._feed.changed)
        self.saying.left.connect(self.list.setFocus)
        self.board.opened.connect(self._open_behind)
        self.as_of.chosen.connect(self._turn_to_day)
        self.today.clicked.connect(self._go_today)
        self.show_board.toggled.connect(self._show_work)
        self.assign.clicked.connect(self._assign)
        self.giving.given.connect(self._given)
        self.giving.corrected.connect(self._corrected)
        self.files.told.connect(self._tell)
        self.files.failed.connect(self.fault.show_fault)
        self.enter_code.clicked.connect(self._open_settings)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._find)
        QShortcut(QKeySequence("Ctrl+N"), self, self._assign)
        QShortcut(QKeySequence("Ctrl+B"), self, self.show_board.toggle)
        QShortcut(QKeySequence("Ctrl+P"), self, self.print_report)
        QShortcut(QKeySequence.StandardKey.Open, self, self.proving.choose)
        QShortcut(QKeySequence.StandardKey.Paste, self, self.proving.paste)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.proving.undo)
        down = QShortcut(QKeySequence("Down"), self.search, context=Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self.list.setFocus)

    @Slot()
    def _begin(self) -> None:
        """Read everything that concerns the unit this device works for."""
        self._here = self.giving.here = Here(self._store, self._catalogue, self._ear.unit)
        self.saying.author, self.saying.day = self._store.author(), self._day
        self.reading.begin(self._here.unit, self._here.names, self._as_of, self._day)
        self._show_all()

    def _open_last(self, task: str) -> None:
        """Open `task`, or that which was open when the room was left last."""
        self.list.choose(task or str(self._settings.value("tasks/task", "")))

    @Slot(bool)
    def _take(self, first: bool) -> None:
        """The tasks, or the day as of which they are shown, are others; `first` after they were waited for."""
        task = self._task
        self._show_all()
        if first:
            self._open_last(task)
        place, self._place = self._place, None
        if place is not None:
            self.show_place(place)

    @Slot(object)
    def _fail(self, fault: EnvironmentFault) -> None:
        if self.reading.is_first:
            title, text, way_out = (say(f"errors.{fault.code}.{part}") for part in ("title", "text", "way_out"))
            self._pages.wait.say(say("tasks.list.unread", why=title), f"{text} {way_out}")
            self._show_work()
            return
        self._show_all()
        self._pages.setCurrentWidget(self._pages.work)
        self.fault.show_fault(fault)

    @Slot()
    def _read_again(self) -> None:
        self.reading.again()
        self._show_work()

    def show_place(self, place: Place) -> None:
        """Open a task, past every filter that would hide it; one that was given later than the day that is shown, as
        of today."""
        self.show_board.setChecked(False)
        if self._as_of < self._day and self.reading.came_later(place.task):
            self._tell(say("tasks.list.went_today", day=formats.day(self._as_of)))
            self._go_today()
        if self.reading.is_under_way and self.reading.find(place.task) is None:
            self._place = place
            return
        if not place.task:
            self.list.setFocus()
            return
        if not self.list.choose(place.task) and self.reading.find(place.task):
            self.filters_bar.show_all()
            self.list.choose(place.task)
        if self._task == place.task:
            self.page.type_in("percent")

    def unsaved(self) -> int:
        """How many updates are on the screen only, and files on their way."""
        return self.saying.unsaved() + self.proving.waiting()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._leaving.watch(self.window())
        self._look_at_clock()
        self._tell_late()
        self.proving.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the place for the next start, and what is half typed, whenever the person leaves the room."""
        super().hideEvent(event)
        self._settings.setValue("tasks/task", self._task)
        self.saying.set_down()
        self.proving.leave()

    # What is shown

    @Slot()
    def _show_all(self) -> None:
        """What is listed, or who is here, is another."""
        for button in (self.assign, self.files):
            button.setVisible(self._here.may_give)
        self.enter_code.setVisible(not self._here.is_enrolled)
        self.today.setVisible(self._as_of != self._day)
        self.filters_bar.show_listing(self.reading.listing)
        self._show_list()
        self._show_page()
        self._show_work()
        self._tell_late()

    @Slot()
    def _show_work(self) -> None:
        """The list, the board, or why there is neither."""
        listing = self.reading.listing
        has_any = bool(listing.lines)
        board = has_any and self.show_board.isChecked()
        if board:
            self.board.show_listing(listing)
        if self.reading.is_under_way:
            self._pages.wait.say(say("tasks.list.reading"), say("tasks.list.reading_text"))
        self.again.setVisible(not self.reading.is_under_way)
        why = "no_tasks" if self._here.is_enrolled else "unenrolled"
        self.empty.say(say(f"tasks.empty.{why}.title"), say(f"tasks.empty.{why}.text"))
        pages = self._pages
        shown = pages.wait if self.reading.is_first else self.board if board else pages.work if has_any else self.empty
        pages.setCurrentWidget(shown)
        self.show_board.setVisible(has_any)
        self.header.acts.place()

    @property
    def _as_of(self) -> date:
        """The day as of which everything is shown."""
        return self.as_of.day

    def _tell_late(self) -> None:
        self.badge.emit(self.reading.listing.late_on(self._day))

    @Slot()
    def _show_list(self) -> None:
        shown = self.reading.listing.show(self.filters_bar.choice())
        self.filters_bar.show_counts(shown)
        self.list.show_rows(shown.rows)
        self._pages.lists.setCurrentIndex(0 if shown.rows else 1)

    def _show_page(self) -> None:
        assigned, here = self.reading.find(self._task), self._here
        self._pages.side.setVisible(assigned is not None)
        if assigned is None:
            return
        task = assigned.task
        steps = possible(task, assigned.steps, does=here.does(task), decides=here.decides(task))
        whole = self.reading.find(task.parent)
        wanted = asks(assigned, self._as_of, self._day, here.closed(task.unit, self._day), here.names, whole)
        self.page.show_task(assigned, here.names, steps, wanted, self.saying.author, self._as_of, self._clock())
        self.page.form.setVisible(here.may_update(task))
        self.proving.show_task(task, may_add=here.may_update(task))
        self.page.break_down.setVisible(here.may_break_down(task))
        self.page.correct_task.setVisible(here.decides(task) and not task.is_withdrawn)

    # Giving tasks

    @Slot()
    def _assign(self) -> None:
        if self._here.may_give:
            self.giving.type_one(self._day)

    @Slot()
    def _break_down(self) -> None:
        assigned = self.reading.find(self._task)
        if assigned is not None:
            self.giving.type_one(self._day, assigned.task)

    @Slot()
    def _correct(self) -> None:
        assigned = self.reading.find(self._task)
        if assigned is not None:
            self.giving.correct(assigned.task, self._day)

    def open_list(self, path: Path) -> None:
        """Show what a decision's task list would give to whom; what was withdrawn may be given once more."""
        known = [each.task for each in self.reading.listing.all if not each.task.is_withdrawn]
        self.giving.open_list(path, known, self._day)

    @Slot()
    def print_report(self) -> "PrintDialog | None":
        """Show the pages of what the list shows, to be printed or saved as a PDF."""
        return self.files.print_report()

    def _report(self) -> Table:
        """What the list shows as the unit's report of that day."""
        listing, choice, here = self.reading.listing, self.filters_bar.choice(), self._here
        return report(listing.chosen(choice), listing, here.names.get(choice.unit or here.unit, here.unit))

    @Slot(str)
    def _tell(self, words: str) -> None:
        self.fault.hide()
        self.done.setText(words)
        self.done.show()

    @Slot(object, object)
    def _given(self, changes: ChangeSet, tasks: list[Task]) -> None:
        """Show the first of what was given; parts of a task are shown with it."""
        self.reading.touch(set(changes.keys))
        before = self._as_of
        if tasks[0].parent != self._task:
            self.show_place(Place("tasks", task=tasks[0].item))
        went = [say("tasks.list.went_today", day=formats.day(before))] if self._as_of != before else []
        said = say("tasks.files.given", count=len({task.unit for task in tasks if task.unit != self._here.unit}))
        self._tell(" · ".join([said, *went]))
        self._feed.changed.emit(changes)

    @Slot(object)
    def _corrected(self, changes: ChangeSet) -> None:
        self._tell(say("tasks.correct.done", count=len({key.item for key in changes.keys if key.kind == STEP})))
        self._feed.changed.emit(changes)

    # Slots

    @Slot(object)
    def _refresh(self, touched: set[Key]) -> None:
        if self._here.rights.key in touched or any(key.kind == UNIT for key in touched):
            self._begin()
        else:
            self.reading.touch(touched)
            self._tell_late()
            if any(key.kind == EVIDENCE and key.item == self._task for key in touched):
                self.proving.refresh()

    @Slot()
    def _look_at_clock(self) -> None:
        today = day_at(self._clock())
        if today != self._day:
            follows = self._as_of == self._day
            self._day = today
            self.saying.move_to(today)
            if follows:
                self.as_of.show_day(today)
            else:
                self._turn_to_day()

    @Slot()
    def _turn_to_day(self) -> None:
        self.reading.turn_to(self._as_of, self._day)
        if self.reading.is_under_way:
            # The list comes behind it.
            self._show_page()
            self.today.setVisible(self._as_of != self._day)

    @Slot()
    def _go_today(self) -> None:
        self.as_of.show_day(self._day)

    @Slot(object)
    def _choose(self, item: object) -> None:
        if item == self._task:
            return
        self._task = str(item)
        self.saying.turn_to(self._task)
        self._show_page()

    @Slot(object)
    def _open(self, item: object) -> None:
        """Enter in the list: the form of the task."""
        self._choose(item)
        self.page.type_in("percent")

    @Slot(str)
    def _open_part(self, item: str) -> None:
        self.show_place(Place("tasks", task=item))

    @Slot(str, str)
    def _open_figure(self, item: str, period: str) -> None:
        """Type the figure where it is reported: the task's progress follows from it."""
        assigned = self.reading.find(self._task)
        if assigned is not None:
            key = Key(VALUE, assigned.task.unit, item, period)
            form, _ = Names(self._catalogue, self._here.names, lambda _: assigned.task).row(key)
            self.go.emit(Place("entry", key.unit, form, period, item))

    @Slot(str, object)
    def _open_behind(self, words: str, items: frozenset[str]) -> None:
        """The tasks behind a figure of the board."""
        self.show_board.setChecked(False)
        self.filters_bar.show_behind(words, items)
        self.list.setFocus()

    @Slot()
    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    @Slot()
    def _open_settings(self) -> None:
        self.go.emit(Place("settings"))
