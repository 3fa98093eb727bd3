"""What a person did, step by step, so that it can be taken back: one step for each gesture."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from sync.domain.keys import Key

_MOST_STEPS: Final = 500
_MOST_CELLS: Final = 300_000
"""Cells of all steps together: some ten of the largest pastes."""
_FEW: Final = 100
"""Cells of a step that is too small to matter: the others are not counted again for it."""


class Action(StrEnum):
    """What a gesture was; each has its words."""

    TYPING = "typing"
    CLEARING = "clearing"
    MISSING = "missing"
    CUTTING = "cutting"
    PASTING = "pasting"
    FILLING = "filling"
    IMPORTING = "importing"
    TAKING = "taking"
    EXPLAINING = "explaining"
    COMMENTING = "commenting"
    WITHDRAWING = "withdrawing"


class Step(NamedTuple):
    """One gesture on a form: the contents before and after it, of each cell that it changed.

    `decided` are cells in conflict that it decided, also by what they showed. No later change brings a rival back.
    """

    action: Action
    form: str
    edits: Mapping[Key, tuple[str, str]]
    decided: frozenset[Key] = frozenset()

    def back(self) -> "Step":
        """The step that takes this one back."""
        return self._replace(edits={key: (after, before) for key, (before, after) in self.edits.items()})


class Steps:
    """What was done and can be undone, and what was undone and can be done again, the last at the end."""

    def __init__(self) -> None:
        self.done: list[Step] = []
        self.undone: list[Step] = []

    def did(self, step: Step) -> None:
        """Remember a gesture that changed or decided anything; what was undone before it cannot be done again."""
        edits = step.edits
        if any(before == after for before, after in edits.values()):
            edits = {key: (before, after) for key, (before, after) in edits.items() if before != after}
        if not edits and not step.decided:
            return
        self.undone.clear()
        self.done.append(step._replace(edits=edits))
        if len(self.done) > _MOST_STEPS:
            del self.done[0]
        if len(edits) > _FEW:
            while len(self.done) > 1 and sum(len(one.edits) for one in self.done) > _MOST_CELLS:
                del self.done[0]
