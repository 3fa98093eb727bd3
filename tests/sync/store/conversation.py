"""What a centre would say to a store, and shorthand for what a person types: addresses, records, pages, receipts."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from sync.domain.keys import VALUE, Key
from sync.protocol import chain
from sync.protocol.messages import (
    Change,
    Cursor,
    Head,
    Link,
    Origin,
    Page,
    Push,
    Record,
    Result,
    Subscription,
    SyncAnswer,
    Version,
)
from sync.store import ChangeSet, Store
from sync.store.receiving import confirm, cursors, take_page
from sync.store.sending import chain_end, mark_sent, outbox, take_receipts

SECRET: Final = bytes(range(32))
COMMUNE: Final = "48.20194"
VILLAGE: Final = "48.20194.003"
QUARTER: Final = "A2026Q2"
CELL: Final = Key(VALUE, VILLAGE, "village_ct01", QUARTER)
OTHER: Final = "b" * 20
THIRD: Final = "c" * 20
RUN: Final = "5eed0001"
OF_COMMUNE: Final = Subscription(COMMUNE, COMMUNE)
MAC: Final = b"m" * 16
NOON: Final = 1_790_000_000
AT: Final = datetime.fromtimestamp(NOON, UTC)


def open_store(folder: Path, run: str = RUN) -> Store:
    """A store whose versions have known names."""
    return Store.open(folder, SECRET, "2026.1", lambda: run)


def cell(number: int) -> Key:
    return Key(VALUE, VILLAGE, f"village_ct{number:02}", QUARTER)


def version(device: str, n: int) -> Version:
    """The n-th change of a device whose store was opened once."""
    return Version(device + RUN, n)


def write(store: Store, content: str, key: Key = CELL, author: str = "An") -> ChangeSet:
    return store.record_changes([(key, content)], author, AT)


def head(content: str, device: str = OTHER, n: int = 1) -> Head:
    return Head(version(device, n), content, "Bình", NOON, NOON + 5)


def record(*heads: Head, key: Key = CELL, prev: Iterable[Version] = ()) -> Record:
    return Record(key, heads, tuple(prev))


def page(
    *records: Record,
    seq: int = 1,
    more: bool = False,
    subscription: Subscription = OF_COMMUNE,
    origin: Origin = Origin.AS_SENT,
    digest: bytes = b"",
) -> Page:
    """A page of the commune's stream, unless another subscription is named."""
    return Page(subscription, origin, list(records), Cursor(seq, f"t{seq}"), more, digest)


def take(store: Store, found: Page) -> ChangeSet:
    """Take a page that was made for where the store stands."""
    return take_page(store, found, cursors(store))


def pull(store: Store, *records: Record, seq: int = 1) -> None:
    """Everything new, to the stream's end."""
    take(store, page(*records, seq=seq))
    confirm(store)


def answer(store: Store, push: Push, results: Sequence[Result] = (), at: int = NOON + 10) -> SyncAnswer:
    """The receipt of a centre that took the whole push."""
    return SyncAnswer(at, chain_end(store, push), [], list(results), MAC)


def forgot(*ends: Link) -> SyncAnswer:
    """The answer of a restored centre that does not know where the push attaches, and holds these ends."""
    return SyncAnswer(NOON, None, list(ends))


def link_at(store: Store, n: int) -> Link:
    """The link of the device's n-th change, reckoned anew from what is stored."""
    rows = store.db.execute(
        "SELECT n, branch, kind, unit, item, period, part, content, seen, author, typed_at, catalogue FROM change"
        " WHERE n BETWEEN 1 AND ? ORDER BY n",
        (n,),
    )
    changes = [
        Change(
            row[0],
            row[1],
            Key(*row[2:7]),
            row[7],
            msgspec.msgpack.decode(row[8], type=tuple[Version, ...]),
            *row[9:],
        )
        for row in rows
    ]
    assert len(changes) == n
    return [chain.root(store.device), *chain.links(chain.root(store.device), changes)][-1]


def push_all(store: Store, *results: Result) -> Push:
    """Send what waits, and take the centre's receipt for it."""
    push = outbox(store)
    assert push.changes
    mark_sent(store, push, NOON + 1)
    take_receipts(store, push, answer(store, push, results))
    return push


def sync(store: Store, *records: Record, seq: int = 1) -> None:
    """Push, receipts, pull to the end, confirm."""
    push_all(store)
    pull(store, *records, seq=seq)
