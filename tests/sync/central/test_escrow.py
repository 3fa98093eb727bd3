"""A revoked device hands in what it had to send: it is held, told, and nothing else comes back."""

from collections.abc import Callable

import pytest

from sync.central import audit, escrow
from sync.central.centre import Centre
from sync.central.members import Release
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, ESCROW, Key
from sync.domain.parking import DEVICE_REVOKED, DISMISSED, PERIOD_CLOSED
from sync.domain.rights import Role
from sync.domain.values import ContentError
from sync.domain.workflow import CLOSED
from sync.protocol.messages import Result, SyncAnswer
from tests.sync.central.conftest import COMMUNE, FORM, PERIOD, VILLAGE, Device, value_key

MakeDevice = Callable[[str], Device]


def held(centre: Centre) -> list[tuple[str, str, int]]:
    with centre.database.reading() as connection:
        return [(one.device, one.author, one.changes) for one in escrow.held(connection, centre.province)]


def release(centre: Centre, device: str, *, take: bool = True) -> int:
    return centre.repository.release_escrow(device, "Hoa", take=take)


@pytest.fixture
def lost(centre: Centre, device: MakeDevice) -> Device:
    """A village's laptop that was revoked with two figures typed and not sent."""
    found = device(VILLAGE)
    found.type(value_key(VILLAGE), "1")
    found.ask(found.push())
    centre.enrolment.revoke(found.name)
    found.type(value_key(VILLAGE), "2", (found.log[0].version,))
    found.type(value_key(VILLAGE, "ct14"), "3", author="Bình")
    return found


def push(lost: Device, first_n: int = 2) -> SyncAnswer:
    cursors = dict(lost.cursors)
    answer = lost.ask(lost.push(first_n))
    assert lost.cursors == cursors
    return answer


def test_it_is_held_and_told_and_gets_nothing_back(centre: Centre, lost: Device, device: MakeDevice) -> None:
    commune = device(COMMUNE)
    commune.pull()
    answer = push(lost)
    assert answer == SyncAnswer(
        answer.time,
        lost.link(3),
        [],
        [Result(2, Outcome.PARKED, DEVICE_REVOKED), Result(3, Outcome.PARKED, DEVICE_REVOKED)],
        answer.mac,
        resend=True,
    )
    assert held(centre) == [(lost.name, "Bình", 1), (lost.name, "Nguyễn Văn An", 1)]
    assert commune.heads(value_key(VILLAGE)) == ["1"]
    assert commune.heads(value_key(VILLAGE, "ct14")) == []
    # Once more: its receipt again, and nothing is held twice.
    assert push(lost).results == answer.results
    assert [count for *_, count in held(centre)] == [1, 1]
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        lost.ask()


def test_a_restored_centre_asks_again_for_what_it_no_longer_holds(centre: Centre, lost: Device) -> None:
    """It remembers the revocation, which stands in its register, and not what the device has handed in since."""
    answer = push(lost, 4)
    assert (answer.held, answer.ends, answer.pages) == (None, [lost.link(1)], [])
    push(lost)
    assert sum(count for *_, count in held(centre)) == 2


def test_what_is_taken_is_judged_as_any_other_change(centre: Centre, lost: Device, device: MakeDevice) -> None:
    commune = device(COMMUNE)
    push(lost)
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), CLOSED)], "admin")
    assert release(centre, lost.name) == 2
    assert held(centre) == []
    assert commune.heads(value_key(VILLAGE)) == ["1"]
    # The period was closed; when that goes, they need nobody a second time.
    centre.repository.decide([(Key(CLOSING, VILLAGE, FORM, PERIOD), "null")], "admin")
    assert commune.heads(value_key(VILLAGE)) == ["2"]
    assert commune.heads(value_key(VILLAGE, "ct14")) == ["3"]
    assert release(centre, lost.name) == 0
    with centre.database.reading() as connection:
        told = [entry.reason for entry in audit.show(connection, "48", 9) if entry.device == lost.name]
        assert told == ["", "", PERIOD_CLOSED, PERIOD_CLOSED, DEVICE_REVOKED, DEVICE_REVOKED]
        assert audit.verify(connection, "48").broken == 0


