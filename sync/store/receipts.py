"""The centre's words on what it received, which a device shows to it again when it was restored and has forgotten."""

from typing import Final

import msgspec

from sync.domain.heads import Outcome
from sync.protocol.messages import Link, Receipt, Result, Version
from sync.store.store import Store

_encode = msgspec.msgpack.Encoder().encode
_results = msgspec.msgpack.Decoder(tuple[Result, ...]).decode


def keep(store: Store, receipt: Receipt) -> None:
    """Keep a receipt of all that came in one push. Inside a transaction."""
    store.db.execute(
        "INSERT OR REPLACE INTO receipt (last_n, first_n, hash, results, mac) VALUES (?, ?, ?, ?, ?)",
        (receipt.last.n, receipt.first_n, receipt.last.hash, _encode(receipt.results), receipt.mac),
    )


def keep_late(store: Store, version: Version, mac: bytes) -> None:
    """Keep the receipt of one change that took effect after it had been parked, beside the one that calls it so.
    Inside a transaction."""
    store.db.execute(
        "INSERT OR REPLACE INTO late_receipt (n, hash, mac) SELECT n, hash, ? FROM change WHERE n = ? AND branch = ?",
        (mac, version.n, version.branch),
    )


def of_changes(store: Store, first_n: int, last_n: int) -> list[Receipt]:
    """The receipts that end in these changes."""
    return [
        Receipt(first, Link(last, hashed), _results(results), mac)
        for first, last, hashed, results, mac in store.db.execute(_OF_CHANGES, {"first_n": first_n, "last_n": last_n})
    ]


_OF_CHANGES: Final = (
    "SELECT first_n, last_n, hash, results, mac FROM receipt WHERE last_n BETWEEN :first_n AND :last_n"
    " UNION ALL SELECT n, n, hash, x'90', mac FROM late_receipt WHERE n BETWEEN :first_n AND :last_n"
    " ORDER BY 2, 1"
)


def uncut(store: Store, after_n: int) -> int:
    """Where to begin a replay, not behind `after_n`, so that no receipt is cut in two: the new one takes its place."""
    (found,) = store.db.execute(
        "SELECT ifnull(min(first_n) - 1, ?) FROM receipt WHERE first_n <= ? AND last_n > ?", (after_n,) * 3
    ).fetchone()
    return int(found)


def says_otherwise(store: Store, version: Version) -> bool:
    """Whether a receipt says of a change of this log that it had effect, though the centre now calls it parked.

    Only when that is news: one that was shown already, and did not count there, is not shown again and again.
    """
    rows = store.db.execute(
        "SELECT results FROM receipt JOIN change AS last ON last.n = last_n AND last.hash = receipt.hash"
        f" WHERE last_n >= :n AND first_n <= :n AND mac != x'' AND EXISTS (SELECT 1 FROM change WHERE {_IS_NEWS})"
        f" UNION ALL SELECT x'90' FROM late_receipt JOIN change USING (n, hash) WHERE {_IS_NEWS}",
        version._asdict(),
    )
    parked = Outcome.PARKED
    return any(all(result[:2] != (version.n, parked) for result in _results(results)) for (results,) in rows)


_IS_NEWS: Final = "change.n = :n AND change.branch = :branch AND change.outcome != 'parked'"
