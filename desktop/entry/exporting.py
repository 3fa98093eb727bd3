"""The grid written out: as a form to fill in elsewhere, or just as it is shown."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt

from desktop.entry.layout import Turn
from desktop.entry.model import GridModel
from desktop.entry.subject import Subject, shared_by_all
from desktop.widgets.duty import duty
from desktop.widgets.words import convention, language, say
from sync.domain.catalogue import Sensitivity
from sync.domain.numbers import NumberError, parse_number
from sync.domain.rights import class_of, class_of_form
from sync.domain.text import fold
from sync.domain.values import MISSING_REASONS
from sync.exchange.template import Words, write_template
from sync.exchange.writing import Table, write_csv, write_xlsx

_LONGEST_NAME: Final = 80


def export_template(
    subject: Subject, path: Path, _cancelled: Callable[[], bool], *, with_sensitive: bool = True
) -> Path:
    """Write the form with its hidden keys, filled with what stands. Raises EnvironmentFault.

    Not `with_sensitive`, sensitive cells are left empty, which says nothing when the form comes back.
    """
    contents = {
        key: content
        for key, content in subject.contents().items()
        if with_sensitive or class_of(subject.catalogue, key) != Sensitivity.SENSITIVE
    }
    words = template_words(subject, with_sensitive=with_sensitive)
    write_template(path, subject.catalogue, subject.form, subject.period, subject.units, contents, words)
    return path


def has_sensitive(subject: Subject) -> bool:
    """Whether any figure of the form is sensitive."""
    return class_of_form(subject.catalogue, subject.form.key) is Sensitivity.SENSITIVE


def export_table(table: Table, path: Path, cancelled: Callable[[], bool]) -> Path:
    """Write what is shown, as the ending of `path` says. Raises EnvironmentFault and Cancelled."""
    if path.suffix.lower() == ".csv":
        write_csv(path, table, convention().decimal_mark, cancelled)
    else:
        write_xlsx(path, table, cancelled)
    return path


def class_written(subject: Subject, *, with_sensitive: bool) -> Sensitivity:
    """The highest class of the figures that are written of a form."""
    highest = class_of_form(subject.catalogue, subject.form.key)
    return Sensitivity.INTERNAL if highest is Sensitivity.SENSITIVE and not with_sensitive else highest


def template_words(subject: Subject, *, with_sensitive: bool = True) -> Words:
    """A template's texts in the language now shown."""
    missing = {reason: say(f"entry.missing.{reason}.short") for reason in MISSING_REASONS}
    guarded = duty(class_written(subject, with_sensitive=with_sensitive))
    return Words(
        title=subject.form.name.text(language()),
        about=subject.period_name,
        hint=f"{say('exchange.template.hint', **missing)} {guarded}".rstrip(),
        label=say("exchange.template.label"),
        name=say("exchange.template.name"),
        measure=say("exchange.template.measure"),
        sheet=say("exchange.template.sheet"),
        wrong_title=say("exchange.template.wrong_title"),
        wrong_number=say("exchange.template.wrong_number"),
        wrong_choice=say("exchange.template.wrong_choice"),
        wrong_text=say("exchange.template.wrong_text"),
        missing=missing,
        language=language(),
    )


def shown_rows(model: GridModel, *, with_sensitive: bool = True) -> Iterator[tuple[str | Decimal, ...]]:
    """What the grid shows, row by row: figures as numbers, all else as text.

    Not `with_sensitive`, rows of sensitive figures are left out.
    """
    columns = range(model.columnCount())
    for row, line in enumerate(model.lines):
        if not with_sensitive and is_sensitive(model, row):
            continue
        measure = line.indicator.unit_of_measure.name.text(language()) if line.indicator else ""
        model.add_up(row)
        cells = (_cell(model, row, column) for column in columns)
        yield (line.label, model.line_title(row), measure, *cells)


def shown_table(
    model: GridModel, subject: Subject, rows: list[tuple[str | Decimal, ...]], *, with_sensitive: bool = True
) -> Table:
    """The table of these rows under the grid's headings; it says whose duty it is to guard it."""
    headings = tuple(model.heading(column) or say("entry.grid.own_unit") for column in range(model.columnCount()))
    lead = (say("exchange.template.label"), say("exchange.template.name"), say("exchange.template.measure"))
    guarded = duty(class_written(subject, with_sensitive=with_sensitive))
    title = " · ".join(filter(None, (subject.form.name.text(language()), *shared_by_all(model), guarded)))
    return Table(title, (*lead, *headings), rows)


def file_name(subject: Subject, suffix: str) -> str:
    """A name to propose: of plain letters, since a file goes through many programs."""
    words = "".join(letter if letter.isalnum() else " " for letter in fold(subject.title)).split()
    return "-".join(words)[:_LONGEST_NAME] + suffix


def is_sensitive(model: GridModel, row: int) -> bool:
    """Whether a line of the grid shows figures that are sensitive."""
    indicator = model.lines[row].indicator
    if indicator is None and model.layout.turn is Turn.INDICATOR:
        indicator = model.indicators[model.layout.item]
    return indicator is not None and indicator.sensitivity is Sensitivity.SENSITIVE


def _cell(model: GridModel, row: int, column: int) -> str | Decimal:
    shown = model.data(model.index(row, column), Qt.ItemDataRole.DisplayRole) or ""
    if not model.lines[row].numeric:
        return str(shown)
    try:
        return parse_number(shown, convention())
    except NumberError:
        return str(shown)
