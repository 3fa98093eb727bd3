"""Files at a centre over HTTP: who may bring one and have it, how it comes in parts, and where it lies."""

import os
import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from sync.central import app, evidence, filing, tables
from sync.central.app import MAX_FILE_MESSAGE
from sync.central.centre import Centre
from sync.central.filing import Bringing, Filing
from sync.central.shelf import KEPT_FREE, MAX_BEGUN, Shelf
from sync.domain.catalogue import Sensitivity
from sync.domain.evidence import Evidence, key_of
from sync.domain.media import Media
from sync.domain.rights import Role
from sync.protocol import codec, envelope
from sync.protocol.chain import device_id
from sync.protocol.messages import (
    MAX_FILES,
    FileBytes,
    FileHeld,
    FileLack,
    FileOffer,
    FileQuery,
    FileWant,
    Order,
    Refusal,
)
from sync.protocol.version import PROTOCOL
from tests.sync.central.conftest import COMMUNE, OTHER_COMMUNE, Clock, Device, Line

MakeDevice = Callable[[str], Device]
TASK = "019324c1-5a00-7000-8000-000000000001"
PIECE = 1 << 16


def pdf(size: int, seed: int = 1) -> bytes:
    return b"%PDF-1.7\n" + Random(seed).randbytes(size - 9)


DATA = pdf(200_000)
HASH = sha256(DATA).hexdigest()


def attach(device: Device, data: bytes = DATA, number: int = 1, unit: str = COMMUNE, **said: object) -> None:
    """Let the centre accept that a file is evidence of a task."""
    hashed = sha256(data).hexdigest()
    content = Evidence("a.pdf", hashed, len(data), Media.PDF)._replace(**said).content()  # type: ignore[arg-type]
    device.type(key_of(unit, TASK, f"019324c1-5a00-7000-8000-{number:012x}"), content)
    assert device.ask(device.push(len(device.log))).results == []


class Counter:
    """The centre's files as one device speaks to them."""

    def __init__(self, line: Line, device: Device) -> None:
        self.line, self.key = line, device.key

    def ask(self, message: codec.Message, behind: bytes = b"") -> codec.Message:
        name = device_id(bytes(self.key.verify_key))
        self.sealed = envelope.seal(codec.encode(message), name, self.key)
        response, body = self.line.raw("POST", "/v1/evidence", self.sealed + behind)
        assert response.status == 200, body
        assert response.getheader("X-Content-Type-Options") == "nosniff"
        assert response.getheader("Content-Disposition") == "attachment"
        assert response.getheader("Content-Type") == envelope.CONTENT_TYPE
        return codec.decode(envelope.unseal(body, bytes(self.line.centre.key.verify_key), self.sealed).body)

    def offer(self, data: bytes = DATA, offset: int = 0, length: int = 0, **other: object) -> tuple[int, bool] | str:
        """How much is held, and whether that is all; or why not."""
        piece = data[offset : offset + length]
        offer = FileOffer(PROTOCOL, sha256(data).digest(), len(data), offset, len(piece))
        answer = self.ask(_with(offer, other), piece)
        if isinstance(answer, Refusal):
            return answer.code
        assert isinstance(answer, FileHeld)
        return answer.held, answer.whole

    def bring(self, data: bytes = DATA) -> None:
        for offset in range(0, len(data), PIECE):
            end = min(offset + PIECE, len(data))
            assert self.offer(data, offset, PIECE) == (end, end == len(data))

    def want(self, data: bytes = DATA, offset: int = 0, length: int = 1 << 20) -> bytes | str:
        answer = self.ask(FileWant(PROTOCOL, sha256(data).digest(), offset, length))
        if isinstance(answer, Refusal):
            return answer.code
        assert isinstance(answer, FileBytes)
        return answer.data

    def lacks(self, *files: bytes) -> list[int] | str:
        answer = self.ask(FileQuery(PROTOCOL, [sha256(data).digest() for data in files]))
        if isinstance(answer, Refusal):
            return answer.code
        assert isinstance(answer, FileLack)
        return list(answer.lacks)


