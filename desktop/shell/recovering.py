"""The page of a forgotten password: a file to send to the centre, and the file and the code that come back."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.errand import Errand
from desktop.widgets.fault import FaultPanel
from desktop.widgets.password import PasswordField
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.text import nfc
from sync.protocol.recovery import Reset
from sync.store.people import LEAST_SIGNS, People, is_name, weakness
from sync.store.recovery import SUFFIX, has_copy, read_reset, take_reset, write_request


class Recovering(QFrame):
    """Emits `done` with who has a new password and is in, or `given_up`. A file may be dropped anywhere on it."""

    done = Signal(str)
    given_up = Signal()

    def __init__(self, folder: Path, people: People, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder, self._people = folder, people
        self._person = ""
        self._reset: Reset | None = None
        self._errand = Errand()
        self.setProperty("look", "card")
        self.setAcceptDrops(True)
        self._title, self._text = theme.label("", "title"), theme.label("", "muted")
        self._fault = FaultPanel()
        self.name = QLineEdit()
        self._save, self._open = theme.button(say("shell.recovery.save")), theme.button(say("shell.recovery.open"))
        self._saved = theme.label("", "small-strong")
        self._back = theme.button(say("shell.recovery.back"), "link")
        self._asking, self._answer = self._ask_part(), self._answer_part()
        self._lay_out()
        self._connect()

    # Building

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(24), theme.px(22), theme.px(24), theme.px(22))
        column.setSpacing(theme.px(10))
        for widget in (self._title, self._text, self._fault, self._asking, self._answer):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self._back)
        row.addStretch(1)
        column.addLayout(row)
        for label in (self._title, self._text, self._saved):
            label.setWordWrap(True)

    def _ask_part(self) -> QWidget:
        """Two steps: send a file, take the one that comes back."""
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._name_label = theme.label(say("shell.recovery.name"), "small")
        self.name.setAccessibleName(self._name_label.text())
        column.addWidget(self._name_label)
        column.addWidget(self.name)
        for step, button in (("first", self._save), ("second", self._open)):
            words = theme.label(say(f"shell.recovery.{step}"))
            words.setWordWrap(True)
            row = QHBoxLayout()
            row.addWidget(button)
            row.addStretch(1)
            column.addWidget(words)
            column.addLayout(row)
            if button is self._save:
                column.addWidget(self._saved)
        self._saved.hide()
        return part

    def _answer_part(self) -> QWidget:
        """The code, and a new password."""
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.code = QLineEdit()
        self.code.setPlaceholderText("XXXX-XXXX-XXXX")
        self.new, self.again = (PasswordField(say(f"shell.recovery.{field}")) for field in ("new", "again"))
        for name, field in (("code", self.code), ("new", self.new), ("again", self.again)):
            label = theme.label(say(f"shell.recovery.{name}"), "small")
            label.setBuddy(field)
            field.setAccessibleName(label.text())
            column.addWidget(label)
            column.addWidget(field)
        self._wrong = theme.label("", "small-strong")
        self._wrong.setWordWrap(True)
        self._set = theme.button(say("shell.recovery.set"), "primary")
        column.addWidget(self._wrong)
        row = QHBoxLayout()
        row.addWidget(self._set)
        row.addStretch(1)
        column.addSpacing(theme.px(6))
        column.addLayout(row)
        return part

    def _connect(self) -> None:
        self._save.clicked.connect(self._choose_where)
        self._open.clicked.connect(self._choose_file)
        self._back.clicked.connect(self.given_up)
        self._set.clicked.connect(self._go)
        for field in (self.code, self.new, self.again):
            field.returnPressed.connect(self._go)
            field.textEdited.connect(self._typed)
        self._errand.done.connect(self._taken)
        self._errand.failed.connect(self._refused)

    # What is shown

    def begin(self, person: str) -> None:
        """For this person; "" where the list of people could not be read, and they say who they are."""
        self._person, self._reset = person, None
        self._title.setText(say("shell.recovery.title"))
        possible = has_copy(self._folder)
        self._text.setText(say("shell.recovery.text" if possible else "shell.recovery.none", person=person))
        self._fault.hide()
        self._saved.hide()
        self._asking.setVisible(possible)
        self._answer.hide()
        for widget in (self._name_label, self.name):
            widget.setVisible(not person)
        self._back.setVisible(bool(self._people.names()))
        (self.name if not person else self._save if possible else self._back).setFocus()

    def show_fault(self, fault: EnvironmentFault) -> None:
        self._fault.show_fault(fault)

    def open_file(self, path: Path) -> None:
        """Take the file that came from the centre."""
        try:
            self._reset = read_reset(self._folder, self._people, path, self._person)
        except EnvironmentFault as fault:
            self.show_fault(fault)
            return
        self._fault.hide()
        self._title.setText(say("shell.recovery.answer.title", person=self._reset.person))
        self._text.setText(say("shell.recovery.answer.text", least=LEAST_SIGNS))
        self._asking.hide()
        self._answer.show()
        self.code.setFocus()

    def save_file(self, path: Path) -> None:
        """Write the file that goes to the centre."""
        try:
            write_request(self._folder, self._asker(), path)
        except EnvironmentFault as fault:
            self.show_fault(fault)
            return
        self._fault.hide()
        self._saved.setText(say("shell.recovery.saved", file=path.name))
        self._saved.show()
        self._open.setFocus()

    def _asker(self) -> str:
        return self._person or nfc(" ".join(self.name.text().split()))

    # Slots

    @Slot()
    def _choose_where(self) -> None:
        if not is_name(self._asker()):
            self.name.setFocus()
            return
        chosen, _ = QFileDialog.getSaveFileName(
            self, say("shell.recovery.save"), f"quen-mat-khau{SUFFIX}", f"*{SUFFIX}"
        )
        if chosen:
            self.save_file(Path(chosen))

    @Slot()
    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, say("shell.recovery.open"), "", f"*{SUFFIX};;*")
        if chosen:
            self.open_file(Path(chosen))

    @Slot()
    def _typed(self) -> None:
        self._wrong.clear()

    @Slot()
    def _go(self) -> None:
        reset = self._reset
        if reset is None or not self._set.isEnabled():
            return
        if not self.code.text().strip():
            self.code.setFocus()
        elif why := weakness(self.new.text(), reset.person):
            self._wrong.setText(say(f"shell.recovery.wrong.{why}", least=LEAST_SIGNS))
            self.new.setFocus()
        elif nfc(self.new.text()) != nfc(self.again.text()):
            self._wrong.setText(say("shell.recovery.wrong.differ"))
            self.again.setFocus()
        else:
            self._set.setEnabled(False)
            self._fault.hide()
            # The new password stays in its fields while only the code may have to be typed again.
            self._errand.run(partial(take_reset, self._folder, self._people, reset, self.code.text(), self.new.text()))

    @Slot()
    def _taken(self) -> None:
        assert self._reset is not None
        person, self._reset = self._reset.person, None
        self._set.setEnabled(True)
        self.code.clear()
        for field in (self.new, self.again):
            field.take()
        self.done.emit(person)

    @Slot(object)
    def _refused(self, fault: EnvironmentFault) -> None:
        self._set.setEnabled(True)
        self.show_fault(fault)
        self.code.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.open_file(Path(event.mimeData().urls()[0].toLocalFile()))
