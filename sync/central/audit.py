"""The audit: who did what, when they claim it was and when it came, in a chain of hashes that only grows.

One entry for every change that was taken into the log, and one more whenever something else becomes of it. No figure
stands here: an entry names the change by its own hash, which covers all that it says. Whoever alters, takes out or
puts in an entry, or alters a change in the log, breaks the chain for `verify`; whoever cuts the end off is found by
an end that was noted before.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, bindparam, insert, or_, select, text, update

from sync.central.arrivals import Settled
from sync.central.log import LOGGED, logged
from sync.central.tables import audit as table
from sync.central.tables import audit_end
from sync.central.tables import change as change_table
from sync.domain.authors import author_of, id_of
from sync.domain.keys import DEVICE, ESCROW, PERSON, Key
from sync.protocol import chain
from sync.protocol.messages import Change

HASH_BYTES: Final = 16
_START: Final = bytes(HASH_BYTES)
_AT_ONCE: Final = 1_000
_encode = msgspec.msgpack.Encoder().encode

_NAMES: Final = ("device", "branch", "change_n", "change_hash", *Key._fields, "author", "typed_at", "outcome", "reason")
_INSERT: Final = insert(table)
# The row is kept to this transaction from here on: one entry follows the other, whoever writes beside it.
_MORE: Final = text(
    "INSERT INTO audit_end (province_code, n, hash) VALUES (:province, :more, :start)"
    " ON CONFLICT (province_code) DO UPDATE SET n = audit_end.n + :more RETURNING n, hash"
)
_END: Final = (
    update(audit_end).where(audit_end.c.province_code == bindparam("province")).values(hash=bindparam("to_hash"))
)
_HASHES: Final = select(change_table.c.hash).where(
    change_table.c.province_code == bindparam("province"),
    change_table.c.device == bindparam("of_device"),
    change_table.c.n == bindparam("of_n"),
)


class Entry(NamedTuple):
    """One entry. `at` is the centre's time and `typed_at` the one that the author's PC claims, seconds since 1970 UTC.

    `content` is what the change says where that is a decision or a step, "" where it may be a figure.
    """

    n: int
    at: int
    device: str
    author: str
    typed_at: int
    key: Key
    outcome: str
    reason: str
    content: str


class Verdict(NamedTuple):
    """What a look at the whole chain found: how many entries it has and the hash of the last; or where it breaks.

    `broken` is the number of the first entry that is not as it was written, 0 for none; `why` a name for how.
    """

    entries: int
    end: bytes
    broken: int = 0
    why: str = ""


def write(
    connection: Connection, province: str, changes: Sequence[tuple[Change, bytes]], settled: Sequence[Settled], now: int
) -> None:
    """Add what became of `changes`, each with its hash in its device's chain."""
    if not changes:
        return
    values = {"province": province, "more": len(changes), "start": _START}
    last, hashed = connection.execute(_MORE, values).one()
    rows: list[dict[str, object]] = []
    first = last - len(changes) + 1
    for n, ((change, change_hash), what) in enumerate(zip(changes, settled, strict=True), first):
        said = (
            change.version.device,
            change.branch,
            change.n,
            change_hash,
            *change.key,
            change.author,
            change.typed_at,
            what.outcome.value,
            what.reason,
        )
        hashed = _after(hashed, n, now, said)
        row = dict(zip(_NAMES, said, strict=True))
        rows.append({"province_code": province, "n": n, "at": now, "hash": hashed, **row})
    connection.execute(_INSERT, rows)
    connection.execute(_END, {"province": province, "to_hash": hashed})


def _after(before: bytes, n: int, at: int, said: Sequence[object]) -> bytes:
    return blake2b(before + _encode((n, at, *said)), digest_size=HASH_BYTES).digest()


