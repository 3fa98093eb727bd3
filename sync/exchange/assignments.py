"""The task list of a decision, read from a workbook: each row a task for the units it names, or why it is none.

Also the headings of a unit's report, in their order, so that a report can be read as a list again.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sync.domain.assigning import refusals
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import within
from sync.domain.tasks import FIELDS, MAX_WORDS, Task, TaskGroup
from sync.domain.text import fold, nfc
from sync.domain.units import Unit
from sync.exchange.names import Names
from sync.exchange.sheets import Cell, Sheet

REPORT: Final = (
    "STT",
    "Tên nhiệm vụ",
    "LĐVP chủ trì",
    "Đơn vị chủ trì thực hiện",
    "Đơn vị phối hợp",
    "Đầu mối thực hiện",
    "Ngày thực hiện",
    "Ngày hoàn thành",
    "Loại nhiệm vụ",
    "Nguồn gốc",
    "Trạng thái nhiệm vụ",
    "Kết quả thực hiện",
    "Mức độ hoàn thành",
    "Khó khăn",
    "Đề xuất",
    "ID nhiệm vụ",
    "Người giao nhiệm vụ",
    "Lộ trình thực hiện",
    "Ngày cập nhật",
    "Ngày hoàn thành thực tế",
    "Gia hạn - Số lần",
    "Gia hạn - Mốc cũ",
    "Người phê duyệt - Họ tên",
    "Người phê duyệt - Email",
    "Người phê duyệt - Điện thoại",
)
"""The 25 columns of a unit's report in their order, as a customer's report has them (domain notes, "Fields")."""

_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "content": ("tên nhiệm vụ", "nội dung nhiệm vụ", "nội dung", "nhiệm vụ"),
    "lead": ("đơn vị chủ trì thực hiện", "đơn vị chủ trì", "cơ quan chủ trì", "chủ trì", "đơn vị thực hiện"),
    "supporting": ("đơn vị phối hợp", "cơ quan phối hợp", "phối hợp"),
    "group": ("loại nhiệm vụ", "nhóm nhiệm vụ", "nhóm"),
    "source": ("nguồn gốc", "căn cứ"),
    "document": ("số, ký hiệu", "số ký hiệu", "số, ký hiệu văn bản", "số văn bản", "văn bản"),
    "document_type": ("loại văn bản",),
    "document_date": ("ngày ban hành", "ngày văn bản"),
    "citation": ("điều, khoản", "điều khoản", "mục"),
    "start_date": ("ngày thực hiện", "ngày giao", "ngày bắt đầu"),
    "due_date": (
        "ngày hoàn thành",
        "hạn hoàn thành",
        "ngày hoàn thành (hạn)",
        "thời hạn",
        "thời hạn hoàn thành",
        "hạn",
    ),
    "code": ("id nhiệm vụ", "mã nhiệm vụ"),
    "assigner": ("người giao nhiệm vụ", "người giao"),
    "leader": ("lđvp chủ trì", "lãnh đạo chủ trì"),
    "contact": ("đầu mối thực hiện", "đầu mối"),
    "roadmap": ("lộ trình thực hiện", "lộ trình"),
    "approver": ("người phê duyệt - họ tên", "người phê duyệt"),
    "approver_email": ("người phê duyệt - email",),
    "approver_phone": ("người phê duyệt - điện thoại",),
}
_COLUMNS: Final = {fold(name): field for field, names in _CALLED.items() for name in names}
_GROUPS: Final = {
    TaskGroup.GENERAL: ("nhiem vu chung", "chung", "nhom nhiem vu chung"),
    TaskGroup.DIGITAL_GOVERNMENT: ("chinh quyen so", "chinh phu so"),
    TaskGroup.DIGITAL_ECONOMY: ("kinh te so",),
    TaskGroup.DIGITAL_SOCIETY: ("xa hoi so",),
}
_DATES: Final = ("document_date", "start_date", "due_date")
_TEXTS: Final = tuple(name for name in _CALLED if name in FIELDS and name not in (*_DATES, "supporting", "group"))
_NO_DUE: Final = ("khong han", "thuong xuyen", "hang nam", "khong thoi han")
_BETWEEN: Final = re.compile(r"[;\n]+")
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_NUMBERED: Final = re.compile(r"^[\W\d]*\b[ivx]+\b[\s.)-]*|^[\W\d]+", re.IGNORECASE)
_HEAD_ROWS: Final = 30
"""Rows among which the headings are looked for."""

MAX_TASKS: Final = 2_000


class Wrong(NamedTuple):
    """Why a row is no task: a code of the domain's refusals or of WRONGS, and what stands there."""

    reason: str
    text: str = ""


WRONGS: Final = ("unit_not_found", "unit_ambiguous", "date_unreadable", "group_unknown", "already_here", "twice")


class Planned(NamedTuple):
    """One row of the list, numbered from 1 as spreadsheets do, the task it makes and the units that are to lead it."""

    row: int
    task: Task
    units: tuple[str, ...]
    wrongs: tuple[Wrong, ...] = ()


