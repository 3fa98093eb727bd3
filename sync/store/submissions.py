"""Where the forms of units stand, as the store shows it: the step, who took it, what was changed or is asked since."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sync.domain.authors import is_one_hand
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import COMMENT, REVISION, STATUS, VALUE, Key
from sync.domain.parking import STATUS_MOVED
from sync.domain.revisions import Answer, Revision, about
from sync.domain.values import CLEARED, ContentError
from sync.domain.workflow import DECIDED_ABOVE, Stage, State, Status, content_digest, stage_of, steps_from
from sync.store import connection as file
from sync.store.cells import LATEST, CellState, ChangeSet, Rival, Shown
from sync.store.store import Store
from sync.store.withdrawing import withdraw


class Submission(NamedTuple):
    """A form of one unit and period. `step` is the status cell as shown, None for a draft, and `status` what it says;
    of a draft whose first step has no effect at the centre, `step` holds the reason.

    `digest` is the content's, which an approval names. `changed` are the cells that say something else since the
    step was taken, by the order in which the centre received them. `refused` is what somebody decided here while
    another's decision, which they had not seen, came to stand.
    """

    key: Key
    stage: Stage
    step: Shown | None
    status: Status | None
    digest: str
    changed: tuple[Key, ...]
    refused: Rival | None = None

    @property
    def is_to_send(self) -> bool:
        """Whether its unit has still to send it: until then it is late once its day has passed, whatever it lacks, and
        from then on it is not."""
        return bool(steps_from(self.stage, reports=True, decides=False))


class Remarked(NamedTuple):
    """A cell that a return names: the value's key, what is said of it, and whether it was changed since."""

    figure: Key
    why: str
    is_mended: bool


def submissions(store: Store, unit: str, form: str, items: Collection[str], period: str) -> dict[str, Submission]:
    """Where `form` with its indicators `items` stands for `unit` and all below it, by unit.

    Units of which nobody has typed a figure or taken a step are left out: their forms are drafts.
    """
    by_unit: dict[str, dict[Key, Shown]] = {}
    for key, shown in store.select(VALUE, unit, period).items():
        if key.item in items:
            by_unit.setdefault(key.unit, {})[key] = shown
    steps = {key.unit: shown for key, shown in store.select(STATUS, unit, period).items() if key.item == form}
    return {
        one: submission_of(store, Key(STATUS, one, form, period), by_unit.get(one, {}), steps.get(one))
        for one in sorted(by_unit.keys() | steps.keys())
    }


def submission_of(store: Store, key: Key, cells: Mapping[Key, Shown], step: Shown | None) -> Submission:
    """Where a form stands: `cells` are all of its values, `step` its status cell.

    Whoever may not see all of its values cannot know whether they are still those that were approved, and is told that
    they are: nobody has changed what is approved without being held back.
    """
    digest = content_digest({cell: _heads(shown) for cell, shown in cells.items()})
    if step is None or step.content == CLEARED:
        held_back = step if step is not None and step.reason else None
        return Submission(key, Stage.DRAFT, held_back, None, digest, ())
    try:
        status = Status.of(step.content)
    except ContentError:
        # Of a version that knows more steps.
        return Submission(key, Stage.WAITING, step, None, digest, ())
    # With the reopening, in the same moment, what had waited for it takes effect.
    at_once = status.state is State.REOPENED
    changed = tuple(cell for cell, shown in cells.items() if _is_later(shown, step, at_once=at_once))
    known = digest if _sees_all(store, key) else status.digest
    stage, refused = stage_of(_heads(step), known), refused_beside(store, step)
    return Submission(key, stage, _unless_repeated(store, step), status, digest, changed, refused)


def submission_at(store: Store, key: Key, items: Collection[str]) -> Submission:
    """Where the form at `key`, a status cell, stands; `items` are its indicators."""
    cells = {cell: shown for cell, shown in store.cells(VALUE, key.unit, key.period).items() if cell.item in items}
    return submission_of(store, key, cells, store.shown(key))


