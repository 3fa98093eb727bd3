"""The messages of one round trip, and of an enrolment, as plain structures."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from sync.domain.heads import Outcome
from sync.domain.keys import Key

MAX_CONTENT: Final = 20_000
"""Letters of one content."""

MAX_SAID: Final = 500_000
"""Letters of what an order says, or of what comes of it."""

MAX_FILE_BYTES: Final = 1 << 20
"""Bytes of a file in one message, or behind one."""

MAX_FILES: Final = 1_000
"""Files that one query names."""

MAX_NAME: Final = 200
"""Letters of any part of a key, of an author and of the like."""

MAX_INTEGER: Final = 2**53
"""The largest number that every database and every reader of JSON keeps exactly."""

DEVICE_LETTERS: Final = 20

FIRST_RUN: Final = "00000000"
"""The run of everything that was typed before versions named one."""


class Version(NamedTuple):
    """Name of one change: its branch and its place in its device's chain, from 1.

    A branch is one opening of a store to type into it: the device's name, then 8 random hexadecimal digits. Whoever
    copies a data folder opens the copy anew, so no version ever names two contents.
    """

    branch: str
    n: int

    @property
    def device(self) -> str:
        return self.branch[:DEVICE_LETTERS]


class Link(NamedTuple):
    """A place in a device's chain: the hash names every change up to `n`. The root is n 0."""

    n: int
    hash: bytes


class Subscription(NamedTuple):
    """One stream as seen from one root of the device's scope: a unit, whose subtree it may see, up to some class."""

    root: str
    stream: str


class Cursor(NamedTuple):
    """How far a stream was read: the sequence number of a commit and that commit's random token."""

    seq: int
    token: str


START: Final = Cursor(0, "")


class Change(msgspec.Struct, frozen=True, gc=False):
    """One thing that a person typed, as the device recorded it.

    `content` is canonical JSON (`domain.values`); `seen` are the versions that the person had before them;
    `typed_at` is the device's own clock in seconds since 1970 UTC: shown, never decided by. `extra` is what a newer
    program adds: kept and handed on as it came.
    """

    n: int
    branch: str
    key: Key
    content: str
    seen: tuple[Version, ...]
    author: str
    typed_at: int
    catalogue: str
    extra: bytes = b""

    @property
    def version(self) -> Version:
        # Asked of every change several times: the tuple's own maker takes half as long.
        return tuple.__new__(Version, (self.branch, self.n))


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A version that stands in a cell. `received_at` is the centre's clock, seconds since 1970 UTC."""

    version: Version
    content: str
    author: str
    typed_at: int
    received_at: int
    extra: bytes = b""


class Record(msgspec.Struct, frozen=True, gc=False):
    """What the centre holds for one key: its heads in order of arrival, and the versions they last replaced."""

    key: Key
    heads: tuple[Head, ...]
    prev: tuple[Version, ...] = ()


class Result(NamedTuple):
    """What became of change `n` when it was not simply applied; `reason` is a code for the translations."""

    n: int
    outcome: Outcome
    reason: str


class Receipt(msgspec.Struct, frozen=True):
    """The centre's word on the changes from `first_n` up to `last`: `mac` is its own check on that word, 16 bytes.

    A device shows it again only when the centre was restored and has forgotten: what had effect then has it again.
    One of a single change comes in the device's own stream, with `mac` as the `Head.extra` of its record, when that
    took effect after it had been parked.
    """

    first_n: int
    last: Link
    results: tuple[Result, ...]
    mac: bytes


class Push(msgspec.Struct, frozen=True):
    """A run of changes of one device, n contiguous, that follows `after` in its chain; it may be empty.

    `receipts` are those that the device holds for changes of this push.
    """

    after: Link
    changes: list[Change] = []
    receipts: list[Receipt] = []


class Check(NamedTuple):
    """What a device holds of a subscription from key `low` up to, not with, `high` (None is open).

    There are `rows` records, of which `digest` is the `Digest.brief`.
    """

    subscription: Subscription
    low: Key | None
    high: Key | None
    rows: int
    digest: bytes


class Verdict(IntEnum):
    """What the centre says to a check."""

    AGREES = 0
    SPLIT = 1
    HEALED = 2


class Heal(msgspec.Struct, frozen=True):
    """The centre's word on check `index` of the request.

    HEALED brings every record of the range below `up_to` (None: of all of it), so only here a missing one means that
    there is none. SPLIT asks for checks of smaller ranges.
    """

    index: int
    verdict: Verdict
    records: list[Record] = []
    up_to: Key | None = None


class Origin(IntEnum):
    """From where a page was read: the cursor as sent, the stream's start, or nowhere because it is not known here."""

    AS_SENT = 0
    START = 1
    UNKNOWN = 2


