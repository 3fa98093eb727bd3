"""Indicators as evidence of a task: how far each is on a day, and how much of the task that makes."""

from datetime import date
from decimal import Decimal

import pytest

from sync.domain.periods import Period
from sync.domain.targets import MAX_TARGETS, Reached, Target, percent_of, reached, targets_of, written

TARGET = Target("village_ct12", Decimal(20))
Q2, Q3 = Period.parse("A2026Q2"), Period.parse("A2026Q3")


def test_what_is_written_reads_back() -> None:
    targets = (TARGET, Target("village_ct10", Decimal("0.5")))
    assert written(targets) == "village_ct12=20 village_ct10=0.5"
    assert targets_of(written(targets)) == targets
    with pytest.raises(ValueError, match="a0=1"):
        targets_of(written(Target(f"a{place}", Decimal(1)) for place in range(MAX_TARGETS + 1)))


def test_the_latest_period_that_has_begun_counts() -> None:
    figures = {"village_ct12": [(Q3, Decimal(15)), (Q2, Decimal(9))]}

    def on(day: date) -> Decimal | None:
        (found,) = reached([TARGET], figures, day)
        return found.number

    assert on(Q2.first_day) == 9
    assert on(Q3.first_day) == 15
    assert on(date(2027, 1, 1)) == 15
    assert on(date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("number", "percent"),
    [(None, None), ("0", 0), ("19.99", 99), ("20", 100), ("103.97", 100), ("-5", 0), ("6.6", 33)],
)
def test_how_much_of_a_target_a_figure_is(number: str | None, percent: int | None) -> None:
    assert Reached(TARGET, Q3, None if number is None else Decimal(number)).percent == percent


def test_the_task_is_as_far_as_its_targets_in_the_mean_and_unknown_while_none_is_known() -> None:
    half, none = Reached(TARGET, Q3, Decimal(10)), Reached(TARGET)
    assert percent_of([half, half, Reached(TARGET, Q3, Decimal(20))]) == 66
    assert percent_of([half, none]) == 25
    assert percent_of([none]) is None
    assert percent_of([]) is None
