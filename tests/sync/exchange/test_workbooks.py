"""Real files of every kind that is read, and every bad one: a fault with its own sentence, and nothing half read."""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from sync.domain.errors import EnvironmentFault
from sync.exchange import packages, workbooks
from sync.exchange.sheets import Cancelled
from sync.exchange.workbooks import Book, Note, read_book
from sync.exchange.writing import Table, write_xlsx
from tests.sync.exchange.workbook import MAIN, write_workbook

FILES = Path(__file__).parent / "files"


def refused(path: Path) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        read_book(path)
    assert caught.value.details["file"] == path.name
    return caught.value.code


def texts(book: Book) -> list[list[object]]:
    return [list(cells) for cells in book.sheets[0].rows.values()]


@pytest.mark.parametrize("name", ["tong-hop.xlsx", "tong-hop.xls", "tong-hop.ods"])
def test_workbooks_of_libreoffice_read_alike(name: str) -> None:
    book = read_book(FILES / name)
    assert [sheet.name for sheet in book.sheets] == ["Quý II", "Ghi chú"]
    sheet = book.sheets[0]
    assert list(sheet.rows) == [0, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14]
    assert sheet.cell(5, 3) == "Số hộ nghèo"
    assert (sheet.cell(6, 2), sheet.cell(6, 6), sheet.cell(7, 6)) == (434, "1.607", 873)
    assert (sheet.cell(13, 2), sheet.cell(13, 40), sheet.cell(9, 2)) == (4752, "", "")
    assert (sheet.merged is None) == name.endswith(".ods")
    assert not book.notes


@pytest.mark.parametrize(("name", "mark"), [("viet-nam.csv", "1.033"), ("english.csv", "1,033")])
def test_csv_of_libreoffice_is_read_as_it_is_written(name: str, mark: str) -> None:
    sheet = read_book(FILES / name).sheets[0]
    assert list(sheet.rows) == [0, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14]
    assert (sheet.cell(8, 1), sheet.cell(8, 2)) == ("THÔN PHÚ HÒA", mark)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("a;b\n1,5;2\n", ["1,5", "2"]),
        ("a,b\n1.5,2\n", ["1.5", "2"]),
        ("a\tb\n1,5\t2;3\n", ["1,5", "2;3"]),
        ("Báo cáo\na;b\n1;2\n", ["1", "2"]),
        ('a,b\n"x;y; z",2\nc,d\n', ["x;y; z", "2"]),
    ],
)
def test_a_csv_is_divided_by_the_mark_that_most_lines_have(tmp_path: Path, content: str, row: list[str]) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    assert row in texts(read_book(tmp_path / "a.csv"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_that_spreadsheets_write_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("Tên\tSố\nThôn Ẳng\t1\n", encoding=encoding)
    assert texts(read_book(tmp_path / "a.csv")) == [["Tên", "Số"], ["Thôn Ẳng", "1"]]


def test_what_is_not_at_the_corner_keeps_its_place(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [[], [None, None, "Thôn", date(2026, 5, 1)], [], [None, None, True, 2.5]])
    assert read_book(tmp_path / "a.xlsx").sheets[0].rows == {
        1: ["", "", "Thôn", date(2026, 5, 1)],
        3: ["", "", True, 2.5],
    }


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("macro.xlsm", {Note.MACROS}),
        ("macro.xls", {Note.MACROS}),
        ("macro.ods", {Note.MACROS}),
        ("lien-ket.xlsx", {Note.LINKS, Note.ERRORS}),
    ],
)
def test_macros_and_links_are_told_of_and_only_values_are_read(name: str, notes: set[Note]) -> None:
    book = read_book(FILES / name)
    assert book.notes == notes
    assert book.sheets[0].cell(1, 1) == (434 if name.startswith("lien") else 312)


