"""The model: every change that was ever typed, and who had seen what, as one plain graph without any engine."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sync.domain.keys import Key
from sync.domain.values import CLEARED
from sync.protocol.messages import Version
from tests.simulation.trace import Violation


class Edit(NamedTuple):
    """One change as it was typed."""

    version: Version
    key: Key
    content: str
    seen: tuple[Version, ...]
    author: str


Said = frozenset[tuple[Key, frozenset[str]]]
"""What stands in the cells of a form, each with the contents of all its heads; a cleared one as one never filled in."""


def plain(cells: Mapping[Key, Iterable[str]]) -> Said:
    """What stands in these cells."""
    said = {key: frozenset(contents) for key, contents in cells.items()}
    return frozenset((key, contents) for key, contents in said.items() if contents != {CLEARED})


class Model:
    """All edits, each with the set of edits that it has seen, transitively, as the bits of one number."""

    def __init__(self) -> None:
        self.edits: dict[Version, Edit] = {}
        self.gone: set[Version] = set()
        """Those that no log holds any more: their disks burnt before anyone else had them."""
        self.approved: dict[str, Said] = {}
        """What whoever approved a form had before them, by the digest with which they did."""
        self._bit: dict[Version, int] = {}
        self._before: dict[Version, int] = {}

    def add(self, edit: Edit) -> None:
        """A new edit, whose `seen` are known already."""
        unknown = [version for version in edit.seen if version not in self.edits]
        if unknown:
            raise Violation("I5", f"{edit.version} has seen {unknown}, which nobody typed")
        if edit.version in self.edits:
            raise Violation("I5", f"{edit.version} is {self.edits[edit.version]} and {edit}")
        self.edits[edit.version] = edit
        self._bit[edit.version] = 1 << len(self._bit)
        self._before[edit.version] = self._union(edit.seen)

    def approve(self, digest: str, said: Said) -> None:
        """Somebody approves a form in which they see this."""
        if self.approved.setdefault(digest, said) != said:
            raise Violation("I12", f"{digest} names {self.approved[digest]}, and {said}")

    def has_seen(self, later: Version, earlier: Version) -> bool:
        """Whether `later` descends from `earlier`."""
        return bool(self._before[later] & self._bit[earlier])

    def has_been_seen(self, version: Version, by: Iterable[Version]) -> bool:
        """Whether `version` is one of these or an ancestor of one."""
        bit = self._bit[version]
        return any(bit & (self._bit[other] | self._before[other]) for other in by)

    def heads(self, effective: Collection[Version]) -> set[Version]:
        """Those of `effective` that no other of them has seen: the head rule in its plainest form."""
        seen = 0
        for version in effective:
            seen |= self._before[version]
        return {version for version in effective if not self._bit[version] & seen}

    def heads_of_known(self, effective: Collection[Version], known: Collection[Version]) -> set[Version]:
        """The same where only what `known` versions have seen can be followed: others descend from nothing."""
        seen = set().union(*(self.seen_of_known(version, known) for version in effective)) if effective else set()
        return {version for version in effective if version not in seen}

    def seen_of_known(self, version: Version, known: Collection[Version]) -> set[Version]:
        """What `version` is known to have seen by whoever holds only `known` versions, and this one."""
        found: set[Version] = set()
        ends = list(self.edits[version].seen)
        while ends:
            seen = ends.pop()
            if seen not in found:
                found.add(seen)
                ends += self.edits[seen].seen if seen in known else ()
        return found

    def _union(self, versions: Iterable[Version]) -> int:
        found = 0
        for version in versions:
            found |= self._bit[version] | self._before[version]
        return found
