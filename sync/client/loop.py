"""When to sync: soon after an edit, when the network is back, on a timer, and after a failure with growing pauses.

                    edited (a few seconds later) · wake · timer
        ┌─────────┐ ─────────────────────────────────────────────▶ ┌─────────┐
        │ waiting │                                                │ syncing │
        └─────────┘ ◀──────── done: timer · failed: pause ──────── └─────────┘
             │  ▲
     offline │  │ online again            not enrolled, or no address: waits for a wake
             ▼  │
        ┌───────────────────┐
        │ offline by choice │
        └───────────────────┘

After a sync that succeeded files are moved for as long as no sync is due: a file gives way to one between two of its
pieces, and goes on after it.

One worker thread with its own store connection; nothing of it touches the screen's thread but the two callbacks. What
else must not happen beside a session, such as taking a parcel, is done by it between two of them.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple, Protocol

from sync.client.evidence import Remote as FileRemote
from sync.client.session import Session, Summary
from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import SyncAnswer, SyncRequest
from sync.store import ChangeSet, Enrolment, Store, journal

COALESCE_S: Final = 3.0
INTERVAL_S: Final = 120.0
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 900.0
LOOK_S: Final = 86_400.0
"""How often the centre is asked whether it has lost files, when nothing else gives a reason to."""


class Line(Protocol):
    """A remote that holds a connection, and counts the bytes that it moved; files go over it too."""

    up_bytes: int
    down_bytes: int

    @property
    def files(self) -> FileRemote: ...

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer: ...

    def close(self) -> None: ...


class Carrier(Protocol):
    """What moves files (`client.evidence.Courier`)."""

    def look(self) -> None: ...

    def run(self, goes_on: Callable[[], bool]) -> bool: ...

    def close(self) -> None: ...


class Phase(StrEnum):
    UNENROLLED = "unenrolled"
    BY_HAND = "by_hand"
    OFFLINE_BY_CHOICE = "offline_by_choice"
    WAITING = "waiting"
    SYNCING = "syncing"
    ONLINE = "online"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Status:
    """Where the loop stands. `fault` is set while FAILED; `summary` is of the last session that succeeded."""

    phase: Phase
    fault: EnvironmentFault | None = None
    since: datetime | None = None
    summary: Summary | None = None
    last_success: datetime | None = None
    next_try_s: float | None = None


class _Errand(NamedTuple):
    work: Callable[[Store], object]
    done: Callable[[object], None]
    failed: Callable[[EnvironmentFault], None]


class Timetable:
    """When the next sync is due. All times are seconds of a clock that only moves forward."""

    def __init__(self, random: Random, now_s: float) -> None:
        self._random = random
        self._failures = 0
        self._woken = False
        self.due_s = now_s

    def edited(self, now_s: float) -> None:
        if not self._failures:
            self.due_s = min(self.due_s, now_s + COALESCE_S)

    def woken(self, now_s: float) -> None:
        self._failures = 0
        self._woken = True
        self.due_s = now_s

    def began(self, now_s: float) -> None:
        self._woken = False
        self.due_s = now_s + INTERVAL_S

    def succeeded(self) -> None:
        self._failures = 0

    def ready(self, now_s: float) -> None:
        """Something may be done at once, but for a pause after a failure."""
        if not self._failures:
            self.due_s = now_s

    def failed(self, now_s: float, asked_s: float) -> float:
        """The pause: twice as long as after the last failure, spread by half, and at least as long as asked for.

        Whoever woke the loop while it failed is not made to wait.
        """
        pause_s = min(FIRST_PAUSE_S * 2.0**self._failures, LONGEST_PAUSE_S) * self._random.uniform(0.75, 1.25)
        pause_s = max(pause_s, asked_s * self._random.uniform(1.0, 1.25))
        if self._woken and not asked_s:
            pause_s = 0.0
        self._failures = min(self._failures + 1, 20)
        self.due_s = now_s + pause_s
        return pause_s


class Loop:
    """The worker of one data folder. `clock` gives UTC times; `random` spreads the pauses of many devices."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        open_line: Callable[[Store, Enrolment], Line],
        *,
        clock: Callable[[], datetime],
        random: Random,
        on_changes: Callable[[ChangeSet], None],
        on_status: Callable[[Status], None],
        offline: bool = False,
        open_carrier: Callable[[Store, Line], Carrier | None] = lambda store, line: None,
    ) -> None:
        self._open_store = open_store
        self._open_carrier = open_carrier
        self._open_line = open_line
        self._clock = clock
        self._on_changes = on_changes
        self._on_status = on_status
        self._status = Status(Phase.WAITING)
        self._due = threading.Condition()
        self._timetable = Timetable(random, time.monotonic())
        self._carrying = Timetable(random, math.inf)
        self._offline = offline
        self._stopping = False
        self._errands: deque[_Errand] = deque()
        # Of the worker's thread alone.
        self._store: Store | None = None
        self._line: Line | None = None
        self._session: Session | None = None
        self._enrolled: Enrolment | None = None
        self._carrier: Carrier | None = None
        self._look_s = -math.inf
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def edited(self) -> None:
        """Something was typed: sync in a few seconds, together with what follows. A pause after a failure stands."""
        with self._due:
            self._timetable.edited(time.monotonic())
            self._due.notify()

    def wake(self) -> None:
        """Sync now: asked for by a person, by the system's network, or because the folder was just enrolled."""
        with self._due:
            self._timetable.woken(time.monotonic())
            self._carrying.succeeded()
            self._due.notify()

    def set_offline(self, offline: bool) -> None:
        """Work offline by choice, or go back online and sync now. A request under way is answered first."""
        with self._due:
            self._offline = offline
            self._timetable.woken(time.monotonic())
            self._due.notify()

    def between(
        self,
        work: Callable[[Store], object],
        done: Callable[[object], None],
        failed: Callable[[EnvironmentFault], None],
    ) -> None:
        """Have `work` done soon by the worker, between two sessions: one under way ends after its round.

        What it gives is `done`, or its fault `failed`, told in the worker's thread.
        """
        with self._due:
            self._errands.append(_Errand(work, done, failed))
            # Whatever it was, or cut short, the centre should hear of it.
            self._timetable.edited(time.monotonic())
            self._due.notify()

    def stop(self, timeout_s: float) -> bool:
        """End the worker; False if a request was still under way after `timeout_s`. That loses nothing."""
        with self._due:
            self._stopping = True
            self._due.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while self._sleep():
                try:
                    self._work()
                except EnvironmentFault as fault:
                    self._failed(fault)
        finally:
            if self._carrier:
                self._carrier.close()
            if self._line:
                self._line.close()
            if self._store:
                self._store.close()

    def _sleep(self) -> bool:
        """Wait until something is due or an errand comes; False when the loop ends."""
        with self._due:
            while (
                not self._stopping
                and not self._errands
                and (pause_s := min(self._timetable.due_s, self._carrying.due_s) - time.monotonic()) > 0
            ):
                self._due.wait(pause_s)
            return not self._stopping

    def _work(self) -> None:
        while self._errands:
            self._do(self._errands.popleft())
        with self._due:
            sync_is_due = self._timetable.due_s <= time.monotonic()
            if sync_is_due:
                self._timetable.began(time.monotonic())
        if sync_is_due:
            self._sync()
        with self._due:
            carrying_is_due = self._carrying.due_s <= time.monotonic()
            if carrying_is_due:
                self._carrying.due_s = math.inf
        if carrying_is_due:
            self._carry()

    def _sync(self) -> None:
        store = self._opened()
        enrolment = store.enrolment()
        if self._offline or enrolment is None:
            self._become(Phase.OFFLINE_BY_CHOICE if self._offline else Phase.UNENROLLED)
        elif not enrolment.server:
            self._become(Phase.BY_HAND)
        else:
            session = self._session_for(store, enrolment)
            self._become(Phase.SYNCING)
            summary = self._run_session(store, session)
            with self._due:
                self._timetable.succeeded()
                self._carrying.ready(time.monotonic())
            if summary.was_restored:
                self._look_s = -math.inf
            self._status = replace(self._status, summary=summary, last_success=self._clock())
            self._become(Phase.ONLINE)
        store.checkpoint()

    def _carry(self) -> None:
        """Move files until something else is due. What fails here is told of each file, and tried again later."""
        store = self._opened()
        enrolment = store.enrolment()
        if self._offline or enrolment is None or not enrolment.server:
            return
        self._session_for(store, enrolment)
        assert self._line is not None, "made with the session"
        self._carrier = self._carrier or self._open_carrier(store, self._line)
        if self._carrier is None:
            return
        try:
            if self._look_s <= time.monotonic():
                self._carrier.look()
                self._look_s = time.monotonic() + LOOK_S
            is_done = self._carrier.run(self._may_carry)
        except EnvironmentFault as fault:
            asked_s = fault.details.get("retry_after_s")
            with self._due:
                self._carrying.failed(time.monotonic(), asked_s if isinstance(asked_s, int) else 0)
            return
        with self._due:
            self._carrying.succeeded()
            if not is_done:
                self._carrying.ready(time.monotonic())

    def _may_carry(self) -> bool:
        with self._due:
            is_first = self._timetable.due_s > time.monotonic()
        return is_first and not self._offline and not self._stopping and not self._errands

    def _opened(self) -> Store:
        self._store = self._store or self._open_store()
        return self._store

    def _do(self, errand: _Errand) -> None:
        try:
            found = errand.work(self._opened())
        except EnvironmentFault as fault:
            errand.failed(fault)
        else:
            errand.done(found)

    def _session_for(self, store: Store, enrolment: Enrolment) -> Session:
        if self._session is None or enrolment != self._enrolled:
            if self._carrier:
                self._carrier.close()
                self._carrier = None
            if self._line:
                self._line.close()
            self._line = self._open_line(store, enrolment)
            self._session = Session(store, self._line, lambda: int(self._clock().timestamp()), self._on_changes)
            self._enrolled = enrolment
        return self._session

    def _run_session(self, store: Store, session: Session) -> Summary:
        """Sync, and keep in the journal what became of it."""
        line = self._line
        assert line is not None, "made with the session"
        began_s, up, down = time.monotonic(), line.up_bytes, line.down_bytes
        sent = received = 0
        code = ""
        try:
            summary = session.run(lambda: not self._offline and not self._stopping and not self._errands)
            sent, received = summary.sent, summary.received
            return summary
        except EnvironmentFault as fault:
            code = fault.code
            raise
        finally:
            took_ms = round((time.monotonic() - began_s) * 1000)
            moved = line.up_bytes - up, line.down_bytes - down
            # Where the disk is full, the fault that is told is that of the sync.
            with suppress(EnvironmentFault):
                journal.write(store, journal.Line(self._clock(), took_ms, sent, received, *moved, code))

    def _failed(self, fault: EnvironmentFault) -> None:
        asked_s = fault.details.get("retry_after_s")
        with self._due:
            pause_s = self._timetable.failed(time.monotonic(), asked_s if isinstance(asked_s, int) else 0)
        self._become(Phase.FAILED, fault, pause_s)

    def _become(self, phase: Phase, fault: EnvironmentFault | None = None, next_try_s: float | None = None) -> None:
        since = self._status.since if phase == self._status.phase else self._clock()
        self._status = replace(self._status, phase=phase, fault=fault, since=since, next_try_s=next_try_s)
        self._on_status(self._status)
