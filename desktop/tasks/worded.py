"""What the fields of a task are called and what one says, in words."""

from collections.abc import Mapping
from contextlib import suppress

from desktop.widgets import formats
from desktop.widgets.words import say
from sync.domain.local_time import day_of
from sync.domain.targets import targets_of
from sync.domain.tasks import FIELDS, TaskGroup, TaskState


def field_name(field: str) -> str:
    """What the field of this name is called."""
    return say(f"tasks.field.{field}" if field in FIELDS else "tasks.fact.other")


def worded(field: str, text: str, units: Mapping[str, str]) -> str:
    """The text of a field's cell as people read it; `units` are the names of units by key."""
    if not text:
        return say("tasks.fact.unknown")
    with suppress(ValueError):  # of a newer version, or cut short
        if field in ("start_date", "due_date", "document_date", "completed_date"):
            return formats.day(day_of(text))
        if field == "state":
            return say(f"tasks.state.{TaskState(text)}")
        if field == "group":
            return say(f"tasks.group.{TaskGroup(text)}")
        if field == "targets":
            return ", ".join(f"{target.indicator} ≥ {formats.number(target.number)}" for target in targets_of(text))
    if field in ("supporting", "supports", "from_unit"):
        return ", ".join(units.get(unit, unit) for unit in text.split())
    return text
