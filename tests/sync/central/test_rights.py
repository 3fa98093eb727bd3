"""Rights at the centre: every role, action, distance and class over HTTP, and what a device's people let it see."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from sync.central.centre import Centre, make_centre, open_centre
from sync.central.tables import record, stream
from sync.domain.catalogue import Catalogue, Row, Section, Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.keys import (
    BROADCAST,
    CLOSING,
    COMMENT,
    DEADLINE,
    DEVICE,
    PERSON,
    PROGRESS,
    RIGHTS,
    STATUS,
    TASK,
    UNIT,
    VALUE,
    Key,
    stream_of_device,
)
from sync.domain.parking import (
    INVALID_CONTENT,
    NO_RIGHT,
    NOT_YOUR_UNIT,
    NOT_YOURS_TO_DECIDE,
    OF_RIGHTS,
    PERSON_UNKNOWN,
    UNKNOWN_INDICATOR,
    UNKNOWN_UNIT,
)
from sync.domain.persons import Person
from sync.domain.progress import Progress
from sync.domain.rights import Action, Grant, Role, people_content, people_of
from sync.domain.units import Unit, UnitKind
from sync.domain.workflow import Remark, State, Status
from sync.protocol import chain
from sync.protocol.messages import EnrolRequest, Push, Result, Subscription, SyncAnswer, SyncRequest
from sync.protocol.version import FIRST_WITH_CLASSES, OLDEST, PROTOCOL
from tests.rights_table import ALLOWED, FAR_VILLAGE, PLACES, ROWS, attempts, may
from tests.sync.central.conftest import (
    COMMUNE,
    FORM,
    OTHER_COMMUNE,
    OTHER_VILLAGE,
    PERIOD,
    UNITS,
    VILLAGE,
    Clock,
    Device,
    Line,
    value_key,
)

PUBLIC, INTERNAL, SENSITIVE = Sensitivity
ITEM = "01980000-0000-7000-8000-000000000001"


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """A figure and a form of each class, reported by every unit."""
    kinds = frozenset(UnitKind)
    plain = catalogue.indicators["ct01"]
    indicators = {
        str(one): plain._replace(key=one, sensitivity=one, unit_kinds=kinds, breakdown=None) for one in Sensitivity
    }
    forms = {
        str(one): catalogue.forms[FORM]._replace(
            key=one, unit_kinds=kinds, sections=(Section("", plain.name, (Row(one, one),)),)
        )
        for one in Sensitivity
    }
    return catalogue._replace(
        indicators={**catalogue.indicators, **indicators},
        forms={**catalogue.forms, **forms},
    )


@pytest.fixture
def centre(tmp_path: Path, catalogue: Catalogue, clock: Clock) -> Iterator[Centre]:
    make_centre(tmp_path / "centre", "48", clock)
    with closing(open_centre(tmp_path / "centre", catalogue, clock)) as centre:
        units = (*UNITS, Unit(FAR_VILLAGE, UnitKind.VILLAGE, "Thôn Xa"))
        centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "admin")
        yield centre


def person_on(centre: Centre, name: str, *grants: Grant) -> Device:
    """A device that was taken in for somebody who holds these roles."""
    for grant in grants:
        centre.staff.give(name, *grant)
    found = Device(centre, "48", is_known=True)
    code = centre.enrolment.make_code(grants[0].unit if grants else "48", name, 7)
    centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(found.key.verify_key), "PC"))
    return found


def push_over(line: Line, device: Device) -> SyncAnswer:
    answer = line.post("/v1/sync", SyncRequest(PROTOCOL, "1", device.push(), {}, 1 << 20), device.key)
    assert isinstance(answer, SyncAnswer)
    return answer


def test_every_role_action_distance_and_class_over_http(line: Line, centre: Centre) -> None:
    assert {role for role, _ in ALLOWED} == set(Role)
    names = {key: unit.name for key, unit in centre.repository.units().items()}
    written = [(Key(VALUE, unit, one, PERIOD), "1") for unit in PLACES.values() for one in Sensitivity]
    written += [(Key(COMMENT, unit, one, PERIOD, ITEM), '"x"') for unit in PLACES.values() for one in Sensitivity]
    centre.repository.decide(written, "admin")
    asserted = 0
    for number, (held, up_to) in enumerate(ROWS):
        if held[0] is Role.AS_ENROLLED:
            device = Device(centre, held[1])
        else:
            device = person_on(centre, f"Người {number}", Grant(*held, up_to))
        tried = list(attempts(1970 + number, names))
        for attempt in tried:
            device.type(attempt.key, attempt.content, author=f"Người {number}")
        answer = push_over(line, device)
        refused = {result.n: result.reason for result in answer.results if result.outcome is Outcome.PARKED}
        for n, attempt in enumerate(tried, 1):
            allowed = may(held, up_to, attempt.action, attempt.place, attempt.sensitivity)
            assert (n not in refused) == allowed, (held, up_to, attempt, refused.get(n))
            assert allowed or refused[n] in OF_RIGHTS
        seen = {found.key for page in answer.pages for found in page.records if found.key.period == PERIOD}
        expected = {
            key
            for place, unit in PLACES.items()
            for one in Sensitivity
            for key in (Key(VALUE, unit, one, PERIOD), Key(COMMENT, unit, one, PERIOD, ITEM))
            if may(held, up_to, Action.READ, place, one)
        }
        assert seen == expected, (held, up_to)
        asserted += len(tried) + len(written)
    assert asserted == (8 * 3 + 1) * 6 * (6 * 3 + 6 + 2 * 3)


def test_an_author_who_is_none_of_the_people_is_parked_and_takes_effect_when_named(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    mine, hers = (
        device.type(value_key(VILLAGE, item), "1", author=name) for item, name in (("ct01", "An"), ("ct14", "Bình"))
    )
    assert device.ask(device.push()).results == [Result(2, Outcome.PARKED, PERSON_UNKNOWN)]
    centre.staff.give("Bình", Role.VILLAGE_ENTRY, VILLAGE, INTERNAL)
    centre.staff.set_people(device.name, ["An", "Bình"])
    assert device.told()[hers] == (Outcome.PARKED, NO_RIGHT)
    centre.staff.give("Bình", Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE)
    assert device.told()[hers] == (Outcome.APPLIED, "")
    assert device.heads(value_key(VILLAGE, "ct14")) == ["1"]
    assert mine not in device.told()


def test_a_role_that_was_lost_while_offline_parks_what_came_later_and_loses_nothing(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    device.type(value_key(VILLAGE), "1", author="An")
    device.ask(device.push())
    centre.staff.take("An", Role.VILLAGE_ENTRY, VILLAGE)
    later = device.type(value_key(VILLAGE, "ct14"), "2", author="An")
    answer = device.ask(device.push(2))
    assert answer.results == [Result(2, Outcome.PARKED, NOT_YOUR_UNIT)]
    assert answer.scope == []
    centre.staff.give("An", Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE)
    assert device.told()[later] == (Outcome.APPLIED, "")
    assert device.heads(value_key(VILLAGE, "ct14")) == ["2"]


def test_people_of_other_devices_are_told_to_nobody(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE))
    person_on(centre, "Bình", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    old = Device(centre, "48")
    for one in (device, old):
        one.pull()
        assert not any(key.kind in (PERSON, DEVICE) or "Bình" in key for key in one.base)
    told = {key: found.heads[0].content for key, found in device.base.items() if key.kind == RIGHTS}
    own = Key(RIGHTS, stream_of_device(device.name))
    assert told == {own: people_content({"An": (Grant(Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE),)})}
    assert not any(key.kind == RIGHTS for key in old.base)


def test_a_device_from_before_roles_goes_on_until_its_person_has_one(centre: Centre) -> None:
    device = Device(centre, COMMUNE)
    device.type(value_key(VILLAGE), "1", author="ai đó")
    device.type(Key(STATUS, VILLAGE, FORM, PERIOD), Status(State.RETURNED).content(), author="ai đó")
    assert device.ask(device.push()).results == []
    # Somebody else's role says nothing of this device.
    centre.staff.give("Người khác", Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE)
    assert centre.staff.people_of_devices() == {}
    centre.staff.give("Nguyễn Văn An", Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE)
    entry = (Grant(Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE),)
    assert centre.staff.people_of_devices() == {device.name: {"Nguyễn Văn An": entry}}
    device.type(value_key(VILLAGE, "ct14"), "1", author="ai đó")
    device.type(value_key(VILLAGE, "ct14"), "2")
    returned = Status(State.RETURNED, comment="Xem lại").content()
    device.type(Key(STATUS, OTHER_VILLAGE, FORM, PERIOD), returned)
    assert [(result.n, result.reason) for result in device.ask(device.push(3)).results] == [
        (3, PERSON_UNKNOWN),
        (5, NOT_YOURS_TO_DECIDE),
    ]


def test_who_may_not_see_a_figure_cannot_name_it_in_a_return(centre: Centre) -> None:
    """Neither in its own form, nor in that of another class, over which they may decide."""
    about = Remark(SENSITIVE, "", "Khác sổ")

    def name_in(device: Device, form: str, author: str) -> list[Result]:
        returned = Status(State.RETURNED, remarks=(about,)).content()
        device.type(Key(STATUS, VILLAGE, form, PERIOD), returned, author=author)
        return device.ask(device.push(len(device.log))).results

    internal = person_on(centre, "Hoa", Grant(Role.COMMUNE_APPROVAL, COMMUNE, INTERNAL))
    assert name_in(internal, SENSITIVE, "Hoa") == [Result(1, Outcome.PARKED, NOT_YOURS_TO_DECIDE)]
    assert name_in(internal, PUBLIC, "Hoa") == [Result(2, Outcome.PARKED, UNKNOWN_INDICATOR)]
    # Whoever may see every figure of the form may.
    sensitive = person_on(centre, "Bình", Grant(Role.COMMUNE_APPROVAL, COMMUNE, SENSITIVE))
    assert name_in(sensitive, SENSITIVE, "Bình") == []


def test_nobody_takes_rights_or_makes_devices_from_a_desktop(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.ADMINISTRATOR, "48", SENSITIVE))
    forged = people_content({"An": (Grant(Role.PROVINCE_ASSIGNMENT, "48", SENSITIVE),)})
    device.type(Key(RIGHTS, stream_of_device(device.name)), forged, author="An")
    device.type(Key(PERSON, "48", "An"), "[]", author="An")
    device.type(Key(DEVICE, "48", device.name), "{}", author="An")
    assert {result.reason for result in device.ask(device.push()).results} == {NOT_YOURS_TO_DECIDE}
    assert dict(centre.staff.people_of_devices()[device.name]) == {"An": (Grant(Role.ADMINISTRATOR, "48", SENSITIVE),)}


def test_a_unit_that_is_pushed_is_held_to_what_a_command_would_make(centre: Centre) -> None:
    """An administrator's own device may say whatever it likes: no name that a terminal obeys, no code of another."""
    device = person_on(centre, "An", Grant(Role.ADMINISTRATOR, "48", SENSITIVE))
    ward = Unit("48.20999", UnitKind.WARD, "Phường Mới", "20999")
    early = Key(UNIT, "48.20999.001")
    device.type(early, Unit(early.unit, UnitKind.VILLAGE, "Tổ 1").content(), author="An")
    for wrong in (replace(ward, name="Phường\nMới"), replace(ward, name="\x1b[2JMới"), replace(ward, code="20308")):
        device.type(Key(UNIT, ward.key), wrong.content(), author="An")
    reasons = [result.reason for result in device.ask(device.push()).results]
    assert reasons == [UNKNOWN_UNIT, *[INVALID_CONTENT] * 3]
    assert not {ward.key, early.unit} & centre.repository.units().keys()
    # The commune comes, and with it its village, which was kept.
    device.type(Key(UNIT, ward.key), ward.content(), author="An")
    assert device.ask(device.push(5)).results == []
    assert {ward.key, early.unit} <= centre.repository.units().keys()


