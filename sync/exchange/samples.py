"""The sample data of one commune, read into the cells with which a centre is filled to try the program."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from sync.domain.catalogue import NUMBERS, Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import DEADLINE, TASK, UNIT, VALUE, Key
from sync.domain.periods import Period, PeriodError
from sync.domain.tasks import FIELDS, check_field
from sync.domain.units import Unit
from sync.domain.values import ContentError, Value
from sync.exchange.records import Record
from sync.exchange.tables import TableError, Wrong, read_table, require
from sync.exchange.villages import read_villages

VILLAGES: Final = "villages.csv"
VALUES: Final = "values_2026Q2.csv"
DEADLINES: Final = "deadlines.csv"
TASKS: Final = "tasks.csv"


def read_samples(folder: Path, commune: Unit, catalogue: Catalogue) -> dict[Key, str]:
    """Content by key of every cell that the samples fill: villages, deadlines, values and tasks of `commune`.

    Raises EnvironmentFault "villages_invalid" or "file_unreadable", with `file` and `errors` (every `Wrong`).
    """
    villages = read_villages(folder / VILLAGES, commune)
    units = {village.name: village.key for village in villages}
    numbers = {item for item, indicator in catalogue.indicators.items() if indicator.type in NUMBERS}
    wrongs: list[Wrong] = []
    cells = {Key(UNIT, village.key): village.content() for village in villages}
    for record in _records(folder / DEADLINES, ("form", "period", "due", "source"), (), wrongs):
        cells |= _deadline(record, commune.key, catalogue)
    for record in _records(folder / VALUES, ("period", "village"), numbers, wrongs):
        cells |= _values(record, units, numbers)
    for record in _records(folder / TASKS, ("item", "village", *FIELDS), (), wrongs):
        cells |= _task(record, {"": commune.key, **units})
    if wrongs:
        raise EnvironmentFault("file_unreadable", file=wrongs[0].file, errors=tuple(wrongs))
    return cells


def _records(path: Path, needed: Collection[str], more: Collection[str], wrongs: list[Wrong]) -> list[Record]:
    try:
        table = read_table(path)
        require(path.name, table, needed, {*needed, *more})
    except TableError as error:
        wrongs += error.wrongs
        return []
    return [Record(path.name, line, wrongs) for line in table.lines]


def _deadline(record: Record, commune: str, catalogue: Catalogue) -> dict[Key, str]:
    form = record.text("form")
    if form not in catalogue.forms:
        record.wrong("unknown_form", form)
    try:
        due = datetime.fromisoformat(record.text("due"))
        content = Deadline(due, record.optional("source")).content()
    except ValueError:
        record.wrong("date_invalid", record.optional("due"))
        return {}
    return {Key(DEADLINE, commune, form, _period(record)): content}


def _values(record: Record, units: Mapping[str, str], items: Collection[str]) -> dict[Key, str]:
    """The numbers of one village and period; an empty cell fills nothing."""
    unit, period = record.reference("village", units, ""), _period(record)
    found = {item: record.decimal(item) for item in sorted(items)}
    return {
        Key(VALUE, unit, item, period): Value(number=number).content()
        for item, number in found.items()
        if number is not None
    }


def _task(record: Record, units: Mapping[str, str]) -> dict[Key, str]:
    """The cells of one task; a line without a village is the commune's own."""
    unit, item = record.reference("village", units, ""), record.text("item")
    cells = {}
    for field in FIELDS:
        if record.optional(field):
            content = Value(text=record.optional(field)).content()
            try:
                check_field(field, content)
            except ContentError as error:
                record.wrong("value_unknown", f"{field}: {error}")
            cells[Key(TASK, unit, item, "", field)] = content
    return cells


def _period(record: Record) -> str:
    code = record.text("period")
    try:
        Period.parse(code)
    except PeriodError:
        record.wrong("period_invalid", code)
    return code
