"""Addresses: what lies within what, and which stream a cell belongs to."""

import pytest

from sync.domain.keys import (
    BROADCAST,
    CLOSING,
    COMMENT,
    DEADLINE,
    DEVICE,
    ESCROW,
    EVIDENCE,
    HOLIDAY,
    KINDS,
    OWN_UNIT,
    PERSON,
    PROGRESS,
    RECEIPT,
    REGISTER,
    REVISION,
    RIGHTS,
    STATUS,
    STEP,
    TASK,
    UNIT,
    VALUE,
    WITHDRAWAL,
    Key,
    ancestors,
    commune_of,
    device_of_stream,
    is_for_one_unit,
    province_of,
    stream_of,
    stream_of_device,
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


@pytest.mark.parametrize("kind", [VALUE, TASK, PROGRESS, STEP, EVIDENCE, COMMENT, STATUS])
@pytest.mark.parametrize(
    ("unit", "stream"), [(VILLAGE, COMMUNE), (COMMUNE, COMMUNE), (DEPARTMENT, PROVINCE), (PROVINCE, PROVINCE)]
)
def test_a_cell_lies_in_its_communes_stream_or_in_the_provinces(kind: str, unit: str, stream: str) -> None:
    assert stream_of(Key(kind, unit)) == stream


@pytest.mark.parametrize("kind", [UNIT, DEADLINE, CLOSING, HOLIDAY])
@pytest.mark.parametrize("unit", [VILLAGE, COMMUNE, DEPARTMENT, PROVINCE])
def test_what_is_for_all_who_are_below_is_broadcast(kind: str, unit: str) -> None:
    assert stream_of(Key(kind, unit)) == BROADCAST


def test_devices_lie_in_a_stream_that_no_desktop_follows_and_receipts_in_one_of_their_own() -> None:
    assert stream_of(Key(DEVICE, PROVINCE, "a" * 20)) == REGISTER
    assert stream_of(Key(PERSON, PROVINCE, "An")) == REGISTER
    own = stream_of_device("a" * 20)
    assert device_of_stream(own) == "a" * 20
    assert stream_of(Key(RIGHTS, own)) == own
    assert stream_of(Key(RECEIPT, own, "a" * 28, part="1")) == own
    assert own not in (REGISTER, stream_of_device("b" * 20))


@pytest.mark.parametrize(
    ("stream", "is_of_units"),
    [(COMMUNE, True), (PROVINCE, True), (BROADCAST, False), (REGISTER, False), (stream_of_device("a" * 20), False)],
)
def test_only_streams_of_units_are_seen_from_units(stream: str, is_of_units: bool) -> None:
    assert is_for_one_unit(stream) is is_of_units


@pytest.mark.parametrize(
    ("unit", "above"),
    [(VILLAGE, (VILLAGE, COMMUNE, PROVINCE)), (DEPARTMENT, (DEPARTMENT, PROVINCE)), (PROVINCE, (PROVINCE,))],
)
def test_a_unit_and_all_above_it(unit: str, above: tuple[str, ...]) -> None:
    assert ancestors(unit) == above
    assert all(within(unit, ancestor) for ancestor in above)


def test_every_kind_is_another_and_a_receipt_is_no_change() -> None:
    assert set(KINDS) == {
        *(VALUE, TASK, PROGRESS, STEP, EVIDENCE, COMMENT, REVISION),
        *(UNIT, DEADLINE, STATUS, CLOSING, HOLIDAY),
        *(DEVICE, PERSON, RIGHTS, ESCROW, WITHDRAWAL),
    }
    assert len(KINDS) == 17
    assert RECEIPT not in KINDS


def test_keys_lie_in_the_order_of_their_units() -> None:
    assert sorted([Key(VALUE, "48.20194.010"), Key(VALUE, COMMUNE), Key(VALUE, VILLAGE)]) == [
        Key(VALUE, COMMUNE),
        Key(VALUE, VILLAGE),
        Key(VALUE, "48.20194.010"),
    ]
