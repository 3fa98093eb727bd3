"""What a person is typing into the forms of a task: kept while they look elsewhere, and for the next start."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from desktop.tasks.steps import TypedStep
from desktop.tasks.typing import Typed
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key
from sync.store import Store

_NAME = "tasks"


@dataclass(frozen=True, slots=True)
class Draft:
    """`corrects` is the update that is being corrected, None for a new one; `fault` is why it is not saved.

    `step` is what is being said of a step, None while none is.
    """

    typed: Typed
    corrects: Key | None = None
    fault: EnvironmentFault | None = None
    step: TypedStep | None = None


def keep(store: Store, drafts: Mapping[str, Draft], aside: Mapping[str, Draft]) -> None:
    """Keep both, by task, in the store: it is encrypted, as a file of settings is not. Raises EnvironmentFault."""
    written = json.dumps(
        [
            {task: (draft.typed, draft.corrects, draft.step) for task, draft in found.items()}
            for found in (drafts, aside)
        ]
    )
    if written != store.aside(_NAME):
        store.keep_aside(_NAME, written)


def read(store: Store) -> tuple[dict[str, Draft], dict[str, Draft]]:
    """What was kept, also by a version that knew no steps."""
    drafts, aside = (
        {task: _draft(*kept) for task, kept in found.items()} for found in json.loads(store.aside(_NAME) or "[{}, {}]")
    )
    return drafts, aside


def _draft(typed: list[str], corrects: list[str] | None, step: list[str] | None = None) -> Draft:
    return Draft(Typed(*typed), Key(*corrects) if corrects else None, None, TypedStep(*step) if step else None)
