"""The room itself: the matrix of one quarter, the panel beside it, and the door for the steps that are taken."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.feed import Ear, Feed
from desktop.review.counting import NOTHING, Counted, Counter
from desktop.review.deciding import answer_edit, comment_edits, form_of, steps_over, steps_to_take
from desktop.review.marking import MarkingPage
from desktop.review.matrix import Matrix, Square, quarter_of
from desktop.review.panel import Panel
from desktop.review.table import MatrixTable
from desktop.review.unusual import unusual
from desktop.review.ways import Powers
from desktop.widgets import theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.stepper import PeriodStepper
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, DEADLINE, OWN_UNIT, UNIT, Key
from sync.domain.local_time import day_at
from sync.domain.periods import FIRST_YEAR, Frequency, Period, Regime, period_of
from sync.domain.values import CLEARED
from sync.domain.workflow import Remark, State, Status
from sync.store import ChangeSet, Shown, Store
from sync.store.comments import thread
from sync.store.submissions import Request, decide_between, take_steps

_LOOK_AFTER_MS: Final = 120
"""How long somebody stays at a form before its figures are looked at."""

_UNIT, _PANEL = 204, 340
"""Pixels at plain text size: the names of units, the panel."""
_BESIDE: Final = 900
"""Pixels of width from which the panel stands beside cells that are being marked."""

_PANEL_SHARE, _UNIT_SHARE = 0.36, 0.26
"""What the panel and the names have at most of the room's width: with large letters the matrix keeps the most."""


