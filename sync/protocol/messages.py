"""The messages of one round trip, and of an enrolment, as plain structures."""

from typing import Final, NamedTuple

import msgspec

from sync.domain.heads import Outcome
from sync.domain.keys import Key

MAX_CONTENT: Final = 20_000
"""Letters of one content."""

MAX_NAME: Final = 200
"""Letters of any part of a key, of an author and of the like."""

MAX_INTEGER: Final = 2**53
"""The largest number that every database and every reader of JSON keeps exactly."""


class Version(NamedTuple):
    """Name of one change: the device that made it and its place in that device's chain, from 1."""

    device: str
    n: int


class Cursor(NamedTuple):
    """How far a stream was read: the sequence number of a commit and that commit's random token."""

    seq: int
    token: str


START = Cursor(0, "")


class Change(msgspec.Struct, frozen=True):
    """One thing that a person typed, as the device recorded it.

    `content` is canonical JSON (`domain.values`); `seen` are the versions that the person had before them;
    `typed_at` is the device's own clock in seconds since 1970 UTC: shown, never decided by.
    """

    n: int
    key: Key
    content: str
    seen: tuple[Version, ...]
    author: str
    typed_at: int
    catalogue: str


class Head(msgspec.Struct, frozen=True):
    """A version that stands in a cell. `received_at` is the centre's clock, seconds since 1970 UTC."""

    version: Version
    content: str
    author: str
    typed_at: int
    received_at: int


class Record(msgspec.Struct, frozen=True):
    """What the centre holds for one key: its heads in order of arrival, and the versions they last replaced."""

    key: Key
    heads: tuple[Head, ...]
    prev: tuple[Version, ...] = ()


class Push(msgspec.Struct, frozen=True):
    """A run of changes of one device, n contiguous; `previous_hash` is the chain before the first of them."""

    previous_hash: bytes
    changes: list[Change]


class Result(NamedTuple):
    """What became of change `n` when it was not simply applied; `reason` is a code for the translations."""

    n: int
    outcome: Outcome
    reason: str


class Page(msgspec.Struct, frozen=True):
    """Records of one stream up to `cursor`, which always stands at the end of a commit."""

    stream: str
    records: list[Record]
    cursor: Cursor
    more: bool


class SyncRequest(msgspec.Struct, frozen=True):
    """Push, then pull. A stream that `cursors` does not name is read from its start."""

    protocol: int
    catalogue: str
    push: Push | None
    cursors: dict[str, Cursor]
    page_bytes: int


class SyncAnswer(msgspec.Struct, frozen=True):
    """The centre's side: `last_n` and `last_hash` are how far it holds this device's chain.

    Every change up to `last_n` is stored; `results` names only those that were not simply applied. `pages` holds
    one page for each stream of the device's scope that has something new, that the device pushed into, or whose
    cursor is unknown at the centre. A stream of the scope that gets no page is complete, as one with `more` false.
    """

    time: int
    last_n: int
    last_hash: bytes
    results: list[Result]
    pages: list[Page]


class EnrolRequest(msgspec.Struct, frozen=True):
    """A device asks to belong to the centre. `public_key` is its Ed25519 key, 32 bytes."""

    protocol: int
    code: str
    public_key: bytes
    computer: str


class EnrolAnswer(msgspec.Struct, frozen=True):
    """The device belongs: to `unit`, used by `person`. `centre_key` seals every later answer (Ed25519, 32 bytes)."""

    time: int
    centre: str
    centre_key: bytes
    province: str
    unit: str
    person: str


class Refusal(msgspec.Struct, frozen=True):
    """The centre understood and refuses: `code` is one of `domain.errors.CODES`.

    `centre_key` is set in answer to an enrolment only: that device does not know yet whose seal to check.
    """

    code: str
    time: int
    retry_after_s: int = 0
    centre_key: bytes = b""
