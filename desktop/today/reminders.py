"""What the system's own notifications tell: a form that came back, a deadline of a form or task that is near, and that
a task was withdrawn."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from desktop.today.forms import FormDue
from desktop.today.open_tasks import Near, OpenTasks, Withdrawn
from desktop.today.steps import Came, Returned
from desktop.widgets import formats
from desktop.widgets.naming import Names
from desktop.widgets.place import Place
from desktop.widgets.reminder import Reminder
from desktop.widgets.words import language, say

NEAR: Final = timedelta(days=2)
_CELLS: Final = 3
"""Cells of a form that came back of which a notification has room to tell."""


def reminders(
    came: Came,
    dues: Iterable[FormDue],
    tasks: OpenTasks,
    names: Names,
    now: datetime,
) -> list[Reminder]:
    """Of `dues`, the forms still to be filled or sent, those near their day; of the `tasks` these too, and those that
    were withdrawn.

    Each has a token of what it is about, so that it is told once: a form that comes back again is told again."""
    found = []
    for one in came.returned:
        key = one.key
        token = f"returned {key.unit} {key.item} {key.period} {int(one.shown.typed_at.timestamp())}"
        title = say("today.remind.returned", form=names.form(key.item), unit=names.unit(key.unit))
        item = one.to_mend[0].figure.item if one.to_mend else ""
        found.append(Reminder(token, title, _why(one, names), Place("entry", key.unit, key.item, key.period, item)))
    for due in dues:
        if due.due is None or not now < due.due <= now + NEAR:
            continue
        token = f"near {due.form.key} {due.period.code} {due.due.isoformat()}"
        form, period = due.form.name.text(language()), formats.period(due.period.code)
        title = say("today.remind.near", form=form, period=period)
        if due.next_cell:
            unit, item = due.next_cell
            text = say("today.remind.left", due=formats.moment(due.due), filled=due.filled, cells=due.cells)
            place = Place("entry", unit, *due.name, item)
        else:
            text = say("today.remind.unsent", due=formats.moment(due.due))
            place = Place("review", came.unsent(due)[0], *due.name)
        found.append(Reminder(token, title, text, place))
    return [*found, *map(_of_task, tasks.near), *map(_of_withdrawn, tasks.withdrawn)]


def _why(one: Returned, names: Names) -> str:
    """What was said of the whole, and of the first cells; of a long list the desk has all.

    Others look at a screen on which this comes up: of a form that holds a figure that is not public it says no word.
    """
    if not names.is_public_form(one.key.item):
        return say("today.remind.no_reason")
    said = [one.status.comment] if one.status.comment else []
    for figure, why, _ in one.cells[:_CELLS]:
        said.append(say("widgets.step.remark", cell=names.cell(figure), why=why))
    if len(one.cells) > _CELLS:
        said.append(say("today.remind.more_cells", count=len(one.cells) - _CELLS))
    return "\n".join(said) or say("today.remind.no_reason")


def _of_task(one: Near) -> Reminder:
    """A task near its day, or one that several units have as parts of a whole: of another day it is told again."""
    near, task = one.tasks, one.tasks[0].task
    due = task.due_date
    assert due is not None, "without one it is near nothing"
    token = f"task {one.whole or task.item} {due.isoformat()}"
    title = say("today.remind.task", task=task.content)
    if len(near) > 1:
        text = say("today.remind.task_units", due=formats.day(due), count=len(near))
    elif (percent := near[0].percent) is not None:
        text = say("today.remind.task_left", due=formats.day(due), percent=percent)
    else:
        text = say("today.remind.task_never", due=formats.day(due))
    return Reminder(token, title, text, Place("tasks", task.unit, task=task.item))


def _of_withdrawn(one: Withdrawn) -> Reminder:
    """A task on which nobody should go on working; taken up and withdrawn again it is told again."""
    token = f"withdrawn {one.task.item} {int(one.at.timestamp())}"
    title = say("today.remind.withdrawn", task=one.task.content)
    return Reminder(token, title, one.step.words, Place("tasks", one.task.unit, task=one.task.item))