class ReviewRoom(QWidget):
    """Duyệt. `badge` counts the forms that wait for whoever decides here."""

    name = "review"
    go = Signal(object)
    badge = Signal(int)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        feed: Feed,
        clock: Callable[[], datetime],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._feed, self._clock = store, catalogue, feed, clock
        self._matrix: Matrix | None = None
        self._counter = Counter(self._decides, self)
        self._counted = NOTHING
        today = day_at(clock())
        current = period_of(today, Regime.ADMINISTRATIVE, Frequency.QUARTER)
        assert current is not None
        self._quarter = current
        self._ear = Ear(self, store, feed)
        self._look_soon = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._look_soon.timeout.connect(self._look_at_figures)
        self._build()
        self._connect()
        self._begin()

    # Building

    def _build(self) -> None:
        self.header = QWidget()
        beside = QHBoxLayout(self.header)
        beside.setContentsMargins(0, 0, 0, 0)
        self.period = PeriodStepper(FIRST_YEAR)
        beside.addWidget(self.period)
        beside.addStretch(1)
        self.table = MatrixTable()
        self.setFocusProxy(self.table)
        self.fault = FaultPanel()
        self.fault.hide()
        left = QVBoxLayout()
        left.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        left.setSpacing(theme.px(10))
        left.addLayout(self._bar())
        left.addWidget(self.fault)
        self._left = QStackedWidget()
        self._left.addWidget(self.table)
        left.addWidget(self._left, 1)
        self.panel = Panel(self._catalogue)
        side = self._side = QFrame()
        side.setProperty("look", "side")
        beside_table = QVBoxLayout(side)
        beside_table.setContentsMargins(0, 0, 0, 0)
        beside_table.addWidget(self.panel)
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(side)
        self._pages = QStackedWidget()
        self._pages.addWidget(work)
        self._empty = EmptyPage()
        self._pages.addWidget(self._empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()
        self._side.setFixedWidth(min(theme.px(_PANEL), round(self.width() * _PANEL_SHARE)))
        self.table.verticalHeader().setMaximumWidth(min(theme.px(_UNIT), round(self.width() * _UNIT_SHARE)))

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(theme.px(8))
        self.count = theme.label("", "muted")
        self.done = theme.label("", "pill-good")
        self.approve_clean = theme.button("")
        bar.addWidget(self.count)
        bar.addWidget(self.done)
        bar.addStretch(1)
        bar.addWidget(self.approve_clean)
        for widget in (self.done, self.approve_clean):
            widget.hide()
        return bar

    def _connect(self) -> None:
        self._ear.heard.connect(self._refresh)
        self._ear.moved.connect(self._begin)
        self._counter.counted.connect(self._show_count)
        self.period.stepped.connect(self._go_to)
        self.table.turned.connect(self._show_square)
        self.table.activated.connect(self._open_square)
        self.table.chosen.connect(self._choose_by_key)
        self.table.marked.connect(self._mark)
        self.panel.taken.connect(self._take)
        self.panel.chosen.connect(self._choose_decision)
        self.panel.marked.connect(self._mark)
        self.panel.opened.connect(self._open_form)
        self.panel.said.connect(self._say)
        self.panel.withdrawn.connect(self._withdraw)
        self.panel.answered.connect(self._answer)
        self.approve_clean.clicked.connect(self._approve_clean)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self._go_on)

    @Slot()
    def _begin(self) -> None:
        """Read the matrix of the unit that this device works for."""
        unit = self._unit = self._ear.unit
        self._powers = Powers(self._store, self._catalogue, unit)
        self._matrix = None if unit == OWN_UNIT else Matrix(self._store, self._catalogue, unit, self._quarter)
        self._show_all()

    # What is shown

    def show_place(self, place: Place) -> None:
        """A unit's form in a period, or the matrix."""
        if place.period:
            self._quarter = quarter_of(Period.parse(place.period))
            self._begin()
        self._leave_marking()
        self.table.choose(place.unit, place.form, place.period)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ear.soon()

    def _show_all(self) -> None:
        self.period.show_period(self._quarter)
        matrix = self._matrix
        has_any = matrix is not None and bool(matrix.units) and bool(matrix.columns)
        self._pages.setCurrentIndex(0 if has_any else 1)
        why = "unenrolled" if matrix is None else "nothing"
        self._empty.say(say(f"review.empty.{why}.title"), say(f"review.empty.{why}.text"))
        if matrix is not None and has_any:
            self.table.show_matrix(matrix, self._clock())
        self._count()

    def _count(self) -> None:
        """Until the count is whole, nothing is offered of the one before, which may be of another quarter."""
        if not self._counter.begin(self._matrix):
            self._offer_none()
            self.count.setText(say("review.bar.counting"))

    def _offer_none(self) -> None:
        self._counted = NOTHING
        self.approve_clean.hide()

    @Slot(object)
    def _show_count(self, counted: Counted) -> None:
        self._counted = counted
        approved, forms, waiting = counted.approved, counted.forms, len(counted.waiting)
        self.count.setText(say("review.bar.count", approved=approved, forms=forms, waiting=waiting))
        self.approve_clean.setVisible(len(counted.clean) > 1)
        self.approve_clean.setText(say("review.bar.approve_clean", count=len(counted.clean)))
        self.badge.emit(waiting)

    def square(self) -> Square | None:
        """The chosen one."""
        return self.table.square()

    @Slot()
    def _show_square(self) -> None:
        square = self.square()
        if square is None or self._matrix is None:
            self.panel.show_nothing()
            return
        cells, said = dict(self._matrix.cells(square)), thread(self._store, form_of(square))
        heard = said, self._store.author()
        ways = self._powers.ways(square)
        self.panel.show_square(square, cells, ways, heard, self._clock())
        if self._is_marking:
            self._show_marking(square, cells)
        self._look_soon.start()

    @Slot()
    def _look_at_figures(self) -> None:
        """What is unusual is looked for once somebody stays: it reads the unit's past, and its peers."""
        square = self.square()
        if square is None or self._matrix is None:
            return
        peers = [one.key for one in self._matrix.units if one.kind in square.column.form.unit_kinds]
        cells = self._matrix.cells(square)
        self.panel.show_unusual(square, unusual(self._store, self._catalogue, square, cells, peers))

    def _decides(self, square: Square) -> bool:
        return self._powers.decides(square)

    @cached_property
    def marking(self) -> MarkingPage:
        """Made when somebody marks: the matrix is there sooner."""
        page = MarkingPage(self._store, self._catalogue)
        page.returned.connect(self._return)
        page.left.connect(self._leave_marking)
        self._left.addWidget(page)
        return page

    @property
    def _is_marking(self) -> bool:
        return self._left.currentWidget() is not self.table

    @Slot()
    def _mark(self) -> None:
        """Say of single cells why the form comes back."""
        square = self.square()
        if square is not None and self._matrix is not None and State.RETURNED in self.panel.steps:
            self.marking.show_form(square, self._matrix.cells(square), may_return=True)
            self._turn_left(self.marking)
            self.marking.setFocus()

    def _show_marking(self, square: Square, cells: Mapping[Key, Shown]) -> None:
        """What has come meanwhile; nobody is led to another form in the midst of a word."""
        if square.submission.key == self.marking.key:
            self.marking.show_form(square, cells, may_return=State.RETURNED in self.panel.steps)
        else:
            self._leave_marking()

    @Slot()
    def _leave_marking(self) -> None:
        self._turn_left(self.table)
        self.table.setFocus()

    def _turn_left(self, page: QWidget) -> None:
        self._left.setCurrentWidget(page)
        self._make_room()

    def _make_room(self) -> None:
        """With large letters, what is being marked has the place of the panel."""
        self._side.setVisible(not self._is_marking or self.width() >= theme.px(_BESIDE))

    # The steps

    @Slot(object)
    def _return(self, status: Status) -> None:
        """Return the form with what is said of its cells: one step."""
        square = self.square()
        if square is not None and self._record([square], status.state, status.comment, status.remarks):
            self.marking.forget_draft()
            self._leave_marking()

    @Slot(object, str)
    def _take(self, step: State, comment: str) -> None:
        square = self.square()
        if self._is_marking and step is State.RETURNED:
            # Beside what is marked and written there, which nobody means to leave behind.
            self.marking.send_it(comment)
        elif square is not None:
            self._record([square], step, comment)

    @Slot()
    def _approve_clean(self) -> None:
        if self._record(self._counted.clean, State.APPROVED, ""):
            self._offer_none()  # until that is counted: people click twice

    @Slot(str)
    def _say(self, words: str) -> None:
        """Comment on the whole form."""
        square = self.square()
        if square is not None:
            self._keep(comment_edits(square, words, self._clock()))

    @Slot(object)
    def _withdraw(self, comment: Key) -> None:
        self._keep([(comment, CLEARED)])

    @Slot(object, bool, str)
    def _answer(self, request: Request, takes: bool, words: str) -> None:
        square = self.square()
        if square is not None:
            steps = steps_to_take(square, words) if takes else []
            answer, author = answer_edit(request, words, takes=takes), self._store.author()
            self._do(lambda: take_steps(self._store, steps, author, self._clock(), [answer]), "")

    @Slot(str)
    def _choose_decision(self, decision: str) -> None:
        """Let one of two decisions stand."""
        square = self.square()
        if square is not None:
            author, at = self._store.author(), self._clock()
            words = say(f"review.done.{Status.of(decision).state}", unit=square.unit.name)
            self._do(lambda: decide_between(self._store, square.submission, decision, author, at), words)

    def _keep(self, edits: Sequence[tuple[Key, str]]) -> None:
        self._do(lambda: self._store.record_changes(edits, self._store.author(), self._clock()), "")

    def _do(self, work: Callable[[], ChangeSet], words: str) -> bool:
        """Have it kept, and say so where there are `words` for it. Whether it is kept."""
        try:
            changes = work()
        except EnvironmentFault as fault:
            self.fault.show_fault(fault)
            return False
        self.fault.hide()
        self.panel.forget_words()
        if words:
            self.done.setText(words)
            self.done.show()
        self._feed.changed.emit(changes)
        return True

    def _record(self, squares: Sequence[Square], step: State, comment: str, remarks: tuple[Remark, ...] = ()) -> bool:
        steps, author = steps_over(squares, step, comment, remarks), self._store.author()
        unit = squares[0].unit.name if len(squares) == 1 else ""
        words = say(f"review.done.{step}", unit=unit) if unit else say("review.done.many", count=len(squares))
        return self._do(lambda: take_steps(self._store, steps, author, self._clock()), words)

    # Slots

    @Slot(object)
    def _refresh(self, touched: set[Key]) -> None:
        if any(key.kind in (UNIT, DEADLINE, CLOSING) for key in touched):
            self._begin()
        elif self._matrix is not None:
            self._matrix.touch(touched)
            if self.isVisible():
                self._show_all()
            else:
                self._count()

    @Slot(object)
    def _go_to(self, quarter: Period) -> None:
        self._quarter = quarter
        self._begin()

    @Slot(QModelIndex)
    def _open_square(self, index: QModelIndex) -> None:
        square = self.square()
        if square is not None:
            self._open_form(square.submission.key)

    @Slot(object)
    def _open_form(self, key: Key) -> None:
        self.go.emit(Place("entry", key.unit, key.item, key.period))

    @Slot(int)
    def _choose_by_key(self, number: int) -> None:
        if self.panel.between is not None:
            self.panel.between.choose(number)

    @Slot()
    def _go_on(self) -> None:
        """Ctrl+Enter approves the form, or submits it; to take back what was decided is never the next step."""
        step = next((one for one in (State.APPROVED, State.SUBMITTED) if one in self.panel.steps), None)
        if step is not None and not self._is_marking:
            self.panel.ask(step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Backspace returns the form. It is no shortcut: that would come before a line in which somebody writes,
        where the same keys delete a word."""
        returns = event.key() == Qt.Key.Key_Backspace and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if not returns:
            super().keyPressEvent(event)
        elif self._is_marking:
            self.marking.send_it()
        else:
            self.panel.ask(State.RETURNED)
