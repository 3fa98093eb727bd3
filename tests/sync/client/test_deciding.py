"""What people decide over forms while others type, close, or decide without a line: nothing lost, each told why."""

from collections.abc import Callable
from datetime import date

import pytest

from sync.central.administration import Administration
from sync.central.carrying import take as take_at_centre
from sync.central.centre import Centre
from sync.central.desk import Desk
from sync.client import parcels
from sync.domain.keys import STATUS, UNIT, VALUE, Key
from sync.domain.parking import APPROVED, PERIOD_CLOSED, STATUS_MOVED
from sync.domain.units import Unit
from sync.domain.workflow import Remark, Stage, State, Status, is_of_content
from sync.store import CellState
from sync.store.cells import Rival
from sync.store.submissions import Submission, remarked, submissions
from sync.store.withdrawing import withdraw
from tests.sync.client.conftest import PC, clock, unheard
from tests.sync.client.test_session import shown
from tests.sync.store.conversation import AT, CELL, COMMUNE, NOON, VILLAGE, write

Make = Callable[..., PC]
FORM = "village_quarter"
STEP = Key(STATUS, VILLAGE, FORM, CELL.period)
ITEMS = frozenset(f"village_ct{number:02}" for number in range(1, 15))


def form(pc: PC) -> Submission:
    return submissions(pc.store, VILLAGE, FORM, ITEMS, CELL.period)[VILLAGE]


def step(pc: PC, state: State, author: str, comment: str = "") -> None:
    """Take a step without a line."""
    digest = form(pc).digest if state is State.APPROVED else ""
    pc.store.record_changes([(STEP, Status(state, digest, comment).content())], author, AT)


def settle(*pcs: PC) -> None:
    """Everybody has a line, twice: what one sends the others hear."""
    for pc in (*pcs, *pcs):
        pc.sync()


@pytest.fixture
def pcs(pc: Make) -> tuple[PC, PC, PC]:
    """A village that submitted its form, and two PCs of the commune that decides."""
    village, first, second = pc("village"), pc("first", COMMUNE), pc("second", COMMUNE)
    write(village.store, "434")
    step(village, State.SUBMITTED, "An")
    settle(village, first, second)
    assert form(first).stage is form(second).stage is Stage.SUBMITTED
    return village, first, second


def test_two_supervisors_who_decide_differently_without_a_line_are_one_conflict(
    pcs: tuple[PC, PC, PC],
) -> None:
    village, first, second = pcs
    step(first, State.APPROVED, "Hoa")
    step(second, State.RETURNED, "Bình", "CT01 khác sổ")
    settle(first, second, village)
    for each in pcs:
        # One of them stands, the other was refused for what it had not seen: whoever made it is told.
        assert shown(each, STEP)[0] == Status(State.APPROVED, form(first).digest).content()
        assert form(each).stage is Stage.APPROVED
    refused = second.store.undecided()[STEP]
    assert refused.reason == STATUS_MOVED
    assert STEP not in first.store.undecided()
    # Both are told there, with who and when: the one that stands, and the one that was refused for it.
    both = form(second)
    assert both.step is not None
    assert (both.step.author, both.step.typed_at) == ("Hoa", AT)
    mine = Status(State.RETURNED, comment="CT01 khác sổ").content()
    assert both.refused == Rival(mine, "Bình", AT, ())
    assert form(first).refused is form(village).refused is None
    # Who sees it now may still open the form again, and return it.
    step(second, State.REOPENED, "Bình")
    settle(second, first)
    step(second, State.RETURNED, "Bình", "CT01 khác sổ")
    settle(second, first, village)
    assert {form(each).stage for each in pcs} == {Stage.RETURNED}
    assert STEP not in second.store.undecided()


def test_of_two_decisions_either_is_taken_in_one_step(pcs: tuple[PC, PC, PC]) -> None:
    village, first, second = pcs
    step(first, State.APPROVED, "Hoa")
    step(second, State.RETURNED, "Bình", "CT01 khác sổ")
    settle(first, second, village)
    # Their own: now that they have seen the other's, it is a step like any, and everybody has it.
    mine = form(second).refused
    assert mine is not None
    second.store.record_changes([(STEP, mine.content)], "Bình", AT)
    settle(second, first, village)
    for each in pcs:
        assert (form(each).stage, form(each).refused) == (Stage.RETURNED, None)
        assert not each.store.undecided()
        assert each.store.waiting() == 0