def test_what_is_dismissed_never_takes_effect(centre: Centre, lost: Device, device: MakeDevice) -> None:
    commune = device(COMMUNE)
    push(lost)
    assert release(centre, lost.name, take=False) == 2
    assert (held(centre), release(centre, lost.name), release(centre, lost.name, take=False)) == ([], 0, 0)
    centre.staff.give("Nguyễn Văn An", Role.VILLAGE_ENTRY, VILLAGE, Sensitivity.SENSITIVE)
    assert commune.heads(value_key(VILLAGE)) == ["1"]
    assert [result.reason for result in push(lost).results] == [DISMISSED, DISMISSED]
    with centre.database.reading() as connection:
        assert audit.verify(connection, "48").broken == 0


def test_a_role_brings_nothing_out_of_the_escrow(centre: Centre, lost: Device, device: MakeDevice) -> None:
    push(lost)
    centre.staff.give("Nguyễn Văn An", Role.VILLAGE_ENTRY, VILLAGE, Sensitivity.SENSITIVE)
    assert len(held(centre)) == 2
    centre.staff.take("Nguyễn Văn An", Role.VILLAGE_ENTRY, VILLAGE)
    # Its author may do nothing any more, and that is what counts when it is taken.
    assert release(centre, lost.name) == 2
    assert device(COMMUNE).heads(value_key(VILLAGE)) == ["1"]


def test_no_more_is_held_than_anybody_types(centre: Centre, lost: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escrow, "MAX_HELD", 2)
    push(lost)
    lost.type(value_key(VILLAGE), "4")
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        lost.ask(lost.push(4))
    assert [count for *_, count in held(centre)] == [1, 1]


def test_a_part_that_the_centre_lacks_is_asked_for(centre: Centre, lost: Device) -> None:
    answer = lost.ask(lost.push(3))
    assert (answer.held, answer.ends, answer.pages) == (None, [lost.link(1)], [])
    assert push(lost).held == lost.link(3)


def test_what_a_restored_centre_has_lost_of_it_comes_back_with_the_effect_that_it_had(
    centre: Centre, device: MakeDevice, reopened: Callable[..., Centre]
) -> None:
    village = device(VILLAGE)
    backup = {path: path.read_bytes() for path in centre.folder.glob("*.db*")}
    village.type(value_key(VILLAGE), "1")
    receipt = village.receipt(village.ask(village.push()))
    centre.enrolment.revoke(village.name)
    centre.close()
    for path in centre.folder.glob("*.db*"):
        path.unlink()
    for path, content in backup.items():
        path.write_bytes(content)
    village.centre = restored = reopened(centre.folder)
    # It has nothing more to send, and still hears that the centre lacks what it had.
    answer = village.ask()
    assert (answer.held, answer.ends, answer.pages) == (None, [], [])
    assert village.ask(village.push(receipts=[receipt])).results == []
    assert Device(restored, COMMUNE).heads(value_key(VILLAGE)) == ["1"]
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        village.ask()


@pytest.mark.parametrize("take", [True, False])
def test_whose_decision_it_was_stands_in_the_audit_and_is_no_business_of_a_desktops(
    centre: Centre, lost: Device, device: MakeDevice, take: bool
) -> None:
    push(lost)
    assert release(centre, lost.name, take=take) == 2
    assert release(centre, lost.name, take=take) == 0
    with centre.database.reading() as connection:
        (entry,) = [one for one in audit.show(connection, "48", 20) if one.key.kind == ESCROW]
        assert audit.verify(connection, "48").broken == 0
    found = Release.of(entry.content)
    assert (entry.author, entry.key.item, found.is_taken, found.changes) == ("Hoa", lost.name, take, 2)
    province = device("48")
    province.pull()
    assert ESCROW not in {key.kind for key in province.base}
    with pytest.raises(ContentError):
        Release.of("{}")
