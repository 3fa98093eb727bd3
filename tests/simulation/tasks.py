"""What people do with tasks: give them, break them down, say how far they are, and take every step there is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sync.domain.assigning import assign, break_down
from sync.domain.correcting import below, correct, withdraw
from sync.domain.identifiers import uuid7
from sync.domain.keys import PROGRESS, Key, within
from sync.domain.local_time import day_at
from sync.domain.progress import Progress
from sync.domain.rights import Action, allows, unit_of
from sync.domain.steps import Step, StepKind, cells_of, possible
from sync.domain.tasks import Task, TaskGroup
from sync.store.assigned import Assigned, Assignments
from tests.simulation.faults import Faults
from tests.simulation.pc import PC
from tests.simulation.province import COMMUNE, OTHER_COMMUNE, OTHER_VILLAGE, PROVINCE, VILLAGE
from tests.simulation.world import World

_UNITS: Final = (PROVINCE, COMMUNE, VILLAGE, OTHER_VILLAGE, OTHER_COMMUNE)
_MOST_GIVEN: Final = 5
_MOST: Final = 12
"""Tasks of a world: what is done with one matters more than how many there are."""
_UNASKED: Final = 0.15
"""How often somebody takes a step that is not theirs to take, or not now."""
_ANSWERED: Final = 0.6
"""How often what somebody else asked or reported comes first."""
_NEEDS_DAY: Final = (StepKind.ASK_EXTENSION, StepKind.EXTEND, StepKind.ASK_EXPLANATION)


class Tasks:
    """Draws what somebody does with a task and lets it happen in `world`; `done` counts each by its name."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults
        self._random = world.random
        self._made: set[str] = set()
        self.done: Counter[str] = Counter()

    def act(self, pc: PC) -> None:
        """One intent of whoever sits at `pc`."""
        known = self._known(pc)
        draw = self._random.random()
        if len(self._made) < _MOST_GIVEN and (not known or draw < 0.2):
            self._give(pc)
        elif not known:
            self._world.trace.intent(f"{pc.name} knows of no task")
        elif draw < 0.4:
            self._update(pc, self._random.choice(known))
        elif draw < 0.5 and len(self._made) < _MOST and (wholes := [each for each in known if _below(each.task.unit)]):
            self._divide(pc, self._random.choice(wholes))
        elif 0.5 <= draw < 0.57:
            self._correct(pc, self._random.choice(known), known)
        else:
            self._step(pc, self._random.choice(known), known)

    def _known(self, pc: PC) -> list[Assigned]:
        """The tasks that the PC shows, in an order that every process has."""
        roots = sorted({unit_of(root) for root in pc.roots})
        apart = [unit for unit in roots if not any(unit != above and within(unit, above) for above in roots)]
        return [each for unit in apart for each in Assignments(pc.gui, unit).all()]

    def _give(self, pc: PC) -> None:
        own = self._own(pc)
        below = (own, *_below(own))
        units = self._some(below if self._random.random() > _UNASKED else _UNITS)
        lead = self._random.choice(units)
        today = self._today(pc)
        task = Task(
            item=self._new_item(),
            unit=own,
            content=f"Việc {len(self._made)}",
            from_unit=own,
            group=self._random.choice(list(TaskGroup)),
            supporting=tuple(unit for unit in self._some(_UNITS) if unit not in units)[:1],
            start_date=today,
            due_date=self._random.choice((None, today + timedelta(days=self._random.randrange(20)))),
        )
        self._type(pc, "gives", assign(task, units, self._new_item), lead)

    def _divide(self, pc: PC, whole: Assigned) -> None:
        today = self._today(pc)
        below = self._some(_below(whole.task.unit))
        made = break_down(whole.task, below, pc.person, today, whole.task.due_date, self._new_item)
        self._type(pc, "breaks down", made, whole.task.item)

    def _update(self, pc: PC, assigned: Assigned) -> None:
        mine = [update.cell.key for update in assigned.updates if update.cell.author == pc.person]
        corrects = bool(mine) and self._random.random() < 0.2
        key = self._random.choice(mine) if corrects else self._cell_of_update(assigned.task)
        today = self._today(pc) + timedelta(days=self._random.choice((-2, 0, 0, 3)))
        said = Progress(today, self._random.randrange(0, 101, 10), f"lần {self.done['updates'] + 1}")
        self._say(pc, "corrects" if corrects else "updates", [(key, said.content())])

    def _correct(self, pc: PC, assigned: Assigned, known: Sequence[Assigned]) -> None:
        task, today = assigned.task, self._today(pc)
        if not self._decides(pc, task) and self._random.random() > _UNASKED:
            self._world.trace.intent(f"{pc.name} has nothing to correct")
            return
        others = [unit for unit in _UNITS if unit != task.unit]
        ways = [
            replace(task, content=f"{task.content} (sửa)"),
            replace(task, content=f"{task.content} (sửa)", due_date=today + timedelta(days=self._random.randrange(20))),
        ]
        if len(self._made) < _MOST:
            ways += [
                replace(ways[0], supporting=tuple(self._some(others))),
                replace(ways[0], unit=self._random.choice(others)),
            ]
        said = self._random.choice(ways)
        cells = correct(task, said, self._below(task, known), "ghi nhầm", today, self._new_uuid)
        self._made |= {key.item for key in cells}
        moved = StepKind.WITHDRAW if said.unit != task.unit else StepKind.CORRECT
        self._decide(pc, moved, cells, known)

    def _step(self, pc: PC, assigned: Assigned, known: Sequence[Assigned]) -> None:
        task = assigned.task
        does, decides = self._does(pc, task), self._decides(pc, task)
        if self._random.random() < _UNASKED:
            does = decides = True
        offered = possible(task, assigned.steps, does=does, decides=decides)
        if not offered:
            self._world.trace.intent(f"{pc.name} has no step to take")
            return
        answers = [one for one in offered if one[1]]
        kind, to = self._random.choice(answers if answers and self._random.random() < _ANSWERED else offered)
        today = self._today(pc)
        due = (task.due_date or today) + timedelta(days=self._random.randrange(1, 9)) if kind in _NEEDS_DAY else None
        old_due = task.due_date if kind is StepKind.EXTEND else None
        step = Step(kind, today, f"vì {kind}", due, old_due, to)
        if kind is StepKind.WITHDRAW:
            cells = withdraw([task, *self._below(task, known)], step.words, today, self._new_uuid)
        else:
            cells = cells_of(task, self._new_uuid(), step)
        self._decide(pc, kind, cells, known)

    def _decide(self, pc: PC, kind: StepKind, cells: Mapping[Key, str], known: Sequence[Assigned]) -> None:
        """Where two people decided differently, whoever decides now has both before them."""
        contested = {(each.task.item, part) for each in known for part in each.contested}
        over = any((key.item, key.part) in contested for key in cells)
        self._say(pc, kind.value, list(cells.items()), resolving=over)

    def _below(self, task: Task, known: Sequence[Assigned]) -> list[Task]:
        return below(task, [each.task for each in known])

    def _type(self, pc: PC, name: str, tasks: Sequence[Task], what: str) -> None:
        self._made |= {task.item for task in tasks}
        self._say(pc, name, [cell for task in tasks for cell in task.cells().items()], what)

    def _say(self, pc: PC, name: str, edits: list[tuple[Key, str]], what: str = "", *, resolving: bool = False) -> None:
        self.done[name] += 1
        self._world.trace.intent(f"{pc.name} {name} {what}".rstrip())
        self._world.type(pc, edits, resolving=resolving, bomb=self._faults.for_typing(pc))

    def _does(self, pc: PC, task: Task) -> bool:
        return allows(pc.grants, Action.ENTER, task.unit)

    def _decides(self, pc: PC, task: Task) -> bool:
        return allows(pc.grants, Action.ASSIGN, task.unit) or allows(pc.grants, Action.ASSIGN, task.from_unit)

    def _own(self, pc: PC) -> str:
        return min((unit_of(root) for root in pc.roots), default=VILLAGE)

    def _some(self, units: Sequence[str]) -> list[str]:
        return self._random.sample(list(units), self._random.choice((1, 1, min(2, len(units)))))

    def _today(self, pc: PC) -> date:
        return day_at(self._moment(pc))

    def _moment(self, pc: PC) -> datetime:
        return datetime.fromtimestamp(max(0, pc.clock()), UTC)

    def _cell_of_update(self, task: Task) -> Key:
        return Key(PROGRESS, task.unit, task.item, "", self._new_uuid())

    def _new_item(self) -> str:
        return self._new_uuid()

    def _new_uuid(self) -> str:
        at = datetime.fromtimestamp(self._world.true_clock(), UTC)
        return uuid7(at, self._random.getrandbits)


def _below(unit: str) -> list[str]:
    return [other for other in _UNITS if within(other, unit) and other != unit]
