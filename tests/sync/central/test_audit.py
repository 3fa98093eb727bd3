"""The audit: it names every change and what became of it, and shows every way to tamper with it."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, text, update

from sync.central import audit, tables
from sync.central.centre import Centre
from sync.domain.keys import CLOSING, STATUS, Key
from sync.domain.workflow import CLOSED, State, Status
from tests.sync.central.conftest import COMMUNE, FORM, OTHER_VILLAGE, PERIOD, VILLAGE, Clock, Device, value_key

MakeDevice = Callable[[str], Device]


def verdict(centre: Centre, noted: bytes = b"") -> audit.Verdict:
    with centre.database.reading() as connection:
        return audit.verify(connection, centre.province, noted)


def entries(centre: Centre, unit: str = "", author: str = "") -> list[audit.Entry]:
    with centre.database.reading() as connection:
        return audit.show(connection, centre.province, 1_000, unit=unit, author=author)


@pytest.fixture
def village(centre: Centre, device: MakeDevice, clock: Clock) -> Device:
    """Typed two figures and a step, of which the centre parked what was not the village's."""
    found = device(VILLAGE)
    found.type(value_key(VILLAGE), "1")
    found.type(value_key(OTHER_VILLAGE, "ct14"), "987654", author="Bình")
    found.type(Key(STATUS, VILLAGE, FORM, PERIOD), Status(State.SUBMITTED).content())
    clock.now += 60
    found.ask(found.push())
    return found


def test_every_change_stands_there_once_with_both_times_and_no_figure(
    centre: Centre, village: Device, clock: Clock
) -> None:
    step, other, value = entries(centre)[:3]
    assert (value.author, value.device, value.key, value.outcome) == (
        "Nguyễn Văn An",
        village.name,
        value_key(VILLAGE),
        "applied",
    )
    assert (value.typed_at, value.at) == (village.log[0].typed_at, int(clock.now))
    assert (other.author, other.outcome, other.reason) == ("Bình", "parked", "not_your_unit")
    assert (value.content, other.content) == ("", "")
    assert step.content == '{"state":"submitted"}'
    with centre.database.reading() as connection:
        assert "987654" not in repr(connection.execute(select(tables.audit)).all())
    found = verdict(centre)
    assert (found.broken, found.entries) == (0, len(entries(centre)))
    village.ask(village.push())
    assert verdict(centre) == found


def test_what_becomes_of_a_change_later_is_another_entry(centre: Centre, village: Device) -> None:
    before = len(entries(centre))
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLOSED)], "admin")
    village.type(value_key(VILLAGE), "2")
    village.ask(village.push(4))
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), "null")], "admin")
    told = [(entry.key.kind, entry.outcome, entry.reason) for entry in reversed(entries(centre)[:-before])]
    assert told == [
        ("closing", "applied", ""),
        ("value", "parked", "period_closed"),
        ("closing", "applied", ""),
        ("value", "applied", ""),
    ]
    assert verdict(centre).broken == 0


def test_entries_are_found_by_unit_and_by_person(centre: Centre, village: Device) -> None:
    assert {entry.key.unit for entry in entries(centre, unit=COMMUNE)} >= {VILLAGE, OTHER_VILLAGE}
    assert {entry.key.unit for entry in entries(centre, unit=OTHER_VILLAGE)} == {OTHER_VILLAGE}
    assert [entry.key for entry in entries(centre, author="Bình")] == [value_key(OTHER_VILLAGE, "ct14")]
    with centre.database.reading() as connection:
        last, first = (audit.show(connection, "48", 2, before_n=before) for before in (None, 4))
    assert [entry.n for entry in first] == [3, 2]
    assert last[0].n > last[1].n


_THIS = tables.audit.c.n == 5


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (update(tables.audit).where(_THIS).values(author="Ai đó"), "altered"),
        (update(tables.audit).where(_THIS).values(at=1), "altered"),
        (update(tables.audit).where(_THIS).values(typed_at=1), "altered"),
        (update(tables.audit).where(_THIS).values(outcome="parked"), "altered"),
        (update(tables.audit).where(_THIS).values(unit="48"), "altered"),
        (update(tables.audit).where(_THIS).values(hash=bytes(16)), "altered"),
        (delete(tables.audit).where(_THIS), "missing"),
        (delete(tables.audit).where(tables.audit.c.n >= 5), "cut"),
        (update(tables.change).where(tables.change.c.kind == "value").values(content="7"), "change_altered"),
        (update(tables.change).where(tables.change.c.kind == "value").values(author="Ai đó"), "change_altered"),
        (update(tables.change).where(tables.change.c.kind == "value").values(hash=bytes(16)), "change_altered"),
        (delete(tables.change).where(tables.change.c.kind == "value"), "change_altered"),
    ],
)
def test_whoever_tampers_is_found(centre: Centre, village: Device, tamper: object, why: str) -> None:
    assert verdict(centre).broken == 0
    with centre.database.writing() as connection:
        connection.execute(tamper)  # type: ignore[call-overload]
    found = verdict(centre)
    assert found.why == why
    assert found.broken >= 5


def test_an_end_that_was_noted_shows_a_chain_that_was_written_anew(centre: Centre, village: Device) -> None:
    noted = verdict(centre).end
    assert verdict(centre, noted).broken == 0
    village.type(value_key(VILLAGE), "2")
    village.ask(village.push(4))
    assert verdict(centre, noted).broken == 0
    with centre.database.writing() as connection:
        changes = connection.execute(text("SELECT count(*) FROM audit")).scalar()
        connection.execute(delete(tables.audit))
        connection.execute(delete(tables.audit_end))
        connection.execute(tables.migration.delete().where(tables.migration.c.name == "audit"))
    assert changes
    assert verdict(centre).entries == 0
    assert verdict(centre, noted).why == "not_noted"


def test_a_centre_from_before_begins_with_what_its_log_holds(
    centre: Centre, village: Device, reopened: Callable[..., Centre]
) -> None:
    before = {(entry.device, entry.key, entry.at, entry.outcome) for entry in entries(centre)}
    with centre.database.writing() as connection:
        for name in ("audit", "audit_end"):
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(tables.migration.delete().where(tables.migration.c.name == "audit"))
    centre.close()
    again = reopened(centre.folder)
    assert {(entry.device, entry.key, entry.at, entry.outcome) for entry in entries(again)} == before
    assert verdict(again).broken == 0
    # And goes on from there.
    village.centre = again
    village.type(value_key(VILLAGE), "3")
    village.ask(village.push(4))
    assert verdict(again).entries == len(before) + 1
