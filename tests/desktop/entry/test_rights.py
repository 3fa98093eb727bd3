"""Cells that wait for somebody above: they look calm, say why, and take what is typed all the same."""

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.entry.model import GridModel
from desktop.entry.rights import Held, Rights
from desktop.entry.room import EntryRoom
from desktop.feed import Feed
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import CLOSING, OWN_UNIT, STATUS, Key
from sync.domain.rights import Grant, Role
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED, State, Status
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, open_room
from tests.desktop.entry.test_model import at, kept, key
from tests.desktop.entry.test_room import card, grid, type_in, view
from tests.desktop.sampled import COMMUNE, PERSON, receive, say_people

APPROVED = Status(State.APPROVED, "d").content()


def held(model: GridModel, item: str = "households", unit: str = FIRST) -> Held | None:
    cell = model.cell_of(key(item, unit))
    assert cell is not None
    return model.face(*cell).held


def closing(unit: str, form: str = "village", period: str = PERIOD.code) -> Key:
    return Key(CLOSING, unit, form, period)


@pytest.mark.parametrize("unit", [COMMUNE.key, COMMUNE.key.partition(".")[0]])
def test_a_period_that_was_closed_above_holds_every_village(
    grid: GridModel, commune: Store, feed: Feed, unit: str
) -> None:
    assert held(grid) is None
    feed.changed.emit(ChangeSet(receive(commune, [(closing(unit), [CLOSED])])))
    assert held(grid) is held(grid, unit=SECOND) is Held.CLOSED
    said = grid.data(at(grid, "households"), Qt.ItemDataRole.AccessibleTextRole)
    assert say("entry.held.closed.title") in said
    feed.changed.emit(ChangeSet(receive(commune, [(closing(unit), [CLEARED])])))
    assert held(grid) is None


def test_only_what_is_closed_or_approved_is_held(grid: GridModel, commune: Store, feed: Feed) -> None:
    found = [
        (closing(COMMUNE.key, form="short"), [CLOSED]),
        (closing(COMMUNE.key, period=PERIOD.previous.code), [CLOSED]),
        (Key(STATUS, FIRST, "village", PERIOD.code), [APPROVED]),
        (Key(STATUS, SECOND, "village", PERIOD.code), [Status(State.SUBMITTED).content()]),
    ]
    feed.changed.emit(ChangeSet(receive(commune, found)))
    assert held(grid) is Held.APPROVED
    assert held(grid, unit=SECOND) is None
    # The remark stands in the short form too, which was closed.
    assert held(grid, "remark", SECOND) is Held.CLOSED
    rivals = [Status(State.RETURNED).content(), APPROVED]
    feed.changed.emit(ChangeSet(receive(commune, [(Key(STATUS, SECOND, "village", PERIOD.code), rivals)])))
    assert held(grid, unit=SECOND) is Held.APPROVED


def test_what_is_typed_into_such_a_cell_is_kept_and_told(room: EntryRoom, commune: Store, feed: Feed) -> None:
    feed.changed.emit(ChangeSet(receive(commune, [(closing(COMMUNE.key), [CLOSED])])))
    type_in(room, "households", "312")
    assert kept(commune, "households").number == 312
    assert say("entry.held.closed.typed") in [label.toolTip() for label in room.findChildren(QLabel)]
    room.show_place(Place("entry", unit=FIRST, item="households"))
    told = card(room)
    assert say("entry.held.closed.title") in told
    assert say("entry.held.closed.text") in told
    assert grid(room).face(*(grid(room).cell_of(key("households")) or (0, 0))).held is Held.CLOSED
    view(room).grab()


def test_before_enrolment_nobody_closes_anything(store: Store, catalogue: Catalogue) -> None:
    rights = Rights(store, catalogue, [OWN_UNIT], [PERIOD.code])
    assert rights.held(key("households", OWN_UNIT)) is None
    assert not rights.touch(closing(COMMUNE.key))


def test_a_cell_without_a_right_takes_what_is_typed_and_says_that_it_waits(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    say_people(commune, {PERSON: (Grant(Role.VILLAGE_ENTRY, FIRST, Sensitivity.SENSITIVE),)})
    rights = Rights(commune, catalogue, [FIRST, SECOND], [PERIOD.code])
    assert rights.held(key("households")) is None
    assert rights.held(key("households", SECOND)) is Held.NO_RIGHT
    assert rights.held(key("households", OWN_UNIT)) is None
    say_people(commune, {PERSON: (Grant(Role.COMMUNE_APPROVAL, COMMUNE.key, Sensitivity.SENSITIVE),)})
    room = open_room(commune, catalogue, feed, settings, qtbot)
    type_in(room, "households", "312")
    assert kept(commune, "households").number == 312
    assert say("entry.held.no_right.typed") in [label.toolTip() for label in room.findChildren(QLabel)]
    room.show_place(Place("entry", unit=FIRST, item="households"))
    assert say("entry.held.no_right.text") in card(room)
