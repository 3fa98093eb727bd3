"""What must hold of a PC at every moment, and of every answer: invariants, each a check with its words."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from sync.domain.authors import is_one_hand
from sync.domain.keys import BROADCAST, RECEIPT, Key, is_for_one_unit, stream_of, stream_of_device, within
from sync.domain.parking import WITHDRAWN
from sync.domain.rights import class_of, unit_of
from sync.protocol.messages import START, Cursor, Head, Subscription, SyncAnswer, Version
from sync.store import Shown
from tests.simulation import seam
from tests.simulation.model import Model
from tests.simulation.pc import PC
from tests.simulation.province import CATALOGUES
from tests.simulation.seam import CentreState, Logged, PCState
from tests.simulation.trace import Violation
from tests.simulation.watch import no_identity_names_two_contents


def check_typing(
    model: Model,
    pc: PC,
    before: Mapping[Key, seam.Cell],
    edits: list[tuple[Key, str]],
    kept: list[Logged],
    *,
    resolving: bool,
) -> None:
    """I15: whoever types has seen what was displayed and their own last, and nothing that was not before them.

    What somebody else had typed there on the same PC is as what came from elsewhere.
    """
    typed = {key: list(rows) for key, (rows, _) in before.items()}
    for row in kept:
        if (row.key, row.content) not in edits:
            raise Violation("I1", f"{pc.name} typed {edits} and has {row}")
        rows = typed[row.key]
        must, may = _seen(model, seam.Cell(rows, before[row.key].based), resolving=resolving)
        mine = [earlier.version for earlier in rows if is_one_hand(earlier.author, row.author)]
        must.update(mine[-1:])
        if missing := {version for version in must if not model.has_been_seen(version, row.seen)}:
            raise Violation("I15", f"{pc.name} had {missing} before them, and {row} does not say so")
        if more := set(row.seen) - may - set(mine):
            raise Violation("I1", f"{pc.name} never had {more} before them, but {row} says so")
        rows.append(row)


def _seen(model: Model, held: seam.Cell, *, resolving: bool) -> tuple[set[Version], set[Version]]:
    """The versions that a person who looks at a cell has before them: at least, and at most."""
    based = held.based
    standing = based.standing if based else ()
    content = _displayed(held)
    own = [row.version for row in held.own]
    displayed = {*own[-1:], *(head.version for head in standing if head.content == content)}
    rivals = {head.version for head in standing if not model.has_been_seen(head.version, own)} - displayed
    replaced = {*based.prev, *based.replaced_by_lost} if based else set()
    if not resolving:
        return displayed, displayed | replaced
    # What only others know to be seen may be shown as a rival, and decided over; so may what took effect here late.
    return displayed | rivals, displayed | {head.version for head in standing} | replaced | set(own)


def _displayed(held: seam.Cell) -> str | None:
    """The content that a cell should show: the last open change that has effect here, else the base."""
    if own := held.own:
        return own[-1].content
    standing = held.based.standing if held.based else ()
    return standing[0].content if standing else None


def check_no_edit(pc: PC, edits: list[tuple[Key, str]]) -> None:
    """I1: what was typed and not kept stands there already."""
    for key, content in edits:
        shown = pc.gui.shown(key)
        if (shown.content if shown else "null") != content or (shown and shown.rivals):
            raise Violation("I1", f"{pc.name} typed {content} into {key} and it was not kept: {shown}")


def check_pc(model: Model, pc: PC, centre: CentreState) -> None:
    """What must hold of a PC at every moment."""
    with seam.at_once(pc.gui):
        _check_all(model, pc, centre)


def _check_all(model: Model, pc: PC, centre: CentreState) -> None:
    state = pc.reader.read()
    the_log_is_whole(model, pc, state)
    pc.complete &= state.cursors.keys()
    cells: dict[Key, list[Logged]] = {key: [] for key in state.base if key.kind != RECEIPT}
    for row in state.log:
        cells.setdefault(row.key, []).append(row)
    forget_what_left(pc, centre)
    for key, rows in cells.items():
        check_cell(model, pc, centre, key, seam.Cell(rows, state.base.get(key)))
    shown = {key for key, displayed in pc.shown.items() if displayed}
    if missing := {key for key in shown - cells.keys() if is_read(pc, key)}:
        raise Violation("I10", f"{pc.name} no longer shows {missing}")
    a_receipt_tells_the_truth(pc, state, centre)
    what_is_proven_stays_so(pc, state)
    pc.heard |= in_effect(pc) - pc.unproven
    for subscription, cursor in state.cursors.items():
        a_cursor_passes_nothing(centre, pc, state, subscription, cursor)


def in_effect(pc: PC) -> set[Version]:
    """Those changes of a PC's log of which it was told that they had effect."""
    return {row.version for row in pc.reader.read().log if row.received and row.outcome and not row.is_parked}


