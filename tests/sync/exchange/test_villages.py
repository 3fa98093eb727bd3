"""Village lists as officers keep them, and every fault of a bad one at once."""

from pathlib import Path

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.units import Unit, UnitKind
from sync.exchange.tables import Wrong
from sync.exchange.villages import read_villages
from tests.sync.exchange.workbook import write_workbook

COMMUNE = Unit("48.20308", UnitKind.COMMUNE, "Xã Bà Nà", "20308")
WARD = Unit("48.20194", UnitKind.WARD, "Phường Hải Vân", "20194")


def listed(folder: Path, text: str) -> Path:
    path = folder / "thôn.csv"
    path.write_text(text, encoding="utf-8")
    return path


def wrongs(path: Path, known: tuple[Unit, ...] = (), code: str = "villages_invalid") -> list[tuple[int, str]]:
    with pytest.raises(EnvironmentFault) as caught:
        read_villages(path, COMMUNE, known)
    assert caught.value.code == code
    assert caught.value.details["file"] == path.name
    errors = caught.value.details["errors"]
    assert isinstance(errors, tuple)
    assert all(isinstance(wrong, Wrong) for wrong in errors)
    return [(wrong.line, wrong.reason) for wrong in errors]


def numbered(units: tuple[Unit, ...]) -> list[tuple[str, str]]:
    return [(unit.key, unit.name) for unit in units]


def test_names_alone_make_a_list(tmp_path: Path) -> None:
    path = listed(tmp_path, "name\nThôn  An Sơn\n\nTho\u0302n Hòa Ninh\n")
    assert read_villages(path, COMMUNE) == (
        Unit("48.20308.001", UnitKind.VILLAGE, "Thôn An Sơn"),
        Unit("48.20308.002", UnitKind.VILLAGE, "Thôn Hòa Ninh"),
    )
    assert {unit.kind for unit in read_villages(path, WARD)} == {UnitKind.RESIDENTIAL_GROUP}


def test_vietnamese_headings_kinds_and_other_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "danh sách.xlsx"
    rows: list[list[str | float | None]] = [
        ["Số", "Tên thôn", "Loại", "Số hộ", "Nguồn"],
        [7, "Thôn An Sơn", "Thôn", 300, "mẫu"],
        [None, "Tổ dân phố 1", "tổ dân phố", None, None],
    ]
    write_workbook(path, rows)
    assert read_villages(path, COMMUNE) == (
        Unit("48.20308.007", UnitKind.VILLAGE, "Thôn An Sơn", source="mẫu"),
        Unit("48.20308.008", UnitKind.RESIDENTIAL_GROUP, "Tổ dân phố 1"),
    )


def test_known_villages_keep_their_numbers_and_none_is_used_again(tmp_path: Path) -> None:
    first = read_villages(listed(tmp_path, "name\nThôn Một\nThôn Hai\nThôn Ba\n"), COMMUNE)
    second = read_villages(listed(tmp_path, "name\nThôn Bốn\nTHÔN BA\nThôn Một\n"), COMMUNE, first)
    assert numbered(second) == [
        ("48.20308.004", "Thôn Bốn"),
        ("48.20308.003", "THÔN BA"),
        ("48.20308.001", "Thôn Một"),
    ]
    renamed = read_villages(listed(tmp_path, "name,number\nThôn Hai Mới,2\n"), COMMUNE, first)
    assert numbered(renamed) == [("48.20308.002", "Thôn Hai Mới")]


def test_every_fault_comes_at_once(tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        "name,kind,number\n"
        "Thôn An,,1\n"
        ",thôn,2\n"
        f"{'a' * 201},,3\n"
        "Thôn\tAn\u200b,,4\n"
        "Thôn Bình,ấp lạ,5\n"
        "Thôn Chánh,,0\n"
        "Thôn Dinh,,1000\n"
        "Thôn Em,,x\n"
        "thôn an,,6\n"
        "Thôn Giang,,1\n",
    )
    assert wrongs(path) == [
        (3, "empty"),
        (4, "name_too_long"),
        (5, "name_invalid"),
        (6, "value_unknown"),
        (7, "number_invalid"),
        (7, "number_repeated"),
        (8, "number_invalid"),
        (8, "number_repeated"),
        (9, "number_invalid"),
        (9, "number_repeated"),
        (10, "name_repeated"),
        (11, "number_repeated"),
    ]


def test_names_told_apart_by_accents_need_numbers(tmp_path: Path) -> None:
    assert wrongs(listed(tmp_path, "name\nThôn Đồng Tiến\nThôn Đông Tiến\n")) == [(3, "name_alike")]
    numbers = listed(tmp_path, "name,number\nThôn Đồng Tiến,1\nThôn Đông Tiến,2\n")
    assert [name for _, name in numbered(read_villages(numbers, COMMUNE))] == ["Thôn Đồng Tiến", "Thôn Đông Tiến"]


def test_numbers_of_known_villages_are_not_taken(tmp_path: Path) -> None:
    closed = Unit.of("48.20308.002", '{"kind":"village","name":"Thôn Hai","valid_to":"2026-06-30"}')
    known = (Unit("48.20308.001", UnitKind.VILLAGE, "Thôn Một"), closed)
    path = listed(tmp_path, "name,number\nThôn Một,3\nThôn Mới,2\n")
    assert wrongs(path, known) == [(2, "number_differs"), (3, "number_closed")]
    assert wrongs(listed(tmp_path, "name\nThôn Hai\n"), known) == [(2, "number_closed")]
    full = (Unit("48.20308.999", UnitKind.VILLAGE, "Thôn Cuối"),)
    assert wrongs(listed(tmp_path, "name\nThôn Mới\n"), full) == [(2, "too_many_villages")]


def test_a_list_of_nothing_is_refused(tmp_path: Path) -> None:
    assert wrongs(listed(tmp_path, "name\n\n")) == [(0, "file_empty")]
    assert wrongs(listed(tmp_path, "Danh sách các thôn\nThôn An\n")) == [(1, "column_missing")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "file_empty"),
        ("a.csv", "name\nThôn An\n".encode("utf-16"), "not_utf8"),
        ("a.xlsx", b"not a workbook", "xlsx_damaged"),
        ("a.docx", b"PK", "xlsx_damaged"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert [found for _, found in wrongs(tmp_path / name, code="file_unreadable")] == [reason]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert wrongs(tmp_path / "a.csv", code="file_unreadable") == [(0, "file_missing")]
