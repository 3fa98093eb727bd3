"""What is typed into the form of an update: read, or refused with a sentence that exists in both languages."""

from dataclasses import replace
from datetime import date

import pytest

from desktop.tasks.typing import Typed, Wrong, day_of, progress_of, typed_of
from desktop.widgets import words
from sync.domain.progress import Progress
from sync.domain.tasks import MAX_WORDS, Task, TaskState

TODAY = date(2026, 11, 21)
START = date(2026, 11, 2)
COUNTED = Progress(
    START, 60, "Đã cài", counted=12, total=20, milestone="Đợt 1", difficulties="Thiếu máy", proposals="Thêm máy"
)
TASK = Task("t", "48", start_date=START)


@pytest.mark.parametrize("typed", ["20/11/2026", " 20/11/2026 ", "20.11.2026", "20-11-2026", "20/11", "20 11"])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert day_of(typed, TODAY) == date(2026, 11, 20)


@pytest.mark.parametrize(
    "typed", ["", "hôm qua", "2026-11-20", "31/11/2026", "29/02/2026", "0/11/2026", "20/11/26", "1/2/3/4", "²0/11/2026"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    assert day_of(typed, TODAY) is None
    found = progress_of(Typed(typed, "50"), TASK, TODAY)
    assert isinstance(found, Wrong)
    assert (found.field, found.key) == ("day", "day_unreadable")


@pytest.mark.parametrize(
    ("typed", "percent"), [("0", 0), ("100", 100), ("60 %", 60), ("60%", 60), ("60,0", 60), ("007", 7)]
)
def test_a_percentage_is_read(typed: str, percent: int) -> None:
    assert progress_of(Typed("20/11/2026", typed), TASK, TODAY) == Progress(date(2026, 11, 20), percent, "")


@pytest.mark.parametrize(
    "typed", ["101", "-5", "1000", "60,5", "nửa", "6O", "٥٠", "½", "3/0", "1/2/3", "-1/5", "9" * 14 + "/5"]
)
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    found = progress_of(Typed("20/11/2026", typed, "lời"), TASK, TODAY)
    assert found == Wrong("percent", "percent_range", {})


@pytest.mark.parametrize(
    ("typed", "field", "key"),
    [
        (Typed("22/11/2026", "50"), "day", "day_future"),
        (Typed("01/11/2026", "50"), "day", "day_before_start"),
        (Typed("20/11/2026", "", "  \n "), "percent", "nothing"),
        (Typed("20/11/2026", "", "a" * (MAX_WORDS + 1)), "words", "words_long"),
        (Typed("20/11/2026", "", "", proposals="a" * (MAX_WORDS + 1)), "proposals", "words_long"),
    ],
)
def test_each_refusal_names_the_field_and_has_its_sentence(typed: Typed, field: str, key: str) -> None:
    found = progress_of(typed, TASK, TODAY)
    assert isinstance(found, Wrong)
    assert (found.field, found.key) == (field, key)
    for language in words.LANGUAGES:
        words.set_language(language)
        said = words.say(f"tasks.wrong.{found.key}", **found.values)
        assert said
        assert "{" not in said
        assert "4000" not in said, "written with thousands marks"


def test_the_first_day_today_and_a_task_without_a_start_are_taken() -> None:
    for day in (START, TODAY):
        assert isinstance(progress_of(Typed(day.strftime("%d/%m/%Y"), "1"), TASK, TODAY), Progress)
    assert isinstance(progress_of(Typed("01/01/2020", "1"), Task("t", "48"), TODAY), Progress)


def test_words_alone_are_an_update_in_one_unicode_form() -> None:
    found = progress_of(Typed("20/11/2026", "", " Đã ho\u0323p\u0301 "), TASK, TODAY)
    assert isinstance(found, Progress)
    assert found.percent is None
    assert found.words == "Đã họṕ"


@pytest.mark.parametrize(
    "progress", [Progress(START, 0, ""), Progress(TODAY, None, "Đã họp\nhai dòng"), Progress(TODAY, 100, "x"), COUNTED]
)
def test_a_correction_begins_with_what_was_said(progress: Progress) -> None:
    assert progress_of(typed_of(progress), TASK, TODAY) == progress


def test_what_was_counted_gives_its_per_cent() -> None:
    found = progress_of(Typed("20/11/2026", " 12 / 20 "), TASK, TODAY)
    assert found == Progress(date(2026, 11, 20), 60, counted=12, total=20)


def test_nothing_is_added_to_a_task_that_was_confirmed() -> None:
    found = progress_of(Typed("20/11/2026", "50"), replace(TASK, state=TaskState.COMPLETED), TODAY)
    assert isinstance(found, Wrong)
    assert found.key == "closed"
    assert words.say("tasks.wrong.closed")
