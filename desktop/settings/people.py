"""The people of this PC: the first password, another one, who else may come in, and when the window locks itself."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.settings.password import PasswordForm
from desktop.widgets import theme
from desktop.widgets.preferences import IDLE_MINUTES, Preferences
from desktop.widgets.words import say
from sync.domain.authors import name_of
from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.people import People
from sync.store.recovery import has_copy

_LEFT = Qt.AlignmentFlag.AlignLeft


class PeopleCard(QFrame):
    """Emits `first_came` with who set the first password, `lock_asked`, and `leave_asked` when the store is to have
    another key, for which it must not be open."""

    first_came = Signal(str)
    leave_asked = Signal()
    lock_asked = Signal()

    def __init__(self, people: People, store: Store, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people, self._store, self._preferences = people, store, preferences
        self.setProperty("look", "card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(18))
        self._column.setSpacing(theme.px(10))
        self._column.addWidget(theme.label(say("settings.people.title"), "section"))
        text = theme.label(say("settings.people.some" if people.names() else "settings.people.none"), "muted")
        text.setWordWrap(True)
        self._column.addWidget(text)
        if not has_copy(preferences.folder):
            alone = theme.label(say("settings.people.alone"))
            alone.setWordWrap(True)
            self._column.addWidget(alone)
        self._list = QWidget()
        self._column.addWidget(self._list)
        self._said = theme.label("", "strong")
        self._said.setWordWrap(True)
        self._said.hide()
        self._column.addWidget(self._said)
        self.form: PasswordForm | None = None
        self._asking: QFrame | None = None
        if people.names():
            self._column.addLayout(self._buttons())
            self._column.addLayout(self._idle())
            self._show_list()
        else:
            self._show_form("first")

    # Building

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for name, slot in (("change", self._change), ("add", self._add), ("lock", self.lock_asked.emit)):
            button = theme.button(say(f"settings.people.{name}"))
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _idle(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        label = theme.label(say("settings.people.idle"), "muted")
        row.addWidget(label)
        group = QButtonGroup(self)
        for minutes in IDLE_MINUTES:
            button = theme.button(say("settings.people.minutes", count=minutes))
            button.setCheckable(True)
            button.setChecked(minutes == self._preferences.idle_minutes)
            button.setAccessibleName(f"{label.text()}: {button.text()}")
            group.addButton(button, minutes)
            row.addWidget(button)
        row.addStretch(1)
        group.idClicked.connect(self._idle_chosen)
        return row

    def _show_list(self) -> None:
        """A line for each: who is here now, and a way to take another's way in."""
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(2, 1)
        for row, name in enumerate(self._people.names()):
            label = theme.label(name)
            label.setWordWrap(True)
            grid.addWidget(label, row, 0)
            if name == self._store.person:
                grid.addWidget(theme.label(say("settings.people.here"), "pill-accent"), row, 1, _LEFT)
                continue
            remove = theme.button(say("settings.people.remove"), "link")
            remove.setAccessibleName(say("settings.people.remove_name", name=name))
            remove.clicked.connect(partial(self._ask_removal, name))
            grid.addWidget(remove, row, 1, _LEFT)
        self._column.replaceWidget(self._list, fresh)
        self._list.hide()
        self._list.deleteLater()
        self._list = fresh
        fresh.setVisible(True)

    def _show_form(self, kind: str) -> None:
        """Ask for a password: the first one, another one, or another person's."""
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
        enrolment = self._store.enrolment()
        first = name_of(self._store.author()) if enrolment else ""
        name = {"first": first, "change": self._store.person}.get(kind, "")
        known = set(self._people.names())
        offered = sorted({*map(name_of, self._store.people() or ())} - known)
        self.form = PasswordForm(self._people, kind, name, offered)
        self.form.done.connect(partial(self._done, kind))
        self.form.given_up.connect(self._give_up)
        self._column.insertWidget(self._column.indexOf(self._said) + 1, self.form)
        self.form.setVisible(True)
        if kind != "first":
            self.form.setFocus()

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))

    # Slots

    @Slot()
    def _change(self) -> None:
        self._say("")
        self._show_form("change")

    @Slot()
    def _add(self) -> None:
        self._say("")
        self._show_form("add")

    @Slot()
    def _give_up(self) -> None:
        if self.form is not None and self._people.names():
            self.form.hide()
            self.form.deleteLater()
            self.form = None

    def _done(self, kind: str, name: str) -> None:
        if kind == "first":
            self.first_came.emit(name)
            return
        self._give_up()
        self._say(say(f"settings.people.done.{kind}", name=name))
        self._show_list()

    def _ask_removal(self, name: str) -> None:
        """Once more, in its place: there is no undo, since nobody else knows their password."""
        self._give_up()
        self._end_asking()
        asking = self._asking = QFrame()
        asking.setProperty("look", "note-plain")
        row = QHBoxLayout(asking)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        words = theme.label(say("settings.people.removal", name=name))
        words.setWordWrap(True)
        stay, remove = theme.button(say("settings.people.stay")), theme.button(say("settings.people.remove"))
        row.addWidget(words, 1)
        row.addWidget(stay)
        row.addWidget(remove)
        stay.clicked.connect(self._end_asking)
        remove.clicked.connect(partial(self._remove, name))
        self._column.insertWidget(self._column.indexOf(self._said), asking)
        asking.setVisible(True)
        stay.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _end_asking(self) -> None:
        if self._asking is not None:
            self._asking.hide()
            self._asking.deleteLater()
            self._asking = None

    def _remove(self, name: str) -> None:
        self._end_asking()
        try:
            self._people.remove(name)
        except EnvironmentFault as fault:
            self._say(say(f"errors.{fault.code}.title"))
            return
        waits_for = ", ".join(self._people.waits_for)
        told = say("settings.people.done.waits", people=waits_for) if waits_for else ""
        self._say(" ".join(filter(None, (say("settings.people.done.remove", name=name), told))))
        self._show_list()
        if self._people.must_change:
            self.leave_asked.emit()

    @Slot(int)
    def _idle_chosen(self, minutes: int) -> None:
        self._preferences.idle_minutes = minutes
