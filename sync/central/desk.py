"""The centre's desk: sealed bytes in, sealed bytes out, whatever line they came by."""

import time
from collections.abc import Callable, Collection

import msgspec
import structlog

from sync.central import carrying
from sync.central.centre import Centre
from sync.central.enrolment import Throttle
from sync.central.filing import Bringing, Filing
from sync.central.keys import centre_id
from sync.central.orders import obey
from sync.central.shelf import Shelf
from sync.domain.errors import EnvironmentFault
from sync.protocol import chain, codec, envelope
from sync.protocol.dictionaries import KNOWN, NONE, REFUSED, best_of
from sync.protocol.messages import Done, EnrolRequest, FileOffer, FileQuery, FileWant, Order, Refusal, SyncRequest
from sync.protocol.version import refusal_of

_log = structlog.get_logger()


class Desk:
    """Opens what comes in, has it done, and seals what goes out. Several threads may stand at it.

    Both calls raise SealError or MessageError for bytes that are no message of this protocol or not sealed by their
    sender; then nothing changed. `clock` gives seconds since 1970 UTC, `dictionaries` are the numbers of those that
    are had here.
    """

    def __init__(
        self,
        centre: Centre,
        clock: Callable[[], float],
        dictionaries: Collection[int] = KNOWN,
        shelf: Shelf | None = None,
    ) -> None:
        self._centre = centre
        self._filing = Filing(centre, shelf or Shelf(centre.folder), clock)
        self._dictionaries = dictionaries
        self._clock = clock
        self._throttle = Throttle(clock)

    def sync(self, sealed: bytes) -> bytes:
        """One round trip of an enrolled device."""
        began = time.perf_counter()
        device = envelope.sender_of(sealed)
        key = self._centre.enrolment.public_key(device)
        if key is None:
            return self._refuse("device_unknown", device, sealed)
        try:
            request = codec.decode(envelope.unseal(sealed, key, numbers=self._dictionaries).body)
        except envelope.UnknownDictionaryError:
            return self._refuse(REFUSED, device, sealed)
        if not isinstance(request, SyncRequest):
            raise codec.MessageError("not a sync")
        if refusal := refusal_of(request.protocol):
            return self._refuse(refusal, device, sealed)
        try:
            answer = self._centre.repository.push_pull(device, request)
        except EnvironmentFault as fault:
            return self._refuse(fault.code, device, sealed)
        answer = msgspec.structs.replace(answer, dictionaries=sorted(self._dictionaries))
        number = best_of(request.dictionaries, self._dictionaries)
        answered = self._seal(codec.encode(answer, request.protocol), sealed, number)
        _log.info(
            "sync",
            device=device,
            changes=len(request.push.changes) if request.push else 0,
            not_applied=len(answer.results),
            records=sum(len(page.records) for page in answer.pages),
            bytes_up=len(sealed),
            bytes_down=len(answered),
            ms=round((time.perf_counter() - began) * 1000),
        )
        return answered

    def enrol(self, sealed: bytes, address: str) -> bytes:
        """Take in the device that sealed this and brings a code and its key. `address` is whose guesses count."""
        opened = envelope.unseal_new(sealed, _key_in)
        request = codec.decode(opened.body)
        if not isinstance(request, EnrolRequest) or chain.device_id(request.public_key) != opened.sender:
            raise codec.MessageError("not an enrolment")
        brought = bytes(self._centre.key.verify_key)
        if refusal := refusal_of(request.protocol):
            return self._refuse(refusal, opened.sender, sealed, brought)
        if wait_s := self._throttle.wait_s(address):
            return self._refuse("server_busy", opened.sender, sealed, brought, wait_s)
        try:
            answer = self._centre.enrolment.enrol(request)
        except EnvironmentFault as fault:
            self._throttle.failed(address)
            return self._refuse(fault.code, opened.sender, sealed, brought)
        _log.info("enrolled", device=opened.sender, unit=answer.unit)
        return self._seal(codec.encode(answer, request.protocol), sealed)

    def parcel(self, carried: bytes, address: str = "") -> bytes:
        """What somebody carries of a device without a line: the answers to all that it asks, to be carried back.

        `address` is whose guesses count where the device is not one of the centre's yet.
        """
        began = time.perf_counter()
        try:
            if carrying.is_joining(carried):
                return self._take_in(carried, address)
            taken = carrying.take(self._centre, carried, self.sync, self._clock)
        except EnvironmentFault as fault:
            return self._refuse(fault.code, "", carried)
        _log.info(
            "parcel",
            device=taken.device,
            changes=taken.changes,
            bytes_up=len(carried),
            bytes_down=len(taken.answer),
            ms=round((time.perf_counter() - began) * 1000),
        )
        return taken.answer

    def _take_in(self, carried: bytes, address: str) -> bytes:
        if wait_s := self._throttle.wait_s(address):
            return self._refuse("server_busy", "", carried, retry_after_s=wait_s)
        try:
            taken = carrying.take_in(self._centre, carried, self.sync, self._clock)
        except EnvironmentFault:
            self._throttle.failed(address)
            raise
        _log.info("enrolled", device=taken.device, unit=taken.unit)
        return taken.answer

    def administer(self, sealed: bytes) -> bytes:
        """An order of an administrator, at an enrolled device."""
        device = envelope.sender_of(sealed)
        key = self._centre.enrolment.public_key(device)
        if key is None:
            return self._refuse("device_unknown", device, sealed)
        order = codec.decode(envelope.unseal(sealed, key, numbers=()).body)
        if not isinstance(order, Order):
            raise codec.MessageError("not an order")
        if refusal := refusal_of(order.protocol):
            return self._refuse(refusal, device, sealed)
        try:
            said = obey(self._centre, device, order)
        except EnvironmentFault as fault:
            return self._refuse(fault.code, device, sealed)
        _log.info("order", what=order.what if order.what.isidentifier() else "", device=device)
        return self._seal(codec.encode(Done(int(self._clock()), said)), sealed)

    def file(self, sealed: bytes) -> bytes | Bringing:
        """What a device brings of a file, wants of it, or asks: the answer, or what takes the bytes that follow."""
        device = envelope.sender_of(sealed)
        key = self._centre.enrolment.public_key(device)
        if key is None:
            return self._refuse("device_unknown", device, sealed)
        message = codec.decode(envelope.unseal(sealed, key, numbers=()).body)
        if not isinstance(message, FileOffer | FileWant | FileQuery):
            raise codec.MessageError("not about a file")
        if refusal := refusal_of(message.protocol):
            return self._refuse(refusal, device, sealed)
        try:
            match message:
                case FileOffer():
                    found = self._filing.offer(device, message)
                    return found if isinstance(found, Bringing) else self._seal(codec.encode(found), sealed)
                case FileWant():
                    return self._seal(codec.encode(self._filing.want(device, message)), sealed)
                case FileQuery():
                    return self._seal(codec.encode(self._filing.query(device, message)), sealed)
        except EnvironmentFault as fault:
            return self._refuse(fault.code, device, sealed)

    def took(self, bringing: Bringing, sealed: bytes) -> bytes:
        """The answer to the offer `sealed` when all that it offers has come."""
        try:
            held = bringing.end()
        except EnvironmentFault as fault:
            return self._refuse(fault.code, bringing.device, sealed)
        _log.info("file", device=bringing.device, bytes_up=bringing.length, held=held.held, whole=held.whole)
        return self._seal(codec.encode(held), sealed)

    def _refuse(self, code: str, device: str, request: bytes, centre_key: bytes = b"", retry_after_s: int = 0) -> bytes:
        _log.info("refused", reason=code, device=device)
        return self._seal(codec.encode(Refusal(code, int(self._clock()), retry_after_s, centre_key)), request)

    def _seal(self, body: bytes, request: bytes, number: int = NONE) -> bytes:
        key = self._centre.key
        return envelope.seal(body, centre_id(key), key, request, number)


def _key_in(body: bytes) -> bytes:
    message = codec.decode(body)
    return message.public_key if isinstance(message, EnrolRequest) else b""
