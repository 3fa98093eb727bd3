"""The form in which a progress update is typed or corrected. It checks nothing and stores nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.tasks.typing import Typed
from desktop.widgets import theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault


class ProgressForm(QFrame):
    """Date, per cent and words. Ctrl+Enter anywhere in it, or Enter in a line, is `submitted`; Esc is `given_up`;
    `edited` is every stroke."""

    edited = Signal()
    submitted = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.title = theme.label("", "section")
        self.day, self.percent, self.words = QLineEdit(), QLineEdit(), QPlainTextEdit()
        self.save = theme.button("", "primary")
        self.give_up = theme.button(say("tasks.form.give_up"), "quiet")
        self.keys = QWidget()
        self.unsaved = theme.label(say("tasks.form.unsaved"), "pill-bad")
        self.fault = FaultPanel()
        self.note, self.note_text = QFrame(), theme.label("")
        self._build()
        self._connect()
        self.say_nothing()

    def _build(self) -> None:
        self.day.setMaximumWidth(theme.px(130))
        self.percent.setMaximumWidth(theme.px(90))
        self.percent.setPlaceholderText(say("tasks.form.percent_hint"))
        self.words.setPlaceholderText(say("tasks.form.words_hint"))
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(theme.px(58))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        for column, (name, field) in enumerate((("day", self.day), ("percent", self.percent), ("words", self.words))):
            label = theme.label(say(f"tasks.form.{name}"), "small")
            label.setBuddy(field)
            field.setAccessibleName(say(f"tasks.form.{name}"))
            row, place, wide = (2, 0, 3) if name == "words" else (0, column, 1)
            grid.addWidget(label, row, place, 1, wide)
            grid.addWidget(field, row + 1, place, 1, wide)
        grid.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.save)
        buttons.addWidget(self.give_up)
        buttons.addWidget(self.keys)
        buttons.addStretch(1)
        hint = QHBoxLayout(self.keys)
        hint.setContentsMargins(0, 0, 0, 0)
        hint.setSpacing(theme.px(8))
        hint.addWidget(theme.label("Ctrl+Enter", "key"), 0, Qt.AlignmentFlag.AlignVCenter)
        hint.addWidget(theme.label(say("tasks.form.key"), "small"))
        all_of_it = QVBoxLayout(self)
        all_of_it.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        all_of_it.setSpacing(theme.px(10))
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(self.title)
        head.addWidget(self.unsaved)
        head.addStretch(1)
        all_of_it.addLayout(head)
        all_of_it.addWidget(self.fault)
        all_of_it.addWidget(self._note())
        all_of_it.addLayout(grid)
        all_of_it.addLayout(buttons)

    def _note(self) -> QFrame:
        self.note.setProperty("look", "note-warning")
        self.note_text.setWordWrap(True)
        inside = QVBoxLayout(self.note)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.addWidget(self.note_text)
        return self.note

    def _connect(self) -> None:
        self.save.clicked.connect(self.submitted)
        self.give_up.clicked.connect(self.given_up)
        for line in (self.day, self.percent):
            line.returnPressed.connect(self.submitted)
            line.textEdited.connect(self.edited)
        self.words.textChanged.connect(self.edited)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.submitted)
        escape = QShortcut(QKeySequence("Esc"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.given_up)

    def typed(self) -> Typed:
        """What stands in the fields."""
        return Typed(self.day.text(), self.percent.text(), self.words.toPlainText())

    def show_typed(self, typed: Typed, correcting: bool) -> None:
        """Fill the fields, for a new update or to correct one."""
        self.title.setText(say("tasks.form.correct" if correcting else "tasks.form.new"))
        self.save.setText(say("tasks.form.save_correction" if correcting else "tasks.form.save"))
        self.give_up.setVisible(correcting)
        self.day.setText(typed.day)
        self.percent.setText(typed.percent)
        if typed.words != self.words.toPlainText():
            self.words.setPlainText(typed.words)
        self.say_nothing()

    def focus(self, field: str) -> None:
        """Put the cursor into a field of Typed."""
        fields: dict[str, QLineEdit | QPlainTextEdit]
        fields = {"day": self.day, "percent": self.percent, "words": self.words}
        widget = fields[field]
        widget.setFocus()
        if isinstance(widget, QLineEdit):
            widget.selectAll()

    def say_nothing(self) -> None:
        """Nothing is wrong any more."""
        for widget in (self.note, self.fault, self.unsaved):
            widget.hide()

    def say_wrong(self, sentence: str) -> None:
        """What was typed cannot be saved as it is."""
        self.note_text.setText(sentence)
        self.note.setAccessibleName(sentence)
        self.note.show()

    def say_unsaved(self, fault: EnvironmentFault) -> None:
        """What was typed could not be saved, through no fault of the person's; it stays in the fields."""
        self.note.hide()
        self.unsaved.show()
        self.fault.show_fault(fault)
        self.save.setText(say("tasks.form.save_again"))
