"""Pages into the base, with a cursor that never runs ahead, and what was typed here in front of them until the end."""

from pathlib import Path

import pytest

from sync.domain.heads import Outcome
from sync.domain.keys import RECEIPT, VALUE, Key, stream_of_device
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import START, Cursor, Head, Heal, Origin, Page, Record, Result, Subscription, Verdict
from sync.store import CellState, Shown, Store, receiving
from sync.store.base import digest_of
from sync.store.healing import checks, is_in_doubt, take_heals
from sync.store.receiving import confirm, cursors, take_page, take_silence
from sync.store.scope import take_scope
from sync.store.sending import outbox, take_receipts
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    OF_COMMUNE,
    OTHER,
    QUARTER,
    THIRD,
    VILLAGE,
    cell,
    forgot,
    head,
    open_store,
    page,
    pull,
    push_all,
    record,
    sync,
    take,
    version,
    write,
)

BROADCASTS = Subscription("*", "*")


def content(store: Store, key: Key = CELL) -> str | None:
    found = store.shown(key)
    return found.content if found else None


def open_changes(store: Store) -> int:
    (count,) = store.db.execute("SELECT count(*) FROM change WHERE open").fetchone()
    return int(count)


def test_a_page_is_shown_and_its_cursor_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert cursors(store) == {}
    rows = [record(head("7"), head("8", THIRD), prev=[version(OTHER, 9)]), record(head('"chữ"'), key=cell(2))]
    assert take(store, page(*rows, seq=5)).keys == {CELL, cell(2)}
    store.close()
    store = open_store(tmp_path)
    assert cursors(store) == {OF_COMMUNE: Cursor(5, "t5")}
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.author) == ("7", CellState.RECEIVED, "Bình")
    assert [(rival.content, rival.versions) for rival in found.rivals] == [("8", (version(THIRD, 1),))]
    assert content(store, cell(2)) == '"chữ"'
    store.close()


def test_a_later_record_replaces_the_earlier_whole(store: Store) -> None:
    pull(store, record(head("7"), head("8", THIRD)))
    pull(store, record(head("9", THIRD, 2)), seq=2)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.rivals) == ("9", ())
    assert store.undecided() == {}


def test_the_same_page_again_changes_nothing(store: Store) -> None:
    rows = [record(head(str(n)), key=cell(n)) for n in range(20)]
    pull(store, *rows)
    before = store.select(VALUE, COMMUNE)
    pull(store, *rows)
    assert store.select(VALUE, COMMUNE) == before


def test_an_empty_page_moves_the_cursor_and_takes_nothing_away(store: Store) -> None:
    pull(store, record(head("7")))
    assert not take(store, page(seq=9))
    assert cursors(store) == {OF_COMMUNE: Cursor(9, "t9")}
    assert content(store) == "7"


def test_streams_have_cursors_of_their_own(store: Store) -> None:
    take(store, page(seq=3))
    take(store, page(seq=8, subscription=BROADCASTS))
    assert cursors(store) == {OF_COMMUNE: Cursor(3, "t3"), BROADCASTS: Cursor(8, "t8")}


def test_a_page_longer_than_a_transaction_is_taken_whole(store: Store) -> None:
    rows = [record(head(str(n)), key=Key(VALUE, VILLAGE, f"i{n}", QUARTER)) for n in range(receiving.MAX_ROWS * 2 + 1)]
    assert len(take(store, page(*rows)).keys) == len(rows)
    assert len(store.cells(VALUE, VILLAGE)) == len(rows)


def test_a_crash_between_two_transactions_of_a_page_leaves_the_cursor_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MAX_ROWS", 10)
    store = open_store(tmp_path)
    take(store, page(seq=1))
    rows = [record(head(str(n)), key=cell(n)) for n in range(30)]
    without_heads = Record(cell(15), ())
    with pytest.raises(IndexError):
        take(store, page(*rows[:15], without_heads, *rows[16:], seq=2))
    store.close()
    store = open_store(tmp_path)
    assert cursors(store) == {OF_COMMUNE: Cursor(1, "t1")}
    assert set(store.cells(VALUE, VILLAGE)) == {cell(n) for n in range(10)}
    take(store, page(*rows, seq=2))
    assert cursors(store) == {OF_COMMUNE: Cursor(2, "t2")}
    assert {key: found.content for key, found in store.cells(VALUE, VILLAGE).items()} == {
        cell(n): str(n) for n in range(30)
    }
    store.close()


