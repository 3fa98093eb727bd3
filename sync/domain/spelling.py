"""What a cell of words holds: days and choices, as they are spelled however they were written."""

import re
from datetime import date
from typing import Final

from sync.domain.catalogue import Indicator, ValueType
from sync.domain.text import fold

_DAY: Final = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})(?:[/.\- ]([0-9]{4}|[0-9]{2}))?")
_CENTURY: Final = 2000


def day_of(text: str, year: int | None) -> date | None:
    """The day that is written 30/4/2026, 30-4-26 or 30.4 (of `year`): day, month, year. None for anything else."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    day, month, written_year = match.groups()
    if written_year:
        year = int(written_year) + (_CENTURY if len(written_year) == 2 else 0)
    try:
        return date(year, int(month), int(day)) if year else None
    except ValueError:
        return None


def day_text(year: int, month: int, day: int) -> str:
    """A day as it is kept and shown, in both languages: the forms are Vietnamese."""
    return f"{day:02}/{month:02}/{year:04}"


def fits(text: str, indicator: Indicator) -> bool:
    """Whether a text is one that its indicator takes: a day, one of the choices, or any text."""
    if indicator.type is ValueType.DATE:
        return day_of(text, None) is not None
    return indicator.type is not ValueType.CHOICE or text in indicator.choices


def spelled(text: str, indicator: Indicator, year: int | None) -> str:
    """A day as 30/04/2026, of `year` where none is written, and a choice as its indicator spells it.

    Any other text stays as it is.
    """
    if indicator.type is ValueType.DATE:
        day = day_of(text, year)
        return day_text(day.year, day.month, day.day) if day else text
    if indicator.type is ValueType.CHOICE and text not in indicator.choices:
        same = [choice for choice in indicator.choices if fold(choice) == fold(text)]
        return same[0] if len(same) == 1 else text
    return text
