"""The composition root: it builds the store, the sync and the windows of a data folder, and knows who is here."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import delete

from desktop.crashes import Crashes
from desktop.enrolling import Enrolling
from desktop.feed import Feed
from desktop.presence import Presence
from desktop.reminding import Reminding
from desktop.rooms import plans
from desktop.shell.single import Single
from desktop.shell.window import LEAST, Window
from desktop.syncing import Syncing
from desktop.widgets import theme, words
from desktop.widgets.preferences import Preferences
from desktop.widgets.qt_words import QtWords
from desktop.widgets.resources import ROOT
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import RIGHTS, Key, stream_of_device
from sync.domain.rights import Action
from sync.exchange.catalogue import load
from sync.store import CATALOGUE_ARRIVED, ChangeSet, Store

if TYPE_CHECKING:  # loaded when they are needed, after the first paint
    from desktop.garbage import Garbage
    from desktop.shell.lock import Lock
    from desktop.shell.palette import Target
    from desktop.shell.welcome import Welcome
    from desktop.widgets.place import Place
    from sync.store.files import Files
    from sync.store.people import People

_SYNC_AFTER_MS: Final = 400
_LATER_MS: Final = 250


def now() -> datetime:
    return datetime.now(UTC)


class App(QObject):
    """One open data folder: its store, its sync and its window. Raises EnvironmentFault where they cannot open.

    Where somebody has a password, there is no `store` before the first sign-in. `reach` is how far who is here may
    administer, open and close: three units, "" for nowhere.
    """

    store: Store

    def __init__(self, folder: Path, single: Single, clock: Callable[[], datetime] = now) -> None:
        super().__init__()
        self.clock = clock
        self.preferences = Preferences(folder)
        self.feed = Feed()
        self.sync = Syncing(folder, self.preferences, self.feed, clock, self.open_store, self.open_files, self)
        self.enrolling = Enrolling(self.feed, clock, lambda: self.store, self.open_store, self.sync.between, self)
        self.reminding = Reminding(lambda: self.store, clock, lambda: self._presence.is_shut, self)
        self.crashes = Crashes(folder, clock, self._front, self)
        self.window: Window | Welcome | None = None
        self._folder, self._single = folder, single
        self._translator: QtWords | None = None
        self._server = self._code = ""
        self._is_stale = False
        self._catalogue_fault: EnvironmentFault | None = None
        self.reach = ("", "", "")
        self._garbage: Garbage | None = None
        self._late = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._late.timeout.connect(self._show_later)
        self._work_soon = QTimer(self, singleShot=True, interval=_SYNC_AFTER_MS)
        self._work_soon.timeout.connect(self._begin_work)
        self._dress()
        self.catalogue: Catalogue = load(ROOT / "catalogues")
        self._presence = Presence(folder, self.preferences, self._may_close, self)
        self._presence.came.connect(self._signed_in)
        self._presence.language_chosen.connect(self._language_chosen)
        self._presence.help_asked.connect(self._show_help)
        if self._presence.key:
            self._begin_store()
        # In the thread that changed something, so that typing is told from what the sync brought.
        self.feed.changed.connect(self.sync.edited, Qt.ConnectionType.DirectConnection)
        self.feed.changed.connect(self._rights_changed)
        self.feed.changed.connect(self._catalogue_changed)
        self.enrolling.joined.connect(self._enrolled)
        self.reminding.clicked.connect(self._raise)
        self.reminding.opened.connect(self._go)

    def _begin_store(self) -> None:
        """The store of the window, with what the centre sent to work by."""
        self.store = self.open_store()
        self._use_catalogue()

    @property
    def _key(self) -> bytes:
        """The store's key, for any thread. Raises EnvironmentFault while nobody is signed in: without its key what
        lies here would be taken for damaged."""
        if not self._presence.key:
            raise EnvironmentFault("store_busy")
        return self._presence.key

    def open_store(self) -> Store:
        store = Store.open(self._folder, self._key, self.catalogue.version)
        store.edition = self.catalogue.edition
        return store

    def _use_catalogue(self) -> None:
        """Work with the newest catalogue that there is."""
        if self.store.kept_edition() > self.catalogue.edition:
            from desktop.catalogue import newest

            self.catalogue, self._catalogue_fault = newest(self.store, self.catalogue)
            self.store.catalogue, self.store.edition = self.catalogue.version, self.catalogue.edition

    def open_theirs(self) -> Store:
        """A connection for another thread, through which who is here sees what they see in the window."""
        store = self.open_store()
        store.person, store.sees = self.store.person, self.store.sees
        return store

    # Windows

    def start(self, server: str = "", code: str = "") -> None:
        """Show the window, or first the sign-in page; with `server` and `code`, enrol a folder that is not enrolled."""
        self._server, self._code = server, code
        if self._presence.key:
            self._begin()
        else:
            self.lock.begin()
            self._listen()

    def _begin(self) -> None:
        """The first window."""
        fault = self._presence.fault or self._catalogue_fault
        if self._server and self._code and self.store.enrolment() is None:
            try:
                self.enrolling.enrol(self._server, self._code)
                self.enrolling.settle()
                self._presence.keep_recovery(self.store)
            except EnvironmentFault as found:
                fault = found
        self._show_window()
        if fault and self.window:
            self.window.show_fault(fault)
        self._work_soon.start()

    @Slot()
    def show(self) -> None:
        """Build what is shown now once more: in another look, or because the folder is another's."""
        self._dress()
        if self._presence.is_shut:
            self._is_stale = True
            self.lock.dress()
        else:
            self._show_window()

    def _show_window(self) -> None:
        """Build the window that the folder needs now, in place of the one before."""
        old = self.window
        room = old.open_name if isinstance(old, Window) else ""
        self._is_stale = False
        self._look()
        if self.store.enrolment() is None and not self.preferences.own_name:
            self.window = self._welcome()
        else:
            self.window = self._window(room)
        if old is not None:
            self.window.setGeometry(old.geometry())
            self.window.setWindowState(old.windowState())
        elif self.preferences.geometry.isEmpty():
            _fill_small_screen(self.window)
        QShortcut(QKeySequence.StandardKey.HelpContents, self.window, self._show_help)
        self.window.show()
        if old is not None:
            old.close()
            old.deleteLater()

    def _look(self) -> None:
        """Let the screens show what who is here may see."""
        from sync.store.rights import Rights

        rights = Rights(self.store, self.catalogue)
        self.store.sees = rights.sees if rights.has_people else None
        administers, opens, closes = map(rights.highest, (Action.ADMINISTER, Action.OPEN, Action.CLOSE))
        self.reach = administers, opens, closes

    @Slot(object)
    def _rights_changed(self, changes: ChangeSet) -> None:
        """The centre said anew who may do what here: all that is shown follows from it."""
        if self._presence.key and Key(RIGHTS, stream_of_device(self.store.device)) in changes.keys:
            self._look()
            self._show_later()

    @Slot()
    def _show_later(self) -> None:
        """As soon as nobody is in the middle of a form whose words would go with the window."""
        if isinstance(self.window, Window) and not self._presence.is_shut and self.window.is_typed_in():
            self._late.start()
        elif self._presence.key:
            before = self.catalogue
            self._use_catalogue()
            self.show()
            if self.catalogue is not before and isinstance(self.window, Window):
                self.window.show_note(say("shell.catalogue", edition=self.catalogue.edition))
            elif self._catalogue_fault and isinstance(self.window, Window):
                self.window.show_fault(self._catalogue_fault)

    @Slot(object)
    def _catalogue_changed(self, changes: ChangeSet) -> None:
        """The centre's catalogue came: all that is shown follows from it."""
        if self._presence.key and CATALOGUE_ARRIVED in changes.keys:
            self._show_later()

    def _dress(self) -> None:
        """Take language, theme and text size from the preferences."""
        qt = program()
        words.set_language(self.preferences.language)
        theme.apply(qt, self.preferences.theme, self.preferences.text_percent)
        if self._translator is not None:
            qt.removeTranslator(self._translator)
        self._translator = QtWords(self.preferences.language)
        qt.installTranslator(self._translator)

    def _welcome(self) -> "Welcome":
        from desktop.shell.welcome import Welcome

        page = Welcome(self.enrolling.join, self.enrolling.by_file(), self._server)
        page.joined.connect(self.enrolling.joined)
        page.started.connect(self._started)
        page.language_chosen.connect(self._language_chosen)
        return page

    def _window(self, room: str) -> Window:
        rooms = plans(self)
        window = Window(rooms, self.store, self.feed, self.clock, self.preferences, self._targets)
        window.sync_now.connect(self._sync_now)
        window.lock_asked.connect(self.shut)
        window.offline_chosen.connect(self._offline_chosen)
        room = room or self.preferences.room
        window.open_room(room if room in {plan.name for plan in rooms} else "today")
        return window

    @Slot(object)
    def _go(self, place: "Place") -> None:
        if isinstance(self.window, Window) and not self._presence.is_shut:
            self.window.show_place(place)

    def open_files(self) -> "Files":
        """The files of the folder, on any thread."""
        from sync.store.files import Files

        return Files.open(self._folder, self._key)

    def _targets(self) -> "Sequence[Target]":
        from desktop.shell.targets import targets

        window = self.window
        assert isinstance(window, Window)
        syncing = {
            "sync_now": self._sync_now,
            "go_online" if self.preferences.offline else "go_offline": self._toggle_offline,
        }
        commands = {
            **(syncing if (enrolment := self.store.enrolment()) and enrolment.server else {}),
            **({"lock": self.shut} if self.store.person else {}),
            "light": lambda: self._theme_chosen("light"),
            "dark": lambda: self._theme_chosen("dark"),
            "contrast": lambda: self._theme_chosen("contrast"),
            "language": lambda: self._language_chosen("en" if self.preferences.language == "vi" else "vi"),
            "help": self._show_help,
        }
        return targets(self.store, self.catalogue, window.show_place, commands)

    # Who is here

    @property
    def lock(self) -> "Lock":
        return self._presence.lock

    @property
    def people(self) -> "People":
        """Who has a password in this folder."""
        return self._presence.people

    @Slot()
    def shut(self) -> None:
        """Lock, where somebody has a password."""
        if self.store.person:
            self.lock.cover()

    @Slot()
    def leave(self) -> None:
        """Close the store and ask who is there: whoever signs in gives it another key, and goes on."""
        if isinstance(self.window, Window) and self.window.unsaved():
            return  # the next start does it
        self._work_soon.stop()
        self.sync.stop()
        self._close_window()
        self.store.close()
        self._presence.key, self.people.key = b"", None
        self.lock.begin()

    def _may_close(self) -> bool:
        """Whether what stands behind the lock lets the program end."""
        return self.window is None or self.window.close()

    @Slot(str)
    def _signed_in(self, person: str) -> None:
        """Show the window to who came: the same as it was left, or one of their own."""
        page = self.lock.page
        assert page is not None
        if self._presence.key and self.store.person == person and not self._is_stale:
            self.lock.uncover(back=True)
            self.reminding.go_on()
            return
        is_first = not self._presence.key
        try:
            self._work_for(person)
        except EnvironmentFault as fault:
            page.show_fault(fault)
            return
        if is_first:
            self._begin()
        else:
            self._show_window()
        self.lock.uncover(back=False)
        self.reminding.go_on()

    def _work_for(self, person: str) -> None:
        """Open the store for this person. Raises EnvironmentFault; then the one before is still who is here."""
        presence = self._presence
        if presence.key and self.store.person != person:
            if isinstance(self.window, Window) and self.window.unsaved():
                raise EnvironmentFault("people_unsaved", person=self.store.person)
            self._close_window()
            self.store.close()
            presence.key = b""
        if not presence.key:
            assert presence.people.key is not None
            presence.key = presence.people.key
            try:
                self._begin_store()
            except EnvironmentFault:
                presence.key = b""
                raise
        presence.take(self.store, person)

    def _close_window(self) -> None:
        """What the person before was doing is stored as the window closes."""
        if self.window is not None:
            self.window.close()
            delete(self.window)
            self.window = None
        self.reminding.stop()

    @Slot(str)
    def first_came(self, person: str) -> None:
        """Somebody set the first password: they are who is here."""
        self._presence.take(self.store, person)
        self.lock.watch()
        self.show()

    # What a person chooses

    @Slot(str)
    def _started(self, name: str) -> None:
        """Type without a centre: the folder's figures belong to a unit that has only a name so far."""
        self.preferences.own_name = name
        self.preferences.room = "entry"
        self.show()

    @Slot(str)
    def _language_chosen(self, language: str) -> None:
        self.preferences.language = language
        self.show()

    @Slot()
    def _scheme_changed(self) -> None:
        """The system turned light or dark."""
        if self.preferences.theme == theme.SYSTEM:
            self._show_later()

    def _theme_chosen(self, name: str) -> None:
        self.preferences.theme = name
        self.show()

    @Slot()
    def _toggle_offline(self) -> None:
        self._offline_chosen(not self.preferences.offline)

    @Slot(bool)
    def _offline_chosen(self, offline: bool) -> None:
        self.preferences.offline = offline
        if isinstance(self.window, Window):
            self.window.show_offline(offline)
        self.sync.set_offline(offline)

    @Slot()
    def _show_help(self) -> None:
        from desktop.shell.help import Help

        front = self._front()
        if front is None:
            return
        page = front.open_name if isinstance(front, Window) else "welcome" if front is self.window else "sign_in"
        found = front.findChild(Help) or Help(front)
        found.open_page(page)

    # Sync

    @Slot()
    def _enrolled(self) -> None:
        self.enrolling.settle()
        self._presence.keep_recovery(self.store)
        self.show()
        self.sync.wake()

    @Slot()
    def _begin_work(self) -> None:
        """What can wait until the first window stands: tidying memory, later starts, the network's state, the sync."""
        if self._garbage is not None:
            self.sync.start()  # not the first window: the store was closed in between
            return
        from desktop.catalogue import Asking
        from desktop.garbage import Garbage

        self._garbage = Garbage(self)
        if not self._presence.has_lock:
            self._listen()
        asking = Asking(
            lambda: self.store if self._presence.key else None, self.sync.between, self.feed.changed.emit, self
        )
        self.feed.status.connect(asking.hear)
        self.sync.start()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)
        self.sync.watch_network()

    def _listen(self) -> None:
        self._single.listen()
        self._single.raised.connect(self._raise)

    @Slot()
    def _sync_now(self) -> None:
        """Sync at once; asked for by a person, it also ends working offline."""
        if self.preferences.offline:
            self._offline_chosen(False)
        else:
            self.sync.wake()

    # The end

    @Slot()
    def _raise(self) -> None:
        """Another start of this folder: show what is open already."""
        front = self._front()
        if front is not None:
            front.setWindowState(front.windowState() & ~Qt.WindowState.WindowMinimized)
            front.raise_()
            front.activateWindow()

    def _front(self) -> QWidget | None:
        """What is before the person: the sign-in page or the window."""
        return self._presence.page or self.window

    @Slot()
    def stop(self) -> None:
        """End the sync, the window and the store, in this order; what is under way on the line loses nothing."""
        self._work_soon.stop()
        self._late.stop()
        if self._translator is not None:
            # Qt would ask it for words when it is no longer whole.
            program().removeTranslator(self._translator)
            self._translator = None
        self.sync.stop()
        if self._garbage is not None:
            self._garbage.stop()
        self.reminding.stop()
        self._presence.stop()
        if self.window is not None:
            # At once: what the sync said last must not find a window whose store is closed.
            delete(self.window)
            self.window = None
        if self._presence.key:
            self.store.close()


def _fill_small_screen(window: QWidget) -> None:
    """A first window that would not fit with its frame fills the screen, or its foot would hang below the edge."""
    free, wanted = window.screen().availableSize(), window.size()
    if free.width() >= LEAST[0] and (free.width() <= wanted.width() or free.height() <= wanted.height()):
        window.setWindowState(Qt.WindowState.WindowMaximized)


def program() -> QApplication:
    """Qt's own part of the program, made when it is first asked for."""
    found = QApplication.instance()
    # The style is told by the argument: to ask for it later makes Qt's hundreds of names of style parts, a slow start.
    return found if isinstance(found, QApplication) else QApplication(["soxa", "-style", "fusion"])
