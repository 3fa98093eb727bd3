"""What people intend: typing, deciding, approving, syncing, or nothing; drawn from the world's seed."""

from random import Random
from typing import Final

from sync.domain import revisions
from sync.domain.comments import content_of, key_of
from sync.domain.deadlines import Deadline
from sync.domain.keys import CLOSING, DEADLINE, PROGRESS, STATUS, TASK, UNIT, VALUE, Key, within
from sync.domain.revisions import Revision
from sync.domain.rights import unit_of
from sync.domain.units import Unit, UnitKind
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, Remark, State, Status, content_digest
from sync.store import Shown
from tests.simulation import attaching
from tests.simulation.faults import Faults
from tests.simulation.model import plain
from tests.simulation.pc import PC
from tests.simulation.province import (
    COMMUNE,
    FORM,
    INVALID,
    NEW_ITEM,
    OLD_ITEMS,
    OTHER_COMMUNE,
    OTHER_VILLAGE,
    PERIOD,
    PROVINCE,
    STRANGE_ITEM,
    TASK_ITEM,
    UNKNOWN_VILLAGE,
    VILLAGE,
)
from tests.simulation.tasks import Tasks
from tests.simulation.world import World

_UNITS: Final = (PROVINCE, COMMUNE, VILLAGE, VILLAGE, OTHER_VILLAGE, OTHER_COMMUNE, UNKNOWN_VILLAGE)
_ITEMS: Final = (*OLD_ITEMS, *OLD_ITEMS, NEW_ITEM, STRANGE_ITEM)
_CONTENTS: Final = ("1", "2", "3", "434", "2.5", CLEARED, CLEARED, '{"missing":"not_collected"}', '{"raw":"12a"}')
_LONG: Final = '"' + "Hộ nghèo thôn Phú Hòa. " * 20 + '"'
_COMMENTS: Final = tuple(f"019324c1-5a00-7000-8000-00000000020{number}" for number in range(4))
"""Few, so that somebody also withdraws what another has said, which only who said it may."""

_SAID: Final = (*map(content_of, ("Đã đối chiếu sổ thôn.", "Đề nghị xem lại.", "Có 2 hộ mới.")), CLEARED)
_REMARKS: Final = {
    VILLAGE: (Remark(OLD_ITEMS[0], "", "Khác sổ thôn."),),
    # Of which one is in the next catalogue only.
    COMMUNE: (Remark(OLD_ITEMS[0], "", "Khác sổ thôn."), Remark(NEW_ITEM, "", "Chưa đối chiếu.")),
    OTHER_VILLAGE: (Remark(STRANGE_ITEM, "", "Không có trong biểu."),),
}
"""What a return says of single cells, by unit; of the others the form is returned as a whole."""

_UPDATES: Final = tuple(f"019324c1-5a00-7000-8000-00000000010{number}" for number in range(3))


