"""The messages as they stand on the wire: columns in arrays, and which field came with which protocol number.

A field is only ever added at the end of its structure. Trailing fields that hold their default are not written, and
what a newer end adds behind them is skipped.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

import msgspec

from sync.protocol.columns import (
    Branches,
    Contents,
    Count,
    Extras,
    Flags,
    Hash,
    Hashes,
    Integers,
    Keys,
    Name,
    Names,
    Rows,
    Texts,
    Versions,
)
from sync.protocol.messages import MAX_FILE_BYTES, MAX_FILES, MAX_INTEGER, MAX_SAID
from sync.protocol.version import FIRST_WITH_FILES, FIRST_WITH_ORDERS

MAX_STREAMS: Final = 5_000
"""Cursors, pages, checks and heals of one message: a province has some hundred communes."""

MAX_ENDS: Final = 100
"""Ends of runs that a centre names to a device whose push it cannot attach."""

MAX_DICTIONARIES: Final = 16

Time = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Said = Annotated[str, msgspec.Meta(max_length=MAX_SAID)]
FileLength = Annotated[int, msgspec.Meta(ge=0, le=MAX_FILE_BYTES)]
Streams = Annotated[int, msgspec.Meta(ge=0, le=MAX_STREAMS)]
Place = tuple[Count, Hash]
Dictionaries = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=255)]], msgspec.Meta(max_length=MAX_DICTIONARIES)]


class Changes(msgspec.Struct, array_like=True, frozen=True):
    count: Rows
    keys: Keys
    contents: Contents
    branches: Branches
    authors: Texts
    typed_at: Integers
    catalogues: Texts
    seen: Versions | None = None
    extra: Extras = []


class Records(msgspec.Struct, array_like=True, frozen=True):
    count: Rows
    keys: Keys
    heads: Versions
    contents: Contents
    authors: Texts
    typed_at: Integers
    received_at: Integers
    prev: Versions | None = None
    extra: Extras = []


class Results(msgspec.Struct, array_like=True, frozen=True):
    count: Rows
    numbers: Integers
    outcomes: Texts
    reasons: Texts


class Receipts(msgspec.Struct, array_like=True, frozen=True):
    """`counts` says how many of the results belong to each receipt."""

    count: Rows
    first: Integers
    last: Integers
    hashes: Hashes
    macs: Hashes
    counts: Integers = b""
    results: Results | None = None


class Cursors(msgspec.Struct, array_like=True, frozen=True):
    count: Streams
    roots: Texts
    streams: Texts
    seqs: Integers
    tokens: Names


class Checks(msgspec.Struct, array_like=True, frozen=True):
    """`lows` and `highs` stand for those checks only whose flag is 1: the others are open there."""

    count: Streams
    roots: Texts
    streams: Texts
    counts: Integers
    digests: Hashes
    has_low: Flags
    has_high: Flags
    lows: Keys | None = None
    highs: Keys | None = None


class Pages(msgspec.Struct, array_like=True, frozen=True):
    """`counts` says how many of the answer's records belong to each page, `own_counts` how many of the numbers."""

    count: Streams
    roots: Texts
    streams: Texts
    seqs: Integers
    tokens: Names
    origins: Flags
    more: Flags
    counts: Integers
    digests: Hashes = []
    own_counts: Integers = b""
    own: Integers = b""


class Heals(msgspec.Struct, array_like=True, frozen=True):
    """`counts` says how many of the answer's records, behind those of its pages, belong to each."""

    count: Streams
    indexes: Integers
    verdicts: Flags
    counts: Integers
    has_up_to: Flags
    up_to: Keys | None = None


