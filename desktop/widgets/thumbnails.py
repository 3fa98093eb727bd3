"""Small pictures of files, made on a thread of their own when they are first looked at, and kept while they are few."""

from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication

from desktop.widgets import theme
from desktop.widgets.work import Work
from sync.domain.errors import EnvironmentFault

SIDE: Final = 40
"""Pixels of the longer side at plain text size: what fits into a row."""

MOST_KEPT: Final = 300
_MOST_WANTED: Final = 100
"""Pictures that are still to be made: who scrolled past the first of them will ask again."""

Read = Callable[[str], bytes]
"""Gives the bytes of a file by its hash, on any thread. Raises EnvironmentFault."""


class Thumbnails(QObject):
    """`made` says that a picture which was asked for is there now. A file that cannot be shown has none."""

    made = Signal()

    def __init__(self, read: Read, parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self._kept: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._wanted: deque[str] = deque(maxlen=_MOST_WANTED)
        self._making = ""
        self._work: Work | None = None

    def of(self, hashed: str) -> QPixmap | None:
        """The picture of the file with this hash; None where there is none, or not yet."""
        if hashed in self._kept:
            self._kept.move_to_end(hashed)
            return self._kept[hashed]
        if hashed not in self._wanted and hashed != self._making:
            self._wanted.append(hashed)
        if self._work is None:
            self._begin()
        return None

    def stop(self) -> None:
        """What is still to be made is not wanted any more."""
        self._wanted.clear()
        self._making = ""
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def _begin(self) -> None:
        app = QApplication.instance()
        ratio = app.devicePixelRatio() if isinstance(app, QApplication) else 1.0
        self._making = self._wanted.popleft()
        self._work = Work(partial(_made, self._making, self._read, round(theme.px(SIDE) * ratio), ratio))
        self._work.done.connect(self._keep)
        self._work.start()

    @Slot(object)
    def _keep(self, found: tuple[str, QImage | None]) -> None:
        hashed, image = found
        self._kept[hashed] = None if image is None else QPixmap.fromImage(image)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        self._work, self._making = None, ""
        if self._wanted:
            self._begin()
        self.made.emit()


def _made(
    hashed: str, read: Read, side: int, ratio: float, _cancelled: Callable[[], bool]
) -> tuple[str, QImage | None]:
    from desktop.widgets import pictures

    try:
        image = pictures.read(hashed, read(hashed), side)
    except EnvironmentFault:
        return hashed, None
    image.setDevicePixelRatio(ratio)
    return hashed, image