def test_whoever_has_no_right_moves_no_stream(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))

    def ends() -> dict[str, int]:
        with centre.database.reading() as connection:
            rows = connection.execute(select(stream.c.stream, stream.c.seq))
            return {name: seq for name, seq in rows if not name.startswith("@")}

    before = ends()
    device.type(Key(DEADLINE, VILLAGE, FORM, PERIOD), "null", author="An")
    device.type(Key(CLOSING, VILLAGE, FORM, PERIOD), "true", author="An")
    device.type(value_key(OTHER_VILLAGE), "1", author="An")
    assert len(device.ask(device.push()).results) == 3
    assert ends() == before


# What a device sees


def values_of(device: Device) -> dict[Key, str]:
    return {key: found.heads[0].content for key, found in device.base.items() if key.kind in (VALUE, COMMENT)}


def test_no_row_of_a_class_that_its_people_may_not_see_comes_by_content_size_or_count(centre: Centre) -> None:
    reader = person_on(centre, "An", Grant(Role.PROVINCE_READING, "48", INTERNAL))
    writer = Device(centre, VILLAGE)
    quiet = [value_key(VILLAGE, "public"), value_key(VILLAGE, "internal")]
    for key in quiet:
        writer.type(key, "1")
    writer.ask(writer.push())
    reader.pull()
    sent = reader.ask()
    assert sent.pages == []
    for number in range(40):
        writer.type(value_key(VILLAGE, "sensitive", f"A{2000 + number}Q1"), str(number))
    writer.type(Key(COMMENT, VILLAGE, "sensitive", PERIOD, ITEM), '"Nhà ông Tám"')
    writer.type(Key(COMMENT, VILLAGE, "sensitive", "A2026Q1", ITEM), '"Nhà ông Chín"')
    writer.ask(writer.push(3))
    answer = reader.ask()
    assert {page.subscription for page in answer.pages} == {Subscription("48:internal", COMMUNE)}
    assert [page.records for page in answer.pages] == [[]]
    assert set(values_of(reader)) == set(quiet)
    other = person_on(centre, "Bình", Grant(Role.PROVINCE_READING, "48", INTERNAL))
    other.pull()
    assert set(values_of(other)) == set(quiet)


