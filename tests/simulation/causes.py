"""What keeps a parked change from its effect: each reason's words, stated apart from the centre's judge."""

import json
from collections.abc import Mapping
from typing import Final

from sync.central import room
from sync.domain import parking, withdrawing
from sync.domain.catalogue import Catalogue
from sync.domain.keys import CLOSING, COMMENT, EVIDENCE, STATUS, STEP, TASK, UNIT, VALUE, Key, within
from sync.domain.rights import Action, actions_of, allows, class_to_act
from sync.domain.values import CLEARED
from sync.domain.workflow import Status
from sync.protocol.messages import Record
from tests.simulation.model import Model
from tests.simulation.pc import PC
from tests.simulation.province import CATALOGUES, INVALID
from tests.simulation.seam import CentreState, Logged
from tests.simulation.watch import assigns, decides_over_a_task, decisions_over, holds

_BY_DOER: Final = ("not_started", "in_progress", "awaiting_confirmation", "refused")
"""States that whoever does a task may say of it."""

_ENDED: Final = ("completed", "withdrawn")


def stands(row: Logged, pc: PC | None, model: Model, centre: CentreState, catalogue: Catalogue) -> bool:
    """Whether the reason why a change of `pc` is parked is still there; of None it is the centre's own, which lacks no
    right."""
    key = row.key
    match row.reason:
        case parking.UNKNOWN_INDICATOR:
            named = [remark.item for remark in Status.of(row.content).remarks] if key.kind == STATUS else [key.item]
            return any(item not in catalogue.indicators and item not in catalogue.forms for item in named)
        case parking.UNKNOWN_UNIT:
            return Key(UNIT, key.unit) not in centre.records
        case parking.INVALID_CONTENT:
            # A number, decided over something that is none, is as wrong as a value in another spelling.
            return row.content == INVALID if key.kind == VALUE else row.content.isdigit()
        case parking.DEVICE_REVOKED:
            return pc is not None and pc.is_revoked
        case parking.PERSON_UNKNOWN:
            return pc is not None and pc.has_people and row.author != pc.person
        case parking.NOT_YOUR_UNIT:
            return pc is not None and not any(within(key.unit, grant.unit) for grant in pc.grants)
        case parking.NO_RIGHT:
            return pc is not None and not may_type(pc, row)
        case parking.NOT_YOURS_TO_DECIDE:
            if pc is None:
                return False
            return not may_type(pc, row) or _is_anothers(row, centre.records) or _is_not_the_doers(row, pc, centre)
        case parking.PERIOD_CLOSED | parking.APPROVED:
            kind = CLOSING if row.reason == parking.PERIOD_CLOSED else STATUS
            decisions = [decision for decision in decisions_over(key) if decision.kind == kind]
            return any(decision in centre.records and holds(centre.records[decision]) for decision in decisions)
        case parking.STATUS_MOVED:
            # For good: somebody else has taken a step that whoever took this one did not know of.
            others = (other for other in centre.log.values() if other.key == key and not other.is_parked)
            return any(not model.has_seen(row.version, other.version) for other in others)
        case parking.TOO_MANY_RIVALS:
            heads = [head.version for head in centre.records[key].heads]
            beside = [head for head in heads if head.device == row.version.device and head not in row.seen]
            return len(beside) >= room.MAX_HEADS_OF_DEVICE
        case parking.WITHDRAWN:
            return withdrawing.key_of(*row.version) in centre.records
        case _:
            # Nobody here does what any other reason is for.
            return False


def may_type(pc: PC, row: Logged) -> bool:
    """Whether whoever uses a PC may do what they typed."""
    sensitivity = class_to_act(CATALOGUES["1"], row.key)
    return any(allows(pc.grants, action, row.key.unit, sensitivity) for action in actions_of(row.key, row.content))


def _is_anothers(row: Logged, records: Mapping[Key, Record]) -> bool:
    """Whether it would stand in the place of somebody else's words, or of another file."""
    record = records.get(row.key)
    if record is None or row.key.kind not in (COMMENT, STEP, EVIDENCE):
        return False
    others = [head for head in record.heads if head.author != row.author and head.version.device != row.version.device]
    files = {head.content for head in record.heads} - {CLEARED}
    return bool(others) or (row.key.kind == EVIDENCE and row.content != CLEARED and bool(files - {row.content}))


def _is_not_the_doers(row: Logged, pc: PC, centre: CentreState) -> bool:
    """Whether it says of a task what whoever does it may not, typed where nobody speaks for whoever gave it."""
    key = row.key
    if key.kind not in (TASK, STEP, EVIDENCE):
        return False
    state = _said(centre, key, "state")
    if key.kind == EVIDENCE:
        return row.content == CLEARED and state == "completed"
    giver = _said(centre, key, "from_unit")
    gives = allows(pc.grants, Action.ENTER, giver) if giver == key.unit else assigns(pc.grants, giver)
    if gives or allows(pc.grants, Action.ASSIGN, key.unit):
        return False
    if key.kind == STEP:
        return decides_over_a_task(row)
    said = json.loads(row.content)
    if key.part == "from_unit" and not giver and not _said(centre, key, "content"):
        begins = allows(pc.grants, Action.ENTER, said) if said == key.unit else assigns(pc.grants, said)
        if begins:
            return False
    may = (
        key.part == "contact"
        or (key.part == "state" and said in _BY_DOER and state not in _ENDED)
        or (key.part == "completed_date" and said is not None and state not in _ENDED)
    )
    return not may


def _said(centre: CentreState, of: Key, part: str) -> str:
    """What a field of a task says that is displayed; "" for nothing."""
    record = centre.records.get(Key(TASK, of.unit, of.item, "", part))
    return str(json.loads(record.heads[0].content) or "") if record else ""
