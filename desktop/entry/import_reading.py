"""What importing does away from the window: reading a file, seeing what it is, and comparing it with what stands."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from desktop.entry.subject import Subject
from sync.domain.numbers import Convention
from sync.exchange.differences import Conventions, Difference, Reading, conventions, differences
from sync.exchange.mapping import Proposal, fingerprint, layout_of, propose, recall
from sync.exchange.names import Names
from sync.exchange.template import Template, check_template, layout_of_template, template_of
from sync.exchange.workbooks import Book, read_book


class Opened(NamedTuple):
    """A file that was read: a `template`, or else what each of its sheets seems to hold.

    `known` is the sheet whose headings were confirmed before, None where none was, and `as_written` its convention.
    """

    book: Book
    units: Names
    indicators: Names
    template: Template | None
    proposals: tuple[Proposal, ...]
    prints: tuple[str, ...]
    known: int | None
    as_written: Convention | None


class Choice(NamedTuple):
    """What the person confirmed: a sheet by its number, what is in it (None for a template), and its convention."""

    sheet: int
    proposal: Proposal | None
    convention: Convention


class Compared(NamedTuple):
    """What importing would do, and whether the catalogue is another one than when the template was given out."""

    found: list[Difference]
    newer_catalogue: bool


def opened(subject: Subject, path: Path, remembered: Mapping[str, str], cancelled: Callable[[], bool]) -> Opened:
    """Read a file and look what it is. Raises EnvironmentFault "file_…" and "template_…", and Cancelled."""
    book = read_book(path, cancelled)
    units, indicators = subject.unit_names(), subject.indicator_names()
    template = template_of(book)
    if template is not None:
        check_template(template, book.file, subject.form, subject.period, list(subject.units))
        return Opened(book, units, indicators, template, (), (), None, None)
    proposals = [propose(sheet, units, indicators) for sheet in book.sheets]
    prints = tuple(map(fingerprint, proposals))
    for place in sorted(range(len(proposals)), key=lambda place: -proposals[place].weight):
        again = recall(book.sheets[place], units, indicators, remembered.get(prints[place], ""))
        if again is not None:
            proposals[place], as_written = again
            return Opened(book, units, indicators, None, tuple(proposals), prints, place, as_written)
    return Opened(book, units, indicators, None, tuple(proposals), prints, None, None)


def told_conventions(found: Opened, sheet: int, proposal: Proposal | None) -> Conventions:
    """The conventions in which the figures of a sheet may be written, those in its rows of names."""
    if found.template is not None:
        return conventions(found.template.sheet, list(found.template.sheet.rows))
    assert proposal is not None
    return conventions(found.book.sheets[sheet], [target.place for target in proposal.rows])


def compared(
    subject: Subject, found: Opened, choice: Choice, missing: Mapping[str, str], cancelled: Callable[[], bool]
) -> Compared:
    """Compare a file with what stands. Raises EnvironmentFault where the store cannot be read."""
    if found.template is not None:
        sheet = found.template.sheet
        layout = layout_of_template(found.template, subject.form, subject.indicators, list(subject.units))
    else:
        assert choice.proposal is not None
        sheet = found.book.sheets[choice.sheet]
        layout = layout_of(sheet, choice.proposal, subject.computed, choice.convention)
    reading = Reading(choice.convention, missing, found.template.given if found.template is not None else {})
    current = subject.contents()
    told = differences(sheet, layout, subject.indicators, subject.period.code, current, reading)
    newer = found.template is not None and found.template.catalogue != subject.catalogue.version
    return Compared(told, newer)
