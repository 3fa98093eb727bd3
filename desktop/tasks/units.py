"""The units among which those are chosen that lead a task, and those that support it: found by name, ticked by key."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.text import fold, sort_key
from sync.domain.units import Unit, UnitKind

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
LEAD, SUPPORT = 1, 2
_COLUMNS: Final = ("unit", "lead", "support")
_KINDS: Final[Mapping[str, tuple[UnitKind, ...]]] = {
    "all": tuple(UnitKind),
    "departments": (UnitKind.DEPARTMENT,),
    "communes": (UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE),
    "villages": (UnitKind.VILLAGE, UnitKind.RESIDENTIAL_GROUP),
}


class UnitsModel(QAbstractTableModel):
    """The units found, with a tick for those that lead and one for those that support."""

    ticked = Signal()

    def __init__(self, units: Sequence[Unit], supports: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = sorted(units, key=lambda unit: (unit.kind.level.value != "province", sort_key(unit.name)))
        self._folded = {unit.key: fold(unit.name) for unit in self._all}
        self._columns = 3 if supports else 2
        self.shown = self._all
        self.chosen: dict[int, set[str]] = {LEAD: set(), SUPPORT: set()}

    def find(self, query: str, kinds: Sequence[UnitKind]) -> None:
        """Show the units of these kinds whose names hold the words of `query`."""
        words = fold(query).split()
        self.beginResetModel()
        self.shown = [
            unit for unit in self._all if unit.kind in kinds and all(word in self._folded[unit.key] for word in words)
        ]
        self.endResetModel()

    def keys(self, column: int) -> tuple[str, ...]:
        """The units that are ticked, in the order of the whole list, whether they are shown or not."""
        return tuple(unit.key for unit in self._all if unit.key in self.chosen[column])

    def tick(self, keys: Sequence[str], column: int, on: bool) -> None:
        """Tick or untick these."""
        self.chosen[column] = self.chosen[column] | set(keys) if on else self.chosen[column] - set(keys)
        if self.shown:
            self.dataChanged.emit(self.index(0, column), self.index(len(self.shown) - 1, column))
        self.ticked.emit()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._columns

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return found | Qt.ItemFlag.ItemIsUserCheckable if index.column() else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        unit, column = self.shown[index.row()], index.column()
        if column == 0:
            named = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
            return unit.name if role in named else None
        on = unit.key in self.chosen[column]
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            word = say(f"tasks.units.{_COLUMNS[column]}")
            return say("tasks.units.ticked" if on else "tasks.units.unticked", unit=unit.name, role=word)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid() or not index.column():
            return False
        self.tick([self.shown[index.row()].key], index.column(), Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(f"tasks.units.{_COLUMNS[section]}")
        return None


class UnitsPicker(QWidget):
    """A search line, kinds of units, all of what is shown at once, and the list. `changed` with every tick."""

    changed = Signal()

    def __init__(self, units: Sequence[Unit], supports: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = UnitsModel(units, supports, self)
        self.search, self.kinds, self.table = QLineEdit(), QComboBox(), _Ticks()
        self.all, self.none = theme.button(""), theme.button(say("tasks.units.none"))
        self.count = theme.label("", "strong")
        self._build(units)
        self.search.textChanged.connect(self._find)
        self.kinds.activated.connect(self._find)
        self.all.clicked.connect(self._tick_all)
        self.none.clicked.connect(self._tick_none)
        self.model.ticked.connect(self._count)
        self.model.ticked.connect(self.changed)
        self._find()
        self._count()

    def _build(self, units: Sequence[Unit]) -> None:
        self.search.setPlaceholderText(say("tasks.units.search"))
        self.search.setAccessibleName(say("tasks.units.search"))
        self.search.setClearButtonEnabled(True)
        here = {unit.kind for unit in units}
        for name, kinds in _KINDS.items():
            if here & set(kinds):
                self.kinds.addItem(say(f"tasks.units.{name}"), name)
        self.kinds.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.kinds.setAccessibleName(say("tasks.units.kinds"))
        self.table.setModel(self.model)
        self.table.setProperty("look", "list")
        self.table.setAccessibleName(say("tasks.units.name"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(30))
        columns = self.table.horizontalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        columns.setDefaultSectionSize(theme.px(90))
        columns.setMinimumHeight(theme.px(30))
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        line.addWidget(self.search, 1)
        line.addWidget(self.kinds, 1)
        under = QHBoxLayout()
        under.setSpacing(theme.px(8))
        under.addWidget(self.all)
        under.addWidget(self.none)
        under.addStretch(1)
        under.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(line)
        column.addWidget(self.table, 1)
        column.addLayout(under)

    def show_chosen(self, lead: Sequence[str], support: Sequence[str]) -> None:
        """Tick these."""
        self.model.tick(lead, LEAD, True)
        self.model.tick(support, SUPPORT, True)

    def bring(self, unit: str) -> None:
        """Bring a unit into sight, if it is among those shown."""
        for row, one in enumerate(self.model.shown):
            if one.key == unit:
                self.table.setCurrentIndex(self.model.index(row, LEAD))

    @Slot()
    def _find(self) -> None:
        self.model.find(self.search.text(), _KINDS[str(self.kinds.currentData() or "all")])
        self.all.setText(say("tasks.units.all_shown", count=len(self.model.shown)))
        self.all.setEnabled(bool(self.model.shown))

    @Slot()
    def _tick_all(self) -> None:
        self.model.tick([unit.key for unit in self.model.shown], LEAD, True)

    @Slot()
    def _tick_none(self) -> None:
        for column, keys in self.model.chosen.items():
            self.model.tick(list(keys), column, False)

    @Slot()
    def _count(self) -> None:
        self.count.setText(say("tasks.units.count", count=len(self.model.keys(LEAD))))


class _Ticks(QTableView):
    """Space on a unit's name ticks it as leading."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, model = self.currentIndex(), self.model()
        if event.key() == Qt.Key.Key_Space and index.isValid() and index.column() == 0:
            lead = model.index(index.row(), LEAD)
            on = model.data(lead, Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            to = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
            model.setData(lead, to.value, Qt.ItemDataRole.CheckStateRole)
            return
        super().keyPressEvent(event)
