"""The lines of a form's grid from top to bottom: the sections' headings and their indicators."""

from typing import NamedTuple

from sync.domain.catalogue import NUMBERS, Catalogue, Form, Indicator, ValueType

_FIGURES = (*NUMBERS, ValueType.RATE)


class Line(NamedTuple):
    """A section's heading (`indicator` is None) or an indicator under the form's `label`.

    Its cells are `typed`, or computed of others; `numeric` ones hold figures. Where the rows are units, `unit` is the
    line's own, and its name stands in place of the title; one of them may be for the `total` of them.
    """

    title: str
    label: str = ""
    indicator: Indicator | None = None
    typed: bool = False
    numeric: bool = False
    unit: str = ""
    total: bool = False


def lines_of(catalogue: Catalogue, form: Form, language: str) -> tuple[Line, ...]:
    """The form's lines with their names in `language`, "vi" or "en"."""
    lines: list[Line] = []
    # By the tuple's own maker: a named tuple's takes three times as long, and a form may be very long.
    indicators, make = catalogue.indicators, tuple.__new__
    for section in form.sections:
        lines.append(Line(section.name.text(language)))
        for row in section.rows:
            indicator = indicators[row.indicator]
            typed, numeric = not indicator.is_computed, indicator.type in _FIGURES
            shown = (indicator.name.text(language), row.label, indicator, typed, numeric, "", False)
            lines.append(make(Line, shown))
    return tuple(lines)
