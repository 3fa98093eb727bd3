"""How many forms of a matrix are approved and which wait: a small matrix at once, a province's a little at a time."""

import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.review.matrix import Matrix, Square
from sync.domain.workflow import Stage

_AT_ONCE: Final = 200
"""Squares that nobody has to wait for."""

_SLICE_S: Final = 0.02
"""How long a person may be held up by one part of the count."""

_WAITING: Final = (Stage.SUBMITTED, Stage.WAITING)
"""What somebody above must decide."""


class Counted(NamedTuple):
    """`forms` in all; `waiting` are those that whoever sits here must decide, and can while the period is not closed;
    `clean` are those of them without a fault."""

    forms: int
    approved: int
    waiting: tuple[Square, ...]
    clean: tuple[Square, ...]


NOTHING: Final = Counted(0, 0, (), ())


class Counter(QObject):
    """`counted` carries the Counted of the matrix last begun with. Who sits here `decides` over some of the forms."""

    counted = Signal(object)

    def __init__(self, decides: Callable[[Square], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decides = decides
        self._left: Iterator[Square] = iter(())
        self._forms = self._approved = 0
        self._waiting: list[Square] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._go_on)

    def begin(self, matrix: Matrix | None) -> bool:
        """Count `matrix`, in place of what was being counted; None has no forms. Whether it is done already."""
        self._left = iter(()) if matrix is None else _squares(matrix)
        self._forms = self._approved = 0
        self._waiting = []
        self._soon.stop()
        if matrix is not None and len(matrix.units) * len(matrix.columns) > _AT_ONCE:
            self._soon.start(0)
            return False
        self._count(until=None)
        return True

    @Slot()
    def _go_on(self) -> None:
        self._count(until=time.perf_counter() + _SLICE_S)

    def _count(self, until: float | None) -> None:
        for square in self._left:
            self._forms += 1
            self._approved += square.submission.stage is Stage.APPROVED
            is_open = square.submission.stage in _WAITING or square.asked or square.submission.refused
            if is_open and not square.is_closed and self._decides(square):
                self._waiting.append(square)
            if until is not None and time.perf_counter() > until:
                self._soon.start(0)
                return
        clean = tuple(square for square in self._waiting if _is_clean(square))
        self.counted.emit(Counted(self._forms, self._approved, tuple(self._waiting), clean))


def _squares(matrix: Matrix) -> Iterator[Square]:
    """Form by form, as they are read."""
    for column, row in product(range(len(matrix.columns)), range(len(matrix.units))):
        square = matrix.square(row, column)
        if square is not None:
            yield square


def _is_clean(square: Square) -> bool:
    """Whether it may be approved without being read: complete, nothing against it, and decided by nobody yet."""
    return square.submission.stage is Stage.SUBMITTED and square.findings.is_clean and not square.submission.changed
