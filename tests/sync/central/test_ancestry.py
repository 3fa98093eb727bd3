"""Who has seen whom: exact where it can be followed, bounded whatever a device claims, and never at anybody's cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, func, select

from sync.central import ancestry, tables
from sync.central.centre import Centre
from sync.central.push import MAX_SEEN
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, Key
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED
from sync.protocol.messages import Result, Version
from tests.sync.central.conftest import COMMUNE, FORM, PERIOD, VILLAGE, Device, value_key

MakeDevice = Callable[[str], Device]
CELL = value_key(VILLAGE)


@contextmanager
def heard(centre: Centre) -> Iterator[list[str]]:
    """Every statement that runs meanwhile."""
    with centre.database.reading() as connection:
        engine = connection.engine
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def overtaken(centre: Centre) -> int:
    with centre.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(tables.overtaken)) or 0


def test_what_everybody_saw_in_time_is_not_remembered(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    first = village.type(CELL, "1")
    village.ask(village.push())
    commune.type(CELL, "2", (first,))
    commune.ask(commune.push())
    assert overtaken(centre) == 0


def test_a_dense_history_costs_a_push_no_more_than_a_short_one(centre: Centre, device: MakeDevice) -> None:
    """A hostile device names hundreds of versions with every change, so that each has seen all before it."""
    hostile, commune = device(VILLAGE), device(COMMUNE)
    rival = commune.type(CELL, "0")
    commune.ask(commune.push())
    asked: list[int] = []
    for _ in range(8):
        first_n = len(hostile.log) + 1
        for _ in range(30):
            # Never the rival, which so stays beside it and has to be looked for.
            seen = tuple(change.version for change in hostile.log[-MAX_SEEN:])
            hostile.type(CELL, str(len(hostile.log)), seen)
        with heard(centre) as statements:
            assert not any(result.reason for result in hostile.ask(hostile.push(first_n)).results)
        asked.append(len(statements))
    assert max(asked[1:]) <= asked[1] + 4
    village = device(VILLAGE)
    assert village.heads(CELL) == ["0", "239"]
    with heard(centre) as statements:
        commune.type(CELL, "7", (rival,))
        commune.ask(commune.push(2))
    assert len(statements) < 40
    assert village.heads(CELL) == ["239", "7"]


def test_a_long_row_of_parked_changes_is_followed_once_and_never_again(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    stands = commune.type(CELL, "0")
    commune.ask(commune.push())
    seen: tuple[Version, ...] = (stands,)
    for _ in range(60):
        seen = (village.type(CELL, "not a value", seen),)
    village.ask(village.push())
    with heard(centre) as first:
        (last,) = seen = (village.type(CELL, "1", seen),)
        village.ask(village.push(61))
    # It had seen what stood there, through everything that has no effect.
    assert commune.heads(CELL) == ["1"]
    assert overtaken(centre) == 60
    with heard(centre) as again:
        village.type(CELL, "2", (last, *(change.version for change in village.log[:60])))
        village.ask(village.push(62))
    assert commune.heads(CELL) == ["2"]
    assert len(again) < len(first) - 50
    assert overtaken(centre) == 60


def test_what_lies_too_far_behind_stays_beside_it_and_nothing_is_lost(
    centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ancestry, "MAX_FOLLOWED", 10)
    village, commune = device(VILLAGE), device(COMMUNE)
    seen = (commune.type(CELL, "0"),)
    commune.ask(commune.push())
    for _ in range(30):
        seen = (village.type(CELL, "not a value", seen),)
    village.type(CELL, "1", seen)
    with heard(centre) as statements:
        answer = village.ask(village.push())
    assert answer.results[-1] == Result(31, Outcome.CONFLICT, "")
    assert len(statements) < 40
    assert commune.heads(CELL) == ["0", "1"]
    # A person decides.
    commune.type(CELL, "2", tuple(head.version for head in commune.base[CELL].heads))
    commune.ask(commune.push(2))
    assert commune.heads(CELL) == ["2"]


def test_what_was_parked_and_then_typed_over_is_history_when_its_cause_goes(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLOSED)], "admin")
    parked = village.type(CELL, "1")
    assert village.ask(village.push()).results == [Result(1, Outcome.PARKED, "period_closed")]
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLEARED)], "admin")
    assert village.heads(CELL) == ["1"]
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLOSED)], "admin")
    village.type(CELL, "2", (parked,))
    village.ask(village.push(2))
    other = commune.type(value_key(VILLAGE, "ct14"), "1")
    commune.ask(commune.push())
    # Of another cell, so it says nothing here.
    village.type(CELL, "3", (other, village.log[1].version))
    village.ask(village.push(3))
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLEARED)], "admin")
    assert village.heads(CELL) == ["3"]
    assert village.told()[village.log[1].version] in ((Outcome.APPLIED, ""), (Outcome.HISTORY, ""))


def test_a_device_that_names_what_another_will_type_takes_nothing_from_it(device: MakeDevice) -> None:
    """A loop: the second has truly seen the first, which claims to have seen the second."""
    hostile, village, commune = device(COMMUNE), device(VILLAGE), device(COMMUNE)
    commune.type(CELL, "0")
    commune.ask(commune.push())
    claimed = hostile.type(CELL, "666", (Version(village.name + village.run, 1),))
    hostile.ask(hostile.push())
    village.type(CELL, "1", (claimed,))
    assert village.ask(village.push()).results == [Result(1, Outcome.CONFLICT, "")]
    assert village.heads(CELL) == ["0", "1"]


def test_a_loop_is_no_way_around_the_judge(centre: Centre, device: MakeDevice) -> None:
    hostile = device(VILLAGE)
    first = hostile.type(CELL, "1", (Version(hostile.name + hostile.run, 2),))
    hostile.ask(hostile.push())
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLOSED)], "admin")
    hostile.type(CELL, "2", (first,))
    assert hostile.ask(hostile.push(2)).results == [Result(2, Outcome.PARKED, "period_closed")]
    assert hostile.heads(CELL) == ["1"]


@pytest.mark.parametrize("seed", range(8))
def test_with_parked_ones_between_the_heads_are_those_that_nothing_with_effect_has_seen(
    device: MakeDevice, seed: int
) -> None:
    """Against the plain definition, over everything that was typed, in whatever order it comes."""
    random = Random(seed)
    devices = [device(COMMUNE) for _ in range(3)]
    seen_of: dict[Version, set[Version]] = {}
    effective: dict[Version, str] = {}
    for number in range(40):
        who = random.choice(devices)
        own = [change.version for change in who.log[-1:]]
        others = random.sample(sorted(seen_of), min(len(seen_of), random.randrange(3)))
        is_parked = random.random() < 0.4
        version = who.type(CELL, "not a value" if is_parked else str(number), tuple(dict.fromkeys((*own, *others))))
        seen_of[version] = {*own, *others}
        if not is_parked:
            effective[version] = str(number)
    left = {who.name: 0 for who in devices}
    arriving: list[Any] = [who for who in devices for _ in who.log]
    random.shuffle(arriving)
    for who in arriving:
        left[who.name] += 1
        who.ask(who.push(left[who.name], left[who.name]))
    closure: dict[Version, set[Version]] = {}
    for version in seen_of:
        ends, found = list(seen_of[version]), set()
        while ends:
            if (end := ends.pop()) not in found:
                found.add(end)
                ends += seen_of[end]
        closure[version] = found
    standing = {
        content for version, content in effective.items() if not any(version in closure[other] for other in effective)
    }
    assert set(devices[0].heads(CELL)) == standing
