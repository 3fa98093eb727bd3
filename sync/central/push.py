"""The first half of a round trip: a device's changes attach to its chain, are judged, and take their places."""

from collections.abc import Callable, Sequence, Set
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select, text, update

from sync.central.judgement import Judge
from sync.central.standing import read_standing, read_versions, write_standing, write_versions
from sync.central.tables import change as change_table
from sync.central.tables import commit_token
from sync.central.tables import device as device_table
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome, arrive
from sync.domain.keys import Key, stream_of
from sync.protocol import chain
from sync.protocol.codec import MessageError
from sync.protocol.messages import MAX_CONTENT, MAX_NAME, Change, Head, Push, Record, Result, Version

MAX_CHANGES: Final = 5_000
"""Changes in one push: a bounded transaction, and a commit that fits a page."""

MAX_PREV: Final = 8
"""Replaced versions that are served with a record."""

MAX_LETTERS: Final = 1_000_000
"""Letters of all contents in one push."""

# One statement that makes the stream, counts the commit and keeps the stream's row to this transaction until
# it ends: sequence order is commit order.
_COMMIT_IN_STREAM: Final = text(
    "INSERT INTO stream (province_code, stream, seq, token) VALUES (:province, :stream, 1, :token)"
    " ON CONFLICT (province_code, stream) DO UPDATE SET seq = stream.seq + 1, token = excluded.token"
    " RETURNING seq"
)


class Chain(NamedTuple):
    """How far the centre holds a device's chain."""

    last_n: int
    last_hash: bytes


class Pushed(NamedTuple):
    """What a push came to: the chain after it, and what was not simply applied."""

    chain: Chain
    results: list[Result]


class _Attached(NamedTuple):
    """The part of a push that the centre holds already, and the part that is new, each new change with its hash."""

    known: Sequence[Change]
    fresh: Sequence[tuple[Change, bytes]]


def take(
    connection: Connection,
    province: str,
    device: str,
    held: Chain,
    push: Push,
    judge: Judge,
    now: int,
    new_token: Callable[[], str],
) -> Pushed:
    """Store every change of `push` that is new, and give each its effect, or the reason why it has none.

    A change that is held already changes nothing and gets its first result again. A push that begins behind a gap
    changes nothing: the chain that is answered says from where to replay. Raises EnvironmentFault push_branch when the
    device's chain and the one held here differ, MessageError for what no device sends.
    """
    _check(push)
    attached = _attach(connection, province, device, held, push)
    if attached is None:
        return Pushed(held, [])
    results = _earlier_results(connection, province, device, attached.known)
    if not attached.fresh:
        return Pushed(held, results)
    results += _Arrivals(connection, province, device, judge, now).take(attached.fresh, new_token)
    last, last_hash = attached.fresh[-1]
    connection.execute(
        update(device_table)
        .where(device_table.c.province_code == province, device_table.c.device == device)
        .values(last_n=last.n, last_hash=last_hash)
    )
    return Pushed(Chain(last.n, last_hash), results)


def _check(push: Push) -> None:
    """What the form of a message leaves open, or what no page could carry: the centre's own come from no message.

    Raises MessageError.
    """
    if push.changes[0].n < 1:
        raise MessageError("a change before the first")
    letters = sum(len(change.content) for change in push.changes)
    if len(push.changes) > MAX_CHANGES or letters > MAX_LETTERS:
        raise MessageError("too much at once")
    for change in push.changes:
        names = (*change.key, change.author, change.catalogue)
        if any("\0" in name for name in names):
            raise MessageError("a name with a null character")
        if max(map(len, names)) > MAX_NAME or len(change.content) > MAX_CONTENT:
            raise MessageError("a name or content that is too long")


def _attach(connection: Connection, province: str, device: str, held: Chain, push: Push) -> _Attached | None:
    """Where the push meets the chain that is held; None when there is a gap between them."""
    before = push.changes[0].n - 1
    if before > held.last_n:
        return None
    links = chain.links(push.previous_hash, push.changes)
    if before == held.last_n and push.previous_hash == held.last_hash:
        return _Attached((), tuple(zip(push.changes, links, strict=True)))
    known_count = min(held.last_n - before, len(push.changes))
    rows = connection.execute(
        select(change_table.c.n, change_table.c.hash).where(
            change_table.c.province_code == province,
            change_table.c.device == device,
            change_table.c.n.between(before, before + known_count),
        )
    )
    hashes: dict[int, bytes] = {0: chain.root(device)}
    hashes.update((n, held_hash) for n, held_hash in rows)
    for n, link in enumerate((push.previous_hash, *links[:known_count]), before):
        if hashes[n] != link:
            raise EnvironmentFault("push_branch", n=n)
    fresh = zip(push.changes[known_count:], links[known_count:], strict=True)
    return _Attached(push.changes[:known_count], tuple(fresh))


