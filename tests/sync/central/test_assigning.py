"""Who may write what of a task at the centre: above, who assigned it, and who does it."""

from collections.abc import Callable
from datetime import date

import pytest

from sync.central.centre import Centre
from sync.domain.evidence import Evidence, key_of
from sync.domain.heads import Outcome
from sync.domain.keys import STEP, TASK, Key
from sync.domain.media import Media
from sync.domain.steps import Step, StepKind
from sync.domain.tasks import Task, TaskState, content_of
from sync.protocol.messages import Result
from tests.sync.central.conftest import COMMUNE, OTHER_COMMUNE, VILLAGE, Device

MakeDevice = Callable[[str], Device]
NOT_YOURS = "not_yours_to_decide"
ITEM = "019324c1-5a00-7000-8000-000000000001"
STEP_ID = "019324c1-5a00-7000-8000-00000000000a"
DAY = date(2026, 11, 20)
ASKED = Step(StepKind.ASK_EXTENSION, DAY, "Chờ máy", date(2026, 12, 5))


def give(by: Device, unit: str, item: str = ITEM, **fields: object) -> None:
    task = Task(item, unit, "Rà soát", from_unit=by.unit, **fields)  # type: ignore[arg-type]
    for key, content in task.cells().items():
        by.type(key, content)
    assert by.ask(by.push(by.held.n + 1 if by.held else 1)).results == []


def said(by: Device, key: Key, content: str) -> list[Result]:
    """What becomes of a change that has seen what stands in its cell."""
    by.pull()
    seen = tuple(head.version for head in by.base[key].heads) if key in by.base else ()
    by.type(key, content, seen)
    n = len(by.log)
    return [result for result in by.ask(by.push(n)).results if result.n == n]


def field(part: str, unit: str = COMMUNE, item: str = ITEM) -> Key:
    return Key(TASK, unit, item, "", part)


def parked(by: Device) -> list[Result]:
    return [Result(len(by.log), Outcome.PARKED, NOT_YOURS)]


def test_a_province_gives_a_commune_a_task_and_the_commune_breaks_it_down(device: MakeDevice) -> None:
    province, commune, village = device("48"), device(COMMUNE), device(VILLAGE)
    give(province, COMMUNE)
    commune.pull()
    assert commune.base[field("content")].heads[0].content == '"Rà soát"'
    give(commune, VILLAGE, ITEM[:-1] + "2", parent=ITEM)
    village.pull()
    assert {key.item for key in village.base if key.kind == TASK} == {ITEM[:-1] + "2"}


@pytest.mark.parametrize("part", ["content", "due_date", "group", "parent", "from_unit", "supports"])
def test_who_does_a_task_does_not_write_it_anew(device: MakeDevice, part: str) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE, due_date=DAY)
    content = {"due_date": content_of(date(2027, 1, 1)), "group": '"general"', "from_unit": f'"{COMMUNE}"'}
    assert said(commune, field(part), content.get(part, '"Khác"')) == parked(commune)
    assert said(province, field(part), content.get(part, '"Khác"')) == []


