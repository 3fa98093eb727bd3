"""What is parked takes effect when its cause goes, without another word typed, and its device hears of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from sync.central import tables
from sync.central.arrivals import MAX_LETTERS
from sync.central.centre import Centre
from sync.central.receipts import mac, receipt_key
from sync.domain.catalogue import Catalogue
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, PROGRESS, UNIT, Key
from sync.domain.progress import Progress
from sync.domain.units import Unit, UnitKind
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, State, Status, content_digest, has_approval
from sync.protocol.messages import Receipt, Result, Version
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
NEW_VILLAGE = f"{COMMUNE}.009"


def reasons(centre: Centre, device: Device) -> dict[int, str]:
    """Why each parked change of a device has no effect, as the log says it."""
    with centre.database.reading() as connection:
        columns = tables.change.c
        query = select(columns.n, columns.reason).where(columns.device == device.name, columns.outcome == "parked")
        return {row.n: row.reason for row in connection.execute(query)}


def decide(centre: Centre, *decisions: tuple[Key, str]) -> None:
    centre.repository.decide(decisions, "admin")


def close(centre: Centre, unit: str = "48", content: str = CLOSED, form: str = FORM, period: str = PERIOD) -> None:
    decide(centre, (Key(CLOSING, unit, form, period), content))


def step(device: Device, state: State, digest: str = "") -> Version:
    """The next step of the village's form, over every head that the device sees."""
    device.pull()
    standing = device.base.get(status_key())
    seen = tuple(head.version for head in standing.heads) if standing else ()
    version = device.type(status_key(), Status(state, digest).content(), seen)
    device.ask(device.push(len(device.log)))
    return version


def approve(device: Device) -> Version:
    device.pull()
    cells = {key: [head.content for head in record.heads] for key, record in device.base.items() if key.unit == VILLAGE}
    return step(device, State.APPROVED, content_digest(cells))


def test_a_value_for_a_unit_that_comes_later(centre: Centre, device: MakeDevice) -> None:
    commune = device(COMMUNE)
    version = commune.type(value_key(NEW_VILLAGE), "5")
    commune.ask(commune.push())
    assert reasons(centre, commune) == {1: "unknown_unit"}
    assert commune.told() == {version: ("parked", "unknown_unit")}
    decide(centre, (Key(UNIT, NEW_VILLAGE), Unit(NEW_VILLAGE, UnitKind.VILLAGE, "Thôn Mới").content()))
    assert reasons(centre, commune) == {}
    assert commune.told() == {version: ("applied", "")}
    assert commune.heads(value_key(NEW_VILLAGE)) == ["5"]


def test_a_value_for_another_unit_stays_parked_when_one_comes(centre: Centre, device: MakeDevice) -> None:
    commune = device(COMMUNE)
    commune.type(value_key(NEW_VILLAGE + "1"), "5")
    commune.ask(commune.push())
    decide(centre, (Key(UNIT, NEW_VILLAGE), Unit(NEW_VILLAGE, UnitKind.VILLAGE, "Thôn Mới").content()))
    assert reasons(centre, commune) == {1: "unknown_unit"}


@pytest.mark.parametrize("closed_at", ["48", COMMUNE, VILLAGE])
def test_a_value_in_a_period_that_is_opened_again(centre: Centre, device: MakeDevice, closed_at: str) -> None:
    village = device(VILLAGE)
    close(centre, closed_at)
    village.type(CELL, "5")
    village.type(value_key(VILLAGE, period="A2026Q3"), "6")
    village.ask(village.push())
    assert reasons(centre, village) == {1: "period_closed"}
    assert village.heads(CELL) == []
    close(centre, closed_at, CLEARED)
    assert reasons(centre, village) == {}
    assert village.heads(CELL) == ["5"]
    assert village.told()[village.log[0].version] == ("applied", "")


