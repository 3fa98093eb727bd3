"""The column of totals, held at the right edge of the grid while the others scroll under it."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from desktop.widgets import theme

if TYPE_CHECKING:
    from desktop.entry.view import GridView

_LEAST: Final = 3
"""Columns that fit in the window at least, for one of them to be held."""


class Pinned:
    """Where the last column of `view` is held, in pixels of its viewport; nowhere while it is in sight by itself."""

    def __init__(self, view: "GridView") -> None:
        self._view = view

    @property
    def column(self) -> int | None:
        """The column of totals; None in a grid without one."""
        model = self._view.grid()
        if model is None or not model.layout.columns[-1].total:
            return None
        return len(model.layout.columns) - 1

    @property
    def left(self) -> int | None:
        """Where it begins."""
        column = self.column
        if column is None:
            return None
        width, room = self._view.columnWidth(column), self._view.viewport().width()
        left = room - width
        held = self._view.columnViewportPosition(column) > left and room >= _LEAST * width
        return left if held else None

    def holds(self, x: int) -> bool:
        """Whether the held column stands at `x`."""
        left = self.left
        return left is not None and x >= left

    def area(self, top: int, height: int) -> QRect:
        """A part of it, which is held."""
        left, column = self.left, self.column
        assert left is not None
        assert column is not None
        return QRect(left, top, self._view.columnWidth(column), height)

    def paint(self, painter: QPainter, dirty: QRect) -> None:
        """Paint its cells over the others, as far as they are `dirty`."""
        view, left, column = self._view, self.left, self.column
        if left is None or column is None or dirty.right() < left:
            return
        first, last = view.rowAt(max(0, dirty.top())), view.rowAt(dirty.bottom())
        option, delegate = QStyleOptionViewItem(), view.itemDelegate()
        for row in range(max(0, first), (last if last >= 0 else view.model().rowCount() - 1) + 1):
            option.rect = self.area(view.rowViewportPosition(row), view.rowHeight(row))
            delegate.paint(painter, option, view.model().index(row, column))
        painter.setPen(theme.roles().line)
        painter.drawLine(left, dirty.top(), left, dirty.bottom())

    def moved(self, dx: int) -> None:
        """The other columns were moved by `dx` pixels, and it with them: paint it anew, and what it left behind."""
        column, viewport = self.column, self._view.viewport()
        if column is None or not dx:
            return
        wide = self._view.columnWidth(column) + abs(dx)
        viewport.update(viewport.width() - wide, 0, wide, viewport.height())
        self._view.horizontalHeader().viewport().update()
