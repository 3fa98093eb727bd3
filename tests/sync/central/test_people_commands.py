"""The commands for people and roles, in this process: their sentences, and what they decide."""

from contextlib import closing
from pathlib import Path

import pytest

from sync.central.centre import open_centre
from sync.central.terminal import CATALOGUES
from sync.domain.catalogue import Sensitivity
from sync.domain.persons import Person
from sync.domain.rights import Grant, Role
from sync.exchange.catalogue import load
from tests.sync.central.conftest import COMMUNE, Clock, Device, Run, value_key

HOA = "Trần Thị Bình"


def test_a_role_is_given_listed_and_withdrawn(province_folder: Path, run: Run) -> None:
    done = run("grant", "Trần Thị Bình", "--role", "commune_entry", "--unit", COMMUNE, "--up-to", "sensitive")
    assert (done.exit_code, done.stdout) == (
        0,
        "Trần Thị Bình is now commune_entry at Xã Bà Nà, up to sensitive figures.\n",
    )
    assert run("grant", "An", "--role", "administrator", "--unit", "48").exit_code == 0
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        assert centre.staff.persons() == {
            "An": Person("An", "An", (Grant(Role.ADMINISTRATOR, "48", Sensitivity.INTERNAL),)),
            HOA: Person(HOA, HOA, (Grant(Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE),)),
        }
        device = Device(centre, COMMUNE).name
    assert run("device-people", device, "--person", "An", "--person", "Trần Thị Bình").exit_code == 0
    assert run("people").stdout.splitlines()[1:] == [
        f"An\tadministrator\t48\tinternal\t{device}",
        f"Trần Thị Bình\tcommune_entry\t{COMMUNE}\tsensitive\t{device}",
    ]
    assert run("withdraw", "An", "--role", "administrator", "--unit", "48").exit_code == 0
    assert f"An\t-\t-\t-\t{device}" in run("people").stdout
    assert f"{device}\t{COMMUNE}\t" in run("devices").stdout


def test_a_name_is_corrected_and_no_two_are_called_alike(run: Run) -> None:
    assert run("grant", "Trần Thị Binh", "--role", "commune_entry", "--unit", COMMUNE).exit_code == 0
    assert run("grant", "trần thị  binh", "--role", "commune_entry", "--unit", COMMUNE).exit_code == 2
    done = run("person-name", "Trần Thị Binh", "Trần Thị Bình")
    assert (done.exit_code, done.stdout) == (0, "The name is corrected: Trần Thị Bình~Trần Thị Binh.\n")
    assert run("people").stdout.splitlines()[1].startswith("Trần Thị Bình~Trần Thị Binh\tcommune_entry\t")
    # They are meant by what they are called, and by what they were.
    for name in ("Trần Thị Bình~Trần Thị Binh", "Trần Thị Binh", "Trần Thị Bình"):
        assert run("withdraw", name, "--role", "commune_entry", "--unit", COMMUNE).exit_code == 0
        assert run("grant", name, "--role", "commune_entry", "--unit", COMMUNE).exit_code == 0
    refused = run("grant", "trần thị bình", "--role", "commune_entry", "--unit", COMMUNE)
    assert refused.exit_code == 2
    assert "tell them apart" in refused.stderr
    assert run("person-name", "Nobody", "Somebody").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("grant", "An", "--role", "village_entry", "--unit", COMMUNE), "another level"),
        (("grant", "An", "--role", "commune_entry", "--unit", "48.99999"), "48.99999"),
        (("grant", "  ", "--role", "commune_entry", "--unit", COMMUNE), "--person"),
        (("grant", "x" * 201, "--role", "commune_entry", "--unit", COMMUNE), "--person"),
        (("withdraw", "An", "--role", "commune_entry", "--unit", COMMUNE), "An"),
        (("device-people", "00" * 10, "--person", "An"), "soxa-central devices"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    province_folder: Path, run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        assert centre.staff.persons() == {}


def test_a_role_that_does_not_exist_is_refused(run: Run) -> None:
    assert run("grant", "An", "--role", "emperor", "--unit", COMMUNE).exit_code == 2


def test_the_audit_is_shown_and_looked_at(province_folder: Path, run: Run) -> None:
    assert run("grant", "An\x1b[2J", "--role", "administrator", "--unit", "48").exit_code == 2
    assert run("grant", "An", "--role", "administrator", "--unit", "48").exit_code == 0
    shown = run("audit", "show", "--most", "1").stdout
    assert "person/48/An" in shown
    assert '[["administrator","48","internal"]]' in shown
    found = run("audit", "verify")
    assert found.exit_code == 0
    end = found.stdout.split()[-1]
    assert run("audit", "verify", "--end", end).exit_code == 0
    assert run("audit", "show", "--unit", "48.99999").stdout.count("\n") == 1
    for wrong, sentence in (("zz", "no end"), ("00ff", "does not contain")):
        refused = run("audit", "verify", "--end", wrong)
        assert (refused.exit_code, sentence in refused.stderr) == (2, True)
    with (
        closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre,
        centre.database.writing() as connection,
    ):
        connection.exec_driver_sql("UPDATE audit SET author = 'x' WHERE n = 3")
    refused = run("audit", "verify")
    assert (refused.exit_code, refused.stderr.strip()) == (2, "Entry 3 of the audit was altered.")


def test_what_a_revoked_device_sent_is_listed_taken_and_dismissed(province_folder: Path, run: Run) -> None:
    names = []
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        for _ in range(2):
            lost = Device(centre, COMMUNE)
            centre.enrolment.revoke(lost.name)
            lost.type(value_key(COMMUNE, "village_ct01"), "1")
            lost.ask(lost.push())
            names.append(lost.name)
    first, second = names
    assert f"{first}\tNguyễn Văn An\t1\t" in run("escrow", "list").stdout
    assert f"Took 1 changes of computer {first}" in run("escrow", "take", first).stdout
    assert first not in run("escrow", "list").stdout
    assert f"Dismissed 1 changes of computer {second}" in run("escrow", "dismiss", second).stdout
    for way in ("take", "dismiss"):
        refused = run("escrow", way, second)
        assert (refused.exit_code, "escrow list" in refused.stderr) == (2, True)
