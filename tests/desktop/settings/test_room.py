"""What is chosen is kept and told at once; the server card says whom this PC works for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.settings.room import SettingsRoom
from desktop.settings.server import ServerCard
from desktop.widgets import theme, words
from desktop.widgets.joining import ByFile
from desktop.widgets.preferences import Preferences
from desktop.widgets.words import say
from sync.domain.keys import OWN_UNIT, VALUE, Key
from sync.protocol.locked import Cost
from sync.store import Store
from sync.store.people import People
from tests.desktop.sampled import COMMUNE, NOW, PERSON, clock, enrol, fill
from tests.desktop.transfer.between import at_once

MakeRoom = Callable[[], SettingsRoom]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data", bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "data")


@pytest.fixture
def chosen() -> list[Path]:
    """The folders chosen for the next start."""
    return []


@pytest.fixture
def people(store: Store, tmp_path: Path) -> People:
    """Nobody has a password yet."""
    found = People(tmp_path / "data", cost=Cost(1, 1))
    found.let_in(bytes(32))
    return found


@pytest.fixture
def make_room(
    qtbot: QtBot, store: Store, feed: Feed, preferences: Preferences, chosen: list[Path], people: People
) -> MakeRoom:
    def make() -> SettingsRoom:
        by_file = ByFile(store, at_once(store), feed.changed.emit, clock())
        room = SettingsRoom(
            preferences, store, feed, lambda server, code: None, by_file, chosen.append, "0.1.0", people
        )
        qtbot.addWidget(room)
        room.resize(1282, 682)
        room.show()
        return room

    return make


def button(room: SettingsRoom, text: str) -> QPushButton:
    (found,) = [b for b in room.findChildren(QPushButton) if b.text() == text]
    return found


def said(room: SettingsRoom) -> str:
    return "\n".join(label.text() for label in room.findChildren(QLabel) if not label.isHidden())


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("English", "language", "en"), ("Tối", "theme", "dark"), ("150 %", "text_percent", 150)],
)
def test_a_choice_is_kept_and_told(
    qtbot: QtBot, make_room: MakeRoom, preferences: Preferences, text: str, name: str, value: object
) -> None:
    room = make_room()
    with qtbot.waitSignal(room.look_chosen):
        QTest.mouseClick(button(room, text), Qt.MouseButton.LeftButton)
    assert getattr(preferences, name) == value
    assert button(make_room(), text).isChecked()


def test_the_choice_that_stands_is_no_change(qtbot: QtBot, make_room: MakeRoom) -> None:
    room = make_room()
    with qtbot.assertNotEmitted(room.look_chosen):
        QTest.mouseClick(button(room, "Tiếng Việt"), Qt.MouseButton.LeftButton)


def test_another_folder_is_for_the_next_start(
    make_room: MakeRoom, chosen: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    QTest.mouseClick(button(room, say("settings.folder.choose")), Qt.MouseButton.LeftButton)
    assert chosen == []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    QTest.mouseClick(button(room, say("settings.folder.choose")), Qt.MouseButton.LeftButton)
    assert chosen == [tmp_path]
    assert say("settings.folder.next", folder=str(tmp_path)) in said(room)


def test_the_folder_opens_in_the_file_manager(
    make_room: MakeRoom, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    room = make_room()
    QTest.mouseClick(button(room, say("settings.folder.open")), Qt.MouseButton.LeftButton)
    assert opened == [QUrl.fromLocalFile(str(preferences.folder))]


def test_before_enrolment_the_form_stands_open(make_room: MakeRoom) -> None:
    room = make_room()
    assert say("settings.server.none") in said(room)
    card = room.findChild(ServerCard)
    assert card is not None
    assert all(not field.isHidden() for field in card.findChildren(QLineEdit))


def test_after_enrolment_it_says_who_this_pc_is(make_room: MakeRoom, store: Store) -> None:
    enrol(store)
    fill(store)
    room = make_room()
    for text in (COMMUNE.name, PERSON, store.device, "http://127.0.0.1"):
        assert text in said(room)
    card = room.findChild(ServerCard)
    assert card is not None
    field = card.findChildren(QLineEdit)[0]
    assert not field.isVisible()
    QTest.mouseClick(button(room, say("settings.server.again")), Qt.MouseButton.LeftButton)
    assert field.isVisible()
    assert field.text() == "http://127.0.0.1"


def test_an_officer_says_whose_the_figures_typed_before_are(make_room: MakeRoom, store: Store, feed: Feed) -> None:
    store.record_changes([(Key(VALUE, OWN_UNIT, "households", "A2026Q3"), "312")], "", NOW)
    enrol(store)
    fill(store)
    room = make_room()
    unit = room.findChild(QComboBox)
    assert unit is not None
    assert unit.isVisible()
    unit.setCurrentIndex(unit.findData(f"{COMMUNE.key}.003"))
    QTest.mouseClick(button(room, say("settings.server.adopt.button")), Qt.MouseButton.LeftButton)
    shown = store.shown(Key(VALUE, f"{COMMUNE.key}.003", "households", "A2026Q3"))
    assert shown is not None
    assert shown.content == "312"
    assert not unit.isVisible()


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_wider_than_the_smallest_screen(
    qapp: QApplication, make_room: MakeRoom, store: Store, language: str, percent: int
) -> None:
    words.set_language(language)
    theme.apply(qapp, "light", percent)
    store.record_changes([(Key(VALUE, OWN_UNIT, "households", "A2026Q3"), "312")], "", NOW)
    enrol(store)
    fill(store)
    room = make_room()
    room.resize(1366 - theme.px(84), 650)
    QApplication.processEvents()
    assert room.horizontalScrollBar().maximum() == 0


def test_how_pictures_are_attached_is_kept_at_once(make_room: MakeRoom, preferences: Preferences) -> None:
    room = make_room()
    assert button(room, say("settings.evidence.picture_side.2048")).isChecked()
    assert button(room, say("settings.evidence.keep_originals.false")).isChecked()
    button(room, say("settings.evidence.picture_side.1280")).click()
    button(room, say("settings.evidence.keep_originals.true")).click()
    assert preferences.picture_side == 1280
    assert preferences.keep_originals
    assert button(make_room(), say("settings.evidence.picture_side.1280")).isChecked()


def test_what_limits_files_is_kept_and_told(qtbot: QtBot, make_room: MakeRoom, preferences: Preferences) -> None:
    room = make_room()
    for name, value in (("sends_metered", "true"), ("day_megabytes", "100")):
        with qtbot.waitSignal(room.evidence.limits_chosen):
            button(room, say(f"settings.evidence.{name}.{value}")).click()
    assert preferences.sends_metered
    assert preferences.day_megabytes == 100
