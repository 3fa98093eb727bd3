"""The centre's word on what it received, which it can check itself after it was restored and has forgotten."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from sync.domain.heads import Outcome
from sync.protocol.messages import Link, Push, Result

MAC_BYTES: Final = 16
_PURPOSE: Final = b"soxa receipt"


def receipt_key(seed: bytes) -> bytes:
    """The key of receipts, from the seed of the centre's key, which is kept outside the database."""
    return blake2b(seed, digest_size=32, person=_PURPOSE).digest()


def mac(key: bytes, device: str, first_n: int, last: Link, results: Sequence[Result]) -> bytes:
    """The check on a receipt: over every change from `first_n` up to `last`, and what became of them."""
    said = msgspec.msgpack.encode((device, first_n, last, list(results)))
    return blake2b(said, digest_size=MAC_BYTES, key=key).digest()


def mac_of_one(key: bytes, device: str, link: Link) -> bytes:
    """The check on a receipt of the one change at `link`, which took effect after it had been parked."""
    return mac(key, device, link.n, link, ())


def had_effect(key: bytes, device: str, push: Push, links: Sequence[Link]) -> frozenset[int]:
    """Numbers of the pushed changes that the centre once gave their effect, by receipts that it made itself.

    `links` are those of the pushed changes: a receipt speaks of the chain that ends in its own.
    """
    held = set(links)
    effective: set[int] = set()
    for receipt in push.receipts:
        if receipt.last in held and receipt.mac == mac(key, device, receipt.first_n, receipt.last, receipt.results):
            parked = {result.n for result in receipt.results if result.outcome is Outcome.PARKED}
            effective.update(n for n in range(receipt.first_n, receipt.last.n + 1) if n not in parked)
    return frozenset(effective)
