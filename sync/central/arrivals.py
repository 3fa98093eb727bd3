"""Changes taking their places among the heads of their cells, one after another: in one commit of each stream, or in
as many as it takes for a page to bring each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, text

from sync.central import evidence
from sync.central.ancestry import Ancestry
from sync.central.judgement import Judge, Rules, Standing
from sync.central.room import has_room, parts
from sync.central.standing import read_standing, write_standing
from sync.central.tables import commit_token
from sync.domain.authors import is_one_hand
from sync.domain.heads import Outcome, arrive
from sync.domain.keys import RECEIPT, Key, stream_of, stream_of_device
from sync.domain.parking import TOO_MANY_RIVALS, WITHDRAWN
from sync.domain.rights import class_of
from sync.domain.values import canonical
from sync.protocol.messages import Change, Head, Link, Record, Version

MAX_CHANGES: Final = 5_000
"""Changes that take their places at once: a bounded transaction."""

MAX_LETTERS: Final = 1_000_000
"""Letters of all their contents."""

MAX_PREV: Final = 4
"""Replaced versions that are served with a record."""

# One statement that makes the stream, counts the commit and keeps the stream's row to this transaction until
# it ends: sequence order is commit order.
_COMMIT_IN_STREAM: Final = text(
    "INSERT INTO stream (province_code, stream, seq, token) VALUES (:province, :stream, 1, :token)"
    " ON CONFLICT (province_code, stream) DO UPDATE SET seq = stream.seq + 1, token = excluded.token"
    " RETURNING seq"
)


_TOKENS: Final = insert(commit_token)


class Arriving(NamedTuple):
    """A change of `device`. `had_effect`: the centre gave it its effect before it was restored, so it has it again.
    `was_withdrawn`: it was taken back before it comes, so it is given none. `hash` is that of its link, when it is in
    the log already."""

    device: str
    change: Change
    had_effect: bool = False
    was_withdrawn: bool = False
    hash: bytes = b""


class Settled(NamedTuple):
    """What became of it."""

    outcome: Outcome
    reason: str


class Book:
    """The records of one transaction. `judge_of` gives the judge of a device, who looks at what stands here, and to
    whom it is said whether the changes come again, out of the log. `receipt_of` gives the check on a receipt of that
    one change of a device."""

    def __init__(
        self,
        connection: Connection,
        province: str,
        rules: Rules,
        judge_of: Callable[[str, Standing, bool], Judge],
        receipt_of: Callable[[str, Link], bytes],
        now: int,
        new_token: Callable[[], str],
    ) -> None:
        self._connection = connection
        self._province = province
        self._rules = rules
        self._judge_of = judge_of
        self._receipt_of = receipt_of
        self._now = now
        self._new_token = new_token

    @property
    def now(self) -> int:
        """The centre's time of this transaction, seconds since 1970 UTC."""
        return self._now

    def settle(
        self, arrivals: Sequence[Arriving], *, again: bool = False
    ) -> tuple[list[Settled], list[Record], Set[Key]]:
        """Give each arrival its place or the reason why it has none; and the records that changed, and the keys of
        those where a conflict lost a head: there may be room for one that waits.

        What is parked is told to its device in the device's own stream, and so is what is parked no longer: with
        `again` the arrivals were parked until now. What took effect comes with a receipt of its own, since the one
        that its device holds calls it parked, and a restored centre would judge it anew.
        """
        devices = {arriving.device for arriving in arrivals}
        judges = {device: self._judge_of(device, lambda key: here.get(key), again) for device in devices}
        ancestry = Ancestry(self._connection, self._province, [arriving.change for arriving in arrivals])
        keys = [
            arriving.change.key
            for arriving in arrivals
            if arriving.had_effect
            or ancestry.was_overtaken(arriving.change)
            or not judges[arriving.device].reason_of_address(arriving.change.key)
        ]
        # The streams are kept to this transaction before what stands in them is read.
        seqs = self._commit_in({stream_of(key) for key in keys})
        context = list(keys)
        for key in dict.fromkeys(keys):
            context += self._rules.deciding(key)
        here = read_standing(self._connection, self._province, dict.fromkeys(context))
        before = dict(here)
        cells = _Cells(ancestry, here, self._now)
        cells.look_up(arrivals)
        found = [cells.settle(arriving, judges[arriving.device]) for arriving in arrivals]
        ancestry.write()
        told = {
            _receipt_key(arriving): self._receipt(arriving, settled)
            for arriving, settled in zip(arrivals, found, strict=True)
            if again or settled.outcome is Outcome.PARKED
        }
        if told:
            said = read_standing(self._connection, self._province, told)
            told = {key: receipt for key, receipt in told.items() if _content(said.get(key)) != _content(receipt)}
            # Behind all others in sorted order, as these names are.
            seqs |= self._commit_in({stream_of(key) for key in told})
            before |= said
        changed = {key: record for key, record in here.items() if record is not before.get(key)} | told
        write_standing(
            self._connection,
            self._province,
            changed,
            before,
            self._seqs_of(changed, seqs),
            lambda key: class_of(self._rules.catalogue, key),
        )
        evidence.note(self._connection, self._province, changed.values())
        eased = {key for key, record in changed.items() if key in before and _is_eased(before[key], record)}
        return found, list(changed.values()), eased

    def _seqs_of(self, changed: Mapping[Key, Record], first: Mapping[str, int]) -> dict[Key, int]:
        """The commit of each record: the `first` of its stream while that has room, and then another one."""
        by_stream: dict[str, list[Record]] = defaultdict(list)
        for key, record in changed.items():
            by_stream[stream_of(key)].append(record)
        found: dict[Key, int] = {}
        for stream, records in by_stream.items():
            seq = first[stream]
            for number, part in enumerate(parts(records)):
                seq = self._commit_in({stream})[stream] if number else seq
                found |= dict.fromkeys((record.key for record in part), seq)
        return found

    def _receipt(self, arriving: Arriving, settled: Settled) -> Record:
        version = arriving.change.version
        is_parked = settled.outcome is Outcome.PARKED
        mac = b"" if is_parked else self._receipt_of(arriving.device, Link(version.n, arriving.hash))
        content = canonical([settled.outcome.value, settled.reason])
        return Record(_receipt_key(arriving), (Head(version, content, "", self._now, self._now, mac),))

    def _commit_in(self, streams: Set[str]) -> dict[str, int]:
        return commit_in(self._connection, self._province, streams, self._now, self._new_token)