def test_a_formula_that_failed_reads_as_nothing() -> None:
    assert read_book(FILES / "lien-ket.xlsx").sheets[0].cell(2, 1) == ""


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("<c><f>B2*4</f></c>", True),
        ('<c s="1"><f>B2*4</f><v></v></c>', True),
        ("<c>\n <f>IF(B2&gt;1,2,3)</f>\n <v />\n</c>", True),
        (f'<x:c xmlns:x="{MAIN}"><x:f t="shared" si="0"/></x:c>', True),
        (f"<c><f>{'B2+' * 2700}1</f></c>", True),
        ("<c><f>B2*4</f><v>20</v></c>", False),
        ('<c t="str"><f>IF(B2=5,"","x")</f><v></v></c>', False),
        ('<c><f t="shared" si="0"/><v>20</v></c>', False),
        ("<c/><c><v>1</v></c>", False),
    ],
)
@pytest.mark.parametrize("before", [0, packages._CHUNK - 1000])
def test_a_formula_without_a_result_is_told_of(tmp_path: Path, cell: str, told: bool, before: int) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [["Thôn"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</row>", b" " * before + cell.encode() + b"</row>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert (Note.UNRECKONED in read_book(path).notes) == told


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('<table:table-cell table:formula="of:=[.B2]*4"/>', True),
        ('<table:table-cell table:formula="of:=[.B2]*4" office:value-type="float" office:value="20"/>', False),
        ("<table:table-cell/>", False),
    ],
)
def test_a_formula_of_an_opendocument_without_a_result_is_told_of(tmp_path: Path, cell: str, told: bool) -> None:
    with zipfile.ZipFile(FILES / "tong-hop.ods") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["content.xml"] = parts["content.xml"].replace(b"</table:table-row>", cell.encode() + b"</table:table-row>", 1)
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert (Note.UNRECKONED in read_book(tmp_path / "a.ods").notes) == told


@pytest.mark.parametrize("sign", ["~$bảng.xlsx", ".~lock.bảng.xlsx#"])
def test_a_file_that_is_open_elsewhere_is_read_as_last_saved_and_told_of(tmp_path: Path, sign: str) -> None:
    shutil.copy(FILES / "tong-hop.xlsx", tmp_path / "bảng.xlsx")
    (tmp_path / sign).write_bytes(b"\x04Hoa")
    assert read_book(tmp_path / "bảng.xlsx").notes == {Note.OPEN_ELSEWHERE}


@pytest.mark.parametrize("name", ["mat-khau.xlsx", "mat-khau.xls", "mat-khau.ods"])
def test_a_password_is_told_of(name: str) -> None:
    assert refused(FILES / name) == "file_password"


def test_a_zip_under_a_password_is_no_mere_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [["Thôn"]])
    raw = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.index(mark)
        raw[place + flags] |= 1
    path.write_bytes(raw)
    assert refused(path) == "file_password"


@pytest.mark.parametrize("name", ["tong-hop.xlsx", "tong-hop.xls", "tong-hop.ods"])
@pytest.mark.parametrize("part", [0.1, 0.3, 0.6])
def test_a_file_that_was_cut_short_is_damaged(tmp_path: Path, name: str, part: float) -> None:
    whole = (FILES / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * part)])
    assert refused(tmp_path / name) == "file_damaged"


@pytest.mark.parametrize("name", ["tong-hop.xlsx", "tong-hop.ods"])
def test_a_file_with_a_wrong_byte_in_its_sheet_is_damaged(tmp_path: Path, name: str) -> None:
    part = "content.xml" if name.endswith("ods") else "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(FILES / name) as archive:
        offset = archive.getinfo(part).header_offset + 100
    raw = bytearray((FILES / name).read_bytes())
    raw[offset] ^= 0xFF
    (tmp_path / name).write_bytes(raw)
    assert refused(tmp_path / name) == "file_damaged"


