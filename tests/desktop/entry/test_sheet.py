"""Which form, period and units a place means on the device of a village, a commune, a province."""

from datetime import date

from desktop.entry.sheet import Missing, Sheet, sheet_of
from desktop.widgets.place import Place
from sync.domain.catalogue import Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE, OWN_UNIT, UNIT, VALUE, Key
from sync.domain.periods import Period
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, VILLAGES
from tests.desktop.sampled import COMMUNE, NOW, enrol, receive

TODAY = date(2026, 11, 21)
NOWHERE = Place("entry")


def opened(store: Store, catalogue: Catalogue, place: Place = NOWHERE) -> Sheet:
    found = sheet_of(store, catalogue, place, TODAY)
    assert isinstance(found, Sheet)
    return found


def test_a_commune_sees_its_villages_in_the_period_of_today(commune: Store, catalogue: Catalogue) -> None:
    sheet = opened(commune, catalogue)
    assert sheet.units == tuple(VILLAGES)
    assert sheet.period == PERIOD
    assert [form.key for form in sheet.forms] == ["village", "short"]
    assert sheet.form.key == "village"
    assert list(sheet.communes) == [COMMUNE.key]
    assert sheet.due is None


def test_a_village_sees_itself(commune: Store, catalogue: Catalogue) -> None:
    enrol(commune, SECOND)
    assert opened(commune, catalogue).units == (SECOND,)


def test_a_place_says_form_and_period_as_far_as_they_fit(commune: Store, catalogue: Catalogue) -> None:
    sheet = opened(commune, catalogue, Place("entry", form="short", period="A2026Q2"))
    assert (sheet.form.key, sheet.period.code) == ("short", "A2026Q2")
    for code in ("A2026M02", "S2026Q2", "nonsense", ""):
        assert opened(commune, catalogue, Place("entry", form="gone", period=code)).period == PERIOD


def test_before_enrolment_every_form_has_one_column(store: Store, catalogue: Catalogue) -> None:
    sheet = opened(store, catalogue)
    assert sheet.units == (OWN_UNIT,)
    assert len(sheet.forms) == 2
    assert sheet.due is None


def test_a_province_looks_at_one_commune_at_a_time(commune: Store, catalogue: Catalogue) -> None:
    other = [Unit("48.20200", UnitKind.WARD, "Phường Hải Châu"), Unit("48.20200.001", UnitKind.VILLAGE, "Tổ 1")]
    receive(commune, [(Key(UNIT, unit.key), [unit.content()]) for unit in other])
    enrol(commune, "48")
    sheet = opened(commune, catalogue)
    assert sheet.units == ("48.20200.001",)
    assert sheet.communes == {"48.20200": "Phường Hải Châu", COMMUNE.key: "Xã Bà Nà"}
    chosen = opened(commune, catalogue, Place("entry", unit=FIRST))
    assert chosen.units == tuple(VILLAGES)
    assert chosen.commune == COMMUNE.key


def test_a_closed_village_has_no_column(commune: Store, catalogue: Catalogue) -> None:
    closed = Unit(FIRST, UnitKind.VILLAGE, "Thôn cũ", valid_to=date(2026, 6, 30))
    receive(commune, [(Key(UNIT, FIRST), [closed.content()])])
    assert FIRST not in opened(commune, catalogue).units


def test_the_commune_s_own_deadline_goes_before_the_province_s(commune: Store, catalogue: Catalogue) -> None:
    def set_due(unit: str, day: int) -> None:
        content = Deadline(NOW.replace(day=day)).content()
        receive(commune, [(Key(DEADLINE, unit, "village", PERIOD.code), [content])])

    set_due("48", 28)
    assert opened(commune, catalogue).due == date(2026, 11, 28)
    set_due(COMMUNE.key, 25)
    assert opened(commune, catalogue).due == date(2026, 11, 25)
    receive(commune, [(Key(DEADLINE, COMMUNE.key, "village", PERIOD.code), ["null"])])
    assert opened(commune, catalogue).due == date(2026, 11, 28)


