"""Where a form stands by what the store shows, and what was changed since its last step."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sync.domain.keys import STATUS, Key
from sync.domain.workflow import Stage, State, Status, content_digest
from sync.store import Store
from sync.store.sending import outbox, take_receipts
from sync.store.submissions import Submission, submissions
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    NOON,
    QUARTER,
    VILLAGE,
    answer,
    cell,
    head,
    open_store,
    pull,
    record,
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


def test_a_step_of_a_newer_version_waits_for_it(store: Store) -> None:
    pull(store, record(head('{"state":"archived"}'), key=STEP))
    submission = found(store)[VILLAGE]
    assert (submission.stage, submission.status) == (Stage.WAITING, None)
