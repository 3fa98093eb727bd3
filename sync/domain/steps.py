"""What whoever does a task and whoever assigned it say to each other: asking for more time, for an explanation, done.

A step is written once and never changed: two people's steps stand beside each other, and no clock decides which came
first. One that answers another names it in `to`. What a step makes of the task itself (its due date, its state) is
written into the task's own cells with it, where the rule of heads tells what stands.

| step               | by      | answers            | makes of the task              |
|--------------------|---------|--------------------|--------------------------------|
| ask_extension      | doer    |                    |                                |
| extend             | decider | ask_extension or – | a new due date                 |
| keep_due           | decider | ask_extension      |                                |
| ask_explanation    | decider |                    |                                |
| explain            | doer    | ask_explanation    |                                |
| accept_explanation | decider | explain            |                                |
| return_explanation | decider | explain            |                                |
| report_done        | doer    |                    | awaiting confirmation, its day |
| refuse             | doer    |                    | refused                        |
| confirm            | decider | report_done or –   | completed                      |
| send_back          | decider | report_done or –   | to be done again, no day       |
| hold               | decider |                    | on hold                        |
| resume             | decider |                    | in progress, no day            |
| correct            | decider |                    | what it should have said       |
| withdraw           | decider |                    | withdrawn                      |

A correction holds from the beginning, also as of a past day: that a task was to be done later is an extension.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sync.domain.keys import STEP, TASK, Key
from sync.domain.local_time import day_of
from sync.domain.tasks import FIELDS, MAX_WORDS, Task, TaskState, content_of
from sync.domain.values import ContentError, canonical


class StepKind(StrEnum):
    """What a step is; see the module."""

    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    KEEP_DUE = "keep_due"
    ASK_EXPLANATION = "ask_explanation"
    EXPLAIN = "explain"
    ACCEPT_EXPLANATION = "accept_explanation"
    RETURN_EXPLANATION = "return_explanation"
    REPORT_DONE = "report_done"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    HOLD = "hold"
    RESUME = "resume"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


BY_DOER: Final = (StepKind.ASK_EXTENSION, StepKind.EXPLAIN, StepKind.REPORT_DONE, StepKind.REFUSE)
"""Steps of the unit that does the task; the others are for whoever assigned it."""

_IN_WORDS: Final = (
    StepKind.ASK_EXTENSION,
    StepKind.KEEP_DUE,
    StepKind.ASK_EXPLANATION,
    StepKind.EXPLAIN,
    StepKind.RETURN_EXPLANATION,
    StepKind.REFUSE,
    StepKind.SEND_BACK,
    StepKind.HOLD,
    StepKind.CORRECT,
    StepKind.WITHDRAW,
)
"""Steps that say why."""

_ASKS_ANSWER: Final = (StepKind.ASK_EXPLANATION, StepKind.RETURN_EXPLANATION)
_WITH_DUE: Final = (StepKind.ASK_EXTENSION, StepKind.EXTEND, StepKind.ASK_EXPLANATION)
_TEXTS: Final = ("words", "to", "by", "unit")
_DATES: Final = ("due", "old_due")

CORRECTABLE: Final = tuple(
    name for name in FIELDS if name not in ("from_unit", "parent", "supports", "state", "completed_date")
)
"""The fields of a task that may have been given wrong; its unit is none of them, and is corrected by another task."""

MAX_WAS: Final = 400
"""Letters that a correction keeps of what a field said: all fields together find room in a cell."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, taken on `date`. `due` is the day that is asked for or set, or by which an explanation is wanted.

    `old_due` is the day that an extension replaced, None where there was none; `by` is who granted it, where that is
    not who wrote the step; `to` is the UUID of the step that this one answers. `unit` has the task now that was
    withdrawn here, "" for none; `was` are the fields that are corrected, each with how the text of its cell began,
    "" for none. Raises ValueError.
    """

    kind: StepKind
    date: datetime.date
    words: str = ""
    due: datetime.date | None = None
    old_due: datetime.date | None = None
    to: str = ""
    by: str = ""
    unit: str = ""
    was: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if any(len(getattr(self, name)) > MAX_WORDS for name in _TEXTS):
            raise ValueError("too many letters")
        if self.kind in _WITH_DUE and self.due is None:
            raise ValueError(f"{self.kind} without a day")
        if self.kind in _ANSWERS and not self.to:
            raise ValueError(f"{self.kind} answers nothing")
        if bool(self.was) != (self.kind is StepKind.CORRECT):
            raise ValueError(f"{self.kind} corrects {len(self.was)} fields")
        if any(name not in CORRECTABLE or len(text) > MAX_WAS for name, text in self.was):
            raise ValueError("no field of a task")

    def content(self) -> str:
        """What the step's cell holds: canonical JSON of what is said."""
        said: dict[str, Any] = {"step": self.kind.value, "date": self.date.isoformat()}
        said |= {name: text for name in _TEXTS if (text := getattr(self, name))}
        said |= {name: day.isoformat() for name in _DATES if (day := getattr(self, name))}
        if self.was:
            said["was"] = dict(self.was)
        return canonical(said)

    @classmethod
    def of(cls, content: str) -> "Step":
        """Read a step's cell. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or not found.keys() <= {"step", "date", "was", *_TEXTS, *_DATES}:
                raise ContentError(content[:80])
            was = found.pop("was", {})
            if not isinstance(was, dict) or any(not isinstance(text, str) for text in (*found.values(), *was.values())):
                raise ContentError(content[:80])
            texts = {name: found.get(name, "") for name in _TEXTS}
            dates: dict[str, Any] = {name: day_of(found[name]) for name in _DATES if name in found}
            return cls(
                kind=StepKind(found["step"]), date=day_of(found["date"]), **texts, **dates, was=tuple(was.items())
            )
        except (ValueError, KeyError, RecursionError) as error:
            raise ContentError(content[:80]) from error


_ANSWERS: Final = {
    StepKind.KEEP_DUE: (StepKind.ASK_EXTENSION,),
    StepKind.EXPLAIN: (StepKind.ASK_EXPLANATION,),
    StepKind.ACCEPT_EXPLANATION: (StepKind.EXPLAIN,),
    StepKind.RETURN_EXPLANATION: (StepKind.EXPLAIN,),
}
"""Steps that answer one before, and of which kind that is."""

Steps = Mapping[str, Step]
"""The steps of one task by their UUIDs, in the order of these, which nothing but the order of a list follows from."""


class Explaining(StrEnum):
    """Where a request for an explanation stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Explanation(NamedTuple):
    """A request (its UUID), where it stands, and by when an answer is wanted."""

    request: str
    stage: Explaining
    due: datetime.date

    def is_late(self, today: datetime.date) -> bool:
        """Whether the answer is still to come though its day has passed."""
        return self.stage in (Explaining.ASKED, Explaining.RETURNED) and self.due < today


