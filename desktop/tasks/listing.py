"""The list of tasks as of a day: searched, filtered and sorted, and put into words when a row comes into sight."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, NamedTuple

from desktop.widgets.rows import Heading, Lazy, Row
from desktop.widgets.standing import late, standing
from desktop.widgets.words import say
from sync.domain.evaluation import SILENT_DAYS, Figure, board, counted_in, last_heard, silent_before
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
    state: str = ""
    document: str = ""
    order: Order = Order.PRESSING
    items: frozenset[str] | None = None


class Line(NamedTuple):
    """A task as it stood on the day of the list, with what the list looks at. `words` are those by which it is found,
    without accents; of it was `heard` last on a day; what only supports another unit's task `counts` there. What was
    withdrawn stands in no way, and counts nowhere."""

    item: str
    unit: str
    group: TaskGroup | None
    document: str
    words: str
    assigned: Assigned
    task: Task
    stand: Timeliness | None
    is_done: bool
    pressing: tuple[int, str]
    percent: int | None
    heard: date | None
    counts: bool


Board = Mapping[str, Mapping[Figure, Sequence[Line]]]
"""The lines behind each figure, by the name of a row."""


class Listing:
    """The tasks as they stood on `as_of`: on a day before `today`, those that were there then. `units` are the names of
    units by key. What stands in the listing `before` of the same day and names is looked at again only where the task
    is another now."""

    def __init__(
        self,
        tasks: Iterable[Assigned],
        units: Mapping[str, str],
        as_of: date,
        today: date,
        before: "Listing | None" = None,
    ) -> None:
        self.all: Sequence[Assigned] = list(tasks)
        """Also those that were not there yet on `as_of`."""
        tasks = self.all
        if as_of < today:
            tasks = (each for each in tasks if each.was_given(as_of))
        if before is not None and (before.as_of != as_of or before.units is not units):
            before = None
        known: Mapping[str, Line] = before.by_item if before else {}
        found: dict[str, Line] = {}
        for each in tasks:
            item = each.task.item
            old = known.get(item)
            found[item] = _line(each, units, as_of) if old is None or old.assigned is not each else old
        # Most stand in order already, which makes sorting short.
        kept = [line for line in before.lines if found.get(line.item) is line] if before else []
        fresh = [line for item, line in found.items() if known.get(item) is not line]
        self.as_of: date = as_of
        self.today: date = today
        self.units: Mapping[str, str] = units
        self.lines: list[Line] = sorted(kept + fresh, key=_PRESSING_OF)
        self.by_item: Mapping[str, Line] = found
        self._late: dict[date, int] = {}
        self._shown: Shown | None = None

    def prepare(self, choice: Choice) -> "Listing":
        """Do now what is else done when it is first asked for, which takes long where there are thousands; `choice` is
        what will be shown."""
        _ = self.late_on(self.today), self.named, self.documents, self.show(choice)
        return self

    def show(self, choice: Choice) -> "Shown":
        """What is shown for a choice; asked for the same once more, it is there already."""
        if self._shown is None or self._shown.choice != choice:
            found = self.found(choice)
            stands = Counter(map(_STAND_OF, found))
            shown = rows(self.picked(found, choice), self)
            if isinstance(shown, Lazy):
                shown.place(None)
            self._shown = Shown(choice, len(found), stands, shown)
        return self._shown

    def late_on(self, day: date) -> int:
        """How many are open past their day on `day`, as they stand now."""
        if day not in self._late:
            if day == self.as_of:
                open_ones = (line for line in self.lines if not line.is_done)
                self._late[day] = sum(line.stand is Timeliness.OVERDUE for line in open_ones)
            else:
                self._late[day] = sum(late(each.task, day) for each in self.all)
        return self._late[day]

    @cached_property
    def named(self) -> Mapping[str, str]:
        """The units that have tasks here, by key, with their names."""
        return {unit: self.name(unit) for unit in set(map(_UNIT_OF, self.lines))}

    @cached_property
    def documents(self) -> frozenset[str]:
        """The documents that tasks here come from."""
        return frozenset(map(_DOCUMENT_OF, self.lines)) - {""}

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
            lines = [line for line in lines if line.item in items]
        if unit := choice.unit:
            lines = [line for line in lines if within(line.unit, unit)]
        if choice.group:
            group = TaskGroup(choice.group)
            lines = [line for line in lines if line.group is group]
        if state := choice.state:
            lines = [line for line in lines if line.task.state == state]
        if document := choice.document:
            lines = [line for line in lines if line.document == document]
        for word in fold(choice.query).split():
            lines = [line for line in lines if word in line.words]
        return lines if lines is not self.lines else list(lines)

    def board(self, by: Callable[[Line], str], lines: Iterable[Line], silent_days: int = SILENT_DAYS) -> Board:
        """The lines behind every figure, by what `by` gives; a task that only supports another unit's counts there."""
        limit = silent_before(self.as_of, silent_days)

        def figures(line: Line) -> tuple[Figure, ...]:
            assert line.stand is not None, "what was withdrawn does not count"
            quiet = not line.is_done and (line.heard is None or line.heard < limit)
            return counted_in(line.stand, is_done=line.is_done, is_silent=quiet)

        return board((line for line in lines if line.counts), by, figures)

    def wholes(self) -> list[Line]:
        """The lines without those that are parts of a task in this list: each task once. What was confirmed below a
        task that was withdrawn later is a part of nothing that counts, and counts for itself."""
        by_item = self.by_item
        return [line for line in self.lines if (of := by_item.get(line.task.parent)) is None or of.stand is None]

    def name(self, unit: str) -> str:
        """A unit's name."""
        return self.units.get(unit, unit)

    def _order(self, order: Order) -> Callable[[Line], Any]:
        if order is Order.DUE:
            return lambda line: line.task.due_date or date.max
        if order is Order.PERCENT:
            return lambda line: -1 if line.percent is None else line.percent
        if order is Order.UNIT:
            places = _places(self.named)
            return lambda line: places[line.unit]
        if order is Order.GROUP:
            return lambda line: line.group or "~"
        of_document = _places({document: document for document in self.documents}) | {"": len(self.documents)}
        return lambda line: of_document[line.document]


