"""One sync: push and pull in the same request, again only while there is more.

    outbox ──▶ mark sent ──▶ ask the centre ──▶ receipts ──▶ scope ──▶ pages ──▶ healing ──▶ confirm
       ▲                                                                                        │
       └── while something waits, a stream has more, or some of the base is in doubt or lost ◀──┘

    receipts   the centre holds the push, or has lost what comes before it: then replay out of the log
    scope      units that this device may see no longer leave the base; new ones are read from their start
    pages      the base moves to a later state of the centre; what differs from the centre's digest is in doubt
    healing    what is in doubt is compared in ever smaller parts, and put right; when nothing is, the centre is asked
               about what it seems to have lost
    confirm    what was received gives way to the base

No transaction is open while the centre is asked. Every arrow may be the last one before the power fails: each step
is one transaction or several that may each be the last, and the next session begins again from what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key, commune_of, province_of
from sync.domain.rights import unit_of
from sync.protocol.messages import (
    START,
    Check,
    Cursor,
    Origin,
    Page,
    Push,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Version,
)
from sync.protocol.own import whole
from sync.protocol.remote import Remote
from sync.protocol.vectors import MANY, vector_of
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Store
from sync.store.healing import MAX_LOST, checks, lost_versions, take_heals, take_known
from sync.store.receiving import confirm, cursors, take_page, take_silence
from sync.store.scope import leave, scope, take_scope
from sync.store.sending import MAX_PUSH, mark_sent, outbox, rename, take_receipts

FIRST_PAGE_BYTES: Final = 32 << 10
LEAST_PAGE_BYTES: Final = 8 << 10
MOST_PAGE_BYTES: Final = 64 << 10
"""About 6,500 values: reading many more at once would hold up a person who types meanwhile."""

CHANGE_BYTES: Final = 8
"""What a change takes on the line, by experience more than enough: for how many are pushed at once."""

MAX_ROUNDS: Final = 10_000
WRONG_CLOCK_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session did. `clock_offset_s` is this PC's clock minus the centre's; `was_restored` says that the centre
    had lost something that it once held."""

    rounds: int
    sent: int
    received: int
    clock_offset_s: int
    was_restored: bool = False

    @property
    def clock_is_wrong(self) -> bool:
        """Whether a person should be told: nothing is decided by clocks, but the hours that others read come of it."""
        return abs(self.clock_offset_s) > WRONG_CLOCK_S


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request said, for what its answer may be taken."""

    push: Push
    cursors: dict[Subscription, Cursor]
    checks: list[Check]
    lost: list[tuple[Key, Version]]


def _whole(page: Page, push: Push, at: int) -> Page:
    """The page with what came back by number. Raises `EnvironmentFault` server_failed for what was not pushed."""
    try:
        return whole(page, push.changes, at)
    except KeyError as error:
        raise EnvironmentFault("server_failed", n=error.args[0]) from error


def starts(roots: list[str]) -> dict[Subscription, Cursor]:
    """The start of each root's own stream, so that a request always says which scope it is for."""
    units = ((root, unit_of(root)) for root in roots)
    return {Subscription(root, commune_of(unit) or province_of(unit)): START for root, unit in units}


def take_answer(
    store: Store, asked: Asked, answer: SyncAnswer, tell: Callable[[ChangeSet], None]
) -> list[tuple[Key, Version]]:
    """Take all that `answer` says to what was `asked`, and give what the centre has lost for good.

    Raises `EnvironmentFault` for what no centre answers; what was taken before it stays.
    """
    tell(take_receipts(store, asked.push, answer))
    if answer.scope is not None:
        tell(take_scope(store, answer.scope))
    if answer.resend:
        return []
    for page in answer.pages:
        tell(take_page(store, _whole(page, asked.push, answer.time), asked.cursors))
    take_silence(store, answer.pages, asked.cursors)
    tell(take_heals(store, asked.checks, answer.heals))
    changes, missing = take_known(store, asked.lost, answer.known)
    tell(changes)
    tell(confirm(store))
    return missing


