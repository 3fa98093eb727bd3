"""What a screen reads of a cell: the centre's record overlaid by what was typed here and is not confirmed yet."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final, NamedTuple

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.domain.values import CLEARED
from sync.protocol.messages import Head, Version
from sync.store.standing import Standing


class CellState(IntEnum):
    """How far a value has come. What was typed but could not be saved is on the screen only, and has no state."""

    SAVED = 1
    SENT = 2
    RECEIVED = 3
    PARKED = 4


class Rival(NamedTuple):
    """What else stands in a cell in conflict: one content, and all `versions` that say it."""

    content: str
    author: str
    typed_at: datetime
    versions: tuple[Version, ...]


class Shown(NamedTuple):
    """What a cell shows: `content` is canonical JSON. `rivals` not empty means a conflict.

    `reason` is why the last thing typed here was parked, a code for the translations; `content` then is the
    centre's, and what was typed stands in the history. `received_at` is the centre's clock.
    """

    key: Key
    content: str
    state: CellState
    author: str
    typed_at: datetime
    received_at: datetime | None
    rivals: tuple[Rival, ...] = ()
    reason: str = ""


class Entry(NamedTuple):
    """One line of a cell's history on this PC, or a version that stands at the centre."""

    content: str
    author: str
    typed_at: datetime
    received_at: datetime | None
    state: CellState
    reason: str = ""


class ChangeSet(NamedTuple):
    """The keys whose shown cell may have changed."""

    keys: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.keys)


class Typed(NamedTuple):
    """A row of the change log, as far as showing it needs. `n` is negative while the change has no name yet."""

    n: int
    branch: str
    content: str
    seen: tuple[Version, ...]
    author: str
    typed_at: int
    sent_at: int | None
    received_at: int | None
    outcome: str
    reason: str

    @property
    def version(self) -> Version:
        return Version(self.branch, self.n)

    @property
    def state(self) -> CellState:
        if self.outcome == Outcome.PARKED:
            return CellState.PARKED
        if self.received_at is not None:
            return CellState.RECEIVED
        return CellState.SAVED if self.sent_at is None else CellState.SENT

    def entry(self) -> Entry:
        received_at = None if self.received_at is None else moment(self.received_at)
        return Entry(self.content, self.author, moment(self.typed_at), received_at, self.state, self.reason)


def overlay(
    key: Key, record: Standing | None, typed: Sequence[Typed], closed: Callable[[], Sequence[Typed]] = tuple
) -> Shown:
    """The shown cell: the last of `typed` (what is open here, oldest first) over what stands in `record`.

    One of the two must be there. `closed` gives what else was typed here into the cell, for the rare case that a
    head may have been seen through it. A parked change has no effect, so it leaves the record showing, with its reason.
    """
    heads = record.heads if record else ()
    pending = [change for change in typed if change.outcome != Outcome.PARKED]
    if pending and gives_way(pending[-1], record):
        pending = []
    reason = typed[-1].reason if typed and typed[-1].outcome == Outcome.PARKED else ""
    if not pending:
        if not heads:
            last = typed[-1]
            return Shown(key, CLEARED, CellState.PARKED, last.author, moment(last.typed_at), None, (), reason)
        shown = heads[0]
        received = CellState.SENT if record and shown.version in record.lost else CellState.RECEIVED
        state = CellState.PARKED if reason else received
        rivals = _rivals(heads, shown.content, frozenset())
        return Shown(
            key, shown.content, state, shown.author, moment(shown.typed_at), moment(shown.received_at), rivals, reason
        )
    last = pending[-1]
    seen = _seen_by(pending, typed)
    if _rivals(heads, last.content, seen):
        seen = _seen_by(pending, (*typed, *closed()))
    received_at = None if last.received_at is None else moment(last.received_at)
    state = CellState.PARKED if reason else last.state
    rivals = _rivals(heads, last.content, seen)
    return Shown(key, last.content, state, last.author, moment(last.typed_at), received_at, rivals, reason)


def gives_way(last: Typed, record: Standing | None) -> bool:
    """Whether somebody has typed over the `last` open change, and the base shows that: then it is no longer shown.

    It stays open until the base is proven. The base of a PC that was put back from a copy can be ahead of what the PC
    knows of its own changes.
    """
    return record is not None and last.version in record.prev


def _seen_by(pending: Sequence[Typed], typed: Sequence[Typed]) -> frozenset[Version]:
    """What whoever typed the `pending` changes had seen, also through others that they had typed, and that are parked.

    What is parked has no effect of its own, and so hides nothing.
    """
    own = {change.version: change.seen for change in typed}
    found: set[Version] = set()
    ends = [version for change in pending for version in change.seen]
    while ends:
        version = ends.pop()
        if version not in found:
            found.add(version)
            ends += own.get(version, ())
    return frozenset(found)


def _rivals(heads: Sequence[Head], shown: str, seen: frozenset[Version]) -> tuple[Rival, ...]:
    """Heads that say something else and that the person had not seen; equal ones are shown once."""
    found: dict[str, Rival] = {}
    for head in heads:
        if head.content != shown and head.version not in seen:
            rival = found.get(head.content) or Rival(head.content, head.author, moment(head.typed_at), ())
            found[head.content] = rival._replace(versions=(*rival.versions, head.version))
    return tuple(found.values())


def seen_of(record: Standing | None) -> tuple[Version, ...]:
    """What a person who looks at `record` has seen: every version of the displayed value, and those it replaced."""
    if record is None:
        return ()
    shown = record.heads[0].content
    return tuple(head.version for head in record.heads if head.content == shown) + record.prev


EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_LATEST_S: Final = int(LATEST.timestamp())


def moment(seconds: int) -> datetime:
    """A clock's seconds as a time, whatever the clock said."""
    if not 0 <= seconds < _LATEST_S:
        return EARLIEST if seconds < 0 else LATEST
    return datetime.fromtimestamp(seconds, UTC)
