"""Where a block from the clipboard goes, and what its texts mean there."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import cycle
from typing import NamedTuple

from desktop.entry.clipboard import Copied, Piece
from desktop.entry.model import GridModel
from desktop.entry.reading import LONGEST, edited_text, value_of
from desktop.entry.selection import Block
from desktop.entry.writing import MOST_CELLS, Ambiguous
from desktop.widgets.words import convention
from sync.domain.catalogue import NUMBERS, Indicator
from sync.domain.keys import Key
from sync.domain.numbers import MAX_DIGITS, Convention, NumberError, parse_number
from sync.domain.periods import Period
from sync.domain.values import CLEARED, EMPTY, Value


class Refusal(NamedTuple):
    """Why nothing is done: a key of entry.refused, and what its words name."""

    reason: str
    details: Mapping[str, object]


class Target(NamedTuple):
    """A cell that takes a piece of the block."""

    key: Key
    indicator: Indicator
    piece: Piece


class Laid(NamedTuple):
    """The block in its place: the `rows` of the grid that it covers, from the left to the right of `block`."""

    model: GridModel
    copied: Copied
    block: Block
    rows: Sequence[int]

    @property
    def size(self) -> int:
        """How many cells take a piece."""
        wide = min(self.block.right + 1, self.model.columns_typed) - self.block.left
        return sum(self.model.lines[row].typed for row in self.rows) * max(0, wide)

    def targets(self) -> Iterator[tuple[Indicator, list[Key | None], int]]:
        """Those cells, row by row, each with the row of the block that falls on it, on whatever thread."""
        columns = range(self.block.left, self.block.right + 1)
        for place, row in enumerate(self.rows):
            line = self.model.lines[row]
            if line.indicator is not None and line.typed:
                yield line.indicator, self.model.layout.keys(row, columns), place % self.copied.height

    def refusal(self, alone: bool) -> Refusal | None:
        """What speaks against it; a value that stands `alone` is for the cells that can be typed."""
        if any(max(map(len, texts), default=0) > LONGEST for texts in self.copied.texts):
            return Refusal("too_long", {"most": LONGEST})
        if self.block.left >= self.model.columns_typed:
            return Refusal("only_computed", {})
        for place, row in enumerate(self.rows):
            if self.copied.ours or alone:
                break
            texts = self.copied.texts[place % self.copied.height]
            first, last = 0, self.block.width
            if self.model.lines[row].typed:
                # What is repeated over all columns is not meant for the total.
                first = self.model.columns_typed - self.block.left
                last = last if self.copied.width == last else 0
            for across in range(max(0, first), last):
                shown = self.model.face(row, self.block.left + across).text
                if texts[across % len(texts)].strip() not in ("", shown):
                    return Refusal("computed", {"line": self.model.line_title(row)})
        return None if self.size else Refusal("only_computed", {})


def lay(model: GridModel, copied: Copied, chosen: Block) -> Laid | Refusal:
    """Lay a block over the chosen cells: once, or as often as it goes into them without a rest.

    A computed cell takes nothing. What was copied in this program leaves it out; another block must have nothing
    there or the same figure: else it was made for other lines, and all below would stand one too low.
    """
    lines = [row for row, line in enumerate(model.lines) if line.indicator is not None]
    covered = [row for row in lines if chosen.top <= row <= chosen.bottom]
    if not covered:
        return Refusal("nowhere", {})
    height, width = copied.height, copied.width
    if len(covered) % height or chosen.width % width:
        first = lines.index(covered[0])
        covered, across = lines[first : first + height], width
    else:
        across = chosen.width
    free = model.columnCount() - chosen.left
    if len(covered) < height or across > free:
        there = {"rows": height, "columns": width, "free_rows": len(covered), "free_columns": min(free, across)}
        return Refusal("too_large", there)
    if len(covered) * across > MOST_CELLS:
        return Refusal("too_many", {"count": MOST_CELLS})
    block = Block(covered[0], chosen.left, covered[-1], chosen.left + across - 1)
    alone = height == width == 1 and len(covered) * across > 1
    laid = Laid(model, copied, block, covered)
    return laid.refusal(alone) or laid


def contents_of(laid: Laid, chosen: Convention | None = None) -> dict[Key, str]:
    """What each cell shall hold. Raises Ambiguous where a convention must be `chosen` and was not."""
    contents: dict[Key, str] = {}
    others: list[Target] = []
    texts, told = laid.copied.texts, laid.copied.told
    for indicator, keys, place in laid.targets():
        row, is_number = texts[place], indicator.type in NUMBERS
        # Digits alone, which every convention reads alike: nearly always, and there may be very many.
        if not told and is_number and _are_plain(row):
            row_contents = cycle([text.lstrip("0") or "0" for text in row])
            contents.update((key, content) for key, content in zip(keys, row_contents, strict=False) if key is not None)
            continue
        for key, piece in zip(keys, cycle(told[place] if told else map(Piece, row)), strict=False):
            if key is None:
                continue
            if is_number and not told and _are_plain((piece.text,)):
                contents[key] = piece.text.lstrip("0") or "0"
                continue
            contents[key] = CLEARED  # in its place, until it is known
            if piece.number is not None or piece.content or piece.text.strip():
                others.append(Target(key, indicator, piece))
    own = convention()
    if chosen is None:
        _ask_for_convention(others, own)
    for target in others:
        contents[target.key] = _value(target, chosen or own).content()
    return contents


def _are_plain(texts: Sequence[str]) -> bool:
    """Whether each is a number of digits alone."""
    together = "".join(texts)
    return together.isdigit() and together.isascii() and 0 < min(map(len, texts)) <= max(map(len, texts)) <= MAX_DIGITS


def _ask_for_convention(targets: Sequence[Target], own: Convention) -> None:
    """Raise Ambiguous unless every figure that can be one fits its indicator as the own convention reads it."""
    other = Convention.ENGLISH if own is Convention.VIETNAMESE else Convention.VIETNAMESE
    certain, doubtful = False, None
    for target in targets:
        piece = target.piece
        if target.indicator.type not in NUMBERS or piece.number is not None or piece.content:
            continue
        ours, theirs = (_fitting(piece.text, target.indicator, one) for one in (own, other))
        if ours is None and theirs is not None:
            raise Ambiguous(piece.text, {other: theirs, own: _parsed(piece.text, own)})
        certain = certain or (ours is not None and theirs is None)
        if ours is not None and theirs is not None and ours != theirs:
            doubtful = doubtful or Ambiguous(piece.text, {own: ours, other: theirs})
    if doubtful is not None and not certain:
        raise doubtful


def _value(target: Target, shown: Convention) -> Value:
    """The piece as the cell takes it. Its own content or exact number goes before its text."""
    piece, indicator = target.piece, target.indicator
    numeric = indicator.type in NUMBERS
    if piece.content:
        value = Value.of(piece.content)
        if value.missing is not None or value.is_empty:
            return Value(missing=value.missing)
        if numeric and value.number is not None:
            return Value(number=value.number)
        return value_of(edited_text(value), indicator)
    if numeric and piece.number is not None:
        return Value(number=piece.number)
    if not piece.text.strip():
        return EMPTY
    return value_of(piece.text, indicator, shown, Period.parse(target.key.period).year)


def _parsed(text: str, of: Convention) -> Decimal | None:
    try:
        return parse_number(text, of)
    except NumberError:
        return None


def _fitting(text: str, indicator: Indicator, of: Convention) -> Decimal | None:
    """The number that a convention reads, where it has no more decimals than the indicator."""
    found = _parsed(text, of)
    if found is None or indicator.fault(found) in ("not_whole", "too_many_decimals"):
        return None
    return found
