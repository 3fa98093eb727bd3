"""What the centre itself decided, once more in a file beside its key: it outlives a database that is restored.

One line of JSON is what one transaction decided: changes of the centre's own device, in chain order. A line is
written, and on the disk, before its transaction is committed; a line whose end was never written counts for nothing.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import Change

FILE: Final = "register.soxa"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Change]).decode


class Register:
    """The file in a centre's `folder`. Whoever writes to it holds the database's right to write."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def last_n(self) -> int:
        """Number of the last change that is kept; 0 for none."""
        changes = self.after(-1, only_last=True)
        return changes[-1].n if changes else 0

    def after(self, n: int, *, only_last: bool = False) -> list[Change]:
        """The changes behind number `n`. Raises EnvironmentFault store_damaged when the file is not a register."""
        try:
            lines = self._path.read_bytes().split(b"\n")[:-1] if self._path.exists() else []
            changes = [change for line in (lines[-1:] if only_last else lines) for change in _decode(line)]
        except (OSError, msgspec.DecodeError) as error:
            raise EnvironmentFault("store_damaged", file=str(self._path)) from error
        return [change for change in changes if change.n > n]

    def append(self, changes: Sequence[Change]) -> None:
        """Keep `changes`, which follow what is kept already, all or none. Raises OSError."""
        with open(self._path, "ab", buffering=0, opener=_private) as file:
            # What a power failure left of a line is no line, and must not swallow the next.
            whole = self._whole_bytes()
            file.truncate(whole)
            left = memoryview(_encode(changes) + b"\n")
            try:
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                # Its transaction is undone: a line that is whole all the same would be done again later.
                file.truncate(whole)
                raise

    def _whole_bytes(self) -> int:
        return self._path.read_bytes().rfind(b"\n") + 1


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
