"""Asking to change a figure of an approved form: the change itself waits at the centre, and this tells who approved it.

A request is a cell of its own beside the figure's. Whoever decides over the unit takes it, by opening the form again so
that what waits has its effect, or rejects it and says why; or it is taken back by clearing the cell.
"""

import json
from enum import StrEnum
from typing import NamedTuple

from sync.domain.keys import REVISION, VALUE, Key
from sync.domain.values import ContentError, Value, canonical


class Answer(StrEnum):
    """What became of a request."""

    OPEN = ""
    TAKEN = "taken"
    REJECTED = "rejected"


class Revision(NamedTuple):
    """`value` is the content that the figure shall have, `words` why; `why` is the reason of a rejection."""

    value: str
    words: str = ""
    answer: Answer = Answer.OPEN
    why: str = ""

    def taken(self) -> "Revision":
        return self._replace(answer=Answer.TAKEN)

    def rejected(self, why: str) -> "Revision":
        return self._replace(answer=Answer.REJECTED, why=why)

    def content(self) -> str:
        """What the cell holds: canonical JSON."""
        parts = {"value": self.value, "words": self.words, "answer": self.answer.value, "why": self.why}
        return canonical({name: text for name, text in parts.items() if text})

    @classmethod
    def of(cls, content: str) -> "Revision":
        """Read a request's cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or any(not isinstance(text, str) for text in found.values()):
                raise ContentError(content[:80])
            answer = Answer(found.get("answer", ""))
            revision = cls(found["value"], found.get("words", ""), answer, found.get("why", ""))
        except (ValueError, KeyError, RecursionError) as error:
            raise ContentError(content[:80]) from error
        if Value.of(revision.value).content() != revision.value:
            raise ContentError(content[:80])
        return revision


def key_of(figure: Key) -> Key:
    """The address of the request to change the value at `figure`."""
    return figure._replace(kind=REVISION)


def about(revision: Key) -> Key:
    """The value that a request is about."""
    return revision._replace(kind=VALUE)
