"""A sync by hand at two PCs and a real centre: made, dropped, summed up, taken, handed on, and every wrong file."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.transfer.by_hand import ByHandPage
from desktop.transfer.listing import journal as listing
from desktop.transfer.listing import report
from desktop.transfer.room import TransferRoom
from sync.central.carrying import take as take_at_centre
from sync.central.centre import Centre
from sync.central.desk import Desk
from sync.client import http, parcels
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.store import CellState, Store, journal
from sync.store.journal import Way
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock
from tests.desktop.transfer.between import at_once, unmoved
from tests.desktop.transfer.conftest import VILLAGE, now_s

CELL = Key(VALUE, VILLAGE, "village_ct01", "A2026Q3")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def build(qtbot: QtBot, tmp_path: Path) -> Callable[[Store], TransferRoom]:
    kept: list[TransferRoom] = []

    def made(store: Store) -> TransferRoom:
        room = TransferRoom(store, catalogue(), Feed(), clock(), at_once(store), unmoved(tmp_path))
        qtbot.addWidget(room)
        kept.append(room)
        room.resize(1282, 682)
        room.show()
        QTest.mouseClick(room.tabs["by_hand"], LEFT)
        QCoreApplication.processEvents()
        return room

    return made


def drop(page: ByHandPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, keys = QPointF(page.drop.rect().center()), Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, LEFT, keys)
    page.dragEnterEvent(entered)
    assert entered.isAccepted()
    page.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, LEFT, keys))


def at_centre(centre: Centre, path: Path) -> Path:
    """What the command does there."""
    answer = path.with_name("tra-loi.soxa")
    answer.write_bytes(take_at_centre(centre, path.read_bytes(), Desk(centre, now_s).sync, now_s).answer)
    return answer


def test_a_file_is_made_carried_and_its_answer_taken(
    qtbot: QtBot,
    centre: Centre,
    pc: Callable[..., Store],
    build: Callable[[Store], TransferRoom],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = pc("village", VILLAGE)
    store.record_changes([(CELL, "434")], PERSON, NOW)
    room = build(store)
    page = room.by_hand
    assert page.waiting.text() == "Đang chờ gửi: 1 thay đổi"
    offered: list[str] = []

    def choose(_: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        offered.append(Path(name).name)
        return str(tmp_path / "usb" / "đi"), ""

    (tmp_path / "usb").mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    QTest.mouseClick(page.make, LEFT)
    assert offered == [f"soxa-{VILLAGE}-20261121-0915.soxa"]
    sent = tmp_path / "usb" / "đi.soxa"
    assert f"Đã lập {sent}" in page.made_words.text()
    assert "với 1 thay đổi." in page.made_words.text()
    answer = at_centre(centre, sent)
    drop(page, answer)
    assert "trung tâm trả lời máy này, lập lúc 21/11/2026 09:15" in page.summary_words.text()
    assert "Xác nhận 1 thay đổi" in page.summary_words.text()
    shown = store.shown(CELL)
    assert shown is not None
    assert shown.state is CellState.SENT, "nothing was taken yet"
    assert page.go_on.hasFocus() or not room.isActiveWindow()
    QTest.mouseClick(page.go_on, LEFT)
    shown = store.shown(CELL)
    assert shown is not None
    assert shown.state is CellState.RECEIVED
    assert not page.summary.isVisible()
    assert page.done_words.text().startswith("Đã nhận: trung tâm xác nhận 1 thay đổi")
    qtbot.waitUntil(lambda: page.waiting.text() == "Đang chờ gửi: 0 thay đổi")


def test_an_online_pc_hands_it_on(
    centre: Centre,
    pc: Callable[..., Store],
    build: Callable[[Store], TransferRoom],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    village, commune = pc("village", VILLAGE), pc("commune", COMMUNE.key)
    village.record_changes([(CELL, "434")], PERSON, NOW)
    sent = tmp_path / "đi.soxa"
    build(village).by_hand.make_file(sent)
    room = build(commune)
    page = room.by_hand
    page.look_at(sent)
    assert "tệp của một máy gửi lên trung tâm" in page.summary_words.text()
    assert page.go_on.text() == "Chuyển lên trung tâm"
    # Without a line first: the file stays, and the same button tries again.
    QTest.mouseClick(page.go_on, LEFT)
    assert room.fault.isVisible()
    assert page.summary.isVisible()
    monkeypatch.setattr(http, "hand_on", lambda server, carried: Desk(centre, now_s).parcel(carried))
    QTest.mouseClick(page.go_on, LEFT)
    assert not room.fault.isVisible()
    answer = tmp_path / "đi-tra-loi.soxa"
    assert str(answer) in page.done_words.text()
    other = build(village).by_hand
    other.look_at(answer)
    QTest.mouseClick(other.go_on, LEFT)
    shown = village.shown(CELL)
    assert shown is not None
    assert shown.state is CellState.RECEIVED


def test_every_wrong_file_is_a_sentence_and_changes_nothing(
    centre: Centre,
    pc: Callable[..., Store],
    build: Callable[[Store], TransferRoom],
    tmp_path: Path,
) -> None:
    village, commune = pc("village", VILLAGE), pc("commune", COMMUNE.key)
    village.record_changes([(CELL, "434")], PERSON, NOW)
    sent = tmp_path / "đi.soxa"
    build(village).by_hand.make_file(sent)
    answer = at_centre(centre, sent)
    room = build(commune)
    page = room.by_hand
    whole = answer.read_bytes()
    cut, large = tmp_path / "cut.soxa", tmp_path / "large.soxa"
    with large.open("wb") as file:
        file.truncate(2 << 30)
    for path, written, code in (
        (answer, whole, "parcel_other_device"),
        (cut, whole[: len(whole) // 2], "parcel_cut"),
        (cut, b"hello", "parcel_damaged"),
        (cut, b"", "parcel_damaged"),
        (large, None, "parcel_too_large"),
        (tmp_path / "gone.soxa", None, "file_missing"),
        (tmp_path, None, "file_is_folder"),
    ):
        if written is not None:
            path.write_bytes(written)
        told: list[EnvironmentFault] = []
        page.failed.connect(lambda fault, told=told: told.append(fault) if fault else None)
        page.look_at(path)
        assert [fault.code for fault in told] == [code]
        assert room.fault.isVisible()
        assert not page.summary.isVisible()
    page.look_at(sent)
    assert not room.fault.isVisible()
    QTest.mouseClick(page.leave, LEFT)
    assert not page.summary.isVisible()


def test_a_file_that_cannot_be_written_is_told(
    pc: Callable[..., Store], build: Callable[[Store], TransferRoom], tmp_path: Path
) -> None:
    store = pc("village", VILLAGE)
    room = build(store)
    room.by_hand.make_file(tmp_path / "no" / "đi.soxa")
    assert room.fault.isVisible()
    assert not room.by_hand.made.isVisible()
    assert room.by_hand.make.isEnabled()


def test_a_long_making_shows_how_far_it_is_and_can_be_given_up(
    qtbot: QtBot, centre: Centre, pc: Callable[..., Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = pc("village", VILLAGE)
    for year in range(2030, 2040):
        store.record_changes([(CELL._replace(period=f"A{year}Q3"), "434")], PERSON, NOW)
    monkeypatch.setattr(parcels, "MAX_PUSH", 1)
    go_on = Event()

    def between(
        work: Callable[[Store], object],
        done: Callable[[object], None],
        failed: Callable[[EnvironmentFault], None],
    ) -> None:
        def run() -> None:
            with closing(Store.open(tmp_path / "village", bytes(32))) as other:
                done(work(other))

        Thread(target=run).start()

    page = ByHandPage(store, Feed(), clock(), between)
    qtbot.addWidget(page)
    page.show()
    # The making waits at its third part until the screen has shown how far it is.
    hold = lambda done, of: go_on.wait(20) if done == 3 else None  # noqa: E731
    page._answer.moved.connect(hold, Qt.ConnectionType.DirectConnection)
    path = tmp_path / "đi.soxa"
    page.make_file(path)
    assert not page.progress.isVisible(), "most files take no time"
    qtbot.waitUntil(lambda: page.progress.isVisible() and page.bar.value() == 3)
    assert (page.bar.maximum(), page.make.isEnabled()) == (10, False)
    QTest.mouseClick(page.stop, LEFT)
    go_on.set()
    qtbot.waitUntil(page.make.isEnabled)
    assert not page.progress.isVisible()
    assert not page.made.isVisible()
    assert not path.exists()
    assert store.db.execute("SELECT count(*) FROM change WHERE sent_at NOT NULL").fetchone() == (0,)
    assert journal.read(store) == [], "what was given up went nowhere"
    # And once more, to the end.
    page.make_file(path)
    qtbot.waitUntil(page.made.isVisible)
    assert path.exists()
    (line,) = journal.read(store)
    assert (line.way, line.sent, line.up_bytes, line.file) == (Way.MADE, 10, path.stat().st_size, "đi.soxa")


def test_every_exchange_by_hand_stands_in_the_journal(
    centre: Centre,
    pc: Callable[..., Store],
    build: Callable[[Store], TransferRoom],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    village, commune = pc("village", VILLAGE), pc("commune", COMMUNE.key)
    village.record_changes([(CELL, "31298765")], PERSON, NOW)
    there, here = build(village), build(commune)
    sent, cut = tmp_path / "đi.soxa", tmp_path / "cut.soxa"
    there.by_hand.make_file(sent)
    cut.write_bytes(sent.read_bytes()[:40])
    here.by_hand.look_at(cut)
    here.by_hand.look_at(sent)
    QTest.mouseClick(here.by_hand.go_on, LEFT)
    monkeypatch.setattr(http, "hand_on", lambda server, carried: Desk(centre, now_s).parcel(carried))
    QTest.mouseClick(here.by_hand.go_on, LEFT)
    answer = tmp_path / "đi-tra-loi.soxa"
    there.by_hand.look_at(answer)
    QTest.mouseClick(there.by_hand.go_on, LEFT)
    taken, made = journal.read(village)
    assert (made.way, made.sent, made.up_bytes, made.file) == (Way.MADE, 1, sent.stat().st_size, "đi.soxa")
    assert (taken.way, taken.sent, taken.down_bytes) == (Way.TAKEN, 1, answer.stat().st_size)
    handed_on, failed, refused = journal.read(commune)
    assert (refused.way, refused.fault, refused.file) == (Way.REFUSED, "parcel_cut", "cut.soxa")
    assert (failed.way, failed.fault) == (Way.HANDED_ON, "server_unreachable")
    assert (handed_on.fault, handed_on.up_bytes, handed_on.down_bytes) == (
        "",
        sent.stat().st_size,
        answer.stat().st_size,
    )
    QTest.mouseClick(there.tabs["journal"], LEFT)
    row = listing(journal.read(village), NOW)[0]
    assert row.title.endswith("Đã nhận câu trả lời bằng tệp")
    assert row.detail.startswith("đi-tra-loi.soxa · gửi 1")
    assert there.lists["journal"].model().rowCount() == 2
    told = report(journal.read(village))
    assert "taken" in told
    assert "đi" not in told, "a file's name may say anything"
    assert "31298765" not in told


def test_an_answer_of_the_future_is_told_and_taken(
    centre: Centre, pc: Callable[..., Store], build: Callable[[Store], TransferRoom], tmp_path: Path
) -> None:
    store = pc("village", VILLAGE)
    store.record_changes([(CELL, "434")], PERSON, NOW)
    room = build(store)
    sent = tmp_path / "đi.soxa"
    room.by_hand.make_file(sent)
    later = now_s() + 40 * 365 * 86_400
    answer = tmp_path / "answer.soxa"
    answer.write_bytes(take_at_centre(centre, sent.read_bytes(), Desk(centre, now_s).sync, lambda: later).answer)
    room.by_hand.look_at(answer)
    assert f"{datetime.fromtimestamp(later, UTC):%Y}" in room.by_hand.summary_words.text()
    assert "hãy xem lại ngày giờ của máy" in room.by_hand.summary_words.text()
    QTest.mouseClick(room.by_hand.go_on, LEFT)
    assert store.waiting() == 0


def test_a_conflict_that_one_decides_is_over_at_the_other_who_sees_who_decided(
    qtbot: QtBot,
    centre: Centre,
    pc: Callable[..., Store],
    build: Callable[[Store], TransferRoom],
) -> None:
    village, commune = pc("village", VILLAGE, "An"), pc("commune", COMMUNE.key, "Hoa")

    def sync(store: Store) -> None:
        Session(store, centre.repository, now_s, lambda changes: None).run()

    for store in (village, commune):
        sync(store)
    village.record_changes([(CELL, "434")], "An", NOW)
    commune.record_changes([(CELL, "443")], "Hoa", NOW)
    for store in (village, commune, village):
        sync(store)
    there = build(village)
    QTest.mouseClick(there.tabs["conflicts"], LEFT)
    assert len(there.conflicts.cards) == 1
    here = build(commune)
    QTest.mouseClick(here.tabs["conflicts"], LEFT)
    (card,) = here.conflicts.cards
    QTest.keyClick(card, Qt.Key.Key_1)
    QTest.keyClicks(card.reason, "da goi thon")
    QTest.keyClick(card.reason, Qt.Key.Key_Return)
    sync(commune)
    sync(village)
    there._refresh()
    assert there.conflicts.cards == []
    shown = village.shown(CELL)
    assert shown is not None
    assert (shown.author, shown.rivals) == ("Hoa", ())
    assert "da goi thon" in shown.content
    assert village.history(CELL)[0].content == "434", "what was not chosen can still be read"
