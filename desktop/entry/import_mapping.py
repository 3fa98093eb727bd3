"""What a foreign file's rows and columns are taken for, to be confirmed or put right, and how it writes numbers."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.entry.import_reading import Choice, Opened, told_by
from desktop.entry.subject import Subject
from desktop.widgets import formats, theme
from desktop.widgets.words import convention, say
from sync.domain.numbers import Convention
from sync.exchange.differences import number_in
from sync.exchange.mapping import LEAVE, Frame, Proposal, Target, propose

_MOST_LINES: Final = 150
"""Columns, and rows that are not sure, that are shown to be chosen for; those beyond are counted."""

_MOST_CHOICES: Final = 500
_HEADING_ROWS: Final = 60


class MappingPage(QWidget):
    """Shows what a file was opened as. `choice` is what stands on the page; `changed` whenever it changes."""

    changed = Signal()

    def __init__(self, subject: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject = subject
        self._opened: Opened | None = None
        self._proposals: list[Proposal] = []
        self._convention: Convention | None = None
        self._example = ""
        self._said: Convention | None = None  # by the person, for this sheet
        self._lines: list[tuple[bool, int]] = []
        self._hidden = 0
        self._texts = subject.units, {line: subject.line_name(line) for line in subject.lines}
        self._build()
        self._connect()

    # Building

    def _build(self) -> None:
        self._hint = theme.label(say("exchange.mapping.hint"), "muted")
        self._hint.setWordWrap(True)
        self._question = QFrame()
        self._asked = theme.label("")
        self._asked.setWordWrap(True)
        self._written = QComboBox()
        self._written.setAccessibleName(say("exchange.mapping.convention"))
        inside = QHBoxLayout(self._question)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.addWidget(self._asked, 1)
        inside.addWidget(self._written)
        self._sheet, self._by_unit, self._names = QComboBox(), QComboBox(), QComboBox()
        self._first, self._last = QComboBox(), QComboBox()
        self._frame = QWidget()
        grid = QGridLayout(self._frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        fields = (
            ("sheet", self._sheet),
            ("by_unit", self._by_unit),
            ("names", self._names),
            ("first", self._first),
            ("last", self._last),
        )
        for column, (name, field) in enumerate(fields):
            label = theme.label(say(f"exchange.mapping.{name}"), "small")
            label.setBuddy(field)
            field.setAccessibleName(label.text())
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
        for stretched in (0, 2):
            grid.setColumnStretch(stretched, 1)
        for by_unit in (True, False):
            self._by_unit.addItem(say(f"exchange.mapping.rows_are.{'units' if by_unit else 'indicators'}"), by_unit)
        self._table = QTableWidget(0, 3)
        self._table.setProperty("look", "list")
        self._table.setAccessibleName(say("exchange.mapping.table"))
        headings = [say(f"exchange.mapping.column.{name}") for name in ("where", "text", "is")]
        self._table.setHorizontalHeaderLabels(headings)
        self._table.verticalHeader().hide()
        self._table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        header = self._table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.resizeSection(0, theme.px(100))
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._table.verticalHeader().setDefaultSectionSize(theme.px(38))
        self._told = theme.label("", "muted")
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(theme.px(10))
        for widget in (self._hint, self._question, self._frame):
            column_layout.addWidget(widget)
        column_layout.addWidget(self._table, 1)
        column_layout.addWidget(self._told)

    def _connect(self) -> None:
        self._sheet.activated.connect(self._choose_sheet)
        self._by_unit.activated.connect(self._choose_frame)
        self._names.activated.connect(self._choose_frame)
        self._first.activated.connect(self._choose_frame)
        self._last.activated.connect(self._choose_frame)
        self._written.activated.connect(self._choose_convention)

    # What is chosen

    @property
    def asks(self) -> bool:
        """Whether there is anything to choose for this file."""
        return self._opened is not None and (self._opened.template is None or not self._question.isHidden())

    @property
    def ready(self) -> bool:
        """Whether enough is chosen to compare."""
        proposal = self._proposal()
        return self._convention is not None and (proposal is None or proposal.weight > 0)

    @property
    def settled(self) -> bool:
        """Whether nobody has to look here: a form of ours, or what was confirmed before and leaves nothing open."""
        found, proposal = self._opened, self._proposal()
        known = found is not None and found.known is not None and proposal is not None and not proposal.open
        return self.ready and (proposal is None or known)

    @property
    def choice(self) -> Choice:
        """What stands on the page, once it is `ready`."""
        assert self._convention is not None
        return Choice(self._sheet.currentIndex(), self._proposal(), self._convention)

    @property
    def assumed(self) -> str:
        """How numbers that are written as text are read, in words; "" where there are none that it matters for."""
        if self._question.isHidden() or self._convention is None:
            return ""
        read = self._written.itemText(self._written.findData(str(self._convention)))
        return say("exchange.note.convention", example=self._example, read=read)

    def show_opened(self, found: Opened) -> None:
        """Show what a file seems to hold: the sheet that was confirmed before, else the one that fits most."""
        self._opened, self._proposals, self._said = found, list(found.proposals), None
        foreign = found.template is None
        for widget in (self._frame, self._table, self._told, self._hint):
            widget.setVisible(foreign)
        self._sheet.clear()
        if foreign:
            self._sheet.addItems([sheet.name for sheet in found.book.sheets])
            fits = [proposal.fit for proposal in self._proposals]
            self._sheet.setCurrentIndex(fits.index(max(fits)) if found.known is None else found.known)
        self._show_sheet()

    def _proposal(self) -> Proposal | None:
        return self._proposals[self._sheet.currentIndex()] if self._proposals else None

    def _take(self, proposal: Proposal) -> None:
        self._proposals[self._sheet.currentIndex()] = proposal

    # Showing

    def _show_sheet(self) -> None:
        self._ask_for_convention()
        proposal = self._proposal()
        if proposal is not None:
            self._show_frame(proposal)
            self._show_lines(proposal)
        self.changed.emit()

    def _ask_for_convention(self) -> None:
        """Ask how numbers are written where the file does not tell, and show how they are read where it does."""
        assert self._opened is not None
        place, proposal = max(0, self._sheet.currentIndex()), self._proposal()
        told = self._opened.told[place]
        if proposal is not None and proposal != self._opened.proposals[place]:
            told = told_by(self._opened.book.sheets[place], proposal)
        asks = len(told.possible) > 1
        if self._said is not None:
            self._convention = self._said
        elif not asks:
            self._convention = told.possible[0]
        elif told.example:
            self._convention = self._opened.as_written if place == self._opened.known else None
        else:
            self._convention = convention()  # no figure is written as text
        self._example = told.example
        self._question.setVisible(bool(told.example))
        theme.set_look(self._question, "note-warning" if asks else "note-plain")
        self._asked.setText(say(f"exchange.mapping.{'question' if asks else 'answer'}", example=told.example))
        self._written.clear()
        if asks:
            self._written.addItem(say("exchange.mapping.choose"), "")
        for one in Convention:
            number = number_in(told.example, one)
            text = formats.number(number) if number is not None else say("exchange.mapping.no_number")
            self._written.addItem(say(f"exchange.mapping.as_{one}", number=text), str(one))
        self._written.setCurrentIndex(max(0, self._written.findData(str(self._convention))))

    def _show_frame(self, proposal: Proposal) -> None:
        assert self._opened is not None
        sheet, frame = self._opened.book.sheets[self._sheet.currentIndex()], proposal.frame
        blocked = [QSignalBlocker(field) for field in (self._first, self._last, self._names, self._by_unit)]
        for field, row in ((self._first, frame.first), (self._last, frame.last)):
            field.clear()
            field.addItems([str(number + 1) for number in range(min(max(sheet.rows) + 1, _HEADING_ROWS))])
            field.setCurrentIndex(row)
        self._by_unit.setCurrentIndex(self._by_unit.findData(frame.by_unit))
        self._names.clear()
        width = max(len(sheet.rows.get(row, ())) for row in range(frame.first, frame.last + 1))
        for column in range(max(width, frame.names + 1)):
            headings = [str(sheet.cell(row, column)) for row in range(frame.first, frame.last + 1)]
            self._names.addItem(" ".join([column_letters(column), *filter(None, headings)]), column)
        self._names.setCurrentIndex(frame.names)
        for blocker in blocked:
            blocker.unblock()

    def _show_lines(self, proposal: Proposal) -> None:
        """A line for each column, and for each row of the file that is not sure."""
        assert self._opened is not None
        sheet = self._opened.book.sheets[self._sheet.currentIndex()]
        columns = [(True, number) for number in range(len(proposal.columns))]
        places = [target.place for target in proposal.columns]
        rows = [
            (False, number)
            for number, target in enumerate(proposal.rows)
            if target.text
            and not target.is_total
            and target.candidates != (target.chosen,)
            and any(sheet.cell(target.place, place) != "" for place in places)
        ]
        lines = columns + rows
        self._lines, self._hidden = lines[:_MOST_LINES], max(0, len(lines) - _MOST_LINES)
        self._table.setRowCount(0)
        self._table.setRowCount(len(self._lines))
        for line, (is_column, number) in enumerate(self._lines):
            target = (proposal.columns if is_column else proposal.rows)[number]
            if is_column:
                where = say("exchange.mapping.where.column", name=column_letters(target.place))
            else:
                where = say("exchange.mapping.where.row", number=target.place + 1)
            self._table.setItem(line, 0, QTableWidgetItem(where))
            self._table.setItem(line, 1, QTableWidgetItem(target.text))
            self._table.setCellWidget(line, 2, self._targets(line, target, is_column == proposal.frame.by_unit))
        self._tell(proposal)

    def _targets(self, line: int, target: Target, indicators: bool) -> QComboBox:
        """The things that a row or column may be: its candidates first, then all others."""
        names: Mapping[str, str] = self._texts[indicators]
        box = QComboBox()
        box.setAccessibleName(say("exchange.mapping.target", heading=target.text))
        ambiguous = "ambiguous" if len(target.candidates) > 1 else "shared" if target.is_shared else ""
        box.addItem(say(f"exchange.mapping.{ambiguous or 'leave'}"), LEAVE)
        for key in target.candidates:
            box.addItem(names[key], key)
        others = [key for key in names if key not in target.candidates] if len(names) <= _MOST_CHOICES else []
        if target.candidates and others:
            box.insertSeparator(box.count())
        for key in others:
            box.addItem(names[key], key)
        if ambiguous:
            box.addItem(say("exchange.mapping.leave"), LEAVE)
        place = box.findData(target.chosen) if target.chosen else 0
        box.setCurrentIndex(max(0, place))
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.activated.connect(lambda: self._choose_target(line, box.currentData()))
        return box

    def _tell(self, proposal: Proposal) -> None:
        known = sum(bool(target.chosen) for target in proposal.rows)
        told = [say("exchange.mapping.rows_known", count=known)]
        if proposal.open:
            told.append(say("exchange.mapping.still_open", count=len(proposal.open)))
        if self._hidden:
            told.append(say("exchange.mapping.more", count=self._hidden))
        if not proposal.weight and not proposal.open:
            told = [say("exchange.mapping.nothing")]
        self._told.setText(" · ".join(told))

    # Slots

    @Slot()
    def _choose_sheet(self) -> None:
        self._said = None
        self._show_sheet()

    @Slot()
    def _choose_frame(self) -> None:
        proposal, found = self._proposal(), self._opened
        if proposal is None or found is None:
            return
        first, last = self._first.currentIndex(), self._last.currentIndex()
        frame = Frame(first, max(first, last), self._names.currentData(), self._by_unit.currentData())
        if frame == proposal.frame:
            return
        sheet = found.book.sheets[self._sheet.currentIndex()]
        self._take(propose(sheet, found.units, found.indicators, frame))
        self._show_sheet()

    @Slot()
    def _choose_convention(self) -> None:
        found = self._written.currentData()
        self._said = self._convention = Convention(found) if found else None
        self.changed.emit()

    def _choose_target(self, line: int, chosen: str) -> None:
        proposal = self._proposal()
        assert proposal is not None
        is_column, number = self._lines[line]
        if is_column:
            proposal = proposal._replace(columns=_with(proposal.columns, number, chosen))
        else:
            proposal = proposal._replace(rows=_with(proposal.rows, number, chosen))
        self._take(proposal)
        self._ask_for_convention()
        self._tell(proposal)
        self.changed.emit()


def _with(targets: Sequence[Target], number: int, chosen: str) -> tuple[Target, ...]:
    return (*targets[:number], targets[number]._replace(chosen=chosen), *targets[number + 1 :])


def column_letters(column: int) -> str:
    """The name of a column in a spreadsheet: 0 → A, 25 → Z, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
