"""What the store shows of a grid's cells, in its periods and the ones before, read as far as it is looked at."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from sync.analysis.formulas import Formulas
from sync.domain.catalogue import Indicator
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Period
from sync.domain.values import CLEARED, EMPTY, Value
from sync.store import Shown, Store

_FEW: Final = 32
"""Cells that are read one by one; more of them are read a tile at a time."""
_ITEMS, _COLUMNS = 24, 16
"""A tile: that many indicators of that many units and periods, what a window shows and not much more."""
_HELD: Final = 200
"""Tiles that are kept, more than any form of the catalogue has: a very large sheet is read again where it is shown."""
_NOTHING_KNOWN: Final[Mapping[Key, Shown]] = MappingProxyType({})


class Unsaved(NamedTuple):
    """What was typed and could not be stored: it is on the screen only, with the reason."""

    content: str
    fault: EnvironmentFault


class Contents:
    """Values of `units` (keys) in `periods`, the ones before, and `others` that rules look at.

    `items` are the typed indicators' keys, `indicators` all that are known, by key. Only cells of the items `counted`,
    all unless others are named, and of these `parts` of a breakdown are counted. `unsaved` is what waits for a place to
    be saved; it stands before what the store shows.
    """

    def __init__(
        self,
        store: Store,
        units: Sequence[str],
        items: Sequence[str],
        periods: Sequence[Period],
        unsaved: dict[Key, Unsaved],
        indicators: Mapping[str, Indicator],
        others: Sequence[Period] = (),
        counted: Collection[str] | None = None,
        parts: Collection[str] = ("",),
    ) -> None:
        self.unsaved = unsaved
        self._store, self._units, self._items = store, units, items
        self._counted, self._parts = frozenset(items if counted is None else counted), frozenset(parts)
        self._own = frozenset(period.code for period in periods)
        shown = [period for one in periods for period in (one, one.previous)]
        self._codes = tuple(dict.fromkeys(period.code for period in (*shown, *others)))
        self._formulas = Formulas(indicators)
        self._wide = max(1, _COLUMNS // len(self._codes))
        self._unit_place = {unit: place // self._wide for place, unit in enumerate(units)}
        self._item_place = {item: place // _ITEMS for place, item in enumerate(items)}
        self._read: dict[tuple[int, int], list[Key]] = {}
        self._shown: dict[Key, Shown] = {}
        self._filled: dict[tuple[int, int], set[Key]] = {}
        self._stale: dict[tuple[int, int], dict[Key, Mapping[Key, Shown]]] = {}
        """The cells of each tile that are others now, with what knows what they show."""

    def touch(self, keys: Iterable[Key], shown: Mapping[Key, Shown] = _NOTHING_KNOWN) -> list[Key]:
        """The store's word for these may have changed: it is read when it is next looked at, unless it is known what is
        `shown` now. Which of them are cells of this grid."""
        # As `_covers` and `_tile_of` have it, without a call for each: there may be very many.
        items, units, codes, read, stale = self._item_place, self._unit_place, self._codes, self._read, self._stale
        own = [key for key in keys if key[2] in items and key[1] in units and key[3] in codes and key[0] == VALUE]
        for key in own:
            tile = items[key[2]], units[key[1]]
            if tile in stale:
                stale[tile][key] = shown
            elif tile in read:
                stale[tile] = {key: shown}
        return own

    def shown(self, key: Key) -> Shown | None:
        """What the store shows of a cell."""
        if not self._stale:
            found = self._shown.get(key)
            if found is not None:
                return found
        if not self._covers(key):
            return self._store.shown(key)  # a step that is undone may be of another form or period
        tile = self._tile_of(key)
        if tile in self._stale:
            self._catch_up(tile)
        if tile not in self._read:
            self._read_tile(tile)
        return self._shown.get(key)

    def content(self, key: Key) -> str:
        """What waits to be saved, else what the store shows."""
        waiting = self.unsaved.get(key) if self.unsaved else None
        if waiting is not None:
            return waiting.content
        found = self.shown(key)
        return found.content if found else CLEARED

    def value(self, key: Key) -> Value:
        """What stands on the screen."""
        content = self.content(key)
        # Nearly all are whole numbers or nothing, which say themselves what they are.
        if content.isdigit():
            return Value(number=Decimal(content))
        return EMPTY if content == CLEARED else Value.of(content)

    def number(self, indicator: Indicator, unit: str, period: Period, part: str = "") -> Decimal | None:
        """A figure of a shown or any other period: typed, or computed of what it is made of."""
        code = period.code
        if part:
            return self._typed_number(indicator.key, unit, code, part)
        return self._formulas.number(indicator.key, lambda item: self._typed_number(item, unit, code))

    def says(self, key: Key, content: str) -> bool:
        """Whether typing `content` would say nothing new. A conflict is decided also by typing what is shown."""
        if not self._covers(key) or (tile := self._tile_of(key)) not in self._read or key in self._stale.get(tile, ()):
            return False  # the store looks for itself before it writes
        found = self._shown.get(key)
        if found is None:
            return content == CLEARED
        return found.content == content and not found.rivals and not found.reason

    def typed(self) -> Iterator[tuple[Key, str]]:
        """The cells of the periods that hold anything, as far as they are kept, with their contents."""
        self._catch_up_all()
        keys = dict.fromkeys((*(key for held in self._read.values() for key in held), *self.unsaved))
        return ((key, self.content(key)) for key in keys if self._is_filled(key))

    def filled(self) -> int:
        """How many cells of the periods hold a value or a reason, of those that were read."""
        self._catch_up_all()
        return sum(map(len, self._filled.values()))

    def _typed_number(self, item: str, unit: str, code: str, part: str = "") -> Decimal | None:
        key = Key(VALUE, unit, item, code, part)
        if code in self._codes:
            return self.value(key).number
        found = self._store.shown(key)
        return Value.of(found.content).number if found else None

    # Reading

    def _tile_of(self, key: Key) -> tuple[int, int]:
        return self._item_place[key.item], self._unit_place[key.unit]

    def _covers(self, key: Key) -> bool:
        """Whether the cell is one of the grid, or of the periods before."""
        kind, unit, item, period, _ = key
        return item in self._item_place and unit in self._unit_place and period in self._codes and kind == VALUE

    def _read_tile(self, tile: tuple[int, int]) -> None:
        items = self._items[tile[0] * _ITEMS : (tile[0] + 1) * _ITEMS]
        units = self._units[tile[1] * self._wide : (tile[1] + 1) * self._wide]
        found = self._store.sheet(units, self._codes, items)
        self._shown |= found
        self._read[tile] = list(found)
        self._count(tile)
        if len(self._read) > _HELD:
            self._forget(next(iter(self._read)))

    def _forget(self, tile: tuple[int, int]) -> None:
        self._stale.pop(tile, None)
        for key in self._read.pop(tile):
            self._shown.pop(key, None)

    def _catch_up_all(self) -> None:
        for tile in list(self._stale):
            self._catch_up(tile)

    def _catch_up(self, tile: tuple[int, int]) -> None:
        """Take over what is shown now in a tile that was read: what of it is not known is read."""
        stale = self._stale.pop(tile)
        unknown = [key for key, known in stale.items() if key not in known]
        if len(unknown) > _FEW:
            self._forget(tile)
            self._read_tile(tile)
            return
        found = {key: self._store.shown(key) for key in unknown}
        for key, known in stale.items():
            self._take(tile, key, found[key] if key in found else known[key])

    def _take(self, tile: tuple[int, int], key: Key, shown: Shown | None) -> None:
        """The store's word for `key`, in a tile that was read, is this."""
        if shown is None:
            self._shown.pop(key, None)
        else:
            if key not in self._shown:
                self._read[tile].append(key)
            self._shown[key] = shown
        (self._filled[tile].add if self._is_filled(key) else self._filled[tile].discard)(key)

    def _count(self, tile: tuple[int, int]) -> None:
        """Count the cells of a tile that hold something."""
        waiting = [key for key in self.unsaved if self._covers(key) and self._tile_of(key) == tile]
        self._filled[tile] = set(filter(self._is_filled, (*self._read[tile], *waiting)))

    def _is_filled(self, key: Key) -> bool:
        if key.period not in self._own or key.item not in self._counted or key.part not in self._parts:
            return False
        if not self._covers(key):
            return False
        waiting, found = self.unsaved.get(key), self._shown.get(key)
        content = waiting.content if waiting else found.content if found else CLEARED
        # Only a content of several parts may be empty but for its note; the others need no reading.
        return content != CLEARED and (not content.startswith("{") or not Value.of(content).is_empty)
