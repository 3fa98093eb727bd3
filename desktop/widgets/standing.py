"""How a task stands against its deadline, as people see it: an icon, a word and a look."""

from datetime import date
from typing import Final, NamedTuple

from desktop.widgets import formats
from desktop.widgets.words import say
from sync.domain.tasks import Task, TaskState, Timeliness, is_open, timeliness


class Standing(NamedTuple):
    """`icon` and `look` go with every `word`: a colour never stands alone."""

    icon: str
    word: str
    look: str


ICONS: Final = {
    Timeliness.ON_TIME: "circle",
    Timeliness.NEAR: "clock",
    Timeliness.OVERDUE: "triangle-alert",
    Timeliness.NO_DEADLINE: "calendar",
}
_LOOKS: Final = {
    Timeliness.ON_TIME: "good",
    Timeliness.NEAR: "warning",
    Timeliness.OVERDUE: "bad",
    Timeliness.NO_DEADLINE: "",
}


def late(task: Task, today: date) -> bool:
    """Whether `task` is open past its day."""
    return is_open(task, today) and timeliness(task, today) is Timeliness.OVERDUE


def word(of: Timeliness) -> str:
    """Trong hạn, sắp quá hạn, quá hạn, không hạn."""
    return say(f"widgets.timeliness.{of}")


def standing(task: Task, today: date) -> Standing:
    """As of `today`, with the days left or over while the task is open."""
    if task.is_withdrawn:
        return Standing("x", say(f"tasks.state.{TaskState.WITHDRAWN}"), "")
    found = timeliness(task, today)
    if not is_open(task, today):
        return Standing("check", say("widgets.timeliness.completed", word=word(found).lower()), _LOOKS[found])
    if task.due_date is None:
        return Standing(ICONS[found], word(found), _LOOKS[found])
    left = formats.days_left(task.due_date, today)
    if found is Timeliness.OVERDUE:
        return Standing(ICONS[found], left, _LOOKS[found])
    return Standing(
        ICONS[found], say("widgets.timeliness.left", word=word(found), left=left[0].lower() + left[1:]), _LOOKS[found]
    )