def test_of_two_decisions_the_others_stays_when_the_own_is_withdrawn(pcs: tuple[PC, PC, PC]) -> None:
    village, first, second = pcs
    step(first, State.RETURNED, "Hoa", "CT01 khác sổ")
    step(second, State.APPROVED, "Bình")
    settle(first, second, village)
    assert form(second).refused is not None
    withdraw(second.store, [STEP], "Bình", AT)
    settle(second, first, village)
    for each in pcs:
        assert (form(each).stage, form(each).refused) == (Stage.RETURNED, None)
        assert STEP not in each.store.undecided()
    assert second.store.history(STEP)[0].content == Status(State.APPROVED, form(second).digest).content(), "kept"


def test_a_refused_approval_is_not_taken_for_what_was_typed_since(pcs: tuple[PC, PC, PC]) -> None:
    village, first, second = pcs
    step(first, State.RETURNED, "Hoa", "CT01 khác sổ")
    step(second, State.APPROVED, "Bình")
    write(village.store, "436")
    settle(first, second, village)
    mine = form(second).refused
    assert mine is not None
    assert not is_of_content(mine.content, form(second).digest)
    # Taken all the same, by whatever program, it approves nothing.
    second.store.record_changes([(STEP, mine.content)], "Bình", AT)
    settle(second, first, village)
    assert {form(each).stage for each in pcs} == {Stage.WAITING}


def test_when_the_form_was_sent_again_a_late_decision_is_no_second_one(pcs: tuple[PC, PC, PC]) -> None:
    village, first, second = pcs
    step(first, State.RETURNED, "Hoa", "CT01 khác sổ")
    settle(first, village)
    step(second, State.APPROVED, "Bình")
    write(village.store, "436")
    step(village, State.SUBMITTED, "An")
    village.sync()
    settle(second, village, first)
    for each in pcs:
        assert (form(each).stage, form(each).refused) == (Stage.SUBMITTED, None)
    assert second.store.undecided()[STEP].reason == STATUS_MOVED


def test_a_return_travels_with_what_it_says_of_its_cells(pcs: tuple[PC, PC, PC]) -> None:
    village, first, second = pcs
    wrong = (Remark("village_ct01", "", "Khác sổ"), Remark("village_ct02", "", "Bỏ trống"))
    returned = Status(State.RETURNED, "", "Hai ô", wrong)
    first.store.record_changes([(STEP, returned.content())], "Hoa", AT)
    step(second, State.APPROVED, "Bình")
    settle(first, second, village)
    for each in pcs:
        found = form(each)
        assert found.status == returned
        assert found.step is not None
        told = [(one.figure.item, one.why) for one in remarked(each.store, found.step, returned)]
        assert told == [("village_ct01", "Khác sổ"), ("village_ct02", "Bỏ trống")]
    # Refused, it has none of its remarks anywhere but where it was made.
    step(second, State.REOPENED, "Bình")
    third = Status(State.RETURNED, "", "", (Remark("village_ct03", "", "Sai"),))
    first.store.record_changes([(STEP, third.content())], "Hoa", AT)
    settle(second, first, village)
    mine = form(first).refused
    assert mine is not None
    assert mine.content == third.content()
    for each in (village, second):
        assert all("village_ct03" not in entry.content for entry in each.store.history(STEP))


