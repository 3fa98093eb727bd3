"""What the centre itself decided, once more in a file beside its key: it outlives a database that is restored.

One line of JSON is what one transaction decided: changes of the centre's own device, in chain order and without a
gap. A line is written, and on the disk, before its transaction is committed. What a power failure left of the last
one counts for nothing and is set aside; damage in front of a whole line is no power failure's work, and is refused.
"""

import logging
import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import Change

FILE: Final = "register.soxa"
TORN: Final = "register.torn"
"""What was set aside, one after another."""

_log: Final = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Change]).decode


class Register:
    """The file in a centre's `folder`. Whoever writes to it holds the database's right to write."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def last_n(self) -> int:
        """Number of the last change that is kept; 0 for none. Raises EnvironmentFault store_folder_unwritable."""
        lines, _ = self._lines()
        return _decode(lines[-1])[-1].n if lines else 0

    def after(self, n: int) -> list[Change]:
        """The changes behind number `n`.

        Raises EnvironmentFault register_damaged when a line in front of the last is none, or when one is missing.
        """
        lines, _ = self._lines()
        changes: list[Change] = []
        for number, line in enumerate(lines, 1):
            found = _changes_in(line)
            if not found or [change.n for change in found] != [
                len(changes) + place for place in range(1, len(found) + 1)
            ]:
                raise EnvironmentFault("register_damaged", file=str(self._path), line=number)
            changes += found
        return changes[n:]

    def append(self, changes: Sequence[Change]) -> None:
        """Keep `changes`, which follow what is kept already, all or none. Raises OSError."""
        # It must not swallow the next line.
        self.set_torn_aside()
        with open(self._path, "ab", buffering=0, opener=_private) as file:
            whole = file.tell()
            try:
                _write(file, _encode(changes) + b"\n")
            except OSError:
                # Its transaction is undone: a line that is whole all the same would be done again later.
                file.truncate(whole)
                raise

    def check(self) -> None:
        """Find damage while the database can still make it good. Raises as `after`, and OSError."""
        self.set_torn_aside()
        self.after(0)

    def set_torn_aside(self) -> None:
        """Move what is left of a line that was never whole into the file TORN, and say so. Raises OSError."""
        lines, torn = self._lines()
        if not torn:
            return
        kept = self._path.with_name(TORN)
        with open(kept, "ab", buffering=0, opener=_private) as file:
            _write(file, torn + b"\n")
        with self._path.open("ab", buffering=0) as file:
            file.truncate(sum(len(line) + 1 for line in lines))
            os.fsync(file.fileno())
        _log.warning("%s: the last line was torn; its %d bytes are kept in %s", self._path, len(torn), kept)

    def _lines(self) -> tuple[list[bytes], bytes]:
        """All whole lines, and what stands behind them."""
        try:
            *lines, torn = self._path.read_bytes().split(b"\n") if self._path.exists() else (b"",)
        except OSError as error:
            raise EnvironmentFault("store_folder_unwritable", folder=str(self._path.parent)) from error
        if lines and not torn and not _changes_in(lines[-1]):
            # Its end came to the disk before what stands in front of it.
            torn = lines.pop() + b"\n"
        return lines, torn


def _changes_in(line: bytes) -> list[Change]:
    """Empty for what is no line."""
    try:
        return _decode(line)
    except msgspec.DecodeError:
        return []


def _write(file: FileIO, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
