"""The outbox: what the centre has not confirmed that it holds, in chain order, and the receipts that come back."""

from typing import Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key
from sync.protocol import chain
from sync.protocol.messages import Change, Push, SyncAnswer, Version
from sync.store import connection as file
from sync.store.cells import ChangeSet
from sync.store.store import Store

MAX_PUSH: Final = 2_000
"""Changes in one push: a bounded transaction at the centre, and a bounded repetition when the line drops."""

MAX_PUSH_LETTERS: Final = 500_000
"""Letters of what they say and had seen, at which a push ends: many long texts together must still fit a message."""

_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


def outbox(store: Store) -> Push | None:
    """The next run of changes behind what the centre holds; None when it holds all."""
    after = store.agreed_n()
    changes: list[Change] = []
    letters = 0
    with file.reading(store.db):
        rows = store.db.execute(
            "SELECT n, kind, unit, item, period, part, content, seen, author, typed_at, catalogue"
            " FROM change WHERE n > ? ORDER BY n LIMIT ?",
            (after, MAX_PUSH),
        ).fetchall()
    for n, kind, unit, item, period, part, content, seen, author, typed_at, catalogue in rows:
        key = Key(kind, unit, item, period, part)
        changes.append(Change(n, key, content, _versions(seen), author, typed_at, catalogue))
        letters += len(content) + len(seen)
        if letters > MAX_PUSH_LETTERS:
            break
    return Push(_hash_at(store, after), changes) if changes else None


def mark_sent(store: Store, push: Push, at: int) -> ChangeSet:
    """Remember, before the first byte leaves, that these may reach the centre from now on."""
    first, last = push.changes[0].n, push.changes[-1].n
    with file.writing(store.db) as db:
        touched = db.execute(
            "UPDATE change SET sent_at = ? WHERE n BETWEEN ? AND ? AND sent_at IS NULL"
            " RETURNING kind, unit, item, period, part",
            (at, first, last),
        ).fetchall()
    return ChangeSet(frozenset(Key(*row) for row in touched))


def take_receipts(store: Store, push: Push | None, answer: SyncAnswer) -> ChangeSet:
    """Note how far the centre holds this device's chain, and what became of each change that was pushed.

    A centre that holds less than it once confirmed was restored: the outbox then begins again behind what it holds,
    out of the log. One that holds more than was pushed now answers for that part in the next round, when it says
    what became of it. Raises `EnvironmentFault` push_branch when the centre holds another chain of this device.
    """
    if answer.last_n > store.last_link()[0] or _hash_at(store, answer.last_n) != answer.last_hash:
        raise EnvironmentFault("push_branch", n=answer.last_n)
    agreed_n = store.agreed_n()
    received_n = min(answer.last_n, push.changes[-1].n if push else agreed_n)
    with file.writing(store.db) as db:
        touched = db.execute(
            "UPDATE change SET received_at = ifnull(received_at, ?), outcome = 'applied', reason = ''"
            " WHERE n > ? AND n <= ? RETURNING kind, unit, item, period, part",
            (answer.time, agreed_n, received_n),
        ).fetchall()
        for result in answer.results:
            touched += db.execute(
                "UPDATE change SET outcome = ?, reason = ? WHERE n = ? AND n <= ?"
                " RETURNING kind, unit, item, period, part",
                (result.outcome.value, result.reason, result.n, received_n),
            ).fetchall()
        if received_n > agreed_n:
            store.keep_meta("last_receipt", str(answer.time))
        store.keep_meta("agreed_n", str(received_n))
    return ChangeSet(frozenset(Key(*row) for row in touched))


def _hash_at(store: Store, n: int) -> bytes:
    if n == 0:
        return chain.root(store.device)
    with file.reading(store.db):
        (found,) = store.db.execute("SELECT hash FROM change WHERE n = ?", (n,)).fetchone()
    return bytes(found)
