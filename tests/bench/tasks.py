"""`bench tasks`: a list of 20,000 tasks filtered and sorted in the room, against the SQL query of the same rows.

The query reads a flat table of the same tasks in the same encrypted file, filtered and sorted by SQLite, all rows
fetched: no list can be shown for less. What the room does beside it, putting the visible rows into words and painting
them, counts against the room.

Also how long the window stands still at most, whatever is done with the list: while it is read, by each filter and
order, for another day, the board, and a sync that brings 5,000 tasks more; and the desk, while somebody updates one.
"""

import os
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from sync.domain.keys import PROGRESS, UNIT, Key
from sync.domain.progress import Progress
from sync.domain.tasks import Task, TaskGroup, TaskState
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from sync.protocol.messages import Cursor, Head, Origin, Page, Record, Subscription, Version
from sync.store import Enrolment, Store
from sync.store.assigned import Assignments
from sync.store.receiving import cursors, take_page
from tests.bench.figures import NOON, show

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from desktop.tasks.room import TasksRoom

TASKS, COMMUNES, RUNS = 20_000, 168, 9
AT = datetime(2026, 11, 21, 2, tzinfo=UTC)
PAGE = 5_000
KEY = bytes(range(32))
GROUP = TaskGroup.DIGITAL_GOVERNMENT


def main() -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from desktop.garbage import Garbage
    from desktop.widgets import theme

    qt = QApplication(["soxa", "-style", "fusion"])
    theme.apply(qt, "light", 100)
    with TemporaryDirectory() as name:
        store = Store.open(Path(name), KEY)
        tasks = made()
        fill(store, tasks)
        flat(store, tasks)
        began = perf_counter()
        Assignments(store, "48").all()
        read_s = perf_counter() - began
        keeper = Garbage(qt)
        room, longest = room_of(qt, store, Path(name))
        pairs = [(listed_s(qt, room, run), query_s(store)) for run in range(RUNS + 1)][1:]
        searched = median(
            _timed(lambda word=word: search(qt, room, word)) for word in ("việc 17", "hạ tầng", "xã số 9", "")
        )
        growth = scrolled(qt, room)
        stills = {word: still_s(qt, act) for word, act in acts(room).items()}
        stills["a sync of 5,000 tasks"] = synced_s(qt, room, Path(name), tasks)
        # A second room beside it looks as if the person turned to another program, for which nobody waits.
        qt.applicationStateChanged.disconnect(keeper._look_at_all)
        stills["the desk, read and an update of a task"] = desk_s(qt, room, store, Path(name), tasks[5][0])
        keeper.stop()
        shown = room.list.model().rowCount()
        room.close()
        # At once: what is written as the process ends would make the folder anew.
        room._settings.sync()
        store.close()
    listed, queried = (median(times) for times in zip(*pairs, strict=True))
    rows = [
        ("tasks, and rows of the filter", f"{TASKS:,}, {shown:,}"),
        ("read from the store at the start", f"{read_s:.2f} s"),
        ("longest standstill while it is read", f"{longest * 1000:.0f} ms"),
        ("filtered, sorted and painted", f"{listed * 1000:.1f} ms"),
        ("the SQL query, flat table", f"{queried * 1000:.1f} ms"),
        ("searched by words", f"{searched * 1000:.1f} ms"),
        ("memory gained by scrolling through", f"{growth / 1e6:.1f} MB"),
        *((f"standstill: {word}", f"{still * 1000:.0f} ms") for word, still in stills.items()),
    ]
    longest = max(longest, *stills.values())
    ratio = median(one / other for one, other in pairs)
    show(rows, {"list_ratio": ratio, "open_s": read_s, "standstill_ms": longest * 1000, "scroll_mb": growth / 1e6})


def made() -> list[tuple[Task, int]]:
    """The tasks with how much is done of each."""
    groups, found = list(TaskGroup), []
    for n in range(TASKS):
        task = Task(
            f"01a199c5-3280-7ad1-8000-{n:012x}",
            f"48.{20_000 + n % COMMUNES:05}",
            f"Việc {n}: rà soát hạ tầng số theo kế hoạch",
            from_unit="48",
            group=groups[n % 4],
            assigner="UBND thành phố",
            document=f"{n % 50 + 1}/KH-UBND",
            start_date=date(2026, 1, 2),
            due_date=None if n % 17 == 0 else date(2026, 1, 10) + timedelta(days=n * 7 % 400),
            state=TaskState.IN_PROGRESS,
        )
        found.append((task, n * 13 % 101))
    return found


