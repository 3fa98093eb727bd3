"""The card of a cell that came back: why, from whom, and whether it was changed since."""

import pytest

from desktop.entry.room import EntryRoom
from desktop.feed import Feed
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.keys import STATUS, Key
from sync.domain.workflow import Remark, State, Status
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND
from tests.desktop.entry.test_room import card, type_in
from tests.desktop.sampled import COMMUNE, receive

STEP = Key(STATUS, FIRST, "village", PERIOD.code)


def go(room: EntryRoom, item: str, unit: str = FIRST) -> str:
    room.show_place(Place("entry", unit, "village", PERIOD.code, item))
    return card(room)


@pytest.fixture
def returned(room: EntryRoom, commune: Store, feed: Feed) -> Status:
    """While the form is open, it comes back with one cell named."""
    type_in(room, "households", "308")
    go(room, "households")
    status = Status(State.RETURNED, "", "Xem lại", (Remark("households", "", "Thiếu 4 hộ"),))
    feed.changed.emit(ChangeSet(receive(commune, [(STEP, [status.content()])], "Bình", COMMUNE.key)))
    return status


def test_the_card_says_why_a_cell_came_back(room: EntryRoom, returned: Status, commune: Store, feed: Feed) -> None:
    # What was typed here and not sent yet was typed after the return was received.
    told = card(room)
    assert "Thiếu 4 hộ\nBình trả lại hôm qua 09:15" in told
    other = go(room, "poor")
    assert say("entry.returned.to_mend") not in other
    assert "Thiếu 4 hộ" not in go(room, "households", SECOND)
    # Sent again, it is no more a cell that came back.
    again = Status(State.SUBMITTED).content()
    feed.changed.emit(ChangeSet(receive(commune, [(STEP, [again])], "An", COMMUNE.key)))
    assert "Thiếu 4 hộ" not in go(room, "households")


def test_a_cell_that_was_changed_after_the_return_is_mended(room: EntryRoom, commune: Store, feed: Feed) -> None:
    figure = STEP._replace(kind="value", item="poor")
    receive(commune, [(figure, ["30"])], "An", COMMUNE.key)
    status = Status(State.RETURNED, "", "", (Remark("poor", "", "Khác sổ"),))
    feed.changed.emit(ChangeSet(receive(commune, [(STEP, [status.content()])], "Bình", COMMUNE.key)))
    told = go(room, "poor")
    assert f"{say('entry.returned.to_mend')}\nKhác sổ\n" in told
    assert say("entry.returned.to_mend_text") in told
    type_in(room, "poor", "31")
    told = go(room, "poor")
    assert f"{say('entry.returned.mended')}\nKhác sổ\n" in told
    assert say("entry.returned.mended_text") in told


def test_who_may_not_see_the_cell_is_not_told(room: EntryRoom, returned: Status, commune: Store) -> None:
    commune.sees = lambda key: key.item != "households"
    assert "Thiếu 4 hộ" not in go(room, "households")
