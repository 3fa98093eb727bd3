"""The table of rights once more, written by hand: what each role may, where, and up to which class; for both ends."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sync.domain.catalogue import Sensitivity
from sync.domain.holidays import Holiday
from sync.domain.keys import (
    CLOSING,
    COMMENT,
    DEADLINE,
    HOLIDAY,
    PROGRESS,
    REVISION,
    STATUS,
    TASK,
    UNIT,
    VALUE,
    Key,
)
from sync.domain.progress import Progress
from sync.domain.revisions import Revision
from sync.domain.rights import Action, Role
from sync.domain.units import Unit, UnitKind
from sync.domain.workflow import State, Status

COMMUNE = "48.20308"
VILLAGE = "48.20308.001"
OTHER_VILLAGE = "48.20308.002"
PUBLIC, INTERNAL, SENSITIVE = Sensitivity
FAR_VILLAGE = "48.20194.001"
PLACES = {
    "province": "48",
    "department": "48.D01",
    "commune": COMMUNE,
    "village": VILLAGE,
    "beside": OTHER_VILLAGE,
    "far": FAR_VILLAGE,
}

# For every role and a unit where it is held, what it may and to which places; by hand, not by the code's own table.
BELOW_PROVINCE = "department commune village beside far"
IN_PROVINCE = f"province {BELOW_PROVINCE}"
IN_COMMUNE = "commune village beside"
ALLOWED: dict[tuple[Role, str], dict[Action, str]] = {
    (Role.VILLAGE_ENTRY, VILLAGE): {
        Action.READ: "village",
        Action.ENTER: "village",
        Action.COMMENT: "village",
        Action.SUBMIT: "village",
    },
    (Role.COMMUNE_ENTRY, COMMUNE): {
        Action.READ: IN_COMMUNE,
        Action.ENTER: IN_COMMUNE,
        Action.COMMENT: IN_COMMUNE,
        Action.SUBMIT: IN_COMMUNE,
    },
    (Role.COMMUNE_APPROVAL, COMMUNE): {
        Action.READ: IN_COMMUNE,
        Action.COMMENT: IN_COMMUNE,
        Action.DECIDE: "village beside",
        Action.ASSIGN: "village beside",
        Action.OPEN: IN_COMMUNE,
    },
    (Role.DEPARTMENT_ENTRY, "48.D01"): {
        Action.READ: "department",
        Action.ENTER: "department",
        Action.COMMENT: "department",
        Action.SUBMIT: "department",
    },
    (Role.PROVINCE_ASSIGNMENT, "48"): {
        Action.READ: IN_PROVINCE,
        Action.COMMENT: IN_PROVINCE,
        Action.DECIDE: BELOW_PROVINCE,
        Action.ASSIGN: IN_PROVINCE,
        Action.OPEN: IN_PROVINCE,
        Action.CLOSE: IN_PROVINCE,
    },
    (Role.PROVINCE_READING, "48"): {Action.READ: IN_PROVINCE},
    (Role.ADMINISTRATOR, COMMUNE): {
        Action.OPEN: IN_COMMUNE,
        Action.CLOSE: IN_COMMUNE,
        Action.ADMINISTER: IN_COMMUNE,
        Action.ESTABLISH: "village beside",
    },
    (Role.ADMINISTRATOR, "48"): {
        Action.OPEN: IN_PROVINCE,
        Action.CLOSE: IN_PROVINCE,
        Action.ADMINISTER: IN_PROVINCE,
        Action.ESTABLISH: BELOW_PROVINCE,
    },
    # Nobody holds it: every hand on a device of the commune has it while nobody has said who its people are.
    (Role.AS_ENROLLED, COMMUNE): {
        Action.READ: IN_COMMUNE,
        Action.ENTER: IN_COMMUNE,
        Action.COMMENT: IN_COMMUNE,
        Action.SUBMIT: IN_COMMUNE,
        Action.DECIDE: "village beside",
        Action.ASSIGN: "village beside",
    },
}
ROWS = [
    (held, up_to)
    for held in ALLOWED
    for up_to in Sensitivity
    if held[0] is not Role.AS_ENROLLED or up_to is Sensitivity.SENSITIVE
]
"""Each of these up to each class; what is as enrolled reaches every class."""

OF_A_CLASS = (Action.READ, Action.ENTER, Action.COMMENT, Action.SUBMIT, Action.DECIDE)
"""Actions that touch figures: those of a class above one's own are refused; the others name no figure."""


KINDS = {
    "48": UnitKind.PROVINCE,
    "48.D01": UnitKind.DEPARTMENT,
    COMMUNE: UnitKind.COMMUNE,
    VILLAGE: UnitKind.VILLAGE,
    OTHER_VILLAGE: UnitKind.VILLAGE,
    FAR_VILLAGE: UnitKind.VILLAGE,
}


class Attempt(NamedTuple):
    """One change that somebody tries, and what it is."""

    action: Action
    place: str
    sensitivity: Sensitivity
    key: Key
    content: str


def attempts(year: int, names: dict[str, str]) -> Iterator[Attempt]:
    """Every action at every place and of every class, each in a cell of its own: of periods that are this year's."""
    first, second, third, fourth = (f"A{year}Q{number}" for number in range(1, 5))
    for place, unit in PLACES.items():
        uuid = f"01980000-0000-7000-8000-{year:012d}"
        for one in Sensitivity:
            yield Attempt(Action.ENTER, place, one, Key(VALUE, unit, one, first), "1")
            yield Attempt(Action.ENTER, place, one, Key(REVISION, unit, one, first), Revision("1").content())
            answered = Revision("1").taken().content()
            yield Attempt(Action.DECIDE, place, one, Key(REVISION, unit, one, second), answered)
            yield Attempt(Action.COMMENT, place, one, Key(COMMENT, unit, one, first, uuid), '"Đã kiểm tra"')
            yield Attempt(Action.SUBMIT, place, one, Key(STATUS, unit, one, second), Status(State.SUBMITTED).content())
            yield Attempt(Action.DECIDE, place, one, Key(STATUS, unit, one, third), Status(State.RETURNED).content())
        told = Progress(date(year, 5, 2), 10).content()
        yield Attempt(Action.ENTER, place, PUBLIC, Key(PROGRESS, unit, uuid[:-1] + "f", "", uuid), told)
        yield Attempt(Action.ASSIGN, place, PUBLIC, Key(TASK, unit, uuid, "", "content"), '"Rà soát"')
        yield Attempt(Action.OPEN, place, PUBLIC, Key(DEADLINE, unit, PUBLIC, fourth), "null")
        yield Attempt(Action.CLOSE, place, PUBLIC, Key(CLOSING, unit, PUBLIC, fourth), "true")
        renamed = Unit(unit, KINDS[unit], names[unit])
        yield Attempt(Action.ESTABLISH, place, PUBLIC, Key(UNIT, unit), renamed.content())
        day = Holiday("Ngày bù", is_worked=True).content()
        yield Attempt(Action.ADMINISTER, place, PUBLIC, Key(HOLIDAY, unit, f"{year}-05-02"), day)


def may(held: tuple[Role, str], up_to: Sensitivity, action: Action, place: str, sensitivity: Sensitivity) -> bool:
    """What the rows above say."""
    order = list(Sensitivity)
    covers = action not in OF_A_CLASS or order.index(sensitivity) <= order.index(up_to)
    return covers and place in ALLOWED[held].get(action, "").split()