def test_pull_never_touches_what_waits(store: Store) -> None:
    write(store, "1")
    before = outbox(store)
    pull(store, record(head("7")))
    assert outbox(store) == before
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state) == ("1", CellState.SAVED)
    assert [rival.content for rival in found.rivals] == ["7"]


def test_what_was_received_stays_in_front_until_its_stream_ends(store: Store) -> None:
    write(store, "1")
    push_all(store)
    take(store, page(record(head("0")), seq=1, more=True))
    assert not confirm(store)
    assert content(store) == "1"
    take(store, page(record(head("7")), seq=2))
    assert confirm(store).keys == {CELL}
    assert content(store) == "7"
    assert open_changes(store) == 0


def test_another_streams_end_does_not_confirm_this_one(store: Store) -> None:
    province = Key(VALUE, "48", "ct", QUARTER)
    store.record_changes([(CELL, "1"), (province, "2")], "An", AT)
    push_all(store)
    take(store, page(record(head("1", store.device, 1)), more=True))
    take(store, page(record(head("2", store.device, 2), key=province), subscription=Subscription("48", "48")))
    assert confirm(store).keys == {province}
    take(store, page(seq=2))
    assert confirm(store).keys == {CELL}


def test_what_was_typed_during_the_pull_survives_it(store: Store) -> None:
    write(store, "1")
    push_all(store)
    write(store, "2")
    pull(store, record(head("1", store.device, 1)))
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.rivals) == ("2", CellState.SAVED, ())
    assert [change.content for change in outbox(store).changes] == ["2"]


def test_confirmed_changes_stay_in_the_log(store: Store) -> None:
    write(store, "1")
    sync(store, record(head("7")))
    assert content(store) == "7"
    assert [entry.content for entry in store.history(CELL)] == ["1", "7"]
    assert open_changes(store) == 0


def test_a_parked_change_stays_open_until_a_later_one_is_confirmed(store: Store) -> None:
    write(store, "1")
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    pull(store, record(head("7")))
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.reason) == ("7", CellState.PARKED, "period_closed")
    write(store, "2")
    assert open_changes(store) == 2
    push_all(store)
    assert open_changes(store) == 2
    pull(store, record(head("2", store.device, 2)), seq=2)
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.reason) == ("2", CellState.RECEIVED, "")
    assert open_changes(store) == 0


def test_of_two_parked_changes_both_stay_open_until_one_took_effect(store: Store) -> None:
    """What the first had seen must not become a rival of what is typed over the second."""
    pull(store, record(head("7")))
    write(store, "1")
    write(store, "2")
    push_all(store, *(Result(n, Outcome.PARKED, "period_closed") for n in (1, 2)))
    pull(store, seq=2)
    assert open_changes(store) == 2
    assert [(entry.content, entry.state) for entry in store.history(CELL)] == [
        ("2", CellState.PARKED),
        ("1", CellState.PARKED),
        ("7", CellState.RECEIVED),
    ]
    assert (shown(store).content, shown(store).state) == ("7", CellState.PARKED)
    write(store, "3")
    assert (shown(store).content, shown(store).rivals) == ("3", ())
    push_all(store)
    pull(store, record(head("3", store.device, 3)), seq=3)
    assert open_changes(store) == 0


def test_a_parked_change_of_one_cell_does_not_hold_up_another(store: Store) -> None:
    store.record_changes([(CELL, "1"), (cell(2), "2")], "An", AT)
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    take(store, page(record(head("2", store.device, 2), key=cell(2))))
    assert confirm(store).keys == {cell(2)}


def test_what_the_base_does_not_hold_stays_in_front(store: Store) -> None:
    """Otherwise the cell would show nothing, although everything was received."""
    write(store, "1")
    push_all(store)
    pull(store)
    assert content(store) == "1"
    pull(store, record(head("7")), seq=2)
    assert content(store) == "7"


def test_what_a_restored_centre_lost_again_stays_in_front(store: Store) -> None:
    pull(store, record(head("0")))
    write(store, "1")
    push_all(store)
    take_receipts(store, outbox(store), forgot())
    pull(store, record(head("0")), seq=2)
    assert content(store) == "1"
    push_all(store)
    pull(store, record(head("1", store.device, 1)), seq=3)
    assert content(store) == "1"
    assert open_changes(store) == 0


