"""Figures that are computed of others, in the order in which they depend on each other."""

from decimal import Decimal
from pathlib import Path

import pytest

from sync.analysis.formulas import Formulas
from sync.domain.catalogue import ValueType
from sync.exchange.catalogue import load

CATALOGUE = load(Path(__file__).parents[3] / "resources" / "catalogues")
GUIDED = {
    "group_service_sessions": Decimal(40),
    "group_vneid_people": Decimal(12),
    "group_payment_people": Decimal(5),
}


def formulas(**by_key: tuple[str, ValueType, int, tuple[str, ...]]) -> Formulas:
    """The catalogue's indicators, some of them computed: formula, type, decimals and what it takes."""
    indicators = dict(CATALOGUE.indicators)
    for key, (formula, type_, decimals, takes) in by_key.items():
        indicators[key] = indicators[key]._replace(formula=formula, type=type_, decimals=decimals, takes=takes)
    return Formulas(indicators)


def test_the_shipped_formula_is_a_sum_and_nothing_while_a_part_is_missing() -> None:
    assert Formulas(CATALOGUE.indicators).number("group_guidance_total", GUIDED.get) == 57
    for part in GUIDED:
        rest = {key: number for key, number in GUIDED.items() if key != part}
        assert Formulas(CATALOGUE.indicators).number("group_guidance_total", rest.get) is None


def test_what_is_typed_is_what_was_typed_and_a_rate_is_not_rounded() -> None:
    made = Formulas(CATALOGUE.indicators)
    typed = {"village_ct01": Decimal(300), "village_ct03": Decimal(1)}
    assert made.number("village_ct01", typed.get) == 300
    assert made.number("village_ct02", typed.get) is None
    assert made.number("village_poor_rate", typed.get) == Decimal(100) / 300
    assert made.number("village_poor_rate", {**typed, "village_ct01": Decimal(0)}.get) is None


def test_a_formula_over_formulas_is_computed_in_their_order() -> None:
    made = formulas(
        village_ct07=("village_ct05 * 2", ValueType.INTEGER, 0, ("village_ct05",)),
        village_ct05=("village_ct03 + village_ct04", ValueType.INTEGER, 0, ("village_ct03", "village_ct04")),
    )
    typed = {"village_ct03": Decimal(3), "village_ct04": Decimal(4), "village_ct05": Decimal(99)}
    assert made.number("village_ct07", typed.get) == 14


def test_a_rate_of_a_formula_divides_what_was_computed() -> None:
    made = formulas(
        village_ct03=("village_ct05 + village_ct06", ValueType.INTEGER, 0, ("village_ct05", "village_ct06"))
    )
    typed = {"village_ct01": Decimal(200), "village_ct05": Decimal(3), "village_ct06": Decimal(5)}
    assert made.number("village_poor_rate", typed.get) == 4


def test_a_decimal_formula_has_its_indicator_s_decimals() -> None:
    takes = ("village_ct01", "village_ct02")
    mean = "double(village_ct02) / double(village_ct01)"
    made = formulas(village_ct05=(mean, ValueType.DECIMAL, 2, takes))
    typed = {"village_ct01": Decimal(434), "village_ct02": Decimal(1607)}
    assert made.number("village_ct05", typed.get) == Decimal("3.70")
    assert made.number("village_ct05", {**typed, "village_ct01": Decimal(0)}.get) is None


@pytest.mark.parametrize("formula", ["village_ct01 / village_ct02", "village_ct01 * village_ct01 * 4"])
def test_a_formula_that_cannot_be_computed_gives_nothing(formula: str) -> None:
    made = formulas(village_ct05=(formula, ValueType.INTEGER, 0, ("village_ct01", "village_ct02")))
    typed = {"village_ct01": Decimal(2**62), "village_ct02": Decimal(0)}
    assert made.number("village_ct05", typed.get) is None
    assert made.number("village_ct05", {**typed, "village_ct02": Decimal("0.5")}.get) is None
