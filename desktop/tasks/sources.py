"""What a person brings as evidence, by drag and drop or by paste, and how pictures among it are taken."""

from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

MOST_AT_ONCE: Final = 200
"""Files of one drop: more are a folder that was meant to be one archive, or a slip."""


class Source(NamedTuple):
    """Something to attach: a file, or a picture that was copied."""

    name: str
    path: Path | None = None
    image: QImage | None = None


class Manner(NamedTuple):
    """How pictures are taken: their longer side in pixels, or as they are."""

    most_side: int
    keep_originals: bool = False


def sources_in(dragged: QMimeData, pasted_name: str) -> list[Source]:
    """What of a drop or the clipboard can be attached: its files, else its picture, which is named `pasted_name`."""
    paths = [Path(url.toLocalFile()) for url in dragged.urls() if url.isLocalFile()]
    if paths:
        return [Source(path.name, path) for path in paths]
    image = QImage(dragged.imageData()) if dragged.hasImage() else QImage()
    return [] if image.isNull() else [Source(pasted_name, image=image)]


def can_attach(dragged: QMimeData) -> bool:
    """Whether `sources_in` would find anything, without looking at pixels."""
    return dragged.hasImage() or any(url.isLocalFile() for url in dragged.urls())
