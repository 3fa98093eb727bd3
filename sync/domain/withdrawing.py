"""Taking back what is parked: a change that says of another one, of the same device, that it shall have no effect.

What is in effect is not taken back by this, only typed over; and nothing is deleted: the log keeps both.
"""

from typing import Final

from sync.domain.keys import REGISTER, WITHDRAWAL, Key
from sync.domain.values import ContentError

TAKEN_BACK: Final = "true"
"""Content of a withdrawal; it is final."""

_DEVICE_LETTERS: Final = 20


def key_of(branch: str, n: int) -> Key:
    """The address of the withdrawal of the change with this name, in the stream of its device."""
    return Key(WITHDRAWAL, REGISTER + branch[:_DEVICE_LETTERS], branch, part=str(n))


def about(withdrawal: Key) -> tuple[str, int]:
    """Branch and number of the change that a withdrawal is about. Raises ContentError for what is no such address."""
    if not (withdrawal.part.isascii() and withdrawal.part.isdigit() and len(withdrawal.part) <= 16):
        raise ContentError(withdrawal.part[:80])
    branch, n = withdrawal.item, int(withdrawal.part)
    if withdrawal != key_of(branch, n):
        raise ContentError(withdrawal.unit[:80])
    return branch, n


def device_of(withdrawal: Key) -> str:
    """The device whose change a withdrawal is about."""
    return withdrawal.item[:_DEVICE_LETTERS]
