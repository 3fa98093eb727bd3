"""A form written as a workbook and read back: as it was, filled by LibreOffice, and of something else."""

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from sync.domain.catalogue import Catalogue, ValueType
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.numbers import Convention
from sync.domain.periods import Period
from sync.domain.values import Value
from sync.exchange.differences import Difference, Kind, Reading, differences, line_of, lines_of
from sync.exchange.template import Template, check_template, layout_of_template, template_of, write_template
from sync.exchange.workbooks import read_book
from tests.sync.exchange.forms import CATALOGUE, FILES, FORM, MISSING, PERIOD, THREE, VILLAGES, WORDS, cell, standing
from tests.sync.exchange.workbook import write_workbook

FILLED = {
    cell("001", "ct01"): "434",
    cell("001", "ct02"): '{"note":"đối chiếu","number":1600}',
    cell("003", "ct01"): "272",
    cell("003", "ct03"): '{"missing":"not_collected"}',
    cell("004", "ct05"): '{"raw":"12a"}',
    cell("004", "ct06"): "123456789012345678",
}
"""What the three villages had when the form was given out; bieu-da-dien.xlsx knew the first four."""


def written(path: Path, contents: dict[Key, str] | None = None, catalogue: Catalogue = CATALOGUE) -> Template:
    write_template(path, catalogue, FORM, PERIOD, THREE, FILLED if contents is None else contents, WORDS)
    found = template_of(read_book(path))
    assert found is not None
    return found


def compared(template: Template, current: dict[Key, str]) -> list[Difference]:
    layout = layout_of_template(template, FORM, CATALOGUE.indicators, list(VILLAGES))
    reading = Reading(Convention.VIETNAMESE, MISSING, template.given)
    return list(differences(template.sheet, layout, CATALOGUE.indicators, standing(current), reading))


def at(difference: Difference) -> Key:
    return difference.key(PERIOD.code)


def test_a_template_comes_back_as_it_went_out(tmp_path: Path) -> None:
    template = written(tmp_path / "biểu.xlsx")
    check_template(template, "biểu.xlsx", FORM, PERIOD, list(VILLAGES))
    assert template.units == tuple(THREE)
    assert template.catalogue == CATALOGUE.version
    found = compared(template, FILLED)
    assert {at(difference) for difference in found} == set(FILLED)
    assert {difference.kind for difference in found} == {Kind.SAME}


def test_the_parts_of_what_is_divided_go_out_and_come_back_in_lines_of_their_own(tmp_path: Path) -> None:
    form, period = CATALOGUE.forms["group_month"], Period.parse("A2026M11")
    whole = Key(VALUE, "48.20308.001", "group_vneid_people", period.code)
    given = {whole: "5", whole._replace(part="female"): "2", whole._replace(part="male"): "4"}
    write_template(tmp_path / "a.xlsx", CATALOGUE, form, period, THREE, given, WORDS)
    template = template_of(read_book(tmp_path / "a.xlsx"))
    assert template is not None
    layout = layout_of_template(template, form, CATALOGUE.indicators, list(VILLAGES))
    assert layout.left_out == ()
    lines = {name: indicator for indicator in CATALOGUE.indicators_of(form.key) for name in lines_of(indicator)}
    typed = {name for name, indicator in lines.items() if not indicator.is_computed}
    assert set(layout.rows.values()) == typed
    current = given | {whole._replace(part="male"): "3"}
    standing: dict[str, dict[str, str]] = {}
    for key, content in current.items():
        standing.setdefault(key.unit, {})[line_of(key.item, key.part)] = content
    reading = Reading(Convention.VIETNAMESE, MISSING, template.given)
    found = {it.key(period.code): it for it in differences(template.sheet, layout, lines, standing, reading)}
    assert set(found) == set(given)
    assert {it.kind for it in found.values()} == {Kind.SAME}, "nobody touched it, whatever has come since"
    plain = reading._replace(given={})
    told = {it.key(period.code): it for it in differences(template.sheet, layout, lines, standing, plain)}
    changed = told[whole._replace(part="male")]
    assert (changed.kind, changed.before, changed.after) == (Kind.CHANGED, "3", "4")


