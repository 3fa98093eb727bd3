"""The outbox and its receipts: in chain order, within bounds, and right for a centre that holds less or more."""

from pathlib import Path
from random import Random

import msgspec
import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.protocol import chain, codec, envelope
from sync.protocol.messages import MAX_CONTENT, Link, Push, Receipt, Result, SyncAnswer, SyncRequest
from sync.protocol.version import PROTOCOL
from sync.store import CellState, Store, sending
from sync.store.sending import MAX_PUSH, mark_sent, outbox, take_receipts
from tests.sync.store.conversation import (
    AT,
    CELL,
    MAC,
    NOON,
    answer,
    cell,
    forgot,
    head,
    link_at,
    open_store,
    pull,
    push_all,
    record,
    write,
)


def fill(store: Store, count: int) -> None:
    store.record_changes([(cell(n), str(n)) for n in range(count)], "An", AT)


def numbers(push: Push) -> list[int]:
    return [change.n for change in push.changes]


def state(store: Store, number: int) -> CellState:
    found = store.shown(cell(number))
    assert found is not None
    return found.state


def test_the_outbox_is_empty_when_nothing_was_typed(store: Store) -> None:
    assert outbox(store).changes == []


def test_the_outbox_is_in_chain_order_and_names_where_it_attaches(store: Store) -> None:
    fill(store, 5)
    push = outbox(store)
    assert numbers(push) == [1, 2, 3, 4, 5]
    assert push.after == chain.root(store.device)
    assert chain.links(push.after, push.changes)[-1] == store.last_link()
    take_receipts(store, push, answer(store, push))
    write(store, "x")
    after = outbox(store)
    assert numbers(after) == [6]
    assert after.after == link_at(store, 5)


def test_what_is_sent_is_what_was_typed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    pull(store, record(head("7")))
    write(store, '{"note":"sổ thôn","number":434}', author="Nguyễn Văn An")
    push = outbox(store)
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
    while (push := outbox(store)).changes:
        sizes.append(len(push.changes))
        body = codec.encode(SyncRequest(PROTOCOL, "", push, {}, 0))
        assert len(body) < envelope.MAX_SEALED
        assert codec.decode(body) == SyncRequest(PROTOCOL, "", push, {}, 0)
        push_all(store)
    assert sum(sizes) == 100
    assert max(sizes) > 1


def test_marking_as_sent_shows_it_and_keeps_the_first_time(store: Store) -> None:
    fill(store, 2)
    push = outbox(store)
    assert mark_sent(store, push, NOON).keys == {cell(0), cell(1)}
    assert state(store, 0) is CellState.SENT
    assert not mark_sent(store, push, NOON + 50)
    assert store.waiting() == 2


def test_a_receipt_shows_everything_as_received(store: Store) -> None:
    fill(store, 3)
    push = outbox(store)
    assert take_receipts(store, push, answer(store, push)).keys == {cell(0), cell(1), cell(2)}
    assert [state(store, n) for n in range(3)] == [CellState.RECEIVED] * 3
    assert store.waiting() == 0
    assert outbox(store).changes == []


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


def test_an_answer_without_a_push_receives_nothing(store: Store) -> None:
    empty = outbox(store)
    fill(store, 1)
    assert not take_receipts(store, empty, SyncAnswer(NOON, chain.root(store.device)))
    assert (store.waiting(), store.last_receipt()) == (1, None)
    assert receipts(store) == []


@pytest.mark.parametrize("foreign", [Link(2, b"x" * chain.HASH_BYTES), Link(1, b""), Link(99, b"x"), Link(0, b"x")])
def test_a_centre_that_speaks_of_what_was_not_asked_is_not_believed(store: Store, foreign: Link) -> None:
    """A receipt names the hash: what another folder with this device's name sent is never shown as received here."""
    fill(store, 2)
    push = outbox(store)
    before = store.db.execute("SELECT * FROM change").fetchall()
    with pytest.raises(EnvironmentFault) as caught:
        take_receipts(store, push, SyncAnswer(NOON, foreign))
    assert caught.value.code == "server_failed"
    assert store.db.execute("SELECT * FROM change").fetchall() == before
    assert (store.waiting(), receipts(store)) == (2, [])


