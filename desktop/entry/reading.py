"""What typing means in a cell and how a value is written there: two directions of one convention."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from desktop.widgets.words import convention, say
from sync.domain.catalogue import NUMBERS, Indicator, ValueType
from sync.domain.numbers import Convention, NumberError, format_number, parse_number
from sync.domain.text import fold, nfc
from sync.domain.values import EMPTY, Value

_DAY: Final = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})(?:[/.\- ]([0-9]{4}|[0-9]{2}))?")
_CENTURY: Final = 2000
_GROUP: Final = 3
"""Digits between two thousands marks."""

LONGEST: Final = 1_000
"""What a cell takes, in UTF-16 units: far more than a person writes there, and the centre takes it however written."""


def value_of(typed: str, indicator: Indicator, written: Convention | None = None, year: int | None = None) -> Value:
    """The value that `typed` gives a cell of `indicator`: what is no number, day or choice is kept as typed.

    Numbers are read as they are `written`; as in the language now shown, where that is not said: then a whole number
    that may be written otherwise is no number. A day without a year
    is one of `year`. A day is kept as 30/04/2026, a choice as its indicator spells it.
    """
    text = cleaned(typed)
    if not text:
        return EMPTY
    if indicator.type not in NUMBERS:
        return Value(text=_spelled(text, indicator, year))
    try:
        number = parse_number(text, written or convention())
    except NumberError:
        return Value(raw=text)
    if written is None and indicator.type is ValueType.INTEGER and _is_grouped_otherwise(number):
        return Value(raw=text)
    return Value(number=number)


def _is_grouped_otherwise(number: Decimal) -> bool:
    """Whether a whole number was written with three decimals, all 0: who types 2,000 rather means thousands."""
    return number.as_tuple().exponent == -_GROUP and number == number.to_integral_value()


def cleaned(typed: str) -> str:
    """What was typed, as it is kept: in NFC, without blanks around it."""
    # What is no character at all, such as half an emoji that was pasted, no store could hold.
    return nfc(typed.encode(errors="ignore").decode().replace("\0", "").strip())


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


def _spelled(text: str, indicator: Indicator, year: int | None) -> str:
    if indicator.type is ValueType.DATE:
        day = day_of(text, year)
        return day_text(day.year, day.month, day.day) if day else text
    if indicator.type is ValueType.CHOICE and text not in indicator.choices:
        same = [choice for choice in indicator.choices if fold(choice) == fold(text)]
        return same[0] if len(same) == 1 else text
    return text


def shown_text(value: Value, indicator: Indicator) -> str:
    """What the cell shows: a figure with thousands marks, a text, a word for why there is none, or ""."""
    if value.number is not None:
        return figure(value.number, indicator)
    if value.missing is not None:
        return say(f"entry.missing.{value.missing}.short")
    return value.text or value.raw or ""


def edited_text(value: Value) -> str:
    """What the editor opens with: a figure without thousands marks, a text, "" for a missing one."""
    if value.number is not None:
        return format_number(value.number, convention()).replace(convention().group_mark, "")
    return value.text or value.raw or ""


def figure(number: Decimal, indicator: Indicator) -> str:
    """A number as it was typed, a rate rounded to its decimals."""
    decimals = indicator.decimals if indicator.type is ValueType.RATE else None
    return format_number(number, convention(), decimals)
