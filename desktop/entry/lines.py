"""The lines of a form's grid from top to bottom: the sections' headings and their indicators."""

from typing import Final, NamedTuple

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


class FormLines:
    """The lines of a form with their names in one language, and its indicators that are `typed`, by their keys.

    It is one object as long as catalogue and language are the same, so that what is measured of it can be kept.
    """

    def __init__(self, catalogue: Catalogue, form: Form, language: str) -> None:
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
        self.lines = tuple(lines)
        self.typed = {line.indicator.key: line.indicator for line in lines if line.indicator and line.typed}


_kept: dict[tuple[int, int, str], tuple[Catalogue, Form, FormLines]] = {}
_KEPT: Final = 8


def lines_of(catalogue: Catalogue, form: Form, language: str) -> FormLines:
    """The form's lines in `language`, "vi" or "en": kept, since a form is opened for one period after the other."""
    place = id(catalogue), id(form), language
    if place not in _kept:
        if len(_kept) == _KEPT:
            del _kept[next(iter(_kept))]
        # With what they were made of, so that nothing else comes to have its place in memory.
        _kept[place] = catalogue, form, FormLines(catalogue, form, language)
    return _kept[place][2]
