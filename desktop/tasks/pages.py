"""What the room of tasks is made of: the list beside the page of a task, the board, or why there is neither."""

from collections.abc import Mapping

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.tasks.board import BoardView
from desktop.tasks.day import DayLine
from desktop.tasks.evidence import EvidencePanel
from desktop.tasks.files import Files
from desktop.tasks.filters import Filters
from desktop.tasks.page import TaskPage
from desktop.widgets import theme
from desktop.widgets.chips import Chips
from desktop.widgets.empty import EmptyPage
from desktop.widgets.fault import FaultPanel
from desktop.widgets.icons import icon
from desktop.widgets.rows import RowsView
from desktop.widgets.words import say
from sync.domain.catalogue import Indicator


class Pages(QStackedWidget):
    """One of `work`, which has the list, `board`, `empty` and `wait`."""

    def __init__(
        self, settings: QSettings, indicators: Mapping[str, Indicator], evidence: EvidencePanel, parent: QWidget
    ) -> None:
        super().__init__(parent)
        # From above downwards: Qt works out its style anew for all that hangs on what is hung elsewhere.
        self.work = QWidget(self)
        self.side = QFrame(self.work)
        self.filters_bar = Filters(settings, self.work)
        self.list = RowsView(say("tasks.list.name"))
        self.page = TaskPage(indicators, evidence, self.side)
        self.board, self.fault = BoardView(self), FaultPanel(self.work)
        self.done = theme.label("", "pill-good")
        self.done.hide()
        nothing = theme.label(say("tasks.list.nothing"), "muted")
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        nothing.setWordWrap(True)
        self.lists = QStackedWidget(self.work)
        self.lists.addWidget(self.list)
        self.lists.addWidget(nothing)
        left = QVBoxLayout()
        left.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        left.setSpacing(theme.px(10))
        left.addWidget(self.fault)
        left.addWidget(self.done, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.filters_bar)
        left.addWidget(self.lists, 1)
        self.side.setProperty("look", "side")
        inside = QVBoxLayout(self.side)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.page)
        row = QHBoxLayout(self.work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.side, 1)
        self.enter_code = theme.button(say("tasks.empty.unenrolled.open"), "primary")
        self.empty = EmptyPage(self.enter_code)
        self.again = theme.button(say("tasks.list.again"), "primary")
        self.wait = EmptyPage(self.again)
        for page in (self.work, self.board, self.empty, self.wait):
            self.addWidget(page)


class Header(QWidget):
    """As of which day everything is shown, and what may be done with all of it: `acts`, which stand below where the
    letters are large."""

    def __init__(self, as_of: DayLine, files: Files) -> None:
        super().__init__()
        beside = QHBoxLayout(self)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.px(8))
        label = theme.label(say("tasks.list.as_of"), "muted")
        label.setBuddy(as_of)
        as_of.setAccessibleName(say("tasks.list.as_of"))
        self.today = theme.button(say("tasks.list.today"), "link")
        self.today.hide()
        self.show_board = theme.button(say("tasks.board.open"))
        self.show_board.setIcon(icon("table", side=16))
        self.show_board.setCheckable(True)
        self.assign = theme.button(say("tasks.assign.open"), "primary")
        self.assign.setToolTip("Ctrl+N")
        self.acts = Chips()
        for widget in (label, as_of, self.today):
            beside.addWidget(widget)
        for button in (self.show_board, self.assign, files):
            if theme.is_large():
                self.acts.add(button)
            else:
                beside.addWidget(button)
        beside.addStretch(1)
