"""The one head rule: which versions of a cell stand. A pure function over opaque version names.

A cell's heads are the stored versions that no other head has seen, in order of arrival; the first is displayed,
the others are its rivals. Clocks decide nothing.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from enum import StrEnum
from typing import TypeVar

V = TypeVar("V", bound=Hashable)


class Outcome(StrEnum):
    """What became of a change that arrived."""

    APPLIED = "applied"
    CONFLICT = "conflict"
    HISTORY = "history"
    PARKED = "parked"


def arrive(heads: Sequence[V], arrival: V, seen_by: Callable[[V], Collection[V]]) -> tuple[tuple[V, ...], Outcome]:
    """The heads after `arrival`, and what became of it.

    `seen_by(version)` gives the versions that a version names as seen; it is followed transitively, and a version
    that it does not know (one that was lost) descends from nothing. An arrival removes every head it has seen and
    is added behind the others. One that a head has already seen is history, and what it has seen leaves the heads.
    """
    if arrival in heads:
        return tuple(heads), Outcome.HISTORY
    ancestors = _ancestors(arrival, seen_by)
    rest = tuple(head for head in heads if head not in ancestors)
    if any(arrival in _ancestors(head, seen_by) for head in rest):
        return rest, Outcome.HISTORY
    return (*rest, arrival), Outcome.CONFLICT if rest else Outcome.APPLIED


def _ancestors(version: V, seen_by: Callable[[V], Collection[V]]) -> set[V]:
    found: set[V] = set()
    open_ends = list(seen_by(version))
    while open_ends:
        ancestor = open_ends.pop()
        if ancestor not in found:
            found.add(ancestor)
            open_ends.extend(seen_by(ancestor))
    return found
