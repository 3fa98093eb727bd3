"""Two decisions over one form as one: who made which and when, what each says, and the key that lets it stand."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from desktop.widgets import formats, theme
from desktop.widgets.decisions import Decision
from desktop.widgets.naming import in_short
from desktop.widgets.words import say
from sync.domain.authors import name_of


class Between(QWidget):
    """`chosen` carries the content of a decision. `told` are the decisions, each with what it says of single cells;
    with `refused` the first stands, and the last came after it."""

    chosen = Signal(str)

    def __init__(
        self,
        told: Sequence[tuple[Decision, Sequence[str]]],
        now: datetime,
        *,
        refused: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._contents = [decision.content for decision, _ in told]
        self.buttons: dict[int, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        words = theme.label(say(f"review.between.{'refused' if refused else 'waiting'}"), "strong")
        words.setWordWrap(True)
        column.addWidget(words)
        for number, (decision, remarks) in enumerate(told):
            word = ("late" if number == len(told) - 1 else "standing") if refused else "open"
            column.addWidget(self._box(number, decision, remarks, word, now))

    def _box(self, number: int, decision: Decision, remarks: Sequence[str], word: str, now: datetime) -> QFrame:
        box = QFrame()
        box.setProperty("look", "note-plain" if word == "standing" else "note-conflict")
        column = QVBoxLayout(box)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        column.setSpacing(theme.px(2))
        author = name_of(decision.author) or say("review.panel.this_pc")
        at = formats.near(decision.typed_at, now)
        lines = [(in_short(decision.content), "strong"), *((remark, "") for remark in remarks)]
        lines.append((say(f"review.between.{word}", author=author, at=at), "small"))
        if decision.bar:
            lines.append((say(f"review.between.{decision.bar}"), "small"))
        for text, look in lines:
            label = theme.label(text, look)
            label.setWordWrap(True)
            column.addWidget(label)
        if not decision.bar:
            key = "keep" if word == "standing" else "choose"
            button = theme.button(say(f"review.between.{key}", number=number + 1))
            button.setAccessibleDescription(in_short(decision.content))
            button.setProperty("number", number)
            button.clicked.connect(self._pressed)
            self.buttons[number] = button
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return box

    def choose(self, number: int) -> None:
        """Let a decision stand, if it can be chosen here."""
        if number in self.buttons:
            self.chosen.emit(self._contents[number])

    @Slot()
    def _pressed(self) -> None:
        self.choose(self.sender().property("number"))
