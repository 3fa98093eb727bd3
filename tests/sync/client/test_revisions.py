"""An edit after the approval waits, is asked for, and is taken or rejected by whoever approved it."""

from collections.abc import Callable, Collection

import pytest

from sync.domain.keys import STATUS, Key
from sync.domain.parking import APPROVED, INVALID_CONTENT, NOT_YOURS_TO_DECIDE
from sync.domain.revisions import Answer, Revision, key_of
from sync.domain.workflow import Stage, State, Status
from sync.store.submissions import Submission, requests, submissions
from tests.sync.client.conftest import PC
from tests.sync.client.test_session import shown
from tests.sync.store.conversation import AT, CELL, COMMUNE, VILLAGE, write

Make = Callable[..., PC]
FORM = "village_quarter"
STEP = Key(STATUS, VILLAGE, FORM, CELL.period)
ITEMS: Collection[str] = {f"village_ct{number:02}" for number in range(1, 15)}


def form(pc: PC) -> Submission:
    return submissions(pc.store, VILLAGE, FORM, ITEMS, CELL.period)[VILLAGE]


def step(pc: PC, state: State, author: str) -> None:
    digest = form(pc).digest if state is State.APPROVED else ""
    pc.store.record_changes([(STEP, Status(state, digest).content())], author, AT)
    pc.sync()


@pytest.fixture
def pcs(pc: Make) -> tuple[PC, PC]:
    """A village whose form is approved by its commune, and that has typed over a figure since."""
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "434")
    step(village, State.SUBMITTED, "An")
    commune.sync()
    step(commune, State.APPROVED, "Hoa")
    village.sync()
    assert form(village).stage is Stage.APPROVED
    write(village.store, "440")
    village.sync()
    found = village.store.shown(CELL)
    assert found is not None
    assert (found.content, found.reason) == ("434", APPROVED)
    return village, commune


def ask(pc: PC, revision: Revision, author: str = "An") -> None:
    pc.store.record_changes([(key_of(CELL), revision.content())], author, AT)
    pc.sync()


def test_it_is_taken_has_its_effect_by_itself_and_is_approved_again(pcs: tuple[PC, PC]) -> None:
    village, commune = pcs
    ask(village, Revision("440", "sót 6 hộ"))
    commune.sync()
    (request,) = requests(commune.store, [VILLAGE], [CELL.period])
    assert (request.figure, request.revision, request.cell.author) == (CELL, Revision("440", "sót 6 hộ"), "An")
    assert form(commune).stage is Stage.APPROVED, "what was approved stands until then"
    ask(commune, request.revision.taken(), "Hoa")
    step(commune, State.REOPENED, "Hoa")
    commune.sync()
    assert shown(commune)[0] == "440"
    assert form(commune).changed == (CELL,)
    step(commune, State.APPROVED, "Hoa")
    village.sync()
    for each in pcs:
        assert form(each).stage is Stage.APPROVED
        assert shown(each)[0] == "440"
    assert not village.store.undecided()


def test_it_is_rejected_and_what_was_approved_stays(pcs: tuple[PC, PC]) -> None:
    village, commune = pcs
    ask(village, Revision("440"))
    commune.sync()
    ask(commune, Revision("440").rejected("đã chốt"), "Hoa")
    village.sync()
    (request,) = requests(village.store, [VILLAGE], [CELL.period])
    assert (request.revision.answer, request.revision.why) == (Answer.REJECTED, "đã chốt")
    for each in pcs:
        assert form(each).stage is Stage.APPROVED
        assert shown(each)[0] == "434"


def test_nobody_answers_their_own_request_nor_asks_for_what_is_no_value(pcs: tuple[PC, PC]) -> None:
    village, commune = pcs
    ask(village, Revision("440"))
    ask(village, Revision("440").taken())
    found = village.store.shown(key_of(CELL))
    assert found is not None
    assert found.reason == NOT_YOURS_TO_DECIDE
    commune.sync()
    (request,) = requests(commune.store, [VILLAGE], [CELL.period])
    assert request.revision.answer is Answer.OPEN
    bad = key_of(CELL)._replace(item="village_ct02")
    village.store.record_changes([(bad, '{"value":"1.50"}')], "An", AT)
    village.sync()
    found = village.store.shown(bad)
    assert found is not None
    assert found.reason == INVALID_CONTENT
