"""The sign-in page by keys: who is there, the right password, a wrong one, the wait, and what is said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from desktop.shell.sign_in import SignIn
from desktop.widgets import theme, words
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import Cost
from sync.store import Store
from sync.store.people import FREE_TRIES, People

HOA, AN = "Nguyễn Thị Hoa", "Trần Văn An"
PASSWORD, OTHER = "mot hai ba bon", "nam sau bay tam"


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock) -> People:
    folder = tmp_path / "data"
    Store.open(folder, bytes(32)).close()
    found = People(folder, clock, Cost(1, 1))
    found.let_in(bytes(32))
    found.put(HOA, PASSWORD)
    found.put(AN, OTHER)
    return found


MakePage = Callable[[], SignIn]


@pytest.fixture
def make_page(qtbot: QtBot, people: People, tmp_path: Path) -> MakePage:
    def make(name: str = HOA, *, locked: bool = False) -> SignIn:
        page = SignIn(tmp_path / "data", people, name, locked=locked)
        qtbot.addWidget(page)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.password.hasFocus)
        return page

    return make


def said(page: SignIn) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def press(text: str) -> None:
    """Keys go to what has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, text)
    QTest.keyClick(focus, Qt.Key.Key_Return)


def test_the_password_and_enter_are_all_it_takes(qtbot: QtBot, make_page: MakePage) -> None:
    page = make_page()
    with qtbot.waitSignal(page.signed_in) as signed_in:
        press(PASSWORD)
    assert signed_in.args == [HOA]
    assert page.password.text() == ""


def test_another_person_is_chosen_by_an_arrow(qtbot: QtBot, make_page: MakePage) -> None:
    page = make_page()
    QTest.keyClick(page.password, Qt.Key.Key_Down)
    QTest.keyClick(page.password, Qt.Key.Key_Down)
    assert page.name == AN
    with qtbot.waitSignal(page.signed_in) as signed_in:
        press(OTHER)
    assert signed_in.args == [AN]


def test_whoever_signed_in_last_is_chosen(make_page: Callable[[str], SignIn]) -> None:
    assert make_page(AN).name == AN
    assert make_page("Người đã bị bỏ").name == HOA


def test_a_wrong_password_is_said_and_can_be_typed_again(qtbot: QtBot, make_page: MakePage) -> None:
    page = make_page()
    press(OTHER)
    qtbot.waitUntil(lambda: say("shell.sign_in.wrong") in said(page))
    assert page.password.hasFocus()
    with qtbot.waitSignal(page.signed_in):
        press(PASSWORD)
    assert say("shell.sign_in.wrong") not in said(page)


def test_an_empty_password_is_no_try(make_page: MakePage, people: People) -> None:
    page = make_page()
    press("")
    assert say("shell.sign_in.empty") in said(page)
    assert people._person(HOA).wrong == 0


def test_guessing_must_wait_and_the_wait_ends(qtbot: QtBot, make_page: MakePage, people: People, clock: Clock) -> None:
    page = make_page()
    for number in range(1, FREE_TRIES + 1):
        press(OTHER)
        qtbot.waitUntil(lambda: people._person(HOA).wrong == number and not page.password.isReadOnly())  # noqa: B023
    assert say("shell.sign_in.wait", count=5) in said(page)
    (button,) = [b for b in page.findChildren(QPushButton) if b.text() == say("shell.sign_in.button")]
    assert not button.isEnabled()
    press(PASSWORD)  # nothing is tried
    assert people._person(HOA).wrong == FREE_TRIES
    clock.now_s += 3
    page._show_wait()
    assert say("shell.sign_in.wait", count=2) in said(page)
    # The wait is the person's own.
    QTest.keyClick(page.password, Qt.Key.Key_Down)
    assert button.isEnabled()
    QTest.keyClick(page.password, Qt.Key.Key_Up)
    assert not button.isEnabled()
    clock.now_s += 3
    page._show_wait()
    assert say("shell.sign_in.again") in said(page)
    with qtbot.waitSignal(page.signed_in):
        press(PASSWORD)


def test_a_page_that_opens_during_a_wait_says_so(qtbot: QtBot, make_page: MakePage, people: People) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(EnvironmentFault):
            people.sign_in(HOA, OTHER)
    assert say("shell.sign_in.wait", count=5) in said(make_page())


def test_capitals_are_told_by_what_is_typed(make_page: MakePage) -> None:
    page = make_page()
    hint = say("shell.sign_in.capitals")
    QTest.keyClicks(page.password, "A", Qt.KeyboardModifier.ShiftModifier)
    assert hint not in said(page)
    QTest.keyClicks(page.password, "A")
    assert hint in said(page)
    QTest.keyClicks(page.password, "a")
    assert hint not in said(page)


def test_the_eye_shows_and_hides_what_is_typed(qtbot: QtBot, make_page: MakePage) -> None:
    page = make_page()
    (eye,) = page.password.actions()
    eye.trigger()
    assert page.password.echoMode() == page.password.EchoMode.Normal
    press(PASSWORD)
    assert page.password.echoMode() == page.password.EchoMode.Password
    qtbot.waitUntil(lambda: not page.password.isReadOnly())


def test_what_is_wrong_with_the_files_is_said(qtbot: QtBot, people: People, tmp_path: Path) -> None:
    people.fault = EnvironmentFault("people_mended", copy="soxa-damaged-1.people")
    page = SignIn(tmp_path / "data", people, HOA)
    qtbot.addWidget(page)
    page.show()
    assert say("errors.people_mended.title") in said(page)


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_wider_than_the_smallest_screen(
    qapp: QApplication, make_page: MakePage, language: str, percent: int
) -> None:
    words.set_language(language)
    theme.apply(qapp, "light", percent)
    page = make_page()
    page.resize(1024, 640)
    QApplication.processEvents()
    assert page.horizontalScrollBar().maximum() == 0
    people = page.findChild(QListWidget)
    assert people is not None
    assert people.verticalScrollBar().maximum() == 0
