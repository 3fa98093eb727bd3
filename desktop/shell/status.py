"""The status bar: the connection in words, what waits, the last receipt, and the two things a person may do."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QWidget

from desktop.widgets import formats, marks, theme
from desktop.widgets.marks import Mark
from desktop.widgets.switch import Switch
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault

if TYPE_CHECKING:  # the sync client is loaded after the first paint
    from sync.client.loop import Status

HEIGHT: Final = 30
QUIET: Final = ("server_unreachable", "server_timeout")
"""Faults that are a village's normal state: no line at the moment."""


class _Dot(QWidget):
    """Filled while there is a line, hollow without one: the words beside it say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.mark = Mark.SAVED
        self.setFixedSize(theme.px(10), theme.px(10))

    def paintEvent(self, event: QPaintEvent) -> None:
        marks.draw_mark(QPainter(self), QPointF(self.width() / 2, self.height() / 2), self.mark)


class StatusBar(QFrame):
    """`clock` gives the time now, for words such as yesterday."""

    sync_now = Signal()
    offline_chosen = Signal(bool)
    fault_asked = Signal(object)

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._fault: EnvironmentFault | None = None
        self._waits = 0
        self.setProperty("look", "status")
        self.setAccessibleName(say("shell.status.name"))
        self.setFixedHeight(theme.px(HEIGHT))
        self._dot = _Dot()
        self._phase = theme.label("", "small-strong")
        self._problem = theme.button("", "link")
        self._problem.setToolTip(say("shell.status.problem_tip"))
        self._detail = theme.label("", "small")
        self._waiting = theme.label("", "small")
        self._receipt = theme.label("", "small")
        self._person = theme.label("", "small")
        self._now = theme.button(say("shell.status.sync_now"), "link")
        self._now.setToolTip(say("shell.status.sync_now_tip"))
        self._offline = Switch(say("shell.status.work_offline"))
        self._offline.setToolTip(say("shell.status.work_offline_tip"))
        self._lay_out()
        self._problem.clicked.connect(self._ask_fault)
        self._now.clicked.connect(self.sync_now)
        self._offline.clicked.connect(self.offline_chosen)
        self._problem.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(20), 0, theme.px(16), 0)
        row.setSpacing(theme.px(6))
        left: tuple[QWidget, ...] = (self._dot, self._phase, self._problem, self._detail)
        right: tuple[QWidget, ...] = (self._person, self._now, self._offline)
        for widget in left:
            row.addWidget(widget)
        for label in (self._waiting, self._receipt):
            row.addSpacing(theme.px(14))
            row.addWidget(label)
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)
        # What does not fit is left out: the line must not widen the window.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row = row

    def show_phase(self, phase: str, detail: str = "") -> None:
        """Say where the connection stands; `phase` is a word of shell.phase."""
        self._fault = None
        self._say(say(f"shell.phase.{phase}.word"), detail, Mark.RECEIVED if phase == "online" else Mark.SAVED)

    def show_status(self, status: "Status") -> None:
        """Say what the sync loop reports."""
        now = self._clock()
        if status.fault is None or status.fault.code in QUIET:
            phase = "waiting_for_line" if status.fault else str(status.phase)
            since = status.last_success if phase == "online" else status.since
            detail = say(f"shell.phase.{phase}.since", time=formats.near(since, now)) if since else ""
            self.show_phase(phase, detail)
            if phase == "online" and status.summary and status.summary.clock_is_wrong:
                # The sync is well; the dates that people read are not.
                self._fault = EnvironmentFault("clock_wrong")
                self._say(say("errors.clock_wrong.title"), detail, Mark.WARNING)
            return
        minutes = max(1, round((status.next_try_s or 0) / 60))
        self._fault = status.fault
        title = say(f"errors.{status.fault.code}.title")
        self._say(title, say("shell.status.next_try", count=minutes), Mark.WARNING)

    def _say(self, word: str, detail: str, mark: Mark) -> None:
        self._phase.setText(word)
        self._problem.setText(word)
        self._phase.setVisible(self._fault is None)
        self._problem.setVisible(self._fault is not None)
        self._detail.setText(detail)
        self._dot.mark = mark
        self._dot.update()
        self._make_room()

    def show_counts(self, waiting: int, receipt: datetime | None) -> None:
        """Say how many changes wait to be sent, and when the centre last received some."""
        self._waits = waiting
        near = formats.near(receipt, self._clock()) if receipt else ""
        self._receipt.setText(say("shell.status.receipt", time=near) if receipt else "")
        self._make_room()

    def show_person(self, name: str) -> None:
        self._person.setText(name)
        self._make_room()

    def show_offline(self, chosen: bool) -> None:
        """Set the switch without choosing."""
        self._offline.setChecked(chosen)

    def allow_sync(self, possible: bool) -> None:
        """Offer the button and the switch only where there is a centre to sync with."""
        self._now.setVisible(possible)
        self._offline.setVisible(possible)
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme.px(HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leave out the least needed words, in this order, where the line is too short for all."""
        if not self.isVisible():
            return  # until it is shown, its width is not its own
        spare = (self._person, self._receipt, self._detail)
        for label in spare:
            label.setVisible(bool(label.text()))
        none = say("shell.status.none_waiting")
        self._waiting.setText(say("shell.status.waiting", count=self._waits) if self._waits else none)
        for label in spare:
            if self._needed() <= self.width():
                return
            label.hide()
        if self._waits and self._needed() > self.width():
            self._waiting.setText(say("shell.status.waiting_short", count=self._waits))

    def _needed(self) -> int:
        self._row.invalidate()
        return self._row.sizeHint().width()

    @Slot()
    def _ask_fault(self) -> None:
        self.fault_asked.emit(self._fault)
