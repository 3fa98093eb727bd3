"""The centre's word on what it received: only its own counts, and it carries an effect over a restore."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from sync.central.centre import Centre
from sync.central.receipts import had_effect, mac, receipt_key
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, RECEIPT, Key, stream_of_device
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, State, Status
from sync.protocol.messages import Link, Receipt, Result, SyncAnswer
from tests.sync.central.conftest import FORM, OTHER_VILLAGE, PERIOD, VILLAGE, Device, status_key, value_key

MakeDevice = Callable[[str], Device]
Reopen = Callable[..., Centre]
CELL = value_key(VILLAGE)
PARKED = Result(1, Outcome.PARKED, "period_closed")


@pytest.fixture
def backup(centre: Centre, tmp_path: Path, reopened: Reopen) -> Callable[[Device], Callable[[], Centre]]:
    """Copies the database now; what it gives puts the copy back beside the key and the register, and opens it."""

    def copy(device: Device) -> Callable[[], Centre]:
        folder = tmp_path / "restored"
        shutil.copytree(centre.folder, folder)

        def restore() -> Centre:
            for kept in ("centre.key", "register.soxa"):
                shutil.copy(centre.folder / kept, folder / kept)
            device.centre = reopened(folder)
            device.cursors.clear()
            device.base.clear()
            return device.centre

        return restore

    return copy


def close(centre: Centre, content: str = CLOSED) -> None:
    centre.repository.decide([(Key(CLOSING, "48", FORM, PERIOD), content)], "admin")


def test_a_receipt_is_made_of_every_push_that_brings_something(device: MakeDevice) -> None:
    village = device(VILLAGE)
    assert village.ask().mac == b""
    village.type(CELL, "1")
    answer = village.ask(village.push())
    assert len(answer.mac) == 16
    village.type(CELL, "2", (village.log[0].version,))
    assert village.ask(village.push(2)).mac != answer.mac


def test_a_replay_after_a_closing_keeps_its_effect(
    centre: Centre, device: MakeDevice, backup: Callable[[Device], Callable[[], Centre]]
) -> None:
    village = device(VILLAGE)
    restore = backup(village)
    village.type(CELL, "1")
    receipt = village.receipt(village.ask(village.push()))
    close(centre)
    restored = restore()
    assert village.ask(village.push(receipts=[receipt])).results == []
    assert village.heads(CELL) == ["1"]
    # Without it the same would wait for the period to be opened again.
    other = Device(restored, VILLAGE)
    other.type(CELL, "7")
    assert other.ask(other.push()).results == [PARKED]


def test_a_receipt_that_comes_after_its_change_gives_it_its_effect(
    centre: Centre, device: MakeDevice, backup: Callable[[Device], Callable[[], Centre]]
) -> None:
    """The change came before by another way, without it."""
    village = device(VILLAGE)
    restore = backup(village)
    version = village.type(CELL, "1")
    receipt = village.receipt(village.ask(village.push()))
    close(centre)
    restore()
    assert village.ask(village.push()).results == [PARKED]
    assert village.heads(CELL) == []
    assert village.ask(village.push(receipts=[receipt])).results == []
    assert village.heads(CELL) == ["1"]
    assert village.told() == {version: ("applied", "")}


def test_a_step_that_had_its_effect_has_it_again_in_whatever_order(
    centre: Centre, device: MakeDevice, backup: Callable[[Device], Callable[[], Centre]]
) -> None:
    village, commune = device(VILLAGE), device("48")
    restore = backup(village)
    submitted = village.type(status_key(), Status(State.SUBMITTED).content())
    first = village.receipt(village.ask(village.push()))
    commune.type(status_key(), Status(State.RETURNED).content(), (submitted,))
    second = commune.receipt(commune.ask(commune.push()))
    commune.centre = restore()
    assert commune.ask(commune.push(receipts=[second])).results == []
    assert village.ask(village.push(receipts=[first])).results == [Result(1, Outcome.HISTORY, "")]
    assert village.heads(status_key()) == [Status(State.RETURNED).content()]


def test_what_was_parked_by_the_receipt_is_judged_anew(
    centre: Centre, device: MakeDevice, backup: Callable[[Device], Callable[[], Centre]]
) -> None:
    village = device(VILLAGE)
    close(centre)
    restore = backup(village)
    village.type(CELL, "1")
    receipt = village.receipt(village.ask(village.push()))
    assert receipt.results == (PARKED,)
    restore()
    assert village.ask(village.push(receipts=[receipt])).results == [PARKED]
    close(village.centre, CLEARED)
    assert village.heads(CELL) == ["1"]


def test_what_took_effect_after_it_had_been_parked_has_a_receipt_of_its_own(
    centre: Centre, device: MakeDevice, backup: Callable[[Device], Callable[[], Centre]]
) -> None:
    village = device(VILLAGE)
    restore = backup(village)
    close(centre)
    other = value_key(VILLAGE, "ct14")
    village.type(other, "7")
    version = village.type(CELL, "1")
    village.ask(village.push())
    told = Key(RECEIPT, stream_of_device(village.name), version.branch, part=str(version.n))
    village.pull()
    assert village.base[told].heads[0].extra == b""
    close(centre, CLEARED)
    village.pull()
    mac = village.base[told].heads[0].extra
    close(centre)
    restore()
    receipt = Receipt(2, village.link(2), (), mac)
    assert village.ask(village.push(receipts=[receipt])).results == [PARKED]
    assert (village.heads(CELL), village.heads(other)) == (["1"], [])
    assert village.ask(village.push(receipts=[Receipt(1, village.link(1), (), mac)])).results == [PARKED]
    assert village.heads(other) == []


def forged(receipt: Receipt, village: Device, other: Device) -> list[Receipt]:
    """What anybody could make of a receipt without the centre's key."""
    change = msgspec.structs.replace
    return [
        change(receipt, mac=bytes(16)),
        change(receipt, mac=b""),
        change(receipt, mac=receipt.mac[:8]),
        change(receipt, results=()),
        change(receipt, first_n=0),
        change(receipt, last=Link(receipt.last.n, b"x" * 16)),
        change(receipt, last=village.link(2)),
        change(receipt, mac=mac(b"k" * 32, village.name, 1, receipt.last, ())),
        change(receipt, results=(), mac=mac(receipt_key(bytes(other.key)), village.name, 1, receipt.last, ())),
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_forged_receipt_is_as_none(centre: Centre, device: MakeDevice, number: int) -> None:
    village = device(VILLAGE)
    close(centre)
    village.type(CELL, "1")
    village.type(value_key(VILLAGE, period="A2026Q3"), "1")
    real = village.receipt(village.ask(village.push(1, 1)))
    receipt = forged(real, village, device(VILLAGE))[number]
    assert village.ask(village.push(receipts=[receipt])).results == [PARKED]
    assert village.heads(CELL) == []


def test_a_receipt_is_not_made_longer(centre: Centre, device: MakeDevice) -> None:
    """What lies in front of it waits, and would have had its effect by a receipt that began earlier."""
    village = device(VILLAGE)
    close(centre)
    village.type(CELL, "1")
    village.type(value_key(VILLAGE, period="A2026Q3"), "1")
    assert village.ask(village.push(1, 1)).results == [PARKED]
    answer = village.ask(village.push(2))
    real = Receipt(2, village.link(2), tuple(answer.results), answer.mac)
    for receipt in (real, msgspec.structs.replace(real, first_n=1)):
        assert village.ask(village.push(receipts=[receipt])).results == [PARKED]
        assert village.heads(CELL) == []


def test_another_devices_receipt_is_as_none(centre: Centre, device: MakeDevice) -> None:
    village, other = device(VILLAGE), device(VILLAGE)
    other.type(CELL, "7")
    theirs = other.receipt(other.ask(other.push()))
    close(centre)
    village.type(CELL, "1")
    assert village.ask(village.push(receipts=[theirs])).results == [PARKED]


def test_a_receipt_of_one_branch_says_nothing_of_another(centre: Centre, device: MakeDevice) -> None:
    """Two copies of a folder each have a change of this number."""
    village = device(VILLAGE)
    village.type(CELL, "1")
    receipt = village.receipt(village.ask(village.push()))
    close(centre)
    clone = village.clone(1, "c0c0c0c0")
    clone.type(value_key(VILLAGE, "ct14"), "2")
    assert clone.ask(clone.push(receipts=[receipt])).results == [PARKED]
    assert village.ask(village.push(receipts=[receipt])).results == []
    assert clone.ask(clone.push()).results == [PARKED]
    assert clone.heads(value_key(VILLAGE, "ct14")) == []


def test_a_receipt_covers_what_lies_before_the_push_too(
    centre: Centre, device: MakeDevice, backup: Callable[[Device], Callable[[], Centre]]
) -> None:
    """The centre was restored to the middle of what one receipt speaks of."""
    village = device(VILLAGE)
    restore_point = village.type(CELL, "1")
    village.ask(village.push())
    restore = backup(village)
    village.type(value_key(VILLAGE, "ct14"), "2")
    receipt = village.receipt(village.ask(village.push()))
    assert receipt.first_n == restore_point.n == 1
    close(centre)
    restore()
    assert village.ask(village.push(2, receipts=[receipt])).results == []
    assert village.heads(value_key(VILLAGE, "ct14")) == ["2"]


def test_a_receipt_gives_no_right_to_what_it_does_not_name(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.type(CELL, "1")
    receipt = village.receipt(village.ask(village.push()))
    village.type(value_key(OTHER_VILLAGE), "2")
    answer = village.ask(village.push(receipts=[receipt]))
    assert answer.results == [Result(2, Outcome.PARKED, "not_your_unit")]


def test_the_keys_of_two_centres_are_different() -> None:
    assert receipt_key(bytes(32)) != receipt_key(b"\1" + bytes(31))
    assert receipt_key(bytes(32)) != bytes(32)


def test_a_receipt_is_of_the_chain_and_not_of_the_number(device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.type(CELL, "1")
    village.type(CELL, "2")
    push, links = village.push(), [village.link(1), village.link(2)]
    key = b"k" * 32

    def receipt(last: Link) -> Receipt:
        return Receipt(1, last, (), mac(key, village.name, 1, last, ()))

    push.receipts.append(receipt(links[0]))
    assert had_effect(key, village.name, push, links) == {1}
    push.receipts.append(receipt(Link(2, b"another chain")))
    assert had_effect(key, village.name, push, links) == {1}
    push.receipts.append(receipt(links[1]))
    assert had_effect(key, village.name, push, links) == {1, 2}
    assert had_effect(key, "another", push, links) == frozenset()


def test_an_answer_that_was_lost_is_given_again_the_same(device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.type(value_key(OTHER_VILLAGE), "1")

    def word(answer: SyncAnswer) -> tuple[object, ...]:
        return answer.held, answer.results, answer.mac

    assert word(village.ask(village.push())) == word(village.ask(village.push()))
