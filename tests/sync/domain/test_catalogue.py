"""Rates, what fits an indicator, and how the catalogue answers, on the catalogue that ships."""

from decimal import Decimal
from pathlib import Path

import pytest

from sync.domain.catalogue import Breakdown, Catalogue, Label, Member, Severity, ValueType, When, rate
from sync.domain.periods import Period
from sync.exchange.catalogue import load

CATALOGUES = Path(__file__).parents[3] / "resources" / "catalogues"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(CATALOGUES)


def test_a_rate_is_exact_decimal_arithmetic() -> None:
    assert rate(Decimal(1), Decimal(8), 100) == Decimal("12.5")
    assert rate(Decimal(0), Decimal(8), 100) == 0
    assert rate(Decimal("0.1"), Decimal("0.3"), 3) == 1


def test_a_rate_of_what_is_missing_or_of_nothing_is_none() -> None:
    assert rate(None, Decimal(8), 100) is None
    assert rate(Decimal(1), None, 100) is None
    assert rate(Decimal(1), Decimal(0), 100) is None


def test_a_rate_of_sums_is_no_mean_of_rates(catalogue: Catalogue) -> None:
    poor = catalogue.indicators["village_poor_rate"]
    villages = [
        {"village_ct01": Decimal(100), "village_ct03": Decimal(10)},
        {"village_ct01": Decimal(900), "village_ct03": Decimal(9)},
    ]
    sums = {item: sum((village[item] for village in villages), Decimal(0)) for item in villages[0]}
    assert [poor.computed(village) for village in villages] == [10, 1]
    assert poor.computed(sums) == Decimal("1.9")
    assert poor.computed({"village_ct01": Decimal(100)}) is None


def test_a_number_that_does_not_fit_says_why(catalogue: Catalogue) -> None:
    households = catalogue.indicators["village_ct01"]
    poor = catalogue.indicators["village_poor_rate"]
    assert households.fault(Decimal(434)) == households.fault(Decimal("434.0")) == households.fault(Decimal(0)) == ""
    assert households.fault(Decimal("4E+2")) == ""
    assert households.fault(Decimal("434.5")) == "not_whole"
    assert households.fault(Decimal(-1)) == "below_minimum"
    assert poor.fault(Decimal("2.88")) == ""
    assert poor.fault(Decimal("2.885")) == "too_many_decimals"


@pytest.mark.parametrize(
    ("total", "parts", "sums", "missed"),
    [
        ("5", {"female": "2", "male": "3"}, Severity.SOFT, None),
        ("6", {"female": "2", "male": "3"}, Severity.SOFT, "5"),
        ("0.3", {"female": "0.1", "male": "0.2"}, Severity.HARD, None),
        ("6", {"female": "2"}, Severity.HARD, None),
        (None, {"female": "2", "male": "3"}, Severity.HARD, None),
        ("6", {"female": "2", "male": "3"}, None, None),
    ],
)
def test_members_are_asked_for_the_total_only_where_all_are_told(
    total: str | None, parts: dict[str, str], sums: Severity | None, missed: str | None
) -> None:
    label = Label("Giới tính", "Sex")
    sex = Breakdown("sex", label, (Member("female", label), Member("male", label)), sums, "")
    numbers = {part: Decimal(number) for part, number in parts.items()}
    found = sex.misses(None if total is None else Decimal(total), numbers)
    assert found == (None if missed is None else Decimal(missed))


def test_a_form_leads_to_its_rules(catalogue: Catalogue) -> None:
    assert len(catalogue.rules_of("village_quarter")) == 10
    assert catalogue.rules_of("group_month") == ()


def test_what_holds_in_each_village_is_asked_of_the_commune_s_sums_too(catalogue: Catalogue) -> None:
    assert catalogue.rules_of("commune_quarter") == catalogue.rules_of("village_quarter")
    form = catalogue.forms["commune_quarter"]
    without = form._replace(sections=form.sections[1:])  # neither households nor people
    fewer = catalogue._replace(forms={**catalogue.forms, form.key: without})
    assert [rule.key for rule in fewer.rules_of(form.key)] == ["ct08_within_ct07"]


def test_a_form_shows_its_indicators_in_order(catalogue: Catalogue) -> None:
    form = catalogue.forms["group_month"]
    assert [row.label for row in form.rows if row.label] == list("12345678")
    assert [indicator.key for indicator in catalogue.indicators_of(form.key)] == [row.indicator for row in form.rows]


def test_what_is_computed_says_of_what(catalogue: Catalogue) -> None:
    rate_, total = (catalogue.indicators[key] for key in ("village_poor_rate", "group_guidance_total"))
    assert [one.is_computed for one in (rate_, total, catalogue.indicators["village_ct01"])] == [True, True, False]
    assert rate_.operands == ("village_ct03", "village_ct01")
    assert set(total.operands) == {"group_service_sessions", "group_vneid_people", "group_payment_people"}
    assert catalogue.indicators["village_ct01"].operands == ()


def test_what_is_computed_moves_with_its_parts_through_others(catalogue: Catalogue) -> None:
    moved = catalogue.moved_by("village_quarter")
    assert moved["village_ct01"] == ("village_poor_rate", "village_near_poor_rate")
    assert "village_ct05" not in moved
    mean = catalogue.indicators["village_ct05"]._replace(formula="village_ct06 + 1", takes=("village_ct06",))
    twice = catalogue.indicators["village_ct07"]._replace(formula="village_ct05 * 2", takes=("village_ct05",))
    chained = catalogue._replace(indicators={**catalogue.indicators, mean.key: mean, twice.key: twice})
    assert chained.moved_by("village_quarter")["village_ct06"] == ("village_ct05", "village_ct07")


def test_a_figure_of_another_period_is_of_that_period() -> None:
    quarter = Period.parse("A2026Q1")
    assert [when.of(quarter).code for when in When] == ["A2026Q1", "A2025Q4", "A2025Q1"]


def test_a_label_speaks_the_language_asked_for(catalogue: Catalogue) -> None:
    name = catalogue.indicators["village_ct01"].name
    assert (name.text("vi"), name.text("en")) == ("Tổng số hộ dân", "Households")
    assert Label("có", "yes").text("fr") == "có"
    assert catalogue.indicators["village_poor_rate"].type is ValueType.RATE
