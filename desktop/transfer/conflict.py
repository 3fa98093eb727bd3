"""One conflict as a card: what stood before, what each side says, who and when, and the keys that decide."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.widgets import formats, theme
from desktop.widgets.chips import Chips
from desktop.widgets.naming import in_short
from desktop.widgets.words import say
from sync.domain.authors import name_of
from sync.domain.keys import STATUS, VALUE, Key
from sync.domain.values import ContentError, Value
from sync.store import Entry, Shown

MOST_REASON: Final = 500
"""Letters of a reason."""

_ASK: Final = Qt.Key.Key_H
_STEPS: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_BUTTON_LETTERS: Final = 24
_BESIDE: Final = 3
"""Sides that stand beside each other; more go on below."""


class Side(NamedTuple):
    """One of the values that stand: its content, who typed it, and when."""

    content: str
    author: str
    typed_at: datetime


class OverForm(NamedTuple):
    """What a card tells of decisions over a form: what each says of single cells, in lines, and why some of them cannot
    be chosen here, both by content; the last side was `refused` where that is set, and the first stands."""

    remarks: Mapping[str, Sequence[str]] = MappingProxyType({})
    barred: Mapping[str, str] = MappingProxyType({})
    refused: bool = False


OF_A_CELL: Final = OverForm()
"""Of what is no decision over a form there is no more to tell."""


class Decision(NamedTuple):
    """What a person chose for a cell: a content, and why where it is another unit's figure."""

    key: Key
    content: str
    reason: str


def sides_of(shown: Shown) -> list[Side]:
    """What is displayed, then its rivals."""
    rivals = [Side(rival.content, rival.author, rival.typed_at) for rival in shown.rivals]
    return [Side(shown.content, shown.author, shown.typed_at), *rivals]


def with_reason(content: str, reason: str) -> str:
    """The content that says `reason` beside the chosen figure; what has no place for one stays as it is."""
    try:
        value = Value.of(content)
    except ContentError:
        return content
    return Value(value.number, value.text, value.missing, value.raw, reason).content() if reason else content


