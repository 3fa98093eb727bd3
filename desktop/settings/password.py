"""The fields for a new password: a person's first, another one, or a colleague's."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.errand import Errand
from desktop.widgets.fault import FaultPanel
from desktop.widgets.password import PasswordField
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.text import nfc
from sync.protocol.messages import MAX_NAME
from sync.store.people import LEAST_SIGNS, People, is_name, weakness


class PasswordForm(QWidget):
    """Sets a password off the GUI thread. `kind` is first, add (both ask for the name) or change (for the old one).

    `offered` are the names of those whom the centre lets use this PC: namesakes are told apart there by words that
    nobody need remember. Emits `done` with the name, or `given_up`.
    """

    done = Signal(str)
    given_up = Signal()

    def __init__(
        self, people: People, kind: str, name: str, offered: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._people, self._kind, self._known = people, kind, name
        self._errand = Errand()
        self.name = QLineEdit(name if kind == "first" else "")
        self.name.setMaxLength(MAX_NAME)
        self.offered = [theme.button(one, "link") for one in offered]
        self.old, self.new, self.again = (
            PasswordField(say(f"settings.password.{field}")) for field in ("old", "new", "again")
        )
        self._wrong = theme.label("", "small-strong")
        self._hint = theme.label(say("settings.password.hint", least=LEAST_SIGNS), "small")
        self._capitals = theme.label(say("settings.password.capitals"), "small-strong")
        self._fault = FaultPanel()
        self._set = theme.button(say(f"settings.password.set.{kind}"), "primary")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        first = ("old", self.old) if self._kind == "change" else ("name", self.name)
        for name, field in (first, ("new", self.new), ("again", self.again)):
            theirs = name == "name" and self._kind == "add"
            label = theme.label(say("settings.password.their_name" if theirs else f"settings.password.{name}"), "small")
            label.setBuddy(field)
            field.setAccessibleName(label.text())
            field.setMaximumWidth(theme.px(360))
            column.addWidget(label)
            column.addWidget(field)
            if name == "name" and self.offered:
                column.addWidget(theme.label(say("settings.password.offered"), "small"))
                for button in self.offered:
                    column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        for words in (self._hint, self._wrong, self._capitals):
            words.setWordWrap(True)
            column.addWidget(words)
        column.addWidget(self._fault)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self._set)
        if self._kind != "first":
            stop = theme.button(say("settings.password.stop"))
            stop.clicked.connect(self.given_up)
            row.addWidget(stop)
        row.addStretch(1)
        column.addSpacing(theme.px(4))
        column.addLayout(row)
        self._wrong.hide()
        self._capitals.hide()
        self.setFocusProxy(first[1])

    def _connect(self) -> None:
        for field in (self.name, self.old, self.new, self.again):
            field.returnPressed.connect(self._go)
            field.textEdited.connect(partial(self._say, ""))
            if isinstance(field, PasswordField):
                field.capitals.connect(self._capitals.setVisible)
        for button in self.offered:
            button.clicked.connect(partial(self._take, button.text()))
        self._set.clicked.connect(self._go)
        self._errand.done.connect(self._kept)
        self._errand.failed.connect(self._refused)

    def _take(self, name: str, _: bool = False) -> None:
        """One of those who are offered."""
        self.name.setText(name)
        self.new.setFocus()

    def _say(self, text: str, *_: object) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))

    def _what_is_wrong(self, name: str) -> tuple[str, QLineEdit] | None:
        """What keeps this from being set, and the field where it can be put right."""
        if self._kind != "change":
            if not is_name(name):
                return "name", self.name
            if name in self._people.names():
                return "known", self.name
        elif not self.old.text():
            return "old", self.old
        if why := weakness(self.new.text(), name):
            return why, self.new
        if nfc(self.new.text()) != nfc(self.again.text()):
            return "differ", self.again
        return None

    @Slot()
    def _go(self) -> None:
        if not self._set.isEnabled():
            return
        name = self._known if self._kind == "change" else nfc(" ".join(self.name.text().split()))
        wrong = self._what_is_wrong(name)
        if wrong is not None:
            why, field = wrong
            self._say(say(f"settings.password.wrong.{why}", least=LEAST_SIGNS))
            field.setFocus()
            return
        old, new = self.old.take(), self.new.take()
        self.again.take()
        self._busy(True)
        self._known = name
        if self._kind == "change":
            self._errand.run(partial(self._people.change, name, old, new))
        else:
            self._errand.run(partial(self._people.put, name, new))

    def _busy(self, busy: bool) -> None:
        self._fault.hide()
        self._say("")
        self._set.setEnabled(not busy)
        self._set.setText(say("settings.password.under_way" if busy else f"settings.password.set.{self._kind}"))

    @Slot()
    def _kept(self) -> None:
        self._busy(False)
        self.done.emit(self._known)

    @Slot(object)
    def _refused(self, fault: EnvironmentFault) -> None:
        self._busy(False)
        if fault.code in ("password_wrong", "password_wait"):
            wait_s = int(float(str(fault.details["wait_s"])))
            self._say(say(f"settings.password.wrong.{'wait' if wait_s else 'old'}", count=wait_s, least=LEAST_SIGNS))
            self.old.setFocus()
        else:
            self._fault.show_fault(fault)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            return
        super().keyPressEvent(event)
