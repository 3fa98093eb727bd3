"""Enrolment by hand at a real centre: asked in a file, answered in a file, once and for the PC that asked."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from nacl.signing import SigningKey

from sync.central.carrying import TakenIn, take_in
from sync.central.carrying import take as take_at_centre
from sync.central.centre import Centre, make_centre
from sync.central.desk import Desk
from sync.central.enrolment import Throttle
from sync.client import parcels
from sync.client.joining import ask, look, take
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT
from sync.protocol import chain, codec, envelope, parcel
from sync.protocol.chain import device_id
from sync.protocol.joining import hash_of, hint_of
from sync.protocol.locked import Cost
from sync.protocol.messages import EnrolAnswer, Push, SyncRequest
from sync.protocol.version import PROTOCOL
from sync.store import CellState, ChangeSet, Store
from sync.store.joining import MOST_ASKED, waiting
from tests.sync.client.conftest import PC, UNITS, clock, open_the_centre, unheard
from tests.sync.client.test_parcels import fault
from tests.sync.client.test_session import changes_at
from tests.sync.store.conversation import AT, CELL, COMMUNE, NOON, SECRET, VILLAGE, cell, write

PERSON = "Nguyễn Văn An"
TYPED = CELL._replace(unit=OWN_UNIT)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess costs less here; what it costs in truth is measured with the passwords."""
    monkeypatch.setattr("sync.protocol.joining.COST", Cost(1, 8))


@pytest.fixture
def store(tmp_path: Path, centre: Centre) -> Iterator[Store]:
    """A new PC, where somebody typed already."""
    opened = Store.open(tmp_path / "pc", SECRET, centre.catalogue.version)
    write(opened, "434", TYPED)
    yield opened
    opened.close()


def code_of(centre: Centre, days: int = 7, unit: str = VILLAGE) -> str:
    return centre.enrolment.make_code(unit, PERSON, days)


def asked(store: Store, code: str, server: str = "") -> bytes:
    return ask(store, code, server, "máy thôn", NOON)


def at_centre(centre: Centre, carried: bytes, at: Callable[[], float] = clock) -> TakenIn:
    return take_in(centre, carried, Desk(centre, at).sync, at)


def everything(store: Store) -> list[object]:
    tables = ("change", "record", "cursor", "meta")
    return [store.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]


def test_a_pc_without_a_line_is_taken_in_and_works_by_hand_and_online_alike(
    centre: Centre, pc: Callable[..., PC], store: Store
) -> None:
    commune = pc("commune", COMMUNE)
    commune.store.record_changes([(cell(2), "7")], "Hoa", AT)
    commune.sync()
    taken = at_centre(centre, asked(store, code_of(centre).lower().replace("-", " ")))
    assert taken[:5] == (store.device, NOON, VILLAGE, PERSON, "máy thôn")
    offer = look(store, taken.answer)
    assert offer[:3] == (clock(), PERSON, "Thôn 3")
    assert offer.records >= len(UNITS)
    assert store.enrolment() is None, "nothing was taken yet"
    heard: list[ChangeSet] = []
    enrolment = take(store, taken.answer, heard.append)
    assert store.enrolment() == enrolment
    assert (enrolment.server, enrolment.unit, enrolment.person) == ("", VILLAGE, PERSON)
    assert enrolment.centre_key == bytes(centre.key.verify_key)
    assert enrolment.recovery_key == centre.enrolment._recovery_key != b""
    # The tree of units and what others typed came with the answer; what was typed here is still here.
    assert len(store.units(COMMUNE)) == len(UNITS) - 1
    assert cell(2) in frozenset().union(*(changes.keys for changes in heard))
    shown = store.shown(TYPED)
    assert shown is not None
    assert shown.content == "434"
    store.adopt(VILLAGE)
    carried = parcels.make(store, NOON, unheard).parcel
    answer = take_at_centre(centre, carried, Desk(centre, clock).sync, clock)
    assert answer.changes == 1
    parcels.take(store, answer.answer, unheard)
    shown = store.shown(CELL)
    assert shown is not None
    assert (shown.content, shown.state) == ("434", CellState.RECEIVED)
    # And over a line, from where the files left off.
    write(store, "435", CELL)
    assert Session(store, centre.repository, clock, unheard).run().sent == 1
    commune.sync()
    seen = commune.store.shown(CELL)
    assert seen is not None
    assert seen.content == "435"


