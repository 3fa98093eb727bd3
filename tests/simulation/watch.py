"""What must hold of the centre at every moment: invariants, each a check with its words, and what they compare with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, COMMENT, EVIDENCE, RECEIPT, STATUS, STEP, TASK, VALUE, Key, ancestors, within
from sync.domain.parking import WITHDRAWN
from sync.domain.rights import TABLE, Action, Grants, allows
from sync.domain.steps import BY_DOER, Step
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, content_digest, has_approval, is_approved
from sync.protocol.messages import Record, Version
from tests.simulation.model import Model, plain
from tests.simulation.newer import extra_of
from tests.simulation.province import FORM, STRANGE_ITEM
from tests.simulation.seam import CentreState, Logged
from tests.simulation.trace import Violation

_NOTHING: Final = CentreState({}, {}, {}, {}, frozenset(), {})


class Watch:
    """What was seen of the centre so far: of most, between two restores of its database."""

    def __init__(self) -> None:
        self.now = _NOTHING
        self.decided: list[Version] = []
        """The centre's own decisions, in order."""
        self.hands: Mapping[str, Grants] = {}
        """What whoever uses a device may do, by device."""
        self.had_effect: set[Version] = set()
        """All that was ever seen in effect."""
        self._withdrawn: set[Version] = set()
        self._left: set[Version] = set()
        self._was_restored = False

    def centre(self, model: Model, state: CentreState) -> None:
        """Look at the centre after something happened to it."""
        if state is self.now:
            return
        for version in state.log.keys() & model.gone:
            model.gone.discard(version)
        before, self.now = self.now, state
        fresh = [version for version in state.log if version not in before.log]
        no_identity_names_two_contents(model, (state.log[version] for version in fresh))
        nothing_that_was_taken_leaves(before, state)
        changed = {key for key, record in state.records.items() if before.records.get(key) != record}
        for key in changed:
            old = before.records.get(key)
            self._left |= each_takes_effect_once(old, state.records[key], self._left)
            if old is not None:
                heads_stand_in_order_of_arrival(old, state.records[key])
            what_a_newer_peer_added_is_kept(state.records[key])
        self.had_effect |= {row.version for row in state.log.values() if not row.is_parked}
        withdrawn = {row.version for row in state.log.values() if row.is_parked and row.reason == WITHDRAWN}
        self._withdrawn |= withdrawn - self.had_effect
        what_was_taken_back_stays_so(state, changed, self._withdrawn)
        what_may_not_is_parked(state, fresh)
        approvals_match(model, state, changed)
        if not self._was_restored:
            nothing_moves_what_is_decided(before, state, fresh)
            nobody_takes_back_what_another_said(before, state, fresh)
            over_a_task_decides_who_gave_it(before, state, fresh, self.hands)
        the_head_rule_holds(
            model, state, changed | {state.log[version].key for version in fresh} & state.records.keys()
        )

    def centre_restored(self) -> None:
        """Its database is an older one from now on."""
        self.now = _NOTHING
        self._left.clear()
        self._was_restored = True


def no_identity_names_two_contents(model: Model, rows: Iterable[Logged]) -> None:
    """I5: no identity names two contents."""
    for row in rows:
        edit = model.edits.get(row.version)
        if edit is None:
            raise Violation("I5", f"the centre holds {row.version}, which nobody typed")
        if (edit.key, edit.content, edit.seen, edit.author) != (row.key, row.content, row.seen, row.author):
            raise Violation("I5", f"{row.version} was {edit} and is {row}")


def nothing_that_was_taken_leaves(before: CentreState, now: CentreState) -> None:
    """I10: nothing is deleted without a tombstone: neither a change that the centre took nor a record."""
    if missing := before.log.keys() - now.log.keys():
        raise Violation("I10", f"the centre's changes {missing} are gone")
    if without := before.records.keys() - now.records.keys():
        raise Violation("I10", f"the centre's records {without} are gone")


