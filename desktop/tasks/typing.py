"""What a person's typing means in the form of a progress update: a date, a per cent and words, or what is wrong."""

import re
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from desktop.widgets import formats
from desktop.widgets.words import convention
from sync.domain.numbers import format_number
from sync.domain.progress import Progress
from sync.domain.tasks import MAX_WORDS
from sync.domain.text import nfc

_DAY: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,3})(?:[.,]0+)?\s*%?", re.ASCII)


class Typed(NamedTuple):
    """What stands in the form's three fields."""

    day: str
    percent: str = ""
    words: str = ""


class Wrong(NamedTuple):
    """Why an update cannot be saved: the `field` of Typed, and a sentence's key and values for the translations."""

    field: str
    key: str
    values: dict[str, str]


def day_of(typed: str, today: date) -> date | None:
    """The day that is written 21/11/2026 or 21/11 of this year; None for anything else."""
    match = _DAY.fullmatch(typed.strip())
    if match is None:
        return None
    day, month, year = match.groups()
    try:
        return date(int(year) if year else today.year, int(month), int(day))
    except ValueError:
        return None


def progress_of(typed: Typed, start: date | None, today: date) -> Progress | Wrong:
    """The update that was typed, or the first thing that is wrong with it. `start` is the task's first day."""
    day = day_of(typed.day, today)
    if day is None:
        return Wrong("day", "day_unreadable", {"example": formats.day(today)})
    if day > today:
        return Wrong("day", "day_future", {"today": formats.day(today)})
    if start is not None and day < start:
        return Wrong("day", "day_before_start", {"start": formats.day(start)})
    percent: int | None = None
    if typed.percent.strip():
        match = _PERCENT.fullmatch(typed.percent.strip())
        percent = int(match[1]) if match else None
        if percent is None or percent > 100:
            return Wrong("percent", "percent_range", {})
    words = nfc(typed.words.strip())
    if percent is None and not words:
        return Wrong("percent", "nothing", {})
    if len(words) > MAX_WORDS:
        return Wrong("words", "words_long", {"most": format_number(Decimal(MAX_WORDS), convention())})
    return Progress(day, percent, words)


def typed_of(progress: Progress) -> Typed:
    """The fields with which an update is corrected."""
    percent = "" if progress.percent is None else str(progress.percent)
    return Typed(formats.day(progress.date), percent, progress.words)
