"""People of the simulated province take every step that there is for a task, and all of it arrives everywhere."""

from collections import Counter
from shutil import rmtree

from sync.domain.steps import StepKind
from tests.simulation.farm import laboratory, settle
from tests.simulation.faults import Faults
from tests.simulation.province import CAST
from tests.simulation.tasks import Tasks
from tests.simulation.world import World

WORLDS, ACTS = 20, 100


def test_everything_is_done_with_tasks_and_comes_to_rest() -> None:
    done: Counter[str] = Counter()
    with laboratory() as (template, folder):
        for seed in range(WORLDS):
            world = World(seed, template, folder / "world", CAST)
            faults = Faults(world)
            faults._rate = 0.0
            tasks = Tasks(world, faults)
            try:
                for number in range(ACTS):
                    pc = world.pcs[number % len(world.pcs)]
                    tasks.act(pc)
                    world.true_clock.now += 3600
                    if number % 3 == 0:
                        world.sync(pc)
                settle(world)
            finally:
                world.close()
                rmtree(folder / "world")
            done += tasks.done
            assert any(row.is_parked for row in world.watch.now.log.values()), "what is not theirs to do has no effect"
    assert {"gives", "breaks down", "updates", "corrects", *(kind.value for kind in StepKind)} <= done.keys()
