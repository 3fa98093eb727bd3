"""The commands for units, deadlines, periods and holidays, in this process."""

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from sync.central.administration import Administration
from sync.central.centre import open_centre
from sync.central.terminal import CATALOGUES
from sync.domain.deadlines import Deadline
from sync.domain.holidays import Holiday
from sync.domain.keys import CLOSING, DEADLINE, UNIT, Key
from sync.domain.local_time import VIETNAM
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from tests.sync.central.conftest import COMMUNE, OTHER_COMMUNE, Clock, Device, Run

FORM, PERIOD = "village_quarter", "A2026Q2"
FIRST, SECOND = f"{COMMUNE}.001", f"{COMMUNE}.002"


def decided(folder: Path, kind: str) -> dict[Key, str]:
    with closing(open_centre(folder, load(CATALOGUES), Clock())) as centre:
        return centre.repository.decided(kind)


def test_villages_are_created_renamed_and_closed(province_folder: Path, run: Run) -> None:
    made = run("unit", "create", COMMUNE, "  Thôn   Phú Hòa ", "--decision", "QĐ 12", "--since", "2026-07-01")
    assert (made.exit_code, made.stdout) == (0, f"Created Thôn Phú Hòa with the key {FIRST}.\n")
    assert SECOND in run("unit", "create", COMMUNE, "Thôn An Sơn").stdout
    assert run("unit", "create", OTHER_COMMUNE, "Tổ 1").exit_code == 0
    assert run("unit", "rename", FIRST, "Thôn Phú Hòa Mới").exit_code == 0
    closed = run("unit", "close", SECOND, "--last-day", "2026-12-31", "--decision", "QĐ 99")
    assert "31/12/2026" in closed.stdout
    # A number is never given again, and a name that is free may be.
    assert f"{COMMUNE}.003" in run("unit", "create", COMMUNE, "Thôn An Sơn").stdout
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        units = centre.repository.units()
    assert (units[FIRST].name, units[FIRST].decision, units[FIRST].valid_from) == (
        "Thôn Phú Hòa Mới",
        "QĐ 12",
        date(2026, 7, 1),
    )
    assert (units[SECOND].valid_to, units[SECOND].decision) == (date(2026, 12, 31), "QĐ 99")
    assert units[f"{OTHER_COMMUNE}.001"].kind is UnitKind.RESIDENTIAL_GROUP


def test_communes_are_created_under_their_official_codes(province_folder: Path, run: Run) -> None:
    made = run("unit", "create-commune", "special_zone", "20999", "Đặc khu Sơn Trà", "--since", "2027-01-01")
    assert (made.exit_code, made.stdout) == (0, "Created Đặc khu Sơn Trà with the key 48.20999.\n")
    assert run("unit", "create", "48.20999", "Tổ 1").exit_code == 0
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        units = centre.repository.units()
    assert units["48.20999"] == Unit(
        "48.20999", UnitKind.SPECIAL_ZONE, "Đặc khu Sơn Trà", "20999", valid_from=date(2027, 1, 1)
    )
    assert units["48.20999.001"].kind is UnitKind.RESIDENTIAL_GROUP


