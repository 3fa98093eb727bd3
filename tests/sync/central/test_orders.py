"""Orders of administrators over HTTP: whose they are, how far they reach, and that none is heard twice."""

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from sync.central import audit
from sync.central.centre import Centre
from sync.central.keys import centre_id
from sync.central.tables import device as device_table
from sync.client.enrol import enrol
from sync.client.orders import give
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import UNIT, Key
from sync.domain.rights import Action, Grant, Role, classes, fits
from sync.domain.units import Unit, UnitKind
from sync.protocol.messages import Done, EnrolRequest, Order, Refusal
from sync.protocol.version import PROTOCOL
from sync.store import Store
from tests.rights_table import FAR_VILLAGE, PLACES, ROWS, may
from tests.sync.central.conftest import (
    COMMUNE,
    OTHER_COMMUNE,
    OTHER_VILLAGE,
    VILLAGE,
    Device,
    Line,
    value_key,
)

PUBLIC, INTERNAL, SENSITIVE = Sensitivity


class Administrator:
    """Somebody at a device of their own, who gives orders over HTTP."""

    def __init__(self, line: Line, name: str, *grants: Grant) -> None:
        self.line, self.name, self.centre = line, name, line.centre
        for grant in grants:
            self.centre.staff.give(name, *grant)
        self.device = Device(self.centre, "48", is_known=True)
        code = self.centre.enrolment.make_code("48", name, 7)
        request = EnrolRequest(PROTOCOL, code, bytes(self.device.key.verify_key), "PC-A")
        self.centre.enrolment.enrol(request)
        self.number = 0

    def send(self, order: Order) -> Done | Refusal:
        answer = self.line.post("/v1/administer", order, self.device.key)
        assert isinstance(answer, Done | Refusal)
        return answer

    def ask(self, what: str, **said: object) -> Any:
        """What came of it; of a refusal its code."""
        self.number += 1
        answer = self.send(Order(PROTOCOL, self.number, self.name, what, msgspec.json.encode(said).decode()))
        return answer.code if isinstance(answer, Refusal) else msgspec.json.decode(answer.said)


@pytest.fixture
def commune(line: Line) -> Administrator:
    return Administrator(line, "An", Grant(Role.ADMINISTRATOR, COMMUNE, INTERNAL))


@pytest.fixture
def province(line: Line) -> Administrator:
    return Administrator(line, "Giang", Grant(Role.ADMINISTRATOR, "48", SENSITIVE))


def test_an_administrator_gives_and_takes_roles_below_them(centre: Centre, commune: Administrator) -> None:
    said = {"person": "Bình", "role": "village_entry", "unit": VILLAGE, "up_to": "internal"}
    assert commune.ask("grant", **said) == "Bình"
    assert centre.staff.persons()["Bình"].grants == (Grant(Role.VILLAGE_ENTRY, VILLAGE, INTERNAL),)
    assert commune.ask("grant", **said | {"role": "commune_entry"}) == "role_unfit"
    assert commune.ask("grant", **said | {"unit": "48.20308.099"}) == "unit_unknown"
    assert commune.ask("grant", **said | {"unit": OTHER_COMMUNE, "role": "commune_entry"}) == "order_no_right"
    assert commune.ask("grant", **said | {"up_to": "sensitive"}) == "order_no_right"
    assert commune.ask("grant", **said | {"role": "administrator", "unit": "48"}) == "order_no_right"
    assert commune.ask("grant", **said | {"person": " "}) == "name_unfit"
    assert commune.ask("withdraw", person="Bình", role="village_entry", unit=VILLAGE) is None
    assert commune.ask("withdraw", person="Bình", role="village_entry", unit=VILLAGE) == "role_not_held"
    assert centre.staff.persons()["Bình"].grants == ()
    with centre.database.reading() as connection:
        assert audit.show(connection, "48", 1)[0].author == "An"


