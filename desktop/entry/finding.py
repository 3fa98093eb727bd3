"""Find in the grid (Ctrl+F): indicators, villages and values, with or without accents."""

from bisect import bisect_left, bisect_right

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from desktop.entry.model import GridModel
from desktop.entry.reading import shown_text
from desktop.entry.view import GridView
from desktop.widgets import theme
from desktop.widgets.icons import icon
from desktop.widgets.words import convention, say
from sync.domain.text import fold
from sync.domain.values import Value

Cell = tuple[int, int]


def found_in(model: GridModel, query: str, column: int) -> list[Cell]:
    """The cells whose value holds `query`, and those of `column` and of the first line whose heading does, in order."""
    wanted = fold(query)
    if not wanted:
        return []
    lines = [row for row, line in enumerate(model.lines) if line.indicator is not None]
    found = {(row, column) for row in lines if wanted in fold(model.line_name(row))}
    found |= {(lines[0], place) for place in range(model.columnCount()) if wanted in fold(model.heading(place))}
    plain = wanted.replace(convention().group_mark, "")
    for key, content in model.contents.typed():
        # Digits alone are looked through as they are stored: they are nearly all of a large grid.
        if plain in content if content.isdigit() else _says(model, key.item, content, wanted):
            cell = model.cell_of(key)
            if cell is not None:
                found.add(cell)
    return sorted(found)


def _says(model: GridModel, item: str, content: str, wanted: str) -> bool:
    text = shown_text(Value.of(content), model.indicators[item])
    plain = text.replace(convention().group_mark, "")
    return wanted in fold(text) or wanted in fold(plain)


class FindBar(QFrame):
    """Typing finds the first from the current cell on, Enter and F3 the next, with Shift the one before, Esc ends."""

    def __init__(self, view: GridView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._cells: list[Cell] = []
        self.setProperty("look", "field")
        self.setAccessibleName(say("entry.find.name"))
        self._field = QLineEdit()
        self._field.setPlaceholderText(say("entry.find.words"))
        self._field.setAccessibleName(say("entry.find.name"))
        self._count = theme.label("", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        row.addWidget(self._field, 1)
        row.addWidget(self._count)
        for name, word, slot in (
            ("chevron-up", "before", self.back),
            ("chevron-down", "next", self.on),
            ("x", "close", self.end),
        ):
            button = QToolButton()
            button.setIcon(icon(name, side=16))
            button.setAccessibleName(say(f"entry.find.{word}"))
            button.setToolTip(say(f"entry.find.{word}"))
            button.clicked.connect(slot)
            row.addWidget(button)
        self._field.textEdited.connect(self._search)

    def begin(self) -> None:
        """Take the words to find."""
        self.show()
        self._field.setFocus()
        self._field.selectAll()

    @Slot()
    def on(self) -> None:
        """Go to the next that was found, after the last to the first."""
        self._look()
        self._go(bisect_right(self._cells, self._here()))

    @Slot()
    def back(self) -> None:
        """Go to the one before."""
        self._look()
        self._go(bisect_left(self._cells, self._here()) - 1)

    @Slot()
    def end(self) -> None:
        """Hide, and stay where the last was found."""
        self.hide()
        self._view.setFocus()

    def _here(self) -> Cell:
        index = self._view.currentIndex()
        return index.row(), index.column()

    @Slot()
    def _search(self) -> None:
        self._look()
        self._go(bisect_left(self._cells, self._here()))

    def _look(self) -> None:
        model = self._view.grid()
        self._cells = found_in(model, self._field.text(), self._here()[1]) if model is not None else []

    def _go(self, place: int) -> None:
        if not self._cells:
            self._count.setText(say("entry.find.nothing") if self._field.text().strip() else "")
            return
        model = self._view.grid()
        assert model is not None
        number = place % len(self._cells)
        self._view.selection.only(model.index(*self._cells[number]))
        self._count.setText(say("entry.find.place", number=number + 1, count=len(self._cells)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self.back() if back else self.on()
        elif event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)
