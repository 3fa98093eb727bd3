"""How wide the grid's columns are: shared evenly, but for those that a person made wider or narrower."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QTableView

from desktop.entry.headings import RowHeading, UnitHeading
from desktop.entry.model import GridModel
from desktop.widgets import theme

_MOST: Final = 320
"""Pixels of a shared column at plain text size, at most."""


class Widths(QObject):
    """`chosen` when a person drew a column's edge; `own` are the widths so chosen, in pixels by column."""

    chosen = Signal()

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self._fitting = False
        self.own: dict[int, int] = {}

    def watch(self, heading: UnitHeading) -> None:
        """Notice the edges that are drawn."""
        heading.sectionResized.connect(self._resized)

    def take(self, own: Mapping[int, int]) -> None:
        """Give columns the widths that a person gave them before."""
        self.own = dict(own)

    def fit(self, least: int) -> None:
        """Share the width among the others, each at least `least` pixels at plain text size.

        What does not fit is scrolled to, beside the frozen part.
        """
        view, heading, model = self._view, self._view.verticalHeader(), self._view.model()
        assert isinstance(heading, RowHeading)
        assert isinstance(model, GridModel)
        count = model.columnCount()
        room = view.width() - 2 * view.frameWidth() - view.verticalScrollBar().sizeHint().width()
        own = {column: width for column, width in self.own.items() if column < count}
        shared, taken = count - len(own), sum(own.values())
        share = (room - taken - heading.wanted_width(model)) // max(1, shared)
        width = max(theme.px(least), min(theme.px(_MOST), share))
        self._fitting = True
        view.horizontalHeader().setDefaultSectionSize(width)
        for column in range(count):
            wanted = own.get(column, width)
            if view.columnWidth(column) != wanted:
                view.setColumnWidth(column, wanted)
        heading.take_width(room - taken - width * shared)
        self._fitting = False

    @Slot(int, int, int)
    def _resized(self, column: int, _before: int, width: int) -> None:
        if not self._fitting:
            self.own[column] = width
            self.chosen.emit()
