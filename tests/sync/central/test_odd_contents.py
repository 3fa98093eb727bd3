"""Whatever a device that may sync writes into whatever cell, it is answered: one change never holds up the others."""

from collections.abc import Callable
from datetime import date
from itertools import product
from random import Random

import pytest

from sync.domain.keys import EVIDENCE, KINDS, PROGRESS, STEP, TASK, Key, stream_of_device
from sync.domain.progress import Progress
from sync.domain.steps import Step, StepKind
from sync.domain.tasks import FIELDS, TaskState, content_of
from sync.domain.workflow import State, Status
from tests.sync.central.conftest import COMMUNE, FORM, PERIOD, VILLAGE, Device

MakeDevice = Callable[[str], Device]
UUID = "0197c0de-0000-7000-8000-0000000000aa"
DAY = date(2026, 11, 20)
CONTENTS = (
    "null",
    "true",
    "5",
    '"x"',
    '""',
    "[]",
    "{}",
    "",
    "{",
    "NaN",
    "[" * 200,
    '{"state":"submitted"}',
    '{"state":null}',
    '{"missing":"not_collected"}',
    '{"raw":"12a"}',
    '{"step":"confirm","date":"2026-11-20"}',
    '{"date":"9999-99-99","percent":50,"words":"x"}',
    '{"sha256":1,"name":[],"media":{}}',
    '{"value":"1","answer":"taken"}',
    '[["commune_entry","48","internal"]]',
    Step(StepKind.REPORT_DONE, DAY, "xong").content(),
    Progress(DAY, 50, "đang làm").content(),
    Status(State.RETURNED, comment="sai").content(),
    content_of(TaskState.COMPLETED),
    content_of(DAY),
    '{"kind":"village","name":"Thôn Một"}',
)
ITEMS = ("", "ct01", UUID, FORM, "2026-11-20", "không/có")
PERIODS = ("", PERIOD, "A2026Q9")
PARTS = ("", UUID, f"female/{UUID}", "state", "not a field", "//")
_AT_ONCE, _MANY = 400, 2_000
"""Changes of one push, and of one device."""


def odd(units: tuple[str, ...], random: Random) -> list[tuple[Key, str]]:
    """Cells that there may be and cells that there may not, of every kind, with contents of every kind."""
    cells = [Key(*parts) for parts in product(KINDS, units, ITEMS, PERIODS, PARTS)]
    fields = [Key(TASK, unit, UUID, "", part) for unit in units for part in FIELDS]
    steps = [Key(kind, COMMUNE, UUID, "", UUID) for kind in (STEP, PROGRESS, EVIDENCE)]
    return [
        *product(steps, CONTENTS),
        *random.sample(list(product(fields, CONTENTS)), 400),
        *((random.choice(cells), random.choice(CONTENTS)) for _ in range(_MANY)),
    ]


@pytest.mark.parametrize("unit", ["48", COMMUNE, VILLAGE])
def test_no_content_of_any_kind_holds_up_a_push(device: MakeDevice, unit: str) -> None:
    province, asking = device("48"), device(unit)
    for key, content in (
        (Key(TASK, COMMUNE, UUID, "", "from_unit"), '"48"'),
        (Key(TASK, COMMUNE, UUID, "", "content"), '"Rà soát"'),
        (Key(TASK, COMMUNE, UUID, "", "state"), content_of(TaskState.IN_PROGRESS)),
    ):
        province.type(key, content)
    assert province.ask(province.push()).results == []
    own = stream_of_device(asking.name)
    for key, content in odd((COMMUNE, VILLAGE, own, "48", "~", ""), Random(unit)):
        asking.type(key, content)
    for first in range(1, len(asking.log) + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, len(asking.log))
        answer = asking.ask(asking.push(first, last))
        assert answer.held is not None
        assert answer.held.n == last
