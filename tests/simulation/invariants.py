"""The invariants, each a check of its own with its words: what must hold at every moment, and what at rest."""

from collections.abc import Iterable, Mapping
from typing import Final

from sync.domain.keys import BROADCAST, RECEIPT, Key, is_for_one_unit, stream_of, stream_of_device, within
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Cursor, Record, Subscription, SyncAnswer, Version
from sync.store import Shown
from tests.simulation import seam
from tests.simulation.model import Model
from tests.simulation.pc import PC
from tests.simulation.seam import Based, CentreState, Logged, PCState
from tests.simulation.trace import Violation

_NOTHING: Final = CentreState({}, {}, {}, {}, frozenset(), {})


class Watch:
    """What was seen of the centre so far, between two restores of its database."""

    def __init__(self) -> None:
        self.now = _NOTHING
        self.decided: list[Version] = []
        """The centre's own decisions, in order."""
        self._left: set[Version] = set()

    def centre(self, model: Model, state: CentreState) -> None:
        """Look at the centre after something happened to it."""
        for version in state.log.keys() & model.gone:
            model.gone.discard(version)
        before, self.now = self.now, state
        fresh = [version for version in state.log if version not in before.log]
        no_identity_names_two_contents(model, (state.log[version] for version in fresh))
        nothing_that_was_taken_leaves(before, state)
        changed = {key for key, record in state.records.items() if before.records.get(key) != record}
        for key in changed:
            self._left |= each_takes_effect_once(before.records.get(key), state.records[key], self._left)
        the_head_rule_holds(
            model, state, changed | {state.log[version].key for version in fresh} & state.records.keys()
        )

    def centre_restored(self) -> None:
        """Its database is an older one from now on."""
        self.now = _NOTHING
        self._left.clear()


# At every moment, of the centre


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


# At every moment, of a PC


def check_typing(
    model: Model,
    pc: PC,
    before: Mapping[Key, seam.Cell],
    edits: list[tuple[Key, str]],
    kept: list[Logged],
    *,
    resolving: bool,
) -> None:
    """I15: whoever types has seen what was displayed and their own last, and nothing that was not before them."""
    typed = {key: list(rows) for key, (rows, _) in before.items()}
    for row in kept:
        if (row.key, row.content) not in edits:
            raise Violation("I1", f"{pc.name} typed {edits} and has {row}")
        rows = typed[row.key]
        must, may = _seen(model, rows, before[row.key][1], resolving=resolving)
        if rows:
            must.add(rows[-1].version)
        if missing := {version for version in must if not model.has_been_seen(version, row.seen)}:
            raise Violation("I15", f"{pc.name} had {missing} before them, and {row} does not say so")
        if more := set(row.seen) - may - {earlier.version for earlier in rows}:
            raise Violation("I1", f"{pc.name} never had {more} before them, but {row} says so")
        rows.append(row)


def _seen(
    model: Model, rows: list[Logged], based: Based | None, *, resolving: bool
) -> tuple[set[Version], set[Version]]:
    """The versions that a person who looks at a cell has before them: at least, and at most."""
    standing = based.standing if based else ()
    content = _displayed(rows, based)
    displayed = {head.version for head in standing if head.content == content}
    own = [row.version for row in rows if row.open and not row.is_parked]
    rivals = {head.version for head in standing if not model.has_been_seen(head.version, own)} - displayed
    replaced = {*based.prev, *based.replaced_by_lost} if based else set()
    if not resolving:
        return displayed, displayed | replaced
    # What only others know to be seen may be shown as a rival, and decided over.
    return displayed | rivals, {head.version for head in standing} | replaced


def _displayed(rows: list[Logged], based: Based | None) -> str | None:
    """The content that a cell should show: the last open change that is not parked, else the base."""
    own = [row for row in rows if row.open and not row.is_parked]
    if own:
        return own[-1].content
    standing = based.standing if based else ()
    return standing[0].content if standing else None


def check_no_edit(pc: PC, edits: list[tuple[Key, str]]) -> None:
    """I1: what was typed and not kept stands there already."""
    for key, content in edits:
        shown = pc.gui.shown(key)
        if (shown.content if shown else "null") != content or (shown and shown.rivals):
            raise Violation("I1", f"{pc.name} typed {content} into {key} and it was not kept: {shown}")


