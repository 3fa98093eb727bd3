"""What a person's typing means in the forms of a task: a date, how much is done and words, or what is wrong."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from desktop.widgets import formats
from desktop.widgets.words import convention
from sync.domain.numbers import format_number
from sync.domain.progress import Progress, refusal, share
from sync.domain.tasks import MAX_WORDS, Task
from sync.domain.text import nfc

_DAY: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,3})(?:[.,]0+)?\s*%?", re.ASCII)
_COUNT: Final = re.compile(r"(\d{1,13})\s*/\s*(\d{1,13})", re.ASCII)


class Typed(NamedTuple):
    """What stands in the form's fields. `percent` is per cents, or what was counted: 12/20."""

    day: str
    percent: str = ""
    words: str = ""
    milestone: str = ""
    difficulties: str = ""
    proposals: str = ""


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


def progress_of(typed: Typed, task: Task, today: date) -> Progress | Wrong:
    """The update of `task` that was typed, or the first thing that is wrong with it."""
    day = day_of(typed.day, today)
    if day is None:
        return Wrong("day", "day_unreadable", {"example": formats.day(today)})
    reason = refusal(task, day, today)
    if reason:
        start = formats.day(task.start_date) if task.start_date else ""
        return Wrong("day", reason, {"today": formats.day(today), "start": start})
    numbers = _numbers(typed.percent.strip())
    if numbers is None:
        return Wrong("percent", "percent_range", {})
    texts: dict[str, Any] = {name: nfc(getattr(typed, name).strip()) for name in TEXTS}
    for name, text in texts.items():
        if len(text) > MAX_WORDS:
            return Wrong(name, "words_long", {"most": format_number(Decimal(MAX_WORDS), convention())})
    if not numbers and not any(texts.values()):
        return Wrong("percent", "nothing", {})
    return Progress(day, **{"percent": None, **numbers}, **texts)


TEXTS: Final = ("words", "milestone", "difficulties", "proposals")


def _numbers(typed: str) -> dict[str, Any] | None:
    """The figures of an update by name: none for nothing typed, None for what cannot be."""
    if not typed:
        return {}
    if match := _COUNT.fullmatch(typed):
        counted, total = int(match[1]), int(match[2])
        try:
            return {"percent": share(counted, total), "counted": counted, "total": total}
        except ValueError:
            return None
    match = _PERCENT.fullmatch(typed)
    return {"percent": int(match[1])} if match and int(match[1]) <= 100 else None


def typed_of(progress: Progress) -> Typed:
    """The fields with which an update is corrected."""
    percent = "" if progress.percent is None else str(progress.percent)
    if progress.counted is not None:
        percent = f"{progress.counted}/{progress.total}"
    return Typed(formats.day(progress.date), percent, **{name: getattr(progress, name) for name in TEXTS})
