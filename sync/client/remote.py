"""The centre as seen through any line that carries sealed bytes: asks, opens the answer, and says what was wrong."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

import msgspec
from nacl.signing import SigningKey

from sync.domain.errors import CODES, EnvironmentFault
from sync.protocol import codec, envelope
from sync.protocol.chain import device_id
from sync.protocol.dictionaries import KNOWN, NONE, REFUSED, best_of
from sync.protocol.messages import (
    Done,
    EnrolAnswer,
    EnrolRequest,
    FileBytes,
    FileHeld,
    FileLack,
    FileOffer,
    FileQuery,
    FileWant,
    Order,
    Refusal,
    SyncAnswer,
    SyncRequest,
)
from sync.protocol.version import PROTOCOL

MAX_RETRY_AFTER_S: Final = 3600

M = TypeVar("M")
Post = Callable[[bytes], bytes]
"""Carries sealed bytes to the centre and brings back whatever came. Raises `EnvironmentFault` when nothing did."""


class _Sealing:
    """Asks the centre over `post`, and opens what it answers. `centre_key` is its Ed25519 public key, 32 bytes.

    `dictionaries` are the numbers of those that this end has. `up_bytes` and `down_bytes` count the sealed bytes that
    went and came.
    """

    def __init__(
        self, post: Post, signing_key: SigningKey, centre_key: bytes, dictionaries: Collection[int] = ()
    ) -> None:
        self._post = post
        self._key = signing_key
        self._centre_key = centre_key
        self._dictionaries = dictionaries
        self.up_bytes = self.down_bytes = 0

    def _ask(self, device: str, body: bytes, number: int = NONE, behind: bytes = b"") -> codec.Message:
        """What the centre answers to the message `body`; `behind` are bytes that follow it as they are."""
        sealed = envelope.seal(body, device, self._key, number=number)
        self.up_bytes += len(sealed) + len(behind)
        answer = self._post(sealed + behind)
        self.down_bytes += len(answer)
        try:
            opened = envelope.unseal(answer, self._centre_key, sealed, self._dictionaries)
        except envelope.SealError as error:
            raise self._not_ours(answer) from error
        return _read(opened.body)

    def _not_ours(self, answer: bytes) -> EnvironmentFault:
        try:
            sender = envelope.sender_of(answer)
        except envelope.SealError:
            damaged = answer.startswith(envelope.MAGIC)
            return EnvironmentFault("answer_damaged" if damaged else "server_not_centre")
        return EnvironmentFault("answer_damaged" if sender == device_id(self._centre_key) else "answer_foreign")


class SealedRemote(_Sealing):
    """A `Remote` over `post`.

    A request is packed with a dictionary that the centre's last answer listed; should the centre not have it any more,
    the request goes again without.
    """

    def __init__(
        self, post: Post, signing_key: SigningKey, centre_key: bytes, dictionaries: Collection[int] = KNOWN
    ) -> None:
        super().__init__(post, signing_key, centre_key, dictionaries)
        self._number = NONE

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        body = codec.encode(msgspec.structs.replace(request, dictionaries=sorted(self._dictionaries)))
        # Whatever fails, the next request is one that any centre can read.
        number, self._number = self._number, NONE
        found = self._ask(device, body, number)
        if number != NONE and isinstance(found, Refusal) and found.code == REFUSED:
            found = self._ask(device, body)
        answer = _expect(found, SyncAnswer)
        self._number = best_of(answer.dictionaries, self._dictionaries)
        return answer

    def order(self, device: str, order: Order) -> Done:
        """What came of an order. Raises `EnvironmentFault`."""
        return _expect(self._ask(device, codec.encode(order)), Done)


class SealedFiles(_Sealing):
    """Files over `post`, some bytes at a time. Hashes are SHA-256 in hexadecimal.

    Every call raises `EnvironmentFault`: of the line, and what the centre refuses.
    """

    def offer(self, device: str, hashed: str, size: int, offset: int = 0, data: bytes = b"") -> FileHeld:
        """Bring bytes of a file from `offset` on, or only ask how much of it the centre holds."""
        offer = FileOffer(PROTOCOL, bytes.fromhex(hashed), size, offset, len(data))
        return _expect(self._ask(device, codec.encode(offer), behind=data), FileHeld)

    def want(self, device: str, hashed: str, offset: int, length: int) -> bytes:
        """Bytes of a file, no more than that."""
        want = FileWant(PROTOCOL, bytes.fromhex(hashed), offset, length)
        return _expect(self._ask(device, codec.encode(want)), FileBytes).data[:length]

    def lacking(self, device: str, hashes: Sequence[str]) -> list[str]:
        """Those of up to MAX_FILES files that the centre has lost, or never had."""
        query = FileQuery(PROTOCOL, [bytes.fromhex(hashed) for hashed in hashes])
        lacks = _expect(self._ask(device, codec.encode(query)), FileLack).lacks
        if len(lacks) != len(hashes):
            raise EnvironmentFault("answer_damaged")
        return [hashed for hashed, lacking in zip(hashes, lacks, strict=True) if lacking]


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
    return _expect(_read(opened.body), EnrolAnswer)


def ask_to_do(post: Post, device: str, key: SigningKey, centre_key: bytes, order: Order) -> Done:
    """Have the centre behind `post` do what an administrator asks at this device. Raises `EnvironmentFault`."""
    remote = SealedRemote(post, key, centre_key, ())
    return remote.order(device, order)


def _centre_key_in(body: bytes) -> bytes:
    message = codec.decode(body)
    return message.centre_key if isinstance(message, EnrolAnswer | Refusal) else b""


def _read(body: bytes) -> codec.Message:
    try:
        return codec.decode(body)
    except codec.MessageError as error:
        raise EnvironmentFault("answer_damaged") from error


def _expect(message: codec.Message, kind: type[M]) -> M:
    if isinstance(message, Refusal):
        code = message.code if message.code in CODES else "server_failed"
        raise EnvironmentFault(code, retry_after_s=min(max(message.retry_after_s, 0), MAX_RETRY_AFTER_S))
    if not isinstance(message, kind):
        raise EnvironmentFault("answer_damaged")
    return message