def test_a_zip_of_something_else_is_damaged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refused(tmp_path / "a.xlsx") == "file_damaged"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"Ten thon,So ho\nAn Son,3\n", "file_kind_unknown"),
        ("a.xls", b"<html><table><tr><td>An Son</td></tr></table></html>", "file_kind_unknown"),
        ("a.pdf", b"%PDF-1.7", "file_kind_unknown"),
        ("a.csv", b"a,b\n\0\0\0\n", "file_kind_unknown"),
        ("a.xlsx", b"", "file_empty"),
        ("a.csv", b"", "file_empty"),
        ("a.csv", b"\n;;\n \n", "file_empty"),
        ("a.csv", "Thôn,Số\nẲng,1\n".encode("cp1258", "replace"), "file_encoding"),
        ("a.csv", b'a,b\n"x', "file_damaged"),
    ],
)
def test_what_is_no_table_is_told_apart(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name) == code


def test_an_empty_workbook_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    assert refused(FILES / "trong.xlsx") == "file_empty"
    (tmp_path / "a.xlsx").mkdir()
    assert refused(tmp_path / "a.xlsx") == "file_is_folder"
    assert refused(tmp_path / "b.xlsx") == "file_missing"


def test_a_file_that_may_not_be_opened_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    shutil.copy(FILES / "tong-hop.xlsx", path)
    with Locked(path):
        assert refused(path) == "file_busy"
    assert read_book(path).sheets


def test_a_path_of_vietnamese_letters_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "Thư mục của Ủy ban" / "Quý Ⅱ — ữ"
    folder.mkdir(parents=True)
    for name in ("tong-hop.xlsx", "tong-hop.xls", "tong-hop.ods", "viet-nam.csv"):
        to = folder / f"Tổng hợp số liệu thôn Ẳng{Path(name).suffix}"
        shutil.copy(FILES / name, to)
        assert read_book(to).file == to.name


@pytest.mark.parametrize(
    ("name", "called"), [("tong-hop.xls", "a.xlsx"), ("tong-hop.ods", "a.xlsx"), ("tong-hop.xlsx", "a.xls")]
)
def test_a_workbook_under_another_ending_is_read_by_what_it_is(tmp_path: Path, name: str, called: str) -> None:
    shutil.copy(FILES / name, tmp_path / called)
    assert read_book(tmp_path / called).sheets[0].cell(6, 2) == 434