def test_the_sum_is_of_what_is_seen(centre: Centre) -> None:
    writer = Device(centre, VILLAGE)
    writer.type(value_key(VILLAGE, "public"), "1")
    writer.ask(writer.push())
    reader = person_on(centre, "An", Grant(Role.COMMUNE_ENTRY, COMMUNE, INTERNAL))

    def digest() -> bytes:
        reader.cursors.clear()
        found = {page.subscription: page.digest for page in reader.ask().pages}
        return found[Subscription(f"{COMMUNE}:internal", COMMUNE)]

    before = digest()
    writer.type(value_key(VILLAGE, "sensitive"), "7")
    writer.ask(writer.push(2))
    assert digest() == before
    # Typed again, it is counted where it was.
    writer.type(value_key(VILLAGE, "sensitive"), "8", seen=(writer.log[-1].version,))
    writer.ask(writer.push(3))
    assert digest() == before
    writer.type(value_key(VILLAGE, "internal"), "3")
    writer.ask(writer.push(4))
    assert digest() != before


def test_more_is_seen_and_less_with_the_role(centre: Centre) -> None:
    writer = Device(centre, VILLAGE)
    keys = [value_key(VILLAGE, one) for one in Sensitivity]
    for key in keys:
        writer.type(key, "1")
    writer.ask(writer.push())
    reader = person_on(centre, "An", Grant(Role.COMMUNE_ENTRY, COMMUNE, INTERNAL))
    reader.pull()
    assert set(values_of(reader)) == set(keys[:2])
    centre.staff.give("An", Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE)
    answer = reader.ask()
    assert answer.scope == [COMMUNE]
    assert set(values_of(reader)) == set(keys)
    centre.staff.give("An", Role.COMMUNE_ENTRY, COMMUNE, PUBLIC)
    assert reader.ask().scope == [f"{COMMUNE}:public"]
    assert all(subscription.root != COMMUNE for subscription in (page.subscription for page in reader.ask().pages))


