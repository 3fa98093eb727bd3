"""Days and choices, as they are spelled however they were written."""

from datetime import date

import pytest

from sync.domain.catalogue import ValueType
from sync.domain.spelling import day_of, fits, spelled
from tests.sync.exchange.forms import CATALOGUE

WORDS = CATALOGUE.indicators["village_ct01"]._replace(type=ValueType.TEXT)
DAY = WORDS._replace(type=ValueType.DATE)
CHOICE = WORDS._replace(type=ValueType.CHOICE, choices=("Đạt", "Không đạt", "Ma", "Mà"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30/4/2026", date(2026, 4, 30)),
        (" 1-12-26 ", date(2026, 12, 1)),
        ("20.11", date(2025, 11, 20)),
        ("29/2", None),
        ("46142", None),
        ("2026-04-30", None),
        ("hôm qua", None),
    ],
)
def test_a_day_is_written_day_month_year(text: str, day: date | None) -> None:
    assert day_of(text, 2025) == day


@pytest.mark.parametrize(
    ("text", "kept", "taken"),
    [("30.4.2026", "30/04/2026", True), ("30.4", "30/04/2025", True), ("hôm qua", "hôm qua", False)],
)
def test_a_day_is_kept_in_one_way(text: str, kept: str, taken: bool) -> None:
    assert spelled(text, DAY, 2025) == kept
    assert fits(kept, DAY) == taken


@pytest.mark.parametrize(
    ("text", "kept", "taken"),
    [("khong dat", "Không đạt", True), ("ĐẠT", "Đạt", True), ("MA", "MA", False), ("tốt", "tốt", False)],
)
def test_a_choice_is_kept_as_its_indicator_spells_it_where_that_is_sure(text: str, kept: str, taken: bool) -> None:
    assert spelled(text, CHOICE, None) == kept
    assert fits(kept, CHOICE) == taken


def test_any_other_text_stays_as_it_is() -> None:
    assert spelled("30.4.2026", WORDS, 2025) == "30.4.2026"
    assert fits("30.4.2026", WORDS)
