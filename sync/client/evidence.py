"""Moving the files of evidence: after the data, one piece at a time, always from where the centre says that it stands.

    what waits ──▶ may it move now? ──▶ ask how much is held ──▶ a piece ──▶ a piece ──▶ … ──▶ whole
                        ▲                        ▲                 │
                        └── the next file        └── the line dropped, but had moved something before

Between two pieces it is asked whether data waits, and gives way. A piece is as large as the line carries in about a
second. What somebody asked to see comes first, also over a line that is paid for and beyond a day's limit: they asked.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol, TypeVar

from sync.domain.errors import EnvironmentFault
from sync.domain.local_time import VIETNAM
from sync.protocol.messages import MAX_FILES, FileHeld
from sync.store import Store
from sync.store.evidence import accepted, drop_unnamed
from sync.store.files import File, Files

T = TypeVar("T")

FIRST_PIECE_BYTES: Final = 32 << 10
LEAST_PIECE_BYTES: Final = 8 << 10
MOST_PIECE_BYTES: Final = 512 << 10
QUICK_S: Final = 0.4
SLOW_S: Final = 1.5

TRY_AGAIN_S: Final = 3600.0
"""After what the centre refused and may take later."""

MAX_DROPS: Final = 3
"""How often in a row the line may drop with nothing moved between."""

FOR_GOOD: Final = ("evidence_kind", "evidence_wrong", "evidence_came_wrong", "evidence_damaged", "evidence_too_much")
"""What only a person changes."""

_OF_THE_LINE: Final = ("server_unreachable", "server_timeout", "answer_damaged")


class Remote(Protocol):
    """How files go to the centre and come from it (`client.remote.SealedFiles`)."""

    def offer(self, device: str, hashed: str, size: int, offset: int = 0, data: bytes = b"") -> FileHeld: ...

    def want(self, device: str, hashed: str, offset: int, length: int) -> bytes: ...

    def lacking(self, device: str, hashes: list[str]) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person set, and what the line is: `metered` lets nothing go that nobody asked to see; `day_bytes` is how
    much may be moved in a day, None for any."""

    metered: bool = False
    day_bytes: int | None = None


class Moved(NamedTuple):
    """How far a file has come, for whoever shows it. `up`: to the centre. `fault` is a code for the translations."""

    sha256: str
    done: int
    size: int
    up: bool
    fault: str = ""


