"""The same province in small: histories that Hypothesis makes up, and makes shorter when they break an invariant."""

from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync.domain.keys import CLOSING, STATUS, VALUE, Key
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, State, Status
from tests.simulation.disk import Blow
from tests.simulation.farm import laboratory, settle
from tests.simulation.line import Mishap
from tests.simulation.province import CAST, COMMUNE, FORM, NEW_ITEM, OTHER_VILLAGE, PERIOD, VILLAGE, Template
from tests.simulation.world import World

SEED: Final = 1
_laboratory = ExitStack()
_made: list[tuple[Template, Path]] = []

PCS: Final = st.integers(0, 2)
CELLS: Final = st.sampled_from(
    [Key(VALUE, unit, item, PERIOD) for unit in (VILLAGE, COMMUNE) for item in ("ct01", NEW_ITEM)]
)
CONTENTS: Final = st.sampled_from(["1", "2", CLEARED])
MISHAPS: Final = st.none() | st.sampled_from(list(Mishap))


def setup_module() -> None:
    _made.append(_laboratory.enter_context(laboratory()))


def teardown_module() -> None:
    _made.clear()
    _laboratory.close()


class SmallProvince(RuleBasedStateMachine):
    """A village, its commune and the village's second PC. The world checks after every verb, and here at the end."""

    def __init__(self) -> None:
        super().__init__()
        template, folder = _made[0]
        self.folder = folder / "small"
        self.world = World(SEED, template, self.folder, CAST[:3])

    @initialize()
    def begin(self) -> None:
        for pc in self.world.pcs:
            self.world.sync(pc)

    @rule(pc=PCS, key=CELLS, content=CONTENTS)
    def type(self, pc: int, key: Key, content: str) -> None:
        self.world.type(self.world.pcs[pc], [(key, content)])

    @rule(pc=PCS, key=CELLS, content=CONTENTS)
    def resolve(self, pc: int, key: Key, content: str) -> None:
        self.world.type(self.world.pcs[pc], [(key, content)], resolving=True)

    @rule(pc=PCS, mishap=MISHAPS, rounds=st.integers(0, 1), meanwhile=st.none() | CELLS)
    def sync(self, pc: int, mishap: Mishap | None, rounds: int, meanwhile: Key | None) -> None:
        self.world.line.next = mishap
        if meanwhile is not None:
            self.world.while_pulling = [(meanwhile, "3")]
        self.world.sync(self.world.pcs[pc], rounds=rounds)

    @rule(pc=PCS, blow=st.sampled_from(list(Blow)), left=st.integers(0, 20))
    def sync_on_a_bad_disk(self, pc: int, blow: Blow, left: int) -> None:
        bomb = self.world.bomb(self.world.pcs[pc].file, blow, 1)
        bomb.left = left
        self.world.sync(self.world.pcs[pc], bomb=bomb)

    @rule(pc=PCS, blow=st.sampled_from(list(Blow)), left=st.integers(0, 20))
    def sync_with_a_bad_centre(self, pc: int, blow: Blow, left: int) -> None:
        bomb = self.world.bomb(self.world.centre_file, blow, 1)
        bomb.left = left
        self.world.plant(bomb)
        self.world.sync(self.world.pcs[pc])

    @rule(pc=PCS, state=st.sampled_from([State.SUBMITTED, State.RETURNED, State.REOPENED]))
    def step(self, pc: int, state: State) -> None:
        self.world.type(self.world.pcs[pc], [(Key(STATUS, VILLAGE, FORM, PERIOD), Status(state).content())])

    @rule(content=st.sampled_from([CLOSED, CLEARED]))
    def close_the_period(self, content: str) -> None:
        self.world.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), content)])

    @rule()
    def change_the_catalogue(self) -> None:
        self.world.change_the_catalogue()

    @rule(pc=PCS, roots=st.sets(st.sampled_from([VILLAGE, OTHER_VILLAGE]), min_size=1))
    def move(self, pc: int, roots: set[str]) -> None:
        self.world.set_scope(self.world.pcs[pc], roots)

    @rule()
    def copy_the_centre(self) -> None:
        self.world.copy_the_centre()

    @precondition(lambda self: self.world.centre_copies)
    @rule()
    def restore_the_centre(self) -> None:
        self.world.restore_the_centre()

    @rule(pc=PCS)
    def copy(self, pc: int) -> None:
        chosen = self.world.pcs[pc]
        chosen.copies.append(chosen.take_copy())

    @precondition(lambda self: any(pc.copies for pc in self.world.pcs))
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        pc = data.draw(st.sampled_from([pc for pc in self.world.pcs if pc.copies]))
        self.world.restore(pc, pc.copies[-1])

    @precondition(lambda self: len(self.world.pcs) < 5)
    @rule(pc=PCS)
    def clone(self, pc: int) -> None:
        self.world.clone(self.world.pcs[pc])

    @invariant()
    def the_model_knows_the_centre(self) -> None:
        assert self.world.watch.now.log.keys() <= self.world.model.edits.keys()

    def teardown(self) -> None:
        try:
            settle(self.world)
        finally:
            self.world.close()
            rmtree(self.folder)


TestSmallProvince = SmallProvince.TestCase
TestSmallProvince.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
