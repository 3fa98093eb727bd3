"""What is wrong with a unit's values: no number, not what the indicator can be, a rule that fails."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desktop.entry.lines import Line
from desktop.entry.reading import convention, fits
from desktop.widgets.marks import Mark
from desktop.widgets.words import language, say
from sync.analysis.rules import Rules
from sync.domain.catalogue import Indicator
from sync.domain.numbers import format_number
from sync.domain.values import Value


class Wrong(NamedTuple):
    """One thing that is wrong: ERROR stops submission, WARNING asks why; neither stops storing.

    `rule` is its key and `title` its name; both are "" for what is wrong with the one cell alone.
    """

    mark: Mark
    sentence: str
    rule: str = ""
    title: str = ""


def wrongs_of(lines: Sequence[Line], rules: Rules | None, values: Mapping[str, Value]) -> dict[str, tuple[Wrong, ...]]:
    """What is wrong with the `values` of one unit, by indicator key, the gravest first."""
    found: defaultdict[str, list[Wrong]] = defaultdict(list)
    for line in lines:
        value = values.get(line.indicator.key) if line.indicator else None
        if value is None or line.indicator is None:
            continue
        if value.raw is not None:
            found[line.indicator.key].append(Wrong(Mark.ERROR, say("entry.raw.text")))
        elif value.text is not None and not fits(value.text, line.indicator):
            choices = " · ".join(line.indicator.choices)
            sentence = say(f"entry.unfit.{line.indicator.type}", choices=choices)
            found[line.indicator.key].append(Wrong(Mark.ERROR, sentence))
        elif value.number is not None:
            code = line.indicator.fault(value.number)
            if code:
                found[line.indicator.key].append(Wrong(Mark.ERROR, _fault_words(line.indicator, code)))
    numbers = {item: value.number for item, value in values.items() if value.number is not None}
    for item, failures in (rules.check(numbers) if rules else {}).items():
        for failure in failures:
            mark = Mark.ERROR if failure.is_hard else Mark.WARNING
            name = failure.rule.name.text(language())
            found[item].append(Wrong(mark, failure.sentence(language()), failure.rule.key, name))
    return {item: tuple(sorted(wrongs, key=_grave)) for item, wrongs in found.items()}


def _grave(wrong: Wrong) -> bool:
    return wrong.mark is not Mark.ERROR


def _fault_words(indicator: Indicator, code: str) -> str:
    if code == "below_minimum":
        assert indicator.minimum is not None
        return say("entry.fault.below_minimum", minimum=format_number(indicator.minimum, convention()))
    if code == "too_many_decimals":
        return say("entry.fault.too_many_decimals", count=indicator.decimals)
    return say("entry.fault.not_whole")
