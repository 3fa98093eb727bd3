"""The centre over real HTTP on a free port: sealed messages, refusals, and bytes that are none."""

import itertools
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from http.client import HTTPConnection

import pytest
from nacl.signing import SigningKey

from sync.central.app import MAX_PARCELS
from sync.central.centre import Centre
from sync.central.database import CONNECTIONS
from sync.central.desk import Desk
from sync.central.enrolment import Enrolment
from sync.protocol import chain, codec, envelope, parcel
from sync.protocol.chain import device_id
from sync.protocol.messages import EnrolAnswer, EnrolRequest, Push, Refusal, SyncAnswer, SyncRequest
from sync.protocol.version import OLDEST, PROTOCOL
from tests.sync.central.conftest import COMMUNE, VILLAGE, Clock, Device, Line, value_key


def request_of(key: SigningKey, push: Push | None = None, protocol: int = PROTOCOL) -> SyncRequest:
    push = push or Push(chain.root(device_id(bytes(key.verify_key))))
    return SyncRequest(protocol, "1", push, {}, 32 << 10)


def test_a_device_enrols_with_a_code_and_syncs(line: Line, centre: Centre) -> None:
    key = SigningKey.generate()
    code = centre.enrolment.make_code(VILLAGE, "Nguyễn Văn An", 7)
    enrol = EnrolRequest(PROTOCOL, code.lower().replace("-", " "), bytes(key.verify_key), "PC-1")
    answer = line.post("/v1/enrol", enrol, key)
    assert isinstance(answer, EnrolAnswer)
    assert (answer.province, answer.unit, answer.person) == ("48", VILLAGE, "Nguyễn Văn An")
    assert device_id(answer.centre_key) == answer.centre
    # The answer was lost: the same code from the same device is answered the same.
    assert line.post("/v1/enrol", enrol, key) == answer
    sync = line.post("/v1/sync", request_of(key), key)
    assert isinstance(sync, SyncAnswer)
    assert [page.subscription for page in sync.pages] == [("*", "*")]
    assert {record.key.unit for record in sync.pages[0].records} >= {"48", COMMUNE, VILLAGE}


def test_a_code_serves_one_device(line: Line, centre: Centre) -> None:
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    for key, expected in ((SigningKey.generate(), EnrolAnswer), (SigningKey.generate(), Refusal)):
        answer = line.post("/v1/enrol", EnrolRequest(PROTOCOL, code, bytes(key.verify_key), ""), key)
        assert isinstance(answer, expected)
    assert isinstance(answer, Refusal)
    assert answer.code == "code_used"
    assert answer.centre_key == bytes(centre.key.verify_key)


def test_an_expired_code_is_refused(line: Line, centre: Centre, clock: Clock) -> None:
    key = SigningKey.generate()
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    clock.now += 7 * 86_400 + 1
    answer = line.post("/v1/enrol", EnrolRequest(PROTOCOL, code, bytes(key.verify_key), ""), key)
    assert isinstance(answer, Refusal)
    assert answer.code == "code_expired"


def test_codes_cannot_be_guessed_for_long(line: Line, centre: Centre, clock: Clock) -> None:
    key = SigningKey.generate()
    good = centre.enrolment.make_code(VILLAGE, "An", 7)

    def try_code(code: str) -> codec.Message:
        return line.post("/v1/enrol", EnrolRequest(PROTOCOL, code, bytes(key.verify_key), ""), key)

    for _ in range(10):
        answer = try_code("AAAA-AAAA-AAAA")
        assert isinstance(answer, Refusal)
        assert answer.code == "code_wrong"
    answer = try_code(good)
    assert isinstance(answer, Refusal)
    assert answer.code == "server_busy"
    clock.now += answer.retry_after_s
    assert isinstance(try_code(good), EnrolAnswer)


def test_an_enrolment_under_another_name_is_refused(line: Line, centre: Centre) -> None:
    """The sender's name must be that of the key which the message brings."""
    key, other = SigningKey.generate(), SigningKey.generate()
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    body = codec.encode(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), ""))
    response, _ = line.raw("POST", "/v1/enrol", envelope.seal(body, device_id(bytes(other.verify_key)), key))
    assert response.status == 400
    response, _ = line.raw("POST", "/v1/enrol", envelope.seal(body, device_id(bytes(key.verify_key)), other))
    assert response.status == 400
    assert len(centre.enrolment.devices()) == 1


def test_an_unknown_device_is_told_so(line: Line) -> None:
    key = SigningKey.generate()
    answer = line.post("/v1/sync", request_of(key), key)
    assert isinstance(answer, Refusal)
    assert answer.code == "device_unknown"


