"""Typing into the store and reading from it: durable, atomic, in one chain, with what the person had seen."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NoReturn

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.keys import OWN_UNIT, PROGRESS, TASK, UNIT, VALUE, Key
from sync.domain.values import ContentError
from sync.protocol import chain
from sync.protocol.messages import MAX_CONTENT, MAX_NAME, Result, Version
from sync.store import CellState, Enrolment, Shown, Store
from sync.store.sending import outbox
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
    link_at,
    open_store,
    pull,
    push_all,
    record,
    sync,
    version,
    write,
)

ROOT = Path(__file__).parents[3]


def seen(store: Store) -> tuple[Version, ...]:
    """What the newest change says that its author had seen."""
    return outbox(store).changes[-1].seen


def mine(store: Store, n: int) -> Version:
    return version(store.device, n)


def shown(store: Store, key: Key = CELL) -> tuple[str, CellState]:
    found = store.shown(key)
    assert found is not None
    return found.content, found.state


# Typing


def test_what_was_typed_is_there_after_reopening(tmp_path: Path) -> None:
    store = Store.open(tmp_path, SECRET)
    changes = store.record_changes([(CELL, "434"), (cell(2), '"Thôn An Lợi"')], "Nguyễn Văn An", AT)
    device, seed = store.device, store.signing_seed()
    store.close()
    again = Store.open(tmp_path, SECRET)
    assert changes.keys == {CELL, cell(2)}
    assert (again.device, again.signing_seed()) == (device, seed)
    found = again.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.author, found.typed_at) == ("434", CellState.SAVED, "Nguyễn Văn An", AT)
    assert (found.received_at, found.rivals, found.reason) == (None, (), "")
    assert shown(again, cell(2)) == ('"Thôn An Lợi"', CellState.SAVED)
    assert again.waiting() == 2
    again.close()


def test_a_device_has_a_name_of_its_own_key(tmp_path: Path) -> None:
    stores = [Store.open(tmp_path / name, SECRET) for name in "ab"]
    assert len({store.device for store in stores}) == len({store.signing_seed() for store in stores}) == 2
    for store in stores:
        store.close()


def test_edits_are_kept_all_or_none(store: Store) -> None:
    with pytest.raises(ContentError):
        store.record_changes([(CELL, "1"), (cell(2), "2\0")], "An", AT)
    assert store.shown(CELL) is None
    assert store.waiting() == 0
    write(store, "5")
    assert [change.n for change in outbox(store).changes] == [1]


def test_a_fault_in_the_middle_keeps_nothing_and_the_chain_goes_on(store: Store) -> None:
    write(store, "1")
    store.db.execute("CREATE TEMP TRIGGER fail BEFORE INSERT ON change WHEN NEW.content = '3' BEGIN"
                     " SELECT RAISE(ABORT, 'database or disk is full'); END")  # fmt: skip
    with pytest.raises(EnvironmentFault) as caught:
        store.record_changes([(CELL, "2"), (cell(2), "3")], "An", AT)
    assert caught.value.code == "disk_full"
    assert not store.db.in_transaction
    assert shown(store) == ("1", CellState.SAVED)
    store.db.execute("DROP TRIGGER fail")
    store.record_changes([(CELL, "2"), (cell(2), "3")], "An", AT)
    push = outbox(store)
    assert [(change.n, change.content) for change in push.changes] == [(1, "1"), (2, "2"), (3, "3")]
    assert store.last_link() == chain.links(chain.root(store.device), push.changes)[-1]


@pytest.mark.parametrize(
    ("key", "content", "author"),
    [
        (CELL, '"' + "x" * MAX_CONTENT + '"', "An"),
        (CELL, "1", "A" * (MAX_NAME + 1)),
        (CELL._replace(item="x" * (MAX_NAME + 1)), "1", "An"),
        (CELL._replace(part="\0"), "1", "An"),
        (CELL, "1", "An\0"),
        (CELL, '"\ud800"', "An"),
        (CELL, "1", "An\udfff"),
    ],
)
def test_what_no_message_can_carry_never_enters_the_queue(store: Store, key: Key, content: str, author: str) -> None:
    with pytest.raises(ContentError):
        store.record_changes([(CELL, "1"), (key, content)], author, AT)
    assert store.waiting() == 0


def test_saying_the_same_again_is_no_edit(store: Store) -> None:
    assert write(store, "5").keys == {CELL}
    assert not write(store, "5")
    assert not store.record_changes([], "An", AT)
    sync(store, record(head("5", store.device, 1)))
    assert not write(store, "5")
    assert store.waiting() == 0


def test_emptying_what_is_empty_is_no_edit_and_emptying_a_value_is(store: Store) -> None:
    assert not write(store, "null")
    write(store, "5")
    assert write(store, "null").keys == {CELL}
    assert shown(store) == ("null", CellState.SAVED)
    assert not write(store, "null")


def test_there_and_back_again_is_two_edits(store: Store) -> None:
    write(store, "5")
    store.record_changes([(CELL, "6"), (CELL, "5"), (CELL, "5")], "An", AT)
    assert [entry.content for entry in store.history(CELL)] == ["5", "6", "5"]


def test_saying_the_same_in_a_conflict_or_after_parking_is_an_edit(store: Store) -> None:
    pull(store, record(head("7"), head("8", THIRD)))
    assert write(store, "7").keys == {CELL}
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    assert write(store, "7").keys == {CELL}


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_a_clock_that_is_years_off_stops_nothing(store: Store, at: datetime) -> None:
    store.record_changes([(CELL, "5")], "An", at)
    assert shown(store) == ("5", CellState.SAVED)
    assert len(store.history(CELL)) == 1
    push_all(store)
    assert store.waiting() == 0


def test_numbers_and_letters_come_back_as_they_were(store: Store) -> None:
    contents = ["9007199254740993", "123456789012345678.9", '"Ộ\u0323 ắ 🌾"', '{"note":"dòng 1\\ndòng 2","number":1}']
    store.record_changes([(cell(n), content) for n, content in enumerate(contents)], "An", AT)
    assert [shown(store, cell(n))[0] for n in range(len(contents))] == contents


def test_a_large_paste_is_one_transaction(store: Store) -> None:
    store.record_changes([(cell(n), str(n)) for n in range(3_000)], "An", AT)
    assert len(store.cells(VALUE, VILLAGE, QUARTER)) == 3_000
    assert link_at(store, 2_000).hash == store.db.execute("SELECT hash FROM change WHERE n = 2000").fetchone()[0]


def test_what_is_made_of_what_is_shown_decides_over_its_rivals(store: Store) -> None:
    pull(store, record(head("7", OTHER, 4), head("8", THIRD, 1)))
    write(store, "5", cell(2))

    def made(cells: Mapping[Key, Shown]) -> list[tuple[Key, str]]:
        assert {key: one.content for key, one in cells.items()} == {CELL: "7", cell(2): "5"}
        return [(CELL, "9"), (cell(2), "5"), (cell(3), "1")]

    assert store.record_made([CELL, cell(2), cell(3)], made, "An", AT) == [CELL, cell(3)]
    first, second = outbox(store).changes[-2:]
    assert set(first.seen) == {version(OTHER, 4), version(THIRD, 1)}
    assert second.seen == ()
    cell_shown = store.shown(CELL)
    assert cell_shown is not None
    assert (cell_shown.content, cell_shown.rivals) == ("9", ())


def test_what_is_given_up_while_it_is_made_or_written_keeps_nothing(store: Store) -> None:
    class GivenUp(Exception):
        pass

    def give_up(_: object) -> NoReturn:
        raise GivenUp

    with pytest.raises(GivenUp):
        store.record_made([CELL], give_up, "An", AT)
    with pytest.raises(GivenUp):
        store.record_made([CELL], lambda _: [(CELL, "5")], "An", AT, give_up)
    assert not store.db.in_transaction
    assert store.waiting() == 0


KILLED = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from sync.domain.keys import VALUE, Key
from sync.store import Store
store = Store.open(Path(sys.argv[1]), bytes(range(32)))
for number in range(int(sys.argv[2]), 10_000):
    store.record_changes([(Key(VALUE, "48.20194.003", f"i{number}", "A2026Q2"), str(number)),
                          (Key(VALUE, "48.20194.004", f"i{number}", "A2026Q2"), str(number))], "An", datetime.now(UTC))
    print(number, flush=True)
"""


