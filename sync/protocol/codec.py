"""Messages as bytes: columns of like things in msgpack, so that what repeats compresses to nothing.

Everything that comes in is checked for type, size and count before it becomes a message; what is not a message
raises `MessageError`, whatever the bytes are.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Annotated, Final

import msgspec

from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.messages import (
    MAX_CONTENT,
    MAX_INTEGER,
    MAX_NAME,
    Change,
    Cursor,
    EnrolAnswer,
    EnrolRequest,
    Head,
    Page,
    Push,
    Record,
    Refusal,
    Result,
    SyncAnswer,
    SyncRequest,
    Version,
)

Message = SyncRequest | SyncAnswer | EnrolRequest | EnrolAnswer | Refusal

MAX_ROWS: Final = 50_000
MAX_STREAMS: Final = 1_000
"""Cursors of one request: a province has some hundred communes."""

# What comes in is bounded while it is read, before memory is taken for it.
_Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
_Content = Annotated[str, msgspec.Meta(max_length=MAX_CONTENT)]
_Bytes = Annotated[bytes, msgspec.Meta(max_length=64)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
_Time = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
_Names = Annotated[list[_Name], msgspec.Meta(max_length=MAX_ROWS)]
_Contents = Annotated[list[_Content], msgspec.Meta(max_length=MAX_ROWS)]
_Numbers = Annotated[list[int], msgspec.Meta(max_length=MAX_ROWS)]
_Places = Annotated[list[_Count], msgspec.Meta(max_length=MAX_ROWS)]
_Runs = Annotated[list[_Count], msgspec.Meta(max_length=2 * MAX_ROWS)]


class MessageError(ValueError):
    """Bytes that are no message of this protocol."""


class _Column(msgspec.Struct, array_like=True, frozen=True):
    """Texts that repeat: the distinct ones, and for each row the place of its own."""

    distinct: _Names
    places: _Places


class _Versions(msgspec.Struct, array_like=True, frozen=True):
    """Lists of versions, one list a row: how many in each row, and their devices and numbers one after another."""

    counts: _Runs
    devices: _Column
    numbers: _Numbers


class _Keys(msgspec.Struct, array_like=True, frozen=True):
    kinds: _Column
    units: _Column
    items: _Column
    periods: _Column
    parts: _Column


class _Changes(msgspec.Struct, array_like=True, frozen=True):
    first_n: _Count
    previous_hash: _Bytes
    keys: _Keys
    contents: _Contents
    seen: _Versions
    authors: _Column
    typed_at: _Numbers
    catalogues: _Column


class _Records(msgspec.Struct, array_like=True, frozen=True):
    keys: _Keys
    heads: _Versions
    contents: _Contents
    authors: _Column
    typed_at: _Numbers
    received_at: _Numbers
    prev: _Versions


class _Page(msgspec.Struct, array_like=True, frozen=True):
    stream: _Name
    seq: _Count
    token: _Name
    more: bool
    records: _Records | None


class _SyncRequest(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    protocol: _Count
    catalogue: _Name
    push: _Changes | None
    cursors: Annotated[dict[_Name, tuple[_Count, _Name]], msgspec.Meta(max_length=MAX_STREAMS)]
    page_bytes: _Count


class _SyncAnswer(msgspec.Struct, array_like=True, frozen=True, tag="S"):
    time: _Time
    last_n: _Count
    last_hash: _Bytes
    results: Annotated[list[tuple[_Count, _Name, _Name]], msgspec.Meta(max_length=MAX_ROWS)]
    pages: Annotated[list[_Page], msgspec.Meta(max_length=MAX_ROWS)]


class _EnrolRequest(msgspec.Struct, array_like=True, frozen=True, tag="e"):
    protocol: _Count
    code: _Name
    public_key: _Bytes
    computer: _Name


class _EnrolAnswer(msgspec.Struct, array_like=True, frozen=True, tag="E"):
    time: _Time
    centre: _Name
    centre_key: _Bytes
    province: _Name
    unit: _Name
    person: _Name


class _Refusal(msgspec.Struct, array_like=True, frozen=True, tag="R"):
    code: _Name
    time: _Time
    retry_after_s: _Count
    centre_key: _Bytes


_Wire = _SyncRequest | _SyncAnswer | _EnrolRequest | _EnrolAnswer | _Refusal
WIRE_TYPES: Final = (_SyncRequest, _SyncAnswer, _EnrolRequest, _EnrolAnswer, _Refusal)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Wire)


def encode(message: Message) -> bytes:
    """The message's bytes, before compression."""
    return _encoder.encode(_to_wire(message))


