"""A newer catalogue in a whole program: told, taken by hand or from the centre, kept, and never at the cost of what was
typed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.entry.room import EntryRoom
from desktop.shell.single import Single
from desktop.shell.window import Window
from desktop.transfer.room import TransferRoom
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.resources import ROOT
from desktop.widgets.words import say
from sync.central.centre import Centre, catalogue_file, make_centre, open_centre
from sync.client import http
from sync.client.loop import Phase, Status
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.exchange.catalogue import read, texts
from sync.store import Enrolment, Store
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, fill

GONE = "village_ct14"
TYPED = Key(VALUE, f"{COMMUNE.key}.001", GONE, "A2026Q3")
LEFT = Qt.MouseButton.LeftButton

MakeApp = Callable[[], App]


def now_s() -> int:
    return int(NOW.timestamp())


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    make_centre(tmp_path / "centre", "48", now_s)
    with closing(open_centre(tmp_path / "centre", catalogue(), now_s)) as opened:
        yield opened


def second(centre: Centre) -> bytes:
    """The second edition, in which one indicator has another name and one is gone."""
    files = {name: raw for name, raw in texts(ROOT / "catalogues").items() if isinstance(raw, bytes)}
    lines = {name: raw.decode().splitlines(keepends=True) for name, raw in files.items()}
    files = {name: "".join(line for line in found if GONE not in line).encode() for name, found in lines.items()}
    files["edition.csv"] = b"number\n2\n"
    return catalogue_file(read(files), files, centre.key, now_s)


@pytest.fixture
def make_app(qtbot: QtBot, tmp_path: Path, centre: Centre) -> Iterator[MakeApp]:
    """The commune's program in one folder, started again and again; it never has a line."""
    folder = tmp_path / "pc"
    folder.mkdir()
    (folder / "soxa.key").write_text("07" * 32, encoding="ascii")
    with closing(Store.open(folder, bytes.fromhex("07" * 32))) as store:
        key = bytes(centre.key.verify_key)
        store.keep_enrolment(Enrolment("", "centre", key, "48", COMMUNE.key, PERSON))
        fill(store)
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


def said(app: App) -> str:
    assert app.window is not None
    return "\n".join(label.text() for label in app.window.findChildren(QLabel))


def window(app: App) -> Window:
    assert isinstance(app.window, Window)
    return app.window


def test_it_is_taken_by_hand_seen_at_once_and_kept_through_restarts(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    own = app.catalogue.version
    app.store.record_changes([(TYPED, "5")], PERSON, NOW)
    file = tmp_path / "danh-muc.soxa"
    file.write_bytes(second(centre))
    window(app).show_place(Place("transfer"))
    (room,) = window(app).findChildren(TransferRoom)
    QTest.mouseClick(room.tabs["by_hand"], LEFT)
    room.by_hand.look_at(file)
    qtbot.waitUntil(room.by_hand.go_on.isVisible)
    assert "danh mục ấn bản 2 của trung tâm" in room.by_hand.summary_words.text()
    assert app.catalogue.edition == 1, "nothing was taken yet"
    QTest.mouseClick(room.by_hand.go_on, LEFT)
    qtbot.waitUntil(lambda: app.catalogue.edition == 2)
    qtbot.waitUntil(lambda: say("shell.catalogue", edition=2) in said(app))
    assert app.store.catalogue == app.catalogue.version != own
    assert GONE not in app.catalogue.indicators
    app = make_app()
    assert (app.catalogue.edition, app.store.edition) == (2, 2)
    # What was typed for what is gone still waits, and is told.
    assert app.store.waiting() == 1
    window(app).show_place(Place("transfer"))
    (room,) = window(app).findChildren(TransferRoom)
    QTest.mouseClick(room.tabs["waiting"], LEFT)
    qtbot.waitUntil(lambda: room.lists["waiting"].model().rowCount() >= 1)
    # The same file once more is a sentence.
    QTest.mouseClick(room.tabs["by_hand"], LEFT)
    room.by_hand.look_at(file)
    qtbot.waitUntil(room.fault.isVisible)
    assert room.fault.accessibleName() == say("errors.catalogue_old.title")


def test_the_centre_is_asked_once_after_a_sync_and_what_it_sends_is_used(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(_server: str, version: str) -> bytes:
        asked.append(version)
        return second(centre)

    monkeypatch.setattr(http, "catalogue_at", answer)
    app = make_app()
    own = app.catalogue.version
    qtbot.waitUntil(lambda: app.sync.loop is not None)
    for _ in range(3):
        app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW))
    qtbot.waitUntil(lambda: app.catalogue.edition == 2)
    assert asked == [own]


