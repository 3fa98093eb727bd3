"""How much one commit, one answer and one cell may bring, so that whoever reads them can take them, whatever was typed.

A page ends between commits only, and a record is served whole: an answer ends behind the commit with which it is full,
so it brings less than two of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sync.protocol.messages import Change, Head, Record

MAX_HEADS: Final = 20_000
"""Heads of one commit, and after which an answer ends: two such find room among the rows of a message."""

MAX_LETTERS: Final = 500_000
"""Letters of one commit, and after which an answer ends: of two such, three bytes each, find room in a sealed message.
Versions and times count as so many letters, and what a newer program added by its bytes."""

MAX_HEADS_OF_CELL: Final = 500
MAX_LETTERS_OF_CELL: Final = 250_000
"""Of all heads that stand in one cell beside each other: several devices' worth."""

MAX_HEADS_OF_DEVICE: Final = 16
MAX_LETTERS_OF_DEVICE: Final = 100_000
"""Of the heads of one device in one cell: many copies of its folder, and no more than a person decides."""

MIN_PAGE_BYTES: Final = 1 << 10
_HEAD_LETTERS: Final = 12
_PREV_LETTERS: Final = 20
"""More than it takes, so that those of a full answer find room among the rows of a message too."""
_HEAD_BYTES: Final = 9


class Room:
    """What is left of an answer. `page_bytes` are about as many, compressed, as its device takes at once."""

    def __init__(self, page_bytes: int) -> None:
        self._page_bytes = max(page_bytes, MIN_PAGE_BYTES)
        self._heads = self._letters = 0

    @property
    def is_full(self) -> bool:
        """Whether it brings no more."""
        return self._page_bytes <= 0 or self._heads >= MAX_HEADS or self._letters >= MAX_LETTERS

    def take(self, record: Record) -> None:
        """It brings this record."""
        self._page_bytes -= sum(_HEAD_BYTES + len(head.content) // 2 for head in record.heads)
        self._heads += len(record.heads)
        self._letters += letters_of(record)


def parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    """The records in runs, each with as many as one commit may bring."""
    part: list[Record] = []
    heads = letters = 0
    for record in records:
        heads += len(record.heads)
        letters += letters_of(record)
        if part and (heads > MAX_HEADS or letters > MAX_LETTERS):
            yield part
            part, heads, letters = [], len(record.heads), letters_of(record)
        part.append(record)
    if part:
        yield part


def has_room(beside: Sequence[Head], change: Change) -> bool:
    """Whether a change may stand `beside` heads that it has not seen: beside a single one any may."""
    own = [head for head in beside if head.version.device == change.version.device]
    letters = _letters(change)
    return (
        len(own) < MAX_HEADS_OF_DEVICE
        and len(beside) < MAX_HEADS_OF_CELL
        and sum(map(_letters, own)) + letters <= MAX_LETTERS_OF_DEVICE
        and sum(map(_letters, beside)) + letters <= MAX_LETTERS_OF_CELL
    )


def letters_of(record: Record) -> int:
    """About as many letters as a record takes in a message, if nothing in it stands elsewhere too."""
    return sum(map(len, record.key)) + _PREV_LETTERS * len(record.prev) + sum(map(_letters, record.heads))


def _letters(said: Head | Change) -> int:
    return _HEAD_LETTERS + len(said.content) + len(said.author) + len(said.extra)