def test_who_does_a_task_says_how_far_it_is_but_does_not_confirm_it(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    for state in (TaskState.IN_PROGRESS, TaskState.AWAITING_CONFIRMATION):
        assert said(commune, field("state"), content_of(state)) == []
    assert said(commune, field("completed_date"), content_of(DAY)) == []
    # Half of sending back is not taken either.
    assert said(commune, field("completed_date"), content_of(None)) == parked(commune)
    assert said(commune, field("contact"), '"Bà B"') == []
    for state in (TaskState.COMPLETED, TaskState.REDO, TaskState.ON_HOLD, TaskState.WITHDRAWN):
        assert said(commune, field("state"), content_of(state)) == parked(commune)
    assert said(province, field("state"), content_of(TaskState.COMPLETED)) == []
    # Of what was confirmed neither the state nor the day is the unit's to change any more.
    assert said(commune, field("state"), content_of(TaskState.IN_PROGRESS)) == parked(commune)
    assert said(commune, field("completed_date"), content_of(None)) == parked(commune)
    assert said(commune, field("contact"), '"Ông C"') == []


def test_who_does_a_task_does_not_go_on_with_what_was_withdrawn(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    assert said(province, field("state"), content_of(TaskState.WITHDRAWN)) == []
    # Also offline, before anybody there knew; what they said of it stays beside it.
    assert said(commune, field("state"), content_of(TaskState.AWAITING_CONFIRMATION)) == parked(commune)
    assert said(commune, field("completed_date"), content_of(DAY)) == parked(commune)
    done = Step(StepKind.REPORT_DONE, DAY).content()
    assert said(commune, Key(STEP, COMMUNE, ITEM, "", STEP_ID), done) == []
    assert province.heads(field("state")) == [content_of(TaskState.WITHDRAWN)]


def test_two_corrections_at_once_stand_beside_each_other_until_somebody_decides(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    other = Device(province.centre, "48")
    other.pull()
    key = field("content")
    seen = tuple(head.version for head in other.base[key].heads)
    assert said(province, key, '"Rà soát mạng"') == []
    other.type(key, '"Rà soát máy"', seen)
    assert [result.outcome for result in other.ask(other.push()).results] == [Outcome.CONFLICT]
    assert commune.heads(key) == ['"Rà soát mạng"', '"Rà soát máy"']
    assert said(other, key, '"Rà soát mạng, máy"') == []
    assert commune.heads(key) == ['"Rà soát mạng, máy"']


@pytest.mark.parametrize("kind", list(StepKind))
def test_each_step_is_for_those_it_is_for(device: MakeDevice, kind: StepKind) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    was = (("content", "Rà soat"),) if kind is StepKind.CORRECT else ()
    content = Step(kind, DAY, "Vì thế", date(2026, 12, 5), to=STEP_ID, was=was).content()
    own = kind in (StepKind.ASK_EXTENSION, StepKind.EXPLAIN, StepKind.REPORT_DONE, StepKind.REFUSE)
    key = Key(STEP, COMMUNE, ITEM, "", STEP_ID)
    assert said(commune, key, content) == ([] if own else parked(commune))
    assert said(province, key._replace(part=STEP_ID[:-1] + "b"), content) == []


def test_a_step_that_somebody_took_is_theirs(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    key = Key(STEP, COMMUNE, ITEM, "", STEP_ID)
    assert said(commune, key, ASKED.content()) == []
    other = Device(province.centre, "48")
    other.pull()
    seen = tuple(head.version for head in other.base[key].heads)
    other.type(key, Step(StepKind.REPORT_DONE, DAY).content(), seen, author="Trần Văn Bình")
    assert other.ask(other.push()).results == [Result(1, Outcome.PARKED, NOT_YOURS)]


@pytest.mark.parametrize(
    "content", ["null", "5", '{"step":"confirm"}', ASKED.content().replace('"step"', ' "step"'), '"x"']
)
def test_what_is_no_step_is_parked(device: MakeDevice, content: str) -> None:
    commune = device(COMMUNE)
    key = Key(STEP, VILLAGE, ITEM, "", STEP_ID)
    assert said(commune, key, content) == [Result(1, Outcome.PARKED, "invalid_content")]


def test_a_step_is_cleared_by_nobody(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    key = Key(STEP, COMMUNE, ITEM, "", STEP_ID)
    assert said(commune, key, ASKED.content()) == []
    for who in (commune, province):
        assert said(who, key, "null") == [Result(len(who.log), Outcome.PARKED, "invalid_content")]
    assert commune.heads(key) == [ASKED.content()]


def test_a_unit_gives_itself_a_task_and_takes_none_that_is_anothers(device: MakeDevice, centre: Centre) -> None:
    commune = device(COMMUNE)
    give(commune, COMMUNE, due_date=DAY)
    assert said(commune, field("due_date"), content_of(date(2027, 1, 1))) == []
    assert said(commune, field("state"), content_of(TaskState.COMPLETED)) == []
    # One that the centre gave names nobody who gave it: the unit cannot say that it was the unit.
    other = ITEM[:-1] + "9"
    centre.repository.decide([(field("content", item=other), '"Việc của trung tâm"')], "admin")
    mine = f'"{COMMUNE}"'
    assert said(commune, field("from_unit", item=other), mine) == parked(commune)
    # Nor does it begin one in somebody else's name, or with anything but who gives it.
    assert said(commune, field("from_unit", item=ITEM[:-1] + "7"), '"48"') == parked(commune)
    assert said(commune, field("content", item=ITEM[:-1] + "7"), '"Việc"') == parked(commune)


def test_no_unit_writes_a_task_of_another(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, OTHER_COMMUNE)
    commune.pull()
    assert not any(key.kind == TASK for key in commune.base)
    commune.type(field("state", OTHER_COMMUNE), content_of(TaskState.IN_PROGRESS))
    commune.type(Key(STEP, OTHER_COMMUNE, ITEM, "", STEP_ID), ASKED.content())
    assert [result.reason for result in commune.ask(commune.push()).results] == ["not_your_unit"] * 2


# Evidence of a task

PIECE = key_of(COMMUNE, ITEM, STEP_ID)
SAID = Evidence("Biên bản.pdf", "0123456789abcdef" * 4, 1000, Media.PDF)
OTHER_SAID = SAID._replace(sha256="fedcba9876543210" * 4)


def test_who_does_a_task_attaches_evidence_which_whoever_sees_the_task_sees(device: MakeDevice) -> None:
    province, commune, other = device("48"), device(COMMUNE), device(OTHER_COMMUNE)
    give(province, COMMUNE)
    assert said(commune, PIECE, SAID.content()) == []
    assert province.heads(PIECE) == [SAID.content()]
    assert other.heads(PIECE) == []
    other.type(PIECE._replace(part=STEP_ID[:-1] + "b"), SAID.content())
    assert [result.reason for result in other.ask(other.push()).results] == ["not_your_unit"]


def test_evidence_is_taken_away_and_never_becomes_another_file(device: MakeDevice) -> None:
    commune = device(COMMUNE)
    assert said(commune, PIECE, SAID.content()) == []
    assert said(commune, PIECE, OTHER_SAID.content()) == parked(commune)
    assert said(commune, PIECE, "null") == []
    assert commune.heads(PIECE) == ["null"]
    assert said(commune, PIECE, SAID.content()) == []
    assert commune.heads(PIECE) == [SAID.content()]


def test_evidence_that_somebody_attached_is_theirs(device: MakeDevice) -> None:
    commune = device(COMMUNE)
    assert said(commune, PIECE, SAID.content()) == []
    other = Device(commune.centre, COMMUNE)
    other.pull()
    other.type(PIECE, "null", tuple(head.version for head in other.base[PIECE].heads), author="Trần Văn Bình")
    assert other.ask(other.push()).results == [Result(1, Outcome.PARKED, NOT_YOURS)]


def test_what_a_confirmation_was_given_for_is_not_taken_away(device: MakeDevice) -> None:
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    assert said(commune, PIECE, SAID.content()) == []
    assert said(province, field("state"), content_of(TaskState.COMPLETED)) == []
    assert said(commune, PIECE, "null") == parked(commune)
    # What was attached offline, before anybody there knew, still comes.
    assert said(commune, PIECE._replace(part=STEP_ID[:-1] + "b"), OTHER_SAID.content()) == []
    assert said(province, field("state"), content_of(TaskState.REDO)) == []
    assert said(commune, PIECE, "null") == []


@pytest.mark.parametrize(
    ("key", "content"),
    [
        (PIECE, "5"),
        (PIECE, SAID.content().replace('"media"', ' "media"')),
        (PIECE, SAID._replace(name="../x.pdf").content()),
        (PIECE, SAID._replace(size=3 << 30).content()),
        (PIECE._replace(part="x"), SAID.content()),
        (PIECE._replace(period="A2026Q2"), "null"),
    ],
)
def test_what_is_no_evidence_is_parked(device: MakeDevice, key: Key, content: str) -> None:
    commune = device(COMMUNE)
    assert said(commune, key, content) == [Result(1, Outcome.PARKED, "invalid_content")]


def test_what_waited_for_a_task_that_was_closed_goes_on_when_it_is_taken_up_again(device: MakeDevice) -> None:
    """Sent back, or no longer withdrawn: nobody has to type the state, the day, or the file's removal again."""
    province, commune = device("48"), device(COMMUNE)
    give(province, COMMUNE)
    give(province, COMMUNE, other := ITEM[:-1] + "2")
    assert said(commune, PIECE, SAID.content()) == []
    for item, state in ((ITEM, TaskState.COMPLETED), (other, TaskState.WITHDRAWN)):
        assert said(province, field("state", item=item), content_of(state)) == []
    assert said(commune, PIECE, "null") == parked(commune)
    for item in (ITEM, other):
        assert said(commune, field("completed_date", item=item), content_of(DAY)) == parked(commune)
    assert said(province, field("state"), content_of(TaskState.REDO)) == []
    assert commune.heads(PIECE) == ["null"]
    assert commune.heads(field("completed_date")) == [content_of(DAY)]
    assert commune.heads(field("completed_date", item=other)) == []
    assert said(province, field("state", item=other), content_of(TaskState.IN_PROGRESS)) == []
    assert commune.heads(field("completed_date", item=other)) == [content_of(DAY)]
    assert {outcome for outcome, _ in commune.told().values()} == {"applied"}


def test_a_step_of_a_task_whose_giver_is_not_known_yet_waits_for_it(device: MakeDevice, centre: Centre) -> None:
    department = device("48.D01")
    centre.repository.decide([(field("content", "48.D01"), '"Rà soát"')], "admin")
    key = Key(STEP, "48.D01", ITEM, "", STEP_ID)
    held = Step(StepKind.HOLD, DAY, "Chờ máy").content()
    assert said(department, key, held) == parked(department)
    centre.repository.decide([(field("from_unit", "48.D01"), '"48.D01"')], "admin")
    assert department.heads(key) == [held]
