"""`bench sync`: the engine's processor time for 10,000 values at both ends, against hashing and packing alone."""

import gc
import time
from collections.abc import Callable

from nacl.signing import SigningKey

from sync.protocol import chain, codec, envelope
from sync.protocol.digests import Digest, stored
from sync.protocol.messages import (
    Change,
    Cursor,
    Head,
    Link,
    Origin,
    Page,
    Push,
    Record,
    Subscription,
    SyncAnswer,
    SyncRequest,
)
from sync.protocol.version import PROTOCOL
from tests.bench.baselines import bare_hashes, bare_packing
from tests.bench.figures import show
from tests.bench.office import COMMUNE, NOON, Edit, edits, quarters

VALUES = 10_000
TIMES = 9
DEVICE_KEY, CENTRE_KEY = SigningKey(bytes(32)), SigningKey(bytes(range(32)))
DEVICE, CENTRE = (chain.device_id(bytes(key.verify_key)) for key in (DEVICE_KEY, CENTRE_KEY))
BRANCH = DEVICE + "01234567"
FOLLOWED = Subscription(COMMUNE, COMMUNE)


def typed_changes(typed: list[Edit]) -> list[Change]:
    return [
        Change(n, BRANCH, edit.key, edit.content, (), edit.author, edit.at, "2026.1") for n, edit in enumerate(typed, 1)
    ]


def push(changes: list[Change]) -> tuple[bytes, bytes]:
    """The device: chains what was typed, and says it. Gives the sealed request and the end of the chain."""
    hashes = chain.hashes(chain.root(DEVICE).hash, changes)
    cursors = {FOLLOWED: Cursor(7, "abcdefgh")}
    request = SyncRequest(PROTOCOL, "2026.1", Push(chain.root(DEVICE), changes), cursors, 1 << 16)
    return envelope.seal(codec.encode(request), DEVICE, DEVICE_KEY), hashes[-1]


def take_and_answer(sealed: bytes) -> tuple[bytes, Link, Digest]:
    """The centre: opens it, chains it, makes records of it, sums them, and serves them."""
    request = codec.decode(envelope.unseal(sealed, bytes(DEVICE_KEY.verify_key)).body)
    assert isinstance(request, SyncRequest)
    changes = request.push.changes
    last = Link(changes[-1].n, chain.hashes(request.push.after.hash, changes)[-1])
    records = [
        Record(change.key, (Head(change.version, change.content, change.author, change.typed_at, NOON),))
        for change in changes
    ]
    total = summed(records)
    page = Page(FOLLOWED, Origin.AS_SENT, records, Cursor(8, "ijklmnop"), False, total.brief())
    answer = SyncAnswer(NOON, last, mac=bytes(16), pages=[page])
    return envelope.seal(codec.encode(answer), CENTRE, CENTRE_KEY, sealed), last, total


def receive(answer: bytes, sealed: bytes) -> Digest:
    """A device: opens the page, and sums its records."""
    found = codec.decode(envelope.unseal(answer, bytes(CENTRE_KEY.verify_key), sealed).body)
    assert isinstance(found, SyncAnswer)
    return summed(found.pages[0].records)


def summed(records: list[Record]) -> Digest:
    return Digest().with_rows([hashed for _, _, hashed in stored(records)])


def engine(changes: list[Change]) -> None:
    """All of it, at both ends, up and down."""
    sealed, last_hash = push(changes)
    answer, last, total = take_and_answer(sealed)
    assert last.hash == last_hash
    assert receive(answer, sealed) == total


def bodies_of(changes: list[Change]) -> list[bytes]:
    """What the engine says up and down, before zstd."""
    sealed, _ = push(changes)
    answer, _, _ = take_and_answer(sealed)
    return [
        envelope.unseal(sealed, bytes(DEVICE_KEY.verify_key)).body,
        envelope.unseal(answer, bytes(CENTRE_KEY.verify_key), sealed).body,
    ]


def time_s(action: Callable[[], None]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    changes = typed_changes(edits(quarters(2019, 25))[:VALUES])
    said = [(c.n, c.branch, *c.key, c.content, c.seen, c.author, c.typed_at, c.catalogue) for c in changes]
    stands = [(*c.key, c.branch, c.n, c.content, c.author, c.typed_at, NOON) for c in changes]
    bodies = bodies_of(changes)
    actions: dict[str, Callable[[], None]] = {
        "engine, both ends, up and down": lambda: engine(changes),
        "bare hash chain and row hashes, both ends": lambda: bare_hashes(said, stands),
        "the same bodies through zstd and back, up and down": lambda: bare_packing(bodies),
    }
    # The collector shall not look through what only the bench holds.
    gc.collect()
    gc.freeze()
    # The least of several times: whatever else the machine does only adds to them.
    taken = {name: min(time_s(action) for _ in range(TIMES)) for name, action in actions.items()}
    ours_s, hashes_s, packing_s = taken.values()
    show(
        [("values", f"{VALUES:,}"), *((name, f"{found_s * 1e3:.0f} ms") for name, found_s in taken.items())],
        {"engine_ratio": ours_s / (hashes_s + packing_s)},
    )


if __name__ == "__main__":
    main()
