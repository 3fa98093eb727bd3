"""One sync: push and pull in the same request, again only while there is more.

    outbox ──▶ mark sent ──▶ ask the centre ──▶ receipts ──▶ scope ──▶ pages ──▶ healing ──▶ confirm
       ▲                                                                                        │
       └──── while something waits, a stream has more, or a part of the base is in doubt ◀──────┘

    receipts   the centre holds the push, or has lost what comes before it: then replay out of the log
    scope      units that this device may see no longer leave the base; new ones are read from their start
    pages      the base moves to a later state of the centre; what differs from the centre's digest is in doubt
    healing    what is in doubt is compared in ever smaller parts, and put right
    confirm    what was received gives way to the base

No transaction is open while the centre is asked. Every arrow may be the last one before the power fails: each step
is one transaction or several that may each be the last, and the next session begins again from what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key, commune_of, province_of
from sync.protocol.messages import START, Check, Cursor, Push, Subscription, SyncAnswer, SyncRequest, Version
from sync.protocol.remote import Remote
from sync.protocol.vectors import MANY, vector_of
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Store
from sync.store.healing import MAX_LOST, checks, lost_versions, take_heals, take_known
from sync.store.receiving import confirm, cursors, take_page
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
    """What a session did. `clock_offset_s` is this PC's clock minus the centre's."""

    rounds: int
    sent: int
    received: int
    clock_offset_s: int

    @property
    def clock_is_wrong(self) -> bool:
        """Whether a person should be told: nothing is decided by clocks, but the hours that others read come of it."""
        return abs(self.clock_offset_s) > WRONG_CLOCK_S


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one request said, for what its answer may be taken."""

    push: Push
    cursors: dict[Subscription, Cursor]
    checks: list[Check]
    lost: list[tuple[Key, Version]]


def _places(units: list[str]) -> dict[Subscription, Cursor]:
    """The start of each unit's own stream, so that a request always says which units it is for."""
    return {Subscription(unit, commune_of(unit) or province_of(unit)): START for unit in units}


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
        self._lost_after: Key | None = None
        self._is_first = True
        self._most = MAX_PUSH

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> Summary:
        """Sync until nothing waits and nothing more comes, or until it no longer `goes_on` after a round.

        Raises `EnvironmentFault`; what arrived before it stays.
        """
        sent = received = offset = 0
        self._is_first = True
        self._most = MAX_PUSH
        self._tell(leave(self._store))
        # Once in a session: what the centre still does not hold then waits for its author's replay.
        asked = self._next(self._lost_before())
        for rounds in range(1, MAX_ROUNDS + 1):
            if asked.push.changes:
                self._tell(mark_sent(self._store, asked.push, self._clock()))
            try:
                answer = self._ask(asked)
            except EnvironmentFault as fault:
                if fault.code != "push_branch":
                    raise
                self._part(asked.push)
                asked = self._next(asked.lost)
                continue
            offset = self._clock() - answer.time
            self._take(asked, answer)
            # What was asked by a name that the centre does not know was not answered.
            after = self._next(asked.lost if answer.resend else [])
            waits = bool(after.push.changes or after.checks or after.lost or answer.resend)
            more = any(page.more for page in answer.pages)
            if (waits or more) and after == asked and not answer.resend:
                # Asking again would bring the same: pause instead.
                raise EnvironmentFault("server_failed", rounds=rounds)
            sent += len(asked.push.changes) if answer.held else 0
            received += sum(len(page.records) for page in answer.pages)
            if not goes_on() or not (waits or more):
                return Summary(rounds, sent, received, offset)
            asked = after
        raise EnvironmentFault("server_failed", rounds=MAX_ROUNDS)

    def _next(self, lost_before: list[tuple[Key, Version]]) -> _Asked:
        push = outbox(self._store, min(self._most, self._page_bytes // CHANGE_BYTES))
        lost = lost_versions(self._store, sure=False)
        return _Asked(push, cursors(self._store), checks(self._store), [*dict.fromkeys(lost + lost_before)][:MAX_LOST])

    def _lost_before(self) -> list[tuple[Key, Version]]:
        found = lost_versions(self._store, self._lost_after, sure=True)
        # In the next session those behind, then again from the first.
        self._lost_after = found[-1][0] if len(found) == MAX_LOST else None
        return found

    def _part(self, push: Push) -> None:
        """Somebody else used one of these names first: find which, then give it and all behind it other names."""
        if len(push.changes) > 1:
            self._most = 1
        else:
            self._tell(rename(self._store))
            self._most = MAX_PUSH

    def _ask(self, asked: _Asked) -> SyncAnswer:
        """Larger pages while the line holds, smaller ones when it drops."""
        # Between two pages nobody else stands where this device does: then a name for it is never known.
        by_vector = len(asked.cursors) >= MANY and self._is_first
        request = SyncRequest(
            PROTOCOL,
            self._store.catalogue,
            asked.push,
            {} if by_vector else {**_places(scope(self._store)), **asked.cursors},
            self._page_bytes,
            vector_of(asked.cursors) if by_vector else b"",
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

    def _take(self, asked: _Asked, answer: SyncAnswer) -> None:
        self._tell(take_receipts(self._store, asked.push, answer))
        if answer.scope is not None:
            self._tell(take_scope(self._store, answer.scope))
        if answer.resend:
            return
        for page in answer.pages:
            self._tell(take_page(self._store, page, asked.cursors))
        self._tell(take_heals(self._store, asked.checks, answer.heals))
        unfinished = frozenset(page.subscription.stream for page in answer.pages if page.more)
        self._tell(take_known(self._store, asked.lost, answer.known, unfinished))
        self._tell(confirm(self._store, unfinished))

    def _tell(self, changes: ChangeSet) -> None:
        if changes:
            self._changed(changes)
