"""The line between a PC and the centre: carries sealed bytes, and loses, cuts, repeats, swaps and forges them."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple, Protocol

import msgspec
from nacl.signing import SigningKey

from sync.domain.errors import EnvironmentFault
from sync.protocol import codec, envelope
from sync.protocol.chain import device_id
from sync.protocol.messages import SyncAnswer, SyncRequest
from tests.simulation.trace import Trace, Violation

MAX_POSTS: Final = 300
"""Round trips of one session: far more than any small world needs."""

_KEPT: Final = 6
_PORTAL: Final = b"<!DOCTYPE html><html><body>Vui l\xc3\xb2ng \xc4\x91\xc4\x83ng nh\xe1\xba\xadp Wi-Fi</body></html>"
_REDIRECT: Final = b'<a href="http://portal.example/login">302 Found</a>'


class Mishap(StrEnum):
    """What the line does to one round trip."""

    DROP_REQUEST = "drop_request"
    DROP_RESPONSE = "drop_response"
    TRUNCATE_REQUEST = "truncate_request"
    TRUNCATE_RESPONSE = "truncate_response"
    FLIP_REQUEST = "flip_request"
    FLIP_RESPONSE = "flip_response"
    DUPLICATE = "duplicate"
    LATE_REQUEST = "late_request"
    LATE_RESPONSE = "late_response"
    FOREIGN_RESPONSE = "foreign_response"
    PORTAL = "portal"
    REDIRECT = "redirect"
    EMPTY = "empty"
    OLD_PROTOCOL_1 = "old_protocol_1"
    OLD_PROTOCOL_2 = "old_protocol_2"


_GARBAGE: Final = {Mishap.PORTAL: _PORTAL, Mishap.REDIRECT: _REDIRECT, Mishap.EMPTY: b""}


class Far(Protocol):
    """The other end, as the line reaches it."""

    def deliver(self, sealed: bytes) -> bytes:
        """The centre's answer. Raises SealError or MessageError for what is no message, EnvironmentFault if it died."""

    def fingerprint(self) -> object:
        """What the centre holds; equal if nothing changed."""

    def key(self) -> SigningKey:
        """The centre's key, for translating."""


class Sender(NamedTuple):
    """Who posts: a PC's name in the trace and its key, and a look at each answer that reaches it.

    Protocol 1 has no proofs: who speaks it cannot know what a restored centre has lost.
    """

    name: str
    key: SigningKey
    may_lack_proofs: bool
    look: Callable[[SyncAnswer], None]
    garbage: Callable[[], None]


