"""Runs seeds: one history each, on as many processes as there are cores, and counts what happened.

    python -m tests.simulation.farm --seeds N --start S

Progress goes to stderr; the last line of stdout is JSON. A violation says how to run its seed again.
"""

import argparse
import gc
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from random import Random
from shutil import rmtree
from threading import Thread
from types import ModuleType
from typing import Final, NamedTuple
from unittest import mock

from structlog.testing import capture_logs

from sync.central import arrivals, push, register, room
from sync.central import healing as centre_healing
from sync.client import parcels, session
from sync.store import healing as store_healing
from sync.store import receiving, sending
from tests.simulation import attaching
from tests.simulation.disk import watched
from tests.simulation.faults import MENU, Faults
from tests.simulation.newer import newer_programs
from tests.simulation.people import People
from tests.simulation.province import Template, make_template
from tests.simulation.rest import check_rest
from tests.simulation.trace import Violation
from tests.simulation.world import World, cast_of

INTENTS: Final = (190, 215)
SETTLING_PASSES: Final = 8
SETTLING_BYTES: Final = 1 << 20
_SEEDS_AT_ONCE: Final = 20
_GARBAGE: Final = 200_000


class Outcome(NamedTuple):
    """What a seed came to: `violation` is "" or what to print, and `trace` all that happened."""

    seed: int
    intents: int
    faults: Counter[str]
    violation: str
    trace: str


@contextmanager
def small_bounds() -> Iterator[None]:
    """Pages, pushes and repairs that a large office would split are split in a small province too."""
    bounds: list[tuple[ModuleType, str, int]] = [
        (session, "FIRST_PAGE_BYTES", 128),
        (session, "LEAST_PAGE_BYTES", 64),
        (session, "MOST_PAGE_BYTES", 512),
        (session, "MANY", 4),
        (sending, "MAX_PUSH", 6),
        (arrivals, "MAX_CHANGES", 6),
        (push, "MAX_CHANGES", 6),
        (parcels, "MAX_PUSH", 4),
        (parcels, "PAGE_BYTES", 512),
        (room, "MIN_PAGE_BYTES", 32),
        (room, "MAX_HEADS", 6),
        (room, "MAX_HEADS_OF_DEVICE", 2),
        (receiving, "MAX_ROWS", 6),
        (store_healing, "_FEW", 4),
        (store_healing, "_PARTS", 3),
        (centre_healing, "_FEW", 4),
    ]
    with ExitStack() as patches:
        for module, name, bound in bounds:
            patches.enter_context(mock.patch.object(module, name, bound))
        yield