def forget_what_left(pc: PC, centre: CentreState) -> None:
    """What left with its unit need not be there when the unit comes again, nor what is read anew up to another class: a
    restored centre may have lost it meanwhile, or long ago, and not have it again from whoever typed it.
    """
    pc.note_scope()
    leaving = seam.leaving(pc.gui)
    anew = pc.anew | leaving
    pc.anew = leaving

    def stays(key: Key, displayed: frozenset[Version]) -> bool:
        is_anew = is_for_one_unit(_stream_of(key)) and any(within(key.unit, unit) for unit in anew)
        has_left = is_anew or not is_read(pc, key)
        is_lost = pc.centre_was_restored or displayed.isdisjoint(centre.log)
        return may_see(pc.believed, key, pc.device) and not (is_lost and has_left)

    pc.shown = {key: displayed for key, displayed in pc.shown.items() if stays(key, displayed)}


def check_cell(model: Model, pc: PC, centre: CentreState, key: Key, cell: seam.Cell) -> None:
    """What must hold of one cell of a PC, unless it was found in order as it is."""
    in_scope = is_read(pc, key)
    if pc.looked_at.get(key) == (cell, in_scope):
        return
    pc.looked_at[key] = cell, in_scope
    shown = pc.gui.shown(key)
    visible = what_stands_is_shown(model, pc, key, cell, shown)
    displayed = frozenset(version for version, content in visible.items() if shown and content == shown.content)
    if not in_scope:
        pc.shown.pop(key, None)
        return
    every_edit_is_somewhere(model, pc, key, cell, visible)
    parked = {row.version for row in cell.rows if row.is_parked}
    before = pc.shown.get(key, frozenset())
    if before - parked and not displayed:
        raise Violation("I10", f"{pc.name} no longer shows anything in {key}")
    if not (cell.based and cell.based.lost):
        # What somebody has decided over leaves, also when the centre has lost it.
        decided = {version for row in cell.rows for version in row.seen} | set(cell.based.prev if cell.based else ())
        decided -= centre.log.keys()
        what_was_displaced_stays_so(model, pc, key, displayed, parked | decided, centre)
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
    content = _displayed(held)
    own = held.own
    parked = [row for row in rows if row.open and row.is_parked]
    if content is None:
        if not parked and cell is not None:
            raise Violation("I1", f"{pc.name} shows {cell} where nothing stands")
        return {}
    if cell is None or cell.content != content:
        raise Violation("I1", f"{pc.name} shows {cell} in {key} instead of {content}")
    standing: list[Head | Logged] = [*(based.standing if based else ())]
    standing += [row for row in own if row.version not in {head.version for head in standing}]
    typed = [row.version for row in own]
    unseen = [head for head in standing if not any(model.has_seen(version, head.version) for version in typed)]
    rivals = {head.content for head in unseen if head.content != content}
    found = {rival.content for rival in cell.rivals}
    if content in found or len(found) != len(cell.rivals):
        raise Violation("I15", f"{pc.name} shows equal values as a conflict in {key}: {cell}")
    if missing := rivals - found:
        raise Violation("I1", f"{pc.name} does not show the rivals {missing} in {key}: {cell}")
    # What others had seen, a PC need not know; what is in its own log, it does.
    here = {row.version for row in rows}
    seen = set().union(*(model.seen_of_known(version, here) for version in typed))
    if more := found - {head.content for head in standing if head.version not in seen}:
        raise Violation("I15", f"{pc.name} shows the rivals {more} in {key}, which {typed} have seen: {cell}")
    held_back = bool(parked) and parked[-1] == [row for row in rows if row.open][-1]
    if bool(cell.reason) != (held_back and parked[-1].reason != WITHDRAWN):
        raise Violation("I1", f"{pc.name} shows the reason {cell.reason!r} in {key} of {rows}")
    visible = {head.version: head.content for head in standing if head.content in {*found, content}}
    visible |= {row.version: row.content for row in own if row.content == content}
    return visible


def every_edit_is_somewhere(model: Model, pc: PC, key: Key, cell: seam.Cell, visible: Mapping[Version, str]) -> None:
    """I1, I9: every committed edit is displayed, rival, parked, pending, or history that something shown has seen.

    What the record of a lost head had replaced counts as seen by it: a PC cannot know better.
    """
    replaced = cell.based.replaced_by_lost if cell.based else ()
    for row in cell.rows:
        if row.is_parked:
            if not row.reason:
                raise Violation("I1", f"{pc.name}: {row} is parked without a reason")
        elif not model.has_been_seen(row.version, [*visible, *replaced]):
            raise Violation("I1", f"{pc.name}: {row} is nowhere; {key} shows {visible}")


