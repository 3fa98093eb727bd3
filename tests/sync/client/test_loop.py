"""When to sync: together after edits, at once when woken, later and later after failures, and never after the end."""

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from sync.client.loop import (
    COALESCE_S,
    FIRST_PAUSE_S,
    INTERVAL_S,
    LONGEST_PAUSE_S,
    Carrier,
    Line,
    Loop,
    Phase,
    Status,
    Timetable,
)
from sync.domain.errors import EnvironmentFault
from sync.protocol import chain
from sync.protocol.messages import SyncAnswer, SyncRequest
from sync.store import ChangeSet, Enrolment, Store, journal
from tests.sync.store.conversation import CELL, NOON, SECRET, VILLAGE, cell, head, page, record, write

ENROLMENT = Enrolment("http://localhost", "centre", b"k" * 32, "48", VILLAGE, "Nguyễn Văn An")
NOW = datetime.fromtimestamp(NOON, UTC)
PATIENCE_S = 10


# The timetable, on a clock of numbers


def test_the_first_sync_is_due_at_once_and_the_next_after_an_interval() -> None:
    timetable = Timetable(Random(1), 100.0)
    assert timetable.due_s == 100.0
    timetable.began(101.0)
    timetable.succeeded()
    assert timetable.due_s == 101.0 + INTERVAL_S


def test_edits_are_sent_together_a_few_seconds_after_the_first() -> None:
    timetable = Timetable(Random(1), 0.0)
    timetable.began(0.0)
    for now_s in (10.0, 10.5, 11.0, 12.9):
        timetable.edited(now_s)
    assert timetable.due_s == 10.0 + COALESCE_S


def test_an_edit_never_puts_off_what_is_due_sooner() -> None:
    timetable = Timetable(Random(1), 0.0)
    timetable.began(0.0)
    timetable.edited(INTERVAL_S - 1)
    assert timetable.due_s == INTERVAL_S


def test_an_edit_during_a_session_is_sent_after_it() -> None:
    timetable = Timetable(Random(1), 0.0)
    timetable.began(0.0)
    timetable.edited(5.0)
    timetable.succeeded()
    assert timetable.due_s == 5.0 + COALESCE_S


def test_pauses_double_up_to_a_bound_and_are_spread() -> None:
    first, second = (pauses(Random(seed), 14) for seed in (1, 2))
    assert first != second
    for number, pause_s in enumerate(first):
        middle_s = min(FIRST_PAUSE_S * 2**number, LONGEST_PAUSE_S)
        assert 0.75 * middle_s <= pause_s <= 1.25 * middle_s
    assert first[-1] >= 0.75 * LONGEST_PAUSE_S


def test_a_thousand_devices_that_failed_together_come_back_apart() -> None:
    again = sorted(pauses(Random(seed), 1)[0] for seed in range(1_000))
    most_at_once = max(sum(start <= pause_s < start + 0.1 for pause_s in again) for start in again)
    assert most_at_once < 80


def pauses(random: Random, count: int) -> list[float]:
    timetable = Timetable(random, 0.0)
    found: list[float] = []
    for _ in range(count):
        timetable.began(timetable.due_s)
        found.append(timetable.failed(timetable.due_s, 0))
    return found


def test_the_centres_wish_is_obeyed_and_spread() -> None:
    found = set()
    for seed in range(20):
        timetable = Timetable(Random(seed), 0.0)
        timetable.began(0.0)
        found.add(timetable.failed(50.0, 600))
        assert timetable.due_s >= 650.0
    assert all(600 <= pause_s <= 750 for pause_s in found)
    assert len(found) == 20


def test_an_edit_does_not_shorten_a_pause_after_a_failure() -> None:
    timetable = Timetable(Random(1), 0.0)
    timetable.began(0.0)
    timetable.failed(0.0, 600)
    due_s = timetable.due_s
    timetable.edited(1.0)
    assert timetable.due_s == due_s


def test_being_woken_ends_a_pause_and_forgets_the_failures() -> None:
    timetable = Timetable(Random(1), 0.0)
    for _ in range(8):
        timetable.began(timetable.due_s)
        timetable.failed(timetable.due_s, 0)
    timetable.woken(7.0)
    assert timetable.due_s == 7.0
    timetable.began(7.0)
    assert timetable.failed(8.0, 0) <= 1.25 * FIRST_PAUSE_S


