"""The repository: exactly once, the head rule, parking, and what the tables hold of it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from sync.central import tables
from sync.central.arrivals import MAX_PREV
from sync.central.centre import Centre
from sync.domain.comments import key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.keys import CLOSING, COMMENT, DEADLINE, PROGRESS, TASK, UNIT, VALUE, Key
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED
from sync.protocol import codec
from sync.protocol.codec import MessageError
from sync.protocol.messages import Push, Result, SyncAnswer, SyncRequest, Version
from sync.protocol.version import OLDEST, PROTOCOL
from tests.sync.central.conftest import COMMUNE, FORM, OTHER_VILLAGE, PERIOD, VILLAGE, Device, value_key

MakeDevice = Callable[[str], Device]
COMMENT_ID = "019324c1-5a00-7000-8000-000000000201"


def stored_changes(centre: Centre, device: Device) -> int:
    with centre.database.reading() as connection:
        query = select(func.count()).select_from(tables.change).where(tables.change.c.device == device.name)
        return connection.scalars(query).one()


def test_a_change_is_stored_once_and_shown_to_the_commune(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    version = village.type(value_key(VILLAGE), "434")
    answer = village.ask(village.push())
    assert (answer.held, answer.results) == (village.link(1), [])
    commune.pull()
    (head,) = commune.base[value_key(VILLAGE)].heads
    assert (head.version, head.content, head.author) == (version, "434", "Nguyễn Văn An")
    assert head.received_at == 1_780_000_000
    assert stored_changes(centre, village) == 1


def test_the_same_push_again_changes_nothing(centre: Centre, device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    village.type(value_key(VILLAGE), "434")
    first = village.ask(village.push())
    commune.pull()
    again = village.ask(village.push())
    assert (again.held, again.results, again.mac) == (first.held, [], first.mac)
    assert commune.ask().pages == []
    assert stored_changes(centre, village) == 1


def test_a_push_that_overlaps_what_is_held_adds_only_the_rest(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    first = village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    second = village.type(value_key(VILLAGE), "2", (first,))
    village.type(value_key(VILLAGE, "ct14"), "3")
    answer = village.ask(village.push())
    assert (answer.held, answer.results) == (village.link(3), [])
    record = village.base[value_key(VILLAGE)]
    assert [head.version for head in record.heads] == [second]
    assert record.prev == (first,)
    assert stored_changes(centre, village) == 3


def test_a_lost_answer_is_told_again_with_its_results(device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.type(value_key(VILLAGE, "no_such"), "1")
    village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    village.type(value_key(VILLAGE), "2", (village.log[1].version,))
    again = village.ask(village.push())
    assert again.results == [Result(1, Outcome.PARKED, "unknown_indicator")]
    assert again.held == village.link(3)


def test_two_devices_that_did_not_see_each_other_are_a_conflict(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    key = value_key(VILLAGE)
    first, second = village.type(key, "434"), commune.type(key, "440")
    village.ask(village.push())
    answer = commune.ask(commune.push())
    assert answer.results == [Result(1, Outcome.CONFLICT, "")]
    village.pull()
    assert [(head.version, head.content) for head in village.base[key].heads] == [
        (first, "434"),
        (second, "440"),
    ]
    assert village.base == {known: commune.base[known] for known in village.base}
    # A resolution has seen both, and leaves one head.
    resolution = commune.type(key, "436", (first, second))
    assert commune.ask(commune.push(2)).results == []
    assert [head.version for head in commune.base[key].heads] == [resolution]
    assert set(commune.base[key].prev) == {first, second}


def test_equal_values_stay_two_versions_and_are_no_conflict(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    key = value_key(VILLAGE)
    village.type(key, "434")
    commune.type(key, "434")
    village.ask(village.push())
    assert commune.ask(commune.push()).results == []
    assert len(commune.base[key].heads) == 2


def test_what_a_head_has_seen_through_others_is_replaced(device: MakeDevice) -> None:
    """The commune saw the village's second change only; that one had seen the first."""
    village, commune = device(VILLAGE), device(COMMUNE)
    key = value_key(VILLAGE)
    first = village.type(key, "1")
    second = village.type(key, "2", (first,))
    commune.type(key, "9")
    village.ask(village.push())
    commune.ask(commune.push())
    assert len(commune.base[key].heads) == 2
    third = commune.type(key, "3", (second, commune.log[0].version))
    village.type(key, "4", (second,))
    village.ask(village.push(3))
    commune.ask(commune.push(2))
    contents = [head.content for head in commune.base[key].heads]
    assert contents == ["4", "3"]
    assert commune.base[key].heads[1].version == third


