"""Seeded histories of a small province: no invariant breaks, every fault happens, and a seed is always the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.farm import Outcome, laboratory, run_many, run_seed, summary
from tests.simulation.province import Template

ROOT = Path(__file__).parents[2]
SEEDS = range(1_000_000, 1_000_300)

_PRINT_A_TRACE = """
import sys
from tests.simulation.farm import run_seeds
print(run_seeds([int(sys.argv[1])])[0].trace)
"""


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    measured = [name for name in os.environ if name.startswith("COVERAGE_PROCESS")]
    with pytest.MonkeyPatch.context() as environment:
        for name in measured:
            # Other tests show which lines run; here the lines are run often.
            environment.delenv(name)
        return list(run_many(SEEDS))


@pytest.fixture(scope="module")
def province() -> Iterator[tuple[Template, Path]]:
    with laboratory() as made:
        yield made


def test_no_invariant_breaks(outcomes: list[Outcome]) -> None:
    broken = [outcome.violation for outcome in outcomes if outcome.violation]
    assert not broken, f"{len(broken)} of {len(outcomes)}\n" + "\n\n".join(broken[:3])


def test_every_fault_happens_and_people_are_busy(outcomes: list[Outcome]) -> None:
    found = summary(outcomes)
    assert found["kinds_missing"] == []
    assert isinstance(found["intents_per_seed"], float)
    assert isinstance(found["faults_per_seed"], float)
    assert found["intents_per_seed"] >= 200
    assert found["faults_per_seed"] >= 20


def test_a_seed_replays_its_trace(province: tuple[Template, Path]) -> None:
    first, again, other = (run_seed(seed, *province) for seed in (5, 5, 6))
    assert first == again
    assert first.trace != other.trace


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_is_the_same_in_every_process(province: tuple[Template, Path], hash_seed: str) -> None:
    here = run_seed(7, *province).trace
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    there = subprocess.run(
        [sys.executable, "-c", _PRINT_A_TRACE, "7"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert there.stdout.splitlines() == here.splitlines()
