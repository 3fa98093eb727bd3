"""A file compared with what stands, away from any window."""

from pathlib import Path

import pytest

from desktop.entry.import_reading import Choice, Compared, compared, opened
from desktop.entry.subject import Subject, missing_words
from sync.domain.catalogue import ValueType
from sync.domain.numbers import Convention
from sync.domain.periods import Period
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
