"""What a centre would say to a store, and shorthand for what a person types: addresses, records, pages, receipts."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from sync.domain.keys import VALUE, Key, stream_of
from sync.protocol import chain
from sync.protocol.messages import Change, Cursor, Head, Page, Push, Record, Result, SyncAnswer, Version
from sync.store import ChangeSet, Store
from sync.store.receiving import confirm, take_page
from sync.store.sending import mark_sent, outbox, take_receipts

SECRET: Final = bytes(range(32))
COMMUNE: Final = "48.20194"
VILLAGE: Final = "48.20194.003"
QUARTER: Final = "A2026Q2"
CELL: Final = Key(VALUE, VILLAGE, "village_ct01", QUARTER)
OTHER: Final = "b" * 20
THIRD: Final = "c" * 20
NOON: Final = 1_790_000_000
AT: Final = datetime.fromtimestamp(NOON, UTC)


def cell(number: int) -> Key:
    return Key(VALUE, VILLAGE, f"village_ct{number:02}", QUARTER)


def write(store: Store, content: str, key: Key = CELL, author: str = "An") -> ChangeSet:
    return store.record_changes([(key, content)], author, AT)


def head(content: str, device: str = OTHER, n: int = 1) -> Head:
    return Head(Version(device, n), content, "Bình", NOON, NOON + 5)


def record(*heads: Head, key: Key = CELL, prev: Iterable[Version] = ()) -> Record:
    return Record(key, heads, tuple(prev))


def page(*records: Record, seq: int = 1, more: bool = False) -> Page:
    """A page of the commune's stream."""
    return Page(stream_of(CELL), list(records), Cursor(seq, f"t{seq}"), more)


def pull(store: Store, *records: Record, seq: int = 1) -> None:
    """Everything new, to the stream's end."""
    take_page(store, page(*records, seq=seq))
    confirm(store, frozenset())


def answer(store: Store, push: Push | None, results: Sequence[Result] = (), at: int = NOON + 10) -> SyncAnswer:
    """The receipt of a centre that took the whole push."""
    last_n = push.changes[-1].n if push else store.agreed_n()
    return SyncAnswer(at, last_n, hash_at(store, last_n), list(results), [])


def hash_at(store: Store, n: int) -> bytes:
    """The hash of the device's n-th change, reckoned anew from what is stored."""
    rows = store.db.execute(
        "SELECT n, kind, unit, item, period, part, content, seen, author, typed_at, catalogue FROM change"
        " WHERE n BETWEEN 1 AND ? ORDER BY n",
        (n,),
    )
    changes = [
        Change(row[0], Key(*row[1:6]), row[6], msgspec.msgpack.decode(row[7], type=tuple[Version, ...]), *row[8:])
        for row in rows
    ]
    assert len(changes) == n
    return chain.links(chain.root(store.device), changes)[-1] if n else chain.root(store.device)


def push_all(store: Store, *results: Result) -> Push:
    """Send what waits, and take the centre's receipt for it."""
    push = outbox(store)
    assert push is not None
    mark_sent(store, push, NOON + 1)
    take_receipts(store, push, answer(store, push, results))
    return push


def sync(store: Store, *records: Record, seq: int = 1) -> None:
    """Push, receipts, pull to the end, confirm."""
    push_all(store)
    pull(store, *records, seq=seq)