def test_being_woken_while_a_session_fails_tries_again_at_once_and_only_once() -> None:
    timetable = Timetable(Random(1), 0.0)
    timetable.began(0.0)
    timetable.woken(5.0)
    assert timetable.failed(9.0, 0) == 0.0
    assert timetable.due_s == 9.0
    timetable.began(9.0)
    assert timetable.failed(10.0, 0) > 0


def test_being_woken_does_not_overrule_a_centre_that_asked_for_time() -> None:
    timetable = Timetable(Random(1), 0.0)
    timetable.began(0.0)
    timetable.woken(5.0)
    assert timetable.failed(9.0, 60) >= 60


def test_a_success_forgets_the_failures() -> None:
    timetable = Timetable(Random(1), 0.0)
    for _ in range(6):
        timetable.failed(0.0, 0)
    timetable.succeeded()
    assert timetable.failed(0.0, 0) <= 1.25 * FIRST_PAUSE_S
    timetable.succeeded()
    timetable.began(0.0)
    timetable.edited(1.0)
    assert timetable.due_s == 1.0 + COALESCE_S


def test_a_year_of_failures_is_no_trouble() -> None:
    assert len(pauses(Random(1), 40_000)) == 40_000


# The loop, with a real store and a line that answers as told


class Told(Line):
    """Takes whatever is pushed, or fails as told, and remembers what it was asked."""

    files: Any = None

    def __init__(self) -> None:
        self.asked: queue.Queue[SyncRequest] = queue.Queue()
        self.fault: EnvironmentFault | None = None
        self.closed = 0
        self.forgets = False
        self.up_bytes = self.down_bytes = 0
        self.held = threading.Event()
        self.held.set()

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        self.asked.put(request)
        self.up_bytes += 313
        assert self.held.wait(PATIENCE_S)
        if self.fault:
            raise self.fault
        self.down_bytes += 216
        push = request.push
        if self.forgets:
            # What it once held is gone: it names the root, from which the device replays.
            self.forgets = False
            return SyncAnswer(NOON, None, [chain.root(device)])
        held = [push.after, *chain.links(push.after, push.changes)][-1]
        return SyncAnswer(NOON, held, pages=[page(record(head("7"), key=cell(2)))])

    def close(self) -> None:
        self.closed += 1


class Carrying(Carrier):
    """Moves a piece of a file whenever it is let, and tells when."""

    def __init__(self, pieces: int = 0) -> None:
        self.pieces = pieces
        self.did: queue.Queue[str] = queue.Queue()
        self.fault: EnvironmentFault | None = None
        self.between: Callable[[], None] = lambda: None

    def look(self) -> None:
        self.did.put("look")

    def run(self, goes_on: Callable[[], bool]) -> bool:
        self.did.put("run")
        if self.fault:
            raise self.fault
        while goes_on():
            if not self.pieces:
                self.did.put("done")
                return True
            self.pieces -= 1
            self.did.put("piece")
            self.between()
        self.did.put("gave way")
        return False

    def close(self) -> None:
        self.did.put("closed")

    def heard(self, count: int) -> list[str]:
        return [self.did.get(timeout=PATIENCE_S) for _ in range(count)]


class Worker:
    """A loop, its line, and what it told."""

    def __init__(self, folder: Path, *, offline: bool = False, enrolled: bool = True) -> None:
        self.folder = folder
        self.screen = Store.open(folder, SECRET)
        if enrolled:
            self.screen.keep_enrolment(ENROLMENT)
        self.line = Told()
        self.opened: list[str] = []
        self.told: queue.Queue[Status] = queue.Queue()
        self.changed: queue.Queue[ChangeSet] = queue.Queue()
        self.open_store: Callable[[], Store] = lambda: Store.open(folder, SECRET)
        self.loop = Loop(
            lambda: self.open_store(),
            self._open_line,
            clock=lambda: NOW,
            random=Random(1),
            on_changes=self.changed.put,
            on_status=self.told.put,
            offline=offline,
            open_carrier=lambda store, line: self.carrier,
        )
        self.carrier: Carrying | None = None

    def _open_line(self, store: Store, enrolment: Enrolment) -> Line:
        self.opened.append(enrolment.server)
        return self.line

    def until(self, phase: Phase) -> Status:
        """The next status of this phase."""
        while (status := self.told.get(timeout=PATIENCE_S)).phase != phase:
            pass
        return status


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    made: list[Worker] = []

    def make(**kwargs: Any) -> Worker:
        made.append(Worker(tmp_path, **kwargs))
        return made[-1]

    yield make
    for worker in made:
        worker.line.held.set()
        if worker.loop._thread.ident is not None:
            assert worker.loop.stop(PATIENCE_S)
        worker.screen.close()


