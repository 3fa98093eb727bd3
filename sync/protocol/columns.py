"""Columns of like things: what repeats is named once, what follows its neighbour becomes small, and zstd does the rest.

A column of integers is bytes: two's complement, 1, 2, 4 or 8 bytes a row, all lowest bytes first, then all next ones.
Whatever is read is checked against the number of rows it has to fill before memory is taken for them.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate, chain, islice, repeat
from operator import sub
from typing import Annotated, Final, TypeVar, cast

import msgspec

from sync.domain.keys import Key
from sync.protocol.messages import MAX_CONTENT, MAX_INTEGER, MAX_NAME, Version

MAX_ROWS: Final = 50_000
MAX_VERSIONS: Final = 200_000
"""Versions of one column: those seen or replaced in all its rows."""

Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Names = Annotated[list[Name], msgspec.Meta(max_length=MAX_ROWS)]
Hash = Annotated[bytes, msgspec.Meta(max_length=64)]
Hashes = Annotated[list[Hash], msgspec.Meta(max_length=MAX_ROWS)]
Extras = Annotated[list[Annotated[bytes, msgspec.Meta(max_length=MAX_CONTENT)]], msgspec.Meta(max_length=MAX_ROWS)]
_Content = Annotated[str, msgspec.Meta(max_length=MAX_CONTENT)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
Rows = Annotated[int, msgspec.Meta(ge=0, le=MAX_ROWS)]
Integers = Annotated[bytes, msgspec.Meta(max_length=8 * MAX_VERSIONS)]
Flags = Annotated[bytes, msgspec.Meta(max_length=MAX_ROWS)]

T = TypeVar("T", bound=tuple[object, ...])

_WIDTHS: Final = {1: "b", 2: "h", 4: "i", 8: "q"}
_ONE_BYTE: Final = 128
"""As many numbers from 0 on fit one byte."""

_BRANCH_BYTES: Final = 14
_MAX_DIGITS: Final = 15


class MessageError(ValueError):
    """Bytes that are no message of this protocol, or a message that it cannot say."""


class CodedTexts(msgspec.Struct, array_like=True, frozen=True):
    """Texts that repeat: the distinct ones, and for each row the place of its own; no places where none repeats."""

    distinct: Names
    places: Integers = b""


Texts = Name | CodedTexts
"""A column of one text, which most are, is that text alone."""


class CodedBranches(msgspec.Struct, array_like=True, frozen=True):
    """Branches that repeat: 14 bytes each, and for each row the place of its own."""

    distinct: Annotated[bytes, msgspec.Meta(max_length=_BRANCH_BYTES * MAX_ROWS)]
    places: Integers


Branches = Annotated[bytes, msgspec.Meta(max_length=_BRANCH_BYTES)] | CodedBranches


class Versions(msgspec.Struct, array_like=True, frozen=True):
    """Lists of versions, one list a row: how many in each row, and all their branches and numbers in turn."""

    counts: Annotated[int, msgspec.Meta(ge=0, le=MAX_VERSIONS)] | Integers
    branches: Branches
    numbers: Integers


class Contents(msgspec.Struct, array_like=True, frozen=True):
    """Contents that are whole numbers, as numbers; the others as texts, and the rows where they stand.

    Without rows the others are all there are.
    """

    numbers: Integers
    others: Annotated[list[_Content], msgspec.Meta(max_length=MAX_ROWS)] = []
    rows: Integers = b""


class Keys(msgspec.Struct, array_like=True, frozen=True):
    kinds: Texts
    units: Texts
    items: Texts
    periods: Texts
    parts: Texts


def integers(numbers: Sequence[int]) -> bytes:
    """`numbers` in as few bytes each as the largest needs."""
    if not numbers:
        return b""
    least, most = min(numbers), max(numbers)
    width = next((width for width in _WIDTHS if -(1 << 8 * width - 1) <= least and most < 1 << 8 * width - 1), 0)
    if not width:
        raise MessageError("a number is too large")
    raw = struct.pack(f"<{len(numbers)}{_WIDTHS[width]}", *numbers)
    return raw if width == 1 else b"".join(raw[place::width] for place in range(width))


def read_integers(column: bytes, rows: int) -> tuple[int, ...]:
    width = len(column) // rows if rows else 0
    if len(column) != rows * width or (rows and width not in _WIDTHS):
        raise MessageError("a column does not fit its rows")
    if not rows:
        return ()
    raw = bytearray(column)
    if width > 1:
        for place in range(width):
            raw[place::width] = column[place * rows : (place + 1) * rows]
    return struct.unpack(f"<{rows}{_WIDTHS[width]}", raw)


def deltas(numbers: Sequence[int]) -> bytes:
    """Each number as its distance from the one before: neighbours in time and sequence become small."""
    if not numbers:
        return b""
    return integers([numbers[0], *map(sub, numbers[1:], numbers)])


def read_deltas(column: bytes, rows: int, least: int = 0) -> list[int]:
    """The numbers, each at least `least`."""
    numbers = list(accumulate(read_integers(column, rows)))
    _bounded(numbers, least)
    return numbers


def read_times(column: bytes, rows: int) -> list[int]:
    """Times written as deltas: any clock's."""
    return read_deltas(column, rows, -MAX_INTEGER)