def explanations(steps: Steps) -> list[Explanation]:
    """Every request for an explanation; what was returned is wanted by the day that the return names, if it does."""
    found = []
    for uuid, asked in steps.items():
        if asked.kind is not StepKind.ASK_EXPLANATION or asked.due is None:
            continue
        answers = {one for one, step in steps.items() if step.kind is StepKind.EXPLAIN and step.to == uuid}
        decided = [step for step in steps.values() if step.to in answers]
        returns = [step for step in decided if step.kind is StepKind.RETURN_EXPLANATION]
        stage, due = Explaining.ASKED, asked.due
        if any(step.kind is StepKind.ACCEPT_EXPLANATION for step in decided):
            stage = Explaining.ACCEPTED
        elif answers - {step.to for step in decided}:
            stage = Explaining.ANSWERED
        elif answers:
            stage, due = Explaining.RETURNED, max((step.due for step in returns if step.due), default=due)
        found.append(Explanation(uuid, stage, due))
    return found


def undecided(steps: Steps, kind: StepKind) -> list[str]:
    """The UUIDs of the steps of this kind that nothing answers yet."""
    answered = {step.to for step in steps.values()}
    return [uuid for uuid, step in steps.items() if step.kind is kind and uuid not in answered]


def extensions(steps: Steps) -> list[Step]:
    """How often and from which days to which the task was extended, by the days on which that was granted."""
    return sorted((step for step in steps.values() if step.kind is StepKind.EXTEND), key=lambda step: step.date)