def test_devices_are_listed_named_and_revoked_below_them_only(centre: Centre, commune: Administrator) -> None:
    inside, outside = Device(centre, VILLAGE), Device(centre, OTHER_COMMUNE)
    seen = commune.ask("overview", unit=COMMUNE)
    assert {row[0] for row in seen["devices"]} == {inside.name, commune.device.name}
    assert [row[0] for row in seen["people"]] == ["An"]
    centre.staff.give("Bình", Role.VILLAGE_ENTRY, VILLAGE, INTERNAL)
    centre.staff.give("Bình", Role.PROVINCE_READING, "48", SENSITIVE)
    centre.staff.give("Bình", Role.VILLAGE_ENTRY, "48.20194.001", INTERNAL)
    held = dict(commune.ask("overview", unit=COMMUNE)["people"])
    assert held["Bình"] == [["village_entry", VILLAGE, "internal"]], "and not what they hold elsewhere"
    assert commune.ask("overview", unit="48") == "order_no_right"
    assert commune.ask("device_name", device=inside.name, computer="Máy thôn") is None
    for other in (outside.name, "ff" * 10, 7, None):
        assert commune.ask("revoke", device=other) == "order_no_right"
        assert commune.ask("escrow_take", device=other) == "order_no_right"
    assert commune.ask("revoke", device=inside.name) is None
    inside.type(value_key(VILLAGE), "1")
    inside.ask(inside.push())
    seen = commune.ask("overview", unit=COMMUNE)
    assert [row[:3] for row in seen["escrow"]] == [[inside.name, "Nguyễn Văn An", 1]]
    assert commune.ask("escrow_take", device=inside.name) == 1
    assert commune.ask("escrow_dismiss", device=inside.name) == 0
    (row,) = [row for row in seen["devices"] if row[0] == inside.name]
    assert (row[1], row[5] is not None) == ("Máy thôn", True)


def test_units(line: Line, centre: Centre, commune: Administrator, province: Administrator) -> None:
    made = commune.ask("unit_create", unit=COMMUNE, name="Thôn Mới", decision="")
    assert made == f"{COMMUNE}.003"
    assert commune.ask("unit_rename", unit=made, name="Thôn Mới Hơn", decision="QĐ 1") == made
    assert commune.ask("unit_create", unit=OTHER_COMMUNE, name="Tổ 1", decision="") == "order_no_right"
    assert commune.ask("unit_close", unit=made, last_day="2026-12-31", decision="") == made
    assert commune.ask("unit_close", unit=made, last_day="2026-12-31", decision="") == "unit_closed"
    # The commune itself is established by whoever administers the province.
    assert commune.ask("unit_rename", unit=COMMUNE, name="Xã Khác", decision="") == "order_no_right"
    new = {"unit": "48", "kind": "ward", "code": "20999", "name": "Phường Mới", "decision": "NQ 1"}
    assert commune.ask("unit_create", **new) == "order_no_right"
    assert province.ask("unit_create", **new | {"kind": "village"}) == "not_a_commune"
    assert province.ask("unit_create", **new | {"kind": "city"}) == "order_unfit"
    assert province.ask("unit_create", **new | {"code": "1"}) == "unit_code_unfit"
    assert province.ask("unit_create", **new) == "48.20999"
    assert province.ask("unit_create", **new | {"name": "Phường Khác"}) == "unit_code_taken"
    assert province.ask("unit_rename", unit="48.20999", name="Phường Mới Hơn", decision="") == "48.20999"
    assert province.ask("unit_create", unit="48.20999", name="Tổ 1", decision="") == "48.20999.001"
    close = {"last_day": "2026-12-31", "decision": ""}
    assert province.ask("unit_close", unit="48.20999", **close) == "unit_has_units"
    assert province.ask("unit_close", unit="48.20999.001", **close) == "48.20999.001"
    there = Administrator(line, "Hạnh", Grant(Role.ADMINISTRATOR, "48.20999", INTERNAL))
    assert there.ask("unit_close", unit="48.20999", **close) == "order_no_right"
    assert province.ask("unit_close", unit="48.20999", **close) == "48.20999"
    assert province.ask("unit_rename", unit="48", name="Tỉnh Khác", decision="") == "order_no_right"
    assert centre.repository.units()["48.20999"].code == "20999"
    seen = province.ask("overview", unit="48")
    # The centre's own device, which decides, is nobody's to revoke.
    own = centre_id(centre.key)
    assert own not in {row[0] for row in seen["devices"]}
    assert province.ask("revoke", device=own) == "order_no_right"


