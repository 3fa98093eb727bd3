"""The dated progress of a task: what an update says, what a report of a day takes, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.progress import (
    MAX_COUNT,
    Progress,
    latest,
    percent_done,
    percent_of_parts,
    refusal,
    said_last,
    share,
    work_state,
)
from sync.domain.tasks import MAX_WORDS, Task, TaskState
from sync.domain.values import ContentError

DUE = date(2026, 11, 20)


def test_work_begins_with_the_first_update_unless_a_person_said_how_far_it_is() -> None:
    task, update = Task("t", "48"), Progress(DUE, 0, "")
    assert work_state(task, []) is TaskState.NOT_STARTED
    assert work_state(task, [update]) is TaskState.IN_PROGRESS
    assert work_state(replace(task, state=TaskState.ON_HOLD), [update]) is TaskState.ON_HOLD


@given(st.dates(), st.integers(0, 100) | st.none(), st.text(max_size=50))
def test_an_update_reads_back(day: date, percent: int | None, words: str) -> None:
    if percent is None and not words.strip():
        words = "Đã họp"
    update = Progress(day, percent, words)
    assert Progress.of(update.content()) == update


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "60",
        "[]",
        "{",
        '{"date":"2026-11-20","percent":60}',
        '{"date":"2026-11-20","percent":60,"words":"","more":1}',
        '{"date":"2026-11-20","percent":101,"words":""}',
        '{"date":"2026-11-20","percent":-1,"words":""}',
        '{"date":"2026-11-20","percent":60.5,"words":""}',
        '{"date":"2026-11-20","percent":true,"words":""}',
        '{"date":"2026-11-20","percent":"60","words":""}',
        '{"date":"2026-11-20","percent":null,"words":" "}',
        '{"date":"20/11/2026","percent":60,"words":""}',
        '{"date":20261120,"percent":60,"words":""}',
        '{"date":"2026-11-20","percent":60,"words":7}',
        '{"date":"2026-11-20","percent":60,"words":"","counted":12}',
        '{"date":"2026-11-20","percent":61,"words":"","counted":12,"total":20}',
        '{"date":"2026-11-20","percent":0,"words":"","counted":0,"total":0}',
        '{"date":"2026-11-20","percent":0,"words":"","counted":-1,"total":5}',
        '{"date":"2026-11-20","percent":60,"words":"","counted":"12","total":20}',
        '{"date":"2026-11-20","percent":60,"words":"","milestone":7}',
        '{"date":"2026-11-20","percent":60,"words":"' + "a" * (MAX_WORDS + 1) + '"}',
        "[" * 100_000,
    ],
)
def test_an_update_that_cannot_be_read_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Progress.of(content)


def test_progress_is_what_was_known_on_the_day() -> None:
    first = Progress(date(2026, 11, 5), 20)
    later = Progress(date(2026, 11, 12), 60, "Đã tập huấn")
    corrected = Progress(date(2026, 11, 12), 50, "Sửa lại")
    words = Progress(date(2026, 11, 19), None, "Chờ xác nhận")
    updates = [later, words, first, corrected]
    assert latest(updates, date(2026, 11, 4)) is None
    assert latest(updates, date(2026, 11, 11)) is first
    assert latest(updates, date(2026, 11, 18)) is corrected
    assert latest(updates, date(2026, 12, 1)) is words
    assert percent_done(updates, date(2026, 12, 1)) == 50
    assert percent_done([words], date(2026, 12, 1)) is None


def test_counted_progress_gives_its_per_cent_and_reads_back() -> None:
    update = Progress(DUE, 66, "Đã cài đặt", counted=2, total=3, milestone="Xong đợt 1", difficulties="Thiếu máy")
    assert Progress.of(update.content()) == update
    plain = Progress(DUE, 60, "")
    assert plain.content() == '{"date":"2026-11-20","percent":60,"words":""}'


@pytest.mark.parametrize(
    ("counted", "total", "expected"), [(0, 7, 0), (2, 3, 66), (7, 7, 100), (9, 7, 100), (199, 200, 99)]
)
def test_a_share_is_rounded_down_and_never_above_the_whole(counted: int, total: int, expected: int) -> None:
    assert share(counted, total) == expected


@pytest.mark.parametrize(("counted", "total"), [(1, 0), (-1, 5), (1, -5), (MAX_COUNT + 1, 5), (1, MAX_COUNT + 1)])
def test_what_cannot_be_counted_is_refused(counted: int, total: int) -> None:
    with pytest.raises(ValueError, match="/"):
        share(counted, total)


def test_a_milestone_alone_is_an_update_and_blanks_are_none() -> None:
    assert Progress(DUE, None, milestone="Đã trình").percent is None
    with pytest.raises(ValueError, match="nothing said"):
        Progress(DUE, None, " ", difficulties="\n")


def test_what_was_last_said_of_each_thing() -> None:
    updates = [
        Progress(date(2026, 11, 5), 20, "Đã họp", difficulties="Thiếu máy"),
        Progress(date(2026, 11, 12), 60, proposals="Cấp thêm máy"),
        Progress(date(2026, 11, 19), 80, "Đã tập huấn"),
    ]
    as_of = date(2026, 11, 18)
    assert [said_last(updates, name, as_of) for name in ("words", "difficulties", "proposals", "milestone")] == [
        "Đã họp",
        "Thiếu máy",
        "Cấp thêm máy",
        "",
    ]
    assert said_last(updates, "words", date(2026, 11, 19)) == "Đã tập huấn"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [([], None), ([None], 0), ([100], 100), ([100, None, None], 33), ([50, 51], 50), ([100] * 9 + [99], 99)],
)
def test_the_progress_of_what_is_broken_down(parts: list[int | None], expected: int | None) -> None:
    assert percent_of_parts(parts) == expected


@given(st.lists(st.integers(0, 100) | st.none(), min_size=1, max_size=200))
def test_a_whole_is_done_when_all_its_parts_are(parts: list[int | None]) -> None:
    assert (percent_of_parts(parts) == 100) == all(part == 100 for part in parts)


def test_updates_that_are_refused_in_words() -> None:
    task = Task("t", "48", start_date=date(2026, 11, 2), due_date=DUE)
    assert refusal(task, DUE, DUE) == ""
    assert refusal(task, DUE + timedelta(days=1), DUE) == "day_future"
    assert refusal(task, date(2026, 11, 1), DUE) == "day_before_start"
    assert refusal(task, date(2026, 11, 2), DUE) == ""
    assert refusal(replace(task, start_date=None), date(2020, 1, 1), DUE) == ""
    assert refusal(replace(task, state=TaskState.COMPLETED), DUE, DUE) == "closed"
    # Late, awaiting or on hold: what is done is still told.
    assert refusal(replace(task, state=TaskState.AWAITING_CONFIRMATION), DUE, DUE) == ""
