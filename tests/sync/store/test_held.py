"""What is held of many cells at once: a block of edits is kept as its edits would be, one by one."""

import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.domain.heads import Outcome
from sync.domain.keys import OWN_UNIT, RECEIPT, TASK, VALUE, Key, stream_of_device
from sync.domain.parking import PERIOD_CLOSED
from sync.protocol.messages import Origin, Result, Subscription
from sync.store import ChangeSet, Rival, Store, typed_over
from sync.store.held import held_in
from sync.store.receiving import confirm
from sync.store.sending import mark_sent, outbox, take_receipts
from tests.sync.store.conversation import (
    AT,
    CELL,
    NOON,
    OTHER,
    QUARTER,
    THIRD,
    VILLAGE,
    answer,
    cell,
    head,
    open_store,
    page,
    push_all,
    record,
    sync,
    take,
    version,
    write,
)

NEIGHBOUR = "48.20194.004"
CELLS = (
    CELL,
    cell(2),
    CELL._replace(unit=NEIGHBOUR),
    cell(2)._replace(unit=NEIGHBOUR),
    CELL._replace(period="A2026Q1"),
    CELL._replace(part="poor"),
    Key(TASK, VILLAGE, "0198", "", "title"),
    Key(VALUE, OWN_UNIT, CELL.item, QUARTER),
)
NAMED = CELLS[:-1]
CONTENTS = ("1", "2", "null")


class Typing(NamedTuple):
    """A person types."""

    place: int
    content: str
    author: str = "An"


class Push(NamedTuple):
    """What waits is sent, and received unless the answer is lost; every `parked`-th of it is parked."""

    parked: int
    received: bool


class Page(NamedTuple):
    """The centre serves a cell: heads by device and content, the first letters of what they had replaced."""

    place: int
    heads: tuple[tuple[str, str], ...]
    prev: int
    origin: Origin
    to_the_end: bool


Event = Typing | Push | Page

edits = st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(CONTENTS)), min_size=1, max_size=12)
events = st.lists(
    st.one_of(
        st.builds(
            Typing, st.integers(0, len(CELLS) - 1), st.sampled_from(CONTENTS), st.sampled_from(("An", "Bình", ""))
        ),
        st.builds(Push, st.integers(1, 4), st.booleans()),
        st.builds(
            Page,
            st.integers(0, len(NAMED) - 1),
            st.lists(
                st.tuples(st.sampled_from(("", OTHER, THIRD)), st.sampled_from(CONTENTS)), min_size=1, max_size=3
            ).map(tuple),
            st.integers(0, 2),
            st.sampled_from(Origin),
            st.booleans(),
        ),
    ),
    max_size=14,
)


def happen(store: Store, event: Event, seq: int) -> None:
    if isinstance(event, Typing):
        write(store, event.content, CELLS[event.place], event.author)
    elif isinstance(event, Push):
        push = outbox(store)
        if push.changes:
            mark_sent(store, push, NOON + 1)
            if event.received:
                late = [change.n for change in push.changes if change.n % event.parked == 0]
                results = [Result(n, Outcome.PARKED, "period_closed") for n in late]
                take_receipts(store, push, answer(store, push, results if event.parked > 1 else []))
    else:
        heads = [head(content, device or store.device, seq + n) for n, (device, content) in enumerate(event.heads)]
        prev = [version(THIRD, 90 + n) for n in range(event.prev)]
        take(store, page(record(*heads, key=NAMED[event.place], prev=prev), seq=seq, origin=event.origin))
        if event.to_the_end:
            confirm(store)


def sync_of(store: Store, content: str) -> None:
    """Type, and have it received and served back."""
    write(store, content)
    sync(store, record(head(content, store.device, 1)))


def log(store: Store) -> list[tuple[Any, ...]]:
    return list(store.db.execute("SELECT * FROM change ORDER BY n"))


def one_by_one(store: Store, key: Key, content: str, over: Mapping[Key, Collection[Rival]]) -> ChangeSet:
    """Type into one cell; what it is said to show then is what is read of it."""
    before = store.shown(key)
    changes = store.record_changes([(key, content)], "An", AT, over)
    for typed in changes.keys:
        known = typed_over(before, typed, content, "An", AT)
        assert known in (None, store.shown(typed))
        assert known or (before and (before.rivals or before.reason))
    return changes


def both_ways(folder: Path, past: Sequence[Event], typed: list[tuple[Key, str]]) -> None:
    """Type a block in one of two copies of a store with this `past`, and its edits one by one in the other."""
    store = open_store(folder / "one")
    for seq, event in enumerate(past, 1):
        happen(store, event, seq)
    over = {key: shown.rivals for key in CELLS if (shown := store.shown(key)) and shown.rivals}
    store.close()
    shutil.copytree(folder / "one", folder / "other")
    one, other = (open_store(folder / name) for name in ("one", "other"))
    at_once = one.record_changes(typed, "An", AT, over)
    apart = [one_by_one(other, key, content, over) for key, content in typed]
    assert at_once.keys == frozenset[Key]().union(*(changes.keys for changes in apart))
    assert log(one) == log(other)
    assert one.last_link() == other.last_link()
    assert {key: one.shown(key) for key in CELLS} == {key: other.shown(key) for key in CELLS}
    one.close()
    other.close()