def test_a_change_that_a_head_has_seen_already_is_history(device: MakeDevice) -> None:
    """After a restore a device may hand in late what another one has long built upon."""
    village, commune = device(VILLAGE), device(COMMUNE)
    key = value_key(VILLAGE)
    first = village.type(key, "1")
    second = commune.type(key, "2", (first,))
    commune.ask(commune.push())
    answer = village.ask(village.push())
    assert answer.results == [Result(1, Outcome.HISTORY, "")]
    assert [head.version for head in village.base[key].heads] == [second]


def test_several_changes_of_one_cell_in_one_push(device: MakeDevice) -> None:
    village = device(VILLAGE)
    key = value_key(VILLAGE)
    first = village.type(key, "1")
    second = village.type(key, "2", (first,))
    village.type(key, "3", (second,))
    assert village.ask(village.push()).results == []
    assert [head.content for head in village.base[key].heads] == ["3"]


def test_prev_is_bounded(device: MakeDevice) -> None:
    key = value_key(VILLAGE)
    villages = [device(VILLAGE) for _ in range(10)]
    versions = []
    for number, each in enumerate(villages):
        versions.append(each.type(key, str(number)))
        each.ask(each.push())
    commune = device(COMMUNE)
    commune.type(key, "5", tuple(versions))
    commune.ask(commune.push())
    assert len(commune.base[key].heads) == 1
    assert len(commune.base[key].prev) == MAX_PREV


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        (value_key(OTHER_VILLAGE), "1", "not_your_unit"),
        (value_key(COMMUNE), "1", "not_your_unit"),
        (value_key(VILLAGE + "1"), "1", "not_your_unit"),
        (value_key("48.20308.001.9"), "1", "unknown_unit"),
        (value_key("~"), "1", "not_your_unit"),
        (value_key(VILLAGE, "ct99"), "1", "unknown_indicator"),
        (value_key(VILLAGE)._replace(part="other"), "1", "unknown_indicator"),
        (value_key(VILLAGE, "ct14")._replace(part="male"), "1", "unknown_indicator"),
        (value_key(VILLAGE, period="2026Q2"), "1", "period_invalid"),
        (value_key(VILLAGE, period=""), "1", "period_invalid"),
        (value_key(VILLAGE), "1e5", "invalid_content"),
        (value_key(VILLAGE), "1e999999999", "invalid_content"),
        (value_key(VILLAGE), "9" * 29, "invalid_content"),
        (value_key(VILLAGE), "9." + "9" * 28, "invalid_content"),
        (value_key(VILLAGE), "12a", "invalid_content"),
        (value_key(VILLAGE), "", "invalid_content"),
        (value_key(VILLAGE), '{"raw":"a","text":"b"}', "invalid_content"),
        (value_key(VILLAGE), "[" * 15_000, "invalid_content"),
        (value_key(VILLAGE), '"\\ud800"', "invalid_content"),
        (Key(UNIT, VILLAGE), '{"kind":"village","name":"Thôn"}', "not_yours_to_decide"),
        (Key(TASK, VILLAGE, "task", "", "title"), '"x"', "invalid_content"),
        (Key(TASK, VILLAGE, "task", "", "content"), '"x"', "not_yours_to_decide"),
        (Key(DEADLINE, VILLAGE, "village_quarter", "A2026Q2"), "null", "not_yours_to_decide"),
        (Key("lock", VILLAGE), "1", "unknown_kind"),
        (Key(PROGRESS, VILLAGE, "t", "", "p"), "5", "invalid_content"),
        (Key(COMMENT, OTHER_VILLAGE, "ct01", PERIOD, COMMENT_ID), '"Vì sao?"', "not_your_unit"),
        (Key(COMMENT, VILLAGE, "ct99", PERIOD, COMMENT_ID), '"Vì sao?"', "unknown_indicator"),
        (Key(COMMENT, VILLAGE, "ct01", "", COMMENT_ID), '"Vì sao?"', "period_invalid"),
        (Key(COMMENT, VILLAGE, "ct01", PERIOD, "1"), '"Vì sao?"', "invalid_content"),
        (Key(COMMENT, VILLAGE, "ct01", PERIOD, "/" + COMMENT_ID), '"Vì sao?"', "invalid_content"),
        (Key(COMMENT, VILLAGE, "ct01", PERIOD, COMMENT_ID), '"' + "ô" * 2_001 + '"', "invalid_content"),
        (Key(COMMENT, VILLAGE, "ct01", PERIOD, COMMENT_ID), '" Vì sao?"', "invalid_content"),
        (
            Key(PROGRESS, VILLAGE, "t", "", "p"),
            '{"date":"2026-11-20","percent":1,"words":"\\ud800"}',
            "invalid_content",
        ),
    ],
)
def test_what_may_not_take_effect_is_parked_and_others_go_on(
    centre: Centre, device: MakeDevice, key: Key, content: str, reason: str
) -> None:
    village = device(VILLAGE)
    village.type(key, content)
    village.type(value_key(VILLAGE, "ct14"), "5")
    answer = village.ask(village.push())
    assert answer.results == [Result(1, Outcome.PARKED, reason)]
    assert answer.held == village.link(2)
    assert village.base[value_key(VILLAGE, "ct14")].heads[0].content == "5"
    assert key.kind == UNIT or key not in village.base
    assert stored_changes(centre, village) == 2


