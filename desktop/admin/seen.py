"""What the centre tells an administrator of the unit that they administer, as the room shows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key

Said = Mapping[str, object]
"""What an order says."""


class Held(NamedTuple):
    """A role of a person."""

    person: str
    role: str
    unit: str
    up_to: str


class Computer(NamedTuple):
    """A device of the centre's list. `held` is how many changes of it are held since it was revoked; `people` are those
    who use it, None while nobody has said who they are."""

    device: str
    name: str
    person: str
    units: tuple[str, ...]
    enrolled_at: datetime
    is_revoked: bool
    is_copied: bool
    held: int
    people: tuple[str, ...] | None


class Overview(NamedTuple):
    """Everything but the audit. `people` are those who hold a role there, with what they hold."""

    people: Mapping[str, tuple[Held, ...]]
    computers: tuple[Computer, ...]
    more: bool


class Entry(NamedTuple):
    """One entry of the audit; `content` is what was decided, "" for figures."""

    n: int
    at: datetime
    person: str
    typed_at: datetime
    key: Key
    outcome: str
    reason: str
    content: str


def role_at(role: str, unit: str, names: Mapping[str, str]) -> str:
    """A role and the unit at which it is held, in words."""
    return f"{say(f'admin.role.{role}')} {names.get(unit, unit)}"


def overview_of(said: Any) -> Overview:
    """Read what the centre told. Raises EnvironmentFault answer_damaged."""
    try:
        waiting: dict[str, int] = {}
        for device, _, count, *_ in said["escrow"]:
            waiting[device] = waiting.get(device, 0) + count
        people = {name: tuple(Held(name, *grant) for grant in grants) for name, grants in said["people"]}
        users = said["device_people"]
        computers = tuple(_computer(row, waiting.get(row[0], 0), users.get(row[0])) for row in said["devices"])
        return Overview(people, computers, said["more"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EnvironmentFault("answer_damaged") from error


def _computer(row: Any, held: int, people: Any) -> Computer:
    device, name, person, units, at, revoked_at, forks = row
    theirs = None if people is None else tuple(people)
    return Computer(device, name, person, tuple(units), _moment(at), revoked_at is not None, forks > 0, held, theirs)


def entries_of(said: Any) -> list[Entry]:
    """Read entries of the audit. Raises EnvironmentFault answer_damaged."""
    try:
        return [
            Entry(n, _moment(at), person, _moment(typed_at), Key(*key), outcome, reason, content)
            for n, at, _, person, typed_at, key, outcome, reason, content in said
        ]
    except (TypeError, ValueError) as error:
        raise EnvironmentFault("answer_damaged") from error


def _moment(at: int) -> datetime:
    """A time of a clock that may be wrong by any number of years, as near as a calendar has it."""
    return datetime.fromtimestamp(min(max(at, 0), 253_000_000_000), UTC)
