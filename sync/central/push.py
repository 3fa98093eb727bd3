"""The first half of a round trip: a device's changes attach to its chain, are judged, and take their places.

attach ──▶ known: its first result again ─────────────┐
   │   └─▶ new: among the heads, or parked ──▶ log ──▶ receipt
   ▼                        │
 need: from where to replay └─▶ parked earlier, its cause gone: among the heads
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from sync.central import audit, log, members, parked, receipts
from sync.central.arrivals import MAX_CHANGES, MAX_LETTERS, Arriving, Book
from sync.central.attach import attach, ends
from sync.central.tables import change as change_table
from sync.central.tables import device as device_table
from sync.domain.heads import Outcome
from sync.protocol import chain
from sync.protocol.codec import MessageError
from sync.protocol.messages import DEVICE_LETTERS, MAX_CONTENT, MAX_NAME, Change, Link, Push, Result

MAX_SEEN: Final = 500
"""Versions that one change names as seen: far more than a cell ever has heads."""

MAX_SEEN_AT_ONCE: Final = 20_000
"""Versions that all changes of one push name: a device ends a push long before."""

_NOT_APPLIED: Final = (
    select(change_table.c.n, change_table.c.branch, change_table.c.outcome, change_table.c.reason)
    .where(
        change_table.c.province_code == bindparam("province"),
        change_table.c.device == bindparam("of_device"),
        change_table.c.n.between(bindparam("first"), bindparam("last")),
        change_table.c.outcome != Outcome.APPLIED.value,
    )
    .order_by(change_table.c.n)
)
_END: Final = (
    update(device_table)
    .where(device_table.c.province_code == bindparam("province"), device_table.c.device == bindparam("of_device"))
    .values(
        last_n=bindparam("to_n"), last_hash=bindparam("to_hash"), forks=device_table.c.forks + bindparam("more_forks")
    )
)


class Pushed(NamedTuple):
    """What a push came to: its end in the chain, and what was not simply applied; or where the centre's part ends."""

    held: Link | None
    ends: list[Link]
    results: list[Result]
    mac: bytes


def take(
    connection: Connection, province: str, device: str, push: Push, book: Book, receipt_key: bytes, now: int
) -> Pushed:
    """Store every change of `push` that is new, and give each its effect, or the reason why it has none.

    A change that is held already changes nothing and gets its result again. A push whose link is not known changes
    nothing: the ends that are answered say from where to replay. Raises MessageError for what no device
    sends, EnvironmentFault push_branch as `attach`.
    """
    _check(device, push)
    attached = attach(connection, province, device, push)
    if attached is None:
        return Pushed(None, ends(connection, province, device), [], b"")
    effective: frozenset[int] = frozenset()
    if push.receipts:
        links = chain.links(push.after, push.changes)
        effective = receipts.had_effect(receipt_key, device, push, links)
        again = [change.version for change in attached.known if change.n in effective]
        if again:
            # The same change came before without its receipt, perhaps by another way.
            parked.retry_these(connection, province, book, device, again)
    if attached.fresh:
        branches = {change.branch for change, _ in attached.fresh}
        back = parked.withdrawn(connection, province, device, branches)
        arrivals = [
            Arriving(device, change, change.n in effective, change.version in back) for change, _ in attached.fresh
        ]
        settled, changed, eased = book.settle(arrivals)
        log.write(connection, province, device, attached.fresh, settled, now)
        audit.write(connection, province, attached.fresh, settled, now)
        end = {"to_n": attached.end.n, "to_hash": attached.end.hash, "more_forks": int(attached.forks)}
        connection.execute(_END, {"province": province, "of_device": device, **end})
        keys = [record.key for record in changed]
        parked.take_back(connection, province, keys)
        for enrolled in members.mirror(connection, province, changed):
            parked.retry_device(connection, province, book, enrolled)
        parked.retry_after(connection, province, book, keys, eased)
    results = _results(connection, province, device, push.changes)
    first_n = push.after.n + 1
    mac = receipts.mac(receipt_key, device, first_n, attached.end, results) if push.changes else b""
    return Pushed(attached.end, [], results, mac)


def _check(device: str, push: Push) -> None:
    """What the form of a message leaves open, or what no page could carry: the centre's own come from no message.

    Raises MessageError.
    """
    letters = sum(len(change.content) for change in push.changes)
    seen = sum(len(change.seen) for change in push.changes)
    if len(push.changes) > MAX_CHANGES or letters > MAX_LETTERS or seen > MAX_SEEN_AT_ONCE:
        raise MessageError("too much at once")
    for n, change in enumerate(push.changes, push.after.n + 1):
        names = (*change.key, change.author, change.catalogue)
        if change.n != n or change.branch[:DEVICE_LETTERS] != device:
            raise MessageError("a change of another chain")
        if any("\0" in name for name in names):
            raise MessageError("a name with a null character")
        if max(map(len, names)) > MAX_NAME or len(change.content) > MAX_CONTENT:
            raise MessageError("a name or content that is too long")
        if len(change.seen) > MAX_SEEN:
            raise MessageError("too many versions seen")


def _results(connection: Connection, province: str, device: str, changes: Sequence[Change]) -> list[Result]:
    """What became of these changes, as far as they were not simply applied: their device may never have heard."""
    if not changes:
        return []
    names = {"province": province, "of_device": device, "first": changes[0].n, "last": changes[-1].n}
    rows = connection.execute(_NOT_APPLIED, names)
    branches = {change.n: change.branch for change in changes}
    return [Result(n, Outcome(outcome), reason) for n, branch, outcome, reason in rows if branches[n] == branch]