def read_assignments(
    file: str,
    sheets: Sequence[Sheet],
    by: Unit,
    units: Sequence[Unit],
    today: date,
    here: Iterable[Task],
    new_item: Callable[[], str],
) -> list[Planned]:
    """The tasks of the first sheet that has the headings of a task list, to be given by the unit `by`.

    `units` are those of the province, `here` the tasks that are there already: a row that says the same again is not
    taken twice. Raises EnvironmentFault "tasks_no_headings" or "tasks_too_many" with `file`.
    """
    for sheet in sheets:
        if found := _headings(sheet):
            head, columns = found
            break
    else:
        raise EnvironmentFault("tasks_no_headings", file=file)
    reader = _Reader(sheet, columns, by, units, today)
    said = {_same(task) for task in here}
    planned: list[Planned] = []
    for number in sorted(row for row in sheet.rows if row > head):
        one = reader.read(number, new_item)
        if one is None:
            continue
        again = "already_here" if _same(one.task) in said else ""
        if not again and any(_same(one.task) == _same(other.task) for other in planned):
            again = "twice"
        planned.append(one._replace(wrongs=(*one.wrongs, Wrong(again))) if again else one)
        if len(planned) > MAX_TASKS:
            raise EnvironmentFault("tasks_too_many", file=file)
    if not planned:
        raise EnvironmentFault("tasks_no_headings", file=file)
    return planned


class _Reader:
    """Reads rows one after another: a row that only names a group is the heading of those below it."""

    def __init__(self, sheet: Sheet, columns: Mapping[str, int], by: Unit, units: Sequence[Unit], today: date) -> None:
        self._sheet, self._columns, self._by, self._units, self._today = sheet, columns, by, units, today
        open_ones = [unit for unit in units if unit.valid_to is None or unit.valid_to >= today]
        closed = [unit for unit in units if unit not in open_ones]
        # Of a closed unit the person is told that it was closed, where no open one has the name.
        self._names = Names({unit.key: (unit.name,) for unit in open_ones if within(unit.key, by.key)})
        self._closed = Names({unit.key: (unit.name,) for unit in closed})
        self._group: TaskGroup | None = None

    def read(self, row: int, new_item: Callable[[], str]) -> Planned | None:
        """The task of a row; None for one that holds none."""
        cells = {name: self._sheet.cell(row, column) for name, column in self._columns.items()}
        content = _text(cells["content"])
        filled = [cell for cell in self._sheet.rows[row] if cell != ""]
        if heading := self._heading(filled):
            self._group = heading
            return None
        if not content or len(filled) == 1:
            return None
        wrongs: list[Wrong] = []
        said: dict[str, Any] = {name: _text(cells.get(name, ""))[:MAX_WORDS] for name in _TEXTS}
        for name in _DATES:
            said[name] = self._day(name, cells.get(name, ""), wrongs)
        if not said["document"]:
            said["document"] = _text(cells.get("source", ""))[:MAX_WORDS]
        said["assigner"] = said["assigner"] or self._by.name
        before = len(wrongs)
        lead = self._units_of(cells.get("lead", ""), wrongs)
        is_unread = len(wrongs) > before
        task = Task(
            item=new_item(),
            unit=self._by.key,
            from_unit=self._by.key,
            group=self._group_of(cells.get("group", ""), wrongs),
            supporting=tuple(unit for unit in self._units_of(cells.get("supporting", ""), wrongs) if unit not in lead),
            **said,
        )
        # All that is wrong at once, but a unit that was not found is not said to be missing besides.
        found = refusals(task, lead, self._units, self._by.key, self._today)
        wrongs += [Wrong(*each) for each in found if not (is_unread and each[0] == "no_unit")]
        return Planned(row + 1, task, lead, tuple(wrongs))

    def _heading(self, filled: Sequence[Cell]) -> TaskGroup | None:
        """The group that a row names, with its number perhaps, and nothing else."""
        texts = [text for cell in filled if (text := _NUMBERED.sub("", fold(_text(cell))).strip(" .:"))]
        return _group(texts[0]) if len(texts) == 1 and len(filled) <= 2 else None

    def _group_of(self, cell: Cell, wrongs: list[Wrong]) -> TaskGroup | None:
        text = _text(cell)
        if not text:
            return self._group
        group = _group(fold(text))
        if group is None:
            wrongs.append(Wrong("group_unknown", text))
        return group

    def _units_of(self, cell: Cell, wrongs: list[Wrong]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in filter(None, (part.strip() for part in _BETWEEN.split(_text(cell)))):
            keys = self._names.candidates(name)
            if len(keys) == 1:
                found[keys[0]] = None
            elif keys:
                wrongs.append(Wrong("unit_ambiguous", name))
            else:
                closed = len(self._closed.candidates(name)) == 1
                wrongs.append(Wrong("unit_closed" if closed else "unit_not_found", name))
        return tuple(found)

    def _day(self, name: str, cell: Cell, wrongs: list[Wrong]) -> date | None:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        text = _text(cell)
        if not text or (name == "due_date" and fold(text) in _NO_DUE):
            return None
        try:
            if match := _DAY.fullmatch(text):
                day, month, year = map(int, match.groups())
                return date(year, month, day)
            return date.fromisoformat(text)
        except ValueError:
            wrongs.append(Wrong("date_unreadable", text))
            return None


def _headings(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """The row of the headings and the column of each field: the first row that names the task and who leads it."""
    for row in sorted(sheet.rows)[:_HEAD_ROWS]:
        columns: dict[str, int] = {}
        for column, cell in enumerate(sheet.rows[row]):
            field = _COLUMNS.get(fold(_text(cell)).strip(" .:*"))
            if field is not None:
                columns.setdefault(field, column)
        if {"content", "lead"} <= columns.keys():
            return row, columns
    return None


def _group(folded: str) -> TaskGroup | None:
    return next((group for group, names in _GROUPS.items() if folded in names), None)


def _same(task: Task) -> tuple[str, ...]:
    """By what a task of a list is known again: its code, else its words and its document."""
    return (task.code,) if task.code else (fold(task.content), fold(task.document))


def _text(cell: Cell) -> str:
    """A cell as a person reads it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return nfc(str(cell)).strip()