def test_confirming_looks_through_open_changes_and_not_through_the_log(store: Store) -> None:
    statements: list[str] = []
    store.db.set_trace_callback(statements.append)
    confirm(store)
    store.db.set_trace_callback(None)
    (looked,) = [statement for statement in statements if statement.startswith("SELECT n,")]
    plan = " | ".join(row[3] for row in store.db.execute(f"EXPLAIN QUERY PLAN {looked}"))
    assert "change USING INDEX change_open" in plan
    assert "PRIMARY KEY (rowid" not in plan
    assert not [statement for statement in statements if statement.startswith("BEGIN IMMEDIATE")], "typing waits"


def test_many_changes_give_way_in_several_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MAX_ROWS", 10)
    keys = [cell(n) for n in range(25)]
    store.record_changes([(key, "1") for key in keys], "An", AT)
    push_all(store)
    take(store, page(*(record(head("1", store.device, n), key=key) for n, key in enumerate(keys, 1))))
    statements: list[str] = []
    store.db.set_trace_callback(statements.append)
    assert confirm(store).keys == set(keys)
    store.db.set_trace_callback(None)
    assert statements.count("COMMIT") == 3
    assert open_changes(store) == 0


def test_confirming_when_nothing_is_open_changes_nothing(store: Store) -> None:
    assert not confirm(store)
    write(store, "1")
    assert not confirm(store)
    assert content(store) == "1"


def test_times_of_any_clock_are_kept(store: Store) -> None:
    for at in (-(2**53), 2**53):
        pull(store, record(Head(version(OTHER, 1), "7", "Bình", at, at)))
        found = store.shown(CELL)
        assert found is not None
        assert found.content == "7"


# A reading that is broken off


