"""Small pictures of files, of a PDF that of its first page, made on a thread of their own when they are first looked
at, and kept while they are few."""

from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from desktop.widgets import theme
from desktop.widgets.work import Work
from sync.domain.errors import EnvironmentFault
from sync.domain.media import Media
from sync.exchange.sheets import Cancelled

SIDE: Final = 40
"""Pixels of the longer side at plain text size: what fits into a row."""

MOST_KEPT: Final = 300
_MOST_WANTED: Final = 100
"""Pictures that are still to be made: who scrolled past the first of them will ask again."""

Read = Callable[[str], bytes]
"""Gives the bytes of a file by its hash, on any thread. Raises EnvironmentFault."""

_Make = Callable[[str, bytes, int], QImage]


class Thumbnails(QObject):
    """`made` says that a picture which was asked for is there now. A file that cannot be shown has none."""

    made = Signal()

    def __init__(self, read: Read, parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self._kept: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._wanted: deque[tuple[str, Media]] = deque(maxlen=_MOST_WANTED)
        self._making = ""
        self._work: Work | None = None

    def of(self, hashed: str, media: Media) -> QPixmap | None:
        """The picture of the file with this hash, of this kind; None where there is none, or not yet."""
        if hashed in self._kept:
            self._kept.move_to_end(hashed)
            return self._kept[hashed]
        if (hashed, media) not in self._wanted and hashed != self._making:
            self._wanted.append((hashed, media))
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
        self._making, media = self._wanted.popleft()
        make = partial(_page, theme.roles().line) if media is Media.PDF else _picture
        self._work = Work(partial(_made, self._making, self._read, make, round(theme.px(SIDE) * ratio), ratio))
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
    hashed: str, read: Read, make: _Make, side: int, ratio: float, cancelled: Callable[[], bool]
) -> tuple[str, QImage | None]:
    try:
        data = read(hashed)
        if cancelled():
            raise Cancelled
        image = make(hashed, data, side)
    except EnvironmentFault:
        return hashed, None
    image.setDevicePixelRatio(ratio)
    return hashed, image


def _picture(hashed: str, data: bytes, side: int) -> QImage:
    from desktop.widgets import pictures

    return pictures.read(hashed, data, side)


def _page(edge: QColor, hashed: str, data: bytes, side: int) -> QImage:
    """The first page, with an edge in this colour: paper is as white as what it lies on."""
    from sync.exchange.pdf import Pages

    with closing(Pages(data, hashed)) as pages:
        page = pages.draw(0, side, side)
    drawn = QImage(page.pixels, page.width, page.height, page.width * 4, QImage.Format.Format_RGB32).copy()
    painter = QPainter(drawn)
    painter.setPen(edge)
    painter.drawRect(drawn.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return drawn
