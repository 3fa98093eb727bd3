"""`bench grid`: opening, scrolling and pasting into a grid of 5,000 lines × 40 villages, against bare ones, and an
edit among very many rules, against the same one among few."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QMimeData, QSettings, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from shiboken6 import delete

from desktop.entry.layout import Layout
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.steps import Steps
from desktop.entry.view import GridView
from desktop.entry.watching import Watching
from desktop.entry.writing import MOST_CELLS, Kept, Outcome, Writer
from desktop.feed import Feed
from desktop.garbage import Garbage
from desktop.widgets import theme
from desktop.widgets.place import Place
from sync.domain.catalogue import (
    Aggregation,
    Catalogue,
    Form,
    Indicator,
    Label,
    Row,
    Rule,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    Severity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import UNIT, VALUE, Key
from sync.domain.periods import Frequency, Period, Regime
from sync.domain.units import Unit, UnitKind
from sync.protocol.messages import Cursor, Head, Origin, Page, Record, Subscription, Version
from sync.store import Enrolment, Store
from sync.store.receiving import cursors, take_page
from tests.bench.baselines import bare_database, bare_paste, bare_table
from tests.bench.figures import NOON, STREAM, show

LINES, VILLAGES = 5_000, 40
PASTED, MUCH = 10_000, MOST_CELLS
"""Cells of a paste, and the most that a gesture may write."""
FULL, EMPTY, RULED = Period.parse("A2026Q3"), Period.parse("A2026Q4"), Period.parse("A2027Q1")
SIZE = (1282, 682)
FRAMES, STEP = 150, 68
"""Frames of a scroll, and the pixels of each: two lines."""
TIMES = 5
RULES, DEPENDENT = 2_000, 5
"""Rules of a form, and how many of them look at the cell that is edited."""
EDITS = 60
RULED_VILLAGES = 4
PULSE_MS = 5
WAITING = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
AUTHOR = "Cán bộ"


def catalogue() -> Catalogue:
    """One form of very many whole numbers."""
    scheme = Scheme("bench", Label("Mẫu", "Sample"), "", "", None, "1", SchemeStatus.SAMPLE, "")
    kinds, measure = frozenset({UnitKind.VILLAGE}), UnitOfMeasure("household", Label("hộ", "households"))
    indicators = [
        Indicator(
            f"bench_{n:04}",
            "",
            scheme,
            Label(f"Số hộ theo chỉ tiêu thứ {n}", f"Households of indicator {n}"),
            Label("", ""),
            measure,
            ValueType.INTEGER,
            0,
            Decimal(0),
            "",
            "",
            0,
            (),
            Frequency.QUARTER,
            Regime.ADMINISTRATIVE,
            kinds,
            Sensitivity.INTERNAL,
            Aggregation.SUM,
            "",
            "",
        )
        for n in range(LINES)
    ]
    rows = tuple(Row(f"C{n:04}", indicator.key) for n, indicator in enumerate(indicators))
    name = Label("Biểu lớn", "Large form")
    section = Section("all", name, rows)
    form = Form("bench", name, scheme, Frequency.QUARTER, Regime.ADMINISTRATIVE, kinds, (section,), "")
    return Catalogue("1", {scheme.key: scheme}, {}, {one.key: one for one in indicators}, {form.key: form}, {})


def ruled(of: Catalogue, count: int) -> Catalogue:
    """The same form with `count` rules: the first look at its first indicator, and all hang together in a chain."""
    items, rules = list(of.indicators), {}
    for number in range(count):
        here = 0 if number < DEPENDENT else number
        key, takes = f"rule_{number}", (items[here], items[number + 1])
        text = Label(f"Quy tắc {number}", f"Rule {number}")
        rules[key] = Rule(key, "bench", Severity.SOFT, f"{takes[0]} <= 2 * {takes[1]} + 100", takes, text, text, "")
    return of._replace(rules=rules)


def fill(store: Store, items: list[str]) -> None:
    """A commune whose villages have a figure in every cell of one quarter."""
    store.keep_enrolment(Enrolment("http://127.0.0.1:9", "bench", bytes(32), "48", STREAM, AUTHOR))
    units = [Unit(f"{STREAM}.{n:03}", UnitKind.VILLAGE, f"Thôn {n}") for n in range(1, VILLAGES + 1)]
    named = [(Key(UNIT, unit.key), unit.content()) for unit in units]
    values = [
        (Key(VALUE, unit.key, item, FULL.code), str(1_000 + number % 8_000))
        for unit in units
        for number, item in enumerate(items)
    ]
    for stream, cells in (("*", named), (STREAM, values)):
        records = [
            Record(key, (Head(Version("b" * 28, n), content, AUTHOR, NOON, NOON),))
            for n, (key, content) in enumerate(cells, 1)
        ]
        page = Page(Subscription(STREAM, stream), Origin.AS_SENT, records, Cursor(1, "t"), False)
        take_page(store, page, cursors(store))
    store.checkpoint()


def shown_in_s(make: Callable[[], QTableView]) -> tuple[float, QTableView]:
    """Wall time from nothing to a table that was painted."""
    start = time.perf_counter()
    view = make()
    view.resize(*SIZE)
    view.show()
    QApplication.processEvents()
    return time.perf_counter() - start, view


def frame_s(view: QTableView) -> float:
    """The middle wall time of a frame while a table is scrolled down through lines that were not seen before."""
    bar, taken = view.verticalScrollBar(), []
    for place in range(1, FRAMES + 1):
        start = time.perf_counter()
        bar.setValue(place * STEP)
        QApplication.processEvents()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def open_and_scroll(store: Store, folder: Path, of: Catalogue) -> tuple[list[float], list[float]]:
    """Opening and a frame of the grid, and of a bare table of the same figures: seconds, the middle of several."""
    units = [unit.key for unit in store.units(STREAM)]
    texts = [[f"{1_000 + number % 8_000}" for _ in units] for number in range(LINES)]

    def grid() -> GridView:
        feed = Feed()
        layout = Layout(of, of.forms["bench"], units, [FULL])
        writer = Writer(store, opener(folder), feed, now, Kept({}, Steps()))
        view = GridView()
        view.setModel(GridModel(store, of, layout, writer, feed, view))
        Watching(view)
        return view

    opened: dict[bool, list[float]] = {True: [], False: []}
    frames: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(TIMES + 1):
        for ours in (True, False):
            taken, view = shown_in_s(grid if ours else lambda: bare_table(texts))
            frame = frame_s(view)
            view.close()
            delete(view)
            if turn:  # the first is for the caches
                opened[ours].append(taken)
                frames[ours].append(frame)
    return [statistics.median(opened[ours]) for ours in (True, False)], [
        statistics.median(frames[ours]) for ours in (True, False)
    ]


def edit_among_rules(store: Store, folder: Path, of: Catalogue) -> list[float]:
    """An edit until it is durable, judged, counted and painted: seconds, the middle of many, among `RULES` rules and
    among those alone that look at the cell."""
    units = [unit.key for unit in store.units(STREAM)][:RULED_VILLAGES]
    views: list[GridView] = []
    for count in (RULES, DEPENDENT):
        feed, form = Feed(), ruled(of, count)
        layout = Layout(form, form.forms["bench"], units, [RULED])
        writer = Writer(store, opener(folder), feed, now, Kept({}, Steps()))
        view = GridView()
        view.setModel(GridModel(store, form, layout, writer, feed, view))
        view.resize(*SIZE)
        view.show()
        views.append(view)
        model = model_of(view)
        model.setData(model.index(2, len(views) - 1), "50")
        while model.count() is None:
            QApplication.processEvents()
    taken: list[list[float]] = [[], []]
    for turn in range(EDITS):
        for place, view in enumerate(views):
            model = model_of(view)
            start = time.perf_counter()
            # Each in a village of its own: the same again in the other's would be written to nowhere.
            model.setData(model.index(1, place), str(10 + turn if turn % 2 else 1_000 + turn))
            while model.count() is None:
                pass
            QApplication.processEvents()
            taken[place].append(time.perf_counter() - start)
    for view in views:
        view.close()
        delete(view)
    return [statistics.median(found) for found in taken]


def model_of(view: GridView) -> GridModel:
    model = view.grid()
    assert model is not None
    return model


def opened_room(store: Store, folder: Path, of: Catalogue) -> tuple[EntryRoom, GridView]:
    """The room as a person has it, with an empty quarter of the form."""
    settings = QSettings(str(folder / "bench.ini"), QSettings.Format.IniFormat)
    room = EntryRoom(store, opener(folder), of, Feed(), now, settings)
    room.resize(*SIZE)
    room.show()
    room.show_place(Place("entry", form="bench", period=EMPTY.code))
    settle(room)
    return room, room.findChildren(GridView)[0]


class Pulse:
    """Presses keys in a room, and listens how often its window answers meanwhile."""

    def __init__(self, room: EntryRoom, view: GridView) -> None:
        self._room, self._view = room, view
        self._beats: list[float] = []
        self._painted: list[float] = []
        self._timer = QTimer()
        self._timer.timeout.connect(lambda: self._beats.append(time.perf_counter()))
        paint = view.paintEvent

        def timed(event: QPaintEvent) -> None:
            paint(event)
            self._painted.append(time.perf_counter())

        view.paintEvent = timed  # type: ignore[method-assign]
        room._writer.ended.connect(self._painted.clear)  # what is painted from then on is what was written

    def press(self, key: Qt.Key) -> tuple[float, float, float | None]:
        """Wall time of Ctrl+`key` until what it does is durable and painted, the longest time in which the window did
        not answer, also while all is counted, and when progress was shown, if it was."""
        room, notice = self._room, self._room._notice
        ended: list[Outcome] = []
        room._writer.ended.connect(ended.append)
        self._beats.clear()
        self._painted.clear()
        self._timer.start(PULSE_MS)
        QTimer.singleShot(0, lambda: QTest.keyClick(self._view, key, Qt.KeyboardModifier.ControlModifier))
        start, told = time.perf_counter(), None
        while not ended or not self._painted:
            QApplication.processEvents(WAITING)
            if told is None and not ended and notice.isVisible():
                told = time.perf_counter() - start
        taken = self._painted[0] - start
        settle(room)  # it is counted and looked through a little at a time, in which the window answers too
        self._timer.stop()
        room._writer.ended.disconnect(ended.append)
        assert not ended[0].fault
        assert not ended[0].stop
        return taken, max(after - earlier for earlier, after in pairwise(self._beats)), told


def paste(store: Store, folder: Path, of: Catalogue) -> tuple[float, float, float, float]:
    """Wall time of Ctrl+V until the block is durable and painted, that of the same rows and of what of them is a
    person's own, both bare; and the longest time in which the window did not answer."""
    room, view = opened_room(store, folder, of)
    pulse = Pulse(room, view)
    taken, bare, own, blocks = [], [], [], []
    height = PASTED // VILLAGES
    for turn in range(TIMES):
        copy_block(height, turn)
        view.selection.only(model_of(view).index(1 + turn * height, 0))
        settle(room)
        before = store.waiting()
        taken_s, block_s, _ = pulse.press(Qt.Key.Key_V)
        assert store.waiting() == before + PASTED
        taken.append(taken_s)
        blocks.append(block_s)
        # In turn with ours, so that both meet the same disk and processor.
        rows = pasted_rows(store, _COLUMNS)
        bare.append(bare_paste(bare_database(folder / f"bare{turn}.db"), rows))
        own.append(bare_paste(bare_database(folder / f"own{turn}.db"), pasted_rows(store, _OWN)))
    room.close()
    delete(room)
    return statistics.median(taken), statistics.median(bare), statistics.median(own), max(blocks)


