"""A newer program among the others: some of its changes carry a field that nobody here knows, and that must be kept."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

from sync.central import repository
from sync.domain.keys import Key
from sync.protocol import chain
from sync.protocol.messages import Change, Version
from sync.store import sending, store

_FIELD: Final = b"\x81\xa6ward_2\x01"
_EVERY: Final = 5


def extra_of(version: Version) -> bytes:
    """What a change of this name carries: some of every device's do, under whatever branch they are sent."""
    return _FIELD if (version.n + int(version.branch[0], 16)) % _EVERY == 0 else b""


@contextmanager
def newer_programs() -> Iterator[None]:
    """Whoever makes a change meanwhile, at whichever end, makes it as the newer program would."""

    def made(n: int, branch: str, key: Key, content: str, seen: tuple[Version, ...], *rest: Any) -> Change:
        author, typed_at, catalogue = rest
        return Change(n, branch, key, content, seen, author, typed_at, catalogue, extra_of(Version(branch, n)))

    def hash_after(before: bytes, n: int, branch: str, *said: object) -> bytes:
        extra = extra_of(Version(branch, n))
        return hashed(before, n, branch, *said, *([extra] if extra else []))

    hashed = chain.hash_after
    with ExitStack() as patches:
        for module in (store, sending, repository):
            patches.enter_context(mock.patch.object(module, "Change", made))
        patches.enter_context(mock.patch.object(chain, "hash_after", hash_after))
        yield
