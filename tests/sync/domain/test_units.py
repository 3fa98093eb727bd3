"""What a unit's cell holds, and the contents that are refused."""

from datetime import date

import pytest

from sync.domain.units import Level, Unit, UnitKind, level_of, reporting_on
from sync.domain.values import ContentError

VILLAGE = Unit(
    "48.20308.003",
    UnitKind.VILLAGE,
    "Thôn Phước Hưng",
    valid_from=date(2026, 7, 1),
    valid_to=date(2026, 12, 31),
    decision="",
    source="mẫu",
)


def test_a_unit_reads_back_from_its_cell() -> None:
    assert Unit.of(VILLAGE.key, VILLAGE.content()) == VILLAGE
    assert VILLAGE.content() == (
        '{"code":"","decision":"","kind":"village","name":"Thôn Phước Hưng","source":"mẫu",'
        '"valid_from":"2026-07-01","valid_to":"2026-12-31"}'
    )


def test_a_unit_needs_no_more_than_a_kind_and_a_name() -> None:
    assert Unit.of("48", '{"kind":"province","name":"Đà Nẵng"}') == Unit("48", UnitKind.PROVINCE, "Đà Nẵng")


def test_every_kind_stands_on_a_level() -> None:
    levels = {level: {kind for kind in UnitKind if kind.level is level} for level in Level}
    assert levels[Level.COMMUNE] == {UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE}
    assert levels[Level.VILLAGE] == {UnitKind.VILLAGE, UnitKind.RESIDENTIAL_GROUP}
    assert levels[Level.PROVINCE] == {UnitKind.PROVINCE, UnitKind.DEPARTMENT}


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "",
        "[]",
        "12",
        '"Thôn"',
        "{",
        '{"kind":"village"}',
        '{"name":"Thôn"}',
        '{"kind":"hamlet","name":"Thôn"}',
        '{"kind":["village"],"name":"Thôn"}',
        '{"kind":"village","name":""}',
        '{"kind":"village","name":" "}',
        '{"kind":"village","name":7}',
        '{"kind":"village","name":"Tho\u0302n"}',
        '{"kind":"village","name":"' + "a" * 201 + '"}',
        '{"kind":"village","name":"Thôn","code":7}',
        '{"kind":"village","name":"Thôn","valid_from":"20260701"}',
        '{"kind":"village","name":"Thôn","valid_from":"2026-02-30"}',
        '{"kind":"village","name":"Thôn","valid_from":20260701}',
        '{"kind":"village","name":"Thôn","valid_from":"2026-07-02","valid_to":"2026-07-01"}',
        '{"kind":"commune","name":"Xã"}',
        "[" * 100_000,
    ],
)
def test_a_content_that_is_no_unit_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Unit.of("48.20308.003", content)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("48.20308", UnitKind.COMMUNE),
        ("48.20194", UnitKind.WARD),
        ("48.D01", UnitKind.DEPARTMENT),
        ("01", UnitKind.PROVINCE),
    ],
)
def test_a_key_fits_its_kind(key: str, kind: UnitKind) -> None:
    assert Unit(key, kind, "Tên").key == key
    for wrong in ("", "4", f"{key}.", f"{key} ", f"{key}\n", "48.2030", "48.20308.1", "٤٨"):
        with pytest.raises(ValueError, match="'"):
            Unit(wrong, kind, "Tên")


def test_fields_that_a_newer_centre_adds_are_passed_over() -> None:
    unit = Unit("48.20308.001", UnitKind.VILLAGE, "Thôn An Sơn")
    assert Unit.of(unit.key, unit.content().replace("{", '{"colour":"red",', 1)) == unit


@pytest.mark.parametrize(
    ("unit", "level"),
    [
        ("48", Level.PROVINCE),
        ("48.D01", Level.PROVINCE),
        ("48.20308", Level.COMMUNE),
        ("48.20308.001", Level.VILLAGE),
    ],
)
def test_a_key_tells_its_level(unit: str, level: Level) -> None:
    assert level_of(unit) is level


def test_who_existed_on_its_last_day_reports_a_period() -> None:
    day = date(2026, 9, 14)
    old = Unit("48.20308.001", UnitKind.VILLAGE, "Cũ", valid_to=date(2026, 9, 13))
    ending = Unit("48.20308.002", UnitKind.VILLAGE, "Sắp thôi", valid_to=day)
    unknown = Unit("48.20308.003", UnitKind.VILLAGE, "Không rõ")
    new = Unit("48.20308.004", UnitKind.VILLAGE, "Mới", valid_from=date(2026, 9, 15))
    assert reporting_on([old, ending, unknown, new], day) == [ending, unknown]


def test_where_nobody_existed_yet_the_units_of_today_report() -> None:
    since = date(2025, 7, 1)
    merged = [Unit(f"48.20308.00{n}", UnitKind.VILLAGE, f"Thôn {n}", valid_from=since) for n in (1, 2)]
    closed = Unit("48.20308.003", UnitKind.VILLAGE, "Thôn 3", valid_from=since, valid_to=date(2026, 1, 1))
    elsewhere = Unit("48.20309.001", UnitKind.VILLAGE, "Thôn khác")
    assert reporting_on([*merged, closed, elsewhere], date(2024, 3, 14)) == [*merged, elsewhere]
