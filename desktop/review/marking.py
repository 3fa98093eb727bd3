"""A form about to be returned: its cells, those that are marked each with a reason, and what will go out."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.review.lines import LineModel, lines
from desktop.review.matrix import Square
from desktop.review.panel import MOST_COMMENT
from desktop.widgets import formats, theme
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.text import nfc
from sync.domain.workflow import MAX_REMARKS, MAX_WHY, State, Status, is_reason, said_as_reason
from sync.store import Shown, Store

_ASIDE: Final = "returning"
_WIDTHS: Final = ((72, 1.0), (210, 0.26), (90, 1.0), (140, 0.18))
"""Pixels at plain text size, and the share of the list that a column has at most; what is said takes what is left."""

_SUMMARY, _SUMMARY_SHARE = 96, 0.13
"""Pixels of what will go out, and its share of the page at most; more of it is scrolled to."""

_LOW: Final = 520
"""Pixels of height below which there is no room for the hint."""


class _Table(QTableView):
    """Enter, F2 or two clicks `asked` to say why, Delete to say nothing of what is chosen."""

    asked = Signal()
    cleared = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and not event.modifiers():
            self.asked.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.cleared.emit()
        else:
            super().keyPressEvent(event)


class MarkingPage(QWidget):
    """`returned` carries the Status to be recorded; `left` that nothing was. What is marked in a form and was not sent
    is kept for the next time, for the next start too."""

    returned = Signal(object)
    left = Signal()

    def __init__(self, store: Store, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._catalogue = store, catalogue
        self.key: Key | None = None
        """The status cell of the form that is shown."""
        self._drafts: dict[Key, str] = {Key(*key): said for *key, said in json.loads(store.aside(_ASIDE) or "[]")}
        self.model = LineModel(self)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.title = theme.label("", "section")
        self.title.setWordWrap(True)
        self.hint = theme.label(say("review.marking.hint"), "muted")
        self.hint.setWordWrap(True)
        self.table = _Table()
        self.table.setProperty("look", "list")
        self.table.setModel(self.model)
        self.table.setAccessibleName(say("review.marking.table"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(30))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.why = QLineEdit()
        self.why.setMaxLength(MAX_WHY)
        self.why.setAccessibleName(say("review.marking.why"))
        self.mark = theme.button(say("review.marking.mark"))
        self.clear = theme.button(say("review.marking.clear"))
        self.caution = theme.label(say("review.marking.caution"), "small")
        self.caution.setWordWrap(True)
        self.wrong = theme.label("", "pill-warning")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        said = QHBoxLayout()
        said.setSpacing(theme.px(8))
        said.addWidget(self.why, 1)
        said.addWidget(self.mark)
        said.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        for widget in (self.title, self.hint):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addLayout(said)
        column.addWidget(self.caution)
        column.addWidget(self.wrong)
        column.addWidget(self._going_out())
        self.setFocusProxy(self.table)

    def _going_out(self) -> QFrame:
        """What is sent if the form is returned now."""
        card = QFrame()
        card.setProperty("look", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(12))
        column.setSpacing(theme.px(6))
        self.summary = theme.label("")
        self.summary.setWordWrap(True)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = self._scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.summary)
        for widget in (self.summary, scroll.viewport()):
            widget.setAutoFillBackground(False)
        self.comment = QLineEdit()
        self.comment.setMaxLength(MOST_COMMENT)
        self.comment.setPlaceholderText(say("review.marking.comment"))
        self.comment.setAccessibleName(say("review.marking.comment"))
        self.send = theme.button(say("review.marking.send"), "primary")
        self.leave = theme.button(say("review.marking.leave"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.comment, 1)
        row.addWidget(self.send)
        row.addWidget(self.leave)
        column.addWidget(scroll)
        column.addLayout(row)
        return card

    def _connect(self) -> None:
        self.table.asked.connect(self._begin_saying)
        self.table.doubleClicked.connect(self._begin_saying)
        self.table.cleared.connect(self._clear)
        self.table.selectionModel().selectionChanged.connect(self._show_chosen)
        self.model.dataChanged.connect(self._show_going_out)
        self.model.modelReset.connect(self._show_going_out)
        self.why.returnPressed.connect(self._say_why)
        self.why.textChanged.connect(self._say_nothing_wrong)
        self.mark.clicked.connect(self._say_why)
        self.clear.clicked.connect(self._clear)
        self.comment.textChanged.connect(self._show_going_out)
        self.send.clicked.connect(self._send)
        self.leave.clicked.connect(self.left)
        self.comment.returnPressed.connect(self._send)
        QShortcut(QKeySequence("Esc"), self, self._leave, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # What is shown

    def show_form(self, square: Square, cells: Mapping[Key, Shown], *, may_return: bool) -> None:
        """Show a form, or what has come to it meanwhile: what is marked and written stays."""
        sees = self._store.sees or (lambda _: True)
        found = lines(square, cells, self._catalogue, sees)
        if self.key != square.submission.key:
            self._keep_draft()
            self.key = square.submission.key
            self._take_draft()
            self.why.clear()
        form, period = square.column.form.name.text(language()), formats.period(square.column.period.code)
        self.title.setText(say("review.marking.title", form=form, period=period, unit=square.unit.name))
        if may_return and not self.send.isEnabled():
            self._say_nothing_wrong()
        self.send.setEnabled(may_return)
        self.model.show_lines(found)
        self._show_going_out()
        if not may_return:
            self._say_wrong(say("review.marking.closed" if square.is_closed else "review.marking.decided"))
        if not self.table.currentIndex().isValid() and found:
            self._choose_first()

    def _choose_first(self) -> None:
        """The first cell that stands out, else the first."""
        standing = (row for row, line in enumerate(self.model.lines) if line.standing_out)
        index = self.model.index(next(standing, 0), 0)
        chosen = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, chosen)
        self._show_chosen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, (width, share) in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, min(theme.px(width), round(self.width() * share)))
        self._scroll.setFixedHeight(min(theme.px(_SUMMARY), round(self.height() * _SUMMARY_SHARE)))
        self._make_room()

    def _make_room(self) -> None:
        """Where there is little height the list has the place of the hint, and what is wrong that of what goes out."""
        is_low = self.height() < theme.px(_LOW)
        self.hint.setVisible(not is_low)
        self._scroll.setVisible(not is_low or self.wrong.isHidden())

    @Slot()
    def _show_chosen(self) -> None:
        """What is said of the chosen cells already stands in the line."""
        rows = self._rows()
        said = {self.model.why.get(self.model.lines[row].figure, "") for row in rows}
        if not self.why.hasFocus() and not self._is_unsaid():
            self.why.setText(said.pop() if len(said) == 1 else "")
        self.why.setPlaceholderText(say("review.marking.write", count=len(rows)))
        self.why.setEnabled(bool(rows))
        self.mark.setEnabled(bool(rows))
        self.clear.setEnabled(any(self.model.lines[row].figure in self.model.why for row in rows))
        self.caution.setVisible(not all(self.model.lines[row].is_public for row in rows))

    @Slot()
    def _show_going_out(self) -> None:
        status = self.status()
        told = [say("review.marking.nothing")]
        if status.remarks:
            told = [say("review.marking.out", count=len(status.remarks))]
            told += [say("widgets.step.remark", cell=", ".join(cells), why=why) for why, cells in self.model.alike()]
        self.summary.setText("\n".join(told))
        self._show_chosen()

    def status(self) -> Status:
        """What is recorded if the form is returned now."""
        return Status(State.RETURNED, "", nfc(self.comment.text()).strip(), self.model.remarks())

    def _rows(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def _say_wrong(self, words: str) -> None:
        self.wrong.setText(words)
        self.wrong.show()
        self._make_room()

    @Slot()
    def _say_nothing_wrong(self) -> None:
        self.wrong.hide()
        self._make_room()

    # What is marked

    @Slot()
    def _begin_saying(self) -> None:
        if self.why.isEnabled():
            self.why.setFocus()
            self.why.selectAll()

    @Slot()
    def _say_why(self) -> None:
        """Say it of all that are chosen, and give the keys back to the list."""
        why, rows = said_as_reason(self.why.text()), self._rows()
        if why and not is_reason(why):
            self._say_wrong(say("review.marking.too_long", most=MAX_WHY))
            return
        marked = {self.model.lines[row].figure for row in rows} | set(self.model.why)
        if why and len(marked) > MAX_REMARKS:
            self._say_wrong(say("review.marking.too_many", most=MAX_REMARKS))
            return
        self.table.setFocus()
        self.why.setModified(False)
        self.model.mark(rows, why)
        self._keep_draft()

    @Slot()
    def _clear(self) -> None:
        self.table.setFocus()
        self.why.clear()
        self.model.mark(self._rows(), "")
        self._keep_draft()

    def _is_unsaid(self) -> bool:
        """Whether words stand in the line that were said of no cell yet."""
        return self.why.isModified() and bool(self.why.text().strip())

    @Slot()
    def _send(self) -> None:
        self.send_it()

    def send_it(self, beside: str = "") -> None:
        """Return the form, with what was written `beside` this page; nobody is returned one without a reason, of a cell
        or of the whole, and no words are left behind."""
        status = self.status()
        status = status._replace(comment=" · ".join(filter(None, (status.comment, beside))))
        if not self.send.isEnabled():
            return
        if self._is_unsaid():
            self._say_wrong(say("review.marking.unsaid"))
            self.why.setFocus()
            return
        if not status.remarks and not status.comment:
            self._say_wrong(say("review.marking.no_reason"))
            self.table.setFocus()
            return
        self.returned.emit(status)

    @Slot()
    def _leave(self) -> None:
        """From the line to the list, and from there to the matrix."""
        if self.why.hasFocus() or self.comment.hasFocus():
            self.table.setFocus()
        else:
            self.left.emit()

    # What is not sent yet

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._say_nothing_wrong()
        self._keep_draft()

    def forget_draft(self) -> None:
        """It is sent."""
        self.model.why.clear()
        self.comment.clear()
        self._keep_draft()

    def _take_draft(self) -> None:
        kept = Status.of(self._drafts[self.key]) if self.key in self._drafts else Status(State.RETURNED)
        assert self.key is not None
        unit, period = self.key.unit, self.key.period
        self.model.why = {Key(VALUE, unit, item, period, part): why for item, part, why in kept.remarks}
        self.comment.setText(kept.comment)

    def _keep_draft(self) -> None:
        if self.key is None:
            return
        status = self.status()
        if status == Status(State.RETURNED):
            self._drafts.pop(self.key, None)
        else:
            self._drafts[self.key] = status.content()
        written = json.dumps([[*key, said] for key, said in self._drafts.items()]) if self._drafts else ""
        if written != self._store.aside(_ASIDE):
            # On a full disk it stays on the screen.
            with suppress(EnvironmentFault):
                self._store.keep_aside(_ASIDE, written)
