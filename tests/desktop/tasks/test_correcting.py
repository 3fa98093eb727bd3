"""What was given wrong is withdrawn or corrected in the room, by who gave it; who is to do it sees that and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks import worded
from desktop.tasks.correcting import CorrectDialog
from desktop.tasks.listing import Choice, Listing, rows
from desktop.tasks.report import report
from desktop.tasks.room import TasksRoom
from desktop.tasks.units import LEAD
from desktop.widgets import theme, words
from desktop.widgets.place import Place
from desktop.widgets.rows import Heading, Row
from sync.domain.assigning import assign, part_of
from sync.domain.correcting import correct
from sync.domain.evaluation import Figure, figures_of
from sync.domain.identifiers import uuid7
from sync.domain.keys import Key
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import FIELDS, Task, TaskState, Timeliness
from sync.store import ChangeSet, Store
from sync.store.assigned import Assignments
from tests.desktop.sampled import COMMUNE, NOW, PERSON, receive
from tests.desktop.tasks.test_following import CTRL, ITEM, TASK, found, said, take_above
from tests.desktop.tasks.test_following import build as build
from tests.desktop.tasks.test_following import room as room
from tests.desktop.tasks.test_following import settings as settings

TODAY = date(2026, 11, 21)
Build = Callable[[Store], TasksRoom]
UUID = "019324c1-5a00-7000-8000-0000000000b1"
WITHDRAWN = Step(StepKind.WITHDRAW, date(2026, 11, 20), "Giao trùng với 12/KH")
VILLAGES = (f"{COMMUNE.key}.003", f"{COMMUNE.key}.004")


def ours(store: Store) -> list[Task]:
    """A task that the commune gave itself, with a part for each of two villages."""
    whole = replace(TASK, from_unit=COMMUNE.key, supporting=(), due_date=date(2026, 11, 19))
    items = iter(f"{ITEM[:-2]}c{number}" for number in range(9))
    tasks = [whole, *(part for unit in VILLAGES for part in part_of(whole, unit, (), lambda: next(items)))]
    receive(store, [(key, [content]) for task in tasks for key, content in task.cells().items()], stream=COMMUNE.key)
    return tasks


def listed(store: Store, as_of: date = TODAY) -> Listing:
    return Listing(Assignments(store, COMMUNE.key).all(), {}, as_of, TODAY)


def test_who_was_to_do_it_sees_that_it_was_withdrawn_and_why(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    take_above(store, feed, UUID, WITHDRAWN)
    qtbot.waitUntil(lambda: room.page.asks.isVisible())
    assert said(room.page.asks) == "Đã thu hồi ngày 20/11/2026: Giao trùng với 12/KH"
    assert room.page.pill.text() == "Đã thu hồi"
    assert room.page.closed.text() == words.say("tasks.page.withdrawn")
    assert not room.page.steps.buttons
    room.page.form.percent.setText("50")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    assert room.page.form.note_text.text() == words.say("tasks.wrong.withdrawn")
    assert room.page.form.percent.text() == "50"
    assert not found(store).updates
    room.proving.choose()
    assert words.say("tasks.evidence.not_now.withdrawn") in said(room.page.evidence)


def test_what_is_withdrawn_stands_in_the_list_and_in_no_figure(store: Store, build: Build, feed: Feed) -> None:
    task, *_ = ours(store)
    before = listed(store)
    take_above(store, feed, UUID, WITHDRAWN)
    after = listed(store)
    line = after.by_item[ITEM]
    assert (line.stand, line.is_done) == (None, False)
    assert after.lines[-1] is line
    assert after.late_on(TODAY) == before.late_on(TODAY) - 1
    assert after.show(Choice()).stands[Timeliness.OVERDUE] == before.show(Choice()).stands[Timeliness.OVERDUE] - 1
    counted = {figure: len(lines) for figure, lines in after.board(lambda _: "", after.lines)[""].items()}
    assert counted[Figure.ALL] == len(after.lines) - 1
    assert figures_of(found(store).on(TODAY), None, TODAY) == ()
    assert task.content in [row[1] for row in report(before.lines, before, "Xã").rows]
    reported = report(after.lines, after, "Xã").rows
    assert len(reported) == len(after.lines) - 1
    assert [row[0] for row in reported] == list(range(1, len(after.lines)))
    shown = rows(after.lines, after)
    assert isinstance(shown[-2], Heading)
    assert isinstance(shown[-1], Row)
    assert (shown[-2].title, shown[-1].key, shown[-1].pill) == ("Đã thu hồi", ITEM, "Đã thu hồi")
    # As of the day before it was withdrawn it stands as it stood.
    assert listed(store, date(2026, 11, 19)).by_item[ITEM].stand is Timeliness.NEAR


def test_who_gave_it_withdraws_it_with_its_parts_and_may_take_them_up_again(
    qtbot: QtBot, store: Store, build: Build
) -> None:
    *tasks, third = ours(store)
    # What was withdrawn before, for another reason, is nobody's to do whatever becomes of the whole.
    receive(store, [(key, [content]) for key, content in cells_of(third, UUID, WITHDRAWN).items()], stream=COMMUNE.key)
    room = build(store)
    room.show_place(Place("tasks", task=ITEM))
    form = room.page.step_form
    room.page.steps.buttons[StepKind.WITHDRAW].click()
    assert form.about.text() == words.say("tasks.step.withdraw.also", count=1)
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert form.note_text.text() == words.say("tasks.wrong.no_words")
    form.words.setPlainText("Giao trùng")
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    for task in tasks:
        assert found(store, task.item).task.state is TaskState.WITHDRAWN
        (taken,) = found(store, task.item).taken
        assert (taken.step.words, taken.cell.author) == ("Giao trùng", PERSON)
    qtbot.waitUntil(lambda: list(room.page.steps.buttons) == [StepKind.RESUME])
    assert not room.page.break_down.isVisible()
    room.page.steps.buttons[StepKind.RESUME].click()
    assert form.about.text() == words.say("tasks.step.resume.also", count=1)
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    states = [found(store, task.item).task.state for task in (*tasks, third)]
    assert states == [TaskState.IN_PROGRESS, TaskState.IN_PROGRESS, TaskState.WITHDRAWN]


def test_the_whole_follows_the_parts_that_stand(store: Store) -> None:
    _, first, second = ours(store)
    for task, step, percent in (
        (first, Step(StepKind.CONFIRM, TODAY), 50),
        (second, replace(WITHDRAWN, date=TODAY), 100),
    ):
        cells = cells_of(task, UUID, step)
        receive(store, [(key, [content]) for key, content in cells.items()], stream=COMMUNE.key)
        assert found(store).percent == percent
    assert found(store).percent_on(date(2026, 11, 20)) == 0


def test_a_part_that_was_confirmed_counts_for_itself_once_its_whole_is_withdrawn(store: Store) -> None:
    whole, first, second = ours(store)
    done = Step(StepKind.CONFIRM, date(2026, 11, 18))
    steps = [(first, done), (whole, WITHDRAWN), (second, WITHDRAWN)]
    cells = {key: content for task, step in steps for key, content in cells_of(task, UUID, step).items()}
    receive(store, [(key, [content]) for key, content in cells.items()], stream=COMMUNE.key)

    def counted(as_of: date) -> set[str]:
        listing = listed(store, as_of)
        ours = {whole.item, first.item, second.item}
        return {line.item for line in listing.board(lambda _: "", listing.wholes())[""][Figure.ALL]} & ours

    assert counted(date(2026, 11, 19)) == {whole.item}
    assert counted(TODAY) == {first.item}


# Corrections


def dialog_of(room: TasksRoom) -> CorrectDialog:
    room.page.correct_task.click()
    (dialog,) = [found for found in room.findChildren(CorrectDialog) if found.isVisible()]
    return dialog


def save(dialog: CorrectDialog, words: str) -> None:
    dialog.words.setPlainText(words)
    dialog.save.click()


def shown(build: Build, store: Store, item: str = ITEM) -> TasksRoom:
    room = build(store)
    room.show_place(Place("tasks", task=item))
    return room


def test_words_and_a_day_are_corrected_also_in_the_parts_that_say_the_same(
    qtbot: QtBot, store: Store, build: Build
) -> None:
    tasks = ours(store)
    room = shown(build, store)
    dialog = dialog_of(room)
    assert dialog.content.toPlainText() == TASK.content
    assert dialog.lines["due"].text() == "19/11/2026"
    assert not dialog.picker.isVisible(), "its parts have the units"
    save(dialog, "Ghi nhầm")
    assert dialog.note_text.text() == words.say("tasks.correct.nothing")
    dialog.content.setPlainText("Rà soát hạ tầng mạng")
    dialog.lines["due"].setText("30/11")
    save(dialog, " ")
    assert dialog.note_text.text() == words.say("tasks.wrong.no_words")
    save(dialog, "Ghi nhầm")
    assert not dialog.isVisible()
    for task in tasks:
        after = found(store, task.item)
        assert (after.task.content, after.task.due_date) == ("Rà soát hạ tầng mạng", date(2026, 11, 30))
        (taken,) = after.taken
        assert (taken.step.kind, taken.step.words) == (StepKind.CORRECT, "Ghi nhầm")
    assert room.done.text() == "Đã sửa 3 nhiệm vụ, chờ gửi"
    qtbot.waitUntil(lambda: "Đã sửa ngày 21/11/2026 (nội dung, hạn hoàn thành): Ghi nhầm" in said(room.page.asks))
    (view,) = room.page.taken
    assert "Nội dung, trước là: Rà soát hạ tầng số của xã" in said(view)
    assert "Hạn hoàn thành, trước là: 19/11/2026" in said(view)


@pytest.mark.parametrize("all_of_them", [True, False])
def test_what_was_given_to_several_without_a_whole_is_corrected_in_one_or_all(
    store: Store, build: Build, all_of_them: bool
) -> None:
    given = replace(TASK, unit=COMMUNE.key, from_unit=COMMUNE.key, supporting=())
    tasks = assign(given, VILLAGES, lambda: uuid7(NOW), keeps_whole=False)
    receive(store, [(key, [content]) for task in tasks for key, content in task.cells().items()], stream=COMMUNE.key)
    dialog = dialog_of(shown(build, store, tasks[0].item))
    assert dialog.all.text() == words.say("tasks.correct.together", count=1)
    assert not dialog.all.isChecked()
    dialog.all.setChecked(all_of_them)
    dialog.lines["due"].setText("30/11/2026")
    save(dialog, "Nhầm ngày")
    dues = [found(store, task.item).task.due_date for task in tasks]
    assert dues == [date(2026, 11, 30), date(2026, 11, 30) if all_of_them else TASK.due_date]


def test_who_does_it_sees_what_was_corrected_and_cannot_correct_it(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    assert not room.page.correct_task.isVisible()
    cells = correct(TASK, replace(TASK, document="16/KH-UBND"), [], "Nhầm số", TODAY, lambda: UUID)
    keys = receive(store, [(key, [content]) for key, content in cells.items()], "Sở A", COMMUNE.key)
    feed.changed.emit(ChangeSet(keys))
    qtbot.waitUntil(lambda: room.page.asks.isVisible())
    assert said(room.page.asks) == "Đã sửa ngày 21/11/2026 (số, ký hiệu văn bản): Nhầm số"
    room.page.form.percent.setText("20")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    assert room.page.asks.isVisible(), "said on the same day, perhaps before it was known"


def test_a_task_of_the_wrong_village_is_given_to_the_right_one(qtbot: QtBot, store: Store, build: Build) -> None:
    task = replace(TASK, unit=VILLAGES[0], from_unit=COMMUNE.key, supporting=())
    receive(store, [(key, [content]) for key, content in task.cells().items()], stream=COMMUNE.key)
    room = shown(build, store)
    dialog = dialog_of(room)
    assert dialog.picker.model.keys(LEAD) == (VILLAGES[0],)
    assert dialog.picker.model.shown[dialog.picker.table.currentIndex().row()].key == VILLAGES[0]
    dialog.picker.model.tick([VILLAGES[1]], LEAD, True)
    save(dialog, "Nhầm thôn")
    assert dialog.note_text.text() == words.say("tasks.correct.one_unit")
    dialog.picker.model.tick([VILLAGES[0]], LEAD, False)
    assert dialog.about.isVisible()
    save(dialog, "Nhầm thôn")
    old = found(store)
    assert old.task.is_withdrawn
    assert old.taken[0].step.unit == VILLAGES[1]
    (new,) = [each.task for each in Assignments(store, VILLAGES[1]).all() if each.task.content == task.content]
    assert new == replace(task, item=new.item, unit=VILLAGES[1])
    qtbot.waitUntil(lambda: bool(room.page.taken))
    assert "Giao lại cho" in said(room.page.taken[0])


def test_what_is_half_corrected_is_there_again_over_what_was_corrected_meanwhile(
    store: Store, build: Build, feed: Feed
) -> None:
    ours(store)
    room = shown(build, store)
    dialog = dialog_of(room)
    dialog.lines["document"].setText("16/KH-UBND")
    dialog.words.setPlainText("Nhầm số")
    dialog.close()
    store.record_changes([(Key("task", COMMUNE.key, ITEM, "", "assigner"), '"Chủ tịch xã"')], "Bình", NOW)
    room.reading.touch({Key("task", COMMUNE.key, ITEM, "", "assigner")})
    again = dialog_of(room)
    assert again.lines["document"].text() == "16/KH-UBND"
    assert again.words.toPlainText() == "Nhầm số"
    assert again.lines["assigner"].text() == "Chủ tịch xã"
    save(again, "Nhầm số")
    assert (found(store).task.document, found(store).task.assigner) == ("16/KH-UBND", "Chủ tịch xã")
    assert dialog_of(room).words.toPlainText() == "", "what is stored is not typed any more"


def test_what_somebody_else_corrects_while_it_is_typed_is_told_and_not_overwritten(
    qtbot: QtBot, store: Store, build: Build, feed: Feed
) -> None:
    ours(store)
    room = shown(build, store)
    dialog = dialog_of(room)
    dialog.content.setPlainText("Rà soát mạng")
    theirs = {"content": '"Rà soát máy"', "assigner": '"Chủ tịch xã"'}
    edits = [(Key("task", COMMUNE.key, ITEM, "", name), content) for name, content in theirs.items()]
    store.record_changes(edits, "Bình", NOW)
    room.reading.touch({key for key, _ in edits})
    save(dialog, "Ghi nhầm")
    assert dialog.isVisible()
    assert dialog.note_text.text() == words.say("tasks.correct.meanwhile", fields="Nội dung")
    assert found(store).task.content == "Rà soát máy"
    assert dialog.content.toPlainText() == "Rà soát mạng"
    assert dialog.lines["assigner"].text() == "Chủ tịch xã"
    dialog.save.click()
    assert (found(store).task.content, found(store).task.assigner) == ("Rà soát mạng", "Chủ tịch xã")
    (taken,) = found(store).taken
    assert taken.step.was == (("content", "Rà soát máy"),)


def test_what_somebody_else_withdraws_meanwhile_is_not_given_to_a_second_unit(store: Store, build: Build) -> None:
    task = replace(TASK, unit=VILLAGES[0], from_unit=COMMUNE.key, supporting=())
    receive(store, [(key, [content]) for key, content in task.cells().items()], stream=COMMUNE.key)
    room = shown(build, store)
    dialog = dialog_of(room)
    dialog.picker.model.tick([VILLAGES[0]], LEAD, False)
    dialog.picker.model.tick([VILLAGES[1]], LEAD, True)
    cells = cells_of(task, UUID, replace(WITHDRAWN, unit=f"{COMMUNE.key}.005"))
    room.reading.touch(set(store.record_changes(list(cells.items()), "Bình", NOW).keys))
    save(dialog, "Nhầm thôn")
    assert dialog.isVisible()
    assert dialog.note_text.text() == words.say("tasks.correct.withdrawn")
    assert dialog.picker.model.keys(LEAD) == (VILLAGES[1],)
    assert task.content not in [each.task.content for each in Assignments(store, VILLAGES[1]).all()]
    (taken,) = found(store).taken
    assert taken.step.unit == f"{COMMUNE.key}.005"


def test_what_has_come_and_is_not_listed_yet_is_undone_by_no_step_and_no_correction(store: Store, build: Build) -> None:
    task = replace(TASK, unit=VILLAGES[0], from_unit=COMMUNE.key, supporting=())
    receive(store, [(key, [content]) for key, content in task.cells().items()], stream=COMMUNE.key)
    room = shown(build, store)
    dialog = dialog_of(room)
    room.page.steps.buttons[StepKind.HOLD].click()
    room.page.step_form.words.setPlainText("Chờ kinh phí")
    cells = cells_of(task, UUID, WITHDRAWN)
    store.record_changes(list(cells.items()), "Bình", NOW)
    assert not room.reading.listing.by_item[ITEM].assigned.task.is_withdrawn, "as where thousands are read"
    room.page.step_form.save.click()
    assert words.say("tasks.wrong.withdrawn") in said(room.page.step_form)
    dialog.content.setPlainText("Rà soát mạng")
    save(dialog, "Ghi nhầm")
    assert dialog.note_text.text() == words.say("tasks.correct.withdrawn")
    assert (found(store).task.is_withdrawn, found(store).task.content) == (True, TASK.content)
    assert room.page.step_form.words.toPlainText() == "Chờ kinh phí"


def test_what_is_confirmed_while_it_is_corrected_is_not_given_to_another_unit_unasked(
    store: Store, build: Build
) -> None:
    task = replace(TASK, unit=VILLAGES[0], from_unit=COMMUNE.key, supporting=())
    receive(store, [(key, [content]) for key, content in task.cells().items()], stream=COMMUNE.key)
    room = shown(build, store)
    dialog = dialog_of(room)
    cells = cells_of(task, UUID, Step(StepKind.CONFIRM, TODAY))
    store.record_changes(list(cells.items()), "Bình", NOW)
    room.reading.touch(set(cells))
    ended = found(store).task
    for place, ticked in ((1, True), (0, False)):
        dialog.picker.model.tick([VILLAGES[place]], LEAD, ticked)
    save(dialog, "Nhầm thôn")
    assert dialog.note_text.text() == words.say("tasks.correct.meanwhile", fields="Trạng thái")
    assert found(store).task == ended
    assert TASK.content not in [each.task.content for each in Assignments(store, VILLAGES[1]).all()]
    assert dialog.picker.model.keys(LEAD) == (VILLAGES[1],), "what was chosen stays"
    dialog.save.click()
    assert found(store).task.is_withdrawn, "whoever knows it may still"


def test_with_large_letters_all_of_it_is_on_the_smallest_screen(store: Store, build: Build, qapp: QApplication) -> None:
    theme.apply(qapp, "light", 200)
    task = replace(TASK, unit=VILLAGES[0], from_unit=COMMUNE.key, supporting=())
    receive(store, [(key, [content]) for key, content in task.cells().items()], stream=COMMUNE.key)
    room = shown(build, store)
    room.page.steps.buttons[StepKind.WITHDRAW].click()
    form = room.page.step_form
    assert form.isVisible()
    assert form.words_name.minimumSizeHint().width() < form.words_name.fontMetrics().horizontalAdvance(
        form.words_name.text()
    )
    dialog = dialog_of(room)
    dialog.save.click()
    assert dialog.note.isVisible()
    assert dialog.minimumSizeHint().height() <= 768 - 60


def test_two_corrections_at_once_are_told_and_decided_by_the_next(store: Store, build: Build) -> None:
    ours(store)
    key = Key("task", COMMUNE.key, ITEM, "", "content")
    receive(store, [(key, ['"Rà soát mạng"', '"Rà soát máy"'])], stream=COMMUNE.key)
    room = shown(build, store)
    assert "Hai người quyết định khác nhau về nội dung: Rà soát mạng, Rà soát máy." in said(room.page.asks)
    dialog = dialog_of(room)
    dialog.content.setPlainText("Rà soát mạng, máy")
    save(dialog, "Gộp hai ý")
    assert found(store).task.content == "Rà soát mạng, máy"
    assert not found(store).contested


def test_a_full_disk_keeps_the_correction(store: Store, build: Build) -> None:
    ours(store)
    room = shown(build, store)
    dialog = dialog_of(room)
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    dialog.lines["roadmap"].setText("Quý I dự thảo. " * 250)
    save(dialog, "Thiếu lộ trình. " * 200)
    assert dialog.isVisible()
    assert words.say("errors.disk_full.title") in said(dialog.fault)
    store.db.execute("PRAGMA max_page_count = 1073741823")
    dialog.save.click()
    assert found(store).task.roadmap.startswith("Quý I")


def test_what_cannot_be_given_so_is_told(store: Store, build: Build) -> None:
    ours(store)
    dialog = dialog_of(shown(build, store))
    dialog.content.setPlainText("")
    save(dialog, "x")
    assert dialog.note_text.text() == words.say("tasks.refused.no_content")
    dialog.content.setPlainText("Rà soát")
    dialog.lines["due"].setText("01/11/2026")
    save(dialog, "x")
    assert dialog.note_text.text() == words.say("tasks.refused.due_before_start")
    dialog.lines["due"].setText("mai")
    save(dialog, "x")
    assert dialog.note_text.text() == words.say("tasks.wrong.day_unreadable", example="21/11/2026")
    assert not found(store).taken


def test_each_field_and_what_it_says_has_a_word() -> None:
    assert {worded.field_name(field) for field in FIELDS} >= {"Hạn hoàn thành", "Trạng thái"}
    units = {"48.D01": "Sở A", "48.D02": "Sở B"}
    said = {
        ("due_date", "2026-11-30"): "30/11/2026",
        ("due_date", ""): "—",
        ("group", "digital_economy"): "Kinh tế số",
        ("group", "of_a_newer_version"): "of_a_newer_version",
        ("state", "withdrawn"): "Đã thu hồi",
        ("supporting", "48.D01 48.D02"): "Sở A, Sở B",
        ("targets", "village_ct12=1200"): "village_ct12 ≥ 1.200",
        ("content", "2026-11-30"): "2026-11-30",
    }
    assert {one: worded.worded(*one, units) for one in said} == said
