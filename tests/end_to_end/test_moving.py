"""The drill of an officer who moves to another commune with drafts, with a real centre and real windows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.widgets.words import say
from tests.end_to_end.places import COMMUNE, Centre, Office, Pc, centre_in
from tests.end_to_end.test_people import AN, FORM, HOA, ITEM, PASSWORD, PERIOD, STANDING, VILLAGE, put

NAME = "Thôn Thạch Nham Đông"
WARD = "48.20194"
OTHER = f"{WARD}.001"
DRAFTED = "village_ct02"
LATER = "village_ct05"
ENTRY = "commune_entry"
HELD = "SELECT item, content FROM change WHERE outcome = 'parked' AND reason = 'not_your_unit' ORDER BY item"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def shown(pc: Pc, unit: str, items: list[str]) -> list[list[str]]:
    return [row[:2] for row in pc("cells", FORM, PERIOD, unit, items)]


def move(centre: Centre, person: str, left: str, to: str) -> None:
    centre.decide("withdraw", person, "--role", ENTRY, "--unit", left)
    centre.decide("grant", person, "--role", ENTRY, "--unit", to)


def test_an_officer_who_moves_with_drafts_loses_none_and_begins_at_once(office: Office, tmp_path: Path) -> None:
    with centre_in(tmp_path / "centre") as centre:
        centre.decide("unit", "create", WARD, "Tổ 1")
        for person in (HOA, AN):
            centre.decide("grant", person, "--role", ENTRY, "--unit", COMMUNE)
        officer = office.pc(tmp_path / "officer", centre.address, centre.code(COMMUNE, HOA))
        successor = office.pc(tmp_path / "successor", centre.address, centre.code(COMMUNE, AN))
        assert officer("sync")["phase"] == "online"
        assert officer("protect", PASSWORD)
        put(officer, "417")
        assert officer("sync")["waiting"] == 0

        # Drafts, one over what she had sent; and while nothing is heard of it she is moved.
        assert officer("offline", True)
        put(officer, "418")
        put(officer, "12", DRAFTED)
        move(centre, HOA, COMMUNE, WARD)
        assert officer("offline", False)
        assert officer("sync")["waiting"] == 0
        assert officer("sync")["fault"] == ""
        assert centre.rows(STANDING, VILLAGE, ITEM) == [("417", HOA)]
        assert centre.rows(HELD) == [(ITEM, "418"), (DRAFTED, "12")]
        kept = officer("list_of", "parked")
        for row, (label, figure) in zip(kept, (("CT01", "418"), ("CT02", "12")), strict=True):
            assert row.startswith(f"{label} · ")
            assert f" · {NAME} · " in row, "of a village that is not hers any more, and by its name all the same"
            assert f": {figure} · {say('widgets.reason.not_your_unit')}" in row
        # Her new post works at once, and nobody there or at the old one sees what is held.
        assert officer("go", FORM, PERIOD, OTHER, ITEM)
        assert officer("type_down", ["93"])
        assert officer("sync")["waiting"] == 0
        assert centre.rows(STANDING, OTHER, ITEM) == [("93", HOA)]
        assert successor("sync")["fault"] == ""
        assert shown(successor, VILLAGE, [ITEM, DRAFTED]) == [["417", "RECEIVED"], ["", ""]]
        assert successor("list_of", "parked") == []
        put(successor, "5", LATER)
        assert successor("sync")["waiting"] == 0

        # The power fails and she signs in again: what is held is still hers to see.
        officer.kill()
        officer = office.pc(tmp_path / "officer")
        assert officer("sign_in", HOA, PASSWORD) == ""
        assert officer("list_of", "parked") == kept

        # Back, and they take effect by themselves.
        move(centre, HOA, WARD, COMMUNE)
        assert centre.rows(STANDING, VILLAGE, ITEM) == [("418", HOA)]
        assert centre.rows(STANDING, VILLAGE, DRAFTED) == [("12", HOA)]
        for pc in (officer, successor):
            assert pc("sync")["fault"] == ""
        assert officer("list_of", "parked") == []
        for pc in (officer, successor):
            found = shown(pc, VILLAGE, [ITEM, DRAFTED, LATER])
            assert found == [["418", "RECEIVED"], ["12", "RECEIVED"], ["5", "RECEIVED"]]
        officer.close()
        successor.close()
