"""The room itself: the list with its filters, the page of the chosen task, and the one door for what is typed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.feed import Feed
from desktop.tasks.chips import Chips
from desktop.tasks.drafts import Draft, keep, read
from desktop.tasks.listing import counts, found, rows
from desktop.tasks.page import TaskPage
from desktop.tasks.typing import Typed, Wrong, progress_of, typed_of
from desktop.widgets import formats, icons, theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.place import Place
from desktop.widgets.rows import RowsView
from desktop.widgets.standing import ICONS, late, word
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.keys import OWN_UNIT, PROGRESS, UNIT, Key
from sync.domain.local_time import VIETNAM
from sync.domain.tasks import Timeliness
from sync.store import ChangeSet, Store
from sync.store.assigned import Assignments

_FILTERS: Final = (Timeliness.OVERDUE, Timeliness.NEAR, Timeliness.ON_TIME, Timeliness.NO_DEADLINE)
_NEW_DAY_MS: Final = 30_000
_KEEP_AFTER_MS: Final = 1_000
"""How long after the last stroke what is half typed is kept, for when the power fails."""


class TasksRoom(QWidget):
    """Nhiệm vụ. `settings` keeps the filter and the last task of this data folder."""

    name = "tasks"
    go = Signal(object)
    badge = Signal(int)

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        settings: QSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._feed, self._clock, self._settings = store, feed, clock, settings
        self._task: str = ""
        if store not in _drafts:
            _drafts[store] = read(store)
        # `aside` are new updates half typed while another one is corrected.
        self._drafts, self._aside = _drafts[store]
        self._touched: set[Key] = set()
        self._corrects: Key | None = None
        self._fault: EnvironmentFault | None = None
        self._day = date.min
        self._build()
        self._connect()
        self._begin()
        self.list.choose(str(settings.value("tasks/task", "")))
        self._soon.start(0)  # for who listens to the badge from now on

    # Building

    def _build(self) -> None:
        self.header = QWidget()
        beside = QHBoxLayout(self.header)
        beside.setContentsMargins(0, 0, 0, 0)
        self._as_of = theme.label("", "muted")
        beside.addWidget(self._as_of)
        beside.addStretch(1)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(say("tasks.list.search"))
        self.search.setAccessibleName(say("tasks.list.search"))
        self.list = RowsView(say("tasks.list.name"))
        self.setFocusProxy(self.list)
        self.page = TaskPage()
        nothing = theme.label(say("tasks.list.nothing"), "muted")
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nothing.setWordWrap(True)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(nothing)
        left = QVBoxLayout()
        left.setSpacing(theme.px(10))
        left.addWidget(self.search)
        left.addWidget(self._filters())
        left.addWidget(self._lists, 1)
        side = QFrame()
        side.setProperty("look", "side")
        inside = QVBoxLayout(side)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.page)
        self._side = side
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        margin = QVBoxLayout()
        margin.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        margin.addLayout(left)
        row.addLayout(margin, 1)
        row.addWidget(side, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(work)
        self.enter_code = theme.button(say("tasks.empty.unenrolled.open"), "primary")
        self.empty = EmptyPage(self.enter_code)
        self._pages.addWidget(self.empty)
        all_of_it = QVBoxLayout(self)
        all_of_it.setContentsMargins(0, 0, 0, 0)
        all_of_it.addWidget(self._pages)

    def _filters(self) -> Chips:
        self._chips = Chips()
        self._group = QButtonGroup(self)
        self.filters: dict[Timeliness | None, QPushButton] = {}
        for number, each in enumerate((None, *_FILTERS)):
            chip = theme.button("", "chip")
            chip.setCheckable(True)
            if each is not None:
                chip.setIcon(icons.icon(ICONS[each], side=14))
            self._group.addButton(chip, number)
            self.filters[each] = chip
            self._chips.add(chip)
        kept = str(self._settings.value("tasks/filter", ""))
        self.filters[next((each for each in _FILTERS if each == kept), None)].setChecked(True)
        return self._chips

    def _connect(self) -> None:
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._refresh)
        self._keep_soon = QTimer(self, singleShot=True, interval=_KEEP_AFTER_MS)
        self._keep_soon.timeout.connect(self._keep_typed)
        self._days = QTimer(self)
        self._days.setInterval(_NEW_DAY_MS)
        self._days.timeout.connect(self._look_at_clock)
        self._days.start()
        self._feed.changed.connect(self._changed)
        self._feed.status.connect(self._status)
        self.search.textChanged.connect(self._show_list)
        self._group.idToggled.connect(self._filtered)
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(self._open)
        self.page.correct.connect(self._correct)
        self.page.form.edited.connect(self._keep_soon.start)
        self.page.form.submitted.connect(self._save)
        self.page.form.given_up.connect(self._give_up)
        self.enter_code.clicked.connect(self._open_settings)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._find)
        down = QShortcut(QKeySequence("Down"), self.search, context=Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self.list.setFocus)

    def _begin(self) -> None:
        """Read everything that concerns the unit this device works for."""
        enrolment = self._store.enrolment()
        self._unit = enrolment.unit if enrolment else OWN_UNIT
        self._author = self._store.author()
        self._assigned = Assignments(self._store, self._unit)
        self._names = {unit.key: unit.name for unit in self._store.units(self._unit)}
        self._show_all()

    def show_place(self, place: Place) -> None:
        """Open a task, past every filter that would hide it."""
        if not place.task:
            self.list.setFocus()
            return
        if not self.list.choose(place.task) and self._assigned.find(place.task):
            self.search.clear()
            self.filters[None].setChecked(True)
            self.list.choose(place.task)
        if self._task == place.task:
            self.page.type_in("percent")

    def unsaved(self) -> int:
        """How many updates are on the screen only."""
        kept = (*self._drafts.values(), *self._aside.values())
        return sum(draft.fault is not None for draft in kept) + (self._fault is not None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_at_clock()
        self._tell_late()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the place for the next start, and what is half typed, whenever the person leaves the room."""
        super().hideEvent(event)
        self._settings.setValue("tasks/task", self._task)
        self._keep_draft()
        self._keep_typed()

    # What is shown

    def _show_all(self) -> None:
        self._day = self._clock().astimezone(VIETNAM).date()
        self._as_of.setText(say("tasks.list.as_of", day=formats.day(self._day)))
        tasks = self._assigned.all()
        self._pages.setCurrentIndex(0 if tasks else 1)
        why = "unenrolled" if self._unit == OWN_UNIT else "no_tasks"
        self.empty.say(say(f"tasks.empty.{why}.title"), say(f"tasks.empty.{why}.text"))
        self.enter_code.setVisible(self._unit == OWN_UNIT)
        self._show_list()
        self._show_page()
        self._tell_late()

    def _tell_late(self) -> None:
        self.badge.emit(sum(late(assigned.task, self._day) for assigned in self._assigned.all()))

    @Slot()
    def _show_list(self) -> None:
        tasks = found(self._assigned.all(), self._names, self.search.text())
        number = counts(tasks, self._day)
        for each, chip in self.filters.items():
            count = len(tasks) if each is None else number[each]
            name = say("tasks.list.all") if each is None else word(each)
            chip.setText(say("tasks.list.filter", name=name, count=count))
        self._chips.place()
        shown = rows(tasks, self._names, self._chosen_filter(), self._day)
        self.list.show_rows(shown)
        self._lists.setCurrentIndex(0 if shown else 1)

    def _show_page(self) -> None:
        assigned = self._assigned.find(self._task)
        self._side.setVisible(assigned is not None)
        if assigned:
            unit = self._names.get(assigned.task.unit, assigned.task.unit)
            self.page.show_task(assigned, unit, self._author, self._clock())

    def _chosen_filter(self) -> Timeliness | None:
        return next(each for each, chip in self.filters.items() if chip.isChecked())

    def _show_draft(self) -> None:
        """What was being typed for this task, or a new update of today."""
        draft = self._drafts.pop(self._task, Draft(self._blank()))
        self._corrects, self._fault = draft.corrects, draft.fault
        self.page.form.show_typed(draft.typed, draft.corrects is not None)
        if draft.fault:
            self.page.form.say_unsaved(draft.fault)

    def _keep_draft(self) -> None:
        open_one = self._open_draft()
        self._drafts.pop(self._task, None)
        if open_one:
            self._drafts[self._task] = open_one

    def _open_draft(self) -> Draft | None:
        typed = self.page.form.typed()
        if not self._task or (typed == self._blank() and not self._corrects):
            return None
        return Draft(typed, self._corrects, self._fault)

    @Slot()
    def _keep_typed(self) -> None:
        """For the next start, whatever ends this one."""
        self._keep_soon.stop()
        open_one = self._open_draft()
        # On a full disk it stays on the screen, and the next stroke tries again.
        with suppress(EnvironmentFault):
            keep(self._store, self._drafts | ({self._task: open_one} if open_one else {}), self._aside)

    def _blank(self) -> Typed:
        return Typed(formats.day(self._day))

    # The one door in

    @Slot()
    def _save(self) -> None:
        assigned = self._assigned.find(self._task)
        if assigned is None:
            return
        form, now = self.page.form, self._clock()
        progress = progress_of(form.typed(), assigned.task.start_date, now.astimezone(VIETNAM).date())
        if isinstance(progress, Wrong):
            form.say_wrong(say(f"tasks.wrong.{progress.key}", **progress.values))
            self.page.type_in(progress.field)
            return
        task = assigned.task
        key = self._corrects or Key(PROGRESS, task.unit, task.item, "", uuid7(now))
        try:
            changes = self._store.record_changes([(key, progress.content())], self._author, now)
        except EnvironmentFault as fault:
            self._fault = fault
            form.say_unsaved(fault)
            return
        self._renew()
        self._feed.changed.emit(changes)

    @Slot()
    def _give_up(self) -> None:
        """Leave a correction, or what was typed for a new update stands as it is."""
        if self._corrects:
            self._renew()
        self.list.setFocus()

    def _renew(self) -> None:
        """The form for the next update: what was set aside for a correction, or an empty one."""
        self._drafts.pop(self._task, None)
        if self._task in self._aside:
            self._drafts[self._task] = self._aside.pop(self._task)
        self._show_draft()
        self._keep_soon.start()

    # Slots

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        self._touched |= changes.keys
        self._soon.start(0)

    @Slot()
    def _refresh(self) -> None:
        touched, self._touched = self._touched, set()
        if self._enrolled_elsewhere() or any(key.kind == UNIT for key in touched):
            self._begin()
        elif self._assigned.refresh(touched):
            self._show_all()
        else:
            self._tell_late()

    @Slot(object)
    def _status(self, status: object) -> None:
        if self._enrolled_elsewhere():
            self._begin()

    def _enrolled_elsewhere(self) -> bool:
        enrolment = self._store.enrolment()
        return (enrolment.unit if enrolment else OWN_UNIT) != self._unit

    @Slot()
    def _look_at_clock(self) -> None:
        if self._clock().astimezone(VIETNAM).date() != self._day:
            untouched = self.page.form.typed() == self._blank() and not self._corrects
            self._show_all()
            if untouched:
                self._renew()

    @Slot(object)
    def _choose(self, item: object) -> None:
        if item == self._task:
            return
        self._keep_draft()
        self._task = str(item)
        self._show_page()
        self._show_draft()

    @Slot(object)
    def _open(self, item: object) -> None:
        """Enter in the list: the form of the task."""
        self._choose(item)
        self.page.type_in("percent")

    @Slot(object)
    def _correct(self, key: Key) -> None:
        assigned = self._assigned.find(self._task)
        updates = assigned.updates if assigned else ()
        update = next((update for update in updates if update.cell.key == key), None)
        if update:
            typed = self.page.form.typed()
            if self._corrects is None and typed != self._blank():
                self._aside[self._task] = Draft(typed, None, self._fault)
            self._corrects, self._fault = key, None
            self.page.form.show_typed(typed_of(update.progress), correcting=True)
            self.page.type_in("percent")

    @Slot(int, bool)
    def _filtered(self, number: int, chosen: bool) -> None:
        if chosen:
            self._settings.setValue("tasks/filter", self._chosen_filter() or "")
            self._show_list()

    @Slot()
    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    @Slot()
    def _open_settings(self) -> None:
        self.go.emit(Place("settings"))


_drafts: WeakKeyDictionary[Store, tuple[dict[str, Draft], dict[str, Draft]]] = WeakKeyDictionary()
"""What is half typed, by task, and what is set aside for a correction. It outlives the window, which is built again for
another language or theme."""
