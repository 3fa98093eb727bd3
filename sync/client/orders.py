"""Orders of an administrator to the centre: done at once or not at all, and so only where there is a line."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from nacl.signing import SigningKey

from sync.client.http import order_at
from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import Order
from sync.protocol.version import PROTOCOL
from sync.store import Store
from sync.store import connection as file

_NUMBER: Final = "orders"


def give(store: Store, what: str, said: Mapping[str, object], clock: Callable[[], float]) -> Any:
    """Have the centre do `what`, by whoever is here, and give what came of it. Raises `EnvironmentFault`."""
    enrolment = store.enrolment()
    if enrolment is None:
        raise EnvironmentFault("code_wrong")
    order = Order(PROTOCOL, _next_number(store, clock), store.author(), what, msgspec.json.encode(said).decode())
    key = SigningKey(store.signing_seed())
    done = order_at(enrolment.server, store.device, key, enrolment.centre_key, order)
    try:
        return msgspec.json.decode(done.said)
    except msgspec.DecodeError as error:
        raise EnvironmentFault("answer_damaged") from error


def _next_number(store: Store, clock: Callable[[], float]) -> int:
    """Larger than every one before: by the clock in milliseconds, so that a folder from a backup goes on too."""
    with file.writing(store.db):
        number = max(int(store.meta(_NUMBER) or 0) + 1, int(clock() * 1000))
        store.keep_meta(_NUMBER, str(number))
    return number
