"""What the store shows of a grid's cells, in its period and the one before, read when it is looked at."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final, NamedTuple

from sync.domain.catalogue import Indicator
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Period
from sync.domain.values import CLEARED, Value
from sync.store import Shown, Store

_FEW: Final = 32
"""Cells that are read one by one; more of them are read a unit at a time."""


class Unsaved(NamedTuple):
    """What was typed and could not be stored: it is on the screen only, with the reason."""

    content: str
    fault: EnvironmentFault


class Contents:
    """Values of `units` (keys) in `period` and the one before. `items` are the typed indicators' keys.

    `unsaved` is what waits for a place to be saved; it stands before what the store shows.
    """

    def __init__(
        self, store: Store, units: Collection[str], items: Collection[str], period: Period, unsaved: dict[Key, Unsaved]
    ) -> None:
        self.unsaved = unsaved
        self._store, self._units, self._items = store, frozenset(units), frozenset(items)
        self._codes = (period.code, period.previous.code)
        self._shown: dict[Key, Shown] = {}
        self._filled: set[Key] = set()
        self._stale: set[Key] = set()
        self._read(units, self._codes)

    def touch(self, key: Key) -> bool:
        """The store's word for `key` may have changed: read it when it is next looked at. Whether it is shown here."""
        mine = key.kind == VALUE and key.unit in self._units and key.item in self._items and key.period in self._codes
        if mine:
            self._stale.add(key)
        return mine

    def shown(self, key: Key) -> Shown | None:
        """What the store shows of a cell."""
        self._catch_up()
        return self._shown.get(key)

    def content(self, key: Key) -> str:
        """What waits to be saved, else what the store shows."""
        self._catch_up()
        waiting = self.unsaved.get(key)
        if waiting is not None:
            return waiting.content
        found = self._shown.get(key)
        return found.content if found else CLEARED

    def value(self, key: Key) -> Value:
        """What stands on the screen."""
        return Value.of(self.content(key))

    def before(self, unit: str, item: str) -> Value:
        """What the period before says."""
        return self.value(Key(VALUE, unit, item, self._codes[1]))

    def number(self, indicator: Indicator, unit: str, period: Period) -> Decimal | None:
        """A figure of this or any other period: typed, or computed of its parts."""
        if indicator.numerator:
            parts = (indicator.numerator, indicator.denominator)
            found = {part: self._typed_number(part, unit, period) for part in parts}
            return indicator.computed({part: number for part, number in found.items() if number is not None})
        return self._typed_number(indicator.key, unit, period)

    def says(self, key: Key, content: str) -> bool:
        """Whether typing `content` would say nothing new. A conflict is decided also by typing what is shown."""
        if key in self._stale:
            return False  # the store looks for itself before it writes
        found = self._shown.get(key)
        if found is None:
            return content == CLEARED
        return found.content == content and not found.rivals and not found.reason

    def filled(self) -> int:
        """How many cells of the period hold a value or a reason."""
        self._catch_up()
        return len(self._filled)

    def _typed_number(self, item: str, unit: str, period: Period) -> Decimal | None:
        key = Key(VALUE, unit, item, period.code)
        if key.period in self._codes:
            return self.value(key).number
        found = self._store.shown(key)
        return Value.of(found.content).number if found else None

    def _catch_up(self) -> None:
        if not self._stale:
            return
        stale, self._stale = self._stale, set()
        if len(stale) > _FEW:
            self._read({key.unit for key in stale}, {key.period for key in stale})
            stale &= self.unsaved.keys()
        for key in stale:
            self._take(key, self._store.shown(key))

    def _read(self, units: Collection[str], codes: Collection[str]) -> None:
        for key, shown in self._store.sheet(units, codes, self._items).items():
            self._take(key, shown)
        for key in self.unsaved:
            self._count(key)

    def _take(self, key: Key, shown: Shown | None) -> None:
        if shown is None:
            self._shown.pop(key, None)
        else:
            self._shown[key] = shown
        self._count(key)

    def _count(self, key: Key) -> None:
        """Keep count of a cell of the period that is typed."""
        if key.period != self._codes[0] or key.item not in self._items:
            return
        content = self.content(key)
        # Only a content of several parts may be empty but for its note; the others need no reading.
        if content != CLEARED and (not content.startswith("{") or not Value.of(content).is_empty):
            self._filled.add(key)
        else:
            self._filled.discard(key)
