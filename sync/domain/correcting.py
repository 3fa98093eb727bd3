"""Mending or taking back what was said when a task was given, with all that was given below it alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sync.domain.assigning import supporters
from sync.domain.identifiers import made_at
from sync.domain.keys import TASK, Key
from sync.domain.steps import CORRECTABLE, MAX_WAS, Step, StepKind, Steps, cells_of
from sync.domain.tasks import Task, TaskState, content_of
from sync.domain.values import Value

_ITS_OWN: Final = ("supporting", "code", "contact", "roadmap")
"""Fields that each part has of its own, as it was given without the whole's."""

_TOGETHER: Final = timedelta(minutes=1)
"""Within this time tasks are made that are given at once."""

NewItem = Callable[[], str]
"""A new UUID each time."""


def differing(task: Task, said: Task) -> tuple[str, ...]:
    """The fields in which `said` corrects `task`."""
    return tuple(name for name in CORRECTABLE if getattr(task, name) != getattr(said, name))


def correct(
    task: Task, said: Task, below: Sequence[Task], words: str, today: date, new_item: NewItem
) -> dict[Key, str]:
    """What is written when `task` should have been given as `said`, for the reason that `words` say.

    `below` are its parts, theirs, what supports any of them, and others that are to be corrected with it. What says the
    same there is corrected as well; a unit that should not have supported it, or led it, has its task withdrawn, and
    the right one is given one. Empty where nothing differs.
    """
    if said.unit != task.unit:
        right = replace(said, item=new_item(), state=TaskState.NOT_STARTED, completed_date=None)
        given = [right, *supporters(right, new_item)]
        return withdraw([task, *below], words, today, new_item, said.unit) | _cells(given)
    names = differing(task, said)
    found = _corrected(task, said, names, words, today, new_item)
    wrong = set(task.supporting) - set(said.supporting)
    for each in below:
        if each.is_withdrawn:
            continue
        if each.parent == task.item and each.supports and each.unit in wrong:
            found |= withdraw([each], words, today, new_item)
        else:
            alike = [name for name in names if _follows(each, name) and getattr(each, name) == getattr(task, name)]
            found |= _corrected(each, said, alike, words, today, new_item)
    added = tuple(unit for unit in said.supporting if unit not in task.supporting)
    return found | _cells(supporters(replace(said, supporting=added), new_item))


def withdraw(tasks: Sequence[Task], words: str, today: date, new_item: NewItem, unit: str = "") -> dict[Key, str]:
    """What is written when the first of `tasks` is withdrawn, and with it the others, which are below it; `unit` has
    it instead. Below it, what was confirmed stays: somebody did that."""
    first, *below = tasks
    step = Step(StepKind.WITHDRAW, today, words, unit=unit)
    found = cells_of(first, new_item(), step)
    for each in below:
        if not each.is_withdrawn and not each.is_confirmed:
            found |= cells_of(each, new_item(), replace(step, unit=""))
    return found


def withdrawn_with(steps: Steps, others: Iterable[tuple[Task, Steps]]) -> list[Task]:
    """Of `others`, those that were withdrawn together with the task of these `steps`: on the same day for the same
    reason."""
    last = _withdrawal(steps)
    return [task for task, taken in others if task.is_withdrawn and last and _withdrawal(taken) == last]


def _withdrawal(steps: Steps) -> tuple[date, str] | None:
    taken = [step for step in steps.values() if step.kind is StepKind.WITHDRAW]
    return (taken[-1].date, taken[-1].words) if taken else None


def resume(tasks: Sequence[Task], words: str, today: date, new_item: NewItem) -> dict[Key, str]:
    """What is written when `tasks` are taken up again."""
    step = Step(StepKind.RESUME, today, words)
    return {key: content for each in tasks for key, content in cells_of(each, new_item(), step).items()}


def below(task: Task, tasks: Sequence[Task]) -> list[Task]:
    """Of `tasks`, the parts of `task`, theirs, and what supports any of them."""
    by_parent: dict[str, list[Task]] = {}
    for each in tasks:
        by_parent.setdefault(each.parent, []).append(each)
    return list(_below(task, by_parent, {task.item}))


def given_with(task: Task, tasks: Sequence[Task]) -> list[Task]:
    """Of `tasks`, those that other units were given together with `task` where nobody keeps the whole."""
    made = made_at(task.item)
    if task.parent or made is None:
        return []
    return [
        each
        for each in tasks
        if (each.content, each.document, each.from_unit) == (task.content, task.document, task.from_unit)
        and each.unit != task.unit
        and not each.parent
        and (other := made_at(each.item)) is not None
        and abs(other - made) <= _TOGETHER
    ]


def _below(task: Task, by_parent: dict[str, list[Task]], met: set[str]) -> Iterator[Task]:
    for each in by_parent.get(task.item, ()):
        if each.item not in met:
            met.add(each.item)
            yield each
            yield from _below(each, by_parent, met)


def _follows(each: Task, name: str) -> bool:
    return name not in _ITS_OWN and not (each.supports and name == "targets")


def _corrected(
    task: Task, said: Task, names: Sequence[str], words: str, today: date, new_item: NewItem
) -> dict[Key, str]:
    """The step that corrects these fields, and the fields."""
    if not names:
        return {}
    was = tuple((name, _begun(content_of(getattr(task, name)))) for name in sorted(names))
    step = Step(StepKind.CORRECT, today, words, was=was)
    fields = {Key(TASK, task.unit, task.item, "", name): content_of(getattr(said, name)) for name in names}
    return cells_of(task, new_item(), step) | fields


def _begun(content: str) -> str:
    text = Value.of(content).text or ""
    return text if len(text) <= MAX_WAS else text[: MAX_WAS - 1] + "…"


def _cells(tasks: Sequence[Task]) -> dict[Key, str]:
    return {key: content for task in tasks for key, content in task.cells().items()}
