"""The desk's list in words: what is due by its deadline, and what needs a decision, each with where it opens."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, NamedTuple

from desktop.today.forms import FAR, FormDue
from desktop.today.open_tasks import SOON, OpenTasks, Withdrawn, due_day, is_late
from desktop.today.steps import Came, Returned
from desktop.widgets import formats
from desktop.widgets.naming import Names, in_short
from desktop.widgets.place import Place
from desktop.widgets.rows import PLAIN, Heading, Row
from desktop.widgets.standing import Standing, late, standing
from desktop.widgets.words import language, say
from sync.domain.authors import name_of
from sync.domain.keys import STATUS
from sync.domain.local_time import day_at
from sync.domain.steps import Explaining, StepKind, explanations, undecided
from sync.domain.tasks import Task, TaskState
from sync.store import Shown
from sync.store.assigned import Assigned
from sync.store.submissions import Remarked

_MOST_CELLS: Final = 12
"""Cells of one form that came back; the next come into the list when these are mended."""

_NAMED: Final = 3
"""Units named in a row; the entry room shows all of them."""


class Item(NamedTuple):
    """A row, the day it is due, the place that it opens, and whether its time has passed."""

    row: Row
    day: date
    place: Place
    late: bool = False


class Listing(NamedTuple):
    """Rows under their headings, the place of each row's key, and how many of them are urgent."""

    rows: list[Heading | Row]
    places: dict[object, Place]
    urgent: int


def listing(
    forms: Iterable[FormDue],
    tasks: OpenTasks,
    undecided: Iterable[Shown],
    came: Came,
    names: Names,
    now: datetime,
) -> Listing:
    """Everything that is due, came back or is undecided, and what nobody has to do any more.

    What is overdue stands first and stays until it is done.
    """
    today = day_at(now)
    items = [_form(due, came.unsent(due), names, now) for due in forms]
    items += [_tasks(alike, names, now) for alike in tasks.listed]
    items.sort(key=lambda item: item.day)
    overdue = [item for item in items if item.late]
    soon = [item for item in items if not item.late and item.day <= today + SOON]
    later = [item for item in items if item.day > today + SOON]
    decide = [item for one in came.returned for item in _returned(one, names, now)]
    decide += [_to_review("submitted", place, count, names) for place, count in came.submitted.items()]
    decide += [_to_review("asked", place, count, names) for place, count in came.asked.items()]
    decide += [found for shown in undecided if (found := _undecided(shown, names)) is not None]
    told = [_withdrawn(one, names, now) for one in tasks.withdrawn]
    rows: list[Heading | Row] = []
    groups = {"overdue": overdue, "soon": soon, "decide": decide, "withdrawn": told, "later": later}
    for name, group in groups.items():
        if group:
            rows.append(Heading(say(f"today.group.{name}")))
            rows += [item.row for item in group]
    every = [*items, *decide, *told]
    if tasks.more:
        every.append(_more(tasks.more))
        rows.append(every[-1].row)
    urgent = len(overdue) + len(soon) + len(decide) + tasks.urgent
    return Listing(rows, {item.row.key: item.place for item in every}, urgent)


def _form(due: FormDue, unsent: Sequence[str], names: Names, now: datetime) -> Item:
    """What is to be filled; of what is filled, what is to be sent."""
    today = day_at(now)
    details = [say("today.form.cells", filled=due.filled, cells=due.cells)]
    if due.due:
        details.append(say("today.form.due", due=formats.moment(due.due)))
    if due.unread:
        details.append(say("today.form.unread", count=due.unread))
    if due.lacking and len(due.units) > 1:
        lacking = ", ".join(names.unit(unit) for unit in due.lacking[:_NAMED])
        if len(due.lacking) > _NAMED:
            lacking = say("today.form.more", names=lacking)
        details.append(say("today.form.lacking", count=len(due.lacking), names=lacking))
    if due.is_complete:
        details.append(say("today.form.unsent", count=len(unsent)) if len(due.units) > 1 else say("today.form.to_send"))
    pill, look, late = say("today.form.no_due"), PLAIN, False
    if due.due:
        late = due.due < now
        pill = formats.days_left(due.day, today)
        look = "bad" if late else "warning" if due.day <= today + SOON else PLAIN
        if late and due.day == today:
            pill = say("today.form.late_today")
    row = Row(
        ("form", due.form.key, due.period.code),
        "table",
        say("today.form.title", form=due.form.name.text(language()), period=formats.period(due.period.code)),
        " · ".join(details),
        pill,
        look,
        say("today.form.send" if due.is_complete else "today.form.go_on" if due.filled else "today.form.start"),
    )
    if due.is_complete:
        return Item(row, due.day, Place("review", unsent[0], due.form.key, due.period.code), late)
    unit, item = due.next_cell or (due.units[0], "")
    return Item(row, due.day, Place("entry", unit, due.form.key, due.period.code, item), late)