@pytest.mark.parametrize("answer", [b"", b"<html>Wi-Fi</html>", "fault"])
def test_a_centre_that_has_none_and_a_portal_are_no_matter(
    qtbot: QtBot, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, answer: bytes | str
) -> None:
    asked: list[str] = []

    def said_to(_server: str, version: str) -> bytes:
        asked.append(version)
        if isinstance(answer, str):
            raise EnvironmentFault("server_timeout")
        return answer

    monkeypatch.setattr(http, "catalogue_at", said_to)
    app = make_app()
    qtbot.waitUntil(lambda: app.sync.loop is not None)
    app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW))
    qtbot.waitUntil(lambda: bool(asked))
    done: list[object] = []
    app.sync.between(lambda store: None, done.append, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert app.catalogue.edition == 1
    assert not [panel for panel in window(app).findChildren(FaultPanel) if panel.isVisible()]


def test_what_is_being_typed_is_kept_when_it_comes(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "catalogue_at", lambda *_: second(centre))
    app = make_app()
    place = Place("entry", f"{COMMUNE.key}.001", "village_quarter", "A2026Q3", "village_ct01")
    window(app).show_place(place)
    (room,) = window(app).findChildren(EntryRoom)
    view = room._view
    view.setFocus()
    QTest.keyClicks(view, "4")
    (editor,) = view.findChildren(QLineEdit)
    QTest.keyClicks(editor, "37")
    assert editor.text() == "437"
    qtbot.waitUntil(lambda: app.sync.loop is not None)
    app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW))
    qtbot.waitUntil(lambda: app.catalogue.edition == 2)
    qtbot.waitUntil(lambda: app.store.waiting() == 1)
    shown = app.store.shown(Key(VALUE, f"{COMMUNE.key}.001", "village_ct01", "A2026Q3"))
    assert shown is not None
    assert shown.content == "437"


def test_one_that_a_program_of_another_time_cannot_read_is_said_and_typing_goes_on(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    done: list[object] = []

    def work(store: Store) -> object:
        from sync.client import catalogues

        return catalogues.take(store, second(centre), lambda changes: None)

    app.sync.between(work, done.append, done.append)
    qtbot.waitUntil(lambda: bool(done))

    def unread(_: object) -> object:
        raise EnvironmentFault("catalogue_invalid", errors=("indicators.csv:1: column_missing: weight",))

    monkeypatch.setattr("desktop.catalogue.read", unread)
    app = make_app()
    assert app.catalogue.edition == 1
    (panel,) = [panel for panel in window(app).findChildren(FaultPanel) if panel.isVisible()]
    assert panel.accessibleName() == say("errors.catalogue_unfit.title")
    assert "column_missing: weight" in "\n".join(label.text() for label in panel.findChildren(QLabel))


def test_a_program_that_brings_a_newer_one_of_its_own_works_by_that(
    qtbot: QtBot, centre: Centre, make_app: MakeApp
) -> None:
    app = make_app()
    done: list[object] = []

    def work(store: Store) -> object:
        from sync.client import catalogues

        return catalogues.take(store, second(centre), lambda changes: None)

    app.sync.between(work, done.append, done.append)
    qtbot.waitUntil(lambda: bool(done))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("desktop.app.load", lambda _: catalogue()._replace(edition=3, version="third"))
        app = make_app()
        assert (app.catalogue.version, app.store.catalogue, app.store.edition) == ("third", "third", 3)


def test_a_form_that_is_being_typed_waits_with_its_window(
    qtbot: QtBot, centre: Centre, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "catalogue_at", lambda *_: second(centre))
    app = make_app()
    fields = window(app).open_room("settings").findChildren(QLineEdit)
    field = next(field for field in fields if field.isVisible() and field.isEnabled() and not field.isReadOnly())
    QTest.keyClicks(field, "mot")
    qtbot.waitUntil(lambda: app.sync.loop is not None)
    app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW))
    qtbot.waitUntil(app._late.isActive)
    assert (app.store.kept_edition(), app.catalogue.edition) == (2, 1)
    assert field.text().endswith("mot")
    field.clear()
    qtbot.waitUntil(lambda: app.catalogue.edition == 2)
    assert say("shell.catalogue", edition=2) in said(app)
