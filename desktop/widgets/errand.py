"""What takes longer than a window may wait, and is never given up: done on a thread of its own, answered here."""

from collections.abc import Callable
from threading import Thread
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from sync.domain.errors import EnvironmentFault
from sync.store import Store

Between = Callable[
    [Callable[[Store], object], Callable[[object], None], Callable[[EnvironmentFault], None]],
    None,
]
"""Has work done on the sync's thread between two syncs; what it gives, or its fault, is told there."""


class Errand(QObject):
    """`done` brings what the work gave, `failed` its EnvironmentFault, both in the thread that this belongs to.

    `told` brings how much of it is done, and how much there is, as the work said by `tell`. The work holds no widget,
    which its thread could be the last to let go of.
    """

    done = Signal(object)
    failed = Signal(object)
    told = Signal(int, int)

    def run(self, work: Callable[[], object]) -> None:
        """Begin. One at a time: the caller shows that it is under way."""
        self._trip = _Trip(self, work)
        self._trip.begin()

    def tell(self, done: int, of: int) -> None:
        """For the work, on its thread."""
        self._trip.say("told", done, of)


class _Trip(QObject):
    """One run of an errand. Its thread speaks through this alone, which is connected to nothing but itself and stays
    until the thread has ended: what a widget listens to may go with the widget at any moment, and a thread must not be
    in the middle of it then."""

    _said = Signal(str, tuple)

    def __init__(self, errand: Errand, work: Callable[[], object]) -> None:
        super().__init__()
        self._errand = errand
        self._thread = Thread(target=self._go, args=(work,), name="errand", daemon=True)
        self._said.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        _under_way.add(self)
        self._thread.start()

    def say(self, signal: str, *arguments: object) -> None:
        """Have the errand's `signal` emitted where the errand lives."""
        self._said.emit(signal, arguments)

    def _go(self, work: Callable[[], object]) -> None:
        try:
            found = work()
        except EnvironmentFault as fault:
            self.say("failed", fault)
        else:
            self.say("done", found)
        finally:
            self.say("")

    @Slot(str, tuple)
    def _hear(self, signal: str, arguments: tuple[object, ...]) -> None:
        if signal:
            if isValid(self._errand):  # it may have gone with the window that it belonged to
                getattr(self._errand, signal).emit(*arguments)
            return
        self._thread.join()
        _under_way.discard(self)


_under_way: Final[set[_Trip]] = set()
"""Whoever asked may let go of an errand in the middle of its answer: its thread must not be the last to hold it."""
