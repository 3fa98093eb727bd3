"""Roles and their loss with a real centre and real windows; and no planted figure or secret lies open anywhere."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.end_to_end.places import COMMUNE, Centre, Office, centre_in
from tests.end_to_end.test_people import FORM, HOA, ITEM, PASSWORD, PERIOD, VILLAGE, places_with, put, secrets_of

SECRET_ITEM = "village_ct14"
FIRST, SECRET, LATE = "7340912", "8256013", "9167204"
"""Figures that no other text has."""

VILLAGES = [f"{COMMUNE}.{number:03}" for number in range(2, 11)]
UNSENT = {village: [f"71{place}40{row}" for row in range(11)] for place, village in enumerate(VILLAGES)}
"""Eleven figures for each of nine villages: with that of the first, a hundred."""

VALUES = "SELECT content FROM record WHERE kind = 'value' AND unit = ? AND item = ?"


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def typed_at(centre: Centre) -> set[str]:
    """The figures that stand at the centre."""
    return {content for (content,) in centre.rows("SELECT content FROM record WHERE kind = 'value'")}


def test_a_role_comes_and_goes_and_a_revoked_pc_hands_in_what_it_had(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    with centre_in(tmp_path / "centre") as centre:
        centre.decide("grant", HOA, "--role", "commune_entry", "--unit", COMMUNE)
        pc = office.pc(tmp_path / "pc", centre.address, centre.code(COMMUNE, HOA))
        assert pc("sync")["phase"] == "online"
        assert pc("protect", PASSWORD)
        put(pc, FIRST)
        put(pc, SECRET, SECRET_ITEM)
        assert pc("sync")["waiting"] == 0
        # The role ends below the sensitive class: the one is taken, the other held until it does not.
        assert centre.rows(VALUES, VILLAGE, ITEM) == [(FIRST,)]
        assert centre.rows(VALUES, VILLAGE, SECRET_ITEM) == []
        centre.decide("grant", HOA, "--role", "commune_entry", "--unit", COMMUNE, "--up-to", "sensitive")
        assert centre.rows(VALUES, VILLAGE, SECRET_ITEM) == [(SECRET,)]
        assert pc("sync")["fault"] == ""
        ((shown, *_),) = pc("cells", FORM, PERIOD, VILLAGE, [SECRET_ITEM])
        assert shown.replace(".", "") == SECRET

        # Revoked while it had more to send.
        assert pc("offline", True)
        put(pc, LATE)
        for village in VILLAGES:
            assert pc("go", FORM, PERIOD, village, ITEM)
            assert pc("type_down", UNSENT[village])
        (device,) = {row[0] for row in centre.rows("SELECT device FROM device WHERE person = ?", HOA)}
        centre.revoke(device)
        assert pc("offline", False)
        ended = pc("sync")
        assert (ended["phase"], ended["fault"]) == ("failed", "device_revoked")
        assert centre.rows(VALUES, VILLAGE, ITEM) == [(FIRST,)]
        assert f"{device}\t{HOA}\t100\t" in centre.decide("escrow", "list")
        assert not typed_at(centre) & set(chain(*UNSENT.values()))
        centre.decide("escrow", "take", device)
        assert centre.rows(VALUES, VILLAGE, ITEM) == [(LATE,)]
        assert typed_at(centre) >= set(chain(*UNSENT.values()))
        assert "village_ct14" in (told := centre.decide("audit", "show", "--unit", VILLAGE))
        centre.decide("audit", "verify")
        pc.close()

        # Of all this no figure lies open on the PC, and none in any log, report or temporary file.
        planted = [figure.encode() for figure in (FIRST, SECRET, LATE)]
        secrets = secrets_of(pc.folder, PASSWORD)
        assert places_with([*planted, *secrets], pc.folder, scratch) == []
        assert places_with(secrets, centre.folder) == []
        for path in (centre.folder / "log", centre.folder / "register.soxa"):
            assert not any(figure in path.read_bytes() for figure in planted)
        assert not any(figure.decode() in told for figure in planted)
