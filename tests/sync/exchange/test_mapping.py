"""Foreign sheets: what their headings are taken for, what is left out, and what a person is asked."""

from collections.abc import Sequence

import pytest

from sync.domain.numbers import Convention
from sync.exchange.differences import Kind, Reading, conventions, differences
from sync.exchange.mapping import LEAVE, Frame, Proposal, layout_of, propose
from sync.exchange.names import Names
from sync.exchange.sheets import Cell, Sheet
from sync.exchange.workbooks import read_book
from tests.sync.exchange.forms import (
    CATALOGUE,
    FILES,
    INDICATORS,
    MISSING,
    RATES,
    UNITS,
    VILLAGES,
    cell,
    chosen,
    sheet,
)

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
    assert DIVIDED.candidates("Tổng số nhân khẩu (năm)") == ("people",)
    assert DIVIDED.candidates("Tổng số nhân khẩu (nam)") == ("people", "people/male")
