"""What typing means in a cell and how a value is written there: two directions of one convention."""

from decimal import Decimal
from typing import Final

from desktop.widgets.words import convention, say
from sync.domain.catalogue import NUMBERS, Indicator, ValueType
from sync.domain.numbers import Convention, NumberError, format_number, parse_number
from sync.domain.spelling import spelled
from sync.domain.text import nfc
from sync.domain.values import EMPTY, Value

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
        return Value(text=spelled(text, indicator, year))
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
