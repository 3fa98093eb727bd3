"""Pages from the centre into the base, and the moment when what was typed here gives way to it."""

from typing import Final

import msgspec

from sync.domain.keys import Key
from sync.protocol.messages import Cursor, Page, Record
from sync.store import connection as file
from sync.store.cells import ChangeSet
from sync.store.store import Store

MAX_ROWS: Final = 1_000
"""Records in one transaction: about 20 ms on an old PC, so that a person typing never waits noticeably."""

_encode = msgspec.msgpack.Encoder().encode


def follow_scope(store: Store) -> None:
    """Begin every stream anew when the folder was enrolled for another unit since its cursors were kept.

    A cursor says how far a stream was read, not with which scope: behind it lies what the new unit may see and the
    old one could not. The session asks for this, since a page on its way would put back what enrolment removed.
    """
    enrolment = store.enrolment()
    unit = enrolment.unit if enrolment else ""
    if store.meta("scope") != unit:
        with file.writing(store.db) as db:
            db.execute("DELETE FROM cursor")
            store.keep_meta("scope", unit)


def cursors(store: Store) -> dict[str, Cursor]:
    """How far each stream was read."""
    with file.reading(store.db):
        rows = store.db.execute("SELECT stream, seq, token FROM cursor ORDER BY stream").fetchall()
    return {stream: Cursor(seq, token) for stream, seq, token in rows}


def take_page(store: Store, page: Page) -> ChangeSet:
    """Put a page into the base. What is not confirmed here stays in front of it.

    A page longer than MAX_ROWS takes several transactions. The cursor moves with the last of them, so a crash
    between two repeats the page, which changes nothing that it had already brought.
    """
    for start in range(0, len(page.records), MAX_ROWS):
        rows = [_row(page.stream, record) for record in page.records[start : start + MAX_ROWS]]
        with file.writing(store.db) as db:
            db.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            if start + MAX_ROWS >= len(page.records):
                _keep_cursor(store, page)
    if not page.records:
        with file.writing(store.db):
            _keep_cursor(store, page)
    return ChangeSet(frozenset(record.key for record in page.records))


def confirm(store: Store, unfinished: frozenset[str]) -> ChangeSet:
    """Let received changes give way to the base, in every stream that was read to its end.

    Only then is the base known to hold them, or what displaced them: dropping them with the receipt would show a
    displaced value again for a while. Streams in `unfinished` wait, and so does what a restored centre has lost
    again, and a cell of which the base holds nothing. A parked change stays open, since it has no effect at the
    centre, until a later one of its cell is confirmed.
    """
    waiting = ", ".join("?" for _ in unfinished)
    agreed_n = store.agreed_n()
    with file.writing(store.db) as db:
        touched = db.execute(
            "UPDATE change SET open = 0"
            # +n: the few open changes are looked through, not the whole log.
            f" WHERE open AND +n BETWEEN 1 AND ? AND stream NOT IN ({waiting})"
            " AND CASE WHEN outcome = 'parked'"
            "  THEN EXISTS (SELECT 1 FROM change AS later WHERE later.open"
            "   AND later.kind = change.kind AND later.unit = change.unit AND later.period = change.period"
            "   AND later.item = change.item AND later.part = change.part"
            "   AND later.n > change.n AND later.n <= ?)"
            "  ELSE EXISTS (SELECT 1 FROM record WHERE record.kind = change.kind AND record.unit = change.unit"
            "   AND record.period = change.period AND record.item = change.item AND record.part = change.part) END"
            " RETURNING kind, unit, item, period, part",
            (agreed_n, *unfinished, agreed_n),
        ).fetchall()
    return ChangeSet(frozenset(Key(*row) for row in touched))


def _row(stream: str, record: Record) -> tuple[object, ...]:
    heads = record.heads
    shown = heads[0].content
    contested = len(heads) > 1 and any(head.content != shown for head in heads)
    return (*record.key, stream, shown, _encode(heads), _encode(record.prev), contested)


def _keep_cursor(store: Store, page: Page) -> None:
    store.db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (page.stream, *page.cursor))
