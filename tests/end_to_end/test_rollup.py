"""From the village to the commune's total: typed on one PC, added up on another, taken, kept by the centre, changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.domain.keys import VALUE
from tests.end_to_end.places import COMMUNE, Office, centre_in
from tests.end_to_end.test_main_job import enrolled, villages

FORM, BELOW, PERIOD, ITEM = "commune_quarter", "village_quarter", "A2026Q2", "village_ct01"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def test_a_commune_takes_what_its_villages_typed_elsewhere(office: Office, tmp_path: Path) -> None:
    with centre_in(tmp_path / "centre") as centre:
        last, *others = villages(centre).values()
        village = office.pc(tmp_path / "village", centre.address, centre.code(last, "Trưởng thôn"))
        assert village("sync")["phase"] == "online"
        officer = enrolled(office, centre, tmp_path / "commune", "Cán bộ UBND xã")
        for unit in others:
            assert officer("go", BELOW, PERIOD, unit, ITEM)
            assert officer("type_down", ["100"])
        (before,) = officer("cells", FORM, PERIOD, COMMUNE, [ITEM])
        assert before[0] == ""
        assert officer("take") == "", "one village is missing: there is nothing to take"

        assert village("go", BELOW, PERIOD, last, ITEM)
        assert village("type_down", ["34"])
        assert village("sync")["waiting"] == 0
        assert officer("sync")["phase"] == "online"
        assert officer("go", FORM, PERIOD, COMMUNE, ITEM)
        assert officer("take") == "934"
        assert officer("sync")["waiting"] == 0
        (taken,) = officer("cells", FORM, PERIOD, COMMUNE, [ITEM])
        assert taken[:3] == ["934", "RECEIVED", 0]
        kept = centre.rows("SELECT content FROM record WHERE kind = ? AND unit = ?", VALUE, COMMUNE)
        assert kept == [("934",)]

        assert village("go", BELOW, PERIOD, last, ITEM)
        assert village("type_down", ["40"])
        assert village("sync")["waiting"] == 0
        assert officer("sync")["received"] > 0
        (changed,) = officer("cells", FORM, PERIOD, COMMUNE, [ITEM])
        assert changed[0] == "934", "what the officer took is not overwritten"
        assert "940" in changed[3], "but it is said what the villages come to now"
        village.close()
        officer.close()