def fill(store: Store, tasks: list[tuple[Task, int]]) -> None:
    """Receive them as a province's PC does."""
    store.keep_enrolment(Enrolment("http://127.0.0.1", "centre", bytes(32), "48", "48", "Hoa"))
    units = [Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng")]
    units += [Unit(f"48.{20_000 + n:05}", UnitKind.COMMUNE, f"Xã số {n}") for n in range(COMMUNES)]
    cells = [(Key(UNIT, unit.key), unit.content()) for unit in units]
    for task, percent in tasks:
        cells += task.cells().items()
        update = Key(PROGRESS, task.unit, task.item, "", "1")
        cells.append((update, Progress(date(2026, 11, 1), percent).content()))
    for start in range(0, len(cells), PAGE):
        take_page(store, page_of(cells, start, PAGE, 0, "t"), cursors(store))


def page_of(cells: list[tuple[Key, str]], start: int, count: int, after: int, token: str) -> Page:
    """A page of `cells` as the centre serves it."""
    records = [
        Record(key, (Head(Version("b" * 28, after + start + n + 1), content, "Trung tâm", NOON, NOON),))
        for n, (key, content) in enumerate(cells[start : start + count])
    ]
    cursor = Cursor(after + start + 1, f"{token}{start}")
    return Page(Subscription("48", "48"), Origin.AS_SENT, records, cursor, start + count < len(cells))


def flat(store: Store, tasks: list[tuple[Task, int]]) -> None:
    """The same tasks with a column for each field."""
    store.db.execute(
        "CREATE TABLE flat (item TEXT, unit TEXT, content TEXT, grp TEXT, document TEXT, due TEXT, percent INT)"
    )
    store.db.execute("BEGIN")
    store.db.executemany(
        "INSERT INTO flat VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(t.item, t.unit, t.content, t.group, t.document, t.due_date and t.due_date.isoformat(), p) for t, p in tasks],
    )
    store.db.execute("COMMIT")


def query_s(store: Store) -> float:
    def query() -> None:
        rows = store.db.execute(
            "SELECT item, unit, content, grp, document, due, percent FROM flat WHERE grp = ?"
            " ORDER BY due IS NULL, due, item",
            (GROUP.value,),
        ).fetchall()
        assert len(rows) == TASKS // 4

    return _timed(query)


def room_of(qt: "QApplication", store: Store, folder: Path) -> tuple["TasksRoom", float]:
    """The room with all tasks before it, and the longest that the window stood still until then, in seconds."""
    from PySide6.QtCore import QSettings

    from desktop.feed import Feed
    from desktop.tasks.proving import Means
    from desktop.tasks.room import TasksRoom
    from desktop.widgets.preferences import Preferences
    from desktop.widgets.resources import ROOT
    from sync.store.files import Files

    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    catalogue, longest = load(ROOT / "catalogues"), 0.0
    began = perf_counter()
    means = Means(lambda: Files.open(folder, KEY), Preferences(folder), lambda: None)
    room = TasksRoom(store, lambda: Store.open(folder, KEY), catalogue, Feed(), lambda: AT, settings, means)
    room.resize(1282, 682)
    room.show()
    while not room.list.model().rowCount():
        qt.processEvents()
        now = perf_counter()
        began, longest = now, max(longest, now - began)
    return room, longest


def listed_s(qt: "QApplication", room: "TasksRoom", run: int) -> float:
    """From one filter and order to another, until the list is painted."""
    boxes = room.filters_bar.choices
    for name, chosen in (("group", ""), ("order", "pressing")):
        boxes[name].setCurrentIndex(boxes[name].findData(chosen))
    boxes["group"].activated.emit(0)
    qt.processEvents()
    boxes["group"].setCurrentIndex(boxes["group"].findData(GROUP.value))
    boxes["order"].setCurrentIndex(boxes["order"].findData("due"))

    def listed() -> None:
        boxes["group"].activated.emit(0)
        room.list.viewport().repaint()

    took = _timed(listed)
    assert room.list.model().rowCount() == TASKS // 4
    return took


def search(qt: "QApplication", room: "TasksRoom", word: str) -> None:
    room.search.setText(word)
    room.list.viewport().repaint()


def scrolled(qt: "QApplication", room: "TasksRoom") -> int:
    """Bytes that the process grew by while the whole list passed."""
    bar = room.list.verticalScrollBar()
    qt.processEvents()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for value in range(0, bar.maximum(), room.list.viewport().height()):
        bar.setValue(value)
        room.list.viewport().repaint()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def acts(room: "TasksRoom") -> dict[str, Callable[[], None]]:
    """What a person does with the list, by a few words."""

    def choose(name: str, chosen: str) -> Callable[[], None]:
        def chose() -> None:
            box = room.filters_bar.choices[name]
            box.setCurrentIndex(box.findData(chosen))
            box.activated.emit(0)

        return chose

    def count_by(name: str) -> Callable[[], None]:
        def counted() -> None:
            room.board.by.setCurrentIndex(room.board.by.findData(name))
            room.board.by.activated.emit(0)

        return counted

    def open_total() -> None:
        room.board.table.activated.emit(room.board.model.index(len(room.board.model.names) - 1, 0))

    found: dict[str, Callable[[], None]] = {
        f"order by {order}": choose("order", order) for order in ("unit", "document", "percent", "pressing")
    }
    found |= {f"group {group or 'any'}": choose("group", group) for group in (GROUP.value, "")}
    found |= {f"search {word!r}": partial(room.search.setText, word) for word in ("xã số 9", "")}
    found |= {
        "another day": lambda: room.as_of.show_day(date(2026, 10, 1)),
        "today again": lambda: room.as_of.show_day(room._day),
        "the board": lambda: room.show_board.setChecked(True),
        "the board by document": count_by("document"),
        "the board by unit": count_by("unit"),
        "all behind a figure": open_total,
        "all again": room.filters_bar.show_all,
    }
    return found


def still_s(qt: "QApplication", act: Callable[[], None]) -> float:
    """The longest that the window stands still by an act and what comes behind it."""
    longest = _timed(act)
    ended = perf_counter() + 1.0
    while perf_counter() < ended:
        longest = max(longest, _timed(qt.processEvents))
        sleep(0.002)
    return longest


def synced_s(qt: "QApplication", room: "TasksRoom", folder: Path, tasks: list[tuple[Task, int]]) -> float:
    """The longest that the window stands still while a quarter more tasks come, page by page, on a thread."""
    cells = [
        cell
        for number, (task, _) in enumerate(tasks[: TASKS // 4])
        for cell in replace(task, item=f"01a199c5-3280-7ad1-9000-{number:012x}").cells().items()
    ]

    def sync() -> None:
        store = Store.open(folder, KEY)
        for start in range(0, len(cells), 1_000):
            page = page_of(cells, start, 1_000, 10**9, "s")
            room._feed.changed.emit(take_page(store, page, cursors(store)))
        store.close()

    thread = Thread(target=sync)
    thread.start()
    longest = 0.0
    while len(room.reading.listing.lines) < TASKS + TASKS // 4:
        longest = max(longest, _timed(qt.processEvents))
        sleep(0.002)
    thread.join()
    return longest


def desk_s(qt: "QApplication", room: "TasksRoom", store: Store, folder: Path, task: Task) -> float:
    """The longest that the window stands still while the desk reads all tasks, and one of them is updated."""
    from desktop.feed import Feed
    from desktop.today.room import TodayRoom
    from desktop.widgets.resources import ROOT

    feed, longest = Feed(), 0.0
    desk = TodayRoom(store, lambda: Store.open(folder, KEY), load(ROOT / "catalogues"), feed, lambda: AT, room)
    desk.resize(room.size())
    desk.show()

    def wait() -> None:
        nonlocal longest
        while desk._reading is not None:
            longest = max(longest, _timed(qt.processEvents))
            sleep(0.002)

    wait()
    update = Key(PROGRESS, task.unit, task.item, "", "2")
    kept = store.record_changes([(update, Progress(date(2026, 11, 20), 50).content())], "Hoa", AT)
    longest = max(longest, still_s(qt, partial(feed.changed.emit, kept)))
    wait()
    desk.close()
    return longest


def _timed(work: Callable[..., Any]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


if __name__ == "__main__":
    main()