def _with(offer: FileOffer, other: dict[str, object]) -> FileOffer:
    return msgspec.structs.replace(offer, **other)


@pytest.fixture
def commune(device: MakeDevice) -> Device:
    found = device(COMMUNE)
    attach(found)
    return found


@pytest.fixture
def counter(line: Line, commune: Device) -> Counter:
    return Counter(line, commune)


@pytest.fixture
def shelf(centre: Centre) -> Shelf:
    return Shelf(centre.folder)


# Bringing


def test_a_file_comes_in_pieces_and_lies_in_its_place(counter: Counter, shelf: Shelf, commune: Device) -> None:
    assert counter.offer() == (0, False)
    counter.bring()
    assert counter.offer() == (len(DATA), True)
    assert list(shelf.whole()) == [(HASH, len(DATA))]
    assert shelf.is_sound(HASH)
    assert shelf.held(commune.name, HASH) == 0
    assert counter.want() == DATA


def test_what_comes_again_or_out_of_its_place_changes_nothing(counter: Counter) -> None:
    """A request that is replayed, or made for where the file stood before, is told where it stands now."""
    assert counter.offer(length=PIECE) == (PIECE, False)
    assert counter.offer(length=PIECE) == (PIECE, False)
    assert counter.offer(offset=2 * PIECE, length=PIECE) == (PIECE, False)
    assert counter.offer(offset=PIECE - 1, length=PIECE) == (PIECE, False)
    assert counter.offer(length=0, offset=17) == (PIECE, False)
    for offset in range(PIECE, len(DATA), PIECE):
        counter.offer(offset=offset, length=PIECE)
    assert counter.offer(offset=3 * PIECE, length=PIECE) == (len(DATA), True)
    assert counter.want() == DATA


@pytest.mark.parametrize("cut", [1, 1000, PIECE - 1, 150_000])
def test_a_line_that_is_cut_loses_only_what_was_in_flight(counter: Counter, line: Line, cut: int) -> None:
    """The rest of the request never comes; what came is held, and goes on from there."""
    offer = FileOffer(PROTOCOL, bytes.fromhex(HASH), len(DATA), 0, len(DATA))
    name = device_id(bytes(counter.key.verify_key))
    sealed = envelope.seal(codec.encode(offer), name, counter.key)
    head = f"POST /v1/evidence HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sealed) + len(DATA)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", line.port)) as connection:
        connection.sendall(head.encode() + sealed + DATA[:cut])
        held = 0
        while held != cut:
            found = counter.offer()
            assert isinstance(found, tuple)
            held = found[0]
            assert held <= cut
    assert counter.offer(offset=cut, length=len(DATA) - cut) == (len(DATA), True)
    assert counter.want() == DATA


def test_a_line_that_is_long_dead_writes_nothing_behind_the_one_that_goes_on(counter: Counter, line: Line) -> None:
    offer = FileOffer(PROTOCOL, bytes.fromhex(HASH), len(DATA), 0, len(DATA))
    sealed = envelope.seal(codec.encode(offer), device_id(bytes(counter.key.verify_key)), counter.key)
    head = f"POST /v1/evidence HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sealed) + len(DATA)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", line.port)) as old:
        old.sendall(head.encode() + sealed + DATA[:PIECE])
        while counter.offer() != (PIECE, False):
            pass
        assert counter.offer(offset=PIECE, length=PIECE) == (2 * PIECE, False)
        # What it still sends is not what stands there now.
        old.sendall(bytes(len(DATA) - PIECE))
        answer = b""
        while not answer.endswith(b"\r\n\r\n") and (more := old.recv(1)):
            answer += more
        assert counter.offer() == (2 * PIECE, False)
    assert counter.offer(offset=2 * PIECE, length=len(DATA)) == (len(DATA), True)
    assert counter.want() == DATA


