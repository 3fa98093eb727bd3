"""The catalogue that ships, and every error of a broken one at once, with its file and line."""

import csv
import shutil
from pathlib import Path

import pytest

from sync.domain.catalogue import Aggregation, Gaps, SchemeStatus, Sensitivity, Severity, ValueType, When
from sync.domain.errors import EnvironmentFault
from sync.domain.units import Level
from sync.exchange.catalogue import COLUMNS, load
from sync.exchange.tables import Wrong

SHIPPED = Path(__file__).parents[3] / "resources" / "catalogues"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue, to be broken."""
    for file in COLUMNS:
        shutil.copy(SHIPPED / file, tmp_path / file)
    return tmp_path


def put(folder: Path, file: str, line: int, column: str, text: str) -> None:
    """Write `text` into one cell."""
    with (folder / file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    rows[line - 1][rows[0].index(column)] = text
    with (folder / file).open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(rows)


def append(folder: Path, file: str, line: str) -> int:
    """Add a line and give its number."""
    with (folder / file).open("a", encoding="utf-8") as opened:
        opened.write(line + "\n")
    return (folder / file).read_text(encoding="utf-8").count("\n")


def wrongs(folder: Path) -> list[Wrong]:
    with pytest.raises(EnvironmentFault) as caught:
        load(folder)
    assert caught.value.code == "catalogue_invalid"
    errors = caught.value.details["errors"]
    assert isinstance(errors, tuple)
    return list(errors)


def test_the_shipped_catalogue_loads() -> None:
    catalogue = load(SHIPPED)
    assert list(catalogue.forms) == ["village_quarter", "commune_quarter", "group_month"]
    form = catalogue.forms["village_quarter"]
    assert sorted(row.label for row in form.rows if row.label) == [f"CT{number:02}" for number in range(1, 15)]
    rates = [indicator for indicator in catalogue.indicators_of(form.key) if indicator.type is ValueType.RATE]
    assert [rate.scale for rate in rates] == [100, 100, 1000]
    assert catalogue.schemes["group_activity"].status is SchemeStatus.PROPOSED
    assert len(catalogue.forms["group_month"].rows) == 9


def test_a_commune_sums_its_villages_but_never_what_is_not_to_be_summed() -> None:
    catalogue = load(SHIPPED)
    form, below = catalogue.forms["commune_quarter"], catalogue.forms["village_quarter"]
    assert form.sums == below.key
    assert {kind.level for kind in form.unit_kinds} == {Level.COMMUNE}
    assert {row.indicator for row in below.rows} - {row.indicator for row in form.rows} == {"village_ct14"}
    assert [row for row in form.rows if row not in below.rows] == []
    assert Aggregation.NONE not in {indicator.aggregation for indicator in catalogue.indicators_of(form.key)}
    assert {indicator.gaps for indicator in catalogue.indicators.values()} == {Gaps.BLOCK}
    assert form.scheme.status is SchemeStatus.PROPOSED


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("number\n", "empty"),
        ("number\n1\n2\n", "duplicate_row"),
        ("number\nhai\n", "number_invalid"),
        ("", "file_empty"),
    ],
)
def test_a_catalogue_has_one_edition(folder: Path, content: str, reason: str) -> None:
    (folder / "edition.csv").write_text(content, encoding="utf-8")
    assert [(wrong.file, wrong.reason) for wrong in wrongs(folder)] == [("edition.csv", reason)]


@pytest.mark.parametrize(("written", "days"), [("", None), ("0", 0), ("5", 5)])
def test_a_form_may_say_after_how_many_working_days_it_is_due(folder: Path, written: str, days: int | None) -> None:
    put(folder, "forms.csv", 2, "due_working_days", written)
    assert load(folder).forms["village_quarter"].due_working_days == days


@pytest.mark.parametrize("written", ["hai", "-1", "367", "1.5"])
def test_what_is_no_number_of_days_is_told(folder: Path, written: str) -> None:
    put(folder, "forms.csv", 2, "due_working_days", written)
    assert [(wrong.file, wrong.line, wrong.reason) for wrong in wrongs(folder)] == [("forms.csv", 2, "number_invalid")]


def test_no_indicator_claims_an_official_code() -> None:
    assert {indicator.code for indicator in load(SHIPPED).indicators.values()} == {""}


def test_what_is_sensitive_is_marked_so() -> None:
    indicators = load(SHIPPED).indicators
    public = {key for key, indicator in indicators.items() if indicator.sensitivity is Sensitivity.PUBLIC}
    assert public == {f"village_ct{n}" for n in ("01", "02", "09", "12", "13")} | {"village_guided_rate"}
    violence = indicators["village_ct14"]
    assert (violence.sensitivity, violence.aggregation) == (Sensitivity.SENSITIVE, Aggregation.NONE)
    assert indicators["village_poor_rate"].sensitivity is Sensitivity.SENSITIVE


def test_every_source_has_words_for_an_officer_and_stays_traceable() -> None:
    catalogue = load(SHIPPED)
    used = {scheme.source for scheme in catalogue.schemes.values()}
    used |= {form.source for form in catalogue.forms.values()} | {rule.source for rule in catalogue.rules.values()}
    used |= {indicator.source for indicator in catalogue.indicators.values()}
    used |= {indicator.breakdown.source for indicator in catalogue.indicators.values() if indicator.breakdown}
    assert used == set(catalogue.sources)
    assert not any("github" in source.name.vi or "docs/" in source.name.vi for source in catalogue.sources.values())
    assert "bana-smartlink-rc" in catalogue.sources["bana_form"].reference


def test_people_of_the_proposed_form_are_told_by_sex() -> None:
    catalogue = load(SHIPPED)
    divided = {key: found for key, indicator in catalogue.indicators.items() if (found := indicator.breakdown)}
    assert set(divided) == {"group_vneid_people", "group_payment_people", "group_members_trained"}
    assert all(catalogue.indicators[key].scheme.status is SchemeStatus.PROPOSED for key in divided)
    sex = divided["group_vneid_people"]
    assert [member.key for member in sex.members] == ["female", "male"]
    assert sex.sums is Severity.SOFT
    assert catalogue.indicators["group_vneid_people"].has_part("male")
    assert not catalogue.indicators["group_vneid_people"].has_part("other")
    assert not catalogue.indicators["village_ct01"].has_part("male")
    assert catalogue.indicators["village_ct01"].has_part("")


def test_only_our_own_rules_look_at_other_periods_and_say_whose_they_are() -> None:
    rules = load(SHIPPED).rules.values()
    soft = [rule.key for rule in rules if rule.severity is Severity.SOFT]
    assert soft == ["people_per_household", "ct01_against_last", "ct02_against_last"]
    for rule in rules:
        ours = any(figure.when is not When.NOW for figure in rule.figures)
        assert ours == (rule.source == "ours_rules") == rule.name.vi.endswith("(đề xuất)")


def test_the_one_formula_is_of_the_form_that_is_our_own() -> None:
    catalogue = load(SHIPPED)
    (total,) = [indicator for indicator in catalogue.indicators.values() if indicator.formula]
    assert total.scheme.status is SchemeStatus.PROPOSED
    assert total.confidence.startswith("PROPOSED")


def test_the_version_follows_the_content(folder: Path) -> None:
    before = load(folder).version
    assert load(SHIPPED).version == before
    text = (folder / "rules.csv").read_bytes()
    (folder / "rules.csv").write_bytes(text.replace(b"\n", b"\r\n"))
    assert load(folder).version == before
    put(folder, "indicators.csv", 2, "name_en", "Homes")
    assert load(folder).version != before


BREAKS: list[tuple[str, int, str, str, str]] = [
    ("schemes.csv", 2, "key", "Bana Village", "key_invalid"),
    ("schemes.csv", 3, "key", "bana_village", "duplicate_key"),
    ("schemes.csv", 2, "status", "draft", "value_unknown"),
    ("schemes.csv", 2, "issued", "15/07/2026", "date_invalid"),
    ("schemes.csv", 2, "name_vi", "", "empty"),
    ("schemes.csv", 2, "source", "none", "unknown_source"),
    ("sources.csv", 3, "key", "bana_form", "duplicate_key"),
    ("sources.csv", 2, "name_vi", "", "empty"),
    ("sources.csv", 2, "key", "other", "unknown_source"),
    ("breakdowns.csv", 2, "key", "gender", "breakdown_empty"),
    ("breakdowns.csv", 2, "members_sum", "perhaps", "value_unknown"),
    ("breakdowns.csv", 2, "source", "none", "unknown_source"),
    ("breakdown_members.csv", 2, "breakdown", "age", "unknown_breakdown"),
    ("breakdown_members.csv", 3, "key", "female", "duplicate_key"),
    ("breakdown_members.csv", 3, "key", "male/female", "key_invalid"),
    ("indicators.csv", 3, "breakdown", "age", "unknown_breakdown"),
    ("indicators.csv", 16, "breakdown", "sex", "breakdown_unfit"),
    ("rules.csv", 2, "source", "none", "unknown_source"),
    ("units_of_measure.csv", 3, "key", "household", "duplicate_key"),
    ("units_of_measure.csv", 3, "name_en", "", "empty"),
    ("indicators.csv", 3, "key", "village_ct01", "duplicate_key"),
    ("indicators.csv", 3, "key", "1st", "key_invalid"),
    ("indicators.csv", 3, "scheme", "none", "unknown_scheme"),
    ("indicators.csv", 3, "unit_of_measure", "furlong", "unknown_unit_of_measure"),
    ("indicators.csv", 3, "type", "number", "value_unknown"),
    ("indicators.csv", 3, "type", "choice", "choices_unfit"),
    ("indicators.csv", 3, "choices", "a;b", "choices_unfit"),
    ("indicators.csv", 3, "decimals", "1", "decimals_unfit"),
    ("indicators.csv", 3, "decimals", "many", "number_invalid"),
    ("indicators.csv", 3, "decimals", "10", "number_invalid"),
    ("indicators.csv", 3, "minimum", "1e5", "number_invalid"),
    ("indicators.csv", 3, "frequency", "Quarter", "value_unknown"),
    ("indicators.csv", 3, "frequency", "month", "period_differs"),
    ("indicators.csv", 3, "regime", "statistical", "period_differs"),
    ("indicators.csv", 3, "unit_kinds", "", "value_unknown"),
    ("indicators.csv", 3, "unit_kinds", "village", "unit_kinds_differ"),
    ("indicators.csv", 3, "sensitivity", "secret", "value_unknown"),
    ("indicators.csv", 3, "aggregation", "mean", "value_unknown"),
    ("indicators.csv", 3, "aggregation", "rate_of_sums", "aggregation_unfit"),
    ("indicators.csv", 3, "gaps", "", "value_unknown"),
    ("indicators.csv", 3, "gaps", "ignore", "value_unknown"),
    ("indicators.csv", 3, "numerator", "village_ct01", "no_rate"),
    ("indicators.csv", 16, "numerator", "", "rate_incomplete"),
    ("indicators.csv", 16, "numerator", "village_ct99", "unknown_indicator"),
    ("indicators.csv", 16, "numerator", "village_poor_rate", "names_itself"),
    ("indicators.csv", 16, "numerator", "village_near_poor_rate", "not_a_number"),
    ("indicators.csv", 16, "denominator", "group_vneid_people", "part_not_in_form"),
    ("indicators.csv", 16, "scale", "0", "number_invalid"),
    ("indicators.csv", 16, "aggregation", "sum", "aggregation_unfit"),
    ("indicators.csv", 3, "key", "last__village_ct01", "key_invalid"),
    ("indicators.csv", 6, "formula", "village_ct03 +", "expression_invalid"),
    ("indicators.csv", 6, "formula", "village_ct03 < village_ct01", "expression_invalid"),
    ("indicators.csv", 6, "formula", "double(village_ct03) / 2.0", "expression_invalid"),
    ("indicators.csv", 6, "formula", "1 + 2", "formula_names_nothing"),
    ("indicators.csv", 6, "formula", "village_ct99 + 1", "unknown_indicator"),
    ("indicators.csv", 6, "formula", "village_ct05 + 1", "names_itself"),
    ("indicators.csv", 6, "formula", "last__village_ct03 + 1", "formula_of_another_period"),
    ("indicators.csv", 6, "formula", "village_poor_rate + 1", "not_a_number"),
    ("indicators.csv", 6, "formula", "group_vneid_people + 1", "part_not_in_form"),
    ("indicators.csv", 16, "formula", "village_ct03 + 1", "formula_unfit"),
    ("forms.csv", 2, "scheme", "none", "unknown_scheme"),
    ("forms.csv", 3, "key", "village_quarter", "duplicate_key"),
    ("forms.csv", 3, "sums", "none", "unknown_form"),
    ("forms.csv", 3, "sums", "group_month", "sums_unfit"),
    ("forms.csv", 3, "sums", "commune_quarter", "sums_unfit"),
    ("forms.csv", 2, "sums", "village_quarter", "sums_unfit"),
    ("form_sections.csv", 2, "form", "none", "unknown_form"),
    ("form_sections.csv", 3, "section", "people", "duplicate_key"),
    ("form_rows.csv", 2, "section", "none", "unknown_section"),
    ("form_rows.csv", 2, "indicator", "village_ct99", "unknown_indicator"),
    ("form_rows.csv", 3, "indicator", "village_ct01", "duplicate_row"),
    ("form_rows.csv", 3, "label", "CT01", "duplicate_label"),
    ("rules.csv", 3, "key", "ct03_within_ct01", "duplicate_key"),
    ("rules.csv", 2, "form", "none", "unknown_form"),
    ("rules.csv", 2, "form", "group_month", "not_in_form"),
    ("rules.csv", 2, "severity", "fatal", "value_unknown"),
    ("rules.csv", 2, "expression", "", "empty"),
    ("rules.csv", 2, "expression", "village_ct03 <", "expression_invalid"),
    ("rules.csv", 2, "expression", "village_ct03 + village_ct01", "expression_invalid"),
    ("rules.csv", 2, "expression", "1 < 2", "names_nothing"),
    ("rules.csv", 2, "expression", "ct03_within_ct01 < 2", "unknown_indicator"),
    ("rules.csv", 2, "expression", "village_poor_rate < 2", "not_a_number"),
    ("rules.csv", 2, "expression", "last__village_ct01 < 2", "names_nothing"),
    ("rules.csv", 2, "expression", "village_ct01 < last__village_ct99", "unknown_indicator"),
    ("rules.csv", 2, "expression", "village_ct01 < next__village_ct01", "unknown_indicator"),
    ("rules.csv", 2, "expression", "village_ct01 < last.village_ct01", "unknown_indicator"),
    ("rules.csv", 2, "expression", "village_ct01 < last_year__group_meetings_held", "not_in_form"),
]


@pytest.mark.parametrize(("file", "line", "column", "text", "reason"), BREAKS)
def test_each_error_names_its_file_and_line(
    folder: Path, file: str, line: int, column: str, text: str, reason: str
) -> None:
    put(folder, file, line, column, text)
    found = wrongs(folder)
    where = {(wrong.file, wrong.line) for wrong in found if wrong.reason == reason}
    shown_by_the_row = {"period_differs", "unit_kinds_differ", "part_not_in_form"}
    named = file if (file, reason) != ("sources.csv", "unknown_source") else "rules.csv"
    assert ("form_rows.csv" if reason in shown_by_the_row else named) in {name for name, _ in where}
    if reason not in shown_by_the_row and named == file:
        assert (file, line) in where


def test_a_rule_that_asks_why_names_a_figure_that_is_typed(folder: Path) -> None:
    rule = "group_total,group_month,{},group_guidance_total <= 100,Tổng,Total,Quá nhiều.,Too many.,{}"
    source = (folder / "rules.csv").read_text(encoding="utf-8").splitlines()[1].rsplit(",", 1)[1]
    append(folder, "rules.csv", rule.format("hard", source))
    assert "group_total" in load(folder).rules
    line = append(folder, "rules.csv", rule.replace("group_total", "group_total_why").format("soft", source))
    assert [(wrong.file, wrong.line, wrong.reason) for wrong in wrongs(folder)] == [
        ("rules.csv", line, "names_nothing_typed")
    ]


def test_errors_of_all_files_come_at_once(folder: Path) -> None:
    put(folder, "schemes.csv", 2, "status", "draft")
    put(folder, "indicators.csv", 3, "type", "number")
    put(folder, "indicators.csv", 5, "decimals", "x")
    put(folder, "rules.csv", 2, "expression", "village_ct99 < 1")
    line = append(folder, "form_rows.csv", "village_quarter,people,,village_ct98")
    assert [(wrong.file, wrong.line, wrong.reason) for wrong in wrongs(folder)] == [
        ("form_rows.csv", line, "unknown_indicator"),
        ("indicators.csv", 3, "value_unknown"),
        ("indicators.csv", 5, "number_invalid"),
        ("rules.csv", 2, "unknown_indicator"),
        ("schemes.csv", 2, "value_unknown"),
    ]


def test_rates_that_name_each_other_are_a_circle(folder: Path) -> None:
    put(folder, "indicators.csv", 16, "numerator", "village_near_poor_rate")
    put(folder, "indicators.csv", 17, "numerator", "village_poor_rate")
    circles = [(wrong.line, wrong.text) for wrong in wrongs(folder) if wrong.reason == "circle"]
    assert circles == [(16, "village_near_poor_rate"), (17, "village_poor_rate")]


def test_formulas_that_name_each_other_are_a_circle_and_all_errors_come_at_once(folder: Path) -> None:
    put(folder, "indicators.csv", 6, "formula", "village_ct06 + village_ct07")
    put(folder, "indicators.csv", 7, "formula", "village_ct08 * 2")
    put(folder, "indicators.csv", 9, "formula", "village_ct05 + last__village_ct01")
    put(folder, "rules.csv", 3, "expression", "last__village_ct03 < village_ct98")
    found = [(wrong.file, wrong.line, wrong.reason, wrong.text) for wrong in wrongs(folder)]
    assert found == [
        ("indicators.csv", 6, "circle", "village_ct06"),
        ("indicators.csv", 7, "circle", "village_ct08"),
        ("indicators.csv", 9, "circle", "village_ct05"),
        ("indicators.csv", 9, "formula_of_another_period", "last__village_ct01"),
        ("rules.csv", 3, "unknown_indicator", "village_ct98"),
    ]


def test_files_that_cannot_be_read_are_named_and_blame_no_other(folder: Path) -> None:
    (folder / "units_of_measure.csv").write_bytes(b"key,name_vi,name_en\nhousehold,h\xf4,households\n")
    (folder / "form_rows.csv").unlink()
    lines = (folder / "schemes.csv").read_text(encoding="utf-8").split("\n")
    lines[0] = lines[0].replace("issuer", "author")
    (folder / "schemes.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "rules.csv").write_text("", encoding="utf-8")
    assert [(wrong.file, wrong.line, wrong.reason, wrong.text) for wrong in wrongs(folder)] == [
        ("form_rows.csv", 0, "file_missing", "No such file or directory"),
        ("rules.csv", 0, "file_empty", ""),
        ("schemes.csv", 1, "column_missing", "issuer"),
        ("schemes.csv", 1, "column_unknown", "author"),
        ("units_of_measure.csv", 2, "not_utf8", ""),
    ]


def test_a_form_needs_a_row(folder: Path) -> None:
    append(folder, "forms.csv", "empty_form,Trống,Empty,bana_village,quarter,administrative,village,,,bana_form")
    assert [(wrong.file, wrong.line, wrong.reason) for wrong in wrongs(folder)] == [("forms.csv", 5, "form_empty")]


def test_a_missing_folder_is_a_fault_too(tmp_path: Path) -> None:
    assert {wrong.reason for wrong in wrongs(tmp_path / "nowhere")} == {"file_missing"}