def test_everything_is_there_after_a_kill_at_any_point(tmp_path: Path) -> None:
    random = Random(7)
    kept = -1
    for _ in range(4):
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), str(kept + 1)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        for _ in range(random.randrange(1, 60)):
            kept = int(worker.stdout.readline())
        worker.kill()
        kept = max([kept, *map(int, worker.stdout.read().split())])
        worker.wait()
        worker.stdout.close()
        store = Store.open(tmp_path, SECRET)
        left, right = (store.cells(VALUE, f"48.20194.00{village}") for village in (3, 4))
        store.close()
        numbers = {int(found.content) for found in left.values()}
        assert numbers >= set(range(kept + 1))
        assert numbers == {int(found.content) for found in right.values()}
        assert len(numbers) <= kept + 2
        kept = len(numbers) - 1


# Reading


def test_cells_are_of_exactly_one_unit_and_select_is_of_all_below(store: Store) -> None:
    neighbour = "48.201945"
    for unit in ("48", "48.D01", COMMUNE, VILLAGE, "48.20194.010", neighbour, neighbour + ".003"):
        store.record_changes(
            [(Key(VALUE, unit, "ct", QUARTER), "1"), (Key(VALUE, unit, "ct", "A2026Q1"), "2")], "An", AT
        )
    pull(store, record(head("9"), key=Key(VALUE, "48.20194.011", "ct", QUARTER)))
    assert {key.period for key in store.cells(VALUE, COMMUNE)} == {QUARTER, "A2026Q1"}
    assert set(store.cells(VALUE, COMMUNE, QUARTER)) == {Key(VALUE, COMMUNE, "ct", QUARTER)}
    in_commune = {COMMUNE, VILLAGE, "48.20194.010", "48.20194.011"}
    assert {key.unit for key in store.select(VALUE, COMMUNE)} == in_commune
    assert {key.unit for key in store.select(VALUE, COMMUNE, QUARTER)} == in_commune
    assert {key.unit for key in store.select(VALUE, COMMUNE, "A2026Q1")} == in_commune - {"48.20194.011"}
    assert len({key.unit for key in store.select(VALUE, "48")}) == 8
    assert store.select(TASK, COMMUNE) == store.cells(TASK, COMMUNE) == store.select(VALUE, "48.99999", QUARTER) == {}