def known_on(task: Task, steps: Steps, as_of: datetime.date) -> Task:
    """The task as it stood on the day `as_of`: with the due date, the state and the day of completion of then.

    What was decided later is taken back: of several later extensions, the first says what stood before, and where a
    later step moved the state, those until then say what it was.
    """
    later = next((step for step in extensions(steps) if step.date > as_of), None)
    if later is not None:
        task = replace(task, due_date=later.old_due)
    moves = [step for step in steps.values() if step.kind in _STATES]
    if any(step.date > as_of for step in moves):
        if task.completed_date and not any(step.kind is StepKind.REPORT_DONE for step in moves):
            # Whoever wrote the day alone reported it by that.
            moves = [Step(StepKind.REPORT_DONE, task.completed_date), *moves]
        state, completed = TaskState.NOT_STARTED, None
        for step in moves:
            if step.date <= as_of:
                state, completed = _STATES[step.kind], _completed(step, completed)
        return replace(task, state=state, completed_date=completed)
    if task.completed_date is not None and task.completed_date > as_of:
        return replace(task, completed_date=None, state=TaskState.IN_PROGRESS)
    return task


def _completed(step: Step, before: datetime.date | None) -> datetime.date | None:
    """The day of completion once this step is taken."""
    if step.kind is StepKind.REPORT_DONE:
        return step.date
    if step.kind in (StepKind.SEND_BACK, StepKind.RESUME):
        return None
    return before or step.date if step.kind is StepKind.CONFIRM else before


def refusal(task: Task, steps: Steps, step: Step, today: datetime.date) -> str:
    """Why `step` may not be taken on `task` now, one of REFUSALS, or ""."""
    if step.date > today:
        return "day_future"
    if step.kind in _IN_WORDS and not step.words.strip():
        return "no_words"
    if task.is_withdrawn and step.kind is not StepKind.RESUME:
        return "withdrawn"
    if task.is_confirmed and step.kind not in _AFTER_THE_END:
        return "closed"
    if step.kind is StepKind.RESUME and task.state not in (TaskState.ON_HOLD, TaskState.WITHDRAWN):
        # It would take back what was reported since somebody else took it up again.
        return "under_way"
    if (kinds := _ANSWERS.get(step.kind)) and (step.to not in steps or steps[step.to].kind not in kinds):
        return "nothing_to_answer"
    if step.kind in _ONCE and step.to and any(other.to == step.to for other in steps.values()):
        return "answered"
    if step.kind in _OF_REPORT and not _waits(task, steps, step):
        return "answered"
    return _refusal_of_day(task, step, today)


def _waits(task: Task, steps: Steps, step: Step) -> bool:
    """Whether what this confirms or sends back still stands: somebody else may have decided of it meanwhile, and a
    decision that is known is undone by who means to, never by a form that was open before it came."""
    if task.state is TaskState.AWAITING_CONFIRMATION:
        return step.to in (undecided(steps, StepKind.REPORT_DONE) or [""])
    # What was confirmed or refused is sent back as it stands, which answers no report.
    return step.kind is StepKind.SEND_BACK and not step.to and _can_come_back(task)


def _can_come_back(task: Task) -> bool:
    """Whether it stands so that it can be sent back though nothing waits to be confirmed."""
    return task.is_confirmed or task.state is TaskState.REFUSED


def _refusal_of_day(task: Task, step: Step, today: datetime.date) -> str:
    if step.kind in (StepKind.ASK_EXTENSION, StepKind.EXTEND) and step.due is not None:
        if task.due_date is None:
            return "no_due"
        if step.due <= task.due_date:
            return "not_later"
    if step.kind in _ASKS_ANSWER and step.due is not None and step.due < today:
        # Whoever is to answer would be late at once, and by months where a year was meant to be the next.
        return "due_passed"
    if step.kind is StepKind.REPORT_DONE and task.start_date is not None and step.date < task.start_date:
        return "day_before_start"
    return ""


REFUSALS: Final = (
    "day_future",
    "no_words",
    "withdrawn",
    "closed",
    "under_way",
    "nothing_to_answer",
    "answered",
    "no_due",
    "not_later",
    "due_passed",
    "day_before_start",
)

_AFTER_THE_END: Final = (
    StepKind.ASK_EXPLANATION,
    StepKind.EXPLAIN,
    StepKind.ACCEPT_EXPLANATION,
    StepKind.RETURN_EXPLANATION,
    StepKind.SEND_BACK,
    StepKind.CORRECT,
    StepKind.WITHDRAW,
)
"""Also of a task that was completed somebody may ask why it was late, and a confirmation can be taken back; one that
was given twice counts twice until it is withdrawn."""