def _task(assigned: Assigned, names: Names, now: datetime) -> Item:
    task = assigned.task
    today = day_at(now)
    found = standing(task, today)
    details = _asked(assigned)
    if task.document:
        details.append(say("today.task.document", document=task.document))
    details.append(say("today.task.lead", unit=names.unit(task.unit)))
    if assigned.percent is not None:
        details.append(say("today.task.percent", percent=assigned.percent))
    last = max((update.cell.typed_at for update in assigned.updates), default=None)
    details.append(say("today.task.updated", ago=formats.ago(last, now)) if last else say("today.task.never"))
    row = _row(task, found, details, say("today.task.update"))
    return Item(row, due_day(assigned), Place("tasks", task.unit, task=task.item), is_late(assigned, today))


def _row(task: Task, found: Standing, details: Sequence[str], action: str) -> Row:
    return Row(("task", task.item), found.icon, task.content, " · ".join(details), found.word, found.look, action)


def _more(count: int) -> Item:
    """Tasks for which the list has no room."""
    row = Row(("more",), "list-checks", say("today.more.title", count=count), say("today.more.text"), "", PLAIN)
    return Item(replace(row, action=say("today.more.open")), FAR, Place("tasks"))


def _tasks(alike: Sequence[Assigned], names: Names, now: datetime) -> Item:
    """One task, or one that several units have: told by how many are late, and opened at the most urgent."""
    first = _task(alike[0], names, now)
    if len(alike) == 1:
        return first
    today, task = day_at(now), alike[0].task
    units = ", ".join(names.unit(one.task.unit) for one in alike[:_NAMED])
    if len(alike) > _NAMED:
        units = say("today.form.more", names=units)
    details = [say("today.task.units", count=len(alike), names=units)]
    if count := sum(late(one.task, today) for one in alike):
        details.append(say("today.task.late", count=count))
    if asked := sum(bool(_asked(one)) for one in alike):
        details.append(say("today.task.asked", count=asked))
    if task.document:
        details.append(say("today.task.document", document=task.document))
    row = replace(first.row, detail=" · ".join(details), action=say("today.task.open"))
    return first._replace(row=row)


def _withdrawn(one: Withdrawn, names: Names, now: datetime) -> Item:
    """A task that is not to be done any more, with why, and who has it instead."""
    task, step = one.task, one.step
    details = [say("today.withdrawn.why", why=step.words)]
    if step.unit:
        details.append(say("today.withdrawn.moved", unit=names.unit(step.unit)))
    details.append(say("today.withdrawn.by", author=name_of(one.author) or "?", at=formats.near(one.at, now)))
    if task.document:
        details.append(say("today.task.document", document=task.document))
    row = _row(task, standing(task, day_at(now)), details, say("today.task.open"))
    return Item(row, FAR, Place("tasks", task.unit, task=task.item))


def _asked(assigned: Assigned) -> list[str]:
    """What waits for an answer of whoever does the task, or of whoever assigned it."""
    steps = assigned.steps
    found = [
        say(f"today.task.explanation_{one.stage}", due=formats.short_day(one.due))
        for one in explanations(steps)
        if one.stage is not Explaining.ACCEPTED
    ]
    if undecided(steps, StepKind.ASK_EXTENSION):
        found.append(say("today.task.extension"))
    if assigned.task.state is TaskState.AWAITING_CONFIRMATION:
        found.append(say("today.task.awaiting"))
    return found


