"""Working days, with the state's holidays and the days that are worked instead as data."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.holidays import MOST_DAYS, Calendar, Holiday, after_working_days, is_working_day, working_days
from sync.domain.values import ContentError

# 2 September 2026 is a Wednesday; let the Saturday before be worked for the Tuesday.
CALENDAR: Calendar = {
    date(2026, 9, 1): Holiday("Quốc khánh"),
    date(2026, 9, 2): Holiday("Quốc khánh"),
    date(2026, 8, 29): Holiday("Làm bù ngày 1/9", is_worked=True),
}
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(("day", "works"), [(28, True), (29, True), (30, False), (31, True)])
def test_a_day_is_worked_unless_it_is_off(day: int, works: bool) -> None:
    assert is_working_day(date(2026, 8, day), CALENDAR) is works
    assert not is_working_day(date(2026, 9, 1), CALENDAR)
    assert is_working_day(date(2026, 9, 1), {})


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        (date(2026, 8, 28), 0, date(2026, 8, 28)),
        (date(2026, 8, 28), 1, date(2026, 8, 29)),
        (date(2026, 8, 28), 2, date(2026, 8, 31)),
        (date(2026, 8, 28), 3, date(2026, 9, 3)),
        (date(2026, 8, 30), 0, date(2026, 8, 31)),
        (date(2026, 8, 30), 1, date(2026, 8, 31)),
        (date(2026, 9, 1), 2, date(2026, 9, 4)),
    ],
)
def test_working_days_are_counted_past_what_is_off(first: date, count: int, last: date) -> None:
    assert after_working_days(first, count, CALENDAR) == last


@given(first=DAYS, count=st.integers(1, 40))
def test_counting_there_and_back_agrees(first: date, count: int) -> None:
    last = after_working_days(first, count, CALENDAR)
    assert is_working_day(last, CALENDAR)
    assert working_days(first, last, CALENDAR) == count
    assert working_days(last, first, CALENDAR) == -count
    assert working_days(first, first, CALENDAR) == 0


@pytest.mark.parametrize("count", [-1, MOST_DAYS + 1])
def test_a_count_that_nobody_means_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="working days"):
        after_working_days(date(2026, 1, 1), count, {})


def test_a_calendar_without_work_is_refused() -> None:
    never = {date(2026, 1, 1) + timedelta(days=number): Holiday("Nghỉ") for number in range(400)}
    with pytest.raises(ValueError, match="no working day"):
        after_working_days(date(2026, 1, 1), 1, never)


def test_a_day_is_written_and_read_back() -> None:
    for one in CALENDAR.values():
        assert Holiday.of(one.content()) == one
    assert Holiday.of('{"name":"Tết","more":1}') == Holiday("Tết")


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "{}", '{"name":""}', '{"name":1}', '{"name":"a","is_worked":1}', "{" * 9_000]
)
def test_what_is_no_day_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Holiday.of(content)
