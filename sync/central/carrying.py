"""Parcels at the centre: what a device without a line sent by hand, answered request by request as over a line."""

from collections.abc import Callable
from typing import Final, NamedTuple

from sync.central.centre import Centre
from sync.central.enrolment import printable
from sync.central.keys import centre_id
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.parking import DEVICE_REVOKED
from sync.protocol import codec, envelope, parcel
from sync.protocol.chain import device_id
from sync.protocol.joining import proof_of_answer
from sync.protocol.messages import Refusal, SyncAnswer, SyncRequest
from sync.protocol.parcel import MAX_PARCEL, Answering, Asking, Direction, Joined
from sync.protocol.version import refusal_of

EARLY_S: Final = 86_400
"""A PC whose clock is so far ahead is told of: nothing is decided by it."""

_ROOM: Final = MAX_PARCEL - (64 << 10)
"""What requests and answers may take together, with room for how they are packed."""


class Taken(NamedTuple):
    """What a parcel came to. `changes` were in it, of which `parked` wait for something; `refusal` is a code or "".

    `made_at` is the device's clock, seconds since 1970 UTC.
    """

    device: str
    made_at: int
    changes: int
    parked: int
    refusal: str
    answer: bytes


class TakenIn(NamedTuple):
    """A device that a file made one of the centre's. `computer` is its own name for itself."""

    device: str
    made_at: int
    unit: str
    person: str
    computer: str
    answer: bytes


def is_joining(carried: bytes) -> bool:
    """Whether this is a file of a device that asks to be taken in. Raises EnvironmentFault as `take`."""
    return parcel.label_of(carried).direction is Direction.JOINING


def take_in(centre: Centre, carried: bytes, sync: Callable[[bytes], bytes], clock: Callable[[], float]) -> TakenIn:
    """Enrol the device that asks for it in `carried`, and make the file that goes back, with the first it may see.

    Taking it once more brings the same answer. Raises EnvironmentFault parcel_damaged, parcel_cut, parcel_newer,
    parcel_too_large, protocol_old, protocol_new, code_wrong, code_used, code_expired, parcel_sender, memory_short;
    then nothing changed.
    """
    joining = parcel.read_joining(carried)
    device = device_id(joining.public_key)
    request = _request(joining.request, device, joining.public_key)
    if request.push.changes:
        raise EnvironmentFault("parcel_damaged")
    if refusal := refusal_of(request.protocol):
        raise EnvironmentFault(refusal)
    try:
        answer, secret = centre.enrolment.join(joining)
    except EnvironmentFault as fault:
        if fault.code == "device_revoked":
            raise EnvironmentFault("parcel_sender", device=device) from fault
        raise
    enrolled = codec.encode(answer, request.protocol)
    joined = Joined(
        int(clock()),
        enrolled,
        proof_of_answer(secret, enrolled),
        joining.request,
        sync(joining.request),
        _catalogue_for(centre, request),
    )
    written = parcel.write(joined, centre.key, joining.public_key)
    return TakenIn(device, joining.made_at, answer.unit, answer.person, printable(joining.computer), written)


def take(centre: Centre, carried: bytes, sync: Callable[[bytes], bytes], clock: Callable[[], float]) -> Taken:
    """Have all that `carried` asks done by `sync`, and make the parcel that goes back.

    Taking it once more changes nothing. Raises EnvironmentFault parcel_damaged, parcel_cut, parcel_newer,
    parcel_too_large, parcel_is_answer, parcel_other_centre or parcel_sender (a device that is not known, or was
    revoked, with nothing to hand in); then nothing was taken, unless a request in the middle is none that devices make.
    """
    direction, recipient = parcel.label_of(carried)
    if direction is not Direction.TO_CENTRE:
        raise EnvironmentFault("parcel_is_answer")
    if recipient != centre_id(centre.key):
        raise EnvironmentFault("parcel_other_centre")
    opened = parcel.open_parcel(carried, centre.key)
    key = centre.enrolment.public_key(opened.sender)
    if key is None:
        raise EnvironmentFault("parcel_sender", device=opened.sender)
    asking = parcel.read(opened, key, Asking)
    requests = [_request(sealed, opened.sender, key) for sealed in asking.requests]
    answers: list[tuple[bytes, bytes]] = []
    changes = parked = size = 0
    refusal, is_revoked = "", False
    for sealed, request in zip(asking.requests, requests, strict=True):
        try:
            answer = sync(sealed)
        except (envelope.SealError, codec.MessageError) as error:
            # A push that no device sends. What came in front of it was taken, as over a line.
            raise EnvironmentFault("parcel_damaged") from error
        size += len(sealed) + len(answer)
        if size > _ROOM and answers:
            # Taken all the same; its device asks again, and hears that it was.
            break
        answers.append((sealed, answer))
        found = codec.decode(envelope.unseal(answer, bytes(centre.key.verify_key), sealed).body)
        if isinstance(found, Refusal):
            refusal = found.code
            if refusal == "device_revoked":
                if not changes:
                    raise EnvironmentFault("parcel_sender", device=opened.sender)
                # What it had to send is held; the answer tells it that, and nothing else.
                refusal, is_revoked = "", True
            break
        assert isinstance(found, SyncAnswer), "a sync is answered"
        if found.held:
            changes += len(request.push.changes)
            parked += sum(result.outcome is Outcome.PARKED for result in found.results)
            is_revoked |= any(result.reason == DEVICE_REVOKED for result in found.results)
    catalogue = _catalogue_for(centre, requests[-1])
    if refusal or is_revoked or size + len(catalogue) > _ROOM:
        catalogue = b""
    written = parcel.write(Answering(int(clock()), answers, catalogue), centre.key, key)
    return Taken(opened.sender, asking.made_at, changes, parked, refusal, written)


def _catalogue_for(centre: Centre, request: SyncRequest) -> bytes:
    """The centre's own for a device that works under another one, be that newer: the device says which it takes."""
    return centre.catalogue_file if request.catalogue != centre.catalogue.version else b""


def _request(sealed: bytes, sender: str, key: bytes) -> SyncRequest:
    """One of the requests, all of which are looked at before anything is done. Raises EnvironmentFault."""
    try:
        opened = envelope.unseal(sealed, key)
        request = codec.decode(opened.body)
    except (envelope.SealError, codec.MessageError) as error:
        raise EnvironmentFault("parcel_damaged") from error
    if opened.sender != sender or not isinstance(request, SyncRequest):
        raise EnvironmentFault("parcel_damaged")
    return request
