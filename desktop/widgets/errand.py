"""What takes longer than a window may wait, and is never given up: done on a thread of its own, answered here."""

from collections.abc import Callable
from threading import Thread

from PySide6.QtCore import QObject, Signal

from sync.domain.errors import EnvironmentFault
from sync.store import Store

Between = Callable[
    [Callable[[Store], object], Callable[[object], None], Callable[[EnvironmentFault], None]],
    None,
]
"""Has work done on the sync's thread between two syncs; what it gives, or its fault, is told there."""


class Errand(QObject):
    """`done` brings what the work gave, `failed` its EnvironmentFault, both to the thread that this belongs to."""

    done = Signal(object)
    failed = Signal(object)

    def run(self, work: Callable[[], object]) -> None:
        """Begin. One at a time: the caller shows that it is under way."""
        Thread(target=self._run, args=(work,), name="errand", daemon=True).start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            found = work()
        except EnvironmentFault as fault:
            self.failed.emit(fault)
        else:
            self.done.emit(found)