def test_select_shows_each_cell_as_shown_does(store: Store) -> None:
    pull(store, record(head("7"), head("8", THIRD)), record(head("1"), key=cell(2)))
    write(store, "9", cell(3))
    write(store, "2", cell(2))
    found = store.select(VALUE, COMMUNE, QUARTER)
    assert found == store.cells(VALUE, VILLAGE, QUARTER) == store.cells(VALUE, VILLAGE)
    assert found == {key: store.shown(key) for key in (CELL, cell(2), cell(3))}


def test_history_is_newest_first_and_then_what_others_typed(store: Store) -> None:
    write(store, "1", author="An")
    write(store, "2", author="Bảy")
    sync(store, record(head("2", store.device, 2), head("8", OTHER, 4)))
    write(store, "3", author="An")
    assert [(entry.content, entry.author, entry.state) for entry in store.history(CELL)] == [
        ("3", "An", CellState.SAVED),
        ("2", "Bảy", CellState.RECEIVED),
        ("1", "An", CellState.RECEIVED),
        ("8", "Bình", CellState.RECEIVED),
    ]
    assert store.history(cell(9)) == []


def test_undecided_are_conflicts_and_parked_changes(store: Store) -> None:
    write(store, "1", cell(3))
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    pull(store, record(head("7"), head("8", THIRD)), record(head("5"), head("5", THIRD), key=cell(2)))
    assert set(store.undecided()) == {CELL, cell(3)}


def test_the_last_receipt_is_the_centres_time(store: Store) -> None:
    assert store.last_receipt() is None
    write(store, "1")
    assert store.last_receipt() is None
    push_all(store)
    assert store.last_receipt() == datetime.fromtimestamp(NOON + 10, UTC)


