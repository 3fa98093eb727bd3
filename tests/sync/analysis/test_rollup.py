"""Totals of several units: what blocks them, what does not, rates of sums, and how a commune's value stands to them."""

from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.analysis.rollup import Gap, Part, Standing, Total, gap_of, rate_of, standing, total_of
from sync.domain.catalogue import Aggregation, Gaps
from sync.domain.values import DOES_NOT_APPLY, EMPTY, NOT_COLLECTED, Value
from sync.exchange.catalogue import load

CATALOGUE = load(Path(__file__).parents[3] / "resources" / "catalogues")
PEOPLE, HOUSEHOLDS = CATALOGUE.indicators["village_ct02"], CATALOGUE.indicators["village_ct01"]
POOR, POOR_RATE = CATALOGUE.indicators["village_ct03"], CATALOGUE.indicators["village_poor_rate"]
VIOLENCE = CATALOGUE.indicators["village_ct14"]
LENIENT = PEOPLE._replace(gaps=Gaps.SKIP)

NONE_HERE = Value(missing=DOES_NOT_APPLY)
UNCOLLECTED = Value(missing=NOT_COLLECTED)


def n(number: int | str) -> Value:
    return Value(number=Decimal(number))


def parts(*values: Value) -> list[Part]:
    return [Part(f"v{place}", value) for place, value in enumerate(values)]


def test_all_figures_make_a_sum() -> None:
    assert total_of(PEOPLE, parts(n(1607), n(873), n(0))) == Total(n(2480))


@pytest.mark.parametrize(
    ("value", "contested", "gap"),
    [
        (EMPTY, False, Gap.UNTYPED),
        (Value(note="hỏi lại trưởng thôn"), False, Gap.UNTYPED),
        (UNCOLLECTED, False, Gap.NOT_COLLECTED),
        (Value(raw="12a"), False, Gap.UNFIT),
        (Value(text="nhiều"), False, Gap.UNFIT),
        (n(-1), False, Gap.UNFIT),
        (n("4.5"), False, Gap.UNFIT),
        (n(4), True, Gap.CONTESTED),
        (EMPTY, True, Gap.CONTESTED),
        (NONE_HERE, True, Gap.CONTESTED),
    ],
)
def test_one_unit_without_a_figure_blocks_the_total_and_is_named(value: Value, contested: bool, gap: Gap) -> None:
    found = total_of(PEOPLE, [Part("v1", n(1607)), Part("v2", value, contested), Part("v3", n(873))])
    assert found == Total(EMPTY, {"v2": gap})


@pytest.mark.parametrize("value", [n(0), n(12), NONE_HERE])
def test_a_figure_and_what_does_not_apply_are_no_gap(value: Value) -> None:
    assert gap_of(PEOPLE, Part("v1", value)) is None


def test_who_says_that_it_does_not_apply_adds_nothing_and_blocks_nothing() -> None:
    assert total_of(PEOPLE, parts(n(5), NONE_HERE, n(7))) == Total(n(12))


def test_what_applies_to_nobody_is_not_zero() -> None:
    assert total_of(PEOPLE, parts(NONE_HERE, NONE_HERE)) == Total(NONE_HERE)


def test_no_unit_at_all_is_no_sum() -> None:
    assert total_of(PEOPLE, []) == Total()


def test_gaps_are_named_in_the_order_of_the_units() -> None:
    found = total_of(PEOPLE, parts(EMPTY, n(1), UNCOLLECTED, Value(raw="x")))
    assert list(found.gaps.items()) == [("v0", Gap.UNTYPED), ("v2", Gap.NOT_COLLECTED), ("v3", Gap.UNFIT)]


def test_an_indicator_may_let_missing_figures_be_left_out_and_still_names_them() -> None:
    found = total_of(LENIENT, parts(n(5), EMPTY, UNCOLLECTED, n(7)))
    assert found == Total(n(12), {"v1": Gap.UNTYPED, "v2": Gap.NOT_COLLECTED})


@pytest.mark.parametrize("part", [Part("v9", Value(raw="12a")), Part("v9", n(3), contested=True)])
def test_what_cannot_be_read_or_is_contested_blocks_even_then(part: Part) -> None:
    assert total_of(LENIENT, [*parts(n(5), EMPTY), part]).value == EMPTY


def test_nothing_but_gaps_is_no_sum_even_then() -> None:
    assert total_of(LENIENT, parts(EMPTY, UNCOLLECTED)).value == EMPTY
    assert total_of(LENIENT, parts(EMPTY, NONE_HERE)).value == EMPTY


@pytest.mark.parametrize("aggregation", [Aggregation.NONE, Aggregation.LAST, Aggregation.RATE_OF_SUMS])
def test_what_is_not_summed_has_no_total_and_lacks_nobody(aggregation: Aggregation) -> None:
    assert total_of(PEOPLE._replace(aggregation=aggregation), parts(n(2), EMPTY)) == Total(summed=False)


def test_violence_in_families_is_never_summed() -> None:
    assert total_of(VIOLENCE, parts(n(2), n(0))) == Total(summed=False)


