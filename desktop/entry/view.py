"""The grid as a spreadsheet feels: what each key and click does, and where the current cell goes."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QWidget

from desktop.entry.delegate import CellDelegate
from desktop.entry.headings import Corner, RowHeading, UnitHeading
from desktop.entry.model import GridModel
from desktop.entry.pinned import Pinned
from desktop.entry.selection import Selection, corner, edge, following, leap, neighbour
from desktop.entry.widths import Widths
from desktop.widgets.viewport import fill_beyond, give_viewport, opaque
from desktop.widgets.words import say
from sync.domain.catalogue import ValueType
from sync.domain.keys import Key
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED

Index = QModelIndex | QPersistentModelIndex
_K = Qt.Key
_ARROWS = {_K.Key_Up: (-1, 0), _K.Key_Down: (1, 0), _K.Key_Left: (0, -1), _K.Key_Right: (0, 1)}
_ENTER = (_K.Key_Return, _K.Key_Enter)
_TAB = (_K.Key_Tab, _K.Key_Backtab)
_MOVING = (*_ARROWS, _K.Key_Home, _K.Key_End, _K.Key_PageUp, _K.Key_PageDown)
_REASONS = {_K.Key_F7: NOT_COLLECTED, _K.Key_F8: DOES_NOT_APPLY}
_COMMANDS = {
    _K.Key_C: "copy",
    _K.Key_X: "cut",
    _K.Key_V: "paste",
    _K.Key_Z: "undo",
    _K.Key_Y: "redo",
    _K.Key_D: "fill_down",
    _K.Key_R: "fill_right",
    _K.Key_F: "find",
    _K.Key_Insert: "copy",
}

_COLUMN, _COLUMN_WITH_BEFORE = 84, 124
"""Least pixels of a column at plain text size."""


class GridView(QTableView):
    """One form, spread as its layout says. Headings are passed over; what is computed can be visited, not typed.

    `commented` asks to write a comment on the current cell. `asked` carries the name of what a key asks for beyond the
    cells themselves: copy, cut, paste, undo, redo, fill_down, fill_right, find, find_on, find_back, take, take_all; or
    nothing for Esc, and focus when the cells have the keys again.
    """

    moved = Signal(QModelIndex)
    first_painted = Signal()
    commented = Signal()
    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_viewport(self, QPalette.ColorRole.Base, tracks_mouse=False)
        opaque(self)
        self._corner = Corner(self)
        self._cells = CellDelegate(self)
        self.selection = Selection(self)
        self.was_painted = False
        self.preview: dict[Key, str] = {}  # the contents that a paste would bring
        self.locked = False  # while much is written, nothing else is typed
        self.typing = False  # whether the open editor began by typing over the cell, not by F2
        self._return_column: int | None = None
        self._dragging = False
        self.widths = Widths(self)
        self.pinned = Pinned(self)
        self.setObjectName("grid")
        self.setAccessibleName(say("entry.grid.name"))
        self.setAccessibleDescription(say("entry.grid.description"))
        self.setShowGrid(False)
        self.setCornerWidget(QWidget())
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, units = RowHeading(self), UnitHeading(self)
        self.setVerticalHeader(rows)
        self.setHorizontalHeader(units)
        rows.pressed.connect(self._choose_rows)
        units.pressed.connect(self._choose_columns)
        self.widths.watch(units)
        self._cells.left.connect(self._leave_editor)
        self._cells.missing.connect(self.mark_missing)
        self._cells.filled.connect(self._fill_typed)
        self.setItemDelegate(self._cells)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show another form or period; what is being typed is stored first."""
        self.store_open_editor()
        self.selection = Selection(self)
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

    def first_cell(self) -> QModelIndex:
        """Where a grid opens that was never visited."""
        model = self.grid()
        return corner(model, first=True) if model else QModelIndex()

    def step(self, rows: int, columns: int) -> None:
        """Make the next cell that is typed the current one, so that a column is typed as it is read out.

        At the edge nothing moves. In a block of several cells it goes round in the block.
        """
        model, here = self.grid(), self.currentIndex()
        if model is None or not here.isValid():
            return
        if not self.selection.single and (rows or columns):
            down, back = bool(rows), rows + columns < 0
            self.selection.within(following(model, self.selection.block, here, down, back))
        else:
            self.setCurrentIndex(neighbour(model, here, rows, columns, Qt.ItemFlag.ItemIsEditable))

    def _move(self, key: int, ctrl: bool, extending: bool) -> None:
        """Follow a key of movement from the current cell, or from where the selection reaches to."""
        model = self.grid()
        here = self.selection.reach if extending else self.currentIndex()
        if model is None or not here.isValid():
            return
        if key in _ARROWS:
            found = (edge if ctrl else neighbour)(model, here, *_ARROWS[Qt.Key(key)])
        elif key in (_K.Key_Home, _K.Key_End):
            first = key == _K.Key_Home
            column = 0 if first else model.columnCount() - 1
            found = corner(model, first) if ctrl else model.index(here.row(), column)
        else:
            height = max(1, self.viewport().height() - 2 * self.rowHeight(here.row()))
            found = leap(model, here, height, self.rowHeight, key == _K.Key_PageDown)
        if extending:
            self.selection.extend(found)
        else:
            self.selection.only(found)

    # Keys

    def event(self, event: QEvent) -> bool:
        """What the grid does with a key goes before what the window does with it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            ctrl = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if ctrl and event.key() in _COMMANDS:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers()
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        ctrl = bool(held & Qt.KeyboardModifier.ControlModifier)
        if key == _K.Key_Down and held & Qt.KeyboardModifier.AltModifier:
            self._offer()
        elif key == _K.Key_Equal and held & Qt.KeyboardModifier.AltModifier:
            self.asked.emit("take")
        elif key in _MOVING:
            self._return_column = None
            self._move(key, ctrl, shift)
        elif key in _ENTER:
            self._enter(back=shift)
        elif key in _TAB:
            self._tab(event, back=shift or key == _K.Key_Backtab)
        elif key == _K.Key_Escape:
            self._give_up(event)
        elif key == _K.Key_Space and (shift or ctrl):
            self._choose_lines(columns=ctrl, rows=shift)
        elif key == _K.Key_A and ctrl:
            self.selection.all()
        elif ctrl and key in _COMMANDS:
            again = key == _K.Key_Z and shift
            self.asked.emit("redo" if again else _COMMANDS[Qt.Key(key)])
        elif shift and key in (_K.Key_Insert, _K.Key_Delete):
            self.asked.emit("paste" if key == _K.Key_Insert else "cut")
        elif key == _K.Key_F3:
            self.asked.emit("find_back" if shift else "find_on")
        elif key == _K.Key_F2 and shift:
            self.commented.emit()
        elif self.locked:
            event.ignore()
        elif key in (_K.Key_Delete, _K.Key_Backspace):
            self.clear()
        elif key in _REASONS:
            self.mark_missing(_REASONS[Qt.Key(key)])
        else:
            self.typing = key != _K.Key_F2
            super().keyPressEvent(event)

    def _offer(self) -> None:
        """Alt+Down: the list or calendar of a cell that has one."""
        model, here = self.grid(), self.currentIndex()
        indicator = model.lines[here.row()].indicator if model is not None and here.isValid() else None
        if indicator is not None and indicator.type in (ValueType.CHOICE, ValueType.DATE) and not self.locked:
            self.typing = False
            self.edit(here)
            self._cells.offer()

    def _enter(self, back: bool) -> None:
        if self._still_unsaved():
            return
        model, here = self.grid(), self.currentIndex()
        if model is not None and self.selection.single and self._return_column is not None and not back:
            self.setCurrentIndex(model.index(here.row(), self._return_column))
        self._return_column = None
        self.step(-1 if back else 1, 0)

    def _tab(self, event: QKeyEvent, back: bool) -> None:
        """Go to the next cell; with Ctrl, and at the edge, to the next control."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.setTabKeyNavigation(False)
            self.focusNextPrevChild(not back)
            self.setTabKeyNavigation(True)
            return
        before = self.currentIndex()
        self._step_aside(back)
        if before == self.currentIndex():
            event.ignore()

    def _step_aside(self, back: bool) -> None:
        """Tab; Enter then begins the next line where the first Tab was pressed."""
        if self._return_column is None:
            self._return_column = self.currentIndex().column()
        self.step(0, -1 if back else 1)

    def _choose_lines(self, columns: bool, rows: bool) -> None:
        """Widen the selection to whole columns, to whole rows, or to all."""
        block, here = self.selection.block, self.currentIndex()
        if columns and rows:
            self.selection.all()
        elif columns:
            self.selection.columns(block.left, block.right, here.row())
        else:
            self.selection.rows(block.top, block.bottom)

    def keyboardSearch(self, search: str) -> None:
        """Typing on a computed cell does nothing: it must not jump to another row."""

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Begin typing. Qt opens the editor, yet what was committed at once, without composing, never reaches it."""
        if self.locked:
            return
        self.typing = True
        was_open = self._cells.editor is not None
        super().inputMethodEvent(event)
        if self._cells.editor is not None and not was_open and event.commitString():
            QApplication.sendEvent(self._cells.editor, event)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not found.isValid():
            return
        self.store_open_editor()
        self._return_column = None
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.selection.extend(found)
        elif found.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.selection.only(found)
            self._dragging = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            area, at = self.viewport().rect(), event.position().toPoint()
            left = self.pinned.left
            # Beyond the edge lie more columns, not the one that is held there.
            right = area.right() if left is None or at.x() <= area.right() else left - 1
            inside = QPoint(min(max(at.x(), 0), right), min(max(at.y(), 0), area.bottom()))
            found = self.indexAt(inside)
            if found.isValid():
                self.selection.extend(found)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and found.flags() & Qt.ItemFlag.ItemIsEditable:
            self._dragging = False
            self.typing = False
            self.selection.only(found)
            if not self.locked:
                self.edit(found)

    @Slot(int, int)
    def _choose_rows(self, first: int, last: int) -> None:
        """A heading was pressed: its row, or all from where the selection began."""
        self.store_open_editor()
        self.selection.rows(self.currentIndex().row() if first < 0 else first, last)
        self.setFocus()

    @Slot(int, int)
    def _choose_columns(self, first: int, last: int) -> None:
        self.store_open_editor()
        top = self.first_cell().row()
        self.selection.columns(self.currentIndex().column() if first < 0 else first, last, top)
        self.setFocus()

    # What is done to cells

    def clear(self) -> None:
        """Empty the selected cells: one step, stored as tombstones."""
        model = self.grid()
        if model is not None:
            model.clear(self.selection.block.cells())

    @Slot(str)
    def mark_missing(self, reason: str) -> None:
        """Say why the selected cells have no figure; `reason` is one of MISSING_REASONS."""
        model = self.grid()
        if model is not None:
            model.mark_missing(self.selection.block.cells(), reason)

    def _still_unsaved(self) -> bool:
        """Store again what could not be. Whether the current cell is still such a one."""
        model, here = self.grid(), self.currentIndex()
        key = model.key(here.row(), here.column()) if model and here.isValid() else None
        return model is not None and key in model.contents.unsaved and not model.retry()

    def _give_up(self, event: QKeyEvent) -> None:
        """Esc leaves a selection of many; otherwise it is the room's."""
        if self.selection.single:
            self.asked.emit("nothing")
            event.ignore()
        else:
            self.selection.only(self.currentIndex())

    @Slot(int, bool)
    def _leave_editor(self, key: int, back: bool) -> None:
        """A key ended typing: go where it leads; without one, stay."""
        self.setFocus()
        if key in _TAB:
            self._step_aside(back or key == _K.Key_Backtab)
        elif key in _ENTER:
            self._enter(back)
        elif key in _ARROWS:
            self._return_column = None
            self.selection.only(self.currentIndex())
            self.step(*_ARROWS[Qt.Key(key)])
        elif key:
            self._move(key, ctrl=False, extending=False)

    @Slot(str)
    def _fill_typed(self, text: str) -> None:
        """Ctrl+Enter: what was typed goes into every chosen cell."""
        model = self.grid()
        if model is not None:
            model.type_into(self.selection.block.cells(), text)
        self.setFocus()

    # Geometry

    def indexAt(self, pos: QPoint) -> QModelIndex:
        """The cell at a place, which may be of the column that is held."""
        column = self.pinned.column
        if column is None or not self.pinned.holds(pos.x()):
            return super().indexAt(pos)
        return self.model().index(self.rowAt(pos.y()), column)

    def visualRect(self, index: Index) -> QRect:
        """Where a cell stands."""
        if index.column() != self.pinned.column or self.pinned.left is None:
            return super().visualRect(index)
        return self.pinned.area(self.rowViewportPosition(index.row()), self.rowHeight(index.row()))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a cell into sight, beside the column that is held; that one is in sight already."""
        left = self.pinned.left
        if left is not None and index.column() == self.pinned.column:
            super().scrollTo(self.model().index(index.row(), self.columnAt(0)), hint)
            return
        super().scrollTo(index, hint)
        right = self.columnViewportPosition(index.column()) + self.columnWidth(index.column())
        left = self.pinned.left
        if left is not None and right > left:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + right - left)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.pinned.moved(dx)

    def show_before(self, shown: bool) -> None:
        """Show the previous period's figure beside each value, or not and let the columns be narrower."""
        self._cells.show_before = shown
        self.fit_columns()
        self.viewport().update()

    def fit_columns(self) -> None:
        """Share the width among the columns, as `widths` says."""
        if self.grid() is not None and self.isVisible():  # it is measured when it is shown
            self.widths.fit(_COLUMN_WITH_BEFORE if self._cells.show_before else _COLUMN)
            self.updateGeometries()
            if self.currentIndex().isValid():
                self.scrollTo(self.currentIndex())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        right, below = self.horizontalHeader().length(), self.verticalHeader().length()
        fill_beyond(self, right - self.horizontalOffset(), below - self.verticalOffset())
        super().paintEvent(event)
        if self.pinned.left is not None:
            self.pinned.paint(QPainter(self.viewport()), event.rect())
        if not self.was_painted:
            self.was_painted = True
            self.first_painted.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes back to the cells gives no answer to what was asked."""
        super().focusInEvent(event)
        self.asked.emit("focus")

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place_corner()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.selection.follow(current)
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
