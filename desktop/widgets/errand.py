"""What takes longer than a window may wait, and is never given up: done on a thread of its own, answered here."""

from collections.abc import Callable
from threading import Thread, current_thread
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot

from sync.domain.errors import EnvironmentFault
from sync.store import Store

Between = Callable[
    [Callable[[Store], object], Callable[[object], None], Callable[[EnvironmentFault], None]],
    None,
]
"""Has work done on the sync's thread between two syncs; what it gives, or its fault, is told there."""


_under_way: Final[dict[Thread, "Errand"]] = {}
"""Whoever asked may let go of an errand in the middle of its answer: its thread must not be the last to hold it, and
take apart on the way out what Qt delivers to here."""


class Errand(QObject):
    """`done` brings what the work gave, `failed` its EnvironmentFault, both to the thread that this belongs to.

    `told` is for the work to emit: how much of it is done, and how much there is. The work holds no widget, which its
    thread could be the last to let go of.
    """

    done = Signal(object)
    failed = Signal(object)
    told = Signal(int, int)
    _over = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._over.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], object]) -> None:
        """Begin. One at a time: the caller shows that it is under way."""
        thread = Thread(target=self._run, args=(work,), name="errand", daemon=True)
        _under_way[thread] = self
        thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            found = work()
        except EnvironmentFault as fault:
            self.failed.emit(fault)
        else:
            self.done.emit(found)
        finally:
            self._over.emit(current_thread())

    @Slot(object)
    def _end(self, thread: Thread) -> None:
        thread.join()
        del _under_way[thread]
