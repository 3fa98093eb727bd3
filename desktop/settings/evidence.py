"""How files become evidence and when they are moved: the size of pictures, a line that is paid for, a day's limit."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QHBoxLayout, QPushButton, QWidget

from desktop.widgets import theme
from desktop.widgets.preferences import DAY_MEGABYTES, PICTURE_SIDES, Preferences
from desktop.widgets.words import say

_QUESTIONS = (
    ("picture_side", PICTURE_SIDES),
    ("keep_originals", (False, True)),
    ("sends_metered", (False, True)),
    ("day_megabytes", DAY_MEGABYTES),
)
"""What is asked, by its name in the preferences, and the answers side by side."""


class EvidenceCard(QFrame):
    """`limits_chosen` says that what may be moved is another now."""

    limits_chosen = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setProperty("look", "card")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(18))
        self._grid.setHorizontalSpacing(theme.px(16))
        self._grid.setVerticalSpacing(theme.px(10))
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(theme.label(say("settings.evidence.title"), "section"), 0, 0, 1, 2)
        for row, (name, values) in enumerate(_QUESTIONS, start=1):
            self._ask(row, name, values)
        text = theme.label(say("settings.evidence.text"), "small")
        text.setWordWrap(True)
        self._grid.addWidget(text, len(_QUESTIONS) + 1, 0, 1, 2)

    def _ask(self, row: int, name: str, values: Sequence[object]) -> None:
        label = theme.label(say(f"settings.evidence.{name}.label"), "muted")
        label.setWordWrap(True)
        answers, group = QHBoxLayout(), QButtonGroup(self)
        answers.setSpacing(theme.px(6))
        for value in values:
            button = theme.button(say(f"settings.evidence.{name}.{str(value).lower()}"))
            button.setCheckable(True)
            button.setChecked(value == getattr(self._preferences, name))
            button.setAccessibleName(f"{label.text()}: {button.text()}")
            button.setProperty("choice", (name, value))
            group.addButton(button)
            answers.addWidget(button)
        answers.addStretch(1)
        group.buttonClicked.connect(self._chosen)
        self._grid.addWidget(label, row, 0)
        self._grid.addLayout(answers, row, 1)

    @Slot(QPushButton)
    def _chosen(self, button: Any) -> None:
        name, value = button.property("choice")
        setattr(self._preferences, name, value)
        self.limits_chosen.emit()
