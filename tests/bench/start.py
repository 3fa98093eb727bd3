"""`bench start`: process start to the first typed key stored, with 100,000 values, against a bare window."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from desktop.widgets.preferences import Preferences
from sync.store import Enrolment, Store
from sync.store.key import store_key
from tests.bench.cell import filled
from tests.bench.figures import STREAM, show

VALUES = 100_000
TIMES = 21


class Start(NamedTuple):
    """One start: wall time to the first key, and resident memory at that moment."""

    taken_s: float
    resident_bytes: int


def start(*arguments: str) -> Start:
    """Start one process and wait for its first key."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.bench.first_key", *arguments]
    began = time.monotonic()
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=30).stdout
    ended, resident = said.split()
    return Start(float(ended) - began, int(resident))


def prepare(folder: Path) -> None:
    """A commune's data folder as it is on an ordinary day: enrolled, full, last left in the grid, no line."""
    folder.mkdir()
    store: Store = filled(folder, VALUES, store_key(folder))
    store.keep_enrolment(Enrolment("http://127.0.0.1:9", "bench", bytes(32), "48", STREAM, "Cán bộ"))
    store.close()
    preferences = Preferences(folder)
    preferences.room = "entry"
    preferences.offline = True
    preferences.file.sync()


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "data")
        prepare(folder)
        start(str(folder)), start()  # both once for the caches
        pairs = [(start(str(folder)), start()) for _ in range(TIMES)]
    ours_s, bare_s = (statistics.median(found[place].taken_s for found in pairs) for place in (0, 1))
    ours_bytes, bare_bytes = (statistics.median(found[place].resident_bytes for found in pairs) for place in (0, 1))
    show(
        [
            ("values stored", f"{VALUES:,}"),
            ("start to first key stored", f"{ours_s * 1e3:.0f} ms"),
            ("bare window to first key", f"{bare_s * 1e3:.0f} ms"),
            ("resident memory", f"{ours_bytes / 1e6:.0f} MB"),
            ("resident memory, bare", f"{bare_bytes / 1e6:.0f} MB"),
        ],
        {"start_ratio": ours_s / bare_s, "memory_ratio": ours_bytes / bare_bytes},
    )


if __name__ == "__main__":
    main()
