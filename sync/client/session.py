"""One sync: push and pull in the same request, again only while there is more.

    outbox ──▶ mark sent ──▶ ask the centre ──▶ receipts ──▶ pages into the base ──▶ confirm
       ▲                                                                               │
       └───────── while something waits, or a stream has more ◀────────────────────────┘

No transaction is open while the centre is asked. Every arrow may be the last one before the power fails: each step
is one transaction, and the next session begins again from what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import Push, SyncAnswer, SyncRequest
from sync.protocol.remote import Remote
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Store
from sync.store.receiving import confirm, cursors, follow_scope, take_page
from sync.store.sending import mark_sent, outbox, take_receipts

FIRST_PAGE_BYTES: Final = 32 << 10
LEAST_PAGE_BYTES: Final = 8 << 10
MOST_PAGE_BYTES: Final = 64 << 10
"""About 6,500 values: reading many more at once would hold up a person who types meanwhile."""

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

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> Summary:
        """Sync until nothing waits and nothing more comes, or until it no longer `goes_on` after a round.

        Raises `EnvironmentFault`; what arrived before it stays.
        """
        follow_scope(self._store)
        sent = received = offset = 0
        for rounds in range(1, MAX_ROUNDS + 1):
            push = outbox(self._store)
            if push:
                self._tell(mark_sent(self._store, push, self._clock()))
            request = SyncRequest(
                PROTOCOL, self._store.catalogue, push, cursors(self._store), page_bytes=self._page_bytes
            )
            answer = self._ask(request)
            offset = self._clock() - answer.time
            before = self._store.agreed_n(), cursors(self._store)
            self._take(push, answer)
            more = any(page.more for page in answer.pages)
            if (push or more) and before == (self._store.agreed_n(), cursors(self._store)):
                # Asking again would bring the same: pause instead.
                raise EnvironmentFault("push_gap" if push else "server_failed", n=answer.last_n)
            sent += len(push.changes) if push else 0
            received += sum(len(page.records) for page in answer.pages)
            if not goes_on() or (not more and outbox(self._store) is None):
                return Summary(rounds, sent, received, offset)
        raise EnvironmentFault("server_failed", rounds=MAX_ROUNDS)

    def _ask(self, request: SyncRequest) -> SyncAnswer:
        """Larger pages while the line holds, smaller ones when it drops."""
        try:
            answer = self._remote.push_pull(self._store.device, request)
        except EnvironmentFault:
            self._page_bytes = max(LEAST_PAGE_BYTES, self._page_bytes // 2)
            raise
        self._page_bytes = min(MOST_PAGE_BYTES, self._page_bytes * 2)
        return answer

    def _take(self, push: Push | None, answer: SyncAnswer) -> None:
        self._tell(take_receipts(self._store, push, answer))
        for page in answer.pages:
            self._tell(take_page(self._store, page))
        self._tell(confirm(self._store, frozenset(page.stream for page in answer.pages if page.more)))

    def _tell(self, changes: ChangeSet) -> None:
        if changes:
            self._changed(changes)
