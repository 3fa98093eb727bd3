"""Reporting periods of the two regimes, their first and last days, and their neighbours.

Administrative periods run from the 15th to the 14th (Nghị định 09/2019/NĐ-CP, article 12); statistical ones
are the calendar's. The two are never mixed: the regime is part of every period and its code. A report out of turn
follows its request (the same decree): such a round has days of its own.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

FIRST_YEAR: Final = 1960
LAST_YEAR: Final = 9998
"""Wider than any figure: a PC whose clock was set back to 1970, or far ahead, still has a period for its today."""

_CODE: Final = re.compile(r"([AS])([0-9]{4})(?:M(0[1-9]|1[0-2])|Q([1-4])|H([12])|(N)|(Y))")
_ROUND: Final = re.compile(r"([AS])([0-9]{8})-([0-9]{8})([MQHNY])")
_DAY_AFTER_CLOSE: Final = 15


class Regime(StrEnum):
    """Whose calendar a period follows; the value leads its code."""

    ADMINISTRATIVE = "A"
    STATISTICAL = "S"


class Frequency(StrEnum):
    """How long a period is. Nine months is not in the decree, yet some provinces ask for it."""

    MONTH = "M"
    QUARTER = "Q"
    HALF = "H"
    NINE_MONTHS = "N"
    YEAR = "Y"

    @property
    def months(self) -> int:
        return _MONTHS[self]

    @property
    def per_year(self) -> int:
        """How many periods of this length a year has; nine months is one, from January on."""
        return 12 // self.months


_MONTHS: Final = {
    Frequency.MONTH: 1,
    Frequency.QUARTER: 3,
    Frequency.HALF: 6,
    Frequency.NINE_MONTHS: 9,
    Frequency.YEAR: 12,
}


class PeriodError(ValueError):
    """A code, a number or a year that makes no period."""


@dataclass(frozen=True, slots=True)
class Period:
    """One period: `number` counts within the year from 1 and is 1 for nine months and a year.

    A round has `days`, its first and last, and for the rest the year and number of the period in which it ends: what
    came before it and a year ago is what came before that one.
    """

    regime: Regime
    year: int
    frequency: Frequency
    number: int = 1
    days: tuple[date, date] | None = None

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR or not 1 <= self.number <= self.frequency.per_year:
            raise PeriodError(f"{self.regime}{self.year}{self.frequency}{self.number}")

    @classmethod
    def of_round(cls, regime: Regime, frequency: Frequency, first: date, last: date) -> "Period":
        """A round of a form of this regime and frequency, over days of its own. Raises PeriodError."""
        if last < first or first.year < FIRST_YEAR:
            raise PeriodError(f"{first}-{last}")
        ends_in = period_of(last, regime, frequency) or cls(regime, last.year, frequency)
        return cls(regime, ends_in.year, frequency, ends_in.number, (first, last))

    @classmethod
    def parse(cls, code: str) -> "Period":
        """Read a code such as "A2026Q2", "S2026M11", or of a round "A20261201-20261210Q". Raises PeriodError."""
        match = _CODE.fullmatch(code)
        if match is None:
            return cls._parse_round(code)
        regime, year, month, quarter, half, nine_months, _ = match.groups()
        if month or quarter or half:
            frequency = Frequency.MONTH if month else Frequency.QUARTER if quarter else Frequency.HALF
            return cls(Regime(regime), int(year), frequency, int(month or quarter or half))
        return cls(Regime(regime), int(year), Frequency.NINE_MONTHS if nine_months else Frequency.YEAR)

    @classmethod
    def _parse_round(cls, code: str) -> "Period":
        match = _ROUND.fullmatch(code)
        if match is None:
            raise PeriodError(code[:40])
        regime, first, last, frequency = match.groups()
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError as error:
            raise PeriodError(code) from error
        return cls.of_round(Regime(regime), Frequency(frequency), *days)

    @property
    def code(self) -> str:
        if self.days is not None:
            return f"{self.regime}{self.days[0]:%Y%m%d}-{self.days[1]:%Y%m%d}{self.frequency}"
        lead = f"{self.regime}{self.year}{self.frequency}"
        if self.frequency is Frequency.MONTH:
            return f"{lead}{self.number:02}"
        return lead if self.frequency.per_year == 1 else f"{lead}{self.number}"

    @property
    def first_day(self) -> date:
        if self.days is not None:
            return self.days[0]
        month = (self.number - 1) * self.frequency.months
        if self.regime is Regime.STATISTICAL:
            return _day(self.year, month, 1)
        return _day(self.year, month - 1, _DAY_AFTER_CLOSE)

    @property
    def last_day(self) -> date:
        if self.days is not None:
            return self.days[1]
        month = self.number * self.frequency.months
        if self.regime is Regime.STATISTICAL:
            return _day(self.year, month, 1) - timedelta(days=1)
        return _day(self.year, month - 1, _DAY_AFTER_CLOSE - 1)

    def contains(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    @property
    def previous(self) -> "Period":
        """The period before this one; the nine months before are those of last year. Raises PeriodError."""
        return self._moved(-1)

    @property
    def next(self) -> "Period":
        """The period after this one, of a round the one that it ends in. Raises PeriodError past the last year."""
        return self._moved(0 if self.days else 1)

    @property
    def same_period_last_year(self) -> "Period":
        return Period(self.regime, self.year - 1, self.frequency, self.number)

    def _moved(self, steps: int) -> "Period":
        years, index = divmod(self.number - 1 + steps, self.frequency.per_year)
        return Period(self.regime, self.year + years, self.frequency, index + 1)


def period_of(day: date, regime: Regime, frequency: Frequency) -> Period | None:
    """The period of this length that contains `day`; None only for nine months, which end in September."""
    year, month = day.year, day.month
    if regime is Regime.ADMINISTRATIVE and day.day >= _DAY_AFTER_CLOSE:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if month > frequency.per_year * frequency.months:
        return None
    return Period(regime, year, frequency, (month - 1) // frequency.months + 1)


def periods_of(day: date, regime: Regime) -> tuple[Period, ...]:
    """All periods of `regime` that contain `day`, the shortest first.

    20/12/2026 lies in the administrative January, first quarter, first half, nine months and year of 2027.
    """
    found = (period_of(day, regime, frequency) for frequency in Frequency)
    return tuple(period for period in found if period is not None)


def _day(year: int, month: int, day: int) -> date:
    """A day of the month that is `month` months after January of `year` (-1 is the December before)."""
    years, index = divmod(month, 12)
    return date(year + years, index + 1, day)
