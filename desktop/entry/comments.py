"""Which cells of a grid have comments, and how many, read when a cell is first looked at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from desktop.entry.contents import Unsaved
from sync.domain.comments import about, text_of
from sync.domain.keys import COMMENT, Key
from sync.domain.periods import Period
from sync.domain.values import ContentError
from sync.store import Store
from sync.store.comments import Comment, counts, thread

_UNITS: Final = 100
"""Units that are looked at together: all villages of a commune."""


class Comments:
    """Comments on cells of `units` (keys) in `periods`; `unsaved` are what waits for a place to be saved."""

    def __init__(
        self, store: Store, units: Sequence[str], periods: Sequence[Period], unsaved: Mapping[Key, Unsaved]
    ) -> None:
        self._store, self._units, self._unsaved = store, units, unsaved
        self._codes = [period.code for period in periods]
        self._place = {unit: place // _UNITS for place, unit in enumerate(units)}
        self._read: dict[int, Counter[Key]] = {}

    def count(self, key: Key) -> int:
        """How many comments stand on a cell of the grid."""
        place = self._place[key.unit]
        found = self._read.get(place)
        if found is None:
            units = self._units[place * _UNITS : (place + 1) * _UNITS]
            found = self._read[place] = counts(self._store, units, self._codes)
        waiting = sum(self.waits(one, key) for one in self._unsaved) if self._unsaved else 0
        return found[key] + waiting

    def touch(self, comment: Key) -> Key | None:
        """This comment may have changed: count again when it is next looked at. Gives its cell, if it may be here."""
        if comment.unit not in self._place or comment.period not in self._codes:
            return None
        self._read.pop(self._place[comment.unit], None)
        try:
            return about(comment)
        except ContentError:
            return None  # no comment that this version knows

    def waits(self, comment: Key, key: Key) -> bool:
        """Whether `comment` is one on the cell `key` that could not be saved and says anything."""
        return comment.kind == COMMENT and about(comment) == key and _says_anything(self._unsaved[comment].content)

    def thread(self, key: Key) -> list[Comment]:
        """What stands in the store on a cell, in typed order."""
        return [comment for comment in thread(self._store, key) if comment.cell.key not in self._unsaved]

    def unsaved(self, key: Key) -> dict[Key, str]:
        """What is on the screen only: texts by key, in typed order."""
        return {one: text_of(self._unsaved[one].content) for one in sorted(self._unsaved) if self.waits(one, key)}


def _says_anything(content: str) -> bool:
    try:
        text_of(content)
    except ContentError:
        return False
    return True
