"""The outbox: what the centre has not confirmed that it holds, in chain order, and the receipts that come back."""

from typing import Any, Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import RECEIPT, Key, stream_of_device
from sync.protocol import chain
from sync.protocol.messages import Change, Link, Push, Receipt, Subscription, SyncAnswer, Version
from sync.store import connection as file
from sync.store import receipts
from sync.store.base import BECAME, BaseWriter, became
from sync.store.cells import ChangeSet
from sync.store.healing import doubt_all
from sync.store.store import Store

MAX_PUSH: Final = 5_000
"""Changes in one push: a bounded transaction at the centre, and a bounded repetition when the line drops."""

MAX_PUSH_LETTERS: Final = 500_000
"""Letters of what they say and had seen, at which a push ends: many long texts together must still fit a message."""

_CHANGE: Final = "n, branch, kind, unit, item, period, part, content, seen, author, typed_at, catalogue"
_SEEN: Final = 8

_encode = msgspec.msgpack.Encoder().encode
_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


def outbox(store: Store, most: int = MAX_PUSH, behind: int | None = None) -> Push:
    """The next run of changes, about `most`, behind what the centre holds; empty when it holds all.

    What the centre said of them before it was restored goes with them: a receipt is of all that came in one push, so
    those go together again, unless just one is asked for. `behind` is another number to begin after.
    """
    with file.reading(store.db):
        after = _link_at(store, store.agreed_n() if behind is None else behind)
        changes = _changes(store, after.n, min(most, MAX_PUSH))
        if most > 1 and (whole := _end_of_receipts(store, after.n, after.n + len(changes))) != len(changes):
            changes = _changes(store, after.n, whole)
        kept = receipts.of_changes(store, changes[0].n, changes[-1].n) if changes else []
    return Push(after, changes, kept)


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


def take_receipts(store: Store, push: Push, answer: SyncAnswer) -> ChangeSet:
    """Note how far the centre holds this device's chain, and what became of each change that was pushed.

    A centre that does not know the link that the push follows was restored: the outbox then begins again behind the
    last that both know, out of the log. Raises `EnvironmentFault` server_failed when it speaks of what was not asked.
    """
    if answer.held is None:
        return _begin_again(store, answer.ends)
    last = chain_end(store, push)
    if answer.held != last:
        raise EnvironmentFault("server_failed", n=answer.held.n)
    if not push.changes:
        return ChangeSet()
    first_n = push.changes[0].n
    with file.writing(store.db) as db:
        touched = db.execute(
            "UPDATE change SET received_at = ifnull(received_at, ?), outcome = 'applied', reason = ''"
            " WHERE n BETWEEN ? AND ? RETURNING kind, unit, item, period, part",
            (answer.time, first_n, last.n),
        ).fetchall()
        for result in answer.results:
            touched += db.execute(
                f"UPDATE change SET {BECAME} WHERE n = :n AND n BETWEEN :first_n AND :last_n"
                " RETURNING kind, unit, item, period, part",
                {**became(store, result.outcome, result.reason), "n": result.n, "first_n": first_n, "last_n": last.n},
            ).fetchall()
        receipts.keep(store, Receipt(first_n, last, tuple(answer.results), answer.mac))
        store.keep_meta("last_receipt", str(answer.time))
        store.keep_meta("agreed_n", str(last.n))
    return ChangeSet(frozenset(Key(*row) for row in touched))


def rename(store: Store) -> ChangeSet:
    """Give what the centre does not hold other names: somebody who runs a copy of this PC's memory used them first.

    The centre has taken none of it, so that nobody has seen the names that it had.
    """
    branch = store.device + store.new_run()
    touched: list[Key] = []
    names: dict[Version, Version] = {}
    with file.writing(store.db) as db:
        link = _link_at(store, store.agreed_n())
        for row in db.execute(f"SELECT {_CHANGE} FROM change WHERE n > ? ORDER BY n", (link.n,)).fetchall():
            before = _change(row)
            names[before.version] = Version(branch, before.n)
            seen = tuple(names.get(version, version) for version in before.seen)
            change = msgspec.structs.replace(before, branch=branch, seen=seen)
            link = chain.link(link, change)
            db.execute(
                "UPDATE change SET branch = ?, hash = ?, seen = ? WHERE n = ?",
                (branch, link.hash, _encode(seen), link.n),
            )
            touched.append(change.key)
    return ChangeSet(frozenset(touched))