def crash_in(store: Store, found: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power goes behind the first transaction of a page."""
    monkeypatch.setattr(receiving, "MAX_ROWS", 1)
    with pytest.raises(IndexError):
        take(store, page(*found.records, Record(cell(99), ()), seq=found.cursor.seq))


def test_what_a_crash_leaves_of_a_page_is_ahead_of_its_cursor_and_in_doubt(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(store, record(head("7")))
    rows = [record(head("8", THIRD), prev=[version(OTHER, 1)]), record(head("9"), key=cell(2))]
    crash_in(store, page(*rows, seq=2), monkeypatch)
    assert is_in_doubt(store, OF_COMMUNE)
    # The page again, and what it says of the whole, end it.
    take(store, page(*rows, seq=2, digest=proof(*rows)))
    assert not is_in_doubt(store, OF_COMMUNE)
    assert (content(store), shown(store).rivals) == ("8", ())


def test_what_a_crash_left_of_a_page_is_kept_when_the_centre_is_restored_to_before_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(store, record(head("7")))
    crash_in(store, page(record(head("8", THIRD), prev=[version(OTHER, 1)]), seq=2), monkeypatch)
    take(store, page(record(head("6", OTHER, 2), prev=[version(OTHER, 1)]), seq=2))
    assert {content(store), *(rival.content for rival in shown(store).rivals)} == {"8", "6"}


def test_a_page_of_several_transactions_is_no_longer_in_doubt_behind_its_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MAX_ROWS", 1)
    rows = [record(head("7")), record(head("8"), key=cell(2))]
    take(store, page(*rows, more=True))
    assert not is_in_doubt(store, OF_COMMUNE)
    take(store, page(record(head("9"), key=cell(3)), seq=2, origin=Origin.UNKNOWN, digest=b"not the same"))
    take(store, page(record(head("1"), key=cell(4)), record(head("2"), key=cell(5)), seq=3, more=True))
    assert is_in_doubt(store, OF_COMMUNE)


def test_a_reading_from_the_start_gives_nothing_up_until_it_is_proven(store: Store) -> None:
    """A unit that was granted again, of a centre that was restored since: what it lost stands in the base."""
    take_scope(store, [COMMUNE])
    pull(store, record(head("7", OTHER, 2), prev=[version(OTHER, 1)]), record(head("9"), key=cell(2)), seq=9)
    store.db.execute("DELETE FROM cursor")
    take(store, page(record(head("9"), key=cell(2)), origin=Origin.START, more=True))
    old = [record(head("6", THIRD)), record(head("9"), key=cell(2))]
    take(store, page(old[0], seq=2, digest=proof(*old)))
    assert (content(store), [rival.content for rival in shown(store).rivals]) == ("7", ["6"])
    assert not is_in_doubt(store, OF_COMMUNE)


def test_a_first_reading_is_not_in_doubt(store: Store) -> None:
    take(store, page(record(head("7")), origin=Origin.START, more=True))
    take(store, page(record(head("8", THIRD)), seq=2, more=True))
    assert not is_in_doubt(store, OF_COMMUNE)
    assert (content(store), shown(store).rivals) == ("8", ())


def test_silence_where_more_was_promised_is_doubt(store: Store) -> None:
    """A centre restored to where the rest of the reading stands in front of the cursor has nothing more to say."""
    take(store, page(record(head("7")), more=True))
    sent = cursors(store)
    take_silence(store, [page(seq=2)], sent)
    assert not is_in_doubt(store, OF_COMMUNE)
    take_silence(store, [], {OF_COMMUNE: START})
    assert not is_in_doubt(store, OF_COMMUNE)
    take_silence(store, [], sent)
    assert is_in_doubt(store, OF_COMMUNE)
    assert cursors(store) == sent


def test_silence_behind_the_end_says_that_there_is_no_more(store: Store) -> None:
    pull(store, record(head("7")))
    take_silence(store, [], cursors(store))
    assert not is_in_doubt(store, OF_COMMUNE)


# Pages made for another place, and proofs


def proof(*records: Record) -> bytes:
    """What a centre that holds exactly these records says of them."""
    total = Digest()
    for each in records:
        total = total.with_row(row_hash(each.key, heads_bytes(each.heads), versions_bytes(each.prev)))
    return total.brief()


def test_a_page_for_another_place_of_the_stream_changes_nothing(store: Store) -> None:
    """The request was made before another answer moved the cursor, or before the scope changed."""
    late = page(record(head("old")), seq=1)
    pull(store, record(head("7")), seq=5)
    for sent in ({}, {OF_COMMUNE: START}, {OF_COMMUNE: Cursor(5, "another")}):
        assert not take_page(store, late, sent)
    assert (content(store), cursors(store)) == ("7", {OF_COMMUNE: Cursor(5, "t5")})


def test_a_page_for_a_unit_that_left_the_scope_meanwhile_changes_nothing(store: Store) -> None:
    take_scope(store, [COMMUNE])
    pull(store, record(head("7")))
    sent = cursors(store)
    take_scope(store, [])
    assert not take_page(store, page(record(head("8")), seq=2), sent)
    assert content(store) is None
    assert cursors(store) == {}


def test_a_page_that_proves_itself_leaves_no_doubt(store: Store) -> None:
    rows = [record(head("7")), record(head("8"), head("9", THIRD), key=cell(2), prev=[version(OTHER, 9)])]
    take(store, page(*rows, digest=proof(*rows)))
    assert not is_in_doubt(store, OF_COMMUNE)


def test_a_page_that_does_not_prove_itself_puts_the_subscription_in_doubt(store: Store) -> None:
    rows = [record(head("7")), record(head("8"), key=cell(2))]
    take(store, page(rows[0], digest=proof(*rows)))
    assert is_in_doubt(store, OF_COMMUNE)
    assert not is_in_doubt(store, BROADCASTS)


def test_what_was_received_waits_in_front_while_its_stream_is_in_doubt(store: Store) -> None:
    """The base is known not to be the centre's: nothing may give way to it yet."""
    write(store, "1")
    push_all(store)
    take(store, page(record(head("0")), digest=proof(record(head("5")))))
    assert not confirm(store)
    assert content(store) == "1"


def test_an_unknown_cursor_takes_the_new_one_and_takes_nothing_away(store: Store) -> None:
    pull(store, record(head("7")), seq=9)
    take(store, page(seq=3, origin=Origin.UNKNOWN, digest=proof()))
    assert cursors(store) == {OF_COMMUNE: Cursor(3, "t3")}
    assert is_in_doubt(store, OF_COMMUNE)
    assert content(store) == "7"


def test_a_page_in_doubt_keeps_what_it_displaces_without_having_replaced_it(store: Store) -> None:
    pull(store, record(head("7", OTHER, 2), prev=[version(OTHER, 1)]), seq=9)
    take(store, page(seq=3, origin=Origin.UNKNOWN, digest=b"not the same"))
    take(store, page(record(head("6", OTHER, 1)), seq=4))
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.rivals) == ("7", CellState.SENT, ())
    # A later page of the same centre, which has replaced it, is believed.
    take(store, page(record(head("8", OTHER, 3), prev=[version(OTHER, 2)]), seq=5))
    assert content(store) == "8"


