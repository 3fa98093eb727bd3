"""The centre by hand: parcels that come twice, reversed, not at all, late, or beside a line come to one result."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest
from nacl.signing import SigningKey

from sync.central.carrying import Taken
from sync.central.carrying import take as take_at_centre
from sync.central.centre import Centre
from sync.central.desk import Desk
from sync.client import parcels, session
from sync.client.parcels import Found, forward, look, make, take
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import STATUS, Key
from sync.domain.parking import DEVICE_REVOKED
from sync.domain.workflow import State, Status
from sync.protocol import codec, envelope, parcel
from sync.protocol.chain import device_id
from sync.protocol.messages import SyncRequest
from sync.protocol.parcel import Answering, Asking, Direction
from sync.protocol.version import PROTOCOL
from sync.store import CellState, ChangeSet, connection
from sync.store.receiving import cursors
from sync.store.sending import outbox
from tests.sync.client.conftest import PC, UNITS, clock, open_the_centre, unheard
from tests.sync.client.test_session import changes_at, ends, fill, shown
from tests.sync.store.conversation import AT, CELL, COMMUNE, NOON, VILLAGE, cell, write

Make = Callable[..., PC]


def made(pc: PC) -> bytes:
    return make(pc.store, NOON, unheard).parcel


def at_centre(centre: Centre, carried: bytes) -> Taken:
    return take_at_centre(centre, carried, Desk(centre, clock).sync, clock)


def answered(centre: Centre, carried: bytes) -> bytes:
    return at_centre(centre, carried).answer


def fault(work: Callable[[], object]) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        work()
    return caught.value.code


def everything(pc: PC) -> list[object]:
    tables = ("change", "record", "cursor", "doubt", "digest", "receipt", "late_receipt", "meta")
    return [pc.store.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]


def test_a_village_without_a_line_is_heard_and_hears_all(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    commune.store.record_changes([(cell(2), "7")], "Hoa", AT)
    commune.sync()
    write(village.store, "434")
    sent = make(village.store, NOON, unheard)
    assert (sent.changes, sent.left) == (1, 0)
    assert shown(village)[1] is CellState.SENT
    taken = at_centre(centre, sent.parcel)
    assert (taken.device, taken.changes, taken.parked, taken.refusal) == (village.store.device, 1, 0, "")
    heard: list[ChangeSet] = []
    found = take(village.store, taken.answer, heard.append)
    assert (found.direction, found.changes, found.made_at) == (Direction.TO_DEVICE, 1, clock())
    assert shown(village) == ("434", CellState.RECEIVED, [])
    assert shown(village, cell(2)) == ("7", CellState.RECEIVED, [])
    assert len(village.store.units(COMMUNE)) == len(UNITS) - 1
    assert {CELL, cell(2)} <= frozenset().union(*(changes.keys for changes in heard))
    assert village.store.waiting() == 0
    commune.sync()
    assert shown(commune)[0] == "434"


def test_who_has_nothing_to_say_still_hears_what_is_new(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    commune.store.record_changes([(cell(2), "7")], "Hoa", AT)
    commune.sync()
    take(village.store, answered(centre, made(village)), unheard)
    assert shown(village, cell(2))[0] == "7"


def test_twice_reversed_and_one_missing_come_to_the_same(centre: Centre, pc: Make) -> None:
    """Three parcels of one PC, each with everything so far, in several orders, some of them twice."""
    for number, order in enumerate([(0, 1, 2), (2, 1, 0), (1, 2), (2,), (0, 0, 2, 1, 2)]):
        village = pc(f"village{number}", f"{COMMUNE}.00{1 + number % 4}")
        key = CELL._replace(unit=f"{COMMUNE}.00{1 + number % 4}", period=f"A20{30 + number}Q1")
        before = changes_at(centre)
        carried = []
        for content in ("1", "2", "3"):
            village.store.record_changes([(key, content)], "An", AT)
            carried.append(made(village))
        for place in order:
            at_centre(centre, carried[place])
        assert changes_at(centre) == before + 3, order
        take(village.store, answered(centre, made(village)), unheard)
        assert shown(village, key) == ("3", CellState.RECEIVED, [])
        assert village.sync().sent == 0


def test_answers_that_come_late_reversed_or_twice_are_left(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    first = answered(centre, made(village))
    write(village.store, "2")
    second = answered(centre, made(village))
    commune.sync()
    write(commune.store, "3")
    commune.sync()
    take(village.store, second, unheard)
    assert shown(village) == ("2", CellState.RECEIVED, [])
    before = everything(village)
    for late in (first, second):
        assert fault(partial(take, village.store, late, unheard)) == "parcel_old"
    assert everything(village) == before
    take(village.store, answered(centre, made(village)), unheard)
    assert shown(village) == ("3", CellState.RECEIVED, [])


def test_by_hand_and_over_a_line_at_once(centre: Centre, pc: Make) -> None:
    village = pc("village")
    write(village.store, "1")
    carried = made(village)
    write(village.store, "2")
    village.sync()
    answer = answered(centre, carried)
    assert changes_at(centre) == 2
    before = everything(village)
    assert fault(lambda: take(village.store, answer, unheard)) == "parcel_old"
    assert everything(village) == before
    # And the other way round: the parcel comes first, the line second, the answer last.
    write(village.store, "3")
    answer = answered(centre, made(village))
    summary = village.sync()
    assert (summary.sent, changes_at(centre)) == (1, 3), "sent again, and known there"
    assert fault(lambda: take(village.store, answer, unheard)) == "parcel_old"
    assert shown(village) == ("3", CellState.RECEIVED, [])


def test_many_changes_go_as_several_requests_in_one_parcel(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "MAX_PUSH", 10)
    village, twin = pc("village"), pc("twin", COMMUNE)
    fill(village, 45)
    sent = make(village.store, NOON, unheard)
    assert (sent.changes, sent.left) == (45, 0)
    taken = at_centre(centre, sent.parcel)
    assert taken.changes == 45
    assert take(village.store, taken.answer, unheard).changes == 45
    assert village.store.waiting() == 0
    twin.sync()
    assert {key: one.content for key, one in twin.store.cells("value", VILLAGE).items()} == {
        key: one.content for key, one in village.store.cells("value", VILLAGE).items()
    }
    assert village.sync().received == 0
    assert ends(village) | ends(twin) == ends(twin) | ends(village)


def test_what_does_not_fit_comes_with_the_next_parcel(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "MAX_PUSH", 10)
    monkeypatch.setattr(parcels, "MAX_ASKING", 700)
    village = pc("village")
    fill(village, 45)
    sent = make(village.store, NOON, unheard)
    assert 0 < sent.changes < 45
    assert sent.left == 45 - sent.changes
    for _ in range(9):
        take(village.store, answered(centre, made(village)), unheard)
    assert village.store.waiting() == 0
    assert changes_at(centre) == 45


def test_an_answer_that_is_too_long_is_heard_in_parts(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "MAX_PUSH", 10)
    monkeypatch.setattr("sync.central.carrying._ROOM", 1200)
    village = pc("village")
    fill(village, 45)
    take(village.store, answered(centre, made(village)), unheard)
    assert 0 < village.store.waiting() < 45
    for _ in range(5):
        take(village.store, answered(centre, made(village)), unheard)
    assert village.store.waiting() == 0
    village.sync()
    assert len(village.store.cells("value", VILLAGE)) == 45


def test_a_centre_that_was_restored_asks_for_what_it_lost(centre: Centre, pc: Make, tmp_path: Path) -> None:
    village = pc("village")
    backup = {path: path.read_bytes() for path in centre.folder.iterdir() if path.is_file()}
    write(village.store, "1")
    village.sync()
    write(village.store, "2")
    folder = tmp_path / "restored"
    folder.mkdir()
    for path, content in backup.items():
        (folder / path.name).write_bytes(content)
    restored = open_the_centre(folder)
    try:
        take(village.store, answered(restored, made(village)), unheard)
        assert village.store.waiting() == 2, "it begins again"
        for _ in range(3):
            take(village.store, answered(restored, made(village)), unheard)
        assert village.store.waiting() == 0
        assert shown(village) == ("2", CellState.RECEIVED, [])
        assert changes_at(restored) == 2
    finally:
        restored.close()


def test_what_differs_is_found_and_mended_by_hand(centre: Centre, pc: Make) -> None:
    village = pc("village")
    write(village.store, "1")
    village.sync()
    with connection.writing(village.store.db) as db:
        db.execute("DELETE FROM record WHERE kind = 'value'")
        db.execute("UPDATE digest SET count = count - 1, total = zeroblob(32) WHERE unit = ?", (VILLAGE,))
    write(village.store, "2")
    for _ in range(4):
        take(village.store, answered(centre, made(village)), unheard)
    assert shown(village) == ("2", CellState.RECEIVED, [])
    assert village.store.db.execute("SELECT count(*) FROM doubt").fetchone() == (0,)
    assert village.sync().received == 0


def test_a_parked_change_and_an_approval_travel_by_hand(centre: Centre, pc: Make) -> None:
    village = pc("village")
    key = Key(STATUS, VILLAGE, "village_quarter", CELL.period)
    write(village.store, "1")
    village.store.record_changes([(key, Status(State.APPROVED, "0" * 32).content())], "An", AT)
    taken = at_centre(centre, made(village))
    assert (taken.changes, taken.parked) == (2, 1)
    take(village.store, taken.answer, unheard)
    found = village.store.shown(key)
    assert found is not None
    assert found.reason == "not_yours_to_decide"


def test_an_online_pc_hands_it_on_unread(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "434")
    carried = made(village)
    assert look(commune.store, carried) == Found(Direction.TO_CENTRE, len(carried))
    before = everything(commune)
    answer = forward(commune.store, carried, Desk(centre, clock).parcel)
    assert everything(commune) == before
    assert fault(lambda: look(commune.store, answer)) == "parcel_other_device"
    assert fault(lambda: take(commune.store, answer, unheard)) == "parcel_other_device"
    assert fault(lambda: parcel.read(parcel.open_parcel(carried, SigningKey.generate()), b"", Asking)) == (
        "parcel_damaged"
    )
    take(village.store, answer, unheard)
    assert shown(village) == ("434", CellState.RECEIVED, [])


def test_nobody_can_read_what_is_carried(pc: Make) -> None:
    village = pc("village")
    village.store.record_changes(
        [(CELL._replace(item="village_ct99"), '{"text":"bi mat cua thon"}')], "Trần Văn Bí", AT
    )
    carried = made(village)
    for secret in (b"bi mat", "Trần".encode(), bytes.fromhex(village.store.device), VILLAGE.encode()):
        assert secret not in carried


# Bad files


def test_what_is_no_use_is_told_and_changes_nothing(centre: Centre, pc: Make, tmp_path: Path) -> None:
    village, other = pc("village"), pc("other", f"{COMMUNE}.002")
    write(village.store, "1")
    carried = made(village)
    answer = answered(centre, carried)
    before, held = everything(village), changes_at(centre)
    middle = len(answer) // 2
    flipped = answer[:middle] + bytes([answer[middle] ^ 1]) + answer[middle + 1 :]
    newer = answer[:8] + b"\x02" + answer[9:]
    for bad, code in (
        (b"", "parcel_damaged"),
        (b"<html>", "parcel_damaged"),
        (b"SOXA", "parcel_cut"),
        (answer[:20], "parcel_cut"),
        (answer[:-1], "parcel_cut"),
        (answer + b"\0", "parcel_damaged"),
        (flipped, "parcel_damaged"),
        (newer, "parcel_newer"),
        (answer.ljust(parcel.MAX_PARCEL + 1, b"\0"), "parcel_too_large"),
        (answered(centre, made(other)), "parcel_other_device"),
        (carried, "parcel_not_answer"),
    ):
        assert fault(partial(take, village.store, bad, unheard)) == code
    assert everything(village) == before
    for bad, code in ((answer, "parcel_is_answer"), (carried[:-9], "parcel_cut"), (flipped, "parcel_damaged")):
        assert fault(partial(at_centre, centre, bad)) == code
        assert fault(partial(forward, village.store, bad, Desk(centre, clock).parcel)) in (
            code,
            "parcel_is_answer",
        )
    assert changes_at(centre) == held


def test_files_of_other_centres_and_of_strangers_are_refused(centre: Centre, pc: Make) -> None:
    village = pc("village")
    stranger, other_centre = SigningKey.generate(), SigningKey.generate()
    enrolment = village.store.enrolment()
    assert enrolment is not None
    elsewhere = parcel.write(Asking(NOON, [b"x"]), stranger, bytes(other_centre.verify_key))
    assert fault(lambda: at_centre(centre, elsewhere)) == "parcel_other_centre"
    assert fault(lambda: look(village.store, elsewhere)) == "parcel_other_centre"
    unknown = parcel.write(Asking(NOON, [b"x"]), stranger, enrolment.centre_key)
    assert fault(lambda: at_centre(centre, unknown)) == "parcel_sender"
    assert fault(lambda: forward(village.store, unknown, Desk(centre, clock).parcel)) == "parcel_sender"
    own = SigningKey(village.store.signing_seed())
    forged = parcel.write(Answering(NOON, [(b"x", b"y")]), stranger, bytes(own.verify_key))
    assert fault(lambda: take(village.store, forged, unheard)) == "parcel_damaged"
    said_by_centre = parcel.write(Answering(NOON, [(b"x", b"y")]), centre.key, bytes(own.verify_key))
    assert fault(lambda: take(village.store, said_by_centre, unheard)) == "parcel_damaged"
    assert device_id(bytes(own.verify_key)) == village.store.device


def test_requests_of_another_device_are_not_taken_with_it(centre: Centre, pc: Make) -> None:
    """Somebody who is enrolled puts another's request, heard on its way, into a parcel of their own."""
    village, other = pc("village"), pc("other", f"{COMMUNE}.002")
    write(village.store, "1")
    key = SigningKey(village.store.signing_seed())
    asking = parcel.read(parcel.open_parcel(made(village), centre.key), bytes(key.verify_key), Asking)
    enrolment = other.store.enrolment()
    assert enrolment is not None
    mixed = parcel.write(asking, SigningKey(other.store.signing_seed()), enrolment.centre_key)
    assert fault(lambda: at_centre(centre, mixed)) == "parcel_damaged"
    assert changes_at(centre) == 0


