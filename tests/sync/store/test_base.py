"""The base as it is written: its sums always those of what is stored, and what it once showed kept while in doubt."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from sync.domain.heads import Outcome
from sync.domain.keys import BROADCAST, RECEIPT, UNIT, VALUE, Key, stream_of, stream_of_device
from sync.domain.parking import PERIOD_CLOSED, WITHDRAWN
from sync.protocol.digests import Digest, row_hash
from sync.protocol.messages import Record, Result, Subscription, Version
from sync.store import CellState, Store, receipts
from sync.store import connection as file
from sync.store.base import BaseWriter, bucket_of, digest_of, digest_of_unit, forget_lost
from sync.store.sending import outbox, take_receipts
from sync.store.withdrawing import withdraw
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    OF_COMMUNE,
    OTHER,
    QUARTER,
    THIRD,
    VILLAGE,
    answer,
    cell,
    head,
    open_store,
    record,
    version,
)

UNITS = (COMMUNE, VILLAGE, f"{COMMUNE}.004", f"{COMMUNE}0")
"""The last is no part of the commune, although its name begins alike."""


def recomputed(store: Store, stream: str, unit: str) -> Digest:
    """The sum, of the rows alone."""
    found = Digest()
    for *address, heads, prev in store.db.execute(
        "SELECT kind, unit, item, period, part, heads, prev FROM record WHERE stream = ? AND heads != x''", (stream,)
    ):
        key = Key(*address)
        if bucket_of(stream, key) == unit:
            found = found.with_row(row_hash(key, heads, prev))
    return found


def put(store: Store, stream: str, *records: Record, keeping: bool = False) -> set[Key]:
    with file.writing(store.db):
        base = BaseWriter(store, stream, keeping=keeping)
        touched = base.write(records)
        base.finish()
    return touched


def take_away(store: Store, stream: str, *keys: Key) -> None:
    with file.writing(store.db):
        base = BaseWriter(store, stream, keeping=True)
        for key in keys:
            base.remove(key)
        base.finish()


@pytest.mark.parametrize("seed", range(6))
def test_sums_are_those_of_the_rows_after_any_writes_and_removals(store: Store, seed: int) -> None:
    random = Random(seed)
    happened: Counter[str] = Counter()
    keys = [Key(VALUE, unit, f"i{n}", QUARTER) for unit in UNITS[:3] for n in range(4)]
    for step in range(120):
        some = random.sample(keys, random.randint(1, 4))
        keeping = random.random() < 0.4
        if random.random() < 0.25:
            happened["removed"] += len(some)
            take_away(store, COMMUNE, *some)
        else:
            happened["written"] += 1
            rivals = [
                head(str(step), random.choice((OTHER, THIRD)), step + 1 + n) for n in range(random.choice((1, 1, 2)))
            ]
            prev = [version(OTHER, n) for n in random.sample(range(1, 9), random.randint(0, 2))]
            put(store, COMMUNE, *(record(*rivals, key=key, prev=prev) for key in some), keeping=keeping)
        for unit in UNITS[:3]:
            assert digest_of_unit(store, COMMUNE, unit) == recomputed(store, COMMUNE, unit)
    (lost,) = store.db.execute("SELECT count(*) FROM record WHERE lost != x''").fetchone()
    assert lost > 0
    assert min(happened.values()) > 0


def test_a_record_that_is_written_again_is_summed_once(store: Store) -> None:
    first, second = record(head("7")), record(head("8", OTHER, 2))
    put(store, COMMUNE, second)
    put(store, COMMUNE, first, record(head("1"), key=cell(2)))
    put(store, COMMUNE, first)
    assert digest_of_unit(store, COMMUNE, VILLAGE) == recomputed(store, COMMUNE, VILLAGE)
    assert digest_of_unit(store, COMMUNE, VILLAGE).rows == 2


def test_a_subscription_sums_its_subtree_and_nothing_that_only_begins_alike(store: Store) -> None:
    put(store, COMMUNE, *(record(head("7"), key=Key(VALUE, unit, "i", QUARTER)) for unit in UNITS))
    total = Digest()
    for unit in UNITS[:3]:
        total = total.plus(recomputed(store, COMMUNE, unit))
    assert digest_of(store, OF_COMMUNE) == total
    assert digest_of(store, Subscription(VILLAGE, COMMUNE)) == recomputed(store, COMMUNE, VILLAGE)


def test_what_all_may_see_is_one_sum(store: Store) -> None:
    rows = [record(head(f'"{unit}"'), key=Key(UNIT, unit)) for unit in UNITS]
    put(store, BROADCAST, *rows)
    assert stream_of(rows[0].key) == BROADCAST
    assert digest_of_unit(store, BROADCAST, BROADCAST).rows == len(UNITS)
    assert digest_of(store, Subscription(BROADCAST, BROADCAST)) == recomputed(store, BROADCAST, BROADCAST)


def test_a_record_that_is_gone_from_the_centre_stays_on_the_screen(store: Store) -> None:
    put(store, COMMUNE, record(head("7"), prev=[version(THIRD, 1)]))
    take_away(store, COMMUNE, CELL)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state) == ("7", CellState.SENT)
    assert digest_of_unit(store, COMMUNE, VILLAGE) == Digest()
    # And when the centre has it again, it is as before.
    put(store, COMMUNE, record(head("7"), prev=[version(THIRD, 1)]), keeping=True)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.rivals) == ("7", CellState.RECEIVED, ())
    assert store.db.execute("SELECT lost FROM record").fetchall() == [(b"",)]


def test_removing_what_was_never_there_leaves_nothing(store: Store) -> None:
    take_away(store, COMMUNE, CELL)
    assert store.shown(CELL) is None
    assert store.db.execute("SELECT count(*) FROM record").fetchone() == (0,)


def test_lost_heads_beside_others_are_a_conflict_that_is_listed(store: Store) -> None:
    put(store, COMMUNE, record(head("7")))
    put(store, COMMUNE, record(head("8", THIRD)), keeping=True)
    assert set(store.undecided()) == {CELL}
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, [rival.content for rival in found.rivals]) == ("7", ["8"])


@pytest.mark.parametrize(
    ("known", "is_gone"),
    [
        (frozenset(), False),
        (frozenset({version(THIRD, 5)}), False),
        (frozenset({version(OTHER, 4)}), False),
        (frozenset({version(OTHER, 5)}), True),
        # Whose this is, its name does not say: perhaps of somebody else at that PC.
        (frozenset({version(OTHER, 6)}), False),
    ],
)
def test_what_is_known_again_is_forgotten_as_lost_and_nothing_else(
    store: Store, known: frozenset[Version], is_gone: bool
) -> None:
    put(store, COMMUNE, record(head("7", OTHER, 5)))
    take_away(store, COMMUNE, CELL)
    with file.writing(store.db):
        for key in (CELL, cell(2)):
            forget_lost(store, key, known)
    assert (store.shown(CELL) is None) is is_gone
    assert digest_of_unit(store, COMMUNE, VILLAGE) == recomputed(store, COMMUNE, VILLAGE)


@pytest.mark.parametrize(("author", "is_gone"), [("Bình", True), ("Trần Bình~Bình", True), ("", True), ("An", False)])
def test_a_later_head_of_one_hand_stands_for_what_is_lost(store: Store, author: str, is_gone: bool) -> None:
    put(store, COMMUNE, record(head("7", OTHER, 5)))
    take_away(store, COMMUNE, CELL)
    put(store, COMMUNE, record(msgspec.structs.replace(head("9", OTHER, 8), author=author)), keeping=True)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, [rival.content for rival in found.rivals]) == (("9", []) if is_gone else ("7", ["9"]))


def test_receipts_in_the_devices_own_stream_change_no_cell_that_is_not_its_own(store: Store) -> None:
    own = stream_of_device(store.device)
    told = Key(RECEIPT, own, store.device + "0c0ffee0", part="7")
    assert put(store, own, record(head('["applied",""]'), key=told)) == set()
    assert digest_of(store, Subscription(own, own)).rows == 1


def steps(store: Store, work: Callable[[], object]) -> int:
    """How much the database does for `work`, in hundreds of its own small steps."""
    done = [0]

    def step() -> int:
        done[0] += 1
        return 0

    store.db.set_progress_handler(step, 100)
    work()
    store.db.set_progress_handler(None, 0)
    return done[0]


def test_what_is_parked_costs_what_comes_and_not_what_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody pastes into a closed period: all of it is told of in one transaction, behind which a person types."""

    read: list[bytes] = []
    decode = receipts._results

    def reading(results: bytes) -> tuple[Result, ...]:
        read.append(results)
        return decode(results)

    monkeypatch.setattr(receipts, "_results", reading)

    def work(count: int) -> tuple[int, int, int]:
        store = open_store(tmp_path / str(count))
        store.record_changes([(cell(n), str(n)) for n in range(count)], "An", AT)
        push, own = outbox(store), stream_of_device(store.device)
        results = [Result(n, Outcome.PARKED, PERIOD_CLOSED) for n in range(1, count + 1)]
        told = [Key(RECEIPT, own, version(store.device, n).branch, part=str(n)) for n in range(1, count + 1)]
        records = [record(head('["parked","period_closed"]'), key=key) for key in told]
        with_receipts = steps(store, lambda: take_receipts(store, push, answer(store, push, results)))
        with_page = steps(store, lambda: put(store, own, *records))
        to_take_back = steps(store, lambda: withdraw(store, [cell(n) for n in range(count)], "An", AT))
        rows = store.db.execute("SELECT DISTINCT reason FROM change WHERE kind = ?", (VALUE,)).fetchall()
        put(store, own, *records)
        assert rows == store.db.execute("SELECT DISTINCT reason FROM change WHERE kind = ?", (VALUE,)).fetchall()
        assert rows == [(WITHDRAWN,)]
        store.close()
        return with_receipts, with_page, to_take_back

    few, many = work(50), work(200)
    assert not read, "a receipt speaks of all that came with it"
    assert all(more < 6 * less for less, more in zip(few, many, strict=True)), (few, many)


def test_whether_a_stream_is_empty_is_found_without_reading_the_base(store: Store) -> None:
    """A page of the device's own stream comes with every parked change, and the base may be large."""
    statements: list[str] = []
    store.db.set_trace_callback(statements.append)
    put(store, stream_of_device(store.device))
    store.db.set_trace_callback(None)
    selects = [statement for statement in statements if statement.startswith("SELECT")]
    plans = [row[3] for each in selects for row in store.db.execute(f"EXPLAIN QUERY PLAN {each}")]
    assert plans
    assert not [step for step in plans if step.startswith("SCAN")]


def test_a_stream_of_which_everything_was_lost_is_not_taken_for_an_empty_one(store: Store) -> None:
    put(store, COMMUNE, record(head("7")))
    take_away(store, COMMUNE, CELL)
    put(store, COMMUNE, record(head("8", THIRD)), keeping=True)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, [rival.content for rival in found.rivals]) == ("7", ["8"])
