"""The one head rule: which versions of a cell stand. A pure function over opaque version names.

A cell's heads are the stored versions that no other head has seen, in order of arrival; the first is displayed,
the others are its rivals. Clocks decide nothing.
"""

from collections.abc import Collection, Hashable, Sequence
from enum import StrEnum
from typing import TypeVar

V = TypeVar("V", bound=Hashable)


class Outcome(StrEnum):
    """What became of a change that arrived."""

    APPLIED = "applied"
    CONFLICT = "conflict"
    HISTORY = "history"
    PARKED = "parked"


def arrive(heads: Sequence[V], arrival: V, seen: Collection[V], *, is_seen: bool) -> tuple[tuple[V, ...], Outcome]:
    """The heads after `arrival`, and what became of it.

    `seen` is what it has seen, followed through all that has no effect; behind what has effect no head can stand,
    since that is a head itself or was seen by one. `is_seen`: a head that it has not seen has seen it. An arrival
    removes every head it has seen and is added behind the others. One that was seen already is history, and what it
    has seen leaves the heads.
    """
    if arrival in heads:
        return tuple(heads), Outcome.HISTORY
    rest = tuple(head for head in heads if head not in seen)
    if is_seen:
        return rest, Outcome.HISTORY
    return (*rest, arrival), Outcome.CONFLICT if rest else Outcome.APPLIED
