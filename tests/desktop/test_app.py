"""A whole program in one data folder: from the first page to typing offline, in one window at a time."""

import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from desktop import VERSION
from desktop.app import App
from desktop.folders import choose_next_folder, folder_to_open
from desktop.opening import open_folder
from desktop.shell.crash import LOG, CrashDialog
from desktop.shell.help import Help
from desktop.shell.single import Single
from desktop.shell.unopened import Unopened
from desktop.shell.welcome import Welcome
from desktop.shell.window import Window
from desktop.widgets import words
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.resources import ROOT
from sync.client.loop import Phase, Status
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, STATUS, VALUE, Key
from sync.domain.rights import Grant, Role
from sync.domain.workflow import State
from sync.store import ChangeSet, Enrolment
from tests.desktop.sampled import COMMUNE, NOW, PERSON, enrol, fill, receive, say_people

MakeApp = Callable[[], App]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a key of its own, so that no keyring of this PC is asked."""
    (tmp_path / "soxa.key").write_text("07" * 32, encoding="ascii")
    return tmp_path


@pytest.fixture
def make_app(qtbot: QtBot, folder: Path) -> Iterator[MakeApp]:
    made: list[App] = []

    def make() -> App:
        single = Single(folder)
        assert single.is_first()
        made.append(App(folder, single))
        return made[-1]

    yield make
    for app in made:
        if app.window is not None:
            app.window.close()
        # Windows that were replaced are deleted by the event loop, which a test does not run.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        app.stop()


def test_a_new_folder_begins_with_the_first_page(make_app: MakeApp) -> None:
    app = make_app()
    app.start()
    assert isinstance(app.window, Welcome)
    app.window.started.emit("Thôn Ẳng Đông")
    assert isinstance(app.window, Window)
    assert app.window.open_name == "entry"
    assert app.preferences.own_name == "Thôn Ẳng Đông"


def test_the_next_start_opens_the_room_that_was_open(make_app: MakeApp) -> None:
    app = make_app()
    app.preferences.own_name, app.preferences.room = "Thôn 4", "settings"
    app.start()
    assert isinstance(app.window, Window)
    assert app.window.open_name == "settings"


@pytest.mark.parametrize("room", ["today", "entry", "tasks", "review", "transfer", "settings"])
def test_every_room_of_the_rail_opens(make_app: MakeApp, room: str) -> None:
    app = make_app()
    app.preferences.own_name = "Thôn 4"
    app.start()
    assert isinstance(app.window, Window)
    assert app.window.open_room(room).name == room


def test_f1_opens_the_page_of_the_screen(qtbot: QtBot, make_app: MakeApp) -> None:
    app = make_app()
    app.start()
    assert app.window is not None
    pages = []
    for name in ("", "Thôn 4"):
        app.preferences.own_name = name
        app.show()
        app.window.activateWindow()
        qtbot.waitUntil(app.window.isActiveWindow)
        QTest.keyClick(app.window.focusWidget() or app.window, Qt.Key.Key_F1)
        (shown,) = app.window.findChildren(Help)
        assert shown.isVisible()
        pages.append(shown.page)
    assert pages == ["welcome", "today"]


def test_another_language_builds_the_window_again_in_its_place(qapp: QApplication, make_app: MakeApp) -> None:
    app = make_app()
    app.preferences.own_name = "Thôn 4"
    app.start()
    old = app.window
    assert isinstance(old, Window)
    old.open_room("settings").look_chosen.emit()
    app.preferences.language = "en"
    app.show()
    assert isinstance(app.window, Window)
    assert app.window is not old
    assert app.window.open_name == "settings"
    assert words.language() == "en"
    visible = [widget for widget in qapp.topLevelWidgets() if isinstance(widget, Window) and widget.isVisible()]
    assert visible == [app.window]


@pytest.mark.parametrize(("height", "fills"), [(728, True), (1040, False)])
def test_a_first_window_fills_a_screen_that_is_too_small_for_it(
    monkeypatch: pytest.MonkeyPatch, make_app: MakeApp, height: int, fills: bool
) -> None:
    class Screen:
        def availableSize(self) -> QSize:
            return QSize(1366 if fills else 1920, height)

    for kind in (Window, Welcome):
        monkeypatch.setattr(kind, "screen", lambda _window: Screen())
    app = make_app()
    app.start()
    assert app.window is not None
    assert app.window.isMaximized() is fills
    app.window.started.emit("Thôn 4")  # type: ignore[union-attr]
    assert isinstance(app.window, Window)
    assert app.window.isMaximized() is fills


def test_another_start_that_does_not_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, folder: Path, make_app: MakeApp
) -> None:
    make_app()  # holds the folder and does not listen yet
    asked: list[str] = []

    def give_up(dialog: Unopened) -> bool:
        asked.extend(label.text() for label in dialog.findChildren(QLabel))
        return False

    monkeypatch.setattr(Unopened, "exec", give_up)
    assert open_folder(folder) is None
    assert words.say("errors.window_silent.title") in asked


def test_a_window_built_again_says_where_the_sync_stands(make_app: MakeApp) -> None:
    app = make_app()
    app.store.keep_enrolment(Enrolment("http://127.0.0.1", "centre", bytes(32), "48", "48.20194", "Hoa"))
    app.start()
    app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW))
    app.show()
    assert app.window is not None
    assert words.say("shell.phase.online.word") in [label.text() for label in app.window.findChildren(QLabel)]


def test_an_enrolment_of_the_command_line_that_fails_is_said(make_app: MakeApp) -> None:
    app = make_app()
    app.start("http://not-this-pc.example", "CODE")
    assert isinstance(app.window, Welcome)
    (panel,) = app.window.findChildren(FaultPanel)
    assert not panel.isHidden()
    assert panel.accessibleName() == words.say("errors.server_address_invalid.title")


def test_an_enrolment_is_seen_in_a_window_that_was_built_again_meanwhile(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make_app: MakeApp
) -> None:
    app, answered = make_app(), threading.Event()
    given = Enrolment("http://127.0.0.1", "centre", bytes(32), "48", "48.20308.004", "Hoa")

    def enrol(_server: str, _code: str) -> None:
        assert answered.wait(10)
        store = app.open_store()
        store.keep_enrolment(given)
        store.close()

    monkeypatch.setattr(app.enrolling, "enrol", enrol)
    app.start()
    old = app.window
    assert isinstance(old, Welcome)
    for field, typed in zip(old.findChildren(QLineEdit), ("soxa.example", "CODE"), strict=False):
        field.setText(typed)
    QTest.keyClick(old.findChildren(QLineEdit)[1], Qt.Key.Key_Return)
    old.language_chosen.emit("en")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    answered.set()
    qtbot.waitUntil(lambda: isinstance(app.window, Window))


def test_a_village_takes_what_was_typed_before_its_enrolment(make_app: MakeApp) -> None:
    app = make_app()
    app.store.record_changes([(Key(VALUE, OWN_UNIT, "households", "A2026Q3"), "312")], "", NOW)
    app.store.keep_enrolment(Enrolment("http://127.0.0.1", "centre", bytes(32), "48", "48.20308.004", "Hoa"))
    app._enrolled()
    shown = app.store.shown(Key(VALUE, "48.20308.004", "households", "A2026Q3"))
    assert shown is not None
    assert shown.content == "312"


def test_a_damaged_store_stops_the_start_and_is_not_touched(folder: Path, make_app: MakeApp) -> None:
    (folder / "soxa.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(EnvironmentFault) as raised:
        make_app()
    assert raised.value.code == "store_damaged"
    assert (folder / "soxa.db").read_bytes() == b"not a database" * 1000


def test_a_bug_of_ours_is_kept_and_shown_once(
    qtbot: QtBot, folder: Path, make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app()
    app.preferences.own_name = "Thôn 4"
    app.start()
    assert app.window is not None

    def fail() -> None:
        try:
            raise LookupError("312 hộ")
        except LookupError as error:
            app.crashes.take(LookupError, error, error.__traceback__)

    for _ in range(2):
        worker = threading.Thread(target=fail)
        worker.start()
        worker.join()
    qtbot.waitUntil(lambda: bool(app.window and app.window.findChildren(CrashDialog)))
    assert len(app.window.findChildren(CrashDialog)) == 1
    # Standard error ends in a log of the system's: what the error says, which is a value, is in neither.
    for told in ((folder / LOG).read_text(encoding="utf-8"), capsys.readouterr().err):
        assert told.count("LookupError") == 2
        assert "312" not in told


def test_a_bug_of_ours_that_nobody_can_be_told_is_kept_without_its_words(
    make_app: MakeApp, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __del__(self) -> None:
            raise LookupError("312 hộ")

    monkeypatch.setattr(sys, "unraisablehook", make_app().crashes.take_unraised)
    Broken()
    for told in ((folder / LOG).read_text(encoding="utf-8"), capsys.readouterr().err):
        assert "LookupError" in told
        assert "312" not in told


def test_whoever_develops_reads_on_a_terminal_what_an_error_says(
    make_app: MakeApp, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    make_app().crashes.take(LookupError, LookupError("312 hộ"), None)
    assert "312 hộ" in capsys.readouterr().err
    assert "312" not in (folder / LOG).read_text(encoding="utf-8")


def test_the_version_is_that_of_the_package() -> None:
    packaged = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert packaged["project"]["version"] == VERSION


def test_working_offline_is_kept(make_app: MakeApp) -> None:
    app = make_app()
    app.preferences.own_name = "Thôn 4"
    app.start()
    app._offline_chosen(True)
    assert app.preferences.offline
    app._sync_now()
    assert not app.preferences.offline


def test_the_folder_of_the_command_line_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "user"))
    assert folder_to_open(tmp_path / "given") == tmp_path / "given"
    assert folder_to_open(None).name == "soxa"
    choose_next_folder(tmp_path / "Dữ liệu xã")
    assert folder_to_open(None) == tmp_path / "Dữ liệu xã"
    assert folder_to_open(tmp_path / "given") == tmp_path / "given"


def test_the_window_follows_what_the_centre_says_of_who_is_here(make_app: MakeApp) -> None:
    app = make_app()
    enrol(app.store)
    fill(app.store)
    app.start()
    before = app.window
    assert app.store.sees is None
    village = f"{COMMUNE.key}.004"
    app.feed.changed.emit(say_people(app.store, {PERSON: (Grant(Role.VILLAGE_ENTRY, village, Sensitivity.INTERNAL),)}))
    assert app.window is not before
    enrolment = app.store.enrolment()
    assert enrolment is not None
    assert enrolment.unit == village
    assert app.store.sees is not None
    assert {key.item for key in app.store.cells(VALUE, village)} >= {"village_ct01"}
    assert "village_ct03" not in {key.item for key in app.store.cells(VALUE, village)}
    assert app.store.cells(VALUE, f"{COMMUNE.key}.001") == {}


def test_a_reason_that_is_being_written_outlives_what_the_centre_says_of_who_is_here(
    make_app: MakeApp, qtbot: QtBot
) -> None:
    app = make_app()
    enrol(app.store)
    fill(app.store)
    app.start()
    before = app.window
    assert isinstance(before, Window)
    room = before.open_room("review")
    room.show_place(Place("review", f"{COMMUNE.key}.001", "village_quarter", "A2026Q2"))
    QTest.keyClicks(room.panel.comment, "Thieu 4 ho")
    # Meanwhile the form goes on.
    step = Key(STATUS, f"{COMMUNE.key}.001", "village_quarter", "A2026Q2")
    app.feed.changed.emit(ChangeSet(receive(app.store, [(step, ['{"state":"submitted"}'])], stream=COMMUNE.key)))
    qtbot.waitUntil(lambda: State.APPROVED in room.panel.steps)
    held = (Grant(Role.COMMUNE_APPROVAL, COMMUNE.key, Sensitivity.INTERNAL),)
    app.feed.changed.emit(say_people(app.store, {PERSON: held}))
    assert app.window is before
    assert room.panel.comment.text() == "Thieu 4 ho"
    room.panel.comment.clear()
    qtbot.waitUntil(lambda: app.window is not before)


def test_nothing_begins_after_the_end(make_app: MakeApp, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits until the window stands must not find a store that is closed."""
    monkeypatch.setattr("desktop.app._SYNC_AFTER_MS", 1)
    app = make_app()
    app.start()
    app.stop()
    qtbot.wait(20)
    assert app.sync.loop is None


def test_only_an_administrator_has_the_room_of_administration(make_app: MakeApp) -> None:
    app = make_app()
    enrol(app.store)
    fill(app.store)
    app.preferences.room = "admin"
    app.start()
    assert isinstance(app.window, Window)
    assert app.window.open_name == "today"
    held = (Grant(Role.ADMINISTRATOR, COMMUNE.key, Sensitivity.INTERNAL),)
    app.feed.changed.emit(say_people(app.store, {PERSON: held}))
    assert isinstance(app.window, Window)
    assert app.window.open_room("admin").name == "admin"
    app.feed.changed.emit(say_people(app.store, {PERSON: ()}))
    assert isinstance(app.window, Window)
    assert app.window.open_name == "today"
