"""A commune's list of villages and residential groups, read from a CSV or xlsx that an officer keeps."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.domain.text import fold
from sync.domain.units import MAX_NAME, Unit, UnitKind
from sync.exchange.records import Record
from sync.exchange.tables import Line, TableError, Wrong, read_table

HEADINGS: Final = {
    "name": ("name", "village", "ten", "ten thon", "thon"),
    "kind": ("kind", "loai"),
    "number": ("number", "so", "ma so"),
    "decision": ("decision", "quyet dinh"),
    "source": ("source", "nguon"),
}
"""Headings of each column, folded: in English, or in Vietnamese with or without accents."""

KINDS: Final = {
    "village": UnitKind.VILLAGE,
    "thon": UnitKind.VILLAGE,
    "residential_group": UnitKind.RESIDENTIAL_GROUP,
    "to dan pho": UnitKind.RESIDENTIAL_GROUP,
}
"""What may stand in the kind's column, folded."""

MAX_NUMBER: Final = 999


def read_villages(path: Path, commune: Unit, known: Sequence[Unit] = ()) -> tuple[Unit, ...]:
    """The villages that the file lists for `commune`, in the order of the file.

    Columns: the name; optionally kind (else the commune's: villages in a commune, residential groups in a ward),
    number (1 to 999, the last part of the key), decision and source. A village of `known`, the commune's
    villages so far, keeps its number; a new one without a number gets the next that nobody ever had.
    Two names that differ only in their accents are refused unless the file numbers both.

    Raises EnvironmentFault "file_unreadable" with `file` and `errors`, or "villages_invalid" with `file` and
    `errors`: a tuple of every `Wrong`.
    """
    try:
        table = read_table(path)
    except TableError as error:
        raise EnvironmentFault("file_unreadable", file=path.name, errors=error.wrongs) from error
    wrongs: list[Wrong] = []
    columns = {name: _column(table.headings, folded) for name, folded in HEADINGS.items()}
    records = [Record(path.name, _renamed(line, columns), wrongs) for line in table.lines]
    if columns["name"] is None:
        wrongs.append(Wrong(path.name, 1, "column_missing", "name"))
    elif not records:
        wrongs.append(Wrong(path.name, 0, "file_empty"))
    else:
        _check_names(records)
        kinds = [_kind(record, commune) for record in records]
        numbers = _numbers(records, known)
    if wrongs:
        raise EnvironmentFault("villages_invalid", file=path.name, errors=tuple(sorted(wrongs)))
    return tuple(
        Unit(
            key=f"{commune.key}.{number:03}",
            kind=kind,
            name=record.optional("name"),
            decision=record.optional("decision"),
            source=record.optional("source"),
        )
        for record, kind, number in zip(records, kinds, numbers, strict=True)
    )


def _column(headings: Sequence[str], folded: Sequence[str]) -> str | None:
    return next((heading for heading in headings if fold(heading) in folded), None)


def _renamed(line: Line, columns: dict[str, str | None]) -> Line:
    """The line under our own column names; names with single spaces."""
    cells = {name: line.cells[heading] for name, heading in columns.items() if heading is not None}
    if "name" in cells:
        cells["name"] = " ".join(cells["name"].split())
    return Line(line.number, cells)


def _check_names(records: Sequence[Record]) -> None:
    """Note names that are missing, too long, unprintable, repeated, or told apart by accents alone."""
    by_fold: dict[str, list[Record]] = {}
    for record in records:
        name = record.text("name")
        if len(name) > MAX_NAME:
            record.wrong("name_too_long", name)
        if any(unicodedata.category(letter).startswith("C") for letter in name):
            record.wrong("name_invalid", name)
        if not name:
            continue
        for other in by_fold.setdefault(fold(name), []):
            if other.optional("name").casefold() == name.casefold():
                record.wrong("name_repeated", f"{name} ({other.number})")
            elif not (record.optional("number") and other.optional("number")):
                record.wrong("name_alike", f"{name} ({other.number}: {other.optional('name')})")
        by_fold[fold(name)].append(record)


def _numbers(records: Sequence[Record], known: Sequence[Unit]) -> list[int]:
    """The number of each line: the file's, else that of the known village of this name, else a new one."""
    had = {_number_of(unit): unit for unit in known}
    by_name = {unit.name.casefold(): number for number, unit in had.items()}
    numbers: list[int] = []
    for record in records:
        written, name = record.optional("number"), record.optional("name").casefold()
        number = record.whole("number", 1, MAX_NUMBER) if written else by_name.get(name, 0)
        if written and by_name.get(name, number) != number:
            record.wrong("number_differs", f"{number}, {by_name[name]}")
        elif number in had and had[number].valid_to is not None:
            record.wrong("number_closed", str(number))
        elif number and number in numbers:
            record.wrong("number_repeated", str(number))
        numbers.append(number)
    following = max((*had, *numbers), default=0)
    for place, number in enumerate(numbers):
        if not number:
            following += 1
            numbers[place] = following
    if following > MAX_NUMBER:
        records[-1].wrong("too_many_villages", str(following))
    return numbers


def _number_of(village: Unit) -> int:
    return int(village.key.rpartition(".")[2])


def _kind(record: Record, commune: Unit) -> UnitKind:
    """The kind that the line says, else the one that the law has in such a commune."""
    written = record.optional("kind")
    usual = UnitKind.RESIDENTIAL_GROUP if commune.kind is UnitKind.WARD else UnitKind.VILLAGE
    if written and fold(written) not in KINDS:
        record.wrong("value_unknown", f"kind: {written}")
    return KINDS.get(fold(written), usual)
