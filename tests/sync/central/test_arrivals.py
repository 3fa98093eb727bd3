"""Arrivals among the heads: transitively, per hand, in whatever order, and one commit of each stream."""

from collections.abc import Callable
from itertools import permutations
from random import Random

import pytest
from sqlalchemy import select

from sync.central import tables
from sync.central.arrivals import MAX_PREV
from sync.central.centre import Centre
from sync.central.room import MAX_HEADS_OF_DEVICE
from sync.domain.heads import Outcome
from sync.domain.keys import BROADCAST, CLOSING, UNIT, Key, stream_of_device
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, Remark, State, Status
from sync.protocol.messages import Result, Version
from tests.sync.central.conftest import (
    COMMUNE,
    FORM,
    OTHER_COMMUNE,
    OTHER_VILLAGE,
    PERIOD,
    VILLAGE,
    Device,
    status_key,
    value_key,
)

MakeDevice = Callable[[str], Device]
CELL = value_key(VILLAGE)


def seqs(centre: Centre) -> dict[str, int]:
    """How many commits each stream has had."""
    with centre.database.reading() as connection:
        return {row.stream: row.seq for row in connection.execute(select(tables.stream.c.stream, tables.stream.c.seq))}


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_a_chain_over_three_devices_ends_in_its_last_in_whatever_order_it_arrives(
    device: MakeDevice, order: tuple[int, ...]
) -> None:
    """After a restore the devices replay as they come."""
    devices = [device(COMMUNE) for _ in range(3)]
    seen: tuple[Version, ...] = ()
    for number, each in enumerate(devices):
        seen = (each.type(CELL, str(number), seen),)
    for number in order:
        devices[number].ask(devices[number].push())
    assert devices[0].heads(CELL) == ["2"]


