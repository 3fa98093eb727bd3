"""When a form of a period is due: data of a province or a commune, since no decree fixes a commune's day."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.domain.local_time import VIETNAM
from sync.domain.values import ContentError, canonical


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last moment, with its time zone, and where that is laid down. Raises ValueError for one that has no day in
    Viet Nam or in UTC."""

    due: datetime
    source: str = ""

    def __post_init__(self) -> None:
        if self.due.tzinfo is None:
            raise ValueError(f"no time zone: {self.due}")
        for zone in (VIETNAM, UTC):
            try:
                self.due.astimezone(zone)
            except OverflowError as error:
                raise ValueError(f"at the end of the calendar: {self.due}") from error

    def content(self) -> str:
        """What the deadline's cell holds: canonical JSON."""
        return canonical({"due": self.due.isoformat(timespec="minutes"), "source": self.source})

    @classmethod
    def of(cls, content: str) -> "Deadline":
        """Read a deadline's cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or not isinstance(found.get("due"), str):
                raise ContentError(content[:80])
            source = found.get("source", "")
            if not isinstance(source, str):
                raise ContentError(content[:80])
            return cls(datetime.fromisoformat(found["due"]), source)
        except (ValueError, RecursionError) as error:
            raise ContentError(str(error)) from error
