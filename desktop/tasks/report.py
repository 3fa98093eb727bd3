"""A unit's report of its tasks as of a day: the 25 columns, in the words and figures that stood on that day."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from desktop.tasks.listing import Line, Listing
from desktop.widgets import formats
from desktop.widgets.duty import duty
from desktop.widgets.pages import Printed, Row
from desktop.widgets.words import say
from sync.domain.catalogue import Sensitivity
from sync.domain.progress import latest, said_last
from sync.domain.steps import extensions
from sync.domain.tasks import Timeliness, label
from sync.exchange.assignments import REPORT
from sync.exchange.writing import Table


def report(lines: Sequence[Line], listing: Listing, unit: str) -> Table:
    """The report of `lines`, in their order, as of the listing's day; `unit` is whose report it is. What was withdrawn
    by then nobody reports.

    Raises nothing: what is not known stays empty, and is never 0.
    """
    title = say("tasks.report.title", unit=unit, day=formats.day(listing.as_of))
    reported = [(line, line.stand) for line in lines if line.stand]
    return Table(title, REPORT, [_row(number, *each, listing) for number, each in enumerate(reported, 1)])


def _row(number: int, line: Line, timeliness: Timeliness, listing: Listing) -> tuple[str | Decimal, ...]:
    task, as_of = line.task, listing.as_of
    updates = line.assigned.said(as_of)
    last = latest(updates, as_of)
    granted = [step for step in extensions(line.assigned.steps) if step.date <= as_of]
    stage, stand = label(task.state, timeliness)
    approver = next((step.by for step in reversed(granted) if step.by), task.approver)
    return (
        Decimal(number),
        task.content,
        task.leader,
        listing.name(task.unit),
        "; ".join(listing.name(one) for one in task.supporting),
        task.contact,
        _day(task.start_date),
        _day(task.due_date),
        say(f"tasks.group.{task.group}") if task.group else "",
        task.source,
        say("tasks.report.state", stage=say(f"tasks.stage.{stage}"), stand=say(f"widgets.timeliness.{stand}").lower()),
        said_last(updates, "words", as_of),
        "" if line.percent is None else say("tasks.page.percent", percent=line.percent),
        said_last(updates, "difficulties", as_of),
        said_last(updates, "proposals", as_of),
        task.code,
        task.assigner,
        task.roadmap,
        _day(last.date if last else None),
        _day(task.completed_date),
        Decimal(len(granted)) if granted else "",
        "; ".join(_day(step.old_due) for step in granted),
        approver,
        task.approver_email,
        task.approver_phone,
    )


def _day(of: date | None) -> str:
    return formats.day(of) if of else ""


def printed(table: Table, now: datetime) -> Printed:
    """The report on paper: columns in which nothing stands are left out, and long words are cut with a sign."""
    name, unit = REPORT.index("Tên nhiệm vụ"), REPORT.index("Đơn vị chủ trì thực hiện")
    lead = (0, name, unit)
    others = [place for place in range(len(REPORT)) if place not in lead and any(row[place] for row in table.rows)]
    cut = any(len(str(cell)) > MOST_LETTERS for row in table.rows for cell in row)
    rows = [
        Row(str(row[0]), _short(row[name]), _short(row[unit]), tuple(_short(row[place]) for place in others), False)
        for row in table.rows
    ]
    return Printed(
        title=table.title,
        lead=(REPORT[0], REPORT[name], REPORT[unit]),
        about=(),
        headings=tuple(REPORT[place] for place in others),
        rows=tuple(rows),
        notes=(say("tasks.report.cut", most=MOST_LETTERS),) if cut else (),
        warning=duty(Sensitivity.INTERNAL),
        printed=say("tasks.report.printed", at=formats.moment(now)),
    )


MOST_PRINTED: Final = 1_000
"""Tasks of one print: some hundred pages."""

MOST_LETTERS: Final = 300
"""Letters of a cell on paper; the workbook holds all of them."""


def _short(cell: str | Decimal) -> str:
    text = str(cell)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS].rstrip()}…"
