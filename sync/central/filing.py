"""Files at the centre's desk: whether a device may bring one or have it, and what becomes of it.

offer ──▶ may it? ──▶ held already, or at another place: how much of it is held
             └──▶ the bytes as they come, each piece on the disk before the next ──▶ at the end: looked at, in its place
"""

from collections.abc import Callable
from typing import Final

from sync.central import evidence
from sync.central.centre import Centre
from sync.central.shelf import Coming, Shelf
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import MAX_BYTES
from sync.domain.media import Media
from sync.protocol.codec import MessageError
from sync.protocol.messages import MAX_FILE_BYTES, FileBytes, FileHeld, FileLack, FileOffer, FileQuery, FileWant

MAX_BROUGHT: Final = 50 << 30
"""Bytes of all files that one device may bring: some ten thousand of five megabytes."""

_HASH_BYTES: Final = 32


class Filing:
    """See the module. `clock` gives seconds since 1970 UTC. Every call raises EnvironmentFault for what may not be:
    device_unknown, device_revoked, evidence_unknown and those that are named; and MessageError for what no device asks.
    """

    def __init__(self, centre: Centre, shelf: Shelf, clock: Callable[[], float]) -> None:
        self._centre = centre
        self._shelf = shelf
        self._clock = clock

    def offer(self, device: str, offer: FileOffer) -> "FileHeld | Bringing":
        """How much of a file is held; or, where what is offered comes next, what takes it.

        Raises EnvironmentFault evidence_no_room, evidence_too_much.
        """
        hashed = _hash_in(offer.sha256)
        named = self._named(device, hashed)
        if offer.size not in named.sizes:
            raise EnvironmentFault("evidence_unknown")
        if self._shelf.size(hashed) == offer.size:
            self._shelf.forget(device, hashed)
            return self._held(offer.size, whole=True)
        held = self._shelf.held(device, hashed)
        if held > offer.size:
            # It was begun as a larger one, that is no longer named.
            self._shelf.forget(device, hashed)
            held = 0
        if held == offer.size:
            # All of it had come when the centre ended.
            return self.end(device, hashed, offer, self._shelf.begin(device, hashed), named.media)
        if not offer.length or offer.offset != held or offer.offset + offer.length > offer.size:
            return self._held(held)
        self._check_room(device, offer)
        coming = self._shelf.begin(device, hashed)
        if coming.held != held:
            # A line that its device has long given up brought some more until this moment.
            coming.close()
            return self._held(coming.held)
        return Bringing(self, device, hashed, offer, coming, named.media)

    def want(self, device: str, want: FileWant) -> FileBytes:
        """Some of a file. Raises EnvironmentFault evidence_absent."""
        hashed = _hash_in(want.sha256)
        self._named(device, hashed)
        data = self._shelf.read(hashed, min(want.offset, MAX_BYTES), min(want.length, MAX_FILE_BYTES))
        if data is None:
            raise EnvironmentFault("evidence_absent")
        return FileBytes(int(self._clock()), data)

    def query(self, device: str, query: FileQuery) -> FileLack:
        """Which files are not here. Of what the device does not see none is: it learns nothing of them."""
        hashes = [_hash_in(hashed) for hashed in query.hashes]
        with self._centre.database.reading() as connection:
            named = evidence.named(connection, self._centre.province, self._centre.catalogue, device, hashes)
        # One that the disk has cut short is as good as none.
        lacks = bytes(hashed in named and self._shelf.size(hashed) not in named[hashed].sizes for hashed in hashes)
        return FileLack(int(self._clock()), lacks)

    def end(self, device: str, hashed: str, offer: FileOffer, coming: Coming, media: frozenset[Media]) -> FileHeld:
        """What is held when all that was offered has come."""
        if coming.held < offer.size:
            return self._held(coming.held)
        self._shelf.end(device, hashed, coming, media)
        if self._shelf.size(hashed) != offer.size:
            # Another line went on with it meanwhile.
            return self._held(self._shelf.held(device, hashed))
        with self._centre.database.writing() as connection:
            evidence.came(connection, self._centre.province, hashed, offer.size, device, int(self._clock()))
        return self._held(offer.size, whole=True)

    def _named(self, device: str, hashed: str) -> evidence.Named:
        with self._centre.database.reading() as connection:
            found = evidence.named(connection, self._centre.province, self._centre.catalogue, device, [hashed])
        if hashed not in found:
            # Also of one that is here, and named where the device may not look: it learns nothing of it.
            raise EnvironmentFault("evidence_unknown")
        return found[hashed]

    def _check_room(self, device: str, offer: FileOffer) -> None:
        if not self._shelf.has_room(offer.size - offer.offset):
            raise EnvironmentFault("evidence_no_room")
        with self._centre.database.reading() as connection:
            if evidence.brought(connection, self._centre.province, device) + offer.size > MAX_BROUGHT:
                raise EnvironmentFault("evidence_too_much")

    def _held(self, held: int, *, whole: bool = False) -> FileHeld:
        return FileHeld(int(self._clock()), held, whole)


class Bringing:
    """What takes the bytes behind an offer, as they come. Whatever cuts it short, what came stays."""

    def __init__(
        self, filing: Filing, device: str, hashed: str, offer: FileOffer, coming: Coming, media: frozenset[Media]
    ) -> None:
        self.device, self.length = device, offer.length
        self._filing, self._hashed, self._offer = filing, hashed, offer
        self._coming, self._media = coming, media

    def write(self, data: bytes) -> None:
        """Some more of it. Raises OSError."""
        self._coming.write(data)

    def end(self) -> FileHeld:
        """All of it has come. Raises EnvironmentFault evidence_wrong, evidence_kind."""
        return self._filing.end(self.device, self._hashed, self._offer, self._coming, self._media)

    def close(self) -> None:
        """No more comes."""
        self._coming.close()


def _hash_in(written: bytes) -> str:
    if len(written) != _HASH_BYTES:
        raise MessageError("no hash")
    return written.hex()
