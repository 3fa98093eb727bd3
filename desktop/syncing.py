"""The sync of the open folder: its thread, what carries the files of evidence, and what makes either run or rest."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Slot

from desktop.feed import Feed
from desktop.widgets.preferences import Preferences
from sync.domain.errors import EnvironmentFault
from sync.store import ChangeSet, Enrolment, Store

if TYPE_CHECKING:  # loaded when they are needed, after the first paint
    from desktop.limits import FileLimits
    from sync.client.evidence import Courier
    from sync.client.loop import Line, Loop
    from sync.store.files import Files

_STOP_S: Final = 3.0


class Syncing(QObject):
    """Begins when it is told to. `open_store` and `open_files` give another thread connections of its own."""

    def __init__(
        self,
        folder: Path,
        preferences: Preferences,
        feed: Feed,
        clock: Callable[[], datetime],
        open_store: Callable[[], Store],
        open_files: "Callable[[], Files]",
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.loop: Loop | None = None
        self._folder, self._preferences, self._feed, self._clock = folder, preferences, feed, clock
        self._open_store, self._open_files = open_store, open_files
        self._limits: FileLimits | None = None

    def start(self) -> None:
        """Sync from now on, if it does not already."""
        if self.loop is not None:
            return
        from random import Random

        from sync.client.loop import Loop

        self.loop = Loop(
            self._open_store,
            _open_line,
            clock=self._clock,
            random=Random(),
            on_changes=self._feed.changed.emit,
            on_status=self._feed.status.emit,
            offline=self._preferences.offline,
            open_carrier=partial(self._open_carrier, self.limits),
        )
        self.loop.start()

    def stop(self) -> None:
        """End it; what is under way on the line loses nothing."""
        if self.loop is not None:
            self.loop.stop(_STOP_S)
            self.loop = None

    def watch_network(self) -> None:
        """Sync as soon as a line appears, and know when it is one that is paid by volume."""
        from PySide6.QtNetwork import QNetworkInformation

        if QNetworkInformation.loadDefaultBackend():
            network = QNetworkInformation.instance()
            network.reachabilityChanged.connect(self._network_changed)
            self.limits.watch(network)

    @property
    def limits(self) -> "FileLimits":
        """What keeps files where they are."""
        if self._limits is None:
            from desktop.limits import FileLimits

            self._limits = FileLimits(self._preferences, self)
            self._limits.changed.connect(self.wake)
        return self._limits

    def between(
        self,
        work: Callable[[Store], object],
        done: Callable[[object], None],
        failed: Callable[[EnvironmentFault], None],
    ) -> None:
        """Have `work` done on the sync's thread, between two syncs."""
        self.start()
        assert self.loop is not None
        self.loop.between(work, done, failed)

    @Slot()
    def wake(self) -> None:
        """Sync now: a person asks, somebody wants a file, or more may be moved than before."""
        if self.loop is not None:
            self.loop.wake()

    def set_offline(self, offline: bool) -> None:
        """Keep from the line, or go back to it."""
        if self.loop is not None:
            self.loop.set_offline(offline)

    @Slot(object)
    def edited(self, changes: ChangeSet) -> None:
        """Sync soon what was typed here; what the sync brought is told in the sync's own thread."""
        if self.loop is not None and threading.current_thread() is threading.main_thread():
            self.loop.edited()

    def _open_carrier(self, limits: "FileLimits", store: Store, line: "Line") -> "Courier | None":
        """What moves the files of this folder, once there are any; runs in the sync's thread."""
        from sync.client.evidence import Courier
        from sync.store.files_database import FILE_NAME

        if not (self._folder / FILE_NAME).exists():
            return None
        told = self._feed.file_moved.emit
        return Courier(store, self._open_files(), line.files, self._clock, lambda: limits.now, told)

    @Slot(object)
    def _network_changed(self, reachability: Any) -> None:
        from PySide6.QtNetwork import QNetworkInformation

        if reachability == QNetworkInformation.Reachability.Online:
            self.wake()


def _open_line(store: Store, enrolment: Enrolment) -> "Line":
    """The sync's connection to the centre; runs in the sync's thread, where its libraries are loaded."""
    from nacl.signing import SigningKey

    from sync.client.http import HttpRemote

    return HttpRemote(enrolment.server, SigningKey(store.signing_seed()), enrolment.centre_key)