class SyncRequest(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    protocol: Count
    catalogue: Name
    after: Place
    page_bytes: Count
    cursors: Cursors | None = None
    changes: Changes | None = None
    receipts: Receipts | None = None
    checks: Checks | None = None
    lost: Versions | None = None
    vector: Hash = b""
    dictionaries: Dictionaries = []


class SyncAnswer(msgspec.Struct, array_like=True, frozen=True, tag="S"):
    time: Time
    held: Place | None = None
    pages: Pages | None = None
    records: Records | None = None
    results: Results | None = None
    scope: Names | None = None
    ends: Annotated[Sequence[Place], msgspec.Meta(max_length=MAX_ENDS)] = []
    mac: Hash = b""
    heals: Heals | None = None
    known: Versions | None = None
    resend: bool = False
    dictionaries: Dictionaries = []


class EnrolRequest(msgspec.Struct, array_like=True, frozen=True, tag="e"):
    protocol: Count
    code: Name
    public_key: Hash
    computer: Name


class EnrolAnswer(msgspec.Struct, array_like=True, frozen=True, tag="E"):
    time: Time
    centre: Name
    centre_key: Hash
    province: Name
    unit: Name
    person: Name
    recovery_key: Hash = b""


class Order(msgspec.Struct, array_like=True, frozen=True, tag="o"):
    protocol: Count
    number: Count
    author: Name
    what: Name
    said: Said


class Done(msgspec.Struct, array_like=True, frozen=True, tag="O"):
    time: Time
    said: Said


class FileOffer(msgspec.Struct, array_like=True, frozen=True, tag="f"):
    protocol: Count
    sha256: Hash
    size: Count
    offset: Count
    length: FileLength


class FileHeld(msgspec.Struct, array_like=True, frozen=True, tag="F"):
    time: Time
    held: Count
    whole: bool


class FileWant(msgspec.Struct, array_like=True, frozen=True, tag="w"):
    protocol: Count
    sha256: Hash
    offset: Count
    length: FileLength


class FileBytes(msgspec.Struct, array_like=True, frozen=True, tag="W"):
    time: Time
    data: Annotated[bytes, msgspec.Meta(max_length=MAX_FILE_BYTES)]


class FileQuery(msgspec.Struct, array_like=True, frozen=True, tag="q"):
    protocol: Count
    hashes: Annotated[list[Hash], msgspec.Meta(max_length=MAX_FILES)]


class FileLack(msgspec.Struct, array_like=True, frozen=True, tag="Q"):
    time: Time
    lacks: Annotated[bytes, msgspec.Meta(max_length=MAX_FILES)]


class Refusal(msgspec.Struct, array_like=True, frozen=True, tag="R"):
    code: Name
    time: Time
    retry_after_s: Count = 0
    centre_key: Hash = b""


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
"""Structures that stand on the wire as `messages` has them."""

Message = SyncRequest | SyncAnswer | Alike

SINCE: Final[dict[type[msgspec.Struct], dict[int, int]]] = {
    SyncRequest: {1: 6, 2: 9},
    SyncAnswer: {1: 7, 2: 10},
    Pages: {1: 8, 2: 9, 3: 9, 4: 9},
    EnrolAnswer: {1: 6, 2: 6, 3: 6},
    Order: dict.fromkeys(range(1, FIRST_WITH_ORDERS), 0),
    Done: dict.fromkeys(range(1, FIRST_WITH_ORDERS), 0),
    **{
        kind: dict.fromkeys(range(1, FIRST_WITH_FILES), 0)
        for kind in (FileOffer, FileHeld, FileWant, FileBytes, FileQuery, FileLack)
    },
}
"""How many of a structure's fields an older protocol knows; a structure that is not named is as it was."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Message)


def write(message: Message, protocol: int) -> bytes:
    """The bytes of `message`, without what `protocol` does not know."""
    return _encoder.encode(_lean(message, protocol))


def read(body: bytes) -> Message:
    """Raises msgspec's errors for what is no message."""
    found: Message = _decoder.decode(body)
    return found


def known(kind: type[msgspec.Struct], protocol: int) -> tuple[str, ...]:
    """The names of the fields that `protocol` knows."""
    names = kind.__struct_fields__
    return names[: SINCE.get(kind, {}).get(protocol, len(names))]


def _lean(structure: msgspec.Struct, protocol: int) -> list[Any]:
    kind = type(structure)
    values = [getattr(structure, name) for name in known(kind, protocol)]
    defaults = _defaults(kind)[: len(values)]
    while values and values[-1] == defaults[len(values) - 1]:
        values.pop()
    tag = kind.__struct_config__.tag
    lean = [_lean(value, protocol) if isinstance(value, msgspec.Struct) else value for value in values]
    return lean if tag is None else [tag, *lean]


@cache
def _defaults(kind: type[msgspec.Struct]) -> list[Any]:
    """What each field holds when it is not written; nothing equals that of a field that always is."""
    return [
        field.default_factory() if callable(field.default_factory) else field.default
        for field in msgspec.structs.fields(kind)
    ]
