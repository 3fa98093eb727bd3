"""The comments on the cells of a store: the thread of one cell, and how many each cell has."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from sync.domain.comments import Part, about, text_of
from sync.domain.keys import COMMENT, Key
from sync.domain.values import ContentError
from sync.store.cells import Shown
from sync.store.parked import said_in
from sync.store.store import Store


class Comment(NamedTuple):
    """One comment that stands, and the cell that holds it. A parked one is what was typed here, not yet in effect, or
    what was withdrawn here and still stands."""

    text: str
    cell: Shown


def thread(store: Store, on: Key) -> list[Comment]:
    """What was said of the cell `on` and was not withdrawn, in the order in which it was typed."""
    found = []
    for key, shown in store.cells_of(COMMENT, [on.unit], [on.period], on.item).items():
        text = _text(store, key, shown)
        if text and about(key) == on:
            found.append(Comment(text, shown))
    # A comment's name begins with the moment at which it was made.
    return sorted(found, key=lambda comment: Part.of(comment.cell.key.part).comment)


def counts(store: Store, units: Collection[str], periods: Collection[str]) -> Counter[Key]:
    """How many comments each value of these units and periods has, by its key."""
    found: Counter[Key] = Counter()
    for key, shown in store.cells_of(COMMENT, units, periods).items():
        if _text(store, key, shown):
            found[about(key)] += 1
    return found


def _text(store: Store, key: Key, shown: Shown) -> str:
    """What it says; "" for one that was withdrawn, or that a newer version wrote."""
    try:
        Part.of(key.part)
        return text_of(said_in(store, shown))
    except ContentError:
        return ""
