"""Assigned tasks: the cells that make one, its dated progress, and how it stands against its deadline."""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from sync.domain.keys import TASK, Key
from sync.domain.values import CLEARED, ContentError, Value, canonical

MAX_WORDS: Final = 4000
"""Longest text of a task or of one update, in letters: more than two printed pages belong in a document."""

NEAR_DAYS: Final = 3
"""How many days before its deadline a task counts as near, as the systems in use today have it."""


class TaskState(StrEnum):
    """How far the work is, as a person sets it. No national list of codes was found; the values are ours."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    COMPLETED = "completed"
    REFUSED = "refused"
    CONFIRMATION_REFUSED = "confirmation_refused"
    REDO = "redo"
    ON_HOLD = "on_hold"


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
    """A task of `unit`, which leads it. Every field from `content` on is a cell of its own, named by it.

    `item` is the task's UUID, `document` is the document that the task comes from, "" where none is named; the
    dates are whole days, None if unset.
    """

    item: str
    unit: str
    content: str = ""
    group: TaskGroup | None = None
    assigner: str = ""
    document: str = ""
    start_date: datetime.date | None = None
    due_date: datetime.date | None = None
    completed_date: datetime.date | None = None
    state: TaskState = TaskState.NOT_STARTED

    @classmethod
    def of(cls, unit: str, item: str, cells: Mapping[str, str]) -> "Task":
        """Assemble from the contents by field: one that is cleared or absent keeps the default.

        A field that a newer version added is left. Raises ContentError when a cell cannot be read.
        """
        found = {name: _read(name, content) for name, content in cells.items() if name in FIELDS}
        given: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
        return cls(item, unit, **given)

    def cells(self) -> dict[Key, str]:
        """The cells that hold this task, without those that are not set."""
        found = {}
        for name in FIELDS:
            value = getattr(self, name)
            if value not in ("", None):
                text = value.isoformat() if isinstance(value, datetime.date) else str(value)
                found[Key(TASK, self.unit, self.item, "", name)] = Value(text=text).content()
        return found


FIELDS: Final = tuple(field.name for field in fields(Task) if field.name not in ("item", "unit"))
"""The parts of a task's cells."""

_DATES: Final = ("start_date", "due_date", "completed_date")


def _read(name: str, content: str) -> str | datetime.date | None:
    if content == CLEARED:
        return None
    text = Value.of(content).text
    if text is None or len(text) > MAX_WORDS:
        raise ContentError(content[:80])
    try:
        if name in _DATES:
            return day_of(text)
        if name == "state":
            return TaskState(text)
        return TaskGroup(text) if name == "group" else text
    except ValueError as error:
        raise ContentError(str(error)) from error


def check_field(name: str, content: str) -> None:
    """Raise ContentError unless `content` can stand in the cell of this field of a task."""
    if name not in FIELDS:
        raise ContentError(name[:80])
    _read(name, content)


def tasks_of(cells: Mapping[Key, str]) -> list[Task]:
    """The tasks that these task cells make, in the order of their first cells. Raises ContentError."""
    together: dict[tuple[str, str], dict[str, str]] = {}
    for key, content in cells.items():
        together.setdefault((key.unit, key.item), {})[key.part] = content
    return [Task.of(unit, item, found) for (unit, item), found in together.items()]


def timeliness(task: Task, as_of: datetime.date, near_days: int = NEAR_DAYS) -> Timeliness:
    """How `task` stands on the day `as_of`, a day of Asia/Ho_Chi_Minh, which the caller knows.

    On the due date itself a task is not overdue. A completed one is judged by the day it was completed; while
    that day is unknown or later than `as_of`, as one that is still open, so that lateness never disappears.
    """
    if task.due_date is None:
        return Timeliness.NO_DEADLINE
    if task.completed_date is not None and task.completed_date <= as_of:
        return Timeliness.OVERDUE if task.completed_date > task.due_date else Timeliness.ON_TIME
    left = (task.due_date - as_of).days
    if left < 0:
        return Timeliness.OVERDUE
    return Timeliness.NEAR if left <= near_days else Timeliness.ON_TIME


@dataclass(frozen=True, slots=True)
class Progress:
    """One dated update of a task: how much is done (0 to 100, None if not said), and words.

    Raises ValueError for a per cent out of range, for words too long, and when there is neither.
    """

    date: datetime.date
    percent: int | None
    words: str = ""

    def __post_init__(self) -> None:
        if self.percent is None and not self.words.strip():
            raise ValueError("nothing said")
        if self.percent is not None and not 0 <= self.percent <= 100:
            raise ValueError(f"percent {self.percent}")
        if len(self.words) > MAX_WORDS:
            raise ValueError(f"{len(self.words)} letters")

    def content(self) -> str:
        """What the update's cell holds: canonical JSON."""
        return canonical({"date": self.date.isoformat(), "percent": self.percent, "words": self.words})

    @classmethod
    def of(cls, content: str) -> "Progress":
        """Read an update's cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or found.keys() != {"date", "percent", "words"}:
                raise ContentError(content[:80])
            day, percent, words = found["date"], found["percent"], found["words"]
            if not isinstance(day, str) or not isinstance(words, str):
                raise ContentError(content[:80])
            if percent is not None and type(percent) is not int:
                raise ContentError(content[:80])
            return cls(day_of(day), percent, words)
        except (ValueError, RecursionError) as error:
            raise ContentError(str(error)) from error


def latest(updates: Sequence[Progress], as_of: datetime.date) -> Progress | None:
    """The update that a report made on `as_of` takes: the latest not after it; of one day, the last given."""
    known = [update for update in updates if update.date <= as_of]
    return max(reversed(known), key=lambda update: update.date, default=None)


def work_state(task: Task, updates: Sequence[Progress]) -> TaskState:
    """The state that a person set. One that nobody has set yet is in progress with its first update."""
    return TaskState.IN_PROGRESS if updates and task.state is TaskState.NOT_STARTED else task.state


def percent_done(updates: Sequence[Progress], as_of: datetime.date) -> int | None:
    """How much is done on `as_of`, by the latest update that says so; None when none does."""
    found = latest([update for update in updates if update.percent is not None], as_of)
    return found.percent if found else None


def day_of(text: str) -> datetime.date:
    """The day written 2026-11-20, the one spelling that cells hold. Raises ValueError."""
    day = datetime.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text[:40])
    return day
