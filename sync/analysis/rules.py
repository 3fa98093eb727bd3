"""Rules between the indicators of a form: expressions of the Common Expression Language over its numbers.

CEL has whole numbers of 64 bits and doubles, and does not mix them. A whole-number indicator is bound as the
former, so that its rules are exact; a decimal one as the latter, so that a rule over it should leave a margin.
"""

import importlib.machinery
import importlib.util
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sync.domain.catalogue import Catalogue, Form, Rule, Severity, ValueType

if TYPE_CHECKING:
    from cel import Program

_WHOLE_LIMIT: Final = 2**63


class ExpressionError(ValueError):
    """An expression that is no CEL, or that gives no true or false."""


class Failure(NamedTuple):
    """One rule that does not hold."""

    rule: Rule

    @property
    def is_hard(self) -> bool:
        return self.rule.severity is Severity.HARD

    def sentence(self, language: str) -> str:
        """What is wrong, in "vi" or "en"."""
        return self.rule.sentence.text(language)


class Rules:
    """The rules of one form, compiled once. Raises ExpressionError for one that is no CEL."""

    def __init__(self, catalogue: Catalogue, form: Form) -> None:
        self._compiled = [(rule, _compile(rule.expression)) for rule in catalogue.rules_of(form.key)]
        self._types = {indicator.key: indicator.type for indicator in catalogue.indicators_of(form.key)}

    def check(self, numbers: Mapping[str, Decimal]) -> dict[str, tuple[Failure, ...]]:
        """The failures of one unit's `numbers` (by indicator key), under each indicator that the rule names.

        A rule is judged once all its indicators have a number that fits their type: null is not 0, and a
        total of what is missing says nothing. One that divides by zero or overflows is not judged either.
        """
        bound = {item: _bound(number, self._types[item]) for item, number in numbers.items() if item in self._types}
        known = {item: number for item, number in bound.items() if number is not None}
        failures: dict[str, tuple[Failure, ...]] = {}
        for rule, program in self._compiled:
            if known.keys() >= set(rule.indicators) and not _holds(program, known):
                for item in rule.indicators:
                    failures[item] = (*failures.get(item, ()), Failure(rule))
        return failures


def names_in(expression: str) -> tuple[str, ...]:
    """The names that `expression` takes values for, sorted. Raises ExpressionError."""
    return tuple(sorted(_compile(expression).variables()))


def try_out(expression: str, types: Mapping[str, ValueType]) -> None:
    """Raise ExpressionError unless `expression` gives true or false for numbers of these indicators.

    Tried with a few, since a wrong type behind "or" shows only when what stands before it is false.
    """
    program = _compile(expression)
    for first, step in ((0, 0), (1, 0), (1, 1), (len(types), -1)):
        samples = [Decimal(first + step * place) for place in range(len(types))]
        bound = {item: _bound(number, type_) for (item, type_), number in zip(types.items(), samples, strict=True)}
        try:
            answer = program.execute(bound)
        except ArithmeticError:
            continue
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise ExpressionError(str(error)) from error
        if not isinstance(answer, bool):
            raise ExpressionError(f"gives {answer!r}")


def _bound(number: Decimal, type_: ValueType) -> int | float | None:
    """The number as CEL takes it; None for one that does not fit, which the indicator itself complains of."""
    if type_ is ValueType.DECIMAL:
        return float(number)
    if abs(number) >= _WHOLE_LIMIT or number != number.to_integral_value():
        return None
    return int(number)


def _holds(program: "Program", numbers: Mapping[str, int | float]) -> bool:
    try:
        return program.execute(dict(numbers)) is not False
    except ArithmeticError:
        return True


def _compile(expression: str) -> "Program":
    try:
        program: Program = _CEL.compile(expression)
    except ValueError as error:
        raise ExpressionError(str(error)) from error
    return program


def _extension() -> Any:
    """The compiled part of the package `cel` alone.

    Importing the package brings its command line too: ten times the time and the memory of a terminal library,
    on the way to the first window.
    """
    package = importlib.util.find_spec("cel")
    places = package.submodule_search_locations if package else None
    found = importlib.machinery.PathFinder.find_spec("cel", places)
    if found is None or found.loader is None:
        raise ModuleNotFoundError("cel", name="cel")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


_CEL: Final = _extension()
