"""Files on their way between real PCs and a real centre, over HTTP, over lines that are cut at any byte."""

import io
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import pytest
from nacl.signing import SigningKey

from sync.central.app import build_app
from sync.central.centre import Centre
from sync.central.serving import Server, open_socket
from sync.central.shelf import Shelf
from sync.client import evidence as moving
from sync.client.evidence import MAX_DROPS, TRY_AGAIN_S, Courier, Limits, Moved
from sync.client.http import HttpRemote
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import Evidence
from sync.domain.keys import Key
from sync.protocol.messages import FileHeld
from sync.store import ChangeSet
from sync.store.evidence import UNDONE_WITHIN, Where, attach, detach, fetch, of_task
from sync.store.files import Files
from tests.bench.poor_line import PoorLine
from tests.sync.client.conftest import PC, clock
from tests.sync.store.conversation import COMMUNE, SECRET, VILLAGE

TASK = "019324c1-5a00-7000-8000-000000000001"
NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


def pdf(size: int, seed: int = 1) -> bytes:
    return b"%PDF-1.7\n" + Random(seed).randbytes(size - 9)


def always() -> bool:
    return True


@contextmanager
def served(centre: Centre) -> Iterator[int]:
    listening = open_socket("127.0.0.1", 0)
    ready = threading.Event()
    server = Server(build_app(centre, clock), ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    assert ready.wait(20)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
        assert not thread.is_alive()


@pytest.fixture
def port(centre: Centre) -> Iterator[int]:
    with served(centre) as found:
        yield found


@dataclass
class Office:
    """A PC with its files, its line and its courier."""

    pc: PC
    files: Files
    line: HttpRemote
    limits: Limits = field(default_factory=Limits)
    now: datetime = NOW
    now_s: float = 0.0
    told: list[Moved] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.courier = self.begin()

    def begin(self) -> Courier:
        """As after a start of the program."""
        return Courier(
            self.pc.store,
            self.files,
            self.line.files,
            lambda: self.now,
            lambda: self.limits,
            self.told.append,
            lambda: self.now_s,
        )

    def attach(self, data: bytes, name: str = "a.pdf") -> Key:
        (key,) = attach(self.pc.store, self.files, VILLAGE, TASK, name, io.BytesIO(data), self.now).keys
        self.now += timedelta(seconds=1)
        return key

    def sync(self) -> None:
        Session(self.pc.store, self.line, clock, unheard).run()

    def run(self) -> bool:
        return self.courier.run(always)

    def run_pieces(self, most: int) -> bool:
        """As `run`, giving way after so many pieces."""
        heard = len(self.told)
        return self.courier.run(lambda: len(self.told) <= heard + most)

    def where(self) -> list[Where]:
        return [one.where for one in of_task(self.pc.store, self.files, VILLAGE, TASK)]

    def faults(self) -> list[str]:
        return [one.fault for one in of_task(self.pc.store, self.files, VILLAGE, TASK)]

    def evidence(self) -> list[Evidence]:
        return [one.evidence for one in of_task(self.pc.store, self.files, VILLAGE, TASK)]

    def content(self, data: bytes) -> bytes:
        with self.files.opened(sha256(data).hexdigest()) as whole:
            return whole.read()


def unheard(changes: ChangeSet) -> None:
    """Nobody looks at a screen."""


Open = Callable[..., Office]


@pytest.fixture
def office(pc: Callable[..., PC], centre: Centre, port: int) -> Iterator[Open]:
    """A PC by its name and unit, that speaks to the centre over a line of its own or over `address`."""
    opened: list[Office] = []

    def make(name: str, unit: str = COMMUNE, address: str = "") -> Office:
        found = pc(name, unit)
        key = SigningKey(found.store.signing_seed())
        line = HttpRemote(address or f"http://127.0.0.1:{port}", key, bytes(centre.key.verify_key))
        opened.append(Office(found, Files.open(found.folder, SECRET), line))
        return opened[-1]

    yield make
    for each in opened:
        each.line.close()
        each.files.close()


@pytest.fixture
def shelf(centre: Centre) -> Shelf:
    return Shelf(centre.folder)


# To the centre and to others


def test_a_file_goes_up_and_comes_down_elsewhere_when_it_is_wanted(office: Open, shelf: Shelf) -> None:
    here, there = office("An"), office("Bình")
    data = pdf(700_000)
    here.attach(data)
    assert here.run()  # what the centre has not accepted stays
    assert here.where() == [Where.HERE]
    here.sync()
    assert here.run()
    assert here.where() == [Where.BOTH]
    assert [(moved.done, moved.up) for moved in here.told][-1] == (len(data), True)
    there.sync()
    assert there.run()
    assert there.where() == [Where.THERE]
    fetch(there.files, there.evidence()[0])
    assert there.where() == [Where.COMING]
    assert there.run()
    assert there.where() == [Where.BOTH]
    assert there.content(data) == data
    assert list(shelf.whole()) == [(sha256(data).hexdigest(), len(data))]


def test_one_file_under_ten_names_goes_once(office: Open, centre: Centre, port: int) -> None:
    line = PoorLine(port)
    here = office("An", address=line.address)
    data = pdf(300_000)
    for number in range(10):
        here.attach(data, f"{number}.pdf")
    here.sync()
    before = line.up
    assert here.run()
    line.close()
    assert here.where() == [Where.BOTH] * 10
    assert line.up - before < 1.02 * len(data)


def test_two_pcs_that_bring_the_same_file_at_once_both_end_well(office: Open, shelf: Shelf) -> None:
    pcs = [office("An"), office("Bình")]
    data = pdf(2_000_000)
    for each in pcs:
        each.attach(data)
        each.sync()
    # By turns, one piece each.
    for turn in range(40):
        each = pcs[turn % 2]
        each.run_pieces(1)
    assert [set(each.where()) for each in pcs] == [{Where.BOTH}] * 2
    assert [name for name, _ in shelf.whole()] == [sha256(data).hexdigest()]
    assert shelf.is_sound(sha256(data).hexdigest())


def test_a_line_that_is_cut_fifty_times_at_any_byte_brings_it_whole(office: Open, port: int, shelf: Shelf) -> None:
    chance = Random(20261128)
    data = pdf(2_500_000)
    cuts = iter([chance.randint(1, 90_000) for _ in range(50)])
    line = PoorLine(port, cuts_at=lambda: next(cuts, 0))
    here = office("An")
    here.attach(data)
    here.sync()
    key = SigningKey(here.pc.store.signing_seed())
    here.line.close()
    here.line = HttpRemote(line.address, key, here.pc.store.enrolment().centre_key)  # type: ignore[union-attr]
    here.courier = here.begin()
    for _ in range(50):
        with suppress(EnvironmentFault):
            here.run()
    assert here.where() == [Where.BOTH]
    assert next(cuts, None) is None
    assert shelf.is_sound(sha256(data).hexdigest())
    assert line.up < 1.3 * len(data)
    line.close()


def test_what_comes_down_goes_on_where_the_line_was_cut(office: Open, port: int) -> None:
    here = office("An")
    data = pdf(1_500_000)
    here.attach(data)
    here.sync()
    here.run()
    there = office("Bình")
    there.sync()
    fetch(there.files, there.evidence()[0])
    pieces = iter([True] * 4 + [False])
    assert not there.courier.run(lambda: next(pieces))
    (so_far,) = of_task(there.pc.store, there.files, VILLAGE, TASK)
    assert 0 < so_far.done < len(data)
    there.courier = there.begin()
    assert there.run()
    assert there.content(data) == data


def test_nothing_moved_and_the_line_dropping_again_and_again_ends_in_a_fault(office: Open, port: int) -> None:
    line = PoorLine(port, cuts_at=lambda: 100)
    here = office("An")
    here.attach(pdf(100_000))
    here.sync()
    key = SigningKey(here.pc.store.signing_seed())
    here.line = HttpRemote(line.address, key, here.pc.store.enrolment().centre_key)  # type: ignore[union-attr]
    here.courier = here.begin()
    with pytest.raises(EnvironmentFault) as raised:
        here.run()
    assert raised.value.code in ("server_unreachable", "answer_damaged")
    assert line.cuts <= MAX_DROPS
    assert here.where() == [Where.HERE]
    here.line.close()
    line.close()


# Giving way, and limits


def test_between_two_pieces_it_gives_way_to_data(office: Open) -> None:
    here = office("An")
    here.attach(pdf(1_000_000))
    here.sync()
    assert not here.courier.run(lambda: len(here.told) < 2)
    (one,) = of_task(here.pc.store, here.files, VILLAGE, TASK)
    assert 0 < one.done < 200_000
    assert one.where is Where.SENDING
    assert here.run()


def test_a_metered_line_sends_nothing_but_brings_what_somebody_asked_to_see(office: Open) -> None:
    here, there = office("An"), office("Bình")
    mine, other = pdf(100_000), pdf(100_000, 2)
    there.attach(other)
    there.sync()
    there.run()
    here.limits = Limits(metered=True)
    here.attach(mine)
    here.sync()
    fetch(here.files, next(one for one in here.evidence() if one.sha256 == sha256(other).hexdigest()))
    assert here.run()
    assert set(here.where()) == {Where.BOTH, Where.HERE}
    assert here.content(other) == other
    here.limits = Limits()
    assert here.run()
    assert here.where() == [Where.BOTH] * 2


def test_a_line_that_becomes_metered_stops_at_the_next_piece(office: Open) -> None:
    here = office("An")
    here.attach(pdf(1_000_000))
    here.sync()

    def goes_on() -> bool:
        if len(here.told) == 3:
            here.limits = Limits(metered=True)
        return True

    assert here.courier.run(goes_on)
    assert here.where() == [Where.SENDING]
    assert len(here.told) == 3


def test_a_day_moves_what_it_may_and_the_next_day_more(office: Open) -> None:
    here = office("An")
    here.limits = Limits(day_bytes=200_000)
    here.attach(pdf(700_000))
    here.sync()
    done = []
    for _ in range(6):
        assert here.run()
        done.append(of_task(here.pc.store, here.files, VILLAGE, TASK)[0].done)
        assert here.run()
        assert of_task(here.pc.store, here.files, VILLAGE, TASK)[0].done == done[-1]
        here.now += timedelta(days=1)
    assert done[0] < 200_000 + moving.MOST_PIECE_BYTES
    assert done == sorted(done)
    assert here.where() == [Where.BOTH]


def test_a_clock_that_is_set_back_does_not_lock_for_ever(office: Open) -> None:
    here = office("An")
    here.limits = Limits(day_bytes=1)
    here.now = datetime(2036, 1, 1, tzinfo=UTC)
    here.attach(pdf(300_000))
    here.sync()
    here.run()
    assert here.where() == [Where.SENDING]
    here.now = NOW
    here.run()
    (one,) = of_task(here.pc.store, here.files, VILLAGE, TASK)
    assert one.done > here.told[0].done


def test_a_file_that_is_paused_waits_and_others_go(office: Open) -> None:
    here = office("An")
    first, second = pdf(100_000), pdf(100_000, 2)
    here.attach(first)
    here.attach(second)
    here.sync()
    hashed = sha256(first).hexdigest()
    here.files.pause(hashed, True)
    assert here.run()
    assert here.where() == [Where.HERE, Where.BOTH]
    here.files.pause(hashed, False)
    assert here.run()
    assert here.where() == [Where.BOTH] * 2


# What is refused


def test_a_file_that_was_not_sent_yet_is_said_and_comes_later(office: Open) -> None:
    here, there = office("An"), office("Bình")
    here.attach(pdf(50_000))
    here.sync()
    there.sync()
    fetch(there.files, there.evidence()[0])
    assert there.run()
    assert (there.where(), there.faults()) == ([Where.REFUSED], ["evidence_absent"])
    assert there.told[-1].fault == "evidence_absent"
    here.run()
    assert there.run()  # it is not asked for again and again
    assert there.where() == [Where.REFUSED]
    there.now_s += TRY_AGAIN_S
    assert there.run()
    assert there.where() == [Where.BOTH]


def test_a_centre_without_room_is_tried_again_later(office: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    here = office("An")
    here.attach(pdf(50_000))
    here.sync()
    monkeypatch.setattr(Shelf, "has_room", lambda shelf, length: False)
    assert here.run()
    assert here.faults() == ["evidence_no_room"]
    monkeypatch.undo()
    here.courier = here.begin()
    assert here.run()
    assert here.where() == [Where.BOTH]


class Garbling:
    """Files over a line that changes a byte of every first piece, as often as told."""

    def __init__(self, line: HttpRemote, times: int) -> None:
        self._line, self.times = line.files, times

    def offer(self, device: str, hashed: str, size: int, offset: int = 0, data: bytes = b"") -> FileHeld:
        if data and offset == 0 and self.times:
            self.times -= 1
            data = data[:100] + bytes([data[100] ^ 1]) + data[101:]
        return self._line.offer(device, hashed, size, offset, data)

    def want(self, device: str, hashed: str, offset: int, length: int) -> bytes:
        data = self._line.want(device, hashed, offset, length)
        if self.times:
            self.times -= 1
            data = data[:-1] + bytes([data[-1] ^ 1])
        return data

    def lacking(self, device: str, hashes: list[str]) -> list[str]:
        return self._line.lacking(device, hashes)


@pytest.mark.parametrize(("times", "where", "fault"), [(1, Where.BOTH, ""), (2, Where.REFUSED, "evidence_wrong")])
def test_what_came_wrongly_goes_once_more(office: Open, times: int, where: Where, fault: str) -> None:
    here = office("An")
    here.attach(pdf(50_000))
    here.sync()
    here.courier._remote = Garbling(here.line, times)
    assert here.run()
    assert (here.where(), here.faults()) == ([where], [fault])


def test_what_comes_down_wrongly_is_said_and_comes_when_it_is_wanted_again(office: Open) -> None:
    here, there = office("An"), office("Bình")
    data = pdf(20_000)
    here.attach(data)
    here.sync()
    here.run()
    there.sync()
    there.courier._remote = Garbling(there.line, 1)
    fetch(there.files, there.evidence()[0])
    assert there.run()
    assert there.faults() == ["evidence_came_wrong"]
    fetch(there.files, there.evidence()[0])
    assert there.run()
    assert there.content(data) == data


def test_a_revoked_pc_moves_nothing(office: Open, centre: Centre) -> None:
    here = office("An")
    here.attach(pdf(50_000))
    here.sync()
    centre.enrolment.revoke(here.pc.store.device)
    with pytest.raises(EnvironmentFault) as raised:
        here.run()
    assert raised.value.code == "device_revoked"
    assert here.where() == [Where.HERE]


def test_what_is_taken_away_before_it_was_sent_is_not_sent(office: Open, shelf: Shelf) -> None:
    here = office("An")
    key = here.attach(pdf(50_000))
    here.sync()
    detach(here.pc.store, [key], NOW)
    here.sync()
    assert here.run()
    assert list(shelf.whole()) == []
    here.now += UNDONE_WITHIN + timedelta(days=1)
    here.courier.look()
    assert here.files.whole() == []


# A centre that lost its files, or its database


def test_a_centre_that_lost_a_file_has_it_again_from_whoever_holds_it(office: Open, shelf: Shelf) -> None:
    here, there = office("An"), office("Bình")
    data = pdf(60_000)
    here.attach(data)
    here.sync()
    here.run()
    there.sync()
    fetch(there.files, there.evidence()[0])
    there.run()
    shutil.rmtree(shelf.folder)
    there.courier.look()
    assert there.where() == [Where.HERE]
    assert there.run()
    assert shelf.is_sound(sha256(data).hexdigest())
    here.courier.look()
    assert here.where() == [Where.BOTH]


def test_a_look_costs_little_and_drops_what_is_evidence_of_nothing(office: Open, port: int) -> None:
    line = PoorLine(port)
    here = office("An", address=line.address)
    keys = [here.attach(pdf(2_000, number)) for number in range(12)]
    here.sync()
    here.run()
    before = line.up
    here.courier.look()
    assert line.up - before < 12 * 32 + 500
    detach(here.pc.store, keys[:5], NOW)
    here.sync()
    here.now += UNDONE_WITHIN + timedelta(days=1)
    here.courier.look()
    assert len(here.files.whole()) == 7
    line.close()