def test_the_file_holds_neither_the_code_nor_anything_that_opens_the_store(centre: Centre, store: Store) -> None:
    code = code_of(centre)
    carried = asked(store, code)
    seed = store.signing_seed()
    for secret in (code.encode(), code.replace("-", "").encode(), hash_of(code), seed, SECRET, b"434"):
        assert secret not in carried
    assert parcel.read_joining(carried).hint == hint_of(hash_of(code))


def test_an_address_that_was_typed_is_kept_for_later(centre: Centre, store: Store) -> None:
    code = code_of(centre)
    assert fault(lambda: asked(store, code, "http://xa.gov.vn")) == "server_address_invalid"
    assert waiting(store) is None
    asked(store, code, "soxa.xa.gov.vn")
    carried = asked(store, code)
    found = waiting(store)
    assert found is not None
    assert (found.made_at, found.server, len(found.secrets)) == (NOON, "https://soxa.xa.gov.vn", 1)
    assert take(store, at_centre(centre, carried).answer, unheard).server == "https://soxa.xa.gov.vn"
    assert waiting(store) is None


def test_whichever_request_is_answered_first_serves(centre: Centre, store: Store) -> None:
    carried = [asked(store, code_of(centre)) for _ in range(MOST_ASKED + 1)]
    found = waiting(store)
    assert found is not None
    assert len(found.secrets) == MOST_ASKED
    forgotten = at_centre(centre, carried[0]).answer
    answers = [at_centre(centre, one).answer for one in carried[1:3]]
    before = everything(store)
    assert fault(lambda: take(store, forgotten, unheard)) == "joined_unproven"
    assert everything(store) == before
    take(store, answers[1], unheard)
    after = everything(store)
    assert [fault(partial(take, store, answer, unheard)) for answer in answers] == ["joined_already"] * 2
    assert everything(store) == after
    assert fault(lambda: asked(store, code_of(centre))) == "joined_already"


def test_a_request_that_is_carried_twice_has_one_device_and_either_answer_serves(centre: Centre, store: Store) -> None:
    carried = asked(store, code_of(centre))
    first, second = at_centre(centre, carried), at_centre(centre, carried)
    assert sum(one.device == store.device for one in centre.enrolment.devices()) == 1
    assert first[:5] == second[:5]
    take(store, second.answer, unheard)
    assert fault(lambda: take(store, first.answer, unheard)) == "joined_already"


def test_a_code_that_is_wrong_used_or_expired_takes_nobody_in(
    centre: Centre, pc: Callable[..., PC], store: Store, tmp_path: Path
) -> None:
    used = code_of(centre)
    other = Store.open(tmp_path / "other", SECRET)
    at_centre(centre, asked(other, used))
    other.close()
    old = code_of(centre, days=-1)
    before = len(centre.enrolment.devices())
    for code, reason in (("2345-6789-ABCD", "code_wrong"), (used, "code_used"), (old, "code_expired")):
        carried = asked(store, code)
        assert fault(partial(at_centre, centre, carried)) == reason
    assert len(centre.enrolment.devices()) == before
    assert store.enrolment() is None
    # The same PC with a code that is good; what was typed is still there.
    take(store, at_centre(centre, asked(store, code_of(centre))).answer, unheard)
    assert store.shown(TYPED) is not None