class Shown(NamedTuple):
    """What is shown for a choice: how many fit it but for how they stand, how many of them stand in each way, and the
    rows of those that stand as it says."""

    choice: Choice
    fit: int
    stands: Mapping[Timeliness | None, int]
    rows: Sequence[Heading | Row]


_UNIT_OF, _DOCUMENT_OF, ITEM_OF, _PRESSING_OF, _STAND_OF = map(
    attrgetter, ("unit", "document", "item", "pressing", "stand")
)


def rows(lines: Sequence[Line], listing: Listing) -> Sequence[Heading | Row]:
    """The rows of `lines`; of few, what is completed and what was withdrawn stand last, each under a heading."""
    if len(lines) > MOST_AT_ONCE:
        # They live as long as the listing that keeps them, and so they do not keep it in turn.
        items, by_item, as_of, units = list(map(ITEM_OF, lines)), listing.by_item, listing.as_of, listing.units
        return Lazy(items, lambda item: row_of(by_item[str(item)], as_of, units))
    done = [line for line in lines if line.is_done]
    withdrawn = [line for line in lines if line.stand is None]
    as_of, units = listing.as_of, listing.units
    shown: list[Heading | Row] = [row_of(line, as_of, units) for line in lines if line.stand and not line.is_done]
    for name, those in (("completed", done), ("withdrawn", withdrawn)):
        if those:
            shown += [Heading(say(f"tasks.state.{name}")), *(row_of(line, as_of, units) for line in those)]
    return shown


def row_of(line: Line, as_of: date, units: Mapping[str, str]) -> Row:
    """A task in two lines, with how it stands; `units` are the names of units by key."""
    task = line.task
    stand = standing(task, as_of)
    details = [task.document, units.get(task.unit, task.unit)]
    if line.percent is not None:
        details.append(say("tasks.page.percent", percent=line.percent))
    if line.assigned.parts:
        details.append(say("tasks.list.parts", count=len(line.assigned.parts)))
    if task.supports:
        details.append(say("tasks.list.supports", unit=units.get(task.supports, task.supports)))
    detail = " · ".join(part for part in details if part)
    return Row(task.item, stand.icon, task.content, detail, stand.word, stand.look)


def _line(assigned: Assigned, units: Mapping[str, str], as_of: date) -> Line:
    task = assigned.on(as_of)
    stand = None if task.is_withdrawn else timeliness(task, as_of)
    done = is_done(task, as_of)
    # In one number, which is compared at once: 20,000 of them are sorted.
    rank = (10 * done + (_PRESSING[stand] if stand else 20)) * _DAYS + (task.due_date or date.max).toordinal()
    said = (task.content, task.document, task.code, task.assigner, task.contact, units.get(task.unit, task.unit))
    return Line(
        task.item,
        task.unit,
        task.group,
        task.document,
        fold(" ".join(said)),
        assigned,
        task,
        stand,
        done,
        (rank, task.item),
        assigned.percent_on(as_of),
        last_heard(task, assigned.said_on(as_of)),
        stand is not None and not task.supports,
    )


def _places(names: Mapping[str, str]) -> dict[str, int]:
    """The place of each key by its name, as Vietnamese is sorted."""
    return {key: place for place, key in enumerate(sorted(names, key=lambda key: sort_key(names[key])))}
