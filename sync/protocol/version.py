"""The protocol's number, and what each number changed."""

from typing import Final

PROTOCOL: Final = 7
"""1: push and pull in one request, streams with cursors, sealed columnar messages.
2: proofs of convergence (page digests, checks, heals, lost and known versions) and receipts.
3: dictionaries, and one hash in place of many cursors.
4: an enrolment brings the centre's recovery key.
5: what a device has just pushed comes back to it by number.
6: a unit of the scope may name the last sensitivity class that is seen of it (`domain.rights.root`);
   administrators give orders.
7: files of evidence, in pieces.
"""

FIRST_WITH_PROOFS: Final = 2
FIRST_WITH_RESEND: Final = 3
FIRST_WITH_NUMBERS: Final = 5
FIRST_WITH_CLASSES: Final = 6
FIRST_WITH_ORDERS: Final = 6
FIRST_WITH_FILES: Final = 7

OLDEST: Final = 1
"""The oldest protocol that is still answered."""


def refusal_of(protocol: int) -> str:
    """Why the centre does not answer this protocol; "" for one that it does."""
    if protocol < OLDEST:
        return "protocol_old"
    return "protocol_new" if protocol > PROTOCOL else ""
