"""The main job: a form and a task's progress typed offline, a power cut, a sync, another PC that sees it."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from sync.domain.keys import OWN_UNIT, PROGRESS, VALUE, Key
from sync.domain.values import NOT_COLLECTED, Value
from tests.end_to_end.places import COMMUNE, SAMPLES, Centre, Line, Office, Pc, centre_in

FORM, PERIOD = "village_quarter", "A2026Q2"
OFFICER, OTHER = "Cán bộ UBND xã", "Phó Chủ tịch UBND xã"
_PATIENCE_S: Final = 30
WORDS = "Đã hướng dẫn 62 hộ, còn 3 hộ đi vắng"


@pytest.fixture(scope="module")
def figures() -> dict[str, list[str]]:
    """CT01–CT14 of the villages that reported, by the village's name."""
    with (SAMPLES / "values_2026Q2.csv").open(encoding="utf-8", newline="") as file:
        return {row["village"]: [row[item] for item in ITEMS] for row in csv.DictReader(file)}


ITEMS = [f"village_ct{number:02}" for number in range(1, 15)]


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def villages(centre: Centre) -> dict[str, str]:
    """Key of each village by its name."""
    found = centre.rows("SELECT unit, json_extract(content, '$.name') FROM record WHERE kind = 'unit'")
    return {name: unit for unit, name in found if unit.startswith(COMMUNE + ".")}


def task(centre: Centre) -> str:
    """One of the sample's tasks, assigned to the commune itself."""
    rows = centre.rows("SELECT item FROM record WHERE kind = 'task' AND unit = ? ORDER BY item", COMMUNE)
    return str(rows[0][0])


def enrolled(office: Office, centre: Centre, folder: Path, person: str, address: str = "") -> Pc:
    """A PC of the commune that has synced once."""
    pc = office.pc(folder, address or centre.address, centre.code(COMMUNE, person))
    assert pc("sync")["phase"] == "online"
    return pc


def shown(figure: str) -> str:
    """A figure as the grid writes it in Vietnamese."""
    return f"{int(figure):,}".replace(",", ".")


def alike(first: Pc, second: Pc, *question: Any) -> Any:
    """What both say once they have looked at it in peace: unusual figures are marked when nothing moves."""
    patient_until = time.monotonic() + _PATIENCE_S
    while (said := first(*question)) != (other := second(*question)) and time.monotonic() < patient_until:
        time.sleep(0.5)
    assert said == other
    return said


def test_typed_offline_survives_a_kill_and_reaches_the_other_pc_once(
    office: Office, tmp_path: Path, figures: dict[str, list[str]]
) -> None:
    with centre_in(tmp_path / "centre") as centre:
        by_name = villages(centre)
        assert len(by_name) == 10
        assert len(figures) == 6
        job = task(centre)
        a = enrolled(office, centre, tmp_path / "a", OFFICER)
        assert a("offline", True)
        for name, unit in by_name.items():
            assert a("go", FORM, PERIOD, unit, ITEMS[0])
            assert a("type_down", figures.get(name, ["not collected"] * 14))
        assert a("progress", job, "60", WORDS)
        a.kill()

        kept = a.store()
        missing = Value(missing=NOT_COLLECTED).content()
        for name, unit in by_name.items():
            wanted = figures.get(name, [missing] * 14)
            cells = kept.cells(VALUE, unit, PERIOD)
            assert [cells[Key(VALUE, unit, item, PERIOD)].content for item in ITEMS] == wanted, name
        assert kept.waiting() == 141
        kept.close()
        assert centre.rows("SELECT count(*) FROM change WHERE kind = ?", VALUE) == [(0,)]

        a = office.pc(tmp_path / "a")
        for name, unit in by_name.items():
            texts = [cell[:2] for cell in a("cells", FORM, PERIOD, unit, ITEMS)]
            if name in figures:
                assert texts == [[shown(figure), "SAVED"] for figure in figures[name]]
            else:
                assert {text for text, _ in texts} == {texts[0][0]}
                assert texts[0][1] == "SAVED"
        first = a("sync")
        assert (first["phase"], first["sent"], first["waiting"]) == ("online", 141, 0)

        b = enrolled(office, centre, tmp_path / "b", OTHER)
        for unit in by_name.values():
            theirs = alike(b, a, "cells", FORM, PERIOD, unit, ITEMS)
            assert {cell[1] for cell in theirs} == {"RECEIVED"}
        (update,) = b("updates", job)
        assert WORDS in update
        assert any("60" in text for text in update)

        assert centre.rows("SELECT count(*) FROM record WHERE kind = ?", VALUE) == [(140,)]
        assert centre.rows("SELECT count(*) FROM change WHERE kind = ?", VALUE) == [(140,)]
        assert centre.rows("SELECT count(*) FROM record WHERE kind = ?", PROGRESS) == [(1,)]
        before = centre.rows("SELECT count(*) FROM change"), centre.rows("SELECT sum(seq) FROM stream")
        again = a("sync")
        assert (again["phase"], again["sent"], again["received"]) == ("online", 0, 0)
        assert (centre.rows("SELECT count(*) FROM change"), centre.rows("SELECT sum(seq) FROM stream")) == before
        a.close()
        b.close()


