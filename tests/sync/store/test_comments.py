"""Threads of comments as a store shows them: in typed order, without what was withdrawn, each where its cell is."""

from datetime import UTC, datetime

from sync.domain.comments import content_of, key_of
from sync.domain.keys import COMMENT, VALUE, Key
from sync.domain.values import CLEARED
from sync.store import CellState, Store
from sync.store.comments import counts, thread
from tests.desktop.sampled import enrol, push, receive

AT = datetime(2026, 11, 21, tzinfo=UTC)
UNIT = "48.20308.001"
CELL = Key(VALUE, UNIT, "ct01", "A2026Q2")
IDS = [f"019324c1-5a00-7000-8000-00000000020{number}" for number in range(4)]


def say(store: Store, text: str, on: Key = CELL, number: int = 0) -> Key:
    key = key_of(on, IDS[number])
    store.record_changes([(key, content_of(text))], "An", AT)
    return key


def texts(store: Store, on: Key = CELL) -> list[str]:
    return [comment.text for comment in thread(store, on)]


def test_a_thread_is_in_typed_order_whatever_arrives_when(store: Store) -> None:
    say(store, "thứ ba", number=2)
    receive(store, [(key_of(CELL, IDS[1]), [content_of("thứ hai")])], stream="48.20308")
    say(store, "thứ nhất")
    assert texts(store) == ["thứ nhất", "thứ hai", "thứ ba"]
    assert [comment.cell.author for comment in thread(store, CELL)] == ["An", "Thôn trưởng", "An"]


def test_each_cell_and_breakdown_has_a_thread_of_its_own(store: Store) -> None:
    female, other, form = (
        CELL._replace(part="female"),
        CELL._replace(item="ct02"),
        CELL._replace(item="village_quarter"),
    )
    for number, on in enumerate((CELL, female, other, form)):
        say(store, f"{number}", on, number)
    assert [texts(store, on) for on in (CELL, female, other, form)] == [["0"], ["1"], ["2"], ["3"]]
    assert counts(store, [UNIT], ["A2026Q2"]) == {CELL: 1, female: 1, other: 1, form: 1}
    assert not counts(store, [UNIT], ["A2026Q1"])
    assert not counts(store, ["48.20308.002"], ["A2026Q2"])


def test_what_is_withdrawn_or_written_by_a_newer_version_is_left_out(store: Store) -> None:
    key = say(store, "rút lại")
    say(store, "ở lại", number=1)
    store.record_changes([(key, CLEARED)], "An", AT)
    newer = [(key_of(CELL, IDS[2]), ['{"text":"mới","to":"x"}']), (Key(COMMENT, UNIT, "ct01", "A2026Q2", "?"), ['"a"'])]
    receive(store, newer, stream="48.20308")
    assert texts(store) == ["ở lại"]
    assert counts(store, [UNIT], ["A2026Q2"]) == {CELL: 1}


def test_a_parked_comment_is_still_shown_with_its_state(store: Store) -> None:
    enrol(store)
    say(store, "Vì sao?")
    assert thread(store, CELL)[0].cell.state is CellState.SAVED
    push(store, parked="not_your_unit")
    (comment,) = thread(store, CELL)
    assert (comment.text, comment.cell.state, comment.cell.reason) == ("Vì sao?", CellState.PARKED, "not_your_unit")
    assert counts(store, [UNIT], ["A2026Q2"]) == {CELL: 1}


def test_a_withdrawal_that_is_parked_leaves_the_comment(store: Store) -> None:
    enrol(store)
    key = say(store, "Vì sao?")
    push(store)
    store.record_changes([(key, CLEARED)], "An", AT)
    assert texts(store) == []
    push(store, parked="not_your_unit")
    (comment,) = thread(store, CELL)
    assert (comment.text, comment.cell.state, comment.cell.reason) == ("Vì sao?", CellState.PARKED, "not_your_unit")
    assert counts(store, [UNIT], ["A2026Q2"]) == {CELL: 1}