def decode(body: bytes) -> Message:
    """The message that `body` holds. Raises MessageError for anything that is none."""
    try:
        return _from_wire(_decoder.decode(body))
    except (msgspec.DecodeError, IndexError, ValueError, RecursionError) as error:
        raise MessageError(str(error)[:200]) from error


def _to_wire(message: Message) -> _Wire:
    match message:
        case SyncRequest():
            push = _changes(message.push) if message.push else None
            cursors: dict[str, tuple[int, str]] = {stream: (at.seq, at.token) for stream, at in message.cursors.items()}
            return _SyncRequest(message.protocol, message.catalogue, push, cursors, message.page_bytes)
        case SyncAnswer():
            results = [(result.n, result.outcome.value, result.reason) for result in message.results]
            pages = [_page(page) for page in message.pages]
            return _SyncAnswer(message.time, message.last_n, message.last_hash, results, pages)
        case EnrolRequest():
            return _EnrolRequest(message.protocol, message.code, message.public_key, message.computer)
        case EnrolAnswer():
            return _EnrolAnswer(
                message.time, message.centre, message.centre_key, message.province, message.unit, message.person
            )
        case Refusal():
            return _Refusal(message.code, message.time, message.retry_after_s, message.centre_key)


def _from_wire(wire: _Wire) -> Message:
    match wire:
        case _SyncRequest():
            cursors = {stream: Cursor(*at) for stream, at in wire.cursors.items()}
            push = _push(wire.push) if wire.push else None
            return SyncRequest(wire.protocol, wire.catalogue, push, cursors, wire.page_bytes)
        case _SyncAnswer():
            results = [Result(n, Outcome(outcome), reason) for n, outcome, reason in wire.results]
            pages = [_unpage(page) for page in wire.pages]
            return SyncAnswer(wire.time, wire.last_n, wire.last_hash, results, pages)
        case _EnrolRequest():
            return EnrolRequest(wire.protocol, wire.code, wire.public_key, wire.computer)
        case _EnrolAnswer():
            return EnrolAnswer(wire.time, wire.centre, wire.centre_key, wire.province, wire.unit, wire.person)
        case _Refusal():
            return Refusal(wire.code, wire.time, wire.retry_after_s, wire.centre_key)


def _changes(push: Push) -> _Changes:
    changes = push.changes
    return _Changes(
        first_n=changes[0].n,
        previous_hash=push.previous_hash,
        keys=_keys([change.key for change in changes]),
        contents=[change.content for change in changes],
        seen=_versions([change.seen for change in changes]),
        authors=_column([change.author for change in changes]),
        typed_at=_deltas([change.typed_at for change in changes]),
        catalogues=_column([change.catalogue for change in changes]),
    )


def _push(wire: _Changes) -> Push:
    count = len(wire.contents)
    if count == 0:
        raise MessageError("empty push")
    rows = zip(
        range(wire.first_n, wire.first_n + count),
        _unkeys(wire.keys),
        wire.contents,
        _unversions(wire.seen),
        _uncolumn(wire.authors),
        _undeltas(wire.typed_at),
        _uncolumn(wire.catalogues),
        strict=True,
    )
    return Push(wire.previous_hash, [Change(*row) for row in rows])


