"""The sample data of the real commune, and the faults of a broken copy."""

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import DEADLINE, TASK, UNIT, VALUE, Key
from sync.domain.tasks import FIELDS, tasks_of
from sync.domain.units import Unit
from sync.exchange.catalogue import load
from sync.exchange.samples import read_samples
from sync.exchange.units import load_units

RESOURCES = Path(__file__).parents[3] / "resources"
SAMPLES = RESOURCES / "samples"
CATALOGUE = load(RESOURCES / "catalogues")
BA_NA = next(unit for unit in load_units(RESOURCES / "catalogues", "48") if unit.name == "Xã Bà Nà")


def test_the_samples_are_those_of_the_real_commune() -> None:
    cells = read_samples(SAMPLES, BA_NA, CATALOGUE)
    assert Counter(key.kind for key in cells)[VALUE] == 6 * 14
    villages = [Unit.of(key.unit, content) for key, content in cells.items() if key.kind == UNIT]
    assert [unit.key for unit in villages] == [f"48.20308.{number:03}" for number in range(1, 11)]
    assert all(unit.source.startswith("mẫu") for unit in villages)
    (thai_lai,) = (unit.key for unit in villages if unit.name == "Thôn Thái Lai")
    assert cells[Key(VALUE, thai_lai, "village_ct02", "A2026Q2")] == "4927"


def test_four_villages_have_no_figure() -> None:
    cells = read_samples(SAMPLES, BA_NA, CATALOGUE)
    filled = {key.unit for key in cells if key.kind == VALUE}
    empty = {
        Unit.of(key.unit, content).name for key, content in cells.items() if key.kind == UNIT and key.unit not in filled
    }
    assert empty == {"Thôn Thạch Nham Tây", "Thôn Hòa Nhơn", "Thôn Sơn Phước", "Thôn Hòa Ninh"}


def test_only_the_deadline_that_was_real_is_not_called_a_sample() -> None:
    cells = read_samples(SAMPLES, BA_NA, CATALOGUE)
    deadlines = {key: Deadline.of(content) for key, content in cells.items() if key.kind == DEADLINE}
    real = deadlines.pop(Key(DEADLINE, BA_NA.key, "village_quarter", "A2026Q2"))
    assert real.due == datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
    assert "mẫu" not in real.source
    assert all("mẫu" in deadline.source for deadline in deadlines.values())


def test_tasks_are_marked_and_invent_no_document() -> None:
    cells = read_samples(SAMPLES, BA_NA, CATALOGUE)
    tasks = tasks_of({key: content for key, content in cells.items() if key.kind == TASK})
    assert len(tasks) == 5
    assert all(task.content.endswith("(mẫu)") for task in tasks)
    assert {task.document for task in tasks} == {""}
    assert BA_NA.key in {task.unit for task in tasks}
    assert None in {task.due_date for task in tasks}


@pytest.mark.parametrize(
    ("file", "content", "wrongs"),
    [
        (
            "deadlines.csv",
            "form,period,due,source\nno_form,A2026Q9,2026-06-15T17:00+07:00,\nvillage_quarter,A2026Q2,2026-06-15T17:00,\n",
            [(2, "unknown_form"), (2, "period_invalid"), (3, "date_invalid")],
        ),
        (
            "deadlines.csv",
            "form,period,due\nvillage_quarter,A2026Q2,2026-06-15T17:00+07:00\n",
            [(1, "column_missing")],
        ),
        (
            "values_2026Q2.csv",
            "period,village,village_ct01\nA2026Q2,Thôn Lạ,1.2.3\nA2026Q2,Thôn An Sơn,5\nA2026Q2,Thôn An Sơn,5\n",
            [(2, "unknown_village"), (2, "number_invalid"), (4, "duplicate_row")],
        ),
        ("values_2026Q2.csv", "period,village,village_poor_rate\n", [(1, "column_unknown")]),
        ("tasks.csv", "", [(0, "file_empty")]),
        (
            "tasks.csv",
            ",".join(("item", "village", *FIELDS)) + "\n1,,Việc\n01A199C5-3280-7AD1-AD56-464D0A41F7EF,,Việc\n",
            [(2, "value_unknown"), (3, "value_unknown")],
        ),
    ],
)
def test_faults_of_a_file_come_at_once(tmp_path: Path, file: str, content: str, wrongs: list[tuple[int, str]]) -> None:
    folder = tmp_path / "samples"
    shutil.copytree(SAMPLES, folder)
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(EnvironmentFault) as caught:
        read_samples(folder, BA_NA, CATALOGUE)
    assert caught.value.code == "file_unreadable"
    errors = caught.value.details["errors"]
    assert isinstance(errors, tuple)
    assert [(wrong.line, wrong.reason) for wrong in errors] == wrongs
    assert {wrong.file for wrong in errors} == {caught.value.details["file"]} == {file}


def test_a_field_of_a_task_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    shutil.copytree(SAMPLES, folder)
    text = (
        (folder / "tasks.csv").read_text(encoding="utf-8").replace("not_started", "soon").replace("2026-11-24", "24/11")
    )
    (folder / "tasks.csv").write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentFault) as caught:
        read_samples(folder, BA_NA, CATALOGUE)
    errors = caught.value.details["errors"]
    assert isinstance(errors, tuple)
    assert [(wrong.line, wrong.text.partition(":")[0]) for wrong in errors] == [(4, "due_date"), (5, "state")]
