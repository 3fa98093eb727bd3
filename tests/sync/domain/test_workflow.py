"""The steps of a form, as cells hold them, and the one rule of when an approval holds."""

from itertools import permutations

import pytest

from sync.domain import workflow
from sync.domain.keys import VALUE, Key
from sync.domain.values import CLEARED, ContentError
from sync.domain.workflow import (
    Stage,
    State,
    Status,
    content_digest,
    has_approval,
    is_approved,
    stage_of,
    steps_from,
)

FIRST, SECOND = (Key(VALUE, "48.20194.003", item, "A2026Q2") for item in ("ct01", "ct02"))
DIGEST = content_digest({FIRST: ["1"]})


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (Status(State.SUBMITTED), '{"state":"submitted"}'),
        (Status(State.APPROVED, "ab"), '{"digest":"ab","state":"approved"}'),
        (Status(State.RETURNED, comment="Thiếu số 3"), '{"comment":"Thiếu số 3","state":"returned"}'),
        (Status(State.REOPENED), '{"state":"reopened"}'),
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
    ],
)
def test_what_is_no_step_is_said(content: str) -> None:
    with pytest.raises(ContentError):
        Status.of(content)
    assert not has_approval([content])
    assert not is_approved([content], DIGEST)


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
