"""Administration with a real centre over HTTP and real windows: a round, namesakes, and whose act it was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.places import COMMUNE, Office, centre_in
from tests.end_to_end.test_people import AN, FORM, HOA, VILLAGE

DEADLINES = "SELECT unit, content FROM record WHERE kind = 'deadline' AND period = ?"
PERSONS = "SELECT item FROM record WHERE kind = 'person' ORDER BY item"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def test_a_commune_opens_a_round_and_administers_its_people(office: Office, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    first, last, due = (today + timedelta(days=days) for days in (-1, 5, 7))
    with centre_in(tmp_path / "centre") as centre:
        for role in ("administrator", "commune_approval"):
            centre.decide("grant", HOA, "--role", role, "--unit", COMMUNE)
        centre.decide("grant", AN, "--role", "village_entry", "--unit", VILLAGE)
        officer = office.pc(tmp_path / "officer", centre.address, centre.code(COMMUNE, HOA))
        village = office.pc(tmp_path / "village", centre.address, centre.code(VILLAGE, AN))
        for pc in (officer, village):
            assert pc("sync")["fault"] == ""

        # Without a line: it is kept, and goes when there is one.
        assert officer("offline", True)
        told = officer("open_round", VILLAGE, FORM, first.isoformat(), last.isoformat(), due.isoformat())
        assert "mở đợt" in told
        assert officer("offline", False)
        assert officer("sync")["waiting"] == 0
        period = f"A{first:%Y%m%d}-{last:%Y%m%d}Q"
        ((unit, content),) = centre.rows(DEADLINES, period)
        assert (unit, f"{due.isoformat()}T17:00" in content) == (VILLAGE, True)
        assert village("sync")["fault"] == ""
        name = f"Đợt {first:%d/%m}–{last:%d/%m/%Y}" if first.year == last.year else f"{last:%d/%m/%Y}"
        assert [line for line in village("desk") if name in line and f"{due:%d/%m/%Y} 17:00" in line]
        # It takes figures as any period does.
        assert village("go", FORM, period, VILLAGE, "village_ct01")
        assert village("type_down", ["437"])
        assert village("sync")["waiting"] == 0
        figures = "SELECT content, author FROM change WHERE kind = 'value' AND period = ?"
        assert centre.rows(figures, period) == [("437", AN)]

        # Over the line: the computer's name, and somebody else of the same name who shares no right.
        (computer,) = {row[0] for row in centre.rows("SELECT computer FROM device WHERE person = ?", AN)}
        assert "đổi tên" in officer("name_computer", computer, "Máy thôn")
        assert centre.rows("SELECT computer FROM device WHERE person = ?", AN) == [("Máy thôn",)]
        assert "giao vai trò" in officer("give_role", AN, "village_entry", f"{COMMUNE}.002", True)
        assert len([row for row in centre.rows(PERSONS) if row[0].startswith(AN)]) == 2
        held = "SELECT content FROM record WHERE kind = 'person' AND item = ?"
        assert f"{COMMUNE}.002" not in centre.rows(held, AN)[0][0]
        last_act = centre.decide("audit", "show", "--most", "2", "--person", HOA)
        assert f"\t{HOA}\t" in last_act
        centre.decide("audit", "verify")
