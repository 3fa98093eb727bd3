"""Writing the base: records as the centre serves them, with the digests that prove it, and what the centre has lost."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from sync.domain.heads import Outcome
from sync.domain.keys import BROADCAST, RECEIPT, WITHDRAWAL, Key, is_for_one_unit, stream_of_device
from sync.domain.parking import WITHDRAWN
from sync.domain.rights import unit_of
from sync.protocol.digests import Digest, Stored, heads_of, row_hash, stored, versions_of
from sync.protocol.messages import Head, Record, Subscription, Version
from sync.store import receipts
from sync.store.held import LATER_OF_ONE_HAND
from sync.store.standing import NOTHING_LOST, Lost, read_lost, standing
from sync.store.store import Store

_CELL: Final = "kind = ? AND unit = ? AND item = ? AND period = ? AND part = ?"
_WRITE: Final = (
    "INSERT OR REPLACE INTO record (kind, unit, item, period, part, stream, content, heads, prev, contested, lost)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_KEYS_AT_ONCE: Final = 250
_encode = msgspec.msgpack.Encoder().encode
_outcome = msgspec.json.Decoder(tuple[Outcome, str]).decode


def _taken_back(rows: str) -> str:
    """Whether the change is taken back by one of these rows, in SQL: looked up by name, however many there are."""
    return (
        f"EXISTS (SELECT 1 FROM {rows} back.kind = '{WITHDRAWAL}' AND back.unit = :own AND back.period = ''"
        " AND back.item = change.branch AND back.part = CAST(change.n AS TEXT))"
    )


# Open or not, each has an index of its own.
_TYPED: Final = ("change AS back WHERE back.open AND", "change AS back WHERE NOT back.open AND")
_SERVED: Final = "record AS back WHERE"
BECAME: Final = (
    "outcome = :outcome, reason = CASE WHEN :outcome = 'parked'"
    f" AND ({' OR '.join(map(_taken_back, (*_TYPED, _SERVED)))}) THEN '{WITHDRAWN}' ELSE :reason END"
)
"""What a change is set to of which the centre says what became of it, in SQL, with the arguments `became`. What is
parked and was taken back, here or on a copy of this folder, stays so, whatever the centre says of it."""


def became(store: Store, outcome: Outcome, reason: str) -> dict[str, object]:
    return {"outcome": outcome.value, "reason": reason, "own": stream_of_device(store.device)}


class _Row(NamedTuple):
    """A stored record's changing columns."""

    heads: bytes
    prev: bytes
    lost: bytes


_NO_ROW: Final = _Row(b"", b"", b"")


