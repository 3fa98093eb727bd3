"""The room itself: the list and the board as of a day, and the page of the chosen task."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.feed import Ear, Feed
from desktop.tasks.board import BoardView
from desktop.tasks.chips import Chips
from desktop.tasks.day import DayLine
from desktop.tasks.files import Files
from desktop.tasks.filters import Filters
from desktop.tasks.giving import Giving
from desktop.tasks.listing import Listing, rows
from desktop.tasks.page import TaskPage
from desktop.tasks.proving import Means, Proving
from desktop.tasks.reading import Reading
from desktop.tasks.report import report
from desktop.tasks.saying import Saying
from desktop.widgets import theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.fault import FaultPanel
from desktop.widgets.icons import icon
from desktop.widgets.naming import Names
from desktop.widgets.place import Place
from desktop.widgets.rows import RowsView
from desktop.widgets.standing import late
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import EVIDENCE, OWN_UNIT, UNIT, VALUE, Key, province_of, within
from sync.domain.local_time import day_at
from sync.domain.rights import Action
from sync.domain.steps import possible
from sync.domain.tasks import Task
from sync.domain.units import Level, level_of
from sync.exchange.writing import Table
from sync.store import ChangeSet, Store
from sync.store.assigned import Assigned, Assignments
from sync.store.rights import Rights

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
        self._clock, self._settings = clock, settings
        self._task: str = ""
        self._place: Place | None = None
        self._assigned = Assignments(store, "")
        self._reading = Reading(store, open_store, self)
        self._day = day_at(clock())
        self._listing = Listing((), {}, self._day)
        self._build()
        self._connect()
        self._begin()
        self._open_last("")

    # Building

    def _build(self) -> None:
        self.filters_bar = Filters(self._settings)
        self.search, self.filters = self.filters_bar.search, self.filters_bar.stands
        self.list = RowsView(say("tasks.list.name"))
        self.setFocusProxy(self.list)
        self.page = TaskPage(self._catalogue.indicators, self.proving.panel)
        self.saying = Saying(self.page, self._store, self._clock, self._find_task, self)
        self.giving = Giving(self._store, self._catalogue, self._clock, self._may_give_to, self)
        self.board, self.fault, self.done = BoardView(), FaultPanel(), theme.label("", "pill-good")
        self.done.hide()
        self._build_header()
        nothing = theme.label(say("tasks.list.nothing"), "muted")
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nothing.setWordWrap(True)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(nothing)
        left = QVBoxLayout()
        left.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        left.setSpacing(theme.px(10))
        left.addWidget(self.fault)
        left.addWidget(self.done, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.filters_bar)
        left.addWidget(self._lists, 1)
        self._side = QFrame()
        self._side.setProperty("look", "side")
        inside = QVBoxLayout(self._side)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.page)
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self._side, 1)
        self.enter_code = theme.button(say("tasks.empty.unenrolled.open"), "primary")
        self.empty = EmptyPage(self.enter_code)
        self._pages = QStackedWidget()
        self._wait = EmptyPage()
        for page in (work, self.board, self.empty, self._wait):
            self._pages.addWidget(page)
        all_of_it = QVBoxLayout(self)
        all_of_it.setContentsMargins(0, 0, 0, 0)
        if theme.is_large():
            # Beside such letters the header has no room for them.
            above = QVBoxLayout()
            above.setContentsMargins(theme.px(18), theme.px(10), theme.px(18), 0)
            above.addWidget(self.acts)
            all_of_it.addLayout(above)
        all_of_it.addWidget(self._pages)

    def _build_header(self) -> None:
        self.header = QWidget()
        beside = QHBoxLayout(self.header)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.px(8))
        self.as_of = DayLine(self._day)
        label = theme.label(say("tasks.list.as_of"), "muted")
        label.setBuddy(self.as_of)
        self.as_of.setAccessibleName(say("tasks.list.as_of"))
        self.today = theme.button(say("tasks.list.today"), "link")
        self.today.hide()
        self.show_board = theme.button(say("tasks.board.open"))
        self.show_board.setIcon(icon("table", side=16))
        self.show_board.setCheckable(True)
        self.assign = theme.button(say("tasks.assign.open"), "primary")
        self.assign.setToolTip("Ctrl+N")
        self.files = Files(self._report, self.open_list, self._settings, self._clock, self)
        self.acts = Chips()
        for widget in (label, self.as_of, self.today):
            beside.addWidget(widget)
        for button in (self.show_board, self.assign, self.files):
            if theme.is_large():
                self.acts.add(button)
            else:
                beside.addWidget(button)
        beside.addStretch(1)

    def _connect(self) -> None:
        self._days = QTimer(self)
        self._days.setInterval(_NEW_DAY_MS)
        self._days.timeout.connect(self._look_at_clock)
        self._days.start()
        self._reading.read.connect(self._take)
        self._reading.failed.connect(self._fail)
        self._ear = Ear(self, self._store, self._feed)
        self._ear.heard.connect(self._refresh)
        self._ear.moved.connect(self._begin)
        self.filters_bar.changed.connect(self._show_list)
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(self._open)
        self.page.part_opened.connect(self._open_part)
        self.page.figure_asked.connect(self._open_figure)
        self.page.break_down.clicked.connect(self._break_down)
        self.page.dropped.connect(self.proving.take)
        self.proving.failed.connect(self.fault.show_fault)
        self.saying.stored.connect(self._feed.changed)
        self.saying.left.connect(self.list.setFocus)
        self.board.opened.connect(self._open_behind)
        self.as_of.chosen.connect(self._show_all)
        self.today.clicked.connect(self._go_today)
        self.show_board.toggled.connect(self._show_all)
        self.assign.clicked.connect(self._assign)
        self.giving.given.connect(self._given)
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
        self._unit = self._ear.unit
        self.saying.author, self.saying.day = self._store.author(), self._day
        self._rights = Rights(self._store, self._catalogue)
        # Tasks name units of the whole province: who assigned them, whom they support.
        self._units = [] if self._unit == OWN_UNIT else self._store.units(province_of(self._unit))
        self._names = {unit.key: unit.name for unit in self._units}
        self._assigned = self._reading.begin(self._unit, self._names, self._as_of) or Assignments(self._store, "")
        self._show_all()

    def _open_last(self, task: str) -> None:
        """Open `task`, or that which was open when the room was left last; and what was asked for meanwhile."""
        self.list.choose(task or str(self._settings.value("tasks/task", "")))
        place, self._place = self._place, None
        if place is not None:
            self.show_place(place)

    @Slot(object, object)
    def _take(self, found: Assignments, listing: Listing) -> None:
        """Thousands of tasks have been read."""
        self._assigned, self._listing = found, listing
        task = self._task
        self._show_all()
        self._open_last(task)

    @Slot(object)
    def _fail(self, fault: EnvironmentFault) -> None:
        self._show_all()
        self._pages.setCurrentIndex(0)
        self.fault.show_fault(fault)

    def show_place(self, place: Place) -> None:
        """Open a task, past every filter that would hide it."""
        self.show_board.setChecked(False)
        if self._reading.is_under_way:
            self._place = place
            return
        if not place.task:
            self.list.setFocus()
            return
        if not self.list.choose(place.task) and self._find_task(place.task):
            self.filters_bar.show_all()
            self.list.choose(place.task)
        if self._task == place.task:
            self.page.type_in("percent")

    def unsaved(self) -> int:
        """How many updates are on the screen only, and files on their way."""
        return self.saying.unsaved() + self.proving.waiting()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
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
        tasks = self._assigned.all()
        has_any = bool(tasks)
        board = has_any and self.show_board.isChecked()
        waits = self._reading.is_under_way
        self._pages.setCurrentIndex(3 if waits else 1 if board else 0 if has_any else 2)
        self._wait.say(say("tasks.list.reading"), say("tasks.list.reading_text"))
        why = "unenrolled" if self._unit == OWN_UNIT else "no_tasks"
        self.empty.say(say(f"tasks.empty.{why}.title"), say(f"tasks.empty.{why}.text"))
        self.enter_code.setVisible(self._unit == OWN_UNIT)
        for button in (self.assign, self.files):
            button.setVisible(self._unit != OWN_UNIT and self._may_give())
        self.show_board.setVisible(has_any)
        self.today.setVisible(self._as_of != self._day)
        self.acts.place()
        self._listing = Listing(tasks, self._names, self._as_of, self._listing)
        self.filters_bar.show_listing(self._listing)
        self._show_list()
        self._show_page()
        if board:
            self.board.show_listing(self._listing)
        self._tell_late()

    @property
    def _as_of(self) -> date:
        """The day as of which everything is shown."""
        return self.as_of.day

    def _tell_late(self) -> None:
        if self._listing.as_of == self._day:
            self.badge.emit(self._listing.late)
        else:
            self.badge.emit(sum(late(assigned.task, self._day) for assigned in self._assigned.all()))

    @Slot()
    def _show_list(self) -> None:
        choice, listing = self.filters_bar.choice(), self._listing
        lines = listing.found(choice)
        self.filters_bar.show_counts(lines, listing.counts(lines))
        shown = rows(listing.picked(lines, choice), listing)
        self.list.show_rows(shown)
        self._lists.setCurrentIndex(0 if shown else 1)

    def _show_page(self) -> None:
        assigned = self._find_task(self._task)
        self._side.setVisible(assigned is not None)
        if assigned is None:
            return
        task = assigned.task
        steps = possible(task, assigned.steps, does=self._does(task), decides=self._decides(task))
        self.page.show_task(assigned, self._names, steps, self.saying.author, self._as_of, self._clock())
        may_enter = self._rights.may(Action.ENTER, task.unit)
        self.page.form.setVisible(may_enter)
        self.proving.show_task(task, may_add=may_enter)
        below = any(
            within(unit.key, task.unit) and unit.key != task.unit and self._rights.may(Action.ASSIGN, unit.key)
            for unit in self._units
        )
        is_ours = task.unit == self._unit and not task.supports
        self.page.break_down.setVisible(below and is_ours and not task.is_confirmed)

    def _does(self, task: Task) -> bool:
        """Whether whoever is here speaks for who does the task: their unit, or a village that a commune types for."""
        is_village = level_of(task.unit) is Level.VILLAGE and level_of(self._unit) is Level.COMMUNE
        return (task.unit == self._unit or is_village) and self._rights.may(Action.ENTER, task.unit)

    def _decides(self, task: Task) -> bool:
        """Whether whoever is here assigned the task, or stands above its unit."""
        if self._rights.may(Action.ASSIGN, task.unit):
            return True
        if task.from_unit == task.unit:
            return self._rights.may(Action.ENTER, task.unit)
        return task.from_unit != "" and self._rights.may(Action.ASSIGN, task.from_unit)

    def _may_give_to(self, unit: str) -> bool:
        """Whether whoever is here may give a task to this unit, or takes one for it as its own."""
        own = unit == self._unit and self._rights.may(Action.ENTER, unit)
        return own or self._rights.may(Action.ASSIGN, unit)

    def _may_give(self) -> bool:
        """Whether whoever is here may give a task to anybody: to a unit below, or to their own."""
        below = (unit.key for unit in self._units if unit.key != self._unit and within(unit.key, self._unit))
        return self._may_give_to(self._unit) or self._may_give_to(next(below, self._unit))

    def _find_task(self, item: str) -> Assigned | None:
        return self._assigned.find(item)

    # Giving tasks

    @Slot()
    def _assign(self) -> None:
        if self._unit != OWN_UNIT and self._may_give():
            self.giving.type_one(self._unit, self._units, self._day)

    @Slot()
    def _break_down(self) -> None:
        assigned = self._find_task(self._task)
        if assigned is not None:
            self.giving.type_one(assigned.task.unit, self._units, self._day, assigned.task)

    def open_list(self, path: Path) -> None:
        """Show what a decision's task list would give to whom."""
        here = [each.task for each in self._assigned.all()]
        self.giving.open_list(path, self._unit, self._units, here, self._day)

    def write_report(self, path: Path) -> None:
        """Write what the list shows into a workbook."""
        self.files.write(path)

    @Slot()
    def print_report(self) -> "PrintDialog | None":
        """Show the pages of what the list shows, to be printed or saved as a PDF."""
        return self.files.print_report()

    def _report(self) -> Table:
        """What the list shows as the unit's report of that day."""
        listing, choice = self._listing, self.filters_bar.choice()
        return report(listing.chosen(choice), listing, self._names.get(choice.unit or self._unit, self._unit))

    @Slot(str)
    def _tell(self, words: str) -> None:
        self.fault.hide()
        self.done.setText(words)
        self.done.show()

    @Slot(object, object)
    def _given(self, changes: ChangeSet, tasks: list[Task]) -> None:
        """Show the first of what was given; parts of a task are shown with it."""
        self._assigned.refresh(changes.keys)
        self._show_all()
        if tasks[0].parent != self._task:
            self.show_place(Place("tasks", task=tasks[0].item))
        self._tell(say("tasks.files.given", count=len({task.unit for task in tasks if task.unit != self._unit})))
        self._feed.changed.emit(changes)

    # Slots

    @Slot(object)
    def _refresh(self, touched: set[Key]) -> None:
        if self._rights.key in touched or any(key.kind == UNIT for key in touched):
            self._begin()
        elif self._reading.is_under_way:
            self._reading.touch(touched)
        elif self._assigned.refresh(touched):
            self._show_all()
        else:
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
            self._show_all()

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
        assigned = self._find_task(self._task)
        if assigned is not None:
            key = Key(VALUE, assigned.task.unit, item, period)
            form, _ = Names(self._catalogue, self._names, ()).row(key)
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
