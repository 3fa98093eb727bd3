"""Ranges of the base that differ from the centre's: remembered, compared in ever smaller parts, and put right.

    digest differs ──▶ in doubt ──▶ checks ──▶ agrees: no doubt left
                          ▲            ├─────▶ split: smaller ranges in doubt
                          └────────────┘       healed: every record of the range, and what the centre has not is lost

What is typed here and not confirmed is never touched.

A stream is proven when it was read to its end and nothing of it is in doubt: then the base is the centre's state at
its cursor, and every version that the centre holds with effect stands in its cell or was seen by what stands there.
While it is not, a head that the base loses may be one that a restored centre has forgotten, so it is kept as lost.
Once it is, the centre is asked about each lost head: one that it holds needs no keeping, as something that is shown
has seen it; one that it does not hold stays until its author's replay, or a decision over it, comes back in a record.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key, stream_of, stream_of_device
from sync.protocol.digests import Digest, row_hash
from sync.protocol.messages import Check, Heal, Subscription, Verdict, Version
from sync.store import connection as file
from sync.store.base import BaseWriter, digest_of, forget_lost, seen_from
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

UNPROVEN: Final = "SELECT stream FROM doubt UNION SELECT stream FROM cursor WHERE NOT ended"
"""Streams of which the base is not known to be the centre's, in SQL."""

_KEY: Final = "kind, unit, item, period, part"
_OPEN: Final = b""
_RANGE: Final = "root = ? AND stream = ? AND low = ? AND high = ?"
_DOUBT: Final = "INSERT OR REPLACE INTO doubt (root, stream, low, high) VALUES (?, ?, ?, ?)"
_encode = msgspec.msgpack.Encoder().encode
_key = msgspec.msgpack.Decoder(Key).decode


def is_in_doubt(store: Store, subscription: Subscription) -> bool:
    row = store.db.execute("SELECT 1 FROM doubt WHERE root = ? AND stream = ? LIMIT 1", subscription).fetchone()
    return row is not None


def doubt_all(store: Store, subscription: Subscription) -> None:
    """Everything of a subscription is to be compared. Inside a transaction."""
    doubt_nothing(store, subscription)
    # Not split yet: where, the whole base would have to say, while a person who types waits.
    store.db.execute(_DOUBT, (*subscription, _OPEN, _OPEN))


def doubt_nothing(store: Store, subscription: Subscription) -> None:
    """All of a subscription is known to be the centre's. Inside a transaction."""
    store.db.execute("DELETE FROM doubt WHERE root = ? AND stream = ?", subscription)


def unproven(store: Store) -> set[str]:
    """Streams of which the base is in doubt, or not read to the end."""
    with file.faults(store.db):
        return {stream for (stream,) in store.db.execute(UNPROVEN)}


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
            # The very range that was asked about: a page of the same answer may have put more of it in doubt.
            row = (*check.subscription, _bytes(check.low), _bytes(check.high))
            if db.execute(f"SELECT 1 FROM doubt WHERE {_RANGE}", row).fetchone() is None:
                continue
            if heal.verdict is Verdict.HEALED:
                touched |= _heal(store, check, heal)
            db.execute(f"DELETE FROM doubt WHERE {_RANGE}", row)
            db.executemany(_DOUBT, [(*check.subscription, low, high) for low, high in rest])
    return ChangeSet(frozenset(touched))


def lost_versions(store: Store) -> list[tuple[Key, Version]]:
    """Versions that the centre once served and no longer serves, in key order.

    Those of streams that are not proven wait: they may come back by themselves. So do all while the own stream is not,
    which says what became of what was typed here.
    """
    if stream_of_device(store.device) in unproven(store):
        return []
    with file.faults(store.db):
        rows = store.db.execute(
            f"SELECT {_KEY}, lost FROM record WHERE lost != x'' AND stream NOT IN ({UNPROVEN}) ORDER BY {_KEY}"
        ).fetchall()
    return [(Key(*address), head.version) for *address, lost in rows for head in read_lost(lost).heads]


def take_known(
    store: Store, asked: Sequence[tuple[Key, Version]], known: Collection[Version]
) -> tuple[ChangeSet, list[tuple[Key, Version]]]:
    """The centre holds `known` of the versions it was asked about, where the base shows them or in its history.

    Gives the cells that may show something else now, and what the centre has lost for good. Versions of streams that
    the answer left unproven are among neither: the base does not show yet what stands for them, so they are asked
    about again.
    """
    waiting = unproven(store)
    if stream_of_device(store.device) in waiting:
        return ChangeSet(), []
    found = frozenset(known)
    held: dict[Key, list[Version]] = defaultdict(list)
    missing: list[tuple[Key, Version]] = []
    for key, version in asked:
        if stream_of(key) in waiting:
            continue
        if version in found or _is_received(store, version):
            held[key].append(version)
        else:
            missing.append((key, version))
    if held:
        with file.writing(store.db):
            for key, versions in held.items():
                forget_lost(store, key, versions)
    return ChangeSet(frozenset(held)), missing


def _is_received(store: Store, version: Version) -> bool:
    """Whether it was typed here and the centre holds it, if only parked: this device's log and own stream say so."""
    row = store.db.execute(
        "SELECT 1 FROM change WHERE n = ? AND branch = ? AND n <= ?", (version.n, version.branch, store.agreed_n())
    ).fetchone()
    return row is not None


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
    if first is None and last is None:
        # Its sums are kept.
        digest = digest_of(store, subscription)
    else:
        digest = Digest().with_rows([row_hash(*row) for row in _range(store, subscription, first, last)])
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
