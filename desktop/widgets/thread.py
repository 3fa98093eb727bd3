"""What was said of one cell or one form, each comment with who said it, when, and how far it has come."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.widgets import formats, theme
from desktop.widgets.marks import Mark, MarkView, mark_word
from desktop.widgets.words import say
from sync.domain.authors import id_of, name_of
from sync.domain.keys import Key
from sync.store import CellState
from sync.store.comments import Comment


class Thread(QWidget):
    """`comments` in typed order, as `author` sees them at `now`, then what is on the screen only (`unsaved`).

    `withdrawn` carries the key of the one that its author takes back. `nothing` is said where there is none.
    """

    withdrawn = Signal(object)

    def __init__(
        self,
        comments: Sequence[Comment],
        author: str,
        now: datetime,
        nothing: str,
        unsaved: Iterable[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.px(8))
        for comment in comments:
            cell = comment.cell
            who = name_of(cell.author) or say("widgets.comment.this_device")
            mine = id_of(cell.author) in (id_of(author), "")
            mark = Mark(cell.state.name.lower())
            state = formats.reason(cell.reason) if cell.state is CellState.PARKED else mark_word(mark)
            dot = MarkView(mark)
            dot.setToolTip(state)
            dot.setAccessibleName(state)
            head = say("widgets.comment.head", author=who, at=formats.near(cell.typed_at, now))
            waits = state if mine and cell.state is not CellState.RECEIVED else ""
            self._add(head, comment.text, waits, dot, cell.key if mine else None)
        for text in unsaved:
            self._add(say("widgets.comment.unsaved"), text)
        if not self._rows.count():
            self._rows.addWidget(_wrapped(nothing, "muted"))

    def _add(self, head: str, text: str, state: str = "", dot: MarkView | None = None, own: Key | None = None) -> None:
        """Add one comment; with a link where it is one's `own` to withdraw."""
        box, row = QVBoxLayout(), QHBoxLayout()
        box.setSpacing(theme.px(1))
        row.setSpacing(theme.px(6))
        if dot is not None:
            row.addWidget(dot, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(_wrapped(head, "small"), 1)
        if own is not None:
            take_back = theme.button(say("widgets.comment.withdraw"), "link")
            take_back.setProperty("comment", own)
            take_back.clicked.connect(self._withdraw)
            row.addWidget(take_back)
        said = _wrapped(text)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.addLayout(row)
        box.addWidget(said)
        if state:
            box.addWidget(_wrapped(state, "small"))
        self._rows.addLayout(box)

    @Slot()
    def _withdraw(self) -> None:
        self.withdrawn.emit(Key(*self.sender().property("comment")))


def _wrapped(text: str, look: str = "") -> QLabel:
    made = theme.label(text, look)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made
