"""A file compared with what stands, away from any window."""

from pathlib import Path

import pytest

from desktop.entry.import_reading import Choice, Compared, compared, opened
from desktop.entry.subject import Subject, missing_words
from sync.domain.catalogue import ValueType
from sync.domain.keys import COMMENT, VALUE, Key
from sync.domain.numbers import Convention
from sync.domain.periods import Period
from sync.domain.values import CLEARED
from sync.exchange.differences import Kind
from sync.store import Store
from tests.desktop.entry.conftest import opener
from tests.desktop.sampled import COMMUNE, catalogue, enrol, fill
from tests.sync.exchange.workbook import Cell, write_workbook

FIRST = f"{COMMUNE.key}.001"
QUARTER = Period.parse("A2026Q4")


@pytest.fixture
def subject(store: Store) -> Subject:
    """One village of the sample commune in the last quarter, one of whose indicators is a day."""
    enrol(store)
    fill(store)
    found = catalogue()
    day = found.indicators["village_ct14"]._replace(type=ValueType.DATE)
    found = found._replace(indicators={**found.indicators, day.key: day})
    return Subject(found, found.forms["village_quarter"], QUARTER, {FIRST: "Thôn Một"}, {}, opener(store))


def compare(subject: Subject, path: Path, *rows: list[Cell]) -> Compared:
    write_workbook(path, rows)
    found = opened(subject, path, {}, lambda: False)
    choice = Choice(0, found.proposals[0], Convention.VIETNAMESE)
    return compared(subject, found, choice, missing_words(), lambda: False)


def test_a_day_without_a_year_is_one_of_the_period_s(subject: Subject, tmp_path: Path) -> None:
    (told,) = compare(subject, tmp_path / "a.xlsx", ["Thôn", "CT14"], ["Thôn Một", "30.4"]).found
    assert (told.after, told.reason) == ('"30/04/2026"', "")


def test_what_waits_on_the_screen_for_another_period_or_form_does_not_stand_here(
    subject: Subject, tmp_path: Path
) -> None:
    here = Key(VALUE, FIRST, "village_ct01", QUARTER.code)
    others = (
        here._replace(period="A2026Q1"),
        here._replace(kind=COMMENT, part="0192f1de"),
        here._replace(unit=f"{COMMUNE.key}.002"),
        here._replace(item="group_members"),
        here._replace(part="female"),
    )
    rows: list[list[Cell]] = [["Thôn", "CT01"], ["Thôn Một", 55]]
    waiting = subject._replace(unsaved=dict.fromkeys(others, "54"))
    assert waiting.contents() == subject.contents()
    (told,) = compare(waiting, tmp_path / "a.xlsx", *rows).found
    assert (told.kind, told.before) == (Kind.NEW, CLEARED)
    (told,) = compare(subject._replace(unsaved={here: "54"}), tmp_path / "a.xlsx", *rows).found
    assert (told.kind, told.before) == (Kind.CHANGED, "54")
