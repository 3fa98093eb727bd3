"""What was asked of a centre by hand, kept until an answer to it is taken."""

from typing import Annotated, Final

import msgspec

from sync.store import connection as file
from sync.store.enrolment import JOINING
from sync.store.store import Store

MOST_ASKED: Final = 8


class Waiting(msgspec.Struct, frozen=True):
    """When it was asked last, in seconds of this PC's clock; the centre's address, "" where nobody knew it; and the
    secrets that prove an answer, the newest first."""

    made_at: int
    server: str
    secrets: Annotated[list[bytes], msgspec.Meta(max_length=MOST_ASKED)]


def waiting(store: Store) -> Waiting | None:
    """What was asked; None once this PC belongs to a centre."""
    kept = store.meta(JOINING)
    return None if kept is None else msgspec.json.decode(kept, type=Waiting)


def wait_for(store: Store, made_at: int, server: str, secret: bytes) -> None:
    """Something was asked anew. What was asked before may be answered still. Raises `EnvironmentFault`."""
    before = waiting(store) or Waiting(0, "", [])
    secrets = [secret, *(one for one in before.secrets if one != secret)]
    kept = Waiting(made_at, server or before.server, secrets[:MOST_ASKED])
    with file.writing(store.db):
        store.keep_meta(JOINING, msgspec.json.encode(kept).decode())