def test_a_forged_seal_changes_nothing(line: Line, centre: Centre) -> None:
    village = Device(centre, VILLAGE)
    village.type(value_key(VILLAGE), "1")
    sealed = envelope.seal(codec.encode(request_of(village.key, village.push())), village.name, SigningKey.generate())
    response, body = line.raw("POST", "/v1/sync", sealed)
    assert (response.status, body) == (400, b"not a message")
    assert village.ask().held == village.link(0)


@pytest.mark.parametrize(("protocol", "code"), [(0, "protocol_old"), (PROTOCOL + 1, "protocol_new")])
def test_other_protocols_are_refused(line: Line, centre: Centre, protocol: int, code: str) -> None:
    village = Device(centre, VILLAGE)
    answer = line.post("/v1/sync", request_of(village.key, protocol=protocol), village.key)
    assert isinstance(answer, Refusal)
    assert answer.code == code
    key = SigningKey.generate()
    answer = line.post("/v1/enrol", EnrolRequest(protocol, "x", bytes(key.verify_key), ""), key)
    assert isinstance(answer, Refusal)
    assert answer.code == code


def test_two_pcs_that_run_one_image_of_a_memory_are_refused_in_a_sealed_answer(line: Line, centre: Centre) -> None:
    """The same opening of a store typed two things under one name: the one case that has no names to tell them by."""
    village = Device(centre, VILLAGE)
    village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    twin = village.clone(1, village.run)
    twin.type(value_key(VILLAGE), "2")
    answer = line.post("/v1/sync", request_of(village.key, twin.push()), village.key)
    assert isinstance(answer, Refusal)
    assert answer.code == "push_branch"
    assert village.heads(value_key(VILLAGE)) == ["1"]


@pytest.mark.parametrize("path", ["/v1/sync", "/v1/enrol"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in to the hotel's network</body></html>",
        b'{"device": "a"}',
        b"SOXA",
        b"SOXA" + bytes(200),
        envelope.seal(b"", "00" * 10, SigningKey(bytes(32))),
        envelope.seal(b"\x91\xa1s", "00" * 10, SigningKey(bytes(32))),
    ],
)
def test_bytes_that_are_no_message_are_refused_shortly(line: Line, path: str, body: bytes) -> None:
    response, answer = line.raw("POST", path, body)
    if response.status == 200:
        # Sealed well, but by nobody that is known: the body is not even opened.
        found = codec.decode(envelope.unseal(answer, bytes(line.centre.key.verify_key), body).body)
        assert isinstance(found, Refusal)
        assert (path, found.code) == ("/v1/sync", "device_unknown")
    else:
        assert (response.status, answer) == (400, b"not a message")


def test_every_cut_and_flip_of_a_good_message_is_refused(line: Line, centre: Centre) -> None:
    village = Device(centre, VILLAGE)
    village.type(value_key(VILLAGE), "1")
    sealed = envelope.seal(codec.encode(request_of(village.key, village.push())), village.name, village.key)
    for place in range(0, len(sealed), 7):
        flipped = bytearray(sealed)
        flipped[place] ^= 0x20
        for body in (sealed[:place], bytes(flipped)):
            response, answer = line.raw("POST", "/v1/sync", body)
            assert response.status == 400 or b"SOXA" in answer
    assert village.ask().held == village.link(0)


def test_a_body_over_the_bound_is_refused_before_it_is_read(line: Line) -> None:
    response, _ = line.raw("POST", "/v1/sync", bytes(envelope.MAX_SEALED + 1))
    assert response.status == 413
    response, _ = line.raw("POST", "/v1/sync", b"x", **{"Content-Length": str(10**12)})
    assert response.status == 413


def test_a_body_without_announced_length_is_bounded_too(line: Line) -> None:
    connection = HTTPConnection("127.0.0.1", line.port, timeout=20)
    chunks = (bytes(1 << 20) for _ in range(5))
    connection.request("POST", "/v1/sync", chunks, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_that_is_cut_changes_nothing(line: Line, centre: Centre) -> None:
    village = Device(centre, VILLAGE)
    village.type(value_key(VILLAGE), "1")
    sealed = envelope.seal(codec.encode(request_of(village.key, village.push())), village.name, village.key)
    head = f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sealed)}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", line.port), timeout=20) as cut:
        cut.sendall(head + sealed[:-1])
    assert line.raw("GET", "/v1/health")[0].status == 200
    assert village.ask().held == village.link(0)


