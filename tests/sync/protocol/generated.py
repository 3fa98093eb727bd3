"""Messages of every kind, generated: what two ends could say to each other within the protocol's bounds."""

from typing import Final

from hypothesis import strategies as st

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.codec import Message
from sync.protocol.messages import (
    MAX_INTEGER,
    Change,
    Cursor,
    EnrolAnswer,
    EnrolRequest,
    Head,
    Page,
    Push,
    Record,
    Refusal,
    Result,
    SyncAnswer,
    SyncRequest,
    Version,
)

NAMES: Final = st.text(max_size=12)
REPEATED_NAMES: Final = st.sampled_from(("48.20194", "village_ct01", "A2026Q2", "", "Nguyễn Văn An")) | NAMES
COUNTS: Final = st.integers(0, MAX_INTEGER)
TIMES: Final = st.integers(-MAX_INTEGER, MAX_INTEGER)
HASHES: Final = st.binary(max_size=32)

keys: Final = st.builds(Key, *[REPEATED_NAMES] * 5)
versions: Final = st.builds(Version, st.sampled_from(("a" * 20, "b" * 20)) | NAMES, COUNTS)
some_versions: Final = st.lists(versions, max_size=3).map(tuple)
heads: Final = st.builds(Head, versions, NAMES, REPEATED_NAMES, TIMES, TIMES)
records: Final = st.builds(Record, keys, st.lists(heads, min_size=1, max_size=3).map(tuple), some_versions)
cursors: Final = st.builds(Cursor, COUNTS, NAMES)
pages: Final = st.builds(Page, NAMES, st.lists(records, max_size=5), cursors, st.booleans())


@st.composite
def pushes(draw: st.DrawFn) -> Push:
    """A run of changes, n contiguous."""
    first_n = draw(st.integers(0, MAX_INTEGER - 10))
    count = draw(st.integers(1, 5))
    rows = st.tuples(keys, NAMES, some_versions, REPEATED_NAMES, TIMES, REPEATED_NAMES)
    changes = [Change(first_n + place, *draw(rows)) for place in range(count)]
    return Push(draw(HASHES), changes)


sync_requests: Final = st.builds(
    SyncRequest, COUNTS, NAMES, st.none() | pushes(), st.dictionaries(NAMES, cursors, max_size=4), COUNTS
)
results: Final = st.builds(Result, COUNTS, st.sampled_from(Outcome), NAMES)
sync_answers: Final = st.builds(
    SyncAnswer, TIMES, COUNTS, HASHES, st.lists(results, max_size=4), st.lists(pages, max_size=3)
)
messages: Final[st.SearchStrategy[Message]] = st.one_of(
    sync_requests,
    sync_answers,
    st.builds(EnrolRequest, COUNTS, NAMES, HASHES, NAMES),
    st.builds(EnrolAnswer, TIMES, NAMES, HASHES, NAMES, NAMES, NAMES),
    st.builds(Refusal, NAMES, TIMES, COUNTS, HASHES),
)
