"""How a task stands, as it is said: the rule's words with the days, in both languages."""

from datetime import date

import pytest

from desktop.widgets import words
from desktop.widgets.standing import late, standing
from sync.domain.tasks import Task, TaskState, is_open

TODAY = date(2026, 11, 21)


def task(due: date | None, completed: date | None = None, state: TaskState = TaskState.IN_PROGRESS) -> Task:
    if completed is not None:
        state = TaskState.COMPLETED
    return Task("1", "48.20308", "Việc", due_date=due, completed_date=completed, state=state)


@pytest.mark.parametrize(
    ("given", "said", "look"),
    [
        (task(date(2026, 11, 20)), "Quá hạn 1 ngày", "bad"),
        (task(date(2026, 11, 21)), "Sắp quá hạn · hạn hôm nay", "warning"),
        (task(date(2026, 11, 24)), "Sắp quá hạn · còn 3 ngày", "warning"),
        (task(date(2026, 11, 25)), "Trong hạn · còn 4 ngày", "good"),
        (task(None), "Không hạn", ""),
        (task(date(2026, 11, 20), date(2026, 11, 20)), "Đã hoàn thành · trong hạn", "good"),
        (task(date(2026, 11, 20), date(2026, 11, 21)), "Đã hoàn thành · quá hạn", "bad"),
        (task(date(2026, 11, 20), date(2026, 11, 22)), "Quá hạn 1 ngày", "bad"),
        (task(date(2026, 11, 25), None, TaskState.COMPLETED), "Đã hoàn thành · trong hạn", "good"),
        (task(date(2026, 11, 20), None, TaskState.WITHDRAWN), "Đã thu hồi", ""),
    ],
)
def test_the_word_and_its_look(given: Task, said: str, look: str) -> None:
    words.set_language("vi")
    found = standing(given, TODAY)
    assert (found.word, found.look) == (said, look)
    assert late(given, TODAY) == (is_open(given, TODAY) and look == "bad")


def test_it_is_said_in_english() -> None:
    words.set_language("en")
    assert standing(task(date(2026, 11, 22)), TODAY).word == "Due soon · 1 day left"
    assert standing(task(date(2026, 11, 20), date(2026, 11, 20)), TODAY).word == "Completed · on time"
    words.set_language("vi")
