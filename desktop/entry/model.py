"""The grid of a form and period: lines of indicators, a column for each unit, the door for what is typed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from desktop.entry.contents import Contents, Unsaved
from desktop.entry.faces import Face, face_of, words_of
from desktop.entry.lines import lines_of
from desktop.entry.reading import edited_text, value_of
from desktop.entry.wrongs import Wrong, wrongs_of
from desktop.feed import Feed
from desktop.widgets.marks import Mark
from desktop.widgets.words import language
from sync.analysis.rules import Rules
from sync.domain.catalogue import Catalogue, Form
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, UNIT, VALUE, Key
from sync.domain.periods import Period
from sync.domain.units import Unit
from sync.domain.values import CLEARED, Value
from sync.store import ChangeSet, Store

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class Count(NamedTuple):
    """How far the grid is filled: cells with a value or a reason, of all that are typed."""

    filled: int
    cells: int
    errors: int
    warnings: int
    unsaved: int


class GridModel(QAbstractTableModel):
    """Rows are the form's lines, columns the `units`; before enrolment the one unit is OWN_UNIT.

    Two doors in, one door out: what is typed goes to the store, what is pulled comes from it, and only the
    feed's signal refreshes. A value that could not be stored stays in `contents.unsaved`, which may outlive the model.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        form: Form,
        period: Period,
        units: Sequence[str],
        author: str,
        clock: Callable[[], datetime],
        feed: Feed,
        unsaved: dict[Key, Unsaved] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.form, self.period, self.units = form, period, tuple(units)
        self.lines = lines_of(catalogue, form, language())
        self._store, self._author, self._clock, self._feed = store, author, clock, feed
        self._rules = Rules(catalogue, form)
        self._row = {line.indicator.key: row for row, line in enumerate(self.lines) if line.indicator}
        self._dependents = _dependents(catalogue, form, self._row)
        self._code = period.code
        self._column = {unit: column for column, unit in enumerate(self.units)}
        self._names = {unit: self._name(unit) for unit in self.units}
        typed = [line.indicator.key for line in self.lines if line.indicator and line.typed]
        self.contents = Contents(store, self.units, typed, period, {} if unsaved is None else unsaved)
        self._cells = len(typed) * len(self.units)
        self._faces: dict[tuple[int, int], Face] = {}
        self._wrongs: dict[int, Mapping[str, tuple[Wrong, ...]]] = {}
        feed.changed.connect(self.refresh)

    # What a cell is

    def key(self, row: int, column: int) -> Key | None:
        """Address of the cell; None for a heading's."""
        indicator = self.lines[row].indicator
        return Key(VALUE, self.units[column], indicator.key, self._code) if indicator else None

    def row_of(self, indicator: str) -> int | None:
        """The line of an indicator, None where the form has it not."""
        return self._row.get(indicator)

    def column_of(self, unit: str) -> int | None:
        """The column of a unit, None where the grid has it not."""
        return self._column.get(unit)

    def wrongs(self, column: int) -> Mapping[str, tuple[Wrong, ...]]:
        """What is wrong with a unit's values, by indicator, the gravest first."""
        found = self._wrongs.get(column)
        if found is None:
            keys = {item: Key(VALUE, self.units[column], item, self._code) for item in self._row}
            values = {item: self.contents.value(key) for item, key in keys.items()}
            found = self._wrongs[column] = wrongs_of(self.lines, self._rules, values)
        return found

    def unit_name(self, column: int) -> str:
        """The column's name, "" before enrolment."""
        return self._names[self.units[column]]

    def face(self, row: int, column: int) -> Face:
        """How the cell is painted, kept until something that it depends on changes."""
        found = self._faces.get((row, column))
        if found is None:
            found = self._faces[row, column] = face_of(self, row, column)
        return found

    def count(self) -> Count:
        """How far the grid is filled, and what the rules say of it."""
        wrongs = [wrong for column in range(len(self.units)) for wrong in self._told(column)]
        errors = sum(wrong.mark is Mark.ERROR for wrong in wrongs)
        waiting = len(self.contents.unsaved)
        return Count(self.contents.filled(), self._cells, errors, len(wrongs) - errors, waiting)

    def _told(self, column: int) -> list[Wrong]:
        """A unit's wrongs, each rule once, however many cells it marks."""
        found = self.wrongs(column)
        rules = {wrong.rule: wrong for wrongs in found.values() for wrong in wrongs if wrong.rule}
        return [*rules.values(), *(wrong for wrongs in found.values() for wrong in wrongs if not wrong.rule)]

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.units)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.lines[index.row()].indicator is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsEditable if self.lines[index.row()].typed else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        key = self.key(index.row(), index.column()) if index.isValid() else None
        if key is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.face(index.row(), index.column()).text
        if role == Qt.ItemDataRole.EditRole:
            return edited_text(self.contents.value(key))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.lines[index.row()].numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return words_of(self, index.row(), index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.unit_name(section) if section < len(self.units) else None
        return f"{self.lines[section].label} {self.lines[section].title}".strip() if section < len(self.lines) else None

    # What is typed

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Store what was typed. Whether it is safe; where not, it stays on the screen as unsaved."""
        line = self.lines[index.row()] if index.isValid() else None
        if role != Qt.ItemDataRole.EditRole or line is None or line.indicator is None or not line.typed:
            return False
        key = Key(VALUE, self.units[index.column()], line.indicator.key, self._code)
        content = value_of(str(value), line.indicator).content()
        return self._record({key: content})

    def clear(self, indexes: Sequence[Index]) -> bool:
        """Empty these cells in one step."""
        return self._record(dict.fromkeys(self._typed_keys(indexes), CLEARED))

    def mark_missing(self, indexes: Sequence[Index], reason: str) -> bool:
        """Say why these cells have no value, one of MISSING_REASONS, in one step."""
        return self._record(dict.fromkeys(self._typed_keys(indexes), Value(missing=reason).content()))

    def retry(self) -> bool:
        """Store what could not be stored. Whether nothing waits any more."""
        return self._record({})

    def _typed_keys(self, indexes: Sequence[Index]) -> list[Key]:
        found = (self.key(index.row(), index.column()) for index in indexes if self.flags(index) & _EDITABLE)
        return [key for key in found if key is not None]

    def _record(self, typed: dict[Key, str]) -> bool:
        """Write what says anything new, together with all that waits for a place to be saved."""
        unsaved = self.contents.unsaved
        edits = {key: waiting.content for key, waiting in unsaved.items()}
        edits |= {
            key: content for key, content in typed.items() if key in edits or not self.contents.says(key, content)
        }
        if not edits:
            return True
        try:
            # The cell shows the conflict: whoever types into it decides over what they see there.
            shown = {key: self.contents.shown(key) for key in edits}
            over = {key: cell.rivals for key, cell in shown.items() if cell}
            self._store.record_changes(list(edits.items()), self._author, self._clock(), over)
            unsaved.clear()
            return True
        except EnvironmentFault as fault:
            unsaved |= {key: Unsaved(content, fault) for key, content in edits.items()}
            return False
        finally:
            # Stored or not, what the screen must say of these cells has changed, and goes out by the same door.
            self._feed.changed.emit(ChangeSet(frozenset(edits)))

    # The one door out

    @Slot(object)
    def refresh(self, changes: ChangeSet) -> None:
        """Show anew what the change set names and this grid shows; it is read when it is painted."""
        cells: dict[int, set[int]] = {}
        for key in changes.keys:
            column = self._column.get(key.unit)
            if column is None:
                continue
            if key.kind == UNIT:
                self._names[key.unit] = self._name(key.unit)
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)
            elif self.contents.touch(key):
                cells.setdefault(column, set()).update(self._dependents[key.item])
        for column, rows in cells.items():
            self._wrongs.pop(column, None)
            for row in rows:
                self._faces.pop((row, column), None)
            self.dataChanged.emit(self.index(min(rows), column), self.index(max(rows), column))

    def _name(self, unit: str) -> str:
        if unit == OWN_UNIT:
            return ""
        found = self._store.shown(Key(UNIT, unit))
        return Unit.of(unit, found.content).name if found and found.content != CLEARED else unit


def _dependents(catalogue: Catalogue, form: Form, row_of: Mapping[str, int]) -> dict[str, set[int]]:
    """The rows to show anew when an indicator's value changes: its own, its rates', what rules tie to it."""
    rows = {item: {row} for item, row in row_of.items()}
    tied = [rule.indicators for rule in catalogue.rules_of(form.key)]
    tied += [(rate.key, rate.numerator, rate.denominator) for rate in catalogue.indicators_of(form.key)]
    for items in tied:
        together = {row_of[item] for item in items if item in row_of}
        for item in items:
            rows.get(item, set()).update(together)
    return rows


_EDITABLE: Final = Qt.ItemFlag.ItemIsEditable
