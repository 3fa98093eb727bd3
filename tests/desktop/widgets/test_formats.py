"""Dates, figures and periods as a Vietnamese and an English reader write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from desktop.widgets import formats, words
from sync.domain.local_time import VIETNAM
from sync.domain.parking import REASONS
from sync.domain.periods import PeriodError

NOW = datetime(2026, 11, 21, 9, 15, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("code", "vi", "en"),
    [
        ("A2026Q3", "Quý III/2026", "Quarter III/2026"),
        ("S2026M01", "Tháng 01/2026", "Month 01/2026"),
        ("A2026H1", "6 tháng đầu năm 2026", "First half of 2026"),
        ("A2026H2", "6 tháng cuối năm 2026", "Second half of 2026"),
        ("A2026N", "9 tháng năm 2026", "Nine months of 2026"),
        ("A2026Y", "Năm 2026", "Year 2026"),
    ],
)
def test_periods_have_names(code: str, vi: str, en: str) -> None:
    assert formats.period(code) == vi
    words.set_language("en")
    assert formats.period(code) == en


def test_a_damaged_period_code_is_refused() -> None:
    with pytest.raises(PeriodError):
        formats.period("A2026Q5")


def test_days_and_figures() -> None:
    assert formats.day(date(2026, 4, 3)) == "03/04/2026"
    assert formats.short_day(date(2026, 4, 3)) == "03/04"
    assert formats.number(Decimal("6651.255"), 2) == "6.651,26"
    words.set_language("en")
    assert formats.number(Decimal("6651.5")) == "6,651.5"


@pytest.mark.parametrize(
    ("back", "near"),
    [
        (timedelta(hours=1), "08:15"),
        (timedelta(hours=16), "hôm qua 17:15"),
        (timedelta(days=3), "18/11 09:15"),
        (timedelta(days=400), "17/10/2025 09:15"),
    ],
)
def test_moments_near_now_are_said_shortly(back: timedelta, near: str) -> None:
    then = NOW - back
    assert formats.near(then.astimezone(UTC), NOW) == near


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-500, "vừa xong"), (59, "vừa xong"), (60, "1 phút trước"), (7199, "1 giờ trước"), (86400 * 12, "12 ngày trước")],
)
def test_how_long_ago(seconds: int, said: str) -> None:
    assert formats.ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_days_left() -> None:
    today = date(2026, 11, 21)
    assert formats.days_left(date(2026, 11, 25), today) == "Còn 4 ngày"
    assert formats.days_left(today, today) == "Hạn hôm nay"
    assert formats.days_left(date(2026, 11, 18), today) == "Quá hạn 3 ngày"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_reason_for_parking_has_a_sentence_of_its_own(language: str) -> None:
    words.set_language(language)
    sentences = {formats.reason(code) for code in REASONS}
    assert len(sentences) == len(REASONS)
    assert formats.reason("of_a_newer_centre") not in sentences
