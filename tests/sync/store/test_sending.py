"""The outbox and its receipts: in chain order, within bounds, and right for a centre that holds less or more."""

from pathlib import Path

import msgspec
import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.protocol import chain, codec, envelope
from sync.protocol.messages import MAX_CONTENT, Push, Result, SyncAnswer, SyncRequest
from sync.store import CellState, Store, sending
from sync.store.sending import MAX_PUSH, mark_sent, outbox, take_receipts
from tests.sync.store.conversation import (
    AT,
    CELL,
    NOON,
    SECRET,
    answer,
    cell,
    hash_at,
    head,
    pull,
    push_all,
    record,
    write,
)


def fill(store: Store, count: int) -> None:
    store.record_changes([(cell(n), str(n)) for n in range(count)], "An", AT)


def numbers(push: Push | None) -> list[int]:
    return [change.n for change in push.changes] if push else []


def state(store: Store, number: int) -> CellState:
    found = store.shown(cell(number))
    assert found is not None
    return found.state


def test_the_outbox_is_empty_when_nothing_was_typed(store: Store) -> None:
    assert outbox(store) is None


def test_the_outbox_is_in_chain_order_and_names_where_it_attaches(store: Store) -> None:
    fill(store, 5)
    push = outbox(store)
    assert push is not None
    assert numbers(push) == [1, 2, 3, 4, 5]
    assert push.previous_hash == chain.root(store.device)
    assert chain.links(push.previous_hash, push.changes)[-1] == store.last_link()[1]
    take_receipts(store, push, answer(store, push))
    write(store, "x")
    after = outbox(store)
    assert after is not None
    assert numbers(after) == [6]
    assert after.previous_hash == hash_at(store, 5)


def test_what_is_sent_is_what_was_typed(tmp_path: Path) -> None:
    store = Store.open(tmp_path, SECRET, "2026.1")
    pull(store, record(head("7")))
    write(store, '{"note":"sổ thôn","number":434}', author="Nguyễn Văn An")
    push = outbox(store)
    assert push is not None
    (change,) = push.changes
    assert (change.key, change.content, change.author) == (CELL, '{"note":"sổ thôn","number":434}', "Nguyễn Văn An")
    assert (change.typed_at, change.catalogue, change.seen) == (NOON, "2026.1", (head("7").version,))
    store.close()


def test_a_push_is_bounded_by_count(store: Store) -> None:
    fill(store, MAX_PUSH + 1)
    assert numbers(outbox(store)) == list(range(1, MAX_PUSH + 1))
    push_all(store)
    assert numbers(outbox(store)) == [MAX_PUSH + 1]


def test_a_push_of_the_longest_texts_still_fits_a_message(store: Store) -> None:
    text = '"' + "ộ" * (MAX_CONTENT - 2) + '"'
    store.record_changes([(cell(n), text) for n in range(100)], "An", AT)
    sizes: list[int] = []
    while push := outbox(store):
        sizes.append(len(push.changes))
        body = codec.encode(SyncRequest(1, "", push, {}, 0))
        assert len(body) < envelope.MAX_SEALED
        assert codec.decode(body) == SyncRequest(1, "", push, {}, 0)
        push_all(store)
    assert sum(sizes) == 100
    assert max(sizes) > 1


def test_marking_as_sent_shows_it_and_keeps_the_first_time(store: Store) -> None:
    fill(store, 2)
    push = outbox(store)
    assert push is not None
    assert mark_sent(store, push, NOON).keys == {cell(0), cell(1)}
    assert state(store, 0) is CellState.SENT
    assert not mark_sent(store, push, NOON + 50)
    assert store.waiting() == 2


def test_a_receipt_shows_everything_as_received(store: Store) -> None:
    fill(store, 3)
    push = outbox(store)
    assert push is not None
    assert take_receipts(store, push, answer(store, push)).keys == {cell(0), cell(1), cell(2)}
    assert [state(store, n) for n in range(3)] == [CellState.RECEIVED] * 3
    assert store.waiting() == 0
    assert outbox(store) is None


def test_the_same_receipt_again_changes_nothing(store: Store) -> None:
    fill(store, 2)
    push = push_all(store)
    before = store.db.execute("SELECT * FROM change").fetchall()
    take_receipts(store, push, answer(store, push, at=NOON + 900))
    assert store.db.execute("SELECT * FROM change").fetchall() == before


def test_results_say_what_became_of_each(store: Store) -> None:
    fill(store, 3)
    push_all(store, Result(2, Outcome.PARKED, "period_closed"), Result(3, Outcome.CONFLICT, ""))
    assert [state(store, n) for n in range(3)] == [CellState.RECEIVED, CellState.PARKED, CellState.RECEIVED]
    parked = store.shown(cell(1))
    assert parked is not None
    assert parked.reason == "period_closed"
    assert store.history(cell(1))[0].reason == "period_closed"


def test_a_receipt_for_a_part_leaves_the_rest_waiting(store: Store) -> None:
    fill(store, 5)
    push = outbox(store)
    take_receipts(store, push, SyncAnswer(NOON, 3, hash_at(store, 3), [], []))
    assert numbers(outbox(store)) == [4, 5]
    assert [state(store, n) for n in (2, 3)] == [CellState.RECEIVED, CellState.SAVED]
    assert store.waiting() == 2