def test_more_than_can_be_answered_is_sent_away_for_a_while(
    line: Line, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every thread is held: those in line wait, the next ones are told when to come again."""
    village = Device(centre, VILLAGE)
    sealed = envelope.seal(codec.encode(request_of(village.key)), village.name, village.key)
    gate, arrived = threading.Event(), threading.Semaphore(0)
    known = Enrolment.public_key

    def held(enrolment: Enrolment, name: str) -> bytes | None:
        arrived.release()
        assert gate.wait(30)
        return known(enrolment, name)

    monkeypatch.setattr(Enrolment, "public_key", held)
    with ThreadPoolExecutor(40) as callers:
        posts = [callers.submit(line.raw, "POST", "/v1/sync", sealed) for _ in range(40)]
        for _ in range(CONNECTIONS):
            assert arrived.acquire(timeout=20)
        early = [post.result()[0] for post in itertools.islice(as_completed(posts, timeout=20), 8)]
        gate.set()
        statuses = Counter(post.result()[0].status for post in posts)
    assert {response.status for response in early} == {503}
    assert all(2 <= int(response.headers["Retry-After"]) <= 8 for response in early)
    assert statuses == {200: 32, 503: 8}


def test_large_parcels_hold_nobody_up_and_are_few(line: Line, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is taken, and others wait for it, every sync is answered; more than a few are sent away."""
    village = Device(centre, VILLAGE)
    sealed = envelope.seal(codec.encode(request_of(village.key)), village.name, village.key)
    gate, taken = threading.Event(), threading.Semaphore(0)

    def held(desk: Desk, carried: bytes, address: str) -> bytes:
        taken.release()
        assert gate.wait(30)
        return carried

    monkeypatch.setattr(Desk, "parcel", held)
    with ThreadPoolExecutor(8) as callers:
        posts = [callers.submit(line.raw, "POST", "/v1/parcel", b"a parcel") for _ in range(MAX_PARCELS + 2)]
        early = [post.result()[0].status for post in itertools.islice(as_completed(posts, timeout=20), 2)]
        assert early == [503, 503]
        assert taken.acquire(timeout=20)
        assert not taken.acquire(timeout=0.2), "one after the other"
        for _ in range(CONNECTIONS + 2):
            assert line.raw("POST", "/v1/sync", sealed)[0].status == 200
        gate.set()
        statuses = Counter(post.result()[0].status for post in posts)
    assert statuses == {200: MAX_PARCELS, 503: 2}


def test_answers_carry_few_headers(line: Line, centre: Centre) -> None:
    village = Device(centre, VILLAGE)
    sealed = envelope.seal(codec.encode(request_of(village.key)), village.name, village.key)
    response, _ = line.raw("POST", "/v1/sync", sealed)
    assert {name.lower() for name, _ in response.getheaders()} <= {"content-length", "content-type"}


def test_health_and_the_description_of_the_routes(line: Line) -> None:
    response, body = line.raw("GET", "/v1/health")
    assert (response.status, body) == (200, f'{{"status":"ok","protocol":{PROTOCOL},"oldest":{OLDEST}}}'.encode())
    response, body = line.raw("GET", "/openapi.json")
    assert response.status == 200
    assert b"/v1/sync" in body
    assert b"/v1/enrol" in body
    assert line.raw("GET", "/v1/sync")[0].status == 405


def test_a_parcel_is_taken_from_whoever_carries_it_and_answered_for_its_device_alone(
    line: Line, centre: Centre
) -> None:
    device = Device(centre, VILLAGE)
    device.type(value_key(VILLAGE), "7")
    sealed = envelope.seal(codec.encode(request_of(device.key, device.push())), device.name, device.key)
    centre_key = bytes(centre.key.verify_key)
    carried = parcel.write(parcel.Asking(1, [sealed]), device.key, centre_key)
    for _ in range(2):
        response, answer = line.raw("POST", "/v1/parcel", carried)
        assert response.status == 200
        assert parcel.label_of(answer) == (parcel.Direction.TO_DEVICE, device.name)
        answering = parcel.read(parcel.open_parcel(answer, device.key), centre_key, parcel.Answering)
        ((asked, answered),) = answering.answers
        assert asked == sealed
        found = codec.decode(envelope.unseal(answered, centre_key, asked).body)
        assert isinstance(found, SyncAnswer)
        assert found.held == device.link(1)
    assert device.heads(value_key(VILLAGE)) == ["7"]


def test_what_is_no_parcel_is_refused_in_a_sealed_word(line: Line, centre: Centre) -> None:
    for body, code in (
        (b"", "parcel_damaged"),
        (b"SOXAFILE", "parcel_cut"),
        (b"<html>" * 100, "parcel_damaged"),
        (parcel.write(parcel.Asking(1, [b"x"]), SigningKey.generate(), bytes(centre.key.verify_key)), "parcel_sender"),
    ):
        response, answer = line.raw("POST", "/v1/parcel", body)
        assert response.status == 200
        refusal = codec.decode(envelope.unseal(answer, bytes(centre.key.verify_key), body).body)
        assert isinstance(refusal, Refusal)
        assert refusal.code == code
    assert line.raw("POST", "/v1/parcel", b"x" * (envelope.MAX_SEALED + 1))[0].status == 413
