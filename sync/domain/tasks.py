"""Assigned tasks: the cells that make one, and how it stands against its deadline."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from sync.domain.identifiers import made_at
from sync.domain.keys import TASK, Key
from sync.domain.local_time import day_at, day_of
from sync.domain.targets import Target, targets_of, written
from sync.domain.values import CLEARED, ContentError, Value

MAX_WORDS: Final = 4000
"""Longest text of a task or of one update, in letters: more than two printed pages belong in a document."""

MAX_UNITS: Final = 200
"""Units that support one task."""

NEAR_DAYS: Final = 3
"""How many days before its deadline a task counts as near, as the systems in use today have it."""


class TaskState(StrEnum):
    """How far the work is, as a person sets it. No national list of codes was found; the values are ours.

    What is withdrawn should not have been given: it stays, and is in no count and no report from its day on.
    """

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    COMPLETED = "completed"
    REFUSED = "refused"
    CONFIRMATION_REFUSED = "confirmation_refused"
    REDO = "redo"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"


class TaskGroup(StrEnum):
    """The group of work that a task belongs to, as in a province's digital transformation plan."""

    GENERAL = "general"
    DIGITAL_GOVERNMENT = "digital_government"
    DIGITAL_ECONOMY = "digital_economy"
    DIGITAL_SOCIETY = "digital_society"


class Timeliness(StrEnum):
    """How a task stands against its deadline, which is computed and never typed."""

    ON_TIME = "on_time"
    NEAR = "near"
    OVERDUE = "overdue"
    NO_DEADLINE = "no_deadline"


@dataclass(frozen=True, slots=True)
class Task:
    """A task of `unit`. Every field from `content` on is a cell of its own, named by it; "" and None are unset.

    `item` is the task's UUID. `from_unit` is the unit that assigned it, `parent` the task of a higher unit that it is a
    part of; `supports` is the unit that leads, where this one only supports it, and `supporting` are those that
    support this one. `targets` are indicators that show how far it is. `document` is the number and sign of the
    document that the task comes from, `citation` the place in it, `code` the number that a system above gave the task.
    `leader` is who answers for it in the office, `contact` whom to ask in the unit. Dates are whole days; no due date
    is "không hạn".
    """

    item: str
    unit: str
    content: str = ""
    from_unit: str = ""
    group: TaskGroup | None = None
    assigner: str = ""
    document: str = ""
    document_type: str = ""
    document_date: datetime.date | None = None
    citation: str = ""
    code: str = ""
    parent: str = ""
    supports: str = ""
    supporting: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    leader: str = ""
    contact: str = ""
    roadmap: str = ""
    approver: str = ""
    approver_email: str = ""
    approver_phone: str = ""
    start_date: datetime.date | None = None
    due_date: datetime.date | None = None
    completed_date: datetime.date | None = None
    state: TaskState = TaskState.NOT_STARTED

    @property
    def is_confirmed(self) -> bool:
        """Whether whoever assigned it took it as completed: nothing is added to it from then on."""
        return self.state is TaskState.COMPLETED

    @property
    def is_withdrawn(self) -> bool:
        """Whether whoever assigned it took it back: nobody has to do it any more."""
        return self.state is TaskState.WITHDRAWN

    @property
    def source(self) -> str:
        """The document in one line, as the reports have it: its type, number, day and the place in it."""
        day = f"{self.document_date:%d/%m/%Y}" if self.document_date else ""
        return ", ".join(part for part in (f"{self.document_type} {self.document}".strip(), day, self.citation) if part)

    @classmethod
    def of(cls, unit: str, item: str, cells: Mapping[str, str], *, lenient: bool = False) -> "Task":
        """Assemble from the contents by field: one that is cleared or absent keeps the default.

        A field that a newer version added is left. Raises ContentError when a cell cannot be read; with `lenient` it
        is left too, for a newer version may say more.
        """
        given: dict[str, Any] = {}
        for name, content in cells.items():
            if name not in _NAMES:
                continue
            try:
                value = _read(name, content)
            except ContentError:
                if not lenient:
                    raise
                continue
            if value is not None:
                given[name] = value
        return cls(item, unit, **given)

    def cells(self) -> dict[Key, str]:
        """The cells that hold this task, without those that are not set."""
        found = {}
        for name in FIELDS:
            value = getattr(self, name)
            if value not in ("", None, ()):
                found[Key(TASK, self.unit, self.item, "", name)] = content_of(value)
        return found


_NOT_FIRST: Final = ("item", "unit", "from_unit")
FIELDS: Final = ("from_unit", *(field.name for field in fields(Task) if field.name not in _NOT_FIRST))
"""The parts of a task's cells: first who assigns it, by which the centre knows who may write the others."""

_NAMES: Final = frozenset(FIELDS)

_DATES: Final = ("document_date", "start_date", "due_date", "completed_date")
_BETWEEN: Final = " "


def content_of(value: str | datetime.date | tuple[str, ...] | tuple[Target, ...] | None, note: str = "") -> str:
    """What the cell of a field holds that has this value, and why it was given it."""
    if value is None or value in ("", ()):
        return CLEARED
    if isinstance(value, tuple):
        units = [each for each in value if isinstance(each, str)]
        targets = [each for each in value if isinstance(each, Target)]
        return Value(text=_BETWEEN.join(units) or written(targets), note=note).content()
    return Value(text=value.isoformat() if isinstance(value, datetime.date) else str(value), note=note).content()