class Courier:
    """Moves the files of one store. `clock` is a person's clock; `limits` are asked before every piece; `told` hears of
    every piece."""

    def __init__(
        self,
        store: Store,
        files: Files,
        remote: Remote,
        clock: Callable[[], datetime],
        limits: Callable[[], Limits],
        told: Callable[[Moved], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._files, self._remote = store, files, remote
        self._clock, self._limits, self._told, self._now_s = clock, limits, told, now_s
        self._piece_bytes = FIRST_PIECE_BYTES
        # When each file that did not move may be tried again, and which were sent anew from their start.
        self._again_s: dict[str, float] = {}
        self._sent_anew: set[str] = set()

    def close(self) -> None:
        self._files.close()

    def look(self) -> None:
        """Let go of files that are evidence of nothing, and find those that the centre has lost: they shall go again.

        Raises `EnvironmentFault`.
        """
        self._again_s.clear()
        drop_unnamed(self._store, self._files, self._clock())
        held = [found.sha256 for found in self._files.whole() if found.at_centre]
        for start in range(0, len(held), MAX_FILES):
            for hashed in self._remote.lacking(self._store.device, held[start : start + MAX_FILES]):
                self._files.was_sent(hashed, 0, at_centre=False)

    def run(self, goes_on: Callable[[], bool]) -> bool:
        """Move what may be moved, for as long as it `goes_on`. Whether nothing is left that may move now.

        Raises `EnvironmentFault` of the line, or of the centre as a whole; what was moved stays.
        """
        while goes_on():
            found = self._next()
            if found is None:
                self._files.checkpoint()
                return True
            try:
                if not self._move(found, goes_on):
                    return False
            except EnvironmentFault as fault:
                if not fault.code.startswith("evidence_"):
                    self._told(self._moved(found, fault.code))
                    raise
                self._refused(found, fault.code)
        return False

    def _next(self) -> File | None:
        """The file that comes next: first what somebody asked to see, then what waits to be sent."""
        now_s, limits = self._now_s(), self._limits()
        may_send = not limits.metered and not self._is_spent(limits)
        moving = [
            found
            for found in self._files.moving()
            if not found.paused and (found.asked or may_send) and (not found.fault or self._may_try(found, now_s))
        ]
        known = accepted(self._store, {found.sha256 for found in moving})
        return next((found for found in moving if found.sha256 in known), None)

    def _may_try(self, found: File, now_s: float) -> bool:
        """Whether what did not move may be tried again: at once after a start, then now and then."""
        return found.fault not in FOR_GOOD and now_s >= self._again_s.get(found.sha256, now_s)

    def _is_spent(self, limits: Limits) -> bool:
        return limits.day_bytes is not None and self._files.moved_on(self._today()) >= limits.day_bytes

    def _refused(self, found: File, code: str) -> None:
        if code == "evidence_wrong" and found.whole:
            if not self._is_sound(found):
                code = "evidence_damaged"
            elif found.sha256 not in self._sent_anew:
                self._sent_anew.add(found.sha256)
                self._files.was_sent(found.sha256, 0, at_centre=False)
                return
        self._again_s[found.sha256] = self._now_s() + TRY_AGAIN_S
        self._files.was_refused(found.sha256, code)
        self._told(self._moved(found, code))

    def _is_sound(self, found: File) -> bool:
        with suppress(EnvironmentFault):
            return self._files.is_sound(found)
        return False

    def _moved(self, found: File, code: str = "") -> Moved:
        current = self._files.find(found.sha256) or found
        done = current.sent if current.whole else current.here
        return Moved(found.sha256, done, found.size, found.whole, code)

    def _move(self, found: File, goes_on: Callable[[], bool]) -> bool:
        """Move one file as far as it goes; False when something else comes first now."""
        step = self._send if found.whole else self._fetch
        done, drops = (found.sent if found.whole else found.here), 0
        # Whoever asked to see it may ask for another meanwhile, or let it wait: it is looked at anew for every piece.
        sent: int | None = None
        while goes_on():
            current = self._files.find(found.sha256)
            if current is None or current.paused or not self._may_go(current):
                return True
            try:
                sent, whole = step(current, sent)
            except EnvironmentFault as fault:
                self._piece_bytes = max(LEAST_PIECE_BYTES, self._piece_bytes // 2)
                drops += 1
                if fault.code not in _OF_THE_LINE or drops >= MAX_DROPS:
                    raise
                # It moved something a moment ago: a line like this one carries a file in many parts.
                sent = None
                continue
            if sent > done:
                done, drops = sent, 0
            self._told(Moved(current.sha256, done, current.size, current.whole))
            if whole:
                return True
        return False

    def _may_go(self, found: File) -> bool:
        if found.asked:
            return True
        limits = self._limits()
        return found.whole and not found.at_centre and not limits.metered and not self._is_spent(limits)

    def _send(self, found: File, sent: int | None) -> tuple[int, bool]:
        """Send the next piece behind the `sent` bytes that the centre holds; None: it is asked first."""
        device, hashed, size = self._store.device, found.sha256, found.size
        if sent is None:
            held = self._remote.offer(device, hashed, size)
        else:
            data = self._files.read(hashed, sent, self._piece_bytes)
            if not data:
                raise EnvironmentFault("evidence_damaged")
            held = self._timed(len(data), lambda: self._remote.offer(device, hashed, size, sent, data))
            if not held.whole and held.held <= sent:
                raise EnvironmentFault("server_failed", held=held.held)
        self._files.was_sent(hashed, held.held, at_centre=held.whole)
        return held.held, held.whole

    def _fetch(self, found: File, _: int | None) -> tuple[int, bool]:
        device, hashed = self._store.device, found.sha256
        length = min(self._piece_bytes, found.size - found.here)
        data = self._timed(length, lambda: self._remote.want(device, hashed, found.here, length))
        here = self._files.add(hashed, found.here, data)
        if here == found.here:
            raise EnvironmentFault("evidence_came_wrong")
        return here, here == found.size

    def _timed(self, length: int, work: Callable[[], T]) -> T:
        """Do `work`, which moves so many bytes, and let the next piece be as large as the line carries."""
        began_s = self._now_s()
        try:
            done = work()
        finally:
            # What the line dropped was moved too, as far as who pays for it is concerned.
            self._files.add_moved(self._today(), length)
        took_s = self._now_s() - began_s
        if took_s < QUICK_S:
            self._piece_bytes = min(MOST_PIECE_BYTES, self._piece_bytes * 2)
        elif took_s > SLOW_S:
            self._piece_bytes = max(LEAST_PIECE_BYTES, self._piece_bytes // 2)
        return done

    def _today(self) -> date:
        return self._clock().astimezone(VIETNAM).date()
