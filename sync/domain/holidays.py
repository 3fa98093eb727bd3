"""Working days: Monday to Friday but for holidays, and the weekend days that are worked instead.

Which days those are each year decides the state, and compensatory days change every year: they are data of the
province (kind `holiday`, the day as its item), never rules of ours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sync.domain.text import nfc
from sync.domain.values import ContentError, canonical

MAX_NAME: Final = 200
MOST_DAYS: Final = 366
"""Working days that one may count."""

_ONE: Final = timedelta(days=1)
_SATURDAY: Final = 5
_MOST_OFF: Final = 366
"""Days in a row without work, after which whoever wrote them down is wrong."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """What a day is: off, or with `is_worked` a day of the weekend that is worked instead of another.

    Raises ValueError for a name that is empty, too long or not NFC.
    """

    name: str
    is_worked: bool = False

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MAX_NAME or nfc(self.name) != self.name:
            raise ValueError(f"name {self.name[:40]!r}")

    def content(self) -> str:
        """What the day's cell holds: canonical JSON."""
        return canonical({"name": self.name, "is_worked": self.is_worked})

    @classmethod
    def of(cls, content: str) -> "Holiday":
        """Read a day's cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or not isinstance(found.get("name"), str):
                raise ContentError(content[:80])
            is_worked = found.get("is_worked", False)
            if not isinstance(is_worked, bool):
                raise ContentError(content[:80])
            return cls(found["name"], is_worked)
        except (ValueError, RecursionError) as error:
            raise ContentError(content[:80]) from error


Calendar = Mapping[date, Holiday]


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Whether offices work on this day."""
    known = calendar.get(day)
    return known.is_worked if known else day.weekday() < _SATURDAY


def after_working_days(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day after `day`; of 0, `day` itself or the first one behind it that is worked.

    Raises ValueError for a count that is negative or more than MOST_DAYS, and for a calendar without working days.
    """
    if not 0 <= count <= MOST_DAYS:
        raise ValueError(f"{count} working days")
    found = _working_from(day, calendar)
    if count and found > day:
        # The day itself was off: the first behind it is the first that counts.
        count -= 1
    for _ in range(count):
        found = _working_from(found + _ONE, calendar)
    return found


def working_days(first: date, last: date, calendar: Calendar) -> int:
    """How many working days lie behind `first`, up to and with `last`; negative where `last` is the earlier one."""
    if last < first:
        return -working_days(last, first, calendar)
    days = (first + _ONE * number for number in range(1, (last - first).days + 1))
    return sum(is_working_day(day, calendar) for day in days)


def _working_from(day: date, calendar: Calendar) -> date:
    for _ in range(_MOST_OFF):
        if is_working_day(day, calendar):
            return day
        day += _ONE
    raise ValueError(f"no working day from {day - _ONE * _MOST_OFF}")