def test_a_new_commune_is_at_work_at_once(line: Line, centre: Centre, province: Administrator) -> None:
    reader = Device(centre, "48")
    reader.pull()
    new = {"unit": "48", "kind": "commune", "code": "20999", "name": "Xã Mới", "decision": "NQ 1"}
    assert province.ask("unit_create", **new) == "48.20999"
    village = province.ask("unit_create", unit="48.20999", name="Thôn Một", decision="")
    assert province.ask("grant", person="Khoa", role="commune_entry", unit="48.20999", up_to="internal") == "Khoa"
    code = province.ask("code", unit="48.20999", person="Khoa")
    theirs = Device(centre, "48.20999", is_known=True)
    centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(theirs.key.verify_key), "PC"))
    theirs.type(value_key(village), "12", author="Khoa")
    assert theirs.ask(theirs.push()).results == []
    reader.pull()
    assert {Key(UNIT, "48.20999"), Key(UNIT, village), value_key(village)} <= set(reader.base)
    # And its neighbours learn that it is there, and nothing of what it types.
    beside = Device(centre, COMMUNE)
    beside.pull()
    assert Key(UNIT, "48.20999") in beside.base
    assert value_key(village) not in beside.base


def test_namesakes_never_share_rights(line: Line, centre: Centre, commune: Administrator) -> None:
    """Of one name at one unit, of one name in two communes, and of a name for which only a code was made."""
    village = {"role": "village_entry", "unit": VILLAGE, "up_to": "internal"}
    assert commune.ask("grant", person="Nguyễn Văn An", **village) == "Nguyễn Văn An"
    # Once more is the same person; somebody else says so, and is told apart by the unit in words.
    assert commune.ask("grant", person="Nguyễn Văn An", **village | {"unit": OTHER_VILLAGE}) == "Nguyễn Văn An"
    second = commune.ask("grant", person="Nguyễn Văn An", is_new=True, **village)
    name = centre.repository.units()[VILLAGE].name
    assert second == f"Nguyễn Văn An ({name})"
    third = commune.ask("grant", person="Nguyễn Văn An", is_new=True, **village)
    assert third == f"Nguyễn Văn An ({name} 2)"
    assert len(centre.staff.persons()[second].grants) == 1
    # In another commune nobody learns of any of them, and nobody becomes one.
    other = Administrator(line, "Giang", Grant(Role.ADMINISTRATOR, OTHER_COMMUNE, SENSITIVE))
    said = {"role": "commune_entry", "unit": OTHER_COMMUNE, "up_to": "internal"}
    there = other.ask("grant", person="Nguyễn Văn An", **said)
    assert there == f"Nguyễn Văn An ({centre.repository.units()[OTHER_COMMUNE].name})"
    assert [row[0] for row in other.ask("overview", unit=OTHER_COMMUNE)["people"]] == ["Giang", there]
    assert {grant.unit for grant in centre.staff.persons()["Nguyễn Văn An"].grants} == {VILLAGE, OTHER_VILLAGE}
    assert other.ask("withdraw", person="Nguyễn Văn An (Thôn Khác)", **said) == "person_unknown"
    assert other.ask("withdraw", person="Nguyễn Văn An", **said) == "person_unknown"
    assert other.ask("withdraw", person=there, **said | {"role": "commune_approval"}) == "role_not_held"
    assert other.ask("person_name", person="Nguyễn Văn An", name="X") == "order_no_right"
    # A code's person is no other one's namesake either.
    other.ask("code", unit=OTHER_COMMUNE, person="Lê Thị Bốn")
    assert commune.ask("grant", person="Lê Thị Bốn", **village) == f"Lê Thị Bốn ({name})"
    assert other.ask("grant", person="Lê Thị Bốn", **said) == "Lê Thị Bốn"
    code = other.ask("code", unit=OTHER_COMMUNE, person="Nguyễn Văn An")
    laptop = Device(centre, OTHER_COMMUNE, is_known=True)
    request = EnrolRequest(PROTOCOL, code, bytes(laptop.key.verify_key), "PC-B")
    assert centre.enrolment.enrol(request).person == f"{there[:-1]} 2)"


