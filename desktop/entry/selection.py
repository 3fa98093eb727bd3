"""Which cells are chosen: a rectangle between the current cell, which stays, and the one that it reaches to."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QTableView

if TYPE_CHECKING:
    from desktop.entry.model import GridModel

Index = QModelIndex | QPersistentModelIndex
_FLAGS = QItemSelectionModel.SelectionFlag


class Block(NamedTuple):
    """Rows and columns from first to last, both included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        return self.right - self.left + 1

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def cells(self) -> Iterator[tuple[int, int]]:
        """Row and column of every cell, row by row."""
        return (
            (row, column) for row in range(self.top, self.bottom + 1) for column in range(self.left, self.right + 1)
        )


class Selection:
    """The chosen block of a view, kept in Qt's selection model too, where screen readers look for it."""

    def __init__(self, view: QTableView) -> None:
        self._view = view
        self._reach = (-1, -1)
        self.block = Block(-1, -1, -1, -1)

    @property
    def single(self) -> bool:
        return self.block.height == 1 and self.block.width == 1

    @property
    def reach(self) -> QModelIndex:
        """The cell at the far end, from which the selection is extended."""
        return self._view.model().index(*self._reach)

    def follow(self, current: Index) -> None:
        """The current cell is another one: it alone is chosen, unless it moves within the block."""
        here = (current.row(), current.column())
        if self.single or not self.block.holds(*here):
            self._set(here, here)

    def only(self, index: Index) -> None:
        """Choose this cell alone and make it current."""
        self._set((index.row(), index.column()), (index.row(), index.column()))
        self._view.setCurrentIndex(index)

    def extend(self, index: Index) -> None:
        """Reach from the current cell to this one, and bring it into sight."""
        self.cover(index)
        self._view.scrollTo(index)

    def cover(self, index: Index) -> None:
        """Reach from the current cell to this one, which may lie out of sight."""
        current = self._view.currentIndex()
        self._set((current.row(), current.column()), (index.row(), index.column()))

    def within(self, index: QModelIndex) -> None:
        """Make another cell of the block current, and leave the block."""
        self._view.selectionModel().setCurrentIndex(index, _FLAGS.NoUpdate)

    def rows(self, first: int, last: int) -> None:
        """Choose whole rows, from `first`, where the current cell goes, to `last`."""
        here = self._view.currentIndex().column()
        self._stand(first, max(0, here))
        self._set((first, 0), (last, self._view.model().columnCount() - 1))

    def columns(self, first: int, last: int, current_row: int) -> None:
        """Choose whole columns, from `first`, where the current cell goes into `current_row`, to `last`."""
        self._stand(current_row, first)
        self._set((0, first), (self._view.model().rowCount() - 1, last))

    def all(self) -> None:
        """Choose everything; the current cell stays."""
        model = self._view.model()
        self._set((0, 0), (model.rowCount() - 1, model.columnCount() - 1))

    def _stand(self, row: int, column: int) -> None:
        self._view.selectionModel().setCurrentIndex(self._view.model().index(row, column), _FLAGS.NoUpdate)

    def _set(self, start: tuple[int, int], reach: tuple[int, int]) -> None:
        self._reach = reach
        rows, columns = sorted((start[0], reach[0])), sorted((start[1], reach[1]))
        block = Block(rows[0], columns[0], rows[1], columns[1])
        if block == self.block and self._view.selectionModel().hasSelection():
            return
        self.block = block
        model = self._view.model()
        chosen = QItemSelection(model.index(block.top, block.left), model.index(block.bottom, block.right))
        self._view.selectionModel().select(chosen, _FLAGS.ClearAndSelect)
        for part in (self._view.viewport(), self._view.verticalHeader().viewport()):
            part.update()
        self._view.horizontalHeader().viewport().update()


# Where a key leads


def neighbour(
    model: "GridModel", here: Index, rows: int, columns: int, wanted: Qt.ItemFlag = Qt.ItemFlag.ItemIsSelectable
) -> QModelIndex:
    """The next cell with the `wanted` flag, or `here` at the edge."""
    row, column = here.row() + rows, here.column() + columns
    while (rows or columns) and 0 <= row < model.rowCount() and 0 <= column < model.columnCount():
        found = model.index(row, column)
        if model.flags(found) & wanted:
            return found
        row, column = row + rows, column + columns
    return model.index(here.row(), here.column())


def edge(model: "GridModel", here: Index, rows: int, columns: int) -> QModelIndex:
    """Where a block of filled or of empty cells ends in a direction, as a spreadsheet jumps."""

    def filled(index: Index) -> bool:
        return bool(model.data(index, Qt.ItemDataRole.DisplayRole))

    found = neighbour(model, here, rows, columns)
    inside = filled(here) and filled(found)
    while True:
        ahead = neighbour(model, found, rows, columns)
        if ahead == found or (inside and not filled(ahead)) or (not inside and filled(found)):
            return found
        found = ahead


def corner(model: "GridModel", first: bool) -> QModelIndex:
    """The first or the last cell of the grid; none in an empty one."""
    if not model.columnCount():
        return QModelIndex()
    rows = range(model.rowCount()) if first else range(model.rowCount() - 1, -1, -1)
    column = 0 if first else model.columnCount() - 1
    cells = (model.index(row, column) for row in rows)
    return next((cell for cell in cells if model.flags(cell) & Qt.ItemFlag.ItemIsSelectable), QModelIndex())


def leap(model: "GridModel", here: Index, pixels: int, height: Callable[[int], int], down: bool) -> QModelIndex:
    """The cell about a page of `pixels` further, by the rows' heights."""
    found = model.index(here.row(), here.column())
    while pixels > 0:
        ahead = neighbour(model, found, 1 if down else -1, 0)
        if ahead == found:
            break
        pixels -= sum(height(row) for row in range(*sorted((found.row(), ahead.row()))))
        found = ahead
    return found


def following(model: "GridModel", block: Block, here: Index, down: bool, back: bool) -> QModelIndex:
    """The next cell of a block that can be typed, column by column or row by row, and from the last to the first."""
    rows = [row for row in range(block.top, block.bottom + 1) if model.lines[row].typed]
    columns = range(block.left, min(block.right + 1, model.columns_typed))
    if not rows or not columns:
        return model.index(here.row(), here.column())
    if here.row() not in rows:  # on a computed line: go on from the one before it
        before = [row for row in rows if row < here.row()]
        place = len(before) - (0 if back else 1)
    else:
        place = rows.index(here.row())
    across = here.column() - block.left
    if across >= len(columns):  # on the total
        across = len(columns) - (0 if back else 1)
    size = len(rows) * len(columns)
    number = (across * len(rows) + place if down else place * len(columns) + across) + (-1 if back else 1)
    if down:
        across, place = divmod(number % size, len(rows))
    else:
        place, across = divmod(number % size, len(columns))
    return model.index(rows[place], columns[across])
