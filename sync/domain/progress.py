"""The dated progress of a task: a list of updates, of which a report takes the latest not after its day."""

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sync.domain.local_time import day_of
from sync.domain.tasks import MAX_WORDS, Task, TaskState
from sync.domain.values import ContentError, canonical

MAX_COUNT: Final = 10**12
"""Largest number that a progress is counted with."""

_NUMBERS: Final = ("percent", "counted", "total")
_TEXTS: Final = ("words", "milestone", "difficulties", "proposals")
_ALWAYS: Final = frozenset(("date", "percent", "words"))
_ALL: Final = frozenset(("date", *_NUMBERS, *_TEXTS))


@dataclass(frozen=True, slots=True)
class Progress:
    """One dated update of a task, which says at least one thing.

    `percent` is how much is done, 0 to 100, None if not said; where `counted` of `total` were counted, it follows from
    them. `milestone` is a step of the work that was reached, `words` what was done.

    Raises ValueError for numbers out of range, for words too long, and when there is nothing.
    """

    date: datetime.date
    percent: int | None
    words: str = ""
    counted: int | None = None
    total: int | None = None
    milestone: str = ""
    difficulties: str = ""
    proposals: str = ""

    def __post_init__(self) -> None:
        if self.percent is None and not any(text.strip() for text in self._texts()):
            raise ValueError("nothing said")
        if self.percent is not None and not 0 <= self.percent <= 100:
            raise ValueError(f"percent {self.percent}")
        if any(len(text) > MAX_WORDS for text in self._texts()):
            raise ValueError("too many letters")
        if self.counted is None and self.total is None:
            return
        if self.counted is None or self.total is None or self.percent != share(self.counted, self.total):
            raise ValueError(f"{self.percent} % of {self.counted}/{self.total}")

    def _texts(self) -> Iterable[str]:
        return (self.words, self.milestone, self.difficulties, self.proposals)

    def content(self) -> str:
        """What the update's cell holds: canonical JSON; what is rarely said is left out where it is not."""
        said: dict[str, Any] = {"date": self.date.isoformat(), "percent": self.percent, "words": self.words}
        rare: dict[str, Any] = {"counted": self.counted, "total": self.total}
        rare |= {name: text or None for name, text in zip(_TEXTS[1:], list(self._texts())[1:], strict=True)}
        return canonical(said | {name: value for name, value in rare.items() if value is not None})

    @classmethod
    def of(cls, content: str) -> "Progress":
        """Read an update's cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or not _ALWAYS <= found.keys() <= _ALL:
                raise ContentError(content[:80])
            texts = {name: found.get(name, "") for name in _TEXTS}
            numbers: dict[str, Any] = {name: found.get(name) for name in _NUMBERS}
            if any(not isinstance(text, str) for text in (found["date"], *texts.values())):
                raise ContentError(content[:80])
            if any(number is not None and type(number) is not int for number in numbers.values()):
                raise ContentError(content[:80])
            return cls(date=day_of(found["date"]), **numbers, **texts)
        except (ValueError, RecursionError) as error:
            raise ContentError(str(error)) from error


def share(counted: int, total: int) -> int:
    """`counted` of `total` in whole per cents, rounded down since only what is done is done; at most 100.

    Raises ValueError for what cannot be counted so.
    """
    if not (0 <= counted <= MAX_COUNT and 0 < total <= MAX_COUNT):
        raise ValueError(f"{counted}/{total}")
    return min(100, 100 * counted // total)


def latest(updates: Sequence[Progress], as_of: datetime.date) -> Progress | None:
    """The update that a report made on `as_of` takes: the latest not after it; of one day, the last given."""
    known = [update for update in updates if update.date <= as_of]
    return max(reversed(known), key=lambda update: update.date, default=None)


def said_last(updates: Sequence[Progress], name: str, as_of: datetime.date) -> str:
    """What was last said of `words`, `milestone`, `difficulties` or `proposals` by `as_of`; "" if nothing was."""
    found = latest([update for update in updates if getattr(update, name).strip()], as_of)
    return str(getattr(found, name)) if found else ""


def percent_done(updates: Sequence[Progress], as_of: datetime.date) -> int | None:
    """How much is done on `as_of`, by the latest update that says so; None when none does."""
    found = latest([update for update in updates if update.percent is not None], as_of)
    return found.percent if found else None


def percent_of_parts(parts: Sequence[int | None]) -> int | None:
    """How much is done of a task that is broken down: the mean of its parts, each as heavy as another, rounded down.

    A part that has said nothing yet has done nothing; None where there are no parts.
    """
    return sum(part or 0 for part in parts) // len(parts) if parts else None


def work_state(task: Task, updates: Sequence[Progress]) -> TaskState:
    """The state that a person set. One that nobody has set yet is in progress with its first update."""
    return TaskState.IN_PROGRESS if updates and task.state is TaskState.NOT_STARTED else task.state


def refusal(task: Task, day: datetime.date, today: datetime.date) -> str:
    """Why no update of this day may be added to `task` now, one of REFUSALS, or "".

    What another PC added all the same, offline, takes its place in the list: refusing is for whoever types.
    """
    if task.is_withdrawn:
        return "withdrawn"
    if task.is_confirmed:
        return "closed"
    if day > today:
        return "day_future"
    if task.start_date is not None and day < task.start_date:
        return "day_before_start"
    return ""


REFUSALS: Final = ("withdrawn", "closed", "day_future", "day_before_start")