class Line:
    """`weather` is the probability of a mishap in a round trip; what happens is drawn from `random`."""

    def __init__(self, random: Random, trace: Trace, far: Far) -> None:
        self.weather = 0.0
        self.next: Mishap | None = None
        """What certainly happens to the next round trip."""
        self.posts = self.bytes = 0
        """Of the present session."""
        self.lacked_receipts = False
        """Whether it spoke a protocol that knows none for a while."""
        self._random = random
        self._trace = trace
        self._far = far
        self._requests: list[bytes] = []
        self._answers: dict[str, list[bytes]] = defaultdict(list)

    def begin(self) -> None:
        """A session begins."""
        self.posts = self.bytes = 0
        self.lacked_receipts = False

    def post(self, sender: Sender, sealed: bytes) -> bytes:
        """One round trip. Raises EnvironmentFault when nothing comes back."""
        self.posts += 1
        self.bytes += len(sealed)
        if self.posts > MAX_POSTS:
            raise Violation("I17", f"{sender.name} does not come to an end: {MAX_POSTS} round trips")
        mishap = self._draw()
        if mishap is Mishap.OLD_PROTOCOL_1 and not sender.may_lack_proofs:
            mishap = Mishap.OLD_PROTOCOL_2
        self.lacked_receipts |= mishap is Mishap.OLD_PROTOCOL_1
        if mishap is not None:
            self._trace.fault(mishap.value, sender.name)
        answer = self._carry(sender, sealed, mishap)
        self.bytes += len(answer)
        return answer

    def replay(self) -> bool:
        """An old request reaches the centre now; nobody waits for the answer. Whether there was one."""
        if not self._requests:
            return False
        sealed = self._requests.pop(self._random.randrange(len(self._requests)))
        with suppress(EnvironmentFault):
            self._deliver(sealed)
        return True

    def _draw(self) -> Mishap | None:
        if self.next is not None:
            mishap, self.next = self.next, None
            return mishap
        if self._random.random() >= self.weather:
            return None
        return self._random.choice(list(Mishap))

    def _carry(self, sender: Sender, sealed: bytes, mishap: Mishap | None) -> bytes:
        match mishap:
            case Mishap.DROP_REQUEST:
                raise EnvironmentFault("server_unreachable")
            case Mishap.TRUNCATE_REQUEST:
                return self._refused(sealed[: self._random.randrange(len(sealed))])
            case Mishap.FLIP_REQUEST:
                return self._refused(self._flipped(sealed))
            case Mishap.LATE_REQUEST:
                self._keep(sealed)
                raise EnvironmentFault("server_timeout")
            case Mishap.PORTAL | Mishap.REDIRECT | Mishap.EMPTY:
                sender.garbage()
                return _GARBAGE[mishap]
        answer = self._answered(sender, sealed, mishap)
        earlier = self._answers[sender.name]
        match mishap:
            case Mishap.DROP_RESPONSE:
                earlier.append(answer)
                raise EnvironmentFault("server_timeout")
            case Mishap.TRUNCATE_RESPONSE:
                sender.garbage()
                return answer[: self._random.randrange(len(answer))]
            case Mishap.FLIP_RESPONSE:
                sender.garbage()
                return self._flipped(answer)
            case Mishap.LATE_RESPONSE if earlier:
                sender.garbage()
                late = self._random.choice(earlier)
                earlier.append(answer)
                return late
            case Mishap.FOREIGN_RESPONSE:
                others = [kept for name, kept in sorted(self._answers.items()) if name != sender.name and kept]
                if others:
                    sender.garbage()
                    return self._random.choice(self._random.choice(others))
        if self._random.random() < 0.2:
            self._keep(sealed)
            self._answers[sender.name] = [*earlier, answer][-_KEPT:]
        self._look(sender, sealed, answer)
        return answer

    def _answered(self, sender: Sender, sealed: bytes, mishap: Mishap | None) -> bytes:
        if mishap is Mishap.DUPLICATE:
            first, second = self._deliver(sealed), self._deliver(sealed)
            return self._random.choice((first, second))
        protocol = {Mishap.OLD_PROTOCOL_1: 1, Mishap.OLD_PROTOCOL_2: 2}.get(mishap) if mishap else None
        if protocol is not None:
            return self._translated(sender, sealed, protocol)
        return self._deliver(sealed)

    def _translated(self, sender: Sender, sealed: bytes, protocol: int) -> bytes:
        """As if the PC spoke an older protocol: both ways lose what that does not know."""
        own, far = sender.key, self._far.key()
        device = device_id(bytes(own.verify_key))
        asked = codec.decode(envelope.unseal(sealed, bytes(own.verify_key)).body)
        assert isinstance(asked, SyncRequest), "a session sends nothing else"
        asked = msgspec.structs.replace(asked, protocol=protocol)
        older = envelope.seal(codec.encode(asked, protocol), device, own)
        answer = codec.decode(envelope.unseal(self._deliver(older), bytes(far.verify_key), answers=older).body)
        return envelope.seal(codec.encode(answer, protocol), device_id(bytes(far.verify_key)), far, answers=sealed)

    def _deliver(self, sealed: bytes) -> bytes:
        try:
            return self._far.deliver(sealed)
        except (envelope.SealError, codec.MessageError) as error:
            raise Violation("I11", f"the centre refuses what a PC sealed: {error!r}") from error

    def _refused(self, damaged: bytes) -> bytes:
        """The centre gets what is no message: it must say so and change nothing."""
        before = self._far.fingerprint()
        # Or an answer that refuses somebody unknown, when the sender's name was hit.
        with suppress(envelope.SealError, codec.MessageError):
            self._far.deliver(damaged)
        if self._far.fingerprint() != before:
            raise Violation("I16", "a damaged request changed the centre")
        raise EnvironmentFault("server_failed", status=400)

    def _flipped(self, sealed: bytes) -> bytes:
        at = self._random.randrange(len(sealed))
        return sealed[:at] + bytes([sealed[at] ^ 1 << self._random.randrange(8)]) + sealed[at + 1 :]

    def _keep(self, sealed: bytes) -> None:
        self._requests = [*self._requests, sealed][-_KEPT:]

    def _look(self, sender: Sender, sealed: bytes, answer: bytes) -> None:
        opened = codec.decode(envelope.unseal(answer, bytes(self._far.key().verify_key), answers=sealed).body)
        if isinstance(opened, SyncAnswer):
            sender.look(opened)
