"""Files as pieces: read from a source, and read back as one file that can be sought in."""

import io
import os
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from sync.domain.errors import EnvironmentFault

PIECE_BYTES: Final = 1 << 16


def pieces_of(source: BinaryIO, most: int) -> list[bytes]:
    """Up to `most` pieces more of `source`; only the last of a file may be shorter.

    Raises `EnvironmentFault` evidence_unreadable.
    """
    found: list[bytes] = []
    while len(found) < most:
        piece = b""
        try:
            # A source may give less than it has.
            while len(piece) < PIECE_BYTES and (more := source.read(PIECE_BYTES - len(piece))):
                piece += more
        except OSError as error:
            raise EnvironmentFault("evidence_unreadable") from error
        if piece:
            found.append(piece)
        if len(piece) < PIECE_BYTES:
            break
    return found


class Pieces(io.RawIOBase):
    """A file in pieces as one that can be sought in."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._bytes, self._size, self._at = read, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._bytes(self._at, min(len(buffer), self._size - self._at))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
