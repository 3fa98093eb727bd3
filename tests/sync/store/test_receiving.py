"""Pages into the base, with a cursor that never runs ahead, and what was typed here in front of them until the end."""

from pathlib import Path

import pytest

from sync.domain.heads import Outcome
from sync.domain.keys import VALUE, Key
from sync.protocol import chain
from sync.protocol.messages import Cursor, Head, Page, Record, Result, SyncAnswer, Version
from sync.store import CellState, Store, receiving
from sync.store.receiving import confirm, cursors, take_page
from sync.store.sending import outbox, take_receipts
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    NOON,
    OTHER,
    QUARTER,
    SECRET,
    THIRD,
    VILLAGE,
    cell,
    head,
    page,
    pull,
    push_all,
    record,
    sync,
    write,
)

EVERY_STREAM_ENDED = frozenset[str]()
UNFINISHED = frozenset({COMMUNE})


def content(store: Store, key: Key = CELL) -> str | None:
    found = store.shown(key)
    return found.content if found else None


def open_changes(store: Store) -> int:
    (count,) = store.db.execute("SELECT count(*) FROM change WHERE open").fetchone()
    return int(count)


def test_a_page_is_shown_and_its_cursor_kept(tmp_path: Path) -> None:
    store = Store.open(tmp_path, SECRET)
    assert cursors(store) == {}
    rows = [record(head("7"), head("8", THIRD), prev=[Version(OTHER, 9)]), record(head('"chữ"'), key=cell(2))]
    assert take_page(store, page(*rows, seq=5)).keys == {CELL, cell(2)}
    store.close()
    store = Store.open(tmp_path, SECRET)
    assert cursors(store) == {COMMUNE: Cursor(5, "t5")}
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.author) == ("7", CellState.RECEIVED, "Bình")
    assert [(rival.content, rival.device) for rival in found.rivals] == [("8", THIRD)]
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
    assert not take_page(store, page(seq=9))
    assert cursors(store) == {COMMUNE: Cursor(9, "t9")}
    assert content(store) == "7"


def test_streams_have_cursors_of_their_own(store: Store) -> None:
    take_page(store, page(seq=3))
    take_page(store, Page("*", [], Cursor(8, "b"), False))
    assert cursors(store) == {COMMUNE: Cursor(3, "t3"), "*": Cursor(8, "b")}


def test_a_page_longer_than_a_transaction_is_taken_whole(store: Store) -> None:
    rows = [record(head(str(n)), key=Key(VALUE, VILLAGE, f"i{n}", QUARTER)) for n in range(receiving.MAX_ROWS * 2 + 1)]
    assert len(take_page(store, page(*rows)).keys) == len(rows)
    assert len(store.cells(VALUE, VILLAGE)) == len(rows)


def test_a_crash_between_two_transactions_of_a_page_leaves_the_cursor_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MAX_ROWS", 10)
    store = Store.open(tmp_path, SECRET)
    take_page(store, page(seq=1))
    rows = [record(head(str(n)), key=cell(n)) for n in range(30)]
    without_heads = Record(cell(15), ())
    with pytest.raises(IndexError):
        take_page(store, page(*rows[:15], without_heads, *rows[16:], seq=2))
    store.close()
    store = Store.open(tmp_path, SECRET)
    assert cursors(store) == {COMMUNE: Cursor(1, "t1")}
    assert set(store.cells(VALUE, VILLAGE)) == {cell(n) for n in range(10)}
    take_page(store, page(*rows, seq=2))
    assert cursors(store) == {COMMUNE: Cursor(2, "t2")}
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
    take_page(store, page(record(head("0")), seq=1, more=True))
    assert not confirm(store, UNFINISHED)
    assert content(store) == "1"
    take_page(store, page(record(head("7")), seq=2))
    assert confirm(store, EVERY_STREAM_ENDED).keys == {CELL}
    assert content(store) == "7"
    assert open_changes(store) == 0


def test_another_streams_end_does_not_confirm_this_one(store: Store) -> None:
    province = Key(VALUE, "48", "ct", QUARTER)
    store.record_changes([(CELL, "1"), (province, "2")], "An", AT)
    push_all(store)
    take_page(store, page(record(head("1", store.device, 1)), record(head("2", store.device, 2), key=province)))
    assert confirm(store, UNFINISHED).keys == {province}
    assert confirm(store, frozenset({"48"})).keys == {CELL}


def test_what_was_typed_during_the_pull_survives_it(store: Store) -> None:
    write(store, "1")
    push_all(store)
    write(store, "2")
    pull(store, record(head("1", store.device, 1)))
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.rivals) == ("2", CellState.SAVED, ())
    push = outbox(store)
    assert push is not None
    assert [change.content for change in push.changes] == ["2"]


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


def test_of_two_parked_changes_the_last_stays_open(store: Store) -> None:
    write(store, "1")
    write(store, "2")
    push_all(store, *(Result(n, Outcome.PARKED, "period_closed") for n in (1, 2)))
    pull(store)
    assert open_changes(store) == 1
    assert [(entry.content, entry.state) for entry in store.history(CELL)] == [
        ("2", CellState.PARKED),
        ("1", CellState.PARKED),
    ]
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state) == ("null", CellState.PARKED)


def test_a_parked_change_of_one_cell_does_not_hold_up_another(store: Store) -> None:
    store.record_changes([(CELL, "1"), (cell(2), "2")], "An", AT)
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    take_page(store, page(record(head("2", store.device, 2), key=cell(2))))
    assert confirm(store, EVERY_STREAM_ENDED).keys == {cell(2)}


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
    take_receipts(store, None, SyncAnswer(NOON, 0, chain.root(store.device), [], []))
    pull(store, record(head("0")), seq=2)
    assert content(store) == "1"
    push_all(store)
    pull(store, record(head("1", store.device, 1)), seq=3)
    assert content(store) == "1"
    assert open_changes(store) == 0


def test_confirming_looks_through_open_changes_and_not_through_the_log(store: Store) -> None:
    statements: list[str] = []
    store.db.set_trace_callback(statements.append)
    confirm(store, UNFINISHED)
    store.db.set_trace_callback(None)
    (update,) = [statement for statement in statements if statement.startswith("UPDATE")]
    plan = " | ".join(row[3] for row in store.db.execute(f"EXPLAIN QUERY PLAN {update}"))
    assert "change USING INDEX change_open" in plan
    assert "PRIMARY KEY (rowid" not in plan


def test_confirming_when_nothing_is_open_changes_nothing(store: Store) -> None:
    assert not confirm(store, EVERY_STREAM_ENDED)
    write(store, "1")
    assert not confirm(store, EVERY_STREAM_ENDED)
    assert content(store) == "1"


def test_many_unfinished_streams_are_no_trouble(store: Store) -> None:
    write(store, "1")
    push_all(store)
    take_page(store, page(record(head("1", store.device, 1))))
    assert confirm(store, frozenset(f"48.{number:05}" for number in range(5_000))).keys == {CELL}


def test_times_of_any_clock_are_kept(store: Store) -> None:
    for at in (-(2**53), 2**53):
        pull(store, record(Head(Version(OTHER, 1), "7", "Bình", at, at)))
        found = store.shown(CELL)
        assert found is not None
        assert found.content == "7"