def _earlier_results(connection: Connection, province: str, device: str, known: Sequence[Change]) -> list[Result]:
    """What became of changes that are held already: their device may never have heard."""
    if not known:
        return []
    rows = connection.execute(
        select(change_table.c.n, change_table.c.outcome, change_table.c.reason)
        .where(
            change_table.c.province_code == province,
            change_table.c.device == device,
            change_table.c.n.between(known[0].n, known[-1].n),
            change_table.c.outcome != Outcome.APPLIED.value,
        )
        .order_by(change_table.c.n)
    )
    return [Result(n, Outcome(outcome), reason) for n, outcome, reason in rows]


class _Arrivals:
    """The new changes of one push, taking their places among the heads one after another."""

    def __init__(self, connection: Connection, province: str, device: str, judge: Judge, now: int) -> None:
        self._connection = connection
        self._province = province
        self._device = device
        self._judge = judge
        self._now = now
        self._standing: dict[Key, Record] = {}
        self._touched: dict[Key, Record] = {}
        self._seen: dict[Version, tuple[Version, ...]] = {}

    def take(self, changes: Sequence[tuple[Change, bytes]], new_token: Callable[[], str]) -> list[Result]:
        """Log the changes, write the records that they alter, and say which were not simply applied."""
        reasons = [self._judge.reason(change) for change, _ in changes]
        keys = dict.fromkeys(change.key for (change, _), reason in zip(changes, reasons, strict=True) if not reason)
        # The streams are kept to this transaction before what stands in them is read.
        seqs = self._commit_in({stream_of(key) for key in keys}, new_token)
        self._standing = read_standing(self._connection, self._province, keys)
        new = keys.keys() - self._standing.keys()
        results: list[Result] = []
        log: list[dict[str, object]] = []
        for (change, link), reason in zip(changes, reasons, strict=True):
            version = Version(self._device, change.n)
            self._seen[version] = change.seen
            outcome = Outcome.PARKED if reason else self._place(version, change)
            if outcome is not Outcome.APPLIED:
                results.append(Result(change.n, outcome, reason))
            log.append(self._log_row(change, link, outcome, reason))
        self._connection.execute(insert(change_table), log)
        sensitivities = {key: self._judge.sensitivity(key) for key in new}
        write_standing(self._connection, self._province, self._touched.values(), seqs, sensitivities)
        return results

    def _commit_in(self, streams: Set[str], new_token: Callable[[], str]) -> dict[str, int]:
        """Begin one commit in each of the streams, in sorted order, and give its number by stream."""
        seqs: dict[str, int] = {}
        tokens: list[dict[str, object]] = []
        for stream in sorted(streams):
            token = new_token()
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

    def _log_row(self, change: Change, link: bytes, outcome: Outcome, reason: str) -> dict[str, object]:
        kind, unit, item, period, part = change.key
        return {
            "province_code": self._province,
            "device": self._device,
            "n": change.n,
            "hash": link,
            "kind": kind,
            "unit": unit,
            "item": item,
            "period": period,
            "part": part,
            "content": change.content,
            "seen": write_versions(change.seen),
            "author": change.author,
            "typed_at": change.typed_at,
            "catalogue": change.catalogue,
            "received_at": self._now,
            "outcome": outcome.value,
            "reason": reason,
        }

    def _place(self, version: Version, change: Change) -> Outcome:
        """Put the arrival among the heads of its cell, and say what became of it."""
        head = Head(version, change.content, change.author, change.typed_at, self._now)
        standing = self._standing.get(change.key)
        if standing is None:
            self._keep(Record(change.key, (head,)))
            return Outcome.APPLIED
        before = standing.heads
        # What the same device typed into the cell before is seen, named or not: a chain is one hand, and a cell
        # then has no more heads than devices.
        own = tuple(old.version for old in before if old.version.device == self._device)
        seen = self._seen[version] = (*change.seen, *own) if own else change.seen
        if all(old.version in seen for old in before):
            replaced = tuple(old.version for old in before)
            self._keep(Record(change.key, (head,), replaced[-MAX_PREV:]))
            return Outcome.APPLIED
        versions, outcome = arrive([old.version for old in before], version, self._seen_by)
        known = {old.version: old for old in (*before, head)}
        heads = tuple(known[kept] for kept in versions)
        gone = tuple(old.version for old in before if old.version not in versions)
        if heads != before:
            self._keep(Record(change.key, heads, (*standing.prev, *gone)[-MAX_PREV:]))
        # Equal values stay separate versions, but they are no conflict.
        if outcome is Outcome.CONFLICT and len({kept.content for kept in heads}) == 1:
            return Outcome.APPLIED
        return outcome

    def _keep(self, standing: Record) -> None:
        self._standing[standing.key] = standing
        self._touched[standing.key] = standing

    def _seen_by(self, version: Version) -> tuple[Version, ...]:
        """What a version names as seen: of this push, of the log, or nothing when the version is not known here."""
        seen = self._seen.get(version)
        if seen is None:
            written = self._connection.scalar(
                select(change_table.c.seen).where(
                    change_table.c.province_code == self._province,
                    change_table.c.device == version.device,
                    change_table.c.n == version.n,
                )
            )
            seen = self._seen[version] = read_versions(written or b"")
        return seen
