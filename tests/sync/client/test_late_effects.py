"""What took effect after it had been parked has it again when the centre was restored, whoever syncs first."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from sync.central.centre import Centre
from sync.central.register import FILE
from sync.client.parcels import take
from sync.domain.keys import CLOSING, RECEIPT, STATUS, VALUE, Key, stream_of_device
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, State, Status, content_digest, is_approved
from sync.protocol.messages import Head, Record
from sync.store import CellState, receipts
from sync.store.base import BaseWriter
from sync.store.connection import writing
from sync.store.sending import outbox
from tests.sync.client.conftest import PC, open_the_centre, unheard
from tests.sync.client.test_parcels import answered, made
from tests.sync.client.test_session import shown
from tests.sync.store.conversation import CELL, COMMUNE, QUARTER, VILLAGE, write

Make = Callable[..., PC]
Restore = Callable[[str], Centre]
FORM = "village_quarter"
STEP = Key(STATUS, VILLAGE, FORM, QUARTER)
PERIOD = Key(CLOSING, "48", FORM, QUARTER)
IN_EFFECT: tuple[str, CellState, list[str]] = ("5", CellState.RECEIVED, [])


@pytest.fixture
def copies(centre: Centre, tmp_path: Path) -> Iterator[tuple[Callable[[str], None], Restore]]:
    """Copies the centre under a name, and opens such a copy beside the register as it is then."""
    opened: list[Centre] = []

    def keep(name: str) -> None:
        shutil.copytree(centre.folder, tmp_path / name)

    def restore(name: str) -> Centre:
        shutil.copy(centre.folder / FILE, tmp_path / name / FILE)
        opened.append(open_the_centre(tmp_path / name))
        return opened[-1]

    yield keep, restore
    for each in opened:
        each.close()


def digest(pc: PC) -> str:
    cells = pc.store.cells(VALUE, VILLAGE, QUARTER)
    return content_digest({key: [cell.content, *(r.content for r in cell.rivals)] for key, cell in cells.items()})


def step(pc: PC, state: State) -> None:
    status = Status(state, digest(pc) if state is State.APPROVED else "")
    write(pc.store, status.content(), STEP, "Hoa")


def settle(*pcs: PC, remote: Centre | None = None) -> None:
    for _ in range(3):
        for each in pcs:
            each.sync(remote.repository if remote else None)


@pytest.fixture
def pcs(centre: Centre, pc: Make, copies: tuple[Callable[[str], None], Restore]) -> tuple[PC, PC]:
    """3; approved; 5 parked; reopened, and so 5 in effect; approved again. Copies at each of these places."""
    keep, _ = copies
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "3")
    settle(village, commune)
    keep("before the approval")
    step(commune, State.APPROVED)
    settle(commune, village)
    write(village.store, "5")
    settle(village, commune)
    found = village.store.shown(CELL)
    assert found is not None
    assert found.reason == "approved"
    keep("while it is parked")
    step(commune, State.REOPENED)
    settle(commune, village)
    step(commune, State.APPROVED)
    settle(commune, village)
    assert shown(village) == shown(commune) == IN_EFFECT
    return village, commune


@pytest.mark.parametrize("of", ["before the approval", "while it is parked"])
@pytest.mark.parametrize("village_first", [True, False])
@pytest.mark.parametrize("by_hand", [True, False])
def test_it_is_in_effect_again_and_approved(
    pcs: tuple[PC, PC], copies: tuple[Callable[[str], None], Restore], of: str, village_first: bool, by_hand: bool
) -> None:
    restored = copies[1](of)
    order = pcs if village_first else pcs[::-1]
    for each in (*order, *order, *order) if by_hand else ():
        take(each.store, answered(restored, made(each)), unheard)
    settle(*order, remote=restored)
    for each in pcs:
        assert shown(each) == IN_EFFECT
        assert (each.store.undecided(), each.store.waiting()) == ({}, 0)
        status = each.store.shown(STEP)
        assert status is not None
        assert is_approved([status.content], digest(each))


def take_effect_late(
    centre: Centre, village: PC, keep: Callable[[str], None], before: Mapping[Key, str] = MappingProxyType({})
) -> None:
    """A value, behind what was typed `before` it, waits for its period, and takes effect when that is opened."""
    centre.repository.decide([(PERIOD, CLOSED)], "admin")
    for key, content in before.items():
        write(village.store, content, key)
    write(village.store, "5")
    village.sync()
    keep("while it is parked")
    centre.repository.decide([(PERIOD, CLEARED)], "admin")
    village.sync()


def test_a_period_that_is_closed_again_keeps_it(
    centre: Centre, pc: Make, copies: tuple[Callable[[str], None], Restore]
) -> None:
    """Its cause is gone and there again before the device can say anything: the register brings both at once."""
    keep, restore = copies
    village = pc("village")
    take_effect_late(centre, village, keep)
    centre.repository.decide([(PERIOD, CLOSED)], "admin")
    settle(village, remote=restore("while it is parked"))
    assert shown(village) == IN_EFFECT


def test_what_a_copy_of_the_folder_brought_without_its_receipt_is_shown_with_it(
    centre: Centre, pc: Make, copies: tuple[Callable[[str], None], Restore], tmp_path: Path
) -> None:
    """The restored centre knows the end of this chain, and so it asks for nothing."""
    keep, restore = copies
    village = pc("village")
    village.sync()
    keep("before")
    write(village.store, "5")
    copy = village.fork(tmp_path / "copy")
    village.sync()
    centre.repository.decide([(PERIOD, CLOSED)], "admin")
    restored = restore("before")
    copy.sync(restored.repository)
    assert copy.store.undecided()
    for each in (village, copy):
        each.sync(restored.repository)
        assert shown(each) == IN_EFFECT
    copy.store.close()


def test_what_was_pushed_with_it_keeps_its_own_receipt(
    centre: Centre, pc: Make, copies: tuple[Callable[[str], None], Restore]
) -> None:
    """The one of the replay takes the place of the one that ends where it does."""
    keep, restore = copies
    village = pc("village")
    take_effect_late(centre, village, keep, {Key(VALUE, VILLAGE, "village_ct02", "A2026Q1"): "7"})
    centre.repository.decide([(PERIOD, CLOSED)], "admin")
    settle(village, remote=restore("while it is parked"))
    assert shown(village) == IN_EFFECT
    assert [(each.first_n, each.last.n) for each in outbox(village.store, behind=0).receipts] == [(1, 2), (2, 2)]


def test_the_receipt_of_one_stands_beside_that_of_its_push(pcs: tuple[PC, PC]) -> None:
    village, _ = pcs
    before = outbox(village.store, behind=0)
    (first, parked, late) = before.receipts
    assert [(each.first_n, each.last.n) for each in before.receipts] == [(1, 1), (2, 2), (2, 2)]
    assert sorted(len(each.results) for each in (parked, late)) == [0, 1]
    assert first.results == ()
    version = before.changes[1].version
    assert receipts.says_otherwise(village.store, version)
    assert not receipts.says_otherwise(village.store, version._replace(branch=village.store.device + "0" * 8))
    village.store.db.execute("DELETE FROM late_receipt")
    assert not receipts.says_otherwise(village.store, version)


def test_a_receipt_that_does_not_count_is_shown_once(
    centre: Centre, pc: Make, copies: tuple[Callable[[str], None], Restore]
) -> None:
    """The record that calls it parked may be brought again while the stream is compared."""
    keep, restore = copies
    village = pc("village")
    take_effect_late(centre, village, keep)
    village.store.db.execute("UPDATE late_receipt SET mac = zeroblob(16)")
    centre.repository.decide([(PERIOD, CLOSED)], "admin")
    settle(village, remote=restore("while it is parked"))
    assert list(village.store.undecided()) == [CELL]
    (version,) = [change.version for change in outbox(village.store, behind=0).changes]
    told = Record(
        Key(RECEIPT, stream_of_device(version.device), version.branch, part="1"),
        (Head(version, '["parked","period_closed"]', "", 0, 0),),
    )
    with writing(village.store.db):
        BaseWriter(village.store, told.key.unit, keeping=False).write([told])
    assert village.store.waiting() == 0
