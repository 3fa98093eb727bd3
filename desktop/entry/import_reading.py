"""What importing does away from the window: reading a file, seeing what it is, and comparing it with what stands."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from desktop.entry.subject import Subject
from sync.domain.keys import Key
from sync.domain.numbers import Convention
from sync.domain.values import CLEARED
from sync.exchange.differences import (
    Conventions,
    Difference,
    Differences,
    Kind,
    Reading,
    against,
    conventions,
    differences,
    line_of,
)
from sync.exchange.mapping import Proposal, layout_of, propose
from sync.exchange.names import Names
from sync.exchange.remembered import fingerprint, recall
from sync.exchange.sheets import Sheet
from sync.exchange.template import Template, check_template, layout_of_template, template_of
from sync.exchange.workbooks import Book, read_book

WRITTEN: Final = (Kind.NEW, Kind.CHANGED)
"""What importing writes."""


class Opened(NamedTuple):
    """A file that was read: a `template`, or else what each of its sheets seems to hold.

    `told` are the conventions that each sheet can be in, or the template's. `known` is the sheet whose headings
    were confirmed before, None where none was, and `as_written` its convention.
    """

    book: Book
    units: Names
    indicators: Names
    template: Template | None
    proposals: tuple[Proposal, ...]
    prints: tuple[str, ...]
    told: tuple[Conventions, ...]
    known: int | None
    as_written: Convention | None


class Choice(NamedTuple):
    """What the person confirmed: a sheet by its number, what is in it (None for a template), and its convention."""

    sheet: int
    proposal: Proposal | None
    convention: Convention


class Compared(NamedTuple):
    """What importing would do. `taken` are the places in `found` that nothing speaks against.

    `newer_catalogue` says whether the catalogue is another one than when the template was given out.
    """

    found: Differences
    counts: Mapping[Kind, int]
    taken: set[int]
    doubtful: int
    newer_catalogue: bool


def opened(subject: Subject, path: Path, remembered: Mapping[str, str], cancelled: Callable[[], bool]) -> Opened:
    """Read a file and look what it is. Raises EnvironmentFault "file_…" and "template_…", and Cancelled."""
    book = read_book(path, cancelled)
    units, indicators = subject.unit_names(), subject.line_names()
    template = template_of(book)
    if template is not None:
        check_template(template, book.file, subject.form, subject.period, list(subject.units))
        layout = layout_of_template(template, subject.form, subject.indicators, list(subject.units))
        of_template = conventions(template.sheet, layout.rows, list(layout.columns))
        return Opened(book, units, indicators, template, (), (), (of_template,), None, None)
    proposals = [propose(sheet, units, indicators) for sheet in book.sheets]
    prints = tuple(map(fingerprint, proposals))
    known, as_written = None, None
    for place in sorted(range(len(proposals)), key=lambda place: proposals[place].fit, reverse=True):
        kept = remembered.get(prints[place], "")
        again = recall(book.sheets[place], proposals[place], units, indicators, kept)
        if again is not None:
            proposals[place], as_written = again
            known = place
            break
    told = tuple(told_by(sheet, proposal) for sheet, proposal in zip(book.sheets, proposals, strict=True))
    return Opened(book, units, indicators, None, tuple(proposals), prints, told, known, as_written)


def told_by(sheet: Sheet, proposal: Proposal) -> Conventions:
    """The conventions in which the figures of a sheet may be written, by those that are taken: no others count."""
    rows, columns = ([target.place for target in part if target.chosen] for part in (proposal.rows, proposal.columns))
    return conventions(sheet, rows, columns)


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
    given = found.template.given if found.template is not None else {}
    reading = Reading(choice.convention, missing, given, subject.period.year)
    told = differences(sheet, layout, subject.lines, _standing(subject), reading)
    taken = set(told.places(WRITTEN, doubtful=False))
    counts = told.counts()
    doubtful = counts[Kind.NEW] + counts[Kind.CHANGED] - len(taken)
    newer = found.template is not None and found.template.catalogue != subject.catalogue.version
    return Compared(told, counts, taken, doubtful, newer)


def moved(
    subject: Subject, found: Sequence[Difference], chosen: Sequence[int], cancelled: Callable[[], bool]
) -> dict[int, Difference]:
    """Those of the `chosen` whose cells say something else by now, as they are now. Raises EnvironmentFault."""
    standing = _standing(subject)
    now: dict[int, Difference] = {}
    for place in chosen:
        old = found[place]
        before = standing.get(old.unit, {}).get(old.item, CLEARED)
        if before != old.before:
            kind, after = against(before, old.after)
            now[place] = old._replace(kind=kind, before=before, after=after)
    return now


def contents_of(subject: Subject, found: Sequence[Difference], chosen: Sequence[int]) -> dict[Key, str]:
    """The contents to write, by key."""
    return {found[place].key(subject.period.code): found[place].after for place in chosen}


def _standing(subject: Subject) -> dict[str, dict[str, str]]:
    """What stands, by unit and line."""
    standing: dict[str, dict[str, str]] = {}
    for key, content in subject.contents().items():
        standing.setdefault(key.unit, {})[line_of(key.item, key.part)] = content
    return standing