@settings(max_examples=60, deadline=None)
@given(events, edits)
@example([Typing(0, "1"), Push(2, True), Typing(0, "2"), Push(2, True)], [(CELL, "1"), (CELL, "1"), (cell(2), "2")])
@example([Typing(7, "2", "Bình")], [(CELLS[7], "1")])
@example([Page(0, ((OTHER, "1"), (THIRD, "2")), 1, Origin.AS_SENT, True)], [(CELL, "1"), (cell(2), "1"), (CELL, "2")])
def test_a_block_is_kept_as_its_edits_one_by_one(past: list[Event], typed: list[tuple[Key, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both_ways(Path(folder), past, typed)


def test_the_last_thing_typed_is_seen_whatever_became_of_it(store: Store) -> None:
    sync_of(store, "1")
    write(store, "2")
    push_all(store, Result(2, Outcome.PARKED, "period_closed"))
    write(store, "3")
    assert outbox(store).changes[-1].seen == (version(store.device, 2), version(store.device, 1))


def test_what_has_no_name_yet_is_not_named_as_seen(store: Store) -> None:
    for content in ("1", "2"):
        write(store, content, CELLS[-1])
        assert held_in(store.db, CELLS, "An")[CELLS[-1]].seen() == ()


def test_only_cells_of_which_anything_is_held_are_found(store: Store) -> None:
    write(store, "1")
    write(store, "2", CELL._replace(unit=NEIGHBOUR))
    take(store, page(record(head("7"), key=cell(2))))
    found = held_in(store.db, CELLS, "An")
    assert set(found) == {CELL, cell(2), CELL._replace(unit=NEIGHBOUR)}
    assert [one.last and one.last.content for one in found.values()].count(None) == 1
    assert found[cell(2)].seen() == (version(OTHER, 1),)


def test_a_block_larger_than_one_look_is_found_whole(store: Store) -> None:
    keys = [Key(VALUE, f"48.20194.{unit:03}", f"i{item}", QUARTER) for unit in (3, 4) for item in range(1_200)]
    store.record_changes([(key, "1") for key in keys], "An", AT)
    assert set(held_in(store.db, keys, "An")) == set(keys)


def test_a_second_person_at_a_pc_has_seen_what_is_displayed_and_nothing_of_the_first(store: Store) -> None:
    """As at a PC of their own: what the first one typed stays beside it until somebody decides."""
    write(store, "5", author="An")
    sync(store, record(head("3"), head("5", store.device)))
    write(store, "7", author="Bình")
    assert outbox(store).changes[-1].seen == (version(OTHER, 1),)
    shown = store.shown(CELL)
    assert shown is not None
    assert (shown.content, [rival.content for rival in shown.rivals]) == ("7", ["5"])
    # An has what is displayed before them, and their own.
    write(store, "8", author="Nguyễn Văn An~An")
    assert outbox(store).changes[-1].seen == (version(store.device, 1), version(store.device, 2))
    block = [(CELL, "9"), (cell(2), "9")]
    store.record_changes(block, "Bình", AT)
    assert outbox(store).changes[2].seen == (version(store.device, 2), version(store.device, 3))


def test_what_was_typed_before_anybody_signed_in_is_of_whoever_does(store: Store) -> None:
    write(store, "5", author="")
    sync(store, record(head("3"), head("5", store.device)))
    write(store, "7", author="An")
    assert outbox(store).changes[-1].seen == (version(store.device, 1), version(OTHER, 1))


def test_what_is_parked_of_one_person_waits_until_they_type_over_it(store: Store) -> None:
    write(store, "5", author="An")
    push_all(store, Result(1, Outcome.PARKED, PERIOD_CLOSED))
    take(store, page(record(head("3"))))
    write(store, "7", author="Bình")
    assert outbox(store).changes[-1].seen == (version(OTHER, 1),)
    sync(store, record(head("7", store.device, 2), prev=[version(OTHER, 1)]), seq=2)
    found = store.undecided()[CELL]
    assert (found.content, found.reason) == ("7", PERIOD_CLOSED)
    write(store, "8", author="An")
    sync(store, record(head("8", store.device, 3), prev=[version(store.device, 2)]), seq=3)
    assert store.undecided() == {}


def test_what_takes_effect_after_all_stands_beside_what_a_colleague_typed_since(store: Store) -> None:
    """Also before the page comes with which the centre shows both."""
    write(store, "5", author="An")
    push_all(store, Result(1, Outcome.PARKED, PERIOD_CLOSED))
    write(store, "7", author="Bình")
    own = stream_of_device(store.device)
    told = Key(RECEIPT, own, version(store.device, 1).branch, part="1")
    said = record(head('["applied",""]'), key=told)
    take(store, page(said, subscription=Subscription(own, own)))
    for found in (store.shown(CELL), store.cells(VALUE, VILLAGE)[CELL]):
        assert found is not None
        assert (found.content, [rival.content for rival in found.rivals]) == ("7", ["5"])
    write(store, "8", author="An")
    shown = store.shown(CELL)
    assert shown is not None
    assert (shown.content, shown.rivals) == ("8", ())