def test_what_libreoffice_filled_in_is_found_cell_by_cell() -> None:
    given = {key: content for key, content in FILLED.items() if key.unit[-3:] != "004"}
    for name in ("bieu-da-dien.xlsx", "bieu-da-dien.ods"):
        template = template_of(read_book(FILES / name))
        assert template is not None
        check_template(template._replace(scheme_version=FORM.scheme.version), name, FORM, PERIOD, list(VILLAGES))
        found = {at(found): found for found in compared(template, given)}
        told = {key: (it.kind, it.after, it.reason) for key, it in found.items()}
        assert told == {
            cell("001", "ct01"): (Kind.SAME, "434", ""),
            cell("001", "ct02"): (Kind.CHANGED, "1607", ""),
            cell("001", "ct04"): (Kind.NEW, "-3", "below_minimum"),
            cell("001", "ct05"): (Kind.NEW, '{"raw":"mười hai"}', "not_a_number"),
            cell("001", "ct12"): (Kind.NEW, "8.5", "not_whole"),
            cell("003", "ct01"): (Kind.CHANGED, "null", "emptied"),
            cell("003", "ct03"): (Kind.CHANGED, "14", ""),
            cell("004", "ct01"): (Kind.NEW, "1033", ""),
            cell("004", "ct02"): (Kind.NEW, "4034", ""),
            cell("004", "ct14"): (Kind.NEW, '{"missing":"does_not_apply"}', ""),
        }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"form": "group_month"}, "template_form"),
        ({"scheme_version": "2025-01"}, "template_version"),
        ({"scheme": "other", "scheme_version": "1"}, "template_version"),
        ({"period": "A2026Q1"}, "template_period"),
        ({"units": ("48.20194.001",)}, "template_units"),
    ],
)
def test_a_template_of_something_else_is_told_of(tmp_path: Path, change: dict[str, object], code: str) -> None:
    template = written(tmp_path / "a.xlsx")._replace(**change)  # type: ignore[arg-type]
    with pytest.raises(EnvironmentFault) as caught:
        check_template(template, "a.xlsx", FORM, PERIOD, list(VILLAGES))
    assert caught.value.code == code
    found = [tuple(THREE.values())] if "units" in change else list(change.values())
    assert caught.value.details["found"] in found


def test_what_nobody_touched_does_not_take_back_what_has_come_since(tmp_path: Path) -> None:
    template = written(tmp_path / "a.xlsx")
    since = FILLED | {cell("001", "ct01"): "440", cell("001", "ct03"): "9", cell("003", "ct03"): "15"}
    assert {found.kind for found in compared(template, since)} == {Kind.SAME}


def test_units_that_are_not_open_are_left_out_by_name(tmp_path: Path) -> None:
    template = written(tmp_path / "a.xlsx")
    layout = layout_of_template(template, FORM, CATALOGUE.indicators, list(THREE)[1:])
    assert list(layout.columns.values()) == list(THREE)[1:]
    assert [(out.text, out.reason) for out in layout.left_out] == [("Thôn Thạch Nham Đông", "not_here")]


def test_an_indicator_that_the_form_lost_is_left_out(tmp_path: Path) -> None:
    template = written(tmp_path / "a.xlsx")
    less = FORM._replace(sections=FORM.sections[1:])
    layout = layout_of_template(template, less, CATALOGUE.indicators, list(THREE))
    assert {(out.text, out.reason) for out in layout.left_out} >= {("Tổng số hộ dân", "unknown")}
    assert len(layout.rows) == 10


def test_other_workbooks_are_no_templates_and_a_half_one_is_told_of(tmp_path: Path) -> None:
    assert template_of(read_book(FILES / "tong-hop.xlsx")) is None
    write_workbook(tmp_path / "a.xlsx", [["soxa.template"]])
    assert template_of(read_book(tmp_path / "a.xlsx")) is None
    template = read_book(FILES / "bieu-da-dien.xlsx")
    keys = template.sheets[1]
    other = keys._replace(rows={0: keys.rows[0], 1: ["format", "9"]})
    spoilt = keys._replace(rows={**keys.rows, 10: ["48.20308.001", "village_ct01", "{434"]})
    short = keys._replace(rows={**keys.rows, 10: ["48.20308.001"]})
    for sheets in ((keys,), (template.sheets[0], other), (template.sheets[0], spoilt), (template.sheets[0], short)):
        with pytest.raises(EnvironmentFault, match="template_damaged"):
            template_of(template._replace(sheets=sheets))


def test_headings_are_locked_and_cells_are_checked_by_their_type(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    indicators = dict(CATALOGUE.indicators)
    for key, of, choices in (
        ("village_ct05", ValueType.CHOICE, ("Có", "Không")),
        ("village_ct06", ValueType.DECIMAL, ()),
        ("village_ct07", ValueType.TEXT, ()),
        ("village_ct08", ValueType.DATE, ()),
    ):
        indicators[key] = indicators[key]._replace(type=of, choices=choices, decimals=2, minimum=Decimal(0))
    written(path, {cell("001", "ct08"): Value(text="20/11/2026").content()}, CATALOGUE._replace(indicators=indicators))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "<sheetProtection" in sheet
    assert 'locked="0"' in styles
    assert "[$-42A]#,##0.00" in styles
    assert 'state="veryHidden"' in book
    for kind in ("whole", "decimal", "list", "textLength"):
        assert f'type="{kind}"' in sheet
    assert 'errorStyle="warning"' in sheet
    assert 'state="frozen"' in sheet
    assert sheet.count('hidden="1"') == 2
    assert "IFERROR(100*" in sheet


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.mkdir()
    with pytest.raises(EnvironmentFault) as caught:
        written(path)
    assert caught.value.code == "file_unwritable"
    with pytest.raises(EnvironmentFault, match="file_unwritable"):
        written(tmp_path / "absent" / "a.xlsx")
    assert [found.name for found in tmp_path.iterdir()] == ["a.xlsx"]