def test_nothing_to_type_has_its_reason(store: Store, catalogue: Catalogue) -> None:
    enrol(store)
    assert sheet_of(store, catalogue, NOWHERE, TODAY) is Missing.NO_UNITS
    receive(store, [(Key(UNIT, COMMUNE.key), [COMMUNE.content()])])
    assert sheet_of(store, catalogue, NOWHERE, TODAY) is Missing.NO_UNITS
    department = Unit("48.D01", UnitKind.DEPARTMENT, "Sở Nội vụ")
    receive(store, [(Key(UNIT, department.key), [department.content()])])
    enrol(store, department.key)
    assert sheet_of(store, catalogue, NOWHERE, TODAY) is Missing.NO_FORM
    empty = Catalogue("1", {}, {}, {}, {}, {})
    assert sheet_of(store, empty, NOWHERE, TODAY) is Missing.NO_FORM


def test_periods_of_a_year_s_end(commune: Store, catalogue: Catalogue) -> None:
    found = sheet_of(commune, catalogue, NOWHERE, date(2026, 12, 20))
    assert isinstance(found, Sheet)
    assert found.period == Period.parse("A2027Q1")


def test_a_round_has_a_column_for_each_who_is_asked(commune: Store, catalogue: Catalogue) -> None:
    code = Period.of_round(PERIOD.regime, PERIOD.frequency, date(2026, 11, 15), date(2026, 11, 25)).code
    receive(commune, [(Key(DEADLINE, SECOND, "village", code), [Deadline(NOW.replace(day=27)).content()])])
    sheet = opened(commune, catalogue, Place("entry", form="village", period=code))
    assert (sheet.units, sheet.period.code, sheet.due) == ((SECOND,), code, date(2026, 11, 27))
    enrol(commune, FIRST)
    # Whoever is not asked may look all the same.
    assert opened(commune, catalogue, Place("entry", form="village", period=code)).units == (FIRST,)


def test_a_village_that_was_closed_since_keeps_its_column_where_it_reported(
    commune: Store, catalogue: Catalogue
) -> None:
    closed = Unit(FIRST, UnitKind.VILLAGE, "Thôn cũ", valid_to=date(2026, 9, 30))
    receive(commune, [(Key(UNIT, FIRST), [closed.content()])])
    assert FIRST in opened(commune, catalogue, Place("entry", period="A2026Q3")).units
    now = opened(commune, catalogue)
    assert now.units == (SECOND, THIRD)
    assert now.below == tuple(VILLAGES), "each is added up in the periods in which it reported"


def test_figures_of_a_village_that_is_closed_are_never_out_of_sight(commune: Store, catalogue: Catalogue) -> None:
    closed = Unit(FIRST, UnitKind.VILLAGE, "Thôn cũ", valid_to=date(2026, 9, 30))
    receive(commune, [(Key(UNIT, FIRST), [closed.content()])])
    commune.record_changes([(Key(VALUE, FIRST, "elsewhere", PERIOD.code), "7")], "Hoa", NOW)
    assert FIRST not in opened(commune, catalogue).units
    commune.record_changes([(Key(VALUE, FIRST, "households", PERIOD.code), "7")], "Hoa", NOW)
    assert FIRST in opened(commune, catalogue).units


def test_a_village_that_came_later_is_not_asked_for_what_was_before(commune: Store, catalogue: Catalogue) -> None:
    new = Unit(THIRD, UnitKind.VILLAGE, "Thôn mới", valid_from=date(2026, 10, 1))
    receive(commune, [(Key(UNIT, THIRD), [new.content()])])
    assert opened(commune, catalogue, Place("entry", period="A2026Q3")).units == (FIRST, SECOND)
    assert opened(commune, catalogue).units == tuple(VILLAGES)
