"""The cells of one form as a list in which some are marked: what each says, what stands out, and why it comes back."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.review.matrix import Square
from desktop.widgets.naming import Names, in_short
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import VALUE, Key
from sync.domain.values import CLEARED
from sync.domain.workflow import Remark
from sync.store import Shown

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
COLUMNS: Final = ("cell", "name", "value", "standing_out", "why")


class Line(NamedTuple):
    """One cell. `standing_out` says in a word or two why somebody looks at it first; "" where nothing does. Of what is
    not public, more people receive a step over the form than may see the figure."""

    figure: Key
    cell: str
    name: str
    value: str
    standing_out: str
    is_public: bool


def lines(square: Square, cells: Mapping[Key, Shown], catalogue: Catalogue, sees: Callable[[Key], bool]) -> list[Line]:
    """The cells that somebody types, in the order of the form, each with those parts of it that hold anything.

    What whoever is here may not see they cannot speak of.
    """
    names = Names(catalogue, {}, lambda _: None)
    unit, period = square.unit.key, square.column.period.code
    found = []
    for row in square.column.form.rows:
        indicator = catalogue.indicators[row.indicator]
        if indicator.is_computed:
            continue
        members = indicator.breakdown.members if indicator.breakdown else ()
        for part in ("", *(member.key for member in members)):
            figure = Key(VALUE, unit, row.indicator, period, part)
            if (part and figure not in cells) or not sees(figure):
                continue
            value = in_short(cells[figure].content if figure in cells else CLEARED)
            name = indicator.name.text(language())
            standing_out, is_public = _standing_out(square, figure), names.is_public(figure)
            found.append(Line(figure, names.cell(figure), name, value, standing_out, is_public))
    return found


def _standing_out(square: Square, figure: Key) -> str:
    findings = square.findings
    marked = [one for one in findings.found if figure.item in (one.rule.marks if one.rule else (one.item,))]
    words = []
    if not figure.part and figure.item in findings.missing:
        words.append("missing")
    if any(one.is_hard for one in marked):
        words.append("error")
    elif any(not one.explained for one in marked):
        words.append("unexplained")
    if figure in square.submission.changed:
        words.append("changed")
    return ", ".join(say(f"review.marking.{word}") for word in words)


class LineModel(QAbstractTableModel):
    """Rows are lines. `why` holds what is said of those that are marked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.why: dict[Key, str] = {}

    def show_lines(self, found: list[Line]) -> None:
        """The same cells anew, or others; what is marked stays so as long as its cell is there."""
        if [line.figure for line in found] == [line.figure for line in self.lines]:
            self.lines = found
            self._tell(range(len(found)))
            return
        self.beginResetModel()
        self.lines = found
        self.endResetModel()

    def mark(self, rows: Collection[int], why: str) -> None:
        """Say the same of all these; "" marks them no more."""
        for row in rows:
            figure = self.lines[row].figure
            if why:
                self.why[figure] = why
            else:
                self.why.pop(figure, None)
        self._tell(rows)

    def remarks(self) -> tuple[Remark, ...]:
        """What goes out: of the cells that are here."""
        marked = (line.figure for line in self.lines if line.figure in self.why)
        return tuple(sorted(Remark(figure.item, figure.part, self.why[figure]) for figure in marked))

    def alike(self) -> list[tuple[str, list[str]]]:
        """What goes out, as it is told: each reason with its cells, in the order of the form."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line.figure in self.why:
                found.setdefault(self.why[line.figure], []).append(line.cell)
        return list(found.items())

    def _tell(self, rows: Iterable[int]) -> None:
        for row in rows:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        why = self.why.get(line.figure, "")
        texts = (line.cell, line.name, line.value, line.standing_out, why)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return texts[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " · ".join(text for text in texts if text)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return say(f"review.marking.heading.{COLUMNS[section]}")
        return None
