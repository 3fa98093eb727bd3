"""A filled form on paper: what is printed of a grid, with every mark in words. Nothing is told by colour."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import inf
from typing import Final

from desktop.entry.exporting import is_sensitive
from desktop.entry.faces import Face
from desktop.entry.model import GridModel
from desktop.entry.reading import shown_text
from desktop.entry.subject import shared_by_all
from desktop.widgets import formats
from desktop.widgets.duty import duty
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.pages import Printed, Row
from desktop.widgets.words import language, say
from sync.domain.authors import name_of
from sync.domain.catalogue import Sensitivity
from sync.domain.values import Value

MOST_CELLS: Final = 40_000
"""Cells of one print: some hundred pages, which nobody reads on paper."""


def printed_rows(model: GridModel, notes: list[str], up_to: Sensitivity) -> Iterator[Row]:
    """The lines that the grid shows now, as it is turned; what their marks say goes into `notes`.

    What was not in sight yet is looked at for unusual figures here. Rows of a class above `up_to` are left out.
    """
    columns = range(model.columnCount())
    for row, line in enumerate(model.lines):
        if not _is_printed(model, row, up_to):
            continue
        if line.indicator is None:
            yield Row("", model.line_title(row), "", ())
            continue
        model.look(range(row, row + 1), columns, inf)
        model.add_up(row)
        cells = tuple(_cell(model, row, column, notes) for column in columns)
        measure = line.indicator.unit_of_measure.name.text(language())
        yield Row(line.label, model.line_title(row), measure, cells, line.numeric)


def printed_of(model: GridModel, rows: Sequence[Row], notes: list[str], now: datetime, up_to: Sensitivity) -> Printed:
    """The form on paper, of its `printed_rows` with their notes."""
    columns = range(model.columnCount())
    lines = [row for row in range(len(model.lines)) if _is_printed(model, row, up_to)]
    waiting = sum(_waits(model, row, column) for row in lines for column in columns)
    if waiting:
        notes.append(say("entry.print.waiting", count=waiting))
    if len(lines) < len(model.lines):
        notes.append(say("entry.print.left_out"))
    return Printed(
        title=model.form.name.text(language()),
        lead=(say("entry.grid.label"), say("entry.grid.indicator"), say("entry.grid.measure")),
        about=shared_by_all(model),
        headings=tuple(model.heading(column) or say("entry.grid.own_unit") for column in columns),
        rows=tuple(rows),
        notes=tuple(notes),
        warning=duty(up_to),
        printed=say("entry.print.at", at=formats.moment(now)),
    )


def _is_printed(model: GridModel, row: int, up_to: Sensitivity) -> bool:
    return up_to is Sensitivity.SENSITIVE or not is_sensitive(model, row)


def _cell(model: GridModel, row: int, column: int, notes: list[str]) -> str:
    """A cell's text, with the number of its note where a screen would show a mark."""
    face, key, line = model.face(row, column), model.key(row, column), model.lines[row]
    if key is None or line.indicator is None or not line.typed:
        return face.text
    value = model.contents.value(key)
    text = say(f"entry.missing.{value.missing}.long") if value.missing else face.text
    said = _said(model, row, column, face)
    if not said:
        return text
    where = " · ".join(part for part in (line.label or model.line_title(row), model.heading(column)) if part)
    notes.append(say("entry.print.note", number=len(notes) + 1, where=where, said=" ".join(said)))
    return f"{text} [{len(notes)}]".strip()


def _said(model: GridModel, row: int, column: int, face: Face) -> list[str]:
    """What a cell's marks say, and its explanation."""
    key, indicator = model.key(row, column), model.lines[row].indicator
    assert key is not None
    assert indicator is not None
    said = [say("entry.unsaved.word") + "."] if face.unsaved else []
    if face.mark in (Mark.PARKED, Mark.CONFLICT):
        said.append(mark_word(face.mark) + ".")
    shown = model.contents.shown(key)
    for rival in shown.rivals if shown else ():
        value = shown_text(Value.of(rival.content), indicator) or say("entry.card.empty")
        said.append(
            say("entry.conflict.version", value=value, author=name_of(rival.author), at=formats.moment(rival.typed_at))
        )
    said += [wrong.sentence for wrong in model.wrongs(key)]
    note = model.contents.value(key).note
    return [*said, say("entry.print.explained", note=note)] if note else said


def _waits(model: GridModel, row: int, column: int) -> bool:
    """Whether the centre has not received what stands in a cell."""
    return model.face(row, column).mark in (Mark.SAVED, Mark.SENT)
