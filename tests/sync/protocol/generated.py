"""Messages of every kind, generated: what two ends could say to each other within the protocol's bounds."""

from typing import Final

from hypothesis import strategies as st

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.codec import Message
from sync.protocol.messages import (
    MAX_INTEGER,
    Change,
    Check,
    Cursor,
    EnrolAnswer,
    EnrolRequest,
    Head,
    Heal,
    Link,
    Origin,
    Page,
    Push,
    Receipt,
    Record,
    Refusal,
    Result,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Verdict,
    Version,
)

NAMES: Final = st.text(max_size=12)
REPEATED_NAMES: Final = st.sampled_from(("48.20194", "village_ct01", "A2026Q2", "", "Nguyễn Văn An")) | NAMES
CONTENTS: Final = st.integers(-(10**17), 10**17).map(str) | st.sampled_from(("null", "2.88", "007", "-0", "٣")) | NAMES
COUNTS: Final = st.integers(0, MAX_INTEGER)
TIMES: Final = st.integers(-MAX_INTEGER, MAX_INTEGER)
HASHES: Final = st.binary(max_size=32)
EXTRAS: Final = st.just(b"") | st.binary(max_size=8)
DICTIONARIES: Final = st.lists(st.integers(1, 255), max_size=3)

keys: Final = st.builds(Key, *[REPEATED_NAMES] * 5)
branches: Final = st.sampled_from(("a" * 28, "0123456789" * 2 + "abcdef01")) | st.binary(min_size=14, max_size=14).map(
    bytes.hex
)
versions: Final = st.builds(Version, branches, COUNTS)
some_versions: Final = st.lists(versions, max_size=3)
links: Final = st.builds(Link, st.integers(0, MAX_INTEGER - 10), HASHES)
heads: Final = st.builds(Head, versions, CONTENTS, REPEATED_NAMES, TIMES, TIMES, EXTRAS)
records: Final = st.builds(Record, keys, st.lists(heads, min_size=1, max_size=3).map(tuple), some_versions.map(tuple))
subscriptions: Final = st.builds(Subscription, REPEATED_NAMES, REPEATED_NAMES)
cursors: Final = st.builds(Cursor, COUNTS, NAMES)
pages: Final = st.builds(
    Page,
    subscriptions,
    st.sampled_from(Origin),
    st.lists(records, max_size=4),
    cursors,
    st.booleans(),
    HASHES,
    st.lists(st.integers(1, MAX_INTEGER), max_size=4),
)
heals: Final = st.builds(Heal, COUNTS, st.sampled_from(Verdict), st.lists(records, max_size=3), st.none() | keys)
checks: Final = st.builds(Check, subscriptions, st.none() | keys, st.none() | keys, COUNTS, HASHES)
results: Final = st.builds(Result, COUNTS, st.sampled_from(Outcome), NAMES)
receipts: Final = st.builds(Receipt, COUNTS, links, st.lists(results, max_size=3).map(tuple), HASHES)


@st.composite
def pushes(draw: st.DrawFn) -> Push:
    """A run of changes, n contiguous."""
    after = draw(links)
    count = draw(st.integers(0, 5))
    rows = st.tuples(branches, keys, CONTENTS, some_versions.map(tuple), REPEATED_NAMES, TIMES, REPEATED_NAMES, EXTRAS)
    changes = [Change(after.n + place, *draw(rows)) for place in range(1, count + 1)]
    return Push(after, changes, draw(st.lists(receipts, max_size=3)))


sync_requests: Final = st.builds(
    SyncRequest,
    COUNTS,
    NAMES,
    pushes(),
    st.dictionaries(subscriptions, cursors, max_size=4),
    COUNTS,
    HASHES,
    st.lists(checks, max_size=3),
    some_versions,
    DICTIONARIES,
)
sync_answers: Final = st.builds(
    SyncAnswer,
    TIMES,
    st.none() | links,
    st.lists(links, max_size=3),
    st.lists(results, max_size=4),
    HASHES,
    st.none() | st.lists(NAMES, max_size=3),
    st.lists(pages, max_size=3),
    st.lists(heals, max_size=3),
    some_versions,
    st.booleans(),
    DICTIONARIES,
)
messages: Final[st.SearchStrategy[Message]] = st.one_of(
    sync_requests,
    sync_answers,
    st.builds(EnrolRequest, COUNTS, NAMES, HASHES, NAMES),
    st.builds(EnrolAnswer, TIMES, NAMES, HASHES, NAMES, NAMES, NAMES),
    st.builds(Refusal, NAMES, TIMES, COUNTS, HASHES),
)