def test_a_return_for_a_unit_that_was_closed_reaches_whoever_still_types_there(
    centre: Centre, pcs: tuple[PC, PC, PC]
) -> None:
    village, first, _ = pcs
    step(first, State.RETURNED, "Hoa", "CT01 khác sổ")
    Administration(centre).close_unit(VILLAGE, date(2026, 9, 30), "QĐ 12")
    settle(first, village)
    # The unit has ended, and the form of its last period can be put right all the same: nothing is refused or lost.
    closed = village.store.shown(Key(UNIT, VILLAGE))
    assert closed is not None
    assert Unit.of(VILLAGE, closed.content).valid_to == date(2026, 9, 30)
    for each in (first, village):
        assert form(each).stage is Stage.RETURNED
        assert not each.store.undecided()
        assert each.store.waiting() == 0
    write(village.store, "436")
    step(village, State.SUBMITTED, "An")
    settle(village, first)
    assert shown(first)[0] == "436"
    assert form(first).stage is Stage.SUBMITTED


def test_a_period_that_is_closed_and_opened_again_while_villages_type_loses_nothing(centre: Centre, pc: Make) -> None:
    villages = [pc(f"village{number}", f"{COMMUNE}.00{number}") for number in (1, 2, 3)]
    commune = pc("commune", COMMUNE)
    keys = [CELL._replace(unit=f"{COMMUNE}.00{number}") for number in (1, 2, 3)]
    office = Administration(centre)
    settle(*villages, commune)
    # The first types before the closing hears of it, the second after, the third only by file and much later.
    for village, key in zip(villages, keys, strict=True):
        village.store.record_changes([(key, "1")], "An", AT)
    villages[0].sync()
    office.close_period(COMMUNE, FORM, CELL.period, is_closed=True)
    villages[1].sync()
    carried = parcels.make(villages[2].store, NOON, unheard).parcel
    villages[0].store.record_changes([(keys[0], "2")], "An", AT)
    villages[0].sync()
    assert villages[1].store.undecided()[keys[1]].reason == PERIOD_CLOSED
    assert villages[0].store.undecided()[keys[0]].reason == PERIOD_CLOSED
    assert shown(villages[0], keys[0])[0] == "1", "what stood when it was closed still stands"
    desk = Desk(centre, clock)
    # Taken while it is closed, the answer comes back when it is open again.
    answer = take_at_centre(centre, carried, desk.sync, clock)
    assert answer.parked == 1
    # While it is opened again they go on.
    villages[1].store.record_changes([(keys[1], "3")], "An", AT)
    office.close_period(COMMUNE, FORM, CELL.period, is_closed=False)
    villages[2].store.record_changes([(keys[2], "4")], "An", AT)
    parcels.take(villages[2].store, answer.answer, unheard)
    settle(*villages, commune)
    for village, key, content in zip(villages, keys, ("2", "3", "4"), strict=True):
        for each in (village, commune):
            found = each.store.shown(key)
            assert found is not None
            assert (found.content, found.rivals, found.reason) == (content, (), "")
        assert village.store.waiting() == 0
        assert not village.store.undecided()
        assert village.store.history(key)[0].state is CellState.RECEIVED
    # And the same figure once more, closed for good, waits with its reason and stays on its PC.
    office.close_period(COMMUNE, FORM, CELL.period, is_closed=True)
    villages[2].store.record_changes([(keys[2], "5")], "An", AT)
    settle(villages[2], commune)
    assert villages[2].store.undecided()[keys[2]].reason == PERIOD_CLOSED
    assert shown(commune, keys[2])[0] == "4"


def test_an_approval_of_what_changed_on_its_way_approves_nothing_by_file_either(
    centre: Centre, pcs: tuple[PC, PC, PC]
) -> None:
    village, first, _ = pcs
    step(first, State.APPROVED, "Hoa")
    carried = parcels.make(first.store, NOON, unheard).parcel
    write(village.store, "440")
    village.sync()
    desk = Desk(centre, clock)
    parcels.take(first.store, take_at_centre(centre, carried, desk.sync, clock).answer, unheard)
    settle(first, village)
    for each in (village, first):
        assert form(each).stage is Stage.WAITING
        assert shown(each)[0] == "440"
    # Who approves what stands there now approves it, and what comes later waits.
    step(first, State.APPROVED, "Hoa")
    settle(first, village)
    assert {form(village).stage, form(first).stage} == {Stage.APPROVED}
    write(village.store, "441")
    settle(village, first)
    assert village.store.undecided()[Key(VALUE, *CELL[1:])].reason == APPROVED
