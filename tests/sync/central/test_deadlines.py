"""Deadlines that follow from the catalogue: said by the centre once for each period, and never over what people say."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, datetime
from pathlib import Path

import pytest

from sync.central.administration import Administration
from sync.central.app import _settle_again_and_again
from sync.central.centre import Centre, open_centre
from sync.central.terminal import CATALOGUES
from sync.domain.catalogue import Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE
from sync.domain.local_time import VIETNAM
from sync.domain.values import CLEARED
from sync.exchange.catalogue import load
from tests.sync.central.conftest import COMMUNE, Clock

FORM = "village_quarter"
TODAY = date(2026, 11, 21)


@pytest.fixture
def ruled() -> Catalogue:
    """The shipped one, where a village's quarter is due two working days after it and a group's month one."""
    known = load(CATALOGUES)
    days = {FORM: 2, "group_month": 1}
    forms = {key: form._replace(due_working_days=days.get(key)) for key, form in known.forms.items()}
    return known._replace(forms=forms)


@pytest.fixture
def centre(province_folder: Path, ruled: Catalogue) -> Iterator[Centre]:
    with closing(open_centre(province_folder, ruled, Clock())) as opened:
        yield opened


def dues(centre: Centre) -> dict[tuple[str, str, str], datetime | None]:
    found = centre.repository.decided(DEADLINE).items()
    return {
        (key.unit, key.item, key.period): None if content == CLEARED else Deadline.of(content).due
        for key, content in found
    }


def moment(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 17, 0, tzinfo=VIETNAM)


def test_this_period_and_the_last_get_their_deadlines_once(centre: Centre) -> None:
    office = Administration(centre)
    office.set_holiday(date(2026, 12, 15), "Nghỉ (mẫu)")
    assert office.settle_deadlines(TODAY) == 4
    found = dues(centre)
    quarter = {period: due for (unit, form, period), due in found.items() if form == FORM and unit == "48"}
    # The quarter ends on the 14th, a Monday; the 15th is off.
    assert quarter["A2026Q4"] == moment(2026, 12, 17)
    assert set(quarter) == {"A2026Q3", "A2026Q4"}
    assert len([one for one in found if one[1] == "group_month"]) == 2
    assert not [one for one in found if one[1] == "commune_quarter"], "of that nothing is laid down"
    assert office.settle_deadlines(TODAY) == 0
    # A new period gets its own, and the earlier ones stay.
    assert office.settle_deadlines(date(2026, 12, 20)) > 0
    assert {key: due for key, due in dues(centre).items() if key in found} == found


def test_what_somebody_said_stays(centre: Centre) -> None:
    office = Administration(centre)
    said = moment(2027, 1, 5)
    office.set_deadline("48", FORM, "A2026Q4", said)
    office.set_deadline("48", FORM, "A2026Q3", said)
    office.set_deadline("48", FORM, "A2026Q3", None)
    office.set_deadline(COMMUNE, FORM, "A2026Q4", moment(2026, 12, 16))
    office.settle_deadlines(TODAY)
    found = dues(centre)
    assert found["48", FORM, "A2026Q4"] == said
    assert found["48", FORM, "A2026Q3"] is None
    assert found[COMMUNE, FORM, "A2026Q4"] == moment(2026, 12, 16)


def test_the_server_says_them_by_itself(centre: Centre) -> None:
    async def for_a_moment() -> None:
        at = moment(2026, 11, 21).timestamp()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await _settle_again_and_again(centre, lambda: at)

    asyncio.run(for_a_moment())
    assert ("48", FORM, "A2026Q4") in dues(centre)


def test_without_a_rule_nothing_is_said(province_folder: Path) -> None:
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        before = dues(centre)
        assert Administration(centre).settle_deadlines(TODAY) == 0
        assert dues(centre) == before