def check_pc(model: Model, pc: PC, centre: CentreState) -> None:
    """What must hold of a PC at every moment."""
    state = seam.read_pc(pc.gui)
    the_log_is_whole(model, pc, state)
    roots = seam.scope_of_pc(pc.gui)
    cells: dict[Key, list[Logged]] = {key: [] for key in state.base if key.kind != RECEIPT}
    for row in state.log:
        cells.setdefault(row.key, []).append(row)
    for key, rows in cells.items():
        check_cell(model, pc, centre, key, seam.Cell(rows, state.base.get(key)), may_see(roots, key, pc.device))
    shown = {key for key, displayed in pc.shown.items() if displayed}
    if missing := {key for key in shown - cells.keys() if may_see(roots, key, pc.device)}:
        raise Violation("I10", f"{pc.name} no longer shows {missing}")
    a_receipt_tells_the_truth(pc, state, centre)


def check_cell(model: Model, pc: PC, centre: CentreState, key: Key, cell: seam.Cell, in_scope: bool) -> None:
    """What must hold of one cell of a PC, unless it was found in order as it is."""
    if pc.looked_at.get(key) == (cell, in_scope):
        return
    pc.looked_at[key] = cell, in_scope
    shown = pc.gui.shown(key)
    visible = what_stands_is_shown(model, pc, key, cell, shown)
    displayed = frozenset(version for version, content in visible.items() if shown and content == shown.content)
    if not in_scope:
        pc.shown.pop(key, None)
        return
    every_edit_is_somewhere(model, pc, key, cell.rows, visible)
    parked = {row.version for row in cell.rows if row.is_parked}
    before = pc.shown.get(key, frozenset())
    if before - parked and not displayed:
        raise Violation("I10", f"{pc.name} no longer shows anything in {key}")
    if not (cell.based and cell.based.lost):
        what_was_displaced_stays_so(model, pc, key, displayed, parked, centre)
    pc.shown[key] = displayed


def the_log_is_whole(model: Model, pc: PC, state: PCState) -> None:
    """I7, I13: nothing removes what was typed here, sent or not."""
    found = [row.version for row in state.log]
    if found != pc.typed:
        raise Violation("I13", f"{pc.name}'s log holds {len(found)} changes of {len(pc.typed)} that were typed there")
    no_identity_names_two_contents(model, state.log)


def what_stands_is_shown(model: Model, pc: PC, key: Key, held: seam.Cell, cell: Shown | None) -> dict[Version, str]:
    """I1, I15: the cell shows what stands, every rival that nobody here has seen, and no other. Gives what that is."""
    rows, based = held
    content = _displayed(rows, based)
    own = [row for row in rows if row.open and not row.is_parked]
    parked = [row for row in rows if row.open and row.is_parked]
    if content is None:
        if not parked and cell is not None:
            raise Violation("I1", f"{pc.name} shows {cell} where nothing stands")
        return {}
    if cell is None or cell.content != content:
        raise Violation("I1", f"{pc.name} shows {cell} in {key} instead of {content}")
    standing = based.standing if based else ()
    typed = [row.version for row in own]
    unseen = [head for head in standing if not any(model.has_seen(version, head.version) for version in typed)]
    rivals = {head.content for head in unseen if head.content != content}
    found = {rival.content for rival in cell.rivals}
    if missing := rivals - found:
        raise Violation("I1", f"{pc.name} does not show the rivals {missing} in {key}: {cell}")
    # What others had seen, a PC need not know; what is in its own log, it does.
    here = {row.version for row in rows}
    seen = set().union(*(model.seen_of_known(version, here) for version in typed))
    if more := found - {head.content for head in standing if head.version not in seen}:
        raise Violation("I15", f"{pc.name} shows the rivals {more} in {key}, which {typed} have seen: {cell}")
    if bool(cell.reason) != bool(rows and parked and parked[-1] == [row for row in rows if row.open][-1]):
        raise Violation("I1", f"{pc.name} shows the reason {cell.reason!r} in {key} of {rows}")
    visible = {head.version: head.content for head in standing if head.content in {*found, content}}
    visible |= {row.version: row.content for row in own if row.content == content}
    return visible


def every_edit_is_somewhere(model: Model, pc: PC, key: Key, rows: list[Logged], visible: Mapping[Version, str]) -> None:
    """I1: every committed edit is displayed, rival, parked, pending, or history that something shown has seen."""
    for row in rows:
        if row.is_parked:
            if not row.reason:
                raise Violation("I1", f"{pc.name}: {row} is parked without a reason")
        elif not model.has_been_seen(row.version, visible):
            raise Violation("I1", f"{pc.name}: {row} is nowhere; {key} shows {visible}")


def what_was_displaced_stays_so(
    model: Model, pc: PC, key: Key, displayed: frozenset[Version], parked: set[Version], centre: CentreState
) -> None:
    """I14: what was displaced is not shown again, unless what displaced it was parked.

    A restored centre may not know yet who had seen what: then both stand until somebody brings it back. Nor does a PC
    know which of the heads that such a centre has lost were displaced, until it has asked.
    """
    before = pc.shown.get(key, frozenset())
    if not before or displayed & before:
        return
    for version in before - parked:
        if displayed and displayed <= model.seen_of_known(version, centre.log):
            raise Violation("I14", f"{pc.name} shows {displayed} again in {key}, which {version} had displaced")


