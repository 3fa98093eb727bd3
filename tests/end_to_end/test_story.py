"""One form from the village to the province: typed, submitted, returned, corrected, approved, revised, approved again.

Three windows and a real centre. From its return on the village has no line: what it does is carried by hand, once to
the centre itself and once through the commune's PC, and so are the answers.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.places import COMMUNE, Office, centre_in
from tests.end_to_end.test_main_job import ITEMS, enrolled, figures, villages

__all__ = ["figures"]
FORM, PERIOD, ABOVE = "village_quarter", "A2026Q2", "commune_quarter"
NAME = "Thôn Thạch Nham Đông"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def test_a_form_goes_up_comes_back_and_is_approved_twice(
    office: Office, tmp_path: Path, figures: dict[str, list[str]]
) -> None:
    stick = tmp_path / "usb"
    stick.mkdir()
    with centre_in(tmp_path / "centre") as centre:
        unit = villages(centre)[NAME]
        place = (unit, FORM, PERIOD)
        village = office.pc(tmp_path / "village", centre.address, centre.code(unit, "Trưởng thôn"))
        commune = enrolled(office, centre, tmp_path / "commune", "Cán bộ UBND xã")
        province = office.pc(tmp_path / "province", centre.address, centre.code("48", "Sở KH và CN"))
        for pc in (village, province):
            assert pc("sync")["phase"] == "online"

        # The village types its form, with one figure wrong, and submits it.
        typed = list(figures[NAME])
        wrong = str(int(typed[0]) - 4)
        assert village("go", FORM, PERIOD, unit, ITEMS[0])
        assert village("type_down", [wrong, *typed[1:]])
        assert village("step", *place, "submitted")
        assert village("sync")["waiting"] == 0
        assert village("form", *place)["received"], "the step has its receipt"

        # The commune returns it, with a reason for each of two cells.
        assert commune("sync")["phase"] == "online"
        assert any("1 đơn vị đã nộp" in row for row in commune("desk"))
        assert commune("form", *place)["stage"] == "submitted"
        told = commune("return_cells", *place, {"CT01": "thieu 4 ho", "CT05": "chua doi chieu"})
        assert told == "Sẽ trả lại với lý do ở 2 ô:\nCT01: thieu 4 ho\nCT05: chua doi chieu"
        assert commune("sync")["waiting"] == 0

        # From here on the village has no line. A file goes to the centre, and its answer tells of the return.
        assert village("offline", True)
        assert "0 thay đổi" in village("make_file", str(stick / "1.soxa"))
        said, done = village("take_file", str(centre.take(stick / "1.soxa")))
        assert "trung tâm trả lời máy này" in said
        assert done.startswith("Đã nhận")
        (row,) = [row for row in village("desk") if "bị trả lại" in row]
        assert "đã sửa 0/2 ô" in row
        assert any(f"CT05 {NAME}: chua doi chieu" in row for row in village("desk"))
        found = village("form", *place)
        assert found["stage"] == "returned"
        assert "CT01: thieu 4 ho\nCT05: chua doi chieu" in found["said"]

        # One key opens the cell. It corrects the figure, finds that the other one was right, and submits again; the
        # file goes through the commune's PC, which cannot read it.
        assert village("open_from_desk", f"CT01 {NAME}: thieu 4 ho") == [unit, PERIOD, ITEMS[0]]
        assert village("type_down", [typed[0]])
        (row,) = [row for row in village("desk") if "bị trả lại" in row]
        assert "đã sửa 1/2 ô" in row
        assert not any(f"CT01 {NAME}" in row for row in village("desk"))
        assert village("step", *place, "submitted")
        assert "2 thay đổi" in village("make_file", str(stick / "2.soxa"))
        said, done = commune("take_file", str(stick / "2.soxa"))
        assert "tệp của một máy gửi lên trung tâm" in said
        assert "2-tra-loi.soxa" in done
        (said,) = commune("take_file", str(stick / "2-tra-loi.soxa"))
        assert said == "Tệp này trả lời cho máy khác"
        assert village("take_file", str(stick / "2-tra-loi.soxa"))[1].startswith("Đã nhận")
        ((text, state, rivals, _),) = village("cells", FORM, PERIOD, unit, ITEMS[:1])
        assert (text, state, rivals) == (typed[0], "RECEIVED", 0)
        assert village("take_file", str(stick / "2-tra-loi.soxa"))[1] == "Câu trả lời này đã cũ", "taken once"

        # The commune approves what it sees.
        assert commune("sync")["phase"] == "online"
        assert commune("form", *place)["stage"] == "submitted"
        assert commune("step", *place, "approved")
        assert commune("sync")["waiting"] == 0

        # The village, which does not know yet, edits afterwards: that waits, and it asks for it.
        revised = str(int(typed[1]) + 1)
        assert village("go", FORM, PERIOD, unit, ITEMS[1])
        assert village("type_down", [revised])
        village("make_file", str(stick / "3.soxa"))
        assert village("take_file", str(centre.take(stick / "3.soxa")))[1].startswith("Đã nhận")
        assert village("form", *place)["stage"] == "approved"
        (held_back,) = village("list_of", "parked")
        assert "Biểu đã được duyệt" in held_back
        assert village("ask_to_change").startswith("Đã gửi đề nghị sửa CT02")
        assert village("offline", False)
        assert village("sync")["waiting"] == 0

        # The commune sees what is asked, takes it, and approves again.
        assert commune("sync")["phase"] == "online"
        found = commune("form", *place)
        assert (found["stage"], found["asked"]) == ("approved", 1)
        assert f"{typed[1]} → {revised}".replace(",", ".") in found["said"].replace(".", "")
        assert commune("answer", *place, True)
        assert commune("sync")["waiting"] == 0
        found = commune("form", *place)
        assert found["stage"] == "reopened"
        assert "1 ô đã sửa sau bước này" in found["said"]
        assert commune("step", *place, "approved")
        assert commune("sync")["waiting"] == 0
        assert village("sync")["waiting"] == 0
        for pc in (village, commune):
            assert pc("form", *place)["stage"] == "approved"
            ((text, state, rivals, _),) = pc("cells", FORM, PERIOD, unit, [ITEMS[1]])
            assert (text.replace(".", ""), state, rivals) == (revised, "RECEIVED", 0)
        assert village("list_of", "parked") == []
        assert all("trung tâm nhận" in row for row in village("list_of", "received"))

        # And the commune's own form goes to the province in the same way.
        above = (COMMUNE, ABOVE, PERIOD)
        assert commune("go", ABOVE, PERIOD, COMMUNE, ITEMS[0])
        assert commune("type_down", ["4752", "17291"])
        assert commune("step", *above, "submitted")
        assert commune("sync")["waiting"] == 0
        assert province("sync")["phase"] == "online"
        assert any("1 đơn vị đã nộp" in row for row in province("desk"))
        assert province("step", *above, "approved")
        assert province("sync")["waiting"] == 0
        assert commune("sync")["phase"] == "online"
        assert commune("form", *above)["stage"] == "approved"

        # The centre holds each change once, and nothing waits there.
        counted = "SELECT count(*), count(DISTINCT device || branch || n) FROM change WHERE kind = 'value'"
        assert centre.rows(counted) == [(len(ITEMS) + 2 + 2,) * 2]
        assert centre.rows("SELECT count(*) FROM change WHERE outcome = 'parked'") == [(0,)]
        for pc in (village, commune, province):
            pc.close()
