"""Tables read from CSV and xlsx files, good and bad."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from sync.exchange import tables
from sync.exchange.tables import Line, Table, TableError, read_table, require
from tests.sync.exchange.workbook import write_workbook


def read(path: Path, content: bytes) -> Table:
    path.write_bytes(content)
    return read_table(path)


def refused(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(TableError) as caught:
        read_table(path)
    assert all(wrong.file == path.name for wrong in caught.value.wrongs)
    return [(wrong.line, wrong.reason) for wrong in caught.value.wrongs]


def test_a_csv_is_read_by_its_headings(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", "name,note\nThôn An , x\n\n,,\nTho\u0302n Bi\u0300nh\n".encode())
    assert table.headings == ("name", "note")
    assert table.lines == (
        Line(2, {"name": "Thôn An", "note": "x"}),
        Line(5, {"name": "Thôn Bình", "note": ""}),
    )


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffname,note\r\nThôn An,x\r\n",
        "name;note\nThôn An;x\n",
        "\n\nname,note,\nThôn An,x,\n",
        'name,note\n"Thôn An",x',
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, content: str) -> None:
    table = read(tmp_path / "a.csv", content.encode())
    assert [line.cells for line in table.lines] == [{"name": "Thôn An", "note": "x"}]


def test_a_cell_of_two_lines_keeps_the_line_where_it_starts(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", 'name\n"Thôn\nAn"\nThôn Bình\n'.encode())
    assert [(line.number, line.cells["name"]) for line in table.lines] == [(2, "Thôn\nAn"), (4, "Thôn Bình")]


@pytest.mark.parametrize(
    ("content", "wrongs"),
    [
        (b"", [(0, "file_empty")]),
        (b"\n , \n", [(0, "file_empty")]),
        ("name\nTh\u00f4n An\n".encode("latin-1"), [(2, "not_utf8")]),
        (b"\xff\xfen\x00a\x00", [(1, "not_utf8")]),
        (b'name\n"Th', [(2, "csv_damaged")]),
        (b'name\n"a"b\n', [(2, "csv_damaged")]),
        (b"name,name,x,x\na,b,c,d\n", [(1, "column_twice"), (1, "column_twice")]),
        (b"name\na,b\nc\nd,e\n", [(2, "too_many_cells"), (4, "too_many_cells")]),
        (b"name\n" + b"a" * (tables.MAX_CELL + 1), [(2, "cell_too_long")]),
        (b"name\n" + b"a\n" * (tables.MAX_ROWS + 5), [(tables.MAX_ROWS + 2, "too_many_rows")]),
    ],
)
def test_a_bad_csv_says_where(tmp_path: Path, content: bytes, wrongs: list[tuple[int, str]]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refused(path) == wrongs


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.csv") == [(0, "file_missing")]
    assert refused(tmp_path / "absent.xlsx") == [(0, "file_missing")]
    (tmp_path / "folder.csv").mkdir()
    assert refused(tmp_path / "folder.csv") == [(0, "file_missing")]
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(tables.MAX_BYTES + 1)
    assert refused(tmp_path / "large.csv") == [(0, "file_too_large")]


def test_an_xlsx_reads_as_its_csv_would(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    headings = [None, None, "name", "number", "share", "open", "day"]
    write_workbook(path, [[], headings, [], [None, "aside", "Tho\u0302n An", 12, 0.5, True, date(2026, 11, 20)]])
    (line,) = read_table(path).lines
    assert line == Line(4, {"name": "Thôn An", "number": "12", "share": "0.5", "open": "True", "day": "2026-11-20"})


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not a zip", b"name\nThon An\n", b"\xd0\xcf\x11\xe0" + bytes(600)]
)
def test_what_is_no_xlsx_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert refused(path) == [(0, "xlsx_damaged")]


def test_a_zip_of_something_else_and_a_cut_xlsx_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refused(tmp_path / "other.xlsx") == [(0, "xlsx_damaged")]
    write_workbook(tmp_path / "whole.xlsx", [["name"], ["Thôn An"]])
    whole = (tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path / "cut.xlsx") == [(0, "xlsx_damaged")]
    assert len(read_table(tmp_path / "whole.xlsx").lines) == 1


def test_an_xlsx_of_many_rows_is_not_read_to_its_end(tmp_path: Path) -> None:
    write_workbook(tmp_path / "long.xlsx", [["name"], *([["a"]] * (tables.MAX_ROWS + 50))])
    assert refused(tmp_path / "long.xlsx") == [(tables.MAX_ROWS + 2, "too_many_rows")]


def test_a_stray_cell_far_away_is_refused_where_it_would_take_all_memory(tmp_path: Path) -> None:
    write_workbook(tmp_path / "stray.xlsx", [["name"], ["Thôn An"]], stray="XFD1048576")
    assert refused(tmp_path / "stray.xlsx") == [(0, "too_many_rows")]
    write_workbook(tmp_path / "last.xlsx", [["name"], ["Thôn An"]], stray="A1048576")
    assert [line.cells for line in read_table(tmp_path / "last.xlsx").lines] == [{"name": "Thôn An"}]


@pytest.mark.parametrize(
    ("place", "byte"),
    [
        (6, 183),  # the version that is needed to unpack the first part
        (9, 8),  # its name is UTF-8, and is not
    ],
)
def test_an_xlsx_whose_directory_is_odd_is_refused(tmp_path: Path, place: int, byte: int) -> None:
    write_workbook(tmp_path / "whole.xlsx", [["name"], ["Thôn An"]])
    raw = bytearray((tmp_path / "whole.xlsx").read_bytes())
    directory = raw.index(b"PK\x01\x02")
    raw[directory + place] = byte
    raw[directory + 46] = 0xFF
    (tmp_path / "odd.xlsx").write_bytes(raw)
    assert refused(tmp_path / "odd.xlsx") == [(0, "xlsx_damaged")]


def test_an_xlsx_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(4 * tables.MAX_BYTES + 1))
    assert path.stat().st_size < tables.MAX_BYTES
    assert refused(path) == [(0, "file_too_large")]


def test_needed_and_unknown_columns_are_told_together(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", b"key,colour\na,red\n")
    require("a.csv", table, ("key",))
    with pytest.raises(TableError) as caught:
        require("a.csv", table, ("key", "name", "kind"), ("key", "name", "kind"))
    assert [(wrong.reason, wrong.text) for wrong in caught.value.wrongs] == [
        ("column_missing", "name"),
        ("column_missing", "kind"),
        ("column_unknown", "colour"),
    ]
    assert "a.csv:1: column_missing: name" in str(caught.value)