@pytest.mark.parametrize("protocol", range(OLDEST, FIRST_WITH_CLASSES))
def test_an_older_program_is_served_no_more_than_its_people_may_see(centre: Centre, protocol: int) -> None:
    writer = Device(centre, VILLAGE)
    keys = [value_key(VILLAGE, one) for one in Sensitivity]
    for key in keys:
        writer.type(key, "1")
    writer.ask(writer.push())
    reader = person_on(centre, "An", Grant(Role.COMMUNE_ENTRY, COMMUNE, INTERNAL))

    def ask() -> SyncAnswer:
        request = SyncRequest(protocol, "1", Push(chain.root(reader.name)), dict(reader.cursors), 1 << 20)
        answer = centre.repository.push_pull(reader.name, request)
        for page in answer.pages:
            reader.take(page)
        return answer

    answer = ask()
    assert answer.scope == [COMMUNE]
    assert {page.subscription.root for page in answer.pages} == {COMMUNE, BROADCAST, stream_of_device(reader.name)}
    assert set(values_of(reader)) == set(keys[:2])
    again = ask()
    assert (again.scope, again.pages) == (None, [])


def test_a_device_cannot_ask_for_a_class_that_is_not_its_own(centre: Centre) -> None:
    writer = Device(centre, VILLAGE)
    secret = writer.type(value_key(VILLAGE, "sensitive"), "1")
    open_one = writer.type(value_key(VILLAGE, "public"), "1")
    writer.ask(writer.push())
    reader = person_on(centre, "An", Grant(Role.COMMUNE_ENTRY, COMMUNE, INTERNAL))
    for named in (COMMUNE, f"{COMMUNE}:sensitive", f"{COMMUNE}:x", "48"):
        reader.cursors = {Subscription(named, COMMUNE): next(iter(reader.cursors.values()), (0, ""))}  # type: ignore[dict-item]
        reader.base.clear()
        answer = reader.ask(lost=[secret, open_one])
        assert answer.known == [open_one]
        assert {key.item for key in values_of(reader)} <= {"public", "internal"}