def _page(page: Page) -> _Page:
    records = page.records
    if not records:
        return _Page(page.stream, page.cursor.seq, page.cursor.token, page.more, None)
    heads = [head for record in records for head in record.heads]
    wire = _Records(
        keys=_keys([record.key for record in records]),
        heads=_versions([tuple(head.version for head in record.heads) for record in records]),
        contents=[head.content for head in heads],
        authors=_column([head.author for head in heads]),
        typed_at=_deltas([head.typed_at for head in heads]),
        received_at=_deltas([head.received_at for head in heads]),
        prev=_versions([record.prev for record in records]),
    )
    return _Page(page.stream, page.cursor.seq, page.cursor.token, page.more, wire)


def _unpage(wire: _Page) -> Page:
    records: list[Record] = []
    if wire.records:
        columns = wire.records
        heads = zip(
            columns.contents,
            _uncolumn(columns.authors),
            _undeltas(columns.typed_at),
            _undeltas(columns.received_at),
            strict=True,
        )
        rows = zip(_unkeys(columns.keys), _unversions(columns.heads), _unversions(columns.prev), strict=True)
        for key, versions, prev in rows:
            if not versions:
                raise MessageError("a record without a head")
            own = zip(versions, islice(heads, len(versions)), strict=True)
            records.append(Record(key, tuple(Head(version, *head) for version, head in own), prev))
        if next(heads, None) is not None:
            raise MessageError("a head without a record")
    return Page(wire.stream, records, Cursor(wire.seq, wire.token), wire.more)


def _column(texts: Sequence[str]) -> _Column:
    places: dict[str, int] = {}
    rows = [places.setdefault(text, len(places)) for text in texts]
    # A column of one text, which most are, names it once for all rows.
    return _Column(list(places), [len(rows)] if len(places) == 1 else rows)


def _uncolumn(column: _Column) -> list[str]:
    distinct = column.distinct
    if len(distinct) == 1:
        (count,) = column.places
        return distinct * _bounded(count)
    return [distinct[place] for place in column.places]


def _keys(keys: Sequence[Key]) -> _Keys:
    return _Keys(*(_column(texts) for texts in zip(*keys, strict=True)))


def _unkeys(wire: _Keys) -> Iterable[Key]:
    columns = [_uncolumn(column) for column in (wire.kinds, wire.units, wire.items, wire.periods, wire.parts)]
    return [Key(*texts) for texts in zip(*columns, strict=True)]


def _versions(rows: Sequence[tuple[Version, ...]]) -> _Versions:
    flat = [version for row in rows for version in row]
    counts = _runs([len(row) for row in rows])
    return _Versions(counts, _column([version.device for version in flat]), _deltas([version.n for version in flat]))


def _unversions(wire: _Versions) -> list[tuple[Version, ...]]:
    flat = [Version(*pair) for pair in zip(_uncolumn(wire.devices), _undeltas(wire.numbers), strict=True)]
    rows: list[tuple[Version, ...]] = []
    start = 0
    for count in _unruns(wire.counts):
        rows.append(tuple(flat[start : start + count]))
        start += count
    if start != len(flat):
        raise MessageError("versions do not fit their rows")
    return rows


def _runs(numbers: Sequence[int]) -> list[int]:
    """Run lengths: value, count, value, count…"""
    runs: list[int] = []
    for number in numbers:
        if runs and runs[-2] == number:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return runs


def _unruns(runs: Sequence[int]) -> list[int]:
    numbers: list[int] = []
    for value, count in zip(runs[::2], runs[1::2], strict=True):
        _bounded(len(numbers) + count)
        numbers += [value] * count
    return numbers


def _deltas(numbers: Sequence[int]) -> list[int]:
    """Each number as its distance from the one before: neighbours in time and sequence become small."""
    return [number - before for before, number in zip((0, *numbers), numbers, strict=False)]


def _undeltas(deltas: Sequence[int]) -> list[int]:
    numbers: list[int] = []
    number = 0
    for delta in deltas:
        number += delta
        if not -MAX_INTEGER <= number <= MAX_INTEGER:
            raise MessageError("a number is too large")
        numbers.append(number)
    return numbers


def _bounded(count: int) -> int:
    if count > MAX_ROWS:
        raise MessageError("too many rows")
    return count
