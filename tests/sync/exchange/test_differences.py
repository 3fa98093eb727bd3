"""Cells compared with what stands: kinds, doubts, refusals, conventions."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from sync.domain.catalogue import ValueType
from sync.domain.numbers import Convention
from sync.exchange.differences import (
    DOUBTS,
    REFUSALS,
    Conventions,
    Difference,
    Kind,
    Layout,
    LeftOut,
    Reading,
    conventions,
    differences,
    number_in,
    written,
)
from sync.exchange.sheets import Cell, Sheet
from tests.sync.exchange.forms import CATALOGUE, COMMUNE, MISSING, PERIOD, cell, standing

NIGHT = datetime.fromisoformat("2026-11-20T00:00")
HERE = cell("001", "ct01")
VIETNAMESE, ENGLISH = Convention.VIETNAMESE, Convention.ENGLISH


def one(found: Cell, before: str = "null", item: str = "ct01", given: str = "") -> Difference | None:
    """What one cell of a sheet would do with the cell of one village."""
    sheet = Sheet("", {0: [found]}, None)
    layout = Layout({0: f"{COMMUNE}.001"}, {0: f"village_{item}"}, by_unit=True)
    reading = Reading(VIETNAMESE, MISSING, {(f"{COMMUNE}.001", f"village_{item}"): given} if given else {}, 2026)
    indicators = dict(CATALOGUE.indicators)
    indicators["village_ct02"] = indicators["village_ct02"]._replace(type=ValueType.TEXT)
    indicators["village_ct03"] = indicators["village_ct03"]._replace(type=ValueType.CHOICE, choices=("Có", "Không"))
    indicators["village_ct04"] = indicators["village_ct04"]._replace(type=ValueType.DATE)
    told = differences(sheet, layout, indicators, standing({cell("001", item): before}), reading)
    return told[0] if told else None


@pytest.mark.parametrize(
    ("found", "before", "kind", "after", "reason"),
    [
        (312.0, "null", Kind.NEW, "312", ""),
        (312, "312", Kind.SAME, "312", ""),
        (312.0, "311", Kind.CHANGED, "312", ""),
        (0.0, "null", Kind.NEW, "0", ""),
        (312.0, '{"missing":"not_collected"}', Kind.CHANGED, "312", ""),
        ("1.187", "1187", Kind.SAME, "1187", ""),
        (" 1\u00a0187 ", "null", Kind.NEW, "1187", ""),
        (" K.thu  thập", "null", Kind.NEW, '{"missing":"not_collected"}', ""),
        ("12a", "null", Kind.NEW, '{"raw":"12a"}', "not_a_number"),
        ("12a", '{"raw":"12a"}', Kind.SAME, '{"raw":"12a"}', ""),
        (True, "null", Kind.NEW, '{"raw":"TRUE"}', "not_a_number"),
        (date(2026, 5, 1), "null", Kind.NEW, '{"raw":"01/05/2026"}', "not_a_number"),
        (-3.0, "null", Kind.NEW, "-3", "below_minimum"),
        (8.5, "null", Kind.NEW, "8.5", "not_whole"),
        (1e300, "null", Kind.NEW, '{"raw":"1e+300"}', "not_a_number"),
        ("x" * 1001, "null", Kind.REFUSED, "null", "too_long"),
        (312.0, '{"note":"đã đối chiếu","number":312}', Kind.SAME, '{"note":"đã đối chiếu","number":312}', ""),
        (313.0, '{"note":"đã đối chiếu","number":312}', Kind.CHANGED, "313", ""),
        (313.0, '{"note":"chờ số"}', Kind.NEW, "313", ""),
    ],
)
def test_what_a_cell_would_do(found: Cell, before: str, kind: Kind, after: str, reason: str) -> None:
    told = one(found, before)
    assert told is not None
    assert (told.kind, told.after, told.reason) == (kind, after, reason)
    assert (told.key(PERIOD.code), told.before) == (HERE, before)


@pytest.mark.parametrize(
    ("item", "found", "after", "reason"),
    [
        ("ct02", "Tho\u0302n  A\u0301", '"Thôn  Á"', ""),
        ("ct02", 12.0, '"12"', ""),
        ("ct02", NIGHT, '"20/11/2026"', ""),
        ("ct02", NIGHT.replace(hour=7, minute=5), '"20/11/2026 07:05"', ""),
        ("ct02", time(7, 5), '"07:05:00"', ""),
        ("ct03", "Có", '"Có"', ""),
        ("ct03", "CO", '"Có"', ""),
        ("ct03", "Có lẽ", '"Có lẽ"', "not_a_choice"),
        ("ct04", "30.4.2026", '"30/04/2026"', ""),
        ("ct04", "30/4", '"30/04/2026"', ""),
        ("ct04", date(2026, 4, 30), '"30/04/2026"', ""),
        ("ct04", NIGHT.replace(hour=7, minute=5), '"20/11/2026"', ""),
        ("ct04", "hôm qua", '"hôm qua"', "not_a_day"),
        ("ct04", "04/30/2026", '"04/30/2026"', "not_a_day"),
        ("ct04", 46142.0, '"46142"', "not_a_day"),
    ],
)
def test_texts_choices_and_days_are_taken_as_they_are_typed(item: str, found: Cell, after: str, reason: str) -> None:
    told = one(found, item=item)
    assert told is not None
    assert (told.after, told.reason) == (after, reason)


def test_an_empty_cell_says_nothing_except_in_a_form_that_was_given_out_filled() -> None:
    assert one("", "312") is None
    told = one("", "312", given="311")
    assert told is not None
    assert (told.kind, told.after, told.reason) == (Kind.CHANGED, "null", "emptied")
    assert one("", "null", given="311") is None
    assert one("", '{"note":"chờ số"}', given="311") is None


def test_what_was_given_out_and_not_touched_says_nothing() -> None:
    for given in ("312", '{"note":"đã đối chiếu","number":312}'):
        told = one(312.0, "440", given=given)
        assert told is not None
        assert (told.kind, told.after) == (Kind.SAME, "440")
    told = one(313.0, "440", given="312")
    assert told is not None
    assert (told.kind, told.after) == (Kind.CHANGED, "313")


def test_what_is_left_out_stands_first_and_short_rows_are_no_error() -> None:
    sheet = Sheet("", {0: [1.0, 2.0], 1: [3.0]}, None)
    layout = Layout(
        {0: "village_ct01", 1: "village_ct02"},
        {0: f"{COMMUNE}.001", 1: f"{COMMUNE}.003"},
        by_unit=False,
        left_out=(LeftOut(-1, 2, "Toàn xã", "total"), LeftOut(3, -1, "Số hộ khác", "unknown")),
    )
    found = differences(sheet, layout, CATALOGUE.indicators, {}, Reading(VIETNAMESE, {}))
    assert [(it.kind, it.unit[-3:], it.item[-4:], it.after) for it in found] == [
        (Kind.REFUSED, " xã", "", "null"),
        (Kind.REFUSED, "", "", "null"),
        (Kind.NEW, "001", "ct01", "1"),
        (Kind.NEW, "003", "ct01", "2"),
        (Kind.NEW, "001", "ct02", "3"),
    ]
    assert [(it.unit, it.text) for it in found[:2]] == [("Toàn xã", ""), ("", "Số hộ khác")]
    assert {it.reason for it in found} <= {"", *REFUSALS, *DOUBTS}


@pytest.mark.parametrize(
    ("found", "number"),
    [
        (0.1 + 0.2, "0.3"),
        (2.88, "2.88"),
        (1e15, "1000000000000000"),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("5,15", "5.15"),
        ("5.15", None),
        (date(2026, 1, 1), None),
    ],
)
def test_numbers_are_read_to_the_digits_that_a_spreadsheet_shows(found: Cell, number: str | None) -> None:
    assert number_in(found, VIETNAMESE) == (None if number is None else Decimal(number))
    assert written(found)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["1.033", "5,15"], Conventions((VIETNAMESE,), "1.033")),
        (["1,033", "5.15"], Conventions((ENGLISH,), "1,033")),
        (["434", "5,15"], Conventions((VIETNAMESE,), "5,15")),
        (["1.033", "434", "Thôn An"], Conventions((VIETNAMESE, ENGLISH), "1.033")),
        (["434", 1.5, "", "1 434", "1.2.3"], Conventions((VIETNAMESE, ENGLISH), "")),
        (["5,15", "5.15", "x"], Conventions((VIETNAMESE, ENGLISH), "5,15")),
    ],
)
def test_the_convention_is_told_by_the_numbers_or_has_to_be_asked_for(cells: list[Cell], told: Conventions) -> None:
    assert conventions(Sheet("", {3: ["1.1", *cells]}, None), [3], range(1, 9)) == told
