"""How the open folder comes to belong to a centre: by a code over the line, by files, or to a centre that moved."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.feed import Feed
from sync.store import Store

if TYPE_CHECKING:
    from desktop.widgets.errand import Between
    from desktop.widgets.joining import ByFile


class Enrolling(QObject):
    """`store` gives the window's store, `open_store` one for another thread. `joined` tells that the folder belongs to
    a centre, or follows it to another address."""

    joined = Signal()

    def __init__(
        self,
        feed: Feed,
        clock: Callable[[], datetime],
        store: Callable[[], Store],
        open_store: Callable[[], Store],
        between: "Between",
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._feed, self._clock, self._store = feed, clock, store
        self._open_store, self._between = open_store, between

    def enrol(self, server: str, code: str) -> None:
        """Enrol this folder, or without a code follow its centre to another address. Raises EnvironmentFault.

        On any thread, through a store connection of its own.
        """
        import platform

        from sync.client.enrol import enrol, move

        store = self._open_store()
        try:
            if code:
                enrol(store, server, code, platform.node())
            else:
                move(store, server, lambda: int(self._clock().timestamp()))
        finally:
            store.close()

    def join(self, server: str, code: str) -> None:
        """Enrol for a form, on its thread, and tell of it here: its window may have been built again meanwhile."""
        self.enrol(server, code)
        self.joined.emit()

    def by_file(self) -> "ByFile":
        """What a form needs to enrol without a line."""
        from desktop.widgets.joining import ByFile

        return ByFile(self._store(), self._between, self._feed.changed.emit, self._clock)

    def settle(self) -> None:
        """What was typed before belongs to the village that the folder was enrolled for.

        A commune's officer is asked in the settings instead: only they know whose figures they typed.
        """
        store = self._store()
        enrolment = store.enrolment()
        if enrolment is not None and enrolment.unit.count(".") == 2:
            self._feed.changed.emit(store.adopt(enrolment.unit))
