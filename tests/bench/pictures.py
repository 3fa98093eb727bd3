"""`bench pictures`: fifty photographs of twelve million pixels dropped onto a task at once, while somebody uses the
window: how long the longest moment is in which it does not answer, and how long a photograph takes."""

import os
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.bench.figures import show

PHOTOS: Final = 50
PULSE_MS: Final = 2
GIVEN_UP_S: Final = 600.0


def main() -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    from desktop.feed import Feed
    from desktop.tasks.room import TasksRoom
    from desktop.tasks.sources import Source
    from desktop.widgets import theme
    from desktop.widgets.place import Place
    from sync.domain.keys import TASK
    from sync.store import Store
    from tests.desktop.drawn import photo, taken
    from tests.desktop.sampled import COMMUNE, catalogue, clock, enrol, fill, means

    qt = QApplication(["soxa", "-style", "fusion"])
    theme.apply(qt, "light", 100)
    with TemporaryDirectory() as name:
        folder = Path(name)
        photos = [folder / f"IMG_{place:04}.jpg" for place in range(PHOTOS)]
        for place, path in enumerate(photos):
            path.write_bytes(taken(photo(4000, 3000, place), 6))
        store = Store.open(folder, bytes(32))
        enrol(store)
        fill(store)
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        opener = lambda: Store.open(folder, bytes(32))  # noqa: E731
        room = TasksRoom(store, opener, catalogue(), Feed(), clock(), settings, means(settings))
        room.resize(1282, 682)
        room.show()
        room.show_place(Place("tasks", task=next(key.item for key in store.select(TASK, COMMUNE.key))))
        for _ in range(20):
            qt.processEvents()
        beats: list[float] = []
        pulse = QTimer()
        pulse.timeout.connect(lambda: beats.append(time.perf_counter()))
        pulse.start(PULSE_MS)
        began = time.perf_counter()
        room.proving.attach([Source(path.name, path) for path in photos])
        wanted = True
        while wanted and time.perf_counter() < began + GIVEN_UP_S:
            qt.processEvents()
            time.sleep(0.0005)
            rows = room.proving.panel.list.model().rowCount()
            wanted = rows < PHOTOS or room.proving._work is not None
        took_s = time.perf_counter() - began
        assert not wanted
        for _ in range(2_000):
            qt.processEvents()
            time.sleep(0.0005)
        pulse.stop()
        gaps = sorted(after - before for before, after in pairwise(beats))
        size = sum(one.evidence.size for one in room.proving.panel.all())
        room.hide()
        store.close()
    rows_shown = [
        ("photographs", str(PHOTOS)),
        ("seconds for each", f"{took_s / PHOTOS:.2f}"),
        ("longest time without an answer", f"{gaps[-1] * 1e3:.0f} ms"),
        ("kB kept of each", f"{size / PHOTOS / 1e3:.0f}"),
    ]
    show(rows_shown, {"longest_block_ms": gaps[-1] * 1e3, "photo_s": took_s / PHOTOS})


if __name__ == "__main__":
    main()
