"""What the villages of a commune come to, worked out as far as it is looked at, and the words for it."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from typing import Final

from desktop.entry.contents import Contents
from desktop.entry.reading import shown_text
from desktop.entry.wrongs import Wrong
from desktop.widgets.marks import Mark
from desktop.widgets.words import say
from sync.analysis.rollup import Gap, Part, Standing, Total, gap_of, rate_of, standing, total_of
from sync.domain.catalogue import Aggregation, Indicator
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Period
from sync.domain.units import UnitKind
from sync.domain.values import Value

_AT_ONCE: Final = 24
"""Units that are read while the window waits: two tiles of the contents. Of more, totals are worked out in between."""

Name = tuple[str, str]
"""An indicator and a period code."""


class Totals:
    """Totals of `units` over their `contents`. Only `items` are reported by these units; others are never summed.

    `moved` are the computed indicators that change with each one, `reporting` the units that report a period, by its
    code. Another one is added up only where something of it stands.
    """

    def __init__(
        self,
        contents: Contents,
        units: Sequence[str],
        items: Set[str],
        indicators: Mapping[str, Indicator],
        moved: Mapping[str, tuple[str, ...]],
        reporting: Callable[[str], Collection[str]],
    ) -> None:
        self.contents, self.units = contents, tuple(units)
        self._items, self._indicators, self._moved = items, indicators, moved
        self._reporting = reporting
        self._found: dict[Name, Total] = {}
        self._begun: dict[Name, list[Part]] = {}

    def of(self, item: str, period: str) -> Total | None:
        """What the units come to; None while it is worked out, which `work_on` does."""
        indicator = self._indicators[item]
        if indicator.aggregation is Aggregation.RATE_OF_SUMS:
            numerator, denominator = self.of(indicator.numerator, period), self.of(indicator.denominator, period)
            return rate_of(indicator, numerator, denominator) if numerator and denominator else None
        name = item, period
        if name not in self._found:
            if item not in self._items or indicator.aggregation is not Aggregation.SUM:
                self._found[name] = Total(summed=False)
            elif len(self.units) <= _AT_ONCE:
                self._found[name] = self._added(name, self._parts(name, self.units))
            else:
                self._begun.setdefault(name, [])
        return self._found.get(name)

    def forget(self, keys: Iterable[Key]) -> None:
        """The figures of these units at `keys` may be others."""
        if self._found or self._begun:
            for item, code in {(key.item, key.period) for key in keys}:
                for moved in (item, *self._moved.get(item, ())):
                    self._found.pop((moved, code), None)
                    self._begun.pop((moved, code), None)

    def forget_all(self) -> None:
        """Which units report what may be otherwise."""
        self._found.clear()
        self._begun.clear()

    @property
    def busy(self) -> bool:
        """Whether any total that was asked for is not worked out yet."""
        return bool(self._begun)

    def work_on(self, most_s: float) -> list[Name]:
        """Work on what was asked for, for about that long, and a step at least. What is known now."""
        until, done = time.monotonic() + most_s, list[Name]()
        while self._begun:
            name, parts = next(iter(self._begun.items()))
            parts += self._parts(name, self.units[len(parts) : len(parts) + _AT_ONCE])
            if len(parts) == len(self.units):
                del self._begun[name]
                self._found[name] = self._added(name, parts)
                done.append(name)
            if time.monotonic() > until:
                break
        return done

    def _added(self, name: Name, parts: Iterable[Part]) -> Total:
        item, period = name
        reporting = self._reporting(period)
        asked = (part for part in parts if part.unit in reporting or part.contested or not part.value.is_empty)
        return total_of(self._indicators[item], asked)

    def _parts(self, name: Name, units: Sequence[str]) -> list[Part]:
        return [self._part(Key(VALUE, unit, *name)) for unit in units]

    def _part(self, key: Key) -> Part:
        indicator = self._indicators[key.item]
        if indicator.is_computed:
            return self._computed(indicator, key)
        shown = self.contents.shown(key)
        contested = shown is not None and bool(shown.rivals) and key not in self.contents.unsaved
        return Part(key.unit, self.contents.value(key), contested)

    def _computed(self, indicator: Indicator, key: Key) -> Part:
        """What a formula gives, or the part of it that is missing."""
        for item in indicator.takes or (indicator.numerator, indicator.denominator):
            part = self._part(key._replace(item=item))
            if part.value.number is None or gap_of(self._indicators[item], part):
                return part
        return Part(key.unit, Value(number=self.contents.number(indicator, key.unit, Period.parse(key.period))))


class TotalWords:
    """Words of totals in a commune of this `kind`: what lies below a ward is called otherwise."""

    def __init__(self, kind: UnitKind) -> None:
        self._kind = kind
        self._below = UnitKind.RESIDENTIAL_GROUP if kind is UnitKind.WARD else UnitKind.VILLAGE

    def heading(self, sums: bool) -> str:
        """What stands above totals: of the whole commune, or beside its own values that it `sums`."""
        return say(f"entry.total.sum.{self._below}" if sums else f"entry.total.whole.{self._kind}")

    def taking(self) -> str:
        """What the button for it says."""
        return say(f"entry.take.all.{self._below}")

    def short(self, total: Total | None, indicator: Indicator) -> str:
        """What a cell shows of a total."""
        if total is None:
            return "…"
        if not total.summed:
            return say("entry.total.not_summed")
        figure = shown_text(total.value, indicator)
        if not total.gaps:
            return figure or "—"
        lacking = self.lacking(total)
        return say("entry.total.without", value=figure, lacking=lacking) if figure else lacking

    def lacking(self, total: Total) -> str:
        """How many units are missing, as "thiếu 4 thôn"."""
        return say(f"entry.total.lacking.{self._below}", count=len(total.gaps))

    def differing(self, value: Value, total: Total, indicator: Indicator) -> Wrong | None:
        """What there is to say of a value that stands for a total, and is another one, or stands for none."""
        how = standing(value, total)
        if how not in (Standing.CHANGED, Standing.OVERRIDDEN):
            return None
        shown = shown_text(value, indicator)
        if total.value.is_empty:
            sentence = say("entry.total.early", value=shown, lacking=self.lacking(total))
        else:
            found = shown_text(total.value, indicator)
            sentence = say(f"entry.total.changed.{self._below}", value=shown, total=found)
        if how is Standing.OVERRIDDEN:
            return Wrong(Mark.EXPLAINED, sentence, say(f"entry.total.differs.{self._below}"), value.note)
        way_out = say("entry.total.wait" if total.value.is_empty else "entry.total.take")
        return Wrong(Mark.WARNING, f"{sentence} {way_out}", say(f"entry.total.differs.{self._below}"))

    @staticmethod
    def gaps(total: Total, names: Mapping[str, str]) -> list[str]:
        """What is missing from whom, a sentence for each reason."""
        told = []
        for gap in Gap:
            units = [names[unit] for unit, why in total.gaps.items() if why is gap]
            if units:
                told.append(say(f"entry.total.gap.{gap}", names=", ".join(units)))
        return told
