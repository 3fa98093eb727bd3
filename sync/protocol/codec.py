"""Messages as bytes and back. Everything that comes in is checked for type, size and count before it is a message.

What is not a message raises `MessageError`, whatever the bytes are.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, get_args

import msgspec

from sync.domain.heads import Outcome
from sync.protocol import columns, wire
from sync.protocol.columns import MAX_ROWS
from sync.protocol.columns import MessageError as MessageError
from sync.protocol.messages import (
    Change,
    Check,
    Cursor,
    Done,
    EnrolAnswer,
    EnrolRequest,
    FileBytes,
    FileHeld,
    FileLack,
    FileOffer,
    FileQuery,
    FileWant,
    Head,
    Heal,
    Link,
    Order,
    Origin,
    Page,
    Push,
    Receipt,
    Record,
    Refusal,
    Result,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Verdict,
    Version,
)
from sync.protocol.version import PROTOCOL

Alike = (
    EnrolRequest
    | EnrolAnswer
    | Order
    | Done
    | FileOffer
    | FileHeld
    | FileWant
    | FileBytes
    | FileQuery
    | FileLack
    | Refusal
)
Message = SyncRequest | SyncAnswer | Alike

_WRITTEN: Final[dict[type[Alike], type[wire.Alike]]] = {kind: getattr(wire, kind.__name__) for kind in get_args(Alike)}
_READ: Final[dict[type[wire.Alike], type[Alike]]] = {written: kind for kind, written in _WRITTEN.items()}
"""Messages that stand on the wire as they are, field by field."""


def encode(message: Message, protocol: int = PROTOCOL) -> bytes:
    """The message's bytes, before compression, as `protocol` knows them: what it does not know is left out.

    Raises MessageError for what no protocol can say.
    """
    return wire.write(_to_wire(message, protocol), protocol)


def decode(body: bytes) -> Message:
    """The message that `body` holds. Raises MessageError for anything that is none."""
    try:
        return _from_wire(wire.read(body))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MessageError(str(error)[:200]) from error


def _to_wire(message: Message, protocol: int) -> wire.Message:
    match message:
        case SyncRequest():
            return _request(message)
        case SyncAnswer():
            return _answer(message, protocol)
        case _:
            return _WRITTEN[type(message)](*msgspec.structs.astuple(message))


def _from_wire(found: wire.Message) -> Message:
    match found:
        case wire.SyncRequest():
            return _read_request(found)
        case wire.SyncAnswer():
            return _read_answer(found)
        case _:
            return _READ[type(found)](*msgspec.structs.astuple(found))


def _request(message: SyncRequest) -> wire.SyncRequest:
    push = message.push
    return wire.SyncRequest(
        message.protocol,
        message.catalogue,
        push.after,
        message.page_bytes,
        _cursors(message.cursors.items()) if message.cursors else None,
        _changes(push.changes) if push.changes else None,
        _receipts(push.receipts) if push.receipts else None,
        _checks(message.checks) if message.checks else None,
        columns.lists([message.lost]),
        message.vector,
        message.dictionaries,
    )


def _read_request(found: wire.SyncRequest) -> SyncRequest:
    after = Link(*found.after)
    changes = _read_changes(found.changes, after.n + 1) if found.changes else []
    return SyncRequest(
        found.protocol,
        found.catalogue,
        Push(after, changes, _read_receipts(found.receipts) if found.receipts else []),
        _read_cursors(found.cursors) if found.cursors else {},
        found.page_bytes,
        found.vector,
        _read_checks(found.checks) if found.checks else [],
        _one_row(found.lost),
        found.dictionaries,
    )


def _answer(message: SyncAnswer, protocol: int) -> wire.SyncAnswer:
    # An older end would take the records of heals that it does not know for those of a page.
    heals = message.heals if "heals" in wire.known(wire.SyncAnswer, protocol) else []
    records = [record for page in message.pages for record in page.records]
    records += [record for heal in heals for record in heal.records]
    return wire.SyncAnswer(
        message.time,
        message.held,
        _pages(message.pages) if message.pages else None,
        _records(records) if records else None,
        _results(message.results) if message.results else None,
        message.scope,
        message.ends,
        message.mac,
        _heals(heals) if heals else None,
        columns.lists([message.known]),
        message.resend,
        message.dictionaries,
    )


def _read_answer(found: wire.SyncAnswer) -> SyncAnswer:
    records = iter(_read_records(found.records) if found.records else [])
    pages = list(_read_pages(found.pages, records)) if found.pages else []
    heals = list(_read_heals(found.heals, records)) if found.heals else []
    if next(records, None) is not None:
        raise MessageError("a record of no page")
    return SyncAnswer(
        found.time,
        Link(*found.held) if found.held else None,
        [Link(*end) for end in found.ends],
        _read_results(found.results) if found.results else [],
        found.mac,
        found.scope,
        pages,
        heals,
        _one_row(found.known),
        found.resend,
        found.dictionaries,
    )


def _one_row(found: columns.Versions | None) -> list[Version]:
    (row,) = columns.read_versions(found, 1)
    return list(row)


def _changes(changes: Sequence[Change]) -> wire.Changes:
    return wire.Changes(
        len(changes),
        columns.keys([change.key for change in changes]),
        columns.contents([change.content for change in changes]),
        columns.branches([change.branch for change in changes]),
        columns.texts([change.author for change in changes]),
        columns.deltas([change.typed_at for change in changes]),
        columns.texts([change.catalogue for change in changes]),
        columns.lists([change.seen for change in changes]),
        columns.extras([change.extra for change in changes]),
    )


def _read_changes(found: wire.Changes, first_n: int) -> list[Change]:
    rows = found.count
    columns_of_change = (
        range(first_n, first_n + rows),
        columns.read_branches(found.branches, rows),
        columns.read_keys(found.keys, rows),
        columns.read_contents(found.contents, rows),
        columns.read_versions(found.seen, rows),
        columns.read_texts(found.authors, rows),
        columns.read_times(found.typed_at, rows),
        columns.read_texts(found.catalogues, rows),
        columns.read_extras(found.extra, rows),
    )
    return list(map(Change, *columns_of_change))


def _records(records: Sequence[Record]) -> wire.Records:
    heads = [head for record in records for head in record.heads]
    counts = [len(record.heads) for record in records]
    standing = columns.versions(counts, [head.version for head in heads])
    if standing is None or not all(counts):
        raise MessageError("a record without a head")
    return wire.Records(
        len(records),
        columns.keys([record.key for record in records]),
        standing,
        columns.contents([head.content for head in heads]),
        columns.texts([head.author for head in heads]),
        columns.deltas([head.typed_at for head in heads]),
        columns.deltas([head.received_at for head in heads]),
        columns.lists([record.prev for record in records]),
        columns.extras([head.extra for head in heads]),
    )


def _read_records(found: wire.Records) -> list[Record]:
    rows = found.count
    lengths, versions = columns.read_flat_versions(found.heads, rows)
    count = len(versions)
    if not all(lengths):
        raise MessageError("a record without a head")
    if count > MAX_ROWS:
        raise MessageError("too many heads")
    columns_of_head = (
        versions,
        columns.read_contents(found.contents, count),
        columns.read_texts(found.authors, count),
        columns.read_times(found.typed_at, count),
        columns.read_times(found.received_at, count),
        columns.read_extras(found.extra, count),
    )
    heads = map(Head, *columns_of_head)
    # Nearly always one head a record.
    own = zip(heads, strict=True) if count == rows else (tuple(islice(heads, length)) for length in lengths)
    return list(map(Record, columns.read_keys(found.keys, rows), own, columns.read_versions(found.prev, rows)))


def _pages(pages: Sequence[Page]) -> wire.Pages:
    roots, streams = _subscriptions(page.subscription for page in pages)
    return wire.Pages(
        len(pages),
        roots,
        streams,
        columns.integers([page.cursor.seq for page in pages]),
        [page.cursor.token for page in pages],
        bytes(page.origin for page in pages),
        bytes(page.more for page in pages),
        columns.integers([len(page.records) for page in pages]),
        columns.extras([page.digest for page in pages]),
        *columns.number_lists([page.own for page in pages]),
    )


def _read_pages(found: wire.Pages, records: Iterator[Record]) -> Iterator[Page]:
    rows = found.count
    columns_of_page = zip(
        _read_subscriptions(found.roots, found.streams, rows),
        map(Origin, found.origins),
        columns.read_counts(found.counts, rows),
        _read_places(found.seqs, found.tokens, rows),
        map(_flag, found.more),
        columns.read_extras(found.digests, rows),
        columns.read_number_lists(found.own, found.own_counts, rows),
        strict=True,
    )
    for subscription, origin, count, cursor, more, digest, own in columns_of_page:
        yield Page(subscription, origin, _take(records, count), cursor, more, digest, own)


def _heals(heals: Sequence[Heal]) -> wire.Heals:
    return wire.Heals(
        len(heals),
        columns.deltas([heal.index for heal in heals]),
        bytes(heal.verdict for heal in heals),
        columns.integers([len(heal.records) for heal in heals]),
        *columns.some_keys([heal.up_to for heal in heals]),
    )


def _read_heals(found: wire.Heals, records: Iterator[Record]) -> Iterator[Heal]:
    rows = found.count
    rows_of_heal = zip(
        columns.read_deltas(found.indexes, rows),
        map(Verdict, found.verdicts),
        columns.read_counts(found.counts, rows),
        columns.read_some_keys(found.up_to, found.has_up_to),
        strict=True,
    )
    for index, verdict, count, up_to in rows_of_heal:
        yield Heal(index, verdict, _take(records, count), up_to)


def _take(records: Iterator[Record], count: int) -> list[Record]:
    taken = list(islice(records, count))
    if len(taken) != count:
        raise MessageError("a page without its records")
    return taken


def _cursors(cursors: Iterable[tuple[Subscription, Cursor]]) -> wire.Cursors:
    subscriptions, places = zip(*cursors, strict=True)
    roots, streams = _subscriptions(subscriptions)
    seqs = columns.integers([cursor.seq for cursor in places])
    return wire.Cursors(len(places), roots, streams, seqs, [cursor.token for cursor in places])


def _read_cursors(found: wire.Cursors) -> dict[Subscription, Cursor]:
    subscriptions = _read_subscriptions(found.roots, found.streams, found.count)
    cursors = dict(zip(subscriptions, _read_places(found.seqs, found.tokens, found.count), strict=True))
    if len(cursors) != found.count:
        raise MessageError("two cursors of one subscription")
    return cursors


def _subscriptions(subscriptions: Iterable[Subscription]) -> tuple[columns.Texts, columns.Texts]:
    roots, streams = zip(*subscriptions, strict=True)
    return columns.texts(roots), columns.texts(streams)


def _read_subscriptions(roots: columns.Texts, streams: columns.Texts, rows: int) -> list[Subscription]:
    return list(map(Subscription, columns.read_texts(roots, rows), columns.read_texts(streams, rows)))


def _read_places(seqs: bytes, tokens: list[str], rows: int) -> list[Cursor]:
    return [Cursor(*place) for place in zip(columns.read_counts(seqs, rows), tokens, strict=True)]


def _checks(checks: Sequence[Check]) -> wire.Checks:
    roots, streams = _subscriptions(check.subscription for check in checks)
    has_low, lows = columns.some_keys([check.low for check in checks])
    has_high, highs = columns.some_keys([check.high for check in checks])
    return wire.Checks(
        len(checks),
        roots,
        streams,
        columns.integers([check.rows for check in checks]),
        [check.digest for check in checks],
        has_low,
        has_high,
        lows,
        highs,
    )


def _read_checks(found: wire.Checks) -> list[Check]:
    subscriptions = _read_subscriptions(found.roots, found.streams, found.count)
    rows = zip(
        subscriptions,
        columns.read_some_keys(found.lows, found.has_low),
        columns.read_some_keys(found.highs, found.has_high),
        columns.read_counts(found.counts, found.count),
        found.digests,
        strict=True,
    )
    return [Check(*row) for row in rows]


def _results(results: Sequence[Result]) -> wire.Results:
    return wire.Results(
        len(results),
        columns.deltas([result.n for result in results]),
        columns.texts([result.outcome.value for result in results]),
        columns.texts([result.reason for result in results]),
    )


def _read_results(found: wire.Results) -> list[Result]:
    rows = found.count
    numbers = columns.read_deltas(found.numbers, rows)
    outcomes = map(Outcome, columns.read_texts(found.outcomes, rows))
    return list(map(Result, numbers, outcomes, columns.read_texts(found.reasons, rows)))


def _receipts(receipts: Sequence[Receipt]) -> wire.Receipts:
    results = [result for receipt in receipts for result in receipt.results]
    return wire.Receipts(
        len(receipts),
        columns.deltas([receipt.first_n for receipt in receipts]),
        columns.deltas([receipt.last.n for receipt in receipts]),
        [receipt.last.hash for receipt in receipts],
        [receipt.mac for receipt in receipts],
        columns.integers([len(receipt.results) for receipt in receipts]),
        _results(results) if results else None,
    )


def _read_receipts(found: wire.Receipts) -> list[Receipt]:
    rows = found.count
    counts = columns.read_counts(found.counts, rows)
    results = _read_results(found.results) if found.results else []
    if sum(counts) != len(results):
        raise MessageError("results of no receipt")
    rest = iter(results)
    rows_of_receipt = zip(
        columns.read_deltas(found.first, rows),
        map(Link, columns.read_deltas(found.last, rows), found.hashes),
        [tuple(islice(rest, count)) for count in counts],
        found.macs,
        strict=True,
    )
    return [Receipt(*row) for row in rows_of_receipt]


def _flag(byte: int) -> bool:
    if byte > 1:
        raise MessageError("neither yes nor no")
    return bool(byte)
