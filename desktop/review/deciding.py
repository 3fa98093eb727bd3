"""What is written when somebody takes a step over forms, says something of one, or answers what is asked to change."""

from collections.abc import Sequence
from datetime import datetime

from desktop.review.matrix import Square
from desktop.widgets.words import say
from sync.domain import revisions
from sync.domain.comments import content_of, key_of
from sync.domain.identifiers import uuid7
from sync.domain.keys import VALUE, Key
from sync.domain.workflow import Remark, Stage, State, Status
from sync.store.submissions import Request, Submission

Edits = list[tuple[Key, str]]


def form_of(square: Square) -> Key:
    """What a comment on the whole form is on."""
    return square.submission.key._replace(kind=VALUE)


def steps_over(
    squares: Sequence[Square], step: State, comment: str, remarks: tuple[Remark, ...] = ()
) -> list[tuple[Submission, str]]:
    """The step over each of these forms: an approval names the content that stands before the person."""
    found: list[tuple[Submission, str]] = []
    for square in squares:
        digest = square.submission.digest if step is State.APPROVED else ""
        found.append((square.submission, Status(step, digest, comment, remarks).content()))
    return found


def comment_edits(square: Square, words: str, at: datetime) -> Edits:
    """A comment on the whole form."""
    return [(key_of(form_of(square), uuid7(at)), content_of(words))]


def answer_edit(request: Request, words: str, *, takes: bool) -> tuple[Key, str]:
    """Take what is asked, or say why not."""
    revision = request.revision
    return revisions.key_of(request.figure), (revision.taken() if takes else revision.rejected(words)).content()


def steps_to_take(square: Square, words: str) -> list[tuple[Submission, str]]:
    """What is asked has its effect once the form is opened again, where it is approved."""
    if square.submission.stage not in (Stage.APPROVED, Stage.WAITING):
        return []
    return steps_over([square], State.REOPENED, words or say("review.done.for_request"))
