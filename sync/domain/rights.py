"""Who may do what: roles held at units, how far each reaches, and up to which sensitivity class.

| role                | read | enter | comment | submit | decide | assign | open | close | administer | establish |
|---------------------|------|-------|---------|--------|--------|--------|------|-------|------------|-----------|
| village_entry       | all  | all   | all     | all    |        |        |      |       |            |           |
| commune_entry       | all  | all   | all     | all    |        |        |      |       |            |           |
| commune_approval    | all  |       | all     |        | below  | below  | all  |       |            |           |
| department_entry    | all  | all   | all     | all    |        |        |      |       |            |           |
| province_assignment | all  |       | all     |        | below  | all    | all  | all   |            |           |
| province_reading    | all  |       |         |        |        |        |      |       |            |           |
| administrator       |      |       |         |        |        |        | all  | all   | all        | below     |
| as_enrolled         | all  | all   | all     | all    | below  | below  |      |       |            |           |

*All* is the unit at which the role is held and every unit below it; *below* is every unit below it, since each level
decides over the next: whoever administers a commune establishes its villages (creates, renames and closes them), and
the commune itself whoever administers the province. Whoever approves for a commune types nothing of the commune's own,
neither its figures nor how far its tasks are: what is typed and what is decided stay apart, and somebody who does both
holds both roles. The centre decides by this table for every change, by its author; a desktop shows by it.

Nobody holds `as_enrolled`: it is what every hand on a device may do while nobody has said who its people are. Devices
that were enrolled before there were roles go on with it, at the units of their scope and up to every class.
"""

import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from sync.domain import keys
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import Key, within
from sync.domain.revisions import Revision
from sync.domain.units import Level, level_of
from sync.domain.values import CLEARED, ContentError, canonical
from sync.domain.workflow import DECIDED_ABOVE, Status


class Role(StrEnum):
    """What a person is for a unit."""

    VILLAGE_ENTRY = "village_entry"
    COMMUNE_ENTRY = "commune_entry"
    COMMUNE_APPROVAL = "commune_approval"
    DEPARTMENT_ENTRY = "department_entry"
    PROVINCE_ASSIGNMENT = "province_assignment"
    PROVINCE_READING = "province_reading"
    ADMINISTRATOR = "administrator"
    AS_ENROLLED = "as_enrolled"


HELD: Final = tuple(role for role in Role if role is not Role.AS_ENROLLED)
"""The roles that a person may be given."""


class Action(StrEnum):
    """What somebody does to a cell of a unit, or sees of it."""

    READ = "read"
    ENTER = "enter"
    COMMENT = "comment"
    SUBMIT = "submit"
    DECIDE = "decide"
    ASSIGN = "assign"
    OPEN = "open"
    CLOSE = "close"
    ADMINISTER = "administer"
    ESTABLISH = "establish"


class Reach(StrEnum):
    """How far an action reaches from the unit at which the role is held."""

    ALL = "all"
    BELOW = "below"


_ENTRY: Final[Mapping[Action, Reach]] = MappingProxyType(
    dict.fromkeys((Action.READ, Action.ENTER, Action.COMMENT, Action.SUBMIT), Reach.ALL)
)
TABLE: Final[Mapping[Role, Mapping[Action, Reach]]] = MappingProxyType(
    {
        Role.VILLAGE_ENTRY: _ENTRY,
        Role.COMMUNE_ENTRY: _ENTRY,
        Role.COMMUNE_APPROVAL: {
            Action.READ: Reach.ALL,
            Action.COMMENT: Reach.ALL,
            Action.DECIDE: Reach.BELOW,
            Action.ASSIGN: Reach.BELOW,
            Action.OPEN: Reach.ALL,
        },
        Role.DEPARTMENT_ENTRY: _ENTRY,
        Role.PROVINCE_ASSIGNMENT: {
            Action.READ: Reach.ALL,
            Action.COMMENT: Reach.ALL,
            Action.DECIDE: Reach.BELOW,
            Action.ASSIGN: Reach.ALL,
            Action.OPEN: Reach.ALL,
            Action.CLOSE: Reach.ALL,
        },
        Role.PROVINCE_READING: {Action.READ: Reach.ALL},
        Role.ADMINISTRATOR: {
            Action.OPEN: Reach.ALL,
            Action.CLOSE: Reach.ALL,
            Action.ADMINISTER: Reach.ALL,
            Action.ESTABLISH: Reach.BELOW,
        },
        Role.AS_ENROLLED: {**_ENTRY, Action.DECIDE: Reach.BELOW, Action.ASSIGN: Reach.BELOW},
    }
)
"""The module's table; what is not there is not allowed."""

