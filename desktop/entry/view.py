"""The grid as a spreadsheet feels: what each key does, and where the current cell goes."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QMouseEvent, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QWidget

from desktop.entry.delegate import CellDelegate
from desktop.entry.headings import ROW, Corner, RowHeading, UnitHeading
from desktop.entry.model import GridModel
from desktop.widgets import theme
from desktop.widgets.viewport import give_viewport
from desktop.widgets.words import say
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED

Index = QModelIndex | QPersistentModelIndex
_MOVES = QAbstractItemView.CursorAction
_TOWARDS = {
    _MOVES.MoveUp: (-1, 0),
    _MOVES.MoveDown: (1, 0),
    _MOVES.MoveLeft: (0, -1),
    _MOVES.MoveRight: (0, 1),
    _MOVES.MovePrevious: (0, -1),
    _MOVES.MoveNext: (0, 1),
}


_COLUMN, _COLUMN_WITH_BEFORE, _COLUMN_MOST = 84, 124, 320
"""Pixels of a unit's column at plain text size."""


class GridView(QTableView):
    """One form and period. Headings are passed over; what is computed can be visited, not typed."""

    moved = Signal(QModelIndex)
    first_painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_viewport(self, QPalette.ColorRole.Base, tracks_mouse=False)
        self._corner = Corner(self)
        self._cells = CellDelegate(self)
        self.was_painted = False
        self.typing = False  # whether the open editor began by typing over the cell, not by F2
        self.setObjectName("grid")
        self.setAccessibleName(say("entry.grid.name"))
        self.setAccessibleDescription(say("entry.grid.description"))
        self.setShowGrid(False)
        self.setCornerWidget(QWidget())
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalHeader(RowHeading(self))
        self.setHorizontalHeader(UnitHeading(self))
        self._cells.left.connect(self._leave_editor)
        self._cells.missing.connect(self.mark_missing)
        self.setItemDelegate(self._cells)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show another form or period; what is being typed is stored first."""
        self.store_open_editor()
        super().setModel(model)
        self.fit_columns()

    def grid(self) -> GridModel | None:
        """The model, once there is one."""
        model = self.model()
        return model if isinstance(model, GridModel) else None

    def store_open_editor(self) -> None:
        """Take what is being typed as if Enter had been pressed, without moving."""
        self._cells.finish()

    # Moving

    def step(self, rows: int, columns: int) -> None:
        """Make the next cell that is typed the current one, so that a column is typed as it is read out.

        At the edge nothing moves.
        """
        found = self._neighbour(self.currentIndex(), rows, columns, Qt.ItemFlag.ItemIsEditable)
        if found.isValid():
            self.setCurrentIndex(found)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Where a key of movement leads; Ctrl jumps to the edge of what is filled."""
        here, model = self.currentIndex(), self.grid()
        if model is None or not here.isValid():
            return self._corner_cell(first=True)
        jump = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if action in _TOWARDS:
            rows, columns = _TOWARDS[action]
            found = self._edge(here, rows, columns) if jump else self._neighbour(here, rows, columns)
        elif action == _MOVES.MoveHome:
            found = self._corner_cell(first=True) if jump else model.index(here.row(), 0)
        elif action == _MOVES.MoveEnd:
            found = self._corner_cell(first=False) if jump else model.index(here.row(), model.columnCount() - 1)
        else:
            page = max(1, self.viewport().height() // theme.px(ROW) - 1)
            found = here
            for _ in range(page):
                found = self._neighbour(found, -1 if action == _MOVES.MovePageUp else 1, 0)
        return found if found.isValid() else here

    def _neighbour(
        self, here: Index, rows: int, columns: int, wanted: Qt.ItemFlag = Qt.ItemFlag.ItemIsSelectable
    ) -> QModelIndex:
        """The next cell with the `wanted` flag, or `here` at the edge."""
        model = self.model()
        row, column = here.row() + rows, here.column() + columns
        while (rows or columns) and 0 <= row < model.rowCount() and 0 <= column < model.columnCount():
            found = model.index(row, column)
            if model.flags(found) & wanted:
                return found
            row, column = row + rows, column + columns
        return model.index(here.row(), here.column())

    def _edge(self, here: QModelIndex, rows: int, columns: int) -> QModelIndex:
        """Where a block of filled or of empty cells ends in a direction, as a spreadsheet jumps."""
        model = self.model()

        def filled(index: QModelIndex) -> bool:
            return bool(model.data(index, Qt.ItemDataRole.DisplayRole))

        found = self._neighbour(here, rows, columns)
        inside = filled(here) and filled(found)
        while True:
            ahead = self._neighbour(found, rows, columns)
            if ahead == found or (inside and not filled(ahead)) or (not inside and filled(found)):
                return found
            found = ahead

    def first_cell(self) -> QModelIndex:
        """Where a grid opens that was never visited."""
        return self._corner_cell(first=True)

    def _corner_cell(self, first: bool) -> QModelIndex:
        model = self.model()
        if model is None or not model.columnCount():
            return QModelIndex()
        rows = range(model.rowCount()) if first else range(model.rowCount() - 1, -1, -1)
        column = 0 if first else model.columnCount() - 1
        cells = (model.index(row, column) for row in rows)
        return next((cell for cell in cells if model.flags(cell) & Qt.ItemFlag.ItemIsSelectable), QModelIndex())

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._still_unsaved():
                self.step(-1 if shift else 1, 0)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._tab(event, back=shift or key == Qt.Key.Key_Backtab)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif key == Qt.Key.Key_F7:
            self.mark_missing(NOT_COLLECTED)
        elif key == Qt.Key.Key_F8:
            self.mark_missing(DOES_NOT_APPLY)
        elif key == Qt.Key.Key_Escape:
            self._give_up(event)
        else:
            self.typing = key != Qt.Key.Key_F2
            super().keyPressEvent(event)

    def _tab(self, event: QKeyEvent, back: bool) -> None:
        """Go to the next cell; with Ctrl, and at the edge, to the next control."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.setTabKeyNavigation(False)
            self.focusNextPrevChild(not back)
            self.setTabKeyNavigation(True)
            return
        before = self.currentIndex()
        self.step(0, -1 if back else 1)
        if before == self.currentIndex():
            event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Typing on a computed cell does nothing: it must not jump to another row."""

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Begin typing. Qt opens the editor, yet what was committed at once, without composing, never reaches it."""
        self.typing = True
        was_open = self._cells.editor is not None
        super().inputMethodEvent(event)
        if self._cells.editor is not None and not was_open and event.commitString():
            QApplication.sendEvent(self._cells.editor, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.typing = False
        super().mouseDoubleClickEvent(event)

    def clear(self) -> None:
        """Empty the selected cells: one step, stored as tombstones."""
        model = self.grid()
        if model is not None:
            model.clear(self.chosen())

    def mark_missing(self, reason: str) -> None:
        """Say why the selected cells have no figure; `reason` is one of MISSING_REASONS."""
        model = self.grid()
        if model is not None:
            model.mark_missing(self.chosen(), reason)

    def chosen(self) -> list[QModelIndex]:
        """The selected cells, or the current one."""
        found = self.selectionModel().selectedIndexes() if self.selectionModel() else []
        return found or [self.currentIndex()]

    def _still_unsaved(self) -> bool:
        """Store again what could not be. Whether the current cell is still such a one."""
        model, here = self.grid(), self.currentIndex()
        key = model.key(here.row(), here.column()) if model and here.isValid() else None
        return model is not None and key in model.contents.unsaved and not model.retry()

    def _give_up(self, event: QKeyEvent) -> None:
        """Esc leaves a selection of many; otherwise it is the window's."""
        if len(self.chosen()) > 1:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(self.currentIndex(), flag)
        else:
            event.ignore()

    def _leave_editor(self, rows: int, columns: int) -> None:
        self.setFocus()
        self.step(rows, columns)

    # Geometry

    def show_before(self, shown: bool) -> None:
        """Show the previous period's figure beside each value, or not and let the columns be narrower."""
        self._cells.show_before = shown
        self.fit_columns()
        self.viewport().update()

    def fit_columns(self) -> None:
        """Share the width among the columns; what does not fit is scrolled to, beside the frozen part."""
        model, heading = self.grid(), self.verticalHeader()
        assert isinstance(heading, RowHeading)
        if model is None or not model.columnCount():
            return
        least = theme.px(_COLUMN_WITH_BEFORE if self._cells.show_before else _COLUMN)
        bar = self.verticalScrollBar().sizeHint().width()
        room = self.width() - 2 * self.frameWidth() - bar
        columns = model.columnCount()
        share = (room - heading.wanted_width(model)) // columns
        width = max(least, min(theme.px(_COLUMN_MOST), share))
        self.horizontalHeader().setDefaultSectionSize(width)
        heading.take_width(room - width * columns)
        self.updateGeometries()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.was_painted:
            self.was_painted = True
            self.first_painted.emit()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place_corner()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._show_heading_of(current)
        # The frozen part shows which line and column the current cell stands in.
        self.verticalHeader().viewport().update()
        self.horizontalHeader().viewport().update()
        self.moved.emit(self.currentIndex())

    def _show_heading_of(self, index: Index) -> None:
        """The first line of a section brings the section's heading into sight."""
        model = self.grid()
        if model is not None and index.row() > 0 and model.lines[index.row() - 1].indicator is None:
            self.scrollTo(model.index(index.row() - 1, index.column()))
            self.scrollTo(index)

    def _place_corner(self) -> None:
        self._corner.setGeometry(
            self.frameWidth(),
            self.frameWidth(),
            self.verticalHeader().width(),
            self.horizontalHeader().height(),
        )
