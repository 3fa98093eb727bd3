"""A folder with passwords, in the whole program: sign in, lock, go on, switch people; what was typed is never lost."""

import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import sync.store.people
import sync.store.rekeying
from desktop.app import App
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.settings.people import PeopleCard
from desktop.shell.idle import Idle
from desktop.shell.notifier import SystemTray
from desktop.shell.sign_in import SignIn
from desktop.shell.single import Single
from desktop.shell.window import Window
from desktop.tasks.room import TasksRoom
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.reminder import Reminder
from desktop.widgets.words import say
from sync.client.loop import Phase, Status
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, VALUE, Key
from sync.domain.rights import Grant, Role
from sync.protocol.locked import Cost
from sync.store import Store
from sync.store.files import Files
from sync.store.files_database import FILE_NAME as FILES
from sync.store.key import has_people
from sync.store.people import People
from sync.store.pieces import PIECE_BYTES
from tests.desktop.sampled import COMMUNE, NOW, PERSON, enrol, fill, say_people
from tests.sync.store.test_files import damaged, pdf

AN = "Trần Văn An"
PASSWORD, OTHER = "mot hai ba bon", "nam sau bay tam"
FORM, PERIOD, VILLAGE = "village_quarter", "A2026Q3", f"{COMMUNE.key}.001"

MakeApp = Callable[[], App]


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that cost next to nothing to try."""
    monkeypatch.setattr(sync.store.people, "People", partial(People, cost=Cost(1, 1)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An enrolled PC with the sample commune on it, and no password yet."""
    made = tmp_path / "data"
    made.mkdir()
    (made / "soxa.key").write_text("07" * 32, encoding="ascii")
    store = Store.open(made, b"\7" * 32)
    enrol(store)
    fill(store)
    store.close()
    return made


@pytest.fixture
def shared(folder: Path) -> Path:
    """The same, with two people."""
    people = People(folder, cost=Cost(1, 1))
    people.let_in(b"\7" * 32)
    people.put(PERSON, PASSWORD)
    people.put(AN, OTHER)
    return folder


@pytest.fixture
def make_app(qtbot: QtBot, folder: Path) -> Iterator[MakeApp]:
    made: list[tuple[App, Single]] = []

    def make() -> App:
        single = Single(folder)
        assert single.is_first()
        app = App(folder, single, lambda: NOW)
        made.append((app, single))
        app.start()
        return app

    yield make
    for app, single in made:
        end(app, single)


def end(app: App, single: Single | None = None) -> None:
    app.stop()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    (single or app._single).release()


def page_of(app: App) -> SignIn:
    page = app.lock.page
    assert page is not None
    return page


def window_of(app: App) -> Window:
    assert isinstance(app.window, Window)
    return app.window


def sign_in(qtbot: QtBot, app: App, name: str, password: str) -> None:
    page = page_of(app)
    page.activateWindow()
    qtbot.waitUntil(page.password.hasFocus)
    while page.name != name:
        QTest.keyClick(page.password, Qt.Key.Key_Down if name == AN else Qt.Key.Key_Up)
    QTest.keyClicks(page.password, password)
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.lock.page is None)


def shown_windows() -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if one.isVisible()]


