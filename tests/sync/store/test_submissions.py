"""Where a form stands by what the store shows, and what was changed since its last step."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from sync.domain.heads import Outcome
from sync.domain.keys import STATUS, Key
from sync.domain.parking import NOT_YOURS_TO_DECIDE, PERIOD_CLOSED, STATUS_MOVED
from sync.domain.workflow import Remark, Stage, State, Status, content_digest, stage_of
from sync.protocol.messages import Head, Result
from sync.store import Store
from sync.store.cells import CellState, Rival
from sync.store.sending import outbox, take_receipts
from sync.store.submissions import Remarked, Submission, refused_beside, remarked, submissions, to_decide
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    NOON,
    OTHER,
    QUARTER,
    VILLAGE,
    answer,
    cell,
    head,
    open_store,
    pull,
    record,
    version,
    write,
)

FORM = "village_quarter"
STEP = Key(STATUS, VILLAGE, FORM, QUARTER)
ITEMS = {"village_ct01", "village_ct02", "village_ct03"}
SUBMITTED = Status(State.SUBMITTED).content()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def found(store: Store, unit: str = COMMUNE) -> dict[str, Submission]:
    return submissions(store, unit, FORM, ITEMS, QUARTER)


def receive(store: Store, at: int) -> None:
    """The centre takes all that waits, at this moment of its clock."""
    push = outbox(store)
    take_receipts(store, push, answer(store, push, at=at))


def test_what_nobody_began_is_left_out_and_a_figure_makes_a_draft(store: Store) -> None:
    assert found(store) == {}
    write(store, "1")
    write(store, "9", CELL._replace(item="of_another_form"))
    submission = found(store)[VILLAGE]
    assert (submission.stage, submission.step, submission.changed) == (Stage.DRAFT, None, ())
    assert submission.digest == content_digest({CELL: ["1"]})


def test_a_step_is_told_with_who_took_it(store: Store) -> None:
    write(store, "1")
    write(store, SUBMITTED, STEP, author="Thôn trưởng")
    submission = found(store)[VILLAGE]
    assert (submission.stage, submission.changed) == (Stage.SUBMITTED, ())
    assert submission.status == Status(State.SUBMITTED)
    assert submission.step is not None
    assert submission.step.author == "Thôn trưởng"


def test_what_is_typed_after_a_step_is_told(store: Store) -> None:
    write(store, "1")
    write(store, SUBMITTED, STEP)
    store.record_changes([(cell(2), "2")], "An", AT + timedelta(minutes=1))
    assert found(store)[VILLAGE].changed == (cell(2),)


def test_received_ones_are_compared_by_the_centres_clock_alone(store: Store) -> None:
    write(store, "1")
    write(store, SUBMITTED, STEP)
    receive(store, NOON + 100)
    assert found(store)[VILLAGE].changed == ()
    # This PC's clock went back by years.
    store.record_changes([(cell(2), "2")], "An", AT - timedelta(days=2_000))
    assert found(store)[VILLAGE].changed == (cell(2),)
    receive(store, NOON + 200)
    assert found(store)[VILLAGE].changed == (cell(2),)
    write(store, Status(State.RETURNED, comment="Sai CT02").content(), STEP)
    receive(store, NOON + 300)
    assert found(store)[VILLAGE].changed == ()
    assert found(store)[VILLAGE].stage is Stage.RETURNED


def test_an_approval_holds_for_what_it_names_with_all_rivals(store: Store) -> None:
    pull(store, record(head("1"), head("2", "c" * 20)))
    digest = found(store)[VILLAGE].digest
    assert digest == content_digest({CELL: ["1", "2"]})
    write(store, Status(State.APPROVED, digest).content(), STEP)
    assert found(store)[VILLAGE].stage is Stage.APPROVED
    pull(store, record(head("3", n=2)), seq=2)
    assert found(store)[VILLAGE].stage is Stage.WAITING


def test_two_who_decided_differently_leave_it_waiting(store: Store) -> None:
    write(store, "1")
    digest = found(store)[VILLAGE].digest
    approved, returned = Status(State.APPROVED, digest).content(), Status(State.RETURNED, comment="Sai").content()
    pull(store, record(head(approved), head(returned, "c" * 20), key=STEP))
    submission = found(store)[VILLAGE]
    assert submission.stage is Stage.WAITING
    assert submission.step is not None
    assert len(submission.step.rivals) == 1


WRONG = (Remark("village_ct01", "", "Thiếu 4 hộ"), Remark("village_ct02", "", "Chưa đối chiếu"))


def named(store: Store) -> list[Remarked]:
    submission = found(store)[VILLAGE]
    assert submission.step is not None
    assert submission.status is not None
    return remarked(store, submission.step, submission.status)


def test_a_cell_of_a_return_is_mended_by_what_is_typed_after_it_alone(store: Store) -> None:
    write(store, "430")
    receive(store, NOON + 100)
    returned = Head(version(OTHER, 1), Status(State.RETURNED, remarks=WRONG).content(), "Hoa", NOON, NOON + 200)
    pull(store, record(returned, key=STEP))
    assert named(store) == [Remarked(CELL, "Thiếu 4 hộ", False), Remarked(cell(2), "Chưa đối chiếu", False)]
    store.record_changes([(CELL, "434")], "An", AT + timedelta(minutes=1))
    assert [one.is_mended for one in named(store)] == [True, False]
    receive(store, NOON + 300)
    assert [one.is_mended for one in named(store)] == [True, False]
    # What the centre holds back has mended nothing.
    store.record_changes([(cell(2), "2")], "An", AT + timedelta(minutes=2))
    push = outbox(store)
    take_receipts(store, push, answer(store, push, [Result(3, Outcome.PARKED, PERIOD_CLOSED)], at=NOON + 400))
    assert [one.is_mended for one in named(store)] == [True, False]


def test_who_may_not_see_a_cell_is_not_told_what_is_wrong_with_it(store: Store) -> None:
    pull(store, record(head(Status(State.RETURNED, remarks=WRONG).content()), key=STEP))
    assert len(named(store)) == 2
    store.sees = lambda key: key.item != "village_ct02"
    assert [one.figure for one in named(store)] == [CELL]


def refuse(store: Store, content: str, standing: str) -> None:
    """What is decided here comes to the centre after somebody else's decision."""
    write(store, content, STEP, author="Bình")
    push = outbox(store)
    take_receipts(store, push, answer(store, push, [Result(1, Outcome.PARKED, STATUS_MOVED)]))
    pull(store, record(head(standing), key=STEP))


