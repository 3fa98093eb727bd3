"""The cards beside the desk's list: how complete the period is, what waits, the latest receipts, a password to set."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.widgets import formats, theme
from desktop.widgets.words import say


class Card(QFrame):
    """A titled card; its texts are lines below the title."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(16))
        self.column.setSpacing(theme.px(6))
        self.title = theme.label(title, "muted")
        self.title.setWordWrap(True)
        self.column.addWidget(self.title)


class FigureCard(Card):
    """A card whose first line is a large figure with its word."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.figure = theme.label("", "figure")
        self.word = theme.label("")
        line = QHBoxLayout()
        line.setSpacing(theme.px(6))
        line.addWidget(self.figure)
        line.addWidget(self.word)
        line.addStretch(1)
        self.column.addLayout(line)


class CompletenessCard(FigureCard):
    """The form's period now asked for: per cent filled, with a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.word.setText(say("today.completeness.word"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 100)
        self.detail = theme.label("", "small")
        self.detail.setWordWrap(True)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.detail)

    def show_count(self, title: str, filled: int, cells: int, left: str) -> None:
        """`filled` of `cells`; all but the last one is 99 per cent, not 100. `left` is the deadline in words."""
        percent = 100 * filled // cells if cells else 0
        self.title.setText(title)
        self.figure.setText(say("today.completeness.percent", percent=percent))
        self.bar.setValue(percent)
        detail = say(
            "today.completeness.cells", filled=formats.number(Decimal(filled)), cells=formats.number(Decimal(cells))
        )
        self.detail.setText(f"{detail} · {left}" if left else detail)
        self.bar.setAccessibleName(title)
        self.bar.setAccessibleDescription(f"{self.figure.text()} {self.word.text()}. {self.detail.text()}")


class WaitingCard(FigureCard):
    """How many changes the centre has not confirmed, and when they will go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say("today.waiting.title"), parent)
        self.sentence = theme.label("", "muted")
        self.sentence.setWordWrap(True)
        self.column.addWidget(self.sentence)

    def show_count(self, count: int, sentence: str) -> None:
        self.figure.setText(formats.number(Decimal(count)))
        self.word.setText(say("today.waiting.changes", count=count))
        self.sentence.setText(sentence)


class ReceiptsCard(Card):
    """What the centre received last, a line for each batch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say("today.receipts.title"), parent)
        self.lines: list[tuple[str, str]] = []
        self._labels: list[QWidget] = []

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """What was received, and how much of it when; the second may be empty."""
        if list(lines) == self.lines:
            return
        self.lines = list(lines)
        for label in self._labels:
            self.column.removeWidget(label)
            label.deleteLater()
        self._labels = []
        for what, when in lines:
            for text, look in ((what, ""), (when, "small")):
                label = theme.label(text, look)
                label.setWordWrap(True)
                label.setVisible(bool(text))
                self.column.addWidget(label)
                self._labels.append(label)


class ProtectCard(Card):
    """A calm line while nobody has a password: whoever opens this PC reads everything."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say("today.protect.title"), parent)
        self.open = theme.button(say("today.protect.open"), "link")
        self.open.setToolTip(say("today.protect.text"))
        line = QHBoxLayout()
        line.addWidget(self.open)
        line.addStretch(1)
        self.column.addLayout(line)
