"""The board: how many tasks of each unit, group or document are done in time, late, near or silent, as of a day."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.tasks.listing import ITEM_OF, Line, Listing
from desktop.widgets import theme
from desktop.widgets.icons import icon
from desktop.widgets.words import say
from sync.domain.evaluation import SILENT_DAYS, Figure
from sync.domain.tasks import TaskGroup
from sync.domain.text import sort_key

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
BY: Final = ("unit", "group", "document")
_ROLES: Final = {
    Figure.DONE_ON_TIME: ("check", "good"),
    Figure.DONE_LATE: ("triangle-alert", "bad"),
    Figure.OPEN_ON_TIME: ("circle", "good"),
    Figure.OPEN_NEAR: ("clock", "warning"),
    Figure.OPEN_OVERDUE: ("triangle-alert", "bad"),
    Figure.SILENT: ("eye-off", "warning"),
}
"""The mark and the colour's role of a figure; its word stands at the head of the column."""

_MOST_DAYS: Final = 365


class BoardModel(QAbstractTableModel):
    """Rows by name with their figures, and behind the last one all of them together."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: list[str] = []
        self._cells: list[Mapping[Figure, Sequence[Line]]] = []

    def show(self, rows: Mapping[str, Mapping[Figure, Sequence[Line]]]) -> None:
        """Show these, in their order, and their sum."""
        self.beginResetModel()
        total: dict[Figure, list[Line]] = {}
        for row in rows.values():
            for figure, lines in row.items():
                total.setdefault(figure, []).extend(lines)
        self.names = [*rows, say("tasks.board.total")] if rows else []
        self._cells = [*rows.values(), total] if rows else []
        self.endResetModel()

    def lines(self, index: Index) -> Sequence[Line]:
        """The tasks behind a figure."""
        return self._cells[index.row()].get(list(Figure)[index.column()], ()) if index.isValid() else ()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.names)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Figure)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        figure, count = list(Figure)[index.column()], len(self.lines(index))
        if role == Qt.ItemDataRole.DisplayRole:
            return str(count) if count or figure is Figure.ALL else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return say("tasks.board.cell", name=self.names[index.row()], figure=figure_word(figure), count=count)
        if role == Qt.ItemDataRole.FontRole and index.row() == len(self.names) - 1:
            return theme.font(strong=True)
        if count and figure in _ROLES:
            mark, colour = _ROLES[figure]
            if role == Qt.ItemDataRole.ForegroundRole:
                return getattr(theme.roles(), colour)
            if role == Qt.ItemDataRole.DecorationRole:
                return icon(mark, getattr(theme.roles(), colour), 14)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if orientation == Qt.Orientation.Vertical:
            return self.names[section]
        return figure_word(list(Figure)[section])


class BoardView(QWidget):
    """`opened` carries words and the UUIDs of the tasks behind a figure: Enter or a double click shows them."""

    opened = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing: Listing | None = None
        self.by, self.silent, self.table = QComboBox(), QLineEdit(str(SILENT_DAYS)), QTableView()
        self.model = BoardModel(self)
        self._build()
        self.by.activated.connect(self._show)
        self.silent.textChanged.connect(self._show)
        self.table.activated.connect(self._open)

    def _build(self) -> None:
        for name in BY:
            self.by.addItem(say(f"tasks.board.by_{name}"), name)
        self.by.setAccessibleName(say("tasks.board.by"))
        self.silent.setValidator(QIntValidator(1, _MOST_DAYS, self))
        self.silent.setFixedWidth(theme.px(72))
        self.silent.setAccessibleName(say("tasks.board.silent_days"))
        self.table.setModel(self.model)
        self.table.setAccessibleName(say("tasks.board.name"))
        self.table.setProperty("look", "list")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        columns, lines = self.table.horizontalHeader(), self.table.verticalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        columns.setMinimumSectionSize(theme.px(74))
        columns.setDefaultAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        )
        columns.setMinimumHeight(theme.px(56))
        lines.setDefaultSectionSize(theme.px(34))
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setMinimumWidth(theme.px(200))
        lines.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        bar = QHBoxLayout()
        bar.setSpacing(theme.px(10))
        bar.addWidget(self.by)
        bar.addWidget(theme.label(say("tasks.board.silent_days"), "muted"))
        bar.addWidget(self.silent)
        bar.addStretch(1)
        if not theme.is_large():
            bar.addWidget(theme.label(say("tasks.board.hint"), "small"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        column.setSpacing(theme.px(10))
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    @property
    def days(self) -> int:
        """After how many days without an update a task is silent; the usual number while none is typed."""
        return int(self.silent.text()) if self.silent.hasAcceptableInput() else SILENT_DAYS

    def show_listing(self, listing: Listing) -> None:
        """Count the tasks of `listing`."""
        self._listing = listing
        self._show()

    @Slot()
    def _show(self) -> None:
        listing = self._listing
        if listing is None:
            return
        here = self.table.currentIndex()
        by = str(self.by.currentData())
        # A unit answers for its part of a task; of a document or a group, a task counts once, whoever does its parts.
        lines = listing.lines if by == "unit" else listing.wholes()
        groups = {group: say(f"tasks.group.{group}") for group in TaskGroup}
        names = listing.named
        none = say(f"tasks.board.no_{by}") if by != "unit" else ""

        def name(line: Line) -> str:
            if by == "unit":
                return names[line.unit]
            if by == "group":
                return groups[line.group] if line.group else none
            return line.document or none

        counted = listing.board(name, lines, self.days)
        self.model.show({each: counted[each] for each in sorted(counted, key=sort_key)})
        self.table.setCurrentIndex(self.model.index(max(0, here.row()), max(0, here.column())))

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        lines = self.model.lines(index)
        if lines:
            words = self.model.data(index, Qt.ItemDataRole.ToolTipRole)
            self.opened.emit(words, frozenset(map(ITEM_OF, lines)))


def figure_word(figure: Figure) -> str:
    """What a figure counts."""
    return say(f"tasks.figure.{figure}")