# People, commands' own words, and what a restore keeps


def test_a_device_with_people_sees_what_they_may_and_is_given_no_other_scope(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    with pytest.raises(EnvironmentFault, match="device_has_people"):
        centre.enrolment.set_scope(device.name, [OTHER_COMMUNE])
    centre.staff.give("An", Role.VILLAGE_ENTRY, FAR_VILLAGE, INTERNAL)
    (found,) = [one for one in centre.enrolment.devices() if one.device == device.name]
    assert found.units == (f"{FAR_VILLAGE}:internal", VILLAGE)
    centre.staff.give("Bình", Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE)
    centre.staff.set_people(device.name, ["Bình"])
    (found,) = [one for one in centre.enrolment.devices() if one.device == device.name]
    assert found.units == (COMMUNE,)


def test_a_second_code_brings_a_second_person(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    centre.staff.give("Bình", Role.VILLAGE_ENTRY, OTHER_VILLAGE, SENSITIVE)
    code = centre.enrolment.make_code(OTHER_VILLAGE, "Bình", 7)
    centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(device.key.verify_key), "PC"))
    assert set(centre.staff.people_of_devices()[device.name]) == {"An", "Bình"}
    for unit, name in ((VILLAGE, "An"), (OTHER_VILLAGE, "Bình"), (OTHER_VILLAGE, "An")):
        device.type(value_key(unit), "1", author=name)
    assert device.ask(device.push()).results == [Result(3, Outcome.PARKED, NO_RIGHT)]


def test_a_corrected_name_keeps_rights_words_and_what_was_typed_before(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    comment = Key(COMMENT, VILLAGE, "ct01", PERIOD, str(uuid.UUID(int=1)))
    device.type(comment, '"một"', author="An")
    assert device.ask(device.push()).results == []
    assert centre.staff.rename("An", "Ân") == "Ân~An"
    assert set(centre.staff.people_of_devices()[device.name]) == {"Ân~An"}
    # Typed before the PC heard of it and after; and their own word of then is still theirs to change.
    for number, author in enumerate(("An", "Ân~An", "Ấn~An"), 2):
        device.type(comment, f'"{number}"', (device.log[-1].version,), author=author)
        assert device.ask(device.push(number)).results == []
    # Another hand with a like name is nobody here.
    for number, author in enumerate(("Ân", "An~Ân", "~An "), 5):
        device.type(value_key(VILLAGE), "1", author=author)
        assert device.ask(device.push(number)).results == [Result(number, Outcome.PARKED, PERSON_UNKNOWN)]
    with pytest.raises(EnvironmentFault, match="person_alike"):
        centre.staff.give("ân", Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE)
    with pytest.raises(EnvironmentFault, match="person_alike"):
        centre.staff.give("an", Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE)
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(device.key.verify_key), "PC"))
    assert answer.person == "Ân~An"
    assert set(centre.staff.people_of_devices()[device.name]) == {"Ân~An"}


def test_nobodys_words_stand_under_a_colleagues_name(centre: Centre) -> None:
    """Beside the id stands any name that the PC knows of, also one that the centre does not; never another person's."""
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    centre.staff.give("Giang", Role.PROVINCE_ASSIGNMENT, "48", SENSITIVE)
    centre.staff.rename("Giang", "Hà")
    centre.staff.rename("An", "Ân")
    for place, author in enumerate(("An", "Ân~An", "Ấn~An")):
        device.type(value_key(VILLAGE, period=f"A202{place}Q1"), "1", author=author)
    assert device.ask(device.push()).results == []
    for place, author in enumerate(("Giang~An", "hà~An", "Hà~Ấn~An", "Hà  ~An")):
        device.type(value_key(VILLAGE, period=f"A202{place}Q2"), "1", author=author)
    reasons = [result.reason for result in device.ask(device.push(4)).results]
    assert reasons == [PERSON_UNKNOWN] * 4


