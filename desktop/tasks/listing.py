"""The list of tasks in words: searched, filtered by timeliness, the most pressing first."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from desktop.widgets.rows import Heading, Row
from desktop.widgets.standing import is_open, standing
from desktop.widgets.words import say
from sync.domain.tasks import Timeliness, timeliness
from sync.domain.text import search
from sync.store.assigned import Assigned

_PRESSING: Final = (Timeliness.OVERDUE, Timeliness.NEAR, Timeliness.ON_TIME, Timeliness.NO_DEADLINE)


def found(tasks: Sequence[Assigned], units: Mapping[str, str], query: str) -> list[Assigned]:
    """The tasks that hold every word of `query`, with or without accents, in what the list and the page say."""

    def words(assigned: Assigned) -> str:
        task = assigned.task
        return " ".join((task.content, task.document, task.assigner, units.get(task.unit, task.unit)))

    return search(query, tasks, words)


def counts(tasks: Sequence[Assigned], today: date) -> dict[Timeliness, int]:
    """How many of `tasks` stand in each way."""
    stand = [timeliness(assigned.task, today) for assigned in tasks]
    return {each: stand.count(each) for each in Timeliness}


def rows(
    tasks: Sequence[Assigned], units: Mapping[str, str], chosen: Timeliness | None, today: date
) -> list[Heading | Row]:
    """The rows of what is `chosen` (None: all): open tasks by how pressing they are, then the completed ones."""
    shown = [each for each in tasks if chosen is None or timeliness(each.task, today) is chosen]
    shown.sort(key=lambda each: _order(each, today))
    open_ones = [_row(each, units, today) for each in shown if is_open(each.task, today)]
    done = [_row(each, units, today) for each in shown if not is_open(each.task, today)]
    if not done:
        return list(open_ones)
    return [*open_ones, Heading(say("tasks.list.completed")), *done]


def _order(assigned: Assigned, today: date) -> tuple[int, date, str]:
    task = assigned.task
    return _PRESSING.index(timeliness(task, today)), task.due_date or date.max, task.item


def _row(assigned: Assigned, units: Mapping[str, str], today: date) -> Row:
    task = assigned.task
    stand = standing(task, today)
    details = [task.document, units.get(task.unit, task.unit)]
    if assigned.percent is not None:
        details.append(say("tasks.page.percent", percent=assigned.percent))
    detail = " · ".join(part for part in details if part)
    return Row(task.item, stand.icon, task.content, detail, stand.word, stand.look)
