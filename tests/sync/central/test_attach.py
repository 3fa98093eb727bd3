"""Where a push meets a device's chain: known, new, behind a gap, or beside what is held."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from sync.central import tables
from sync.central.centre import Centre
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.protocol import chain
from sync.protocol.codec import decode, encode
from sync.protocol.messages import Link, Push, Result, Version
from sync.protocol.wire import MAX_ENDS
from tests.sync.central.conftest import OTHER_COMMUNE, VILLAGE, Device, value_key

MakeDevice = Callable[[str], Device]
CELL = value_key(VILLAGE)


def stored(centre: Centre, device: Device) -> int:
    with centre.database.reading() as connection:
        query = select(func.count()).select_from(tables.change).where(tables.change.c.device == device.name)
        return connection.scalars(query).one()


def forks(centre: Centre, device: Device) -> int:
    return next(each.forks for each in centre.enrolment.devices() if each.device == device.name)


def type_many(device: Device, count: int) -> None:
    """Each over the one before it."""
    for _ in range(count):
        n = len(device.log)
        seen = (device.log[-1].version,) if n else ()
        device.type(CELL, str(n + 1), seen)


def test_a_push_behind_what_is_held_is_new(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    type_many(village, 5)
    assert village.ask(village.push(1, 2)).held == village.link(2)
    assert village.ask(village.push(3)).held == village.link(5)
    assert (stored(centre, village), forks(centre, village)) == (5, 0)


@pytest.mark.parametrize(("first_n", "last_n"), [(1, 5), (2, 4), (5, 5), (1, 1)])
def test_what_is_held_is_acknowledged_again_and_changes_nothing(
    centre: Centre, device: MakeDevice, first_n: int, last_n: int
) -> None:
    village = device(VILLAGE)
    type_many(village, 5)
    village.ask(village.push())
    assert village.ask(village.push(first_n, last_n)).held == village.link(last_n)
    assert (stored(centre, village), forks(centre, village)) == (5, 0)
    assert village.heads(CELL) == ["5"]


def test_an_empty_push_asks_whether_its_link_is_known(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    type_many(village, 3)
    assert village.ask(Push(village.link(0))).held == village.link(0)
    assert village.ask(Push(village.link(3))).held is None
    village.ask(village.push())
    for n in range(4):
        assert village.ask(Push(village.link(n))).held == village.link(n)
    assert stored(centre, village) == 3


def test_a_push_behind_a_gap_changes_nothing_and_says_from_where(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    type_many(village, 5)
    village.ask(village.push(1, 2))
    answer = village.ask(village.push(4))
    assert (answer.held, answer.ends, answer.results, answer.mac) == (None, [village.link(2)], [], b"")
    assert stored(centre, village) == 2
    assert village.ask(village.push(3)).held == village.link(5)


def test_a_centre_that_holds_nothing_names_no_end(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    type_many(village, 3)
    answer = village.ask(village.push(2))
    assert (answer.held, answer.ends) == (None, [])
    assert stored(centre, village) == 0


def test_a_first_push_with_a_foreign_root_is_a_gap(centre: Centre, device: MakeDevice) -> None:
    village, other = device(VILLAGE), device(VILLAGE)
    type_many(village, 1)
    for root in (Link(0, b"\1" * chain.HASH_BYTES), chain.root(other.name)):
        assert village.ask(Push(root, village.log)).held is None
    assert stored(centre, village) == 0


@pytest.mark.parametrize("first_n", [1, 2, 3])
def test_a_copied_folder_is_a_fork_and_both_are_kept(centre: Centre, device: MakeDevice, first_n: int) -> None:
    village = device(VILLAGE)
    type_many(village, 3)
    village.ask(village.push())
    clone = village.clone(first_n, "c0c0c0c0")
    clone.type(CELL, "77", (clone.log[-1].version,) if clone.log else ())
    clone.type(value_key(VILLAGE, "ct14"), "8")
    assert clone.ask(clone.push(first_n)).held == clone.link(first_n + 1)
    assert stored(centre, village) == 5
    assert forks(centre, village) == 1
    # Neither had seen the other's: both stand, until a person decides.
    assert village.heads(CELL) == ["3", "77"]
    # Both go on, each behind its own end.
    village.type(CELL, "4", (village.log[-1].version,))
    clone.type(CELL, "78", (clone.log[first_n - 1].version,))
    assert village.ask(village.push(4)).held == village.link(4)
    assert clone.ask(clone.push(first_n + 2)).held == clone.link(first_n + 2)
    assert sorted(village.heads(CELL)) == ["4", "78"]


def test_the_fork_of_a_fork_is_counted_once_each(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    type_many(village, 2)
    village.ask(village.push())
    for number in range(3):
        clone = village.clone(2, f"c0c0c0c{number}")
        clone.type(CELL, f"7{number}")
        for _ in range(2):
            clone.ask(clone.push(2))
    assert forks(centre, village) == 3
    assert stored(centre, village) == 5


def test_ends_are_those_of_every_branch_the_longest_first(device: MakeDevice) -> None:
    village = device(VILLAGE)
    type_many(village, 4)
    village.ask(village.push())
    clone = village.clone(2, "c0c0c0c0")
    clone.type(CELL, "77")
    clone.ask(clone.push(2))
    assert village.ask(Push(Link(9, b"unknown"))).ends == [village.link(4), clone.link(2)]


def test_a_replay_over_several_branches_of_one_log_attaches_whole(centre: Centre, device: MakeDevice) -> None:
    """A folder that was opened many times names many branches in one chain."""
    village = device(VILLAGE)
    for number in range(5):
        village.run = f"0000000{number}"
        type_many(village, 2)
    village.ask(village.push(1, 3))
    assert village.ask(village.push(1)).held == village.link(10)
    assert (stored(centre, village), forks(centre, village)) == (10, 0)
    assert village.heads(CELL) == ["10"]


def test_a_version_that_is_held_with_another_content_is_refused(centre: Centre, device: MakeDevice) -> None:
    """Two PCs that run one image of a memory: the centre keeps the first, and neither is told a lie."""
    village = device(VILLAGE)
    type_many(village, 2)
    village.ask(village.push())
    twin = village.clone(2, village.run)
    twin.type(CELL, "77")
    twin.type(CELL, "78")
    with pytest.raises(EnvironmentFault) as caught:
        twin.ask(twin.push(2))
    assert caught.value.code == "push_branch"
    assert stored(centre, village) == 2
    assert village.heads(CELL) == ["2"]


def test_what_became_of_the_fork_is_told_to_the_fork(device: MakeDevice) -> None:
    """Both have a change of the same number; each hears of its own."""
    village = device(VILLAGE)
    village.type(CELL, "1")
    village.ask(village.push())
    clone = village.clone(1, "c0c0c0c0")
    clone.type(value_key(OTHER_COMMUNE), "5")
    parked = Result(1, Outcome.PARKED, "not_your_unit")
    assert clone.ask(clone.push()).results == [parked]
    assert village.ask(village.push()).results == []
    assert clone.ask(clone.push()).results == [parked]
    assert village.told() == {Version(clone.name + "c0c0c0c0", 1): ("parked", "not_your_unit")}


def test_forks_of_one_device_touch_no_other(centre: Centre, device: MakeDevice) -> None:
    village, other = device(VILLAGE), device(VILLAGE)
    type_many(village, 1)
    village.ask(village.push())
    with pytest.raises(Exception, match="chain"):
        other.ask(Push(other.link(0), village.log))
    assert stored(centre, other) == 0


def test_a_device_that_was_opened_often_is_still_told_from_where_to_replay(centre: Centre, device: MakeDevice) -> None:
    """Every opening of a store is a branch, and an answer names no more than a device reads."""
    village = device(VILLAGE)
    for opening in range(MAX_ENDS + 20):
        village.run = f"{opening:08x}"
        village.type(value_key(VILLAGE), str(opening), (village.log[-1].version,) if village.log else ())
    village.ask(village.push())
    answer = village.ask(Push(Link(999, b"forgotten"), []))
    assert answer.held is None
    assert answer.ends[0] == village.link(len(village.log))
    assert decode(encode(answer)) == answer
