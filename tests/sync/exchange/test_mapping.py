"""Foreign sheets: what their headings are taken for, what is left out, and what is remembered."""

import json
from collections.abc import Sequence

import pytest

from sync.domain.numbers import Convention
from sync.exchange.differences import Kind, Reading, conventions, differences
from sync.exchange.mapping import LEAVE, Frame, Proposal, fingerprint, layout_of, propose, recall, remember
from sync.exchange.names import Names
from sync.exchange.sheets import Cell, Sheet
from sync.exchange.workbooks import read_book
from tests.sync.exchange.forms import CATALOGUE, FILES, INDICATORS, MISSING, RATES, UNITS, VILLAGES, cell

VIETNAMESE, ENGLISH = Convention.VIETNAMESE, Convention.ENGLISH

QUARTER = {
    ("001", "ct01"): "434", ("001", "ct02"): "1607", ("001", "ct03"): "8", ("001", "ct04"): "17",
    ("003", "ct01"): "272", ("003", "ct02"): "873", ("003", "ct03"): "14", ("003", "ct04"): "13",
    ("004", "ct01"): "1033", ("004", "ct02"): "4034", ("004", "ct03"): "45", ("004", "ct04"): "27",
    ("005", "ct01"): "1345", ("005", "ct02"): "4927", ("005", "ct03"): "48", ("005", "ct04"): "54",
    ("006", "ct01"): "1421", ("006", "ct02"): "4968", ("006", "ct03"): "49", ("006", "ct04"): "37",
    ("010", "ct01"): "247", ("010", "ct02"): "882", ("010", "ct03"): "8", ("010", "ct04"): "6",
}  # fmt: skip
"""What every tong-hop file says."""


def sheet(*rows: Sequence[Cell]) -> Sheet:
    return Sheet("", {number: row for number, row in enumerate(rows) if any(cell != "" for cell in row)}, None)


def chosen(proposal: Proposal) -> tuple[list[str], list[str]]:
    return (
        [target.chosen.removeprefix("village_") for target in proposal.columns],
        [target.chosen[-3:] for target in proposal.rows],
    )


def read(
    found: Sheet, proposal: Proposal, convention: Convention
) -> tuple[dict[tuple[str, str], str], set[tuple[str, str]]]:
    """What goes where, and what is left out and why."""
    layout = layout_of(found, proposal, RATES, convention)
    told = differences(found, layout, CATALOGUE.indicators, {}, Reading(convention, MISSING))
    cells = {(it.unit[-3:], it.item[-4:]): it.after for it in told if it.kind is Kind.NEW}
    return cells, {(it.unit or it.text, it.reason) for it in told if it.kind is Kind.REFUSED}


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("tong-hop.xlsx", VIETNAMESE),
        ("tong-hop.xls", VIETNAMESE),
        ("tong-hop.ods", VIETNAMESE),
        ("viet-nam.csv", VIETNAMESE),
        ("english.csv", ENGLISH),
    ],
)
def test_real_files_are_understood_without_a_word(name: str, convention: Convention) -> None:
    found = read_book(FILES / name).sheets[0]
    proposal = propose(found, UNITS, INDICATORS)
    assert proposal.frame == Frame(4, 5, 1, by_unit=True)
    assert not proposal.open
    cells, left_out = read(found, proposal, convention)
    assert cells == QUARTER
    assert left_out == {("TT", "unknown"), ("Hộ dân Tỷ lệ hộ nghèo", "computed"), ("Tổng cộng", "total")}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("viet-nam.csv", ((VIETNAMESE,), "1.607")),
        ("english.csv", ((ENGLISH,), "1,607")),
        ("tong-hop.xlsx", ((VIETNAMESE, ENGLISH), "1.607")),
    ],
)
def test_the_convention_of_a_real_file_is_told_or_asked_for(
    name: str, told: tuple[tuple[Convention, ...], str]
) -> None:
    found = read_book(FILES / name).sheets[0]
    proposal = propose(found, UNITS, INDICATORS)
    assert conventions(found, [row.place for row in proposal.rows], [one.place for one in proposal.columns]) == told


