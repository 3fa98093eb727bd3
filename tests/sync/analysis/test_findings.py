"""What stands against a form: missing, wrong, unexplained."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from sync.analysis.findings import Inspector
from sync.domain.catalogue import ValueType
from sync.domain.periods import Period
from sync.domain.values import EMPTY, NOT_COLLECTED, Value
from tests.desktop.sampled import catalogue

FORM = "village_quarter"
PERIOD = Period.parse("A2026Q2")
CATALOGUE = catalogue()
INSPECTOR = Inspector(CATALOGUE, CATALOGUE.forms[FORM])
FULL = {
    one.key: Value(number=Decimal(number))
    for one, number in zip(
        (one for one in CATALOGUE.indicators_of(FORM) if not one.is_computed),
        (434, 1607, 8, 17, 39, 44, 341, 5, 351, 965, 1463, 8, 95, 2),
        strict=True,
    )
}


def findings(values: Mapping[str, Value]):  # type: ignore[no-untyped-def]
    return INSPECTOR.findings(PERIOD, lambda item, then: values.get(item, EMPTY) if then == PERIOD else EMPTY)


def test_a_real_quarter_is_clean() -> None:
    found = findings(FULL)
    assert (found.cells, found.missing, found.found) == (14, (), ())
    assert found.is_clean


def test_what_is_missing_is_told_in_the_order_of_the_form_and_a_reason_is_not_missing() -> None:
    values = FULL | {"village_ct05": EMPTY, "village_ct02": Value(missing=NOT_COLLECTED), "village_ct14": EMPTY}
    found = findings(values)
    assert found.missing == ("village_ct05", "village_ct14")
    assert not found.is_clean


@pytest.mark.parametrize("value", [Value(raw="12a"), Value(number=Decimal(-1)), Value(number=Decimal("1.5"))])
def test_what_its_indicator_cannot_be_is_hard(value: Value) -> None:
    found = findings(FULL | {"village_ct12": value})
    assert [(one.item, one.rule, one.is_hard) for one in found.found] == [("village_ct12", None, True)]
    assert found.errors == 1


def test_what_is_no_day_stands_against_a_form() -> None:
    day = CATALOGUE.indicators["village_ct12"]._replace(type=ValueType.DATE, minimum=None)
    dated = Inspector(CATALOGUE._replace(indicators={**CATALOGUE.indicators, day.key: day}), CATALOGUE.forms[FORM])

    def errors(text: str) -> int:
        values = FULL | {day.key: Value(text=text)}
        return dated.findings(PERIOD, lambda item, _then: values[item]).errors

    assert (errors("hôm qua"), errors("30/04/2026")) == (1, 0)


def test_a_hard_rule_is_an_error_and_a_soft_one_asks_why_until_it_is_explained() -> None:
    found = findings(FULL | {"village_ct09": Value(number=Decimal(500))})
    assert (found.errors, found.unexplained) == (1, 0)
    large = FULL | {"village_ct02": Value(number=Decimal(5000))}
    found = findings(large)
    assert (found.errors, found.unexplained, found.is_clean) == (0, 1, False)
    found = findings(large | {"village_ct02": Value(number=Decimal(5000), note="có khu công nhân")})
    assert (found.errors, found.unexplained, found.is_clean) == (0, 0, True)


@pytest.mark.parametrize(
    ("whole", "parts", "found"),
    [
        (Value(number=Decimal(6)), {"female": "2", "male": "3"}, [(False, False)]),
        (Value(number=Decimal(6), note="một người không rõ"), {"female": "2", "male": "3"}, [(False, True)]),
        (Value(number=Decimal(5)), {"female": "2", "male": "3"}, []),
        (Value(number=Decimal(6)), {"female": "2"}, []),
        (Value(number=Decimal(5)), {"female": "6", "male": "-1"}, [(True, False)]),
    ],
)
def test_parts_that_do_not_make_up_their_whole_stand_against_a_form(
    whole: Value, parts: dict[str, str], found: list[tuple[bool, bool]]
) -> None:
    inspector = Inspector(CATALOGUE, CATALOGUE.forms["group_month"])
    item = "group_vneid_people"
    told = inspector.findings(
        Period.parse("A2026M11"),
        lambda one, _: whole if one == item else EMPTY,
        lambda one, part: Value(number=Decimal(parts[part])) if one == item and part in parts else EMPTY,
    )
    assert [(one.is_hard, one.explained) for one in told.found] == found
    assert {one.item for one in told.found} <= {item}