def test_a_name_is_corrected_where_all_that_they_do_is_administered(centre: Centre, commune: Administrator) -> None:
    village = {"role": "village_entry", "unit": VILLAGE, "up_to": "internal"}
    commune.ask("grant", person="Trần Binh", **village)
    assert commune.ask("person_name", person="Trần Binh", name="Trần Bình") == "Trần Bình~Trần Binh"
    assert commune.ask("person_name", person="Trần Bình~Trần Binh", name="An") == "person_alike"
    for name in ("", "x" * 91, "A~B", "A\0B"):
        assert commune.ask("person_name", person="Trần Binh", name=name) == "name_unfit"
    assert commune.ask("person_name", person="Nobody", name="Somebody") == "order_no_right"
    # Taken back by mistake, they are the same person again.
    assert commune.ask("withdraw", person="Trần Bình~Trần Binh", role="village_entry", unit=VILLAGE) is None
    assert commune.ask("grant", person="Trần Bình~Trần Binh", **village) == "Trần Bình~Trần Binh"
    centre.staff.give("Trần Binh", Role.COMMUNE_ENTRY, OTHER_COMMUNE, INTERNAL)
    assert commune.ask("person_name", person="Trần Binh", name="Trần Bính") == "order_no_right"


def test_who_uses_a_device_is_decided_below_the_administrator_alone(centre: Centre, commune: Administrator) -> None:
    inside, outside = Device(centre, VILLAGE), Device(centre, OTHER_COMMUNE)
    centre.staff.give("Bình", Role.VILLAGE_ENTRY, VILLAGE, INTERNAL)
    centre.staff.give("Chi", Role.VILLAGE_ENTRY, OTHER_VILLAGE, INTERNAL)
    centre.staff.give("Giang", Role.PROVINCE_READING, "48", SENSITIVE)
    assert inside.name not in commune.ask("overview", unit=COMMUNE)["device_people"]
    assert commune.ask("device_people", device=inside.name, people=["Bình", "Chi"]) is None
    assert commune.ask("overview", unit=COMMUNE)["device_people"][inside.name] == ["Bình", "Chi"]
    # Whoever sees beyond the commune would open the province to everybody at that computer.
    assert commune.ask("device_people", device=inside.name, people=["Giang"]) == "person_unknown"
    centre.staff.give("Bình", Role.PROVINCE_READING, "48", SENSITIVE)
    assert commune.ask("device_people", device=inside.name, people=["Bình"]) == "order_no_right"
    centre.staff.take("Bình", Role.PROVINCE_READING, "48")
    assert commune.ask("device_people", device=outside.name, people=["Bình"]) == "order_no_right"
    assert commune.ask("device_people", device=inside.name, people=["Nobody"]) == "person_unknown"
    assert commune.ask("device_people", device=inside.name, people="Bình") == "order_unfit"
    assert commune.ask("device_people", device=inside.name, people=["Chi"]) is None
    assert set(centre.staff.people_of_devices()[inside.name]) == {"Chi"}
    with centre.database.reading() as connection:
        last = audit.show(connection, "48", 1)[0]
    assert (last.author, last.key.kind) == ("An", "device")


def test_the_audit_is_told_of_what_is_below(centre: Centre, commune: Administrator) -> None:
    for unit, text in ((VILLAGE, "91726354"), (OTHER_COMMUNE, "81726354")):
        found = Device(centre, unit)
        found.type(value_key(unit), text)
        found.ask(found.push())
    centre.staff.give("Giang", Role.VILLAGE_ENTRY, "48.20194.001", INTERNAL)
    centre.staff.take("Giang", Role.VILLAGE_ENTRY, "48.20194.001")
    commune.ask("grant", person="Bình", role="village_entry", unit=VILLAGE, up_to="internal")
    centre.staff.give("Giang", Role.VILLAGE_ENTRY, VILLAGE, INTERNAL)
    entries = commune.ask("audit", unit=COMMUNE)
    about = [entry for entry in entries if entry[5][1] == "48"]
    assert {entry[5][1] for entry in entries if entry not in about} == {COMMUNE, VILLAGE, OTHER_VILLAGE}
    # Their own people and computers too, and nothing that these did elsewhere.
    assert {(entry[5][0], entry[5][2]) for entry in about if entry[5][0] == "person"} == {
        ("person", "An"),
        ("person", "Bình"),
        ("person", "Giang"),
    }
    assert {entry[5][0] for entry in about} == {"person", "device"}
    assert "48.20194" not in str(entries)
    assert "91726354" not in str(entries)
    assert commune.ask("audit", unit=COMMUNE, before_n=entries[-1][0]) == []
    assert commune.ask("audit", unit="48") == "order_no_right"
    assert commune.ask("audit", unit=COMMUNE, before_n="1") == "order_unfit"


