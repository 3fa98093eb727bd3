"""Which expressions are taken, and what they give for numbers."""

from decimal import Decimal

import pytest

from sync.analysis.expressions import Expression, ExpressionError, names_in, try_out
from sync.domain.catalogue import ValueType

BOTH = {"a": ValueType.INTEGER, "b": ValueType.INTEGER}


@pytest.mark.parametrize("expression", ["", "a <", "a <= b)", "a ≤ b", "(" * 2000, "a b"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        names_in(expression)


@pytest.mark.parametrize(
    "expression",
    ["a + b", "a.b > 0", "a > 0.5 + a", "size(a) > 0", "a > 0 || a + 1.0 > 0.0", "'a'", "nothing(a)"],
)
def test_what_gives_no_truth_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        try_out(expression, BOTH, bool)


def test_names_are_found() -> None:
    assert names_in("b + 2 * a <= double(c)") == ("a", "b", "c")
    assert names_in("1 < 2") == ()
    try_out("a / b > 3", BOTH, bool)
    assert names_in("last__a < last_year__b") == ("last__a", "last_year__b")


def test_an_expression_gives_what_its_types_give() -> None:
    assert Expression("a / b", BOTH).of({"a": Decimal(7), "b": Decimal(2)}) == 3
    halves = dict.fromkeys("ab", ValueType.DECIMAL)
    assert Expression("a / b", halves).of({"a": Decimal(7), "b": Decimal(2)}) == 3.5
    assert Expression("a / b", BOTH).of({"a": Decimal(7), "b": Decimal(0)}) is None
    assert Expression("a + b", BOTH).of({"a": Decimal("7.5"), "b": Decimal(0)}) is None


@pytest.mark.parametrize(("source", "gives"), [("a + b", bool), ("a < b", int), ("a + b", float), ("double(a)", int)])
def test_an_expression_gives_only_what_it_should(source: str, gives: type) -> None:
    with pytest.raises(ExpressionError):
        try_out(source, BOTH, gives)


def test_a_formula_of_whole_numbers_gives_one() -> None:
    try_out("a + b", BOTH, int)
    try_out("double(a) / double(b)", BOTH, float)