class BaseWriter:
    """Replaces records in one transaction of `store`, which the caller holds; `finish` brings the digests up to date.

    With `keeping`, heads that a record displaces without having replaced them are kept as lost: the centre has
    forgotten them, and nobody decided. What it says itself in the device's own stream is never kept.
    """

    def __init__(self, store: Store, stream: str, *, keeping: bool) -> None:
        self._store = store
        self._stream = stream
        self._is_own = not is_for_one_unit(stream) and stream != BROADCAST
        self._keeping = keeping
        # The row hashes that come and go, by the unit under which they are summed.
        self._come: dict[str, list[int]] = defaultdict(list)
        self._gone: dict[str, list[int]] = defaultdict(list)
        # A stream that nothing was read of yet has nothing to replace.
        self._is_empty = not store.db.execute("SELECT 1 FROM digest WHERE stream = ? LIMIT 1", (stream,)).fetchone()

    def write(self, records: Sequence[Record]) -> set[Key]:
        """Put `records` in the place of those of their keys, and give the keys that may show something else now."""
        before = {} if self._is_empty else self._rows([record.key for record in records])
        rows = [
            self._replaced(record, kept, before.get(record.key, _NO_ROW))
            for record, kept in zip(records, stored(records), strict=True)
        ]
        self._store.db.executemany(_WRITE, rows)
        if self._is_own:
            return {key for record in records for key in self._take_outcome(record)}
        return {record.key for record in records}

    def remove(self, key: Key) -> None:
        """The centre has no record of `key`. What somebody typed there is kept as lost."""
        old = self._row(key)
        lost = NOTHING_LOST
        if self._is_typed(key):
            lost = read_lost(old.lost).and_also(heads_of(old.heads), versions_of(old.prev))
        self._let_go(key, old)
        if lost is NOTHING_LOST:
            self._store.db.execute(f"DELETE FROM record WHERE {_CELL}", key)
        else:
            self._store.db.execute(_WRITE, _columns(key, self._stream, _NO_ROW, _kept(_NO_ROW, lost), lost))

    def finish(self) -> None:
        """Write the digests."""
        for unit in {**self._come, **self._gone}:
            before = digest_of_unit(self._store, self._stream, unit)
            after = before.without_rows(self._gone[unit]).with_rows(self._come[unit])
            self._store.db.execute(
                "INSERT OR REPLACE INTO digest (stream, unit, count, total) VALUES (?, ?, ?, ?)",
                (self._stream, unit, after.rows, after.total_bytes()),
            )

    def _replaced(self, record: Record, kept: Stored, old: _Row) -> tuple[object, ...]:
        key = record.key
        heads, prev, hashed = kept
        row = _Row(heads, prev, b"")
        self._let_go(key, old)
        self._come[bucket_of(self._stream, key)].append(hashed)
        lost = NOTHING_LOST
        if old.lost or self._keeping:
            lost = read_lost(old.lost)
            if self._keeping and self._is_typed(key):
                lost = lost.and_also(heads_of(old.heads), versions_of(old.prev))
            lost = lost.without(record.prev, record.heads)
        return _columns(key, self._stream, row, standing(record.heads, record.prev, lost).heads, lost)

    def _is_typed(self, key: Key) -> bool:
        return not self._is_own or key.kind == WITHDRAWAL

    def _row(self, key: Key) -> _Row:
        row = self._store.db.execute(f"SELECT heads, prev, lost FROM record WHERE {_CELL}", key).fetchone()
        return _Row(*row) if row else _NO_ROW

    def _rows(self, keys: Sequence[Key]) -> dict[Key, _Row]:
        """The rows of those `keys` that have one."""
        found: dict[Key, _Row] = {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            run = keys[start : start + _KEYS_AT_ONCE]
            wanted = ", ".join(["(?, ?, ?, ?, ?)"] * len(run))
            # Crossed: each wanted key is looked up, whatever SQLite thinks of the table's size.
            rows = self._store.db.execute(
                f"WITH wanted (kind, unit, item, period, part) AS (VALUES {wanted})"
                " SELECT kind, unit, item, period, part, heads, prev, lost"
                " FROM wanted CROSS JOIN record USING (kind, unit, item, period, part)",
                list(chain.from_iterable(run)),
            )
            found.update((Key(*row[:5]), _Row(*row[5:])) for row in rows)
        return found

    def _let_go(self, key: Key, old: _Row) -> None:
        if old.heads:
            self._gone[bucket_of(self._stream, key)].append(row_hash(key, old.heads, old.prev))

    def _take_outcome(self, record: Record) -> list[Key]:
        """What became of a change of this device after it had been parked."""
        key = record.key
        if key.kind == WITHDRAWAL:
            # Also where it was taken back on a copy of this folder, whose log is another.
            rows = self._store.db.execute(
                "UPDATE change SET reason = ? WHERE n = ? AND branch = ? AND open AND outcome = 'parked'"
                " RETURNING kind, unit, item, period, part",
                (WITHDRAWN, key.part, key.item),
            ).fetchall()
            return [key, *(Key(*row) for row in rows)]
        if key.kind != RECEIPT:
            # Said of nothing that was typed here: what it says, it shows itself.
            return [key]
        try:
            outcome, reason = _outcome(record.heads[0].content)
        except msgspec.DecodeError:
            # A newer centre's word, kept for a newer program.
            return []
        version = Version(key.item, int(key.part))
        is_parked, mac = outcome is Outcome.PARKED, record.heads[0].extra
        if mac and not is_parked:
            receipts.keep_late(self._store, version, mac)
        if is_parked and version.n <= self._store.agreed_n() and receipts.says_otherwise(self._store, version):
            # The centre was restored to where that waited, or has it from a copy of this folder: it is to see this.
            self._store.keep_meta("agreed_n", str(receipts.uncut(self._store, version.n - 1)))
        rows = self._store.db.execute(
            # What was parked after all is to be seen again; but in front of it stands what the same hand typed over it
            # later and has given way to the base.
            f"UPDATE change SET {BECAME}, open = open OR (:outcome = 'parked' AND NOT EXISTS ("
            f" SELECT 1 FROM change AS later WHERE NOT later.open AND later.outcome != 'parked' AND {LATER_OF_ONE_HAND}"
            "  AND later.kind = change.kind AND later.unit = change.unit AND later.period = change.period"
            "  AND later.item = change.item AND later.part = change.part AND later.n > change.n))"
            " WHERE n = :n AND branch = :branch AND received_at NOTNULL"
            " RETURNING kind, unit, item, period, part",
            {**became(self._store, outcome, reason), **version._asdict()},
        ).fetchall()
        return [Key(*row) for row in rows]


_NO_BYTES: Final = bytearray()


def bucket_of(stream: str, key: Key) -> str:
    """The unit under which a record's hash is summed; what all may see is one sum."""
    return key.unit if is_for_one_unit(stream) else BROADCAST


def digest_of_unit(store: Store, stream: str, unit: str) -> Digest:
    row = store.db.execute("SELECT count, total FROM digest WHERE stream = ? AND unit = ?", (stream, unit)).fetchone()
    return Digest.of(*row) if row else Digest()


def digest_of(store: Store, subscription: Subscription) -> Digest:
    """The sum over all that this store holds of a subscription."""
    where, arguments = seen_from(subscription)
    return Digest.sum_of(store.db.execute(f"SELECT count, total FROM digest WHERE {where}", arguments))


def seen_from(subscription: Subscription) -> tuple[str, tuple[str, ...]]:
    """The condition for rows of a subscription, and its arguments, in a table with `stream` and `unit`."""
    root, stream = unit_of(subscription.root), subscription.stream
    if not is_for_one_unit(stream):
        return "stream = ?", (stream,)
    # "/" follows "." in the alphabet: between lies all that is below.
    return "stream = ? AND (unit = ? OR (unit > ? AND unit < ?))", (stream, root, root + ".", root + "/")


def forget_lost(store: Store, key: Key, known: Collection[Version]) -> None:
    """Of this cell, drop lost heads that `known` of the same cell stands for. Inside a transaction."""
    row = store.db.execute(f"SELECT stream, heads, prev, lost FROM record WHERE {_CELL}", key).fetchone()
    if row is None or not row[3]:
        return
    stream, *columns = row
    kept = _Row(*columns)
    lost = read_lost(kept.lost).without(known)
    if not kept.heads and lost is NOTHING_LOST:
        store.db.execute(f"DELETE FROM record WHERE {_CELL}", key)
    else:
        store.db.execute(_WRITE, _columns(key, stream, kept, _kept(kept, lost), lost))


def _kept(row: _Row, lost: Lost) -> Sequence[Head]:
    """The heads that are shown of a stored row with these lost ones."""
    return standing(heads_of(row.heads), versions_of(row.prev), lost).heads


def _columns(key: Key, stream: str, row: _Row, heads: Sequence[Head], lost: Lost) -> tuple[object, ...]:
    shown = heads[0].content
    contested = int(len(heads) > 1 and any(head.content != shown for head in heads))
    # Numbers and bytearrays: for bytes and truths the driver would look, in every row, for somebody who adapts them.
    held = bytearray(row.heads), bytearray(row.prev)
    return (*key, stream, shown, *held, contested, bytearray(_encode(lost)) if lost.heads else _NO_BYTES)
