"""The line over HTTP against real servers: every way it can fail is a fault in words, and changes nothing."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from sync.client import http
from sync.client.http import HttpRemote, enrol_at, server_address
from sync.client.remote import MAX_RETRY_AFTER_S
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE
from sync.protocol import chain, codec, envelope
from sync.protocol.codec import Message
from sync.protocol.messages import (
    Cursor,
    EnrolAnswer,
    EnrolRequest,
    Head,
    Link,
    Origin,
    Page,
    Push,
    Record,
    Refusal,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Version,
)
from sync.store import CellState, Store
from sync.store.receiving import cursors
from sync.store.sending import outbox
from tests.sync.client.serving import CENTRE, CENTRE_KEY, Request, certificate, sealed, serving
from tests.sync.store.conversation import CELL, COMMUNE, NOON, SECRET, VILLAGE, cell, write

DEVICE_KEY = SigningKey(bytes(32))
DEVICE = chain.device_id(bytes(DEVICE_KEY.verify_key))
ASKED = SyncRequest(3, "2026.1", Push(Link(0, b"root")), {}, 32_768, dictionaries=[1])
RECORD = Record(cell(2), (Head(Version("b" * 28, 1), "7", "Bình", NOON, NOON + 5),))
PAGE = Page(Subscription(COMMUNE, COMMUNE), Origin.START, [RECORD], Cursor(1, "t1"), False)
ANSWER = SyncAnswer(NOON, Link(0, b"root"), pages=[PAGE])
HTML = b"<!DOCTYPE html><html><head><title>Wi-Fi</title></head><body>Welcome, please sign in</body></html>"

Behaviour = Callable[[Request], None]
Answer = Callable[[bytes], bytes]
"""What is answered to sealed bytes."""


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECT_TIMEOUT_S", 5)
    monkeypatch.setattr(http, "READ_TIMEOUT_S", 5)


def fault_of(action: Callable[[], object]) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        action()
    return caught.value


def ask(server: str) -> SyncAnswer:
    remote = HttpRemote(server, DEVICE_KEY, bytes(CENTRE_KEY.verify_key))
    try:
        return remote.push_pull(DEVICE, ASKED)
    finally:
        remote.close()


def says(message: Message, key: SigningKey = CENTRE_KEY) -> Answer:
    return lambda asked: sealed(message, asked, key)


def but(answer: Answer, alter: Callable[[bytes], bytes]) -> Answer:
    """`answer`, altered on its way."""
    return lambda asked: alter(answer(asked))


def answering(answer: bytes | Answer, status: int = 200, **headers: str) -> Behaviour:
    return lambda request: request.answer(
        status, answer if isinstance(answer, bytes) else answer(request.body), **headers
    )


def cut(answer: Answer, part: float) -> Behaviour:
    """The whole length is promised, and the line drops after that part of it, the last byte at the latest."""

    def behave(request: Request) -> None:
        body = answer(request.body)
        request.answer(200, body[: int((len(body) - 1) * part)], Content_Length=str(len(body)))
        request.close_connection = True
        request.connection.shutdown(socket.SHUT_WR)

    return behave


def hang_up(request: Request) -> None:
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


def endless(start: bytes) -> Behaviour:
    """More than any message may be, without an end: it stops only when the other end hangs up."""

    def behave(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        request.close_connection = True
        request.wfile.write(start)
        chunk = bytes(1 << 16)
        while True:
            request.wfile.write(chunk)

    return behave


def flipped(place: int) -> Callable[[bytes], bytes]:
    """One bit is another, at `place` of the answer's bytes."""

    def alter(body: bytes) -> bytes:
        altered = bytearray(body)
        altered[place] ^= 1
        return bytes(altered)

    return alter


GOOD = says(ANSWER)
FOREIGN_KEY = SigningKey(b"f" * 32)


def packed_otherwise(asked: bytes) -> bytes:
    """An answer that the centre signed, packed with a dictionary that is not had here."""
    body = GOOD(asked)[:-64]
    body = body[:5] + b"\xff" + body[6:]
    return body + CENTRE_KEY.sign(body + asked[-64:]).signature


