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
is a form over which two people decided differently. Whoever decides without having seen what another one has decided
is refused, so that nobody's decision ends one that they do not know of; theirs is kept where they made it, and both
are told together.

A return may say of single cells what is wrong with them. It is one step with its remarks: they are in its content.

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
from sync.domain.text import nfc
from sync.domain.values import CLEARED, ContentError, canonical

MAX_REMARKS: Final = 50
"""Cells that one return names: with so many wrong the form is, and its comment can say so."""

MAX_WHY: Final = 200
"""Letters of what is said of one cell, as JSON spells them: with all remarks a step still fits a message."""

_DIGEST_BYTES: Final = 16
_CELL: Final = "/"
"""Begins, in a step's content, the name of what is said of a cell; programs from before there was any pass over it."""

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


class Remark(NamedTuple):
    """What a return says of one cell: the key of its indicator, its breakdown as in the key of a value, the words."""

    item: str
    part: str
    why: str


class Status(NamedTuple):
    """One step. `digest` is `content_digest` of what was approved, and empty for the other steps; `remarks`, each of
    another cell and sorted, are a return's alone."""

    state: State
    digest: str = ""
    comment: str = ""
    remarks: tuple[Remark, ...] = ()

    def content(self) -> str:
        """What the status cell holds: canonical JSON."""
        parts = {"state": self.state.value, "digest": self.digest, "comment": self.comment}
        said = {_CELL.join(("", item, part) if part else ("", item)): why for item, part, why in self.remarks}
        return canonical({name: text for name, text in (parts | said).items() if text})

    @classmethod
    def of(cls, content: str) -> "Status":
        """Read a status cell. Raises ContentError, also for a cleared one, and for more remarks than a step may have
        or longer ones."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or any(not isinstance(text, str) for text in found.values()):
                raise ContentError(content[:80])
            remarks = tuple(sorted(_remark(name, why) for name, why in found.items() if name.startswith(_CELL)))
            status = cls(State(found["state"]), found.get("digest", ""), found.get("comment", ""), remarks)
        except (ValueError, KeyError, RecursionError) as error:
            raise ContentError(content[:80]) from error
        if bool(status.digest) != (status.state is State.APPROVED):
            raise ContentError(content[:80])
        if remarks and (status.state is not State.RETURNED or len(remarks) > MAX_REMARKS):
            raise ContentError(content[:80])
        return status


def is_reason(why: str) -> bool:
    """Whether a remark may say this: a few words in one line, in their one spelling, with single blanks between."""
    return bool(why) and why == said_as_reason(why) and why.isprintable() and len(canonical(why)) - 2 <= MAX_WHY


def said_as_reason(typed: str) -> str:
    """What was typed or pasted, as a remark may say it."""
    return " ".join(nfc(typed).split())


def _remark(name: str, why: str) -> Remark:
    """Read what is said of a cell. Raises ContentError."""
    _, item, *part = name.split(_CELL, 2)
    if not item or part == [""] or not is_reason(why):
        raise ContentError(name[:80])
    return Remark(item, "".join(part), why)


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


def is_of_content(step: str, digest: str) -> bool:
    """Whether the step with this content can be taken, as it is, over the content whose `content_digest` is `digest`:
    an approval is of what it names alone."""
    status = Status.of(step)
    return status.state is not State.APPROVED or status.digest == digest


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
