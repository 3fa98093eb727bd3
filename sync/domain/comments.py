"""What people say to each other about a cell: one comment is one cell of its own, typed once and perhaps withdrawn."""

import json
from typing import Final, NamedTuple

from sync.domain.identifiers import is_uuid
from sync.domain.keys import COMMENT, VALUE, Key
from sync.domain.text import nfc
from sync.domain.values import ContentError, canonical

MAX_LETTERS: Final = 2_000
"""Longest comment: what needs more than a printed page belongs in a document."""

_OF_BREAKDOWN: Final = "/"


class Part(NamedTuple):
    """What the part of a comment's key says: the breakdown of the cell, "" for the total, and the comment's UUID."""

    breakdown: str
    comment: str

    @classmethod
    def of(cls, part: str) -> "Part":
        """Read a comment's part. Raises ContentError."""
        breakdown, _, comment = part.rpartition(_OF_BREAKDOWN)
        if not is_uuid(comment) or part != cls(breakdown, comment).written():
            raise ContentError(part[:80])
        return cls(breakdown, comment)

    def written(self) -> str:
        return f"{self.breakdown}{_OF_BREAKDOWN}{self.comment}" if self.breakdown else self.comment


def key_of(on: Key, comment: str) -> Key:
    """The address of the comment with this UUID on the value `on`."""
    return Key(COMMENT, on.unit, on.item, on.period, Part(on.part, comment).written())


def about(comment: Key) -> Key:
    """The value that a comment is on; of one on a whole form, the item is the form's. Raises ContentError."""
    return comment._replace(kind=VALUE, part=Part.of(comment.part).breakdown)


def content_of(text: str) -> str:
    """What a comment's cell holds: its text as a person typed it, without blanks around it, as canonical JSON.

    Raises ValueError for nothing and for too much.
    """
    said = nfc(text).strip()
    if not 0 < len(said) <= MAX_LETTERS:
        raise ValueError(f"{len(said)} letters")
    return canonical(said)


def text_of(content: str) -> str:
    """Read a comment's cell. Raises ContentError, also for a withdrawn one."""
    try:
        found = json.loads(content)
        if isinstance(found, str) and content_of(found) == content:
            return found
    except (ValueError, RecursionError) as error:
        raise ContentError(content[:80]) from error
    raise ContentError(content[:80])
