"""Where a block from the clipboard goes, and what its texts mean there."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from desktop.entry.clipboard import Copied, Piece
from desktop.entry.model import GridModel
from desktop.entry.reading import LONGEST, convention, edited_text, value_of
from desktop.entry.selection import Block
from desktop.entry.writing import MOST_CELLS, Ambiguous
from sync.domain.catalogue import NUMBERS, Indicator
from sync.domain.keys import Key
from sync.domain.numbers import Convention, NumberError, parse_number
from sync.domain.periods import Period
from sync.domain.values import EMPTY, Value


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
    """The block in its place: the cells that it covers, and what each that can be typed takes."""

    block: Block
    targets: Sequence[Target]


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
    return _targets(model, copied, block, covered, alone)


def _targets(model: GridModel, copied: Copied, block: Block, rows: Sequence[int], alone: bool) -> Laid | Refusal:
    targets: list[Target] = []
    for place, row in enumerate(rows):
        line, pieces = model.lines[row], copied.rows[place % copied.height]
        for column in range(block.left, block.right + 1):
            piece = pieces[(column - block.left) % copied.width]
            key = model.typed_key(row, column)
            if key is not None and line.indicator is not None:
                if len(piece.text) > LONGEST:
                    return Refusal("too_long", {"most": LONGEST})
                targets.append(Target(key, line.indicator, piece))
            elif not copied.ours and not alone and piece.text.strip() not in ("", model.face(row, column).text):
                return Refusal("computed", {"line": model.line_title(row)})
    return Laid(block, targets) if targets else Refusal("only_computed", {})


def contents_of(laid: Laid, chosen: Convention | None = None) -> dict[Key, str]:
    """What each cell shall hold. Raises Ambiguous where a convention must be `chosen` and was not."""
    own = convention()
    if chosen is None:
        _ask_for_convention(laid.targets, own)
    return {target.key: _value(target, chosen or own).content() for target in laid.targets}


def _ask_for_convention(targets: Sequence[Target], own: Convention) -> None:
    """Raise Ambiguous unless every figure that can be one fits its indicator as the own convention reads it."""
    other = Convention.ENGLISH if own is Convention.VIETNAMESE else Convention.VIETNAMESE
    certain, doubtful = False, None
    for target in targets:
        piece = target.piece
        if target.indicator.type not in NUMBERS or piece.number is not None or piece.content or _plain(piece.text):
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
    if numeric and _plain(piece.text):
        return Value(number=Decimal(piece.text))
    if not piece.text.strip():
        return EMPTY
    return value_of(piece.text, indicator, shown, Period.parse(target.key.period).year)


def _plain(text: str) -> bool:
    """Whether it is digits alone, which every convention reads alike."""
    return text.isascii() and text.isdigit() and len(text) <= _PLAIN_DIGITS


_PLAIN_DIGITS: Final = 18


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