RETURNED = Status(State.RETURNED, comment="Sai").content()
APPROVED = Status(State.APPROVED, "ab").content()


@pytest.mark.parametrize(
    ("mine", "standing", "is_told"),
    [
        (RETURNED, APPROVED, True),
        (APPROVED, RETURNED, True),
        (RETURNED, Status(State.RETURNED, comment="Thiếu").content(), True),
        (RETURNED, Status(State.RETURNED, comment="Sai", remarks=WRONG).content(), True),
        (APPROVED, Status(State.REOPENED).content(), True),
        # The same was said, or the form was sent again since.
        (APPROVED, APPROVED, False),
        (RETURNED, SUBMITTED, False),
        (SUBMITTED, RETURNED, False),
    ],
)
def test_a_decision_that_was_refused_stands_beside_the_one_that_came_first(
    store: Store, mine: str, standing: str, is_told: bool
) -> None:
    refuse(store, mine, standing)
    submission = found(store)[VILLAGE]
    told = Rival(mine, "Bình", AT, ()) if is_told else None
    assert submission.refused == told
    assert submission.step is not None
    assert submission.step.rivals == ()
    assert submission.stage is stage_of([standing], submission.digest), "what is refused changes nothing"


def test_what_was_refused_in_an_earlier_round_speaks_against_nothing_that_came_later(store: Store) -> None:
    refuse(store, RETURNED, APPROVED)
    assert found(store)[VILLAGE].refused is not None
    later = replace(head(Status(State.APPROVED, "cd").content(), n=3), received_at=NOON + 11)
    pull(store, record(later, key=STEP), seq=2)
    assert found(store)[VILLAGE].refused is None
    assert store.undecided()[STEP].reason == STATUS_MOVED, "it stays where it was made, with its ways out"


def test_who_decided_the_same_without_a_line_has_nothing_to_decide(store: Store) -> None:
    refuse(store, RETURNED, RETURNED)
    assert [cell.reason for cell in store.undecided().values()] == [STATUS_MOVED]
    (cell,) = (to_decide(store, cell) for cell in store.undecided().values())
    assert (cell.reason, cell.rivals, cell.content) == ("", (), RETURNED)
    step = found(store)[VILLAGE].step
    assert step is not None
    assert (step.reason, step.state) == ("", CellState.RECEIVED)
    # What was refused for another one's sake is to be decided.
    write(store, SUBMITTED, STEP)
    push = outbox(store)
    take_receipts(store, push, answer(store, push, [Result(2, Outcome.PARKED, STATUS_MOVED)]))
    (cell,) = (to_decide(store, cell) for cell in store.undecided().values())
    assert cell.reason == STATUS_MOVED


def test_beside_a_step_of_a_newer_version_nothing_is_told(store: Store) -> None:
    refuse(store, RETURNED, '{"state":"archived"}')
    step = store.shown(STEP)
    assert step is not None
    assert refused_beside(store, step) is None


def test_what_is_refused_for_another_reason_is_no_second_decision(store: Store) -> None:
    write(store, RETURNED, STEP)
    push = outbox(store)
    take_receipts(store, push, answer(store, push, [Result(1, Outcome.PARKED, NOT_YOURS_TO_DECIDE)]))
    pull(store, record(head(APPROVED), key=STEP))
    assert found(store)[VILLAGE].refused is None


def test_a_step_of_a_newer_version_waits_for_it(store: Store) -> None:
    pull(store, record(head('{"state":"archived"}'), key=STEP))
    submission = found(store)[VILLAGE]
    assert (submission.stage, submission.status) == (Stage.WAITING, None)