FAILURES: dict[str, tuple[Behaviour, str]] = {
    "a portal's page": (answering(HTML), "server_not_centre"),
    "a portal's page as ours": (answering(HTML, Content_Type=envelope.CONTENT_TYPE), "server_not_centre"),
    "a redirect": (answering(b"", 302, Location="/portal"), "server_not_centre"),
    "a redirect that keeps the method": (answering(HTML, 307, Location="/portal"), "server_not_centre"),
    "an empty answer": (answering(b""), "server_not_centre"),
    "no content": (answering(b"", 204), "server_not_centre"),
    "not found": (answering(b"Not found", 404), "server_not_centre"),
    "forbidden by a proxy": (answering(HTML, 403), "server_not_centre"),
    "a proxy that wants a password": (answering(HTML, 407), "server_not_centre"),
    "JSON": (answering(b'{"ok":true}'), "server_not_centre"),
    "an error of the server": (answering(b"Internal Server Error", 500), "server_failed"),
    "an error of a gateway": (answering(HTML, 502), "server_failed"),
    "a gateway that waited too long": (answering(HTML, 504), "server_failed"),
    "busy": (answering(b"", 503), "server_busy"),
    "cut after the headers": (cut(GOOD, 0), "answer_damaged"),
    "cut in the middle": (cut(GOOD, 0.5), "answer_damaged"),
    "cut before the last byte": (cut(GOOD, 1), "answer_damaged"),
    "short but complete for HTTP": (answering(but(GOOD, lambda body: body[:-1])), "answer_damaged"),
    "a flipped bit in the head": (answering(but(GOOD, flipped(4))), "answer_damaged"),
    "a flipped bit in the body": (answering(but(GOOD, flipped(30))), "answer_damaged"),
    "a flipped bit in the signature": (answering(but(GOOD, flipped(-1))), "answer_damaged"),
    "twice in one": (answering(but(GOOD, lambda body: body + body)), "answer_damaged"),
    "another centre's": (answering(says(ANSWER, FOREIGN_KEY)), "answer_foreign"),
    "the answer to another request": (answering(lambda asked: sealed(ANSWER, bytes(64))), "answer_damaged"),
    "a dictionary that is not had here": (answering(packed_otherwise), "answer_damaged"),
    "another kind of message": (answering(says(EnrolRequest(1, "", b"", ""))), "answer_damaged"),
    "a message that is none": (
        answering(lambda asked: envelope.seal(b"\xc1", CENTRE, CENTRE_KEY, asked)),
        "answer_damaged",
    ),
    "hung up": (hang_up, "server_unreachable"),
    "endless": (endless(b"<html>"), "server_not_centre"),
    "endless as ours": (endless(b"SOXA"), "answer_damaged"),
    "a refusal": (answering(says(Refusal("device_revoked", NOON))), "device_revoked"),
    "a refusal with an error's status": (answering(says(Refusal("protocol_old", NOON)), 400), "protocol_old"),
    "a refusal that is not known here": (answering(says(Refusal("moon_phase", NOON))), "server_failed"),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store", SECRET)
    yield opened
    opened.close()


@pytest.mark.parametrize(("behave", "code"), FAILURES.values(), ids=FAILURES.keys())
def test_every_failure_is_a_fault_and_changes_nothing(store: Store, behave: Behaviour, code: str) -> None:
    write(store, "1")
    before = outbox(store)
    key = SigningKey(store.signing_seed())
    with serving(behave) as server:
        remote = HttpRemote(server.address, key, bytes(CENTRE_KEY.verify_key))
        fault = fault_of(lambda: Session(store, remote, lambda: NOON, lambda changes: None).run())
        remote.close()
    assert fault.code == code
    assert server.paths == ["/v1/sync"]
    assert (outbox(store), cursors(store), store.waiting(), store.last_receipt()) == (before, {}, 1, None)
    found = store.cells(VALUE, VILLAGE)
    assert [(key, shown.content, shown.state) for key, shown in found.items()] == [(CELL, "1", CellState.SENT)]
    with serving(centre_of(key)) as server:
        remote = HttpRemote(server.address, key, bytes(CENTRE_KEY.verify_key))
        Session(store, remote, lambda: NOON, lambda changes: None).run()
        remote.close()
    assert store.waiting() == 0
    assert set(store.cells(VALUE, VILLAGE)) == {CELL, cell(2)}


def centre_of(device_key: SigningKey) -> Behaviour:
    """A centre that takes everything, and has one value for everyone."""

    def behave(request: Request) -> None:
        found = codec.decode(envelope.unseal(request.body, bytes(device_key.verify_key)).body)
        assert isinstance(found, SyncRequest)
        held = [found.push.after, *chain.links(found.push.after, found.push.changes)][-1]
        request.answer(200, sealed(SyncAnswer(NOON, held, pages=[PAGE]), request.body))

    return behave


def test_an_answer_comes_back() -> None:
    with serving(answering(GOOD)) as server:
        assert ask(server.address) == ANSWER
        assert server.paths == ["/v1/sync"]


def test_what_is_sent_is_sealed_by_the_device_and_nothing_says_more_than_needed() -> None:
    asked: list[tuple[bytes, dict[str, str]]] = []

    def behave(request: Request) -> None:
        asked.append((request.body, dict(request.headers)))
        request.answer(200, GOOD(request.body))

    with serving(behave) as server:
        ask(server.address)
    ((body, headers),) = asked
    opened = envelope.unseal(body, bytes(DEVICE_KEY.verify_key))
    assert (opened.sender, codec.decode(opened.body)) == (DEVICE, ASKED)
    assert headers.keys() == {"Host", "User-Agent", "Content-Type", "Accept-Encoding", "Content-Length"}
    assert headers["Content-Type"] == envelope.CONTENT_TYPE
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"] == "soxa"


def test_one_connection_serves_many_requests() -> None:
    connections: set[int] = set()

    def behave(request: Request) -> None:
        connections.add(request.client_address[1])
        request.answer(200, GOOD(request.body))

    with serving(behave) as server:
        remote = HttpRemote(server.address, DEVICE_KEY, bytes(CENTRE_KEY.verify_key))
        for _ in range(3):
            remote.push_pull(DEVICE, ASKED)
        remote.close()
    assert len(connections) == 1


def test_a_server_that_falls_silent_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_S", 0.2)
    over = threading.Event()

    def silent_at_once(request: Request) -> None:
        over.wait(10)

    def silent_in_the_middle(request: Request) -> None:
        request.answer(200, GOOD(request.body)[:50], Content_Length="400")
        over.wait(10)

    try:
        for behave in (silent_at_once, silent_in_the_middle):
            with serving(behave) as server:
                assert fault_of(lambda: ask(server.address)).code == "server_timeout"
    finally:
        over.set()


def test_nobody_at_the_port_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        fault = fault_of(lambda: ask(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert fault.code == "server_unreachable"


def test_a_name_that_does_not_exist_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    assert fault_of(lambda: ask("https://soxa.invalid")).code == "server_unreachable"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("999999", MAX_RETRY_AFTER_S),
        ("-5", 0),
        ("", 0),
        ("soon", 0),
        ("1.5", 0),
        ("9" * 5_000, 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0),
    ],
)
def test_a_busy_server_says_when_to_come_again(written: str, seconds: int) -> None:
    with serving(answering(b"busy", 503, Retry_After=written)) as server:
        fault = fault_of(lambda: ask(server.address))
    assert (fault.code, fault.details["retry_after_s"]) == ("server_busy", seconds)


@pytest.mark.parametrize(("asked_s", "seconds"), [(7, 7), (0, 0), (10**9, MAX_RETRY_AFTER_S)])
def test_a_refusal_says_when_to_come_again(asked_s: int, seconds: int) -> None:
    with serving(answering(says(Refusal("server_busy", NOON, asked_s)), 503)) as server:
        fault = fault_of(lambda: ask(server.address))
    assert (fault.code, fault.details["retry_after_s"]) == ("server_busy", seconds)


# Certificates


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system's own store is asked, which no test may alter"
)
def test_a_certificate_that_an_authority_of_the_system_vouches_for_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(answering(GOOD), tls) as server:
        assert ask(server.address) == ANSWER


