"""What must hold when the faults have ended and everybody has synced."""

import json
from collections.abc import Iterable
from datetime import date

from sync.domain.catalogue import Catalogue
from sync.domain.keys import BROADCAST, PROGRESS, RECEIPT, TASK, Key
from sync.domain.progress import Progress
from sync.domain.rights import unit_of
from sync.domain.tasks import Task
from sync.domain.values import CLEARED
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Record, Version
from sync.store import CellState
from sync.store.assigned import Assignments
from tests.simulation import seam
from tests.simulation.causes import stands
from tests.simulation.invariants import may_see, sensitivity_of
from tests.simulation.model import Model
from tests.simulation.pc import PC
from tests.simulation.seam import CentreState
from tests.simulation.trace import Violation
from tests.simulation.watch import Watch, approvals_match, the_head_rule_holds


def check_rest(model: Model, pcs: list[PC], watch: Watch, catalogue: Catalogue) -> None:
    """All of it."""
    heard = [pc for pc in pcs if not pc.is_revoked]
    centre = watch.now
    everything_has_arrived(heard)
    the_centre_has_all(model, centre)
    for pc in heard:
        the_base_is_the_centres(pc, centre)
        tasks_follow_their_parts(pc, centre)
    what_had_effect_has_it(heard, centre, watch.had_effect)
    all_show_the_same(heard, centre)
    the_digests_agree(pcs, centre)
    what_waits_has_its_cause(model, pcs, centre, catalogue)
    approvals_match(model, centre, set(centre.records))


def everything_has_arrived(pcs: list[PC]) -> None:
    """I11, I17: one bad change never blocks others; faults off, everything synced; retry needs no new edit."""
    for pc in pcs:
        if waiting := pc.gui.waiting():
            raise Violation("I17", f"{pc.name} still has {waiting} changes to send")


def the_centre_has_all(model: Model, centre: CentreState) -> None:
    """I1: what any log holds, the centre holds, that of a revoked PC too; once, and in its place."""
    if missing := model.edits.keys() - centre.log.keys() - model.gone:
        raise Violation("I1", f"the centre has not {missing}")
    the_head_rule_holds(model, centre, set(centre.records))
    effective = {row.key for row in centre.log.values() if not row.is_parked}
    if bare := effective - centre.records.keys():
        raise Violation("I1", f"nothing stands in {bare}")


def the_base_is_the_centres(pc: PC, centre: CentreState) -> None:
    """I6: at rest, base is byte-equal everywhere in scope."""
    state = pc.reader.read()
    if set(seam.scope_of_pc(pc.gui)) != pc.roots:
        raise Violation("I18", f"{pc.name} believes in {seam.scope_of_pc(pc.gui)}, and may see {pc.roots}")
    wanted = {key: record for key, record in centre.records.items() if may_see(pc.roots, key, pc.device)}
    held = {key: Record(key, based.heads, based.prev) for key, based in state.base.items() if based.heads}
    if wanted != held:
        different = {key for key in wanted.keys() | held.keys() if wanted.get(key) != held.get(key)}
        one = min(different)
        raise Violation("I6", f"{pc.name}: {len(different)} cells differ: has {held.get(one)}, not {wanted.get(one)}")
    lost = {head.version for based in state.base.values() for head in based.lost}
    if found := {version for version in lost if version in centre.log and not centre.log[version].is_parked}:
        raise Violation("I7", f"{pc.name} still calls {found} lost, and the centre holds them")
    if state.doubts:
        raise Violation("I7", f"{pc.name} still doubts {state.doubts}")


def what_had_effect_has_it(pcs: list[PC], centre: CentreState, had_effect: set[Version]) -> None:
    """I2: what the centre ever gave its effect has it, whatever was restored, if a PC was told so and can show it."""
    for pc in pcs:
        for version in pc.heard & had_effect:
            if centre.log[version].is_parked:
                raise Violation("I2", f"{pc.name} was told that {version} had effect: {centre.log[version]}")


def all_show_the_same(pcs: list[PC], centre: CentreState) -> None:
    """I6: every PC shows of a cell what stands at the centre, except where it shows what that has lost for good."""
    for pc in pcs:
        base = pc.reader.read().base
        for key, record in centre.records.items():
            if key.kind == RECEIPT or not may_see(pc.roots, key, pc.device) or base[key].lost:
                continue
            shown = pc.gui.shown(key)
            found = [shown.content, *sorted(rival.content for rival in shown.rivals)] if shown else []
            first, *others = (head.content for head in record.heads)
            if found != [first, *sorted({*others} - {first})]:
                raise Violation("I6", f"{pc.name} shows {shown}, where {record} stands")


