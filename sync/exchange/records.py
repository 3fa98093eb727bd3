"""One line of a table read cell by cell into typed values: what is wrong is noted, and reading goes on."""

import re
from collections.abc import Container, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final, TypeVar

from sync.domain.numbers import Convention, NumberError, parse_number
from sync.exchange.tables import Line, Wrong

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Record:
    """A line whose faults go to `wrongs`, all of them; what cannot be read gets a stand-in.

    So whoever reads must raise once `wrongs` holds anything, and let nothing that was read get out.
    """

    def __init__(self, file: str, line: Line, wrongs: list[Wrong]) -> None:
        self.file = file
        self.number = line.number
        self._cells = line.cells
        self._wrongs = wrongs

    def wrong(self, reason: str, text: str = "") -> None:
        self._wrongs.append(Wrong(self.file, self.number, reason, text[:200]))

    def optional(self, column: str) -> str:
        """The text, "" where there is none or the column is absent."""
        return self._cells.get(column, "")

    def text(self, column: str) -> str:
        """The text, which has to be there."""
        found = self.optional(column)
        if not found:
            self.wrong("empty", column)
        return found

    def key(self, taken: Container[str], column: str = "key") -> str:
        """A key of ours: a plain identifier that no line before has."""
        found = self.text(column)
        if found and not _KEY.fullmatch(found):
            self.wrong("key_invalid", found)
        elif found in taken:
            self.wrong("duplicate_key", found)
        return found

    def member(self, column: str, kind: type[E]) -> E:
        """A member of an enumeration by its name in small letters."""
        return self._member(column, self.optional(column), kind)

    def members(self, column: str, kind: type[E]) -> frozenset[E]:
        """Members divided by semicolons, at least one."""
        return frozenset(self._member(column, name.strip(), kind) for name in self.optional(column).split(";"))

    def _member(self, column: str, name: str, kind: type[E]) -> E:
        found = kind.__members__.get(name.upper())
        if found is not None and name == name.lower():
            return found
        self.wrong("value_unknown", f"{column}: {name}")
        return next(iter(kind))

    def whole(self, column: str, least: int, most: int) -> int:
        """A whole number in these bounds; `least` where there is none."""
        found = self.optional(column)
        if not found:
            return least
        if re.fullmatch("[0-9]{1,9}", found) and least <= int(found) <= most:
            return int(found)
        self.wrong("number_invalid", f"{column}: {found}")
        return least

    def decimal(self, column: str) -> Decimal | None:
        """A number with a decimal point, None where there is none."""
        found = self.optional(column)
        try:
            return parse_number(found, Convention.ENGLISH) if found else None
        except NumberError:
            self.wrong("number_invalid", f"{column}: {found}")
            return None

    def day(self, column: str) -> date | None:
        """A day written 2026-11-20, None where there is none."""
        found = self.optional(column)
        try:
            day = date.fromisoformat(found) if found else None
        except ValueError:
            day = None
        if found and (day is None or day.isoformat() != found):
            self.wrong("date_invalid", f"{column}: {found}")
        return day

    def reference(self, column: str, known: Mapping[str, T], stand_in: T) -> T:
        """What another file calls by this key."""
        found = self.optional(column)
        if found not in known:
            self.wrong(f"unknown_{column}", found)
        return known.get(found, stand_in)