@pytest.mark.parametrize(
    "kind", [{"days": (-30, -1)}, {"days": (1, 30)}, {"address": "127.0.0.2"}, {"authority": False}], ids=str
)
def test_a_certificate_that_is_not_good_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: dict[str, object]
) -> None:
    tls, trusted = certificate(tmp_path, **kind)  # type: ignore[arg-type]
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(answering(GOOD), tls) as server:
        assert fault_of(lambda: ask(server.address)).code == "server_certificate"
    assert server.paths == []


def test_an_authority_that_the_system_does_not_know_is_not_trusted(tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    with serving(answering(GOOD), tls) as server:
        assert fault_of(lambda: ask(server.address)).code == "server_certificate"
    assert server.paths == []


def test_a_port_without_tls_is_no_centre() -> None:
    with serving(answering(HTML, 400)) as server:
        fault = fault_of(lambda: ask(server.address.replace("http:", "https:")))
    assert fault.code == "server_not_centre"


# Proxies


def test_a_proxy_is_not_asked_for_this_pc_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(HTML, 403)) as proxy, serving(answering(GOOD)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert ask(server.address) == ANSWER
        assert proxy.paths == []


# Enrolment

ENROL = EnrolRequest(1, "KX4T-9QMW-22AB", bytes(DEVICE_KEY.verify_key), "máy thôn")
ENROLLED = EnrolAnswer(NOON, "centre", bytes(CENTRE_KEY.verify_key), "48", VILLAGE, "Nguyễn Văn An")


def enrol(server: str) -> EnrolAnswer:
    return enrol_at(server, ENROL, DEVICE_KEY)


def test_an_enrolment_comes_back() -> None:
    asked: list[bytes] = []

    def behave(request: Request) -> None:
        asked.append(request.body)
        request.answer(200, sealed(ENROLLED, request.body))

    with serving(behave) as server:
        assert enrol(server.address) == ENROLLED
        assert server.paths == ["/v1/enrol"]
    opened = envelope.unseal(asked[0], bytes(DEVICE_KEY.verify_key))
    assert (opened.sender, codec.decode(opened.body)) == (DEVICE, ENROL)


@pytest.mark.parametrize("code", ["code_wrong", "code_used", "code_expired", "device_revoked", "protocol_old"])
def test_a_refused_enrolment_says_why(code: str) -> None:
    refusal = Refusal(code, NOON, centre_key=bytes(CENTRE_KEY.verify_key))
    with serving(answering(says(refusal))) as server:
        assert fault_of(lambda: enrol(server.address)).code == code


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (answering(HTML), "server_not_centre"),
        (answering(b""), "server_not_centre"),
        (answering(HTML, 302, Location="/"), "server_not_centre"),
        (answering(HTML, 500), "server_failed"),
        (answering(but(says(ENROLLED), lambda body: body[:-1])), "answer_damaged"),
        (answering(but(says(ENROLLED), flipped(40))), "answer_damaged"),
        (answering(says(ENROLLED, FOREIGN_KEY)), "answer_damaged"),
        (answering(says(ANSWER)), "answer_damaged"),
        (answering(says(Refusal("code_wrong", NOON))), "answer_damaged"),
        (hang_up, "server_unreachable"),
    ],
)
def test_an_enrolment_at_what_is_no_centre_is_a_fault(behave: Behaviour, code: str) -> None:
    with serving(behave) as server:
        assert fault_of(lambda: enrol(server.address)).code == code