def verify(connection: Connection, province: str, noted: bytes = b"") -> Verdict:
    """Look at every entry, at the change that it names, and whether the chain ends where it says that it does.

    With `noted`, an end that somebody wrote down before, the chain must contain it.
    """
    end = connection.execute(select(audit_end.c.n, audit_end.c.hash).where(audit_end.c.province_code == province))
    end_n, end_hash = end.one_or_none() or (0, _START)
    hashed, count = _START, 0
    is_noted = noted in (b"", _START)
    for n, at, kept, *said in _rows(connection, province):
        count += 1
        if n != count:
            return Verdict(count - 1, hashed, count, "missing")
        hashed = _after(hashed, n, at, said)
        if hashed != kept:
            return Verdict(count, hashed, n, "altered")
        if not _names_a_change(connection, province, said):
            return Verdict(count, hashed, n, "change_altered")
        is_noted = is_noted or hashed == noted
    if (count, hashed) != (end_n, end_hash):
        return Verdict(count, hashed, count + 1, "cut")
    if not is_noted:
        return Verdict(count, hashed, count + 1, "not_noted")
    return Verdict(count, hashed)


def _rows(connection: Connection, province: str) -> Iterator[Sequence[Any]]:
    """All entries in their order, read a few at a time."""
    columns = table.c
    asked = (columns.n, columns.at, columns.hash, *(columns[name] for name in _NAMES))
    query = select(*asked).where(columns.province_code == province).order_by(columns.n)
    yield from connection.execute(query.execution_options(yield_per=_AT_ONCE))


def _names_a_change(connection: Connection, province: str, said: Sequence[Any]) -> bool:
    """Whether the change that an entry names is in the log and says what it said: its hash follows from its device's
    change before it, of whichever branch."""
    device, branch, n, hashed, *address, author, typed_at, _, _ = said
    columns = change_table.c
    this = (columns.province_code == province, columns.device == device, columns.n == n, columns.branch == branch)
    row = connection.execute(select(columns.hash, *LOGGED).where(*this)).one_or_none()
    if row is None or row[0] != hashed:
        return False
    change = logged(row[1:])
    if (change.key, change.author, change.typed_at) != (Key(*address), author, typed_at):
        return False
    before: Iterable[bytes] = (chain.root(device).hash,)
    if n > 1:
        before = connection.scalars(_HASHES, {"province": province, "of_device": device, "of_n": n - 1}).all()
    return any(chain.hashes(one, (change,)) == [hashed] for one in before)


_DECISIONS: Final = (
    "status",
    "unit",
    "deadline",
    "closing",
    "holiday",
    "device",
    "person",
    "rights",
    "escrow",
    "step",
    "evidence",
)
"""Kinds of which the content is no figure, and says what was done or what is shown for it."""


def show(
    connection: Connection,
    province: str,
    most: int,
    before_n: int | None = None,
    unit: str = "",
    author: str = "",
    items: Collection[str] = (),
    is_told: Callable[[Entry], bool] = lambda _: True,
) -> list[Entry]:
    """The last `most` entries in front of number `before_n`, newest first: of a unit and all below, or of an author.

    `items` are the devices and people whose entries are told with the unit's: these are kept for the province. Of all
    of these as many are read as it takes to find so many that are told.
    """
    columns, changes = table.c, change_table.c
    same = and_(
        changes.province_code == columns.province_code,
        changes.device == columns.device,
        changes.n == columns.change_n,
        changes.branch == columns.branch,
    )
    query = (
        select(
            columns.n,
            columns.at,
            columns.device,
            columns.author,
            columns.typed_at,
            *(columns[name] for name in Key._fields),
            columns.outcome,
            columns.reason,
            changes.content,
        )
        .join(change_table, same, isouter=True)
        .where(columns.province_code == province)
        .order_by(columns.n.desc())
    )
    if before_n is not None:
        query = query.where(columns.n < before_n)
    if unit:
        inside = and_(columns.unit > f"{unit}.", columns.unit < f"{unit}/")
        decided = and_(columns.kind.in_((DEVICE, PERSON, ESCROW)), columns.item.in_(items))
        query = query.where(or_(columns.unit == unit, inside, decided))
    if author:
        person = id_of(author)
        query = query.where(
            or_(columns.author == person, columns.author.endswith(author_of(person, ""), autoescape=True))
        )
    with connection.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
        return list(islice(filter(is_told, map(_entry, rows)), most))


def _entry(row: Sequence[Any]) -> Entry:
    n, at, device, by, typed_at, *address, outcome, reason, content = row
    key = Key(*address)
    return Entry(n, at, device, by, typed_at, key, outcome, reason, content if key.kind in _DECISIONS else "")
