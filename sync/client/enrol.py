"""Enrolment: a device becomes one of the centre's, with a code that an officer gave, and follows it when it moves."""

from collections.abc import Callable

import msgspec
from nacl.signing import SigningKey

from sync.client.http import HttpRemote, enrol_at, server_address
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import EnrolRequest
from sync.protocol.version import PROTOCOL
from sync.store import Enrolment, Store


def enrol(store: Store, server: str, code: str, computer: str) -> Enrolment:
    """Enrol this folder's device at `server` and keep what the centre says it is.

    `computer` is a name for the list of devices. What was typed before stays under the provisional unit until
    `Store.adopt`. Raises `EnvironmentFault` (a wrong, used or expired code, no line, not a centre); then nothing
    changed, and the same code may be tried again.
    """
    address = server_address(server)
    key = SigningKey(store.signing_seed())
    request = EnrolRequest(PROTOCOL, _sendable(code.strip()), bytes(key.verify_key), _sendable(computer))
    answer = enrol_at(address, request, key)
    enrolment = Enrolment(
        address,
        answer.centre,
        answer.centre_key,
        answer.province,
        answer.unit,
        answer.person,
        answer.recovery_key,
    )
    store.keep_enrolment(enrolment)
    return enrolment


def move(store: Store, server: str, clock: Callable[[], int]) -> Enrolment:
    """Follow the centre to another address. One round trip there shows by its seal that it is the same centre.

    Raises `EnvironmentFault` (no line, another centre); then nothing changed.
    """
    before = store.enrolment()
    if before is None:
        raise EnvironmentFault("code_wrong")
    address = server_address(server)
    remote = HttpRemote(address, SigningKey(store.signing_seed()), before.centre_key)
    try:
        Session(store, remote, clock, lambda changes: None).run(goes_on=lambda: False)
    finally:
        remote.close()
    enrolment = msgspec.structs.replace(before, server=address)
    store.keep_enrolment(enrolment)
    return enrolment


def _sendable(text: str) -> str:
    """What a message can carry of a text that may be pasted from anywhere, or come from the system."""
    return text[:100].encode(errors="replace").decode()
