"""The centre's half of healing: agrees, splits or brings, of what a device may see, at one state, within bounds."""

from collections.abc import Callable

import pytest

from sync.central import healing
from sync.central.centre import Centre
from sync.central.standing import record_of
from sync.domain.keys import BROADCAST, TASK, UNIT, Key, within
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Check, Heal, Record, Subscription, Verdict
from tests.sync.central.conftest import COMMUNE, OTHER_COMMUNE, OTHER_VILLAGE, VILLAGE, Device, value_key

MakeDevice = Callable[[str], Device]
OF_VILLAGE = Subscription(VILLAGE, COMMUNE)
OF_COMMUNE = Subscription(COMMUNE, COMMUNE)
BROADCASTS = Subscription(BROADCAST, BROADCAST)
NOTHING = Digest()


def keys(count: int, unit: str = VILLAGE) -> list[Key]:
    return [Key(TASK, unit, f"t{n:04}", "", "content") for n in range(count)]


def fill(centre: Centre, count: int, unit: str = VILLAGE) -> None:
    centre.repository.decide([(key, f'"{key.item}"') for key in keys(count, unit)], "admin")


def held(device: Device, subscription: Subscription) -> list[Record]:
    """What a device pulled of a subscription, in key order."""
    root, stream = subscription
    if stream == BROADCAST:
        return [device.base[key] for key in sorted(device.base) if key.kind == UNIT]
    return [device.base[key] for key in sorted(device.base) if key.kind != UNIT and within(key.unit, root)]


def digest(records: list[Record]) -> Digest:
    total = Digest()
    for each in records:
        total = total.with_row(row_hash(each.key, heads_bytes(each.heads), versions_bytes(each.prev)))
    return total


def check(subscription: Subscription, records: list[Record], low: Key | None = None, high: Key | None = None) -> Check:
    total = digest(records)
    return Check(subscription, low, high, total.rows, total.brief())


def test_what_is_the_same_agrees(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 10)
    village = device(VILLAGE)
    village.pull()
    asked = [check(each, held(village, each)) for each in (OF_VILLAGE, BROADCASTS)]
    assert village.ask(checks=asked).heals == [Heal(0, Verdict.AGREES), Heal(1, Verdict.AGREES)]


def test_a_page_says_what_the_subscription_sums_to(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 10)
    fill(centre, 5, OTHER_VILLAGE)
    for unit, subscription, rows in ((VILLAGE, OF_VILLAGE, 10), (COMMUNE, OF_COMMUNE, 15)):
        reader = device(unit)
        digests = {page.subscription: page.digest for page in reader.ask().pages}
        records = held(reader, subscription)
        assert len(records) == rows
        assert digests[subscription] == digest(records).brief()
        assert digests[BROADCASTS] == digest(held(reader, BROADCASTS)).brief()


def test_a_small_range_that_differs_is_brought_whole(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 10)
    village = device(VILLAGE)
    village.pull()
    records = held(village, OF_VILLAGE)
    for wrong in ([], records[:5], records[1:]):
        assert village.ask(checks=[check(OF_VILLAGE, wrong)]).heals == [Heal(0, Verdict.HEALED, records)]


def test_a_range_is_half_open(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 10)
    village = device(VILLAGE)
    village.pull()
    records = held(village, OF_VILLAGE)
    low, high = records[3].key, records[7].key
    assert village.ask(checks=[check(OF_VILLAGE, records[3:7], low, high)]).heals == [Heal(0, Verdict.AGREES)]
    for first, end, expected in ((low, None, records[3:]), (None, high, records[:7]), (low, low, [])):
        (heal,) = village.ask(checks=[Check(OF_VILLAGE, first, end, 99, b"12345678")]).heals
        assert heal.records == expected


def test_a_large_range_is_split_when_its_device_can_split_it(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 200)
    village = device(VILLAGE)
    village.pull()
    records = held(village, OF_VILLAGE)
    assert village.ask(checks=[check(OF_VILLAGE, records[1:])]).heals == [Heal(0, Verdict.SPLIT)]


def test_a_large_range_of_which_the_device_has_little_is_brought_in_parts(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 200)
    village = device(VILLAGE)
    village.pull()
    records = held(village, OF_VILLAGE)
    brought: list[Record] = []
    low: Key | None = None
    while True:
        (heal,) = village.ask(checks=[check(OF_VILLAGE, [], low)]).heals
        assert heal.verdict is Verdict.HEALED
        assert len(heal.records) <= 64
        brought += heal.records
        if heal.up_to is None:
            break
        assert brought[-1].key < heal.up_to
        low = heal.up_to
    assert brought == records


