"""Indicators that show how far a task is: each with a target, reached by the value that its unit reports anyway."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from sync.domain.periods import Period
from sync.domain.values import MAX_NUMBER, plain

MAX_TARGETS: Final = 20
_IS: Final = "="
_BETWEEN: Final = " "


class Target(NamedTuple):
    """An indicator by its key, and the number that it is to reach, more than 0."""

    indicator: str
    number: Decimal


class Reached(NamedTuple):
    """What a unit reports for a target: the latest `number` and its period, None while there is none."""

    target: Target
    period: Period | None = None
    number: Decimal | None = None

    @property
    def percent(self) -> int | None:
        """Whole per cents of the target, rounded down, 0 to 100."""
        if self.number is None:
            return None
        return max(0, min(100, int(self.number * 100 // self.target.number)))


def written(targets: Iterable[Target]) -> str:
    """What the field of a task holds: village_ct12=200 and others, between spaces."""
    return _BETWEEN.join(f"{target.indicator}{_IS}{plain(target.number)}" for target in targets)


def targets_of(text: str) -> tuple[Target, ...]:
    """Read the field. Raises ValueError for anything but what `written` writes."""
    found = []
    for part in text.split(_BETWEEN):
        indicator, _, number = part.partition(_IS)
        if not indicator or not number or len(number) > MAX_NUMBER or not number.replace(".", "", 1).isdecimal():
            raise ValueError(text[:80])
        found.append(Target(indicator, Decimal(number)))
    several = len({target.indicator for target in found}) != len(found) or len(found) > MAX_TARGETS
    if several or any(target.number <= 0 for target in found) or written(found) != text:
        raise ValueError(text[:80])
    return tuple(found)


Figures = Mapping[str, Sequence[tuple[Period, Decimal]]]
"""What a unit reports of indicators by key: each period's number."""


def reached(targets: Iterable[Target], figures: Figures, as_of: date) -> tuple[Reached, ...]:
    """How far each target is on the day `as_of`: by the latest period that has begun by then and has a number."""
    found = []
    for target in targets:
        begun = [(period, number) for period, number in figures.get(target.indicator, ()) if period.first_day <= as_of]
        if not begun:
            found.append(Reached(target))
            continue
        period, number = max(begun, key=lambda each: (each[0].last_day, each[0].first_day))
        found.append(Reached(target, period, number))
    return tuple(found)


def percent_of(found: Sequence[Reached]) -> int | None:
    """How much of the task is done: the mean of its targets, rounded down; None while no figure of them is known."""
    percents = [each.percent for each in found]
    if not any(percent is not None for percent in percents):
        return None
    return sum(percent or 0 for percent in percents) // len(percents)