def test_both_edit_the_same_cell_offline_and_both_keep_both_values(office: Office, tmp_path: Path) -> None:
    with centre_in(tmp_path / "centre") as centre:
        unit = min(villages(centre).values())
        a = enrolled(office, centre, tmp_path / "a", OFFICER)
        b = enrolled(office, centre, tmp_path / "b", OTHER)
        for pc, figure in ((a, "434"), (b, "443")):
            assert pc("offline", True)
            assert pc("go", FORM, PERIOD, unit, ITEMS[0])
            assert pc("type_down", [figure])
        for pc in (b, a, b):
            assert pc("sync")["phase"] == "online"
        (at_a,), (at_b,) = (pc("cells", FORM, PERIOD, unit, ITEMS[:1]) for pc in (a, b))
        # The centre received B's first, so that is what both show, marked, with A's beside it.
        assert at_a[:3] == at_b[:3] == ["443", "RECEIVED", 1]
        a.kill()
        b.kill()
        for pc in (a, b):
            store = pc.store()
            cell = store.shown(Key(VALUE, unit, ITEMS[0], PERIOD))
            assert cell
            assert [(rival.content, rival.author) for rival in cell.rivals] == [("434", OFFICER)]
            store.close()


def test_a_lost_answer_after_the_centre_acted_changes_nothing_when_repeated(office: Office, tmp_path: Path) -> None:
    with centre_in(tmp_path / "centre") as centre:
        line = Line(centre.port)
        unit = min(villages(centre).values())
        a = enrolled(office, centre, tmp_path / "a", OFFICER, line.address)
        assert a("offline", True)
        assert a("go", FORM, PERIOD, unit, ITEMS[0])
        assert a("type_down", ["434", "1607"])
        line.dropping = True
        lost = a("sync")
        assert (lost["phase"], lost["waiting"]) == ("failed", 2)
        assert line.dropped
        assert centre.rows("SELECT count(*) FROM change WHERE kind = ?", VALUE) == [(2,)]
        cells = a("cells", FORM, PERIOD, unit, ITEMS[:2])
        assert [cell[:2] for cell in cells] == [["434", "SENT"], ["1.607", "SENT"]]

        line.dropping = False
        again = a("sync")
        assert (again["phase"], again["waiting"]) == ("online", 0)
        cells = a("cells", FORM, PERIOD, unit, ITEMS[:2])
        assert [cell[:3] for cell in cells] == [["434", "RECEIVED", 0], ["1.607", "RECEIVED", 0]]
        assert centre.rows("SELECT count(*) FROM change WHERE kind = ?", VALUE) == [(2,)]
        assert centre.rows("SELECT count(*) FROM record WHERE kind = ?", VALUE) == [(2,)]
        a.close()
        line.close()


def test_what_a_village_typed_before_any_enrolment_reaches_the_commune(
    office: Office, tmp_path: Path, figures: dict[str, list[str]]
) -> None:
    name, wanted = next(iter(figures.items()))
    village = office.pc(tmp_path / "village")
    assert village("begin", name)
    assert village("go", FORM, PERIOD, OWN_UNIT, ITEMS[0])
    assert village("type_down", wanted)
    village.kill()
    with centre_in(tmp_path / "centre") as centre:
        unit = villages(centre)[name]
        village = office.pc(tmp_path / "village", centre.address, centre.code(unit, "Trưởng thôn"))
        assert village("sync")["waiting"] == 0
        commune = enrolled(office, centre, tmp_path / "commune", OFFICER)
        for pc in (village, commune):
            cells = [cell[:2] for cell in pc("cells", FORM, PERIOD, unit, ITEMS)]
            assert cells == [[shown(figure), "RECEIVED"] for figure in wanted]
        assert centre.rows("SELECT count(*), count(DISTINCT unit) FROM record WHERE kind = ?", VALUE) == [(14, 1)]
        village.close()
        commune.close()
