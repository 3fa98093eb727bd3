"""`bench cell`: one edit through `GridModel.setData` to durable, with few and with very many values stored."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop.entry.layout import Layout
from desktop.entry.model import GridModel
from desktop.entry.steps import Steps
from desktop.entry.writing import Kept, Writer
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.resources import ROOT
from sync.domain.keys import BROADCAST, UNIT, VALUE, Key
from sync.domain.periods import Period
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from sync.protocol.messages import Cursor, Head, Origin, Page, Record, Subscription, Version
from sync.store import Store
from sync.store.receiving import cursors, take_page
from tests.bench.baselines import bare_insert
from tests.bench.figures import BRANCHES, NOON, STREAM, answers, records, show

FEW, MANY = 10_000, 1_000_000
EDITS = 2_000
ROUND = 100
"""Edits in a row of one store: the stores take turns, so that what else the machine does falls on both."""
TRACED_EDITS = 200
PERIOD = "A2026Q4"


def filled(folder: Path, count: int, key: bytes = bytes(32)) -> Store:
    """A store that received `count` values and the commune's ten villages."""
    store = Store.open(folder, key)
    for answer in answers(records(count)):
        for page in answer.pages:
            take_page(store, page, cursors(store))
    villages = [Unit(f"{STREAM}.{number:03}", UnitKind.VILLAGE, f"Thôn {number}") for number in range(1, 11)]
    units = [
        Record(Key(UNIT, unit.key), (Head(Version(BRANCHES[0], number), unit.content(), "", NOON, NOON),))
        for number, unit in enumerate(villages, 1)
    ]
    broadcast = Subscription(BROADCAST, BROADCAST)
    take_page(store, Page(broadcast, Origin.START, units, Cursor(1, "t"), False), cursors(store))
    store.checkpoint()
    return store


def grid(store: Store) -> GridModel:
    """The village form of one quarter over ten villages."""
    catalogue = load(ROOT / "catalogues")
    form = next(form for form in catalogue.forms.values() if form.unit_kinds)
    villages = [unit.key for unit in store.units(STREAM)]
    feed = Feed()
    layout = Layout(catalogue, form, villages, [Period.parse(PERIOD)])
    writer = Writer(store, lambda: store, feed, lambda: datetime.now(UTC), Kept({}, Steps()))
    return GridModel(store, catalogue, layout, writer, feed)


def edit_times_s(model: GridModel, numbers: range) -> list[float]:
    """Wall time of each edit that types one of `numbers`, new to its cell, over all typed cells of the grid."""
    rows = [row for row, line in enumerate(model.lines) if line.typed]
    places = [model.index(row, column) for column in range(model.columnCount()) for row in rows]
    taken: list[float] = []
    for number in numbers:
        index = places[number % len(places)]
        start = time.perf_counter()
        stored = model.setData(index, str(1_000 + number))
        taken.append(time.perf_counter() - start)
        assert stored
    return taken


def bare_times_s(store: Store, numbers: range) -> list[float]:
    """Wall time of a bare INSERT with commit of each of `numbers` on the store's own connection."""
    taken: list[float] = []
    for number in numbers:
        row = (VALUE, f"{STREAM}.001", "village_ct01", PERIOD, "", str(1_000 + number), "Cán bộ", NOON, NOON)
        start = time.perf_counter()
        bare_insert(store.db, row)
        taken.append(time.perf_counter() - start)
    return taken


def fsyncs_per_edit() -> float | None:
    """Counted by the system: fsyncs of a process with edits less those of one with the first alone, which also begins
    the log; None where it cannot be."""
    if not shutil.which("strace"):
        return None
    with_edits, with_one = (_traced_fsyncs(edits) for edits in (1 + TRACED_EDITS, 1))
    return (with_edits - with_one) / TRACED_EDITS


def _traced_fsyncs(edits: int) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch, "trace")
        command = ["strace", "-f", "-o", str(log), "-e", "trace=fsync,fdatasync", sys.executable, "-m", __spec__.name]
        subprocess.run([*command, "--edits", str(edits), scratch], check=True)
        return sum("sync(" in line for line in log.read_text().splitlines())


def middle(times_s: list[float], part: float = 0.5) -> float:
    return sorted(times_s)[int(len(times_s) * part)]


def in_turns(folder: Path) -> tuple[dict[int, list[float]], dict[int, list[float]], dict[int, list[float]]]:
    """Wall times by values stored: of edits, of edits with synchronous=OFF, and of bare INSERTs with the same."""
    full, fast, bare = (defaultdict[int, list[float]](list) for _ in range(3))
    stores = {count: filled(folder / str(count), count) for count in (FEW, MANY)}
    models = {count: grid(store) for count, store in stores.items()}
    rounds = [range(first, first + ROUND) for first in range(0, 2 * EDITS, ROUND)]
    for numbers in rounds[: len(rounds) // 2]:
        for count, model in models.items():
            full[count] += edit_times_s(model, numbers)
    for store in stores.values():
        store.db.execute("PRAGMA synchronous = OFF")
        store.db.execute("CREATE TABLE bare (kind, unit, item, period, part, content, author, typed_at, received_at)")
    for numbers in rounds[len(rounds) // 2 :]:
        for count, model in models.items():
            fast[count] += edit_times_s(model, numbers)
            bare[count] += bare_times_s(stores[count], numbers)
    for store in stores.values():
        store.close()
    return full, fast, bare


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QCoreApplication(sys.argv)
    words.set_language("vi")
    if "--edits" in sys.argv:
        store = filled(Path(sys.argv[-1]), 100)
        edit_times_s(grid(store), range(int(sys.argv[-2])))
        os._exit(0)  # without the checkpoint of closing, whose fsyncs are no edit's
    with tempfile.TemporaryDirectory() as scratch:
        full, fast, bare = in_turns(Path(scratch))
    fsyncs = fsyncs_per_edit()
    application.quit()
    microseconds = [
        (f"{name}, {count:,} values stored", f"{middle(times[count]) * 1e6:.0f} µs")
        for name, times in (("edit, synchronous=OFF", fast), ("bare INSERT, synchronous=OFF", bare))
        for count in (FEW, MANY)
    ]
    p99 = [
        (
            f"edit, synchronous=FULL, {count:,} values stored",
            f"{middle(full[count]) * 1e3:.2f} ms, p99 {middle(full[count], 0.99) * 1e3:.2f} ms",
        )
        for count in (FEW, MANY)
    ]
    results = {
        "commit_ratio": middle(fast[FEW]) / middle(bare[FEW]),
        "growth_ratio": middle(fast[MANY]) / middle(fast[FEW]),
    }
    traced = "strace is not installed" if fsyncs is None else f"{fsyncs:.2f}"
    if fsyncs is not None:
        results = {"fsyncs_per_edit": fsyncs} | results
    show([*microseconds, *p99, ("fsyncs per edit", traced)], results)


if __name__ == "__main__":
    main()