@pytest.mark.parametrize("name", ["chi-tieu-theo-dong.ods", "chi-tieu-theo-dong.xlsx"])
def test_indicators_may_stand_in_rows(name: str) -> None:
    found = read_book(FILES / name).sheets[0]
    proposal = propose(found, UNITS, INDICATORS)
    assert not proposal.frame.by_unit
    cells, left_out = read(found, proposal, VIETNAMESE)
    assert len(cells) == 24
    assert cells["005", "ct14"] == "4"
    assert ("Toàn xã", "total") in left_out


def test_an_ambiguous_name_goes_nowhere_until_it_is_chosen() -> None:
    found = sheet(["Thôn", "Tổng số hộ dân", "Hộ nghèo"], ["thạch nham", 1.0, 2.0], ["Phú Hoà", 3.0, 4.0])
    proposal = propose(found, UNITS, INDICATORS)
    assert [(target.text, len(target.candidates)) for target in proposal.open] == [("Hộ nghèo", 4), ("thạch nham", 2)]
    cells, left_out = read(found, proposal, VIETNAMESE)
    assert cells == {("004", "ct01"): "3"}
    assert left_out == {("thạch nham", "ambiguous"), ("Hộ nghèo", "ambiguous")}
    row = proposal.rows[0]._replace(chosen=cell("002", "").unit)
    column = proposal.columns[1]._replace(chosen="village_ct03")
    confirmed = proposal._replace(rows=(row, proposal.rows[1]), columns=(proposal.columns[0], column))
    cells, left_out = read(found, confirmed, VIETNAMESE)
    assert len(cells) == 4
    assert not left_out


def test_two_rows_of_one_village_and_unknown_ones_are_told_of() -> None:
    found = sheet(
        ["Thôn", "CT01", "Ghi chú"],
        ["Thôn An Sơn", 5.0, ""],
        ["Thôn Xa Lạ", 2.0, ""],
        ["An Son", 6.0, "ghi lại"],
        ["Người lập", "", ""],
    )
    proposal = propose(found, UNITS, INDICATORS)
    assert [target.text for target in proposal.open] == ["Thôn An Sơn", "An Son"]
    cells, left_out = read(found, proposal, VIETNAMESE)
    assert cells == {}
    assert left_out == {("Thôn Xa Lạ", "unknown"), ("Thôn An Sơn", "twice"), ("An Son", "twice")}
    first = proposal.rows[0]._replace(chosen=cell("010", "").unit)
    cells, left_out = read(found, proposal._replace(rows=(first, *proposal.rows[1:])), VIETNAMESE)
    assert cells == {("010", "ct01"): "5"}
    assert left_out == {("Thôn Xa Lạ", "unknown"), ("An Son", "twice")}


def periods(*rows: Sequence[Cell]) -> Sheet:
    """A sheet with one indicator over the figures of two periods."""
    return sheet(["Thôn", "Số hộ nghèo", "", "CT01"], ["", "Kỳ trước", "Kỳ này", ""], *rows)


def test_of_two_columns_that_mean_the_same_none_is_taken_until_it_is_chosen() -> None:
    for merged in (None, (((0, 1), (0, 2)),)):
        found = periods(["Thôn An Sơn", 10.0, 12.0, 100.0], ["Thôn Phú Hòa", 20.0, 21.0, 200.0])._replace(merged=merged)
        proposal = propose(found, UNITS, INDICATORS)
        assert [target.text for target in proposal.open] == ["Số hộ nghèo Kỳ trước", "Số hộ nghèo Kỳ này"]
        assert proposal.fit == (2, 2)
        cells, left_out = read(found, proposal, VIETNAMESE)
        assert cells == {("010", "ct01"): "100", ("004", "ct01"): "200"}
        assert left_out == {("Số hộ nghèo Kỳ trước", "twice"), ("Số hộ nghèo Kỳ này", "twice")}
        before, now, whole = proposal.columns
        confirmed = proposal._replace(columns=(before, now._replace(chosen="village_ct03"), whole))
        assert not confirmed.open
        assert read(found, confirmed, VIETNAMESE)[0]["010", "ct03"] == "12"
        again = recall(found, UNITS, INDICATORS, remember(confirmed, VIETNAMESE))
        assert again is not None
        assert again[0] == confirmed


