"""Where a block from the clipboard goes, and what its texts mean there."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import Final, NamedTuple

from desktop.entry.clipboard import Copied, Piece, says
from desktop.entry.model import GridModel
from desktop.entry.reading import LONGEST, cleaned, edited_text, value_of
from desktop.entry.selection import Block
from desktop.entry.subject import missing_words
from desktop.entry.writing import MOST_CELLS, Ambiguous
from desktop.widgets.words import convention
from sync.analysis.formulas import Formulas
from sync.domain.catalogue import NUMBERS, Indicator
from sync.domain.keys import Key
from sync.domain.numbers import MAX_DIGITS, Convention, NumberError, parse_number
from sync.domain.periods import Period
from sync.domain.text import fold
from sync.domain.values import CLEARED, EMPTY, Value

_NO_FIGURE: Final = "—"
"""What a computed cell shows, and our files write, while a part of it is missing."""


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
    """The block in its place: the `rows` of the grid that it covers, from the left to the right of `block`.

    A `doubtful` one has empty rows that may stand for headings or for computed lines, or for neither: it could as well
    go elsewhere, and is looked at before anything is written.
    """

    model: GridModel
    copied: Copied
    block: Block
    rows: Sequence[int]
    doubtful: bool = False

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
        if self.block.left >= self.model.columns_typed:
            return Refusal("only_computed", {})
        formulas = Formulas(self.model.indicators)
        for place, row in enumerate(self.rows):
            if self.copied.ours or alone:
                break
            texts = self.copied.texts[place % self.copied.height]
            if self.model.lines[row].indicator is None:
                if any(text.strip() not in ("", self.model.line_title(row)) for text in texts):
                    return Refusal("nowhere", {})
                continue
            first, last = 0, self.block.width
            if self.model.lines[row].typed:
                # What is repeated over all columns is not meant for the total.
                first = self.model.columns_typed - self.block.left
                last = last if self.copied.width == last else 0
            for across in range(max(0, first), last):
                shown = self.model.face(row, self.block.left + across).text
                text = texts[across % len(texts)].strip()
                if text not in ("", shown) and not self._comes_to(text, row, across, formulas):
                    return Refusal("computed", {"line": self.model.line_title(row)})
        return None if self.size else Refusal("only_computed", {})

    def _comes_to(self, text: str, row: int, across: int, formulas: Formulas) -> bool:
        """Whether a computed cell will show `text` of the figures that the block itself brings."""
        key, indicator = self.model.key(row, self.block.left + across), self.model.lines[row].indicator
        if key is None or indicator is None:
            return False  # a total's: it is made of other columns, too
        for written in Convention:
            number = formulas.number(key.item, partial(self._coming, key, across, written))
            comes_to_it = text == _NO_FIGURE if number is None else says(text, number, indicator.decimals)
            if comes_to_it:
                return True
        return False

    def _coming(self, key: Key, across: int, written: Convention, item: str) -> Decimal | None:
        """The figure of an indicator beside the cell of `key` once the block stands there."""
        row = self.model.row_of(item)
        if row is None or row not in self.rows:
            return self.model.contents.value(key._replace(item=item)).number
        place, column = self.rows.index(row) % self.copied.height, across % self.copied.width
        exact = self.copied.told[place][column].number if self.copied.told else None
        return _parsed(self.copied.texts[place][column], written) if exact is None else exact

    def is_empty(self, place: int) -> bool:
        """Whether a row of the block says nothing."""
        return not any(text.strip() for text in self.copied.texts[place])

    def differs(self, other: "Laid") -> bool:
        """Whether any row of the block that says something goes to another line there."""
        pairs = enumerate(zip(self.rows, other.rows, strict=True))
        return any(one != another and not self.is_empty(place) for place, (one, another) in pairs)


def lay(model: GridModel, copied: Copied, chosen: Block) -> Laid | Refusal:
    """Lay a block over the chosen cells: once, or as often as it goes into them without a rest.

    A computed cell takes nothing. What was copied in this program leaves headings out; another block may have rows for
    them, as our own files have. On a computed line it must have nothing or the same figure: else it was made for other
    lines, and all below would stand one too low.
    """
    lines = [row for row, line in enumerate(model.lines) if line.indicator is not None]
    covered = [row for row in lines if chosen.top <= row <= chosen.bottom]
    if not covered:
        return Refusal("nowhere", {})
    if any(max(map(len, texts), default=0) > LONGEST for texts in copied.texts):
        return Refusal("too_long", {"most": LONGEST})
    height, top, across = copied.height, covered[0], chosen.width
    if len(covered) % height or chosen.width % copied.width:
        first = lines.index(top)
        covered, across = lines[first : first + height], copied.width
    place = partial(_laid, model, copied, chosen.left, across)
    usual = place(covered)
    if copied.ours or height == 1 or len(covered) > height:
        return usual
    whole = range(len(model.lines))
    below, above = place(whole[top : top + height]), usual
    if top and model.lines[top - 1].indicator is None:
        above = place(whole[top - 1 : top - 1 + height])
    # A row for the heading above is seldom copied without those for the headings below it.
    crosses = any(model.lines[row].indicator is None for row in whole[top : top + height - 1])
    likely = (below, above, usual) if crosses else (below, usual, above)
    best = next((laid for laid in likely if isinstance(laid, Laid)), None)
    if best is None:
        # It has the rows of all lines, and only a computed one speaks against it.
        return below if isinstance(below, Refusal) and below.reason == "computed" else usual
    others = [*likely]
    if all(best.is_empty(number) for number, row in enumerate(best.rows) if not model.lines[row].typed):
        others.append(place([row for row in lines if row >= top and model.lines[row].typed][:height]))
    moved = best.rows[0] < chosen.top
    return best._replace(doubtful=moved or any(isinstance(one, Laid) and best.differs(one) for one in others))


def _laid(model: GridModel, copied: Copied, left: int, across: int, rows: Sequence[int]) -> Laid | Refusal:
    """The block over these `rows` of the grid, and so many columns from the `left` on, unless something speaks against
    it."""
    free = model.columnCount() - left
    if len(rows) < copied.height or across > free:
        there = {"rows": copied.height, "columns": copied.width}
        return Refusal("too_large", there | {"free_rows": len(rows), "free_columns": min(free, across)})
    if len(rows) * across > MOST_CELLS:
        return Refusal("too_many", {"count": MOST_CELLS})
    lines = [row for row in rows if model.lines[row].indicator is not None]
    if not lines:
        return Refusal("nowhere", {})
    block = Block(lines[0], left, lines[-1], left + across - 1)
    alone = copied.height == copied.width == 1 and len(rows) * across > 1
    laid = Laid(model, copied, block, rows)
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
    missing = missing_words() if others else {}
    for target in others:
        contents[target.key] = _value(target, chosen or own, missing).content()
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


def _value(target: Target, shown: Convention, missing: Mapping[str, str]) -> Value:
    """The piece as the cell takes it: its own content or exact number goes before its text, which may be one of the
    words for a `missing` figure, by which our files and what is copied here say why."""
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
    reason = missing.get(fold(cleaned(piece.text)))
    if reason is not None:
        return Value(missing=reason)
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
