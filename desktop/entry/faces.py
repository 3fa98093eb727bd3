"""What a cell looks like, and what it says to a screen reader: figure, figure before, mark and triangle."""

from typing import TYPE_CHECKING, NamedTuple

from desktop.entry.reading import figure, shown_text
from desktop.entry.rights import Held
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.words import language, say
from sync.domain.catalogue import Indicator
from sync.domain.periods import Period
from sync.store import CellState, Shown

if TYPE_CHECKING:
    from desktop.entry.model import GridModel


class Face(NamedTuple):
    """What is painted in one cell. `mark` is what became of the value, `corner` what is wrong with it."""

    text: str = ""
    before: str = ""
    mark: Mark | None = None
    corner: Mark | None = None
    numeric: bool = True
    plain: bool = True  # a figure or text, not a word for a missing one
    unsaved: bool = False
    raw: bool = False
    comments: int = 0
    held: Held | None = None


NOTHING = Face()
_MARKS = {
    CellState.SAVED: Mark.SAVED,
    CellState.SENT: Mark.SENT,
    CellState.RECEIVED: Mark.RECEIVED,
    CellState.PARKED: Mark.PARKED,
}


def mark_of(shown: Shown | None) -> Mark | None:
    """The mark of what the store shows; a conflict outranks how far the value has come."""
    if shown is None:
        return None
    return Mark.CONFLICT if shown.rivals else _MARKS[shown.state]


def face_of(model: "GridModel", row: int, column: int) -> Face:
    """Work out how a cell is painted."""
    line, key = model.lines[row], model.key(row, column)
    if line.indicator is None:
        return NOTHING
    if key is None and not model.layout.is_total(row, column):
        return NOTHING  # it is not divided so
    if key is None:
        return _total_face(model, line.indicator, row, column)
    shown_in = model.layout.columns[column]
    wrongs = model.wrongs(key)
    corner = wrongs[0].mark if wrongs else None
    if not line.typed:
        before_text = computed_text(model, line.indicator, key.unit, shown_in.before)
        text = computed_text(model, line.indicator, key.unit, shown_in.period)
        return Face(text or "—", before_text, corner=corner, comments=model.comments.count(key))
    value, shown = model.contents.value(key), model.contents.shown(key)
    before = model.contents.value(key._replace(period=shown_in.before_code))
    return Face(
        text=shown_text(value, line.indicator),
        before=shown_text(before, line.indicator) if before.number is not None else "",
        mark=None if key in model.contents.unsaved or (value.is_empty and _quiet(shown)) else mark_of(shown),
        corner=corner,
        numeric=line.numeric,
        plain=value.missing is None,
        unsaved=key in model.contents.unsaved,
        raw=value.raw is not None,
        held=model.rights.held(key),
        comments=model.comments.count(key),
    )


def _total_face(model: "GridModel", indicator: Indicator, row: int, column: int) -> Face:
    total = model.total(row, column)
    before = model.total_of(indicator.key, model.layout.columns[column].before_code)
    return Face(
        text=model.total_words.short(total, indicator),
        before=shown_text(before.value, indicator) if before and before.value.number is not None else "",
        plain=total is not None and total.value.number is not None and not total.gaps,
    )


def computed_text(model: "GridModel", indicator: Indicator, unit: str, period: Period) -> str:
    """A computed figure; "" while one of its parts is missing."""
    number = model.contents.number(indicator, unit, period)
    return "" if number is None else figure(number, indicator)


def words_of(model: "GridModel", row: int, column: int) -> str:
    """The whole cell in one sentence, for a screen reader."""
    line, key = model.lines[row], model.key(row, column)
    if line.indicator is None:
        return line.title
    if key is None and not model.layout.is_total(row, column):
        return say("entry.breakdown.none", line=model.line_name(row), part=model.heading(column))
    if key is None:
        return _total_sentence(model, line.indicator, row, column)
    face, unit = model.face(row, column), line.indicator.unit_of_measure.name.text(language())
    parts = [model.line_name(row), model.heading(column)]
    missing = model.contents.value(key).missing if line.typed else None
    if missing is not None:
        parts.append(say(f"entry.missing.{missing}.long"))
    else:
        parts.append(f"{face.text} {unit}".strip() if face.text else say("entry.card.empty"))
    if not line.typed:
        parts.append(say("entry.card.computed"))
    if face.unsaved:
        parts.append(say("entry.unsaved.word"))
    elif face.mark is not None:
        parts.append(mark_word(face.mark))
    if face.held is not None:
        parts.append(say(f"entry.held.{face.held}.title"))
    if face.comments:
        parts.append(say("entry.comment.count", count=face.comments))
    for wrong in model.wrongs(key):
        parts += [wrong.sentence, say("entry.explain.why", why=wrong.why) if wrong.why else ""]
    if face.before:
        parts.append(say("entry.card.before_is", value=face.before))
    return ". ".join(part for part in parts if part)


def _total_sentence(model: "GridModel", indicator: Indicator, row: int, column: int) -> str:
    """A total for a screen reader, with what is missing from whom."""
    face, total = model.face(row, column), model.total(row, column)
    text = f"{face.text} {indicator.unit_of_measure.name.text(language())}" if face.plain else face.text
    parts = [model.line_name(row), model.heading(column), text, *(model.gaps(total) if total else ())]
    if face.before:
        parts.append(say("entry.card.before_is", value=face.before))
    return ". ".join(parts)


def _quiet(shown: Shown | None) -> bool:
    """Whether an empty cell needs no mark: nobody waits for anything in it."""
    return shown is None or (shown.state is CellState.RECEIVED and not shown.rivals)
