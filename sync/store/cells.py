"""What a screen reads of a cell: the centre's record overlaid by what was typed here and is not confirmed yet."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.domain.parking import WITHDRAWN
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
    """The keys whose shown cell may have changed, and what those of them show now of which it is known: the others are
    read."""

    keys: frozenset[Key] = frozenset()
    shown: Mapping[Key, Shown] = MappingProxyType({})

    def __bool__(self) -> bool:
        return bool(self.keys)


CATALOGUE_ARRIVED: Final = Key("catalogue", "")
"""In a ChangeSet: from now on another catalogue is worked with. It is the key of no cell."""


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

    def head(self) -> Head:
        return Head(self.version, self.content, self.author, self.typed_at, self.received_at or self.typed_at)

    def entry(self) -> Entry:
        received_at = None if self.received_at is None else moment(self.received_at)
        return Entry(self.content, self.author, moment(self.typed_at), received_at, self.state, self.reason)


class Held(NamedTuple):
    """What is held of one cell: what stands in it, the last change that is open, the last of those that has effect
    here (`pending`), and the last that whoever types there now has typed (`own`); each None where there is none.
    `beside` are others that have effect here and that nobody had seen: of somebody else at this PC."""

    record: Standing | None = None
    last: Typed | None = None
    pending: Typed | None = None
    own: Version | None = None
    beside: tuple[Typed, ...] = ()

    @classmethod
    def of(cls, record: Standing | None, last: Typed | None, pending: Sequence[Typed]) -> "Held":
        """As it is held, with those of the `pending` changes that no other has seen, but for what `gives_way`."""
        ends = [change for change in pending if not gives_way(change, record)]
        return cls(record, last, ends[-1] if ends else None, beside=tuple(ends[:-1]))

    def seen(self) -> tuple[Version, ...]:
        """What the person had before them: what is displayed, and their own last change whatever became of it."""
        own, record, pending = self.own, self.record, self.pending
        if pending:
            # What is displayed was typed here; others may have typed the same.
            same = tuple(head.version for head in record.heads if head.content == pending.content) if record else ()
            shown = (pending.version, *same)
        else:
            shown = seen_of(record)
        # What has no name yet cannot be named.
        return tuple(version for version in dict.fromkeys((own, *shown)) if version and version.n > 0)


def overlay(key: Key, held: Held, seen: Callable[[], Iterable[Collection[Version]]] = tuple) -> Shown | None:
    """The shown cell: what is pending here over what stands in the record; None where nobody ever typed it.

    `seen` gives, a little at a time, what whoever typed all that is pending had seen: it is asked where the last of it
    has not seen all that stands. A parked change has no effect, so it leaves the record showing, with its reason; one
    that was taken back leaves it as it is.
    """
    record, last, pending, _, beside = held
    heads = record.heads if record else ()
    reason = last.reason if last and last.outcome == Outcome.PARKED and last.reason != WITHDRAWN else ""
    if pending:
        served = {head.version for head in heads}
        heads = (*heads, *(change.head() for change in beside if change.version not in served))
        rivals = _rivals(heads, pending.content, pending.seen)
        if rivals:
            known = set(pending.seen)
            for more in seen():
                known.update(more)
                rivals = _rivals(heads, pending.content, known)
                if not rivals:
                    break
        received_at = None if pending.received_at is None else moment(pending.received_at)
        state = CellState.PARKED if reason else pending.state
        return Shown(key, pending.content, state, pending.author, moment(pending.typed_at), received_at, rivals, reason)
    if record and heads:
        shown = heads[0]
        received = CellState.SENT if shown.version in record.lost else CellState.RECEIVED
        state = CellState.PARKED if reason else received
        rivals = _rivals(heads, shown.content, ())
        return Shown(
            key, shown.content, state, shown.author, moment(shown.typed_at), moment(shown.received_at), rivals, reason
        )
    if last is None or not reason:
        return None
    return Shown(key, CLEARED, CellState.PARKED, last.author, moment(last.typed_at), None, (), reason)


def typed_over(before: Shown | None, key: Key, content: str, author: str, at: datetime) -> Shown | None:
    """What a cell shows, that showed `before`, once a person has typed `content` there; None where it must be read.

    Who types over what nothing speaks against has seen all that stands. What comes meanwhile is told of by itself.
    """
    if before is not None and (before.rivals or before.reason):
        return None
    return Shown(key, content, CellState.SAVED, author, moment(int(at.timestamp())), None)


def gives_way(last: Typed, record: Standing | None) -> bool:
    """Whether somebody has typed over the `last` open change, and the base shows that: then it is no longer shown.

    It stays open until the base is proven. The base of a PC that was put back from a copy can be ahead of what the PC
    knows of its own changes.
    """
    return record is not None and last.version in record.prev


def seen_by(pending: Sequence[Typed], typed: Sequence[Typed]) -> frozenset[Version]:
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


def _rivals(heads: Sequence[Head], shown: str, seen: Collection[Version]) -> tuple[Rival, ...]:
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
