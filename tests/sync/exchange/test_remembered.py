"""What is remembered of a foreign sheet: made again for the same headings and texts, and for no others."""

import json
from collections.abc import Sequence

import pytest

from sync.domain.numbers import Convention
from sync.exchange.mapping import Frame, Proposal, propose
from sync.exchange.names import Names
from sync.exchange.remembered import fingerprint, recall, remember
from sync.exchange.sheets import Cell, Sheet
from tests.sync.exchange.forms import INDICATORS, UNITS, cell, chosen, sheet

VIETNAMESE, ENGLISH = Convention.VIETNAMESE, Convention.ENGLISH


def recalled(found: Sheet, kept: str, units: Names = UNITS) -> tuple[Proposal, Convention] | None:
    return recall(found, propose(found, units, INDICATORS), units, INDICATORS, kept)


def test_a_confirmed_mapping_is_remembered_for_the_same_headings() -> None:
    rows: tuple[Sequence[Cell], ...] = (
        ["Thôn", "Hộ nghèo", "Ghi chú"],
        ["Khối 1", 2.0, 7.0],
        ["Thôn An Sơn", 3.0, 8.0],
    )
    found = sheet(*rows)
    proposed = propose(found, UNITS, INDICATORS)
    (poor, notes), (quarter, village) = proposed.columns, proposed.rows
    confirmed = proposed._replace(
        columns=(poor._replace(chosen="village_ct03"), notes._replace(chosen="village_ct05")),
        rows=(quarter._replace(chosen=cell("001", "").unit), village._replace(chosen="")),
    )
    kept = remember(confirmed, ENGLISH)
    later = sheet(*rows[:2], ["Thôn Phú Hòa", 9.0, ""], rows[2])
    assert fingerprint(propose(later, UNITS, INDICATORS)) == fingerprint(proposed)
    again = recalled(later, kept)
    assert again is not None
    proposal, convention = again
    assert convention is ENGLISH
    assert chosen(proposal) == (["ct03", "ct05"], ["001", "004", ""])
    assert fingerprint(propose(sheet(["Thôn", "CT01"], ["Thôn An Sơn", 1.0]), UNITS, INDICATORS)) != fingerprint(
        proposed
    )


def test_what_was_remembered_and_is_gone_is_proposed_anew() -> None:
    found = sheet(["Thôn", "Số hộ nghèo"], ["Khối 1", 2.0])
    kept = remember(propose(found, UNITS, INDICATORS, Frame(0, 0, 0, by_unit=True)), VIETNAMESE)
    kept = canonical_with(kept, "rows", {"Khối 1": ["48.20308.099"]})
    again = recalled(found, kept)
    assert again is not None
    assert chosen(again[0]) == (["ct03"], [""])


def canonical_with(kept: str, part: str, choices: dict[str, list[str]]) -> str:
    return json.dumps({**json.loads(kept), part: choices})


MY_THO = Names({"4": ["Thôn Phú Hòa"], "5": ["Thôn Phú Hòa 1"], "6": ["Thôn Mỹ Tho"], "7": ["Thôn Mỹ Thọ"]})


def confirmed_rows(proposed: Proposal, *choices: str) -> str:
    """What is remembered where the rows were chosen so."""
    rows = tuple(row._replace(chosen=chosen) for row, chosen in zip(proposed.rows, choices, strict=True))
    return remember(proposed._replace(rows=rows), VIETNAMESE)


def rows_again(found: Sheet, kept: str) -> list[tuple[str, str]]:
    again = recalled(found, kept, MY_THO)
    assert again is not None
    return [(target.text, target.chosen) for target in again[0].rows]


def test_a_choice_for_a_text_without_accents_says_nothing_of_one_with_them() -> None:
    january = sheet(["Thôn", "CT01"], ["thon phu hoa", 100.0], ["Thon My Tho", 7.0])
    kept = confirmed_rows(propose(january, MY_THO, INDICATORS), "5", "6")
    february = sheet(
        ["Thôn", "CT01"], ["Thôn Phú Hòa", 1.0], ["Thôn Phú Hòa 1", 2.0], ["Thôn Mỹ Thọ", 3.0], ["Thôn Mỹ Tho", 4.0]
    )
    expected = [("Thôn Phú Hòa", "4"), ("Thôn Phú Hòa 1", "5"), ("Thôn Mỹ Thọ", "7"), ("Thôn Mỹ Tho", "6")]
    assert rows_again(february, kept) == expected
    spaced = sheet(["Thôn", "CT01"], ["thon  phu hoa ", 1.0], ["Thon My Tho", 2.0])
    assert rows_again(spaced, kept) == [("thon phu hoa", "5"), ("Thon My Tho", "6")]


