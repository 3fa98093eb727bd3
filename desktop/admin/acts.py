"""What an administrator does: as an order to the centre or as typed, what comes of it, and what takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.keys import Key


@dataclass(frozen=True)
class Act:
    """`what` is an order that says `said`, done at once by the centre; with `edits` it is typed as all else is, needs
    no line, and is judged by its author.

    `told` names the sentence afterwards. `effect` says what comes of it before it is done, "" where that is plain.
    `back` takes an order back, None where nothing does; what is typed is taken back by what stood there before.
    """

    what: str
    said: Mapping[str, object] = field(default_factory=dict)
    edits: tuple[tuple[Key, str], ...] = ()
    told: str = ""
    effect: str = ""
    back: "Act | None" = None


class Sure(QFrame):
    """What would come of an act, and whether it shall; hidden until `ask`. `agreed` carries the act."""

    agreed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act: Act | None = None
        self.setProperty("look", "note-warning")
        self.text = theme.label("")
        self.text.setWordWrap(True)
        self.yes, self.no = theme.button(say("admin.sure.yes"), "primary"), theme.button(say("admin.sure.no"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(10))
        row.addWidget(self.text, 1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.hide)
        self.hide()

    def ask(self, act: Act) -> None:
        """Show what would come of it."""
        self._act = act
        self.text.setText(act.effect)
        self.setAccessibleName(act.effect)
        self.yes.setAccessibleDescription(act.effect)
        self.show()
        self.yes.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _agree(self) -> None:
        self.hide()
        act, self._act = self._act, None
        if act is not None:
            self.agreed.emit(act)
