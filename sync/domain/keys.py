"""The address of everything that syncs, and the stream and unit that an address belongs to."""

from typing import Final, NamedTuple

VALUE: Final = "value"
TASK: Final = "task"
PROGRESS: Final = "progress"
STEP: Final = "step"
EVIDENCE: Final = "evidence"
COMMENT: Final = "comment"
REVISION: Final = "revision"
UNIT: Final = "unit"
DEADLINE: Final = "deadline"
STATUS: Final = "status"
CLOSING: Final = "closing"
HOLIDAY: Final = "holiday"
DEVICE: Final = "device"
PERSON: Final = "person"
RIGHTS: Final = "rights"
ESCROW: Final = "escrow"
WITHDRAWAL: Final = "withdrawal"
RECEIPT: Final = "receipt"
KINDS: Final = (
    VALUE,
    TASK,
    PROGRESS,
    STEP,
    EVIDENCE,
    COMMENT,
    REVISION,
    UNIT,
    DEADLINE,
    STATUS,
    CLOSING,
    HOLIDAY,
    DEVICE,
    PERSON,
    RIGHTS,
    ESCROW,
    WITHDRAWAL,
)
"""What a change may address; a receipt is the centre's word on a change, and no change itself."""

FOR_ALL: Final = (UNIT, DEADLINE, CLOSING, HOLIDAY)
"""What every device of a province may see: a deadline or a closing is for all who are below its unit."""

BROADCAST: Final = "*"
"""The stream that every device of a province follows: its units and what is decided for all."""

REGISTER: Final = "@"
"""The stream of the devices and the people, which no desktop follows."""

OWN_UNIT: Final = "~"
"""The unit of a device that is not enrolled yet: what is typed under it is given its true unit at enrolment."""


class Key(NamedTuple):
    """Address of one synced cell.

    `kind` is one of KINDS. `unit` is the unit that the cell belongs to. What `item`, `period` and `part` hold
    depends on the kind:

    | kind       | item          | period      | part                          |
    |------------|---------------|-------------|-------------------------------|
    | value      | indicator key | period code | breakdown, "" for the total   |
    | task       | task UUID     |             | field name                    |
    | progress   | task UUID     |             | UUID of one dated update      |
    | step       | task UUID     |             | UUID of one step              |
    | evidence   | task UUID     |             | UUID of one piece of it       |
    | comment    | indicator key | period code | UUID, or breakdown/UUID       |
    |            | or form key   |             |                               |
    | revision   | indicator key | period code | as of the value               |
    | unit       |               |             |                               |
    | deadline   | form key      | period code |                               |
    | status     | form key      | period code |                               |
    | closing    | form key      | period code |                               |
    | holiday    | day           |             |                               |
    | device     | device        |             |                               |
    | person     | name          |             |                               |
    | rights     |               |             |                               |
    | escrow     | device        |             |                               |
    | receipt    | branch        |             | number of the change          |
    | withdrawal | branch        |             | number of the change          |

    A comment with an indicator's key is about that cell, one with a form's key about the whole form of that period.
    The `unit` of rights, a receipt or a withdrawal is the stream of the device that it is for.
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


def ancestors(unit: str) -> tuple[str, ...]:
    """The unit and all above it, from itself up to its province."""
    parts = unit.split(".")
    return tuple(".".join(parts[:count]) for count in range(len(parts), 0, -1))


def stream_of(key: Key) -> str:
    """The stream that orders commits to this key: one per commune, one for what stands above, one broadcast."""
    if key.kind in FOR_ALL:
        return BROADCAST
    if key.kind in (RECEIPT, RIGHTS, WITHDRAWAL):
        return key.unit
    if key.kind in (DEVICE, PERSON, ESCROW):
        return REGISTER
    return commune_of(key.unit) or province_of(key.unit)


def stream_of_device(device: str) -> str:
    """The stream that one device alone follows."""
    return REGISTER + device


def device_of_stream(stream: str) -> str:
    """The device whose own stream this is."""
    return stream.removeprefix(REGISTER)


def is_for_one_unit(stream: str) -> bool:
    """Whether the records of `stream` belong to units, and so are seen from some and not from others."""
    return stream != BROADCAST and not stream.startswith(REGISTER)
