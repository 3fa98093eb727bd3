"""The administrative units of a province, loaded from the catalogue folder: all of them, or every error."""

from pathlib import Path
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.domain.units import Unit, UnitKind
from sync.exchange.records import Record
from sync.exchange.tables import TableError, Wrong, read_table, require

FILE: Final = "units.csv"
COLUMNS: Final = ("key", "kind", "name", "code", "valid_from", "valid_to", "decision", "source")


def load_units(folder: Path, province: str) -> tuple[Unit, ...]:
    """The province of this code ("48") and its communes, wards and special zones, in the order of their keys.

    Raises EnvironmentFault "catalogue_invalid" with `errors`, a tuple of `Wrong`; lines of other provinces are
    not looked at.
    """
    wrongs: list[Wrong] = []
    found: dict[str, Unit] = {}
    try:
        table = read_table(folder / FILE)
        require(FILE, table, COLUMNS, COLUMNS)
    except TableError as error:
        raise EnvironmentFault("catalogue_invalid", errors=error.wrongs) from error
    for line in table.lines:
        if line.cells["key"].partition(".")[0] == province:
            unit = _unit(Record(FILE, line, wrongs), found)
            found[unit.key] = unit
    if province not in found:
        wrongs.append(Wrong(FILE, 0, "unknown_province", province))
    if wrongs:
        raise EnvironmentFault("catalogue_invalid", errors=tuple(wrongs))
    return tuple(found[key] for key in sorted(found))


def _unit(record: Record, taken: dict[str, Unit]) -> Unit:
    key, name = record.text("key"), record.text("name")
    if key in taken:
        record.wrong("duplicate_key", key)
    kind = record.member("kind", UnitKind)
    valid_from, valid_to = record.day("valid_from"), record.day("valid_to")
    texts = {column: record.optional(column) for column in ("code", "decision", "source")}
    try:
        return Unit(key, kind, name, valid_from=valid_from, valid_to=valid_to, **texts)
    except ValueError as error:
        record.wrong("unit_invalid", str(error))
        return Unit("00", UnitKind.PROVINCE, "?")
