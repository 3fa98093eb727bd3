"""Addresses: what lies within what, and which stream a cell belongs to."""

import pytest

from sync.domain.keys import (
    BROADCAST,
    DEADLINE,
    KINDS,
    OWN_UNIT,
    PROGRESS,
    TASK,
    UNIT,
    VALUE,
    Key,
    commune_of,
    province_of,
    stream_of,
    within,
)

PROVINCE, DEPARTMENT, COMMUNE, VILLAGE = "48", "48.D01", "48.20194", "48.20194.003"


@pytest.mark.parametrize(
    ("unit", "ancestor", "lies"),
    [
        (VILLAGE, VILLAGE, True),
        (VILLAGE, COMMUNE, True),
        (VILLAGE, PROVINCE, True),
        (COMMUNE, PROVINCE, True),
        (DEPARTMENT, PROVINCE, True),
        (COMMUNE, VILLAGE, False),
        (PROVINCE, COMMUNE, False),
        (VILLAGE, DEPARTMENT, False),
        ("48.20194.0031", VILLAGE, False),
        ("48.201945", COMMUNE, False),
        ("489", PROVINCE, False),
        ("4", PROVINCE, False),
        (OWN_UNIT, PROVINCE, False),
    ],
)
def test_what_lies_within_what(unit: str, ancestor: str, lies: bool) -> None:
    assert within(unit, ancestor) is lies


@pytest.mark.parametrize(
    ("unit", "province", "commune"),
    [
        (PROVINCE, "48", None),
        (DEPARTMENT, "48", None),
        (COMMUNE, "48", COMMUNE),
        (VILLAGE, "48", COMMUNE),
        ("01.00004.001", "01", "01.00004"),
    ],
)
def test_the_province_and_the_commune_of_a_unit(unit: str, province: str, commune: str | None) -> None:
    assert province_of(unit) == province
    assert commune_of(unit) == commune


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != UNIT])
@pytest.mark.parametrize(
    ("unit", "stream"), [(VILLAGE, COMMUNE), (COMMUNE, COMMUNE), (DEPARTMENT, PROVINCE), (PROVINCE, PROVINCE)]
)
def test_a_cell_lies_in_its_communes_stream_or_in_the_provinces(kind: str, unit: str, stream: str) -> None:
    if kind == DEADLINE and stream == PROVINCE:
        # What a province sets is for all who are below it.
        stream = BROADCAST
    assert stream_of(Key(kind, unit)) == stream


@pytest.mark.parametrize("unit", [VILLAGE, COMMUNE, DEPARTMENT, PROVINCE])
def test_units_are_broadcast(unit: str) -> None:
    assert stream_of(Key(UNIT, unit)) == BROADCAST


def test_every_kind_is_another() -> None:
    assert len(set(KINDS)) == len(KINDS) == 5
    assert {VALUE, TASK, PROGRESS, UNIT, DEADLINE} == set(KINDS)


def test_keys_lie_in_the_order_of_their_units() -> None:
    assert sorted([Key(VALUE, "48.20194.010"), Key(VALUE, COMMUNE), Key(VALUE, VILLAGE)]) == [
        Key(VALUE, COMMUNE),
        Key(VALUE, VILLAGE),
        Key(VALUE, "48.20194.010"),
    ]
