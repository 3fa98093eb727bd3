"""The sync's thread, as a room of the tests has it: what is between two syncs is done at once, and no file moves."""

from collections.abc import Callable
from pathlib import Path

from desktop.transfer.files import Moving
from desktop.widgets.errand import Between
from sync.client.evidence import Limits
from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.files import Files


def at_once(store: Store) -> Between:
    """Does work with `store` and tells what came of it."""

    def between(
        work: Callable[[Store], object],
        done: Callable[[object], None],
        failed: Callable[[EnvironmentFault], None],
    ) -> None:
        try:
            found = work(store)
        except EnvironmentFault as fault:
            failed(fault)
        else:
            done(found)

    return between


def unmoved(folder: Path, limits: Limits | None = None) -> Moving:
    """The files of a data folder, which stay where they are."""
    return Moving(lambda: Files.open(folder, bytes(32)), lambda: limits or Limits(), lambda: None)
