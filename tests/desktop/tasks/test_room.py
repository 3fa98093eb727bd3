"""The tasks room over the real store, with real keys: found, filtered, updated without a line, nothing lost."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks.history import UpdateView
from desktop.tasks.room import TasksRoom
from desktop.widgets import theme, words
from desktop.widgets.place import Place
from desktop.widgets.rows import Heading, Row
from sync.client.loop import Phase, Status
from sync.domain.keys import PROGRESS, TASK, UNIT, Key
from sync.domain.progress import Progress
from sync.domain.tasks import Timeliness
from sync.store import CellState, ChangeSet, Shown, Store
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, enrol, fill, means, push, receive, unopened

LATE = "01a199c5-3280-78f1-b693-cd208eb592d1"
NEAR = "01a199c5-3280-7ac0-806f-2ea2b26bdd18"
OWN = "01a199c5-3280-7ad1-ad56-464d0a41f7ef"
NO_DEADLINE = "01a199c5-3280-754a-8b36-762dba9eaf41"
UNIT_OF_LATE = f"{COMMUNE.key}.010"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, settings: QSettings) -> Callable[[Store], TasksRoom]:
    def made(store: Store) -> TasksRoom:
        room = TasksRoom(store, unopened, catalogue(), feed, clock(), settings, means(settings))
        qtbot.addWidget(room)
        room.resize(1282, 682)
        room.show()
        qtbot.waitExposed(room)
        return room

    return made


@pytest.fixture
def room(build: Callable[[Store], TasksRoom], store: Store) -> TasksRoom:
    return build(store)


def rows(room: TasksRoom) -> list[Row]:
    return [row for row in room.list.model().rows if isinstance(row, Row)]  # type: ignore[attr-defined]


def keys(room: TasksRoom) -> list[object]:
    return [row.key for row in rows(room)]


def said(widget: QWidget) -> str:
    """All the words that a widget shows."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def open_task(room: TasksRoom, item: str) -> None:
    room.show_place(Place("tasks", task=item))
    assert room.list.current_key() == item


