"""Files of evidence on their way are listed with how far they are, and each waits, goes on or is tried again."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.transfer.files import Moving
from desktop.transfer.room import TransferRoom
from desktop.widgets.rows import Row
from desktop.widgets.words import say
from sync.client.evidence import Limits, Moved
from sync.domain.evidence import Evidence, key_of
from sync.domain.local_time import day_at
from sync.domain.media import Media
from sync.store import Store
from sync.store.evidence import attach, fetch
from sync.store.files import Files
from tests.desktop.drawn import pdf
from tests.desktop.sampled import COMMUNE, NOW, catalogue, clock, receive
from tests.desktop.transfer.between import at_once

ITEM = "01a199c5-3280-78f1-b693-cd208eb592d1"
UNIT = f"{COMMUNE.key}.010"
A4 = (595.0, 842.0)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def files(store: Store, tmp_path: Path) -> Iterator[Files]:
    opened = Files.open(tmp_path / "data", bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def woken() -> list[str]:
    """One for each time that files shall move now."""
    return []


@pytest.fixture
def build(qtbot: QtBot, store: Store, feed: Feed, tmp_path: Path, woken: list[str]) -> Callable[[Limits], TransferRoom]:
    def made(limits: Limits) -> TransferRoom:
        moving = Moving(lambda: Files.open(tmp_path / "data", bytes(32)), lambda: limits, lambda: woken.append("now"))
        room = TransferRoom(store, catalogue(), feed, clock(), at_once(store), moving)
        qtbot.addWidget(room)
        room.resize(1282, 682)
        room.show()
        room.tabs["files"].click()
        return room

    return made


@pytest.fixture
def room(build: Callable[[Limits], TransferRoom]) -> TransferRoom:
    return build(Limits())


def put(store: Store, files: Files, name: str, pages: int) -> str:
    """Attach a paper, and its hash."""
    changes = attach(store, files, UNIT, ITEM, name, io.BytesIO(pdf([A4] * pages)), NOW)
    (key,) = changes.keys
    shown = store.shown(key)
    assert shown is not None
    return Evidence.of(shown.content).sha256


def rows(room: TransferRoom) -> list[Row]:
    room._refresh()
    return [row for row in room.files.list.model().rows if isinstance(row, Row)]  # type: ignore[attr-defined]


def test_without_files_it_says_what_would_stand_here(room: TransferRoom) -> None:
    assert rows(room) == []
    assert not room.files.list.isVisible()
    assert room.tabs["files"].text() == say("transfer.tab.files")


def test_each_file_says_how_far_it_is_and_waits_by_its_button(
    qtbot: QtBot, room: TransferRoom, store: Store, files: Files, feed: Feed, woken: list[str]
) -> None:
    hashed = put(store, files, "Quyết định.pdf", 3)
    size = files.whole()[0].size
    files.was_sent(hashed, size // 2, at_centre=False)
    (row,) = rows(room)
    assert row.title == "Quyết định.pdf"
    assert row.pill == say("transfer.files.state.moving", percent=49 if size % 2 else 50)
    assert row.action == say("transfer.files.pause")
    found = room.files.list
    QTest.mouseClick(found.viewport(), LEFT, pos=found.button_area(found.model().index(0, 0)).center().toPoint())
    assert files.moving()[0].paused
    assert woken
    assert rows(room)[0].action == say("transfer.files.resume")
    found.setFocus()
    found.choose(hashed)
    QTest.keyClick(found, Qt.Key.Key_Return)
    assert not files.moving()[0].paused
    files.was_sent(hashed, size, at_centre=True)
    feed.file_moved.emit(Moved(hashed, size, size, up=True))
    qtbot.waitUntil(lambda: not found.isVisible())


def test_what_is_said_of_files_is_not_read_again_for_each_piece_that_moves(
    qtbot: QtBot, room: TransferRoom, store: Store, files: Files, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a province there may be many thousands, four times in a second."""
    hashed = put(store, files, "Quyết định.pdf", 3)
    size = files.whole()[0].size
    rows(room)
    read: list[str] = []
    monkeypatch.setattr(store, "contents", lambda kind, unit: read.append(kind))
    for percent in (20, 40):
        files.was_sent(hashed, size * percent // 100 + 1, at_centre=False)
        feed.file_moved.emit(Moved(hashed, files.moving()[0].sent, size, up=True))
        pill = say("transfer.files.state.moving", percent=percent)
        qtbot.waitUntil(lambda pill=pill: room.files.list.model().rows[0].pill == pill)  # type: ignore[attr-defined, misc]
    assert read == []


def test_a_refused_file_says_why_and_is_tried_again(room: TransferRoom, store: Store, files: Files) -> None:
    hashed = put(store, files, "a.pdf", 1)
    files.was_refused(hashed, "evidence_no_room")
    (row,) = rows(room)
    assert say("errors.evidence_no_room.title") in row.detail
    assert row.look == "warning"
    room.files.list.opened.emit(hashed)
    assert not files.moving()[0].fault


def test_what_is_fetched_comes_first(room: TransferRoom, store: Store, files: Files) -> None:
    put(store, files, "a.pdf", 1)
    said = Evidence("của thôn.jpg", "a" * 64, 1_000_000, Media.JPG)
    receive(store, [(key_of(UNIT, ITEM, "019324c1-5a00-7000-8000-000000000601"), [said.content()])], stream=COMMUNE.key)
    fetch(files, said)
    files.add(said.sha256, 0, bytes(250_000))
    first, _ = rows(room)
    assert first.title == "của thôn.jpg"
    assert first.pill == say("transfer.files.state.moving", percent=25)
    assert "250,0 kB" in first.detail


@pytest.mark.parametrize(
    ("limits", "moved", "key"),
    [
        (Limits(), 0, ""),
        (Limits(metered=True), 0, "metered"),
        (Limits(day_bytes=20_000_000), 1_000, ""),
        (Limits(day_bytes=20_000_000), 20_000_000, "spent"),
    ],
)
def test_what_keeps_files_is_told_in_a_line(
    build: Callable[[Limits], TransferRoom], store: Store, files: Files, limits: Limits, moved: int, key: str
) -> None:
    put(store, files, "a.pdf", 1)
    files.add_moved(day_at(NOW), moved)
    room = build(limits)
    rows(room)
    words = room.files.words.text()
    for one in ("metered", "spent"):
        assert (say(f"transfer.files.{one}") in words) is (one == key)
    assert words.startswith("1 tệp chờ gửi")