def what_was_displaced_stays_so(
    model: Model, pc: PC, key: Key, displayed: frozenset[Version], left: set[Version], centre: CentreState
) -> None:
    """I14: what was displaced is not shown again, unless what displaced it has `left`.

    A restored centre may not know yet who had seen what: then both stand until somebody brings it back. Nor does a PC
    know which of the heads that such a centre has lost were displaced, until it has asked.
    """
    before = pc.shown.get(key, frozenset())
    if not before or displayed & before:
        return
    for version in before - left:
        if displayed and displayed <= model.seen_of_known(version, centre.log):
            raise Violation("I14", f"{pc.name} shows {displayed} again in {key}, which {version} had displaced")


def a_receipt_tells_the_truth(pc: PC, state: PCState, centre: CentreState) -> None:
    """I2: nothing is called received that the centre did not receive (a restored centre finds out at the next sync)."""
    if pc.centre_was_restored:
        return
    for row in state.log:
        if row.received and row.version not in centre.log:
            raise Violation("I2", f"{pc.name} calls {row} received, and the centre does not hold it")


def what_is_proven_stays_so(pc: PC, state: PCState) -> None:
    """I2: what a receipt says had its effect keeps both, the receipt and the effect, however often the centre is
    restored."""
    if missing := pc.proven - state.proven:
        raise Violation("I2", f"no receipt of {pc.name} proves its changes {sorted(missing)} any more")
    pc.proven = state.proven
    parked = {row.version.n for row in state.log if row.received and row.is_parked}
    if again := parked & state.proven:
        raise Violation("I2", f"{pc.name} has receipts of its changes {sorted(again)}, which are parked")


_stream_of = lru_cache(maxsize=20_000)(stream_of)


def sensitivity_of(key: Key) -> str:
    """The class of a cell, which is the same by every catalogue of the province."""
    return class_of(CATALOGUES["1"], key)


def may_see(roots: Iterable[str], key: Key, device: str) -> bool:
    """Whether a device of these roots may see a cell."""
    return _may_see(tuple(roots), key, device)


@lru_cache(maxsize=20_000)
def _may_see(roots: tuple[str, ...], key: Key, device: str) -> bool:
    stream = stream_of(key)
    if not is_for_one_unit(stream):
        return stream in (BROADCAST, stream_of_device(device))
    for unit, apart, last in (root.partition(":") for root in roots):
        if within(key.unit, unit) and (not apart or last == "sensitive" or sensitivity_of(key) != "sensitive"):
            return True
    return False


def is_read(pc: PC, key: Key) -> bool:
    """Whether a PC has read all that is known of a cell."""
    stream = _stream_of(key)
    # One that spoke an earlier protocol was served less than the name of its root says.
    return may_see(pc.roots, key, pc.device) and any(
        stream == read.stream and may_see([read.root], key, pc.device) for read in pc.complete
    )


def check_answer(pc: PC, answer: SyncAnswer) -> None:
    """I18: nobody receives a row outside what they may see, nor learns of it."""
    records = [record for page in answer.pages for record in page.records]
    records += [record for heal in answer.heals for record in heal.records]
    for record in records:
        if not may_see(pc.roots, record.key, pc.device):
            raise Violation("I18", f"{pc.name} of {sorted(pc.roots)} receives {record.key}")
    if answer.scope is not None and set(answer.scope) not in (pc.roots, set(map(unit_of, pc.roots))):
        raise Violation("I18", f"{pc.name} of {sorted(pc.roots)} is told {answer.scope}")


def no_reader_is_left_behind(centre: CentreState, pc: PC) -> None:
    """I4: no reader skips a committed row: after a whole session over a good line, everything followed was read."""
    state = pc.reader.read()
    pc.complete = set(state.cursors)
    for subscription, cursor in state.cursors.items():
        if cursor != centre.streams.get(subscription.stream, START):
            raise Violation("I4", f"{pc.name} has read {subscription} up to {cursor} and calls it the end")


def a_cursor_passes_nothing(
    centre: CentreState, pc: PC, state: PCState, subscription: Subscription, cursor: Cursor
) -> None:
    """I3: a cursor never passes data that was not applied; a base in doubt is known to be otherwise.

    A reading that a restored centre has broken off proves itself, or comes into doubt, at its end only.
    """
    root, stream = subscription
    is_broken_off = subscription in state.unended and pc.centre_was_restored
    if (stream, *cursor) not in centre.commits or subscription in state.doubts or is_broken_off:
        return
    for key, record in centre.records.items():
        of, seq = centre.seqs[key]
        if (
            of != stream
            or seq > cursor.seq
            or not (may_see([root], key, pc.device) and may_see(pc.roots, key, pc.device))
        ):
            continue
        based = state.base.get(key)
        if based is None or (based.heads, based.prev) != (record.heads, record.prev):
            raise Violation("I3", f"{pc.name} read {stream} up to {cursor} and has {based} instead of {record}")