class People:
    """Draws intents and lets them happen in `world`."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._random: Random = world.random
        self._tasks = Tasks(world, faults)

    def act(self) -> None:
        """One intent, and whatever fault comes with it."""
        world, draw = self._world, self._random.random()
        self._faults.weather()
        world.true_clock.now += self._random.choice((1, 5, 60, 3600))
        pc = self._random.choice(world.pcs)
        if draw < 0.46:
            self._type(pc)
        elif draw < 0.56:
            self._tasks.act(pc)
        elif draw < 0.64:
            self._step(pc)
        elif draw < 0.70:
            self._resolve(pc)
        elif draw < 0.86:
            self._sync(pc)
        elif draw < 0.90:
            self._decide()
        elif draw < 0.92:
            self._take_back(pc)
        else:
            world.trace.intent("time passes")
            world.true_clock.now += self._random.choice((3600, 86_400, 30 * 86_400))

    # Intents

    def _type(self, pc: PC) -> None:
        edits = [self._edit(pc) for _ in range(self._random.choice((1, 1, 1, 2, 4)))]
        author = self._author(pc)
        self._world.trace.intent(f"{author} types {len(edits)} on {pc.name}")
        self._world.type(pc, edits, author=author, bomb=self._faults.for_typing(pc))

    def _author(self, pc: PC) -> str:
        """Who sits at the PC: its person, or now and then a colleague of theirs."""
        if self._random.random() < 0.8:
            return pc.person
        self._world.trace.fault("colleague", pc.name)
        return f"đồng nghiệp của {pc.person}"

    def _edit(self, pc: PC) -> tuple[Key, str]:
        if self._random.random() < 0.12:
            percent = self._random.randrange(0, 101, 50)
            key = Key(PROGRESS, COMMUNE, TASK_ITEM, "", self._random.choice(_UPDATES))
            return key, f'{{"date":"2026-06-01","percent":{percent},"words":"đã làm"}}'
        if self._random.random() < 0.06:
            return attaching.an_edit(self._random)
        key = self._value(pc)
        draw = self._random.random()
        if draw > 0.9:
            about = key if draw > 0.92 else key._replace(item=FORM)
            return key_of(about, self._random.choice(_COMMENTS)), self._random.choice(_SAID)
        if draw > 0.86:
            return revisions.key_of(key), self._request()
        if draw < 0.03:
            return key, _LONG
        if draw < 0.05:
            return key, INVALID
        return key, self._random.choice(_CONTENTS)

    def _request(self) -> str:
        """Somebody asks to change a figure, answers that, or takes it back, whether it is theirs to do or not."""
        asked = Revision(self._random.choice(("1", "2")))
        return self._random.choice(
            (asked.content(), asked.taken().content(), asked.rejected("không").content(), CLEARED)
        )

    def _value(self, pc: PC) -> Key:
        own = [unit for unit in _UNITS if any(within(unit, unit_of(root)) for root in pc.roots)]
        units = own if own and self._random.random() < 0.9 else _UNITS
        return Key(VALUE, self._random.choice(units), self._random.choice(_ITEMS), PERIOD)

    def _step(self, pc: PC) -> None:
        """Submit, approve, return or reopen the form of a unit that the person sees."""
        unit = self._value(pc).unit
        step = self._random.choice(list(State))
        remarks = _REMARKS.get(unit, ()) if step is State.RETURNED else ()
        status = Status(step, self._digest(pc, unit) if step is State.APPROVED else "", remarks=remarks)
        self._world.trace.intent(f"{pc.name}: {step.value} {unit}")
        self._world.type(pc, [(Key(STATUS, unit, FORM, PERIOD), status.content())])

    def _digest(self, pc: PC, unit: str) -> str:
        """The name of what an approval approves, as the program reckons it; the model keeps what that is."""
        cells = {key: _said(cell) for key, cell in pc.gui.cells(VALUE, unit, PERIOD).items()}
        digest = content_digest(cells)
        self._world.model.approve(digest, plain(cells))
        return digest

    def _resolve(self, pc: PC) -> None:
        """Decide between rivals: one of them, or something else."""
        contested = sorted(key for key, cell in pc.gui.undecided().items() if cell.rivals)
        if not contested:
            self._world.trace.intent(f"{pc.name} finds no conflict")
            return
        key = self._random.choice(contested)
        cell = pc.gui.shown(key)
        assert cell is not None, "what is in conflict is shown"
        content = self._random.choice([cell.content, *(rival.content for rival in cell.rivals), "7"])
        self._world.trace.intent(f"{pc.name} resolves {'/'.join(key)}")
        self._world.type(pc, [(key, content)], author=self._author(pc), resolving=True)

    def _take_back(self, pc: PC) -> None:
        """Withdraw what is parked in a cell, or hand it over to the unit's neighbour."""
        parked = sorted(key for key, cell in pc.gui.undecided().items() if cell.reason)
        if not parked:
            self._world.trace.intent(f"{pc.name} finds nothing parked")
            return
        key = self._random.choice(parked)
        others = [unit for unit in (VILLAGE, OTHER_VILLAGE) if key.kind == VALUE and unit != key.unit]
        instead = (
            [(key._replace(unit=self._random.choice(others)), "8")] if others and self._random.random() < 0.3 else []
        )
        self._world.trace.intent(f"{pc.name} takes back {'/'.join(key)}")
        self._world.take_back(pc, key, instead)

    def _sync(self, pc: PC) -> None:
        rounds = self._random.choice((0, 0, 0, 1, 2))
        self._world.trace.intent(f"{pc.name} syncs {rounds or ''}".rstrip())
        if self._random.random() < 0.1:
            self._world.while_pulling = [self._edit(pc)]
        self._faults.at_centre()
        self._world.sync(pc, rounds=rounds, bomb=self._faults.for_syncing(pc))

    def _decide(self) -> None:
        decisions = [self._decision() for _ in range(self._random.choice((1, 1, 2)))]
        self._world.trace.intent(f"the centre decides {['/'.join(key) for key, _ in decisions]}")
        if self._faults.at_the_register():
            self._world.decide_without_power(decisions)
            return
        self._faults.at_centre()
        self._world.decide(decisions)

    def _decision(self) -> tuple[Key, str]:
        match self._random.randrange(5):
            case 0:
                name = f"Thôn Mới {self._random.randrange(3)}"
                return Key(UNIT, UNKNOWN_VILLAGE), Unit(UNKNOWN_VILLAGE, UnitKind.VILLAGE, name).content()
            case 1:
                state = self._random.choice(("in_progress", "completed", "on_hold"))
                return Key(TASK, COMMUNE, TASK_ITEM, "", "state"), f'"{state}"'
            case 2:
                due = f"2026-06-1{self._random.randrange(10)}T17:00+07:00"
                unit = self._random.choice((PROVINCE, COMMUNE))
                return Key(DEADLINE, unit, FORM, PERIOD), Deadline.of(f'{{"due":"{due}","source":""}}').content()
            case 3:
                unit = self._random.choice((VILLAGE, OTHER_VILLAGE, OTHER_COMMUNE))
                return Key(CLOSING, unit, FORM, PERIOD), self._random.choice((CLOSED, CLEARED))
            case _:
                return Key(VALUE, VILLAGE, OLD_ITEMS[0], PERIOD), self._random.choice(_CONTENTS)


def _said(cell: Shown) -> list[str]:
    return [cell.content, *(rival.content for rival in cell.rivals)]