def test_people_from_before_they_had_ids_go_on_as_they_were(centre: Centre) -> None:
    """A cell that holds roles alone, and rights under a name, as the program before wrote them."""
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    held = f'[["village_entry","{VILLAGE}","sensitive"]]'
    centre.repository.decide([(Key(PERSON, "48", "An"), held)], "admin")
    assert centre.staff.persons()["An"] == Person("An", "An", (Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE),))
    device.type(value_key(VILLAGE), "1", author="An")
    assert device.ask(device.push()).results == []
    assert centre.staff.persons()["An"].content() == held


def test_what_is_no_role_there_is_refused_and_changes_nothing(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    with pytest.raises(EnvironmentFault, match="role_unfit"):
        centre.staff.give("An", Role.VILLAGE_ENTRY, COMMUNE, SENSITIVE)
    with pytest.raises(EnvironmentFault, match="role_not_held"):
        centre.staff.take("An", Role.VILLAGE_ENTRY, OTHER_VILLAGE)
    with pytest.raises(EnvironmentFault, match="person_unknown"):
        centre.staff.take("Bình", Role.VILLAGE_ENTRY, VILLAGE)
    with pytest.raises(EnvironmentFault, match="person_unknown"):
        centre.staff.set_people(device.name, ["An", "Bình"])
    with pytest.raises(EnvironmentFault, match="device_unknown"):
        centre.staff.set_people("nobody", ["An"])
    assert set(centre.staff.persons()) == {"An"}
    assert set(centre.staff.people_of_devices()) == {device.name}


def test_a_restored_centre_knows_every_role(centre: Centre, catalogue: Catalogue, clock: Clock) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    backup = {path: path.read_bytes() for path in centre.folder.glob("*.db*")}
    centre.staff.take("An", Role.VILLAGE_ENTRY, VILLAGE)
    centre.close()
    assert backup
    for path in centre.folder.glob("*.db*"):
        path.unlink()
    for path, content in backup.items():
        path.write_bytes(content)
    with closing(open_centre(centre.folder, catalogue, clock)) as restored:
        assert restored.staff.persons() == {"An": Person("An", "An", (), VILLAGE)}
        device.centre = restored
        device.type(value_key(VILLAGE), "1", author="An")
        assert device.ask(device.push()).results == [Result(1, Outcome.PARKED, NOT_YOUR_UNIT)]


def test_progress_is_entered_and_a_task_assigned_by_who_may(centre: Centre) -> None:
    officer = person_on(centre, "An", Grant(Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE))
    leader = person_on(centre, "Bình", Grant(Role.COMMUNE_APPROVAL, COMMUNE, SENSITIVE))
    task = Key(TASK, VILLAGE, ITEM, "", "content")
    progress = Key(PROGRESS, VILLAGE, ITEM, "", ITEM)
    said = Progress(date(2026, 6, 1), 40, "").content()
    for device, name in ((officer, "An"), (leader, "Bình")):
        device.type(task, '"Rà soát hộ nghèo"', author=name)
        device.type(progress, said, author=name)
    assert officer.ask(officer.push()).results == [Result(1, Outcome.PARKED, NOT_YOURS_TO_DECIDE)]
    assert leader.ask(leader.push()).results == [Result(2, Outcome.PARKED, NO_RIGHT)]


def test_every_record_has_the_class_of_its_figure(centre: Centre) -> None:
    writer = Device(centre, VILLAGE)
    for one in Sensitivity:
        writer.type(value_key(VILLAGE, one), "1")
    writer.ask(writer.push())
    columns = record.c
    with centre.database.reading() as connection:
        rows = connection.execute(select(columns.item, columns.sensitivity).where(columns.kind == VALUE))
        assert {tuple(row) for row in rows} == {(one, one) for one in Sensitivity}


def test_the_rights_of_a_device_are_read_back_as_they_were_given(centre: Centre) -> None:
    device = person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    device.pull()
    content = device.base[Key(RIGHTS, stream_of_device(device.name))].heads[0].content
    assert dict(people_of(content)) == dict(centre.staff.people_of_devices()[device.name])
    assert msgspec.json.decode(content) == {"An": [["village_entry", VILLAGE, "sensitive"]]}


def test_a_key_of_another_device_opens_nothing(line: Line, centre: Centre) -> None:
    person_on(centre, "An", Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE))
    stranger = SigningKey.generate()
    request = SyncRequest(PROTOCOL, "1", Push(chain.root(chain.device_id(bytes(stranger.verify_key)))), {}, 1 << 20)
    refusal = line.post("/v1/sync", request, stranger)
    assert getattr(refusal, "code", "") == "device_unknown"
