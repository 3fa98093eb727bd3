"""Who is here: the key of a folder's store, the people who have a password there, and the lock before the window."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.widgets.preferences import Preferences
from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.key import has_people, has_recovery, store_key

if TYPE_CHECKING:  # loaded where somebody has a password
    from desktop.shell.lock import Lock
    from sync.store.people import People


class Presence(QObject):
    """`key` opens the store; it is b"" until somebody signs in, which `came` tells. Raises EnvironmentFault where the
    key cannot be had at all. `may_close` says whether what stands behind the lock lets the program end."""

    came = Signal(str)
    language_chosen = Signal(str)
    help_asked = Signal()

    def __init__(
        self, folder: Path, preferences: Preferences, may_close: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._folder, self._preferences, self._may_close = folder, preferences, may_close
        self._people: People | None = None
        self._lock: Lock | None = None
        self.key = b""
        self.key = self._key_in_the_open()

    def _key_in_the_open(self) -> bytes:
        """The store's key where it may be had without a password, else b""."""
        if has_people(self._folder) and self.people.names():
            return b""
        try:
            # Also where nobody can be read out of the file: that the key was in the open still is no harm.
            return store_key(self._folder)
        except EnvironmentFault as fault:
            if fault.code == "store_key_missing" and (has_people(self._folder) or has_recovery(self._folder)):
                return b""
            raise

    @property
    def people(self) -> "People":
        """Who has a password in this folder."""
        if self._people is None:
            from sync.store.people import People

            self._people = People(self._folder)
        if self.key and self._people.key is None:
            self._people.let_in(self.key)
        return self._people

    @property
    def fault(self) -> EnvironmentFault | None:
        """Why nobody can be read out of the folder's file of people, where that is so."""
        return self._people.fault if self._people else None

    # The lock

    @property
    def lock(self) -> "Lock":
        if self._lock is None:
            from desktop.shell.lock import Lock

            self._lock = Lock(self.people, self._preferences, self._may_close)
            self._lock.opened.connect(self.came)
            self._lock.language_chosen.connect(self.language_chosen)
            self._lock.help_asked.connect(self.help_asked)
        return self._lock

    @property
    def has_lock(self) -> bool:
        """Whether anybody ever signed in or was asked to."""
        return self._lock is not None

    @property
    def is_shut(self) -> bool:
        return self._lock is not None and self._lock.is_shut

    @property
    def page(self) -> QWidget | None:
        """The sign-in page, where that is before the person."""
        return self._lock.page if self._lock is not None else None

    @Slot()
    def stop(self) -> None:
        if self._lock is not None:
            self._lock.stop()

    # Whose work it is

    def take(self, store: Store, person: str) -> None:
        """Work for `person` from now on."""
        store.sign_in(person)
        self._preferences.person = person
        self._preferences.work_for(person)
        self.keep_recovery(store)

    def keep_recovery(self, store: Store) -> None:
        """Let the centre open this store for who forgets their password, once it is known which centre that is."""
        from sync.store.recovery import keep_copy

        enrolment = store.enrolment()
        if enrolment is not None:
            with suppress(EnvironmentFault):  # a full disk now; the next sign-in tries again
                keep_copy(self._folder, self.key, store.device, enrolment.recovery_key)