@pytest.mark.parametrize(("last", "answer"), [(DATA[-1:], (len(DATA), True)), (b"x", "evidence_wrong")])
def test_a_file_that_had_come_when_the_centre_ended_is_looked_at_when_it_is_asked_about(
    counter: Counter, commune: Device, shelf: Shelf, last: bytes, answer: object
) -> None:
    path = shelf.folder / "incoming" / commune.name / HASH
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA[:-1] + last)
    assert counter.offer() == answer
    assert not path.exists()


def test_another_file_under_its_name_is_thrown_away_and_may_come_rightly(counter: Counter, shelf: Shelf) -> None:
    wrong = DATA[:-1] + b"x"
    counter.offer(length=PIECE)
    answer = counter.ask(FileOffer(PROTOCOL, bytes.fromhex(HASH), len(DATA), PIECE, len(DATA) - PIECE), wrong[PIECE:])
    assert isinstance(answer, Refusal)
    assert answer.code == "evidence_wrong"
    assert counter.offer() == (0, False)
    assert list(shelf.whole()) == []
    counter.bring()
    assert counter.want() == DATA


@pytest.mark.parametrize("data", [b"#!/bin/sh\n" + bytes(100), b"MZ" + bytes(100)])
def test_what_is_of_no_kind_is_refused_whatever_its_record_says(
    counter: Counter, commune: Device, shelf: Shelf, data: bytes
) -> None:
    attach(commune, data, 2)
    assert counter.offer(data, length=len(data)) == "evidence_kind"
    assert counter.offer(data) == (0, False)
    assert list(shelf.whole()) == []


def test_a_picture_that_is_said_to_be_a_document_is_refused(counter: Counter, commune: Device) -> None:
    picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)
    attach(commune, picture, 2)
    assert counter.offer(picture, length=1000) == "evidence_kind"


def test_no_more_than_the_record_says_is_taken(counter: Counter, commune: Device) -> None:
    assert counter.offer(size=len(DATA) + 1) == "evidence_unknown"
    assert counter.offer(size=len(DATA) - 1) == "evidence_unknown"
    assert counter.ask(FileOffer(PROTOCOL, bytes.fromhex(HASH), len(DATA), 0, len(DATA) + 1), DATA + b"x") == FileHeld(
        1_780_000_000, 0, False
    )
    # A record that lies about the size of a file that others bring cannot throw theirs away.
    attach(commune, DATA, 2, size=10)
    assert counter.offer(length=PIECE) == (PIECE, False)
    assert counter.offer(size=10) == (0, False)
    counter.bring()


