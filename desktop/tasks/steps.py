"""The steps that may be taken on a task: a button for each, and the form in which the chosen one is said."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.tasks.typing import Wrong, day_of
from desktop.widgets import formats, theme
from desktop.widgets.chips import Chips
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import convention, say
from sync.domain.errors import EnvironmentFault
from sync.domain.numbers import format_number
from sync.domain.steps import Step, StepKind, Steps, refusal
from sync.domain.tasks import MAX_WORDS, Task
from sync.domain.text import nfc

_ASKS_DAY: Final = {
    StepKind.ASK_EXTENSION: "new_due",
    StepKind.EXTEND: "new_due",
    StepKind.ASK_EXPLANATION: "answer_due",
    StepKind.RETURN_EXPLANATION: "answer_due",
    StepKind.REPORT_DONE: "done_day",
}
"""Steps in which a day is typed, and what it is called."""


class TypedStep(NamedTuple):
    """What stands in the form of a step: its kind, the UUID that it answers, and the fields."""

    kind: str
    to: str = ""
    day: str = ""
    words: str = ""


def step_of(typed: TypedStep, task: Task, steps: Steps, today: date) -> Step | Wrong:
    """The step that was typed, or the first thing that is wrong with it."""
    kind, words = StepKind(typed.kind), nfc(typed.words.strip())
    taken, due, old_due = today, None, None
    if kind in _ASKS_DAY and (typed.day.strip() or kind is not StepKind.RETURN_EXPLANATION):
        day = day_of(typed.day, today)
        if day is None:
            return Wrong("day", "day_unreadable", {"example": formats.day(today)})
        taken, due = (day, None) if kind is StepKind.REPORT_DONE else (today, day)
    if kind is StepKind.EXTEND:
        old_due = task.due_date
    if len(words) > MAX_WORDS:
        return Wrong("words", "words_long", {"most": format_number(Decimal(MAX_WORDS), convention())})
    step = Step(kind, taken, words, due, old_due, typed.to)
    reason = refusal(task, steps, step, today)
    if not reason:
        return step
    values = {"today": today, "start": task.start_date, "due": task.due_date}
    said = {name: formats.day(day) if day else "" for name, day in values.items()}
    return Wrong("words" if reason == "no_words" else "day", reason, said)


class StepForm(QFrame):
    """A card in which one step is said. Ctrl+Enter, or Enter in the day, is `submitted`; Esc is `given_up`."""

    edited = Signal()
    submitted = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self._kind, self._to = "", ""
        self.title, self.about = theme.label("", "section"), theme.label("", "muted")
        self.day_name, self.day = theme.label("", "small"), QLineEdit()
        self.words_name, self.words = theme.label("", "small"), QPlainTextEdit()
        self.save = theme.button("", "primary")
        self.give_up = theme.button(say("tasks.step.give_up"), "quiet")
        self.note, self.note_text, self.fault = QFrame(), theme.label(""), FaultPanel()
        self._build()
        self.hide()

    def _build(self) -> None:
        for label in (self.title, self.about, self.day_name, self.words_name):
            label.setWordWrap(True)
        self.day.setMaximumWidth(theme.px(130))
        self.day_name.setBuddy(self.day)
        self.words_name.setBuddy(self.words)
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(theme.px(64))
        self.note.setProperty("look", "note-warning")
        self.note_text.setWordWrap(True)
        inside = QVBoxLayout(self.note)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.addWidget(self.note_text)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.save)
        buttons.addWidget(self.give_up)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        column.setSpacing(theme.px(6))
        shown = (self.title, self.about, self.fault, self.note, self.day_name, self.day, self.words_name, self.words)
        for widget in shown:
            column.addWidget(widget)
        column.addLayout(buttons)
        self.save.clicked.connect(self.submitted)
        self.give_up.clicked.connect(self.given_up)
        self.day.returnPressed.connect(self.submitted)
        self.day.textEdited.connect(self.edited)
        self.words.textChanged.connect(self.edited)
        # It was said of what stood there before.
        self.edited.connect(self.note.hide)
        for keys, signal in (("Ctrl+Return", self.submitted), ("Ctrl+Enter", self.submitted), ("Esc", self.given_up)):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(signal)

    def typed(self) -> TypedStep | None:
        """What stands in the form; None while no step is being said."""
        return TypedStep(self._kind, self._to, self.day.text(), self.words.toPlainText()) if self._kind else None

    def show_typed(self, typed: TypedStep | None, about: str = "") -> None:
        """Say this step, which is `about` what it answers; None hides the form."""
        self._kind, self._to = (typed.kind, typed.to) if typed else ("", "")
        self.note.hide()
        self.fault.hide()
        if typed:
            kind = StepKind(typed.kind)
            self.title.setText(say(f"tasks.step.{kind}.title"))
            self.about.setText(about)
            self.about.setVisible(bool(about))
            asked = _ASKS_DAY.get(kind)
            for widget in (self.day_name, self.day):
                widget.setVisible(asked is not None)
            name = say(f"tasks.step.{asked}") if asked else ""
            self.day_name.setText(name)
            self.day.setAccessibleName(name)
            self.day.setText(typed.day)
            words = say(f"tasks.step.{kind}.words")
            self.words_name.setText(words)
            self.words.setAccessibleName(words)
            if typed.words != self.words.toPlainText():
                self.words.setPlainText(typed.words)
            self.save.setText(say(f"tasks.step.{kind}.save"))
        self.setVisible(typed is not None)

    def focus(self) -> None:
        """Put the cursor where the step begins."""
        asks = StepKind(self._kind) in _ASKS_DAY if self._kind else False
        field: QLineEdit | QPlainTextEdit = self.day if asks else self.words
        field.setFocus()
        field.selectAll()

    def say_wrong(self, wrong: Wrong) -> None:
        """What was typed cannot be taken as it is."""
        self.note_text.setText(say(f"tasks.wrong.{wrong.key}", **wrong.values))
        self.note.setAccessibleName(self.note_text.text())
        self.note.show()
        (self.words if wrong.field == "words" or not self.day.isVisible() else self.day).setFocus()

    def say_unsaved(self, fault: EnvironmentFault) -> None:
        """The step could not be saved; what was typed stays."""
        self.note.hide()
        self.fault.show_fault(fault)


class StepButtons(Chips):
    """A button for each step that may be taken. `asked` carries its kind and the UUID that it answers."""

    asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[tuple[StepKind, str], ...] = ()
        self.buttons: dict[StepKind, QPushButton] = {}
        self.setAccessibleName(say("tasks.step.name"))

    def offer(self, steps: Sequence[tuple[StepKind, str]]) -> None:
        """Offer these; of one kind the last asked for is answered first."""
        wanted = tuple(steps)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.clear()
        self.buttons = {}
        for kind, to in wanted:
            if kind in self.buttons:
                continue
            button = theme.button(say(f"tasks.step.{kind}.button"))
            button.setToolTip(say(f"tasks.step.{kind}.title"))
            button.setProperty("step", (kind.value, to))
            button.clicked.connect(self._pressed)
            self.add(button)
            button.show()
            self.buttons[kind] = button
        self.setVisible(bool(wanted))
        self.place()

    @Slot()
    def _pressed(self) -> None:
        kind, to = self.sender().property("step")
        self.asked.emit(kind, to)