def commit_in(
    connection: Connection, province: str, streams: Set[str], now: int, new_token: Callable[[], str]
) -> dict[str, int]:
    """Begin one commit in each of the streams, in sorted order, and give its number by stream."""
    seqs: dict[str, int] = {}
    tokens: list[dict[str, object]] = []
    for stream in sorted(streams):
        token = new_token()
        names = {"province": province, "stream": stream, "token": token}
        seq = seqs[stream] = connection.scalars(_COMMIT_IN_STREAM, names).one()
        tokens.append({"province_code": province, "stream": stream, "seq": seq, "token": token, "at": now})
    if tokens:
        connection.execute(_TOKENS, tokens)
    return seqs


class _Cells:
    """The cells of one settling: `here` is what stands in them, and changes with every arrival."""

    def __init__(self, ancestry: Ancestry, here: dict[Key, Record], now: int) -> None:
        self._ancestry = ancestry
        self._here = here
        self._now = now

    def look_up(self, arrivals: Sequence[Arriving]) -> None:
        """Read what the arrivals name, for all of them at once; nearly all of it stands in their cells."""
        coming = {arriving.change.version for arriving in arrivals}
        named: list[Version] = []
        for arriving in arrivals:
            if arriving.change.seen:
                known = _known(self._here.get(arriving.change.key))
                named += [version for version in arriving.change.seen if version not in known]
        self._ancestry.look_up([version for version in named if version not in coming])

    def settle(self, arriving: Arriving, judge: Judge) -> Settled:
        change = arriving.change
        key, version = change.key, change.version
        standing = self._here.get(key)
        heads = standing.heads if standing else ()
        own = tuple(head.version for head in heads if _is_earlier(head, change))
        # What the same hand typed into the cell before is seen, named or not: of each it has one head at most.
        seen = (*change.seen, *own) if own else change.seen
        known = _known(standing)
        before = [head.version for head in heads]
        is_seen = self._ancestry.is_seen(change, before, known)
        if not is_seen and not arriving.had_effect:
            # What somebody has seen and typed over is history already; everything else is judged.
            has_seen: Collection[Version] = seen
            if any(head not in seen for head in before):
                has_seen = self._ancestry.reached(key, seen, known)
            reason = judge.reason(change, has_seen) or _reason_of_room(heads, change, has_seen)
            reason = WITHDRAWN if arriving.was_withdrawn else reason
            if reason:
                self._ancestry.keep(change, has_effect=False)
                return Settled(Outcome.PARKED, reason)
        self._ancestry.keep(change, has_effect=True)
        reached = self._ancestry.take(key, seen, known)
        versions, outcome = arrive(before, version, reached, is_seen=is_seen)
        self._place(change, standing, versions, seen)
        if outcome is Outcome.CONFLICT and len({head.content for head in self._here[key].heads}) == 1:
            # Equal values stay separate versions, but they are no conflict.
            outcome = Outcome.APPLIED
        return Settled(outcome, "")

    def _place(
        self, change: Change, standing: Record | None, versions: Sequence[Version], seen: Sequence[Version]
    ) -> None:
        before = standing.heads if standing else ()
        known = {head.version: head for head in before}
        new = Head(change.version, change.content, change.author, change.typed_at, self._now, change.extra)
        known.setdefault(change.version, new)
        heads = tuple(known[version] for version in versions)
        if heads == before:
            return
        gone = [head.version for head in before if head.version not in versions]
        replaced = standing.prev if standing else ()
        # Also what the author saw and the centre does not hold: somebody else may still hold it.
        foreign = [version for version in seen if version not in replaced and version not in known]
        prev = tuple(dict.fromkeys((*gone, *foreign, *replaced)))[:MAX_PREV]
        self._here[change.key] = Record(change.key, heads, prev)