def test_a_page_of_the_audit_is_full_also_where_most_is_not_told(
    centre: Centre, commune: Administrator, province: Administrator
) -> None:
    centre.staff.give("Chi", Role.VILLAGE_ENTRY, VILLAGE, INTERNAL)
    for _ in range(60):
        centre.staff.give("Chi", Role.VILLAGE_ENTRY, "48.20194.001", INTERNAL)
        centre.staff.take("Chi", Role.VILLAGE_ENTRY, "48.20194.001")
    entries = commune.ask("audit", unit=COMMUNE)
    of_chi = [entry for entry in entries if entry[5][2] == "Chi"]
    # With the role there beside the one here, none of the 60 is theirs to read: only that it was taken again.
    assert len(of_chi) == 61
    assert {entry[5][1] for entry in entries} >= {"48", COMMUNE, VILLAGE}
    assert "48.20194" not in str(entries)
    whole = province.ask("audit", unit="48")
    assert len(whole) == 100
    assert [entry[0] for entry in whole] == list(range(whole[0][0], whole[0][0] - 100, -1))
    assert "48.20194.001" in str(whole)


def test_a_code_lets_a_device_in(centre: Centre, commune: Administrator) -> None:
    commune.ask("grant", person="Bình", role="village_entry", unit=VILLAGE, up_to="internal")
    code = commune.ask("code", unit=VILLAGE, person="Bình")
    fresh = Device(centre, VILLAGE, is_known=True)
    answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(fresh.key.verify_key), "PC"))
    assert (answer.unit, answer.person) == (VILLAGE, "Bình")
    assert commune.ask("code", unit=OTHER_COMMUNE, person="Bình") == "order_no_right"


def test_no_code_lets_in_a_device_that_could_do_more_than_its_maker_gives(
    line: Line, centre: Centre, commune: Administrator, province: Administrator
) -> None:
    """The device does all that its person may, wherever that is: a commune's code was a way to the whole province."""
    here = {"role": "commune_entry", "unit": COMMUNE}
    assert commune.ask("grant", person="Bình", **here, up_to="internal") == "Bình"
    assert len(commune.ask("code", unit=COMMUNE, person="Bình")) == 14
    centre.staff.give("Bình", Role.ADMINISTRATOR, "48", INTERNAL)
    assert commune.ask("code", unit=COMMUNE, person="Bình") == "order_no_right"
    centre.staff.take("Bình", Role.ADMINISTRATOR, "48")
    assert len(commune.ask("code", unit=COMMUNE, person="Bình")) == 14
    # Nor a class of figures, by a code or by who else may use a computer.
    centre.staff.give("Bình", Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE)
    assert commune.ask("code", unit=COMMUNE, person="Bình") == "order_no_right"
    assert commune.ask("device_people", device=commune.device.name, people=["An", "Bình"]) == "order_no_right"
    assert set(centre.staff.people_of_devices()[commune.device.name]) == {"An"}
    # Of whom nobody has said what they may, all hands at the device would see all.
    assert commune.ask("code", unit=COMMUNE, person="Chi") == "person_unknown"
    there = Administrator(line, "Hạnh", Grant(Role.ADMINISTRATOR, COMMUNE, SENSITIVE))
    assert len(there.ask("code", unit=COMMUNE, person="Chi")) == 14
    assert len(there.ask("code", unit=COMMUNE, person="Bình")) == 14
    assert len(province.ask("code", unit=COMMUNE, person="Bình")) == 14