@pytest.mark.parametrize(
    "content",
    ["null", "0", "9" * 28, "2.88", '"chữ"', '{"raw":"12a"}', '{"missing":"not_collected"}', '{"note":"n","number":4}'],
)
def test_every_form_of_a_value_takes_effect(device: MakeDevice, content: str) -> None:
    village = device(VILLAGE)
    village.type(value_key(VILLAGE), content)
    assert village.ask(village.push()).results == []
    assert village.base[value_key(VILLAGE)].heads[0].content == content


def test_members_of_a_breakdown_are_cells_of_their_own(device: MakeDevice) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    parts = {"": "5", "female": "2", "male": "3"}
    for part, content in parts.items():
        village.type(value_key(VILLAGE)._replace(part=part), content)
    village.type(key_of(value_key(VILLAGE)._replace(part="male"), COMMENT_ID), '"Đếm lại."')
    assert village.ask(village.push()).results == []
    for part, content in parts.items():
        assert commune.heads(value_key(VILLAGE)._replace(part=part)) == [content]


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 0},
        {"n": 2},
        {"branch": "f" * 28},
        {"author": "a\0"},
        {"author": "a" * 201},
        {"catalogue": "a" * 201},
        {"key": value_key(VILLAGE + "\0")},
        {"key": value_key("4" * 201)},
        {"content": '"' + "a" * 20_000 + '"'},
        {"seen": tuple(Version("f" * 28, n) for n in range(501))},
    ],
)
def test_numbers_and_names_that_no_device_sends_are_no_message(
    centre: Centre, device: MakeDevice, wrong: dict[str, Any]
) -> None:
    village = device(VILLAGE)
    village.type(value_key(VILLAGE), "1")
    with pytest.raises(MessageError):
        village.ask(Push(village.link(0), [msgspec.structs.replace(village.log[0], **wrong)]))
    assert stored_changes(centre, village) == 0


def test_too_many_letters_are_no_message(device: MakeDevice) -> None:
    village = device(VILLAGE)
    for _ in range(51):
        village.type(value_key(VILLAGE), '"' + "ệ" * 19_998 + '"')
    with pytest.raises(MessageError):
        village.ask(village.push())
    assert village.ask(village.push(1, 50)).held == village.link(50)


def test_too_many_changes_are_no_message(device: MakeDevice) -> None:
    village = device(VILLAGE)
    for _ in range(5_001):
        village.type(value_key(VILLAGE), "1")
    with pytest.raises(MessageError):
        village.ask(village.push())
    assert village.ask(village.push(1, 5_000)).held == village.link(5_000)


def test_an_unknown_device_is_refused(device: MakeDevice, centre: Centre) -> None:
    village = device(VILLAGE)
    village.type(value_key(VILLAGE), "1")
    village.key = type(village.key).generate()
    for sent in (village.push(), None):
        with pytest.raises(EnvironmentFault, match="device_unknown"):
            village.ask(sent)