def _returned(one: Returned, names: Names, now: datetime) -> list[Item]:
    """A form to be corrected and sent again; below it each cell that its return names, as long as it is not mended."""
    key, author = one.key, one.shown.author
    title = say("today.returned.title", form=names.form(key.item), unit=names.unit(key.unit))
    who = say("today.returned.by", author=name_of(author) or "?", at=formats.near(one.shown.typed_at, now))
    why = [say("today.returned.why", why=one.status.comment)] if one.status.comment else []
    if one.cells:
        why.append(say("today.returned.mended", mended=len(one.cells) - len(one.to_mend), count=len(one.cells)))
    detail = " · ".join([*names.where(key), *why, who])
    is_mended = bool(one.cells) and not one.to_mend
    opened = say("today.form.send" if is_mended else "today.returned.open")
    row = Row(key, "undo", title, detail, say("today.returned.pill"), "warning", opened)
    return [Item(row, FAR, _place_of(one)), *(_returned_cell(one, cell, names) for cell in one.to_mend[:_MOST_CELLS])]


def _place_of(one: Returned) -> Place:
    """The first cell to mend; where all are mended, the form to be sent."""
    key = one.key
    if one.cells and not one.to_mend:
        return Place("review", key.unit, key.item, key.period)
    return Place("entry", key.unit, key.item, key.period, one.to_mend[0].figure.item if one.to_mend else "")


def _returned_cell(one: Returned, cell: Remarked, names: Names) -> Item:
    key, figure = one.key, cell.figure
    title = say("today.returned.cell", cell=names.cell(figure), unit=names.unit(figure.unit), why=cell.why)
    detail = " · ".join([names.form(key.item), *names.where(figure)])
    pill, opened = say("today.returned.pill"), say("today.returned.open")
    # In conflict the same cell has another row, and in another form that came back as well.
    row = Row((key, figure), "undo", title, detail, pill, "warning", opened)
    return Item(row, FAR, Place("entry", figure.unit, key.item, figure.period, figure.item))


def _to_review(kind: str, place: tuple[str, str], count: int, names: Names) -> Item:
    """Forms of one period that wait for a decision, or of which changes are asked."""
    form, period = place
    title = say(f"today.{kind}.title", count=count, form=names.form(form))
    detail = formats.period(period)
    opened = say("today.review.open")
    row = Row((kind, form, period), "shield-check", title, detail, say("today.review.pill"), "accent", opened)
    return Item(row, FAR, Place("review", "", form, period))


def _undecided(shown: Shown, names: Names) -> Item | None:
    """A cell in conflict, or whose last change was parked; None for what no person here need decide."""
    key = shown.key
    place = names.place(key)
    if place is None or not (shown.rivals or shown.reason):
        return None
    what = names.what(key)
    # A form that came back has a row of its own.
    place_in_list: object = ("undecided", key) if key.kind == STATUS else key
    if shown.rivals:
        contents = [in_short(content) for content in (shown.content, *(rival.content for rival in shown.rivals))]
        values = contents[0]
        for content in contents[1:]:
            values = say("today.conflict.and", first=values, second=content)
        title = say(f"today.conflict.{'decisions' if key.kind == STATUS else 'title'}", what=what, values=values)
        detail = " · ".join(names.where(key) + [name_of(rival.author) for rival in shown.rivals if rival.author])
        row = Row(
            place_in_list, "diamond", title, detail, say("today.conflict.pill"), "conflict", say("today.conflict.open")
        )
        return Item(row, FAR, place._replace(room="transfer"))
    title = say("today.parked.title", what=what)
    detail = " · ".join([*names.where(key), formats.reason(shown.reason)])
    row = Row(place_in_list, "info", title, detail, say("today.parked.pill"), "warning", say("today.parked.open"))
    return Item(row, FAR, place)
