"""Ranges of the base that differ from the centre's: remembered, compared in ever smaller parts, and put right.

    digest differs ──▶ in doubt ──▶ checks ──▶ agrees: no doubt left
                          ▲            ├─────▶ split: smaller ranges in doubt
                          └────────────┘       healed: every record of the range, and what the centre has not is lost

What is typed here and not confirmed is never touched.
"""

from itertools import pairwise
from typing import Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key, stream_of
from sync.protocol.digests import Digest, row_hash
from sync.protocol.messages import Check, Heal, Subscription, Verdict, Version
from sync.store import connection as file
from sync.store.base import BaseWriter, forget_lost, seen_from
from sync.store.cells import ChangeSet
from sync.store.standing import read_lost
from sync.store.store import Store

MAX_CHECKS: Final = 16
"""Ranges that are compared in one request."""

_PARTS: Final = 16
_FEW: Final = 64
"""Records that are not worth splitting."""

MAX_LOST: Final = 200
"""Versions that one request asks about."""

_KEY: Final = "kind, unit, item, period, part"
_OPEN: Final = b""
_DOUBT: Final = "INSERT OR REPLACE INTO doubt (root, stream, low, high) VALUES (?, ?, ?, ?)"
_encode = msgspec.msgpack.Encoder().encode
_key = msgspec.msgpack.Decoder(Key).decode


def is_in_doubt(store: Store, subscription: Subscription) -> bool:
    row = store.db.execute("SELECT 1 FROM doubt WHERE root = ? AND stream = ? LIMIT 1", subscription).fetchone()
    return row is not None


def doubt_all(store: Store, subscription: Subscription) -> None:
    """Everything of a subscription is to be compared. Inside a transaction."""
    store.db.execute("DELETE FROM doubt WHERE root = ? AND stream = ?", subscription)
    # Not split yet: where, the whole base would have to say, while a person who types waits.
    store.db.execute(_DOUBT, (*subscription, _OPEN, _OPEN))


def checks(store: Store) -> list[Check]:
    """The next ranges to compare."""
    with file.reading(store.db):
        rows = store.db.execute(
            "SELECT root, stream, low, high FROM doubt ORDER BY root, stream, low LIMIT ?", (MAX_CHECKS,)
        ).fetchall()
        return [_check(store, Subscription(root, stream), low, high) for root, stream, low, high in rows]


def take_heals(store: Store, asked: list[Check], heals: list[Heal]) -> ChangeSet:
    """Do what the centre said to the checks that were `asked`; those it did not speak of are asked again.

    Raises `EnvironmentFault` server_failed when it speaks of what was not asked.
    """
    if any(heal.index >= len(asked) for heal in heals):
        raise EnvironmentFault("server_failed", heals=len(heals))
    touched: set[Key] = set()
    for heal in heals:
        check = asked[heal.index]
        rest: list[tuple[bytes, bytes]] = []
        if heal.verdict is Verdict.SPLIT:
            rest = _parts(store, check.subscription, check.low, check.high)
        elif heal.up_to is not None:
            rest = _parts(store, check.subscription, heal.up_to, check.high)
        with file.writing(store.db) as db:
            row = (*check.subscription, _bytes(check.low))
            if db.execute("SELECT 1 FROM doubt WHERE root = ? AND stream = ? AND low = ?", row).fetchone() is None:
                continue
            if heal.verdict is Verdict.HEALED:
                touched |= _heal(store, check, heal)
            db.execute("DELETE FROM doubt WHERE root = ? AND stream = ? AND low = ?", row)
            db.executemany(_DOUBT, [(*check.subscription, low, high) for low, high in rest])
    return ChangeSet(frozenset(touched))


