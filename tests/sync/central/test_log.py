"""The log, as far as a device may ask it: which versions the centre holds."""

from collections.abc import Callable

from sync.central.centre import Centre
from sync.domain.keys import DEADLINE, Key
from sync.protocol.messages import Version
from tests.sync.central.conftest import COMMUNE, FORM, OTHER_VILLAGE, PERIOD, VILLAGE, Device, value_key

MakeDevice = Callable[[str], Device]


def known(device: Device, *versions: Version) -> list[Version]:
    return device.ask(lost=list(versions)).known


def test_a_version_is_known_also_when_it_is_no_head_any_more(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    first = village.type(value_key(VILLAGE), "1")
    second = village.type(value_key(VILLAGE), "2", (first,))
    village.ask(village.push())
    for each in (village, commune):
        assert known(each, second, first) == [second, first]


def test_what_the_centre_does_not_hold_is_not_known(device: MakeDevice) -> None:
    village = device(VILLAGE)
    first = village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    for version in (first._replace(n=2), Version(village.name + "0ddba110", 1), Version("f" * 28, 1), Version("", 0)):
        assert known(village, version) == []


def test_nobody_learns_whether_there_is_something_that_they_may_not_see(device: MakeDevice) -> None:
    """Otherwise whoever has seen one value of a PC could count what it types for others."""
    village, commune = device(VILLAGE), device(COMMUNE)
    mine = commune.type(value_key(VILLAGE), "1")
    theirs = commune.type(value_key(OTHER_VILLAGE), "2")
    commune.ask(commune.push())
    assert known(village, mine, theirs) == [mine]
    assert known(commune, mine, theirs) == [mine, theirs]


def test_ones_own_is_known_wherever_it_was_typed(device: MakeDevice) -> None:
    village = device(VILLAGE)
    typed = village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    village.centre.enrolment.set_scope(village.name, [OTHER_VILLAGE])
    assert known(village, typed) == [typed]


def test_what_is_parked_is_as_not_held(device: MakeDevice) -> None:
    village = device(VILLAGE)
    parked = village.type(value_key(OTHER_VILLAGE), "1")
    village.ask(village.push())
    assert known(village, parked) == []


def test_what_is_for_all_is_known_to_all(centre: Centre, device: MakeDevice) -> None:
    centre.repository.decide(
        [(Key(DEADLINE, COMMUNE, FORM, PERIOD), '{"due":"2026-06-15T17:00+07:00","source":""}')], "a"
    )
    department = device("48.D01")
    department.pull()
    (deadline,) = (record for key, record in department.base.items() if key.kind == DEADLINE)
    assert known(department, deadline.heads[0].version) == [deadline.heads[0].version]


def test_a_request_asks_about_so_many_and_no_more(device: MakeDevice) -> None:
    village = device(VILLAGE)
    first = village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    assert known(village, *[first] * 500) == [first] * 200
