"""Files become evidence by drag and drop, by paste and by button; what cannot is told, and the rest is taken."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks import attaching
from desktop.tasks.room import TasksRoom
from desktop.tasks.sources import Source
from desktop.widgets import formats, work
from desktop.widgets.place import Place
from desktop.widgets.preview import Preview
from desktop.widgets.rows import Row
from desktop.widgets.words import say
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import MAX_BYTES, Evidence, key_of
from sync.domain.keys import EVIDENCE, TASK, Key
from sync.domain.media import Media
from sync.domain.rights import Grant, Role
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import TaskState, content_of
from sync.domain.values import CLEARED
from sync.store import ChangeSet, Store
from sync.store.evidence import Where, of_task
from sync.store.files import Files
from tests.desktop.drawn import PLACE, encoded, gif, pdf, photo, png_that_claims, screen, taken
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, means, push, receive, say_people
from tests.sync.store.test_files import damaged

ITEM = "01a199c5-3280-78f1-b693-cd208eb592d1"
UNIT = f"{COMMUNE.key}.010"
A4 = (595.0, 842.0)
CTRL = Qt.KeyboardModifier.ControlModifier
WAIT_MS = 20_000


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def open_again(tmp_path: Path) -> Callable[[], Store]:
    return lambda: Store.open(tmp_path / "data", bytes(32))


@pytest.fixture
def room(
    qtbot: QtBot, store: Store, feed: Feed, settings: QSettings, open_again: Callable[[], Store]
) -> Iterator[TasksRoom]:
    made = TasksRoom(store, open_again, catalogue(), feed, clock(), settings, means(settings))
    qtbot.addWidget(made)
    made.resize(1282, 682)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.show_place(Place("tasks", task=ITEM))
    yield made
    qtbot.waitUntil(lambda: not work._running, timeout=WAIT_MS)
    QGuiApplication.clipboard().clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Ảnh của tôi"
    made.mkdir()
    return made


def docx(text: str = "Biên bản") -> bytes:
    """A document by its content, with nothing in it."""
    made, kind = BytesIO(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with ZipFile(made, "w") as archive:
        archive.writestr(ZipInfo("[Content_Types].xml"), f'<Types><Override ContentType="{kind}"/></Types>')
        archive.writestr(ZipInfo("word/document.xml"), text)
    return made.getvalue()


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def dragged(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(room: TasksRoom, data: QMimeData) -> None:
    """Let `data` fall onto the page, as the window system does."""
    viewport, buttons, keys = room.page.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(40, 40), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(viewport, enter)
    if enter.isAccepted():
        QApplication.sendEvent(viewport, QDropEvent(QPointF(40, 40), Qt.DropAction.CopyAction, data, buttons, keys))


def rows(room: TasksRoom) -> list[Row]:
    found = room.proving.panel.list.model().rows  # type: ignore[attr-defined]
    return [row for row in found if isinstance(row, Row)]


def names(room: TasksRoom) -> list[str]:
    return [row.title for row in rows(room)]


def body(room: TasksRoom) -> QWidget:
    """What the page scrolls."""
    found = room.page.widget()
    assert found is not None
    return found


def wait_for(qtbot: QtBot, room: TasksRoom, count: int) -> None:
    """Until all that was asked for is done, and so many are listed."""
    qtbot.waitUntil(lambda: room.proving._work is None and len(rows(room)) == count, timeout=WAIT_MS)


def told(room: TasksRoom) -> str:
    """What is said of files that were not taken."""
    panel = room.proving.panel
    return panel.refused_words.text() if panel.refused.isVisible() else ""


def stored(tmp_path: Path, store: Store) -> dict[str, bytes]:
    """The bytes of each piece of evidence, by its name."""
    files = Files.open(tmp_path / "data", bytes(32))
    found = {}
    for one in of_task(store, files, UNIT, ITEM):
        with files.opened(one.evidence.sha256) as whole:
            found[one.evidence.name] = whole.read()
            assert sha256(found[one.evidence.name]).hexdigest() == one.evidence.sha256
    files.close()
    return found


def close_task(store: Store, feed: Feed) -> None:
    """The task was confirmed elsewhere."""
    state = Key(TASK, UNIT, ITEM, "", "state")
    feed.changed.emit(ChangeSet(receive(store, [(state, [content_of(TaskState.COMPLETED)])], stream=COMMUNE.key)))


def test_the_page_says_how_to_begin(room: TasksRoom) -> None:
    panel = room.proving.panel
    assert panel.about.text() == say("tasks.evidence.empty")
    assert not panel.list.isVisible()
    assert panel.add.isVisible()
    assert not panel.look.isVisible()
    assert not (Path(room._settings.fileName()).parent / "data" / "soxa-files.db").exists(), "nothing to open yet"


def test_ten_files_with_a_bad_one_are_nine(
    qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path, store: Store
) -> None:
    good = [put(folder, f"Ảnh {place}.jpg", taken(photo(800, 600, place), 6)) for place in range(6)]
    good.append(put(folder, "Quyết định.pdf", pdf([A4])))
    good.append(put(folder, "Biên bản.docx", docx()))
    good.append(put(folder, "chụp.png", encoded(screen(640, 400), "png")))
    bad = put(folder, "cai-dat.pdf", b"#!/bin/sh\nrm -rf /\n")
    drop(room, dragged(*good[:4], bad, *good[4:]))
    wait_for(qtbot, room, 9)
    assert names(room) == [path.name for path in good]
    assert told(room).startswith("cai-dat.pdf: ")
    assert say("errors.evidence_kind.way_out") in told(room)
    assert {row.pill for row in rows(room)} == {say("tasks.evidence.state.here", percent=0)}
    assert all(PERSON in row.detail for row in rows(room))
    assert room.proving.panel.title.text() == say("tasks.evidence.title", count=9)
    kept = stored(tmp_path, store)
    assert kept["Quyết định.pdf"] == good[6].read_bytes()
    upright = QImage.fromData(kept["Ảnh 0.jpg"])
    assert (upright.width(), upright.height()) == (600, 800)
    assert not any(PLACE in data for data in kept.values())


def test_what_could_not_be_taken_away_stands_and_says_why(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    cell = key_of(UNIT, ITEM, "019324c1-5a00-7000-8000-000000000801")
    said = Evidence("Biên bản.pdf", "ab" * 32, 1000, Media.PDF).content()
    receive(store, [(cell, [said])], PERSON, COMMUNE.key)
    changes = store.record_changes([(cell, CLEARED)], PERSON, NOW)
    push(store, parked="not_yours_to_decide")
    feed.changed.emit(changes)
    wait_for(qtbot, room, 1)
    (row,) = rows(room)
    assert row.title == "Biên bản.pdf"
    assert row.pill == say("tasks.evidence.state.stands")
    assert formats.reason("not_yours_to_decide") in row.detail


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("rỗng.pdf", b"", "evidence_empty"),
        ("rỗng.jpg", b"", "evidence_empty"),
        ("lệnh.pdf", b"MZ\x90\x00", "evidence_kind"),
        ("trang.jpg", b"<html><script>alert(1)</script>", "evidence_kind"),
        ("BM.txt", b"BMI cua tre em", "evidence_kind"),
        ("bom.png", png_that_claims(60_000, 60_000), "picture_huge"),
        ("hỏng.jpg", encoded(photo(400, 300), "jpeg")[:2_000], "picture_damaged"),
    ],
)
def test_a_bad_file_is_told_and_nothing_of_it_stays(
    qtbot: QtBot, room: TasksRoom, folder: Path, store: Store, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    drop(room, dragged(put(folder, name, data)))
    qtbot.waitUntil(lambda: say(f"errors.{code}.title") in told(room), timeout=WAIT_MS)
    assert told(room).startswith(f"{name}: ")
    wait_for(qtbot, room, 0)
    assert not store.select(EVIDENCE, COMMUNE.key)
    files = Files.open(tmp_path / "data", bytes(32))
    assert not files.whole()
    files.close()


def test_a_file_that_is_too_large_is_not_read_to_its_end(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    path = put(folder, "lớn.pdf", b"%PDF-1.7\n")
    os.truncate(path, 3 << 30)
    drop(room, dragged(path))
    qtbot.waitUntil(lambda: say("errors.evidence_too_large.title") in told(room), timeout=WAIT_MS)
    assert (MAX_BYTES >> 20) == 50, "the sentence says so"


def test_a_folder_and_a_file_that_went_away_are_told(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(folder, folder / "không có.jpg"))
    qtbot.waitUntil(lambda: told(room).count(say("errors.evidence_unreadable.title")) == 2, timeout=WAIT_MS)


@pytest.mark.parametrize("kind", ["picture", "paper"])
def test_a_file_that_changes_while_it_is_read_is_told(
    qtbot: QtBot, room: TasksRoom, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    data = encoded(photo(600, 400), "jpeg") if kind == "picture" else pdf([A4]) + bytes(3_000_000)
    path = put(folder, "đang ghi.dat", data)
    look = os.fstat
    looks: list[int] = []

    def fstat(number: int) -> os.stat_result:
        looks.append(number)
        if len(looks) == 2:
            with path.open("ab") as more:
                more.write(b"one more line")
        return look(number)

    monkeypatch.setattr(os, "fstat", fstat)
    drop(room, dragged(path))
    qtbot.waitUntil(lambda: say("errors.evidence_changed.title") in told(room), timeout=WAIT_MS)
    monkeypatch.undo()
    wait_for(qtbot, room, 0)


def test_a_name_of_three_hundred_letters_is_kept_in_short(
    qtbot: QtBot, room: TasksRoom, folder: Path, open_again: Callable[[], Store]
) -> None:
    """No system here makes such a file, but a copied picture or another program may name one."""
    source = Source("Báo cáo/kết quả\\" * 20 + ".pdf", put(folder, "a.pdf", pdf([A4])))
    room.proving.attach([source])
    wait_for(qtbot, room, 1)
    drop(room, dragged(put(folder, "b" * 250 + ".sh", b"#!/bin/sh")))
    qtbot.waitUntil(lambda: "…" in told(room), timeout=WAIT_MS)
    assert len(names(room)[0]) <= 120
    assert len(told(room).split(":")[0]) < 80
    assert body(room).minimumSizeHint().width() < 700


def test_the_same_photo_under_two_names_is_kept_once(
    qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path
) -> None:
    data = taken(photo(500, 400))
    drop(room, dragged(put(folder, "a.jpg", data), put(folder, "b.jpg", data)))
    wait_for(qtbot, room, 2)
    files = Files.open(tmp_path / "data", bytes(32))
    assert len(files.whole()) == 1
    files.close()


def test_the_original_is_kept_byte_for_byte_when_asked_for(
    qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path, store: Store
) -> None:
    data, moving = taken(photo(3000, 2000), 6), gif(3)
    room.proving.panel.originals.click()
    drop(room, dragged(put(folder, "gốc.jpg", data), put(folder, "động.gif", moving)))
    wait_for(qtbot, room, 2)
    kept = stored(tmp_path, store)
    assert kept["gốc.jpg"] == data
    assert kept["động.png"].startswith(b"\x89PNG"), "a kind that is no evidence is made into one that is"


def test_a_picture_that_nothing_here_reads_is_kept_as_it_is_and_told(
    qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path, store: Store
) -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500)
    drop(room, dragged(put(folder, "IMG_1.HEIC", heic)))
    wait_for(qtbot, room, 1)
    assert stored(tmp_path, store) == {"IMG_1.HEIC": heic}
    assert told(room) == say("tasks.evidence.unread", name="IMG_1.HEIC")


def test_pictures_are_as_large_as_the_settings_say(
    qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path, store: Store
) -> None:
    room.proving._means.preferences.picture_side = 1280
    drop(room, dragged(put(folder, "a.jpg", taken(photo(3000, 2000)))))
    wait_for(qtbot, room, 1)
    assert QImage.fromData(stored(tmp_path, store)["a.jpg"]).width() == 1280


def test_a_screenshot_is_pasted_wherever_the_cursor_is(qtbot: QtBot, room: TasksRoom) -> None:
    QGuiApplication.clipboard().setImage(screen(700, 500))
    room.list.setFocus()
    QTest.keyClick(room.list, Qt.Key.Key_V, CTRL)
    wait_for(qtbot, room, 1)
    assert names(room) == ["Ảnh dán 21-11-2026 09.15.00.png"] or names(room)[0].startswith("Ảnh dán 21-11-2026 09.15.")
    room.page.form.words.setFocus()
    QTest.keyClick(room.page.form.words, Qt.Key.Key_V, CTRL)
    wait_for(qtbot, room, 2)
    assert room.page.form.words.toPlainText() == ""


def test_words_are_pasted_where_words_are_typed(qtbot: QtBot, room: TasksRoom) -> None:
    QGuiApplication.clipboard().setText("Đã họp thôn")
    room.page.form.words.setFocus()
    QTest.keyClick(room.page.form.words, Qt.Key.Key_V, CTRL)
    assert room.page.form.words.toPlainText() == "Đã họp thôn"
    room.list.setFocus()
    QTest.keyClick(room.list, Qt.Key.Key_V, CTRL)
    assert told(room) == say("tasks.evidence.nothing_copied")


def test_files_of_the_file_manager_are_pasted(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    paths = [put(folder, "a.pdf", pdf([A4])), put(folder, "b.docx", docx())]
    QGuiApplication.clipboard().setMimeData(dragged(*paths))
    room.proving.panel.paste_one.click()
    wait_for(qtbot, room, 2)
    assert names(room) == ["a.pdf", "b.docx"]


def test_a_file_dropped_on_a_field_is_no_word_in_it(room: TasksRoom) -> None:
    fields = [field for kind in (QLineEdit, QPlainTextEdit) for field in body(room).findChildren(kind)]
    assert len(fields) > 5
    for field in fields:
        assert not field.acceptDrops()
        if isinstance(field, QPlainTextEdit):
            assert not field.viewport().acceptDrops()


def test_what_is_no_file_is_not_taken(room: TasksRoom) -> None:
    for words in (QMimeData(), QMimeData()):
        words.setText("chữ")
        words.setUrls([QUrl("https://soxa.example/a.pdf")])
        drop(room, words)
    assert room.proving._work is None
    assert told(room) == ""


def test_a_file_is_taken_away_and_comes_back(qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path) -> None:
    drop(room, dragged(put(folder, "a.pdf", pdf([A4])), put(folder, "b.docx", docx())))
    wait_for(qtbot, room, 2)
    panel = room.proving.panel
    panel.list.setFocus()
    panel.list.choose(rows(room)[0].key)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert names(room) == ["b.docx"]
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert names(room) == []
    assert panel.gone_words.text() == say("tasks.evidence.gone", name="b.docx")
    panel.back.click()
    assert names(room) == ["b.docx"]
    QTest.keyClick(room, Qt.Key.Key_Z, CTRL)
    assert names(room) == ["a.pdf", "b.docx"]
    assert not panel.gone.isVisible()
    QTest.keyClick(room, Qt.Key.Key_Z, CTRL)
    assert names(room) == ["a.pdf", "b.docx"]


def test_what_another_person_attached_stays(qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed) -> None:
    said = Evidence("của thôn.pdf", "a" * 64, 1_234_567, Media.PDF)
    key = key_of(UNIT, ITEM, "019324c1-5a00-7000-8000-000000000601")
    feed.changed.emit(ChangeSet(receive(store, [(key, [said.content()])], "Trần Văn Bình", COMMUNE.key)))
    wait_for(qtbot, room, 1)
    row, panel = rows(room)[0], room.proving.panel
    assert row.pill == say("tasks.evidence.state.there", percent=0)
    assert "Trần Văn Bình" in row.detail
    assert "1,2 MB" in row.detail
    panel.list.setFocus()
    panel.list.choose(row.key)
    assert not panel.remove.isVisible()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert names(room) == ["của thôn.pdf"]
    assert panel.look.text() == say("tasks.evidence.fetch")
    panel.look.click()
    assert rows(room)[0].pill == say("tasks.evidence.state.coming", percent=0)


def test_what_somebody_attached_under_a_name_that_was_corrected_is_theirs_still(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    said = Evidence("của tôi.pdf", "a" * 64, 1_234_567, Media.PDF)
    key = key_of(UNIT, ITEM, "019324c1-5a00-7000-8000-000000000601")
    feed.changed.emit(ChangeSet(receive(store, [(key, [said.content()])], f"Tên Khác~{PERSON}", COMMUNE.key)))
    wait_for(qtbot, room, 1)
    panel = room.proving.panel
    panel.list.setFocus()
    panel.list.choose(rows(room)[0].key)
    assert panel.remove.isVisible()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert names(room) == []


def test_a_task_that_was_closed_says_so_and_takes_no_more(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed, folder: Path
) -> None:
    path = put(folder, "a.pdf", pdf([A4]))
    drop(room, dragged(path))
    wait_for(qtbot, room, 1)
    close_task(store, feed)
    qtbot.waitUntil(lambda: not room.proving.panel.add.isVisible())
    assert names(room) == ["a.pdf"], "what was shown is still shown"
    drop(room, dragged(path))
    assert told(room) == say("tasks.evidence.not_now.closed")
    room.proving.panel.list.choose(rows(room)[0].key)
    assert not room.proving.panel.remove.isVisible()


def test_who_may_only_read_looks_and_adds_nothing(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed, folder: Path
) -> None:
    path = put(folder, "a.pdf", pdf([A4]))
    drop(room, dragged(path))
    wait_for(qtbot, room, 1)
    feed.changed.emit(say_people(store, {PERSON: (Grant(Role.PROVINCE_READING, "48", Sensitivity.PUBLIC),)}))
    qtbot.waitUntil(lambda: not room.proving.panel.add.isVisible())
    drop(room, dragged(path))
    assert told(room) == say("tasks.evidence.not_now.no_right")
    room.proving.panel.list.choose(rows(room)[0].key)
    QTest.keyClick(room.proving.panel.list, Qt.Key.Key_Delete)
    assert names(room) == ["a.pdf"]
    assert room.proving.panel.look.isVisible()


def test_closed_while_files_are_on_their_way_nothing_is_lost(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed, folder: Path
) -> None:
    drop(room, dragged(*(put(folder, f"{place}.jpg", taken(photo(1500, 1000, place))) for place in range(5))))
    qtbot.waitUntil(lambda: len(rows(room)) >= 1, timeout=WAIT_MS)
    close_task(store, feed)
    wait_for(qtbot, room, 5)


def test_stopped_what_was_attached_stays_and_the_rest_is_counted(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(*(put(folder, f"{place}.jpg", taken(photo(2500, 2000, place))) for place in range(8))))
    qtbot.waitUntil(lambda: len(rows(room)) >= 1, timeout=WAIT_MS)
    panel = room.proving.panel
    assert panel.under_way.isVisible()
    assert panel.bar.maximum() == 8
    panel.stop.click()
    assert not panel.under_way.isVisible()
    qtbot.waitUntil(lambda: not work._running, timeout=WAIT_MS)
    qtbot.wait(50)
    assert 1 <= len(rows(room)) < 8
    assert "tệp chưa được đính kèm" in told(room)


def test_closing_over_files_that_are_on_their_way_asks_once(
    qtbot: QtBot, room: TasksRoom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        next(one for one in box.buttons() if one.text() == say("tasks.leaving.stay")).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    drop(room, dragged(*(put(folder, f"{place}.jpg", taken(photo(1500, 1000, place))) for place in range(3))))
    assert not room.close()
    assert room.isVisible()
    assert asked == [say("tasks.leaving.title", count=3)]
    wait_for(qtbot, room, 3)
    assert room.close()
    assert len(asked) == 1


def test_files_go_on_into_their_own_task_while_another_is_read(
    qtbot: QtBot, room: TasksRoom, store: Store, folder: Path
) -> None:
    drop(room, dragged(*(put(folder, f"{place}.jpg", taken(photo(1500, 1000, place))) for place in range(4))))
    other = next(key.item for key in store.select(TASK, COMMUNE.key) if key.item != ITEM)
    room.show_place(Place("tasks", task=other))
    drop(room, dragged(put(folder, "khác.pdf", pdf([A4]))))
    wait_for(qtbot, room, 1)
    assert names(room) == ["khác.pdf"]
    room.show_place(Place("tasks", task=ITEM))
    assert len(rows(room)) == 4


def test_more_than_two_hundred_at_once_are_a_slip(room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(*(folder / f"{place}.jpg" for place in range(201))))
    assert told(room) == say("tasks.evidence.too_many", count=201, most=200)
    assert room.proving._work is None


def test_a_file_is_looked_at_by_enter_and_the_next_by_keys(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(put(folder, "a.jpg", taken(photo(900, 600))), put(folder, "b.docx", docx())))
    wait_for(qtbot, room, 2)
    panel = room.proving.panel
    panel.list.setFocus()
    panel.list.choose(rows(room)[0].key)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    preview = room.findChild(Preview)
    assert isinstance(preview, Preview)
    qtbot.waitUntil(preview.view.isVisible, timeout=WAIT_MS)
    QTest.keyClick(preview, Qt.Key.Key_Right, CTRL)
    assert preview.shown.name == "b.docx"
    preview.save(folder / "ra.docx")
    qtbot.waitUntil(lambda: bool(preview.note.text()))
    assert (folder / "ra.docx").read_bytes() == docx()
    QTest.keyClick(preview, Qt.Key.Key_Escape)
    assert not preview.isVisible()


def test_a_file_that_the_disk_has_spoilt_may_be_fetched_again(
    qtbot: QtBot, room: TasksRoom, folder: Path, tmp_path: Path
) -> None:
    data = pdf([A4])
    drop(room, dragged(put(folder, "a.pdf", data)))
    wait_for(qtbot, room, 1)
    with closing(Files.open(tmp_path / "data", bytes(32))) as files:
        files.was_sent(sha256(data).hexdigest(), len(data), at_centre=True)
        (page,) = files.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'piece'").fetchone()
        files.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    damaged(tmp_path / "data", (page - 1) * 4096)
    panel = room.proving.panel
    panel.list.setFocus()
    panel.list.choose(rows(room)[0].key)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    preview = room.findChild(Preview)
    assert isinstance(preview, Preview)
    qtbot.waitUntil(preview.fault.isVisible, timeout=WAIT_MS)
    assert preview.fault.accessibleName() == say("errors.evidence_damaged.title")
    preview.close()
    assert rows(room)[0].pill == say("tasks.evidence.state.there", percent=0)
    assert panel.look.text() == say("tasks.evidence.fetch")


def test_photos_have_small_pictures_in_the_list(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(put(folder, "a.jpg", taken(photo(900, 600))), put(folder, "b.pdf", pdf([A4]))))
    wait_for(qtbot, room, 2)
    panel = room.proving.panel
    first, second = (row.key for row in rows(room))
    qtbot.waitUntil(lambda: panel._picture_of(first) is not None, timeout=WAIT_MS)
    assert panel._picture_of(second) is None


def test_whoever_confirms_sees_the_evidence_first(room: TasksRoom, store: Store, feed: Feed, qtbot: QtBot) -> None:
    def above() -> bool:
        page = room.page
        return page.evidence.geometry().top() < page.steps.geometry().top()

    assert not above()
    task = room.reading.find(ITEM)
    assert task is not None
    step = Step(StepKind.REPORT_DONE, NOW.date())
    cells = cells_of(task.task, "019324c1-5a00-7000-8000-000000000701", step)
    feed.changed.emit(store.record_changes(list(cells.items()), PERSON, NOW))
    qtbot.waitUntil(lambda: StepKind.CONFIRM in room.page.steps.buttons)
    QApplication.processEvents()
    assert above()


def test_everything_has_a_name_and_stands_in_the_order_of_the_keys(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(put(folder, "a.pdf", pdf([A4]))))
    wait_for(qtbot, room, 1)
    panel = room.proving.panel
    assert panel.accessibleName()
    assert panel.list.accessibleName()
    panel.list.choose(rows(room)[0].key)
    assert "a.pdf" in panel.look.accessibleName()
    words = panel.list.model().data(panel.list.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert "a.pdf" in words
    assert say("tasks.evidence.state.here", percent=0) in words


def test_the_list_is_as_tall_as_its_rows(qtbot: QtBot, room: TasksRoom, folder: Path) -> None:
    drop(room, dragged(*(put(folder, f"{place}.pdf", pdf([A4] * place)) for place in range(1, 8))))
    wait_for(qtbot, room, 7)
    found = room.proving.panel.list
    qtbot.waitUntil(lambda: found.height() == found.visualRect(found.model().index(6, 0)).bottom() + 1)
    tall = found.height()
    room.resize(1000, 682)
    qtbot.waitUntil(lambda: found.height() == found.visualRect(found.model().index(6, 0)).bottom() + 1)
    assert found.height() > tall, "narrower, a row needs three lines"
    assert found.verticalScrollBar().maximum() == 0


def test_a_disk_that_is_full_is_told(
    qtbot: QtBot, room: TasksRoom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise EnvironmentFault("disk_full")

    monkeypatch.setattr(attaching, "attach_file", full)
    drop(room, dragged(put(folder, "a.pdf", pdf([A4]))))
    qtbot.waitUntil(lambda: say("errors.disk_full.title") in told(room), timeout=WAIT_MS)


def test_where_a_file_is_has_a_word_for_each() -> None:
    said = [say(f"tasks.evidence.state.{where}", percent=40) for where in Where]
    assert len(set(said)) == len(said)
