"""Lists in and out of the room: a decision's list with its preview, and a unit's report of 25 columns as of a day."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import current_thread, main_thread

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot
from xlsxwriter import Workbook

from desktop.feed import Feed
from desktop.tasks import giving
from desktop.tasks.importing import ImportTasks
from desktop.tasks.listing import Listing
from desktop.tasks.report import MOST_LETTERS, printed, report
from desktop.tasks.room import TasksRoom
from desktop.widgets import words
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import PROGRESS, Key
from sync.domain.progress import Progress
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import Task, TaskGroup
from sync.exchange.assignments import REPORT
from sync.store import Store
from sync.store.assigned import Assignments
from tests.desktop.sampled import COMMUNE, NOW, catalogue, clock, means, unopened

VILLAGE = f"{COMMUNE.key}.010"


@pytest.fixture
def room(qtbot: QtBot, store: Store, feed: Feed, tmp_path: Path) -> TasksRoom:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    made = TasksRoom(store, unopened, catalogue(), feed, clock(), settings, means(settings))
    qtbot.addWidget(made)
    made.resize(1282, 682)
    made.show()
    return made


def opened(qtbot: QtBot, room: TasksRoom, path: Path, rows: int) -> ImportTasks:
    room.open_list(path)
    dialog = room.findChildren(ImportTasks)[-1]
    qtbot.waitUntil(lambda: len(dialog.model.planned) == rows)
    return dialog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "danh-sach.xlsx"
    with Workbook(found) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(
            [
                ("Tên nhiệm vụ", "Đơn vị chủ trì", "Hạn hoàn thành"),
                ("Việc một", "Thôn An Sơn", "30/11/2026"),
                ("Việc hai", "Thôn Không Có", "30/11/2026"),
                ("Việc ba", "Thôn Phú Hòa; Thôn Thái Lai", "30/11/2026"),
            ]
        ):
            sheet.write_row(number, 0, row)
    return found


def test_what_a_list_would_give_is_shown_before_anything_is_given(
    qtbot: QtBot, room: TasksRoom, store: Store, path: Path
) -> None:
    dialog = opened(qtbot, room, path, 3)
    model = dialog.model
    shown = [[model.data(model.index(row, column)) for column in range(5)] for row in range(3)]
    assert shown[0] == ["2", "Việc một", "Thôn An Sơn", "30/11/2026", "Mới"]
    assert shown[1][4] == "Không thấy đơn vị “Thôn Không Có” trong phạm vi của bạn."
    assert shown[2][2] == "Thôn Phú Hòa, Thôn Thái Lai"
    assert dialog.count.text() == "3 dòng, 1 dòng không nhập được"
    before = len(Assignments(store, COMMUNE.key).all())
    assert model.setData(model.index(0, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert not model.setData(model.index(1, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert dialog.save.text() == "Giao 1 nhiệm vụ"
    dialog.save.click()
    found = Assignments(store, COMMUNE.key).all()
    # One task of two villages: the whole stays with the commune.
    assert len(found) == before + 3
    (whole,) = [each for each in found if each.parts]
    assert (whole.task.unit, whole.task.content, len(whole.parts)) == (COMMUNE.key, "Việc ba", 2)
    assert room.done.text() == "Đã giao cho 2 đơn vị, chờ gửi"


def test_a_long_list_is_stored_beside_the_window_which_tells_a_full_disk(
    qtbot: QtBot, store: Store, feed: Feed, tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving, "AT_ONCE", 3)
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    free = [False]

    def other() -> Store:
        assert current_thread() is not main_thread()
        if not free[0]:
            raise EnvironmentFault("disk_full")
        return Store.open(tmp_path / "data", bytes(32))

    room = TasksRoom(store, other, catalogue(), feed, clock(), settings, means(settings))
    qtbot.addWidget(room)
    room.show()
    dialog = opened(qtbot, room, path, 3)
    before = len(Assignments(store, COMMUNE.key).all())
    dialog.save.click()
    assert not dialog.isEnabled()
    qtbot.waitUntil(dialog.isEnabled)
    assert dialog.fault.isVisible()
    assert dialog.table.isVisible()
    assert len(Assignments(store, COMMUNE.key).all()) == before
    free[0] = True
    with qtbot.waitSignal(feed.changed):
        dialog.save.click()
        assert dialog.isVisible()
    assert not dialog.isVisible()
    assert len(Assignments(store, COMMUNE.key).all()) == before + 4
    assert room.done.text() == "Đã giao cho 3 đơn vị, chờ gửi"


def test_all_that_is_wrong_with_a_list_is_read_together(qtbot: QtBot, room: TasksRoom, tmp_path: Path) -> None:
    found = tmp_path / "danh-sach.xlsx"
    rows = [("Tên nhiệm vụ", "Đơn vị chủ trì", "Ngày giao", "Hạn hoàn thành", "Nhóm")]
    rows += [(f"Việc {number}", "Thôn An Sơn", "", "30/11/2026", "") for number in range(3)]
    rows += [("Việc sai", "Thôn Không Có; Thôn Cũng Không", "1/12/2026", "32/11/2026", "Nhóm lạ")]
    rows += [("Việc sai khác", "Thôn An Sơn", "1/12/2026", "30/11/2026", "")]
    with Workbook(found) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    dialog = opened(qtbot, room, found, 5)
    table = dialog.table
    assert dialog.model.data(dialog.model.index(3, 4)).count("\n") == 3, "a date, two units and a group"
    assert table.rowHeight(3) > table.rowHeight(4) >= table.rowHeight(0)
    assert table.rowHeight(3) >= table.sizeHintForRow(3)
    dialog.only_wrong.click()
    assert [table.isRowHidden(row) for row in range(5)] == [True, True, True, False, False]
    assert table.currentIndex().row() == 3
    dialog.only_wrong.click()
    assert not any(table.isRowHidden(row) for row in range(5))
    assert dialog.save.text() == "Giao 3 nhiệm vụ"


def test_a_full_disk_keeps_the_preview(
    qtbot: QtBot, room: TasksRoom, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(qtbot, room, path, 3)
    before = len(Assignments(store, COMMUNE.key).all())

    def full(*_: object) -> None:
        raise EnvironmentFault("disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "record_changes", full)
        dialog.save.click()
    assert dialog.isVisible()
    assert dialog.fault.isVisible()
    assert len(Assignments(store, COMMUNE.key).all()) == before
    dialog.save.click()
    assert not dialog.isVisible()
    assert len(Assignments(store, COMMUNE.key).all()) == before + 4


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"khong phai bang tinh", "file_kind_unknown"), (b"PK\x03\x04hong", "file_damaged")],
)
def test_a_file_that_is_no_list_is_told_in_words(
    qtbot: QtBot, room: TasksRoom, tmp_path: Path, content: bytes, code: str
) -> None:
    bad = tmp_path / "x.xlsx"
    bad.write_bytes(content)
    room.open_list(bad)
    dialog = room.findChildren(ImportTasks)[-1]
    qtbot.waitUntil(dialog.fault.isVisible)
    assert dialog.fault.accessibleName() == words.say(f"errors.{code}.title")
    assert not dialog.save.isEnabled()


def test_a_report_that_cannot_be_written_is_told(qtbot: QtBot, room: TasksRoom, tmp_path: Path) -> None:
    room.files.write(tmp_path / "nowhere" / "report.xlsx")
    qtbot.waitUntil(room.fault.isVisible)
    assert room.fault.accessibleName() == words.say("errors.file_unwritable.title")
    room.files.write(tmp_path / "report.xlsx")
    qtbot.waitUntil(room.done.isVisible)
    assert not room.fault.isVisible()
    assert (tmp_path / "report.xlsx").exists()


def test_a_report_says_what_stood_on_its_day(store: Store) -> None:
    item = "019324c1-5a00-7000-8000-0000000000a1"
    task = Task(
        item,
        VILLAGE,
        "Lập danh sách",
        from_unit=COMMUNE.key,
        group=TaskGroup.DIGITAL_SOCIETY,
        assigner="UBND xã",
        document="5/QĐ-UBND",
        document_type="Quyết định",
        supporting=(COMMUNE.key,),
        code="NV-7",
        approver="Ông C",
        start_date=date(2026, 11, 2),
        due_date=date(2026, 11, 12),
    )
    cells = task.cells()
    for name, day, percent, said in (("1", 5, 20, "Đã họp"), ("2", 15, 60, "Đã lập 12 người")):
        update = Progress(date(2026, 11, day), percent, said, difficulties="Thiếu máy" if day == 5 else "")
        cells[Key(PROGRESS, VILLAGE, item, "", name)] = update.content()
    longer = Step(StepKind.EXTEND, date(2026, 11, 10), "", date(2026, 11, 25), date(2026, 11, 12), by="Bà D")
    store.record_changes(list((cells | cells_of(task, "s", longer)).items()), "Hoa", NOW)
    found = [each for each in Assignments(store, COMMUNE.key).all() if each.task.item == item]
    names = {unit.key: unit.name for unit in store.units(COMMUNE.key)}

    def row(day: date) -> dict[str, str | Decimal]:
        listing = Listing(found, names, day, day)
        table = report(listing.lines, listing, "Xã Bà Nà")
        assert table.headings == REPORT
        assert table.title == f"Báo cáo nhiệm vụ của Xã Bà Nà, tính đến ngày {day:%d/%m/%Y}"
        (cells,) = table.rows
        return dict(zip(REPORT, cells, strict=True))

    early, late = row(date(2026, 11, 9)), row(date(2026, 11, 20))
    assert (early["Ngày hoàn thành"], late["Ngày hoàn thành"]) == ("12/11/2026", "25/11/2026")
    assert (early["Gia hạn - Số lần"], late["Gia hạn - Số lần"]) == ("", Decimal(1))
    assert (early["Gia hạn - Mốc cũ"], late["Gia hạn - Mốc cũ"]) == ("", "12/11/2026")
    assert (early["Người phê duyệt - Họ tên"], late["Người phê duyệt - Họ tên"]) == ("Ông C", "Bà D")
    assert (early["Mức độ hoàn thành"], late["Mức độ hoàn thành"]) == ("20 %", "60 %")
    assert (early["Kết quả thực hiện"], late["Kết quả thực hiện"]) == ("Đã họp", "Đã lập 12 người")
    assert (early["Khó khăn"], late["Khó khăn"]) == ("Thiếu máy", "Thiếu máy")
    assert (early["Ngày cập nhật"], late["Ngày cập nhật"]) == ("05/11/2026", "15/11/2026")
    assert (early["Trạng thái nhiệm vụ"], late["Trạng thái nhiệm vụ"]) == (
        "Đang thực hiện sắp quá hạn",
        "Đang thực hiện trong hạn",
    )
    assert early["Nguồn gốc"] == "Quyết định 5/QĐ-UBND"
    assert (early["Đơn vị chủ trì thực hiện"], early["Đơn vị phối hợp"]) == ("Thôn An Sơn", "Xã Bà Nà")
    assert (early["ID nhiệm vụ"], early["Loại nhiệm vụ"], early["Ngày hoàn thành thực tế"]) == ("NV-7", "Xã hội số", "")


def test_a_report_is_printed_without_its_empty_columns_and_saved_as_a_pdf(
    qtbot: QtBot, room: TasksRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = room.print_report()
    assert dialog is not None
    dialog.save(tmp_path / "report")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    dialog.reject()
    table = room._report()
    pages = printed(table, NOW)
    assert pages.lead == ("STT", "Tên nhiệm vụ", "Đơn vị chủ trì thực hiện")
    assert "Khó khăn" not in pages.headings
    assert "Ngày hoàn thành" in pages.headings
    assert len(pages.rows) == 5
    assert [row.name for row in pages.rows] == [row[1] for row in table.rows]
    long = table._replace(rows=[tuple("a" * 999 if place == 1 else cell for place, cell in enumerate(table.rows[0]))])
    cut = printed(long, NOW)
    assert cut.rows[0].name == "a" * MOST_LETTERS + "…"
    assert cut.notes
    monkeypatch.setattr("desktop.tasks.files.MOST_PRINTED", 4)
    assert room.print_report() is None
    assert room.done.text() == words.say("tasks.report.too_long", count=4)
