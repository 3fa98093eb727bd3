"""Who may write what of a task: whoever stands above its unit or assigned it all, who does it a few things."""

from collections.abc import Callable, Iterator
from typing import Final

from sync.domain.keys import EVIDENCE, STEP, TASK, Key, within
from sync.domain.parking import NOT_YOURS_TO_DECIDE
from sync.domain.rights import TABLE, Action, Grants, allows
from sync.domain.steps import BY_DOER, OF_DOER, STATES_OF_DOER, Step
from sync.domain.tasks import TaskState
from sync.domain.values import CLEARED, ContentError, Value
from sync.protocol.messages import Change, Record

DECIDED: Final = (TASK, STEP, EVIDENCE)
"""Kinds of which the task decides who may write them."""

DECIDING: Final = ("from_unit", "content", "state")
"""The fields of a task by which it does."""

Standing = Callable[[Key], Record | None]


def deciding(key: Key) -> Iterator[Key]:
    """The cells that decide over a change of a task or of its steps."""
    if key.kind in (TASK, STEP):
        for part in DECIDING:
            yield Key(TASK, key.unit, key.item, "", part)
    elif key.kind == EVIDENCE:
        yield Key(TASK, key.unit, key.item, "", "state")


def reason(change: Change, standing: Standing, grants: Grants) -> str:
    """Why somebody with these roles may not write this of a task, or "". Its content was found valid.

    A unit may give itself a task, which then is its own; one that was given to it stays theirs who gave it.
    """
    key = change.key
    if allows(grants, Action.ASSIGN, key.unit):
        return ""
    from_unit = _text(standing(key._replace(kind=TASK, part="from_unit")))
    if _assigns(from_unit, key.unit, grants) or (
        _begins(key, standing) and _assigns(_said(change.content), key.unit, grants)
    ):
        return ""
    if key.kind == STEP:
        return "" if Step.of(change.content).kind in BY_DOER else NOT_YOURS_TO_DECIDE
    if key.part not in OF_DOER:
        return NOT_YOURS_TO_DECIDE
    if key.part == "state" and _said(change.content) not in STATES_OF_DOER:
        return NOT_YOURS_TO_DECIDE
    if key.part == "completed_date" and change.content == CLEARED:
        # That it was not done after all is said by whoever sends it back; half of that step is not to take effect.
        return NOT_YOURS_TO_DECIDE
    # What was confirmed was confirmed of this day, and in this state; nobody does what was withdrawn.
    ended = _text(standing(key._replace(part="state"))) in (TaskState.COMPLETED, TaskState.WITHDRAWN)
    return NOT_YOURS_TO_DECIDE if ended and key.part != "contact" else ""


def reason_of_evidence(change: Change, standing: Standing) -> str:
    """Why this may not be said of a file that shows what was done, or "".

    It is another file or none, never another one in its place; and what was confirmed was confirmed of what was shown.
    """
    key = change.key
    before = standing(key)
    others = {head.content for head in before.heads} - {CLEARED, change.content} if before else set()
    if not others:
        return ""
    if change.content != CLEARED:
        return NOT_YOURS_TO_DECIDE
    confirmed = _text(standing(key._replace(kind=TASK, part="state"))) == TaskState.COMPLETED
    return NOT_YOURS_TO_DECIDE if confirmed else ""


def _begins(key: Key, standing: Standing) -> bool:
    """Whether this says who assigns a task of which nothing stands yet."""
    parts = (key._replace(part=part) for part in ("from_unit", "content"))
    return key.kind == TASK and key.part == "from_unit" and not any(map(standing, parts))


def _assigns(from_unit: str, unit: str, grants: Grants) -> bool:
    """Whether somebody with these roles speaks for the unit that a task of `unit` is from."""
    if from_unit == unit:
        return allows(grants, Action.ENTER, unit)
    return any(Action.ASSIGN in TABLE[role] and within(from_unit, at) for role, at, _ in grants if from_unit)


def _text(record: Record | None) -> str:
    return _said(record.heads[0].content) if record else ""


def _said(content: str) -> str:
    try:
        return Value.of(content).text or ""
    except ContentError:
        return ""
