"""The lock of an open folder: covers every window with the sign-in page, and uncovers them for who has a password."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from desktop.shell.idle import Idle
from desktop.shell.sign_in import SignIn
from desktop.widgets.preferences import Preferences
from sync.store.people import People


class Lock(QObject):
    """Emits `opened` with who signed in; the caller then shows what they may see and calls `uncover`.

    `may_close` is asked when the page is closed: what is not saved yet stands behind it.
    """

    opened = Signal(str)
    language_chosen = Signal(str)
    help_asked = Signal()

    def __init__(self, people: People, preferences: Preferences, may_close: Callable[[], bool]) -> None:
        super().__init__()
        self.people = people
        self.page: SignIn | None = None
        self._preferences, self._may_close = preferences, may_close
        self._covered: list[QWidget] = []
        self._follows = False
        self._idle = Idle(lambda: 60.0 * preferences.idle_minutes, parent=self)
        self._idle.idle.connect(self.cover)

    @property
    def is_shut(self) -> bool:
        return self.page is not None

    @Slot()
    def cover(self) -> None:
        """Lock at once: hide all that is open, and ask who is there. What is being typed is stored as it is hidden."""
        if self.page is not None or not self.people.names():
            return
        self._show_page(_visible(), locked=True)

    def begin(self) -> None:
        """Ask who is there before there is anything to hide."""
        self._show_page([], locked=False)

    def dress(self) -> None:
        """The page once more, in the language and look that are chosen now."""
        assert self.page is not None
        old, covered = self.page, self._covered
        self._build(old.name, locked=bool(covered), like=old)
        old.hide()
        old.deleteLater()

    def uncover(self, *, back: bool) -> None:
        """Take the page away. `back` shows again what it covered; else another window stands already."""
        page, covered, self.page, self._covered = self.page, self._covered, None, []
        if page is None:
            return
        self._follow(False)
        if back:
            for window in covered:
                window.show()
            if covered:
                covered[0].activateWindow()
        page.hide()
        page.deleteLater()
        self.watch()

    def watch(self) -> None:
        """Lock by itself from now on, after the minutes that were chosen."""
        if self.people.names():
            self._idle.start()

    def stop(self) -> None:
        """The program ends."""
        self._idle.stop()
        self._follow(False)
        if self.page is not None:
            self.page.hide()
            self.page.deleteLater()
            self.page = None

    # Inside

    def _show_page(self, covered: list[QWidget], *, locked: bool) -> None:
        self._idle.stop()
        self._covered = covered
        self._build(self._preferences.person, locked=locked, like=covered[0] if covered else None)
        for window in covered:
            window.hide()
        self._follow(True)

    def _build(self, name: str, *, locked: bool, like: QWidget | None) -> None:
        page = SignIn(self._preferences.folder, self.people, name, locked=locked, may_close=self._may_close)
        page.signed_in.connect(self.opened)
        page.language_chosen.connect(self.language_chosen)
        if like is not None:
            page.setGeometry(like.geometry())
            page.setWindowState(like.windowState())
        elif not self._preferences.geometry.isEmpty():
            page.restoreGeometry(self._preferences.geometry)
        QShortcut(QKeySequence.StandardKey.HelpContents, page, self.help_asked.emit)
        self.page = page
        page.show()
        page.activateWindow()
        page.setFocus()

    def _follow(self, follows: bool) -> None:
        """While it is locked, hide also what opens by itself: a dialog that waited for a file to be chosen."""
        if follows == self._follows:
            return
        self._follows = follows
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        if follows:
            application.focusWindowChanged.connect(self._hide_others)
        else:
            application.focusWindowChanged.disconnect(self._hide_others)

    @Slot(QWindow)
    def _hide_others(self, _: QWindow | None) -> None:
        for window in _visible():
            if not self._is_of_page(window):
                self._covered.append(window)
                window.hide()

    def _is_of_page(self, window: QWidget) -> bool:
        above: QObject | None = window
        while above is not None and above is not self.page:
            above = above.parent()
        return above is not None


def _visible() -> list[QWidget]:
    """Every window that is shown, the main one first: it has no parent. What only popped up is gone with it."""
    shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    lasting = (Qt.WindowType.Window, Qt.WindowType.Dialog, Qt.WindowType.Sheet)
    for one in shown:
        if one.windowType() not in lasting:
            one.close()
    return sorted((one for one in shown if one.windowType() in lasting), key=lambda one: one.parent() is not None)