def test_a_line_that_was_given_up_and_still_brings_something_spoils_nothing(
    counter: Counter, shelf: Shelf, centre: Centre, commune: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may write between the look at what is held and the moment at which another line goes on with the file."""
    desk = Filing(centre, shelf, lambda: 0.0)
    offer = FileOffer(PROTOCOL, bytes.fromhex(HASH), len(DATA), 0, PIECE)
    old = desk.offer(commune.name, offer)
    assert isinstance(old, Bringing)
    held = shelf.held

    def late(device: str, hashed: str) -> int:
        found = held(device, hashed)
        old.write(DATA[:1000])
        return found

    monkeypatch.setattr(shelf, "held", late)
    assert desk.offer(commune.name, offer) == FileHeld(0, 1000, False)
    monkeypatch.undo()
    new = desk.offer(commune.name, msgspec.structs.replace(offer, offset=1000, length=len(DATA) - 1000))
    assert isinstance(new, Bringing)
    old.write(DATA[1000:PIECE])
    new.write(DATA[1000:])
    assert new.end() == FileHeld(0, len(DATA), True)
    assert shelf.is_sound(HASH)


def test_whoever_was_overtaken_does_not_let_two_others_write_at_once(shelf: Shelf) -> None:
    first = shelf.begin("d", HASH)
    second = shelf.begin("d", HASH)
    shelf.end("d", HASH, first, frozenset({Media.PDF}))
    third = shelf.begin("d", HASH)
    second.write(DATA)
    third.write(DATA)
    assert shelf.held("d", HASH) == len(DATA)
    third.close()


def test_a_message_that_trickles_in_holds_no_place_for_long(
    line: Line, commune: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "BODY_TIMEOUT_S", 0.3)
    asked = FileQuery(PROTOCOL, [bytes(32)])
    sealed = envelope.seal(codec.encode(asked), commune.name, commune.key)
    with socket.create_connection(("127.0.0.1", line.port)) as opened:
        opened.settimeout(10)
        opened.sendall(f"POST /v1/evidence HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sealed)}\r\n\r\n".encode())
        opened.sendall(sealed[:-1])
        assert opened.recv(100).startswith(b"HTTP/1.1 408 ")


def test_two_pcs_bring_the_same_file_at_once(line: Line, counter: Counter, device: MakeDevice, shelf: Shelf) -> None:
    other = Counter(line, device(COMMUNE))
    assert counter.offer(length=PIECE) == (PIECE, False)
    assert other.offer() == (0, False)
    assert other.offer(length=1000) == (1000, False)
    counter.offer(offset=PIECE, length=len(DATA))
    assert other.offer(offset=1000, length=1000) == (len(DATA), True)
    assert list(shelf.whole()) == [(HASH, len(DATA))]
    assert not list(shelf.folder.glob("incoming/*/*"))


def test_a_file_that_the_disk_has_cut_short_is_lacking_and_comes_again(counter: Counter, shelf: Shelf) -> None:
    counter.bring()
    assert counter.lacks(DATA) == [0]
    os.truncate(shelf.folder / HASH[:2] / HASH, 1000)
    assert counter.lacks(DATA) == [1]
    assert counter.offer() == (0, False)
    counter.bring()
    assert counter.want() == DATA


def test_ten_names_of_one_file_come_once(counter: Counter, commune: Device, centre: Centre) -> None:
    counter.bring()
    for number in range(2, 11):
        attach(commune, DATA, number, name=f"{number}.pdf")
    assert counter.offer() == (len(DATA), True)
    with centre.database.reading() as connection:
        (owed,) = evidence.all_named(connection, "48")
        assert owed.pieces == 10
        assert evidence.brought(connection, "48", commune.name) == len(DATA)


def test_a_device_begins_a_bounded_number_of_files(counter: Counter, commune: Device, shelf: Shelf) -> None:
    for number in range(2, MAX_BEGUN + 5):
        data = pdf(1000, number)
        attach(commune, data, number)
        assert counter.offer(data, length=100) == (100, False)
    begun = list(shelf.folder.glob("incoming/*/*"))
    assert len(begun) == MAX_BEGUN


def test_a_device_brings_a_bounded_number_of_bytes(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "MAX_BROUGHT", len(DATA) - 1)
    assert counter.offer(length=PIECE) == "evidence_too_much"
    assert counter.offer() == (0, False)


def test_files_leave_room_for_figures(tmp_path: Path) -> None:
    left = KEPT_FREE + 1000
    shelf = Shelf(tmp_path, lambda: left)
    assert shelf.has_room(1000)
    assert not shelf.has_room(1001)


def test_a_disk_without_room_is_said(counter: Counter, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shelf, "has_room", lambda shelf, length: False)
    assert counter.offer(length=PIECE) == "evidence_no_room"
    monkeypatch.undo()
    counter.bring()


# Who may


def test_a_device_brings_and_has_only_what_a_record_in_its_scope_names(
    line: Line, counter: Counter, device: MakeDevice
) -> None:
    counter.bring()
    foreign = Counter(line, device(OTHER_COMMUNE))
    # It guessed the hash of a file that is there.
    assert foreign.want() == foreign.offer() == foreign.offer(length=100) == "evidence_unknown"
    unknown = pdf(100, 9)
    assert foreign.want(unknown) == foreign.offer(unknown, length=100) == "evidence_unknown"
    assert foreign.lacks(DATA, unknown) == [0, 0]
    above = Counter(line, device("48"))
    assert above.want() == DATA


def test_what_is_not_accepted_is_not_taken(line: Line, device: MakeDevice) -> None:
    other = device(COMMUNE)
    data = pdf(500, 5)
    said = Evidence("a.pdf", sha256(data).hexdigest(), 500, Media.PDF)
    other.type(key_of(OTHER_COMMUNE, TASK, TASK), said.content())
    assert [result.reason for result in other.ask(other.push()).results] == ["not_your_unit"]
    assert Counter(line, other).offer(data, length=500) == "evidence_unknown"


def test_a_file_that_is_evidence_of_nothing_any_more_is_given_to_nobody(counter: Counter, commune: Device) -> None:
    counter.bring()
    key = commune.log[0].key
    commune.type(key, "null", (commune.log[0].version,))
    assert commune.ask(commune.push(2)).results == []
    assert counter.want() == counter.offer() == "evidence_unknown"
    commune.type(key, commune.log[0].content, (commune.log[1].version,))
    assert commune.ask(commune.push(3)).results == []
    assert counter.want() == DATA


def test_who_may_look_no_longer_has_no_more_of_it(line: Line, centre: Centre, device: MakeDevice) -> None:
    centre.staff.give("Nguyễn Văn An", Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE, "admin")
    found = device(COMMUNE)
    attach(found)
    counter = Counter(line, found)
    assert counter.offer(length=PIECE) == (PIECE, False)
    centre.staff.take("Nguyễn Văn An", Role.COMMUNE_ENTRY, COMMUNE, "admin")
    assert counter.offer(offset=PIECE, length=PIECE) == counter.want() == "evidence_unknown"
    assert counter.lacks(DATA) == [0]
    centre.staff.give("Nguyễn Văn An", Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE, "admin")
    assert counter.offer() == (PIECE, False)


def test_a_revoked_device_brings_nothing_and_has_nothing(counter: Counter, centre: Centre, commune: Device) -> None:
    counter.bring()
    centre.enrolment.revoke(commune.name)
    assert counter.want() == counter.offer() == counter.lacks(DATA) == "device_revoked"


def test_a_device_that_nobody_knows_is_told_so(line: Line, counter: Counter) -> None:
    counter.key = SigningKey(bytes(32))
    assert counter.want() == "device_unknown"


# Having


def test_a_file_is_given_in_pieces_and_no_further_than_it_goes(counter: Counter) -> None:
    assert counter.want() == "evidence_absent"
    assert counter.offer(length=PIECE) == (PIECE, False)
    assert counter.want() == "evidence_absent"
    assert counter.offer(offset=PIECE, length=len(DATA)) == (len(DATA), True)
    assert counter.want(offset=1000, length=10) == DATA[1000:1010]
    assert counter.want(offset=len(DATA) - 5) == DATA[-5:]
    assert counter.want(offset=len(DATA)) == counter.want(offset=2**53) == b""


def test_a_device_asks_which_files_are_lacking(counter: Counter, commune: Device, shelf: Shelf) -> None:
    other = pdf(100, 7)
    attach(commune, other, 2)
    counter.bring()
    assert counter.lacks(DATA, other, pdf(100, 8)) == [0, 1, 0]
    assert counter.lacks() == []
    shelf.drop(HASH)
    assert counter.lacks(DATA) == [1]
    counter.bring()
    assert counter.lacks(DATA) == [0]


# What is no message


def test_what_is_no_message_about_a_file_is_refused(counter: Counter, line: Line) -> None:
    name = device_id(bytes(counter.key.verify_key))

    def status(body: bytes) -> int:
        response, _ = line.raw("POST", "/v1/evidence", body)
        return response.status

    def sealed(message: codec.Message) -> bytes:
        return envelope.seal(codec.encode(message), name, counter.key)

    offer = FileOffer(PROTOCOL, bytes.fromhex(HASH), len(DATA), 0, 1000)
    assert status(b"") == status(b"x" * 100) == status(sealed(offer)[:-1]) == 400
    assert status(sealed(Order(PROTOCOL, 1, "An", "overview", "{}"))) == 400
    assert status(sealed(FileWant(PROTOCOL, b"short", 0, 1))) == 400
    assert status(sealed(FileQuery(PROTOCOL, [b""]))) == 400
    assert status(sealed(FileWant(PROTOCOL, bytes.fromhex(HASH), 0, 1)) + bytes(2 << 20)) == 400
    # Fewer bytes than were offered, and more.
    assert status(sealed(offer) + DATA[:999]) == 400
    assert status(sealed(_with(offer, {"offset": 999})) + DATA[999:2000]) == 400
    assert status(envelope._HEAD.pack(envelope.MAGIC, 1, 0, bytes(10), MAX_FILE_MESSAGE + 1) + bytes(100)) == 400
    altered = bytearray(sealed(offer))
    altered[-1] ^= 1
    assert status(bytes(altered)) == 400
    with pytest.raises(codec.MessageError):
        codec.decode(codec.encode(FileQuery(PROTOCOL, [bytes(32)] * (MAX_FILES + 1))))


@pytest.mark.parametrize(("protocol", "code"), [(0, "protocol_old"), (PROTOCOL + 1, "protocol_new")])
def test_another_protocol_is_refused_in_words(counter: Counter, protocol: int, code: str) -> None:
    assert counter.offer(protocol=protocol, length=100) == code


# What lies there


def test_a_whole_file_is_never_written_to_again(counter: Counter, commune: Device, shelf: Shelf) -> None:
    first = shelf.begin(commune.name, HASH)
    first.write(DATA)
    shelf.end(commune.name, HASH, first, frozenset({Media.PDF}))
    first.write(b"more")
    first.close()
    assert shelf.size(HASH) == len(DATA)
    assert shelf.is_sound(HASH)


def test_a_damaged_file_is_put_aside_and_lacking(counter: Counter, shelf: Shelf) -> None:
    counter.bring()
    path = shelf.folder / HASH[:2] / HASH
    os.truncate(path, 1000)
    assert not shelf.is_sound(HASH)
    shelf.put_aside(HASH)
    assert counter.lacks(DATA) == [1]
    assert list(shelf.whole()) == []
    counter.bring()
    assert counter.want() == DATA


def test_the_table_follows_the_records_also_into_an_older_database(
    counter: Counter, centre: Centre, reopened: Callable[..., Centre], commune: Device
) -> None:
    with centre.database.writing() as connection:
        before = connection.execute(select(tables.evidence)).all()
        assert [(row.unit, row.sha256, row.size, row.media) for row in before] == [(COMMUNE, HASH, len(DATA), "pdf")]
        connection.execute(tables.evidence.delete())
        tables.evidence.drop(connection)
        tables.file.drop(connection)
        connection.execute(tables.migration.delete().where(tables.migration.c.name == "evidence"))
    again = reopened(centre.folder)
    with again.database.reading() as connection:
        assert connection.execute(select(tables.evidence)).all() == before


def test_the_clock_says_when_a_file_came(counter: Counter, centre: Centre, commune: Device, clock: Clock) -> None:
    counter.bring()
    with centre.database.reading() as connection:
        (row,) = connection.execute(select(tables.file)).all()
    assert (row.sha256, row.size, row.device, row.at) == (HASH, len(DATA), commune.name, clock.now)
