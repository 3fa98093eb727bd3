"""The drills of passwords, with a real centre and real windows: forgotten, stolen, shared; and no secret anywhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.key import store_key
from sync.store.people import People
from tests.end_to_end.places import COMMUNE, Office, Pc, centre_in

FORM, PERIOD, ITEM = "village_quarter", "A2026Q2", "village_ct01"
SENSITIVE = "village_ct14"
VILLAGE = f"{COMMUNE}.001"
HOA, AN = "Nguyễn Thị Hoa", "Trần Văn An"
PASSWORD, OTHER, NEW = "con trau di truoc", "cai cay theo sau", "chuon chuon bay thap"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def put(pc: Pc, figure: str, item: str = ITEM) -> None:
    assert pc("go", FORM, PERIOD, VILLAGE, item)
    assert pc("type_down", [figure])


def at_centre(rows: list[tuple[str, str]]) -> set[tuple[str, str]]:
    return set(rows)


STANDING = "SELECT content, author FROM record WHERE kind = 'value' AND unit = ? AND item = ?"
TYPED = "SELECT content, author FROM change WHERE kind = 'value' AND unit = ? AND item = ?"


def secrets_of(folder: Path, *passwords: str) -> list[bytes]:
    """What must be found nowhere: passwords as they are and in UTF-16, the key raw and in hexadecimal."""
    key = People(folder).sign_in(HOA, passwords[-1])
    texts = [form for password in passwords for form in (password.encode(), password.encode("utf-16-le"))]
    return [*texts, key, key.hex().encode(), key.hex().upper().encode()]


def places_with(secrets: list[bytes], *roots: Path) -> list[str]:
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if any(secret in path.read_bytes() for secret in secrets)]


def test_a_forgotten_password_loses_nothing_and_a_stolen_folder_tells_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    with centre_in(tmp_path / "centre") as centre:
        pc = office.pc(tmp_path / "pc", centre.address, centre.code(COMMUNE, HOA))
        assert pc("sync")["phase"] == "online"
        assert pc("protect", PASSWORD)
        assert pc("offline", True)
        put(pc, "417")
        assert pc("break_down", "417")
        assert pc("has_broken")
        pc.kill()

        # Stolen: the folder, as it lies there.
        stolen = tmp_path / "stolen"
        shutil.copytree(pc.folder, stolen)
        with pytest.raises(EnvironmentFault, match="store_key_missing"):
            store_key(stolen)
        thief = office.pc(stolen)
        assert "417" not in (said := thief("sign_in", HOA, "12345678"))
        assert said
        thief.close()
        secrets = secrets_of(stolen, PASSWORD)
        assert places_with(secrets, pc.folder, stolen, centre.folder, scratch) == []

        # Forgotten: a file goes to the centre, a file comes back, and a code by phone.
        pc = office.pc(tmp_path / "pc")
        asking = tmp_path / "asking.soxa"
        assert pc("forget", str(asking))
        answer, code = centre.recover(asking)
        assert "recovery" in centre.refuses("recover", str(answer))
        assert pc("take_reset", str(asking), code, NEW) != ""
        assert pc("take_reset", str(answer), "2222-2222-2222", NEW) != ""
        assert pc("take_reset", str(answer), code, NEW) == ""
        assert pc("who") == HOA
        assert [row[0] for row in pc("cells", FORM, PERIOD, VILLAGE, [ITEM])] == ["417"]
        assert pc("offline", False)
        assert pc("sync")["waiting"] == 0
        assert at_centre(centre.rows(TYPED, VILLAGE, ITEM)) >= {("417", HOA)}
        pc.close()
        assert places_with(secrets_of(pc.folder, PASSWORD, NEW), pc.folder, centre.folder, scratch, tmp_path) == []

        # Once is once; and a device that was revoked is not let in again.
        pc = office.pc(tmp_path / "pc")
        assert pc("take_reset", str(answer), code, OTHER) != ""
        assert pc("sign_in", HOA, NEW) == ""
        pc.close()
        with_key = Store.open(pc.folder, People(pc.folder).sign_in(HOA, NEW))
        centre.revoke(with_key.device)
        with_key.close()
        assert "revoked" in centre.refuses("recover", str(asking))


def test_each_of_two_people_at_one_pc_sees_and_types_what_is_theirs(office: Office, tmp_path: Path) -> None:
    with centre_in(tmp_path / "centre") as centre:
        centre.decide("grant", HOA, "--role", "commune_entry", "--unit", COMMUNE, "--up-to", "sensitive")
        centre.decide("grant", AN, "--role", "village_entry", "--unit", VILLAGE, "--up-to", "internal")
        pc = office.pc(tmp_path / "pc", centre.address, centre.code(COMMUNE, HOA))
        assert pc("sync")["phase"] == "online"
        assert pc("protect", PASSWORD)
        put(pc, "417")
        put(pc, "93", SENSITIVE)
        assert pc("sync")["waiting"] == 0
        assert pc("add_person", AN, OTHER)
        ((device,),) = centre.rows("SELECT device FROM device WHERE person = ?", HOA)
        centre.decide("device-people", device, "--person", HOA, "--person", AN)
        assert pc("sync")["phase"] == "online"
        assert pc("lock")
        assert pc("sign_in", AN, OTHER) == ""
        # On his screen is the village's harmless figure, and of the other not even that there is one.
        assert [row[:2] for row in pc("cells", FORM, PERIOD, VILLAGE, [ITEM, SENSITIVE])] == [
            ["417", "RECEIVED"],
            ["", ""],
        ]
        put(pc, "94", SENSITIVE)
        put(pc, "418")
        assert pc("sync")["waiting"] == 0
        assert centre.rows(STANDING, VILLAGE, ITEM) == [("418", AN)]
        assert centre.rows(STANDING, VILLAGE, SENSITIVE) == [("93", HOA)], "what he typed beyond his right is held"
        assert pc("lock")
        assert pc("sign_in", HOA, PASSWORD) == ""
        assert [row[0] for row in pc("cells", FORM, PERIOD, VILLAGE, [ITEM, SENSITIVE])] == ["418", "93"]
        centre.decide("grant", AN, "--role", "village_entry", "--unit", VILLAGE, "--up-to", "sensitive")
        # He had not seen hers: with the right, his stands beside it and not in its place.
        assert pc("sync")["phase"] == "online"
        ((text, _, rivals, _),) = pc("cells", FORM, PERIOD, VILLAGE, [SENSITIVE])
        assert (text, rivals) == ("93", 1)
        pc.close()


def test_two_people_take_turns_at_one_pc(office: Office, tmp_path: Path) -> None:
    with centre_in(tmp_path / "centre") as centre:
        pc = office.pc(tmp_path / "pc", centre.address, centre.code(COMMUNE, HOA))
        assert pc("sync")["phase"] == "online"
        assert pc("protect", PASSWORD)
        assert pc("add_person", AN, OTHER)
        put(pc, "417")
        assert pc("lock")
        assert pc("sign_in", AN, PASSWORD) != ""
        assert pc("sign_in", AN, OTHER) == ""
        assert pc("who") == AN
        put(pc, "12", "village_ct02")
        assert pc("lock")
        assert pc("sign_in", HOA, PASSWORD) == ""
        assert pc("who") == HOA
        assert [row[0] for row in pc("cells", FORM, PERIOD, VILLAGE, [ITEM, "village_ct02"])] == ["417", "12"]
        assert pc("sync")["waiting"] == 0
        assert at_centre(centre.rows(TYPED, VILLAGE, ITEM)) >= {("417", HOA)}
        assert at_centre(centre.rows(TYPED, VILLAGE, "village_ct02")) >= {("12", AN)}
        pc.close()
