"""What makes a PC one of the centre's: its address and the code that an officer gave, over a line or by file."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.errand import Errand
from desktop.widgets.fault import FaultPanel
from desktop.widgets.joining import ByFile, JoinByFile
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault

Enrol = Callable[[str, str], None]
"""Enrols with a server address and a code; runs off the GUI thread. Without a code the centre has only moved.

Raises EnvironmentFault.
"""


class EnrolForm(QWidget):
    """Asks for address and code and enrols without freezing the window; what follows is the caller's of `enrol`.

    Where the PC never belonged to a centre, it may also go `by_file`, which `joined` tells of.
    """

    joined = Signal()

    def __init__(
        self,
        enrol: Enrol,
        server: str = "",
        parent: QWidget | None = None,
        *,
        may_move: bool = False,
        by_file: ByFile | None = None,
    ) -> None:
        super().__init__(parent)
        self._enrol = enrol
        # A PC that is enrolled may follow its centre to another address without a code.
        self._moves_from = server if may_move else None
        self._errand = Errand(self)
        self._server, self._code = QLineEdit(server), QLineEdit()
        self._server.setPlaceholderText(say("widgets.enrol.server_example"))
        self._code.setPlaceholderText(say("widgets.enrol.code_example"))
        self._button = theme.button(say("widgets.enrol.button"), "primary")
        self.fault = FaultPanel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        code = "code_or_move" if may_move else "code"
        for name, field in (("server", self._server), (code, self._code)):
            label = theme.label(say(f"widgets.enrol.{name}"), "small")
            label.setBuddy(field)
            field.setAccessibleName(label.text())
            column.addWidget(label)
            column.addWidget(field)
            column.addSpacing(theme.px(4))
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.fault)
        self.by_file = JoinByFile(by_file, self._typed) if by_file else None
        if self.by_file is not None:
            column.addSpacing(theme.px(8))
            column.addWidget(self.by_file)
        self.setFocusProxy(self._server)
        self._connect()

    def _connect(self) -> None:
        self._button.clicked.connect(self._start)
        self._code.returnPressed.connect(self._start)
        self._server.textChanged.connect(self._ready)
        self._code.textChanged.connect(self._ready)
        self._errand.done.connect(self._enrolled)
        self._errand.failed.connect(self.show_fault)
        if self.by_file is not None:
            self._code.textChanged.connect(self.by_file.allow)
            self.by_file.joined.connect(self.joined)
            self.by_file.failed.connect(self._by_file_failed)
        self._ready()

    def _typed(self) -> tuple[str, str]:
        return self._server.text().strip(), self._code.text().strip()

    @Slot()
    def _ready(self) -> None:
        server, code = self._typed()
        moves = self._moves_from is not None and server != self._moves_from
        self._button.setEnabled(bool(server and (code or moves)))

    @Slot()
    def _start(self) -> None:
        if not self._button.isEnabled():
            return
        self._busy(True)
        self.fault.hide()
        self._errand.run(partial(self._enrol, *self._typed()))

    @Slot(object)
    def _enrolled(self, _nothing: object) -> None:
        self._busy(False)
        self._code.clear()

    @Slot(object)
    def show_fault(self, fault: EnvironmentFault) -> None:
        """Say why enrolling did not work, and let the person try again."""
        self._busy(False)
        self.fault.show_fault(fault)

    @Slot(object)
    def _by_file_failed(self, fault: EnvironmentFault | None) -> None:
        if fault is None:
            self.fault.hide()
        else:
            self.fault.show_fault(fault)

    def _busy(self, busy: bool) -> None:
        for field in (self._server, self._code):
            field.setReadOnly(busy)
        self._button.setText(say("widgets.enrol.under_way" if busy else "widgets.enrol.button"))
        self._ready()
        if busy:
            self._button.setEnabled(False)