def test_what_was_not_pushed_now_waits_for_its_own_result(store: Store) -> None:
    """An answer was lost, and the next push is shorter: the rest may have been parked."""
    fill(store, 4)
    lost = outbox(store)
    shorter = Push(lost.after, lost.changes[:2])
    take_receipts(store, shorter, answer(store, shorter, [Result(1, Outcome.CONFLICT, "")]))
    assert numbers(outbox(store)) == [3, 4]
    assert store.waiting() == 2
    rest = outbox(store)
    take_receipts(store, rest, answer(store, rest, [Result(4, Outcome.PARKED, "period_closed")]))
    assert [state(store, n) for n in (2, 3)] == [CellState.RECEIVED, CellState.PARKED]


def test_what_one_receipt_is_of_is_replayed_together(store: Store) -> None:
    """Cut in two, one half would come without the centre's word that it had effect."""
    for count in (3, 7):
        fill(store, count)
        push = outbox(store)
        take_receipts(store, push, answer(store, push))
    take_receipts(store, outbox(store), forgot(chain.root(store.device)))
    assert numbers(outbox(store)) == [1, 2, 3, 4, 5, 6, 7]
    assert numbers(outbox(store, 5)) == [1, 2, 3], "not into the second"
    assert numbers(outbox(store, 2)) == [1, 2, 3], "but all of the first"
    assert numbers(outbox(store, 1)) == [1], "unless it is one by one"
    push_all(store)
    assert numbers(outbox(store)) == []


