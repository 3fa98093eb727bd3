"""The page of a forgotten password by keys: a file for the centre, its answer dropped or chosen, the code, and in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.public import PrivateKey
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.shell.recovering import Recovering
from desktop.shell.sign_in import SignIn
from desktop.widgets import theme, words
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import Cost
from sync.protocol.recovery import RecoveryCopy, make_reset, open_copy, random_code, read, write
from sync.store import Store
from sync.store.people import People
from sync.store.recovery import keep_copy, write_request

HOA, AN = "Nguyễn Thị Hoa", "Trần Văn An"
PASSWORD, NEW = "mot hai ba bon", "nam sau bay tam"
CENTRE = PrivateKey(b"c" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    store = Store.open(made, bytes(32))
    keep_copy(made, bytes(32), store.device, bytes(CENTRE.public_key))
    store.close()
    people = People(made, cost=Cost(1, 1))
    people.let_in(bytes(32))
    people.put(HOA, PASSWORD)
    people.put(AN, PASSWORD)
    return made


@pytest.fixture
def people(folder: Path) -> People:
    return People(folder, cost=Cost(1, 1))


MakePage = Callable[[], SignIn]


@pytest.fixture
def make_page(qtbot: QtBot, folder: Path) -> MakePage:
    def make() -> SignIn:
        page = SignIn(folder, People(folder, cost=Cost(1, 1)), HOA)
        qtbot.addWidget(page)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        return page

    return make


def answer(folder: Path, person: str, path: Path) -> str:
    """What comes back from the centre: a file in `path`, and its code."""
    write_request(folder, person, path)
    copy = read(path.read_bytes())
    assert isinstance(copy, RecoveryCopy)
    code = random_code()
    path.write_bytes(write(make_reset(open_copy(copy, bytes(CENTRE)), copy, code, Cost(1, 1))))
    return code


def drop(page: SignIn, path: Path) -> Recovering:
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(20, 20), action, dropped, button, none)
    QApplication.sendEvent(page.viewport(), entered)
    assert entered.isAccepted()
    QApplication.sendEvent(page.viewport(), QDropEvent(QPointF(20, 20), action, dropped, button, none))
    recovering = page.findChild(Recovering)
    assert recovering is not None
    return recovering


def said(page: SignIn) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def press(page: SignIn, text: str) -> None:
    (button,) = [one for one in page.findChildren(QPushButton) if one.text() == text and one.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def fill_in(recovering: Recovering, code: str, new: str, again: str) -> None:
    for field, typed in ((recovering.code, code), (recovering.new, new), (recovering.again, again)):
        field.clear()
        QTest.keyClicks(field, typed)
    QTest.keyClick(recovering.again, Qt.Key.Key_Return)


def test_a_file_and_a_code_let_in_with_a_new_password(
    qtbot: QtBot, make_page: MakePage, folder: Path, tmp_path: Path
) -> None:
    page = make_page()
    code = answer(folder, HOA, tmp_path / "answer.soxa")
    for wrong in ("2222-2222-2222", "3333 3333 3333"):
        recovering = drop(page, tmp_path / "answer.soxa")
        fill_in(recovering, wrong, NEW, NEW)
        qtbot.waitUntil(lambda: say("errors.recovery_code.title") in said(page))
    recovering = drop(page, tmp_path / "answer.soxa")
    assert say("shell.recovery.answer.title", person=HOA) in said(page)
    with qtbot.waitSignal(page.signed_in) as signed_in:
        fill_in(recovering, code.lower(), NEW, NEW)
    assert signed_in.args == [HOA]
    assert People(folder).sign_in(HOA, NEW) == bytes(32)
    assert say("errors.recovery_used.title") in said_after(page, tmp_path / "answer.soxa")


def said_after(page: SignIn, path: Path) -> str:
    drop(page, path)
    return said(page)


def test_the_file_for_the_centre_is_saved_where_the_person_says(
    make_page: MakePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page()
    press(page, say("shell.sign_in.forgotten"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    press(page, say("shell.recovery.save"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "gui.soxa"), ""))
    press(page, say("shell.recovery.save"))
    assert say("shell.recovery.saved", file="gui.soxa") in said(page)
    copy = read((tmp_path / "gui.soxa").read_bytes())
    assert isinstance(copy, RecoveryCopy)
    assert copy.person == HOA
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "gui.soxa"), ""))
    press(page, say("shell.recovery.open"))
    assert say("errors.recovery_request.title") in said(page)
    press(page, say("shell.recovery.back"))
    assert say("shell.sign_in.begin.title") in said(page)


def test_another_persons_answer_is_refused(make_page: MakePage, folder: Path, tmp_path: Path) -> None:
    page = make_page()
    answer(folder, AN, tmp_path / "answer.soxa")
    assert say("errors.recovery_other_person.title") in said_after(page, tmp_path / "answer.soxa")
    assert AN in said(page)


@pytest.mark.parametrize(("new", "again", "why"), [("1234", "1234", "short"), (NEW, PASSWORD, "differ")])
def test_a_password_that_may_not_be_is_said(
    make_page: MakePage, folder: Path, tmp_path: Path, new: str, again: str, why: str
) -> None:
    page = make_page()
    code = answer(folder, HOA, tmp_path / "answer.soxa")
    fill_in(drop(page, tmp_path / "answer.soxa"), code, new, again)
    assert say(f"shell.recovery.wrong.{why}", least=8) in said(page)
    with pytest.raises(EnvironmentFault, match="password_wrong"):
        People(folder).sign_in(HOA, new)


def test_without_a_copy_it_says_who_can_help(make_page: MakePage, folder: Path) -> None:
    (folder / "soxa.recovery").unlink()
    page = make_page()
    press(page, say("shell.sign_in.forgotten"))
    assert say("shell.recovery.none") in said(page)


def test_where_no_people_can_be_read_they_say_who_they_are(
    qtbot: QtBot, make_page: MakePage, folder: Path, tmp_path: Path
) -> None:
    code = answer(folder, AN, tmp_path / "answer.soxa")
    for name in ("soxa.people", "soxa.people.copy"):
        (folder / name).write_bytes(b"damaged")
    page = make_page()
    assert say("errors.people_damaged.title") in said(page)
    recovering = drop(page, tmp_path / "answer.soxa")
    with qtbot.waitSignal(page.signed_in) as signed_in:
        fill_in(recovering, code, NEW, NEW)
    assert signed_in.args == [AN]


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_wider_than_the_smallest_screen(
    qapp: QApplication, make_page: MakePage, folder: Path, tmp_path: Path, language: str, percent: int
) -> None:
    words.set_language(language)
    theme.apply(qapp, "light", percent)
    answer(folder, HOA, tmp_path / "answer.soxa")
    page = make_page()
    page.resize(1024, 640)
    press(page, say("shell.sign_in.forgotten"))
    QApplication.processEvents()
    assert page.horizontalScrollBar().maximum() == 0
    drop(page, tmp_path / "answer.soxa")
    QApplication.processEvents()
    assert page.horizontalScrollBar().maximum() == 0
