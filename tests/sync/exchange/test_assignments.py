"""A decision's task list read from a workbook: the units it names, groups as headings, and what is wrong row by row."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from sync.domain.errors import EnvironmentFault
from sync.domain.tasks import Task, TaskGroup
from sync.domain.units import Unit, UnitKind
from sync.exchange import assignments
from sync.exchange.assignments import REPORT, Planned, Wrong, read_assignments
from sync.exchange.workbooks import read_book

TODAY = date(2026, 11, 21)
PROVINCE = Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng")
UNITS = (
    PROVINCE,
    Unit("48.D01", UnitKind.DEPARTMENT, "Sở Khoa học và Công nghệ"),
    Unit("48.D02", UnitKind.DEPARTMENT, "Sở Công Thương"),
    Unit("48.20308", UnitKind.COMMUNE, "Xã Bà Nà"),
    Unit("48.20194", UnitKind.WARD, "Phường Hải Vân"),
    Unit("48.20300", UnitKind.COMMUNE, "Xã Hòa Ninh", valid_to=date(2026, 6, 30)),
)
HEAD = ("STT", "Tên nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Hạn hoàn thành", "Số, ký hiệu")


def items() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"n{next(numbers)}"


def read(path: Path, rows: Iterable[Iterable[object]], here: Iterable[Task] = (), by: Unit = PROVINCE) -> list[Planned]:
    with Workbook(path / "list.xlsx", {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell)
                elif cell not in ("", None):
                    sheet.write(number, column, cell)
    book = read_book(path / "list.xlsx")
    return read_assignments(book.file, book.sheets, by, UNITS, TODAY, here, items())


def test_a_list_with_a_title_above_and_groups_between(tmp_path: Path) -> None:
    planned = read(
        tmp_path,
        [
            ("PHỤ LỤC NHIỆM VỤ",),
            (),
            HEAD,
            ("I", "Nhiệm vụ chung"),
            (
                1,
                "Ban hành kế hoạch",
                "Sở Khoa học và Công nghệ",
                "Sở Công Thương; Xã Bà Nà",
                "31/12/2026",
                "1982/QĐ-UBND",
            ),
            ("II.", "Chính quyền số"),
            (2, "Cập nhật kho dữ liệu", "Xã Bà Nà\nPhường Hải Vân", "", date(2026, 12, 15), "1982/QĐ-UBND"),
            (3, "Tuyên truyền", "so khoa hoc va cong nghe", "", "Thường xuyên", ""),
        ],
    )
    first, second, third = planned
    assert [one.row for one in planned] == [5, 7, 8]
    assert [one.wrongs for one in planned] == [(), (), ()]
    assert (first.task.content, first.task.group, first.units) == ("Ban hành kế hoạch", TaskGroup.GENERAL, ("48.D01",))
    assert first.task.supporting == ("48.D02", "48.20308")
    assert (first.task.due_date, first.task.document) == (date(2026, 12, 31), "1982/QĐ-UBND")
    assert (first.task.from_unit, first.task.assigner) == ("48", "Thành phố Đà Nẵng")
    assert (second.units, second.task.due_date) == (("48.20308", "48.20194"), date(2026, 12, 15))
    assert second.task.group is TaskGroup.DIGITAL_GOVERNMENT
    assert (third.units, third.task.due_date) == (("48.D01",), None)


def test_every_column_of_the_report_is_read_again(tmp_path: Path) -> None:
    row: dict[str, object] = dict.fromkeys(REPORT, "")
    row |= {
        "STT": 1,
        "Tên nhiệm vụ": "Việc",
        "LĐVP chủ trì": "Ông A",
        "Đơn vị chủ trì thực hiện": "Xã Bà Nà",
        "Đầu mối thực hiện": "Bà B",
        "Ngày thực hiện": "02/11/2026",
        "Ngày hoàn thành": "20/12/2026",
        "Loại nhiệm vụ": "Kinh tế số",
        "Nguồn gốc": "Quyết định 5/QĐ-UBND, 02/01/2026",
        "ID nhiệm vụ": 1234,
        "Người giao nhiệm vụ": "Chủ tịch",
        "Lộ trình thực hiện": "Quý IV",
        "Người phê duyệt - Họ tên": "Ông C",
        "Người phê duyệt - Email": "c@example.vn",
        "Người phê duyệt - Điện thoại": "0236 000",
    }
    (one,) = read(tmp_path, [REPORT, [row[name] for name in REPORT]])
    task = one.task
    assert one.wrongs == ()
    assert (task.leader, task.contact, task.code, task.assigner) == ("Ông A", "Bà B", "1234", "Chủ tịch")
    assert (task.start_date, task.due_date, task.group) == (
        date(2026, 11, 2),
        date(2026, 12, 20),
        TaskGroup.DIGITAL_ECONOMY,
    )
    assert (task.document, task.roadmap) == ("Quyết định 5/QĐ-UBND, 02/01/2026", "Quý IV")
    assert (task.approver, task.approver_email, task.approver_phone) == ("Ông C", "c@example.vn", "0236 000")


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ((1, "Việc", "Sở Không Có", "", "31/12/2026", ""), Wrong("unit_not_found", "Sở Không Có")),
        ((1, "Việc", "Xã Hòa Ninh", "", "31/12/2026", ""), Wrong("unit_closed", "Xã Hòa Ninh")),
        ((1, "Việc", "Sở", "", "31/12/2026", ""), Wrong("unit_ambiguous", "Sở")),
        ((1, "Việc", "", "", "31/12/2026", ""), Wrong("no_unit", "")),
        ((1, "Việc", "Xã Bà Nà", "", "31/11/2026", ""), Wrong("date_unreadable", "31/11/2026")),
        ((1, "Việc", "Xã Bà Nà", "", "cuối năm", ""), Wrong("date_unreadable", "cuối năm")),
    ],
)
def test_what_is_wrong_is_said_of_its_row_and_the_others_are_read(
    tmp_path: Path, row: tuple[object, ...], wrong: Wrong
) -> None:
    good = (2, "Việc khác", "Xã Bà Nà", "", "", "")
    bad, other = read(tmp_path, [HEAD, row, good])
    assert bad.wrongs == (wrong,)
    assert other.wrongs == ()


def test_a_commune_gives_only_to_its_own(tmp_path: Path) -> None:
    (one,) = read(tmp_path, [HEAD, (1, "Việc", "Sở Công Thương", "", "", "")], by=UNITS[3])
    assert one.wrongs == (Wrong("unit_not_found", "Sở Công Thương"),)


def test_what_is_here_already_and_what_stands_twice_is_not_taken_again(tmp_path: Path) -> None:
    rows = [
        HEAD,
        *((number, "Việc  A", "Xã Bà Nà", "", "", "5/QĐ") for number in (1, 2)),
        (3, "Việc A", "Xã Bà Nà", "", "", "6/QĐ"),
    ]
    first, second, third = read(tmp_path, rows)
    assert (first.wrongs, second.wrongs, third.wrongs) == ((), (Wrong("twice"),), ())
    here = [Task("t", "48.20308", "việc a", document="5/QĐ")]
    first, _, third = read(tmp_path, rows, here)
    assert (first.wrongs, third.wrongs) == ((Wrong("already_here"),), ())


@pytest.mark.parametrize(
    "rows", [[("a", "b"), (1, 2)], [HEAD], [HEAD, ("I", "Kinh tế số")], [("Tên nhiệm vụ",), ("Việc",)]]
)
def test_a_file_without_a_list_is_refused(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        read(tmp_path, rows)
    assert caught.value.code == "tasks_no_headings"
    assert caught.value.details["file"] == "list.xlsx"


def test_too_long_a_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignments, "MAX_TASKS", 2)
    with pytest.raises(EnvironmentFault) as caught:
        read(tmp_path, [HEAD, *((number, f"Việc {number}", "Xã Bà Nà", "", "", "") for number in range(3))])
    assert caught.value.code == "tasks_too_many"


def test_the_report_has_its_25_columns() -> None:
    assert len(REPORT) == len(set(REPORT)) == 25


def test_all_that_is_wrong_with_a_row_is_said_at_once(tmp_path: Path) -> None:
    head = ("Tên nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Ngày giao", "Hạn hoàn thành", "Nhóm")
    rows = [
        head,
        ("Việc 1", "Sở Nào Đó", "Xã Hòa Ninh", "32/11/2026", "20/11/2026", "Nhóm lạ"),
        ("Việc 2", "", "Xã Bà Nà; Xã Bà Mỹ", "25/11/2026", "20/11/2026", ""),
    ]
    first, second = read(tmp_path, rows)
    assert (first.row, second.row) == (2, 3)
    assert first.wrongs == (
        Wrong("date_unreadable", "32/11/2026"),
        Wrong("unit_not_found", "Sở Nào Đó"),
        Wrong("group_unknown", "Nhóm lạ"),
        Wrong("unit_closed", "Xã Hòa Ninh"),
    )
    assert second.wrongs == (Wrong("unit_not_found", "Xã Bà Mỹ"), Wrong("due_before_start"), Wrong("no_unit"))
