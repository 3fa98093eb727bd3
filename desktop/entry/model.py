"""The grid of a form as Qt asks for it, and the door for what is typed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Slot

from desktop.entry.comments import Comments
from desktop.entry.contents import Contents
from desktop.entry.faces import Face, face_of, words_of
from desktop.entry.judging import Judge, looked_at
from desktop.entry.layout import Layout, Turn
from desktop.entry.reading import edited_text, value_of
from desktop.entry.rights import Rights
from desktop.entry.steps import Action, Step
from desktop.entry.targets import Targets
from desktop.entry.totals import Totals, TotalWords
from desktop.entry.unusual import Unusual
from desktop.entry.writing import Writer
from desktop.entry.wrongs import Wrong, gravity
from desktop.feed import Feed
from desktop.widgets import formats
from desktop.widgets.words import language, say
from sync.analysis.rollup import Total
from sync.domain.catalogue import Catalogue
from sync.domain.comments import about
from sync.domain.keys import CLOSING, COMMENT, OWN_UNIT, STATUS, TASK, UNIT, VALUE, Key, commune_of
from sync.domain.periods import Period
from sync.domain.units import Unit, UnitKind, reporting_on
from sync.domain.values import CLEARED, Value
from sync.store import ChangeSet, Shown, Store

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_COUNT_S: Final = 0.03
"""How long counting goes on at a time: shorter than a person notices."""
_MANY: Final = 400
"""Changed values after which every cell is shown anew."""


class Count(NamedTuple):
    """How far the grid is filled: cells with a value or a reason, of all that are typed. `unusual` are those found so
    far of which nobody said why."""

    filled: int
    cells: int
    errors: int
    warnings: int
    unsaved: int
    unusual: int = 0


class GridModel(QAbstractTableModel):
    """Rows and columns are the layout's; before enrolment the one unit is OWN_UNIT.

    Two doors in, one door out: what is typed goes to the store, what is pulled comes from it, and only the
    feed's signal refreshes. A value that could not be stored stays in `contents.unsaved`, which outlives the model.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        layout: Layout,
        writer: Writer,
        feed: Feed,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.layout, self.form, self.lines = layout, layout.form, layout.lines
        self._store, self.writer = store, writer
        self._rows, self._columns = len(layout.lines), len(layout.columns)
        self.indicators, self.sources = catalogue.indicators, catalogue.sources
        units = dict.fromkeys((*layout.units, *layout.below))
        named = store.of_units(UNIT, units)
        self._names = {unit: _named(unit, named.get(Key(UNIT, unit))) for unit in units}
        self.typed = list(layout.typed)
        counted = None  # all of them
        if layout.lines is not layout.form_lines:
            counted = [line.indicator.key for line in layout.lines if line.indicator and line.typed]
        earlier = looked_at(catalogue, layout)
        unsaved = writer.kept.unsaved
        self.contents = Contents(
            store,
            layout.units,
            self.typed,
            layout.periods,
            unsaved,
            catalogue.indicators,
            earlier,
            counted,
            ("", *layout.parts),
        )
        self.rights = Rights(store, catalogue, layout.units, [period.code for period in layout.periods])
        self.comments = Comments(store, layout.units, layout.periods, writer.kept.unsaved)
        self.targets = Targets(store)
        takes = self._measured if layout.sums and layout.below else None
        self.judge = Judge(catalogue, layout, self.contents, takes)
        self.unusual = Unusual(store, catalogue, layout, self.contents)
        self._columns_typed = sum(not column.total for column in layout.columns)
        self._cells = sum(line.typed for line in layout.lines) * self._columns_typed
        if layout.parts:
            columns = range(self._columns_typed)
            self._cells = sum(self.is_typed(row, column) for row in range(self._rows) for column in columns)
        self._faces: dict[tuple[int, int], Face] = {}
        self._reporting: dict[str, Collection[str]] = {}
        self.totals = self._totals(catalogue, self.typed)
        self.total_words = TotalWords(_commune_kind(store, layout))
        self._adding = QTimer(self, interval=0)
        self._adding.timeout.connect(self._add_on)
        feed.changed.connect(self.refresh)

    def _totals(self, catalogue: Catalogue, typed: list[str]) -> Totals | None:
        """The totals that are shown: of the grid's own units, or of those below whose form this one sums."""
        layout = self.layout
        if not layout.below:
            return None
        contents, form = self.contents, layout.form.sums or layout.form.key
        items = {indicator.key for indicator in catalogue.indicators_of(form)}
        if layout.sums:
            below = [item for item in typed if item in items]
            unsaved = self.writer.kept.unsaved
            contents = Contents(self._store, layout.below, below, layout.periods, unsaved, self.indicators)
        moved = catalogue.moved_by(layout.form.key)
        return Totals(contents, layout.below, items, self.indicators, moved, self._reporting_in)

    def _reporting_in(self, code: str) -> Collection[str]:
        """Which of the units below report a period."""
        if code not in self._reporting:
            cells = self._store.of_units(UNIT, self.layout.below)
            known = [Unit.of(key.unit, cell.content) for key, cell in cells.items() if cell.content != CLEARED]
            asked = {unit.key for unit in reporting_on(known, Period.parse(code).last_day)}
            # One whose cell says nothing may have been there.
            self._reporting[code] = set(self.layout.below) - ({unit.key for unit in known} - asked)
        return self._reporting[code]

    # What a cell is

    def key(self, row: int, column: int) -> Key | None:
        """Address of the cell; None for a heading's."""
        return self.layout.key(row, column)

    def typed_key(self, row: int, column: int) -> Key | None:
        """Address of a cell that can be typed; None for a heading's and a computed one's."""
        return self.layout.key(row, column) if self.lines[row].typed else None

    def is_typed(self, row: int, column: int) -> bool:
        """Whether the cell can be typed."""
        line = self.lines[row]
        if not line.typed or column >= self._columns_typed:
            return False
        part = self.layout.columns[column].part
        return not part or (line.indicator is not None and line.indicator.has_part(part))

    @property
    def columns_typed(self) -> int:
        """How many columns can be typed: all but the total's, which is the last."""
        return self._columns_typed

    def taking_key(self, row: int, column: int) -> Key | None:
        """Address of the cell that takes a total: the cell itself, or the one beside the total. None for others."""
        layout, line = self.layout, self.lines[row]
        if self.totals is None or not layout.sums or line.indicator is None or line.indicator.is_computed:
            return None
        return Key(VALUE, layout.units[0], line.indicator.key, layout.columns[column].code)

    def total(self, row: int, column: int) -> Total | None:
        """What a total's cell shows, None while it is worked out."""
        indicator = self.lines[row].indicator
        assert self.totals is not None
        assert indicator is not None
        return self.total_of(indicator.key, self.layout.columns[column].code)

    def total_of(self, item: str, period: str) -> Total | None:
        """What the units below come to, None while it is worked out."""
        assert self.totals is not None
        found = self.totals.of(item, period)
        if self.totals.busy:
            self._adding.start()
        return found

    def add_up(self, row: int) -> None:
        """Work out the line's totals to the end, as who writes them down needs them: shown ones may wait."""
        if self.totals is None:
            return
        for column in range(self._columns):
            if self.layout.is_total(row, column):
                self.total(row, column)
        while self.totals.busy:
            self._add_on()

    def row_of(self, indicator: str, unit: str = "") -> int | None:
        """The line of an indicator, or of a unit where the lines are units; None where there is none."""
        return self.layout.row_of(indicator, unit)

    def column_of(self, unit: str, period: str = "", part: str = "") -> int | None:
        """The column of a unit, period and part, None where the grid has it not."""
        return self.layout.column_of(unit, period, part)

    def cell_of(self, key: Key) -> tuple[int, int] | None:
        """Row and column of an address, or of what a comment is on; None where it is not shown."""
        if key.kind == COMMENT:
            key = about(key)
        row, column = self.row_of(key.item, key.unit), self.column_of(key.unit, key.period, key.part)
        if row is None or column is None or self.key(row, column) != key:
            return None
        return row, column

    def heading(self, column: int) -> str:
        """What stands above a column: its unit's name, "" before enrolment, or its period."""
        shown = self.layout.columns[column]
        if shown.total:
            return self.total_words.heading(self.layout.sums)
        if self.layout.turn is Turn.UNITS:
            return self._names[shown.unit]
        if self.layout.turn is Turn.BREAKDOWN:
            return self.layout.parts[shown.part].text(language()) if shown.part else say("entry.breakdown.whole")
        return formats.period(shown.code)

    def line_title(self, row: int) -> str:
        """The name of a line's indicator, section or unit."""
        line = self.lines[row]
        if line.total:
            return self.total_words.heading(self.layout.sums)
        return (self._names[line.unit] or say("entry.grid.own_unit")) if line.unit else line.title

    def line_name(self, row: int) -> str:
        """The same behind the form's label."""
        return f"{self.lines[row].label} {self.line_title(row)}".strip()

    def unit_name(self, unit: str) -> str:
        """The name of a unit that is shown here, "" before enrolment."""
        return self._names[unit]

    def name_of(self, unit: str) -> str:
        """The name of any unit, shown here or not; as `unit_name`."""
        return unit_name(self._store, unit)

    def gaps(self, total: Total) -> list[str]:
        """What a total misses from whom, in words."""
        return self.total_words.gaps(total, self._names)

    def wrongs(self, key: Key) -> tuple[Wrong, ...]:
        """What there is to say against a cell, the gravest first."""
        wrongs, unusual = self.judge.wrongs(key), self.unusual.wrongs(key)
        return tuple(sorted((*wrongs, *unusual), key=gravity)) if unusual else wrongs

    def look(self, rows: range, columns: range, most_s: float) -> tuple[bool, bool]:
        """Look for unusual figures among these cells, for about that long. Whether any mark is another one now, and
        whether all of them were looked at."""
        keys = (self.key(row, column) for row in rows if self.lines[row].typed for column in columns)
        changed, done = self.unusual.look([key for key in keys if key is not None], most_s)
        cells: dict[int, set[int]] = {}
        for key in changed:
            cell = self.cell_of(key)
            if cell is not None:
                cells.setdefault(cell[1], set()).add(cell[0])
        self._show_cells(cells)
        return bool(changed), done

    def face(self, row: int, column: int) -> Face:
        """How the cell is painted, kept until something that it depends on changes."""
        found = self._faces.get((row, column))
        if found is None:
            found = self._faces[row, column] = face_of(self, row, column)
        return found

    def count(self) -> Count | None:
        """How far the grid is filled, and what the rules say of it; None while there is more to count: ask again."""
        if not self.judge.count_on(_COUNT_S):
            return None
        waiting = len(self.contents.unsaved)
        judge, filled = self.judge, self.contents.filled()
        return Count(filled, self._cells, judge.errors, judge.warnings, waiting, self.unusual.count())

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._columns

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return _NOTHING
        row = index.row()
        if self.lines[row].indicator is None:
            return _NOTHING
        if self.is_typed(row, index.column()):
            return _TYPED
        divides = bool(self.layout.columns[index.column()].part)
        return _NOTHING if divides and self.key(row, index.column()) is None else _COMPUTED

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.lines[index.row()].indicator is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.face(index.row(), index.column()).text
        if role == Qt.ItemDataRole.EditRole:
            key = self.key(index.row(), index.column())
            return edited_text(self.contents.value(key)) if key else ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.lines[index.row()].numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return words_of(self, index.row(), index.column())
        return None

    def _tip(self, row: int, column: int) -> str | None:
        """From whom a total misses what."""
        total = self.total(row, column) if self.layout.is_total(row, column) else None
        return "\n".join(self.gaps(total)) or None if total else None

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
            return self.heading(section) if section < self._columns else None
        return self.line_name(section) if section < self._rows else None

    # What is typed

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Store what was typed. Whether it is safe; where not, it stays on the screen as unsaved."""
        key = self.typed_key(index.row(), index.column()) if index.isValid() else None
        indicator = self.lines[index.row()].indicator if key else None
        if role != Qt.ItemDataRole.EditRole or key is None or indicator is None:
            return False
        year = self.layout.columns[index.column()].period.year
        content = value_of(str(value), indicator, year=year).content()
        return self.writer.write(self.contents, {key: content}, Action.TYPING, self.form.key)

    def type_into(self, cells: Iterable[tuple[int, int]], text: str) -> None:
        """Store what was typed in each of these cells, in one step."""
        typed: dict[Key, str] = {}
        for row, column in cells:
            key, indicator = self.typed_key(row, column), self.lines[row].indicator
            if key is not None and indicator is not None:
                year = self.layout.columns[column].period.year
                typed[key] = value_of(text, indicator, year=year).content()
        self._write_many(typed, Action.FILLING)

    def clear(self, cells: Iterable[tuple[int, int]], action: Action = Action.CLEARING) -> None:
        """Empty these cells, by row and column, in one step."""
        self._write_same(cells, CLEARED, action)

    def mark_missing(self, cells: Iterable[tuple[int, int]], reason: str) -> None:
        """Say why these cells have no value, one of MISSING_REASONS, in one step."""
        self._write_same(cells, Value(missing=reason).content(), Action.MISSING)

    def explain(self, key: Key, why: str) -> None:
        """Say why a value is as it is; "" takes back what was said. It is kept with the value as it now stands."""
        content = self.contents.value(key)._replace(note=why).content()
        self.writer.write(self.contents, {key: content}, Action.EXPLAINING, self.form.key)

    def retry(self) -> bool:
        """Store what could not be stored. Whether nothing waits any more."""
        return self.writer.store(self.contents, {})

    def _write_same(self, cells: Iterable[tuple[int, int]], content: str, action: Action) -> None:
        found = (self.typed_key(row, column) for row, column in cells)
        self._write_many({key: content for key in found if key is not None}, action)

    def _write_many(self, typed: Mapping[Key, str], action: Action) -> None:
        step = Step(action, self.form.key, {})
        self.writer.write_made(self.contents, step, len(typed), lambda: typed, sure=True)

    # The one door out

    @Slot(object)
    def refresh(self, changes: ChangeSet) -> None:
        """Show anew what the change set names and this grid shows; it is read when it is painted."""
        cells: dict[int, set[int]] = {}
        values: list[Key] = []
        for key in changes.keys:
            if key.kind == VALUE:
                values.append(key)
            elif key.kind == UNIT and key.unit in self._names:
                self._show_name(key.unit)
                self._reporting.clear()
                if self.totals is not None:
                    self.totals.forget_all()
                    cells |= self._all_cells()
            elif key.kind in (CLOSING, STATUS):
                if self.rights.touch(key):
                    cells |= self._all_cells()
            elif key.kind == TASK:
                self.targets.touch(key)
            elif key.kind == COMMENT:
                on = self.comments.touch(key)
                if on is not None and (cell := self.cell_of(on)) is not None:
                    cells.setdefault(cell[1], set()).add(cell[0])
        touched = self._touch(values, changes.shown)
        if len(touched) > _MANY:
            # Sooner worked out anew where it is in sight than looked for cell by cell.
            self._faces.clear()
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, self._columns - 1))
            return
        for key in touched:
            rows, columns = self.layout.touched(key)
            for column in columns:
                cells.setdefault(column, set()).update(rows)
        self._show_cells(cells)

    def _all_cells(self) -> dict[int, set[int]]:
        return {column: set(range(self._rows)) for column in range(self._columns)}

    def _touch(self, values: Sequence[Key], shown: Mapping[Key, Shown]) -> Collection[Key]:
        """Look anew at what depends on these values, which are `shown` so where it is known. On which anything does."""
        self.unusual.forget(values)
        own, totals = self.contents.touch(values, shown), self.totals
        self.judge.forget(own)
        if totals is None:
            return own
        if totals.contents is self.contents:
            totals.forget(own)
            return own
        below = totals.contents.touch(values, shown)
        totals.forget(below)
        self._judge_takers(below)
        return dict.fromkeys((*own, *below))

    def _judge_takers(self, below: Iterable[Key]) -> None:
        """The totals that the figures `below` are part of are others: judge the cells that take them again."""
        if self.layout.sums:
            self.judge.forget({key._replace(unit=self.layout.units[0]) for key in below})

    def _measured(self, key: Key, value: Value) -> Wrong | None:
        """What there is to say of a value that takes a total, and is another one."""
        total = self.total_of(key.item, key.period)
        return self.total_words.differing(value, total, self.indicators[key.item]) if total is not None else None

    def _show_cells(self, cells: Mapping[int, set[int]]) -> None:
        """Show these rows of each column anew."""
        for column, touched in cells.items():
            for row in touched:
                self._faces.pop((row, column), None)
            if touched:
                # Made, not asked for: that would ask here how many rows and columns there are.
                self.dataChanged.emit(self.createIndex(min(touched), column), self.createIndex(max(touched), column))

    @Slot()
    def _add_on(self) -> None:
        """Work on totals of many units a little at a time, and show those that are known now."""
        assert self.totals is not None
        cells: dict[int, set[int]] = {}
        for item, code in self.totals.work_on(_COUNT_S):
            key = Key(VALUE, self.layout.below[0], item, code)
            self._judge_takers((key,))
            rows, columns = self.layout.touched(key)
            for column in columns:
                cells.setdefault(column, set()).update(rows)
        if not self.totals.busy:
            self._adding.stop()
        self._show_cells(cells)

    def _show_name(self, unit: str) -> None:
        self._names[unit] = self._name(unit)
        if self.layout.turn is Turn.UNITS:
            column = self.column_of(unit)
            if column is not None:  # else its name stands in the words of a total
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)
        elif self.layout.turn is Turn.INDICATOR:
            row = self.row_of("", unit)
            if row is not None:
                self.headerDataChanged.emit(Qt.Orientation.Vertical, row, row)

    def _name(self, unit: str) -> str:
        return unit_name(self._store, unit)


def unit_name(store: Store, unit: str) -> str:
    """The name of a unit, "" before enrolment, its key where the centre sent no name."""
    return _named(unit, store.shown(Key(UNIT, unit)))


def _named(unit: str, cell: Shown | None) -> str:
    if unit == OWN_UNIT:
        return ""
    return Unit.of(unit, cell.content).name if cell and cell.content != CLEARED else unit


def _commune_kind(store: Store, layout: Layout) -> UnitKind:
    """What the commune is whose villages are added up; a commune where nobody sent it."""
    commune = commune_of(layout.below[0]) if layout.below else None
    found = store.shown(Key(UNIT, commune)) if commune else None
    return Unit.of(found.key.unit, found.content).kind if found and found.content != CLEARED else UnitKind.COMMUNE


_NOTHING: Final = Qt.ItemFlag.NoItemFlags
_COMPUTED: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_TYPED: Final = _COMPUTED | Qt.ItemFlag.ItemIsEditable
