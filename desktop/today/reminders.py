"""What the system's own notifications tell: a form that came back, and a deadline that is near."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from desktop.today.forms import FormDue
from desktop.today.steps import Returned
from desktop.widgets import formats
from desktop.widgets.naming import Names
from desktop.widgets.place import Place
from desktop.widgets.reminder import Reminder
from desktop.widgets.words import language, say

NEAR: Final = timedelta(days=2)


def reminders(returned: Iterable[Returned], dues: Iterable[FormDue], names: Names, now: datetime) -> list[Reminder]:
    """Each has a token of what it is about, so that it is told once: a form that comes back again is told again."""
    found = []
    for one in returned:
        key = one.key
        token = f"returned {key.unit} {key.item} {key.period} {int(one.shown.typed_at.timestamp())}"
        title = say("today.remind.returned", form=names.form(key.item), unit=names.unit(key.unit))
        text = one.status.comment or say("today.remind.no_reason")
        found.append(Reminder(token, title, text, Place("entry", key.unit, key.item, key.period)))
    for due in dues:
        if due.due is None or due.is_complete or not now < due.due <= now + NEAR:
            continue
        token = f"near {due.form.key} {due.period.code} {due.due.isoformat()}"
        form, period = due.form.name.text(language()), formats.period(due.period.code)
        title = say("today.remind.near", form=form, period=period)
        text = say("today.remind.left", due=formats.moment(due.due), filled=due.filled, cells=due.cells)
        unit, item = due.next_cell or ("", "")
        found.append(Reminder(token, title, text, Place("entry", unit, due.form.key, due.period.code, item)))
    return found