def commits(contents: Sequence[str]) -> Iterator[slice]:
    """Runs of changes with these contents, each with as many as take their places at once."""
    first = letters = 0
    for place, content in enumerate(contents):
        letters += len(content)
        if place > first and (place - first == MAX_CHANGES or letters > MAX_LETTERS):
            yield slice(first, place)
            first, letters = place, len(content)
    if contents:
        yield slice(first, len(contents))


def _is_eased(before: Record, after: Record) -> bool:
    """Whether a conflict lost a head."""
    return len(before.heads) > 1 and not set(before.heads).issubset(after.heads)


def _known(standing: Record | None) -> Collection[Version]:
    """Versions of a cell that have effect, or that something with effect is known to have seen."""
    return {*(head.version for head in standing.heads), *standing.prev} if standing else ()


def _reason_of_room(heads: Sequence[Head], change: Change, seen: Collection[Version]) -> str:
    """Why a change may not be added to these heads, or "": of those that would stay beside it there are enough."""
    beside = [head for head in heads if head.version not in seen]
    return "" if not beside or has_room(beside, change) else TOO_MANY_RIVALS


def _is_earlier(head: Head, than: Change) -> bool:
    """Whether both were typed by one hand, in one opening of a store, the head first."""
    (branch, n), later = head.version, than.version
    return branch == later.branch and n < later.n and is_one_hand(head.author, than.author)


def _receipt_key(arriving: Arriving) -> Key:
    version = arriving.change.version
    return Key(RECEIPT, stream_of_device(arriving.device), version.branch, part=str(version.n))


def _content(receipt: Record | None) -> str:
    return receipt.heads[0].content if receipt else ""
