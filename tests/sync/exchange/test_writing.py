"""Tables written for spreadsheets, read back by our own reader."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from sync.domain.errors import EnvironmentFault
from sync.exchange.sheets import Cancelled
from sync.exchange.workbooks import read_book
from sync.exchange.writing import Table, write_csv, write_xlsx

TABLE = Table(
    "Biểu thôn",
    ("Mã", "Chỉ tiêu", "Thôn Ẳng"),
    (
        ("CT01", "Tổng số hộ dân", Decimal(1187)),
        ("", "Tỷ lệ; hộ, nghèo", Decimal("2.88")),
        ("CT05", "=1+1", Decimal("123456789012345678")),
        ("CT06", "http://soxa.example", ""),
    ),
)


def test_an_xlsx_holds_figures_as_figures_and_texts_as_texts(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "bảng.xlsx", TABLE)
    assert [list(row) for row in read_book(tmp_path / "bảng.xlsx").sheets[0].rows.values()] == [
        ["Mã", "Chỉ tiêu", "Thôn Ẳng"],
        ["CT01", "Tổng số hộ dân", 1187],
        ["", "Tỷ lệ; hộ, nghèo", 2.88],
        ["CT05", "=1+1", "123456789012345678"],
        ["CT06", "http://soxa.example", ""],
    ]


@pytest.mark.parametrize(
    ("mark", "lines"),
    [
        (",", ["Mã;Chỉ tiêu;Thôn Ẳng", "CT01;Tổng số hộ dân;1187", ';"Tỷ lệ; hộ, nghèo";2,88']),
        (".", ["Mã,Chỉ tiêu,Thôn Ẳng", "CT01,Tổng số hộ dân,1187", ',"Tỷ lệ; hộ, nghèo",2.88']),
    ],
)
def test_a_csv_is_what_excel_reads_and_runs_no_formula(tmp_path: Path, mark: str, lines: list[str]) -> None:
    path = tmp_path / "bảng.csv"
    write_csv(path, TABLE, mark)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    written = raw.decode("utf-8-sig").split("\r\n")
    assert written[:3] == lines
    assert "'=1+1" in written[3]
    assert read_book(path).sheets[0].cell(3, 2) == "123456789012345678"


def as_xlsx(path: Path, table: Table, cancelled: Callable[[], bool]) -> None:
    write_xlsx(path, table, cancelled)


def as_csv(path: Path, table: Table, cancelled: Callable[[], bool]) -> None:
    write_csv(path, table, ",", cancelled)


@pytest.mark.parametrize("write", [as_xlsx, as_csv])
def test_giving_up_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, write: Callable[[Path, Table, Callable[[], bool]], None]
) -> None:
    path = tmp_path / "bảng"
    path.write_text("cũ", encoding="utf-8")
    with pytest.raises(Cancelled):
        write(path, TABLE, lambda: True)
    assert path.read_text(encoding="utf-8") == "cũ"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [as_xlsx, as_csv])
def test_a_place_that_cannot_be_written_is_told_of(
    tmp_path: Path, write: Callable[[Path, Table, Callable[[], bool]], None]
) -> None:
    (tmp_path / "thư mục").mkdir()
    for path in (tmp_path / "thư mục", tmp_path / "không có" / "bảng"):
        with pytest.raises(EnvironmentFault) as caught:
            write(path, TABLE, lambda: False)
        assert (caught.value.code, caught.value.details["file"]) == ("file_unwritable", path.name)
    assert [found.name for found in tmp_path.iterdir()] == ["thư mục"]
