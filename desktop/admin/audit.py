"""Entries of the audit in words: who did what, where, and when by both clocks."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from desktop.admin.seen import Entry, role_at
from desktop.widgets import formats
from desktop.widgets.rows import Row
from desktop.widgets.words import language, say
from sync.domain.authors import name_of
from sync.domain.catalogue import Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.heads import Outcome
from sync.domain.holidays import Holiday
from sync.domain.keys import CLOSING, DEADLINE, DEVICE, ESCROW, HOLIDAY, PERSON, STATUS, UNIT, Key
from sync.domain.local_time import VIETNAM, day_of
from sync.domain.periods import PeriodError
from sync.domain.persons import Person
from sync.domain.units import Unit
from sync.domain.values import CLEARED, ContentError
from sync.domain.workflow import Status

_KINDS: Final = (
    "value",
    "task",
    "progress",
    "step",
    "comment",
    "unit",
    "deadline",
    "status",
    "closing",
    "holiday",
    "device",
    "person",
    "rights",
    "escrow",
    "withdrawal",
)
_MOST: Final = 120
"""Letters of what was decided."""


def row_of(entry: Entry, names: Mapping[str, str], catalogue: Catalogue) -> Row:
    """An entry as a line of the list; of a figure it tells that there was one, and never which."""
    key = entry.key
    what = say(f"admin.kind.{key.kind}") if key.kind in _KINDS else key.kind
    title = " · ".join(part for part in (name_of(entry.person), what, names.get(key.unit, "")) if part)
    about = " · ".join(part for part in (_item(key, catalogue), _period(key.period), _said(entry, names)) if part)
    detail = say("admin.audit.detail", at=_moment(entry.at), typed=_moment(entry.typed_at), rest=about).rstrip(" ·")
    if entry.outcome == Outcome.PARKED:
        return Row(entry.n, "info", title, detail, say("admin.audit.parked"), "warning")
    return Row(entry.n, "check", title, detail)


def _item(key: Key, catalogue: Catalogue) -> str:
    found = catalogue.indicators.get(key.item) or catalogue.forms.get(key.item)
    if found:
        return found.name.text(language())
    # A person is known by their name, and everything else by something that says nothing to anybody.
    return key.item if key.kind == PERSON else ""


def _period(code: str) -> str:
    try:
        return formats.period(code) if code else ""
    except PeriodError:
        return code


def _said(entry: Entry, names: Mapping[str, str]) -> str:
    """What was decided, as far as this version can read it."""
    content = entry.content
    try:
        match entry.key.kind:
            case kind if kind == STATUS:
                return say(f"admin.state.{Status.of(content).state}")
            case kind if kind == UNIT:
                return Unit.of(entry.key.unit, content).name[:_MOST]
            case kind if kind == DEADLINE:
                return _moment(Deadline.of(content).due)
            case kind if kind == CLOSING:
                return say("admin.state.open" if content == CLEARED else "admin.state.closed")
            case kind if kind == HOLIDAY:
                return f"{formats.day(day_of(entry.key.item))} {Holiday.of(content).name}"[:_MOST]
            case kind if kind == DEVICE:
                return _computer(content)
            case kind if kind == ESCROW:
                return _released(content)
            case kind if kind == PERSON:
                grants = Person.of(entry.key.item, content).grants
                return ", ".join(role_at(one.role, one.unit, names) for one in grants)[:_MOST]
    except (ContentError, ValueError):
        return ""  # taken back, or written by a newer version
    return ""


def _computer(content: str) -> str:
    """What a computer is called, and that it was revoked. Raises ValueError."""
    found = json.loads(content)
    if not isinstance(found, dict) or not isinstance(found.get("computer"), str):
        raise ContentError(content[:80])
    revoked = say("admin.computers.revoked") if found.get("revoked_at") else ""
    return " · ".join(part for part in (found["computer"][:_MOST], revoked) if part)


def _released(content: str) -> str:
    """What became of what a revoked computer handed in. Raises ValueError."""
    found = json.loads(content)
    if not isinstance(found, dict) or not isinstance(found.get("changes"), int):
        raise ContentError(content[:80])
    return say("admin.audit.taken" if found.get("is_taken") else "admin.audit.dismissed", count=found["changes"])


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
