"""A whole program that never has a line: it asks in a file, is taken in by a real centre, and goes on by file."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.settings.server import ServerCard
from desktop.shell.single import Single
from desktop.shell.welcome import Welcome
from desktop.shell.window import Window
from desktop.transfer.room import TransferRoom
from desktop.widgets.enrolment import EnrolForm
from desktop.widgets.fault import FaultPanel
from desktop.widgets.joining import JoinByFile
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.central.carrying import take as take_at_centre
from sync.central.carrying import take_in
from sync.central.centre import Centre, make_centre, open_centre
from sync.central.desk import Desk
from sync.domain.keys import OWN_UNIT, UNIT, VALUE, Key
from sync.domain.units import Unit, UnitKind
from sync.protocol.locked import Cost
from sync.store import CellState, Store
from sync.store.joining import wait_for
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue

VILLAGE = f"{COMMUNE.key}.001"
TYPED = Key(VALUE, OWN_UNIT, "village_ct01", "A2026Q3")
LEFT = Qt.MouseButton.LeftButton

MakeApp = Callable[[], App]


def now_s() -> int:
    return int(NOW.timestamp())


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.protocol.joining.COST", Cost(1, 8))


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    make_centre(tmp_path / "centre", "48", now_s)
    with closing(open_centre(tmp_path / "centre", catalogue(), now_s)) as opened:
        units = (Unit("48", UnitKind.PROVINCE, "Đà Nẵng"), COMMUNE, Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Một"))
        opened.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "admin")
        yield opened


@pytest.fixture
def make_app(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeApp]:
    """The program in one folder, started again and again."""
    folder = tmp_path / "pc"
    folder.mkdir()
    (folder / "soxa.key").write_text("07" * 32, encoding="ascii")
    made: list[App] = []

    def end() -> None:
        for app in made:
            if app.window is not None:
                app.window.close()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            app.stop()
            app._single.release()
        made.clear()

    def make() -> App:
        end()
        single = Single(folder)
        assert single.is_first()
        made.append(App(folder, single, lambda: NOW))
        made[-1].start()
        return made[-1]

    yield make
    end()


def by_file_in(page: QWidget | None) -> JoinByFile:
    assert page is not None
    (found,) = page.findChildren(JoinByFile)
    return found


def fault_in(page: QWidget | None) -> FaultPanel:
    assert page is not None
    (form,) = page.findChildren(EnrolForm)
    return form.fault


def asked(qtbot: QtBot, app: App, path: Path, code: str) -> JoinByFile:
    """Type a code and make the file that asks."""
    found = by_file_in(app.window)
    assert app.window is not None
    app.window.findChildren(QLineEdit)[1].setText(code)
    found.make_file(path)
    qtbot.waitUntil(lambda: str(path) in found.state.text())
    return found


def at_centre(centre: Centre, path: Path) -> Path:
    """What the command does there."""
    answer = path.with_name(f"{path.stem}-tra-loi.soxa")
    answer.write_bytes(take_in(centre, path.read_bytes(), Desk(centre, now_s).sync, now_s).answer)
    return answer


def drop(target: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, keys = QPointF(target.rect().center()), Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, LEFT, keys)
    target.dragEnterEvent(entered)
    assert entered.isAccepted()
    target.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, LEFT, keys))


def said(page: QWidget | None) -> str:
    assert page is not None
    return "\n".join(label.text() for label in page.findChildren(QLabel) if not label.isHidden())


def test_a_pc_that_never_has_a_line_is_enrolled_and_goes_on_by_file(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    assert isinstance(app.window, Welcome)
    found = by_file_in(app.window)
    assert not found.inside.isVisible()
    QTest.mouseClick(found.open, LEFT)
    assert not found.make.isEnabled(), "there is no code yet"
    code = centre.enrolment.make_code(VILLAGE, PERSON, 7)
    app.window.findChildren(QLineEdit)[1].setText(code)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "đi"), ""))
    QTest.mouseClick(found.make, LEFT)
    sent = tmp_path / "đi.soxa"
    qtbot.waitUntil(lambda: str(sent) in found.state.text())
    # While the file is on its way somebody types, and the program is started again.
    app.window.started.emit("Thôn của tôi")
    app.store.record_changes([(TYPED, "434")], "", NOW)
    app = make_app()
    app.window.show_place(Place("settings"))  # type: ignore[union-attr]
    found = by_file_in(app.window)
    assert "lúc 21/11/2026 09:15" in found.state.text()
    answer = at_centre(centre, sent)
    drop(found, answer)
    qtbot.waitUntil(found.go_on.isVisible)
    assert found.state.text().startswith(f"Trung tâm nhận máy này: {PERSON}, Thôn Một.")
    assert app.store.enrolment() is None, "nothing was taken yet"
    QTest.mouseClick(found.go_on, LEFT)
    qtbot.waitUntil(lambda: app.store.shown(TYPED._replace(unit=VILLAGE)) is not None)
    shown = app.store.shown(TYPED._replace(unit=VILLAGE))
    assert shown is not None
    assert (shown.content, shown.state) == ("434", CellState.SAVED)
    assert "Thôn Một" in said(app.window)
    qtbot.waitUntil(lambda: say("shell.phase.by_hand.word") in said(app.window))
    # From now on by file, in the sync centre.
    assert isinstance(app.window, Window)
    app.window.show_place(Place("transfer"))
    (room,) = app.window.findChildren(TransferRoom)
    QTest.mouseClick(room.tabs["by_hand"], LEFT)
    parcel = tmp_path / "gửi.soxa"
    room.by_hand.make_file(parcel)
    qtbot.waitUntil(lambda: str(parcel) in room.by_hand.made_words.text())
    back = tmp_path / "về.soxa"
    back.write_bytes(take_at_centre(centre, parcel.read_bytes(), Desk(centre, now_s).sync, now_s).answer)
    room.by_hand.look_at(back)
    qtbot.waitUntil(room.by_hand.go_on.isVisible)
    QTest.mouseClick(room.by_hand.go_on, LEFT)
    qtbot.waitUntil(lambda: app.store.waiting() == 0)
    # The file that enrolled it says so when it comes again.
    room.by_hand.look_at(answer)
    qtbot.waitUntil(room.fault.isVisible)
    assert room.fault.accessibleName() == say("errors.joined_already.title")


def test_an_address_is_all_that_it_needs_once_there_is_a_line(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    found = asked(qtbot, app, tmp_path / "đi.soxa", centre.enrolment.make_code(VILLAGE, PERSON, 7))
    found.look_at(at_centre(centre, tmp_path / "đi.soxa"))
    qtbot.waitUntil(found.go_on.isVisible)
    QTest.mouseClick(found.go_on, LEFT)
    qtbot.waitUntil(lambda: isinstance(app.window, Window))
    assert isinstance(app.window, Window)
    app.window.show_place(Place("settings"))
    (card,) = app.window.findChildren(ServerCard)
    assert say("settings.server.by_hand") in said(card)
    assert not card.findChildren(JoinByFile), "it belongs already"
    QTest.mouseClick(card._again, LEFT)
    (enrol,) = [one for one in card.findChildren(QPushButton) if one.text() == say("widgets.enrol.button")]
    assert not enrol.isEnabled()
    card.findChildren(QLineEdit)[0].setText("soxa.example")
    assert enrol.isEnabled()


@pytest.mark.parametrize("wrong", ["cut", "damaged", "asking", "other", "unproven"])
def test_every_wrong_file_is_a_sentence_and_what_was_typed_stays(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, tmp_path: Path, wrong: str
) -> None:
    app = make_app()
    path = tmp_path / "đi.soxa"
    found = asked(qtbot, app, path, centre.enrolment.make_code(VILLAGE, PERSON, 7))
    app.store.record_changes([(TYPED, "434")], "", NOW)
    answer = at_centre(centre, path)
    good = answer.read_bytes()
    faults = {"cut": "parcel_cut", "damaged": "parcel_damaged", "asking": "parcel_not_answer"}
    if wrong == "cut":
        answer.write_bytes(good[:-9])
    elif wrong == "damaged":
        answer.write_bytes(good[:-40] + b"?" + good[-39:])
    elif wrong == "asking":
        answer = path
    elif wrong == "other":
        faults[wrong] = "parcel_other_device"
        from sync.client.joining import ask

        with closing(Store.open(tmp_path / "other", bytes(32))) as other:
            path.write_bytes(ask(other, centre.enrolment.make_code(VILLAGE, PERSON, 7), "", "máy khác", 0))
        answer = at_centre(centre, path)
    else:
        faults[wrong] = "joined_unproven"
        with closing(app.open_store()) as store:
            store.db.execute("DELETE FROM meta WHERE name = 'joining'")
            wait_for(store, 0, "", bytes(32))
    found.look_at(answer)
    qtbot.waitUntil(fault_in(app.window).isVisible)
    assert fault_in(app.window).accessibleName() == say(f"errors.{faults[wrong]}.title")
    assert not found.go_on.isVisible()
    assert app.store.enrolment() is None
    assert app.store.shown(TYPED) is not None
    # The next file, which is right, takes the sentence away.
    if wrong in ("cut", "damaged"):
        answer.write_bytes(good)
        found.look_at(answer)
        qtbot.waitUntil(found.go_on.isVisible)
        assert not fault_in(app.window).isVisible()
        QTest.mouseClick(found.leave, LEFT)
        assert not found.state.isVisible()
        assert found.make.isVisible()


def test_a_stick_that_is_full_is_said(qtbot: QtBot, centre: Centre, make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    assert app.window is not None
    found = by_file_in(app.window)
    found.show_inside()
    app.window.findChildren(QLineEdit)[1].setText(centre.enrolment.make_code(VILLAGE, PERSON, 7))
    found.make_file(tmp_path / "no folder" / "đi.soxa")
    qtbot.waitUntil(fault_in(app.window).isVisible)
    assert fault_in(app.window).accessibleName() == say("errors.file_unwritable.title")
    assert found.make.isEnabled()
