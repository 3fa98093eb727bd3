"""The rooms of a window: what each is built of. Each is loaded when it is first shown."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop import VERSION
from desktop.shell.window import RoomPlan

if TYPE_CHECKING:
    from desktop.app import App


def plans(app: "App") -> tuple[RoomPlan, ...]:
    """The rooms that who is here has, in the order in which they stand."""

    def plan(name: str, icon: str, build: "Callable[[App, QWidget], QWidget]", **rest: bool) -> RoomPlan:
        return RoomPlan(name, icon, partial(build, app), **rest)

    return (
        plan("today", "house", _today, counts=True),
        plan("entry", "table", _entry),
        plan("tasks", "list-checks", _tasks, counts=True),
        plan("review", "shield-check", _review, counts=True, has_forms=True),
        plan("transfer", "refresh-cw", _transfer, counts=True, has_forms=True),
        *((plan("admin", "users", _admin, has_forms=True),) if any(app.reach) else ()),
        plan("settings", "settings", _settings, has_forms=True),
    )


def _today(app: "App", parent: QWidget) -> QWidget:
    from desktop.today.room import TodayRoom

    room = TodayRoom(app.store, app.open_theirs, app.catalogue, app.feed, app.clock, parent)
    room.remind.connect(app.reminding.remind)
    return room


def _entry(app: "App", parent: QWidget) -> QWidget:
    from desktop.entry.room import EntryRoom

    settings = app.preferences.personal
    return EntryRoom(app.store, app.open_theirs, app.catalogue, app.feed, app.clock, settings, parent)


def _tasks(app: "App", parent: QWidget) -> QWidget:
    from desktop.tasks.proving import Means
    from desktop.tasks.room import TasksRoom

    means = Means(app.open_files, app.preferences, app.sync.wake)
    settings = app.preferences.personal
    return TasksRoom(app.store, app.open_theirs, app.catalogue, app.feed, app.clock, settings, means, parent)


def _review(app: "App", parent: QWidget) -> QWidget:
    from desktop.review.room import ReviewRoom

    return ReviewRoom(app.store, app.catalogue, app.feed, app.clock, parent)


def _transfer(app: "App", parent: QWidget) -> QWidget:
    from desktop.transfer.files import Moving
    from desktop.transfer.room import TransferRoom

    moving = Moving(app.open_files, lambda: app.sync.limits.now, app.sync.wake)
    return TransferRoom(app.store, app.catalogue, app.feed, app.clock, app.sync.between, moving, parent)


def _admin(app: "App", parent: QWidget) -> QWidget:
    from desktop.admin.room import AdminRoom, Reach

    order = partial(_order, app)
    return AdminRoom(app.store, app.catalogue, app.feed, app.clock, Reach(*app.reach), order, parent)


def _order(app: "App", what: str, said: Mapping[str, object]) -> Any:
    """Give the centre an administrator's order, on any thread. Raises EnvironmentFault."""
    from sync.client.orders import give

    person = app.store.person
    store = app.open_store()
    try:
        store.person = person
        return give(store, what, said, lambda: app.clock().timestamp())
    finally:
        store.close()


def _settings(app: "App", parent: QWidget) -> QWidget:
    from desktop.folders import choose_next_folder
    from desktop.settings.room import SettingsRoom

    room = SettingsRoom(
        app.preferences,
        app.store,
        app.feed,
        app.enrolling.join,
        app.enrolling.by_file(),
        choose_next_folder,
        VERSION,
        app.people,
        parent,
    )
    room.look_chosen.connect(app.show)
    room.server.form.joined.connect(app.enrolling.joined)
    room.people.first_came.connect(app.first_came)
    room.people.lock_asked.connect(app.shut)
    room.evidence.limits_chosen.connect(app.sync.limits.look)
    # When the card has ended: its window does not outlive this.
    room.people.leave_asked.connect(app.leave, Qt.ConnectionType.QueuedConnection)
    return room
