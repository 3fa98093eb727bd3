"""The one time zone of dates and deadlines. A PC that is set to another zone still works by the commune's day."""

from datetime import timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7), "+07")
"""Asia/Ho_Chi_Minh: seven hours before UTC, without summer time."""
