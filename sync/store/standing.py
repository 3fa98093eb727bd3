"""What stands in a cell as the centre serves it, together with what a restored centre has lost of it."""

from collections.abc import Collection
from typing import Final, NamedTuple

import msgspec

from sync.domain.authors import is_one_hand
from sync.protocol.digests import heads_of, versions_of
from sync.protocol.messages import Head, Version


class Lost(NamedTuple):
    """Heads that the centre once served and no longer serves, though nothing that it serves says that it replaced
    them; and the versions that they had replaced.

    It may hold them all the same, in a history that it does not serve: so it is asked.
    """

    heads: tuple[Head, ...] = ()
    prev: tuple[Version, ...] = ()

    def without(self, known: Collection[Version], heads: Collection[Head] = ()) -> "Lost":
        """Those that `known` versions and `heads`, which the centre holds or somebody has decided over, leave open.

        Whoever types into a cell has seen what they last typed there: a later head of one hand stands for those
        before it.
        """
        left = tuple(
            lost
            for lost in self.heads
            if lost.version not in known and not any(_stands_for(head, lost) for head in heads)
        )
        return Lost(left, self.prev) if left else NOTHING_LOST

    def and_also(self, heads: tuple[Head, ...], prev: tuple[Version, ...]) -> "Lost":
        """These, and heads that the centre served until now; but what these had replaced they stand in front of."""
        names = {*self.prev, *(head.version for head in self.heads)}
        more = tuple(head for head in heads if head.version not in names)
        return Lost((*self.heads, *more), tuple(dict.fromkeys((*self.prev, *prev)))) if more else self


def _stands_for(head: Head, lost: Head) -> bool:
    """Whether they are the same, or both were typed by one hand, in one opening of a store, and `lost` first."""
    (branch, n), (lost_branch, lost_n) = head.version, lost.version
    return branch == lost_branch and (n == lost_n or (n > lost_n and is_one_hand(head.author, lost.author)))


NOTHING_LOST: Final = Lost()
_lost: Final = msgspec.msgpack.Decoder(Lost).decode


class Standing(NamedTuple):
    """What stands in a cell but for what is open here: the centre's heads, with those that it has lost.

    `lost` names the heads that a restored centre no longer holds. They stay in front of what they had replaced and
    beside everything else, until the centre holds them again or somebody decides.
    """

    heads: tuple[Head, ...]
    prev: tuple[Version, ...]
    lost: frozenset[Version] = frozenset()


def standing(heads: tuple[Head, ...], prev: tuple[Version, ...], lost: Lost) -> Standing:
    """The centre's `heads` with the versions that they replaced, together with what it has lost."""
    if not lost.heads:
        return Standing(heads, prev)
    names = frozenset(head.version for head in lost.heads)
    # Which of several lost heads had replaced what is not known: then rather one too many is shown.
    hidden = {*names, *(lost.prev if len(lost.heads) == 1 else ())}
    beside = tuple(head for head in heads if head.version not in hidden)
    replaced = tuple(dict.fromkeys((*lost.prev, *prev)))
    return Standing((*lost.heads, *beside), replaced, names)


def read_standing(heads: bytes, prev: bytes, lost: bytes) -> Standing:
    """What stands in a cell, of the columns heads, prev and lost."""
    return standing(heads_of(heads), versions_of(prev), read_lost(lost))


def read_lost(written: bytes) -> Lost:
    """What the centre has lost of a cell, of its column."""
    return _lost(written) if written else NOTHING_LOST
