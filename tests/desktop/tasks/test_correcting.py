"""What was given wrong is withdrawn in the room, by who gave it; who was to do it sees that and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks.listing import Listing, rows
from desktop.tasks.report import report
from desktop.tasks.room import TasksRoom
from desktop.widgets import words
from desktop.widgets.place import Place
from desktop.widgets.rows import Heading, Row
from sync.domain.assigning import part_of
from sync.domain.evaluation import Figure, figures_of
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import Task, TaskState, Timeliness
from sync.store import Store
from sync.store.assigned import Assignments
from tests.desktop.sampled import COMMUNE, PERSON, receive
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
    assert after.counts(after.lines)[Timeliness.OVERDUE] == before.counts(before.lines)[Timeliness.OVERDUE] - 1
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


def test_who_gave_it_withdraws_it_with_its_parts_and_may_take_it_up_again(
    qtbot: QtBot, store: Store, build: Build
) -> None:
    tasks = ours(store)
    room = build(store)
    room.show_place(Place("tasks", task=ITEM))
    form = room.page.step_form
    room.page.steps.buttons[StepKind.WITHDRAW].click()
    assert form.about.text() == words.say("tasks.step.withdraw.also", count=2)
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
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert found(store).task.state is TaskState.IN_PROGRESS
    assert found(store, tasks[1].item).task.is_withdrawn, "each is taken up again for itself"


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