def lost_versions(store: Store, after: Key | None = None, *, sure: bool) -> list[tuple[Key, Version]]:
    """Versions that the centre once served and no longer serves, of the cells behind `after` in key order.

    Those of which the centre was not asked yet, or, with `sure`, those that it did not hold when it was. What is in
    doubt waits: it may come back by itself.
    """
    with file.reading(store.db):
        rows = store.db.execute(
            f"SELECT {_KEY}, lost FROM record WHERE lost != x'' AND stream NOT IN (SELECT stream FROM doubt)"
            f" AND ({_KEY}) > (?, ?, ?, ?, ?) ORDER BY {_KEY}",
            after or ("",) * 5,
        ).fetchall()
    found = [(Key(*address), read_lost(lost)) for *address, lost in rows]
    return [(key, head.version) for key, lost in found if lost.is_sure is sure for head in lost.heads][:MAX_LOST]


def take_known(
    store: Store,
    asked: list[tuple[Key, Version]],
    known: list[Version],
    unfinished: frozenset[str] = frozenset(),
) -> ChangeSet:
    """The centre holds `known` of the versions it was asked about, where the base shows them or in its history.

    The others it has lost for sure. Cells that came into doubt meanwhile, and those of streams that are `unfinished`,
    do not show yet what stands for them there.
    """
    found = frozenset(known)
    by_cell: dict[Key, list[Version]] = {key: [] for key, _ in asked}
    for key, version in asked:
        if version in found:
            by_cell[key].append(version)
    if by_cell:
        with file.writing(store.db) as db:
            doubted = {stream for (stream,) in db.execute("SELECT DISTINCT stream FROM doubt")}
            for key, held in by_cell.items():
                if stream_of(key) not in doubted and stream_of(key) not in unfinished:
                    forget_lost(store, key, held, is_sure=True)
    return ChangeSet(frozenset(by_cell))


def _heal(store: Store, check: Check, heal: Heal) -> set[Key]:
    high = heal.up_to or check.high
    base = BaseWriter(store, check.subscription.stream, keeping=True)
    brought = {record.key for record in heal.records}
    held = {key for key, *_ in _range(store, check.subscription, check.low, high)}
    for key in sorted(held - brought):
        base.remove(key)
    base.write(heal.records)
    base.finish()
    return held | brought


def _parts(store: Store, subscription: Subscription, low: Key | None, high: Key | None) -> list[tuple[bytes, bytes]]:
    """This range in parts that hold about as much each."""
    with file.reading(store.db):
        keys = [key for key, *_ in _range(store, subscription, low, high)]
    inner: list[Key] = []
    if len(keys) > _FEW:
        inner = [keys[len(keys) * part // _PARTS] for part in range(1, _PARTS)]
    return list(pairwise([_bytes(low), *(_bytes(key) for key in inner), _bytes(high)]))


def _check(store: Store, subscription: Subscription, low: bytes, high: bytes) -> Check:
    first, last = _key_of(low), _key_of(high)
    digest = Digest()
    for key, heads, prev in _range(store, subscription, first, last):
        digest = digest.with_row(row_hash(key, heads, prev))
    return Check(subscription, first, last, digest.rows, digest.brief())


def _range(
    store: Store, subscription: Subscription, low: Key | None, high: Key | None
) -> list[tuple[Key, bytes, bytes]]:
    """What the centre is known to hold of a range of keys, with its stored bytes, in key order."""
    where, arguments = seen_from(subscription)
    bounds: tuple[str, ...] = ()
    if low is not None:
        where += f" AND ({_KEY}) >= (?, ?, ?, ?, ?)"
        bounds += low
    if high is not None:
        where += f" AND ({_KEY}) < (?, ?, ?, ?, ?)"
        bounds += high
    rows = store.db.execute(
        f"SELECT {_KEY}, heads, prev FROM record WHERE {where} AND heads != x'' ORDER BY {_KEY}",
        (*arguments, *bounds),
    )
    return [(Key(*row[:5]), row[5], row[6]) for row in rows]


def _bytes(key: Key | None) -> bytes:
    return _OPEN if key is None else _encode(key)


def _key_of(written: bytes) -> Key | None:
    return _key(written) if written else None
