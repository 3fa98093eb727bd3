"""The catalogue that the program works with: its own, or a newer one that the centre sent; and asking for that."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from desktop.widgets.errand import Between, Errand
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.exchange.catalogue import read
from sync.store import ChangeSet, Store

if TYPE_CHECKING:  # loaded with the sync, after the first paint
    from sync.client.loop import Status


def newest(store: Store, own: Catalogue) -> tuple[Catalogue, EnvironmentFault | None]:
    """What to work with where the centre sent one that is newer than the program's `own`: that one; or still its own,
    and why, where a program of another time cannot read it."""
    from sync.store.catalogue import kept

    found = kept(store)
    assert found is not None, "kept with its edition"
    try:
        return read(found.files), None
    except EnvironmentFault as fault:
        from sync.client.catalogues import unfit

        return own, unfit(fault)


class Asking(QObject):
    """Asks the centre once in each run whether it works under another catalogue, when a sync has just gone well.

    What comes is taken by the sync's thread, and `tell` hears of it as of every other change. That there is none, or
    that it cannot be read, is no matter: typing goes on under what is had.
    """

    def __init__(
        self,
        store: Callable[[], Store | None],
        between: Between,
        tell: Callable[[ChangeSet], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._between, self._tell = store, between, tell
        self._errand = Errand()
        self._errand.done.connect(self._take)
        self._is_asked = False

    @Slot(object)
    def hear(self, status: "Status") -> None:
        """What the sync says of itself."""
        if self._is_asked or status.phase != "online":
            return
        store = self._store()
        enrolment = store.enrolment() if store is not None else None
        if store is None or enrolment is None:
            return
        self._is_asked = True
        server, version = enrolment.server, store.catalogue

        def work() -> object:
            from sync.client.http import catalogue_at

            return catalogue_at(server, version)

        self._errand.run(work)

    @Slot(object)
    def _take(self, carried: bytes) -> None:
        tell = self._tell
        if not carried:
            return

        def work(store: Store) -> object:
            from sync.client import catalogues

            catalogues.take_newer(store, carried, tell)
            return None

        self._between(work, _nothing, _nothing)


def _nothing(_: object) -> None:
    """Nobody asked for it, so nobody is told."""
