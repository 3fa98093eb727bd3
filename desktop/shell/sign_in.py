"""The sign-in page: who is at this PC, and their password. It stands before the window, or over it while locked."""

from collections.abc import Callable
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.widgets import icons, theme
from desktop.widgets.errand import Errand
from desktop.widgets.fault import FaultPanel
from desktop.widgets.password import PasswordField
from desktop.widgets.words import LANGUAGES, language, say
from sync.domain.errors import EnvironmentFault
from sync.store.people import People

if TYPE_CHECKING:
    from desktop.shell.recovering import Recovering

_WIDE: Final = 420
_ROW: Final = 36
_MOST_ROWS: Final = 6
_SECOND_MS: Final = 1000


class SignIn(QScrollArea):
    """Emits `signed_in` with a name once `people` holds the key, `language_chosen`, and nothing while it waits.

    Where the store is to have another key and nothing is open behind the page, it gets it here.

    `may_close` is asked before the page is closed: behind it may stand what is not saved yet.
    """

    signed_in = Signal(str)
    language_chosen = Signal(str)

    def __init__(
        self,
        folder: Path,
        people: People,
        name: str,
        *,
        locked: bool = False,
        may_close: Callable[[], bool] = lambda: True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._people, self._may_close = folder, people, may_close
        self._recovering: Recovering | None = None
        self._errand = Errand()
        self._trying = ""
        self._locked = locked
        self.setWindowTitle(say("shell.title"))
        self.setProperty("look", "ground")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(True)
        self.resize(1366, 768)
        self._build(locked)
        self._connect()
        self._second = QTimer(self, interval=_SECOND_MS)
        self._second.timeout.connect(self._show_wait)
        self.show_people(name)
        if people.fault is not None:
            self.show_fault(people.fault)
        if not people.names():
            self.recover()

    # Building

    def _build(self, locked: bool) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.px(24), theme.px(20), theme.px(24), theme.px(24))
        column.addLayout(self._languages())
        column.addStretch(2)
        self._pages = QStackedWidget()
        self._pages.setMaximumWidth(theme.px(_WIDE))
        self._pages.addWidget(self._card(locked))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._pages, 100)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)
        self.setWidget(page)

    def _languages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        for tongue in LANGUAGES:
            button = theme.button(say(f"shell.language.{tongue}"), "link")
            button.setEnabled(tongue != language())
            button.clicked.connect(partial(self.language_chosen.emit, tongue))
            row.addWidget(button)
        return row

    def _card(self, locked: bool) -> QFrame:
        card = QFrame()
        card.setProperty("look", "card")
        why = "locked" if locked else "begin"
        sign = theme.label("")
        sign.setPixmap(icons.pixmap("lock", theme.roles().accent, 28))
        title, text = theme.label(say(f"shell.sign_in.{why}.title"), "figure"), theme.label("", "muted")
        text.setText(say(f"shell.sign_in.{why}.text"))
        self._list = QListWidget()
        self._list.setProperty("look", "people")
        self._list.setAccessibleName(say("shell.sign_in.people"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        label = theme.label(say("shell.sign_in.password"), "small")
        self.password = PasswordField(label.text())
        label.setBuddy(self.password)
        self._capitals = theme.label(say("shell.sign_in.capitals"), "small-strong")
        self._said = theme.label("")
        self._note = QFrame()
        inside = QHBoxLayout(self._note)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.addWidget(self._said)
        self._note.setProperty("look", "note-warning")
        self._fault = FaultPanel()
        self._button = theme.button(say("shell.sign_in.button"), "primary")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.px(24), theme.px(22), theme.px(24), theme.px(22))
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(sign)
        head.addWidget(title, 1)
        column.addLayout(head)
        for widget in (text, self._fault, self._list, label, self.password, self._capitals, self._note):
            column.addWidget(widget)
        for words in (title, text, self._said):
            words.setWordWrap(True)
        row = QHBoxLayout()
        self._forgotten = theme.button(say("shell.sign_in.forgotten"), "link")
        row.addWidget(self._button)
        row.addStretch(1)
        row.addWidget(self._forgotten)
        column.addSpacing(theme.px(4))
        column.addLayout(row)
        for widget in (self._capitals, self._note):
            widget.hide()
        self.setFocusProxy(self.password)
        return card

    def _connect(self) -> None:
        self._list.currentRowChanged.connect(self._chosen)
        self._list.itemActivated.connect(self.password.setFocus)
        self.password.stepped.connect(self._step)
        self.password.capitals.connect(self._capitals.setVisible)
        self.password.returnPressed.connect(self._try)
        self.password.textEdited.connect(self._typed)
        self._button.clicked.connect(self._try)
        self._errand.done.connect(self._opened)
        self._errand.failed.connect(self._refused)
        self._errand.told.connect(self._show_change)
        self._forgotten.clicked.connect(self.recover)

    def show_people(self, name: str) -> None:
        """List who has a password, with `name` chosen if it is among them."""
        names = self._people.names()
        self._list.clear()
        self._list.addItems(names)
        self._list.setFixedHeight(theme.px(_ROW) * min(max(len(names), 1), _MOST_ROWS) + theme.px(4))
        for row in range(len(names)):
            self._list.item(row).setSizeHint(QSize(0, theme.px(_ROW)))
        self._list.setVisible(bool(names))
        self._list.setCurrentRow(names.index(name) if name in names else 0)
        self._ready()

    # What is said

    def show_fault(self, fault: EnvironmentFault) -> None:
        """Say what is wrong with the folder, which no password puts right."""
        self._busy(False)
        if self._recovering is not None and self._pages.currentWidget() is self._recovering:
            self._recovering.show_fault(fault)
        else:
            self._fault.show_fault(fault)

    @Slot()
    def recover(self) -> "Recovering":
        """The page of a forgotten password, for who is chosen."""
        if self._recovering is None:
            # Seldom needed: neither a start nor a sign-in loads it.
            from desktop.shell.recovering import Recovering

            self._recovering = Recovering(self._folder, self._people)
            self._recovering.done.connect(self._let_in)
            self._recovering.given_up.connect(self._back)
            self._pages.addWidget(self._recovering)
        self.password.take()
        self._pages.setCurrentWidget(self._recovering)
        self.setFocusProxy(self._recovering)
        self._recovering.begin(self.name)
        if self._people.fault is not None and not self._people.names():
            self._recovering.show_fault(self._people.fault)
        return self._recovering

    @Slot()
    def _back(self) -> None:
        self._pages.setCurrentIndex(0)
        self.setFocusProxy(self.password)
        self.password.setFocus()

    @Slot(str)
    def _let_in(self, name: str) -> None:
        """Somebody set a new password by a reset: they are in."""
        self._back()
        self.show_people(name)
        self.signed_in.emit(name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._trying and len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A reset that came from the centre may be dropped anywhere."""
        event.acceptProposedAction()
        self.recover().open_file(Path(event.mimeData().urls()[0].toLocalFile()))

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._note.setVisible(bool(text))
        if text:
            self.ensureWidgetVisible(self._note)
        self.password.setAccessibleDescription(text)

    @Slot()
    def _show_wait(self) -> None:
        """Count down while the chosen person has to wait."""
        left_s = ceil(self._people.wait_s(self.name)) if self.name else 0
        if left_s:
            self._say(say("shell.sign_in.wait", count=left_s))
            self._second.start()
        elif self._second.isActive():
            self._second.stop()
            self._say(say("shell.sign_in.again"))
        self._ready()

    def _ready(self) -> None:
        waits = bool(self.name) and self._people.wait_s(self.name) > 0
        self._button.setEnabled(bool(self.name) and not self._trying and not waits)

    def _busy(self, busy: bool) -> None:
        self._trying = self.name if busy else ""
        self._button.setText(say("shell.sign_in.under_way" if busy else "shell.sign_in.button"))
        self._list.setEnabled(not busy)
        self.password.setReadOnly(busy)
        self._forgotten.setEnabled(not busy)
        self._ready()

    # Slots

    @property
    def name(self) -> str:
        """Who is chosen; "" for nobody."""
        item = self._list.currentItem()
        return item.text() if item is not None else ""

    @Slot()
    def _chosen(self) -> None:
        self._second.stop()
        self.password.take()
        self._say("")
        self._show_wait()
        self.password.setFocus()

    @Slot(int)
    def _step(self, by: int) -> None:
        row = self._list.currentRow() + by
        if 0 <= row < self._list.count() and not self._trying:
            self._list.setCurrentRow(row)

    @Slot()
    def _typed(self) -> None:
        if not self._second.isActive():
            self._say("")

    @Slot()
    def _try(self) -> None:
        if not self._button.isEnabled():
            return
        if not self.password.text():
            self._say(say("shell.sign_in.empty"))
            return
        name, password = self.name, self.password.take()
        self._busy(True)
        self._say("")
        folder = None if self._locked else self._folder
        self._errand.run(partial(_enter, self._people, name, password, folder, self._errand.tell))

    @Slot(int, int)
    def _show_change(self, done: int, of: int) -> None:
        if self._trying:
            self._say(say("shell.sign_in.rekeying", percent=100 * done // max(of, 1)))

    @Slot()
    def _opened(self) -> None:
        name = self._trying
        self._busy(False)
        self._say("")
        self.signed_in.emit(name)

    @Slot(object)
    def _refused(self, fault: EnvironmentFault) -> None:
        self._busy(False)
        if fault.code not in ("password_wrong", "password_wait"):
            self.show_fault(fault)
            return
        self._say(say("shell.sign_in.wrong"))
        self._show_wait()
        self.password.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(self._may_close())


def _enter(people: People, name: str, password: str, folder: Path | None, told: Callable[[int, int], None]) -> None:
    """Sign in, and give the store of `folder` another key where it is to have one; without a folder it is open."""
    people.sign_in(name, password)
    if people.must_change and folder is not None:
        from sync.store.rekeying import change_key

        try:
            change_key(folder, people, told)
        except EnvironmentFault as fault:
            if people.key is None:
                raise
            people.fault = fault  # they are in under the key as it was; the next sign-in tries again
