"""Where the centre keeps files: one for each SHA-256 in its folder, and what is still coming, apart by device.

    files/0f/0f3a…              whole, looked at, and never written to again
    files/incoming/DEVICE/0f3a… the first bytes of it, as far as they came

This is all that knows how files lie. A file is moved into its place when it is whole and on the disk; what a power
failure leaves of one that was coming is no more than its beginning, and is looked at when it ends.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from io import BufferedRandom
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

from sync.domain.errors import EnvironmentFault
from sync.domain.media import Media, media_of
from sync.protocol.disk import settle

FOLDER: Final = "files"
DAMAGED: Final = ".damaged"
KEPT_FREE: Final = 2 << 30
"""Bytes of the disk that files leave to figures."""

MAX_BEGUN: Final = 16
"""Files that one device has begun to bring: of more, the one that was longest left alone is forgotten."""

_AT_ONCE: Final = 1 << 20


class Shelf:
    """See the module. One process takes files in; others may look. `free` tells how many bytes the disk has left."""

    def __init__(self, folder: Path, free: Callable[[], int] | None = None) -> None:
        self.folder = folder / FOLDER
        self.free = free or (lambda: shutil.disk_usage(folder).free)
        self._lock = Lock()
        self._coming: dict[tuple[str, str], Coming] = {}

    # What is whole

    def size(self, hashed: str) -> int | None:
        """How many bytes a whole file has; None where it is not here."""
        with suppress(FileNotFoundError):
            return self._place(hashed).stat().st_size
        return None

    def read(self, hashed: str, offset: int, length: int) -> bytes | None:
        """Some bytes of a whole file; None where it is not here."""
        with suppress(FileNotFoundError), self._place(hashed).open("rb") as file:
            file.seek(offset)
            return file.read(length)
        return None

    def whole(self) -> Iterator[tuple[str, int]]:
        """Every whole file and its size."""
        for shard in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(shard.iterdir()):
                if not path.suffix:
                    yield path.name, path.stat().st_size

    def is_sound(self, hashed: str) -> bool:
        """Whether a whole file still has its hash. Reads all of it."""
        with self._place(hashed).open("rb") as file:
            return _hash_of(file) == hashed

    def put_aside(self, hashed: str) -> Path:
        """Leave a damaged file under another name: devices that hold it will bring it again."""
        path = self._place(hashed)
        return path.replace(path.with_name(path.name + DAMAGED))

    def drop(self, hashed: str) -> None:
        """Keep a file no longer."""
        self._place(hashed).unlink(missing_ok=True)

    def since(self, hashed: str) -> float:
        """When a whole file came, by the disk's clock, in seconds since 1970 UTC."""
        return self._place(hashed).stat().st_mtime

    # What comes

    def held(self, device: str, hashed: str) -> int:
        """How many bytes of a file this device has brought so far."""
        with suppress(FileNotFoundError):
            return self._begun(device, hashed).stat().st_size
        return 0

    def has_room(self, length: int) -> bool:
        """Whether so many bytes more leave the disk what is kept free."""
        return self.free() - length >= KEPT_FREE

    def begin(self, device: str, hashed: str) -> "Coming":
        """Go on with a file at its end. Whoever went on with it before, on a line that is long dead, no longer does."""
        path = self._begun(device, hashed)
        with self._lock:
            if before := self._coming.get((device, hashed)):
                before.close()
            path.parent.mkdir(parents=True, exist_ok=True)
            _forget_eldest(path)
            coming = self._coming[device, hashed] = Coming(path)
        return coming

    def end(self, device: str, hashed: str, coming: "Coming", media: frozenset[Media]) -> None:
        """Look at a file that has come to its end, and put it in its place: on the disk when this returns.

        What is another file, or of another kind than was said, is thrown away. Raises EnvironmentFault evidence_wrong,
        evidence_kind.
        """
        with self._lock:
            file = coming.take()
            if file is None:
                # Whoever goes on with it now is still looked after.
                return
            self._coming.pop((device, hashed), None)
            with file:
                found = (_hash_of(file), media_of(file))
                os.fsync(file.fileno())
            path = self._begun(device, hashed)
            if found[0] != hashed or found[1] not in media:
                path.unlink(missing_ok=True)
                raise EnvironmentFault("evidence_wrong" if found[0] != hashed else "evidence_kind")
            place = self._place(hashed)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            for folder in (place.parent, self.folder, path.parent):
                settle(folder)

    def forget(self, device: str, hashed: str) -> None:
        """Drop what a device has brought of a file that is here whole."""
        with self._lock:
            if before := self._coming.pop((device, hashed), None):
                before.close()
            self._begun(device, hashed).unlink(missing_ok=True)

    def _place(self, hashed: str) -> Path:
        return self.folder / hashed[:2] / hashed

    def _begun(self, device: str, hashed: str) -> Path:
        return self.folder / "incoming" / device / hashed


class Coming:
    """A file that one device brings over one line. Once closed it takes nothing more."""

    def __init__(self, path: Path) -> None:
        # "a" alone could not read what it has written.
        self._file: BufferedRandom | None = path.open("a+b")
        self._lock = Lock()
        self.held = self._file.seek(0, os.SEEK_END)

    def write(self, data: bytes) -> None:
        """Put these bytes behind those that came; nowhere once another line goes on with the file. Raises OSError."""
        with self._lock:
            if self._file is not None:
                self._file.write(data)
                self._file.flush()
                self.held += len(data)

    def take(self) -> BinaryIO | None:
        """The file, from its start, for whoever looks at it; nothing more is written."""
        with self._lock:
            file, self._file = self._file, None
            return file

    def close(self) -> None:
        if file := self.take():
            file.close()


def _hash_of(file: BinaryIO) -> str:
    total = sha256()
    file.seek(0)
    while data := file.read(_AT_ONCE):
        total.update(data)
    return total.hexdigest()


def _forget_eldest(path: Path) -> None:
    """Make room for `path` among what its device has begun."""
    others = [other for other in path.parent.iterdir() if other != path]
    others.sort(key=lambda other: other.stat().st_mtime)
    for other in others[: max(0, len(others) - MAX_BEGUN + 1)]:
        with suppress(OSError):  # where somebody still writes to it, on Windows
            other.unlink()
