"""A new folder: start typing with nothing but a name, or enrol; nothing is cut at the largest text."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.shell.welcome import Welcome
from desktop.widgets import theme, words
from desktop.widgets.joining import ByFile, JoinByFile
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.store import Store
from tests.desktop.sampled import clock
from tests.desktop.transfer.between import at_once

Make = Callable[[], Welcome]


@pytest.fixture
def made(qtbot: QtBot, empty: Store, feed: Feed) -> Make:
    def make() -> Welcome:
        by_file = ByFile(empty, at_once(empty), feed.changed.emit, clock())
        page = Welcome(lambda server, code: None, by_file, "https://soxa.example")
        qtbot.addWidget(page)
        page.resize(1366, 768)
        page.show()
        return page

    return make


def test_a_name_is_enough_to_start(qtbot: QtBot, made: Make) -> None:
    page = made()
    name = page.findChildren(QLineEdit)[-1]
    (start,) = [b for b in page.findChildren(QPushButton) if b.text() == say("shell.welcome.start.button")]
    name.setText("   ")
    assert not start.isEnabled()
    QTest.keyClick(name, Qt.Key.Key_Return)
    name.setText("  Thôn Ẳng Đông ")
    with qtbot.waitSignal(page.started) as started:
        QTest.keyClick(name, Qt.Key.Key_Return)
    assert started.args == ["Thôn Ẳng Đông"]


def test_the_server_of_the_command_line_stands_there_already(made: Make) -> None:
    page = made()
    assert page.findChildren(QLineEdit)[0].text() == "https://soxa.example"


def test_a_failed_enrolment_is_said(made: Make) -> None:
    page = made()
    page.show_fault(EnvironmentFault("code_expired"))
    assert say("errors.code_expired.title") in [label.text() for label in page.findChildren(QLabel)]


def test_the_other_language_can_be_chosen_at_once(qtbot: QtBot, made: Make) -> None:
    page = made()
    (english,) = [b for b in page.findChildren(QPushButton) if b.text() == "English"]
    with qtbot.waitSignal(page.language_chosen) as chosen:
        QTest.mouseClick(english, Qt.MouseButton.LeftButton)
    assert chosen.args == ["en"]


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_wider_than_the_smallest_screen(qapp: QApplication, made: Make, language: str, percent: int) -> None:
    words.set_language(language)
    theme.apply(qapp, "light", percent)
    page = made()
    (by_file,) = page.findChildren(JoinByFile)
    by_file.show_inside()
    QApplication.processEvents()
    assert page.horizontalScrollBar().maximum() == 0
