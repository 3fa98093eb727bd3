"""The steps of a form, as cells hold them, and the one rule of when an approval holds."""

import json
import unicodedata
from itertools import permutations

import pytest

from sync.domain import workflow
from sync.domain.keys import VALUE, Key
from sync.domain.values import CLEARED, ContentError
from sync.domain.workflow import (
    MAX_REMARKS,
    MAX_WHY,
    Remark,
    Stage,
    State,
    Status,
    content_digest,
    has_approval,
    is_approved,
    is_of_content,
    is_reason,
    said_as_reason,
    stage_of,
    steps_from,
)
from sync.protocol.messages import MAX_CONTENT

FIRST, SECOND = (Key(VALUE, "48.20194.003", item, "A2026Q2") for item in ("ct01", "ct02"))
DIGEST = content_digest({FIRST: ["1"]})


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (Status(State.SUBMITTED), '{"state":"submitted"}'),
        (Status(State.APPROVED, "ab"), '{"digest":"ab","state":"approved"}'),
        (Status(State.RETURNED, comment="Thiếu số 3"), '{"comment":"Thiếu số 3","state":"returned"}'),
        (Status(State.REOPENED), '{"state":"reopened"}'),
        (
            Status(State.RETURNED, "", "Xem lại", (Remark("ct01", "", "Thiếu 4 hộ"), Remark("ct05", "nu/tre", "Khác"))),
            '{"/ct01":"Thiếu 4 hộ","/ct05/nu/tre":"Khác","comment":"Xem lại","state":"returned"}',
        ),
    ],
)
def test_a_step_is_read_as_it_was_written(status: Status, content: str) -> None:
    assert status.content() == content
    assert Status.of(content) == status


@pytest.mark.parametrize(
    "content",
    [
        "",
        CLEARED,
        "[]",
        "{}",
        '"submitted"',
        '{"state":"draft"}',
        '{"state":1}',
        '{"state":"returned","comment":7}',
        '{"state":"approved"}',
        '{"state":"approved","digest":""}',
        '{"state":"submitted","digest":"ab"}',
        "[" * 50_000,
        '{"state":"submitted","/ct01":"Thiếu"}',
        '{"state":"reopened","/ct01":"Thiếu"}',
        '{"state":"returned","/ct01":""}',
        '{"state":"returned","/ct01":" Thiếu"}',
        '{"state":"returned","/ct01":["Thiếu"]}',
        '{"state":"returned","/":"Thiếu"}',
        '{"state":"returned","//nu":"Thiếu"}',
        '{"state":"returned","/ct01/":"Thiếu"}',
        Status(State.RETURNED, remarks=(Remark("ct01", "", "x" * (MAX_WHY + 1)),)).content(),
        Status(State.RETURNED, remarks=tuple(Remark(f"ct{n:02}", "", "x") for n in range(MAX_REMARKS + 1))).content(),
    ],
)
def test_what_is_no_step_is_said(content: str) -> None:
    with pytest.raises(ContentError):
        Status.of(content)
    assert not has_approval([content])
    assert not is_approved([content], DIGEST)


def test_the_longest_return_fits_a_message() -> None:
    why = '"' * (MAX_WHY // 2)
    assert is_reason(why)
    assert not is_reason(why + "x")
    assert not is_reason("")
    assert said_as_reason(" Thiếu\xa04\t hộ\n") == "Thiếu 4 hộ"
    for odd in ("Thiếu\nhộ", "Thiếu\x1b[2J", "Thiếu  hộ", "Thiếu\u202ehộ"):
        assert not is_reason(odd)
    assert not is_reason(unicodedata.normalize("NFD", "Thiếu"))
    names = [f"indicator_of_a_long_name_{n:02}" for n in range(MAX_REMARKS)]
    remarks = tuple(Remark(name, "member_of_a_breakdown", why) for name in names)
    status = Status(State.RETURNED, "", '"' * 500, remarks)
    assert Status.of(status.content()) == status
    assert len(status.content()) <= MAX_CONTENT


def test_a_program_from_before_remarks_reads_the_step_and_passes_over_them() -> None:
    """As `Status.of` was: every part a text, of which three are known."""
    status = Status(State.RETURNED, "", "Xem lại", (Remark("ct01", "nu", "Thiếu"),))
    found = json.loads(status.content())
    assert all(isinstance(text, str) for text in found.values())
    assert (found["state"], found.get("digest", ""), found["comment"]) == ("returned", "", "Xem lại")
    assert stage_of([status.content()], DIGEST) is Stage.RETURNED


def test_an_approval_can_be_taken_again_over_its_own_content_alone() -> None:
    approved = Status(State.APPROVED, DIGEST).content()
    assert is_of_content(approved, DIGEST)
    assert not is_of_content(approved, "ab")
    assert is_of_content(Status(State.RETURNED).content(), "ab")


def test_the_digest_is_of_the_content_in_whatever_order() -> None:
    cells = {FIRST: ["1", "2"], SECOND: ["3"]}
    for heads in permutations(cells[FIRST]):
        assert content_digest({SECOND: ["3"], FIRST: list(heads)}) == content_digest(cells)


def test_equal_heads_are_one_and_a_cleared_cell_is_as_one_never_filled_in() -> None:
    assert content_digest({FIRST: ["1", "1"]}) == content_digest({FIRST: ["1"]}) == DIGEST
    assert content_digest({FIRST: ["1"], SECOND: [CLEARED]}) == DIGEST
    assert content_digest({}) == content_digest({FIRST: [CLEARED]})


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {FIRST: ["2"]},
        {SECOND: ["1"]},
        {FIRST: ["1", "2"]},
        {FIRST: ["1", CLEARED]},
        {FIRST: ["1"], SECOND: ["1"]},
        {FIRST._replace(period="A2026Q3"): ["1"]},
        {FIRST._replace(unit="48.20194.004"): ["1"]},
        {FIRST: ['"1"']},
    ],
)
def test_any_other_content_has_another_digest(cells: dict[Key, list[str]]) -> None:
    assert content_digest(cells) != DIGEST


