"""What a task asks of whoever opens it, in sentences: what waits for an answer, what two people decided differently,
and what only a person can judge."""

from collections.abc import Mapping
from datetime import date

from desktop.tasks.worded import field_name, worded
from desktop.widgets import formats
from desktop.widgets.naming import in_short
from desktop.widgets.words import say
from sync.domain.local_time import day_at
from sync.domain.steps import Explaining, StepKind, explanations, undecided
from sync.domain.tasks import TaskState
from sync.store.assigned import Assigned


def asks(
    assigned: Assigned,
    as_of: date,
    today: date,
    closed: date | None,
    units: Mapping[str, str],
    whole: Assigned | None = None,
) -> list[str]:
    """Each in a sentence, as of a day; `closed` is the last day of the unit that does the task, where it has ended,
    `units` are the names of units, and `whole` is the task of which this is a part, where it is known."""
    said = _contested(assigned, units)
    if assigned.on(as_of).is_withdrawn:
        return [*said, *_withdrawn(assigned, as_of, units)]
    if closed is not None and assigned.is_open(as_of):
        said.append(say("tasks.asks.unit_closed", day=formats.day(closed)))
    return [
        *said,
        *_left_over(assigned, as_of, whole),
        *_corrected(assigned, as_of),
        *_out_of_step(assigned, as_of, whole),
        *_unanswered(assigned, as_of, today),
        *_received_late(assigned),
    ]


def _corrected(assigned: Assigned, as_of: date) -> list[str]:
    """What was corrected last, until something is said of the task as it is now."""
    taken = [step for step in assigned.steps.values() if step.kind is StepKind.CORRECT and step.date <= as_of]
    last, said = (taken[-1] if taken else None), assigned.said_on(as_of)
    if last is None or assigned.is_done(as_of) or (said is not None and said > last.date):
        return []
    fields = ", ".join(field_name(field).lower() for field, _ in last.was)
    return [say("tasks.asks.corrected", day=formats.day(last.date), fields=fields, words=last.words)]


def _withdrawn(assigned: Assigned, as_of: date, units: Mapping[str, str]) -> list[str]:
    """When and why it was withdrawn, the last time by that day; what two people gave to different units instead, not
    knowing of each other; and the parts that somebody gave on meanwhile."""
    taken = [step for step in assigned.steps.values() if step.kind is StepKind.WITHDRAW and step.date <= as_of]
    said = [say("tasks.asks.withdrawn", day=formats.day(step.date), words=step.words) for step in taken[-1:]]
    given = dict.fromkeys(units.get(step.unit, step.unit) for step in taken if step.unit)
    if len(given) > 1:
        said.append(say("tasks.asks.moved_twice", units=", ".join(given)))
    if count := sum(part.is_open(as_of) for part in assigned.parts):
        said.append(say("tasks.asks.parts_open", count=count))
    return said


def _left_over(assigned: Assigned, as_of: date, whole: Assigned | None) -> list[str]:
    """That what this is a part of was withdrawn, as whoever gave the part learned too late."""
    if whole is None or not whole.on(as_of).is_withdrawn or not assigned.is_open(as_of):
        return []
    return [say("tasks.asks.whole_withdrawn")]


def _unanswered(assigned: Assigned, as_of: date, today: date) -> list[str]:
    """What waits for an answer. On a past day what was said later is left out; today nothing is, by whatever clock."""
    steps = assigned.steps
    if as_of < today:
        steps = {uuid: step for uuid, step in steps.items() if step.date <= as_of}
    said = []
    for uuid in undecided(steps, StepKind.ASK_EXTENSION):
        step = steps[uuid]
        due = formats.day(step.due) if step.due else ""
        said.append(say("tasks.asks.extension", due=due, words=step.words))
    for one in explanations(steps):
        if one.stage is not Explaining.ACCEPTED:
            words = steps[one.request].words
            said.append(say(f"tasks.asks.{one.stage}", due=formats.day(one.due), words=words))
    return said


def _out_of_step(assigned: Assigned, as_of: date, whole: Assigned | None) -> list[str]:
    """Days of parts that were extended past the day of their whole."""
    due, said = assigned.on(as_of).due_date, []
    limit = whole.on(as_of).due_date if whole else None
    if due and limit and limit < due and assigned.is_open(as_of):
        said.append(say("tasks.asks.after_whole", due=formats.day(due), whole=formats.day(limit)))
    open_ones = [part.on(as_of).due_date for part in assigned.parts if part.is_open(as_of)]
    later = [day for day in open_ones if day and due and day > due]
    if due and later:
        words = {"due": formats.day(due), "last": formats.day(max(later))}
        said.append(say("tasks.asks.parts_after", count=len(later), **words))
    return said


def _received_late(assigned: Assigned) -> list[str]:
    """A PC that was without a line, or whose clock is behind, reported in time what the centre received too late:
    whether it was in time is for whoever confirms it to say."""
    task = assigned.task
    if task.state is not TaskState.AWAITING_CONFIRMATION or task.due_date is None:
        return []
    reported = [one for one in assigned.taken if one.step.kind is StepKind.REPORT_DONE]
    at = reported[-1].cell.received_at if reported else None
    if at is None or not reported[-1].step.date <= task.due_date < day_at(at):
        return []
    done, received = formats.day(reported[-1].step.date), formats.day(day_at(at))
    return [say("tasks.asks.received_late", done=done, received=received, due=formats.day(task.due_date))]


def _contested(assigned: Assigned, units: Mapping[str, str]) -> list[str]:
    """What two people decided differently of a field, at the same time."""
    said = []
    for part, shown in assigned.contested.items():
        contents = (shown.content, *(one.content for one in shown.rivals))
        others = ", ".join(worded(part, in_short(content), units) for content in contents)
        said.append(say("tasks.asks.contested", field=field_name(part).lower(), values=others))
    return said
