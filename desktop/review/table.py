"""The matrix as a table: one square is the current one, whatever comes anew."""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop.review.matrix import Matrix, Square
from desktop.review.model import COLUMN, MatrixModel, SquareDelegate
from desktop.widgets import theme
from desktop.widgets.words import say

_ROW: Final = 46
"""Pixels of a line at plain text size."""


class MatrixTable(QTableView):
    """`turned`: another square is the current one, or the same says something else. `chosen` carries which of two
    decisions, from 0 on, a key names; F2 asks to have cells `marked`."""

    turned = Signal()
    chosen = Signal(int)
    marked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say("review.table"))
        self.setItemDelegate(SquareDelegate(self))
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.setDefaultSectionSize(theme.px(_ROW))
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # Names that begin alike differ at their end.
        rows.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        columns.setDefaultSectionSize(theme.px(COLUMN))
        columns.setMinimumHeight(theme.px(44))
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_matrix(self, matrix: Matrix, now: datetime) -> None:
        """Show it; the current square stays so where it is there, else the first becomes it."""
        here, old = self.square(), self.model()
        self.setModel(MatrixModel(matrix, now, self))
        if old is not None:
            old.deleteLater()
        self.selectionModel().currentChanged.connect(self._turn)
        if here is not None:
            self.choose(here.unit.key, here.column.form.key, here.column.period.code)
        if not self.currentIndex().isValid():
            self.choose("", "", "")

    def square(self) -> Square | None:
        """The current one."""
        model = self.model()
        return model.square(self.currentIndex()) if isinstance(model, MatrixModel) else None

    def choose(self, unit: str, form: str, period: str) -> None:
        """Make a square the current one: the first that fits what is given."""
        model = self.model()
        if not isinstance(model, MatrixModel):
            return
        matrix = model.matrix
        for row, one in enumerate(matrix.units):
            for column, shown in enumerate(matrix.columns):
                fits = unit in ("", one.key) and form in ("", shown.form.key) and period in ("", shown.period.code)
                if fits and matrix.square(row, column) is not None:
                    index = model.index(row, column)
                    if index == self.currentIndex():
                        self.turned.emit()
                    else:
                        self.setCurrentIndex(index)  # which tells it
                    return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_9 and not held:
            self.chosen.emit(event.key() - Qt.Key.Key_1)
        elif event.key() == Qt.Key.Key_F2 and not held:
            self.marked.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _turn(self, *_: QModelIndex) -> None:
        self.turned.emit()
