"""Somebody else on the same PC, who reads all that the system shows of other people's programs while these run."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

_EVERY_S: Final = 0.005
_TURNS: Final = 8
"""Looks at files for each look at processes, of which there are many, and which stay longer."""
_PROCESSES: Final = Path("/proc")


class Onlooker:
    """Looks at every command line and environment, and at whatever lies in `scratch`, where temporary files go, or is
    held open there under no name any more. Of Linux alone.

    `found` is where something stood of what was `planted`, `files` what lay in `scratch`, `seen` whose command lines
    were read.
    """

    def __init__(self, scratch: Path) -> None:
        self.planted: list[bytes] = []
        self.found: set[str] = set()
        self.files: set[str] = set()
        self.seen: set[int] = set()
        self._scratch = scratch
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def plant(self, *secrets: bytes) -> None:
        """Look for these too, from now on."""
        self.planted = [*self.planted, *secrets]

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        for turn in count():
            if self._ended.wait(_EVERY_S):
                return
            for process in _PROCESSES.glob("[0-9]*") if turn % _TURNS == 0 else ():
                with suppress(OSError):  # ended while we looked, or not ours to read
                    self._look_at(process)
            for path in self._scratch.rglob("*"):
                with suppress(OSError):
                    if path.is_file():
                        self._read(path, path.name)

    def _look_at(self, process: Path) -> None:
        line = (process / "cmdline").read_bytes()
        self.seen.add(int(process.name))
        self._note(line, f"command line {line[:80]!r}")
        around = (process / "environ").read_bytes()
        self._note(around, f"environment of {line[:80]!r}")
        if os.fsencode(self._scratch) in around:
            for held in (process / "fd").iterdir():
                target = str(held.readlink())
                if target.startswith(str(self._scratch)):
                    self._read(held, target)

    def _read(self, path: Path, name: str) -> None:
        self.files.add(name)
        self._note(path.read_bytes(), f"file {name}")

    def _note(self, content: bytes, where: str) -> None:
        if any(secret in content for secret in self.planted):
            self.found.add(where)


@contextmanager
def looked_at(scratch: Path) -> Iterator[Onlooker]:
    """Somebody looks on until the block ends."""
    onlooker = Onlooker(scratch)
    try:
        yield onlooker
    finally:
        onlooker.end()