def each_takes_effect_once(before: Record | None, now: Record, left: set[Version]) -> set[Version]:
    """I2, I14: each change takes effect exactly once; deleted rows never come back. Gives what left just now."""
    versions = [head.version for head in now.heads]
    if len(set(versions)) != len(versions):
        raise Violation("I2", f"{now.key} has a head twice: {versions}")
    if back := left.intersection(versions):
        raise Violation("I14", f"{now.key}: {back} stood, left and stands again")
    return {head.version for head in before.heads} - set(versions) if before else set()


def heads_stand_in_order_of_arrival(before: Record, now: Record) -> None:
    """I8: the outcome does not depend on any clock: who came first stands first, and new heads stand behind."""
    old = [head.version for head in before.heads]
    kept = [head.version for head in now.heads if head.version in old]
    if (
        kept != [version for version in old if version in kept]
        or [head.version for head in now.heads][: len(kept)] != kept
    ):
        raise Violation("I8", f"{now.key}: the heads {old} became {now.heads}")


def what_may_not_is_parked(state: CentreState, fresh: Iterable[Version]) -> None:
    """I11: what nobody could use is stored without effect, whatever else came with it."""
    for version in fresh:
        row = state.log[version]
        if row.key.kind == VALUE and row.key.item == STRANGE_ITEM and not row.is_parked:
            raise Violation("I11", f"an indicator that no catalogue knows took effect: {row}")
        if row.key.kind == STATUS and row.outcome in _IN_EFFECT and STRANGE_ITEM in row.content:
            raise Violation("I11", f"a return that speaks of no cell of its form took effect: {row}")
        if row.is_parked and not row.reason:
            raise Violation("I11", f"parked without a reason: {row}")


def what_was_taken_back_stays_so(state: CentreState, changed: Iterable[Key], withdrawn: set[Version]) -> None:
    """I14: what was taken back before it had effect never has any, also in a centre that was restored."""
    for key in changed:
        heads = {head.version for head in state.records[key].heads}
        if key.kind != RECEIPT and (back := heads & withdrawn):
            raise Violation("I14", f"{key}: {back} were taken back, and stand")


def what_a_newer_peer_added_is_kept(record: Record) -> None:
    """I5: fields that nobody here knows are part of what a version says."""
    for head in record.heads if record.key.kind != RECEIPT else ():
        if head.extra != extra_of(head.version):
            raise Violation("I5", f"{record.key}: {head} was sent with {extra_of(head.version)!r}")


def nothing_moves_what_is_decided(before: CentreState, now: CentreState, fresh: Iterable[Version]) -> None:
    """I12: an approval matches what was approved; while it stands, or the period is closed, no value takes effect."""
    for version in fresh:
        row = now.log[version]
        if row.key.kind == VALUE and row.outcome in (Outcome.APPLIED, Outcome.CONFLICT):
            for decision in decisions_over(row.key):
                old, new = before.records.get(decision), now.records.get(decision)
                if old is not None and old == new and holds(old):
                    raise Violation("I12", f"{row} took effect under {old}")


def approvals_match(model: Model, state: CentreState, keys: Iterable[Key]) -> None:
    """I12: a form is approved exactly while the one approval is of what stands there now, open rivals included."""
    for key in {Key(STATUS, key.unit, FORM, key.period) for key in keys if key.kind in (STATUS, VALUE)}:
        record = state.records.get(key)
        if record is None:
            continue
        cells = {
            value: [head.content for head in found.heads]
            for value, found in state.records.items()
            if (value.kind, value.unit, value.period) == (VALUE, key.unit, key.period)
        }
        contents = [head.content for head in record.heads]
        approvals = [(json.loads(content) or {}).get("digest", "") for content in contents]
        is_of_these = len(approvals) == 1 and model.approved.get(approvals[0]) == plain(cells)
        if is_approved(contents, content_digest(cells)) != is_of_these:
            raise Violation("I12", f"{key} of {contents} is called otherwise: {plain(cells)}, not {model.approved}")
        other = content_digest({**cells, key._replace(kind=VALUE): ["1"]})
        if is_approved(contents, other):
            raise Violation("I12", f"{key} approves what nobody has seen: {contents}")


