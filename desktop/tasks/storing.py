"""Storing tasks that are given: a few at once, a decision's list for all communes beside the window."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from desktop.widgets.work import Run
from sync.domain.tasks import Task
from sync.store import ChangeSet, Store

AT_ONCE: Final = 200
"""So many tasks are made and stored between two strokes: one for each commune of a province."""


class Given(NamedTuple):
    """About `size` tasks; `make` makes them, on any thread."""

    size: int
    make: Callable[[], list[Task]]


class Stored(NamedTuple):
    """The tasks that were stored, and the change set of it."""

    changes: ChangeSet
    tasks: list[Task]


def store_given(store: Store, given: Given, author: str, at: datetime) -> Stored:
    """Store all of it in one transaction. Raises EnvironmentFault, and then nothing is stored."""
    tasks = given.make()
    edits = [edit for task in tasks for edit in task.cells().items()]
    return Stored(store.record_changes(edits, author, at), tasks)


def beside(open_store: Callable[[], Store], given: Given, author: str, at: datetime) -> Run:
    """The same for another thread, over a connection of its own."""

    def run(_cancelled: Callable[[], bool]) -> Stored:
        store = open_store()
        try:
            return store_given(store, given, author, at)
        finally:
            store.close()

    return run