_DEPARTMENT: Final = re.compile(r"[0-9]{2}\.D[0-9]{2}")
_LIMIT: Final = ":"
_CLASSES: Final = tuple(Sensitivity)


def fits(role: Role, unit: str) -> bool:
    """Whether a role may be held at the unit of this key."""
    is_department = _DEPARTMENT.fullmatch(unit) is not None
    match role:
        case Role.VILLAGE_ENTRY:
            return level_of(unit) is Level.VILLAGE
        case Role.COMMUNE_ENTRY | Role.COMMUNE_APPROVAL:
            return level_of(unit) is Level.COMMUNE
        case Role.DEPARTMENT_ENTRY:
            return is_department
        case Role.PROVINCE_ASSIGNMENT | Role.PROVINCE_READING:
            return level_of(unit) is Level.PROVINCE and not is_department
        case Role.ADMINISTRATOR:
            return level_of(unit) is not Level.VILLAGE and not is_department
        case Role.AS_ENROLLED:
            return False


class Grant(NamedTuple):
    """A role held at a unit, which reaches cells up to this sensitivity class."""

    role: Role
    unit: str
    up_to: Sensitivity


Grants = tuple[Grant, ...]
People = Mapping[str, Grants]
"""The people of one device, each with what they hold; one who holds nothing is still one of them."""


def implied(units: Iterable[str]) -> Grants:
    """What every hand may do on a device of these units of which nobody has said who its people are."""
    return tuple(Grant(Role.AS_ENROLLED, unit, Sensitivity.SENSITIVE) for unit in units)


def allows(grants: Iterable[Grant], action: Action, unit: str, sensitivity: str = Sensitivity.PUBLIC) -> bool:
    """Whether any of `grants` lets its holder do `action` to a cell of `unit` of this class."""
    for role, at, up_to in grants:
        reach = TABLE[role].get(action)
        if (
            reach is not None
            and within(unit, at)
            and (reach is Reach.ALL or unit != at)
            and sensitivity in classes(up_to)
        ):
            return True
    return False


@cache
def classes(up_to: str) -> tuple[str, ...]:
    """The classes up to this one; that of what has none is ""."""
    return ("", *_CLASSES[: _CLASSES.index(Sensitivity(up_to)) + 1])


DECIDED: Final[Mapping[str, Action]] = MappingProxyType(
    {
        keys.DEADLINE: Action.OPEN,
        keys.CLOSING: Action.CLOSE,
        keys.UNIT: Action.ESTABLISH,
        keys.HOLIDAY: Action.ADMINISTER,
    }
)
"""Kinds of which every change decides over a unit."""

_ACTIONS: Final[Mapping[str, tuple[Action, ...]]] = MappingProxyType(
    {
        keys.VALUE: (Action.ENTER,),
        keys.PROGRESS: (Action.ENTER,),
        keys.EVIDENCE: (Action.ENTER,),
        keys.COMMENT: (Action.COMMENT,),
        keys.REVISION: (Action.ENTER,),
        keys.STATUS: (Action.SUBMIT,),
        # By whoever assigned the task or does it: which of them may write what stands in `steps`.
        keys.TASK: (Action.ASSIGN, Action.ENTER),
        keys.STEP: (Action.ASSIGN, Action.ENTER),
        **{kind: (action,) for kind, action in DECIDED.items()},
    }
)


def actions_of(key: Key, content: str) -> tuple[Action, ...]:
    """What a change of this cell to `content` does, any of which must be allowed; none for what no person does.

    Raises ContentError for a status or a request that is none.
    """
    if key.kind == keys.REVISION and content != CLEARED and Revision.of(content).answer:
        return (Action.DECIDE,)
    if key.kind == keys.STATUS and Status.of(content).state in DECIDED_ABOVE:
        return (Action.DECIDE,)
    return _ACTIONS.get(key.kind, ())


def class_of(catalogue: Catalogue, key: Key) -> str:
    """The sensitivity class of what `key` holds, "" for what has none."""
    if key.kind == keys.COMMENT and key.item in catalogue.forms:
        # Whoever speaks of a form may speak of any figure in it.
        return class_of_form(catalogue, key.item)
    if key.kind not in (keys.VALUE, keys.COMMENT, keys.REVISION):
        return ""
    indicator = catalogue.indicators.get(key.item)
    # Of what an older catalogue does not know nobody can say that it is harmless.
    return indicator.sensitivity if indicator else Sensitivity.SENSITIVE


