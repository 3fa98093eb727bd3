"""The feed: pages that end between commits, scopes, cursors, and readers that miss nothing while many write."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from sync.central.centre import Centre
from sync.central.repository import TOKEN_DAYS
from sync.central.standing import _reading
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import BROADCAST, DEADLINE, TASK, UNIT, Key, stream_of_device, within
from sync.domain.units import Unit, UnitKind
from sync.domain.values import CLEARED
from sync.protocol.messages import START, Cursor, Origin, Push, Subscription, SyncAnswer, SyncRequest
from sync.protocol.vectors import MANY, vector_of
from sync.protocol.version import FIRST_WITH_PROOFS, PROTOCOL
from tests.sync.central.conftest import (
    COMMUNE,
    FORM,
    OTHER_COMMUNE,
    OTHER_VILLAGE,
    VILLAGE,
    Clock,
    Device,
    value_key,
)

MakeDevice = Callable[[str], Device]
DUE = '{"due":"2026-06-15T17:00+07:00","source":""}'
BROADCASTS = Subscription(BROADCAST, BROADCAST)
OF_COMMUNE = Subscription(COMMUNE, COMMUNE)
OF_VILLAGE = Subscription(VILLAGE, COMMUNE)


def fill(centre: Centre) -> None:
    """Something in every stream and unit."""
    centre.repository.decide(
        [
            *((value_key(unit), "1") for unit in (VILLAGE, OTHER_VILLAGE, COMMUNE, OTHER_COMMUNE, "48", "48.D01")),
            (Key(TASK, VILLAGE, "t1", "", "content"), '"việc của thôn"'),
            (Key(TASK, COMMUNE, "t2", "", "content"), '"việc của xã"'),
            (Key(TASK, "48.D01", "t3", "", "content"), '"việc của sở"'),
            (Key(DEADLINE, COMMUNE, FORM, "A2026Q2"), DUE),
            (Key(DEADLINE, OTHER_COMMUNE, FORM, "A2026Q2"), DUE),
            (Key(DEADLINE, "48", FORM, "A2026Q3"), DUE),
        ],
        "admin",
    )


def seen_by(device: Device) -> set[tuple[str, str]]:
    """Kind and unit of what a device has, without what everyone has."""
    for_all = {key for key in device.base if key.kind in (UNIT, DEADLINE)}
    assert {key.unit for key in for_all if key.kind == DEADLINE} == {COMMUNE, OTHER_COMMUNE, "48"}
    return {(key.kind, key.unit) for key in device.base.keys() - for_all}


def test_a_village_gets_its_own_and_what_is_for_all_and_nothing_else(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    assert seen_by(village) == {
        ("value", VILLAGE),
        ("task", VILLAGE),
    }
    assert {key.unit for key in village.base if key.kind == UNIT} == set(centre.repository.units())
    assert set(village.cursors) == {BROADCASTS, OF_VILLAGE}


def test_a_commune_gets_its_villages_and_no_other_commune(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    commune = device(COMMUNE)
    commune.pull()
    assert all(within(unit, COMMUNE) for _, unit in seen_by(commune))
    assert ("value", OTHER_VILLAGE) in seen_by(commune)


def test_a_department_gets_its_own(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    department = device("48.D01")
    department.pull()
    assert seen_by(department) == {("value", "48.D01"), ("task", "48.D01")}


def test_a_province_gets_all(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    province = device("48")
    province.pull()
    assert {unit for _, unit in seen_by(province)} == {VILLAGE, OTHER_VILLAGE, COMMUNE, OTHER_COMMUNE, "48", "48.D01"}
    assert set(province.cursors) == {
        BROADCASTS,
        *(Subscription("48", stream) for stream in ("48", COMMUNE, OTHER_COMMUNE)),
    }


def test_units_whose_names_begin_alike_are_not_within(centre: Centre, device: MakeDevice) -> None:
    longer = "48.203081"
    centre.repository.decide([(Key(UNIT, COMMUNE), centre.repository.units()[COMMUNE].content())], "admin")
    village = device(VILLAGE)
    village.type(value_key(longer), "1")
    assert village.ask(village.push()).results[0].reason == "not_your_unit"


def test_nothing_to_do_is_answered_without_pages(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    assert village.ask().pages == []


def test_another_village_s_change_moves_the_cursor_only(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village, commune = device(VILLAGE), device(COMMUNE)
    village.pull()
    commune.type(value_key(OTHER_VILLAGE), "5")
    commune.ask(commune.push())
    (page,) = village.ask().pages
    assert (page.subscription, page.records, page.more) == (OF_VILLAGE, [], False)
    assert village.ask().pages == []


def test_a_stream_that_was_pushed_into_gets_its_page(device: MakeDevice) -> None:
    """Also when all of the push was parked: the device waits for the end of that stream."""
    village = device(VILLAGE)
    village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    village.type(value_key(VILLAGE, "ct99"), "1")
    found = {page.subscription.stream: page.more for page in village.ask(village.push(2)).pages}
    assert found == {COMMUNE: False, stream_of_device(village.name): False}


def test_pages_end_between_commits_and_bring_everything(centre: Centre, device: MakeDevice) -> None:
    writer, reader = device(COMMUNE), device(COMMUNE)
    for year in range(1990, 2020):
        first = len(writer.log) + 1
        for quarter in range(1, 5):
            for unit in (VILLAGE, OTHER_VILLAGE):
                writer.type(value_key(unit, period=f"A{year}Q{quarter}"), '{"note":"' + "ghi chú " * 20 + '"}')
        writer.ask(writer.push(first))
    commits: list[int] = []
    more = True
    while more:
        pages = {page.subscription.stream: page for page in reader.ask(page_bytes=1).pages}
        more = any(page.more for page in pages.values())
        if COMMUNE in pages and pages[COMMUNE].records:
            commits.append(len(pages[COMMUNE].records))
    # The least page is 1,024 bytes: two commits of eight notes of some 90 bytes each reach that.
    assert all(count % 8 == 0 for count in commits)
    assert sum(commits) == 240
    assert len(commits) > 10
    writer.pull()
    assert reader.base == writer.base


def test_streams_behind_the_bound_say_that_there_is_more(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    province = device("48")
    pages = province.ask(page_bytes=1).pages
    assert [page.subscription.stream for page in pages] == [BROADCAST, "48", OTHER_COMMUNE, COMMUNE]
    assert not pages[0].more
    assert province.pull(page_bytes=1) < 5
    whole = device("48")
    assert whole.pull() == 1
    assert whole.base == province.base


def test_the_end_of_one_stream_is_told_while_another_has_more(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    many = [(value_key(COMMUNE, period=f"A{year}Y"), '"' + "x" * 900 + '"') for year in range(1990, 2000)]
    for decision in many:
        centre.repository.decide([decision], "admin")
    commune = device(COMMUNE)
    pages = {page.subscription.stream: page for page in commune.ask(page_bytes=1024).pages}
    assert not pages[BROADCAST].more
    assert pages[COMMUNE].more
    village.pull()


@pytest.mark.parametrize("token", ["", "nonsense", None])
@pytest.mark.parametrize("seq", [-1, 0, 1, 2, 99, 2**60])
def test_a_cursor_that_is_unknown_begins_again(centre: Centre, device: MakeDevice, seq: int, token: str | None) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    before = dict(village.base)
    real = village.cursors[OF_VILLAGE]
    village.cursors[OF_VILLAGE] = Cursor(seq, real.token if token is None else token)
    known = village.cursors[OF_VILLAGE] == real
    pages = village.ask().pages
    assert [page.subscription.stream for page in pages] == ([] if known else [COMMUNE])
    assert village.base == before
    assert village.cursors[OF_VILLAGE] == real


def test_a_cursor_of_an_earlier_commit_goes_on_from_there(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    earlier = village.cursors[OF_VILLAGE]
    centre.repository.decide([(value_key(VILLAGE, "ct14"), "5")], "admin")
    centre.repository.decide([(value_key(VILLAGE, period="A2026Q3"), "6")], "admin")
    village.cursors[OF_VILLAGE] = earlier
    (page,) = village.ask().pages
    assert [record.key for record in page.records] == [value_key(VILLAGE, "ct14"), value_key(VILLAGE, period="A2026Q3")]


def test_cursors_of_foreign_streams_are_ignored(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    village.cursors |= {
        Subscription(OTHER_COMMUNE, OTHER_COMMUNE): START,
        Subscription("48", "48"): START,
        Subscription("no", "such"): Cursor(5, "x"),
        OF_COMMUNE: START,
    }
    assert village.ask().pages == []


def test_a_cleared_value_is_sent_as_such(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    first = village.type(value_key(VILLAGE), "1")
    village.type(value_key(VILLAGE), CLEARED, (first,))
    village.ask(village.push())
    commune.pull()
    assert commune.base[value_key(VILLAGE)].heads[0].content == CLEARED


def test_a_reader_misses_nothing_while_eight_write(centre: Centre, device: MakeDevice, clock: Clock) -> None:
    """Eight real threads write to one stream; a reader that follows them must end with every row."""
    writers = [device(COMMUNE) for _ in range(8)]
    reader = device(COMMUNE)
    failures: list[BaseException] = []

    def write(number: int, writer: Device) -> None:
        try:
            for push in range(25):
                first = len(writer.log) + 1
                for cell in range(5):
                    item = "ct01" if cell % 2 else "ct14"
                    writer.type(value_key(VILLAGE, item, f"A{2000 + number * 25 + push}Q{1 + cell // 2}"), "1")
                request = SyncRequest(PROTOCOL, "1", writer.push(first), {}, 1)
                writer.centre.repository.push_pull(writer.name, request)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=write, args=pair) for pair in enumerate(writers)]
    for thread in threads:
        thread.start()
    rounds = 0
    while any(thread.is_alive() for thread in threads):
        reader.pull()
        rounds += 1
    for thread in threads:
        thread.join()
    reader.pull()
    assert not failures
    assert rounds > 5
    whole = device(COMMUNE)
    whole.pull()
    assert len([key for key in whole.base if key.kind == "value"]) == 8 * 25 * 5
    assert reader.base == whole.base


def test_a_record_is_found_by_key_and_never_by_scanning(centre: Centre) -> None:
    names = ("stream", "kind", "unit", "item", "period", "part")
    with centre.database.reading() as connection:
        query = text(f"EXPLAIN QUERY PLAN {_reading(2).text}")
        values = {"province": "48", **{f"{name}_{row}": "x" for name in names for row in range(2)}}
        plan = [row[3] for row in connection.execute(query, values)]
    assert any("SEARCH record USING PRIMARY KEY (province_code=? AND stream=? AND kind=?" in step for step in plan)
    assert not any("SCAN record" in step for step in plan)


# Cursors that are not known, and many at once


def test_an_unknown_cursor_is_answered_with_the_end_and_a_proof(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village, fresh = device(VILLAGE), device(VILLAGE)
    proofs = {page.subscription: page.digest for page in fresh.ask().pages}
    village.pull()
    village.cursors[OF_VILLAGE] = Cursor(1, "of another life")
    (page,) = village.ask().pages
    assert (page.subscription, page.origin, page.records, page.more) == (OF_VILLAGE, Origin.UNKNOWN, [], False)
    assert (page.cursor, page.digest) == (fresh.cursors[OF_VILLAGE], proofs[OF_VILLAGE])


def test_a_device_without_proofs_reads_an_unknown_stream_from_its_start(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    cursors = {**village.cursors, OF_VILLAGE: Cursor(1, "of another life")}
    request = SyncRequest(FIRST_WITH_PROOFS - 1, "1", Push(village.link(0)), cursors, 1 << 20)
    (page,) = centre.repository.push_pull(village.name, request).pages
    assert page.origin is Origin.START
    assert {record.key for record in page.records} == {key for key in village.base if within(key.unit, VILLAGE)} - {
        key for key in village.base if key.kind == UNIT
    }


def by_vector(device: Device, vector: bytes = b"") -> SyncAnswer:
    """Ask with a hash in the place of the cursors."""
    request = SyncRequest(PROTOCOL, "1", Push(device.link(0)), {}, 1, vector=vector or vector_of(device.cursors))
    return device.centre.repository.push_pull(device.name, request)


@pytest.fixture
def many(centre: Centre) -> Centre:
    """More communes than cursors are sent whole for."""
    communes = [f"48.3{number:04}" for number in range(MANY + 2)]
    units = [Unit(commune, UnitKind.COMMUNE, f"Xã {commune}") for commune in communes]
    centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "admin")
    centre.repository.decide([(value_key(unit.key), '"' + "x" * 900 + '"') for unit in units], "admin")
    return centre


def test_many_cursors_are_known_by_their_hash(many: Centre, device: MakeDevice) -> None:
    province = device("48")
    province.pull()
    province.ask()
    assert len(province.cursors) >= MANY
    answer = by_vector(province)
    assert (answer.resend, answer.pages, answer.scope) == (False, [], None)
    many.repository.decide([(value_key("48.30003"), "2")], "admin")
    answer = by_vector(province)
    assert [page.subscription.stream for page in answer.pages] == ["48.30003"]
    assert [record.heads[0].content for record in answer.pages[0].records] == ["2"]


def test_what_a_page_brought_is_known_by_its_hash_the_next_time(many: Centre, device: MakeDevice) -> None:
    province = device("48")
    province.pull()
    province.ask()
    many.repository.decide([(value_key("48.30003"), "2")], "admin")
    for page in by_vector(province).pages:
        province.take(page)
    assert by_vector(province).resend is False


def test_a_long_pull_is_known_by_its_hash_from_page_to_page(many: Centre, device: MakeDevice) -> None:
    province = device("48")
    more = any(page.more for page in province.ask(page_bytes=1).pages)
    assert more
    rounds = 0
    while more:
        answer = by_vector(province) if len(province.cursors) >= MANY else province.ask(page_bytes=1)
        assert not answer.resend
        for page in answer.pages:
            province.take(page)
        more = any(page.more for page in answer.pages)
        rounds += 1
    assert rounds > 1
    assert by_vector(province).pages == []


def test_a_hash_that_is_not_known_asks_for_the_cursors_and_reads_nothing(
    many: Centre, device: MakeDevice, reopened: Callable[..., Centre]
) -> None:
    province = device("48")
    province.pull()
    province.ask()
    for vector in (b"12345678", b"x"):
        answer = by_vector(province, vector)
        assert (answer.resend, answer.pages, answer.scope, answer.heals) == (True, [], None, [])
    # A centre that was started again has seen nothing yet; what was pushed is taken all the same.
    many.close()
    province.centre = reopened(many.folder)
    province.type(value_key("48.30004"), "3")
    request = SyncRequest(PROTOCOL, "1", province.push(), {}, 1 << 20, vector=vector_of(province.cursors))
    answer = province.centre.repository.push_pull(province.name, request)
    assert (answer.resend, answer.held) == (True, province.link(1))
    assert province.ask().resend is False


def test_another_devices_hash_opens_nothing(many: Centre, device: MakeDevice) -> None:
    province, village = device("48"), device(VILLAGE)
    province.pull()
    province.ask()
    answer = by_vector(village, vector_of(province.cursors))
    assert {page.subscription for page in answer.pages} <= {BROADCASTS, OF_VILLAGE}
    assert answer.scope == [VILLAGE]


def test_a_unit_that_is_taken_away_is_told_also_where_nothing_was_read_of_it(many: Centre, device: MakeDevice) -> None:
    """By a hash too, which speaks of the units that a device believes in."""
    province = device("48")
    province.pull()
    many.enrolment.set_scope(province.name, ["48", "49.00001"])
    empty = Subscription("49.00001", "49.00001")
    province.cursors[empty] = START
    assert province.ask().scope is None
    assert province.cursors[empty] == START
    answer = by_vector(province)
    assert (answer.resend, answer.scope, answer.pages) == (False, None, [])
    many.enrolment.set_scope(province.name, ["48"])
    answer = by_vector(province)
    assert (answer.resend, answer.scope) == (False, ["48"])


def test_tokens_of_long_ago_are_forgotten_and_their_cursors_proved_instead(
    centre: Centre, device: MakeDevice, clock: Clock, reopened: Callable[..., Centre]
) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    old = dict(village.cursors)
    centre.repository.decide([(value_key(VILLAGE, "ct14"), "5")], "admin")
    centre.close()
    clock.now += (TOKEN_DAYS + 1) * 86_400
    village.centre = reopened(centre.folder)
    pages = {page.subscription: page.origin for page in village.ask().pages}
    assert pages == {OF_VILLAGE: Origin.UNKNOWN}
    assert old[BROADCASTS] == village.cursors[BROADCASTS]


# Scopes


def test_several_units_are_seen_and_the_scope_is_told_when_it_is_another(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    village = device(VILLAGE)
    village.pull()
    assert village.ask().scope is None
    centre.enrolment.set_scope(village.name, [VILLAGE, OTHER_COMMUNE])
    answer = village.ask()
    assert answer.scope == sorted((VILLAGE, OTHER_COMMUNE))
    (page,) = answer.pages
    assert (page.subscription, page.origin) == (Subscription(OTHER_COMMUNE, OTHER_COMMUNE), Origin.START)
    assert {record.key.unit for record in page.records} == {OTHER_COMMUNE}
    assert village.ask().scope is None
    centre.enrolment.set_scope(village.name, [OTHER_COMMUNE])
    answer = village.ask()
    assert (answer.scope, answer.pages) == ([OTHER_COMMUNE], [])


def test_a_unit_below_another_is_served_once(centre: Centre, device: MakeDevice) -> None:
    fill(centre)
    officer = device("48.D01")
    centre.enrolment.set_scope(officer.name, [COMMUNE, VILLAGE, "48.D01", COMMUNE])
    officer.pull()
    assert {subscription.root for subscription in officer.cursors} == {BROADCAST, COMMUNE, "48.D01"}


def test_nobody_is_told_of_a_device_that_is_not_known(centre: Centre) -> None:
    for change in (centre.enrolment.revoke, lambda name: centre.enrolment.set_scope(name, [VILLAGE])):
        with pytest.raises(EnvironmentFault, match="device_unknown"):
            change("f" * 20)


def test_a_revoked_device_pulls_nothing(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.pull()
    centre.enrolment.revoke(village.name)
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        village.ask()