def test_an_answer_without_a_push_receives_nothing(store: Store) -> None:
    take_receipts(store, None, answer(store, None))
    fill(store, 1)
    take_receipts(store, None, SyncAnswer(NOON, 0, chain.root(store.device), [], []))
    assert (store.waiting(), store.last_receipt()) == (1, None)


def test_what_was_not_pushed_now_waits_for_its_own_result(store: Store) -> None:
    """An answer was lost, and the next push is shorter: the rest may have been parked."""
    fill(store, 4)
    lost = outbox(store)
    assert lost is not None
    shorter = Push(lost.previous_hash, lost.changes[:2])
    take_receipts(store, shorter, answer(store, lost, [Result(1, Outcome.CONFLICT, "")]))
    assert numbers(outbox(store)) == [3, 4]
    assert store.waiting() == 2
    take_receipts(store, outbox(store), answer(store, lost, [Result(4, Outcome.PARKED, "period_closed")]))
    assert [state(store, n) for n in (2, 3)] == [CellState.RECEIVED, CellState.PARKED]


def test_a_restored_centre_gets_everything_after_what_it_holds_again(store: Store) -> None:
    fill(store, 6)
    push_all(store)
    pull(store)
    take_receipts(store, None, SyncAnswer(NOON, 2, hash_at(store, 2), [], []))
    again = outbox(store)
    assert again is not None
    assert numbers(again) == [3, 4, 5, 6]
    assert again.previous_hash == hash_at(store, 2)
    assert store.waiting() == 4
    push_all(store)
    assert outbox(store) is None
    assert store.waiting() == 0


def test_a_replayed_change_gets_its_new_result(store: Store) -> None:
    fill(store, 2)
    push_all(store, Result(1, Outcome.PARKED, "unknown_unit"))
    take_receipts(store, None, SyncAnswer(NOON, 0, chain.root(store.device), [], []))
    push = outbox(store)
    assert take_receipts(store, push, answer(store, push)).keys >= {cell(0)}
    assert state(store, 0) is CellState.RECEIVED
    pull(store)
    assert store.undecided() == {}


def test_a_restored_centre_that_lost_everything_starts_from_the_root(store: Store) -> None:
    fill(store, 2)
    push_all(store)
    take_receipts(store, None, SyncAnswer(NOON, 0, chain.root(store.device), [], []))
    again = outbox(store)
    assert again is not None
    assert (numbers(again), again.previous_hash) == ([1, 2], chain.root(store.device))


@pytest.mark.parametrize("last_n", [1, 2])
def test_a_centre_that_holds_another_chain_of_this_device_is_refused(store: Store, last_n: int) -> None:
    fill(store, 2)
    push = outbox(store)
    before = store.db.execute("SELECT * FROM change").fetchall()
    with pytest.raises(EnvironmentFault) as caught:
        take_receipts(store, push, SyncAnswer(NOON, last_n, b"x" * chain.HASH_BYTES, [], []))
    assert caught.value.code == "push_branch"
    assert store.db.execute("SELECT * FROM change").fetchall() == before


def test_a_centre_that_holds_more_than_was_ever_typed_here_is_refused(store: Store) -> None:
    """The folder was put back from an old copy."""
    fill(store, 2)
    push = outbox(store)
    with pytest.raises(EnvironmentFault) as caught:
        take_receipts(store, push, SyncAnswer(NOON, 3, b"x" * chain.HASH_BYTES, [], []))
    assert caught.value.code == "push_branch"
    assert store.waiting() == 2


def test_a_rolled_back_folder_never_shows_as_received_what_it_has_not_sent(tmp_path: Path) -> None:
    """Its next changes have numbers that the centre knows with another content."""
    store = Store.open(tmp_path, SECRET)
    fill(store, 2)
    push = outbox(store)
    assert push is not None
    other = [*push.changes[:1], msgspec.structs.replace(push.changes[1], content="0")]
    held = chain.links(push.previous_hash, other)[-1]
    with pytest.raises(EnvironmentFault):
        take_receipts(store, push, SyncAnswer(NOON, 2, held, [], []))
    assert [state(store, n) for n in (0, 1)] == [CellState.SAVED] * 2
    store.close()


def test_the_result_of_a_change_that_was_not_typed_here_changes_nothing(store: Store) -> None:
    fill(store, 1)
    push_all(store, Result(99, Outcome.PARKED, "period_closed"), Result(0, Outcome.PARKED, "period_closed"))
    assert store.undecided() == {}


def test_a_crash_before_the_answer_sends_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MAX_PUSH", 3)
    store = Store.open(tmp_path, SECRET)
    fill(store, 3)
    first = outbox(store)
    assert first is not None
    mark_sent(store, first, NOON)
    store.close()
    store = Store.open(tmp_path, SECRET)
    write(store, "x")
    assert outbox(store) == first
    assert state(store, 0) is CellState.SENT
    store.close()
