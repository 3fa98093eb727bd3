"""Enrolment by hand: a PC that never had a line asks in a file to be taken in, and takes the answer that comes back.

    ask ──▶ carried by anyone ──▶ the centre that gave the code, or an online PC of it that hands it on ──▶ take

What proves the centre to this PC is the code, as it proves this PC to the centre: of each request the secret that the
code comes to is kept in the encrypted store until an answer is taken. Which of several requests is answered does not
matter.
"""

import hmac
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from nacl.signing import SigningKey

from sync.client import catalogues
from sync.client.http import server_address
from sync.client.parcels import PAGE_BYTES
from sync.client.session import Asked, take_answer
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit
from sync.protocol import codec, envelope, parcel
from sync.protocol.joining import hash_of, hint_of, proof_of_answer, proof_of_asking, secret_of
from sync.protocol.messages import EnrolAnswer, Push, SyncAnswer, SyncRequest
from sync.protocol.parcel import Direction, Joined, Joining
from sync.protocol.version import PROTOCOL
from sync.store import ChangeSet, Enrolment, Store
from sync.store.joining import wait_for, waiting
from sync.store.receiving import cursors
from sync.store.sending import is_next

_COMPUTER_LETTERS: Final = 100


class Offer(NamedTuple):
    """What an answer says before it is taken: whose this PC becomes, and the first that it may see.

    `made_at` is the centre's clock, seconds since 1970 UTC; `unit` is the unit's name, or its key where that did not
    come; `records` come with it.
    """

    made_at: int
    person: str
    unit: str
    records: int


class _Answer(NamedTuple):
    joined: Joined
    enrolment: Enrolment
    asked: Asked
    answered: SyncAnswer | None


def ask(store: Store, code: str, server: str, computer: str, at: int) -> bytes:
    """A file for the centre that gave `code`; `server` is its address, "" where nobody knows it.

    `at` is this PC's clock. Raises `EnvironmentFault` server_address_invalid, joined_already, memory_short.
    """
    address = server_address(server) if server.strip() else ""
    if store.enrolment() is not None:
        raise EnvironmentFault("joined_already")
    key = SigningKey(store.signing_seed())
    public_key = bytes(key.verify_key)
    code_hash = hash_of(code)
    secret = secret_of(code_hash, public_key)
    request = SyncRequest(PROTOCOL, store.catalogue, Push(store.last_link()), {}, PAGE_BYTES)
    joining = Joining(
        at,
        public_key,
        computer[:_COMPUTER_LETTERS].encode(errors="replace").decode(),
        hint_of(code_hash),
        proof_of_asking(secret, public_key),
        envelope.seal(codec.encode(request), store.device, key),
    )
    written = parcel.write(joining, key, public_key)
    wait_for(store, at, address, secret)
    return written


def look(store: Store, carried: bytes) -> Offer:
    """What a file that came says; nothing is taken.

    Raises `EnvironmentFault` parcel_damaged, parcel_cut, parcel_newer, parcel_too_large, parcel_not_answer,
    parcel_unenrolled, parcel_other_device, joined_already, joined_unproven, answer_foreign.
    """
    joined, enrolment, _, answered = _read(store, carried)
    records = [record for page in (answered.pages if answered else ()) for record in page.records]
    named = (record for record in records if record.key == Key(UNIT, enrolment.unit) and record.heads)
    names = [Unit.of(record.key.unit, record.heads[0].content).name for record in named]
    return Offer(joined.made_at, enrolment.person, names[0] if names else enrolment.unit, len(records))


def take(store: Store, carried: bytes, tell: Callable[[ChangeSet], None]) -> Enrolment:
    """Belong to the centre that answered, and take the first that it sent. No session of this store may run.

    Raises `EnvironmentFault` as `look`; then nothing changed.
    """
    joined, enrolment, asked, answered = _read(store, carried)
    store.keep_enrolment(enrolment)
    if answered is not None and is_next(store, asked.push) and not cursors(store):
        take_answer(store, asked, answered, tell)
    with suppress(EnvironmentFault):
        # This PC belongs, whatever becomes of it: it comes again with every answer, and is told of then.
        catalogues.take_newer(store, joined.catalogue, tell)
    return enrolment


def _read(store: Store, carried: bytes) -> _Answer:
    """The answer to a request of this PC, of the centre that gave it the code."""
    label = parcel.label_of(carried)
    if label.direction in (Direction.TO_CENTRE, Direction.JOINING):
        raise EnvironmentFault("parcel_not_answer")
    if label.recipient != store.device:
        raise EnvironmentFault("parcel_other_device")
    if label.direction is not Direction.JOINED:
        raise EnvironmentFault("parcel_unenrolled")
    key = SigningKey(store.signing_seed())
    joined = parcel.read_joined(parcel.open_parcel(carried, key), lambda enrolled: _enrolled(enrolled).centre_key)
    said = _enrolled(joined.enrolled)
    before, asked = store.enrolment(), waiting(store)
    if before is not None:
        raise EnvironmentFault("joined_already" if before.centre_key == said.centre_key else "answer_foreign")
    if asked is None or not any(
        hmac.compare_digest(proof_of_answer(secret, joined.enrolled), joined.proof) for secret in asked.secrets
    ):
        raise EnvironmentFault("joined_unproven")
    enrolment = Enrolment(
        asked.server, said.centre, said.centre_key, said.province, said.unit, said.person, said.recovery_key
    )
    return _Answer(joined, enrolment, *_first(joined, bytes(key.verify_key), said.centre_key))


def _enrolled(said: bytes) -> EnrolAnswer:
    try:
        found = codec.decode(said)
    except codec.MessageError as error:
        raise EnvironmentFault("parcel_damaged") from error
    if not isinstance(found, EnrolAnswer):
        raise EnvironmentFault("parcel_damaged")
    return found


def _first(joined: Joined, key: bytes, centre_key: bytes) -> tuple[Asked, SyncAnswer | None]:
    """What was asked with the request, and came with the answer; None where the centre had nothing to say."""
    try:
        asked = codec.decode(envelope.unseal(joined.request, key).body)
        answered = codec.decode(envelope.unseal(joined.answer, centre_key, joined.request).body)
    except (envelope.SealError, codec.MessageError) as error:
        raise EnvironmentFault("parcel_damaged") from error
    if not isinstance(asked, SyncRequest):
        raise EnvironmentFault("parcel_damaged")
    return Asked(asked.push, {}, [], []), answered if isinstance(answered, SyncAnswer) else None