def test_a_column_or_row_that_holds_nothing_is_no_second_one() -> None:
    found = periods(["Thôn An Sơn", "", 12.0, 100.0], ["Thôn Phú Hòa", "", 21.0, 200.0], ["An Son", "", "", ""])
    proposal = propose(found, UNITS, INDICATORS)
    assert not proposal.open
    assert chosen(proposal) == (["", "ct03", "ct01"], ["010", "004", ""])
    unknown = propose(periods(["Thôn Xa Lạ", 10.0, 12.0, 100.0]), UNITS, INDICATORS)
    assert chosen(unknown) == (["", "", "ct01"], [""])
    empty = propose(periods(["Thôn An Sơn", "", "", 100.0]), UNITS, INDICATORS)
    assert chosen(empty)[0] == ["ct03", "ct03", "ct01"]


def test_a_row_that_is_the_sum_is_a_total_whatever_it_is_called() -> None:
    found = sheet(
        ["Thôn", "CT01", "CT02"],
        ["Thôn An Sơn", 5.0, "1.200"],
        ["Thôn Phú Hòa", 6.0, 800.0],
        ["", 11.0, 2000.0],
        ["Khối Xa Lạ", 11.0, 1999.0],
    )
    _, left_out = read(found, propose(found, UNITS, INDICATORS), VIETNAMESE)
    assert left_out == {("", "total"), ("Khối Xa Lạ", "unknown")}


def test_one_village_s_form_has_one_column_of_figures() -> None:
    village = Names({f"{cell('001', '').unit}": [VILLAGES[cell("001", "").unit]]})
    found = sheet(
        ["Mã", "Chỉ tiêu", "ĐVT", "Số liệu"],
        ["CT01", "Tổng số hộ dân", "hộ", 434.0],
        ["CT02", "Tổng số nhân khẩu", "người", "1.607"],
    )
    proposal = propose(found, village, INDICATORS)
    cells, _ = read(found, proposal, VIETNAMESE)
    assert cells == {("001", "ct01"): "434", ("001", "ct02"): "1607"}


def test_a_heading_is_no_longer_than_it_has_to_be() -> None:
    found = sheet(["Thôn", "CT01"], ["Thôn An Sơn", 5.0])
    assert propose(found, UNITS, INDICATORS).frame == Frame(0, 0, 0, by_unit=True)


def test_what_means_nothing_is_proposed_as_nothing() -> None:
    found = sheet(["Họ và tên", "Năm sinh"], ["Nguyễn Văn A", 1980.0])
    proposal = propose(found, UNITS, INDICATORS)
    assert proposal.weight == 0
    assert read(found, proposal, VIETNAMESE)[0] == {}


def test_a_person_may_say_where_the_headings_stand() -> None:
    found = sheet(["Số hộ nghèo", "Tổng số hộ dân"], ["Thôn", "Số hộ cận nghèo"], ["Thôn An Sơn", 5.0])
    proposal = propose(found, UNITS, INDICATORS, Frame(1, 1, 0, by_unit=True))
    assert chosen(proposal) == (["ct04"], ["010"])


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
    again = recall(later, UNITS, INDICATORS, kept)
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
    again = recall(found, UNITS, INDICATORS, kept)
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
    again = recall(found, MY_THO, INDICATORS, kept)
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
    again = recall(sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0]), more, INDICATORS, kept)
    assert again is not None
    assert [target.text for target in again[0].open] == ["thon phu hoa"]