@contextmanager
def laboratory() -> Iterator[tuple[Template, Path]]:
    """A template and a place for worlds in memory, on disks that can fail."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="simulation-") as name:
        folder = Path(name)
        # What the centre logs is kept to itself.
        quiet = mock.patch.object(logging.getLogger(register.__name__), "disabled", True)
        with watched(), small_bounds(), newer_programs(), capture_logs(), quiet:
            template = make_template(folder / "template")
            # What is loaded stays: looking through it at every turn takes a tenth of the time.
            gc.collect()
            gc.freeze()
            # Nearly all of a world goes without it: what it looks through is what stays.
            before = gc.get_threshold()
            gc.set_threshold(_GARBAGE, *before[1:])
            try:
                yield template, folder
            finally:
                gc.set_threshold(*before)


def run_seed(seed: int, template: Template, folder: Path) -> Outcome:
    """The whole history of one seed."""
    place = folder / "world"
    random = Random(seed)
    world = World(random.getrandbits(64), template, place, cast_of(random))
    violation = ""
    try:
        people = People(world, Faults(world))
        for _ in range(random.randint(*INTENTS)):
            people.act()
        settle(world)
    except Violation as broken:
        violation = f"seed {seed} breaks {broken.invariant} at step {world.trace.step}: {broken.words}"
    except Exception as error:  # noqa: BLE001 - whatever the engine raises is a finding, and the next seed still runs
        traceback = error.__traceback__
        while traceback and traceback.tb_next:
            traceback = traceback.tb_next
        at = f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}" if traceback else ""
        violation = f"seed {seed} raises {error!r} at step {world.trace.step} in {at}"
    finally:
        world.close()
        rmtree(place)
    if violation:
        again = f"again: python3 build/dev.py simulate --seeds 1 --start {seed}"
        violation = f"{violation}\n{world.trace.tail()}\n{again}"
    return Outcome(seed, world.trace.intents, world.trace.faults, violation, world.trace.text())


def settle(world: World) -> None:
    """Faults end: everybody syncs in turn a bounded number of times, and then everything must be at rest."""
    world.trace.say("settling")
    world.line.weather = 0.0
    world.while_pulling.clear()
    total_bytes = 0
    before = world.everything()
    for _ in range(SETTLING_PASSES):
        for pc in world.pcs:
            world.sync(pc)
            total_bytes += world.line.bytes
        now = world.everything()
        if now == before:
            break
        before = now
    else:
        raise Violation("I17", f"nothing rests after everybody has synced {SETTLING_PASSES} times")
    if total_bytes > SETTLING_BYTES:
        raise Violation("I17", f"{total_bytes} bytes until everything rested")
    check_rest(world.model, world.pcs, world.watch, world.centre.catalogue)
    if world.trace.faults["file_cut"]:
        attaching.check_rest(world)


def run_seeds(seeds: Sequence[int]) -> list[Outcome]:
    """Several in one process."""
    with laboratory() as (template, folder):
        return [run_seed(seed, template, folder) for seed in seeds]


def _end_with_parent() -> None:
    """Nobody would wait for what a worker finds whose parent was killed."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def run_many(seeds: range) -> Iterator[Outcome]:
    """All of them on all cores, in order."""
    batches = [seeds[start : start + _SEEDS_AT_ONCE] for start in range(0, len(seeds), _SEEDS_AT_ONCE)]
    workers = min(os.cpu_count() or 1, len(batches))
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_end_with_parent) as pool:
        for outcomes in pool.map(run_seeds, batches):
            yield from outcomes


def summary(outcomes: Iterable[Outcome]) -> dict[str, object]:
    """What the last line says."""
    seeds = violations = intents = 0
    faults: Counter[str] = Counter()
    for outcome in outcomes:
        seeds += 1
        violations += bool(outcome.violation)
        intents += outcome.intents
        faults += outcome.faults
    return {
        "seeds": seeds,
        "violations": violations,
        "intents": intents,
        "faults": dict(sorted(faults.items())),
        "kinds_missing": sorted(MENU - faults.keys()),
        "intents_per_seed": round(intents / max(seeds, 1), 1),
        "faults_per_seed": round(faults.total() / max(seeds, 1), 1),
    }


def _told(outcomes: Iterable[Outcome], count: int) -> Iterator[Outcome]:
    began = time.monotonic()
    for number, outcome in enumerate(outcomes, 1):
        if outcome.violation:
            print(outcome.violation, flush=True)
        if number % 100 == 0 or number == count:
            each = (time.monotonic() - began) / number
            print(f"{number} of {count}, {each:.2f} s each", file=sys.stderr, flush=True)
        yield outcome


def _until_broken(seeds: range) -> int:
    with laboratory() as (template, folder):
        for seed in seeds:
            if violation := run_seed(seed, template, folder).violation:
                print(violation)
                return 1
    return 0


def main() -> int:
    """Do what the command line says; 1 when anything was violated."""
    parser = argparse.ArgumentParser(prog="simulate")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--until-broken", action="store_true", help="one after another, up to the first violation")
    asked = parser.parse_args()
    if asked.until_broken:
        return _until_broken(range(asked.start, asked.start + asked.seeds))
    found = summary(_told(run_many(range(asked.start, asked.start + asked.seeds)), asked.seeds))
    print(json.dumps(found))
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
