"""`bench cell`: one edit through `GridModel.setData` to durable, with few and with very many values stored."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop.entry.model import GridModel
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.resources import ROOT
from sync.domain.keys import UNIT, VALUE, Key
from sync.domain.periods import Period
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from sync.protocol.messages import Cursor, Head, Page, Record, Version
from sync.store import Store
from sync.store.receiving import take_page
from tests.bench.baselines import bare_insert
from tests.bench.figures import DEVICES, NOON, STREAM, answers, records, show

FEW, MANY = 10_000, 1_000_000
EDITS = 2_000
TRACED_EDITS = 200
PERIOD = "A2026Q4"


def filled(folder: Path, count: int, key: bytes = bytes(32)) -> Store:
    """A store that received `count` values and the commune's ten villages."""
    store = Store.open(folder, key)
    for answer in answers(records(count)):
        for page in answer.pages:
            take_page(store, page)
    villages = [Unit(f"{STREAM}.{number:03}", UnitKind.VILLAGE, f"Thôn {number}") for number in range(1, 11)]
    units = [
        Record(Key(UNIT, unit.key), (Head(Version(DEVICES[0], number), unit.content(), "", NOON, NOON),))
        for number, unit in enumerate(villages, 1)
    ]
    take_page(store, Page("*", units, Cursor(1, "t"), False))
    store.checkpoint()
    return store


def grid(store: Store) -> GridModel:
    """The village form of one quarter over ten villages."""
    catalogue = load(ROOT / "catalogues")
    form = next(form for form in catalogue.forms.values() if form.unit_kinds)
    villages = [unit.key for unit in store.units(STREAM)]
    return GridModel(
        store, catalogue, form, Period.parse(PERIOD), villages, "Cán bộ", lambda: datetime.now(UTC), Feed()
    )


def edit_times_s(model: GridModel, edits: int) -> list[float]:
    """Wall time of each of `edits` edits over all typed cells of the grid, every one a new number."""
    rows = [row for row, line in enumerate(model.lines) if line.typed]
    places = [model.index(row, column) for column in range(model.columnCount()) for row in rows]
    taken: list[float] = []
    for number in range(edits):
        index = places[number % len(places)]
        start = time.perf_counter()
        stored = model.setData(index, str(1_000 + number))
        taken.append(time.perf_counter() - start)
        assert stored
    return sorted(taken)


def bare_times_s(store: Store, edits: int) -> list[float]:
    """Wall time of each of `edits` bare INSERTs with commit on the store's own connection."""
    store.db.execute("CREATE TABLE bare (kind, unit, item, period, part, content, author, typed_at, received_at)")
    taken: list[float] = []
    for number in range(edits):
        row = (VALUE, f"{STREAM}.001", "village_ct01", PERIOD, "", str(1_000 + number), "Cán bộ", NOON, NOON)
        start = time.perf_counter()
        bare_insert(store.db, row)
        taken.append(time.perf_counter() - start)
    return sorted(taken)


def fsyncs_per_edit() -> float | None:
    """Counted by the system: fsyncs of a process with edits less those of one without; None where it cannot be."""
    if not shutil.which("strace"):
        return None
    with_edits, without = (_traced_fsyncs(edits) for edits in (TRACED_EDITS, 0))
    return (with_edits - without) / TRACED_EDITS


def _traced_fsyncs(edits: int) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch, "trace")
        command = ["strace", "-f", "-o", str(log), "-e", "trace=fsync,fdatasync", sys.executable, "-m", __spec__.name]
        subprocess.run([*command, "--edits", str(edits), scratch], check=True)
        return sum("sync(" in line for line in log.read_text().splitlines())


def middle(times_s: list[float], part: float = 0.5) -> float:
    return times_s[int(len(times_s) * part)]


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QCoreApplication(sys.argv)
    words.set_language("vi")
    if "--edits" in sys.argv:
        store = filled(Path(sys.argv[-1]), 100)
        edit_times_s(grid(store), int(sys.argv[-2]))
        os._exit(0)  # without the checkpoint of closing, whose fsyncs are no edit's
    bare: dict[int, list[float]] = {}
    fast: dict[int, list[float]] = {}
    full: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for count in (FEW, MANY):
            store = filled(Path(scratch, str(count)), count)
            model = grid(store)
            full[count] = edit_times_s(model, EDITS)
            store.db.execute("PRAGMA synchronous = OFF")
            fast[count] = edit_times_s(model, EDITS)
            bare[count] = bare_times_s(store, EDITS)
            store.close()
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
