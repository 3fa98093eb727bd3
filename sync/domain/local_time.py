"""The one time zone of dates and deadlines. A PC that is set to another zone still works by the commune's day."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7), "+07")
"""Asia/Ho_Chi_Minh: seven hours before UTC, without summer time."""


def day_at(moment: datetime) -> date:
    """The day that it is in Viet Nam at this moment, whatever zone the PC is set to."""
    return moment.astimezone(VIETNAM).date()


def day_of(text: str) -> date:
    """The day written 2026-11-20, the one spelling that cells hold. Raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text[:40])
    return day