def test_a_decision_over_what_was_lost_ends_it_when_it_is_confirmed(store: Store) -> None:
    pull(store, record(head("7", OTHER, 2)), seq=9)
    take(store, page(seq=3, origin=Origin.UNKNOWN, digest=b"not the same"))
    take(store, page(record(head("6", THIRD, 1)), seq=4))
    assert [rival.content for rival in shown(store).rivals] == ["6"]
    store.record_changes([(CELL, "10")], "An", AT, {CELL: shown(store).rivals})
    push_all(store)
    take(store, page(record(head("10", store.device, 1), prev=[version(THIRD, 1), version(OTHER, 2)]), seq=5))
    store.db.execute("DELETE FROM doubt")
    confirm(store)
    assert (content(store), shown(store).rivals) == ("10", ())


def test_the_later_outcome_of_a_parked_change_comes_in_the_devices_own_stream(store: Store) -> None:
    write(store, "1")
    push_all(store, Result(1, Outcome.PARKED, "unknown_unit"))
    pull(store)
    own = stream_of_device(store.device)
    told = Key(RECEIPT, own, version(store.device, 1).branch, part="1")
    word = page(record(head('["applied",""]'), key=told), subscription=Subscription(own, own))
    assert take(store, word).keys == {CELL}
    assert (shown(store).content, shown(store).state) == ("1", CellState.RECEIVED)
    pull(store, record(head("1", store.device, 1)), seq=2)
    assert open_changes(store) == 0


def test_what_was_said_of_a_change_is_forgotten_with_it_when_the_centre_has_lost_both(store: Store) -> None:
    """It takes effect by the replay, and a centre that is restored again says the same of it as the first one."""
    write(store, "1")
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    own = Subscription(stream_of_device(store.device), stream_of_device(store.device))
    word = record(
        head('["parked","period_closed"]'), key=Key(RECEIPT, own.root, version(store.device, 1).branch, part="1")
    )
    take(store, page(word, subscription=own))
    take_receipts(store, outbox(store), forgot())
    push_all(store)
    assert (shown(store).content, shown(store).state) == ("1", CellState.RECEIVED)
    (check,) = checks(store)
    assert (check.subscription, check.rows) == (own, 0)
    assert take_heals(store, [check], [Heal(0, Verdict.HEALED, [word])]).keys >= {word.key}
    assert (shown(store).state, shown(store).reason) == (CellState.PARKED, "period_closed")


def test_what_was_parked_after_all_does_not_come_before_what_was_typed_over_it(store: Store) -> None:
    """A restored centre gets them back one by one, and for a while knows the first alone."""
    write(store, "1")
    write(store, "2")
    sync(store, record(head("2", store.device, 2), prev=[version(store.device, 1)]))
    own = stream_of_device(store.device)
    told = Key(RECEIPT, own, version(store.device, 1).branch, part="1")
    for seq, word in enumerate(('["parked","approved"]', '["applied",""]'), 1):
        take(store, page(record(head(word), key=told), seq=seq, subscription=Subscription(own, own)))
        assert (shown(store).content, shown(store).state, shown(store).reason) == ("2", CellState.RECEIVED, "")


@pytest.mark.parametrize(
    ("kind", "content"), [(RECEIPT, '["withdrawn",""]'), (RECEIPT, '["applied"]'), ("notice", '"later"')]
)
def test_what_a_newer_centre_says_in_the_devices_own_stream_is_kept(store: Store, kind: str, content: str) -> None:
    write(store, "7")
    push_all(store, Result(1, Outcome.PARKED, "unknown_unit"))
    own = stream_of_device(store.device)
    said = Key(kind, own, version(store.device, 1).branch, part="1")
    take(store, page(record(head(content), key=said), subscription=Subscription(own, own)))
    assert [cell.reason for cell in store.undecided().values()] == ["unknown_unit"]
    assert digest_of(store, Subscription(own, own)).rows == 1


def test_the_outcome_of_another_branch_of_this_device_changes_nothing(store: Store) -> None:
    """A folder put back from a copy has other changes under the same numbers."""
    write(store, "1")
    push_all(store, Result(1, Outcome.PARKED, "unknown_unit"))
    own = stream_of_device(store.device)
    told = Key(RECEIPT, own, store.device + "0c0ffee0", part="1")
    assert not take(store, page(record(head('["applied",""]'), key=told), subscription=Subscription(own, own)))
    assert shown(store).state is CellState.PARKED


def shown(store: Store, key: Key = CELL) -> Shown:
    found = store.shown(key)
    assert found is not None
    return found
