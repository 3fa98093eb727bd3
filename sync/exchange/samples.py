"""The sample data of one commune, read into the cells with which a centre is filled to try the program."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from sync.domain.catalogue import NUMBERS, Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.identifiers import is_uuid
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
    cells = {Key(UNIT, village.key): village.content() for village in villages}
    cells |= read_deadlines(folder / DEADLINES, commune.key, catalogue)
    cells |= read_values(folder / VALUES, units, catalogue)
    return cells | read_tasks(folder / TASKS, commune.key, units)


def read_deadlines(path: Path, unit: str, catalogue: Catalogue) -> dict[Key, str]:
    """The deadlines that a list (form, period, due, source) sets for `unit`, a commune or a province.

    Raises EnvironmentFault "file_unreadable" with `file` and `errors` (every `Wrong`), as do the other lists.
    """
    columns = ("form", "period", "due", "source")
    return _cells(path, columns, (), lambda record: _deadline(record, unit, catalogue))


def read_values(path: Path, units: Mapping[str, str], catalogue: Catalogue) -> dict[Key, str]:
    """The values of a list with a line for each period and village and a column for each indicator.

    `units` are the villages' keys by name.
    """
    numbers = {item for item, indicator in catalogue.indicators.items() if indicator.type in NUMBERS}
    return _cells(path, ("period", "village"), numbers, lambda record: _values(record, units, numbers))


def read_tasks(path: Path, commune: str, units: Mapping[str, str]) -> dict[Key, str]:
    """The tasks of a list with a line for each; one without a village is the commune's own."""
    return _cells(path, ("item", "village", "content"), FIELDS, lambda record: _task(record, {"": commune, **units}))


def _cells(
    path: Path, needed: Collection[str], more: Collection[str], cells_of: Callable[[Record], dict[Key, str]]
) -> dict[Key, str]:
    """All cells of a list, each named by one line only."""
    wrongs: list[Wrong] = []
    found: dict[Key, str] = {}
    for record in _records(path, needed, more, wrongs):
        cells = cells_of(record)
        if not found.keys().isdisjoint(cells):
            record.wrong("duplicate_row")
        found |= cells
    if wrongs:
        raise EnvironmentFault("file_unreadable", file=path.name, errors=tuple(wrongs))
    return found


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
    """The cells of one task."""
    unit, item = record.reference("village", units, ""), record.text("item")
    if item and not is_uuid(item):
        record.wrong("value_unknown", f"item: {item}")
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
