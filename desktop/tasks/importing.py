"""Bringing a decision's task list in: read on a thread, shown row by row, and only then given to the units."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.tasks.storing import Given
from desktop.widgets import formats, theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from desktop.widgets.work import Work
from sync.domain.assigning import assign
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import uuid7
from sync.domain.tasks import Task
from sync.domain.units import Unit
from sync.exchange.assignments import Planned, read_assignments
from sync.exchange.workbooks import read_book

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_SIZE: Final = (1080, 640)
_EDGE: Final = 60
_COLUMNS: Final = ("row", "task", "units", "due", "said")
_NEW: Final = 4


class PlannedModel(QAbstractTableModel):
    """The rows of the list; those without a fault can be ticked, and are at first."""

    ticked = Signal()

    def __init__(self, names: dict[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self.planned: list[Planned] = []
        self.chosen: set[int] = set()

    def show(self, planned: list[Planned]) -> None:
        """Show these."""
        self.beginResetModel()
        self.planned = planned
        self.chosen = {place for place, one in enumerate(planned) if not one.wrongs}
        self.endResetModel()
        self.ticked.emit()

    def wanted(self) -> list[Planned]:
        """What is ticked."""
        return [self.planned[place] for place in sorted(self.chosen)]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.planned)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        can = index.isValid() and index.column() == 0 and not self.planned[index.row()].wrongs
        return found | Qt.ItemFlag.ItemIsUserCheckable if can else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one, column = self.planned[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(one, _COLUMNS[column])
        if role == Qt.ItemDataRole.CheckStateRole and column == 0 and not one.wrongs:
            return Qt.CheckState.Checked if index.row() in self.chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ForegroundRole and column == _NEW:
            return theme.roles().bad if one.wrongs else theme.roles().good
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        on = Qt.CheckState(value) is Qt.CheckState.Checked
        self.chosen = self.chosen | {index.row()} if on else self.chosen - {index.row()}
        self.dataChanged.emit(index, index)
        self.ticked.emit()
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(f"tasks.import.{_COLUMNS[section]}")
        return None

    def _text(self, one: Planned, column: str) -> str:
        match column:
            case "row":
                return str(one.row)
            case "task":
                return one.task.content
            case "units":
                return ", ".join(self._names.get(unit, unit) for unit in one.units)
            case "due":
                return formats.day(one.task.due_date) if one.task.due_date else say("tasks.fact.no_due")
        if not one.wrongs:
            return say("tasks.import.new")
        return "\n".join(
            say(f"tasks.refused.{wrong.reason}", unit=self._names.get(*[wrong.text] * 2)) for wrong in one.wrongs
        )


class ImportTasks(QDialog):
    """Reads `path` and shows what it would give to whom. `given` carries what the person wants Given."""

    given = Signal(object)

    def __init__(
        self,
        path: Path,
        unit: Unit,
        units: Sequence[Unit],
        here: Sequence[Task],
        clock: Callable[[], datetime],
        today: date,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self.keeps_whole = True
        self.setWindowTitle(say("tasks.import.title", file=path.name))
        self.model = PlannedModel({one.key: one.name for one in units}, self)
        self.table, self.fault = QTableView(), FaultPanel()
        self.count = theme.label("", "muted")
        self.only_wrong = theme.button(say("tasks.import.only_wrong"), "chip")
        self.only_wrong.setCheckable(True)
        self.only_wrong.hide()
        self.save, self.cancel = theme.button("", "primary"), theme.button(say("tasks.import.cancel"))
        self._doing = theme.label(say("tasks.import.reading", file=path.name), "muted")
        self._pages = QStackedWidget()
        self._build(parent)

        def read(cancelled: Callable[[], bool]) -> list[Planned]:
            book = read_book(path, cancelled)
            return read_assignments(path.name, book.sheets, unit, units, today, here, self._new_item)

        self._work = Work(read)
        self._work.done.connect(self._show)
        self._work.failed.connect(self._fail)
        self._work.start()

    def _build(self, parent: QWidget | None) -> None:
        free = parent.window().size() if parent is not None else self.screen().availableSize()
        self.resize(min(theme.px(_SIZE[0]), free.width() - _EDGE), min(theme.px(_SIZE[1]), free.height() - _EDGE))
        self._doing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.setModel(self.model)
        self.table.setProperty("look", "list")
        self.table.setAccessibleName(say("tasks.import.name"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(44))
        columns = self.table.horizontalHeader()
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setMinimumHeight(theme.px(30))
        for place, width in enumerate((72, 0, 210, 124, 320)):
            if width:
                columns.resizeSection(place, theme.px(width))
        if theme.is_large():
            columns.resizeSection(1, theme.px(200))
        else:
            columns.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for page in (self._doing, self.table):
            self._pages.addWidget(page)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.count)
        buttons.addWidget(self.only_wrong)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        self.save.setEnabled(False)
        self.save.setText(say("tasks.assign.save_none"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(12))
        column.addWidget(theme.label(self.windowTitle(), "title"))
        column.addWidget(self.fault)
        column.addWidget(self._pages, 1)
        column.addLayout(buttons)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._give)
        self.only_wrong.toggled.connect(self._show_wrong)
        self.model.ticked.connect(self._count)
        self.finished.connect(self._end)

    @Slot(object)
    def _show(self, planned: list[Planned]) -> None:
        self.model.show(planned)
        self._pages.setCurrentWidget(self.table)
        wrong = [row for row, one in enumerate(planned) if one.wrongs]
        self.only_wrong.setVisible(bool(wrong))
        least = self.table.verticalHeader().defaultSectionSize()
        for row in wrong:
            # All that is wrong is read at once.
            self.table.setRowHeight(row, max(least, self.table.sizeHintForRow(row)))
        self.table.setFocus()
        self.table.selectRow(0)

    @Slot(object)
    def _fail(self, fault: EnvironmentFault) -> None:
        self._doing.hide()
        self.fault.show_fault(fault)

    @Slot(bool)
    def _show_wrong(self, only: bool) -> None:
        """Hide the rows that can be given, so that what is wrong with a long list is seen together."""
        for row, one in enumerate(self.model.planned):
            self.table.setRowHidden(row, only and not one.wrongs)
        first = next(row for row, one in enumerate(self.model.planned) if one.wrongs or not only)
        self.table.selectRow(first)

    @Slot()
    def _count(self) -> None:
        rows, wrong = len(self.model.planned), sum(bool(one.wrongs) for one in self.model.planned)
        self.count.setText(say("tasks.import.counts", rows=rows, wrong=wrong))
        chosen = len(self.model.chosen)
        self.save.setEnabled(chosen > 0)
        self.save.setText(say("tasks.import.save", count=chosen))

    @Slot()
    def _give(self) -> None:
        wanted, keeps_whole = self.model.wanted(), self.keeps_whole

        def make() -> list[Task]:
            made = (assign(one.task, one.units, self._new_item, keeps_whole=keeps_whole) for one in wanted)
            return [task for tasks in made for task in tasks]

        self.given.emit(Given(sum(1 + len(one.units) * (1 + len(one.task.supporting)) for one in wanted), make))

    @Slot()
    def _end(self) -> None:
        self._work.cancel()

    def _new_item(self) -> str:
        return uuid7(self._clock())

    def say_storing(self) -> None:
        """It is being stored, which takes a while."""
        self._doing.setText(say("tasks.import.storing"))
        self._pages.setCurrentWidget(self._doing)
        self.setEnabled(False)

    def say_unsaved(self, fault: EnvironmentFault) -> None:
        """It could not be stored; nothing of the list was."""
        self.setEnabled(True)
        self._pages.setCurrentWidget(self.table)
        self.fault.show_fault(fault)

    def done_with(self) -> None:
        """The tasks are stored."""
        self.accept()
