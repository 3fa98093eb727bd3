"""The one window: rail, header, the open room and the status bar. A room is built when it is first shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from desktop.feed import Feed
from desktop.shell.header import Header
from desktop.shell.rail import Rail
from desktop.shell.status import StatusBar
from desktop.widgets import theme
from desktop.widgets.place import Place
from desktop.widgets.preferences import Preferences
from desktop.widgets.words import say
from sync.domain.authors import name_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit
from sync.store import Store

if TYPE_CHECKING:  # loaded with the first Ctrl+K
    from desktop.shell.palette import Palette, Target
    from desktop.widgets.fault import FaultPanel

_COUNT_AFTER_MS: Final = 150
_AHEAD_AFTER_MS: Final = 1_500
"""When the rooms that have a badge are built, one after another: who opened the window is typing by then."""
LEAST: Final = (1024, 640)
"""The smallest window in which everything can be reached, in pixels."""


class RoomPlan(NamedTuple):
    """A room's name, its icon, and how it is built: a QWidget with `name`, `show_place`, and maybe `header`, `unsaved`
    (how much is on the screen only), `go` (carrying a Place) and `badge` (carrying a count). `build` takes the widget
    that it will stand in. Of one that `counts` the badge is seen before it is opened; one that `has_forms` has words in
    them that it would lose with its window."""

    name: str
    icon: str
    build: Callable[[QWidget], Any]
    counts: bool = False
    has_forms: bool = False


class Window(QWidget):
    """`targets` gives what the palette finds beside the rooms. `sync_now` and `offline_chosen` are for the sync."""

    sync_now = Signal()
    offline_chosen = Signal(bool)
    lock_asked = Signal()

    def __init__(
        self,
        plans: Sequence[RoomPlan],
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        preferences: Preferences,
        targets: Callable[[], Sequence["Target"]],
    ) -> None:
        super().__init__()
        self._plans: Mapping[str, RoomPlan] = {plan.name: plan for plan in plans}
        self._store, self._preferences, self._targets = store, preferences, targets
        self._rooms: dict[str, Any] = {}
        self._palette: Palette | None = None
        self._fault: FaultPanel | None = None
        self._rail = Rail([(plan.name, plan.icon) for plan in plans])
        self._header = Header()
        self._pages = QStackedWidget()
        self._status = StatusBar(clock)
        self._count_soon = QTimer(self, singleShot=True, interval=_COUNT_AFTER_MS)
        self._ahead = QTimer(self, singleShot=True, interval=_AHEAD_AFTER_MS)
        self._lay_out()
        self._connect(feed)
        self._show_identity()
        self._show_counts()
        if feed.last_status is not None:
            self._show_status(feed.last_status)
        else:  # until the sync says more
            begins = "offline_by_choice" if preferences.offline else "waiting"
            enrolment = store.enrolment()
            self._status.show_phase("unenrolled" if not enrolment else begins if enrolment.server else "by_hand")

    def _lay_out(self) -> None:
        self.setWindowTitle(say("shell.title"))
        self.setMinimumSize(*LEAST)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._column.addWidget(self._header)
        self._column.addWidget(self._pages, 1)
        self._column.addWidget(self._status)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(self._column, 1)
        if not self.restoreGeometry(self._preferences.geometry):
            self.resize(1366, 768)

    def _connect(self, feed: Feed) -> None:
        self._rail.chosen.connect(self.open_room)
        self._header.search.connect(self.search)
        self._status.sync_now.connect(self.sync_now)
        self._status.offline_chosen.connect(self.offline_chosen)
        self._status.fault_asked.connect(self.show_fault)
        self._count_soon.timeout.connect(self._show_counts)
        self._ahead.timeout.connect(self._build_ahead)
        feed.changed.connect(self._changed)
        feed.status.connect(self._show_status)
        for keys, slot in (
            ("Ctrl+K", self.search),
            ("Ctrl+L", self.lock_asked.emit),
            ("F5", self.sync_now.emit),
            ("Ctrl+R", self.sync_now.emit),
        ):
            QShortcut(QKeySequence.fromString(keys), self, slot)
        for number, room in enumerate(self._plans, start=1):
            for lead in ("Ctrl", "Alt"):
                shortcut = QShortcut(QKeySequence.fromString(f"{lead}+{number}"), self)
                shortcut.setProperty("room", room)
                shortcut.activated.connect(self._open_by_key)

    # Rooms

    @Slot(str)
    def open_room(self, name: str) -> Any:
        """Show a room, built now if it was not shown before, and return it."""
        room = self._rooms.get(name) or self._build(name)
        self._pages.setCurrentWidget(room)
        self._header.show_slot(getattr(room, "header", None))
        self._rail.show_room(name)
        self._preferences.room = name
        room.setFocus()
        return room

    def _build(self, name: str) -> Any:
        room = self._rooms[name] = self._plans[name].build(self._pages)
        self._pages.addWidget(room)
        if hasattr(room, "go"):
            room.go.connect(self.show_place)
        if hasattr(room, "badge"):
            room.badge.connect(lambda count: self._rail.set_badge(name, count))
        return room

    @Slot()
    def _build_ahead(self) -> None:
        waiting = [name for name, plan in self._plans.items() if plan.counts and name not in self._rooms]
        if waiting:
            self._build(waiting[0])
            self._ahead.start()

    @Slot(object)
    def show_place(self, place: Place) -> None:
        """Open the room of a place, at that place."""
        self.open_room(place.room).show_place(place)

    def is_typed_in(self) -> bool:
        """Whether a form of the open room holds what somebody is typing."""
        plan, room = self._plans.get(self.open_name), self._pages.currentWidget()
        if plan is None or room is None or not plan.has_forms:
            return False
        return any(line.isVisible() and line.isModified() and line.text() for line in room.findChildren(QLineEdit))

    def unsaved(self) -> int:
        """How much is on the screen only, because it could not be stored."""
        return sum(room.unsaved() for room in self._rooms.values() if hasattr(room, "unsaved"))

    @property
    def open_name(self) -> str:
        """The name of the open room; "" before the first."""
        return next((name for name, room in self._rooms.items() if room is self._pages.currentWidget()), "")

    @Slot()
    def _open_by_key(self) -> None:
        self.open_room(self.sender().property("room"))

    # What is said

    @Slot(object)
    def show_fault(self, fault: EnvironmentFault) -> None:
        """Say a fault under the header until it is closed."""
        if self._fault is None:
            from desktop.widgets.fault import FaultPanel

            self._fault = FaultPanel()
            self._column.insertWidget(1, self._fault)
        self._fault.show_fault(fault)

    def show_note(self, words: str) -> None:
        """Say something that is well under the header until the next window."""
        note = QFrame()
        note.setProperty("look", "note-good")
        row = QHBoxLayout(note)
        row.setContentsMargins(theme.px(20), theme.px(8), theme.px(20), theme.px(8))
        row.addWidget(theme.label(words), 1)
        self._column.insertWidget(1, note)

    def show_offline(self, chosen: bool) -> None:
        self._status.show_offline(chosen)

    @Slot(object)
    def _show_status(self, status: Any) -> None:
        self._status.show_status(status)
        self._count_soon.start()

    @Slot(object)
    def _changed(self, changes: Any) -> None:
        self._count_soon.start()
        if any(key.kind == UNIT for key in changes.keys):
            self._show_identity()

    @Slot()
    def _show_counts(self) -> None:
        self._status.show_counts(self._store.waiting(), self._store.last_receipt())

    def _show_identity(self) -> None:
        """Name the unit and the person; before enrolment, what the person called the unit."""
        enrolment = self._store.enrolment()
        self._status.allow_sync(enrolment is not None and bool(enrolment.server))
        self._status.show_offline(self._preferences.offline)
        self._status.show_person(name_of(self._store.author()))
        if enrolment is None:
            self._header.set_unit(self._preferences.own_name)
            return
        known = self._store.shown(Key(UNIT, enrolment.unit))
        self._header.set_unit(Unit.of(enrolment.unit, known.content).name if known else "")

    # The palette

    @Slot()
    def search(self) -> None:
        """Open the palette over the window."""
        if self._palette is not None:
            return
        from desktop.shell.palette import Palette, Target

        rooms = [Target("room", say(f"shell.room.{name}"), self._opener(name)) for name in self._plans]
        self._palette = Palette([*rooms, *self._targets()], self)
        self._palette.closed.connect(self._palette_closed)

    def _opener(self, name: str) -> Callable[[], None]:
        return lambda: self.open_room(name)

    @Slot()
    def _palette_closed(self) -> None:
        self._palette = None
        current = self._pages.currentWidget()
        if current is not None:
            current.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ahead.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep where the window stood; the open room keeps its own place as it is hidden."""
        self._preferences.geometry = self.saveGeometry()
        super().closeEvent(event)