def take_steps(
    store: Store,
    steps: Sequence[tuple[Submission, str]],
    author: str,
    at: datetime,
    beside: Sequence[tuple[Key, str]] = (),
) -> ChangeSet:
    """Take a step, each by its content, over forms as whoever takes them has these before them, and keep what is said
    `beside` them in other cells: all or none.

    Raises EnvironmentFault, also step_unseen: another step has come to one of them meanwhile, which nobody here has
    seen yet, and which this one would end.
    """

    def made(shown: Mapping[Key, Shown]) -> list[tuple[Key, str]]:
        if any(_standing(shown.get(one.key)) != _standing(one.step) for one, _ in steps):
            raise EnvironmentFault("step_unseen")
        return [*beside, *((one.key, content) for one, content in steps)]

    keys = [*(key for key, _ in beside), *(one.key for one, _ in steps)]
    return ChangeSet(frozenset(store.record_made(keys, made, author, at)))


def _standing(step: Shown | None) -> list[tuple[str, str, datetime]]:
    """What stands in a status cell, each with who took it and when."""
    if step is None or step.content == CLEARED:
        return []
    rivals = [(rival.content, rival.author, rival.typed_at) for rival in step.rivals]
    return [(step.content, step.author, step.typed_at), *rivals]


def decide_between(store: Store, submission: Submission, decision: str, author: str, at: datetime) -> ChangeSet:
    """Let one of the decisions over a form stand: the only one in effect, by taking back what was refused for it;
    another one by taking it once more, now that its author has seen them all. Raises as `take_steps`."""
    key, step = submission.key, submission.step
    assert step is not None, "nobody has decided"
    if decision == step.content and not step.rivals:
        return withdraw(store, [key], author, at)
    changes = take_steps(store, [(submission, decision)], author, at)
    refused = submission.refused
    if changes and refused is not None and not is_one_hand(refused.author, author):
        # What a colleague at this PC had decided is decided now: it waits for them no longer.
        changes = ChangeSet(changes.keys | withdraw(store, [key], author, at).keys)
    return changes


def refused_beside(store: Store, step: Shown) -> Rival | None:
    """What was decided on this PC and refused because somebody else's decision, another one, stands in the status cell
    `step`; None where both say the same, where the form has been sent again, or where what stands came to the centre
    after that was refused: then it is of another round. It has no version that stands.
    """
    if step.key.kind != STATUS or step.reason != STATUS_MOVED:
        return None
    mine = store.history(step.key)[0]
    try:
        both = {Status.of(content).state for content in (step.content, mine.content)}
    except ContentError:
        return None  # of a version that knows more steps
    is_later = step.received_at is not None and mine.received_at is not None and step.received_at > mine.received_at
    if step.content == mine.content or is_later or not both <= set(DECIDED_ABOVE):
        return None
    return Rival(mine.content, mine.author, mine.typed_at, ())


def to_decide(store: Store, shown: Shown) -> Shown:
    """A cell as it is to be decided: what was refused beside a form's status is one more of its rivals, the last. Where
    it says what stands, there is nothing to decide."""
    refused = refused_beside(store, shown)
    return _unless_repeated(store, shown) if refused is None else shown._replace(rivals=(*shown.rivals, refused))


def _unless_repeated(store: Store, shown: Shown) -> Shown:
    """The cell without the reason of a step that was refused here because somebody else had taken the very same."""
    if shown.key.kind != STATUS or shown.reason != STATUS_MOVED or store.history(shown.key)[0].content != shown.content:
        return shown
    return shown._replace(state=CellState.RECEIVED, reason="")


