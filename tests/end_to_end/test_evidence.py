"""Evidence from a village to its commune: attached offline, said at once, and the file itself when it is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop.widgets.words import say
from sync.domain.keys import EVIDENCE
from tests.desktop.drawn import PLACE, pdf, photo, taken
from tests.end_to_end.places import COMMUNE, Centre, Office, Pc, centre_in

VILLAGER, OFFICER = "Trưởng thôn", "Cán bộ UBND xã"
PHOTO, PAPER = "Lớp tập huấn.jpg", "Biên bản.pdf"
A4 = (595.0, 842.0)


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def task_of_a_village(centre: Centre) -> tuple[str, str]:
    """A village and one of its tasks."""
    rows = centre.rows(
        "SELECT unit, item FROM record WHERE kind = 'task' AND unit LIKE ? ORDER BY item", f"{COMMUNE}.%"
    )
    return str(rows[0][0]), str(rows[0][1])


def word(where: str) -> str:
    return say(f"tasks.evidence.state.{where}", percent=0)


def enrolled(office: Office, centre: Centre, folder: Path, unit: str, person: str) -> Pc:
    pc = office.pc(folder, centre.address, centre.code(unit, person))
    assert pc("sync")["phase"] == "online"
    return pc


def test_a_photo_of_a_village_is_known_at_once_and_comes_when_it_is_asked_for(office: Office, tmp_path: Path) -> None:
    photo_file, paper_file, bad = (tmp_path / name for name in (PHOTO, PAPER, "cài đặt.pdf"))
    photo_file.write_bytes(taken(photo(3000, 2000), 6))
    paper_file.write_bytes(pdf([A4] * 3))
    bad.write_bytes(b"#!/bin/sh\n")
    with centre_in(tmp_path / "centre") as centre:
        unit, job = task_of_a_village(centre)
        village = enrolled(office, centre, tmp_path / "village", unit, VILLAGER)
        commune = enrolled(office, centre, tmp_path / "commune", COMMUNE, OFFICER)
        assert village("offline", True)
        refused = village("attach", job, [str(photo_file), str(bad), str(paper_file)])
        assert [one.split(":")[0] for one in refused] == ["cài đặt.pdf"]
        assert [row[:2] for row in village("evidence", job)] == [[PHOTO, word("here")], [PAPER, word("here")]]
        said, kept = village("digest", job, PHOTO)
        assert said == kept
        assert village("look", job, PHOTO) == [1365, 2048]
        village.kill()

        village = office.pc(tmp_path / "village")
        assert [row[:2] for row in village("evidence", job)] == [[PHOTO, word("here")], [PAPER, word("here")]]
        assert village("sync")["phase"] == "online"
        assert commune("sync")["phase"] == "online"
        known = commune("evidence", job)
        assert [row[:2] for row in known] == [[PHOTO, word("there")], [PAPER, word("there")]]
        assert all(VILLAGER in row[2] for row in known)

        assert village("evidence_is", job, PHOTO, word("both"))
        assert village("evidence_is", job, PAPER, word("both"))
        assert commune("fetch", job, PHOTO)
        assert commune("evidence_is", job, PHOTO, word("both"))
        assert commune("digest", job, PHOTO) == [said, said]
        assert commune("look", job, PHOTO) == [1365, 2048]
        assert [row[1] for row in commune("evidence", job)] == [word("both"), word("there")], "only what was asked for"

        copies = tmp_path / "a.jpg", tmp_path / "b.jpg"
        assert village("save_copy", job, PHOTO, str(copies[0]))
        assert commune("save_copy", job, PHOTO, str(copies[1]))
        assert copies[0].read_bytes() == copies[1].read_bytes()
        assert PLACE not in copies[1].read_bytes()
        assert QImage(str(copies[1])).height() == 2048
        assert centre.rows("SELECT count(*) FROM record WHERE kind = ?", EVIDENCE) == [(2,)]
        village.close()
        commune.close()
    for file in (file for pc in ("village", "commune") for file in (tmp_path / pc).rglob("*") if file.is_file()):
        kept_bytes = file.read_bytes()
        assert b"JFIF\0" not in kept_bytes, file.name
        assert b"%PDF-" not in kept_bytes, file.name
