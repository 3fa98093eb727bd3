"""Administrative units and villages: what a unit cell holds, and how it is read and written."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sync.domain.keys import commune_of
from sync.domain.text import nfc
from sync.domain.values import ContentError, canonical

MAX_NAME: Final = 200
CODE_DIGITS: Final = 5
"""Of the official code of a commune-level unit."""


class Level(StrEnum):
    """The tier that a unit stands on."""

    PROVINCE = "province"
    COMMUNE = "commune"
    VILLAGE = "village"


class UnitKind(StrEnum):
    """What a unit is: a province, one of its departments, a commune-level unit, or what lies below that."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special_zone"
    VILLAGE = "village"
    RESIDENTIAL_GROUP = "residential_group"

    @property
    def level(self) -> Level:
        if self in (UnitKind.PROVINCE, UnitKind.DEPARTMENT):
            return Level.PROVINCE
        if self in (UnitKind.VILLAGE, UnitKind.RESIDENTIAL_GROUP):
            return Level.VILLAGE
        return Level.COMMUNE


def level_of(unit: str) -> Level:
    """The tier that the unit of this key stands on; a department's is its province's."""
    commune = commune_of(unit)
    return Level.PROVINCE if commune is None else Level.COMMUNE if unit == commune else Level.VILLAGE


_KEY_SHAPES: Final = {
    UnitKind.PROVINCE: r"[0-9]{2}",
    UnitKind.DEPARTMENT: r"[0-9]{2}\.D[0-9]{2}",
    UnitKind.COMMUNE: r"[0-9]{2}\.[0-9]{5}",
    UnitKind.WARD: r"[0-9]{2}\.[0-9]{5}",
    UnitKind.SPECIAL_ZONE: r"[0-9]{2}\.[0-9]{5}",
    UnitKind.VILLAGE: r"[0-9]{2}\.[0-9]{5}\.[0-9]{3}",
    UnitKind.RESIDENTIAL_GROUP: r"[0-9]{2}\.[0-9]{5}\.[0-9]{3}",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. `code` is the official one, or "" where none exists (villages, departments).

    `valid_from` and `valid_to` are its first and last day, None where unknown or open; `decision` founded,
    changed or closed it. Raises ValueError when the key does not fit the kind, when the name is empty, too
    long or not NFC, and when it ends before it starts.
    """

    key: str
    kind: UnitKind
    name: str
    code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    decision: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if re.fullmatch(_KEY_SHAPES[self.kind], self.key) is None:
            raise ValueError(f"{self.kind} {self.key[:40]!r}")
        if not self.name.strip() or len(self.name) > MAX_NAME or nfc(self.name) != self.name:
            raise ValueError(f"name {self.name[:40]!r}")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"{self.valid_from} > {self.valid_to}")

    def existed_on(self, day: date) -> bool:
        """Whether it had begun and not ended; what is not known of it speaks for it."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def content(self) -> str:
        """What the unit's cell holds: canonical JSON of all but the key, which is the cell's address."""
        return canonical(
            {
                "kind": self.kind,
                "name": self.name,
                "code": self.code,
                "valid_from": self.valid_from and self.valid_from.isoformat(),
                "valid_to": self.valid_to and self.valid_to.isoformat(),
                "decision": self.decision,
                "source": self.source,
            }
        )

    @classmethod
    def of(cls, key: str, content: str) -> "Unit":
        """Read a unit's cell, past fields that a newer centre may add. Raises ContentError, also for a cleared one."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or not {"kind", "name"} <= found.keys():
                raise ContentError(content[:80])
            texts = {name: found.get(name, "") for name in ("name", "code", "decision", "source")}
            if any(not isinstance(text, str) for text in texts.values()):
                raise ContentError(content[:80])
            return cls(
                key=key,
                kind=UnitKind(found["kind"]),
                valid_from=_day(found.get("valid_from")),
                valid_to=_day(found.get("valid_to")),
                **texts,
            )
        except (ValueError, RecursionError) as error:
            raise ContentError(str(error)) from error


def _day(found: object) -> date | None:
    if found is None:
        return None
    if not isinstance(found, str):
        raise ContentError(repr(found)[:80])
    day = date.fromisoformat(found)
    if day.isoformat() != found:
        raise ContentError(found[:80])
    return day


def reporting_on(units: Iterable[Unit], day: date) -> list[Unit]:
    """Those of `units` that report a period which ends on that `day`, in their order: those that existed then.

    Where none below a unit did, the open ones do: figures of before a reorganisation are typed for the units of today.
    """
    found = list(units)
    there = {unit.key for unit in found if unit.existed_on(day)}
    without = {unit.key.rpartition(".")[0] for unit in found} - {key.rpartition(".")[0] for key in there}
    there |= {unit.key for unit in found if unit.valid_to is None and unit.key.rpartition(".")[0] in without}
    return [unit for unit in found if unit.key in there]
