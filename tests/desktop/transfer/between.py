"""The sync's thread, as a room of the tests has it: what is between two syncs is done at once."""

from collections.abc import Callable

from desktop.widgets.errand import Between
from sync.domain.errors import EnvironmentFault
from sync.store import Store


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
