"""Pages of a PDF, drawn in a process of their own: whoever made the file can make its reader hang, or end it."""

import sys
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, TypeVar

from sync.domain.errors import EnvironmentFault

MOST_PIXELS: Final = 16_000_000
"""Pixels of one drawn page, whatever size it says it has."""

_OPEN_S: Final = 30.0
_DRAW_S: Final = 20.0
"""How long the process may take; on an old PC it needs seconds to begin at all."""

_MAX_MEMORY: Final = 2 << 30
"""Bytes that the process may take, where the system can be told so."""


class Page(NamedTuple):
    """A drawn page: rows of `width` × 4 bytes from the top, each pixel blue, green, red and one unused byte."""

    width: int
    height: int
    pixels: bytes


_Answer = TypeVar("_Answer")


class Pages:
    """The pages of `data`, a PDF called `name`. To be used by one thread at a time, and closed by any.

    Raises EnvironmentFault "pdf_password" or "pdf_damaged", also where its process took too long or was closed.
    """

    def __init__(self, data: bytes, name: str) -> None:
        from multiprocessing import get_context

        self._name = name
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._reader = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._reader.start()
        theirs.close()
        try:
            self._ours.send_bytes(data)
            self.count = self._answer(_OPEN_S, int)
        except (OSError, EnvironmentFault) as error:
            self.close()
            raise error if isinstance(error, EnvironmentFault) else self._damaged() from error

    def draw(self, number: int, width: int, height: int) -> Page:
        """Page `number`, from 0, as large as it fits into so many pixels."""
        try:
            self._ours.send((number, width, height))
        except OSError as error:
            raise self._damaged() from error
        return self._answer(_DRAW_S, Page)

    def close(self) -> None:
        """End the process, also while it draws."""
        self._reader.kill()
        self._reader.join()

    def _answer(self, wait_s: float, kind: type[_Answer]) -> _Answer:
        try:
            if not self._ours.poll(wait_s):
                self.close()
                raise self._damaged()
            found = self._ours.recv()
        except (EOFError, OSError) as error:
            raise self._damaged() from error
        if not isinstance(found, kind):
            raise EnvironmentFault(str(found), file=self._name)
        return found

    def _damaged(self) -> EnvironmentFault:
        return EnvironmentFault("pdf_damaged", file=self._name)


def _serve(to: Connection) -> None:
    """In the other process: take the file, then draw what is asked for, until it is ended."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(to.recv_bytes())
        document.init_forms()
        to.send(len(document))
    except PdfiumError as error:
        to.send("pdf_password" if "password" in str(error).lower() else "pdf_damaged")
        return
    while True:
        number, width, height = to.recv()
        try:
            page = document[number]
            scale = min(width / page.get_width(), height / page.get_height())
            scale = min(scale, (MOST_PIXELS / (page.get_width() * page.get_height())) ** 0.5)
            drawn = page.render(scale=scale, prefer_bgrx=True)
            rows = memoryview(drawn.buffer).cast("B")
            wide = drawn.width * 4
            pixels = b"".join(rows[row * drawn.stride : row * drawn.stride + wide] for row in range(drawn.height))
            to.send(Page(drawn.width, drawn.height, pixels))
            drawn.close()
            page.close()
        except (PdfiumError, ZeroDivisionError, IndexError, MemoryError):
            to.send("pdf_damaged")