def test_the_same_decision_again_changes_nothing(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    key = value_key(VILLAGE)
    assert centre.repository.decide([(key, "7")], "admin") == 1
    assert centre.repository.decide([(key, "7")], "admin") == 0
    village.pull()
    village.type(key, "8", tuple(head.version for head in village.base[key].heads))
    village.ask(village.push())
    assert centre.repository.decide([(key, "7")], "admin") == 0
    village.pull()
    assert [head.content for head in village.base[key].heads] == ["8"]
    # Another decision has not seen what the village typed: both stay.
    assert centre.repository.decide([(key, "9")], "admin") == 1
    village.pull()
    assert [head.content for head in village.base[key].heads] == ["8", "9"]


def test_a_decision_that_may_not_take_effect_writes_nothing(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    with pytest.raises(ValueError, match="unknown_unit"):
        centre.repository.decide([(value_key(VILLAGE), "1"), (value_key("48.99999"), "1")], "admin")
    village.pull()
    assert value_key(VILLAGE) not in village.base


@pytest.mark.parametrize(
    ("item", "content"), [("t" * 201, '"Việc"'), ("t", '"' + "ệ" * 20_000 + '"'), ("t\0", '"Việc"')]
)
def test_a_decision_that_no_page_could_carry_writes_nothing(
    centre: Centre, device: MakeDevice, item: str, content: str
) -> None:
    """Written, it would keep every device of the commune from reading any further."""
    with pytest.raises(MessageError):
        centre.repository.decide([(Key(TASK, VILLAGE, item, "", "content"), content)], "admin")
    village = device(VILLAGE)
    village.pull()
    assert all(key.kind != TASK for key in village.base)


def test_the_record_carries_its_sensitivity(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    village.type(value_key(VILLAGE, "ct14"), "1")
    for item in ("ct01", "ct14", FORM):
        village.type(comment_key(item), '"Vì sao?"')
    village.ask(village.push())
    with centre.database.reading() as connection:
        columns = tables.record.c
        rows = connection.execute(
            select(columns.kind, columns.item, columns.sensitivity).where(columns.unit == VILLAGE)
        )
        found = {(kind, item): sensitivity for kind, item, sensitivity in rows}
    # What is said of a figure is as sensitive as the figure, and of a form as any figure in it.
    assert found[VALUE, "ct14"] == found[COMMENT, "ct14"] == found[COMMENT, FORM] == "sensitive"
    assert found[COMMENT, "ct01"] == "public"


def test_a_comment_is_seen_by_whoever_sees_the_cell_and_withdrawn_by_whoever_wrote_it(device: MakeDevice) -> None:
    village, other, commune = device(VILLAGE), device(OTHER_VILLAGE), device(COMMUNE)
    asked = commune.type(comment_key(), '"Vì sao tăng?"', author="Trần Thị Bình")
    commune.ask(commune.push())
    assert village.heads(comment_key()) == ['"Vì sao tăng?"']
    assert other.heads(comment_key()) == []
    village.type(comment_key(), CLEARED, (asked,))
    assert village.ask(village.push()).results == [Result(1, Outcome.PARKED, "not_yours_to_decide")]
    assert village.heads(comment_key()) == ['"Vì sao tăng?"']
    commune.type(comment_key(), CLEARED, (asked,), author="Trần Thị Bình")
    commune.ask(commune.push())
    assert village.heads(comment_key()) == [CLEARED]


def test_what_is_closed_can_still_be_talked_about(centre: Centre, device: MakeDevice) -> None:
    centre.repository.decide([(Key(CLOSING, COMMUNE, FORM, PERIOD), CLOSED)], "admin")
    village = device(VILLAGE)
    village.type(comment_key(), '"Đã đối chiếu sổ thôn."')
    village.type(comment_key(FORM), '"Đủ số liệu."')
    assert village.ask(village.push()).results == []


@pytest.mark.parametrize("protocol", range(OLDEST, PROTOCOL + 1))
def test_an_older_device_is_given_comments_and_goes_on(device: MakeDevice, protocol: int) -> None:
    """To it they are records of a kind that it does not show; its form of the wire carries any."""
    commune, village = device(COMMUNE), device(VILLAGE)
    commune.type(comment_key(), '"Vì sao tăng?"')
    commune.type(value_key(VILLAGE), "4")
    commune.ask(commune.push())
    request = SyncRequest(protocol, "1", village.push(), {}, 1 << 20)
    answer = codec.decode(codec.encode(village.centre.repository.push_pull(village.name, request), protocol))
    assert isinstance(answer, SyncAnswer)
    found = {record.key: record.heads[0].content for page in answer.pages for record in page.records}
    assert (found[comment_key()], found[value_key(VILLAGE)]) == ('"Vì sao tăng?"', "4")


def comment_key(item: str = "ct01") -> Key:
    return Key(COMMENT, VILLAGE, item, PERIOD, COMMENT_ID)