def read_counts(column: bytes, rows: int) -> tuple[int, ...]:
    """Numbers of things, none of them negative."""
    numbers = read_integers(column, rows)
    _bounded(numbers, 0)
    return numbers


def _bounded(numbers: Sequence[int], least: int) -> None:
    if numbers and (min(numbers) < least or max(numbers) > MAX_INTEGER):
        raise MessageError("a number is too large or too small")


def texts(rows: Sequence[str]) -> Texts:
    distinct = list(dict.fromkeys(rows))
    if len(distinct) == 1:
        return rows[0]
    return CodedTexts(distinct, b"" if len(distinct) == len(rows) else _coded(rows, distinct))


def read_texts(column: Texts, rows: int) -> list[str]:
    if isinstance(column, str):
        return [column] * rows
    if not column.places:
        if len(column.distinct) != rows:
            raise MessageError("a column does not fit its rows")
        return column.distinct
    return list(map(column.distinct.__getitem__, _places(column.places, rows, len(column.distinct))))


def branches(rows: Sequence[str]) -> Branches:
    distinct = list(dict.fromkeys(rows))
    raw = b"".join(map(_raw_branch, distinct))
    return raw if len(distinct) == 1 else CodedBranches(raw, _coded(rows, distinct))


def read_branches(column: Branches, rows: int) -> list[str]:
    raw = column if isinstance(column, bytes) else column.distinct
    names = raw.hex()
    letters = 2 * _BRANCH_BYTES
    distinct = [names[start : start + letters] for start in range(0, len(names), letters)]
    if len(raw) % _BRANCH_BYTES or (rows and not raw):
        raise MessageError("no branch")
    if isinstance(column, bytes):
        return distinct * rows
    return list(map(distinct.__getitem__, _places(column.places, rows, len(distinct))))


def _raw_branch(branch: str) -> bytes:
    try:
        raw = bytes.fromhex(branch)
    except ValueError:
        raw = b""
    if len(raw) != _BRANCH_BYTES or raw.hex() != branch:
        raise MessageError("no branch")
    return raw


def _coded(rows: Sequence[str], distinct: Sequence[str]) -> bytes:
    """For each row the place of its own among the distinct ones."""
    place_of = dict(zip(distinct, range(len(distinct)), strict=True))
    places = map(place_of.__getitem__, rows)
    return bytes(places) if len(distinct) <= _ONE_BYTE else integers(list(places))


def _places(column: bytes, rows: int, distinct: int) -> Sequence[int]:
    # Places of one byte are their own numbers; with more distinct ones than that the column is wider.
    places = column if len(column) == rows and distinct <= _ONE_BYTE else read_integers(column, rows)
    if places and (min(places) < 0 or max(places) >= distinct):
        raise MessageError("a place outside its column")
    return places


def keys(rows: Sequence[Key]) -> Keys:
    return Keys(*map(texts, zip(*rows, strict=True)))


def read_keys(column: Keys, rows: int) -> list[Key]:
    parts = (column.kinds, column.units, column.items, column.periods, column.parts)
    return _tuples(Key, *(read_texts(part, rows) for part in parts))


def _tuples(kind: type[T], *columns: Sequence[object]) -> list[T]:
    """Named tuples of the columns' rows. Made by the tuple's own maker: their own takes four times as long."""
    return list(map(tuple.__new__, repeat(kind), zip(*columns, strict=True)))