def nobody_takes_back_what_another_said(before: CentreState, now: CentreState, fresh: Iterable[Version]) -> None:
    """I11: over a comment, step or evidence that stands only who said it has effect, or the PC on which it was."""
    for version in fresh:
        row, old = now.log[version], before.records.get(now.log[version].key)
        if row.key.kind not in (COMMENT, STEP, EVIDENCE) or old is None or row.outcome not in _IN_EFFECT:
            continue
        if any(head.author != row.author and head.version.device != version.device for head in old.heads):
            raise Violation("I11", f"{row} took effect over {old}")


def over_a_task_decides_who_gave_it(
    before: CentreState, now: CentreState, fresh: Iterable[Version], hands: Mapping[str, Grants]
) -> None:
    """I11: a step over a task, and its day, take effect only from whoever stands above its unit or gave it."""
    for version in fresh:
        row, key = now.log[version], now.log[version].key
        if version.device not in hands or row.outcome not in _IN_EFFECT or not decides_over_a_task(row):
            continue
        named = [state.records.get(Key(TASK, key.unit, key.item, "", "from_unit")) for state in (before, now)]
        givers = {str(json.loads(head.content) or "") for record in named if record for head in record.heads}
        grants = hands[version.device]
        may = allows(grants, Action.ASSIGN, key.unit) or any(
            allows(grants, Action.ENTER, giver) if giver == key.unit else assigns(grants, giver) for giver in givers
        )
        if not may:
            raise Violation("I11", f"{row} took effect; the task is from {givers}, and {version.device} may {grants}")


def decides_over_a_task(row: Logged) -> bool:
    """Whether a change does what only whoever gave the task does: a step of theirs, or another day."""
    if row.key.kind == STEP:
        return row.content != CLEARED and Step.of(row.content).kind not in BY_DOER
    return row.key.kind == TASK and row.key.part == "due_date"


def assigns(grants: Grants, unit: str) -> bool:
    """Whether these roles speak for the unit that gives a task."""
    return any(unit and Action.ASSIGN in TABLE[role] and within(unit, at) for role, at, _ in grants)


def decisions_over(key: Key) -> Iterator[Key]:
    """The statuses and closings under which a value does not take effect."""
    yield Key(STATUS, key.unit, FORM, key.period)
    for unit in ancestors(key.unit):
        yield Key(CLOSING, unit, FORM, key.period)


_IN_EFFECT: Final = (Outcome.APPLIED, Outcome.CONFLICT)


def holds(record: Record) -> bool:
    """Whether a status or a closing keeps values waiting."""
    contents = [head.content for head in record.heads]
    return CLOSED in contents if record.key.kind == CLOSING else has_approval(contents)


def the_head_rule_holds(model: Model, state: CentreState, keys: set[Key]) -> None:
    """I1, I15: what took effect is a head or was seen by one, and no head was seen by another."""
    effective: dict[Key, list[Version]] = {key: [] for key in keys}
    for row in state.log.values():
        if row.key in effective and not row.is_parked:
            effective[row.key].append(row.version)
    for key in keys:
        if key.kind == RECEIPT:
            continue
        record = state.records[key]
        heads = {head.version for head in record.heads}
        for head in record.heads:
            edit = model.edits[head.version]
            if (edit.key, edit.content, edit.author) != (key, head.content, head.author):
                raise Violation("I5", f"the head {head} of {key} was typed as {edit}")
        if missing := model.heads(effective[key]) - heads:
            raise Violation("I1", f"{key}: nobody has seen {missing}, but the heads are {heads}")
        if more := heads - model.heads_of_known(effective[key], state.log):
            raise Violation("I15", f"{key}: the heads {more} were seen by others or have no effect; heads {heads}")
        if both := heads.intersection(record.prev):
            raise Violation("I15", f"{key}: {both} stand and were replaced")
