"""Enrolling asks on another thread, and says in words why it did not work."""

import threading

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from desktop.widgets.enrolment import EnrolForm
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from sync.domain.errors import CODES, EnvironmentFault


def filled(qtbot: QtBot, form: EnrolForm) -> QPushButton:
    qtbot.addWidget(form)
    form.show()
    server, code = form.findChildren(QLineEdit)
    (button,) = form.findChildren(QPushButton)
    assert not button.isEnabled()
    server.setText(" soxa.example ")
    code.setText("ABC-123 ")
    assert button.isEnabled()
    return button


def test_it_asks_off_the_gui_thread_and_tells_when_done(qtbot: QtBot) -> None:
    asked: list[tuple[str, str, bool]] = []

    def enrol(server: str, code: str) -> None:
        asked.append((server, code, threading.current_thread() is threading.main_thread()))

    form = EnrolForm(enrol)
    button = filled(qtbot, form)
    _, code = form.findChildren(QLineEdit)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not code.text())
    assert asked == [("soxa.example", "ABC-123", False)]


def test_a_fault_is_said_and_the_person_may_try_again(qtbot: QtBot) -> None:
    answered = threading.Event()

    def enrol(server: str, code: str) -> None:
        answered.wait(5)
        raise EnvironmentFault("code_used", server=server)

    form = EnrolForm(enrol)
    button = filled(qtbot, form)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()
    answered.set()
    panel = form.findChild(FaultPanel)
    assert panel is not None
    qtbot.waitUntil(panel.isVisible)
    assert panel.accessibleName() == say("errors.code_used.title")
    assert say("errors.code_used.way_out") in panel.accessibleDescription()
    assert button.isEnabled()


def test_every_fault_can_be_shown_and_closed(qtbot: QtBot) -> None:
    panel = FaultPanel()
    qtbot.addWidget(panel)
    for code in CODES:
        panel.show_fault(EnvironmentFault(code, folder="/dữ liệu", retry_after_s=30))
        assert panel.isVisible()
        assert panel.accessibleName()
    with qtbot.waitSignal(panel.closed):
        QTest.mouseClick(panel.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert not panel.isVisible()