class Page(msgspec.Struct, frozen=True):
    """Records of one subscription up to `cursor`, which always stands at the end of a commit.

    `digest` is of all that the centre holds of the subscription, when there is no `more`. A page of unknown origin
    has no records: its cursor is the stream's end, and what the device holds is in doubt until checked. `own` are
    numbers of changes pushed with the request, whose records the device makes itself (`protocol.own`).
    """

    subscription: Subscription
    origin: Origin
    records: list[Record]
    cursor: Cursor
    more: bool
    digest: bytes = b""
    own: list[int] = []


class SyncRequest(msgspec.Struct, frozen=True):
    """Push, then pull. A subscription that `cursors` does not name is read from its start.

    Instead of many cursors a request may bring `vector`, their hash, which a centre knows that has seen them.
    `lost` are versions that the centre once served and does not serve any more.
    """

    protocol: int
    catalogue: str
    push: Push
    cursors: Mapping[Subscription, Cursor]
    page_bytes: int
    vector: bytes = b""
    checks: list[Check] = []
    lost: list[Version] = []
    dictionaries: list[int] = []


class SyncAnswer(msgspec.Struct, frozen=True):
    """The centre's side. `held` is the end of the push, which the centre now holds.

    It is None when the centre does not know the link that the push follows: then nothing was taken, and `ends` are
    the ends of what it holds of this device. `results` names only those changes that were not simply applied, and
    `mac` makes a receipt of them. `scope` is set when it is not the one that the request's cursors speak of. `pages`
    holds one page for each subscription that has something new, that the device pushed into, or whose cursor is
    unknown. A subscription without a page is complete, as one with `more` false. `known` are those of the request's
    `lost` that the centre holds after all. With `resend` the vector was not known and nothing was read.
    """

    time: int
    held: Link | None
    ends: list[Link] = []
    results: list[Result] = []
    mac: bytes = b""
    scope: list[str] | None = None
    pages: list[Page] = []
    heals: list[Heal] = []
    known: list[Version] = []
    resend: bool = False
    dictionaries: list[int] = []


class EnrolRequest(msgspec.Struct, frozen=True):
    """A device asks to belong to the centre. `public_key` is its Ed25519 key, 32 bytes."""

    protocol: int
    code: str
    public_key: bytes
    computer: str


class EnrolAnswer(msgspec.Struct, frozen=True):
    """The device belongs: to `unit`, used by `person`. `centre_key` seals every later answer (Ed25519, 32 bytes).

    `recovery_key` is what a device seals its store's key to (X25519, 32 bytes); b"" from a centre that has none.
    """

    time: int
    centre: str
    centre_key: bytes
    province: str
    unit: str
    person: str
    recovery_key: bytes = b""


class Order(msgspec.Struct, frozen=True):
    """An administrator has the centre do something, or tell something, at once: `what`, with `said` as JSON.

    `number` is larger than that of every order of this device before: one that is heard again does nothing.
    """

    protocol: int
    number: int
    author: str
    what: str
    said: str


class Done(msgspec.Struct, frozen=True):
    """What came of an order: `said` is JSON."""

    time: int
    said: str


class FileOffer(msgspec.Struct, frozen=True):
    """`length` bytes of a file of `size` bytes follow this message as they are, from `offset` on.

    With none of them it only asks how much of the file the centre holds.
    """

    protocol: int
    sha256: bytes
    size: int
    offset: int
    length: int


class FileHeld(msgspec.Struct, frozen=True):
    """The centre holds the first `held` bytes of the file from this device; or all of it, when it is `whole`."""

    time: int
    held: int
    whole: bool


class FileWant(msgspec.Struct, frozen=True):
    """A device asks for up to `length` bytes of a file from `offset` on."""

    protocol: int
    sha256: bytes
    offset: int
    length: int


class FileBytes(msgspec.Struct, frozen=True):
    """The bytes that were asked for, or fewer."""

    time: int
    data: bytes


class FileQuery(msgspec.Struct, frozen=True):
    """A device asks which of these files the centre has lost, or never had."""

    protocol: int
    hashes: list[bytes]


class FileLack(msgspec.Struct, frozen=True):
    """For each hash of the query, in its order: 1 when the centre lacks a file that the device may bring, else 0."""

    time: int
    lacks: bytes


class Refusal(msgspec.Struct, frozen=True):
    """The centre understood and refuses: `code` is one of `domain.errors.CODES`.

    `centre_key` is set in answer to an enrolment only: that device does not know yet whose seal to check.
    """

    code: str
    time: int
    retry_after_s: int = 0
    centre_key: bytes = b""