def test_a_million_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_long(path, 1_048_576, lambda row: f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>')
    assert refused(path) == "file_too_many_rows"
    (tmp_path / "a.csv").write_text("1\n" * 1_000_000, encoding="utf-8")
    assert refused(tmp_path / "a.csv") == "file_too_many_rows"


def test_a_stray_cell_in_the_last_row_is_let_pass_and_one_in_the_last_corner_is_not(tmp_path: Path) -> None:
    write_workbook(tmp_path / "row.xlsx", [["Thôn", "Số"]], stray="A1048576")
    assert list(read_book(tmp_path / "row.xlsx").sheets[0].rows) == [0, 1048575]
    write_workbook(tmp_path / "corner.xlsx", [["Thôn", "Số"]], stray="XFD1048576")
    assert refused(tmp_path / "corner.xlsx") == "file_too_many_rows"


def test_a_cell_of_an_ods_that_stands_for_millions_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(FILES / "chi-tieu-theo-dong.ods") as whole, zipfile.ZipFile(path, "w") as made:
        for info in whole.infolist():
            content = whole.read(info)
            if info.filename == "content.xml":
                row = b"<table:table-row "
                assert row in content
                content = content.replace(row, row + b'table:number-rows-repeated="1000000" ', 1)
            made.writestr(info, content)
    assert refused(path) == "file_too_many_rows"


def test_a_zip_bomb_is_refused_whatever_it_says_of_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(packages.MAX_UNPACKED // (1 << 20) + 1):
            part.write(bytes(1 << 20))
    assert path.stat().st_size < workbooks.MAX_BYTES
    assert refused(path) == "file_too_large"
    raw = bytearray(path.read_bytes())
    directory = raw.index(b"PK\x01\x02")
    raw[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")  # the size that the directory tells
    path.write_bytes(raw)
    assert refused(path) == "file_too_large"


def test_a_file_of_many_bytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(workbooks.MAX_BYTES + 1)
    assert refused(tmp_path / "a.xlsx") == "file_too_large"


@pytest.mark.parametrize("name", ["tong-hop.xlsx", "tong-hop.xls", "tong-hop.ods", "viet-nam.csv"])
def test_reading_ends_when_the_person_gives_up(name: str) -> None:
    with pytest.raises(Cancelled):
        read_book(FILES / name, lambda: True)


def write_long(path: Path, rows: int, row: Callable[[int], str]) -> None:
    """An xlsx of many rows: the least one with its sheet replaced."""
    write_workbook(path.with_suffix(".least"), [[1]])
    with zipfile.ZipFile(path.with_suffix(".least")) as least, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for info in least.infolist():
            content = least.read(info).decode()
            if info.filename.endswith("sheet1.xml"):
                start, end = content.index("<row"), content.index("</sheetData>")
                content = content[:start] + "".join(map(row, range(1, rows + 1))) + content[end:]
            made.writestr(info, content)


class Locked:
    """A file that this process may not open, as Windows has it when another program holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack: list[Callable[[], None]] = []

    def __enter__(self) -> None:
        if sys.platform == "win32":
            import msvcrt

            held = self._path.open("r+b")
            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1 << 30)
            self._stack.append(held.close)
            return
        self._path.chmod(0)
        self._stack.append(lambda: self._path.chmod(0o644))
        if os.geteuid() == 0:  # whom no rights bind
            for folder in self._path.parents:
                if folder.stat().st_mode & 0o001 == 0:
                    self._open_up(folder)
            os.seteuid(65534)
            self._stack.append(lambda: os.seteuid(0))

    def _open_up(self, folder: Path) -> None:
        mode = folder.stat().st_mode
        folder.chmod(mode | 0o001)
        self._stack.append(lambda: folder.chmod(mode))

    def __exit__(self, *_: object) -> None:
        while self._stack:
            self._stack.pop()()


def damaged(name: str, seed: int) -> bytes:
    """A real file in which some bytes are wrong, and its end may be missing."""
    random = Random(seed)
    raw = bytearray((FILES / name).read_bytes())
    for _ in range(random.choice((1, 1, 2, 5, 50))):
        raw[random.randrange(len(raw))] = random.randrange(256)
    if random.random() < 0.2:
        del raw[random.randrange(len(raw)) :]
    return bytes(raw)


@pytest.mark.parametrize("seed", [0, 99, 103, 283])
def test_a_damaged_xls_that_would_end_or_panic_its_reader_is_only_refused(tmp_path: Path, seed: int) -> None:
    """Of these, 99 and 103 make the reader ask for more memory than there is, at which its process ends."""
    path = tmp_path / "a.xls"
    path.write_bytes(damaged("tong-hop.xls", seed))
    assert refused(path) == "file_damaged"


@pytest.mark.parametrize("name", ["tong-hop.xlsx", "tong-hop.ods", "bieu-da-dien.xlsx", "macro.xlsm"])
def test_whatever_is_wrong_in_a_file_is_a_fault_and_no_crash(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    codes: set[str] = set()
    for seed in range(150):
        path.write_bytes(damaged(name, seed))
        try:
            read_book(path)
        except EnvironmentFault as fault:
            codes.add(fault.code)
    assert "file_damaged" in codes
    assert codes <= {"file_damaged", "file_password", "file_kind_unknown", "file_empty", "file_too_many_rows"}


def test_no_part_of_a_workbook_lies_where_temporary_files_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(**_: object) -> None:
        raise AssertionError("everybody's temporary files lie there")

    monkeypatch.setattr(tempfile, "mkstemp", make)
    write_xlsx(tmp_path / "a.xlsx", Table("Biểu", ("Thôn", "Số hộ nghèo"), [("Thôn An", Decimal(8256013))]))
    assert [list(cells) for cells in read_book(tmp_path / "a.xlsx").sheets[0].rows.values()][1][1] == 8256013
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
