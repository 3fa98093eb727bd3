"""What stands against a unit's form of one period: what is missing, what is wrong, and what nobody explained."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from sync.analysis.formulas import Formulas
from sync.analysis.rules import Rules
from sync.domain.catalogue import Breakdown, Catalogue, Figure, Form, Indicator, Rule, Severity
from sync.domain.periods import Period, PeriodError
from sync.domain.spelling import fits
from sync.domain.values import EMPTY, Value

ValueOf = Callable[[str, Period], Value]
"""The value of an indicator in a period, EMPTY where there is none."""

PartOf = Callable[[str, str], Value]
"""The value of a member of an indicator's breakdown in the period that is looked at, EMPTY where there is none."""


class Finding(NamedTuple):
    """A rule that fails; a whole that its parts by `divided` do not make up; or, where both are None, a cell that holds
    what its indicator cannot be. `item` is its cell."""

    item: str
    rule: Rule | None
    explained: bool = False
    divided: Breakdown | None = None

    @property
    def is_hard(self) -> bool:
        """Whether it stops submission."""
        gravity = self.rule.severity if self.rule else self.divided.sums if self.divided else Severity.HARD
        return gravity is Severity.HARD


class Findings(NamedTuple):
    """`missing` are the indicators without a value or a reason, in the order of the form, of `cells` in all."""

    cells: int
    missing: tuple[str, ...]
    found: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        return sum(one.is_hard for one in self.found)

    @property
    def unexplained(self) -> int:
        """How many soft rules fail and ask why."""
        return sum(not one.is_hard and not one.explained for one in self.found)

    @property
    def is_clean(self) -> bool:
        """Whether nothing stands against it."""
        return not self.missing and not self.errors and not self.unexplained


class Inspector:
    """Finds what stands against the form of one unit after another."""

    def __init__(self, catalogue: Catalogue, form: Form) -> None:
        self._rules, self._formulas = Rules(catalogue), Formulas(catalogue.indicators)
        self._typed = [one for one in catalogue.indicators_of(form.key) if not one.is_computed]
        self._every = catalogue.rules_of(form.key)

    def findings(self, period: Period, value_of: ValueOf, part_of: PartOf = lambda item, part: EMPTY) -> Findings:
        """What stands against the values that `value_of` and `part_of` give."""
        values = {one.key: value_of(one.key, period) for one in self._typed}
        found = [Finding(one.key, None) for one in self._typed if _is_wrong(values[one.key], one)]
        for one in self._typed:
            if one.breakdown is not None:
                found += _of_parts(one, one.breakdown, values[one.key], part_of)
        for rule in self._every:
            if self._rules.fails(rule, lambda figure: self._number(figure, period, value_of)):
                explained = any(values[item].note for item in rule.marks if item in values)
                found.append(Finding(rule.marks[0] if rule.marks else "", rule, explained))
        missing = tuple(item for item, value in values.items() if value.is_empty)
        return Findings(len(values), missing, tuple(found))

    def _number(self, figure: Figure, period: Period, value_of: ValueOf) -> Decimal | None:
        try:
            then = figure.when.of(period)
        except PeriodError:
            return None
        return self._formulas.number(figure.indicator, lambda item: value_of(item, then).number)


def _of_parts(indicator: Indicator, divided: Breakdown, whole: Value, part_of: PartOf) -> list[Finding]:
    """What stands against the parts of one whole: each by itself, and all of them together."""
    parts = {member.key: part_of(indicator.key, member.key) for member in divided.members}
    found = [Finding(indicator.key, None) for value in parts.values() if _is_wrong(value, indicator)]
    numbers = {part: value.number for part, value in parts.items() if value.number is not None}
    if divided.misses(whole.number, numbers) is not None:
        found.append(Finding(indicator.key, None, bool(whole.note), divided))
    return found


def _is_wrong(value: Value, indicator: Indicator) -> bool:
    if value.raw is not None:
        return True
    if value.number is not None:
        return bool(indicator.fault(value.number))
    return value.text is not None and not fits(value.text, indicator)
