"""What waits, what was received, and what a conflict came from, as the log says it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.domain.heads import Outcome
from sync.domain.keys import OWN_UNIT
from sync.protocol.messages import Result
from sync.store import CellState, Store
from sync.store.sending import mark_sent, outbox
from sync.store.transfers import received, replaced, waiting
from tests.sync.store.conversation import CELL, NOON, cell, head, open_store, pull, push_all, record, version, write


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def test_what_waits_is_told_newest_first_and_how_far_it_has_come(store: Store) -> None:
    write(store, "1")
    write(store, "2", cell(2))
    mark_sent(store, outbox(store, 1), NOON)
    found = waiting(store, 10)
    assert [(each.key, each.entry.content, each.entry.state) for each in found] == [
        (cell(2), "2", CellState.SAVED),
        (CELL, "1", CellState.SENT),
    ]
    assert [each.entry.content for each in waiting(store, 1)] == ["2"]
    assert received(store, 10) == []


def test_what_was_typed_before_enrolment_waits_too(store: Store) -> None:
    write(store, "1", CELL._replace(unit=OWN_UNIT))
    assert [each.key.unit for each in waiting(store, 10)] == [OWN_UNIT]


def test_what_was_received_is_told_with_the_centres_time_and_what_is_parked_as_such(store: Store) -> None:
    write(store, "1")
    write(store, "2", cell(2))
    push_all(store, Result(2, Outcome.PARKED, "period_closed"))
    assert waiting(store, 10) == []
    last, first = received(store, 10)
    assert (first.key, first.entry.state) == (CELL, CellState.RECEIVED)
    assert first.entry.received_at is not None
    assert (last.entry.state, last.entry.reason) == (CellState.PARKED, "period_closed")


def test_a_conflict_came_from_what_both_had_seen(store: Store) -> None:
    write(store, "5")
    push_all(store)
    heads = (head("6", n=2), head("7", "c" * 20))
    pull(store, record(*heads, prev=[version(store.device, 1)]))
    before = replaced(store, CELL)
    assert before is not None
    assert before.content == "5"


def test_a_conflict_over_an_empty_cell_came_from_nothing(store: Store) -> None:
    pull(store, record(head("6"), head("7", "c" * 20)))
    assert replaced(store, CELL) is None
    assert replaced(store, cell(9)) is None