def a_receipt_tells_the_truth(pc: PC, state: PCState, centre: CentreState) -> None:
    """I2: nothing is called received that the centre did not receive (a restored centre finds out at the next sync)."""
    if pc.centre_was_restored:
        return
    for row in state.log:
        if row.received and row.version not in centre.log:
            raise Violation("I2", f"{pc.name} calls {row} received, and the centre does not hold it")


def may_see(roots: Iterable[str], key: Key, device: str) -> bool:
    """Whether a device of these roots may see a cell."""
    stream = stream_of(key)
    return stream in (BROADCAST, stream_of_device(device)) or (
        is_for_one_unit(stream) and any(within(key.unit, root) for root in roots)
    )


def check_answer(pc: PC, answer: SyncAnswer) -> None:
    """I18: nobody receives a row outside what they may see, nor learns of it."""
    records = [record for page in answer.pages for record in page.records]
    records += [record for heal in answer.heals for record in heal.records]
    for record in records:
        if not may_see(pc.roots, record.key, pc.device):
            raise Violation("I18", f"{pc.name} of {sorted(pc.roots)} receives {record.key}")
    if answer.scope is not None and set(answer.scope) != pc.roots:
        raise Violation("I18", f"{pc.name} of {sorted(pc.roots)} is told {answer.scope}")


def check_reading(centre: CentreState, pc: PC) -> None:
    """After a whole session over a good line: I3 and I4 together, for every subscription."""
    state = seam.read_pc(pc.gui)
    for subscription, cursor in state.cursors.items():
        a_cursor_passes_nothing(centre, pc, state, subscription, cursor)


def a_cursor_passes_nothing(
    centre: CentreState, pc: PC, state: PCState, subscription: Subscription, cursor: Cursor
) -> None:
    """I3, I4: a cursor never passes data that was not applied, and no reader skips a committed row."""
    root, stream = subscription
    if (stream, *cursor) not in centre.commits and cursor.seq:
        return  # of before a restore: in doubt, and compared with the centre's sums
    for key, record in centre.records.items():
        of, seq = centre.seqs[key]
        if of != stream or seq > cursor.seq or not may_see([root], key, pc.device):
            continue
        based = state.base.get(key)
        if based is None or (based.heads, based.prev) != (record.heads, record.prev):
            raise Violation("I3", f"{pc.name} read {stream} up to {cursor} and has {based} instead of {record}")


# At rest


def check_rest(model: Model, pcs: list[PC], centre: CentreState) -> None:
    """What must hold when the faults have ended and everybody has synced."""
    everything_has_arrived(model, pcs, centre)
    the_centre_has_all(model, centre)
    for pc in pcs:
        the_base_is_the_centres(pc, centre)
    the_digests_agree(pcs, centre)


def everything_has_arrived(model: Model, pcs: list[PC], centre: CentreState) -> None:
    """I11, I17: one bad change never blocks others; faults off, everything synced; retry needs no new edit."""
    for pc in pcs:
        if waiting := pc.gui.waiting():
            raise Violation("I17", f"{pc.name} still has {waiting} changes to send")


def the_centre_has_all(model: Model, centre: CentreState) -> None:
    """I1: what any log holds, the centre holds; once, and in its place."""
    if missing := model.edits.keys() - centre.log.keys() - model.gone:
        raise Violation("I1", f"the centre has not {missing}")
    the_head_rule_holds(model, centre, set(centre.records))
    effective = {row.key for row in centre.log.values() if not row.is_parked}
    if bare := effective - centre.records.keys():
        raise Violation("I1", f"nothing stands in {bare}")


def the_base_is_the_centres(pc: PC, centre: CentreState) -> None:
    """I6: at rest, base is byte-equal everywhere in scope."""
    state = seam.read_pc(pc.gui)
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
        raise Violation("I7", f"{pc.name} still doubts {state.doubts} ranges")


def the_digests_agree(pcs: list[PC], centre: CentreState) -> None:
    """I6: digests agree, with each other and with the rows that they are of."""
    sums = _sums(((key, record, centre.seqs[key][0]) for key, record in centre.records.items()))
    if centre.digests != sums:
        different = {
            bucket for bucket in sums.keys() | centre.digests.keys() if sums.get(bucket) != centre.digests.get(bucket)
        }
        raise Violation("I6", f"the centre's digests are not those of its rows: {different}")
    for pc in pcs:
        state = seam.read_pc(pc.gui)
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
