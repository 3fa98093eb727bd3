"""Expressions of the Common Expression Language over numbers: compiled, tried out, and given Decimals.

CEL has whole numbers of 64 bits and doubles, and does not mix them. A whole-number indicator is bound as the
former, so that its rules are exact; a decimal one as the latter, so that a rule over it should leave a margin.
"""

import importlib.machinery
import importlib.util
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sync.domain.catalogue import ValueType

if TYPE_CHECKING:
    from cel import Program

_WHOLE_LIMIT: Final = 2**63


class ExpressionError(ValueError):
    """An expression that is no CEL, or that gives what it should not."""


class Expression:
    """A compiled expression over numbers whose types are known by name. Raises ExpressionError for what is no CEL."""

    def __init__(self, source: str, types: Mapping[str, ValueType]) -> None:
        self._program = _compile(source)
        self._types = types

    def of(self, numbers: Mapping[str, Decimal]) -> Any:
        """What it gives for a number under every name; None where one does not fit its type, or for 1 ÷ 0."""
        bound = {name: _bound(number, self._types[name]) for name, number in numbers.items()}
        if None in bound.values():
            return None
        try:
            return self._program.execute(bound)
        except ArithmeticError:
            return None


def names_in(source: str) -> tuple[str, ...]:
    """The names that an expression takes values for, sorted. Raises ExpressionError."""
    return tuple(sorted(_compile(source).variables()))


def try_out(source: str, types: Mapping[str, ValueType], gives: type) -> None:
    """Raise ExpressionError unless an expression gives what it should for numbers of these types: bool, int or float.

    Tried with a few, since a wrong type behind "or" shows only when what stands before it is false.
    """
    expression = Expression(source, types)
    for first, step in ((0, 0), (1, 0), (1, 1), (len(types), -1)):
        samples = [Decimal(first + step * place) for place in range(len(types))]
        try:
            answer = expression.of(dict(zip(types, samples, strict=True)))
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise ExpressionError(str(error)) from error
        if answer is not None and type(answer) is not gives:
            raise ExpressionError(f"gives {answer!r}")


def _bound(number: Decimal, type_: ValueType) -> int | float | None:
    """The number as CEL takes it; None for one that does not fit, which the indicator itself complains of."""
    if type_ is ValueType.DECIMAL:
        return float(number)
    if abs(number) >= _WHOLE_LIMIT or number != number.to_integral_value():
        return None
    return int(number)


@cache
def _compile(source: str) -> "Program":
    try:
        program: Program = _CEL.compile(source)
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
