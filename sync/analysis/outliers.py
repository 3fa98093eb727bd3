"""Figures that are unlike a unit's own earlier ones, or unlike its peers': robust marks, with what they rest on.

A figure is compared with a median and with how far figures usually lie from theirs, as their median absolute
deviation tells it, so that a few wrong ones among those compared with do not hide another (the modified z-score of
Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993, with its limit of 3.5). Two things are added:

- Counts are compared by twice their square roots (Anscombe, Biometrika 35, 1948): by chance alone these differ by
  about one whatever the count, so that 3 instead of 1 is nothing, and 300 instead of 100 is much. That one, together
  with a share by which figures differ by nature, is the least deviation that is reckoned with: where all that a
  figure is compared with are equal, theirs is 0 and would call everything else unusual.
- Peers differ in size. What a unit should have is the peers' median per head or household times its own (a funnel
  plot's target: Spiegelhalter, Statistics in Medicine 24, 2005), and how far the peers lie from theirs is the measure.

Whoever reads a mark is asked a question and no more: nothing here says that a figure is wrong.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache
from math import hypot, sqrt
from typing import Final, NamedTuple, TypeVar

from sync.domain.catalogue import Aggregation, Indicator, Sensitivity
from sync.domain.periods import Period, PeriodError
from sync.domain.values import Value

Number = TypeVar("Number", Decimal, float)

HISTORY: Final = 8
"""Periods before that a figure is compared with: two years of quarters."""

LEAST: Final = 5
"""Figures below which nothing is said: the deviation of fewer is chance itself."""

_YEARS: Final = 2
"""Years before whose same period is looked at."""

_LIMIT: Final = 3.5
_OF_NORMAL: Final = 1.4826
"""The standard deviation of a normal distribution by its median absolute deviation."""
_BY_NATURE: Final = {"history": Decimal("0.05"), "peers": Decimal("0.2")}
"""The share by which a unit's figures, and those of different units, differ without anything to be asked about."""


class Against(StrEnum):
    """What a figure is compared with."""

    HISTORY = "history"
    PEERS = "peers"


class Outlier(NamedTuple):
    """A figure that is unusual: `median` is what was to be expected, of so many figures as it is `among`.

    Of peers it is what the unit would have if it had as many per head or household as their median.
    """

    against: Against
    is_high: bool
    median: Decimal
    among: int


class Share(NamedTuple):
    """A unit's figure and the size that it is divided by when units are compared, such as its households."""

    figure: Decimal
    size: Decimal


class Before(NamedTuple):
    """The codes of the periods that a period's figure is compared with, the latest first."""

    earlier: tuple[str, ...]
    seasons: tuple[str, ...]


@cache
def before(period: Period) -> Before:
    """What a figure of this period is compared with."""
    earlier, seasons = [period], [period]
    try:
        while len(earlier) <= HISTORY:
            earlier.append(earlier[-1].previous)
        while len(seasons) <= _YEARS:
            seasons.append(seasons[-1].same_period_last_year)
    except PeriodError:
        pass  # before the first year there is nothing
    of_season = seasons[1:] if period.frequency.per_year > 1 else []
    return Before(tuple(one.code for one in earlier[1:]), tuple(one.code for one in of_season))


def counted(value: Value, indicator: Indicator) -> Decimal | None:
    """The number of a value that fits its indicator, and so may be compared."""
    return None if value.number is None or indicator.fault(value.number) else value.number


def is_compared(indicator: Indicator) -> bool:
    """Whether units are compared by an indicator: never by a sensitive one, nor by one that is not even summed."""
    return (
        bool(indicator.per)
        and indicator.sensitivity is not Sensitivity.SENSITIVE
        and indicator.aggregation is not Aggregation.NONE
    )


def unlike_history(
    figure: Decimal, earlier: Sequence[Decimal], seasons: Sequence[Decimal], is_count: bool
) -> Outlier | None:
    """Whether a figure is unlike the unit's own of the periods before; None where it is not, or they are too few.

    `seasons` are those of the same period of earlier years: a figure that is like one of them is not unusual, however
    unlike the periods between, since harvests, schools and campaigns come by the year.
    """
    if len(earlier) < LEAST:
        return None
    median = _median(earlier)
    is_count = is_count and all(one >= 0 for one in (figure, *seasons))
    scale = _Scale([(one, median) for one in earlier], Against.HISTORY, is_count)
    if scale.near(figure, median) or any(scale.near(figure, season) for season in seasons):
        return None
    return Outlier(Against.HISTORY, figure > median, median, len(earlier))


def unlike_peers(own: Share, peers: Sequence[Share], is_count: bool) -> Outlier | None:
    """Whether a unit's figure is unlike its peers' in proportion; None where it is not, or they are too few.

    Who has no size is not compared.
    """
    found = [peer for peer in peers if peer.size > 0]
    if len(found) < LEAST or own.size <= 0:
        return None
    share = _median([peer.figure / peer.size for peer in found])
    others = [(peer.figure, share * peer.size) for peer in found]
    scale = _Scale(others, Against.PEERS, is_count and own.figure >= 0)
    expected = share * own.size
    if scale.near(own.figure, expected):
        return None
    return Outlier(Against.PEERS, own.figure > expected, expected, len(found))


class _Scale:
    """How far figures lie from what was `expected` of each, and so how far another may."""

    def __init__(self, figures: Sequence[tuple[Decimal, Decimal]], against: Against, is_count: bool) -> None:
        self._is_count = is_count and all(figure >= 0 and expected >= 0 for figure, expected in figures)
        self._share = 1 + _BY_NATURE[against]
        self._usual = _OF_NORMAL * _median([abs(self._at(figure) - self._at(expected)) for figure, expected in figures])

    def near(self, figure: Decimal, expected: Decimal) -> bool:
        """Whether `figure` is as near to what was expected as figures usually are."""
        here = self._at(expected)
        by_nature, by_chance = abs(self._at(expected * self._share) - here), 1.0 if self._is_count else 0.0
        unit = max(self._usual, hypot(by_nature, by_chance))
        # Without any measure, where all were 0, nothing can be called far.
        return unit == 0 or abs(self._at(figure) - here) <= _LIMIT * unit

    def _at(self, figure: Decimal) -> float:
        """Where a figure lies on the line on which figures are compared."""
        return 2 * sqrt(float(figure) + 3 / 8) if self._is_count else float(figure)


def _median(numbers: Sequence[Number]) -> Number:
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
