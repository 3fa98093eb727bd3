"""The address of everything that syncs, and the stream and unit that an address belongs to."""

from typing import Final, NamedTuple

VALUE: Final = "value"
TASK: Final = "task"
PROGRESS: Final = "progress"
UNIT: Final = "unit"
DEADLINE: Final = "deadline"
KINDS: Final = (VALUE, TASK, PROGRESS, UNIT, DEADLINE)

BROADCAST: Final = "*"
"""The stream that every device of a province follows: its units and what is decided for all."""

OWN_UNIT: Final = "~"
"""The unit of a device that is not enrolled yet: what is typed under it is given its true unit at enrolment."""


class Key(NamedTuple):
    """Address of one synced cell.

    `kind` is one of KINDS. `unit` is the unit that the cell belongs to. What `item`, `period` and `part` hold
    depends on the kind:

    | kind     | item          | period      | part                          |
    |----------|---------------|-------------|-------------------------------|
    | value    | indicator key | period code | breakdown, "" for the total   |
    | task     | task UUID     |             | field name                    |
    | progress | task UUID     |             | UUID of one dated update      |
    | unit     |               |             |                               |
    | deadline | form key      | period code |                               |
    """

    kind: str
    unit: str
    item: str = ""
    period: str = ""
    part: str = ""


def within(unit: str, ancestor: str) -> bool:
    """Whether `unit` is `ancestor` or lies below it."""
    return unit == ancestor or unit.startswith(ancestor + ".")


def province_of(unit: str) -> str:
    """The province's two digits, which lead every unit key."""
    return unit.partition(".")[0]


def commune_of(unit: str) -> str | None:
    """Key of the commune that `unit` is or lies in; None for a province or a department."""
    province, _, rest = unit.partition(".")
    commune = rest.partition(".")[0]
    return f"{province}.{commune}" if commune.isdigit() else None


def stream_of(key: Key) -> str:
    """The stream that orders commits to this key: one per commune, one for what stands above, one broadcast.

    A deadline that a province sets is for all who are below it, so it is broadcast.
    """
    if key.kind == UNIT or (key.kind == DEADLINE and commune_of(key.unit) is None):
        return BROADCAST
    return commune_of(key.unit) or province_of(key.unit)