def test_what_was_seen_through_something_parked_is_replaced(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    first = village.type(CELL, "1")
    village.ask(village.push())
    parked = village.type(CELL, "not a value", (first,))
    village.type(CELL, "3", (parked,))
    assert village.ask(village.push(2)).results == [Result(2, Outcome.PARKED, "invalid_content")]
    assert village.heads(CELL) == ["3"]


def test_what_was_seen_through_history_is_replaced(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    first = village.type(CELL, "1")
    village.ask(village.push())
    late = village.type(CELL, "2", (first,))
    over = commune.type(CELL, "3", (late,))
    commune.ask(commune.push())
    assert village.ask(village.push(2)).results == [Result(2, Outcome.HISTORY, "")]
    assert village.heads(CELL) == ["3"]
    assert village.base[CELL].heads[0].version == over


def test_one_hand_has_one_head_in_a_cell_even_where_it_does_not_say_so(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    commune.type(CELL, "9")
    commune.ask(commune.push())
    for number in range(5):
        village.type(CELL, str(number))
    village.ask(village.push())
    assert village.heads(CELL) == ["9", "4"]


def test_a_second_person_at_a_pc_replaces_nothing_that_they_do_not_name(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    three = commune.type(CELL, "3", author="Hoa")
    commune.ask(commune.push())
    five = village.type(CELL, "5", author="An")
    village.type(CELL, "7", (three,), author="Bình")
    village.ask(village.push())
    assert village.heads(CELL) == ["5", "7"]
    # An is An whatever the name is by now, and so may be whoever had none yet.
    village.type(CELL, "8", author="Nguyễn Văn An~An")
    assert village.ask(village.push(3)).results == [Result(3, Outcome.CONFLICT, "")]
    assert village.heads(CELL) == ["7", "8"]
    village.type(CELL, "9", author="")
    village.ask(village.push(4))
    assert village.heads(CELL) == ["9"]
    # What an older program typed names what stood there, whoever had typed it.
    village.type(key := value_key(VILLAGE, "ct14"), "1", author="An")
    village.type(key, "2", (village.log[-1].version,), author="Bình")
    village.ask(village.push(5))
    assert village.heads(key) == ["2"]
    assert five.branch == village.log[-1].branch


def test_a_version_that_the_centre_has_lost_descends_from_nothing(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    village.type(CELL, "1")
    village.ask(village.push())
    gone = Version(commune.name + "0ddba110", 7)
    commune.type(CELL, "2", (gone,))
    assert commune.ask(commune.push()).results == [Result(1, Outcome.CONFLICT, "")]
    assert village.heads(CELL) == ["1", "2"]
    # Who holds the lost one hears that it was seen.
    assert gone in village.base[CELL].prev


def test_prev_names_the_latest_and_is_bounded(device: MakeDevice) -> None:
    village = device(VILLAGE)
    versions: list[Version] = []
    for number in range(MAX_PREV * 3):
        versions.append(village.type(CELL, str(number), tuple(versions[-1:])))
        village.ask(village.push(len(versions)))
    village.pull()
    assert village.base[CELL].prev[0] == versions[-2]
    assert len(village.base[CELL].prev) <= MAX_PREV


@pytest.mark.parametrize("seed", range(6))
def test_any_history_has_one_outcome_whatever_the_order_of_the_devices(device: MakeDevice, seed: int) -> None:
    """Each of four devices sees some of what others typed; each one's own come in order, the rest in any."""
    random = Random(seed)
    outcomes: list[set[str]] = []
    typing = [(random.randrange(4), random.random()) for _ in range(24)]
    choices = [random.sample(range(24), 3) for _ in range(24)]
    for order in range(3):
        devices = [device(COMMUNE) for _ in range(4)]
        key = value_key(VILLAGE, period=f"A20{seed}{order}Q1")
        made: list[tuple[Version, str]] = []
        for step, (who, chance) in enumerate(typing):
            own = [version for version, _ in made if version.device == devices[who].name][-1:]
            others = [made[n][0] for n in choices[step] if n < len(made)] if chance < 0.5 else []
            content = str(step)
            made.append((devices[who].type(key, content, tuple(dict.fromkeys((*own, *others)))), content))
        left = [0] * 4
        arriving = [who for who, _ in typing]
        Random(order).shuffle(arriving)
        for who in arriving:
            left[who] += 1
            devices[who].ask(devices[who].push(left[who], left[who]))
        outcomes.append(set(devices[0].heads(key)))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_one_push_is_one_commit_of_each_stream_that_it_writes(centre: Centre, device: MakeDevice) -> None:
    province = device("48")
    before = seqs(centre)
    for unit in (VILLAGE, COMMUNE, OTHER_COMMUNE, "48", VILLAGE):
        province.type(value_key(unit, period=f"A{2000 + len(province.log)}Q1"), "1")
    province.ask(province.push())
    after = seqs(centre)
    assert {stream: after[stream] - before.get(stream, 0) for stream in after} == {
        **dict.fromkeys(before, 0),
        COMMUNE: 1,
        OTHER_COMMUNE: 1,
        "48": 1,
    }


def test_what_no_address_allows_writes_into_no_stream_but_the_devices_own(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    before = seqs(centre)
    for key in (Key(UNIT, VILLAGE), Key(CLOSING, VILLAGE, FORM, PERIOD), value_key(OTHER_COMMUNE), Key("x", VILLAGE)):
        village.type(key, CLEARED)
    village.ask(village.push())
    after = seqs(centre)
    assert after.pop(stream_of_device(village.name)) == 1
    assert after == before
    assert BROADCAST in after


def test_several_changes_of_one_push_see_each_other(centre: Centre, device: MakeDevice) -> None:
    """A step that comes with the value before it, and an edit behind an approval of the same push."""
    commune = device(COMMUNE)
    first = commune.type(CELL, "1")
    approval = commune.type(status_key(), Status(State.APPROVED, "ab").content())
    commune.type(CELL, "2", (first,))
    commune.type(status_key(), Status(State.REOPENED).content(), (approval,))
    answer = commune.ask(commune.push())
    # The edit came while the form was approved, and took its effect when the same push reopened it.
    assert answer.results == []
    assert commune.heads(CELL) == ["2"]


@pytest.mark.parametrize("state", [State.APPROVED, State.RETURNED, State.REOPENED])
def test_a_unit_does_not_decide_over_its_own_form(device: MakeDevice, state: State) -> None:
    village = device(VILLAGE)
    digest = "ab" if state is State.APPROVED else ""
    village.type(status_key(), Status(state, digest).content())
    assert village.ask(village.push()).results == [Result(1, Outcome.PARKED, "not_yours_to_decide")]


def test_a_step_that_has_not_seen_where_the_form_stands_is_parked(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    submitted = village.type(status_key(), Status(State.SUBMITTED).content())
    village.ask(village.push())
    commune.type(status_key(), Status(State.RETURNED).content())
    assert commune.ask(commune.push()).results == [Result(1, Outcome.PARKED, "status_moved")]
    commune.type(status_key(), Status(State.RETURNED).content(), (submitted,))
    assert commune.ask(commune.push(2)).results == []
    assert village.heads(status_key()) == [Status(State.RETURNED).content()]


@pytest.mark.parametrize(
    ("item", "part", "reason"),
    [
        ("ct01", "", ""),
        ("ct01", "female", ""),
        ("ct14", "", ""),
        ("ct14", "female", "unknown_indicator"),
        ("ct01", "old", "unknown_indicator"),
        ("ct99", "", "unknown_indicator"),
    ],
)
def test_a_return_names_cells_of_its_own_form_alone(device: MakeDevice, item: str, part: str, reason: str) -> None:
    commune = device(COMMUNE)
    returned = Status(State.RETURNED, remarks=(Remark(item, part, "Khác sổ"),)).content()
    commune.type(status_key(), returned)
    refused = [Result(1, Outcome.PARKED, reason)] if reason else []
    assert commune.ask(commune.push()).results == refused
    assert commune.heads(status_key()) == ([] if reason else [returned])


@pytest.mark.parametrize(
    "content",
    [
        CLEARED,
        '{"state":"draft"}',
        '{"state":"approved"}',
        "true",
        '{"state":"submitted","/ct01":"Thiếu"}',
        '{"state":"returned","/ct01":" Thiếu "}',
        Status(State.RETURNED, remarks=(Remark("ct01", "", "x" * 201),)).content(),
    ],
)
def test_what_is_no_step_is_parked(device: MakeDevice, content: str) -> None:
    commune = device(COMMUNE)
    commune.type(status_key(), content)
    assert commune.ask(commune.push()).results == [Result(1, Outcome.PARKED, "invalid_content")]


def test_closing_is_the_centres_alone(centre: Centre, device: MakeDevice) -> None:
    province = device("48")
    province.type(Key(CLOSING, "48", FORM, PERIOD), CLOSED)
    assert province.ask(province.push()).results == [Result(1, Outcome.PARKED, "not_yours_to_decide")]
    with pytest.raises(ValueError, match="invalid_content"):
        centre.repository.decide([(Key(CLOSING, "48", FORM, PERIOD), "false")], "admin")


def test_what_somebody_has_typed_over_is_history_also_where_it_could_not_take_effect(
    centre: Centre, device: MakeDevice
) -> None:
    """Tested before parking: a value of a closed period that comes late and was long decided over waits for nobody."""
    village, commune = device(VILLAGE), device(COMMUNE)
    late = village.type(CELL, "1")
    commune.type(CELL, "2", (late,))
    commune.ask(commune.push())
    centre.repository.decide([(Key(CLOSING, "48", FORM, PERIOD), CLOSED)], "admin")
    assert village.ask(village.push()).results == [Result(1, Outcome.HISTORY, "")]
    assert village.heads(CELL) == ["2"]


def test_what_somebody_has_typed_over_is_history_also_where_its_author_may_no_longer_write(
    centre: Centre, device: MakeDevice
) -> None:
    """A restored centre held the first only; what led from it to the decision is replayed out of a unit that moved."""
    village, commune = device(VILLAGE), device(COMMUNE)
    first = village.type(CELL, "1")
    village.ask(village.push())
    between = village.type(CELL, "2", (first,))
    commune.type(CELL, "3", (between,))
    commune.ask(commune.push())
    assert village.heads(CELL) == ["1", "3"]
    centre.enrolment.set_scope(village.name, [OTHER_VILLAGE])
    assert village.ask(village.push(2)).results == [Result(2, Outcome.HISTORY, "")]
    assert commune.heads(CELL) == ["3"]


def test_the_copies_of_one_folder_cannot_fill_a_cell(device: MakeDevice) -> None:
    """What they type more is kept and said, and takes effect again once somebody decided."""
    village, other = device(VILLAGE), device(VILLAGE)
    for opening in range(MAX_HEADS_OF_DEVICE + 3):
        village.run = f"{opening:08x}"
        village.type(CELL, str(opening))
    answer = village.ask(village.push())
    assert [(result.n, result.reason) for result in answer.results if result.reason] == [
        (n, "too_many_rivals") for n in range(MAX_HEADS_OF_DEVICE + 1, MAX_HEADS_OF_DEVICE + 4)
    ]
    other.type(CELL, "5")
    assert other.ask(other.push()).results == [Result(1, Outcome.CONFLICT, "")]
    assert len(other.heads(CELL)) == MAX_HEADS_OF_DEVICE + 1
    other.type(CELL, "6", tuple(head.version for head in other.base[CELL].heads))
    other.ask(other.push(2))
    # What waited was seen by nobody: it stands beside the decision, and there is room for more.
    waited = [str(MAX_HEADS_OF_DEVICE + more) for more in range(3)]
    assert other.heads(CELL) == ["6", *waited]
    assert {what for what, _ in village.told().values()} == {"conflict"}
    village.run = "0000ffff"
    village.type(CELL, "7")
    village.ask(village.push(len(village.log)))
    assert village.heads(CELL) == ["6", *waited, "7"]
