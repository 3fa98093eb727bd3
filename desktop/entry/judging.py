"""What is wrong with a grid's values, judged as far as it is looked at, and counted a little at a time."""

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from desktop.entry.contents import Contents
from desktop.entry.layout import Layout, Turn
from desktop.entry.lines import Line
from desktop.entry.wrongs import Wrong, wrongs_of
from desktop.widgets.marks import Mark
from sync.analysis.rules import Rules
from sync.domain.catalogue import Catalogue
from sync.domain.keys import VALUE, Key


class _Group(NamedTuple):
    """Indicators that rules tie together, directly or through others, named by the first; most stand alone."""

    lead: str
    lines: tuple[Line, ...]
    ruled: bool


class _Tally(NamedTuple):
    errors: int = 0
    warnings: int = 0


class Judge:
    """The form's rules over `contents`: one judgement for each group, unit and period, kept until it is forgotten."""

    def __init__(self, catalogue: Catalogue, layout: Layout, contents: Contents) -> None:
        self._layout, self._contents = layout, contents
        self._rules = Rules(catalogue, layout.form)
        self._lines = {line.indicator.key: line for line in layout.form_lines if line.indicator}
        self._ruled = _groups(catalogue, layout, self._lines)
        self._wrongs: dict[tuple[str, str, str], Mapping[str, tuple[Wrong, ...]]] = {}
        self._tallies: dict[tuple[str, str, str], _Tally] = {}
        self._errors, self._warnings = 0, 0
        self._again: dict[tuple[str, str, str], None] = {}
        self._ahead: Iterator[tuple[str, str, str]] | None = None

    def wrongs(self, key: Key) -> tuple[Wrong, ...]:
        """What is wrong with a cell, the gravest first."""
        return self._of_group(self._name(key)).get(key.item, ())

    def forget(self, key: Key) -> None:
        """The value at `key` may be another one."""
        name = self._name(key)
        self._wrongs.pop(name, None)
        self._again[name] = None

    def count_on(self, most_s: float) -> bool:
        """Judge what was not judged yet, for about that long. Whether all is counted."""
        until = time.monotonic() + most_s
        while self._again:
            name = next(iter(self._again))
            del self._again[name]
            self._tally(name)
            if time.monotonic() > until:
                return False
        if self._ahead is None:
            self._ahead = self._all()
        for name in self._ahead:
            self._tally(name)
            if time.monotonic() > until:
                return False
        return True

    @property
    def errors(self) -> int:
        return self._errors

    @property
    def warnings(self) -> int:
        return self._warnings

    def _name(self, key: Key) -> tuple[str, str, str]:
        return key.unit, key.period, self._group(key.item).lead

    def _group(self, item: str) -> _Group:
        return self._ruled.get(item) or _Group(item, (self._lines[item],), ruled=False)

    def _all(self) -> Iterator[tuple[str, str, str]]:
        layout = self._layout
        items = [layout.item] if layout.turn is Turn.INDICATOR else self._lines
        leads = dict.fromkeys(self._group(item).lead for item in items)
        # As the contents are read: of a few indicators all units, then of the next.
        return ((unit, period.code, lead) for lead in leads for unit in layout.units for period in layout.periods)

    def _of_group(self, name: tuple[str, str, str]) -> Mapping[str, tuple[Wrong, ...]]:
        found = self._wrongs.get(name)
        if found is None:
            unit, code, lead = name
            group = self._group(lead)
            items = [line.indicator.key for line in group.lines if line.indicator and line.typed]
            values = {item: self._contents.value(Key(VALUE, unit, item, code)) for item in items}
            found = wrongs_of(group.lines, self._rules if group.ruled else None, values)
            if found or group.ruled:  # the others are as soon judged again as they are found
                self._wrongs[name] = found
        return found

    def _tally(self, name: tuple[str, str, str]) -> None:
        """Count a group's wrongs, each rule once, however many cells it marks."""
        found = self._of_group(name)
        one = self._layout.item if self._layout.turn is Turn.INDICATOR else ""
        told: dict[object, Wrong] = {}
        for item, wrongs in found.items():
            if one in ("", item):
                told |= {wrong.rule or (item, wrong.sentence): wrong for wrong in wrongs}
        errors = sum(wrong.mark is Mark.ERROR for wrong in told.values())
        before, now = self._tallies.get(name, _Tally()), _Tally(errors, len(told) - errors)
        if now != before:
            self._tallies[name] = now
        self._errors += now.errors - before.errors
        self._warnings += now.warnings - before.warnings


def _groups(catalogue: Catalogue, layout: Layout, lines: Mapping[str, Line]) -> dict[str, _Group]:
    """The group of each indicator that a rule names, by its key."""
    members: dict[str, set[str]] = {}
    for rule in catalogue.rules_of(layout.form.key):
        together = set[str]().union(*(members.get(item, {item}) for item in rule.indicators))
        members |= dict.fromkeys(together, together)
    groups: dict[str, _Group] = {}
    for items in {frozenset(together) for together in members.values()}:
        found = {item: line for item, line in lines.items() if item in items}
        groups |= dict.fromkeys(found, _Group(next(iter(found)), tuple(found.values()), ruled=True))
    return groups