def test_one_text_that_meant_two_things_is_remembered_for_neither() -> None:
    found = sheet(["Thôn", "CT01"], ["thon phu hoa", 1.0], ["thon phu hoa", 2.0])
    kept = confirmed_rows(propose(found, MY_THO, INDICATORS), "4", "5")
    assert rows_again(found, kept) == [("thon phu hoa", ""), ("thon phu hoa", "")]


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "{}", "x", '{"frame":[0,0],"convention":"vi","rows":{},"columns":{}}',
     '{"frame":[-1,0,0,true],"convention":"vi","rows":{},"columns":{}}',
     '{"frame":[0,0,"x",true],"convention":"vi","rows":{},"columns":{}}',
     '{"frame":[0,0,0,true],"convention":"fr","rows":{},"columns":{}}',
     '{"frame":[0,0,0,true],"convention":"vi","rows":{"thon phu hoa":"48.20308.004"},"columns":{}}',
     '{"frame":[0,0,0,true],"convention":"vi","rows":{"Thôn":[]},"columns":{}}',
     '{"frame":[0,0,0,true],"convention":"vi","rows":{"Thôn":[[]]},"columns":{}}',
     '{"frame":[0,0,0,true],"convention":"vi","rows":[1],"columns":{}}'],
)  # fmt: skip
def test_what_cannot_be_recalled_is_asked_for_again(kept: str) -> None:
    assert recall(sheet(["Thôn"]), UNITS, INDICATORS, kept) is None


# Parts of a figure

DIVIDED = Names(
    {
        "people": ["CT01", "Tổng số nhân khẩu", "People"],
        "people/female": ["CT01 Nữ", "Tổng số nhân khẩu Nữ"],
        "people/male": ["CT01 Nam", "Tổng số nhân khẩu Nam"],
        "members": ["CT02", "Số thành viên tổ"],
        "members/female": ["CT02 Nữ", "Số thành viên tổ Nữ"],
        "members/male": ["CT02 Nam", "Số thành viên tổ Nam"],
        "poor": ["CT03", "Số hộ nghèo"],
    },
    {
        line: [word]
        for item in ("people", "members")
        for line, word in ((f"{item}/female", "Nữ"), (f"{item}/male", "Nam"))
    },
)


def lines(proposal: Proposal) -> list[str]:
    return [target.chosen for target in proposal.columns]


def test_members_under_a_merged_heading_are_the_parts_of_what_it_names() -> None:
    found = Sheet(
        "",
        dict(
            enumerate(
                [
                    ["Thôn", "Tổng số nhân khẩu", "", "", "Số thành viên tổ", "", "Số hộ nghèo", "", "Năm"],
                    ["", "Tổng số", "NAM", "nu", "Nam", "Nữ", "Tổng số", "Nam", ""],
                    ["Thôn An Sơn", 10.0, 4.0, 6.0, 1.0, 2.0, 3.0, 1.0, 2026.0],
                ]
            )
        ),
        (((0, 1), (0, 3)), ((0, 4), (0, 5)), ((0, 6), (0, 7))),
    )
    proposal = propose(found, UNITS, DIVIDED, Frame(0, 1, 0, by_unit=True))
    expected = ["people", "people/male", "people/female", "members/male", "members/female", "poor", LEAVE, LEAVE]
    assert lines(proposal) == expected
    assert not proposal.open


def test_members_under_no_heading_are_asked_for() -> None:
    proposal = propose(sheet(["Thôn", "Nam", "Tổng số nhân khẩu nữ"], ["Thôn An Sơn", 4.0, 6.0]), UNITS, DIVIDED)
    assert [target.candidates for target in proposal.columns] == [("people/male", "members/male"), ("people/female",)]
    assert [target.text for target in proposal.open] == ["Nam"]


def test_members_in_rows_are_of_the_indicator_above_them() -> None:
    found = sheet(
        ["Chỉ tiêu", "Thôn An Sơn"],
        ["Tổng số nhân khẩu", 10.0],
        ["Nam", 4.0],
        ["Nữ", 6.0],
        ["Số hộ nghèo", 3.0],
        ["Nữ", 1.0],
        ["Số thành viên tổ", 3.0],
        ["- Nữ", 2.0],
    )
    proposal = propose(found, UNITS, DIVIDED)
    expected = ["people", "people/male", "people/female", "poor", LEAVE, "members", "members/female"]
    assert [target.chosen for target in proposal.rows] == expected


def test_an_indicator_is_meant_whole_where_no_member_is_named() -> None:
    assert DIVIDED.candidates("nhân khẩu") == ("people",)
    assert DIVIDED.candidates("CT01") == ("people",)
    assert DIVIDED.candidates("Năm") == ()
