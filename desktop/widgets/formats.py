"""Dates, times, figures, periods and kinds of unit as the reader of the chosen language writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from desktop.widgets.words import convention, say
from sync.domain.local_time import VIETNAM, day_at
from sync.domain.numbers import format_number
from sync.domain.parking import REASONS
from sync.domain.periods import Frequency, Period

_YEAR_3000_S: Final = 32_503_680_000


def day(of: date) -> str:
    """30/04/2026, in both languages: the forms and the documents are Vietnamese."""
    return f"{of:%d/%m/%Y}"


def short_day(of: date) -> str:
    """30/04, where the year is plain from what stands around it."""
    return f"{of:%d/%m}"


def clock(of: datetime) -> str:
    """09:05 in Việt Nam, whatever time zone the PC is set to."""
    return f"{of.astimezone(VIETNAM):%H:%M}"


def from_clock(seconds: int) -> datetime:
    """What a clock elsewhere said, in seconds since 1970 UTC: it may say anything, also what no calendar has."""
    return datetime.fromtimestamp(min(max(seconds, 0), _YEAR_3000_S), UTC)


def moment(of: datetime) -> str:
    """30/04/2026 09:05 in Việt Nam."""
    return f"{of.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def near(of: datetime, now: datetime) -> str:
    """A moment as people say it: 09:05 today, yesterday 16:42, 18/11 16:42, else with its year."""
    then, today = of.astimezone(VIETNAM), day_at(now)
    if then.date() == today:
        return clock(of)
    if then.date() == today - timedelta(days=1):
        return say("widgets.near.yesterday", clock=clock(of))
    if then.year == today.year:
        return f"{short_day(then)} {clock(of)}"
    return moment(of)


def ago(of: datetime, now: datetime) -> str:
    """How long ago: just now, 5 minutes ago, 3 hours ago, 12 days ago. The future counts as just now."""
    seconds = (now - of).total_seconds()
    if seconds < 60:
        return say("widgets.ago.now")
    if seconds < 3600:
        return say("widgets.ago.minutes", count=int(seconds // 60))
    if seconds < 86400:
        return say("widgets.ago.hours", count=int(seconds // 3600))
    return say("widgets.ago.days", count=int(seconds // 86400))


def days_left(due: date, today: date) -> str:
    """4 days left, due today, 3 days overdue."""
    left = (due - today).days
    if left > 0:
        return say("widgets.due.left", count=left)
    if left == 0:
        return say("widgets.due.today")
    return say("widgets.due.over", count=-left)


def number(of: Decimal, decimals: int | None = None) -> str:
    """1.187 or 2,88 in Vietnamese, 1,187 or 2.88 in English; rounded half up to `decimals` where given."""
    return format_number(of, convention(), decimals)


def size(count: int) -> str:
    """640 B, 1,5 kB from a thousand bytes on, 1,5 MB from a million on."""
    if count < 1000:
        return say("widgets.size.bytes", number=number(Decimal(count)))
    if count < 1_000_000:
        return say("widgets.size.kilobytes", number=number(Decimal(count) / 1000, 1))
    return say("widgets.size.megabytes", number=number(Decimal(count) / 1_000_000, 1))


def seconds(milliseconds: int) -> str:
    """1,4 giây."""
    return say("widgets.took.seconds", number=number(Decimal(milliseconds) / 1000, 1))


def period(code: str) -> str:
    """The name of a period code: "A2026Q3" → Quý III/2026, "S2026M11" → Tháng 11/2026. Raises PeriodError."""
    of = Period.parse(code)
    if of.days is not None:
        first, last = of.days
        began = day(first) if first.year != last.year else f"{first:%d/%m}"
        return say("widgets.period.round", first=began, last=day(last))
    if of.frequency is Frequency.HALF:
        return say(f"widgets.period.half{of.number}", year=of.year)
    roman = ("I", "II", "III", "IV")[of.number - 1] if of.frequency is Frequency.QUARTER else ""
    name = of.frequency.name.lower()
    return say(f"widgets.period.{name}", month=f"{of.number:02}", quarter=roman, year=of.year)


def reason(code: str) -> str:
    """Why a change was parked and what to do, also for a code of a newer centre."""
    return say(f"widgets.reason.{code if code in REASONS else 'other'}")
