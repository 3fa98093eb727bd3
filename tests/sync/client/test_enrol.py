"""Enrolment with a code, over HTTP, at a real centre: once, again after a lost answer, and never by mistake."""

from pathlib import Path

import pytest
from nacl.signing import SigningKey

from sync.central.centre import Centre
from sync.client.enrol import enrol
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT
from sync.protocol import codec, envelope
from sync.protocol.messages import EnrolAnswer, EnrolRequest, Refusal
from sync.store import Store
from tests.sync.client.conftest import clock
from tests.sync.client.serving import Request, sealed, serving
from tests.sync.store.conversation import CELL, SECRET, VILLAGE, write


class Desk:
    """A centre's enrolment behind a web server; the answers of the first `lost` requests never arrive."""

    def __init__(self, centre: Centre, lost: int = 0) -> None:
        self._centre, self._lost = centre, lost

    def __call__(self, request: Request) -> None:
        found = codec.decode(envelope.unseal_new(request.body, _key_in).body)
        assert isinstance(found, EnrolRequest)
        try:
            answer = sealed(self._centre.enrolment.enrol(found), request.body, self._centre.key)
        except EnvironmentFault as fault:
            refusal = Refusal(fault.code, clock(), centre_key=bytes(self._centre.key.verify_key))
            answer = sealed(refusal, request.body, self._centre.key)
        if self._lost:
            self._lost -= 1
            request.close_connection = True
            return
        request.answer(200, answer)


def _key_in(body: bytes) -> bytes:
    found = codec.decode(body)
    return found.public_key if isinstance(found, EnrolRequest) else b""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "pc", SECRET)


def fault_code(store: Store, server: str, code: str) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        enrol(store, server, code, "máy thôn")
    return caught.value.code


def test_a_code_makes_the_folder_one_of_the_centres(centre: Centre, store: Store) -> None:
    write(store, "1", CELL._replace(unit=OWN_UNIT))
    code = centre.enrolment.make_code(VILLAGE, "Nguyễn Văn An", 1)
    with serving(Desk(centre)) as server:
        found = enrol(store, f"  {server.address}/ ", f" {code.lower()}\n", "máy thôn")
    assert store.enrolment() == found
    assert (found.server, found.unit, found.person, found.province) == (
        server.address,
        VILLAGE,
        "Nguyễn Văn An",
        "48",
    )
    assert found.centre_key == bytes(centre.key.verify_key)
    assert store.shown(CELL._replace(unit=OWN_UNIT)) is not None
    (device,) = [device for device in centre.enrolment.devices() if device.computer]
    assert (device.device, device.computer) == (store.device, "máy thôn")
    store.close()


def test_a_lost_answer_is_asked_for_again_with_the_same_code(centre: Centre, store: Store) -> None:
    code = centre.enrolment.make_code(VILLAGE, "Nguyễn Văn An", 1)
    with serving(Desk(centre, lost=1)) as server:
        assert fault_code(store, server.address, code) == "server_unreachable"
        assert store.enrolment() is None
        enrol(store, server.address, code, "máy thôn")
    assert store.enrolment() is not None
    assert len([device for device in centre.enrolment.devices() if device.computer]) == 1
    store.close()


def test_a_wrong_or_used_code_changes_nothing(centre: Centre, store: Store, tmp_path: Path) -> None:
    code = centre.enrolment.make_code(VILLAGE, "Nguyễn Văn An", 1)
    other = Store.open(tmp_path / "other", SECRET)
    with serving(Desk(centre)) as server:
        assert fault_code(store, server.address, "ABCD-EFGH-JKMN") == "code_wrong"
        for pasted in ("", "x" * 10_000, "\ud800", "\0"):
            assert fault_code(store, server.address, pasted) == "code_wrong"
        enrol(other, server.address, code, "máy khác")
        assert fault_code(store, server.address, code) == "code_used"
    assert store.enrolment() is None
    other.close()
    store.close()


def test_a_wrong_address_is_said_before_anything_is_sent(store: Store) -> None:
    assert fault_code(store, "http://soxa.vn", "ABCD") == "server_address_invalid"
    assert store.enrolment() is None
    store.close()


def test_a_folder_of_one_centre_is_not_taken_by_another(centre: Centre, store: Store) -> None:
    codes = [centre.enrolment.make_code(VILLAGE, "Nguyễn Văn An", 1) for _ in range(2)]
    with serving(Desk(centre)) as server:
        enrol(store, server.address, codes[0], "máy thôn")
        before = store.enrolment()
        with serving(sealed_by_another) as elsewhere:
            assert fault_code(store, elsewhere.address, codes[1]) == "answer_foreign"
    assert store.enrolment() == before
    store.close()


def sealed_by_another(request: Request) -> None:
    key = SigningKey(b"o" * 32)
    answer = EnrolAnswer(clock(), "other", bytes(key.verify_key), "49", "49.1", "An")
    request.answer(200, sealed(answer, request.body, key))
