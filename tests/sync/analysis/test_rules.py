"""Rules judged on the form that ships, and the expressions that are refused."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.analysis.expressions import ExpressionError, names_in
from sync.analysis.rules import Rules
from sync.domain.catalogue import Catalogue, Figure, Rule, Severity, ValueType, When
from sync.exchange.catalogue import load

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = load(RESOURCES / "catalogues")
FORM = CATALOGUE.forms["village_quarter"]
RULES = Rules(CATALOGUE)
GOOD = {
    f"village_ct{number:02}": Decimal(figure)
    for number, figure in enumerate((434, 1607, 8, 17, 39, 44, 341, 5, 351, 965, 1463, 8, 95, 2), 1)
}
WHOLE = st.integers(-(10**6), 10**6).map(Decimal)


def failing(
    numbers: dict[str, Decimal], last: dict[str, Decimal] | None = None, last_year: dict[str, Decimal] | None = None
) -> set[str]:
    """The keys of the form's rules that fail for a unit's figures of a period, the last one and last year's."""
    figures = {When.NOW: numbers, When.LAST: last or {}, When.LAST_YEAR: last_year or {}}
    rules = CATALOGUE.rules_of(FORM.key)
    return {rule.key for rule in rules if RULES.fails(rule, lambda one: figures[one.when].get(one.indicator))}


def holds(expression: str, *figures: object, **types: ValueType) -> bool:
    """Whether a rule holds for figures of CT01 and CT02, whose indicators are of type `a` and `b`."""
    rule, rules = with_rule(expression, **types)
    numbers = {f"village_ct{place:02}": Decimal(str(figure)) for place, figure in enumerate(figures, 1)}
    return not rules.fails(rule, lambda one: numbers.get(one.indicator))


def with_rule(expression: str, **types: ValueType) -> tuple[Rule, Rules]:
    """A rule of another expression, and rules over indicators of type a and b on CT01's and CT02's lines."""
    a, b = (CATALOGUE.indicators[key] for key in ("village_ct01", "village_ct02"))
    rule = CATALOGUE.rules["people_per_household"]._replace(expression=expression, takes=names_in(expression))
    indicators = dict(CATALOGUE.indicators) | {
        "village_ct01": a._replace(type=types.get("a", a.type)),
        "village_ct02": b._replace(type=types.get("b", b.type)),
    }
    catalogue: Catalogue = CATALOGUE._replace(indicators=indicators)
    return rule, Rules(catalogue)


def test_the_real_figures_of_six_villages_break_no_rule() -> None:
    with (RESOURCES / "samples" / "values_2026Q2.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        figures = {item: Decimal(row[item]) for item in GOOD}
        assert failing(figures) == failing(figures, last=figures, last_year=figures) == set()


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


def test_a_rule_marks_the_cells_of_its_own_period_and_says_what_is_wrong() -> None:
    hard, soft = CATALOGUE.rules["ct10_within_ct02"], CATALOGUE.rules["ct01_against_last"]
    assert set(hard.marks) == {"village_ct02", "village_ct10"}
    assert (hard.severity, soft.severity) == (Severity.HARD, Severity.SOFT)
    assert soft.marks == ("village_ct01",)
    assert set(soft.figures) == {Figure("village_ct01", When.NOW), Figure("village_ct01", When.LAST)}
    assert "CT10" in hard.sentence.vi
    assert hard.sentence.vi != hard.sentence.en


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("village_ct01", Figure("village_ct01", When.NOW)),
        ("last__village_ct01", Figure("village_ct01", When.LAST)),
        ("last_year__village_ct01", Figure("village_ct01", When.LAST_YEAR)),
        ("last_year", Figure("last_year", When.NOW)),
        ("last_year_people", Figure("last_year_people", When.NOW)),
        ("next__village_ct01", Figure("next__village_ct01", When.NOW)),
        ("now__village_ct01", Figure("now__village_ct01", When.NOW)),
    ],
)
def test_a_name_says_of_which_period_its_figure_is(name: str, figure: Figure) -> None:
    assert Figure.of(name) == figure


@pytest.mark.parametrize(
    ("now", "last", "broken"),
    [
        (477, 434, set()),
        (478, 434, {"ct01_against_last"}),
        (391, 434, set()),
        (390, 434, {"ct01_against_last"}),
        (434, None, set()),
        (1, 0, {"ct01_against_last"}),
        (0, 0, set()),
    ],
)
def test_a_large_change_against_the_last_period_asks_why(now: int, last: int | None, broken: set[str]) -> None:
    before = {} if last is None else {"village_ct01": Decimal(last)}
    assert failing({"village_ct01": Decimal(now)}, last=before) == broken


def test_a_rule_looks_at_the_same_period_of_last_year() -> None:
    rule, rules = with_rule("village_ct01 <= last__village_ct01 + last_year__village_ct01")
    figures = {
        Figure("village_ct01", When.NOW): Decimal(5),
        Figure("village_ct01", When.LAST): Decimal(2),
        Figure("village_ct01", When.LAST_YEAR): Decimal(3),
    }
    assert not rules.fails(rule, figures.get)
    assert rules.fails(rule, (figures | {Figure("village_ct01", When.LAST_YEAR): Decimal(2)}).get)
    del figures[Figure("village_ct01", When.LAST_YEAR)]
    assert not rules.fails(rule, (figures | {Figure("village_ct01", When.NOW): Decimal(99)}).get)


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
    assert holds("village_ct01 < village_ct02", 2**53, 2**53 + 1)
    assert not holds("village_ct01 < village_ct02", 2**53 + 1, 2**53)


def test_decimal_indicators_are_doubles() -> None:
    both = {"a": ValueType.DECIMAL, "b": ValueType.DECIMAL}
    assert holds("village_ct01 + village_ct02 <= 1.0", "0.25", "0.75", **both)
    assert not holds("village_ct01 + village_ct02 <= 1.0", "0.5", "1", **both)


def test_a_division_by_zero_and_an_overflow_are_not_judged() -> None:
    assert holds("village_ct02 / village_ct01 >= 3", 0, 5)
    assert not holds("village_ct02 / village_ct01 >= 3", 5, 5)
    assert holds("village_ct01 * village_ct02 < 0", 2**62, 4)


def test_many_rules_are_compiled_only_when_they_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr("sync.analysis.rules.Expression", lambda source, types: compiled.append(source))
    Rules(CATALOGUE)
    assert compiled == []


def test_a_rule_that_is_no_expression_is_a_mistake_of_ours() -> None:
    rule = CATALOGUE.rules["people_per_household"]._replace(expression="village_ct01 <")
    with pytest.raises(ExpressionError):
        Rules(CATALOGUE).fails(rule, lambda _: Decimal(1))