def test_sums_are_exact() -> None:
    huge = n("9" * 28)
    assert total_of(PEOPLE, parts(huge, huge, n(1))).value.number == 2 * int("9" * 28) + 1


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**12)), min_size=1, max_size=20))
def test_a_sum_is_of_all_or_of_none(numbers: list[int | None]) -> None:
    found = total_of(PEOPLE, parts(*(EMPTY if number is None else n(number) for number in numbers)))
    if None in numbers:
        assert found.value == EMPTY
        assert set(found.gaps) == {f"v{place}" for place, number in enumerate(numbers) if number is None}
    else:
        assert found == Total(n(sum(number for number in numbers if number is not None)))


# Rates


def test_a_rate_is_one_of_sums() -> None:
    poor, households = total_of(POOR, parts(n(10), n(9))), total_of(HOUSEHOLDS, parts(n(100), n(900)))
    assert rate_of(POOR_RATE, poor, households) == Total(n("1.9")), "not the mean of 10 % and 1 %"


def test_a_rate_lacks_whoever_lacks_one_of_its_parts() -> None:
    poor = total_of(POOR, parts(n(10), EMPTY, n(9)))
    households = total_of(HOUSEHOLDS, parts(n(100), n(900), UNCOLLECTED))
    assert rate_of(POOR_RATE, poor, households) == Total(EMPTY, {"v1": Gap.UNTYPED, "v2": Gap.NOT_COLLECTED})


def test_sums_over_different_units_have_no_rate() -> None:
    lenient = [one._replace(gaps=Gaps.SKIP) for one in (POOR, HOUSEHOLDS)]
    some = total_of(lenient[0], parts(n(10), EMPTY))
    every, same = (total_of(lenient[1], parts(n(100), second)) for second in (n(900), EMPTY))
    assert rate_of(POOR_RATE, some, every) == Total(gaps={"v1": Gap.UNTYPED})
    assert rate_of(POOR_RATE, some, same) == Total(n(10), {"v1": Gap.UNTYPED})


def test_a_rate_of_no_households_is_empty_and_lacks_nobody() -> None:
    assert rate_of(POOR_RATE, Total(n(0)), Total(n(0))) == Total()


@pytest.mark.parametrize(("poor", "households"), [(NONE_HERE, n(5)), (n(5), NONE_HERE), (NONE_HERE, NONE_HERE)])
def test_a_rate_of_what_does_not_apply_does_not_either(poor: Value, households: Value) -> None:
    assert rate_of(POOR_RATE, Total(poor), Total(households)) == Total(NONE_HERE)


def test_what_is_missing_goes_before_what_does_not_apply() -> None:
    gaps = {"v1": Gap.UNTYPED}
    assert rate_of(POOR_RATE, Total(NONE_HERE), Total(EMPTY, gaps)) == Total(EMPTY, gaps)


def test_a_rate_of_what_is_never_summed_is_not_either() -> None:
    assert rate_of(POOR_RATE, Total(summed=False), Total(n(5))) == Total(summed=False)
    assert rate_of(POOR_RATE._replace(aggregation=Aggregation.NONE), Total(n(1)), Total(n(5))) == Total(summed=False)


# How a commune's own value stands to the total

COMPLETE, BLOCKED = Total(n(6651)), Total(EMPTY, {"v1": Gap.UNTYPED})


@pytest.mark.parametrize(
    ("value", "total", "found"),
    [
        (EMPTY, COMPLETE, Standing.OPEN),
        (EMPTY, BLOCKED, Standing.OPEN),
        (n(6651), COMPLETE, Standing.TAKEN),
        (n("6651.0"), COMPLETE, Standing.TAKEN),
        (n(6660), COMPLETE, Standing.CHANGED),
        (n(6651), BLOCKED, Standing.CHANGED),
        (UNCOLLECTED, COMPLETE, Standing.CHANGED),
        (NONE_HERE, BLOCKED, Standing.CHANGED),
        (Value(raw="6651?"), COMPLETE, Standing.CHANGED),
        (NONE_HERE, Total(NONE_HERE), Standing.TAKEN),
        (n(0), Total(NONE_HERE), Standing.CHANGED),
        (n(2), Total(summed=False), Standing.OWN),
        (EMPTY, Total(summed=False), Standing.OWN),
    ],
)
def test_how_a_value_stands_to_the_total(value: Value, total: Total, found: Standing) -> None:
    assert standing(value, total) is found


@pytest.mark.parametrize(
    ("value", "total"), list(product([n(6660), UNCOLLECTED, Value(raw="x")], [COMPLETE, BLOCKED, Total(NONE_HERE)]))
)
def test_another_value_with_a_reason_is_a_decision(value: Value, total: Total) -> None:
    reasoned = Value(value.number, value.text, value.missing, value.raw, "đã kiểm tra tại thôn")
    assert standing(reasoned, total) is Standing.OVERRIDDEN


def test_a_reason_beside_the_total_itself_leaves_it_taken() -> None:
    assert standing(Value(number=Decimal(6651), note="đã rà soát"), COMPLETE) is Standing.TAKEN
