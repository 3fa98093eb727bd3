"""What a file is compared with or written from: one form and period, its units, and what stands in their cells."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from desktop.entry.layout import Turn
from desktop.entry.model import GridModel
from desktop.widgets import formats, words
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Form, Indicator
from sync.domain.keys import VALUE, Key, commune_of
from sync.domain.periods import Period
from sync.domain.text import fold
from sync.domain.values import MISSING_REASONS
from sync.exchange.differences import line_of, lines_of
from sync.exchange.names import Names
from sync.store import Store


class Subject(NamedTuple):
    """Taken on the GUI thread, read on any. `units` are names by key, `unsaved` what stands on the screen only."""

    catalogue: Catalogue
    form: Form
    period: Period
    units: Mapping[str, str]
    unsaved: Mapping[Key, str]
    open_store: Callable[[], Store]

    @property
    def indicators(self) -> dict[str, Indicator]:
        """The form's indicators by key."""
        return {row.indicator: self.catalogue.indicators[row.indicator] for row in self.form.rows}

    @property
    def lines(self) -> dict[str, Indicator]:
        """The same, and each again for every part that it is divided into, by what a file calls their lines."""
        return {name: found for found in self.indicators.values() for name in lines_of(found)}

    def line_name(self, line: str) -> str:
        """The name of such a line."""
        found = self.lines[line]
        part = lines_of(found)[line]
        member = next((one for one in found.breakdown.members if one.key == part), None) if found.breakdown else None
        name = found.name.text(words.language())
        return f"{name} – {member.name.text(words.language())}" if member else name

    @property
    def computed(self) -> frozenset[str]:
        """The form's indicators that nobody types."""
        return frozenset(key for key, indicator in self.indicators.items() if indicator.is_computed)

    @property
    def title(self) -> str:
        """The form and period by name."""
        return say("exchange.subject", form=self.form.name.text(words.language()), period=self.period_name)

    @property
    def period_name(self) -> str:
        return formats.period(self.period.code)

    def unit_names(self) -> Names:
        """The units by what files call them."""
        return Names({unit: [name] for unit, name in self.units.items()})

    def line_names(self) -> Names:
        """The lines by what files call them: the form's label, the official code, the name in both languages, and of a
        part these with the member of the breakdown."""
        names: dict[str, list[str]] = {}
        own: dict[str, list[str]] = {}
        for row in self.form.rows:
            found = self.catalogue.indicators[row.indicator]
            called = [row.label, found.code, found.name.vi, found.name.en]
            members = {one.key: one.name for one in found.breakdown.members} if found.breakdown else {}
            for line, part in lines_of(found).items():
                names[line] = called
                if part:
                    own[line] = [members[part].vi, members[part].en]
                    names[line] = [f"{name} {member}" for name in called if name for member in own[line]]
        return Names(names, own)

    def contents(self) -> dict[Key, str]:
        """What stands in every cell, read through a connection of its own. Raises EnvironmentFault."""
        store = self.open_store()
        try:
            shown = store.sheet(list(self.units), [self.period.code], list(self.indicators))
        finally:
            store.close()
        return {key: cell.content for key, cell in shown.items()} | {
            key: content for key, content in self.unsaved.items() if self._has(key)
        }

    def _has(self, key: Key) -> bool:
        """Whether a cell is one of these: what waits on the screen may be of another form or period, or a comment."""
        of_form = key.kind == VALUE and key.period == self.period.code and key.unit in self.units
        return of_form and line_of(key.item, key.part) in self.lines


def subject_of(model: GridModel, catalogue: Catalogue, open_store: Callable[[], Store]) -> Subject:
    """What the grid shows, in the last of its periods."""
    layout = model.layout
    units = {unit: model.unit_name(unit) or say("entry.grid.own_unit") for unit in layout.units}
    unsaved = {key: waiting.content for key, waiting in model.contents.unsaved.items()}
    return Subject(catalogue, layout.form, layout.period, units, unsaved, open_store)


def shared_by_all(model: GridModel) -> tuple[str, ...]:
    """What all cells have in common, in words: the unit or the one above, and the period and the indicator if one."""
    layout = model.layout
    unit = layout.units[0]
    if len(layout.units) > 1:
        unit = commune_of(unit) or unit
    lines = [say("entry.print.unit", unit=model.name_of(unit) or say("entry.grid.own_unit"))]
    if len(layout.periods) == 1:
        lines.append(say("entry.print.period", period=formats.period(layout.period.code)))
    if layout.turn is Turn.INDICATOR:
        lines.append(model.indicators[layout.item].name.text(words.language()))
    return tuple(lines)


def missing_words() -> dict[str, str]:
    """The reason for a missing figure by its folded words, short and long, in every language of the program."""
    found: dict[str, str] = {}
    for language in words.LANGUAGES:
        table = words.table(language, "entry")["missing"]
        for reason in MISSING_REASONS:
            found |= {fold(text): reason for text in table[reason].values()}
    return found