def test_it_syncs_at_the_start_and_tells_what_changed(work: Callable[..., Worker]) -> None:
    worker = work()
    write(worker.screen, "1")
    worker.loop.start()
    assert worker.until(Phase.SYNCING).fault is None
    status = worker.until(Phase.ONLINE)
    assert status.summary is not None
    assert (status.summary.sent, status.last_success, status.since) == (1, NOW, NOW)
    assert worker.screen.waiting() == 0
    told: set[Any] = set()
    while not worker.changed.empty():
        told |= worker.changed.get().keys
    assert told == {CELL, cell(2)}


def test_every_sync_leaves_a_line_in_the_journal(work: Callable[..., Worker]) -> None:
    worker = work()
    write(worker.screen, "1")
    worker.loop.start()
    worker.until(Phase.ONLINE)
    worker.line.fault = EnvironmentFault("server_timeout")
    worker.loop.wake()
    worker.until(Phase.FAILED)
    failed, synced = journal.read(worker.screen)
    assert (synced.at, synced.sent, synced.received, synced.fault) == (NOW, 1, 1, "")
    assert (synced.up_bytes, synced.down_bytes) == (313, 216)
    assert (failed.sent, failed.up_bytes, failed.down_bytes, failed.fault) == (0, 313, 0, "server_timeout")


