"""Pictures on their way into the store: upright, no larger than asked for, and without what they tell of their taking.

All of it may run on any thread but the window's, once `get_ready` has run there, and takes seconds for a large picture.

While Qt looks for what reads a picture it holds a lock, and it must not come to ask for words in it: who gives them
(`qt_words`) waits for the interpreter, which the window's thread may hold while it waits for the lock to draw an icon.
"""

import re
from typing import Final, NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader, QImageWriter, QPainter

from sync.domain.errors import EnvironmentFault

QUALITY: Final = 85
"""Of a JPEG, of 100: where people see no difference to the picture it was made of."""

_LOSSY: Final = ("jpeg", "webp")
_BEGINNINGS: Final = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"GIF8": "gif"}
MOST_PIXELS: Final = 60_000_000
_MOST_PIXELS_JPEG: Final = 300_000_000
"""Pixels that a picture may say it has: a JPEG is read in the size that is wanted, others as a whole."""

_CHECKED_SIDE: Final = 256
_IN_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""The marker behind the pixels of a JPEG."""


class Prepared(NamedTuple):
    """What is kept of a picture: its name, with the ending that its bytes have now, and the bytes."""

    name: str
    data: bytes


def get_ready() -> None:
    """Load all that reads pictures, which asks for words when one of them cannot be loaded: on the window's thread."""
    QImageReader.supportedImageFormats()


def is_picture(head: bytes) -> bool:
    """Whether a file that begins so is a picture that is made ready before it is kept."""
    return bool(_kind_of(head))


def _kind_of(head: bytes) -> str:
    """Which kind of picture begins so, as Qt calls it; "" for none of those that are taken."""
    if head.startswith(b"BM"):
        return "bmp" if head[6:10] == bytes(4) else ""  # two letters are little to go by
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return next((kind for begins, kind in _BEGINNINGS.items() if head.startswith(begins)), "")


def prepare(name: str, data: bytes, most_side: int) -> Prepared:
    """The picture with its longer side at most `most_side` pixels, as JPEG or PNG; of a moving one how it begins.

    Raises EnvironmentFault "picture_damaged" or "picture_huge".
    """
    reader = _opened(data, name)
    lossy = bytes(reader.format().data()).decode() in _LOSSY
    return _written(name, _read(reader, name, most_side), lossy)


def prepare_pasted(name: str, image: QImage, most_side: int) -> Prepared:
    """The same for a picture of the clipboard. Raises EnvironmentFault "picture_damaged"."""
    if image.isNull():
        raise EnvironmentFault("picture_damaged", file=name)
    if max(image.width(), image.height()) > most_side:
        image = image.scaled(
            most_side, most_side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return _written(name, image, lossy=False)


def check(name: str, data: bytes) -> None:
    """Look whether the picture can be shown, before it is kept as it is. Raises as `prepare`."""
    read(name, data, _CHECKED_SIDE)


def read(name: str, data: bytes, most_side: int) -> QImage:
    """The picture upright, its longer side at most `most_side` pixels. Raises as `prepare`."""
    return _read(_opened(data, name), name, most_side)


class _Reader(QImageReader):
    """Reads bytes that live as long as it does."""

    def __init__(self, data: bytes, kind: str) -> None:
        self._data = QByteArray(data)
        self.buffer = QBuffer(self._data)
        self.buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        super().__init__(self.buffer, QByteArray(kind.encode()))
        # Else every reader there is looks whether the picture is its own, and says why not.
        self.setAutoDetectImageFormat(False)


def _opened(data: bytes, name: str) -> _Reader:
    """A reader that has looked at the head only. Raises EnvironmentFault."""
    of = _kind_of(data)
    if not of or not _is_whole(data):
        raise EnvironmentFault("picture_damaged", file=name)
    reader = _Reader(data, of)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isEmpty():
        raise EnvironmentFault("picture_damaged", file=name)
    if size.width() * size.height() > (_MOST_PIXELS_JPEG if of == "jpeg" else MOST_PIXELS):
        raise EnvironmentFault("picture_huge", file=name)
    return reader


def _is_whole(data: bytes) -> bool:
    """Whether no end is missing of a picture of a kind that Qt would read all the same, its rest in grey."""
    if data.startswith(b"BM"):
        return int.from_bytes(data[2:6], "little") <= len(data)
    return not data.startswith(b"\xff\xd8") or _has_end(data)


def _has_end(jpeg: bytes) -> bool:
    """Whether the pixels are followed by the end of the picture; what some cameras put behind it does not matter."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        kind = jpeg[at + 1]
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if kind == 0xDA:
            found = _IN_SCAN.search(jpeg, at)
            if found is None:
                return False
            at = found.start()
            if jpeg[at + 1] == 0xD9:
                return True
    return False


def _read(reader: _Reader, name: str, most_side: int) -> QImage:
    size = reader.size()
    if most_side < max(size.width(), size.height()):
        # At least one pixel each way: a picture may be a line.
        fitted = size.scaled(most_side, most_side, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(fitted.expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        raise EnvironmentFault("picture_damaged", file=name)
    return image


def _written(name: str, image: QImage, lossy: bool) -> Prepared:
    """The pixels alone in a file of their own: place and time of taking, camera and comments stay behind."""
    clear = image.hasAlphaChannel() and not _is_opaque(image)
    drawn = QImage(image.size(), QImage.Format.Format_ARGB32 if clear else QImage.Format.Format_RGB32)
    drawn.fill(0 if clear else 0xFFFFFFFF)  # nothing, or the paper of whatever format it came in
    if image.colorSpace().isValid():
        # Their colours as every screen shows them, since the profile stays behind too.
        image = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb), drawn.format())
    painter = QPainter(drawn)
    painter.drawImage(0, 0, image)
    painter.end()
    if clear:
        found = "png", _encoded(drawn, "png")
    elif lossy:
        found = "jpg", _encoded(drawn, "jpg")
    else:
        # A page of letters is smaller and sharper as PNG, a photograph smaller as JPEG.
        found = min((("png", _encoded(drawn, "png")), ("jpg", _encoded(drawn, "jpg"))), key=lambda one: len(one[1]))
    ending, data = found
    return Prepared(_named(name, ending), data)


def _is_opaque(image: QImage) -> bool:
    """Whether nothing shines through, as in every screenshot that could have been clear."""
    alpha = bytes(image.convertedTo(QImage.Format.Format_Alpha8).constBits())
    return alpha.count(b"\xff") == len(alpha)


def _encoded(image: QImage, ending: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(ending.encode()))
    if ending == "jpg":
        writer.setQuality(QUALITY)
        writer.setOptimizedWrite(True)
    if not writer.write(image):
        raise MemoryError(writer.errorString())
    return bytes(buffer.data().data())


def _named(name: str, ending: str) -> str:
    stem, dot, old = name.rpartition(".")
    same = {"jpeg": "jpg", "jfif": "jpg"}.get(old.lower(), old.lower()) == ending
    return name if dot and same else f"{stem if dot and stem else name}.{ending}"