def test_receipts_that_fill_a_push_together_are_not_cut_by_its_bound(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second half would be judged anew, and its new receipt take the place of the one that proves it."""
    monkeypatch.setattr(sending, "MAX_PUSH", 50)
    for count in (30, 70):
        fill(store, count)
        push_all(store)
    take_receipts(store, outbox(store), forgot())
    assert numbers(outbox(store)) == list(range(1, 31))
    push_all(store)
    again = outbox(store)
    assert (numbers(again), [receipt.first_n for receipt in again.receipts]) == (list(range(31, 71)), [31])
    push_all(store)
    assert receipts_kept(store) == [(1, 30), (31, 70)]


def test_a_replay_begins_where_a_receipt_does(store: Store) -> None:
    """The centre was restored to what it took before its answer was lost: a part of the push that was answered."""
    fill(store, 3)
    push_all(store)
    fill(store, 9)
    push_all(store)
    take_receipts(store, outbox(store), forgot(link_at(store, 5)))
    again = outbox(store)
    assert (numbers(again), again.after) == ([4, 5, 6, 7, 8, 9], link_at(store, 3))
    push_all(store)
    assert receipts_kept(store) == [(1, 3), (4, 9)]


@pytest.mark.parametrize("seed", range(8))
def test_no_push_ever_cuts_a_receipt_nor_passes_its_bounds(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(sending, "MAX_PUSH", 12)
    monkeypatch.setattr(sending, "MAX_PUSH_LETTERS", 90)
    random = Random(seed)
    sizes: dict[int, int] = {}
    for _ in range(60):
        if random.random() < 0.5:
            store.record_changes(
                [(cell(n), str(10 ** random.randrange(12))) for n in range(random.randint(1, 9))], "An", AT
            )
        if random.random() < 0.1:
            take_receipts(store, outbox(store), forgot(link_at(store, random.randint(0, store.agreed_n()))))
        push = outbox(store, random.choice((2, 5, 12)))
        if not push.changes:
            continue
        first_n, last_n = push.changes[0].n, push.changes[-1].n
        kept = receipts_kept(store)
        assert not [(first, last) for first, last in kept if first <= last_n < last or first < first_n <= last]
        assert [receipt.last.n for receipt in push.receipts] == [last for _, last in kept if first_n <= last <= last_n]
        assert len(push.changes) <= 12
        sizes |= {change.n: len(change.content) + len(msgspec.msgpack.encode(change.seen)) for change in push.changes}
        assert sum(sizes[change.n] for change in push.changes[:-1]) <= 90
        if random.random() < 0.8:
            take_receipts(store, push, answer(store, push))


def test_a_restored_centre_gets_everything_after_what_it_holds_again(store: Store) -> None:
    for count in (2, 6):
        fill(store, count)
        push_all(store)
    pull(store)
    assert take_receipts(store, outbox(store), forgot(link_at(store, 2))).keys == {cell(n) for n in range(2, 6)}
    again = outbox(store)
    assert numbers(again) == [3, 4, 5, 6]
    assert again.after == link_at(store, 2)
    assert store.waiting() == 4
    assert [state(store, n) for n in (1, 5)] == [CellState.RECEIVED, CellState.SENT]
    push_all(store)
    assert outbox(store).changes == []
    assert store.waiting() == 0


def test_replay_begins_behind_the_largest_end_that_is_in_this_log(store: Store) -> None:
    """The centre's ends may be of other branches of this device, which this folder knows nothing of."""
    for count in (3, 6):
        fill(store, count)
        push_all(store)
    ends = [Link(9, b"another"), Link(5, b"branch"), link_at(store, 3), link_at(store, 1)]
    take_receipts(store, outbox(store), forgot(*ends))
    assert outbox(store).after == link_at(store, 3)


@pytest.mark.parametrize("ends", [[], [Link(2, b"another branch")]])
def test_a_restored_centre_with_no_end_in_common_gets_all_from_the_root(store: Store, ends: list[Link]) -> None:
    fill(store, 2)
    push_all(store)
    take_receipts(store, outbox(store), forgot(*ends))
    again = outbox(store)
    assert (numbers(again), again.after) == ([1, 2], chain.root(store.device))


def test_a_replayed_change_gets_its_new_result(store: Store) -> None:
    fill(store, 2)
    push_all(store, Result(1, Outcome.PARKED, "unknown_unit"))
    take_receipts(store, outbox(store), forgot())
    push = outbox(store)
    assert take_receipts(store, push, answer(store, push)).keys >= {cell(0)}
    assert state(store, 0) is CellState.RECEIVED
    pull(store)
    assert store.undecided() == {}


# Receipts


def receipts(store: Store) -> list[Receipt]:
    """Those that go along with the next push."""
    return outbox(store).receipts


def receipts_kept(store: Store) -> list[tuple[int, int]]:
    """Those that are kept here: the first and last change of each."""
    return list(store.db.execute("SELECT first_n, last_n FROM receipt ORDER BY first_n, last_n"))


def test_a_receipt_goes_along_with_a_replay_and_only_then(store: Store) -> None:
    fill(store, 3)
    assert receipts(store) == []
    parked = Result(2, Outcome.PARKED, "period_closed")
    push_all(store, parked)
    assert receipts(store) == []
    write(store, "x")
    assert receipts(store) == [], "of what the centre holds, nothing is told again"
    take_receipts(store, outbox(store), answer(store, outbox(store)))
    take_receipts(store, outbox(store), forgot(link_at(store, 3)))
    assert receipts(store) == [Receipt(4, link_at(store, 4), (), MAC)]
    take_receipts(store, outbox(store), forgot())
    assert receipts(store) == [Receipt(1, link_at(store, 3), (parked,), MAC), Receipt(4, link_at(store, 4), (), MAC)]


def test_a_receipt_of_changes_that_are_not_in_this_push_stays_here(store: Store) -> None:
    for count in (2, 4):
        fill(store, count)
        push_all(store)
    take_receipts(store, outbox(store), forgot())
    assert [receipt.first_n for receipt in receipts(store)] == [1, 3]
    assert [receipt.first_n for receipt in outbox(store, 3).receipts] == [1]


def test_the_result_of_a_change_that_was_not_typed_here_changes_nothing(store: Store) -> None:
    fill(store, 1)
    push_all(store, Result(99, Outcome.PARKED, "period_closed"), Result(0, Outcome.PARKED, "period_closed"))
    assert store.undecided() == {}


def test_a_crash_before_the_answer_sends_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MAX_PUSH", 3)
    store = open_store(tmp_path)
    fill(store, 3)
    first = outbox(store)
    mark_sent(store, first, NOON)
    store.close()
    store = open_store(tmp_path)
    write(store, "x")
    assert outbox(store) == first
    assert state(store, 0) is CellState.SENT
    store.close()