def test_a_check_of_what_the_device_may_not_see_is_not_answered(centre: Centre, device: MakeDevice) -> None:
    """Not even whether it agrees: that would say something of it."""
    fill(centre, 5, OTHER_VILLAGE)
    fill(centre, 5, OTHER_COMMUNE)
    village, province = device(VILLAGE), device("48")
    village.pull()
    province.pull()
    foreign = [
        Subscription(COMMUNE, COMMUNE),
        Subscription(OTHER_VILLAGE, COMMUNE),
        Subscription(OTHER_COMMUNE, OTHER_COMMUNE),
        Subscription("48", COMMUNE),
        Subscription("", COMMUNE),
        Subscription("@", "@"),
        Subscription(f"@{province.name}", f"@{province.name}"),
    ]
    asked = [Check(each, None, None, 0, NOTHING.brief()) for each in foreign]
    village.cursors |= province.cursors | {
        each: province.cursors.get(each, village.cursors[BROADCASTS]) for each in foreign
    }
    answer = village.ask(checks=asked)
    assert answer.heals == []
    assert all(page.subscription not in foreign for page in answer.pages)


def test_a_check_is_answered_at_the_state_that_the_cursor_names_only(centre: Centre, device: MakeDevice) -> None:
    """Something was committed since: the page comes first, and the check is asked again."""
    fill(centre, 5)
    village = device(VILLAGE)
    village.pull()
    records = held(village, OF_VILLAGE)
    fill(centre, 7)
    assert village.ask(checks=[check(OF_VILLAGE, records)]).heals == []
    assert village.ask(checks=[check(OF_VILLAGE, held(village, OF_VILLAGE))]).heals == [Heal(0, Verdict.AGREES)]
    assert Device(centre, VILLAGE).ask(checks=[check(OF_VILLAGE, [])]).heals == []


def test_a_request_makes_the_centre_read_so_much_and_no_more(
    centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(centre, 100)
    village = device(VILLAGE)
    village.pull()
    good = check(OF_VILLAGE, held(village, OF_VILLAGE))
    monkeypatch.setattr(healing, "_MAX_ROWS", 250)
    assert [heal.index for heal in village.ask(checks=[good] * 16).heals] == [0, 1, 2]
    monkeypatch.undo()
    assert len(village.ask(checks=[good] * 40).heals) == 16


def test_the_index_is_that_of_the_request(centre: Centre, device: MakeDevice) -> None:
    fill(centre, 3)
    village = device(VILLAGE)
    village.pull()
    foreign = Check(Subscription(OTHER_COMMUNE, OTHER_COMMUNE), None, None, 0, NOTHING.brief())
    asked = [foreign, check(OF_VILLAGE, held(village, OF_VILLAGE)), foreign, check(BROADCASTS, [])]
    heals = village.ask(checks=asked).heals
    assert [(heal.index, heal.verdict) for heal in heals] == [(1, Verdict.AGREES), (3, Verdict.HEALED)]


def test_sums_follow_every_kind_of_change(centre: Centre, device: MakeDevice) -> None:
    """Values, rivals, decisions over them, tombstones, units: the pages' sums are those of the records."""
    village, commune, reader = device(VILLAGE), device(COMMUNE), device(COMMUNE)
    key = value_key(VILLAGE)
    for number in range(12):
        seen = tuple(head.version for head in village.base[key].heads) if key in village.base else ()
        village.type(key, "null" if number % 4 == 3 else str(number), seen)
        village.ask(village.push(len(village.log)))
        if number % 3 == 0:
            commune.type(key, f"{number}00")
            commune.ask(commune.push(len(commune.log)))
        for page in reader.ask().pages:
            if page.subscription == OF_COMMUNE:
                assert page.digest == digest(held(reader, OF_COMMUNE)).brief()
        reader.pull()
        assert reader.ask(checks=[check(OF_COMMUNE, held(reader, OF_COMMUNE))]).heals == [Heal(0, Verdict.AGREES)]


@pytest.mark.parametrize(("rows", "most_read"), [(0, 65), (70, 71), (2**53, 300)])
def test_no_more_is_read_than_shows_a_difference(
    centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch, rows: int, most_read: int
) -> None:
    """A device that holds nothing is brought a large range part by part, and each part costs what it brings."""
    fill(centre, 300)
    village = device(VILLAGE)
    village.pull()
    read: list[Record] = []

    def counted(row: object) -> Record:
        read.append(record_of(row))
        return read[-1]

    monkeypatch.setattr(healing, "record_of", counted)
    (heal,) = village.ask(checks=[Check(OF_VILLAGE, None, None, rows, b"another ")]).heals
    assert len(read) == most_read
    assert heal.verdict is (Verdict.SPLIT if rows else Verdict.HEALED)
