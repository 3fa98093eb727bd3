"""Periods of both regimes against the dates of the decree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    Frequency,
    Period,
    PeriodError,
    Regime,
    period_of,
    periods_of,
)

PERIODS = st.sampled_from(Frequency).flatmap(
    lambda frequency: st.builds(
        Period,
        st.sampled_from(Regime),
        st.integers(FIRST_YEAR + 1, LAST_YEAR - 1),
        st.just(frequency),
        st.integers(1, frequency.per_year),
    )
)
DAYS = st.dates(date(FIRST_YEAR + 1, 1, 1), date(LAST_YEAR - 1, 12, 31))


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("A2026M01", date(2025, 12, 15), date(2026, 1, 14)),
        ("A2026M03", date(2026, 2, 15), date(2026, 3, 14)),
        ("A2026Q1", date(2025, 12, 15), date(2026, 3, 14)),
        ("A2026Q2", date(2026, 3, 15), date(2026, 6, 14)),
        ("A2026Q3", date(2026, 6, 15), date(2026, 9, 14)),
        ("A2026Q4", date(2026, 9, 15), date(2026, 12, 14)),
        ("A2026H1", date(2025, 12, 15), date(2026, 6, 14)),
        ("A2026H2", date(2026, 6, 15), date(2026, 12, 14)),
        ("A2026N", date(2025, 12, 15), date(2026, 9, 14)),
        ("A2026Y", date(2025, 12, 15), date(2026, 12, 14)),
        ("S2026M11", date(2026, 11, 1), date(2026, 11, 30)),
        ("S2024M02", date(2024, 2, 1), date(2024, 2, 29)),
        ("S2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("S2026H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("S2026N", date(2026, 1, 1), date(2026, 9, 30)),
        ("S2026Y", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_its_days(code: str, first: date, last: date) -> None:
    period = Period.parse(code)
    assert (period.first_day, period.last_day, period.code) == (first, last, code)


def test_a_day_late_in_december_belongs_to_the_next_year() -> None:
    found = periods_of(date(2026, 12, 20), Regime.ADMINISTRATIVE)
    assert [period.code for period in found] == ["A2027M01", "A2027Q1", "A2027H1", "A2027N", "A2027Y"]
    found = periods_of(date(2026, 12, 20), Regime.STATISTICAL)
    assert [period.code for period in found] == ["S2026M12", "S2026Q4", "S2026H2", "S2026Y"]


def test_the_fifteenth_opens_the_next_administrative_month() -> None:
    assert period_of(date(2026, 6, 14), Regime.ADMINISTRATIVE, Frequency.QUARTER) == Period.parse("A2026Q2")
    assert period_of(date(2026, 6, 15), Regime.ADMINISTRATIVE, Frequency.QUARTER) == Period.parse("A2026Q3")
    assert period_of(date(2026, 9, 15), Regime.ADMINISTRATIVE, Frequency.NINE_MONTHS) is None


@pytest.mark.parametrize(
    "code",
    [
        *("", "A2026", "2026Q1", "a2026q1", "A2026Q0", "A2026Q5", "A2026M00", "A2026M13", "A2026M1", "A2026H3"),
        *("A2026N1", "A2026Y1", "A2026Q1 ", " A2026Q1", "A2026Q1\n", "X2026Q1", "A26Q1", "A1889Q1", "A9999Q1"),
        *("A２０２６Q1", "A-026Q1", "A2026Q1" * 1000),
    ],
)
def test_a_code_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(PeriodError):
        Period.parse(code)


def test_a_period_out_of_bounds_cannot_be_made() -> None:
    for year, frequency, number in [(FIRST_YEAR - 1, "Y", 1), (LAST_YEAR + 1, "Y", 1), (2026, "Q", 5), (2026, "N", 0)]:
        with pytest.raises(PeriodError):
            Period(Regime.STATISTICAL, year, Frequency(frequency), number)
    with pytest.raises(PeriodError):
        _ = Period(Regime.STATISTICAL, FIRST_YEAR, Frequency.YEAR).previous
    with pytest.raises(PeriodError):
        _ = Period(Regime.STATISTICAL, LAST_YEAR, Frequency.MONTH, 12).next
    with pytest.raises(PeriodError):
        periods_of(date(1, 1, 1), Regime.ADMINISTRATIVE)


def test_neighbours_cross_the_year() -> None:
    assert Period.parse("A2026Q1").previous.code == "A2025Q4"
    assert Period.parse("S2026M12").next.code == "S2027M01"
    assert Period.parse("A2026N").previous.code == "A2025N"
    assert Period.parse("A2026H2").same_period_last_year.code == "A2025H2"


@given(PERIODS)
def test_a_code_reads_back(period: Period) -> None:
    assert Period.parse(period.code) == period


@given(PERIODS)
def test_neighbours_are_inverse_and_touch(period: Period) -> None:
    assert period.next.previous == period == period.previous.next
    if period.frequency is not Frequency.NINE_MONTHS:
        assert period.next.first_day == period.last_day + timedelta(days=1)


@given(DAYS, st.sampled_from(Regime))
def test_a_day_lies_in_exactly_the_periods_that_contain_it(day: date, regime: Regime) -> None:
    found = periods_of(day, regime)
    assert all(period.contains(day) for period in found)
    assert all(not period.previous.contains(day) and not period.next.contains(day) for period in found)
    frequencies = {period.frequency for period in found}
    assert frequencies >= set(Frequency) - {Frequency.NINE_MONTHS}
    year = next(period.year for period in found if period.frequency is Frequency.YEAR)
    nine_months = Period(regime, year, Frequency.NINE_MONTHS)
    assert (Frequency.NINE_MONTHS in frequencies) == nine_months.contains(day)


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(1980, 1, 1), date(2107, 12, 31), date(2999, 12, 31)])
@pytest.mark.parametrize("regime", Regime)
def test_a_clock_that_is_decades_off_still_has_periods_around_it(day: date, regime: Regime) -> None:
    for period in periods_of(day, regime):
        assert period.contains(day)
        assert period.previous.last_day < day < period.next.first_day or period.frequency is Frequency.NINE_MONTHS
        assert period.same_period_last_year.last_day < day


@pytest.mark.parametrize(
    ("code", "first", "last", "ends_in"),
    [
        ("A20261201-20261210Q", date(2026, 12, 1), date(2026, 12, 10), "A2026Q4"),
        # By the administrative calendar the 20th of December lies in the next year.
        ("A20261201-20261220Q", date(2026, 12, 1), date(2026, 12, 20), "A2027Q1"),
        ("S20261201-20261220M", date(2026, 12, 1), date(2026, 12, 20), "S2026M12"),
        ("A20261110-20261110N", date(2026, 11, 10), date(2026, 11, 10), "A2026N"),
    ],
)
def test_a_round_has_days_of_its_own_and_lies_in_the_period_in_which_it_ends(
    code: str, first: date, last: date, ends_in: str
) -> None:
    found, regular = Period.parse(code), Period.parse(ends_in)
    assert (found.first_day, found.last_day, found.code) == (first, last, code)
    assert found == Period.of_round(found.regime, found.frequency, first, last) != regular
    assert (found.previous, found.next) == (regular.previous, regular)
    assert found.same_period_last_year == regular.same_period_last_year
    assert found.contains(first)
    assert not found.contains(last + timedelta(days=1))


@pytest.mark.parametrize(
    "code",
    ["A20261210-20261201Q", "A20261301-20261302Q", "A19501201-20261201Q", "A20261201-20261210", "A20261201-99991210Q"],
)
def test_a_round_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(PeriodError):
        Period.parse(code)