def test_a_code_is_for_a_unit_at_which_its_person_does_something(
    commune: Administrator, province: Administrator
) -> None:
    """The computer follows its person: asked for a namesake, it would be the first one's, at their village."""
    hoa = {"person": "Nguyễn Văn Hoa", "role": "village_entry", "unit": VILLAGE}
    assert commune.ask("grant", **hoa, up_to="internal") == "Nguyễn Văn Hoa"
    elsewhere = VILLAGE.replace(".001", ".002")
    assert len(commune.ask("code", unit=VILLAGE, person="Nguyễn Văn Hoa")) == 14
    assert len(commune.ask("code", unit=COMMUNE, person="Nguyễn Văn Hoa")) == 14
    assert commune.ask("code", unit=elsewhere, person="Nguyễn Văn Hoa") == "person_elsewhere"
    # Of the other one nobody has said what they may.
    assert commune.ask("code", unit=elsewhere, person="Nguyễn Văn Hoa", is_new=True) == "person_unknown"
    assert len(province.ask("code", unit=elsewhere, person="Nguyễn Văn Hoa", is_new=True)) == 14
    # Nor has a computer another place once the last role was taken.
    assert commune.ask("withdraw", **hoa) is None
    assert commune.ask("code", unit=elsewhere, person="Nguyễn Văn Hoa") == "person_elsewhere"
    assert len(commune.ask("code", unit=VILLAGE, person="Nguyễn Văn Hoa")) == 14


def test_nobody_takes_the_role_by_which_they_administer(
    line: Line, centre: Centre, commune: Administrator, province: Administrator
) -> None:
    """They could not give it back, and the last one would leave nobody who could."""
    own = {"person": "Giang", "role": "administrator", "unit": "48"}
    assert province.ask("withdraw", **own) == "role_own"
    assert province.ask("overview", unit="48")["people"]
    # One that they have beside it may go, and so may another's.
    here = {"person": "Giang", "role": "administrator", "unit": COMMUNE}
    assert province.ask("grant", **here, up_to="internal") == "Giang"
    assert province.ask("withdraw", **here) is None
    assert province.ask("withdraw", person="An", role="administrator", unit=COMMUNE) is None
    # And theirs by somebody else.
    second = Administrator(line, "Hạnh", Grant(Role.ADMINISTRATOR, "48", SENSITIVE))
    assert second.ask("withdraw", **own) is None
    assert province.ask("overview", unit="48") == "order_no_right"


def test_none_is_heard_twice_nor_one_before_another(centre: Centre, commune: Administrator) -> None:
    said = msgspec.json.encode({"unit": COMMUNE, "name": "Thôn Mới", "decision": ""}).decode()
    order = Order(PROTOCOL, 7, "An", "unit_create", said)
    assert isinstance(commune.send(order), Done)
    for again in (order, msgspec.structs.replace(order, number=6, what="overview")):
        answer = commune.send(again)
        assert isinstance(answer, Refusal)
        assert answer.code == "order_repeated"
    with centre.database.reading() as connection:
        query = select(device_table.c.orders).where(device_table.c.device == commune.device.name)
        assert connection.scalar(query) == 7


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("fly", "{}"),
        ("overview", "{"),
        ("overview", "[]"),
        ("overview", "{}"),
        ("grant", '{"person":"B","role":"emperor","unit":"48.20308","up_to":"public"}'),
        ("grant", '{"person":"B","role":"village_entry","unit":"48.20308.001","up_to":"secret"}'),
        ("unit_close", '{"unit":"48.20308.001","last_day":"1/1/2026","decision":""}'),
        ("unit_create", '{"unit":"48.20308","name":"T","decision":7}'),
        ("overview", '{"unit":' + "[" * 60_000 + "]" * 60_000 + "}"),
        ("audit", '{"unit":"48.20308","before_n":9223372036854775808}'),
    ],
)
def test_what_is_no_order_is_refused_and_changes_nothing(
    centre: Centre, commune: Administrator, what: str, said: str
) -> None:
    before = (centre.staff.persons(), centre.repository.units())
    answer = commune.send(Order(PROTOCOL, 1, "An", what, said))
    assert isinstance(answer, Refusal)
    assert answer.code == "order_unfit"
    assert (centre.staff.persons(), centre.repository.units()) == before