def test_what_a_revoked_device_sends_by_hand_is_held_too(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    carried = made(village)
    centre.enrolment.revoke(village.store.device)
    taken = at_centre(centre, carried)
    assert (taken.changes, taken.parked, taken.refusal) == (1, 1, "")
    take(village.store, taken.answer, unheard)
    assert village.store.waiting() == 0
    assert {cell.reason for cell in village.store.undecided().values()} == {DEVICE_REVOKED}
    commune.sync()
    assert commune.store.shown(CELL) is None
    # With nothing to hand in it is not heard.
    nothing = made(village)
    assert fault(lambda: at_centre(centre, nothing)) == "parcel_sender"
    assert fault(lambda: forward(commune.store, nothing, Desk(centre, clock).parcel)) == "parcel_sender"


def test_a_clock_of_the_future_decides_nothing(centre: Centre, pc: Make) -> None:
    village = pc("village")
    write(village.store, "1")
    taken = at_centre(centre, make(village.store, NOON + 50 * 365 * 86_400, unheard).parcel)
    assert taken.changes == 1
    assert taken.made_at > clock() + 86_400
    take(village.store, taken.answer, unheard)
    assert shown(village) == ("1", CellState.RECEIVED, [])


def test_an_answer_made_for_a_copy_of_the_folder_is_left(centre: Centre, pc: Make, tmp_path: Path) -> None:
    village = pc("village")
    write(village.store, "1")
    village.sync()
    copy = village.fork(tmp_path / "copy")
    write(village.store, "2")
    answer = answered(centre, made(village))
    before = everything(copy)
    assert fault(lambda: take(copy.store, answer, unheard)) == "parcel_old"
    assert everything(copy) == before
    copy.store.close()


def test_a_folder_that_is_not_enrolled_makes_none(tmp_path: Path) -> None:
    from sync.store import Store

    store = Store.open(tmp_path / "new", bytes(32))
    try:
        assert fault(lambda: make(store, NOON, unheard)) == "parcel_unenrolled"
        elsewhere = parcel.write(Asking(NOON, [b"x"]), SigningKey.generate(), bytes(SigningKey.generate().verify_key))
        assert fault(lambda: look(store, elsewhere)) == "parcel_unenrolled"
    finally:
        store.close()


def test_a_crash_between_any_two_steps_loses_nothing(centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    commune.store.record_changes([(cell(2), "7"), (CELL, "5")], "Hoa", AT)
    commune.sync()
    write(village.store, "434")

    class PowerFailedError(Exception):
        pass

    for step in ("take_page", "take_silence", "confirm"):
        with monkeypatch.context() as patch:

            def fail(*_: object) -> None:
                raise PowerFailedError

            answer = answered(centre, made(village))
            patch.setattr(session, step, fail)
            with pytest.raises(PowerFailedError):
                take(village.store, answer, unheard)
        village.restart()
        assert shown(village)[0] in ("434", "5")
    take(village.store, answered(centre, made(village)), unheard)
    assert shown(village)[0] == "5"
    assert shown(village)[2] == ["434"]
    assert cursors(village.store)
    assert village.store.waiting() == 0


def test_a_file_is_read_up_to_its_bound_and_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "soxa.soxa"
    assert fault(lambda: parcel.read_file(path)) == "file_missing"
    assert fault(lambda: parcel.read_file(tmp_path)) == "file_is_folder"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    assert fault(lambda: parcel.read_file(path)) == "parcel_too_large"
    parcel.write_file(path, b"whole")
    assert parcel.read_file(path) == b"whole"
    with pytest.raises(OSError, match="nowhere"):
        parcel.write_file(tmp_path / "nowhere" / "x.soxa", b"whole")
    assert [each.name for each in tmp_path.iterdir()] == ["soxa.soxa"]


def test_the_form_of_a_parcel_is_laid_down() -> None:
    """Who carries one, and programs of other versions, read it by these places."""
    sender, recipient = SigningKey(bytes(range(32))), SigningKey(bytes(range(1, 33)))
    written = parcel.write(Asking(NOON, [b"request"]), sender, bytes(recipient.verify_key))
    assert written[:10] == b"SOXAFILE" + bytes((1, 1))
    assert written[10:20].hex() == device_id(bytes(recipient.verify_key))
    box = int.from_bytes(written[20:24])
    assert len(written) == 24 + box + 16
    assert parcel.write(Asking(NOON, [b"request"]), sender, bytes(recipient.verify_key)) != written, "sealed anew"
    opened = parcel.open_parcel(written, recipient)
    assert opened.sender == device_id(bytes(sender.verify_key))
    assert opened.said == b"\x92\xce" + NOON.to_bytes(4) + b"\x91\xc4\x07request"
    assert parcel.read(opened, bytes(sender.verify_key), Asking) == Asking(NOON, [b"request"])
    assert fault(lambda: parcel.read(opened, bytes(recipient.verify_key), Asking)) == "parcel_damaged"


def test_a_push_that_no_device_sends_is_a_damaged_file_and_no_crash(centre: Centre, pc: Make) -> None:
    village = pc("village")
    write(village.store, "1")
    push = outbox(village.store)
    bad = msgspec.structs.replace(push, changes=[msgspec.structs.replace(push.changes[0], author="a\0b")])
    key = SigningKey(village.store.signing_seed())
    request = SyncRequest(PROTOCOL, "1", bad, {}, 1024)
    sealed = envelope.seal(codec.encode(request), village.store.device, key)
    enrolment = village.store.enrolment()
    assert enrolment is not None
    carried = parcel.write(Asking(NOON, [sealed]), key, enrolment.centre_key)
    assert fault(lambda: at_centre(centre, carried)) == "parcel_damaged"
    assert fault(lambda: forward(village.store, carried, Desk(centre, clock).parcel)) == "parcel_damaged"
    assert changes_at(centre) == 0
