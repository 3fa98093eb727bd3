"""The status bar says every phase in words, and leaves out the least needed ones where there is no room."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.shell.status import StatusBar
from desktop.widgets import theme, words
from desktop.widgets.switch import Switch
from desktop.widgets.words import say
from sync.client.loop import Phase, Status
from sync.client.session import Summary
from sync.domain.errors import CODES, EnvironmentFault
from sync.domain.local_time import VIETNAM
from tests.desktop.sampled import NOW


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    return made(qtbot)


def made(qtbot: QtBot) -> StatusBar:
    bar = StatusBar(lambda: NOW)
    qtbot.addWidget(bar)
    bar.resize(1282, 30)
    bar.show()
    return bar


def said(bar: StatusBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible() and label.text()]


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_has_words(qtbot: QtBot, language: str, phase: Phase) -> None:
    words.set_language(language)
    bar = made(qtbot)
    fault = EnvironmentFault("server_unreachable") if phase is Phase.FAILED else None
    bar.show_status(Status(phase, fault, since=NOW - timedelta(hours=1), last_success=NOW))
    assert said(bar)[0]


def test_no_line_is_no_alarm(bar: StatusBar) -> None:
    since = NOW - timedelta(hours=1)
    bar.show_status(Status(Phase.FAILED, EnvironmentFault("server_unreachable"), since=since, next_try_s=40))
    time = f"{since.astimezone(VIETNAM):%H:%M}"
    assert said(bar)[:2] == ["Ngoại tuyến", f"từ {time}"]
    assert not any(button.isVisible() and "trung tâm" in button.text() for button in bar.findChildren(QPushButton))


@pytest.mark.parametrize("code", CODES)
def test_another_fault_is_named_and_opens_its_way_out(qtbot: QtBot, bar: StatusBar, code: str) -> None:
    if code in ("server_unreachable", "server_timeout"):
        return
    fault = EnvironmentFault(code)
    bar.show_status(Status(Phase.FAILED, fault, since=NOW, next_try_s=290))
    (problem,) = [b for b in bar.findChildren(QPushButton) if b.text() == say(f"errors.{code}.title")]
    with qtbot.waitSignal(bar.fault_asked) as asked:
        QTest.mouseClick(problem, Qt.MouseButton.LeftButton)
    assert asked.args == [fault]
    bar.show_status(Status(Phase.ONLINE, last_success=NOW))
    assert not problem.isVisible()


def test_counts_and_the_last_receipt(bar: StatusBar) -> None:
    bar.show_counts(0, None)
    assert said(bar)[-1] == "Không có gì chờ gửi"
    bar.show_counts(1234, NOW - timedelta(days=1))
    assert "1.234 thay đổi đã lưu trên máy, chờ gửi" in said(bar)
    assert any(text.startswith("Trung tâm đã nhận lần cuối: hôm qua") for text in said(bar))


def test_the_switch_tells_only_what_a_person_chose(qtbot: QtBot, bar: StatusBar) -> None:
    switch = bar.findChild(Switch)
    assert switch is not None
    with qtbot.assertNotEmitted(bar.offline_chosen):
        bar.show_offline(True)
    assert switch.isChecked()
    with qtbot.waitSignal(bar.offline_chosen) as chosen:
        QTest.keyClick(switch, Qt.Key.Key_Space)
    assert chosen.args == [False]


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("percent", [100, 150, 200])
def test_nothing_is_cut_at_the_smallest_screen(qtbot: QtBot, qapp: QApplication, language: str, percent: int) -> None:
    words.set_language(language)
    theme.apply(qapp, "light", percent)
    bar = made(qtbot)
    bar.resize(1366 - theme.px(84), bar.height())
    bar.show_status(Status(Phase.OFFLINE_BY_CHOICE, since=NOW - timedelta(days=3)))
    bar.show_person("Nguyễn Thị Thanh Hương")
    bar.show_counts(1234, NOW - timedelta(days=3))
    QApplication.processEvents()
    for label in bar.findChildren(QLabel):
        if label.isVisible():
            assert label.width() >= label.sizeHint().width() - 1, label.text()
    assert said(bar)[0] == say("shell.phase.offline_by_choice.word")
    switch = bar.findChild(Switch)
    assert switch is not None
    assert switch.geometry().right() <= bar.width()


@pytest.mark.parametrize(("offset_s", "told"), [(0, False), (-3600, False), (3601, True), (-5 * 365 * 86_400, True)])
def test_a_clock_far_off_is_told_beside_a_sync_that_is_well(
    qtbot: QtBot, bar: StatusBar, offset_s: int, told: bool
) -> None:
    status = Status(Phase.ONLINE, summary=Summary(1, 0, 0, offset_s), last_success=NOW)
    bar.show_status(status)
    buttons = [button for button in bar.findChildren(QPushButton) if button.isVisible()]
    named = [button for button in buttons if button.text() == say("errors.clock_wrong.title")]
    assert bool(named) is told
    if told:
        with qtbot.waitSignal(bar.fault_asked) as asked:
            QTest.mouseClick(named[0], Qt.MouseButton.LeftButton)
        assert asked.args[0].code == "clock_wrong"
