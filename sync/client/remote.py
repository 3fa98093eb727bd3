"""The centre as seen through any line that carries sealed bytes: asks, opens the answer, and says what was wrong."""

from collections.abc import Callable
from typing import Final, TypeVar

from nacl.signing import SigningKey

from sync.domain.errors import CODES, EnvironmentFault
from sync.protocol import codec, envelope
from sync.protocol.chain import device_id
from sync.protocol.messages import EnrolAnswer, EnrolRequest, Refusal, SyncAnswer, SyncRequest

MAX_RETRY_AFTER_S: Final = 3600

M = TypeVar("M")
Post = Callable[[bytes], bytes]
"""Carries sealed bytes to the centre and brings back whatever came. Raises `EnvironmentFault` when nothing did."""


class SealedRemote:
    """A `Remote` over `post`. `centre_key` is the centre's Ed25519 public key, 32 bytes."""

    def __init__(self, post: Post, signing_key: SigningKey, centre_key: bytes) -> None:
        self._post = post
        self._key = signing_key
        self._centre_key = centre_key

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        sealed = envelope.seal(codec.encode(request), device, self._key)
        answer = self._post(sealed)
        try:
            opened = envelope.unseal(answer, self._centre_key, answers=sealed)
        except envelope.SealError as error:
            raise self._not_ours(answer) from error
        return _expect(opened.body, SyncAnswer)

    def _not_ours(self, answer: bytes) -> EnvironmentFault:
        try:
            sender = envelope.sender_of(answer)
        except envelope.SealError:
            damaged = answer.startswith(envelope.MAGIC)
            return EnvironmentFault("answer_damaged" if damaged else "server_not_centre")
        return EnvironmentFault("answer_damaged" if sender == device_id(self._centre_key) else "answer_foreign")


def ask_to_enrol(post: Post, request: EnrolRequest, key: SigningKey) -> EnrolAnswer:
    """Ask the centre behind `post` to take this device in. Raises `EnvironmentFault`.

    The answer's seal shows only that its sender holds the key that it brings; that this is the centre is shown by
    the connection's certificate, and from then on by the key.
    """
    sealed = envelope.seal(codec.encode(request), device_id(request.public_key), key)
    answer = post(sealed)
    try:
        opened = envelope.unseal_new(answer, _centre_key_in, answers=sealed)
    except (envelope.SealError, codec.MessageError) as error:
        damaged = answer.startswith(envelope.MAGIC)
        raise EnvironmentFault("answer_damaged" if damaged else "server_not_centre") from error
    return _expect(opened.body, EnrolAnswer)


def _centre_key_in(body: bytes) -> bytes:
    message = codec.decode(body)
    return message.centre_key if isinstance(message, EnrolAnswer | Refusal) else b""


def _expect(body: bytes, kind: type[M]) -> M:
    try:
        message = codec.decode(body)
    except codec.MessageError as error:
        raise EnvironmentFault("answer_damaged") from error
    if isinstance(message, Refusal):
        code = message.code if message.code in CODES else "server_failed"
        raise EnvironmentFault(code, retry_after_s=min(max(message.retry_after_s, 0), MAX_RETRY_AFTER_S))
    if not isinstance(message, kind):
        raise EnvironmentFault("answer_damaged")
    return message
