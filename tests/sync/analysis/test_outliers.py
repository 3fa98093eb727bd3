"""Which figures are called unusual: against the unit's own earlier ones and against its peers."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.analysis.outliers import LEAST, Against, Outlier, Share, is_compared, unlike_history, unlike_peers
from sync.domain.catalogue import Aggregation, Sensitivity
from sync.exchange.catalogue import load

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = load(RESOURCES / "catalogues")
COUNTS = st.integers(0, 10**6).map(Decimal)


def history(figure: str, earlier: Iterable[float], seasons: Iterable[float] = (), is_count: bool = True) -> str:
    """What is said of a figure after `earlier` ones: "high", "low" or ""."""
    found = unlike_history(Decimal(figure), decimals(earlier), decimals(seasons), is_count)
    return word(found)


def peers(figure: float, size: float, others: Iterable[tuple[float, float]], is_count: bool = True) -> str:
    shares = [Share(*decimals(other)) for other in others]
    return word(unlike_peers(Share(*decimals((figure, size))), shares, is_count))


def decimals(numbers: Iterable[float]) -> list[Decimal]:
    return [Decimal(str(number)) for number in numbers]


def word(found: Outlier | None) -> str:
    return "" if found is None else "high" if found.is_high else "low"


@pytest.mark.parametrize(
    ("figure", "earlier", "said"),
    [
        # Households of a village that hardly change, and one that lost or gained a digit.
        ("440", (434, 433, 434, 430, 431, 429, 428, 428), ""),
        ("480", (434, 433, 434, 430, 431, 429, 428, 428), ""),
        ("4340", (434, 433, 434, 430, 431, 429, 428, 428), "high"),
        ("43", (434, 433, 434, 430, 431, 429, 428, 428), "low"),
        ("0", (434, 433, 434, 430, 431, 429, 428, 428), "low"),
        # All equal: their deviation is 0.
        ("435", (434,) * 8, ""),
        ("500", (434,) * 8, ""),
        ("868", (434,) * 8, "high"),
        ("1", (0,) * 8, ""),
        ("3", (0,) * 8, ""),
        ("12", (0,) * 8, "high"),
        ("0", (0,) * 8, ""),
        # Small counts come and go by chance.
        ("5", (2, 0, 1, 3, 2, 1, 0, 2), ""),
        ("0", (2, 4, 1, 3, 2, 1, 2, 2), ""),
        ("40", (2, 0, 1, 3, 2, 1, 0, 2), "high"),
        # What goes up and down is given room; one wild figure among the earlier ones hides nothing.
        ("199", (95, 40, 150, 80, 100, 60, 120, 90), ""),
        ("900", (95, 40, 150, 80, 100, 60, 120, 90), "high"),
        ("1700", (419, 421, 418, 420, 42_000, 419, 417, 421), "high"),
        # Too few to say anything.
        ("9999", (434, 433, 434, 430), ""),
        ("9999", (), ""),
        ("9999", (434, 433, 434, 430, 431), "high"),
    ],
)
def test_a_count_against_its_own_history(figure: str, earlier: tuple[int, ...], said: str) -> None:
    assert history(figure, earlier) == said


@pytest.mark.parametrize(
    ("figure", "earlier", "said"),
    [
        ("2.9", (2.8, 2.9, 3.0, 2.7, 2.8), ""),
        ("29", (2.8, 2.9, 3.0, 2.7, 2.8), "high"),
        ("0.29", (2.8, 2.9, 3.0, 2.7, 2.8), "low"),
        ("-3", (-2, -4, -3, -1, -3), ""),
        ("-40", (-2, -4, -3, -1, -3), "low"),
        ("40", (-2, -4, -3, -1, -3), "high"),
        ("0.5", (0, 0, 0, 0, 0), ""),
        ("1", (0, 0, 1, 0, 0, 2), ""),
    ],
)
def test_a_measure_and_what_is_below_zero(figure: str, earlier: tuple[float, ...], said: str) -> None:
    assert history(figure, earlier, is_count=False) == said


def test_a_count_below_zero_is_compared_without_roots() -> None:
    assert history("-5", (3,) * 8) == "low"
    assert history("3", (-5, -4, -5, -6, -5)) == "high"
    assert history("-5", (-5, -4, -5, -6, -5)) == ""


def test_what_is_like_the_same_period_of_last_year_is_usual() -> None:
    earlier = (100, 102, 98, 400, 101, 99, 103, 395)
    assert history("405", earlier) == "high"
    assert history("405", earlier, seasons=(400, 395)) == ""
    assert history("405", earlier, seasons=(101, 99)) == "high"
    assert history("2000", earlier, seasons=(400, 395)) == "high"
    assert history("405", earlier, seasons=(-1,)) == "high"


def test_it_says_what_it_rests_on() -> None:
    found = unlike_history(Decimal(1420), decimals((419, 421, 418, 420, 417, 419, 422, 419)), [], is_count=True)
    assert found == Outlier(Against.HISTORY, is_high=True, median=Decimal(419), among=8)
    even = unlike_history(Decimal(90), decimals((10, 20, 11, 21, 10, 20)), [], is_count=True)
    assert even is not None
    assert even.median == Decimal("15.5")


VILLAGES = ((44, 1607), (70, 873), (95, 4034), (134, 4927), (137, 4968), (49, 882))
"""People who receive social protection, and all people, of the six villages that reported in the second quarter."""


def test_a_village_s_size_is_no_reason_to_ask() -> None:
    assert [peers(*one, [other for other in VILLAGES if other != one]) for one in VILLAGES] == [
        "",
        "high",
        "",
        "",
        "",
        "",
    ]
    found = unlike_peers(
        Share(*decimals(VILLAGES[1])), [Share(*decimals(one)) for one in VILLAGES if one != VILLAGES[1]], is_count=True
    )
    assert found is not None
    assert (found.against, found.is_high, found.among) == (Against.PEERS, True, 5)
    assert round(found.median) == 24, "as many as a village of 873 people would have at the others' median share"


def test_the_real_figures_of_six_villages_raise_one_question() -> None:
    with (RESOURCES / "samples" / "values_2026Q2.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    asked = []
    for indicator in CATALOGUE.indicators_of("village_quarter"):
        if is_compared(indicator):
            shares = [Share(Decimal(row[indicator.key]), Decimal(row[indicator.per])) for row in rows]
            for place, own in enumerate(shares):
                if unlike_peers(own, shares[:place] + shares[place + 1 :], is_count=True):
                    asked.append((rows[place]["village"], indicator.key))
    assert asked == [("Thôn Phước Hưng", "village_ct06")]


def test_few_peers_and_peers_without_a_size_say_nothing() -> None:
    others = [(20, 1000)] * (LEAST - 1)
    assert peers(900, 1000, others) == ""
    assert peers(900, 1000, [*others, (30, 0)]) == ""
    assert peers(900, 1000, [*others, (30, 1000)]) == "high"
    assert peers(900, 0, [*others, (30, 1000)]) == ""
    assert peers(0, 1000, [*others, (30, 1000)]) == "low"
    assert peers(5, 1000, [(0, 1000)] * 6) == ""
    assert peers(50, 1000, [(0, 1000)] * 6) == "high"


def test_what_is_sensitive_or_never_summed_is_never_compared() -> None:
    compared = {key for key, indicator in CATALOGUE.indicators.items() if is_compared(indicator)}
    assert compared == {f"village_ct{number:02}" for number in (2, 5, 6, 9, 10, 11, 13)}
    violence = CATALOGUE.indicators["village_ct14"]._replace(per="village_ct02")
    assert not is_compared(violence)
    assert not is_compared(violence._replace(sensitivity=Sensitivity.PUBLIC))
    assert not is_compared(violence._replace(aggregation=Aggregation.SUM))
    assert is_compared(violence._replace(aggregation=Aggregation.SUM, sensitivity=Sensitivity.INTERNAL))


@given(st.lists(COUNTS, min_size=LEAST, max_size=8), COUNTS)
def test_a_figure_between_two_usual_ones_is_usual_and_the_order_of_the_others_says_nothing(
    earlier: list[Decimal], figure: Decimal
) -> None:
    found = unlike_history(figure, earlier, [], is_count=True)
    assert found == unlike_history(figure, sorted(earlier), [], is_count=True)
    middle = sorted(earlier)[len(earlier) // 2]
    assert unlike_history(middle, earlier, [], is_count=True) is None or len(earlier) % 2 == 0
    if found is not None:
        assert found.is_high == (figure > found.median)
        further = figure * 2 + 1 if found.is_high else figure / 2
        assert unlike_history(further, earlier, [], is_count=True) is not None
