"""The planted bugs can all be planted in the tree as it is."""

import pytest

from tests.simulation.mutants import MUTANTS, Mutant, has_its_place


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_has_its_place(mutant: Mutant) -> None:
    assert has_its_place(mutant), f"its text does not stand once in {mutant.file}"