_OWN: Final = "kind, unit, item, period, part, content, author, typed_at"
_COLUMNS: Final = f"n, hash, stream, seen, branch, catalogue, {_OWN}"
"""Of a row of the log, what a person said; and all that is written of it."""


def pasted_rows(store: Store, columns: str) -> list[tuple[object, ...]]:
    """What the last paste left in the log, in its order."""
    found = store.db.execute(f"SELECT {columns} FROM change ORDER BY n DESC LIMIT ?", (PASTED,)).fetchall()
    # As bytearrays, which the driver takes as they are.
    return [tuple(bytearray(one) if isinstance(one, bytes) else one for one in row) for row in reversed(found)]


def much(store: Store, folder: Path, of: Catalogue) -> list[tuple[str, str]]:
    """The most that a gesture may write, pasted, taken back and done again: a line of the table for each."""
    room, view = opened_room(store, folder, of)
    pulse = Pulse(room, view)
    copy_block(MUCH // VILLAGES, 1)
    view.selection.only(model_of(view).index(1 + LINES - MUCH // VILLAGES, 0))
    settle(room)
    told = []
    for name, key in (("paste", Qt.Key.Key_V), ("undo", Qt.Key.Key_Z), ("redo", Qt.Key.Key_Y)):
        taken_s, block_s, progress_s = pulse.press(key)
        progress = "none" if progress_s is None else f"after {progress_s:.1f} s"
        told.append((f"{name} of {MUCH:,}", f"{taken_s:.2f} s, no answer {block_s * 1e3:.0f} ms, progress {progress}"))
    room.close()
    delete(room)
    return told


def copy_block(height: int, first: int) -> None:
    """Put a block of figures as wide as the grid on the clipboard."""
    mime = QMimeData()
    mime.setText("".join("\t".join(str(first + row + n) for n in range(VILLAGES)) + "\r\n" for row in range(height)))
    QApplication.clipboard().setMimeData(mime)


def settle(room: EntryRoom) -> None:
    """Until all is counted and painted."""
    until = time.perf_counter() + 0.2
    while time.perf_counter() < until or room._soon.isActive():
        QTest.qWait(1)


def opener(folder: Path) -> Callable[[], Store]:
    return lambda: Store.open(folder, bytes(32))


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    qt = QApplication([sys.argv[0], "-platform", "offscreen", "-style", "fusion"])
    theme.apply(qt, "light", 100)
    of = catalogue()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "data")
        store = opener(folder)()
        fill(store, list(of.indicators))
        Garbage(qt)  # as the program has it once its window stands
        opened, frames = open_and_scroll(store, folder, of)
        edited = edit_among_rules(store, folder, of)
        pasted_s, bare_s, own_s, block_s = paste(store, folder, of)
        much_told = much(store, folder, of)
        QApplication.clipboard().clear()  # what stays in it outlives the interpreter, and the process ends in a crash
        store.close()
    show(
        [
            ("grid", f"{LINES:,} lines × {VILLAGES} villages, all filled"),
            ("opening, first paint", f"{opened[0] * 1e3:.1f} ms"),
            ("opening, bare table", f"{opened[1] * 1e3:.1f} ms"),
            ("frame of a scroll", f"{frames[0] * 1e3:.2f} ms"),
            ("frame, bare table", f"{frames[1] * 1e3:.2f} ms"),
            (f"edit, {RULES:,} rules", f"{edited[0] * 1e3:.2f} ms"),
            (f"edit, the {DEPENDENT} rules that look at it", f"{edited[1] * 1e3:.2f} ms"),
            (f"paste of {PASTED:,} cells, durable and shown", f"{pasted_s * 1e3:.0f} ms"),
            ("one executemany of the same rows", f"{bare_s * 1e3:.0f} ms"),
            ("one executemany of eight of their columns", f"{own_s * 1e3:.0f} ms"),
            ("longest time without an answer", f"{block_s * 1e3:.0f} ms"),
            *much_told,
        ],
        {
            "scroll_ratio": frames[0] / frames[1],
            "open_ratio": opened[0] / opened[1],
            "rules_ratio": edited[0] / edited[1],
            "paste_ratio": pasted_s / bare_s,
            "longest_block_ms": block_s * 1e3,
        },
    )


if __name__ == "__main__":
    main()
