"""The form in which a progress update is typed or corrected. It checks nothing and stores nothing."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.tasks.typing import Typed
from desktop.widgets import theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault

_FIELDS: Final = {
    "day": (0, 0, 1),
    "percent": (0, 1, 1),
    "words": (2, 0, 3),
    "milestone": (4, 0, 3),
    "difficulties": (6, 0, 3),
    "proposals": (8, 0, 3),
}
"""Where each field of Typed stands: its row, its column, and how many columns wide it is."""

_RARE: Final = ("milestone", "difficulties", "proposals")
"""Fields that are shown when somebody asks for them."""


class ProgressForm(QFrame):
    """Date, how much is done, and words. Ctrl+Enter anywhere in it, or Enter in a line, is `submitted`; Esc is
    `given_up`; `edited` is every stroke."""

    edited = Signal()
    submitted = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.title = theme.label("", "section")
        self.day, self.percent, self.milestone = QLineEdit(), QLineEdit(), QLineEdit()
        self.words, self.difficulties, self.proposals = QPlainTextEdit(), QPlainTextEdit(), QPlainTextEdit()
        self.save = theme.button("", "primary")
        self.more = theme.button(say("tasks.form.more"), "link")
        self._labels = {name: theme.label(say(f"tasks.form.{name}"), "small") for name in _FIELDS}
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
        self.percent.setMaximumWidth(theme.px(150))
        for text in (self.words, self.difficulties, self.proposals):
            text.setTabChangesFocus(True)
            text.setFixedHeight(theme.px(58 if text is self.words else 46))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        for name, (row, column, wide) in _FIELDS.items():
            field = self._field(name)
            label = self._labels[name]
            label.setBuddy(field)
            field.setAccessibleName(say(f"tasks.form.{name}"))
            if name != "day":
                field.setPlaceholderText(say(f"tasks.form.{name}_hint"))
            grid.addWidget(label, row, column, 1, wide)
            grid.addWidget(field, row + 1, column, 1, wide)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self.more, 10, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
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
        self.more.clicked.connect(self._show_more)
        self.give_up.clicked.connect(self.given_up)
        for line in (self.day, self.percent, self.milestone):
            line.returnPressed.connect(self.submitted)
            line.textEdited.connect(self.edited)
        for text in (self.words, self.difficulties, self.proposals):
            text.textChanged.connect(self.edited)
        # It was said of what stood there before.
        self.edited.connect(self.note.hide)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.submitted)
        escape = QShortcut(QKeySequence("Esc"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.given_up)

    @Slot()
    def _show_more(self) -> None:
        self.show_rare(True)
        self.milestone.setFocus()

    def show_rare(self, shown: bool) -> None:
        """Show the fields that few updates need, or the button that asks for them."""
        for name in _RARE:
            self._labels[name].setVisible(shown)
            self._field(name).setVisible(shown)
        self.more.setVisible(not shown)

    def _field(self, name: str) -> QLineEdit | QPlainTextEdit:
        """The field of a name of Typed."""
        found = getattr(self, name)
        assert isinstance(found, QLineEdit | QPlainTextEdit)
        return found

    def typed(self) -> Typed:
        """What stands in the fields."""
        return Typed(**{name: _text(self._field(name)) for name in _FIELDS})

    def show_typed(self, typed: Typed, correcting: bool) -> None:
        """Fill the fields, for a new update or to correct one."""
        self.title.setText(say("tasks.form.correct" if correcting else "tasks.form.new"))
        self.save.setText(say("tasks.form.save_correction" if correcting else "tasks.form.save"))
        self.give_up.setVisible(correcting)
        for name in _FIELDS:
            field, text = self._field(name), getattr(typed, name)
            if isinstance(field, QLineEdit):
                field.setText(text)
            elif text != field.toPlainText():
                field.setPlainText(text)
        self.show_rare(any(getattr(typed, name) for name in _RARE))
        self.say_nothing()

    def focus(self, field: str) -> None:
        """Put the cursor into a field of Typed."""
        if field in _RARE:
            self.show_rare(True)
        widget = self._field(field)
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


def _text(field: QLineEdit | QPlainTextEdit) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()
