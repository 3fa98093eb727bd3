"""The list of tasks as of a day: searched, filtered and sorted, and put into words when a row comes into sight."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from desktop.widgets.rows import Heading, Lazy, Row
from desktop.widgets.standing import standing
from desktop.widgets.words import say
from sync.domain.evaluation import SILENT_DAYS, Figure, figures_of
from sync.domain.keys import within
from sync.domain.tasks import Task, TaskGroup, Timeliness, is_done, timeliness
from sync.domain.text import fold, sort_key
from sync.store.assigned import Assigned

MOST_AT_ONCE: Final = 300
"""Rows that are all put into words at once, with what is completed under a heading of its own."""

_DAYS: Final = 10_000_000
"""More than there are days."""

_PRESSING: Final = {
    Timeliness.OVERDUE: 0,
    Timeliness.NEAR: 1,
    Timeliness.ON_TIME: 2,
    Timeliness.NO_DEADLINE: 3,
}


class Order(StrEnum):
    """By what the list is sorted; of equal ones, the most pressing stands first."""

    PRESSING = "pressing"
    DUE = "due"
    UNIT = "unit"
    GROUP = "group"
    DOCUMENT = "document"
    PERCENT = "percent"


class Choice(NamedTuple):
    """What is chosen of the list: "" and None for all. `items` are the tasks behind a figure of the board."""

    query: str = ""
    stand: Timeliness | None = None
    unit: str = ""
    group: str = ""
    document: str = ""
    order: Order = Order.PRESSING
    items: frozenset[str] | None = None


class Line(NamedTuple):
    """A task as it stood on the day of the list, with what the list looks at."""

    assigned: Assigned
    task: Task
    stand: Timeliness
    is_done: bool
    pressing: tuple[int, str]
    percent: int | None
    said: date | None


class Listing:
    """The tasks as they stood on `as_of`; `units` are the names of units by key. What stands in the listing `before` of
    the same day is looked at again only where the task is another now."""

    def __init__(
        self, tasks: Sequence[Assigned], units: Mapping[str, str], as_of: date, before: "Listing | None" = None
    ) -> None:
        known: dict[str, Line] = before.by_item if before is not None and before.as_of == as_of else {}

        def line(each: Assigned) -> Line:
            old = known.get(each.task.item)
            return old if old is not None and old.assigned is each else _line(each, as_of)

        self.as_of: date = as_of
        self.units = units
        self.lines = sorted(map(line, tasks), key=lambda line: line.pressing)
        self.by_item: dict[str, Line] = {line.task.item: line for line in self.lines}
        self._folded: dict[str, str] = {}

    def chosen(self, choice: Choice) -> list[Line]:
        """The lines of what is chosen, in its order."""
        return self.picked(self.found(choice), choice)

    def picked(self, found: list[Line], choice: Choice) -> list[Line]:
        """Of what was `found` for this choice, the lines that stand as it says, in its order."""
        stand = choice.stand
        lines = [line for line in found if line.stand is stand] if stand else found
        # The most pressing stand first as it is, also among equal ones.
        if choice.order is not Order.PRESSING:
            lines.sort(key=self._order(choice.order))
        return lines

    def found(self, choice: Choice) -> list[Line]:
        """The lines that fit what is chosen, but for how they stand, the most pressing first."""
        lines = self.lines
        if choice.items is not None:
            items = choice.items
            lines = [line for line in lines if line.task.item in items]
        if unit := choice.unit:
            lines = [line for line in lines if within(line.task.unit, unit)]
        if choice.group:
            group = TaskGroup(choice.group)
            lines = [line for line in lines if line.task.group is group]
        if document := choice.document:
            lines = [line for line in lines if line.task.document == document]
        words = fold(choice.query).split()
        return [line for line in lines if self._holds(line, words)] if words else list(lines)

    def counts(self, lines: Sequence[Line]) -> dict[Timeliness, int]:
        """How many of `lines` stand in each way."""
        found = dict.fromkeys(Timeliness, 0)
        for line in lines:
            found[line.stand] += 1
        return found

    def figures(self, line: Line, silent_days: int = SILENT_DAYS) -> tuple[Figure, ...]:
        """The figures in which a task is counted; one that only supports another unit's is counted there."""
        if line.task.supports:
            return ()
        return figures_of(line.task, line.said, self.as_of, silent_days=silent_days)

    @property
    def late(self) -> int:
        """How many are open past their day."""
        return sum(line.stand is Timeliness.OVERDUE and not line.is_done for line in self.lines)

    def wholes(self) -> list[Line]:
        """The lines without those that are parts of a task in this list: each task once."""
        return [line for line in self.lines if line.task.parent not in self.by_item]

    def name(self, unit: str) -> str:
        """A unit's name."""
        return self.units.get(unit, unit)

    def _holds(self, line: Line, words: Sequence[str]) -> bool:
        folded = self._folded.get(line.task.item)
        if folded is None:
            task = line.task
            said = (task.content, task.document, task.code, task.assigner, task.contact, self.name(task.unit))
            folded = self._folded[task.item] = fold(" ".join(said))
        return all(word in folded for word in words)

    def _order(self, order: Order) -> Callable[[Line], Any]:
        if order is Order.DUE:
            return lambda line: line.task.due_date or date.max
        if order is Order.PERCENT:
            return lambda line: -1 if line.percent is None else line.percent
        name = self.name
        if order is Order.UNIT:
            ranks = _ranks({line.task.unit: name(line.task.unit) for line in self.lines})
            return lambda line: ranks[line.task.unit]
        if order is Order.GROUP:
            return lambda line: line.task.group or "~"
        ranks = _ranks({line.task.document: line.task.document for line in self.lines})
        return lambda line: (not line.task.document, ranks[line.task.document])


def rows(lines: Sequence[Line], listing: Listing) -> Sequence[Heading | Row]:
    """The rows of `lines`; of few, what is completed stands last under a heading."""
    if len(lines) > MOST_AT_ONCE:
        items = [line.task.item for line in lines]
        return Lazy(items, lambda item: row_of(listing.by_item[str(item)], listing))
    open_ones = [row_of(line, listing) for line in lines if not line.is_done]
    done = [row_of(line, listing) for line in lines if line.is_done]
    if not done:
        return open_ones
    return [*open_ones, Heading(say("tasks.list.completed")), *done]


def row_of(line: Line, listing: Listing) -> Row:
    """A task in two lines, with how it stands."""
    task = line.task
    stand = standing(task, listing.as_of)
    details = [task.document, listing.name(task.unit)]
    if line.percent is not None:
        details.append(say("tasks.page.percent", percent=line.percent))
    if line.assigned.parts:
        details.append(say("tasks.list.parts", count=len(line.assigned.parts)))
    if task.supports:
        details.append(say("tasks.list.supports", unit=listing.name(task.supports)))
    detail = " · ".join(part for part in details if part)
    return Row(task.item, stand.icon, task.content, detail, stand.word, stand.look)


def _line(assigned: Assigned, as_of: date) -> Line:
    task = assigned.on(as_of)
    stand, done = timeliness(task, as_of), is_done(task, as_of)
    # In one number, which is compared at once: 20,000 of them are sorted.
    rank = (10 * done + _PRESSING[stand]) * _DAYS + (task.due_date or date.max).toordinal()
    return Line(assigned, task, stand, done, (rank, task.item), assigned.percent_on(as_of), assigned.said_on(as_of))


def _ranks(names: Mapping[str, str]) -> dict[str, int]:
    """The place of each key by its name, as Vietnamese is sorted."""
    return {key: rank for rank, key in enumerate(sorted(names, key=lambda key: sort_key(names[key])))}