def _read(name: str, content: str) -> str | datetime.date | tuple[str, ...] | tuple[Target, ...] | None:
    if content == CLEARED:
        return None
    # Nearly every field is a plain text, and a list has hundreds of thousands.
    text = _plain(content) if content.startswith('"') else Value.of(content).text
    if text is None or len(text) > MAX_WORDS:
        raise ContentError(content[:80])
    try:
        if name in _DATES:
            return day_of(text)
        if name == "state":
            return TaskState(text)
        if name == "supporting":
            return _units(text)
        if name == "targets":
            return targets_of(text)
        return TaskGroup(text) if name == "group" else text
    except ValueError as error:
        raise ContentError(str(error)) from error


def _plain(content: str) -> str:
    if content.count('"') == 2 and content.endswith('"') and "\\" not in content and content.isprintable():
        return content[1:-1]
    try:
        return str(json.loads(content))
    except ValueError as error:
        raise ContentError(content[:80]) from error


def _units(text: str) -> tuple[str, ...]:
    units = tuple(text.split(_BETWEEN))
    if len(units) > MAX_UNITS or len(set(units)) != len(units) or not all(units):
        raise ValueError(text[:40])
    return units


def check_field(name: str, content: str) -> None:
    """Raise ContentError unless `content` can stand in the cell of this field of a task."""
    if name not in FIELDS:
        raise ContentError(name[:80])
    _read(name, content)


def tasks_of(cells: Mapping[Key, str], *, lenient: bool = False) -> list[Task]:
    """The tasks that these task cells make, in the order of their first cells. See `Task.of`."""
    together: dict[tuple[str, str], dict[str, str]] = {}
    for key, content in cells.items():
        together.setdefault((key.unit, key.item), {})[key.part] = content
    return [Task.of(unit, item, found, lenient=lenient) for (unit, item), found in together.items()]


_LISTS: Final = ("supporting", "targets")


def faults(task: Task) -> tuple[str, ...]:
    """What keeps a task from being assigned, each of FAULTS: asked where a task is typed, not where it is stored."""
    found = []
    if not task.content.strip():
        found.append("no_content")
    if any(len(str(getattr(task, name))) > MAX_WORDS for name in FIELDS if name not in _LISTS):
        found.append("too_long")
    if task.start_date and task.due_date and task.due_date < task.start_date:
        found.append("due_before_start")
    if len(task.supporting) > MAX_UNITS:
        found.append("too_many_units")
    if task.unit in task.supporting:
        found.append("supports_itself")
    return tuple(found)


FAULTS: Final = ("no_content", "too_long", "due_before_start", "too_many_units", "supports_itself")


def is_done(task: Task, as_of: datetime.date) -> bool:
    """Whether `task` counts as completed on the day `as_of`: confirmed, and done by then.

    One that was only reported done is not, whatever came between: sent back, on hold, or two decisions at once.
    """
    return task.is_confirmed and (task.completed_date is None or task.completed_date <= as_of)


def is_open(task: Task, as_of: datetime.date) -> bool:
    """Whether on the day `as_of` there is still something to do about `task`, be it to confirm it."""
    return not task.is_withdrawn and not is_done(task, as_of)


def was_given(task: Task, as_of: datetime.date) -> bool:
    """Whether `task` was there on the day `as_of`: it had begun by then, or its identifier had been made."""
    if task.start_date is not None and task.start_date <= as_of:
        return True
    made = made_at(task.item)
    return made is None or day_at(made) <= as_of


def timeliness(task: Task, as_of: datetime.date, near_days: int = NEAR_DAYS) -> Timeliness:
    """How `task` stands on the day `as_of`, a day of Asia/Ho_Chi_Minh, which the caller knows.

    On the due date itself a task is not overdue. A completed one, and one that was reported as done and waits to be
    confirmed, is judged by the day it was done: who waits for another is not late. While that day is unknown or later
    than `as_of`, it is judged as one that is still open, so that lateness never disappears.
    """
    if task.due_date is None:
        return Timeliness.NO_DEADLINE
    if task.completed_date is not None and task.completed_date <= as_of:
        return Timeliness.OVERDUE if task.completed_date > task.due_date else Timeliness.ON_TIME
    left = (task.due_date - as_of).days
    if left < 0:
        return Timeliness.OVERDUE
    return Timeliness.NEAR if left <= near_days else Timeliness.ON_TIME


class Stage(StrEnum):
    """What a task's state comes to where it is named together with its timeliness."""

    NOT_COMPLETED = "not_completed"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    COMPLETED = "completed"


def label(state: TaskState, found: Timeliness) -> tuple[Stage, Timeliness]:
    """The two words with which the systems in use name a task, as "đang thực hiện sắp quá hạn".

    Only what is being worked on is near its deadline; everything else before it is on time. Of what was withdrawn they
    have no words, and it is not completed.
    """
    stage = _STAGES[state]
    if found is Timeliness.NEAR and stage is not Stage.IN_PROGRESS:
        return stage, Timeliness.ON_TIME
    return stage, found


_STAGES: Final = {
    TaskState.NOT_STARTED: Stage.NOT_COMPLETED,
    TaskState.IN_PROGRESS: Stage.IN_PROGRESS,
    TaskState.AWAITING_CONFIRMATION: Stage.AWAITING_CONFIRMATION,
    TaskState.COMPLETED: Stage.COMPLETED,
    TaskState.REFUSED: Stage.NOT_COMPLETED,
    TaskState.CONFIRMATION_REFUSED: Stage.IN_PROGRESS,
    TaskState.REDO: Stage.IN_PROGRESS,
    TaskState.ON_HOLD: Stage.NOT_COMPLETED,
    TaskState.WITHDRAWN: Stage.NOT_COMPLETED,
}
