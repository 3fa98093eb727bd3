"""Figures of a grid that are unlike their unit's earlier ones or its peers', looked at once the person rests."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Final

from desktop.entry.contents import Contents
from desktop.entry.layout import Layout
from desktop.entry.reading import figure
from desktop.entry.wrongs import Wrong
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.words import convention, language, say
from sync.analysis.outliers import (
    Against,
    Outlier,
    Share,
    before,
    counted,
    is_compared,
    unlike_history,
    unlike_peers,
)
from sync.domain.catalogue import NUMBERS, Catalogue, Indicator, ValueType
from sync.domain.keys import VALUE, Key
from sync.domain.numbers import format_number
from sync.domain.values import Value
from sync.store import Store

_AT_ONCE: Final = 200
"""Cells that are read at a time: far less than a person notices."""


class Unusual:
    """Judges the cells that it is told to look at, and keeps what it found until a figure that bears on it changes."""

    def __init__(self, store: Store, catalogue: Catalogue, layout: Layout, contents: Contents) -> None:
        self._store, self._contents, self._peers = store, contents, layout.peers
        self._typed, self._all = layout.typed, catalogue.indicators
        self._periods = {period.code: period for period in layout.periods}
        self._judged: defaultdict[str, set[Key]] = defaultdict(set)
        self._found: dict[Key, tuple[Outlier, ...]] = {}

    # Worked out when it is first looked at: a form may be very long.

    @cached_property
    def _indicators(self) -> dict[str, Indicator]:
        """The typed indicators whose figures are compared with earlier ones."""
        return {key: one for key, one in self._typed.items() if one.type in NUMBERS}

    @cached_property
    def _per(self) -> dict[str, Indicator]:
        """By what those are measured that are compared with their peers'."""
        return {item: self._all[one.per] for item, one in self._indicators.items() if is_compared(one)}

    @cached_property
    def _moved(self) -> dict[str, list[str]]:
        """The indicators that are measured by each."""
        moved: defaultdict[str, list[str]] = defaultdict(list)
        for item, per in self._per.items():
            moved[per.key].append(item)
        return moved

    def wrongs(self, key: Key) -> tuple[Wrong, ...]:
        """What was found unusual about a cell, in words; nothing while it was not looked at."""
        found = self._found.get(key)
        if not found:
            return ()
        value, indicator = self._contents.value(key), self._indicators[key.item]
        if value.number is None:
            return ()
        return tuple(_told(one, value, value.number, indicator, self._per.get(key.item)) for one in found)

    def count(self) -> int:
        """How many cells were found unusual, and nobody said why."""
        return sum(bool(found) and not self._contents.value(key).note for key, found in self._found.items())

    def forget(self, keys: Collection[Key]) -> None:
        """The figures at `keys` may be others: look again at their indicators' cells, and at those measured by them."""
        if not self._judged:
            return
        for key in keys if self._found else ():
            self._found.pop(key, None)
        for item in {key.item for key in keys}:
            for moved in (item, *self._moved.get(item, ())):
                self._judged.pop(moved, None)

    def look(self, keys: Iterable[Key], most_s: float) -> tuple[set[Key], bool]:
        """Judge those of `keys` that were not, for about that long: which are marked otherwise now, and whether all
        are judged."""
        until, changed = time.monotonic() + most_s, set[Key]()
        mine = (key for key in keys if key.item in self._indicators and not key.part)
        waiting = [key for key in mine if key not in self._judged[key.item]]
        by_item = {item: list(found) for item, found in groupby(sorted(waiting, key=_item), _item)}
        items, wide = list(by_item), 1
        if waiting:
            units, periods = {key.unit for key in waiting}, {key.period for key in waiting}
            cells = len(units) * len(self._codes(periods)) + 2 * len(self._peers) * len(periods)
            wide = max(1, _AT_ONCE // cells)
        for start in range(0, len(items), wide):
            if start and time.monotonic() > until:
                return changed, False
            changed |= self._judge([key for item in items[start : start + wide] for key in by_item[item]])
        return changed, True

    # Judging

    def _judge(self, keys: Sequence[Key]) -> set[Key]:
        """Judge these cells together; which of them are marked otherwise than before."""
        numbers = self._read(keys)
        changed: set[Key] = set()
        for key in keys:
            found = self._outliers(key, numbers)
            self._judged[key.item].add(key)
            if found != self._found.get(key, ()):
                changed.add(key)
                self._found[key] = found
        return changed

    def _outliers(self, key: Key, numbers: dict[Key, Decimal]) -> tuple[Outlier, ...]:
        indicator, past = self._indicators[key.item], before(self._periods[key.period])
        number = counted(self._contents.value(key), indicator)
        if number is None:
            return ()
        is_count = indicator.type is ValueType.INTEGER
        earlier, seasons = (
            [numbers[then] for code in codes if (then := key._replace(period=code)) in numbers] for codes in past
        )
        found = [unlike_history(number, earlier, seasons, is_count)]
        per = self._per.get(key.item)
        if per is not None:
            own = numbers.get(key._replace(item=per.key))
            shares = [
                Share(numbers[peer], numbers[size])
                for unit in self._peers
                if unit != key.unit
                and (peer := key._replace(unit=unit)) in numbers
                and (size := peer._replace(item=per.key)) in numbers
            ]
            found.append(unlike_peers(Share(number, own), shares, is_count) if own is not None else None)
        return tuple(one for one in found if one is not None)

    # Reading

    def _read(self, keys: Sequence[Key]) -> dict[Key, Decimal]:
        """The figures of the units' own earlier periods, and of their peers in the same one."""
        units, periods = {key.unit for key in keys}, {key.period for key in keys}
        items = {key.item for key in keys}
        shown = self._store.sheet(units, self._codes(periods), items)
        compared = items & self._per.keys()
        if compared:
            sizes = {self._per[item].key for item in compared}
            shown |= self._store.sheet(self._peers, periods, compared | sizes)
        contents = {key: cell.content for key, cell in shown.items()}
        for key, waiting in self._contents.unsaved.items():
            if key.kind == VALUE:
                contents[key] = waiting.content
        indicators = self._indicators | {per.key: per for per in self._per.values()}
        numbers: dict[Key, Decimal] = {}
        for key, content in contents.items():
            if key.item in indicators:
                number = counted(Value.of(content), indicators[key.item])
                if number is not None:
                    numbers[key] = number
        return numbers

    def _codes(self, periods: Iterable[str]) -> set[str]:
        return {code for period in periods for codes in before(self._periods[period]) for code in codes}


def _item(key: Key) -> str:
    return key.item


# Words


def _told(found: Outlier, value: Value, number: Decimal, indicator: Indicator, per: Indicator | None) -> Wrong:
    """An outlier in words: a question, which whoever said why has answered."""
    mark = Mark.HIGH if found.is_high else Mark.LOW
    title = mark_word(mark)
    if found.against is Against.HISTORY:
        median = format_number(_short(found.median, indicator.decimals + 1), convention())
        rest = say("entry.unusual.history", count=found.among, median=median)
    else:
        assert per is not None
        median = format_number(found.median, convention(), indicator.decimals)
        rest = say("entry.unusual.peers", count=found.among, median=median, per=per.name.text(language()))
    sentence = _compared(number, found.median, rest, indicator)
    return Wrong(Mark.EXPLAINED if value.note else mark, sentence, title, value.note)


def _compared(number: Decimal, median: Decimal, rest: str, indicator: Indicator) -> str:
    """How many times the median a number is, or that it is simply not like it."""
    if number <= 0 or median <= 0:
        return say("entry.unusual.apart", figure=figure(number, indicator), rest=rest)
    times = number / median
    if times >= _TWICE:
        told = format_number(_short(times, 0 if times >= _TENFOLD else 1), convention())
        return say("entry.unusual.times", times=told, rest=rest)
    if times <= 1 / _THRICE:
        return say("entry.unusual.part", parts=format_number(1 / times, convention(), 0), rest=rest)
    percent = format_number(abs(times - 1) * 100, convention(), 0)
    return say("entry.unusual.above" if times > 1 else "entry.unusual.below", percent=percent, rest=rest)


_TWICE, _THRICE, _TENFOLD = Decimal(2), Decimal(3), Decimal(10)


def _short(number: Decimal, decimals: int) -> Decimal:
    """The number rounded, without zeros behind it."""
    rounded = round(number, decimals)
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded.normalize()