def remarked(store: Store, step: Shown, status: Status) -> list[Remarked]:
    """The cells that a return names, as far as whoever is here may see them, in key order."""
    key = step.key
    why = {Key(VALUE, key.unit, item, key.period, part): words for item, part, words in status.remarks}
    cells = store.sheet({key.unit}, {key.period}, {figure.item for figure in why}) if why else {}
    return [
        Remarked(figure, words, figure in cells and _is_mended(cells[figure], step))
        for figure, words in sorted(why.items())
        if store.sees is None or store.sees(figure)
    ]


def _sees_all(store: Store, key: Key) -> bool:
    """Whether whoever is here may see every value of a form: a comment on it may speak of any of them."""
    return store.sees is None or store.sees(key._replace(kind=COMMENT))


def _heads(shown: Shown) -> list[str]:
    return [shown.content, *(rival.content for rival in shown.rivals)]


def _is_later(shown: Shown, step: Shown, *, at_once: bool) -> bool:
    if step.received_at is not None:
        received_at = shown.received_at or LATEST
        return received_at > step.received_at or (at_once and received_at == step.received_at)
    # Both wait on this PC, or the value was received before the step will be.
    return shown.received_at is None and shown.typed_at > step.typed_at


def remark_on(store: Store, form: str, figure: Key) -> tuple[Shown, Remarked] | None:
    """What the return of a `form` says of one of its cells, with the step that says it; None where it says nothing."""
    step = store.shown(Key(STATUS, figure.unit, form, figure.period))
    if step is None:
        return None
    with suppress(ContentError):  # taken back, or of a version that knows more steps
        found = (one for one in remarked(store, step, Status.of(step.content)) if one.figure == figure)
        return next(((step, one) for one in found), None)
    return None


def _is_mended(shown: Shown, step: Shown) -> bool:
    # What is held back, where nothing else stands, has no time of the centre, and no effect either.
    is_held_back = bool(shown.reason) and shown.received_at is None
    return not is_held_back and _is_later(shown, step, at_once=False)


class Request(NamedTuple):
    """What somebody asks to change in an approved form, and the cell that says so. `figure` is the value's key."""

    figure: Key
    revision: Revision
    cell: Shown


def requests(store: Store, units: Collection[str], periods: Collection[str]) -> list[Request]:
    """The requests of these units and periods that were not taken back, answered or not, in key order."""
    found = []
    for key, shown in sorted(store.cells_of(REVISION, units, periods).items()):
        with suppress(ContentError):  # taken back, or of a version that says more
            found.append(Request(about(key), Revision.of(shown.content), shown))
    return found


def steps(store: Store, within: str, level: int, states: Collection[State]) -> dict[Key, tuple[Shown, Status]]:
    """The forms of this unit and those below it, no deeper than `level` points in their keys, that stand at one of
    these steps now, in key order."""
    named = " OR ".join("content LIKE ?" for _ in states)
    words = [f'%"state":"{state.value}"%' for state in states]
    # "/" follows "." in the alphabet.
    where = "kind = ? AND unit >= ? AND unit < ? AND length(unit) - length(replace(unit, '.', '')) <= ?"
    where, below = f"{where} AND ({named})", (STATUS, within, within + "/", level, *words)
    with file.reading(store.db):
        rows = store.db.execute(
            f"SELECT kind, unit, item, period, part FROM record WHERE {where}"
            f" UNION SELECT kind, unit, item, period, part FROM change WHERE open AND {where}",
            (*below, *below),
        ).fetchall()
    found: dict[Key, tuple[Shown, Status]] = {}
    for key in sorted(Key(*row) for row in rows):
        shown = store.shown(key)
        with suppress(ContentError):
            if shown is not None and (status := Status.of(shown.content)).state in states:
                found[key] = shown, status
    return found


def unanswered(store: Store, within: str) -> list[Request]:
    """What is asked to be changed in approved forms of this unit and all below it, and nobody has answered."""
    found = []
    for key, shown in sorted(store.select(REVISION, within).items()):
        with suppress(ContentError):
            if (revision := Revision.of(shown.content)).answer is Answer.OPEN:
                found.append(Request(about(key), revision, shown))
    return found