def test_units_are_read_in_the_order_of_their_keys(store: Store) -> None:
    for unit in ("48.20194.010", "48.20194.002"):
        pull(store, record(head('{"kind":"village","name":"Thôn An Lợi"}'), key=Key(UNIT, unit)))
    assert [unit.key for unit in store.units()] == ["48.20194.002", "48.20194.010"]
    assert [unit.key for unit in store.units("48.20194.002")] == ["48.20194.002"]


def test_a_unit_that_was_withdrawn_or_cannot_be_read_leaves_the_others(store: Store) -> None:
    contents = ('{"kind":"village","name":"Thôn An Lợi"}', "null", '{"kind":"moon","name":"Thôn Hai"}')
    for number, content in enumerate(contents, 1):
        pull(store, record(head(content), key=Key(UNIT, f"48.20194.00{number}")))
    assert [unit.name for unit in store.units()] == ["Thôn An Lợi"]


# What the person had seen


def test_seen_of_a_first_value_is_nothing(store: Store) -> None:
    write(store, "1")
    assert seen(store) == ()


def test_seen_is_the_displayed_version_and_those_it_replaced(store: Store) -> None:
    pull(store, record(head("7", OTHER, 4), prev=[version(THIRD, 2), version(OTHER, 3)]))
    write(store, "1")
    assert seen(store) == (version(OTHER, 4), version(THIRD, 2), version(OTHER, 3))


def test_a_rival_is_not_seen_and_one_that_says_the_same_is(store: Store) -> None:
    pull(store, record(head("7", OTHER, 4), head("8", THIRD, 1), head("7", THIRD, 2)))
    write(store, "1")
    assert set(seen(store)) == {version(OTHER, 4), version(THIRD, 2)}


def test_seen_of_a_second_edit_is_the_first(store: Store) -> None:
    pull(store, record(head("7", OTHER, 4)))
    write(store, "1")
    write(store, "2")
    assert seen(store) == (mine(store, 1),)


def test_what_came_while_ones_own_waits_is_not_seen(store: Store) -> None:
    write(store, "1")
    pull(store, record(head("7", OTHER, 4)))
    write(store, "2")
    assert seen(store) == (mine(store, 1),)


def test_what_came_and_says_the_same_as_ones_own_is_seen(store: Store) -> None:
    write(store, "1")
    pull(store, record(head("1", OTHER, 4), head("7", THIRD, 2)))
    write(store, "2")
    assert set(seen(store)) == {mine(store, 1), version(OTHER, 4)}


def test_seen_after_ones_own_was_displaced_is_both(store: Store) -> None:
    write(store, "1")
    sync(store, record(head("7", OTHER, 4)))
    write(store, "2")
    assert set(seen(store)) == {mine(store, 1), version(OTHER, 4)}


def test_seen_after_ones_own_became_a_rival_is_both(store: Store) -> None:
    write(store, "1")
    sync(store, record(head("7", OTHER, 4), head("1", store.device, 1)))
    write(store, "2")
    assert set(seen(store)) == {mine(store, 1), version(OTHER, 4)}


def test_ones_own_that_stands_is_seen_once(store: Store) -> None:
    write(store, "1")
    sync(store, record(head("1", store.device, 1), prev=[version(OTHER, 3)]))
    write(store, "2")
    assert sorted(seen(store)) == sorted((mine(store, 1), version(OTHER, 3)))


def test_seen_after_parking_is_the_parked_one_and_what_is_displayed(store: Store) -> None:
    pull(store, record(head("7", OTHER, 4)))
    write(store, "1")
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    pull(store, seq=2)
    write(store, "2")
    assert set(seen(store)) == {mine(store, 1), version(OTHER, 4)}
    write(store, "3")
    assert seen(store) == (mine(store, 2),)


# Before enrolment


def provisional(item: str) -> Key:
    return Key(VALUE, OWN_UNIT, item, QUARTER)


def test_typing_before_enrolment_is_kept_and_not_sent(store: Store) -> None:
    store.record_changes([(provisional("a"), "1"), (provisional("b"), "2")], "An", AT)
    store.record_changes([(provisional("a"), "3")], "An", AT)
    assert outbox(store).changes == []
    assert store.waiting() == 3
    assert shown(store, provisional("a")) == ("3", CellState.SAVED)
    assert [entry.content for entry in store.history(provisional("a"))] == ["3", "1"]
    assert not store.record_changes([(provisional("a"), "3")], "An", AT)