def test_a_hint_that_is_some_code_s_proves_nothing(centre: Centre, store: Store) -> None:
    code = code_of(centre)
    key = SigningKey(store.signing_seed())
    good = parcel.read_joining(asked(store, code))
    forged = msgspec.structs.replace(good, proof=bytes(32))
    carried = parcel.write(forged, key, bytes(key.verify_key))
    assert fault(lambda: at_centre(centre, carried)) == "code_wrong"
    # Whoever copied the file asks with a key of their own: the proof is of the other's.
    thief = SigningKey.generate()
    request = SyncRequest(PROTOCOL, "", Push(chain.root(device_id(bytes(thief.verify_key)))), {}, 1)
    stolen = msgspec.structs.replace(
        good,
        public_key=bytes(thief.verify_key),
        request=envelope.seal(codec.encode(request), device_id(bytes(thief.verify_key)), thief),
    )
    carried = parcel.write(stolen, thief, bytes(thief.verify_key))
    assert fault(lambda: at_centre(centre, carried)) == "code_wrong"


def test_an_answer_of_whoever_does_not_know_the_code_is_left(centre: Centre, store: Store, tmp_path: Path) -> None:
    """Another centre made up an answer: it is whole, sealed to this PC, and signed by the key that it brings."""
    carried = asked(store, code_of(centre))
    good = at_centre(centre, carried).answer
    key = SigningKey(store.signing_seed())
    make_centre(tmp_path / "false", "48", clock)
    false = open_the_centre(tmp_path / "false")
    false.enrolment.make_code(VILLAGE, PERSON, 7)
    real = parcel.read_joined(parcel.open_parcel(good, key), key_in)
    told = codec.decode(real.enrolled)
    assert isinstance(told, EnrolAnswer)
    enrolled = codec.encode(msgspec.structs.replace(told, centre_key=bytes(false.key.verify_key)))
    made_up = parcel.write(msgspec.structs.replace(real, enrolled=enrolled), false.key, bytes(key.verify_key))
    swapped = parcel.write(real, false.key, bytes(key.verify_key))
    before = everything(store)
    assert fault(lambda: take(store, made_up, unheard)) == "joined_unproven"
    assert fault(lambda: take(store, swapped, unheard)) == "parcel_damaged"
    # And a centre where the code is not known says so.
    assert fault(lambda: at_centre(false, carried)) == "code_wrong"
    assert everything(store) == before
    false.close()
    take(store, good, unheard)


def key_in(enrolled: bytes) -> bytes:
    found = codec.decode(enrolled)
    assert isinstance(found, EnrolAnswer)
    return found.centre_key


def test_files_that_are_damaged_cut_or_another_s_change_nothing(
    centre: Centre, pc: Callable[..., PC], store: Store, tmp_path: Path
) -> None:
    carried = asked(store, code_of(centre))
    before_centre = changes_at(centre)
    for place in range(0, len(carried), 37):
        bent = carried[:place] + bytes([carried[place] ^ 1]) + carried[place + 1 :]
        with pytest.raises(EnvironmentFault):
            at_centre(centre, bent)
        with pytest.raises(EnvironmentFault):
            at_centre(centre, carried[:place])
    assert changes_at(centre) == before_centre
    answer = at_centre(centre, carried).answer
    other = Store.open(tmp_path / "other", SECRET)
    assert fault(lambda: take(other, answer, unheard)) == "parcel_other_device"
    other.close()
    before = everything(store)
    for place in range(0, len(answer), 37):
        bent = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        with pytest.raises(EnvironmentFault):
            take(store, bent, unheard)
        with pytest.raises(EnvironmentFault):
            take(store, answer[:place], unheard)
    assert fault(lambda: take(store, carried, unheard)) == "parcel_not_answer"
    assert everything(store) == before
    village = pc("village", f"{COMMUNE}.002")
    sent = parcels.make(village.store, NOON, unheard).parcel
    assert fault(lambda: take(store, sent, unheard)) == "parcel_not_answer"
    assert fault(lambda: take(village.store, answer, unheard)) == "parcel_other_device"
    take(store, answer, unheard)


