"""Notifications of the system: once each, several as one, none at night, and again only for what is new."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from desktop.shell.notifier import Notifier, SystemTray, is_quiet
from desktop.widgets.place import Place
from desktop.widgets.reminder import Reminder
from sync.domain.errors import EnvironmentFault
from sync.store import Store

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
FIRST = Reminder("one", "Bị trả lại: Biểu thôn", "Sai dòng 2", Place("entry", "48.20308.001"))
SECOND = Reminder("two", "Sắp đến hạn: Biểu thôn", "Hạn 23/11", Place("entry"))


class Shown:
    """A tray that remembers."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.has_place = True

    def show_message(self, title: str, text: str) -> bool:
        if self.has_place:
            self.messages.append((title, text))
        return self.has_place


class Hands:
    """A clock that is set by hand, and a lock."""

    def __init__(self) -> None:
        self.now, self.has_locked = NOON, False

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def tray() -> Shown:
    return Shown()


@pytest.fixture
def build(qapp: object, empty: Store, tray: Shown, hands: Hands) -> Callable[[], Notifier]:
    return lambda: Notifier(empty, hands, tray, lambda: hands.has_locked)


def test_each_is_told_once_also_after_a_restart(build: Callable[[], Notifier], tray: Shown) -> None:
    notifier = build()
    for _ in range(3):
        notifier.take([FIRST])
    build().take([FIRST])
    assert tray.messages == [("Bị trả lại: Biểu thôn", "Sai dòng 2")]
    build().take([FIRST, SECOND])
    assert tray.messages[1:] == [("Sắp đến hạn: Biểu thôn", "Hạn 23/11")]


def test_several_are_one_message(qtbot: QtBot, build: Callable[[], Notifier], tray: Shown) -> None:
    notifier = build()
    notifier.take([FIRST, SECOND])
    assert tray.messages == [("2 việc cần xem", f"{FIRST.title}\n{SECOND.title}")]
    with qtbot.waitSignal(notifier.opened) as went:
        notifier.open_last()
    assert went.args == [Place("today")]


def test_a_click_opens_what_was_told(qtbot: QtBot, build: Callable[[], Notifier]) -> None:
    notifier = build()
    notifier.open_last()
    notifier.take([FIRST])
    with qtbot.waitSignal(notifier.opened) as went:
        notifier.open_last()
    assert went.args == [FIRST.place]


def test_the_night_is_quiet_and_the_morning_tells(
    qtbot: QtBot, build: Callable[[], Notifier], tray: Shown, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.shell.notifier._LOOK_AGAIN_MS", 10)
    hands.now = NOON + timedelta(hours=10)  # 22:00 in Viet Nam
    notifier = build()
    notifier.take([FIRST])
    qtbot.wait(50)
    assert tray.messages == []
    hands.now = NOON + timedelta(hours=20)  # 08:00
    qtbot.waitUntil(lambda: len(tray.messages) == 1)
    qtbot.wait(30)
    assert len(tray.messages) == 1


def test_behind_the_lock_nothing_is_told_also_where_the_night_ends_there(
    qtbot: QtBot, build: Callable[[], Notifier], tray: Shown, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.shell.notifier._LOOK_AGAIN_MS", 10)
    hands.now = NOON + timedelta(hours=10)
    notifier = build()
    notifier.take([FIRST])
    hands.has_locked = True
    notifier.take([FIRST, SECOND])
    hands.now = NOON + timedelta(hours=20)
    qtbot.wait(50)
    assert tray.messages == []
    hands.has_locked = False
    notifier.tell()
    qtbot.wait(30)
    assert tray.messages == [("2 việc cần xem", f"{FIRST.title}\n{SECOND.title}")]


@pytest.mark.parametrize(("hour", "quiet"), [(6, True), (7, False), (12, False), (19, False), (20, True), (0, True)])
def test_the_quiet_hours_are_those_of_viet_nam(hour: int, quiet: bool) -> None:
    assert is_quiet(datetime(2026, 11, 21, hour, 30, tzinfo=UTC) - timedelta(hours=7)) is quiet


def test_what_could_not_be_shown_or_noted_is_told_later(
    build: Callable[[], Notifier], tray: Shown, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray.has_place = False
    build().take([FIRST])
    tray.has_place = True

    def full(*_: object) -> None:
        raise EnvironmentFault("disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(empty, "keep_aside", full)
        build().take([FIRST])
    build().take([FIRST])
    assert len(tray.messages) == 2


def test_a_system_without_a_tray_is_no_fault(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    assert SystemTray(QIcon).show_message("a", "b") is False


def test_the_systems_tray_shows_it(qtbot: QtBot, qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda self: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda self, title, text, icon: said.append((title, text)))
    tray = SystemTray(QIcon)
    assert tray.show_message("a", "b")
    assert tray.show_message("c", "d")
    assert said == [("a", "b"), ("c", "d")]
    assert tray._shown is not None
    with qtbot.waitSignal(tray.clicked):
        tray._shown.messageClicked.emit()
