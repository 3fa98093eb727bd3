"""What spreadsheets put on the clipboard, and what this program puts there."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData

from desktop.entry.clipboard import OWN, Piece, block_of, read, table_of, written

FILES = Path(__file__).parent / "files"


def texts(rows: tuple[tuple[Piece, ...], ...]) -> list[list[str]]:
    return [[piece.text for piece in row] for row in rows]


def test_a_table_that_libreoffice_wrote_brings_the_exact_figures() -> None:
    found = table_of((FILES / "calc.html").read_text(encoding="utf-8"))
    assert texts(found) == [
        ["Tổng hợp", "", "Ghi chú"],
        ["1,187", "2.88", "đủ & đúng"],
        ["72,595", "5.75", "hai dòng"],
    ]
    assert [piece.number for piece in found[1]] == [Decimal(1187), Decimal("2.875"), None]


def test_a_table_as_excel_writes_it() -> None:
    source = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td {color:black}</style></head>
    <body><!--StartFragment--><table border=0><col width=64><tr height=20>
    <td align=right x:num="1187.0000000000002">1.187</td><td>Thôn&nbsp;An Sơn</td></tr>
    <tr><td rowspan=2 x:num>5</td><td>a</td></tr><tr><td>b</td></tr></table>
    <!--EndFragment--></body></html>"""
    found = table_of(source)
    assert texts(found) == [["1.187", "Thôn An Sơn"], ["5", "a"], ["", "b"]]
    assert found[0][0].number == Decimal(1187)
    assert found[1][0].number is None


@pytest.mark.parametrize("given", ["NaN", "Infinity", "1e400", "x", ""])
def test_a_figure_that_is_none_is_left_to_the_text(given: str) -> None:
    assert table_of(f'<table><tr><td sdval="{given}">5</td></tr></table>') == ((Piece("5"),),)


@pytest.mark.parametrize(
    ("text", "given", "number"),
    [
        ("30/04/2026", "46142", None),
        ("TRUE", "1", None),
        ("12%", "0.12", None),
        ("1,5", "1500000", None),
        ("1.187", "1187", "1187"),
        ("1,187", "1187", "1187"),
        ("1,187", "1.1874", "1.1874"),
        ("2,88", "2.875", "2.875"),
        ("2.9", "2.875", "2.875"),
        ("3.0", "2.875", None),
        ("-5", "-5", "-5"),
    ],
)
def test_the_exact_figure_is_one_that_the_text_writes(text: str, given: str, number: str | None) -> None:
    exact = Decimal(number) if number else None
    assert table_of(f'<table><tr><td sdval="{given}">{text}</td></tr></table>') == ((Piece(text, exact),),)


def test_only_the_outer_cells_of_the_first_table_count() -> None:
    source = "<table><tr><td>1<table><tr><td>2</td></tr></table></td><td>3</td></tr></table><table><td>4</td></table>"
    assert texts(table_of(source)) == [["12", "3"]]
    assert table_of("<p>không có bảng</p>") == ()


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1\t2\r\n3\t4\r\n", [["1", "2"], ["3", "4"]]),
        ("1\n2\n3", [["1"], ["2"], ["3"]]),
        ("1\t\n\t4\n", [["1", ""], ["", "4"]]),
        ("1\n2\t3\n", [["1", ""], ["2", "3"]]),
        ('"hai\ndòng"\t"có ""ngoặc"""\n', [["hai\ndòng", 'có "ngoặc"']]),
        ('"dở dang\t1\n2\t3', [['"dở dang', "1"], ["2", "3"]]),
        ("312", [["312"]]),
        ("1\n\n3\n", [["1"], [""], ["3"]]),
        ("\r\n", [[""]]),
        ("1\r\n2\r\n\r\n", [["1"], ["2"], [""]]),
        ("1\n2\n\n", [["1"], ["2"], [""]]),
        ("\r\n\r\n", [[""], [""]]),
        ('"dở dang\t1\n2\t3\n\n', [['"dở dang', "1"], ["2", "3"], ["", ""]]),
        ('"hai\n"\n', [["hai\n"]]),
    ],
)
def test_tab_separated_text(text: str, cells: list[list[str]]) -> None:
    assert block_of(text) == cells


def test_nothing_on_the_clipboard_is_nothing() -> None:
    assert read(QMimeData()) is None


def test_html_without_a_table_gives_way_to_the_text() -> None:
    mime = QMimeData()
    mime.setHtml("<b>312</b>")
    mime.setText("312")
    found = read(mime)
    assert found is not None
    assert found.texts == [["312"]]


ROW = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8), min_size=2, max_size=3
)


@given(st.lists(ROW, min_size=1, max_size=4))
def test_what_is_written_is_read_back_in_every_form(rows: list[list[str]]) -> None:
    width = max(map(len, rows))
    rows = [row + ["x"] * (width - len(row)) for row in rows]
    mime = written([[Piece(text, content='"x"') for text in row] for row in rows])
    ours = read(mime)
    assert ours is not None
    assert ours.ours
    assert ours.texts == rows
    assert block_of(mime.text()) == rows
    mime.removeFormat(OWN)
    theirs = read(mime)
    assert theirs is not None
    assert [[cell.split() for cell in row] for row in theirs.texts] == [[t.split() for t in row] for row in rows]
