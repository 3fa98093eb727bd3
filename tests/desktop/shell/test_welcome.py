"""A new folder: start typing with nothing but a name, or enrol; nothing is cut at the largest text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.shell.welcome import Welcome
from desktop.widgets import theme, words
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault


def made(qtbot: QtBot) -> Welcome:
    page = Welcome(lambda server, code: None, "https://soxa.example")
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    return page


def test_a_name_is_enough_to_start(qtbot: QtBot) -> None:
    page = made(qtbot)
    name = page.findChildren(QLineEdit)[-1]
    (start,) = [b for b in page.findChildren(QPushButton) if b.text() == say("shell.welcome.start.button")]
    name.setText("   ")
    assert not start.isEnabled()
    QTest.keyClick(name, Qt.Key.Key_Return)
    name.setText("  Thôn Ẳng Đông ")
    with qtbot.waitSignal(page.started) as started:
        QTest.keyClick(name, Qt.Key.Key_Return)
    assert started.args == ["Thôn Ẳng Đông"]


def test_the_server_of_the_command_line_stands_there_already(qtbot: QtBot) -> None:
    page = made(qtbot)
    assert page.findChildren(QLineEdit)[0].text() == "https://soxa.example"


def test_a_failed_enrolment_is_said(qtbot: QtBot) -> None:
    page = made(qtbot)
    page.show_fault(EnvironmentFault("code_expired"))
    assert say("errors.code_expired.title") in [label.text() for label in page.findChildren(QLabel)]


def test_the_other_language_can_be_chosen_at_once(qtbot: QtBot) -> None:
    page = made(qtbot)
    (english,) = [b for b in page.findChildren(QPushButton) if b.text() == "English"]
    with qtbot.waitSignal(page.language_chosen) as chosen:
        QTest.mouseClick(english, Qt.MouseButton.LeftButton)
    assert chosen.args == ["en"]


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_wider_than_the_smallest_screen(
    qtbot: QtBot, qapp: QApplication, language: str, percent: int
) -> None:
    words.set_language(language)
    theme.apply(qapp, "light", percent)
    page = made(qtbot)
    QApplication.processEvents()
    assert page.horizontalScrollBar().maximum() == 0