def test_a_choice_is_not_made_again_where_another_row_is_called_so() -> None:
    kept = confirmed_rows(propose(sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0]), MY_THO, INDICATORS), "5")
    later = sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0], ["Thôn Phú Hòa 1", 2.0])
    assert rows_again(later, kept) == [("thon phu hoa", ""), ("Thôn Phú Hòa 1", "5")]
    twice = sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0], ["thon phu hoa", 2.0])
    assert rows_again(twice, kept) == [("thon phu hoa", ""), ("thon phu hoa", "")]


def test_a_choice_is_asked_for_again_where_there_is_another_to_choose_from() -> None:
    kept = confirmed_rows(propose(sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0]), MY_THO, INDICATORS), "5")
    more = Names({"4": ["Thôn Phú Hòa"], "5": ["Thôn Phú Hòa 1"], "8": ["Thôn Phú Hòa 2"]})
    again = recalled(sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0]), kept, more)
    assert again is not None
    assert [target.text for target in again[0].open] == ["thon phu hoa"]


def test_one_text_that_meant_two_things_is_remembered_for_neither() -> None:
    found = sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0], ["thon phu hoa", 2.0])
    kept = confirmed_rows(propose(found, MY_THO, INDICATORS), "4", "5")
    assert rows_again(found, kept) == [("thon phu hoa", ""), ("thon phu hoa", "")]


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "{}", "x", '{"frame":[0,0],"headings":"HEADINGS","convention":"vi","rows":{},"columns":{}}',
     '{"frame":[0,0,0,true],"convention":"vi","rows":{},"columns":{}}',
     '{"frame":[-1,0,0,true],"headings":"HEADINGS","convention":"vi","rows":{},"columns":{}}',
     '{"frame":[0,0,"x",true],"headings":"HEADINGS","convention":"vi","rows":{},"columns":{}}',
     '{"frame":[0,0,0,true],"headings":"HEADINGS","convention":"fr","rows":{},"columns":{}}',
     '{"frame":[0,0,0,true],"headings":"HEADINGS","convention":"vi","rows":{"phu hoa":"48.20308.004"},"columns":{}}',
     '{"frame":[0,0,0,true],"headings":"HEADINGS","convention":"vi","rows":{"Thôn":[]},"columns":{}}',
     '{"frame":[0,0,0,true],"headings":"HEADINGS","convention":"vi","rows":{"Thôn":[[]]},"columns":{}}',
     '{"frame":[0,0,0,true],"headings":"HEADINGS","convention":"vi","rows":[1],"columns":{}}'],
)  # fmt: skip
def test_what_cannot_be_recalled_is_asked_for_again(kept: str) -> None:
    found = sheet(["Thôn", "CT01"], ["Thôn An Sơn", 1.0])
    assert recalled(found, kept.replace("HEADINGS", fingerprint(propose(found, UNITS, INDICATORS)))) is None


def test_of_two_columns_that_mean_the_same_the_one_that_was_chosen_is_chosen_again() -> None:
    found = sheet(["Thôn", "Số hộ nghèo", ""], ["", "Kỳ trước", "Kỳ này"], ["Thôn An Sơn", 10.0, 12.0])
    proposed = propose(found, UNITS, INDICATORS)
    before, now = proposed.columns
    confirmed = proposed._replace(columns=(before, now._replace(chosen="village_ct03")))
    again = recalled(found, remember(confirmed, VIETNAMESE))
    assert again is not None
    assert again[0] == confirmed
    assert not again[0].open


@pytest.mark.parametrize("titles", [0, 1, 2])
def test_the_headings_are_found_wherever_they_stand_this_time(titles: int) -> None:
    rows: list[list[Cell]] = [["Thôn", "Hộ nghèo"], ["Khối 1", 2.0], ["Thôn An Sơn", 3.0]]
    proposed = propose(sheet(["Biểu tháng 1"], *rows), UNITS, INDICATORS)
    (poor,) = proposed.columns
    kept = remember(proposed._replace(columns=(poor._replace(chosen="village_ct03"),)), ENGLISH)
    again = recalled(sheet(*([f"Dòng {number}"] for number in range(titles)), *rows), kept)
    assert again is not None
    proposal, convention = again
    assert (proposal.frame.first, proposal.weight, convention) == (titles, 1, ENGLISH)


def test_headings_that_a_person_showed_and_that_stand_elsewhere_are_asked_for_again() -> None:
    rows: list[list[Cell]] = [["Thôn", "CT01"], ["", "Số hộ cận nghèo"], ["Thôn An Sơn", 5.0]]
    confirmed = propose(sheet(*rows), UNITS, INDICATORS, Frame(1, 1, 0, by_unit=True))
    kept = remember(confirmed, VIETNAMESE)
    again = recalled(sheet(*rows), kept)
    assert again is not None
    assert again[0] == confirmed
    assert recalled(sheet(["Biểu"], *rows), kept) is None
