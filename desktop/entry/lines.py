"""The lines of a form's grid from top to bottom: the sections' headings and their indicators."""

from typing import NamedTuple

from sync.domain.catalogue import NUMBERS, Catalogue, Form, Indicator, ValueType


class Line(NamedTuple):
    """A section's heading (`indicator` is None) or an indicator under the form's `label`.

    Where the rows are units, `unit` is the line's own and the title is for who shows its name to find.
    """

    title: str
    label: str = ""
    indicator: Indicator | None = None
    unit: str = ""

    @property
    def typed(self) -> bool:
        """Whether its cells are typed; a rate's are computed, a heading has none."""
        return self.indicator is not None and self.indicator.type is not ValueType.RATE

    @property
    def numeric(self) -> bool:
        """Whether its cells hold figures, typed or computed."""
        return self.indicator is not None and self.indicator.type in (*NUMBERS, ValueType.RATE)


def lines_of(catalogue: Catalogue, form: Form, language: str) -> tuple[Line, ...]:
    """The form's lines with their names in `language`, "vi" or "en"."""
    lines: list[Line] = []
    for section in form.sections:
        lines.append(Line(section.name.text(language)))
        for row in section.rows:
            indicator = catalogue.indicators[row.indicator]
            lines.append(Line(indicator.name.text(language), row.label, indicator))
    return tuple(lines)
