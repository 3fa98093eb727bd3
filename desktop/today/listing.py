"""The desk's list in words: what is due by its deadline, and what needs a decision, each with where it opens."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from desktop.today.forms import FAR, FormDue
from desktop.widgets import formats
from desktop.widgets.place import Place
from desktop.widgets.rows import PLAIN, Heading, Row
from desktop.widgets.standing import late, standing
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import COMMENT, OWN_UNIT, PROGRESS, TASK, VALUE, Key
from sync.domain.local_time import VIETNAM
from sync.domain.values import ContentError, Value
from sync.store import Shown
from sync.store.assigned import Assigned

SOON: Final = timedelta(days=7)
"""What is due within this time stands in a group of its own."""

_NAMED: Final = 3
"""Units named in a row; the entry room shows all of them."""


class Item(NamedTuple):
    """A row, the day it is due, the place that it opens, and whether its time has passed."""

    row: Row
    day: date
    place: Place
    late: bool = False


class Listing(NamedTuple):
    """Rows under their headings, the place of each row's key, and how many of them are urgent."""

    rows: list[Heading | Row]
    places: dict[object, Place]
    urgent: int


class Words:
    """Names that rows say: of units, of indicators and of tasks."""

    def __init__(self, catalogue: Catalogue, units: Mapping[str, str], tasks: Sequence[Assigned]) -> None:
        self._units = units
        self.tasks = {assigned.task.item: assigned.task for assigned in tasks}
        self._forms = tuple(catalogue.forms.values())

    def unit(self, key: str) -> str:
        """A unit's name."""
        return say("today.what.own_unit") if key == OWN_UNIT else self._units.get(key, key)

    def row(self, key: Key) -> tuple[str, str]:
        """The form in which the unit of a value reports it, and the form's label; "" and the item where it is in none.

        Before enrolment nobody knows of which level the unit is.
        """
        for form in self._forms:
            for row in form.rows if key.unit == OWN_UNIT or form.is_of(key.unit) else ():
                if row.indicator == key.item:
                    return form.key, row.label
        return "", key.item

    def task(self, item: str) -> str:
        """A task by its document, else by its content; by "?" while it has not arrived."""
        task = self.tasks.get(item)
        return (task.document or task.content) if task else "?"


def listing(
    forms: Iterable[FormDue], tasks: Iterable[Assigned], undecided: Iterable[Shown], words: Words, now: datetime
) -> Listing:
    """Everything that is due or undecided. What is overdue stands first and stays until it is done."""
    today = now.astimezone(VIETNAM).date()
    items = [_form(due, words, now) for due in forms]
    items += [_task(assigned, words, now) for assigned in tasks]
    items.sort(key=lambda item: item.day)
    overdue = [item for item in items if item.late]
    soon = [item for item in items if not item.late and item.day <= today + SOON]
    later = [item for item in items if item.day > today + SOON]
    decide = [found for shown in undecided if (found := _undecided(shown, words)) is not None]
    rows: list[Heading | Row] = []
    for name, group in (("overdue", overdue), ("soon", soon), ("decide", decide), ("later", later)):
        if group:
            rows.append(Heading(say(f"today.group.{name}")))
            rows += [item.row for item in group]
    every = (*items, *decide)
    return Listing(rows, {item.row.key: item.place for item in every}, len(overdue) + len(soon) + len(decide))


def _form(due: FormDue, words: Words, now: datetime) -> Item:
    today = now.astimezone(VIETNAM).date()
    details = [say("today.form.cells", filled=due.filled, cells=due.cells)]
    if due.due:
        details.append(say("today.form.due", due=formats.moment(due.due)))
    if due.unread:
        details.append(say("today.form.unread", count=due.unread))
    if due.lacking and len(due.units) > 1:
        names = ", ".join(words.unit(unit) for unit in due.lacking[:_NAMED])
        if len(due.lacking) > _NAMED:
            names = say("today.form.more", names=names)
        details.append(say("today.form.lacking", count=len(due.lacking), names=names))
    pill, look, late = say("today.form.no_due"), PLAIN, False
    if due.due:
        late = due.due < now
        pill = formats.days_left(due.day, today)
        look = "bad" if late else "warning" if due.day <= today + SOON else PLAIN
        if late and due.day == today:
            pill = say("today.form.late_today")
    row = Row(
        ("form", due.form.key, due.period.code),
        "table",
        say("today.form.title", form=due.form.name.text(language()), period=formats.period(due.period.code)),
        " · ".join(details),
        pill,
        look,
        say("today.form.go_on" if due.filled else "today.form.start"),
    )
    unit, item = due.next_cell or (due.units[0], "")
    return Item(row, due.day, Place("entry", unit, due.form.key, due.period.code, item), late)


def _task(assigned: Assigned, words: Words, now: datetime) -> Item:
    task = assigned.task
    today = now.astimezone(VIETNAM).date()
    found = standing(task, today)
    details = []
    if task.document:
        details.append(say("today.task.document", document=task.document))
    details.append(say("today.task.lead", unit=words.unit(task.unit)))
    if assigned.percent is not None:
        details.append(say("today.task.percent", percent=assigned.percent))
    last = max((update.cell.typed_at for update in assigned.updates), default=None)
    details.append(say("today.task.updated", ago=formats.ago(last, now)) if last else say("today.task.never"))
    row = Row(
        ("task", task.item),
        found.icon,
        task.content,
        " · ".join(details),
        found.word,
        found.look,
        say("today.task.update"),
    )
    return Item(row, task.due_date or FAR, Place("tasks", task.unit, task=task.item), late(task, today))


def _undecided(shown: Shown, words: Words) -> Item | None:
    """A cell in conflict, or whose last change was parked; None for what no person here decides."""
    key = shown.key
    place = _place(key, words)
    if place is None:
        return None
    what = _what(key, words)
    if shown.rivals:
        contents = [_content(content) for content in (shown.content, *(rival.content for rival in shown.rivals))]
        values = contents[0]
        for content in contents[1:]:
            values = say("today.what.and", first=values, second=content)
        title = say("today.conflict.title", what=what, values=values)
        detail = " · ".join(_where(key, words) + [rival.author for rival in shown.rivals if rival.author])
        row = Row(key, "diamond", title, detail, say("today.conflict.pill"), "conflict", say("today.conflict.open"))
    else:
        title = say("today.parked.title", what=what)
        detail = " · ".join([*_where(key, words), formats.reason(shown.reason)])
        row = Row(key, "info", title, detail, say("today.parked.pill"), "warning", say("today.parked.open"))
    return Item(row, FAR, place)


def _place(key: Key, words: Words) -> Place | None:
    if key.kind in (VALUE, COMMENT):
        return Place("entry", key.unit, words.row(key)[0], key.period, key.item)
    return Place("tasks", key.unit, task=key.item) if key.kind in (TASK, PROGRESS) else None


def _what(key: Key, words: Words) -> str:
    if key.kind in (VALUE, COMMENT):
        return say(f"today.what.{key.kind}", label=words.row(key)[1], unit=words.unit(key.unit))
    return say("today.what.progress" if key.kind == PROGRESS else "today.what.task", task=words.task(key.item))


def _where(key: Key, words: Words) -> list[str]:
    return [formats.period(key.period)] if key.period else [words.unit(key.unit)]


def _content(content: str) -> str:
    """A value in short: a figure, a text, the reason why there is none."""
    try:
        value = Value.of(content)
    except ContentError:
        return say("today.what.update")
    if value.number is not None:
        return formats.number(value.number)
    if value.missing is not None:
        return say(f"today.what.{value.missing}")
    return value.text or value.raw or say("today.what.empty")
