"""A remote over any line: which dictionary a request is packed with, and that a centre without it is still asked."""

import pytest
from nacl.signing import SigningKey

from sync.client.remote import SealedRemote
from sync.domain.errors import EnvironmentFault
from sync.protocol import chain, codec, envelope
from sync.protocol.codec import Message
from sync.protocol.dictionaries import NONE, REFUSED
from sync.protocol.messages import Link, Push, Refusal, SyncAnswer, SyncRequest
from tests.sync.client.serving import CENTRE_KEY, sealed

DEVICE_KEY = SigningKey(bytes(32))
DEVICE = chain.device_id(bytes(DEVICE_KEY.verify_key))
ASKED = SyncRequest(3, "2026.1", Push(Link(0, b"root")), {}, 32_768)
NOON = 1_790_000_000


class Line:
    """A centre that notes which dictionary each request is packed with, lists its own, and refuses `refused`."""

    def __init__(self, listed: list[int], refused: tuple[int, ...] = ()) -> None:
        self.seen: list[int] = []
        self.asked: list[SyncRequest] = []
        self._listed = listed
        self._refused = refused

    def __call__(self, request: bytes) -> bytes:
        self.seen.append(request[5])
        message = codec.decode(envelope.unseal(request, bytes(DEVICE_KEY.verify_key)).body)
        assert isinstance(message, SyncRequest)
        self.asked.append(message)
        answer: Message = SyncAnswer(NOON, None, dictionaries=self._listed)
        if self.seen[-1] in self._refused:
            answer = Refusal(REFUSED, NOON)
        return sealed(answer, request, dictionary=1 if 1 in self._listed else NONE)


def remote_of(line: Line, dictionaries: tuple[int, ...] = (1,)) -> SealedRemote:
    return SealedRemote(line, DEVICE_KEY, bytes(CENTRE_KEY.verify_key), dictionaries)


@pytest.mark.parametrize(
    ("listed", "packed"),
    [([1], [0, 1, 1]), ([1, 9], [0, 1, 1]), ([], [0, 0, 0]), ([9], [0, 0, 0])],
    ids=["the centre has it", "the centre has a newer one too", "the centre has none", "the centre has another"],
)
def test_a_dictionary_is_used_once_the_centre_has_listed_it(listed: list[int], packed: list[int]) -> None:
    line = Line(listed)
    remote = remote_of(line)
    for _ in packed:
        remote.push_pull(DEVICE, ASKED)
    assert line.seen == packed
    assert [request.dictionaries for request in line.asked] == [[1]] * len(packed)


def test_a_program_without_dictionaries_lists_and_uses_none() -> None:
    line = Line([9])
    remote = remote_of(line, ())
    for _ in range(2):
        remote.push_pull(DEVICE, ASKED)
    assert line.seen == [0, 0]
    assert [request.dictionaries for request in line.asked] == [[], []]


def test_an_answer_with_a_dictionary_that_was_not_listed_is_damaged() -> None:
    remote = remote_of(Line([1]), ())
    with pytest.raises(EnvironmentFault) as caught:
        remote.push_pull(DEVICE, ASKED)
    assert caught.value.code == "answer_damaged"


def test_a_centre_that_has_a_dictionary_no_more_is_asked_again_without() -> None:
    line = Line([1], refused=(1,))
    remote = remote_of(line)
    for _ in range(2):
        remote.push_pull(DEVICE, ASKED)
    assert line.seen == [0, 1, 0]


def test_a_centre_that_refuses_even_what_has_no_dictionary_is_a_fault() -> None:
    line = Line([1], refused=(0, 1))
    with pytest.raises(EnvironmentFault) as caught:
        remote_of(line).push_pull(DEVICE, ASKED)
    assert caught.value.code == "server_failed"
    assert line.seen == [0]


def test_after_any_failure_the_next_request_is_one_that_every_centre_can_read() -> None:
    line = Line([1])
    fails = iter([False, True, False])

    def post(request: bytes) -> bytes:
        answer = line(request)
        return b"<html>not a message</html>" if next(fails) else answer

    remote = SealedRemote(post, DEVICE_KEY, bytes(CENTRE_KEY.verify_key))
    remote.push_pull(DEVICE, ASKED)
    with pytest.raises(EnvironmentFault) as caught:
        remote.push_pull(DEVICE, ASKED)
    assert caught.value.code == "server_not_centre"
    remote.push_pull(DEVICE, ASKED)
    assert line.seen == [0, 1, 0]