def test_a_device_that_belongs_to_another_centre_stays_there(centre: Centre, store: Store, tmp_path: Path) -> None:
    carried = asked(store, code_of(centre))
    answer = at_centre(centre, carried).answer
    make_centre(tmp_path / "second", "48", clock)
    second = open_the_centre(tmp_path / "second")
    take(store, at_centre(second, asked(store, second.enrolment.make_code("48", PERSON, 7))).answer, unheard)
    assert fault(lambda: take(store, answer, unheard)) == "answer_foreign"
    second.close()


def test_clocks_decide_nothing_but_the_code_s_last_day(centre: Centre, store: Store) -> None:
    code = code_of(centre)
    carried = ask(store, code, "", "máy thôn", NOON + 40 * 365 * 86_400)
    later = at_centre(centre, carried, lambda: NOON + 3 * 365 * 86_400)
    assert later.made_at > NOON
    take(store, later.answer, unheard)


def test_a_revoked_device_is_not_taken_in_again(centre: Centre, store: Store) -> None:
    carried = asked(store, code_of(centre))
    at_centre(centre, carried)
    centre.enrolment.revoke(store.device)
    assert fault(lambda: at_centre(centre, carried)) == "parcel_sender"
    again = asked(store, code_of(centre))
    assert fault(lambda: at_centre(centre, again)) == "parcel_sender"


def test_a_folder_that_was_copied_loses_nothing_on_either_pc(centre: Centre, store: Store, tmp_path: Path) -> None:
    answer = at_centre(centre, asked(store, code_of(centre))).answer
    first = PC(tmp_path / "pc", store, centre.repository)
    second = first.fork(tmp_path / "copy")
    write(second.store, "9", TYPED._replace(period="A2027Q1"))
    desk = Desk(centre, clock)
    for one in (first, second):
        take(one.store, answer, unheard)
        one.store.adopt(VILLAGE)
    for one in (first, second, first, second):
        carried = parcels.make(one.store, NOON, unheard).parcel
        parcels.take(one.store, take_at_centre(centre, carried, desk.sync, clock).answer, unheard)
    for one in (first, second):
        assert one.store.waiting() == 0
        shown = one.store.shown(CELL)
        assert shown is not None
        assert (shown.content, shown.rivals) == ("434", ())
    assert first.store.shown(CELL._replace(period="A2027Q1")) is not None
    assert next(one for one in centre.enrolment.devices() if one.device == store.device).forks
    second.store.close()


def test_an_online_pc_hands_it_on_unread_and_guesses_are_counted(
    centre: Centre, pc: Callable[..., PC], store: Store, tmp_path: Path
) -> None:
    commune, desk = pc("commune", COMMUNE), Desk(centre, clock)
    carried = asked(store, code_of(centre))
    found = parcels.look(commune.store, carried)
    assert (found.direction, found.computer, found.made_at) == (parcel.Direction.JOINING, "máy thôn", NOON)
    answer = parcels.forward(commune.store, carried, desk.parcel)
    assert fault(lambda: parcels.take(commune.store, answer, unheard)) == "parcel_other_device"
    take(store, answer, unheard)
    assert fault(lambda: parcels.look(store, answer)) == "joined_already"
    other = Store.open(tmp_path / "other", SECRET)
    wrong = asked(other, "2345-6789-ABCD")
    other.close()

    def handed_on(address: str) -> str:
        return fault(lambda: parcels.forward(commune.store, wrong, lambda carried: desk.parcel(carried, address)))

    assert {handed_on("10.0.0.1") for _ in range(Throttle.PER_ADDRESS)} == {"code_wrong"}
    assert handed_on("10.0.0.1") == "server_busy"
    assert handed_on("10.0.0.2") == "code_wrong"
