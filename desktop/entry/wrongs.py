"""What is wrong with a cell: no number, not what the indicator can be, a rule that fails."""

from decimal import Decimal
from typing import NamedTuple

from desktop.entry.reading import figure
from desktop.widgets.marks import Mark
from desktop.widgets.words import convention, language, say
from sync.domain.catalogue import Breakdown, Indicator, Rule, Severity
from sync.domain.numbers import format_number
from sync.domain.spelling import fits
from sync.domain.values import Value


class Wrong(NamedTuple):
    """One thing that is wrong: ERROR stops submission, WARNING asks why; neither stops storing.

    HIGH and LOW only ask. EXPLAINED was one of these until somebody said `why`. `title` is a rule's name, "" for what
    the cell alone is.
    """

    mark: Mark
    sentence: str
    title: str = ""
    why: str = ""


def own_wrong(value: Value, indicator: Indicator) -> Wrong | None:
    """What is wrong with a value by itself."""
    if value.raw is not None:
        return Wrong(Mark.ERROR, say("entry.raw.text"))
    if value.text is not None and not fits(value.text, indicator):
        choices = " · ".join(indicator.choices)
        return Wrong(Mark.ERROR, say(f"entry.unfit.{indicator.type}", choices=choices))
    code = indicator.fault(value.number) if value.number is not None else ""
    return Wrong(Mark.ERROR, _fault_words(indicator, code)) if code else None


def sum_wrong(indicator: Indicator, divided: Breakdown, missed: Decimal, why: str) -> Wrong:
    """A whole whose members come to `missed`, and `why` where somebody said so."""
    sentence = say("entry.breakdown.missed", sum=figure(missed, indicator))
    name = divided.name.text(language())
    title = say("entry.breakdown.sum", of=name[:1].lower() + name[1:])
    if divided.sums is Severity.HARD:
        return Wrong(Mark.ERROR, sentence, title)
    return Wrong(Mark.EXPLAINED if why else Mark.WARNING, sentence, title, why)


def rule_wrong(rule: Rule, why: str) -> Wrong:
    """A rule that fails, and `why` where somebody said so; of a hard one nobody is asked."""
    sentence, title = rule.sentence.text(language()), rule.name.text(language())
    if rule.severity is Severity.HARD:
        return Wrong(Mark.ERROR, sentence, title)
    return Wrong(Mark.EXPLAINED if why else Mark.WARNING, sentence, title, why)


def gravity(wrong: Wrong) -> int:
    """Its place among what is wrong with a cell, the gravest first."""
    return _GRAVEST_FIRST.index(wrong.mark)


_GRAVEST_FIRST = (Mark.ERROR, Mark.WARNING, Mark.HIGH, Mark.LOW, Mark.EXPLAINED)


def _fault_words(indicator: Indicator, code: str) -> str:
    if code == "below_minimum":
        assert indicator.minimum is not None
        return say("entry.fault.below_minimum", minimum=format_number(indicator.minimum, convention()))
    if code == "too_many_decimals":
        return say("entry.fault.too_many_decimals", count=indicator.decimals)
    return say("entry.fault.not_whole")