def test_waking_syncs_at_once_over_the_same_line(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.loop.start()
    worker.until(Phase.ONLINE)
    write(worker.screen, "1")
    worker.loop.wake()
    worker.until(Phase.ONLINE)
    assert worker.screen.waiting() == 0
    assert worker.opened == ["http://localhost"]


def test_an_edit_syncs_soon(work: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.client.loop.COALESCE_S", 0.01)
    worker = work()
    worker.loop.start()
    worker.until(Phase.ONLINE)
    write(worker.screen, "1")
    worker.loop.edited()
    worker.until(Phase.ONLINE)
    assert worker.screen.waiting() == 0


def test_without_enrolment_it_waits_and_keeps_what_is_typed(work: Callable[..., Worker]) -> None:
    worker = work(enrolled=False)
    worker.loop.start()
    worker.until(Phase.UNENROLLED)
    write(worker.screen, "1")
    worker.screen.keep_enrolment(ENROLMENT)
    worker.loop.wake()
    worker.until(Phase.ONLINE)
    assert worker.screen.waiting() == 0


def test_without_an_address_all_goes_by_hand_until_there_is_one(work: Callable[..., Worker]) -> None:
    worker = work(enrolled=False)
    worker.screen.keep_enrolment(msgspec.structs.replace(ENROLMENT, server=""))
    worker.loop.start()
    worker.until(Phase.BY_HAND)
    assert worker.opened == []
    worker.screen.keep_enrolment(ENROLMENT)
    worker.loop.wake()
    worker.until(Phase.ONLINE)


def test_another_server_gets_a_line_of_its_own(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.loop.start()
    worker.until(Phase.ONLINE)
    moved = Enrolment("https://moved.vn", "centre", ENROLMENT.centre_key, "48", VILLAGE, "Nguyễn Văn An")
    worker.screen.keep_enrolment(moved)
    worker.loop.wake()
    worker.until(Phase.ONLINE)
    assert worker.opened == ["http://localhost", "https://moved.vn"]
    assert worker.line.closed == 1


def test_offline_by_choice_asks_nothing_until_it_ends(work: Callable[..., Worker]) -> None:
    worker = work(offline=True)
    write(worker.screen, "1")
    worker.loop.start()
    worker.until(Phase.OFFLINE_BY_CHOICE)
    worker.loop.wake()
    worker.until(Phase.OFFLINE_BY_CHOICE)
    assert worker.line.asked.empty()
    assert worker.screen.waiting() == 1
    worker.loop.set_offline(False)
    worker.until(Phase.ONLINE)
    assert worker.screen.waiting() == 0
    worker.loop.set_offline(True)
    worker.until(Phase.OFFLINE_BY_CHOICE)
    assert worker.line.asked.qsize() == 1


def test_a_failure_is_told_with_the_next_try_and_nothing_is_lost(work: Callable[..., Worker]) -> None:
    worker = work()
    write(worker.screen, "1")
    worker.line.fault = EnvironmentFault("server_busy", retry_after_s=300)
    worker.loop.start()
    status = worker.until(Phase.FAILED)
    assert status.fault is worker.line.fault
    assert status.next_try_s is not None
    assert status.next_try_s >= 300
    assert worker.screen.waiting() == 1
    worker.line.fault = None
    worker.loop.wake()
    status = worker.until(Phase.ONLINE)
    assert (status.fault, status.next_try_s) == (None, None)
    assert worker.screen.waiting() == 0


def test_the_last_success_stays_while_it_fails(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.loop.start()
    worker.until(Phase.ONLINE)
    worker.line.fault = EnvironmentFault("server_unreachable")
    worker.loop.wake()
    status = worker.until(Phase.FAILED)
    assert status.last_success == NOW
    assert status.summary is not None


@pytest.mark.parametrize("part", ["open", "enrolment", "checkpoint"])
def test_a_fault_of_the_disk_does_not_end_the_worker(
    work: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    worker = work()

    def full(*_: object) -> Any:
        raise EnvironmentFault("disk_full")

    usual = worker.open_store
    if part == "open":
        worker.open_store = full
    else:
        monkeypatch.setattr(Store, part, full)
    worker.loop.start()
    status = worker.until(Phase.FAILED)
    assert status.fault is not None
    assert status.fault.code == "disk_full"
    monkeypatch.undo()
    worker.open_store = usual
    worker.loop.wake()
    worker.until(Phase.ONLINE)


def test_it_ends_while_it_waits(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.loop.start()
    worker.until(Phase.ONLINE)
    assert worker.loop.stop(PATIENCE_S)
    assert worker.line.closed == 1
    asked = worker.line.asked.qsize()
    worker.loop.wake()
    worker.loop.edited()
    assert worker.line.asked.qsize() == asked


def test_it_ends_after_a_request_that_is_under_way_and_says_when_that_takes_too_long(
    work: Callable[..., Worker],
) -> None:
    worker = work()
    write(worker.screen, "1")
    worker.line.held.clear()
    worker.loop.start()
    worker.line.asked.get(timeout=PATIENCE_S)
    assert not worker.loop.stop(0.01)
    write(worker.screen, "2")
    worker.line.held.set()
    assert worker.loop.stop(PATIENCE_S)


# Errands between two sessions


def test_an_errand_is_done_between_two_sessions_and_the_centre_hears_soon(
    work: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.client.loop.COALESCE_S", 0.0)
    worker = work()
    worker.line.held.clear()
    worker.loop.start()
    worker.line.asked.get(timeout=PATIENCE_S)
    done: queue.Queue[object] = queue.Queue()
    worker.loop.between(lambda store: (store.device, worker.line.held.is_set()), done.put, done.put)
    with pytest.raises(queue.Empty):
        done.get(timeout=0.1)
    worker.line.held.set()
    assert done.get(timeout=PATIENCE_S) == (worker.screen.device, True)
    worker.line.asked.get(timeout=PATIENCE_S)


def test_an_errand_is_done_offline_and_before_any_enrolment(work: Callable[..., Worker]) -> None:
    for kwargs in ({"offline": True}, {"enrolled": False, "offline": False}):
        worker = work(**kwargs)
        worker.loop.start()
        done: queue.Queue[object] = queue.Queue()
        worker.loop.between(lambda store: store.waiting(), done.put, done.put)
        assert done.get(timeout=PATIENCE_S) == 0
        assert worker.line.asked.empty() or kwargs.get("enrolled") is False
        assert worker.loop.stop(PATIENCE_S)


def test_a_fault_of_an_errand_is_told_to_whom_it_concerns_and_ends_nothing(work: Callable[..., Worker]) -> None:
    worker = work()
    opens, faults = worker.open_store, [EnvironmentFault("store_busy"), EnvironmentFault("disk_full")]

    def open_store() -> Store:
        if faults:
            raise faults.pop()
        return opens()

    worker.open_store = open_store
    told: queue.Queue[object] = queue.Queue()
    worker.loop.between(lambda store: store.device, told.put, told.put)
    worker.loop.between(lambda store: store.device, told.put, told.put)
    worker.loop.between(lambda store: store.device, told.put, told.put)
    worker.loop.start()
    found = [told.get(timeout=PATIENCE_S) for _ in range(3)]
    assert [fault.code for fault in found if isinstance(fault, EnvironmentFault)] == ["disk_full", "store_busy"]
    assert found[2] == worker.screen.device
    worker.until(Phase.ONLINE)


# Files, after the data


def test_files_move_after_a_sync_that_succeeded_and_the_centre_is_asked_once_what_it_lost(
    work: Callable[..., Worker],
) -> None:
    worker = work()
    worker.carrier = Carrying(2)
    worker.loop.start()
    worker.until(Phase.ONLINE)
    assert worker.carrier.heard(5) == ["look", "run", "piece", "piece", "done"]
    worker.loop.wake()
    worker.until(Phase.ONLINE)
    assert worker.carrier.heard(2) == ["run", "done"]


def test_a_file_gives_way_to_a_sync_between_two_pieces_and_goes_on_after_it(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.carrier = carrier = Carrying(5)
    carrier.between = lambda: worker.loop.wake() if carrier.pieces == 3 else None
    worker.loop.start()
    worker.until(Phase.ONLINE)
    assert carrier.heard(5) == ["look", "run", "piece", "piece", "gave way"]
    worker.until(Phase.ONLINE)
    assert carrier.heard(5) == ["run", "piece", "piece", "piece", "done"]
    assert worker.line.asked.qsize() == 2


def test_a_file_gives_way_to_an_errand_and_goes_on_after_it(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.carrier = carrier = Carrying(3)
    carrier.between = lambda: (
        worker.loop.between(lambda store: carrier.did.put("errand"), lambda found: None, lambda fault: None)
        if carrier.pieces == 2
        else None
    )
    worker.loop.start()
    assert carrier.heard(4) == ["look", "run", "piece", "gave way"]
    assert carrier.heard(5) == ["errand", "run", "piece", "piece", "done"]


def test_no_file_moves_offline_or_after_a_sync_that_failed(work: Callable[..., Worker]) -> None:
    worker = work(offline=True)
    worker.carrier = Carrying(1)
    worker.line.fault = EnvironmentFault("server_unreachable")
    worker.loop.start()
    worker.until(Phase.OFFLINE_BY_CHOICE)
    worker.loop.set_offline(False)
    worker.until(Phase.FAILED)
    assert worker.carrier.did.empty()


def test_going_offline_stops_files_at_the_next_piece(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.carrier = carrier = Carrying(10)
    carrier.between = lambda: worker.loop.set_offline(True)
    worker.loop.start()
    assert carrier.heard(4) == ["look", "run", "piece", "gave way"]
    worker.until(Phase.OFFLINE_BY_CHOICE)
    assert carrier.did.empty()


def test_a_line_that_drops_under_files_leaves_syncs_alone(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.carrier = carrier = Carrying(1)
    carrier.fault = EnvironmentFault("server_unreachable")
    worker.loop.start()
    worker.until(Phase.ONLINE)
    assert carrier.heard(2) == ["look", "run"]
    carrier.fault = None
    # Whoever asks for a sync is not made to wait for files either.
    worker.loop.wake()
    worker.until(Phase.ONLINE)
    assert carrier.heard(3) == ["run", "piece", "done"]
    assert worker.line.closed == 0


def test_files_are_closed_with_the_loop_and_with_the_line(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.carrier = carrier = Carrying()
    worker.loop.start()
    assert carrier.heard(3) == ["look", "run", "done"]
    moved = Enrolment("https://moved.vn", "centre", ENROLMENT.centre_key, "48", VILLAGE, "Nguyễn Văn An")
    worker.screen.keep_enrolment(moved)
    worker.loop.wake()
    assert carrier.heard(3) == ["closed", "run", "done"]
    assert worker.loop.stop(PATIENCE_S)
    assert carrier.heard(1) == ["closed"]


def test_a_centre_that_was_restored_is_asked_again_what_it_lost(work: Callable[..., Worker]) -> None:
    worker = work()
    worker.carrier = carrier = Carrying()
    write(worker.screen, "1")
    worker.loop.start()
    assert carrier.heard(3) == ["look", "run", "done"]
    worker.line.forgets = True
    write(worker.screen, "2")
    worker.loop.wake()
    assert carrier.heard(3) == ["look", "run", "done"]