def class_of_form(catalogue: Catalogue, form: str) -> Sensitivity:
    """The highest class of a form's figures: whoever takes a step with the form answers for all of them."""
    rows = catalogue.indicators_of(form)
    return max((row.sensitivity for row in rows), key=_CLASSES.index, default=Sensitivity.PUBLIC)


def class_to_act(catalogue: Catalogue, key: Key) -> str:
    """The class that somebody must reach to change `key`."""
    if key.kind == keys.STATUS and key.item in catalogue.forms:
        return class_of_form(catalogue, key.item)
    return class_of(catalogue, key)


# What a device sees: units whose subtrees it follows, each up to a class.


def root(unit: str, up_to: Sensitivity) -> str:
    """How a unit stands in a device's scope: bare where every class of it is seen, else with the last class seen."""
    return unit if up_to is _CLASSES[-1] else f"{unit}{_LIMIT}{up_to}"


def unit_of(root: str) -> str:
    """The unit of a root."""
    return root.partition(_LIMIT)[0]


def limit_of(root: str) -> Sensitivity:
    """The last class that is seen from a root. Raises ValueError for one that is not known."""
    _, limited, name = root.partition(_LIMIT)
    return Sensitivity(name) if limited else _CLASSES[-1]


def is_seen(catalogue: Catalogue, roots: Iterable[str], key: Key) -> bool:
    """Whether a device of this scope may see the cell at `key`, which belongs to a unit or is for all."""
    if key.kind in keys.FOR_ALL:
        return True
    found = class_of(catalogue, key)
    return any(within(key.unit, unit_of(root)) and found in classes(limit_of(root)) for root in roots)


def roots(people: People) -> tuple[str, ...]:
    """The scope of a device with these people: what any of them may read, each subtree once.

    Of one unit the highest class counts. A unit below another is seen with that one and, should it be seen further
    for itself, no further: the other's class holds for its whole subtree, so that nothing comes for nobody.
    """
    highest: dict[str, Sensitivity] = {}
    for role, unit, up_to in (grant for grants in people.values() for grant in grants):
        if Action.READ in TABLE[role]:
            highest[unit] = max(highest.get(unit, up_to), up_to, key=_CLASSES.index)
    apart = (unit for unit in highest if not any(unit != above and within(unit, above) for above in highest))
    return tuple(sorted(root(unit, highest[unit]) for unit in apart))


def home(grants: Grants, unit: str) -> str:
    """The unit that somebody with these roles has before them: the highest that they may read, `unit` where none is.

    Of several beside each other, `unit` if it is one of them, else the first.
    """
    units = {grant.unit for grant in grants if Action.READ in TABLE[grant.role]}
    return min(units, key=lambda one: (one.count("."), one != unit, one), default=unit)


# As content of cells


def grants_content(grants: Iterable[Grant]) -> str:
    """What a person's cell holds: canonical JSON."""
    return canonical(_written(grants))


def grants_of(content: str) -> Grants:
    """Read a person's cell. Raises ContentError."""
    return _read(_loaded(content), content)


def people_content(people: People) -> str:
    """What a device's rights hold: canonical JSON."""
    return canonical({name: _written(grants) for name, grants in people.items()})


@lru_cache(maxsize=1_000)
def people_of(content: str) -> People:
    """Read a device's rights. Raises ContentError. A role or a class of a newer program gives nothing."""
    found = _loaded(content)
    if not isinstance(found, dict):
        raise ContentError(content[:80])
    return MappingProxyType({name: _read(grants, content) for name, grants in found.items()})


def _written(grants: Iterable[Grant]) -> list[list[str]]:
    return sorted([str(part) for part in grant] for grant in set(grants))


def _loaded(content: str) -> object:
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContentError(content[:80]) from error
    return found


def _read(found: object, content: str) -> Grants:
    if not isinstance(found, list):
        raise ContentError(content[:80])
    grants: list[Grant] = []
    for each in found:
        if not isinstance(each, list) or list(map(type, each)) != [str, str, str]:
            raise ContentError(content[:80])
        role, unit, up_to = each
        if role in HELD and up_to in _CLASSES and fits(Role(role), unit):
            grants.append(Grant(Role(role), unit, Sensitivity(up_to)))
    return tuple(grants)
