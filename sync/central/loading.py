"""Lists that an administrator loads into an open centre, as decisions of the centre's own device."""

from enum import StrEnum
from pathlib import Path

from sync.central.centre import Centre
from sync.central.repository import CENTRE
from sync.domain.keys import UNIT, Key, within
from sync.domain.units import Level, Unit
from sync.exchange.samples import read_deadlines, read_samples, read_tasks, read_values
from sync.exchange.units import load_units
from sync.exchange.villages import read_villages


class List(StrEnum):
    """What a file lists."""

    VILLAGES = "villages"
    VALUES = "values"
    DEADLINES = "deadlines"
    TASKS = "tasks"


def load_province(centre: Centre, catalogues: Path) -> int:
    """The province and its communes, from the catalogue folder. The number of units written or changed.

    What an administrator decided of one stays: it no longer has a source.
    """
    known = centre.repository.units()
    units = [
        unit for unit in load_units(catalogues, centre.province) if unit.key not in known or known[unit.key].source
    ]
    return _decide(centre, {Key(UNIT, unit.key): unit.content() for unit in units})


def load_list(centre: Centre, what: List, file: Path, unit: Unit) -> int:
    """Load `file` for `unit`, a commune (or, for deadlines, the province). The number of cells changed.

    Raises EnvironmentFault villages_invalid or file_unreadable with every error; then nothing was changed.
    """
    below = [
        found for found in centre.repository.units().values() if found.key != unit.key and within(found.key, unit.key)
    ]
    if what is List.VILLAGES:
        villages = read_villages(file, unit, below)
        return _decide(centre, {Key(UNIT, village.key): village.content() for village in villages})
    if what is List.DEADLINES:
        return _decide(centre, read_deadlines(file, unit.key, centre.catalogue))
    keys = {village.name: village.key for village in below if village.valid_to is None}
    if what is List.VALUES:
        return _decide(centre, read_values(file, keys, centre.catalogue))
    return _decide(centre, read_tasks(file, unit.key, keys))


def load_samples(centre: Centre, samples: Path, commune: Unit) -> int:
    """The sample commune's villages, deadlines, values and tasks. The number of cells changed."""
    cells = read_samples(samples, commune, centre.catalogue)
    villages = {key: content for key, content in cells.items() if key.kind == UNIT}
    others = {key: content for key, content in cells.items() if key.kind != UNIT}
    # The villages first: what names a unit is judged by the units that exist already.
    return _decide(centre, villages) + _decide(centre, others)


def is_commune(unit: Unit) -> bool:
    return unit.kind.level is Level.COMMUNE


def _decide(centre: Centre, cells: dict[Key, str]) -> int:
    return centre.repository.decide(cells.items(), CENTRE)