def tasks_follow_their_parts(pc: PC, centre: CentreState) -> None:
    """I6: a PC shows of every task what the centre holds, and of one that is broken down the mean of its parts, those
    left out that were withdrawn."""
    if any(based.lost for based in pc.reader.read().base.values()):
        return  # what a restored centre has lost, and nobody brings back, stays shown here
    for root in sorted(set(map(unit_of, pc.roots))):
        shown = {each.task.item: each for each in Assignments(pc.gui, root).all()}
        for item, each in shown.items():
            record = centre.records.get(Key(TASK, each.task.unit, item, "", "content"))
            if (json.loads(record.heads[0].content) if record else None) != (each.task.content or None):
                raise Violation("I6", f"{pc.name} shows {each.task}, and the centre holds {record}")
            parts = [one for one in shown.values() if one.task.parent == item and not one.task.supports]
            if {part.task.item for part in each.parts} != {part.task.item for part in parts}:
                raise Violation("I6", f"{pc.name} shows the parts {each.parts} of {item} instead of {parts}")
            at_work = [part for part in parts if not part.task.is_withdrawn]
            done = [100 if part.is_done(date.max) else part.percent or 0 for part in at_work]
            if done and each.percent != sum(done) // len(done):
                raise Violation("I6", f"{pc.name} shows {each.percent} % of {item}, whose parts are at {done}")
            in_effect = (update for update in each.updates if update.cell.state is not CellState.PARKED)
            said = {(update.cell.key, update.progress) for update in in_effect}
            held = _updates(centre, each.task)
            if said != held:
                raise Violation("I6", f"{pc.name} shows the updates {said ^ held} otherwise than the centre")


def _updates(centre: CentreState, task: Task) -> set[tuple[Key, Progress]]:
    """The updates of a task that stand at the centre."""
    return {
        (key, Progress.of(record.heads[0].content))
        for key, record in centre.records.items()
        if key.kind == PROGRESS and key[1:3] == (task.unit, task.item) and record.heads[0].content != CLEARED
    }


def the_digests_agree(pcs: list[PC], centre: CentreState) -> None:
    """I6: digests agree, with each other and with the rows that they are of."""
    by_class: dict[str, list[tuple[Key, Record, str]]] = {}
    for key, record in centre.records.items():
        by_class.setdefault(sensitivity_of(key), []).append((key, record, centre.seqs[key][0]))
    sums = {(*bucket, found): total for found, rows in by_class.items() for bucket, total in _sums(rows).items()}
    if centre.digests != sums:
        different = {
            bucket for bucket in sums.keys() | centre.digests.keys() if sums.get(bucket) != centre.digests.get(bucket)
        }
        raise Violation("I6", f"the centre's digests are not those of its rows: {different}")
    for pc in pcs:
        state = pc.reader.read()
        rows = ((key, Record(key, based.heads, based.prev), based.stream) for key, based in state.base.items())
        if seam.digests_of_pc(pc.gui) != _sums(rows):
            raise Violation("I6", f"{pc.name}'s digests are not those of its rows")


def _sums(rows: Iterable[tuple[Key, Record, str]]) -> dict[tuple[str, str], tuple[int, bytes]]:
    sums: dict[tuple[str, str], Digest] = {}
    for key, record, stream in rows:
        if record.heads:
            bucket = stream, BROADCAST if stream.startswith(("*", "@")) else key.unit
            hashed = row_hash(key, heads_bytes(record.heads), versions_bytes(record.prev))
            sums[bucket] = sums.get(bucket, Digest()).with_row(hashed)
    return {bucket: (found.rows, found.total_bytes()) for bucket, found in sums.items()}


def what_waits_has_its_cause(model: Model, pcs: list[PC], centre: CentreState, catalogue: Catalogue) -> None:
    """I11, I13: what is parked took effect by itself when its cause went, unless somebody has typed over it."""
    here = {pc.device: pc for pc in pcs}
    for row in centre.log.values():
        record = centre.records.get(row.key)
        heads = [head.version for head in record.heads] if record else []
        if not row.is_parked or model.has_been_seen(row.version, heads):
            continue
        if not stands(row, here.get(row.version.device), model, centre, catalogue):
            raise Violation("I11", f"{row} still waits, and its cause is gone")