def press(qtbot: QtBot, widget: QWidget, keys: str) -> None:
    widget.window().activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    for sign in keys:
        focus = QApplication.focusWidget() or widget
        if sign == "\n":
            QTest.keyClick(focus, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(focus, sign)


def at_cell(qtbot: QtBot, app: App) -> GridView:
    window_of(app).show_place(Place("entry", VILLAGE, FORM, PERIOD, "village_ct01"))
    grid = window_of(app).findChild(GridView)
    assert grid is not None
    return grid


def typed(app: App) -> tuple[str, str]:
    """The content of the cell and its author."""
    shown = app.store.shown(Key(VALUE, VILLAGE, "village_ct01", PERIOD))
    return (shown.content, shown.author) if shown else ("", "")


def test_nothing_is_shown_before_the_password(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    assert app.window is None
    assert shown_windows() == [page_of(app)]
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert shown_windows() == [window_of(app)]
    assert app.store.author() == PERSON
    assert app.preferences.person == PERSON


def test_before_the_password_no_thread_takes_what_lies_here_for_damaged(
    qtbot: QtBot, shared: Path, make_app: MakeApp
) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    app.open_files().close()
    app._presence.key, key = b"", app._presence.key
    for opener in (app.open_files, app.open_store):
        with pytest.raises(EnvironmentFault, match="store_busy"):
            opener()
    app._presence.key = key
    app.open_files().close()
    assert not list(shared.glob("*damaged*"))


def test_without_a_password_everything_is_as_it_was(folder: Path, make_app: MakeApp) -> None:
    app = make_app()
    assert isinstance(app.window, Window)
    assert not has_people(folder)
    app.shut()
    assert shown_windows() == [app.window]


def test_the_first_password_is_set_in_the_settings_and_asked_from_then_on(
    qtbot: QtBot, folder: Path, make_app: MakeApp
) -> None:
    app = make_app()
    room = window_of(app).open_room("settings")
    fields = room.findChild(PeopleCard).findChildren(QLineEdit)
    assert fields[0].text() == PERSON
    assert room.people.form is not None
    for field in (room.people.form.new, room.people.form.again):
        press(qtbot, field, PASSWORD)
    QTest.keyClick(room.people.form.again, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.store.person == PERSON)
    assert window_of(app).open_name == "settings"
    assert has_people(folder)
    assert not (folder / "soxa.key").exists()
    end(app)
    later = make_app()
    assert later.window is None
    sign_in(qtbot, later, PERSON, PASSWORD)
    assert window_of(later).open_name == "settings"


def test_what_is_being_typed_is_stored_before_it_is_covered(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    grid = at_cell(qtbot, app)
    press(qtbot, grid, "417")
    QTest.keyClick(window_of(app), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert typed(app) == ("417", PERSON)
    assert shown_windows() == [page_of(app)]


def test_who_comes_back_finds_everything_as_it_was(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    at_cell(qtbot, app)
    window = window_of(app)
    dialog = QDialog(window)
    dialog.open()
    app.shut()
    assert shown_windows() == [page_of(app)]
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app.window is window
    assert window.isVisible()
    assert dialog.isVisible()
    dialog.close()


def test_the_author_is_who_is_signed_in(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    press(qtbot, at_cell(qtbot, app), "417\n")
    app.shut()
    sign_in(qtbot, app, AN, OTHER)
    assert app.store.author() == AN
    assert typed(app) == ("417", PERSON)
    press(qtbot, at_cell(qtbot, app), "418\n")
    assert typed(app) == ("418", AN)
    # Nobody takes back what another did.
    QTest.keyClick(QApplication.focusWidget() or window_of(app), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(QApplication.focusWidget() or window_of(app), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert typed(app) == ("417", AN)


def test_everyone_finds_their_own_place(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    window_of(app).open_room("tasks")
    app.shut()
    sign_in(qtbot, app, AN, OTHER)
    assert window_of(app).open_name == "today"
    window_of(app).open_room("entry")
    app.shut()
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert window_of(app).open_name == "tasks"


def test_half_a_progress_update_waits_for_who_typed_it(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()

    def words() -> QLineEdit:
        room = window_of(app).open_room("tasks")
        assert isinstance(room, TasksRoom)
        room.list.setFocus()
        QTest.keyClick(room.list, Qt.Key.Key_Home)
        return room.page.form.percent

    sign_in(qtbot, app, PERSON, PASSWORD)
    press(qtbot, words(), "63")
    app.shut()
    sign_in(qtbot, app, AN, OTHER)
    assert words().text() == ""
    app.shut()
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert words().text() == "63"


def test_nobody_takes_over_from_values_that_could_not_be_stored(
    qtbot: QtBot, shared: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    grid = at_cell(qtbot, app)

    def full(*_: object) -> None:
        raise EnvironmentFault("disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(app.store, "record_changes", full)
        press(qtbot, grid, "417\n")
    assert window_of(app).unsaved() == 1
    window = app.window
    app.shut()
    page = page_of(app)
    qtbot.waitUntil(page.password.hasFocus)
    QTest.keyClick(page.password, Qt.Key.Key_Down)
    QTest.keyClicks(page.password, OTHER)
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    panel = page.findChild(FaultPanel)
    assert panel is not None
    qtbot.waitUntil(panel.isVisible)
    assert panel.accessibleName() == say("errors.people_unsaved.title")
    assert app.store.person == PERSON
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app.window is window
    room = window_of(app).open_room("entry")
    assert isinstance(room, EntryRoom)
    assert room._try_again()
    assert typed(app) == ("417", PERSON)


def test_the_sync_goes_on_behind_the_lock(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    window = window_of(app)
    app.shut()
    app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW))
    app.feed.changed.emit(app.store.record_changes([(Key(VALUE, VILLAGE, "village_ct02", PERIOD), "5")], PERSON, NOW))
    QTest.qWait(200)
    assert shown_windows() == [page_of(app)]
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app.window is window


def test_what_comes_behind_the_lock_is_told_once_whoever_it_concerns_is_back(
    qtbot: QtBot, shared: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def show(_tray: SystemTray, title: str, _text: str) -> bool:
        told.append(title)
        return True

    monkeypatch.setattr(SystemTray, "show_message", show)
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    app.shut()
    told.clear()
    app.reminding.remind([Reminder("one", "Bị trả lại: Biểu thôn", "Sai dòng 2", Place("entry"))])
    assert told == []
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert told == ["Bị trả lại: Biểu thôn"]
    app.shut()
    told.clear()
    app.reminding.remind([Reminder("two", "Bị trả lại: Biểu xã", "Sai dòng 3", Place("entry"))])
    assert told == []
    sign_in(qtbot, app, AN, OTHER)
    assert not any("Biểu xã" in title for title in told), "it is not theirs"


def test_another_look_while_it_is_locked_uncovers_nothing(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    app.shut()
    page_of(app).language_chosen.emit("en")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    page = page_of(app)
    assert shown_windows() == [page]
    assert say("shell.sign_in.button") in [button.text() for button in page.findChildren(QPushButton)]
    app._enrolled()
    assert shown_windows() == [page_of(app)]
    sign_in(qtbot, app, PERSON, PASSWORD)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert shown_windows() == [window_of(app)]


def test_a_dialog_that_opens_by_itself_stays_hidden_too(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    app.shut()
    late = QDialog(app.window)
    late.show()
    late.activateWindow()
    qtbot.waitUntil(lambda: shown_windows() == [page_of(app)])
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert late.isVisible()
    late.close()


def test_another_start_raises_the_page_and_not_what_is_behind_it(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    assert app._front() is page_of(app)
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app._front() is app.window
    app.shut()
    assert app._front() is page_of(app)


def test_closing_the_page_ends_the_program(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    app.shut()
    asked: list[bool] = []
    window_of(app).closeEvent = lambda event: asked.append(True)  # type: ignore[method-assign]
    assert page_of(app).close()
    assert asked == [True]


def test_a_store_that_cannot_be_opened_is_said_on_the_page(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    whole = (shared / "soxa.db").read_bytes()
    (shared / "soxa.db").write_bytes(whole[:16] + bytes(len(whole) - 16))
    app = make_app()
    page = page_of(app)
    qtbot.waitUntil(page.password.hasFocus)
    QTest.keyClicks(page.password, PASSWORD)
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    panel = page.findChild(FaultPanel)
    assert panel is not None
    qtbot.waitUntil(panel.isVisible)
    assert panel.accessibleName() == say("errors.store_damaged.title")
    (shared / "soxa.db").write_bytes(whole)
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert window_of(app).isVisible()


def test_a_copied_folder_asks_for_the_password(qtbot: QtBot, shared: Path, make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    end(app)
    stolen = tmp_path / "stolen"
    shutil.copytree(shared, stolen)
    thief = App(stolen, Single(stolen), lambda: NOW)
    thief.start()
    assert not hasattr(thief, "store")
    assert shown_windows() == [page_of(thief)]
    end(thief)


def test_a_damaged_file_of_passwords_and_a_key_still_in_the_open_let_in(folder: Path, make_app: MakeApp) -> None:
    (folder / "soxa.people").write_bytes(b"damaged")
    app = make_app()
    window = window_of(app)
    panel = window.findChild(FaultPanel)
    assert panel is not None
    assert panel.accessibleName() == say("errors.people_damaged.title")
    assert app.store.cells(VALUE, OWN_UNIT) == {}


# Idle


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize("runs", [0, 1])
def test_it_locks_after_the_minutes_chosen_by_whichever_clock_runs(qtbot: QtBot, runs: int) -> None:
    clocks = (Clock(), Clock())
    idle = Idle(lambda: 300.0, clocks)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    idle.start()
    heard: list[bool] = []
    idle.idle.connect(lambda: heard.append(True))
    clocks[runs].now_s = 299.0
    idle.look()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    clocks[runs].now_s = 598.0
    idle.look()
    assert heard == []
    QTest.mouseMove(window.windowHandle(), QPoint(10 + runs, 10))
    QCoreApplication.processEvents()
    clocks[runs].now_s = 897.0
    idle.look()
    assert heard == []
    clocks[1 - runs].now_s = -(10.0**9)  # a clock set back helps nobody
    clocks[runs].now_s = 899.0
    idle.look()
    assert heard == [True]
    idle.stop()


def test_an_idle_pc_locks_itself(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    app.preferences.idle_minutes = 5
    sign_in(qtbot, app, PERSON, PASSWORD)
    idle = app.lock._idle
    idle._touched = [time.monotonic() - 299, time.time() - 299]
    idle.look()
    assert shown_windows() == [window_of(app)]
    idle._touched = [time.monotonic() - 301, time.time()]
    idle.look()
    assert shown_windows() == [page_of(app)]


def test_whoever_is_left_gives_the_store_another_key(
    qtbot: QtBot, shared: Path, make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    press(qtbot, at_cell(qtbot, app), "417\n")
    kept = tmp_path / "kept"
    shutil.copytree(shared, kept)
    window_of(app).open_room("settings")
    card = window_of(app).findChild(PeopleCard)
    assert card is not None
    card._remove(AN)
    # Everything is closed, and nobody is in until it has its new key.
    qtbot.waitUntil(lambda: app.lock.page is not None)
    assert app.window is None
    assert not app._presence.key
    page = page_of(app)
    told: list[tuple[int, int]] = []
    page._errand.told.connect(lambda done, of: told.append((done, of)))
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app.people.fault is None
    assert told
    assert app.people.key not in (None, b"\7" * 32)
    assert typed(app) == ("417", PERSON)
    press(qtbot, at_cell(qtbot, app), "418\n")
    assert typed(app) == ("418", PERSON)
    qtbot.waitUntil(lambda: app.sync.loop is not None)
    theirs = People(kept, cost=Cost(1, 1)).sign_in(AN, OTHER)
    with pytest.raises(EnvironmentFault):
        Store.open(shared, theirs)
    end(app)
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert typed(app) == ("418", PERSON)


def test_a_disk_that_is_full_lets_in_under_the_key_as_it_was_and_says_so(
    qtbot: QtBot, shared: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = People(shared, cost=Cost(1, 1))
    people.sign_in(PERSON, PASSWORD)
    people.remove(AN)

    def full(*_: object) -> None:
        raise EnvironmentFault("disk_full", folder=str(shared))

    monkeypatch.setattr(sync.store.rekeying, "change_key", full)
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app.people.key == b"\7" * 32
    (fault,) = [one for one in window_of(app).findChildren(FaultPanel) if one.isVisible()]
    assert say("errors.disk_full.title") in "".join(label.text() for label in fault.findChildren(QLabel))


def test_a_damaged_database_lets_in_under_the_key_as_it_was_and_says_so(
    qtbot: QtBot, shared: Path, make_app: MakeApp
) -> None:
    files = Files.open(shared, b"\7" * 32)
    files.keep(BytesIO(pdf(4 * PIECE_BYTES)))
    files.close()
    damaged(shared, (shared / FILES).stat().st_size // 2)
    before = (shared / FILES).read_bytes()
    people = People(shared, cost=Cost(1, 1))
    people.sign_in(PERSON, PASSWORD)
    people.remove(AN)
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    assert app.people.key == b"\7" * 32
    assert (shared / FILES).read_bytes() == before
    (fault,) = [one for one in window_of(app).findChildren(FaultPanel) if one.isVisible()]
    assert say("errors.evidence_damaged.title") in "".join(label.text() for label in fault.findChildren(QLabel))


def test_new_rights_wait_for_a_form_that_somebody_fills_in(qtbot: QtBot, shared: Path, make_app: MakeApp) -> None:
    app = make_app()
    sign_in(qtbot, app, PERSON, PASSWORD)
    before = window_of(app)
    before.open_room("settings")
    card = before.findChild(PeopleCard)
    assert card is not None
    card._add()
    assert card.form is not None
    before.activateWindow()
    card.form.name.setFocus()
    qtbot.waitUntil(card.form.name.hasFocus)
    QTest.keyClicks(card.form.name, "Chi")
    app.feed.changed.emit(
        say_people(app.store, {PERSON: (Grant(Role.COMMUNE_ENTRY, COMMUNE.key, Sensitivity.PUBLIC),)})
    )
    # What may be seen is so at once, what is being typed stays.
    assert app.store.sees is not None
    assert not app.store.sees(Key(VALUE, VILLAGE, "village_ct14", PERIOD))
    assert app._late.isActive()
    assert app.window is before
    assert card.form.name.text() == "Chi"
    QTest.keyClick(card.form, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: app.window is not before)
    assert window_of(app).open_name == "settings"
    # Where nothing is being typed it is so at once.
    again = window_of(app)
    app.feed.changed.emit(say_people(app.store, {PERSON: ()}))
    assert app.window is not again