# Addresses


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("soxa.danang.gov.vn", "https://soxa.danang.gov.vn"),
        ("  soxa.danang.gov.vn/  ", "https://soxa.danang.gov.vn"),
        ("https://soxa.danang.gov.vn", "https://soxa.danang.gov.vn"),
        ("https://soxa.danang.gov.vn:8443/centre/", "https://soxa.danang.gov.vn:8443/centre"),
        ("HTTPS://Soxa.vn", "HTTPS://Soxa.vn"),
        ("sổxã.vn", "https://sổxã.vn"),
        ("10.0.0.5:8000", "https://10.0.0.5:8000"),
        ("[::1]:8000", "https://[::1]:8000"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost"),
        ("localhost/centre", "http://localhost/centre"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://localhost:8000", "https://localhost:8000"),
        ("localhost.example.com", "https://localhost.example.com"),
    ],
)
def test_an_address_is_completed(typed: str, address: str) -> None:
    assert server_address(typed) == address
    assert server_address(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "/",
        "https://",
        "https:///path",
        "http://soxa.danang.gov.vn",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://localhost@example.com",
        "ftp://soxa.vn",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "://soxa.vn",
        "https://user:password@soxa.vn",
        "https://soxa.vn?centre=1",
        "https://soxa.vn#centre",
        "https://soxa.vn:0",
        "https://soxa.vn:99999",
        "https://soxa.vn:port",
        "https://soxa.vn:-1",
        "https://[::1",
        "https://soxa vn",
        "https://soxa.vn/a b",
        "https://soxa.vn\n.example.com",
        "https://soxa.vn\x00",
        "https://soxa.vn\\example.com",
        "Nguyễn Văn An",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    fault = fault_of(lambda: server_address(typed))
    assert (fault.code, fault.details) == ("server_address_invalid", {"address": typed[:80]})


@pytest.mark.parametrize("server", ["https://a..b", "https://" + "a" * 70 + ".vn", "https://.vn", "https://*.vn"])
def test_an_address_that_no_name_server_can_know_is_said_to_be_wrong(server: str) -> None:
    assert fault_of(lambda: ask(server_address(server))).code in ("server_address_invalid", "server_unreachable")


@given(typed=st.text(max_size=30) | st.text("htps:/[]@?#.%\\ 0aé", max_size=20).map("https://".__add__))
def test_any_text_is_an_address_or_is_refused(typed: str) -> None:
    try:
        address = server_address(typed)
    except EnvironmentFault:
        return
    assert address.lower().startswith(("https://", "http://"))
    try:
        requests.Request("POST", address + "/v1/sync").prepare()
    except requests.RequestException:
        return
