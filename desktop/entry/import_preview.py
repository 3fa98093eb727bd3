"""The differences that importing a file would make, to be looked at and chosen from before anything is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.entry.import_mapping import column_letters
from desktop.entry.import_reading import WRITTEN, Compared
from desktop.entry.reading import shown_text
from desktop.entry.subject import Subject
from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.values import Value
from sync.exchange.differences import Difference, Differences, Kind

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_HEADINGS: Final = ("take", "kind", "unit", "indicator", "before", "after", "reason", "place")
_TAKE, _KIND, _UNIT, _INDICATOR, _BEFORE, _AFTER, _REASON, _PLACE = range(len(_HEADINGS))
_WIDTHS: Final = (64, 120, 176, 180, 96, 112, 240, 80)
"""Pixels at plain text size; the indicator takes also what is left."""

_FRAME: Final = 2
"""Pixels of the list's own frame."""


class DifferenceModel(QAbstractTableModel):
    """Differences of some kinds; new and changed ones can be chosen, and are from the start unless doubtful."""

    chosen_changed = Signal()

    def __init__(self, subject: Subject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._units = subject.units
        self._lines, self._line_name = subject.lines, subject.line_name
        self.found = Differences()
        self._shown: Sequence[int] = ()
        self._counts: Counter[Kind] = Counter()
        self._taken: set[int] = set()
        self._kinds: frozenset[Kind] = frozenset()

    def show_compared(self, compared: Compared, kinds: frozenset[Kind]) -> None:
        """Show those of `kinds`."""
        self.beginResetModel()
        self.found, self._counts = compared.found, Counter(compared.counts)
        self._taken = set(compared.taken)
        self._show(kinds)
        self.endResetModel()
        self.chosen_changed.emit()

    def show_kinds(self, kinds: frozenset[Kind]) -> None:
        """Show others of the same differences; what is chosen stays so."""
        self.beginResetModel()
        self._show(kinds)
        self.endResetModel()

    def _show(self, kinds: frozenset[Kind]) -> None:
        self._kinds = kinds
        if len(kinds) == len(Kind) or all(kind in kinds for kind in Kind if self._counts[kind]):
            self._shown = range(len(self.found))
        else:
            self._shown = self.found.places(kinds)

    @property
    def chosen(self) -> list[int]:
        """The places of what is to be written, in the order of the file."""
        return sorted(self._taken)

    @property
    def chosen_count(self) -> int:
        return len(self._taken)

    def choose_all(self, take: bool) -> None:
        """Choose everything that is shown and can be, or nothing of it."""
        places = set(self.found.places(kind for kind in WRITTEN if kind in self._kinds))
        self._taken = self._taken | places if take else self._taken - places
        if self._shown:
            self.dataChanged.emit(self.index(0, _TAKE), self.index(len(self._shown) - 1, _TAKE))
        self.chosen_changed.emit()

    def show_moved(self, now: Mapping[int, Difference]) -> None:
        """Show some anew, whose cells have changed since; they are chosen no more."""
        for place, difference in now.items():
            self._counts[self.found[place].kind] -= 1
            self._counts[difference.kind] += 1
            self.found.put(place, difference)
            self._taken.discard(place)
        self.show_kinds(self._kinds)
        self.chosen_changed.emit()

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (_BEFORE, _AFTER):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return say(f"exchange.preview.column.{_HEADINGS[section]}")

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if index.column() == _TAKE and self._at(index).kind in WRITTEN:
            return plain | Qt.ItemFlag.ItemIsUserCheckable
        return plain

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        difference, column = self._at(index), index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == _TAKE and difference.kind in WRITTEN:
            taken = self._shown[index.row()] in self._taken
            return Qt.CheckState.Checked if taken else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(difference, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sentence(difference) if column == _TAKE else self._text(difference, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (_BEFORE, _AFTER):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(difference, column)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        place = self._shown[index.row()]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._taken.add(place)
        else:
            self._taken.discard(place)
        self.dataChanged.emit(index, index)
        self.chosen_changed.emit()
        return True

    def _at(self, index: Index) -> Difference:
        return self.found[self._shown[index.row()]]

    def _text(self, difference: Difference, column: int) -> str:
        item = difference.item
        if column == _KIND:
            return say(f"exchange.kind.{difference.kind}")
        if column == _UNIT:
            return self._units.get(difference.unit, difference.unit)
        if column == _INDICATOR:
            return self._line_name(item) if item else difference.text
        if column == _BEFORE:
            return self._value(difference.before, item)
        if column == _AFTER:
            return difference.text if difference.kind is Kind.REFUSED and item else self._value(difference.after, item)
        if column == _REASON:
            return say(f"exchange.reason.{difference.reason}") if difference.reason else ""
        if column == _PLACE:
            return _where(difference)
        return ""

    def _value(self, content: str, item: str) -> str:
        return shown_text(Value.of(content), self._lines[item]) if item else ""

    def _colour(self, difference: Difference, column: int) -> Any:
        roles = theme.roles()
        if column == _REASON and difference.reason:
            return roles.bad if difference.kind is Kind.REFUSED else roles.warning
        if column in (_BEFORE, _PLACE) or difference.kind in (Kind.SAME, Kind.REFUSED):
            return roles.muted
        return None

    def _sentence(self, difference: Difference) -> str:
        """The whole line, for a screen reader."""
        parts = (self._text(difference, column) for column in range(_KIND, len(_HEADINGS)))
        return ". ".join(part for part in parts if part)


class PreviewPage(QWidget):
    """Counts by kind, notes on the file, and the list. `changed` whenever another number is chosen."""

    changed = Signal()

    def __init__(self, subject: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = DifferenceModel(subject, self)
        self._head = theme.label(subject.title, "section")
        self._empty = theme.label("", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._notes = theme.label("", "small")
        self._notes.setWordWrap(True)
        self._moved = theme.label("", "pill-warning")
        self._kinds = {kind: theme.button("", "chip") for kind in Kind}
        self._all, self._none = theme.button(say("exchange.preview.all"), "link"), theme.button("", "link")
        self._none.setText(say("exchange.preview.none"))
        self._build()
        for kind, chip in self._kinds.items():
            chip.toggled.connect(partial(self._toggle, kind))
        self._all.clicked.connect(partial(self.model.choose_all, True))
        self._none.clicked.connect(partial(self.model.choose_all, False))
        self.model.chosen_changed.connect(self.changed)

    def _build(self) -> None:
        self._table = QTableView()
        self._table.setProperty("look", "list")
        self._table.setModel(self.model)
        self._table.setAccessibleName(say("exchange.preview.table"))
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(theme.px(30))
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        header = self._table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(_WIDTHS):
            header.resizeSection(column, theme.px(width))
        chips = QHBoxLayout()
        chips.setSpacing(theme.px(8))
        for chip in self._kinds.values():
            chip.setCheckable(True)
            chips.addWidget(chip)
        chips.addWidget(self._moved)
        chips.addStretch(1)
        chips.addWidget(self._all)
        chips.addWidget(self._none)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(theme.px(10))
        column_layout.addWidget(self._head)
        column_layout.addLayout(chips)
        column_layout.addWidget(self._notes)
        column_layout.addWidget(self._table, 1)
        column_layout.addWidget(self._empty)
        self.setFocusProxy(self._table)

    def show_compared(self, compared: Compared, notes: Sequence[str]) -> None:
        """Show new, changed and refused ones; those that say the same are counted, and shown when asked for."""
        counts = compared.counts
        for kind, chip in self._kinds.items():
            chip.setText(say(f"exchange.count.{kind}", count=counts[kind]))
            chip.setEnabled(counts[kind] > 0)
            with QSignalBlocker(chip):
                chip.setChecked(kind is not Kind.SAME and counts[kind] > 0)
        told = list(notes)
        if compared.doubtful:
            told.append(say("exchange.preview.doubtful", count=compared.doubtful))
        self._notes.setText("\n".join(told))
        self._notes.setVisible(bool(told))
        self._moved.hide()
        self.model.show_compared(compared, self._asked())
        self._empty.setText(say("exchange.preview.nothing"))
        self._empty.setVisible(not any(counts[kind] for kind in WRITTEN))

    def show_moved(self, now: Mapping[int, Difference]) -> None:
        """Say that some cells have changed since, and show them anew."""
        self.model.show_moved(now)
        self._moved.setText(say("exchange.preview.moved", count=len(now)))
        self._moved.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the indicator's name what the other columns leave."""
        super().resizeEvent(event)
        others = sum(theme.px(width) for column, width in enumerate(_WIDTHS) if column != _INDICATOR)
        left = self._table.width() - others - self._table.verticalScrollBar().sizeHint().width() - _FRAME
        self._table.horizontalHeader().resizeSection(_INDICATOR, max(theme.px(_WIDTHS[_INDICATOR]), left))

    @property
    def chosen(self) -> int:
        """How many cells would be written."""
        return self.model.chosen_count

    @Slot(bool)
    def _toggle(self, _kind: Kind, _on: bool) -> None:
        self.model.show_kinds(self._asked())

    def _asked(self) -> frozenset[Kind]:
        return frozenset(kind for kind, chip in self._kinds.items() if chip.isChecked())


def _where(difference: Difference) -> str:
    """The place in the file: B12, a row 12, a column B."""
    if difference.row < 0:
        return say("exchange.mapping.where.column", name=column_letters(difference.column))
    if difference.column < 0:
        return say("exchange.mapping.where.row", number=difference.row + 1)
    return f"{column_letters(difference.column)}{difference.row + 1}"
