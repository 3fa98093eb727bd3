"""Pages from the centre into the base, and the moment when what was typed here gives way to it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sync.domain.keys import Key
from sync.protocol.messages import Cursor, Origin, Page, Subscription, Version
from sync.store import connection as file
from sync.store.base import BaseWriter, digest_of, forget_lost
from sync.store.cells import ChangeSet
from sync.store.healing import UNPROVEN, doubt_all, doubt_nothing, is_in_doubt
from sync.store.held import LATER_OF_ONE_HAND
from sync.store.store import Store

MAX_ROWS: Final = 1_000
"""Records in one transaction: about 40 ms on an old PC, so that a person typing never waits noticeably."""

_versions = msgspec.msgpack.Decoder(tuple[Version, ...]).decode


def cursors(store: Store) -> dict[Subscription, Cursor]:
    """How far each subscription was read."""
    with file.faults(store.db):
        rows = store.db.execute("SELECT root, stream, seq, token FROM cursor ORDER BY root, stream").fetchall()
    return {Subscription(root, stream): Cursor(seq, token) for root, stream, seq, token in rows}


def take_page(store: Store, page: Page, sent: Mapping[Subscription, Cursor]) -> ChangeSet:
    """Put a page into the base. What is not confirmed here stays in front of it.

    `sent` are the cursors of the request: a page that was made for another place of the stream changes nothing, and
    is asked for again. A page longer than MAX_ROWS takes several transactions. The cursor moves with the last of
    them, so a crash between two repeats the page; until then the base is ahead of its cursor, and in doubt.
    """
    subscription = page.subscription
    if cursors(store).get(subscription) != sent.get(subscription):
        return ChangeSet()
    # Of a base that is ahead of its cursor nobody knows yet whether a centre that was restored still holds all of it:
    # until that is proven, nothing that is displaced is given up.
    is_ahead = is_in_doubt(store, subscription) or (
        page.origin is not Origin.AS_SENT and digest_of(store, subscription).rows > 0
    )
    touched: set[Key] = set()
    starts = range(0, len(page.records), MAX_ROWS) or (0,)
    for start in starts:
        is_last = start == starts[-1]
        with file.writing(store.db) as db:
            base = BaseWriter(store, subscription.stream, keeping=is_ahead)
            touched |= base.write(page.records[start : start + MAX_ROWS])
            base.finish()
            is_doubtful = is_ahead or not is_last
            if is_last:
                row = (*subscription, *page.cursor, not page.more)
                db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?)", row)
                if page.digest:
                    is_doubtful = page.digest != digest_of(store, subscription).brief()
            if is_doubtful:
                doubt_all(store, subscription)
            else:
                doubt_nothing(store, subscription)
    return ChangeSet(frozenset(touched))


def take_silence(store: Store, pages: Sequence[Page], sent: Mapping[Subscription, Cursor]) -> None:
    """Of a subscription that was `sent` and got none of the `pages` there is no more than what was read.

    Unless more was promised: then the centre was restored meanwhile, to a state that still holds what the rest of the
    reading would have brought in front of the cursor, and what is missing must be found.
    """
    answered = {page.subscription for page in pages}
    with file.faults(store.db):
        rows = store.db.execute("SELECT root, stream, seq, token FROM cursor WHERE NOT ended").fetchall()
    promised = {Subscription(root, stream): Cursor(seq, token) for root, stream, seq, token in rows}
    silent = [each for each, cursor in promised.items() if each not in answered and sent.get(each) == cursor]
    if not silent:
        return
    with file.writing(store.db) as db:
        for subscription in silent:
            db.execute("UPDATE cursor SET ended = 1 WHERE root = ? AND stream = ?", subscription)
            doubt_all(store, subscription)


def confirm(store: Store) -> ChangeSet:
    """Let received changes give way to the base, in every stream that was read to its end.

    Only then is the base known to hold them, or what displaced them: dropping them with the receipt would show a
    displaced value again for a while. Streams that are not proven wait, and so does what a restored centre has lost
    again, and a cell of which the base holds nothing. A parked change stays open, since it has no effect at
    the centre, until a later one of its cell and hand is confirmed that has. Many give way in several transactions.
    """
    agreed_n = store.agreed_n()
    with file.faults(store.db):
        received = store.db.execute(
            "SELECT n, kind, unit, item, period, part, seen FROM change"
            # +n: the few open changes are looked through, not the whole log.
            f" WHERE open AND +n BETWEEN 1 AND ? AND stream NOT IN ({UNPROVEN})"
            " AND CASE WHEN outcome = 'parked'"
            "  THEN EXISTS (SELECT 1 FROM change AS later WHERE later.open AND later.outcome != 'parked'"
            f"   AND {LATER_OF_ONE_HAND}"
            "   AND later.kind = change.kind AND later.unit = change.unit AND later.period = change.period"
            "   AND later.item = change.item AND later.part = change.part"
            "   AND later.n > change.n AND later.n <= ?)"
            "  ELSE EXISTS (SELECT 1 FROM record WHERE record.kind = change.kind AND record.unit = change.unit"
            "   AND record.period = change.period AND record.item = change.item AND record.part = change.part"
            "   AND record.heads != x'') END"
            # A parked one before the later one that it waits for.
            " ORDER BY +n",
            (agreed_n, agreed_n),
        ).fetchall()
    for start in range(0, len(received), MAX_ROWS):
        run = received[start : start + MAX_ROWS]
        with file.writing(store.db) as db:
            db.executemany("UPDATE change SET open = 0 WHERE n = ?", [(n,) for n, *_ in run])
            for _, *address, seen in run:
                # Whoever typed this had what was lost before them, and decided.
                forget_lost(store, Key(*address), _versions(seen))
    return ChangeSet(frozenset(Key(*address) for _, *address, _ in received))