def test_a_period_that_is_closed_twice_opens_with_the_last(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    close(centre, "48")
    close(centre, COMMUNE)
    village.type(CELL, "5")
    village.ask(village.push())
    close(centre, "48", CLEARED)
    assert reasons(centre, village) == {1: "period_closed"}
    close(centre, COMMUNE, CLEARED)
    assert reasons(centre, village) == {}


def test_what_stood_before_a_closing_stays(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.type(CELL, "5")
    village.ask(village.push())
    close(centre)
    assert village.heads(CELL) == ["5"]
    assert village.ask(village.push()).results == []


def test_a_closed_period_takes_no_step_of_its_form(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    close(centre)
    step(village, State.SUBMITTED)
    assert reasons(centre, village) == {1: "period_closed"}
    close(centre, content=CLEARED)
    assert reasons(centre, village) == {}


def test_an_edit_of_what_is_approved_waits_until_it_is_reopened(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    first = village.type(CELL, "5")
    village.ask(village.push())
    step(village, State.SUBMITTED)
    approve(commune)
    village.pull()
    edit = village.type(CELL, "6", (first,))
    village.ask(village.push(3))
    assert village.told() == {edit: ("parked", "approved")}
    assert village.heads(CELL) == ["5"]
    assert commune.told() == {}, "a revision request is its author's alone until it is taken"
    step(commune, State.REOPENED)
    assert village.told() == {edit: ("applied", "")}
    assert village.heads(CELL) == ["6"]


def test_other_forms_and_other_units_go_on_while_one_is_approved(centre: Centre, device: MakeDevice) -> None:
    commune = device(COMMUNE)
    approve(commune)
    for key in (value_key(OTHER_VILLAGE), value_key(VILLAGE, period="A2026Q3")):
        commune.type(key, "5")
    commune.type(Key(PROGRESS, VILLAGE, "t", "", "p"), Progress(date(2026, 11, 20), 1).content())
    commune.ask(commune.push(2))
    assert reasons(centre, commune) == {}


def test_a_catalogue_that_knows_the_indicator(
    centre: Centre, device: MakeDevice, catalogue: Catalogue, reopened: Callable[..., Centre]
) -> None:
    village = device(VILLAGE)
    key = value_key(VILLAGE, "ct99")
    version = village.type(key, "5")
    village.ask(village.push())
    assert reasons(centre, village) == {1: "unknown_indicator"}
    centre.close()
    more = {**catalogue.indicators, "ct99": catalogue.indicators["ct01"]._replace(key="ct99")}
    again = reopened(centre.folder, catalogue._replace(version="later", indicators=more))
    village.centre = again
    assert reasons(again, village) == {}
    assert village.told() == {version: ("applied", "")}
    assert village.heads(key) == ["5"]


def test_a_scope_that_takes_the_unit_in(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    version = village.type(value_key(OTHER_VILLAGE), "5")
    village.ask(village.push())
    assert village.told() == {version: ("parked", "not_your_unit")}
    centre.enrolment.set_scope(village.name, [VILLAGE, OTHER_VILLAGE])
    assert village.told() == {version: ("applied", "")}
    assert village.heads(value_key(OTHER_VILLAGE)) == ["5"]


def test_what_is_tried_again_is_tried_in_the_order_it_was_typed(centre: Centre, device: MakeDevice) -> None:
    commune, other = device(COMMUNE), device(COMMUNE)
    key = value_key(NEW_VILLAGE)
    versions: list[Version] = []
    for number in range(4):
        versions.append(commune.type(key, str(number), tuple(versions[-1:])))
    rival = other.type(key, "9")
    for each in (commune, other):
        each.ask(each.push())
    decide(centre, (Key(UNIT, NEW_VILLAGE), Unit(NEW_VILLAGE, UnitKind.VILLAGE, "Thôn Mới").content()))
    assert sorted(commune.heads(key)) == ["3", "9"]
    outcomes = {commune.told()[version][0] for version in versions} | {other.told()[rival][0]}
    assert outcomes == {"applied", "conflict"}


def test_one_with_a_descendant_in_effect_becomes_history(centre: Centre, device: MakeDevice) -> None:
    """After a restore the later of two has its effect again by its receipt, while the earlier one still waits."""
    village = device(VILLAGE)
    close(centre)
    parked = village.type(CELL, "5")
    village.type(CELL, "6", (parked,))
    results = [Result(1, Outcome.PARKED, "period_closed")]
    key = receipt_key(bytes(centre.key))
    receipt = Receipt(1, village.link(2), tuple(results), mac(key, village.name, 1, village.link(2), results))
    assert village.ask(village.push(receipts=[receipt])).results == results
    assert village.heads(CELL) == ["6"]
    close(centre, content=CLEARED)
    assert reasons(centre, village) == {}
    assert village.told() == {parked: ("history", "")}
    assert village.heads(CELL) == ["6"]


def test_a_step_that_came_too_late_is_not_tried_again(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    step(village, State.SUBMITTED)
    returned = Status(State.RETURNED).content()
    late = village.type(status_key(), Status(State.SUBMITTED, comment="lần hai").content())
    commune.pull()
    commune.type(status_key(), returned, tuple(head.version for head in commune.base[status_key()].heads))
    commune.ask(commune.push())
    village.ask(village.push(2))
    assert village.told() == {late: ("parked", "status_moved")}
    step(commune, State.REOPENED)
    close(centre)
    close(centre, content=CLEARED)
    assert village.told() == {late: ("parked", "status_moved")}


def test_a_step_over_ones_own_parked_one_has_seen_what_that_had_seen(centre: Centre, device: MakeDevice) -> None:
    """Nobody else moved: both wait for the period alone, and the later one stands when it is opened."""
    village = device(VILLAGE)
    step(village, State.SUBMITTED)
    close(centre)
    before = step(village, State.SUBMITTED)
    village.type(status_key(), Status(State.SUBMITTED, comment="lần hai").content(), (before,))
    village.ask(village.push(3))
    assert reasons(centre, village) == {2: "period_closed", 3: "period_closed"}
    close(centre, content=CLEARED)
    assert reasons(centre, village) == {}
    assert village.heads(status_key()) == [village.log[2].content]


def test_nobody_else_hears_of_what_is_parked(centre: Centre, device: MakeDevice) -> None:
    village, other = device(VILLAGE), device(VILLAGE)
    close(centre)
    village.type(CELL, "5")
    village.ask(village.push())
    assert other.told() == {}
    assert other.heads(CELL) == []


def test_a_retry_of_many_devices_settles_each_in_its_own_stream(centre: Centre, device: MakeDevice) -> None:
    villages = [device(VILLAGE) for _ in range(3)]
    close(centre)
    for number, each in enumerate(villages):
        each.type(CELL, str(number))
        each.ask(each.push())
    close(centre, content=CLEARED)
    assert sorted(villages[0].heads(CELL)) == ["0", "1", "2"]
    for each in villages:
        assert set(each.told()) == {each.log[0].version}
        assert each.told()[each.log[0].version][0] != "parked"


def test_a_parked_change_holds_up_no_other(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    for n in range(30):
        village.type(value_key(VILLAGE, "ct99" if n % 2 else "ct01", f"A{2000 + n}Q1"), str(n))
    answer = village.ask(village.push())
    assert answer.held == village.link(30)
    assert [result.n for result in answer.results] == [n for n in range(1, 31) if n % 2 == 0]
    assert len([key for key in village.base if key.kind == "value"]) == 15


def test_the_answer_says_again_why_it_is_parked_until_it_is_not(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    close(centre)
    village.type(CELL, "5")
    first = village.ask(village.push())
    assert village.ask(village.push()).results == first.results
    close(centre, content=CLEARED)
    assert village.ask(village.push()).results == []


def test_thousands_of_units_at_once_are_no_trouble(centre: Centre, device: MakeDevice) -> None:
    """As when a province's villages are loaded, or come back from the register after a restore."""
    commune = device(COMMUNE)
    last = f"{COMMUNE}.998"
    commune.type(value_key(last), "5")
    commune.ask(commune.push())
    communes = [f"48.3000{number}" for number in range(2)]
    units = [Unit(unit, UnitKind.COMMUNE, "Xã") for unit in communes]
    units += [
        Unit(f"{unit}.{n:03}", UnitKind.VILLAGE, "Thôn") for unit in (*communes, COMMUNE) for n in range(100, 999)
    ]
    decide(centre, *((Key(UNIT, unit.key), unit.content()) for unit in units))
    assert commune.heads(value_key(last)) == ["5"]


def test_a_step_that_takes_effect_late_lets_in_what_waited_for_it(centre: Centre, device: MakeDevice) -> None:
    """The form was reopened while its period was closed: opening the period brings the step, and so the edit."""
    commune, village = device(COMMUNE), device(VILLAGE)
    approve(commune)
    village.type(CELL, "7")
    village.ask(village.push())
    close(centre)
    step(commune, State.REOPENED)
    assert (reasons(centre, commune), reasons(centre, village)) == ({2: "period_closed"}, {1: "approved"})
    close(centre, content=CLEARED)
    assert (reasons(centre, commune), reasons(centre, village)) == ({}, {})
    assert village.heads(CELL) == ["7"]


def test_what_is_let_in_at_once_still_comes_in_commits_that_a_page_can_bring(
    centre: Centre, device: MakeDevice
) -> None:
    stranger = device(OTHER_COMMUNE)
    for number in range(2 * MAX_LETTERS // 19_000):
        stranger.type(value_key(VILLAGE, period=f"A{2000 + number}Q2"), f'"{"a" * 19_000}"')
    for first_n in range(1, len(stranger.log) + 1, 50):
        stranger.ask(stranger.push(first_n, first_n + 49))
    centre.enrolment.set_scope(stranger.name, [COMMUNE])
    pages = device(COMMUNE).ask(page_bytes=1).pages
    of_commune = next(page for page in pages if page.subscription.stream == COMMUNE)
    assert of_commune.more
    assert 0 < sum(len(head.content) for record in of_commune.records for head in record.heads) <= MAX_LETTERS
    assert reasons(centre, stranger) == {}


def test_looking_for_what_is_parked_reads_nothing_else(centre: Centre, device: MakeDevice) -> None:
    """Every approval looks, and the log is long."""
    with centre.database.reading() as connection:
        engine = connection.engine
    asked: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        if "outcome = 'parked'" in statement:
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    commune = device(COMMUNE)
    approve(commune)
    close(centre)
    centre.enrolment.set_scope(commune.name, [VILLAGE])
    with centre.database.writing() as connection:
        connection.execute(delete(tables.judged))
    centre.repository.catch_up()
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 6
    with centre.database.reading() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert "INDEX change_parked" in plan[0][3], statement


def test_a_village_cannot_take_back_the_approval_of_its_form(centre: Centre, device: MakeDevice) -> None:
    """By submitting again it could change what was approved without asking; whoever stands above may."""
    commune, village = device(COMMUNE), device(VILLAGE)
    step(village, State.SUBMITTED)
    approve(commune)
    step(village, State.SUBMITTED)
    village.type(CELL, "7")
    village.ask(village.push(3))
    assert reasons(centre, village) == {2: "approved", 3: "approved"}
    assert has_approval(village.heads(status_key()))
    step(commune, State.REOPENED)
    assert reasons(centre, village) == {2: "status_moved"}
    assert village.heads(CELL) == ["7"]
