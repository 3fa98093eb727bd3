"""The way of a form of one unit and period: submitted, then approved or returned, then perhaps reopened.

    draft ──submit──▶ submitted ──approve──▶ approved
      ▲                │    ▲                   │
      │              return submit            reopen
      │                ▼    │                   ▼
      └── (no status) returned ◀── edits ── reopened ──submit──▶ submitted

An edit after the submission is told as one. An edit after the approval waits at the centre, and whoever typed it may
ask for it (`revisions`): the approver takes it, by reopening the form, and approves again; or rejects it.

A status is a cell like any other: each step is a change whose content is `Status`, and it stands while it is the
cell's only head. An approval holds for the content that its digest names and for no other: else it is `waiting`, as
is a form over which two people decided differently.

Who may take which step:

| stage     | the unit itself | who decides above        |
|-----------|-----------------|--------------------------|
| draft     | submit          |                          |
| submitted |                 | approve, return          |
| returned  | submit          |                          |
| approved  |                 | reopen                   |
| reopened  | submit          | approve, return          |
| waiting   |                 | approve, return, reopen  |
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from sync.domain.hashes import blake2b
from sync.domain.keys import Key
from sync.domain.values import CLEARED, ContentError, canonical

_DIGEST_BYTES: Final = 16
CLOSED: Final = "true"
"""Content of a closing; a cleared one opens the period again."""


class State(StrEnum):
    """What a step makes of a form; without any it is a draft."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REOPENED = "reopened"


class Stage(StrEnum):
    """Where a form of one unit and period stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REOPENED = "reopened"
    WAITING = "waiting"


DECIDED_ABOVE: Final = (State.APPROVED, State.RETURNED, State.REOPENED)
"""Steps of whoever supervises the unit; the unit itself submits."""


class Status(NamedTuple):
    """One step. `digest` is `content_digest` of what was approved, and empty for the other steps."""

    state: State
    digest: str = ""
    comment: str = ""

    def content(self) -> str:
        """What the status cell holds: canonical JSON."""
        parts = {"state": self.state.value, "digest": self.digest, "comment": self.comment}
        return canonical({name: text for name, text in parts.items() if text})

    @classmethod
    def of(cls, content: str) -> "Status":
        """Read a status cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or any(not isinstance(text, str) for text in found.values()):
                raise ContentError(content[:80])
            status = cls(State(found["state"]), found.get("digest", ""), found.get("comment", ""))
        except (ValueError, KeyError, RecursionError) as error:
            raise ContentError(content[:80]) from error
        if bool(status.digest) != (status.state is State.APPROVED):
            raise ContentError(content[:80])
        return status


def content_digest(cells: Mapping[Key, Iterable[str]]) -> str:
    """Name of a form's content: every cell with the contents of all its heads, rivals included.

    The order of heads and of cells, and equal heads, make no difference; a cell that was cleared is as one never
    filled in.
    """
    said = {key: sorted(set(contents)) for key, contents in cells.items()}
    rows = sorted([*key, *contents] for key, contents in said.items() if contents != [CLEARED])
    return blake2b(canonical(rows).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def is_approved(heads: Iterable[str], digest: str) -> bool:
    """Whether a status cell with these contents approves the form whose `content_digest` is `digest`.

    Only one head may stand, whatever the others say: who decided at the same time has to decide again.
    """
    contents = list(heads)
    return len(contents) == 1 and has_approval(contents) and Status.of(contents[0]).digest == digest


def stage_of(heads: Iterable[str], digest: str) -> Stage:
    """Where a form stands whose status cell has these contents, and whose `content_digest` is `digest`."""
    states = {content: state for content in heads if (state := _state(content)) is not None}
    if not states:
        return Stage.DRAFT
    if len(states) > 1 or (State.APPROVED in states.values() and not is_approved(states, digest)):
        return Stage.WAITING
    return Stage(next(iter(states.values())))


def steps_from(stage: Stage, *, reports: bool, decides: bool) -> tuple[State, ...]:
    """The steps for whoever `reports` for the unit, or `decides` over it from above, as the module's table has them."""
    own, above = _STEPS[stage]
    return (*(own if reports else ()), *(above if decides else ()))


_SUBMIT: Final = (State.SUBMITTED,)
_STEPS: Final[Mapping[Stage, tuple[tuple[State, ...], tuple[State, ...]]]] = {
    Stage.DRAFT: (_SUBMIT, ()),
    Stage.SUBMITTED: ((), (State.APPROVED, State.RETURNED)),
    Stage.RETURNED: (_SUBMIT, ()),
    Stage.APPROVED: ((), (State.REOPENED,)),
    Stage.REOPENED: (_SUBMIT, (State.APPROVED, State.RETURNED)),
    Stage.WAITING: ((), (State.APPROVED, State.RETURNED, State.REOPENED)),
}


def has_approval(heads: Iterable[str]) -> bool:
    """Whether any of these contents of a status cell is an approval, which keeps edits waiting."""
    return any(_state(content) is State.APPROVED for content in heads)


def _state(content: str) -> State | None:
    try:
        return Status.of(content).state
    except ContentError:
        return None