class Session:
    """Runs syncs of one store with one remote. `clock` gives seconds since 1970 UTC; `changed` hears every change."""

    def __init__(
        self, store: Store, remote: Remote, clock: Callable[[], int], changed: Callable[[ChangeSet], None]
    ) -> None:
        self._store = store
        self._remote = remote
        self._clock = clock
        self._changed = changed
        self._page_bytes = FIRST_PAGE_BYTES
        # What the centre said that it does not hold, in the order in which it did.
        self._missing: dict[tuple[Key, Version], None] = {}
        self._is_first = True
        self._most = MAX_PUSH

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> Summary:
        """Sync until nothing waits and nothing more comes, or until it no longer `goes_on` after a round.

        Raises `EnvironmentFault`; what arrived before it stays.
        """
        sent = received = offset = 0
        was_restored = False
        self._is_first = True
        self._most = MAX_PUSH
        self._tell(leave(self._store))
        self._ask_again()
        asked = self._next()
        for rounds in range(1, MAX_ROUNDS + 1):
            if asked.push.changes:
                self._tell(mark_sent(self._store, asked.push, self._clock()))
            try:
                answer = self._ask(asked)
            except EnvironmentFault as fault:
                if fault.code != "push_branch":
                    raise
                self._part(asked.push)
                asked = self._next()
                continue
            offset = self._clock() - answer.time
            unknown = any(page.origin is Origin.UNKNOWN for page in answer.pages)
            was_restored = was_restored or unknown or answer.held is None
            self._take(asked, answer)
            after = self._next()
            waits = bool(after.push.changes or after.checks or after.lost or answer.resend)
            more = any(page.more for page in answer.pages)
            if (waits or more) and after == asked and not answer.resend:
                # Asking again would bring the same: pause instead.
                raise EnvironmentFault("server_failed", rounds=rounds)
            sent += len(asked.push.changes) if answer.held else 0
            received += sum(len(page.records) for page in answer.pages)
            if not goes_on() or not (waits or more):
                return Summary(rounds, sent, received, offset, was_restored)
            asked = after
        raise EnvironmentFault("server_failed", rounds=MAX_ROUNDS)

    def _ask_again(self) -> None:
        """Of what the centre did not hold, ask about a few in each session: their authors may have replayed them."""
        lost = set(lost_versions(self._store)) if self._missing else set()
        waiting = [each for each in self._missing if each in lost]
        self._missing = dict.fromkeys(waiting[MAX_LOST:])

    def _next(self) -> Asked:
        push = outbox(self._store, min(self._most, self._page_bytes // CHANGE_BYTES))
        lost = [each for each in lost_versions(self._store) if each not in self._missing]
        return Asked(push, cursors(self._store), checks(self._store), lost[:MAX_LOST])

    def _part(self, push: Push) -> None:
        """Somebody else used one of these names first: find which, then give it and all behind it other names."""
        if len(push.changes) > 1:
            self._most = 1
        else:
            self._tell(rename(self._store))
            self._most = MAX_PUSH

    def _ask(self, asked: Asked) -> SyncAnswer:
        """Larger pages while the line holds, smaller ones when it drops."""
        # Between two pages nobody else stands where this device does: then a name for it is never known.
        by_vector = len(asked.cursors) >= MANY and self._is_first
        # Also a unit of which nothing was read yet: the centre says when this device may see it no longer.
        places = {**starts(scope(self._store)), **asked.cursors}
        request = SyncRequest(
            PROTOCOL,
            self._store.catalogue,
            asked.push,
            {} if by_vector else places,
            self._page_bytes,
            vector_of(places) if by_vector else b"",
            asked.checks,
            [version for _, version in asked.lost],
        )
        try:
            answer = self._remote.push_pull(self._store.device, request)
        except EnvironmentFault:
            self._page_bytes = max(LEAST_PAGE_BYTES, self._page_bytes // 2)
            raise
        self._page_bytes = min(MOST_PAGE_BYTES, self._page_bytes * 2)
        self._is_first = False
        return answer

    def _take(self, asked: Asked, answer: SyncAnswer) -> None:
        self._missing.update(dict.fromkeys(take_answer(self._store, asked, answer, self._tell)))

    def _tell(self, changes: ChangeSet) -> None:
        if changes:
            self._changed(changes)
