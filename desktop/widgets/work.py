"""Work for which the window should not wait: done on a thread of its own, and given up at will."""

import sys
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from sync.domain.errors import EnvironmentFault
from sync.exchange.sheets import Cancelled

_TURN_S: Final = 0.0005
"""How long a thread keeps the interpreter while the window asks for it, which it does at every call of Qt."""

Run = Callable[[Callable[[], bool]], object]
"""What is done; it asks its argument now and then whether it was given up, and then raises Cancelled."""


class Work(QObject):
    """One piece of work. `done` brings what it gave, `failed` the EnvironmentFault; given up, it brings nothing."""

    done = Signal(object)
    failed = Signal(object)
    _ended = Signal()

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run, self._given_up = run, Event()
        self._thread = Thread(target=self._work, name="work", daemon=True)
        self._ended.connect(self._end)

    def start(self) -> None:
        sys.setswitchinterval(_TURN_S)
        _running.add(self)
        self._thread.start()

    def cancel(self) -> None:
        """Give up: what it would bring is not wanted any more."""
        self._given_up.set()

    def _work(self) -> None:
        try:
            found = self._run(self._given_up.is_set)
            if not self._given_up.is_set():
                self.done.emit(found)
        except Cancelled:
            pass
        except EnvironmentFault as fault:
            if not self._given_up.is_set():
                self.failed.emit(fault)
        finally:
            self._ended.emit()

    @Slot()
    def _end(self) -> None:
        self._thread.join()
        _running.discard(self)


_running: Final[set[Work]] = set()
"""Work under way, which outlives the window that gave it up."""
