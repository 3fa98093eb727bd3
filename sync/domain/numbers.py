"""Numbers as people write them, in the Vietnamese or the English convention: chosen, never guessed."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Final

MAX_DIGITS: Final = 18
"""Longest number that is read: every whole number of 18 digits fits a 64-bit integer."""

_MAX_LENGTH: Final = 64
_SPACES: Final = "\u00a0\u202f\u2009"
"""No-break, narrow no-break and thin space: what word processors and spreadsheets put between groups."""
_PLAIN: Final = {ord(space): " " for space in _SPACES} | {ord("−"): "-"}


class Convention(StrEnum):
    """Which mark is the decimal one: 72.595,5 in the Vietnamese convention is 72,595.5 in the English one."""

    VIETNAMESE = "vi"
    ENGLISH = "en"

    @property
    def decimal_mark(self) -> str:
        return "," if self is Convention.VIETNAMESE else "."

    @property
    def group_mark(self) -> str:
        return "." if self is Convention.VIETNAMESE else ","


class NumberError(ValueError):
    """A text that is no number, with a `reason` of REASONS."""

    REASONS: Final = ("empty", "too_long", "character", "grouping", "decimal_mark")

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{reason}: {text[:_MAX_LENGTH]!r}")
        self.reason = reason


def parse_number(text: str, convention: Convention) -> Decimal:
    """The number that `text` writes in `convention`; raises NumberError rather than guess.

    Groups, by the convention's mark or by spaces, are of three digits and complete: "12.34" and "0.123" are
    no Vietnamese numbers. Digits of other scripts and full-width digits are refused as "character": no
    keyboard of an office gives them, so they come from a damaged text that a person should see.
    """
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return Decimal(text)  # nearly always
    if len(text) > _MAX_LENGTH:
        raise NumberError("too_long", text)
    plain = text.translate(_PLAIN).strip(" \t\r\n")
    if not plain:
        raise NumberError("empty", text)
    if not re.fullmatch(r"[+-]?[0-9., ]+", plain):
        raise NumberError("character", text)
    sign = "-" if plain[0] == "-" else ""
    whole, *decimals = plain.lstrip("+-").split(convention.decimal_mark)
    if len(decimals) > 1 or not whole or decimals == [""]:
        raise NumberError("decimal_mark", text)
    fraction = decimals[0] if decimals else ""
    if not re.fullmatch("[0-9]*", fraction):
        raise NumberError("grouping", text)
    digits = _ungrouped(whole, convention, text)
    if len(digits.lstrip("0")) + len(fraction) > MAX_DIGITS:
        raise NumberError("too_long", text)
    return Decimal(f"{sign}{digits}.{fraction}") if fraction else Decimal(f"{sign}{digits}")


def _ungrouped(whole: str, convention: Convention, text: str) -> str:
    if re.fullmatch("[0-9]+", whole):
        return whole
    for mark in (convention.group_mark, " "):
        if re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+", whole):
            return whole.replace(mark, "")
    raise NumberError("grouping", text)


def format_number(number: Decimal, convention: Convention, decimals: int | None = None) -> str:
    """`number` grouped by thousands, with `decimals` places (rounded half up), or with as many as it has."""
    if decimals is not None:
        places = Decimal(1).scaleb(-decimals)
        number = number.quantize(places, ROUND_HALF_UP, Context(prec=_MAX_LENGTH))
    written = f"{number:,f}"
    if not number:
        written = written.lstrip("-")
    swap = {ord(","): convention.group_mark, ord("."): convention.decimal_mark}
    return written.translate(swap)