def test_adoption_gives_the_unit_and_a_place_in_the_chain_in_typed_order(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.record_changes([(provisional("b"), "1"), (provisional("a"), "2")], "An", AT)
    store.close()
    store = open_store(tmp_path)
    store.record_changes([(provisional("b"), "3")], "Bảy", AT)
    task = Key(PROGRESS, OWN_UNIT, "0198", "", "0199")
    store.record_changes([(task, '{"percent":60}')], "An", AT)
    touched = store.adopt(VILLAGE)
    adopted = Key(VALUE, VILLAGE, "b", QUARTER)
    assert touched.keys >= {provisional("a"), provisional("b"), adopted, task._replace(unit=VILLAGE)}
    push = outbox(store)
    assert [(change.n, change.key.unit, change.key.item, change.content) for change in push.changes] == [
        (1, VILLAGE, "b", "1"),
        (2, VILLAGE, "a", "2"),
        (3, VILLAGE, "b", "3"),
        (4, VILLAGE, "0198", '{"percent":60}'),
    ]
    assert [change.seen for change in push.changes] == [(), (), (mine(store, 1),), ()]
    assert [change.author for change in push.changes] == ["An", "An", "Bảy", "An"]
    assert store.last_link() == chain.links(chain.root(store.device), push.changes)[-1]
    assert store.shown(provisional("b")) is None
    assert store.cells(VALUE, OWN_UNIT) == {}
    assert shown(store, adopted) == ("3", CellState.SAVED)
    assert store.waiting() == 4
    assert not store.adopt(VILLAGE)
    push_all(store)
    assert store.waiting() == 0
    store.close()


def test_adoption_never_overwrites_what_the_centre_holds(store: Store) -> None:
    store.record_changes([(provisional(CELL.item), "1"), (provisional(CELL.item), "2")], "An", AT)
    pull(store, record(head("7", OTHER, 4)))
    store.adopt(VILLAGE)
    push = outbox(store)
    assert [change.seen for change in push.changes] == [(), (mine(store, 1),)]
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, [rival.content for rival in found.rivals]) == ("2", ["7"])


def test_adoption_joins_the_chain_behind_what_was_typed_for_the_unit_already(store: Store) -> None:
    store.record_changes([(provisional(CELL.item), "1")], "An", AT)
    write(store, "2")
    store.adopt(VILLAGE)
    push = outbox(store)
    assert [(change.n, change.content, change.seen) for change in push.changes] == [
        (1, "2", ()),
        (2, "1", (mine(store, 1),)),
    ]


def test_typing_after_adoption_goes_on_from_it(store: Store) -> None:
    store.record_changes([(provisional(CELL.item), "1")], "An", AT)
    store.adopt(VILLAGE)
    write(store, "2")
    store.record_changes([(provisional("late"), "5")], "An", AT)
    store.adopt(VILLAGE)
    push = outbox(store)
    assert [(change.n, change.seen) for change in push.changes] == [(1, ()), (2, (mine(store, 1),)), (3, ())]
    assert link_at(store, 3) == store.last_link()


# Whom the folder works for


def test_an_enrolment_is_kept_and_no_other_centre_may_take_the_folder(tmp_path: Path) -> None:
    store = Store.open(tmp_path, SECRET)
    assert store.enrolment() is None
    enrolment = Enrolment("https://soxa.vn", "centre", b"k" * 32, "48", VILLAGE, "Nguyễn Văn An")
    store.keep_enrolment(enrolment)
    store.close()
    store = Store.open(tmp_path, SECRET)
    assert store.enrolment() == enrolment
    moved = Enrolment("https://moved.vn", "centre", b"k" * 32, "48", VILLAGE, "Nguyễn Văn An")
    store.keep_enrolment(moved)
    with pytest.raises(EnvironmentFault) as caught:
        store.keep_enrolment(Enrolment("https://soxa.vn", "other", b"o" * 32, "48", VILLAGE, "An"))
    assert caught.value.code == "answer_foreign"
    assert store.enrolment() == moved
    store.close()