def commit_text(widget: QWidget, text: str) -> None:
    """Type through an input method, as Vietnamese is typed."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def updates(store: Store, item: str, unit: str) -> dict[Key, Progress]:
    cells = store.cells(PROGRESS, unit)
    return {key: Progress.of(shown.content) for key, shown in cells.items() if key.item == item}


def settle(qtbot: QtBot, room: TasksRoom, count: int) -> list[UpdateView]:
    """Wait until the feed brought `count` updates to the page."""
    qtbot.waitUntil(lambda: len(room.page.updates) == count, timeout=3000)
    return room.page.updates


def correct(view: UpdateView) -> None:
    (button,) = view.findChildren(QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_most_pressing_task_stands_first_with_a_mark_and_a_word(room: TasksRoom) -> None:
    assert keys(room)[:2] == [LATE, NEAR]
    assert keys(room)[-1] == NO_DEADLINE
    assert [(row.icon, row.pill) for row in rows(room)] == [
        ("triangle-alert", "Quá hạn 5 ngày"),
        ("clock", "Sắp quá hạn · còn 3 ngày"),
        ("circle", "Trong hạn · còn 9 ngày"),
        ("circle", "Trong hạn · còn 19 ngày"),
        ("calendar", "Không hạn"),
    ]


def test_the_page_tells_what_is_asked(room: TasksRoom) -> None:
    open_task(room, LATE)
    told = said(room.page)
    for part in (
        "Gửi danh sách thành viên",
        "UBND xã Bà Nà",
        "Thôn An Sơn",
        "02/11/2026",
        "16/11/2026",
        "Chưa thực hiện",
    ):
        assert part in told
    assert words.say("tasks.page.no_progress") in told


def test_search_finds_without_accents_in_names_of_units_too(qtbot: QtBot, room: TasksRoom) -> None:
    room.list.setFocus()
    QTest.keyClick(room, Qt.Key.Key_F, CTRL)
    assert room.search.hasFocus()
    QTest.keyClicks(room.search, "thon an son")
    assert keys(room) == [LATE]
    assert room.filters[Timeliness.OVERDUE].text() == "Quá hạn 1"
    assert room.filters[Timeliness.NEAR].text() == "Sắp quá hạn 0"
    room.search.clear()
    commit_text(room.search, "điện tử")
    assert keys(room) == [NEAR]
    QTest.keyClicks(room.search, " xyz")
    assert keys(room) == []
    assert words.say("tasks.list.nothing") in said(room)


def test_a_filter_is_kept_for_the_next_start(build: Callable[[Store], TasksRoom], store: Store) -> None:
    room = build(store)
    QTest.mouseClick(room.filters[Timeliness.OVERDUE], Qt.MouseButton.LeftButton)
    assert keys(room) == [LATE]
    room.hide()
    again = build(store)
    assert again.filters[Timeliness.OVERDUE].isChecked()
    assert keys(again) == [LATE]


def test_the_last_task_is_open_at_the_next_start(build: Callable[[Store], TasksRoom], store: Store) -> None:
    room = build(store)
    open_task(room, OWN)
    room.hide()
    assert build(store).list.current_key() == OWN


def test_a_place_opens_its_task_past_a_filter(room: TasksRoom) -> None:
    room.filters[Timeliness.OVERDUE].setChecked(True)
    room.search.setText("thon an son")
    open_task(room, OWN)
    assert room.filters[None].isChecked()
    assert room.page.form.percent.hasFocus()


def test_a_place_of_a_task_that_has_not_arrived_changes_nothing(room: TasksRoom) -> None:
    open_task(room, OWN)
    room.show_place(Place("tasks", task="unknown"))
    assert room.list.current_key() == OWN


def test_progress_is_typed_with_keys_alone_and_kept(qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed) -> None:
    told: list[ChangeSet] = []
    feed.changed.connect(told.append)
    room.list.setFocus()
    QTest.keyClick(room.list, Qt.Key.Key_Home)
    QTest.keyClick(room.list, Qt.Key.Key_Return)
    form = room.page.form
    assert form.day.text() == "21/11/2026"
    assert form.percent.hasFocus()
    QTest.keyClicks(form.percent, "60")
    QTest.keyClick(form.percent, Qt.Key.Key_Tab)
    assert form.words.hasFocus()
    commit_text(form.words, "Đã gửi danh sách 8 thành viên")
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    ((key, progress),) = updates(store, LATE, UNIT_OF_LATE).items()
    assert progress == Progress(date(2026, 11, 21), 60, "Đã gửi danh sách 8 thành viên")
    assert (key.period, UUID(key.part).version) == ("", 7)
    assert store.shown(key).author == PERSON  # type: ignore[union-attr]
    assert [changes.keys for changes in told] == [frozenset({key})]
    (view,) = settle(qtbot, room, 1)
    for part in ("21/11/2026", "60 %", "Đã gửi danh sách 8 thành viên", PERSON, "Đã lưu trên máy, chờ gửi"):
        assert part in said(view)
    assert (form.percent.text(), form.words.toPlainText()) == ("", "")
    assert room.page.bar.value() == 60
    assert "60 %" in rows(room)[0].detail


def test_a_plain_enter_makes_a_new_line_of_words(room: TasksRoom, store: Store) -> None:
    open_task(room, LATE)
    QTest.keyClicks(room.page.form.words, "a")
    QTest.keyClick(room.page.form.words, Qt.Key.Key_Return)
    QTest.keyClicks(room.page.form.words, "b")
    assert room.page.form.words.toPlainText() == "a\nb"
    assert updates(store, LATE, UNIT_OF_LATE) == {}


def test_updates_stand_newest_date_first_whenever_they_were_typed(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    open_task(room, LATE)
    for day, percent in (("10/11/2026", "20"), ("20/11/2026", "80"), ("15/11/2026", "50")):
        room.page.form.day.setText(day)
        room.page.form.percent.setText(percent)
        QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    views = settle(qtbot, room, 3)
    assert [said(view).splitlines()[0] for view in views] == ["20/11/2026", "15/11/2026", "10/11/2026"]
    assert room.page.done.text() == "80 %"


@pytest.mark.parametrize(
    ("day", "percent", "text", "sentence"),
    [
        ("21/11/2026", "120", "lời", "tasks.wrong.percent_range"),
        ("21/11/2026", "", "", "tasks.wrong.nothing"),
        ("22/11/2026", "50", "lời", "tasks.wrong.day_future"),
        ("01/11/2026", "50", "lời", "tasks.wrong.day_before_start"),
        ("mai", "50", "lời", "tasks.wrong.day_unreadable"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence_and_nothing_is_lost(
    room: TasksRoom, store: Store, day: str, percent: str, text: str, sentence: str
) -> None:
    open_task(room, LATE)
    form = room.page.form
    form.day.setText(day)
    form.percent.setText(percent)
    form.words.setPlainText(text)
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert form.note.isVisible()
    values = {"example": "21/11/2026", "today": "21/11/2026", "start": "02/11/2026"}
    assert form.note_text.text() == words.say(sentence, **values)
    assert (form.day.text(), form.percent.text(), form.words.toPlainText()) == (day, percent, text)
    assert form.day.hasFocus() or form.percent.hasFocus()
    assert updates(store, LATE, UNIT_OF_LATE) == {}


def test_a_full_disk_keeps_what_was_typed_until_it_can_be_saved(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    told: list[ChangeSet] = []
    feed.changed.connect(told.append)
    open_task(room, LATE)
    text = "Đã họp. " * 400
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    form = room.page.form
    form.percent.setText("60")
    form.words.setPlainText(text)
    for _ in range(2):
        QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
        assert form.unsaved.isVisible()
        assert words.say("errors.disk_full.title") in said(form)
        assert (form.percent.text(), form.words.toPlainText()) == ("60", text)
    assert updates(store, LATE, UNIT_OF_LATE) == {}
    assert told == []
    open_task(room, OWN)
    assert not form.unsaved.isVisible()
    assert form.words.toPlainText() == ""
    open_task(room, LATE)
    assert form.unsaved.isVisible()
    assert form.words.toPlainText() == text
    store.db.execute("PRAGMA max_page_count = 1073741823")
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    settle(qtbot, room, 1)
    assert not form.unsaved.isVisible()
    assert form.words.toPlainText() == ""


def test_what_is_half_typed_stays_with_its_task_and_outlives_the_window(
    build: Callable[[Store], TasksRoom], store: Store
) -> None:
    room = build(store)
    open_task(room, LATE)
    room.page.form.words.setPlainText("một nửa")
    open_task(room, OWN)
    assert room.page.form.words.toPlainText() == ""
    open_task(room, LATE)
    assert room.page.form.words.toPlainText() == "một nửa"
    room.hide()
    again = build(store)
    open_task(again, LATE)
    assert again.page.form.words.toPlainText() == "một nửa"
    QTest.mouseClick(again.page.form.save, Qt.MouseButton.LeftButton)
    assert len(updates(store, LATE, UNIT_OF_LATE)) == 1
    again.hide()
    again.show()
    open_task(again, OWN)
    open_task(again, LATE)
    assert again.page.form.words.toPlainText() == ""


def test_what_is_half_typed_is_there_at_the_next_start(
    qtbot: QtBot, build: Callable[[Store], TasksRoom], store: Store, reopen: Callable[..., Store]
) -> None:
    room = build(store)
    open_task(room, LATE)
    commit_text(room.page.form.words, "đã họp tổ, còn ba hộ")
    qtbot.waitUntil(lambda: LATE in store.aside("tasks"))
    # As after a power failure: nothing was closed, and another process opens what is on the disk.
    after = reopen()
    again = build(after)
    open_task(again, LATE)
    assert again.page.form.words.toPlainText() == "đã họp tổ, còn ba hộ"
    assert not updates(after, LATE, UNIT_OF_LATE)
    QTest.mouseClick(again.page.form.save, Qt.MouseButton.LeftButton)
    assert len(updates(after, LATE, UNIT_OF_LATE)) == 1
    qtbot.waitUntil(lambda: LATE not in after.aside("tasks"))


def test_a_correction_half_typed_and_what_it_set_aside_are_there_at_the_next_start(
    qtbot: QtBot, build: Callable[[Store], TasksRoom], store: Store, reopen: Callable[..., Store]
) -> None:
    room = build(store)
    open_task(room, LATE)
    room.page.form.percent.setText("60")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    (view,) = settle(qtbot, room, 1)
    room.page.form.words.setPlainText("bản mới đang viết")
    correct(view)
    room.page.form.percent.setText("65")
    room.hide()
    after = reopen()
    again = build(after)
    open_task(again, LATE)
    form = again.page.form
    assert (form.percent.text(), form.give_up.isVisible()) == ("65", True)
    QTest.keyClick(form.percent, Qt.Key.Key_Return)
    ((_, progress),) = updates(after, LATE, UNIT_OF_LATE).items()
    assert progress.percent == 65
    assert form.words.toPlainText() == "bản mới đang viết"
    qtbot.waitUntil(lambda: "65 %" in said(again.page.updates[0]))


def test_work_that_was_begun_is_in_progress(qtbot: QtBot, room: TasksRoom) -> None:
    open_task(room, LATE)
    assert room.page.facts["state"].text() == "Chưa thực hiện"
    room.page.form.percent.setText("45")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    settle(qtbot, room, 1)
    assert room.page.facts["state"].text() == "Đang thực hiện"


def test_a_correction_is_a_new_change_of_the_same_cell(qtbot: QtBot, room: TasksRoom, store: Store) -> None:
    open_task(room, LATE)
    form = room.page.form
    form.percent.setText("60")
    QTest.keyClick(form.percent, Qt.Key.Key_Return)
    (view,) = settle(qtbot, room, 1)
    form.words.setPlainText("bản mới đang viết")
    correct(view)
    assert (form.day.text(), form.percent.text(), form.words.toPlainText()) == ("21/11/2026", "60", "")
    form.percent.setText("65")
    QTest.keyClick(form.percent, Qt.Key.Key_Return)
    ((key, progress),) = updates(store, LATE, UNIT_OF_LATE).items()
    assert progress.percent == 65
    assert [Progress.of(entry.content).percent for entry in store.history(key)] == [65, 60]
    qtbot.waitUntil(lambda: "65 %" in said(room.page.updates[0]), timeout=3000)
    assert form.words.toPlainText() == "bản mới đang viết"
    assert not form.give_up.isVisible()


def test_escape_leaves_a_correction_as_it_was(qtbot: QtBot, room: TasksRoom, store: Store) -> None:
    open_task(room, LATE)
    form = room.page.form
    form.percent.setText("60")
    QTest.keyClick(form.percent, Qt.Key.Key_Return)
    correct(settle(qtbot, room, 1)[0])
    form.percent.setText("99")
    QTest.keyClick(form.percent, Qt.Key.Key_Escape)
    assert form.percent.text() == ""
    assert room.list.hasFocus()
    assert [progress.percent for progress in updates(store, LATE, UNIT_OF_LATE).values()] == [60]


def test_another_persons_update_is_shown_and_not_offered_for_correction(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    open_task(room, LATE)
    room.page.form.words.setPlainText("đang viết")
    key = Key(PROGRESS, UNIT_OF_LATE, LATE, "", "u1")
    theirs = Progress(date(2026, 11, 19), 30, "Thôn đã họp").content()
    feed.changed.emit(ChangeSet(receive(store, [(key, [theirs])], stream=COMMUNE.key)))
    (view,) = settle(qtbot, room, 1)
    assert "Thôn trưởng" in said(view)
    assert "Trung tâm đã nhận" in said(view)
    assert view.findChildren(QPushButton) == []
    assert room.page.form.words.toPlainText() == "đang viết"


def test_the_state_of_an_update_goes_from_saved_to_received(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    open_task(room, LATE)
    room.page.form.percent.setText("60")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    settle(qtbot, room, 1)
    (key,) = updates(store, LATE, UNIT_OF_LATE)
    push(store)
    feed.changed.emit(ChangeSet(frozenset({key})))
    qtbot.waitUntil(lambda: "Trung tâm đã nhận" in said(room.page.updates[0]), timeout=3000)
    assert store.shown(key).state is CellState.RECEIVED  # type: ignore[union-attr]


def test_a_parked_update_stays_on_the_page_with_its_mark(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    open_task(room, LATE)
    room.page.form.percent.setText("60")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    settle(qtbot, room, 1)
    (key,) = updates(store, LATE, UNIT_OF_LATE)
    push(store, parked="not_your_unit")
    feed.changed.emit(ChangeSet(frozenset({key})))
    qtbot.waitUntil(lambda: "Tạm giữ" in said(room.page.updates[0]), timeout=3000)
    assert "60 %" in said(room.page.updates[0])
    assert room.page.done.text() == words.say("tasks.page.not_said")


def test_a_conflict_shows_what_the_other_pc_says(qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed) -> None:
    open_task(room, LATE)
    key = Key(PROGRESS, UNIT_OF_LATE, LATE, "", "u1")
    both = [Progress(date(2026, 11, 19), percent, "").content() for percent in (30, 40)]
    feed.changed.emit(ChangeSet(receive(store, [(key, both)], stream=COMMUNE.key)))
    (view,) = settle(qtbot, room, 1)
    assert "Máy khác ghi (Thôn trưởng): 19/11/2026 · 40 %" in said(view)
    assert "Xung đột" in said(view)


def test_a_change_of_the_task_arrives_by_the_feed(qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed) -> None:
    open_task(room, LATE)
    done = {"completed_date": '"2026-11-20"', "state": '"completed"'}
    cells = [(Key(TASK, UNIT_OF_LATE, LATE, "", part), [content]) for part, content in done.items()]
    feed.changed.emit(ChangeSet(receive(store, cells)))
    qtbot.waitUntil(lambda: room.page.pill.text() == "Đã hoàn thành · quá hạn", timeout=3000)
    model = room.list.model()
    assert [row for row in model.rows if isinstance(row, Heading)]  # type: ignore[attr-defined]
    assert room.list.current_key() == LATE
    assert keys(room)[-1] == LATE


def test_keys_that_concern_no_task_read_nothing(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    cells = store.cells

    def counted(kind: str, unit: str) -> dict[Key, Shown]:
        read.append(unit)
        return cells(kind, unit)

    monkeypatch.setattr(store, "cells", counted)
    feed.changed.emit(ChangeSet(frozenset({Key("value", UNIT_OF_LATE, "village_ct01", "A2026Q4")})))
    feed.changed.emit(ChangeSet(frozenset({Key(TASK, UNIT_OF_LATE, LATE, "", "content")})))
    qtbot.waitUntil(lambda: bool(read), timeout=3000)
    assert set(read) == {UNIT_OF_LATE}


def test_a_new_day_moves_the_date_of_an_untouched_form(
    qtbot: QtBot, store: Store, feed: Feed, settings: QSettings
) -> None:
    now = [NOW]
    room = TasksRoom(store, unopened, catalogue(), feed, lambda: now[0], settings, means(settings))
    qtbot.addWidget(room)
    room.show()
    now[0] += timedelta(days=1)
    room.hide()
    room.show()
    assert room.page.form.day.text() == "22/11/2026"
    assert rows(room)[0].pill == "Quá hạn 6 ngày"


def test_the_badge_counts_what_is_late(qtbot: QtBot, room: TasksRoom) -> None:
    room.hide()
    with qtbot.waitSignal(room.badge) as told:
        room.show()
    assert told.args == [1]


def test_before_enrolment_it_says_how_tasks_come(
    qtbot: QtBot, build: Callable[[Store], TasksRoom], empty: Store, feed: Feed
) -> None:
    room = build(empty)
    assert room.empty.title.text() == words.say("tasks.empty.unenrolled.title")
    with qtbot.waitSignal(room.go) as went:
        QTest.mouseClick(room.enter_code, Qt.MouseButton.LeftButton)
    assert went.args == [Place("settings")]
    enrol(empty)
    feed.status.emit(Status(Phase.ONLINE))
    assert room.empty.title.text() == words.say("tasks.empty.no_tasks.title")
    assert not room.enter_code.isVisible()
    fill(empty)
    feed.changed.emit(ChangeSet(frozenset({Key(UNIT, COMMUNE.key)})))
    qtbot.waitUntil(lambda: len(rows(room)) == 5, timeout=3000)


def test_it_reads_in_english(build: Callable[[Store], TasksRoom], store: Store) -> None:
    words.set_language("en")
    room = build(store)
    assert rows(room)[0].pill == "5 days overdue"
    assert room.filters[Timeliness.NO_DEADLINE].text() == "No deadline 1"
    assert "Save progress" in room.page.form.save.text()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_with_the_largest_letters_nothing_is_cut_off_at_the_side(
    build: Callable[[Store], TasksRoom], store: Store, language: str
) -> None:
    words.set_language(language)
    theme.apply(QApplication.instance(), "light", 200)  # type: ignore[arg-type]
    room = build(store)
    room.resize(1366 - theme.px(84), 768 - theme.px(86))
    QApplication.processEvents()
    body = room.page.widget()
    assert body is not None
    assert body.width() <= room.page.viewport().width()
    assert room.page.form.save.isVisible()
    assert not room.page.form.keys.isVisible()
