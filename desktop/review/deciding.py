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


def answer_edits(square: Square, request: Request, words: str, *, takes: bool) -> Edits:
    """Take what is asked by opening the form again, so that it has its effect; or say why not."""
    revision, key = request.revision, revisions.key_of(request.figure)
    if not takes:
        return [(key, revision.rejected(words).content())]
    answer = key, revision.taken().content()
    if square.submission.stage in (Stage.APPROVED, Stage.WAITING):
        reopened = Status(State.REOPENED, comment=words or say("review.done.for_request"))
        return [answer, (square.submission.key, reopened.content())]
    return [answer]