def test_only_administrators_of_a_device_are_heard_at_it(line: Line, centre: Centre, commune: Administrator) -> None:
    centre.staff.give("Giang", Role.ADMINISTRATOR, "48", SENSITIVE)
    entry = Administrator(line, "Bình", Grant(Role.COMMUNE_ENTRY, COMMUNE, SENSITIVE))
    before = Device(centre, COMMUNE)
    for device, name in ((commune.device, "Giang"), (entry.device, "Bình"), (before, "Nguyễn Văn An"), (before, "An")):
        answer = line.post("/v1/administer", Order(PROTOCOL, 99, name, "overview", '{"unit":"48"}'), device.key)
        assert isinstance(answer, Refusal)
        assert answer.code == "order_no_right"
    centre.enrolment.revoke(commune.device.name)
    assert commune.ask("overview", unit=COMMUNE) == "device_revoked"
    stranger = Device(centre, COMMUNE, is_known=True)
    answer = line.post("/v1/administer", Order(PROTOCOL, 1, "An", "overview", "{}"), stranger.key)
    assert isinstance(answer, Refusal)
    assert answer.code == "device_unknown"


def test_every_role_is_heard_as_the_table_says(line: Line, centre: Centre) -> None:
    """Every role up to every class orders at every place: to look, to give a role of each class, to name the unit."""
    far = Unit(FAR_VILLAGE, UnitKind.VILLAGE, "Thôn Xa")
    centre.repository.decide([(Key(UNIT, far.key), far.content())], "admin")
    names = {key: unit.name for key, unit in centre.repository.units().items()}
    asserted = 0
    for number, (held, up_to) in enumerate(row for row in ROWS if row[0][0] is not Role.AS_ENROLLED):
        whoever = Administrator(line, f"Người {number}", Grant(*held, up_to))
        for place, unit in PLACES.items():
            may_look = may(held, up_to, Action.ADMINISTER, place, PUBLIC)
            assert (whoever.ask("overview", unit=unit) != "order_no_right") == may_look, (held, up_to, place)
            role = next(role for role in Role if fits(role, unit) and role is not Role.ADMINISTRATOR)
            for one in Sensitivity:
                given = whoever.ask("grant", person=f"Ai đó {number}", role=role, unit=unit, up_to=one)
                may_give = may_look and one in classes(up_to)
                assert (given != "order_no_right") == may_give, (held, up_to, place, one)
            named = whoever.ask("unit_rename", unit=unit, name=names[unit], decision="")
            may_name = may(held, up_to, Action.ESTABLISH, place, PUBLIC)
            assert named == (unit if may_name else "order_no_right"), (held, up_to, place)
            asserted += 5
    assert asserted == 8 * 3 * 6 * 5


def test_other_messages_and_bytes_are_no_orders(line: Line, commune: Administrator) -> None:
    for body in (b"", b"x" * 100):
        response, _ = line.raw("POST", "/v1/administer", body)
        assert response.status == 400


def test_a_desktop_gives_orders_whatever_its_clock_says(line: Line, centre: Centre, tmp_path: Path) -> None:
    centre.staff.give("An", Role.ADMINISTRATOR, COMMUNE, INTERNAL)
    with closing(Store.open(tmp_path / "pc", bytes(32))) as store:
        with pytest.raises(EnvironmentFault, match="code_wrong"):
            give(store, "overview", {"unit": COMMUNE}, lambda: 0)
        enrol(store, f"http://127.0.0.1:{line.port}", centre.enrolment.make_code(COMMUNE, "An", 7), "PC")
        # Ahead by years, then back: each order is still later than the one before.
        for now in (4_000_000_000.0, 1_000_000_000.0, -5.0):
            seen = give(store, "overview", {"unit": COMMUNE}, lambda now=now: now)  # type: ignore[misc]
            assert [row[0] for row in seen["devices"]] == [store.device]
        with pytest.raises(EnvironmentFault, match="order_no_right"):
            give(store, "overview", {"unit": "48"}, lambda: 0)
        # Somebody else at the same PC is no administrator.
        store.person = "Bình"
        with pytest.raises(EnvironmentFault, match="order_no_right"):
            give(store, "overview", {"unit": COMMUNE}, lambda: 0)
