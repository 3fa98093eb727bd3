"""Rooms are built when they are first shown, keys lead to them, and what waits is said."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.shell.window import RoomPlan, Window
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.preferences import Preferences
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, UNIT, VALUE, Key
from sync.store import ChangeSet, Store
from tests.desktop.sampled import COMMUNE, NOW, PERSON, enrol, receive

MakeWindow = Callable[[], Window]


def said(window: Window) -> str:
    """Every text that is visible."""
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_a_room_is_built_when_it_is_first_shown_and_only_once(make_window: MakeWindow, built: list[str]) -> None:
    window = make_window()
    assert built == []
    room = window.open_room("entry")
    assert built == ["Kitchen"]
    window.open_room("settings")
    assert window.open_name == "settings"
    assert window.open_room("entry") is room
    assert built == ["Kitchen", "Cellar"]


def test_the_header_shows_what_belongs_to_the_open_room(make_window: MakeWindow) -> None:
    window = make_window()
    room = window.open_room("entry")
    assert room.header.isVisible()
    window.open_room("settings")
    assert not room.header.isVisible()
    window.open_room("entry")
    assert room.header.isVisible()


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier])
def test_keys_lead_to_the_rooms(make_window: MakeWindow, modifier: Qt.KeyboardModifier) -> None:
    window = make_window()
    window.open_room("entry")
    QTest.keyClick(window, Qt.Key.Key_2, modifier)
    assert window.open_name == "settings"
    QTest.keyClick(window, Qt.Key.Key_1, modifier)
    assert window.open_name == "entry"


@pytest.mark.parametrize(
    ("key", "modifier"),
    [(Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)],
)
def test_keys_ask_for_a_sync(qtbot: QtBot, make_window: MakeWindow, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    window = make_window()
    with qtbot.waitSignal(window.sync_now):
        QTest.keyClick(window, key, modifier)


def test_a_room_may_ask_for_a_place_and_show_a_badge(make_window: MakeWindow) -> None:
    window = make_window()
    room = window.open_room("entry")
    window.open_room("settings")
    room.go.emit(Place("entry", unit="48.20308.003", item="poor"))
    assert window.open_name == "entry"
    assert room.places == [Place("entry", unit="48.20308.003", item="poor")]
    room.badge.emit(7)
    (button,) = [b for b in window.findChildren(QAbstractButton) if b.accessibleName().startswith("Nhập liệu")]
    assert button.accessibleName() == "Nhập liệu, 7 việc cần xem"
    room.badge.emit(0)
    assert button.accessibleName() == "Nhập liệu"


def test_a_room_that_counts_is_built_by_itself_and_its_badge_is_seen(
    qtbot: QtBot, store: Store, feed: Feed, preferences: Preferences
) -> None:
    class Counting(QWidget):
        badge = Signal(int)

        def __init__(self, parent: QWidget) -> None:
            super().__init__(parent)
            QTimer.singleShot(0, lambda: self.badge.emit(3))

    plans = (RoomPlan("settings", "settings", QLabel), RoomPlan("tasks", "list-checks", Counting, counts=True))
    window = Window(plans, store, feed, lambda: NOW, preferences, list)
    qtbot.addWidget(window)
    window.show()
    window.open_room("settings")
    assert "Nhiệm vụ" in [button.accessibleName() for button in buttons(window)]
    qtbot.waitUntil(lambda: "Nhiệm vụ, 3 việc cần xem" in [b.accessibleName() for b in buttons(window)])
    assert window.open_name == "settings"


def buttons(window: Window) -> list[QAbstractButton]:
    return window.findChildren(QAbstractButton)


def test_before_enrolment_it_names_the_unit_as_the_person_did(
    make_window: MakeWindow, preferences: Preferences
) -> None:
    preferences.own_name = "Thôn Ẳng Đông"
    window = make_window()
    assert "Thôn Ẳng Đông" in said(window)
    assert "Chưa ghi danh" in said(window)
    assert "Đồng bộ ngay" not in [b.text() for b in window.findChildren(QAbstractButton) if b.isVisible()]


def test_a_long_name_of_a_unit_leaves_room_for_the_rest(make_window: MakeWindow, preferences: Preferences) -> None:
    preferences.own_name = "Tổ công nghệ số cộng đồng " * 6
    window = make_window()
    window.open_room("entry")
    (shown,) = [label for label in window.findChildren(QLabel) if label.accessibleName() == preferences.own_name]
    assert shown.text().endswith("…")
    assert shown.width() <= 290
    assert window.width() <= 1366


def test_after_enrolment_it_names_unit_and_person_once_they_are_known(
    make_window: MakeWindow, store: Store, feed: Feed
) -> None:
    enrol(store)
    window = make_window()
    assert PERSON in said(window)
    assert COMMUNE.name not in said(window)
    feed.changed.emit(ChangeSet(receive(store, [(Key(UNIT, COMMUNE.key), [COMMUNE.content()])])))
    assert COMMUNE.name in said(window)
    visible = [b.text() for b in window.findChildren(QAbstractButton) if b.isVisible()]
    assert "Đồng bộ ngay" in visible
    assert "Làm việc ngoại tuyến" in visible


def test_what_waits_is_counted_from_any_thread(qtbot: QtBot, make_window: MakeWindow, store: Store, feed: Feed) -> None:
    window = make_window()
    assert "Không có gì chờ gửi" in said(window)
    edits = [(Key(VALUE, OWN_UNIT, item, "A2026Q3"), "3") for item in ("one", "two")]
    changes = store.record_changes(edits, "Hoa", NOW)
    worker = threading.Thread(target=lambda: feed.changed.emit(changes))
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: "2 thay đổi đã lưu trên máy, chờ gửi" in said(window))


def test_a_fault_is_said_under_the_header_and_can_be_closed(make_window: MakeWindow) -> None:
    window = make_window()
    window.show_fault(EnvironmentFault("server_certificate", server="https://soxa.example"))
    (panel,) = window.findChildren(FaultPanel)
    assert panel.isVisible()
    assert "https://soxa.example" in said(window)
    window.show_fault(EnvironmentFault("device_revoked"))
    assert window.findChildren(FaultPanel) == [panel]
    assert "https://soxa.example" not in said(window)


def test_where_it_stood_is_kept(make_window: MakeWindow, preferences: Preferences) -> None:
    window = make_window()
    window.open_room("settings")
    window.close()
    assert not preferences.geometry.isEmpty()
    assert preferences.room == "settings"


def test_every_button_can_be_named_by_a_screen_reader(make_window: MakeWindow, store: Store) -> None:
    enrol(store)
    window = make_window()
    window.open_room("entry")
    for button in window.findChildren(QAbstractButton):
        assert button.accessibleName() or button.text() or not button.isVisible(), button