class ConflictCard(QFrame):
    """`decided` carries a Decision; `opened` the key, to type a third value where it belongs; `asked` the key and what
    is asked of who typed it.

    1 keeps what is displayed, 2 to 9 choose a rival; Up and Down are `stepped`. `asks_reason` is set for another
    unit's figure: then a choice waits for a reason, and Enter in its line completes it. A question is decided by
    nobody: it stands on the cell as a comment. `over` tells more where two people decided over one form.
    """

    decided = Signal(object)
    opened = Signal(object)
    asked = Signal(object, str)
    near = Signal(object)
    stepped = Signal(int)

    def __init__(
        self,
        shown: Shown,
        title: str,
        before: Entry | None,
        asks_reason: bool,
        now: datetime,
        over: OverForm = OF_A_CELL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key, self.sides, self.over = shown.key, sides_of(shown), over
        self._asks = asks_reason and shown.key.kind == VALUE
        self._chosen: int | None = None
        self._is_asking = False
        self.setProperty("look", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(18))
        column.setSpacing(theme.px(8))
        word = "values" if shown.key.kind != STATUS else "refused" if over.refused else "decisions"
        for text, look in ((title, "section"), (say(f"transfer.conflict.text.{word}"), "muted")):
            label = theme.label(text, look)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addLayout(self._boxes(before, now))
        column.addWidget(self._buttons())
        column.addLayout(self._links())
        self.reason = QLineEdit()
        self.reason.setMaxLength(MOST_REASON)
        self.reason.setPlaceholderText(say("transfer.conflict.reason"))
        self.reason.setAccessibleName(say("transfer.conflict.reason"))
        self.reason.returnPressed.connect(self._reason_given)
        column.addWidget(self.reason)
        self.reason.setVisible(self._asks)
        self.asking = theme.label(say("transfer.conflict.asks"), "pill-warning")
        self.asking.hide()
        column.addWidget(self.asking, 0, Qt.AlignmentFlag.AlignLeft)

    def _boxes(self, before: Entry | None, now: datetime) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.px(12))
        told = [("before", Side(before.content, before.author, before.typed_at))] if before is not None else []
        told += [(self._word(number), side) for number, side in enumerate(self.sides)]
        boxes = [self._box(word, side, formats.near(side.typed_at, now)) for word, side in told]
        for place, box in enumerate(boxes):
            grid.addWidget(box, place // _BESIDE, place % _BESIDE)
        for column in range(min(_BESIDE, len(boxes))):
            grid.setColumnStretch(column, 1)
        return grid

    def _word(self, number: int) -> str:
        if self.over.refused:
            return "refused" if number == len(self.sides) - 1 else "standing"
        return "rival" if number else "shown"

    def _box(self, word: str, side: Side, at: str) -> QFrame:
        box = QFrame()
        box.setProperty("look", "note-plain" if word in ("shown", "standing") else "field")
        column = QVBoxLayout(box)
        column.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(12))
        column.setSpacing(theme.px(2))
        author = name_of(side.author) or say("transfer.conflict.other")
        look = "section" if self.key.kind == STATUS else "figure"
        said = say(f"transfer.conflict.{'decided_by' if self.key.kind == STATUS else 'by'}", author=author, at=at)
        lines = [(say(f"transfer.conflict.{word}"), "small"), (in_short(side.content), look), (said, "small")]
        if note := _note(side.content):
            lines.append((say("transfer.conflict.note", note=note), "small"))
        lines += [(remark, "") for remark in self.over.remarks.get(side.content, ())]
        if side.content in self.over.barred and word != "before":
            lines.append((say(f"transfer.conflict.barred.{self.over.barred[side.content]}"), "small"))
        for text, look in lines:
            label = theme.label(text, look)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addStretch(1)
        return box

    def _buttons(self) -> Chips:
        row = Chips()
        self.buttons: list[QPushButton] = []
        for number, side in enumerate(self.sides[:9]):
            if side.content in self.over.barred:
                continue
            word = "choose" if number else "keep"
            text = say(f"transfer.conflict.{word}", value=_short(side.content), number=number + 1)
            button = theme.button(text)
            button.setToolTip(say("transfer.conflict.key", number=number + 1))
            button.setProperty("side", number)
            button.clicked.connect(self._pressed)
            self.buttons.append(button)
            row.add(button)
        return row

    def _links(self) -> QHBoxLayout:
        """Ways that decide nothing, in a line of their own: with large letters there is no room beside the sides."""
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        other = theme.button(say(f"transfer.conflict.{'open_form' if self.key.kind == STATUS else 'open'}"), "link")
        other.clicked.connect(self._open)
        row.addWidget(other)
        self.ask = theme.button(say("transfer.conflict.ask"), "link")
        self.ask.setToolTip(say("transfer.conflict.ask_tip"))
        self.ask.clicked.connect(self._ask)
        if self.key.kind != VALUE:
            self.ask.hide()
        row.addWidget(self.ask)
        row.addStretch(1)
        return row

    def choose(self, number: int) -> None:
        """Decide for a side; without the reason that is asked for, wait for it."""
        if number >= len(self.sides) or self.sides[number].content in self.over.barred:
            return
        self._is_asking = False
        reason = self.reason.text().strip()
        if self._asks and not reason:
            self._chosen = number
            self.asking.show()
            self.reason.setFocus()
            return
        self.decided.emit(Decision(self.key, self.sides[number].content, reason))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_9 and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.choose(event.key() - Qt.Key.Key_1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif event.key() == _ASK and not event.modifiers() and self.key.kind == VALUE:
            self._ask()
        elif event.key() in _STEPS:
            self.stepped.emit(_STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.near.emit(self)

    @Slot()
    def _pressed(self) -> None:
        self.choose(self.sender().property("side"))

    @Slot()
    def _ask(self) -> None:
        """Write a question in the line; Enter sends it."""
        self._is_asking, self._chosen = True, None
        self.reason.setPlaceholderText(say("transfer.conflict.question"))
        self.reason.show()
        self.reason.setFocus()

    @Slot()
    def _reason_given(self) -> None:
        words = self.reason.text().strip()
        if self._is_asking:
            if words:
                self._is_asking = False
                self.reason.clear()
                self.reason.setPlaceholderText(say("transfer.conflict.reason"))
                self.reason.setVisible(self._asks)
                self.setFocus()
                self.asked.emit(self.key, words)
        elif self._chosen is not None:
            self.choose(self._chosen)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.key)


def authors(conflicts: Sequence[Shown]) -> dict[str, int]:
    """In how many cells each author has a rival, the most first; for deciding alike ones together."""
    found: dict[str, int] = {}
    for shown in conflicts:
        for author in {rival.author for rival in shown.rivals if rival.author}:
            found[author] = found.get(author, 0) + 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _note(content: str) -> str:
    try:
        return Value.of(content).note
    except ContentError:
        return ""


def _short(content: str) -> str:
    said = in_short(content)
    return said if len(said) <= _BUTTON_LETTERS else said[: _BUTTON_LETTERS - 1] + "…"
