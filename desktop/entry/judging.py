"""What is wrong with a grid's values, judged as far as it is looked at, and counted a little at a time."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from desktop.entry.contents import Contents
from desktop.entry.layout import Layout, Turn
from desktop.entry.wrongs import Wrong, gravity, own_wrong, rule_wrong, sum_wrong
from desktop.widgets.marks import Mark
from sync.analysis.rules import Rules
from sync.domain.catalogue import Catalogue, Figure, Rule, When
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Period
from sync.domain.values import Value


class _Case(NamedTuple):
    """What is judged by itself: one rule for a unit and period, or one cell (`rule` is "")."""

    unit: str
    period: str
    item: str
    rule: str = ""
    part: str = ""


class Judge:
    """The form's rules over `contents`: each is judged once for a unit and period, until a figure that it names is
    another one. `measured` says what is wrong with a value beside something else than the form, as a total."""

    def __init__(
        self,
        catalogue: Catalogue,
        layout: Layout,
        contents: Contents,
        measured: Callable[[Key, Value], Wrong | None] | None = None,
    ) -> None:
        self._catalogue, self._layout, self._contents, self._measured = catalogue, layout, contents, measured
        self._rules = Rules(catalogue)
        self._by_key = {rule.key: rule for rule in catalogue.rules_of(layout.form.key)}
        self._typed = layout.typed
        self._periods = {period.code: period for period in layout.periods}
        self._found: dict[_Case, Wrong | None] = {}
        self._counted: dict[_Case, Mark] = {}
        self._errors, self._warnings = 0, 0
        self._again: dict[Key, None] = {}
        self._ahead: Iterator[_Case] | None = None

    def wrongs(self, key: Key) -> tuple[Wrong, ...]:
        """What is wrong with a cell, the gravest first."""
        found = self._own(key) if key.item in self._typed else []
        for rule in () if key.part else self._marking.get(key.item, ()):
            wrong = self._failing(_Case(key.unit, key.period, "", rule=rule.key))
            if wrong is not None:
                found.append(wrong)
        return tuple(sorted(found, key=gravity)) if len(found) > 1 else tuple(found)

    def forget(self, keys: Collection[Key]) -> None:
        """The values at `keys` may be others: judge again what looks at them, and nothing else."""
        again = dict.fromkeys(keys)
        self._again = self._again | again if self._again else again
        if len(keys) > len(self._found):
            self._found.clear()
            return
        for key in keys:
            for case in self._looking_at(key):
                self._found.pop(case, None)

    def count_on(self, most_s: float) -> bool:
        """Judge what was not judged yet, for about that long. Whether all is counted."""
        until = time.monotonic() + most_s
        while self._again:
            key, _ = self._again.popitem()  # the last: to look for the first would pass all that are gone
            if key.period in self._periods and key.item in self._typed:
                for part in {"", key.part}:
                    self._count(_Case(key.unit, key.period, key.item, part=part))
            for case in self._looking_at(key):
                self._count(case)
            if time.monotonic() > until:
                return False
        if self._ahead is None:
            self._ahead = self._all()
        for case in self._ahead:
            self._count(case)
            if time.monotonic() > until:
                return False
        return True

    @property
    def errors(self) -> int:
        return self._errors

    @property
    def warnings(self) -> int:
        """How many rules ask for an explanation."""
        return self._warnings

    # Which rules look at what

    @cached_property
    def _marking(self) -> dict[str, tuple[Rule, ...]]:
        """The rules that mark an indicator's cells when they fail."""
        found: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in self._by_key.values():
            for item in rule.marks:
                found[item].append(rule)
        return {item: tuple(rules) for item, rules in found.items()}

    @cached_property
    def _looking(self) -> dict[str, list[tuple[Rule, When]]]:
        """The rules to judge again when an indicator's figure changes, and whose figure it is to them."""
        named: defaultdict[str, dict[tuple[str, When], None]] = defaultdict(dict)
        for rule in self._by_key.values():
            for figure in rule.figures:
                named[figure.indicator][rule.key, figure.when] = None
        for item, computed in self._catalogue.moved_by(self._layout.form.key).items():
            for other in computed:
                named[item] |= named.get(other, {})
        return {item: [(self._by_key[rule], when) for rule, when in found] for item, found in named.items()}

    @cached_property
    def _judged_in(self) -> dict[tuple[When, str], str]:
        """The shown period in which a figure of some period is the own, the last or last year's one."""
        return {(when, when.of(period).code): code for code, period in self._periods.items() for when in When}

    def _looking_at(self, key: Key) -> Iterator[_Case]:
        """The rules that look at the value at `key`, for the units and periods whose figure it is to them."""
        for rule, when in () if key.part else self._looking.get(key.item, ()):
            period = self._judged_in.get((when, key.period))
            if period is not None:
                yield _Case(key.unit, period, "", rule.key)

    # Judging

    def _wrong(self, case: _Case) -> Wrong | None:
        """The gravest of what is wrong with a cell alone, or a rule that fails."""
        if case.rule:
            return self._failing(case)
        return next(iter(self._own(Key(VALUE, case.unit, case.item, case.period, case.part))), None)

    def _own(self, key: Key) -> list[Wrong]:
        """What is wrong with a cell alone, and with a whole that its members do not make up; the gravest first."""
        indicator, value = self._catalogue.indicators[key.item], self._contents.value(key)
        own, divided = own_wrong(value, indicator), indicator.breakdown
        if own is None and self._measured is not None and not key.part:
            own = self._measured(key, value)
        found = [own] if own is not None else []
        if divided is not None and not key.part:
            typed = {
                member.key: self._contents.value(key._replace(part=member.key)).number for member in divided.members
            }
            numbers = {part: number for part, number in typed.items() if number is not None}
            missed = divided.misses(value.number, numbers)
            if missed is not None:
                found.append(sum_wrong(indicator, divided, missed, value.note))
        return sorted(found, key=gravity)

    def _failing(self, case: _Case) -> Wrong | None:
        """A rule that fails, judged once until it is forgotten; a cell alone is as soon judged again."""
        if case not in self._found:
            self._found[case] = self._judged(case)
        return self._found[case]

    def _judged(self, case: _Case) -> Wrong | None:
        rule, period = self._by_key[case.rule], self._periods[case.period]

        def number(figure: Figure) -> Decimal | None:
            indicator = self._catalogue.indicators[figure.indicator]
            return self._contents.number(indicator, case.unit, figure.when.of(period))

        return rule_wrong(rule, self._why(rule, case)) if self._rules.fails(rule, number) else None

    def _why(self, rule: Rule, case: _Case) -> str:
        """What somebody said of it, at any of the cells that the rule marks; "" for nothing."""
        keys = (Key(VALUE, case.unit, item, case.period) for item in rule.marks if item in self._typed)
        return next((note for key in keys if (note := self._contents.value(key).note)), "")

    # Counting

    def _all(self) -> Iterator[_Case]:
        """Every cell, and every rule beside the first cell that it marks: as the contents are read, of a few indicators
        all units, then of the next."""
        one = self._layout.item if self._layout.turn is Turn.INDICATOR else ""
        lines = self._layout.lines if self._layout.turn is Turn.BREAKDOWN else self._layout.form_lines
        items = [one] if one else [line.indicator.key for line in lines if line.indicator]
        met: set[str] = set()
        for item in items:
            rules = [rule.key for rule in self._marking.get(item, ()) if rule.key not in met]
            met.update(rules)
            cases = [(item, "")] if item in self._typed else []
            for name, rule in chain(cases, (("", rule) for rule in rules)):
                for unit in self._layout.units:
                    for code in self._periods:
                        yield _Case(unit, code, name, rule)
                        # Where no member is shown, none of them is counted.
                        indicator = self._catalogue.indicators.get(name)
                        for part in self._layout.parts if indicator and indicator.breakdown else ():
                            if indicator and indicator.has_part(part):
                                yield _Case(unit, code, name, part=part)

    def _count(self, case: _Case) -> None:
        """Count what is wrong, each rule once, however many cells it marks."""
        wrong, before = self._wrong(case), self._counted.get(case)
        mark = wrong.mark if wrong else None
        if mark is before:
            return
        self._errors += (mark is Mark.ERROR) - (before is Mark.ERROR)
        self._warnings += (mark is Mark.WARNING) - (before is Mark.WARNING)
        if mark is None:
            del self._counted[case]
        else:
            self._counted[case] = mark


def looked_at(catalogue: Catalogue, layout: Layout) -> list[Period]:
    """The periods before the last one in which the form's rules look at figures."""
    rules = catalogue.rules_of(layout.form.key)
    if not any(figure.when is When.LAST_YEAR for rule in rules for figure in rule.figures):
        return []
    return [period.same_period_last_year for period in layout.periods]
