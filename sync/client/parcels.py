"""The centre by hand: a parcel with everything that waits here, and the answer that comes back as one.

    make ──▶ carried by anyone ──▶ the centre, or an online PC that hands it on unread ──▶ answer ──▶ take

Each parcel holds all that the centre has not confirmed, so that one which is lost, late or taken twice makes no
difference. An answer is taken as a whole or not at all: only where this PC still stands as it stood when it asked. A
later answer, or a sync over a line, may have come first; then what is missing is asked for again.

What the centre may have lost is not asked about by hand: that has to be answered by the centre as it is now.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from nacl.signing import SigningKey

from sync.client import catalogues
from sync.client.remote import Post
from sync.client.session import Asked, starts, take_answer
from sync.domain.errors import CODES, EnvironmentFault
from sync.protocol import codec, envelope, parcel
from sync.protocol.chain import device_id
from sync.protocol.messages import START, Cursor, Push, Refusal, Subscription, SyncAnswer, SyncRequest
from sync.protocol.parcel import MAX_ASKING, MAX_REQUESTS, Answering, Asking, Direction
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Enrolment, Store
from sync.store.healing import checks
from sync.store.receiving import cursors
from sync.store.scope import scope
from sync.store.sending import MAX_PUSH, is_next, mark_sent, outbox

PAGE_BYTES: Final = 256 << 10
"""About 26,000 values, as much as one answer brings: a round trip takes days, so more than over a line."""

_NOWHERE: Final = bytes(8)
"""In the place of cursors that nobody knows: for such a request nothing is read, only taken."""


def _untold(_done: int, _all: int) -> None:
    """Nobody waits so long that they would be told."""


class Made(NamedTuple):
    """A parcel, and what is in it: `changes` of those that wait, `left` for the next one."""

    parcel: bytes
    changes: int
    left: int


class Found(NamedTuple):
    """What a parcel says before it is taken. An answer says more: it is for this PC, and of that time.

    `changes` were asked about, `records` come with the answer. `computer` asks to be taken in by the centre. `edition`
    is of a catalogue that comes, 0 for none; that brings so many `forms` and `indicators`.
    """

    direction: Direction
    bytes: int
    made_at: int = 0
    changes: int = 0
    records: int = 0
    computer: str = ""
    edition: int = 0
    forms: int = 0
    indicators: int = 0

    @property
    def is_answer(self) -> bool:
        return self.direction is Direction.TO_DEVICE

    @property
    def is_catalogue(self) -> bool:
        return self.direction is Direction.CATALOGUE

    @property
    def joins(self) -> bool:
        return self.direction is Direction.JOINING


class _Pair(NamedTuple):
    request: SyncRequest
    answer: SyncAnswer


def make(
    store: Store,
    at: int,
    tell: Callable[[ChangeSet], None],
    report: Callable[[int, int], None] = _untold,
) -> Made:
    """A parcel for the centre with everything that waits, as far as it fits. `at` is this PC's clock.

    `report` is told now and then how many changes are in it, and how many wait; whatever it raises to give up is
    raised, and nothing changed. Raises `EnvironmentFault` parcel_unenrolled, or what the store raises.
    """
    enrolment, key = _enrolled(store), SigningKey(store.signing_seed())
    waiting = store.waiting()
    sealed: list[bytes] = []
    pushes: list[Push] = []
    size = count = 0
    behind = store.agreed_n()
    last_n = store.last_link().n
    while True:
        push = outbox(store, MAX_PUSH, behind)
        end = push.changes[-1].n if push.changes else behind
        is_last = end == last_n or len(sealed) == MAX_REQUESTS - 1
        request = envelope.seal(codec.encode(_request(store, push, asks=is_last)), store.device, key)
        if size + len(request) > MAX_ASKING and not is_last:
            # What does not fit comes with the next parcel; this one still asks for what is new.
            push, end, is_last = Push(push.after), behind, True
            request = envelope.seal(codec.encode(_request(store, push, asks=True)), store.device, key)
        if push.changes:
            pushes.append(push)
        count += len(push.changes)
        report(count, waiting)
        sealed.append(request)
        size += len(request)
        behind = end
        if is_last:
            break
    written = parcel.write(Asking(at, sealed), key, enrolment.centre_key)
    for push in pushes:
        # Before it can leave, and not before nobody can give it up any more.
        tell(mark_sent(store, push, at))
    return Made(written, count, waiting - count)


def look(store: Store, carried: bytes) -> Found:
    """What `carried` is, without taking anything. Raises `EnvironmentFault` for what is of no use here.

    parcel_damaged, parcel_cut, parcel_newer, parcel_too_large, parcel_other_centre, parcel_other_device,
    parcel_unenrolled, joined_already, catalogue_old, catalogue_unfit.
    """
    direction, recipient = parcel.label_of(carried)
    enrolment = _enrolled(store)
    if direction is Direction.JOINING:
        joining = parcel.read_joining(carried)
        return Found(direction, len(carried), joining.made_at, computer=joining.computer)
    if direction is Direction.CATALOGUE:
        made_at, *of_it = catalogues.look(store, carried)
        return Found(direction, len(carried), made_at, 0, 0, "", *of_it)
    if direction is Direction.JOINED:
        raise EnvironmentFault("joined_already" if recipient == store.device else "parcel_other_device")
    if direction is Direction.TO_CENTRE:
        if recipient != device_id(enrolment.centre_key):
            raise EnvironmentFault("parcel_other_centre")
        return Found(direction, len(carried))
    if recipient != store.device:
        raise EnvironmentFault("parcel_other_device")
    return _read(store, carried)[0]


def take(store: Store, carried: bytes, tell: Callable[[ChangeSet], None]) -> Found:
    """Take the centre's answer to a parcel of this PC, or its catalogue. No session of this store may run.

    Raises `EnvironmentFault` as `look`, parcel_old where this PC stands elsewhere by now, and what the centre
    refused; then nothing changed. catalogue_unfit for a catalogue that came with an answer, which was taken.
    """
    if (found := look(store, carried)).direction is Direction.CATALOGUE:
        catalogues.take(store, carried, tell)
        return found
    if found.direction is not Direction.TO_DEVICE:
        raise EnvironmentFault("parcel_not_answer")
    found, pairs, catalogue = _read(store, carried)
    asked = [_asked(store, pair.request) for pair in pairs]
    # Only the last request asked for what is new.
    is_read = not pairs[-1].answer.resend
    if not is_next(store, asked[0].push) or (is_read and asked[-1].cursors != cursors(store)):
        raise EnvironmentFault("parcel_old")
    for one, pair in zip(asked, pairs, strict=True):
        if not is_next(store, one.push):
            # The centre has lost what came before, and the first answer said from where to begin again.
            break
        take_answer(store, one, pair.answer, tell)
    catalogues.take_newer(store, catalogue, tell)
    return found


def forward(store: Store, carried: bytes, post: Post) -> bytes:
    """Hand a parcel of another PC on to the centre over `post`, unread, and give the answer to carry back to it.

    Raises `EnvironmentFault` as `look`, and what the centre refuses.
    """
    asks = look(store, carried).direction
    if asks not in (Direction.TO_CENTRE, Direction.JOINING):
        raise EnvironmentFault("parcel_is_answer")
    answer = post(carried)
    if answer.startswith(parcel.MAGIC):
        wanted = Direction.TO_DEVICE if asks is Direction.TO_CENTRE else Direction.JOINED
        if parcel.label_of(answer).direction is not wanted:
            raise EnvironmentFault("answer_damaged")
        return answer
    try:
        opened = envelope.unseal(answer, _enrolled(store).centre_key, carried)
        refusal = codec.decode(opened.body)
    except (envelope.SealError, codec.MessageError) as error:
        damaged = answer.startswith(envelope.MAGIC)
        raise EnvironmentFault("answer_damaged" if damaged else "server_not_centre") from error
    raise _fault_of(refusal)


def _enrolled(store: Store) -> Enrolment:
    enrolment = store.enrolment()
    if enrolment is None:
        raise EnvironmentFault("parcel_unenrolled")
    return enrolment


def _request(store: Store, push: Push, *, asks: bool) -> SyncRequest:
    if not asks:
        return SyncRequest(PROTOCOL, store.catalogue, push, {}, PAGE_BYTES, _NOWHERE)
    places = {**starts(scope(store)), **cursors(store)}
    return SyncRequest(PROTOCOL, store.catalogue, push, places, PAGE_BYTES, checks=checks(store))


def _asked(store: Store, request: SyncRequest) -> Asked:
    """What a session would remember of this request. A unit of which nothing was read was named by its start."""
    held = cursors(store)
    read: dict[Subscription, Cursor] = {
        subscription: cursor
        for subscription, cursor in request.cursors.items()
        if cursor != START or held.get(subscription) == START
    }
    return Asked(request.push, read, request.checks, [])


def _read(store: Store, carried: bytes) -> tuple[Found, list[_Pair], bytes]:
    """The answers to requests that this device sealed, each of the centre, and the catalogue that came with them.

    Raises `EnvironmentFault`.
    """
    enrolment, key = _enrolled(store), SigningKey(store.signing_seed())
    answering = parcel.read(parcel.open_parcel(carried, key), enrolment.centre_key, Answering)
    pairs = []
    for request, answer in answering.answers:
        try:
            asked = codec.decode(envelope.unseal(request, bytes(key.verify_key)).body)
            answered = codec.decode(envelope.unseal(answer, enrolment.centre_key, request).body)
        except (envelope.SealError, codec.MessageError) as error:
            raise EnvironmentFault("parcel_damaged") from error
        if isinstance(answered, Refusal):
            raise _fault_of(answered)
        if not isinstance(asked, SyncRequest) or not isinstance(answered, SyncAnswer):
            raise EnvironmentFault("parcel_damaged")
        pairs.append(_Pair(asked, answered))
    changes = sum(len(pair.request.push.changes) for pair in pairs)
    records = sum(len(page.records) + len(page.own) for pair in pairs for page in pair.answer.pages)
    found = Found(Direction.TO_DEVICE, len(carried), answering.made_at, changes, records)
    return found, pairs, answering.catalogue


def _fault_of(message: codec.Message) -> EnvironmentFault:
    code = message.code if isinstance(message, Refusal) else ""
    return EnvironmentFault(code if code in CODES else "server_failed")