def some_keys(rows: Sequence[Key | None]) -> tuple[bytes, Keys | None]:
    """For each row whether it has a key, and the keys of those that have."""
    given = [key for key in rows if key is not None]
    return bytes(key is not None for key in rows), keys(given) if given else None


def read_some_keys(column: Keys | None, given: bytes) -> list[Key | None]:
    """A key for each row whose flag is 1, None for the others."""
    count = given.count(1)
    if count + given.count(0) != len(given) or (column is None and count):
        raise MessageError("neither a key nor none")
    found = iter(read_keys(column, count) if column else ())
    return [next(found) if flag else None for flag in given]


def versions(lengths: Sequence[int], flat: Sequence[Version]) -> Versions | None:
    """Rows of so many versions each, which follow one another in `flat`; None where no row has any."""
    if not flat:
        return None
    same = len(set(lengths)) == 1
    names, numbers = zip(*flat, strict=True)
    return Versions(lengths[0] if same else integers(lengths), branches(names), deltas(numbers))


def lists(rows: Sequence[Sequence[Version]]) -> Versions | None:
    """A list of versions a row."""
    return versions(list(map(len, rows)), list(chain.from_iterable(rows)))


def read_versions(column: Versions | None, rows: int) -> list[tuple[Version, ...]]:
    """The versions of each row."""
    if column is None:
        return [()] * rows
    lengths, flat = read_flat_versions(column, rows)
    ends = accumulate(lengths)
    return [tuple(flat[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


def read_flat_versions(column: Versions, rows: int) -> tuple[Sequence[int], list[Version]]:
    """How many versions each row has, and all of them in turn."""
    each = column.counts
    lengths: Sequence[int] = [each] * rows if isinstance(each, int) else read_counts(each, rows)
    total = sum(lengths)
    if total > MAX_VERSIONS:
        raise MessageError("too many versions")
    return lengths, _tuples(Version, read_branches(column.branches, total), read_deltas(column.numbers, total))


def number_lists(rows: Sequence[Sequence[int]]) -> tuple[bytes, bytes]:
    """How many numbers each row has, and all of them, which nearly always follow one another; nothing for none."""
    found = list(chain.from_iterable(rows))
    return (integers(list(map(len, rows))), deltas(found)) if found else (b"", b"")


def read_number_lists(column: bytes, lengths: bytes, rows: int) -> list[list[int]]:
    if not lengths:
        return [[] for _ in range(rows)]
    counts = read_counts(lengths, rows)
    if sum(counts) > MAX_ROWS:
        raise MessageError("too many numbers")
    found = iter(read_deltas(column, sum(counts), 1))
    return [list(islice(found, count)) for count in counts]


def contents(rows: Sequence[str]) -> Contents:
    number_of = {text: int(text) if _is_integer(text) else None for text in set(rows)}
    found = list(map(number_of.__getitem__, rows))
    if None not in number_of.values():
        return Contents(integers(cast(list[int], found)))
    numbers = integers([number for number in found if number is not None])
    others = [row for row, number in enumerate(found) if number is None]
    return Contents(numbers, [rows[row] for row in others], deltas(others) if numbers else b"")


def _is_integer(text: str) -> bool:
    """Whether a text is a whole number in its one spelling, and of no more digits than a number keeps."""
    digits = text[1:] if text[:1] == "-" else text
    if not digits.isdecimal() or not digits.isascii() or len(digits) > _MAX_DIGITS:
        return False
    return digits[0] != "0" or text == "0"


def read_contents(column: Contents, rows: int) -> list[str]:
    others = column.others
    if len(others) > rows:
        raise MessageError("a column does not fit its rows")
    numbers = list(map(str, read_integers(column.numbers, rows - len(others))))
    if not others:
        return numbers
    if len(others) == rows:
        return others
    found: list[str] = []
    for before, (row, text) in enumerate(zip(read_deltas(column.rows, len(others)), others, strict=True)):
        if not len(found) <= row < rows:
            raise MessageError("contents outside their rows")
        found += numbers[len(found) - before : row - before]
        found.append(text)
    return found + numbers[len(found) - len(others) :]


def extras(rows: Sequence[bytes]) -> list[bytes]:
    """Nothing where no row has any."""
    return list(rows) if any(rows) else []


def read_extras(column: list[bytes], rows: int) -> list[bytes]:
    if column and len(column) != rows:
        raise MessageError("a column does not fit its rows")
    return column or [b""] * rows