def chain_end(store: Store, push: Push) -> Link:
    """The link of the push's last change, of this device's own log."""
    return _link_at(store, push.changes[-1].n) if push.changes else push.after


def is_next(store: Store, push: Push) -> bool:
    """Whether `push` is a run of this very log, right behind what the centre holds: not of a copy, nor of the past."""
    with file.reading(store.db):
        if push.after != _link_at(store, store.agreed_n()):
            return False
        if not push.changes:
            return True
        links = chain.links(push.after, push.changes)
        return store.db.execute("SELECT 1 FROM change WHERE n = ? AND hash = ?", links[-1]).fetchone() is not None


def _begin_again(store: Store, ends: list[Link]) -> ChangeSet:
    """Replay behind the last of `ends` that is in this log, with no receipt cut in two.

    What is shown stays; it is no longer called received.
    """
    agreed_n = 0
    with file.writing(store.db) as db:
        for end in ends:
            if db.execute("SELECT 1 FROM change WHERE n = ? AND hash = ?", end).fetchone():
                agreed_n = max(agreed_n, end.n)
        # The centre may hold a part of what one receipt is of: its answer to that part was lost.
        agreed_n = receipts.uncut(store, agreed_n)
        touched = db.execute(
            "UPDATE change SET received_at = NULL WHERE n > ? AND received_at IS NOT NULL"
            " RETURNING kind, unit, item, period, part",
            (agreed_n,),
        ).fetchall()
        _forget_outcomes(store, agreed_n)
        store.keep_meta("agreed_n", str(agreed_n))
    return ChangeSet(frozenset(Key(*row) for row in touched))


def _forget_outcomes(store: Store, after_n: int) -> None:
    """What the own stream said of changes behind `after_n` was lost with them, and what comes of them now is news.

    Left there, it could by chance be what a centre says that is restored once more, and the log would not hear it.
    """
    own = stream_of_device(store.device)
    said = store.db.execute(
        "SELECT record.item, record.part FROM record"
        " JOIN change ON n = CAST(record.part AS INTEGER) AND branch = record.item"
        " WHERE record.kind = ? AND record.unit = ? AND n > ?",
        (RECEIPT, own, after_n),
    ).fetchall()
    if said:
        base = BaseWriter(store, own, keeping=False)
        for branch, n in said:
            base.remove(Key(RECEIPT, own, branch, part=n))
        base.finish()
        doubt_all(store, Subscription(own, own))


def _end_of_receipts(store: Store, after_n: int, last_n: int) -> int:
    """How many changes behind `after_n` to push, if it were up to `last_n`, so that no receipt is cut in two.

    They are no more than MAX_PUSH, and fit a message: so many came in the one push that the first receipt is of.
    """
    end = last_n
    while True:
        cut = store.db.execute(
            "SELECT first_n, last_n FROM receipt WHERE last_n > ? AND first_n <= ?"
            " ORDER BY max(first_n, ?), last_n DESC LIMIT 1",
            (end, end, after_n + 1),
        ).fetchone()
        if cut is None:
            return end - after_n
        first_n, whole_n = cut
        if first_n <= after_n + 1:
            return int(whole_n) - after_n
        end = first_n - 1


def _changes(store: Store, after_n: int, most: int) -> list[Change]:
    """The changes behind `after_n`, at most so many, and no more than fit a message."""
    rows = store.db.execute(f"SELECT {_CHANGE} FROM change WHERE n > ? ORDER BY n LIMIT ?", (after_n, most))
    changes: list[Change] = []
    letters = 0
    for row in rows:
        change = _change(row)
        changes.append(change)
        letters += len(change.content) + len(row[_SEEN])
        if letters > MAX_PUSH_LETTERS:
            break
    return changes


def _change(row: Any) -> Change:
    n, branch, kind, unit, item, period, part, content, seen, author, typed_at, catalogue = row
    return Change(n, branch, Key(kind, unit, item, period, part), content, _versions(seen), author, typed_at, catalogue)


def _link_at(store: Store, n: int) -> Link:
    if n == 0:
        return chain.root(store.device)
    (found,) = store.db.execute("SELECT hash FROM change WHERE n = ?", (n,)).fetchone()
    return Link(n, bytes(found))
