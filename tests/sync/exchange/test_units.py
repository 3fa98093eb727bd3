"""The units that ship, against the counts that are known, and what is wrong in a broken list."""

from collections import Counter
from pathlib import Path

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.text import fold, search
from sync.domain.units import Unit, UnitKind
from sync.exchange.tables import Wrong, read_table
from sync.exchange.units import load_units

SHIPPED = Path(__file__).parents[3] / "resources" / "catalogues"
HEAD = "key,kind,name,code,valid_from,valid_to,decision,source\n"
PROVINCES = [line.cells["key"] for line in read_table(SHIPPED / "units.csv").lines if "." not in line.cells["key"]]


def wrongs(folder: Path, lines: str) -> list[tuple[int, str]]:
    (folder / "units.csv").write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(EnvironmentFault) as caught:
        load_units(folder, "48")
    assert caught.value.code == "catalogue_invalid"
    errors = caught.value.details["errors"]
    assert isinstance(errors, tuple)
    assert all(isinstance(wrong, Wrong) for wrong in errors)
    return [(wrong.line, wrong.reason) for wrong in errors]


def test_all_provinces_have_the_counts_of_today() -> None:
    units: list[Unit] = []
    for province in PROVINCES:
        units += load_units(SHIPPED, province)
    assert Counter(unit.kind for unit in units) == {
        UnitKind.PROVINCE: 34,
        UnitKind.COMMUNE: 2611,
        UnitKind.WARD: 697,
        UnitKind.SPECIAL_ZONE: 13,
    }
    assert all(unit.code == unit.key.rpartition(".")[2] for unit in units)
    communes = Counter(unit.key.partition(".")[0] for unit in units if unit.kind is not UnitKind.PROVINCE)
    assert (communes["44"], communes["31"], communes["79"], communes["48"]) == (78, 114, 168, 94)
    cities = [unit for unit in units if unit.kind is UnitKind.PROVINCE and unit.name.startswith("Thành phố")]
    assert len(cities) == 7


def test_the_known_corrections_are_made() -> None:
    changed = [unit for unit in load_units(SHIPPED, "75") if unit.decision == "237/NQ-UBTVQH16"]
    assert len(changed) == 10
    assert {unit.kind for unit in changed} == {UnitKind.WARD}
    assert "06978" in {unit.code for unit in load_units(SHIPPED, "22") if unit.name == "Xã Ba Chẽ"}
    kinds = {unit.code: unit.kind for unit in load_units(SHIPPED, "31") + load_units(SHIPPED, "92")}
    assert [kinds[code] for code in ("10543", "11848", "31213", "31299")] == [
        *(UnitKind.WARD, UnitKind.COMMUNE, UnitKind.WARD, UnitKind.COMMUNE),
    ]


def test_names_that_differ_in_accents_alone_are_all_found() -> None:
    units = load_units(SHIPPED, "82")
    assert {unit.name for unit in search("my tho", units, lambda unit: unit.name)} >= {"Phường Mỹ Tho", "Xã Mỹ Thọ"}
    assert fold("Mỹ Tho") == fold("Mỹ Thọ")


def test_a_province_is_read_alone_in_the_order_of_its_keys() -> None:
    units = load_units(SHIPPED, "48")
    assert [unit.key for unit in units] == sorted(unit.key for unit in units)
    assert units[0] == Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng", "48", source="vietnamadminunits 1.0.4")
    assert "48.20308" in {unit.key for unit in units if unit.name == "Xã Bà Nà"}


def test_errors_come_at_once_and_other_provinces_are_not_looked_at(tmp_path: Path) -> None:
    lines = (
        "48,province,Thành phố Đà Nẵng,48,,,,x\n"
        "48.20308,commune,Xã Bà Nà,20308,,,,x\n"
        "48.20308,commune,Xã Bà Nà,20308,,,,x\n"
        "48.2030,commune,Xã,2030,,,,x\n"
        "48.20309,hamlet,Xã,20309,1/7/2025,,,x\n"
        "48.20310,commune,,20310,,,,x\n"
        "01.4,commune,,4,,,,x\n"
    )
    assert wrongs(tmp_path, lines) == [
        (4, "duplicate_key"),
        (5, "unit_invalid"),
        (6, "value_unknown"),
        (6, "date_invalid"),
        (6, "unit_invalid"),
        (7, "empty"),
        (7, "unit_invalid"),
    ]


def test_a_province_that_is_not_listed_is_said_so(tmp_path: Path) -> None:
    assert wrongs(tmp_path, "01,province,Thành phố Hà Nội,01,,,,x\n") == [(0, "unknown_province")]
    assert wrongs(tmp_path, "48.20308,commune,Xã Bà Nà,20308,,,,x\n") == [(0, "unknown_province")]


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        load_units(tmp_path, "48")
    assert caught.value.details["errors"] == (Wrong("units.csv", 0, "file_missing", "No such file or directory"),)
