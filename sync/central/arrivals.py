"""Changes taking their places among the heads of their cells, one after another, in one commit of each stream."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select, text

from sync.central.judgement import Judge, Rules, Standing, sensitivity
from sync.central.standing import read_standing, write_standing
from sync.central.tables import change as change_table
from sync.central.tables import commit_token
from sync.domain.heads import Outcome, arrive
from sync.domain.keys import KINDS, RECEIPT, Key, stream_of, stream_of_device
from sync.domain.parking import TOO_MANY_RIVALS
from sync.domain.values import canonical
from sync.protocol.digests import versions_of
from sync.protocol.messages import Change, Head, Record, Version

MAX_CHANGES: Final = 5_000
"""Changes in one commit: a bounded transaction, and a commit that fits a page."""

MAX_LETTERS: Final = 1_000_000
"""Letters of all contents in one commit."""

MAX_PREV: Final = 4
"""Replaced versions that are served with a record."""

MAX_HEADS_OF_DEVICE: Final = 16
"""Heads of one device in one cell: many copies of its folder, and no more than a page brings or a person decides."""

# One statement that makes the stream, counts the commit and keeps the stream's row to this transaction until
# it ends: sequence order is commit order.
_COMMIT_IN_STREAM: Final = text(
    "INSERT INTO stream (province_code, stream, seq, token) VALUES (:province, :stream, 1, :token)"
    " ON CONFLICT (province_code, stream) DO UPDATE SET seq = stream.seq + 1, token = excluded.token"
    " RETURNING seq"
)


class Arriving(NamedTuple):
    """A change of `device`. `had_effect`: the centre gave it its effect before it was restored, so it has it again."""

    device: str
    change: Change
    had_effect: bool = False


class Settled(NamedTuple):
    """What became of it."""

    outcome: Outcome
    reason: str


class Book:
    """The records of one transaction. `judge_of` gives the judge of a device, who looks at what stands here."""

    def __init__(
        self,
        connection: Connection,
        province: str,
        rules: Rules,
        judge_of: Callable[[str, Standing], Judge],
        now: int,
        new_token: Callable[[], str],
    ) -> None:
        self._connection = connection
        self._province = province
        self._rules = rules
        self._judge_of = judge_of
        self._now = now
        self._new_token = new_token

    def settle(self, arrivals: Sequence[Arriving], *, again: bool = False) -> tuple[list[Settled], list[Record]]:
        """Give each arrival its place or the reason why it has none; and the records that changed.

        What is parked is told to its device in the device's own stream, and so is what is parked no longer: with
        `again` the arrivals were parked until now.
        """
        judges = {device: self._judge_of(device, lambda key: here.get(key)) for device in {a.device for a in arrivals}}
        may_stand = {
            arriving.change.key
            for arriving in arrivals
            if arriving.had_effect or not judges[arriving.device].reason_of_address(arriving.change.key)
        }
        may_stand |= self._seen_all_the_same(arrivals, judges, may_stand)
        keys = [arriving.change.key for arriving in arrivals if arriving.change.key in may_stand]
        # The streams are kept to this transaction before what stands in them is read.
        seqs = self._commit_in({stream_of(key) for key in keys})
        context = list(keys)
        for key in dict.fromkeys(keys):
            context += [*self._rules.statuses(key), *self._rules.closings(key)]
        here = read_standing(self._connection, self._province, dict.fromkeys(context))
        before = dict(here)
        cells = _Cells(self._connection, self._province, here, self._now)
        found = [cells.settle(arriving, judges[arriving.device]) for arriving in arrivals]
        told = {
            _receipt_key(arriving): _receipt(arriving, settled, self._now)
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
            seqs,
            lambda key: sensitivity(self._rules.catalogue, key),
        )
        return found, list(changed.values())

    def _seen_all_the_same(
        self, arrivals: Sequence[Arriving], judges: Mapping[str, Judge], may_stand: Set[Key]
    ) -> set[Key]:
        """Cells outside `may_stand` where somebody has seen and typed over what arrives: it is history there.

        What it had seen then leaves the heads, whatever its author may do there now. Nothing else that no address
        allows comes near a stream.
        """
        others = {arriving.change.key for arriving in arrivals if arriving.change.key.kind in KINDS} - may_stand
        here = read_standing(self._connection, self._province, others)
        cells = _Cells(self._connection, self._province, here, self._now)
        trials = [arriving for arriving in arrivals if arriving.change.key in here]
        return {
            arriving.change.key
            for arriving in trials
            if cells.settle(arriving, judges[arriving.device]).outcome is Outcome.HISTORY
        }

    def _commit_in(self, streams: Set[str]) -> dict[str, int]:
        """Begin one commit in each of the streams, in sorted order, and give its number by stream."""
        seqs: dict[str, int] = {}
        tokens: list[dict[str, object]] = []
        for stream in sorted(streams):
            token = self._new_token()
            names = {"province": self._province, "stream": stream, "token": token}
            seq = seqs[stream] = self._connection.scalars(_COMMIT_IN_STREAM, names).one()
            tokens.append(
                {
                    "province_code": self._province,
                    "stream": stream,
                    "seq": seq,
                    "token": token,
                    "at": self._now,
                }
            )
        if tokens:
            self._connection.execute(insert(commit_token), tokens)
        return seqs


class _Cells:
    """The cells of one settling: `here` is what stands in them, and changes with every arrival."""

    def __init__(self, connection: Connection, province: str, here: dict[Key, Record], now: int) -> None:
        self._connection = connection
        self._province = province
        self._here = here
        self._now = now
        self._histories: dict[Key, dict[Version, tuple[Version, ...]]] = {}
        # Of this settling, whether the log holds them already or not.
        self._seen: dict[Key, dict[Version, tuple[Version, ...]]] = defaultdict(dict)

    def settle(self, arriving: Arriving, judge: Judge) -> Settled:
        change = arriving.change
        key, version = change.key, change.version
        standing = self._here.get(key)
        heads = standing.heads if standing else ()
        own = tuple(head.version for head in heads if _is_earlier(head.version, version))
        # What the same hand typed into the cell before is seen, named or not: a cell has no more heads than branches.
        seen = self._seen[key][version] = (*change.seen, *own) if own else change.seen
        if key in self._histories:
            self._histories[key][version] = seen
        if all(head.version in seen for head in heads):
            versions: tuple[Version, ...] = (version,)
            outcome = Outcome.APPLIED
        else:
            history = self._history(key)
            versions, outcome = arrive([head.version for head in heads], version, lambda known: history.get(known, ()))
        reason = ""
        if outcome is not Outcome.HISTORY and not arriving.had_effect:
            # What somebody has seen and typed over is history already; everything else is judged.
            reason = judge.reason(change)
            if not reason and sum(head.device == version.device for head in versions) > MAX_HEADS_OF_DEVICE:
                reason = TOO_MANY_RIVALS
        if reason:
            return Settled(Outcome.PARKED, reason)
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

    def _history(self, key: Key) -> Mapping[Version, tuple[Version, ...]]:
        """What every version of a cell names as seen: of the log, and of this settling."""
        history = self._histories.get(key)
        if history is None:
            columns = change_table.c
            rows = self._connection.execute(
                select(columns.branch, columns.n, columns.seen).where(
                    columns.province_code == self._province,
                    columns.unit == key.unit,
                    columns.kind == key.kind,
                    columns.item == key.item,
                    columns.period == key.period,
                    columns.part == key.part,
                )
            )
            history = self._histories[key] = {
                **{Version(branch, n): versions_of(seen) for branch, n, seen in rows},
                **self._seen[key],
            }
        return history


def commits(contents: Sequence[str]) -> Iterator[slice]:
    """Runs of changes with these contents, each with as many as one commit may bring."""
    first = letters = 0
    for place, content in enumerate(contents):
        letters += len(content)
        if place > first and (place - first == MAX_CHANGES or letters > MAX_LETTERS):
            yield slice(first, place)
            first, letters = place, len(content)
    if contents:
        yield slice(first, len(contents))


def _is_earlier(version: Version, than: Version) -> bool:
    """Whether both were typed by one hand, in one opening of a store, this one first."""
    return version.branch == than.branch and version.n < than.n


def _receipt_key(arriving: Arriving) -> Key:
    version = arriving.change.version
    return Key(RECEIPT, stream_of_device(arriving.device), version.branch, part=str(version.n))


def _content(receipt: Record | None) -> str:
    return receipt.heads[0].content if receipt else ""


def _receipt(arriving: Arriving, settled: Settled, now: int) -> Record:
    content = canonical([settled.outcome.value, settled.reason])
    return Record(_receipt_key(arriving), (Head(arriving.change.version, content, "", now, now),))
