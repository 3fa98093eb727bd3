"""Rules judged on the form that ships, and the expressions that are refused."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.analysis.rules import ExpressionError, Rules, names_in, try_out
from sync.domain.catalogue import Catalogue, ValueType
from sync.exchange.catalogue import load

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = load(RESOURCES / "catalogues")
FORM = CATALOGUE.forms["village_quarter"]
RULES = Rules(CATALOGUE, FORM)
GOOD = {
    f"village_ct{number:02}": Decimal(figure)
    for number, figure in enumerate((434, 1607, 8, 17, 39, 44, 341, 5, 351, 965, 1463, 8, 95, 2), 1)
}
WHOLE = st.integers(-(10**6), 10**6).map(Decimal)


def failing(numbers: dict[str, Decimal]) -> set[str]:
    return {failure.rule.key for failures in RULES.check(numbers).values() for failure in failures}


def with_rule(expression: str, **types: ValueType) -> tuple[Catalogue, Rules]:
    """The catalogue with one rule only, whose indicators a and b stand on CT01's and CT02's lines."""
    a, b = (CATALOGUE.indicators[key] for key in ("village_ct01", "village_ct02"))
    rule = CATALOGUE.rules["people_per_household"]._replace(expression=expression, indicators=names_in(expression))
    indicators = dict(CATALOGUE.indicators) | {
        "village_ct01": a._replace(type=types.get("a", a.type)),
        "village_ct02": b._replace(type=types.get("b", b.type)),
    }
    catalogue = CATALOGUE._replace(rules={rule.key: rule}, indicators=indicators)
    return catalogue, Rules(catalogue, FORM)


def test_the_real_figures_of_six_villages_break_no_rule() -> None:
    with (RESOURCES / "samples" / "values_2026Q2.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        assert RULES.check({item: Decimal(row[item]) for item in GOOD}) == {}


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({3: 435}, {"ct03_within_ct01", "ct03_ct04_within_ct01"}),
        ({4: 427}, {"ct03_ct04_within_ct01"}),
        ({4: 426}, set()),
        ({7: 1608}, {"ct07_within_ct02"}),
        ({8: 342}, {"ct08_within_ct07"}),
        ({9: 435}, {"ct09_within_ct01"}),
        ({10: 1608}, {"ct10_within_ct02"}),
        ({11: 1608}, {"ct11_within_ct02"}),
        ({2: 1302, 11: 0, 10: 0}, set()),
        ({2: 1301, 11: 0, 10: 0}, {"people_per_household"}),
        ({2: 1953}, set()),
        ({2: 1954}, {"people_per_household"}),
    ],
)
def test_each_rule_holds_up_to_its_edge(changed: dict[int, int], broken: set[str]) -> None:
    assert failing(GOOD | {f"village_ct{number:02}": Decimal(figure) for number, figure in changed.items()}) == broken


def test_a_failure_marks_every_cell_it_names_and_says_what_is_wrong() -> None:
    found = RULES.check(GOOD | {"village_ct10": Decimal(1608)})
    assert set(found) == {"village_ct02", "village_ct10"}
    (failure,) = found["village_ct10"]
    assert failure.is_hard
    assert "CT10" in failure.sentence("vi")
    assert failure.sentence("vi") != failure.sentence("en")
    (soft,) = RULES.check(GOOD | {"village_ct02": Decimal(5000)})["village_ct02"]
    assert not soft.is_hard


def test_what_is_missing_is_not_zero() -> None:
    assert failing({"village_ct03": Decimal(9)}) == set()
    assert failing({"village_ct03": Decimal(9), "village_ct01": Decimal(5)}) == {"ct03_within_ct01"}
    assert failing({}) == set()


def test_a_number_that_does_not_fit_its_indicator_is_not_judged() -> None:
    assert failing({"village_ct03": Decimal("9.5"), "village_ct01": Decimal(5)}) == set()
    assert failing({"village_ct03": Decimal(10) ** 30, "village_ct01": Decimal(5)}) == set()
    assert failing({"village_ct03": Decimal("9.0"), "village_ct01": Decimal(5)}) == {"ct03_within_ct01"}
    assert failing({"no_such_indicator": Decimal(1)}) == set()


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, WHOLE)))
def test_rules_agree_with_exact_arithmetic(numbers: dict[str, Decimal]) -> None:
    def figures(*lines: int) -> list[Decimal] | None:
        found = [numbers.get(f"village_ct{line:02}") for line in lines]
        return None if None in found else [figure for figure in found if figure is not None]

    expected = set()
    for low, high in ((3, 1), (7, 2), (8, 7), (9, 1), (10, 2), (11, 2)):
        if (pair := figures(low, high)) and pair[0] > pair[1]:
            expected.add(f"ct{low:02}_within_ct{high:02}")
    if (three := figures(3, 4, 1)) and three[0] + three[1] > three[2]:
        expected.add("ct03_ct04_within_ct01")
    if (pair := figures(2, 1)) and not 3 * pair[1] <= pair[0] <= Decimal("4.5") * pair[1]:
        expected.add("people_per_household")
    assert failing(numbers) == expected


def test_whole_numbers_are_exact_where_doubles_are_not() -> None:
    _, rules = with_rule("village_ct01 < village_ct02")
    assert rules.check({"village_ct01": Decimal(2**53), "village_ct02": Decimal(2**53 + 1)}) == {}


def test_decimal_indicators_are_doubles() -> None:
    _, rules = with_rule("village_ct01 + village_ct02 <= 1.0", a=ValueType.DECIMAL, b=ValueType.DECIMAL)
    assert rules.check({"village_ct01": Decimal("0.25"), "village_ct02": Decimal("0.75")}) == {}
    assert rules.check({"village_ct01": Decimal("0.5"), "village_ct02": Decimal(1)}) != {}


def test_a_division_by_zero_and_an_overflow_are_not_judged() -> None:
    _, rules = with_rule("village_ct02 / village_ct01 >= 3")
    assert rules.check({"village_ct01": Decimal(0), "village_ct02": Decimal(5)}) == {}
    assert rules.check({"village_ct01": Decimal(5), "village_ct02": Decimal(5)}) != {}
    _, rules = with_rule("village_ct01 * village_ct02 < 0")
    assert rules.check({"village_ct01": Decimal(2**62), "village_ct02": Decimal(4)}) == {}


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
        try_out(expression, {"a": ValueType.INTEGER, "b": ValueType.INTEGER})


def test_names_are_found() -> None:
    assert names_in("b + 2 * a <= double(c)") == ("a", "b", "c")
    assert names_in("1 < 2") == ()
    try_out("a / b > 3", {"a": ValueType.INTEGER, "b": ValueType.INTEGER})


def test_a_broken_rule_does_not_make_a_form_s_rules() -> None:
    rule = CATALOGUE.rules["people_per_household"]._replace(expression="village_ct01 <")
    with pytest.raises(ExpressionError):
        Rules(CATALOGUE._replace(rules={rule.key: rule}), FORM)