_OF_REPORT: Final = (StepKind.CONFIRM, StepKind.SEND_BACK)

_ONCE: Final = (StepKind.EXTEND, StepKind.KEEP_DUE, StepKind.ACCEPT_EXPLANATION, StepKind.RETURN_EXPLANATION)


def possible(task: Task, steps: Steps, *, does: bool, decides: bool) -> list[tuple[StepKind, str]]:
    """The steps that may be taken now by whoever `does` the task or `decides` over it, each with what it answers.

    Besides, whoever decides may correct what is not withdrawn.
    """
    if task.is_withdrawn:
        return [(StepKind.RESUME, "")] if decides else []
    found: list[tuple[StepKind, str]] = []
    state = task.state
    asked = undecided(steps, StepKind.ASK_EXTENSION)
    reported = undecided(steps, StepKind.REPORT_DONE)[-1:] or [""]
    told = explanations(steps)
    if does:
        found += [
            (StepKind.EXPLAIN, one.request) for one in told if one.stage in (Explaining.ASKED, Explaining.RETURNED)
        ]
        if not task.is_confirmed:
            if state is not TaskState.AWAITING_CONFIRMATION:
                found.append((StepKind.REPORT_DONE, ""))
            if task.due_date is not None and not asked:
                found.append((StepKind.ASK_EXTENSION, ""))
            if state is TaskState.NOT_STARTED:
                found.append((StepKind.REFUSE, ""))
    if decides:
        answers = undecided(steps, StepKind.EXPLAIN)
        found += [(kind, uuid) for uuid in answers for kind in _OF_EXPLANATION]
        if state is TaskState.AWAITING_CONFIRMATION:
            found += [(StepKind.CONFIRM, reported[0]), (StepKind.SEND_BACK, reported[0])]
        if not task.is_confirmed:
            found += [(kind, uuid) for uuid in asked for kind in (StepKind.EXTEND, StepKind.KEEP_DUE)]
            if task.due_date is not None and not asked:
                found.append((StepKind.EXTEND, ""))
        found.append((StepKind.ASK_EXPLANATION, ""))
        if _can_come_back(task):
            found.append((StepKind.SEND_BACK, ""))
        elif state is TaskState.ON_HOLD:
            found.append((StepKind.RESUME, ""))
        elif state is not TaskState.AWAITING_CONFIRMATION:
            found.append((StepKind.HOLD, ""))
        found.append((StepKind.WITHDRAW, ""))
    return found


_OF_EXPLANATION: Final = (StepKind.ACCEPT_EXPLANATION, StepKind.RETURN_EXPLANATION)


def cells_of(task: Task, uuid: str, step: Step) -> dict[Key, str]:
    """What is written when `step` is taken: the step itself, and what it makes of the task.

    What a correction makes of it `correcting.correct` says.
    """
    found = {Key(STEP, task.unit, task.item, "", uuid): step.content()}
    made: dict[str, str] = {}
    if step.kind is StepKind.EXTEND:
        made["due_date"] = content_of(step.due)
    if step.kind in _STATES:
        made["state"] = content_of(_STATES[step.kind])
    if (completed := _completed(step, task.completed_date)) != task.completed_date or step.kind in _SAYS_DAY:
        made["completed_date"] = content_of(completed)
    return found | {Key(TASK, task.unit, task.item, "", name): content for name, content in made.items()}


_STATES: Final = {
    StepKind.REPORT_DONE: TaskState.AWAITING_CONFIRMATION,
    StepKind.REFUSE: TaskState.REFUSED,
    StepKind.CONFIRM: TaskState.COMPLETED,
    StepKind.SEND_BACK: TaskState.REDO,
    StepKind.HOLD: TaskState.ON_HOLD,
    StepKind.RESUME: TaskState.IN_PROGRESS,
    StepKind.WITHDRAW: TaskState.WITHDRAWN,
}

_SAYS_DAY: Final = (StepKind.REPORT_DONE, StepKind.SEND_BACK)
"""Steps that say whether and when it was done also where that is no news."""

OF_DOER: Final = ("contact", "state", "completed_date")
"""The fields of a task that the unit that does it may write; the others are whoever's assigned it."""

STATES_OF_DOER: Final = (
    TaskState.NOT_STARTED,
    TaskState.IN_PROGRESS,
    TaskState.AWAITING_CONFIRMATION,
    TaskState.REFUSED,
)