def test_keys_and_contents_cannot_be_shifted_into_one_another() -> None:
    parts = [{Key(VALUE, "48", "a", "b", "c"): ["d"]}, {Key(VALUE, "48", "a", "b", ""): ["c", "d"]}]
    assert content_digest(parts[0]) != content_digest(parts[1])


APPROVED = Status(State.APPROVED, DIGEST).content()
OTHER_APPROVAL = Status(State.APPROVED, "ff").content()
SUBMITTED = Status(State.SUBMITTED).content()


@pytest.mark.parametrize(
    ("heads", "approved", "keeps_edits_waiting"),
    [
        ([], False, False),
        ([SUBMITTED], False, False),
        ([APPROVED], True, True),
        ([OTHER_APPROVAL], False, True),
        ([APPROVED, SUBMITTED], False, True),
        ([SUBMITTED, APPROVED], False, True),
        ([APPROVED, OTHER_APPROVAL], False, True),
        ([APPROVED, "nonsense"], False, True),
        ([Status(State.REOPENED).content()], False, False),
        ([Status(State.RETURNED).content()], False, False),
    ],
)
def test_an_approval_holds_alone_and_for_what_it_names(
    heads: list[str], approved: bool, keeps_edits_waiting: bool
) -> None:
    assert is_approved(heads, DIGEST) is approved
    assert has_approval(heads) is keeps_edits_waiting


SUBMITTED, RETURNED = Status(State.SUBMITTED).content(), Status(State.RETURNED, comment="Thiếu").content()


@pytest.mark.parametrize(
    ("heads", "stage"),
    [
        ([], Stage.DRAFT),
        ([CLEARED], Stage.DRAFT),
        ([SUBMITTED], Stage.SUBMITTED),
        ([RETURNED], Stage.RETURNED),
        ([Status(State.REOPENED).content()], Stage.REOPENED),
        ([Status(State.APPROVED, DIGEST).content()], Stage.APPROVED),
        ([Status(State.APPROVED, DIGEST).content()] * 2, Stage.APPROVED),
        ([Status(State.APPROVED, "ab").content()], Stage.WAITING),
        ([Status(State.APPROVED, DIGEST).content(), RETURNED], Stage.WAITING),
        ([SUBMITTED, RETURNED], Stage.WAITING),
        ([SUBMITTED, '{"state":"of a newer version"}'], Stage.SUBMITTED),
    ],
)
def test_where_a_form_stands(heads: list[str], stage: Stage) -> None:
    assert stage_of(heads, DIGEST) is stage


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("reports", [True, False])
@pytest.mark.parametrize("decides", [True, False])
def test_every_stage_step_and_role_is_as_the_table_says(stage: Stage, reports: bool, decides: bool) -> None:
    (line,) = (line for line in (workflow.__doc__ or "").splitlines() if line.startswith(f"| {stage} "))
    own, above = ([word.strip() for word in cell.split(",") if word.strip()] for cell in line.strip("|").split("|")[1:])
    words = {"submit": State.SUBMITTED, "approve": State.APPROVED, "return": State.RETURNED, "reopen": State.REOPENED}
    expected = [words[word] for word in (*(own if reports else ()), *(above if decides else ()))]
    assert list(steps_from(stage, reports=reports, decides=decides)) == expected