def test_the_catalogue_read_again_takes_back_nothing_of_what_was_decided(province_folder: Path, run: Run) -> None:
    assert run("unit", "rename", COMMUNE, "Xã Bà Nà Mới").exit_code == 0
    assert run("unit", "close", OTHER_COMMUNE, "--last-day", "2026-12-31").exit_code == 0
    assert run("unit", "create-commune", "ward", "20999", "Phường Mới").exit_code == 0
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        before = centre.repository.units()
        stale = replace(before["48.20197"], name="Tên cũ")
        centre.repository.decide([(Key(UNIT, stale.key), stale.content())], "admin")
    assert run("init", "--province", "48").exit_code == 0
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        # What only an older catalogue called so has the name of this one.
        assert centre.repository.units() == before
    assert (before[COMMUNE].name, before[OTHER_COMMUNE].valid_to) == ("Xã Bà Nà Mới", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create-commune", "village", "20999", "Thôn"), "village is not a commune"),
        (("create-commune", "commune", "2099", "Xã Mới"), "5 digits"),
        (("create-commune", "commune", "20999.", "Xã Mới"), "5 digits"),
        (("create-commune", "commune", COMMUNE[3:], "Xã Mới"), "Xã Bà Nà"),
        (("create-commune", "commune", "20999", "Xa Ba Na"), "accents"),
        (("create-commune", "commune", "20999", ""), "cannot be used"),
        (("create", "48.99999", "Thôn"), "no unit 48.99999"),
        (("create", "48", "Thôn"), "48"),
        (("create", COMMUNE, " "), "cannot be used"),
        (("create", COMMUNE, "x" * 201), "cannot be used"),
        (("create", COMMUNE, "Thon phu hoa"), "accents"),
        (("create", COMMUNE, "Thôn Hai", "--since", "1/7/2026"), "1/7/2026"),
        (("rename", "48.99999", "Xã"), "no unit"),
        (("rename", FIRST, "Thôn An Sơn"), "accents"),
        (("rename", SECOND, "Thôn Khác"), "closed"),
        (("close", COMMUNE, "--last-day", "2026-12-31"), "not closed"),
        (("close", SECOND, "--last-day", "2026-12-31"), "closed"),
        (("close", FIRST, "--last-day", "2020-01-01"), "2020-01-01"),
        (("close", FIRST, "--last-day", "x"), "x cannot be used"),
    ],
)
def test_what_cannot_be_done_with_a_unit_is_said(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    assert run("unit", "create", COMMUNE, "Thôn Phú Hòa", "--since", "2026-07-01").exit_code == 0
    assert run("unit", "create", COMMUNE, "Thôn Khác").exit_code == 0
    assert run("unit", "close", SECOND, "--last-day", "2026-10-01").exit_code == 0
    assert run("unit", "create", COMMUNE, "Thôn An Sơn").exit_code == 0
    refused = run("unit", *arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert sentence in refused.stderr


def test_deadlines_are_set_by_a_day_or_by_working_days_for_one_unit_or_a_round(province_folder: Path, run: Run) -> None:
    for name in ("Thôn Một", "Thôn Hai"):
        run("unit", "create", COMMUNE, name)
    assert run("holiday", "set", "2026-06-15", "Nghỉ bù").exit_code == 0
    assert run("holiday", "set", "2026-06-20", "Làm bù", "--worked").exit_code == 0
    told = run("deadline", "set", FORM, PERIOD, "--unit", COMMUNE, "--working-days", "6", "--source", "CV 5")
    # The period ends on Sunday 14 June: 16, 17, 18, 19, the Saturday that is worked, and Monday 22.
    assert "17:00 22/06/2026" in told.stdout
    of_round = run("deadline", "set", FORM, PERIOD, "--unit", FIRST, "--unit", SECOND, "--due", "2026-06-30")
    assert of_round.exit_code == 0
    found = {key.unit: Deadline.of(content) for key, content in decided(province_folder, DEADLINE).items()}
    assert found[COMMUNE] == Deadline(datetime(2026, 6, 22, 17, tzinfo=VIETNAM), "CV 5")
    assert found[FIRST] == found[SECOND] == Deadline(datetime(2026, 6, 30, 17, tzinfo=VIETNAM))
    assert run("deadline", "clear", FORM, PERIOD, "--unit", FIRST).exit_code == 0
    assert decided(province_folder, DEADLINE)[Key(DEADLINE, FIRST, FORM, PERIOD)] == "null"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("deadline", "set", FORM, PERIOD, "--unit", COMMUNE), "one of the two"),
        (("deadline", "set", FORM, PERIOD, "--unit", COMMUNE, "--due", "2026-06-30", "--working-days", "2"), "one of"),
        (("deadline", "set", "no_form", PERIOD, "--unit", COMMUNE, "--due", "2026-06-30"), "no form no_form"),
        (("deadline", "set", FORM, "A2026", "--unit", COMMUNE, "--due", "2026-06-30"), "A2026"),
        (("deadline", "set", FORM, "x", "--unit", COMMUNE, "--working-days", "1"), "x is no period"),
        (("deadline", "set", FORM, PERIOD, "--unit", COMMUNE, "--working-days", "-1"), "-1"),
        (("deadline", "set", FORM, PERIOD, "--unit", "48.99999", "--due", "2026-06-30"), "no unit"),
        (("period", "close", FORM, PERIOD, "--unit", "48.99999"), "no unit"),
        (("period", "close", "no_form", PERIOD, "--unit", COMMUNE), "no form"),
        (("holiday", "set", "2/9/2026", "Quốc khánh"), "2/9/2026"),
        (("holiday", "set", "2026-09-02", ""), "cannot be used"),
        (("holiday", "clear", "2026-09-02"), "2026-09-02"),
        (("device-name", "00" * 10, "PC"), "soxa-central devices"),
    ],
)
def test_what_cannot_be_decided_is_said_and_changes_nothing(
    province_folder: Path, run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = run(*arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert sentence in refused.stderr
    assert decided(province_folder, DEADLINE) == decided(province_folder, CLOSING) == {}


def test_a_period_is_closed_and_opened_again(province_folder: Path, run: Run) -> None:
    key = Key(CLOSING, COMMUNE, FORM, PERIOD)
    assert run("period", "close", FORM, PERIOD, "--unit", COMMUNE).exit_code == 0
    assert decided(province_folder, CLOSING) == {key: "true"}
    assert run("period", "reopen", FORM, PERIOD, "--unit", COMMUNE).exit_code == 0
    assert decided(province_folder, CLOSING) == {key: "null"}


def test_holidays_are_listed_and_taken_back(province_folder: Path, run: Run) -> None:
    assert run("holiday", "list").stdout == ""
    run("holiday", "set", "2026-09-02", "Quốc khánh")
    run("holiday", "set", "2026-08-29", "Làm bù", "--worked")
    assert run("holiday", "list").stdout.splitlines() == ["29/08/2026\tworked\tLàm bù", "02/09/2026\toff\tQuốc khánh"]
    assert run("holiday", "clear", "2026-09-02").exit_code == 0
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        assert Administration(centre).holidays() == {date(2026, 8, 29): Holiday("Làm bù", is_worked=True)}


def test_a_device_is_called_by_another_name(province_folder: Path, run: Run) -> None:
    with closing(open_centre(province_folder, load(CATALOGUES), Clock())) as centre:
        device = Device(centre, COMMUNE).name
    assert run("device-name", device, "Máy văn phòng\x1b[2J").exit_code == 0
    assert f"{device}\t{COMMUNE}\tNguyễn Văn An\tMáy văn phòng[2J\t" in run("devices").stdout
