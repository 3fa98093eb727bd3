"""A form that goes through LibreOffice itself, on a PC that has it, comes back with its keys and figures."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sync.domain.numbers import Convention
from sync.exchange.differences import Kind, Reading, differences
from sync.exchange.template import check_template, layout_of_template, template_of, write_template
from sync.exchange.workbooks import read_book
from tests.sync.exchange.forms import CATALOGUE, FORM, MISSING, PERIOD, THREE, WORDS, cell, standing

WITHIN_S = 120


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed; files that it made are tested")
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_form_stored_by_libreoffice_is_known_again(tmp_path: Path, kind: str) -> None:
    contents = {
        cell("001", "ct01"): "434",
        cell("003", "ct02"): "873",
        cell("004", "ct14"): '{"missing":"not_collected"}',
    }
    given = tmp_path / "biểu.xlsx"
    write_template(given, CATALOGUE, FORM, PERIOD, THREE, contents, WORDS)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = tmp_path / "out"
    command = ["soffice", "--headless", "--norestore", profile, "--convert-to", kind, "--outdir", str(out), str(given)]
    subprocess.run(command, check=True, timeout=WITHIN_S, stdout=subprocess.DEVNULL)
    template = template_of(read_book(out / f"biểu.{kind}"))
    assert template is not None
    check_template(template, given.name, FORM, PERIOD, list(THREE))
    layout = layout_of_template(template, FORM, CATALOGUE.indicators, list(THREE))
    reading = Reading(Convention.VIETNAMESE, MISSING, template.given)
    told = differences(template.sheet, layout, CATALOGUE.indicators, standing({}), reading)
    assert {(it.kind, it.key(PERIOD.code)) for it in told} == {(Kind.SAME, key) for key in contents}
    since = differences(template.sheet, layout, CATALOGUE.indicators, standing({}), reading._replace(given={}))
    assert {it.key(PERIOD.code): it.after for it in since} == contents
