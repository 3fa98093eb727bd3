"""Who has seen whom, as far as the head rule needs it: never a cell's whole history, however long or dense it is.

Whatever has effect here is a head or was seen by one, so nothing that still stands lies behind it. Only what has no
effect here, because it is parked or is not held, has to be followed and remembered: once it was seen by a change with
effect it is *overtaken*, and takes its place in the history should it ever take effect or arrive. A version is
followed once in its life, so a push costs what it brings, not what came before it.
"""

from collections.abc import Collection, Sequence, Set
from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, select, text

from sync.central.batches import batches, wanted
from sync.central.tables import overtaken
from sync.domain.heads import Outcome
from sync.domain.keys import Key
from sync.protocol.digests import versions_of
from sync.protocol.messages import Change, Version

MAX_FOLLOWED: Final = 1_000
"""Versions that one transaction follows. Those behind count as descending from nothing, as what the centre
lacks does: a rival may be shown that somebody had seen, and none is ever overwritten."""

_VERSION: Final = ("device", "n", "branch")
_NAMES: Final = ("branch", "n", *Key._fields)
_OF_BRANCH: Final = select(*(overtaken.c[name] for name in _NAMES)).where(
    overtaken.c.province_code == bindparam("province"),
    overtaken.c.branch == bindparam("of_branch"),
    overtaken.c.n.between(bindparam("first"), bindparam("last")),
)
_INSERT: Final = text(
    f"INSERT INTO {overtaken.name} (province_code, {', '.join(_NAMES)})"
    f" VALUES (:province, {', '.join(f':{name}' for name in _NAMES)}) ON CONFLICT DO NOTHING"
)


class _Held(NamedTuple):
    """A change of the log or of this transaction."""

    key: Key
    seen: Sequence[Version]
    has_effect: bool


class Ancestry:
    """Of one transaction, in which `arriving` changes come; those that its streams' locks keep to it."""

    def __init__(self, connection: Connection, province: str, arriving: Collection[Change]) -> None:
        self._connection = connection
        self._province = province
        self._held: dict[Version, _Held | None] = {}
        self._overtaken: set[tuple[Version, Key]] = set()
        self._new: list[tuple[Version, Key]] = []
        self._left = MAX_FOLLOWED
        numbers: dict[str, list[int]] = {}
        for change in arriving:
            numbers.setdefault(change.branch, []).append(change.n)
        for branch, found in numbers.items():
            values = {"province": province, "of_branch": branch, "first": min(found), "last": max(found)}
            for row in connection.execute(_OF_BRANCH, values):
                self._overtaken.add((Version(*row[:2]), Key(*row[2:])))

    def look_up(self, versions: Collection[Version]) -> None:
        """Read those of the log that are not known yet, all in a few statements."""
        unknown = [version for version in dict.fromkeys(versions) if version not in self._held]
        self._held |= dict.fromkeys(unknown)
        names = [(version.device, version.n, version.branch) for version in unknown]
        for count, values in batches(_VERSION, names):
            values |= {"province": self._province, "parked": Outcome.PARKED.value}
            for branch, n, seen, is_parked, is_overtaken, *address in self._connection.execute(_reading(count), values):
                version, key = Version(branch, n), Key(*address)
                self._held[version] = _Held(key, versions_of(seen), not is_parked)
                if is_overtaken:
                    self._overtaken.add((version, key))

    def keep(self, change: Change, *, has_effect: bool) -> None:
        """What became of a change of this transaction."""
        self._held[change.version] = _Held(change.key, change.seen, has_effect)

    def was_overtaken(self, change: Change) -> bool:
        """Whether something with effect had seen it, when it had none."""
        return (change.version, change.key) in self._overtaken

    def is_seen(self, change: Change, heads: Sequence[Version], standing: Collection[Version]) -> bool:
        """Whether one of `heads` has seen `change`, and is not seen by it in turn, whatever devices claim."""
        if not self.was_overtaken(change):
            return False
        reached, _ = self._reach(change.key, change.seen, standing)
        others = [head for head in heads if head not in reached]
        # Nearly always what has overtaken it stands, or was seen by what does. Else who knows: perhaps a loop.
        return bool(others) and (len(others) == len(heads) or self._descends(others, change.version))

    def reached(self, key: Key, seen: Collection[Version], standing: Collection[Version]) -> Set[Version]:
        """All that whoever has `seen` these has seen, as `take` gives it, without anything taking effect."""
        return self._reach(key, seen, standing)[0]

    def take(self, key: Key, seen: Collection[Version], standing: Collection[Version]) -> Set[Version]:
        """Something that has effect in the cell `key` has `seen` these: all that it has seen, up to what has effect.

        Of `standing` versions it is known that they have, or are overtaken already.
        """
        reached, overtaken = self._reach(key, seen, standing)
        self._overtaken.update(overtaken)
        self._new += overtaken
        return reached

    def write(self) -> None:
        """Remember what was overtaken."""
        rows = [
            {"province": self._province, "branch": version.branch, "n": version.n, **key._asdict()}
            for version, key in self._new
        ]
        if rows:
            self._connection.execute(_INSERT, rows)

    def _reach(
        self, key: Key, seen: Collection[Version], standing: Collection[Version]
    ) -> tuple[set[Version], list[tuple[Version, Key]]]:
        """What is seen through all that has no effect, and that part of it which was not overtaken before."""
        reached: set[Version] = set()
        fresh: list[tuple[Version, Key]] = []
        ends: Collection[Version] = seen
        while ends:
            ends = [version for version in dict.fromkeys(ends) if version not in reached]
            reached.update(ends)
            open_ends = [version for version in ends if version not in standing]
            self.look_up(open_ends)
            without_effect = [
                version
                for version in open_ends
                if (version, key) not in self._overtaken and not self._has_effect(version, key)
            ]
            fresh += [(version, key) for version in without_effect]
            ends = [behind for version in without_effect for behind in self._behind(version)]
        return reached, fresh

    def _descends(self, heads: Collection[Version], version: Version) -> bool:
        """Whether one of `heads` has seen `version`, by the log itself."""
        reached: set[Version] = set()
        ends = heads
        while ends and version not in reached:
            self.look_up(ends)
            ends = [behind for end in ends for behind in self._behind(end) if behind not in reached]
            reached.update(ends)
        return version in reached

    def _has_effect(self, version: Version, key: Key) -> bool:
        held = self._held[version]
        # A version of another cell says nothing here.
        return held is not None and (held.has_effect or held.key != key)

    def _behind(self, version: Version) -> Sequence[Version]:
        """What a version names, as long as any more may be followed."""
        held = self._held[version]
        if held is None or not held.seen or self._left <= 0:
            return ()
        self._left -= 1
        return held.seen


@cache
def _reading(count: int) -> TextClause:
    """Reads `count` changes by name."""
    address = ", ".join(f"change.{name}" for name in Key._fields)
    this = " AND ".join(f"change.{name} = wanted_{name}" for name in _VERSION)
    same = " AND ".join(f"overtaken.{name} = change.{name}" for name in ("province_code", *_NAMES))
    return text(
        f"{wanted(_VERSION, count)}"
        f" SELECT change.branch, change.n, change.seen, outcome = :parked, overtaken.n IS NOT NULL, {address}"
        f" FROM wanted JOIN change ON change.province_code = :province AND {this} LEFT JOIN overtaken ON {same}"
    )
