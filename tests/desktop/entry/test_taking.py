"""A commune's own form takes its villages' totals by a key or the button, overrides them with a reason, or waits."""

from collections.abc import Mapping

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.entry import totals as totals_of
from desktop.entry.layout import Turn
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets.marks import Mark
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Aggregation, Catalogue, Label
from sync.domain.keys import Key
from sync.domain.units import UnitKind
from sync.domain.values import Value
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, VILLAGES, open_room
from tests.desktop.entry.test_model import FullDisk, counted, key
from tests.desktop.entry.test_room import card
from tests.desktop.entry.test_room import grid as grid_in
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, SHIFT, K, press, type_in
from tests.desktop.sampled import COMMUNE, NOW, enrol, fill, receive
from tests.desktop.sampled import catalogue as shipped

ALT = Qt.KeyboardModifier.AltModifier
OWN = COMMUNE.key
ALL = {FIRST: "312", SECOND: "248", THIRD: "401"}


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The small form, and one of the commune that sums it."""
    kinds = frozenset({UnitKind.COMMUNE})
    below = catalogue.forms["village"]
    form = below._replace(key="summary", name=Label("Tổng hợp", "Summary"), unit_kinds=kinds, sums="village")
    return catalogue._replace(forms={**catalogue.forms, form.key: form})


@pytest.fixture
def room(commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot) -> EntryRoom:
    made = open_room(commune, catalogue, feed, settings, qtbot)
    made.show_place(Place("entry", form="summary"))
    return made


@pytest.fixture
def view(room: EntryRoom) -> GridView:
    return view_of(room)


@pytest.fixture
def grid(room: EntryRoom) -> GridModel:
    return grid_in(room)


def report(store: Store, feed: Feed, figures: Mapping[str, str], item: str = "households") -> None:
    """What villages report, by unit, received from their PCs."""
    feed.changed.emit(ChangeSet(receive(store, [(key(item, unit), [said]) for unit, said in figures.items()])))


def own(store: Store, item: str = "households") -> Value:
    shown = store.shown(key(item, OWN))
    return Value.of(shown.content) if shown else Value()


def type_at(room: EntryRoom, item: str, text: str) -> None:
    """Type into the commune's own cell."""
    room.show_place(Place("entry", form="summary", item=item))
    type_in(view_of(room), text)
    press(view_of(room), K.Key_Return)


def mark(grid: GridModel, item: str = "households") -> Mark | None:
    return grid.face(grid.row_of(item) or 0, 0).corner


def said(room: EntryRoom) -> str:
    return str(room._hints._said.toolTip())


def test_the_commune_s_cell_stands_beside_what_its_villages_come_to(
    grid: GridModel, commune: Store, feed: Feed
) -> None:
    assert [grid.heading(column) for column in range(2)] == ["Xã Bà Nà", "Các thôn cộng lại"]
    assert grid.layout.units == (OWN,)
    assert [grid.face(1, column).text for column in range(2)] == ["", "thiếu 3 thôn"]
    report(commune, feed, ALL)
    assert [grid.face(1, column).text for column in range(2)] == ["", "961"]
    assert counted(grid).cells == 4
    assert mark(grid) is None, "who waits is asked nothing"


def test_one_key_takes_the_total_and_one_undo_gives_it_back(
    view: GridView, room: EntryRoom, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    press(view, K.Key_Equal, held=ALT)
    assert own(commune) == Value(number=own(commune).number)
    assert own(commune).number == 961
    assert say("entry.did.taking", count=1) in said(room)
    press(view, K.Key_Z, held=CTRL)
    assert own(commune).is_empty
    press(view, K.Key_Y, held=CTRL)
    assert own(commune).number == 961


def test_the_key_takes_it_beside_the_total_too(view: GridView, commune: Store, feed: Feed) -> None:
    report(commune, feed, ALL)
    press(view, K.Key_Right)
    press(view, K.Key_Equal, held=ALT)
    assert own(commune).number == 961


def test_a_block_takes_what_is_complete_in_one_step(
    view: GridView, room: EntryRoom, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    report(commune, feed, {FIRST: "1", SECOND: "2"}, "poor")
    report(commune, feed, dict.fromkeys(ALL, "2.5"), "area")
    press(view, K.Key_End, held=CTRL | SHIFT)
    press(view, K.Key_Equal, held=ALT)
    assert [str(own(commune, item).number) for item in ("households", "poor", "area")] == ["961", "None", "7.5"]
    assert say("entry.take.lacking", count=1) in said(room)
    press(view, K.Key_Z, held=CTRL)
    assert own(commune).is_empty
    assert own(commune, "area").is_empty


def test_the_button_takes_all_and_leaves_what_was_decided_with_a_reason(
    room: EntryRoom, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    report(commune, feed, dict.fromkeys(ALL, "10"), "poor")
    decided = Value(number=own(commune).number, missing="not_collected", note="rà soát lại").content()
    feed.changed.emit(commune.record_changes([(key("poor", OWN), decided)], "Hoa", NOW))
    button = next(one for one in room.findChildren(QPushButton) if one.text() == say("entry.take.all.village"))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert own(commune).number == 961
    assert own(commune, "poor").note == "rà soát lại"
    assert say("entry.take.reasoned", count=1) in said(room)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert say("entry.take.same", count=1) in room._notice.accessibleName(), "nothing was left to take"


def test_nothing_is_taken_while_anybody_is_missing(view: GridView, room: EntryRoom, commune: Store, feed: Feed) -> None:
    report(commune, feed, {FIRST: "312", SECOND: "248"})
    press(view, K.Key_Equal, held=ALT)
    assert own(commune).is_empty
    assert room._notice.accessibleName() == say("entry.take.lacking", count=1)
    room.show_place(Place("entry", form="summary", item="poor_rate"))
    press(view, K.Key_Equal, held=ALT)
    assert room._notice.accessibleName() == say("entry.take.nowhere"), "a rate is computed, never taken"


def test_what_applies_to_nobody_is_taken_as_such(view: GridView, commune: Store, feed: Feed) -> None:
    report(commune, feed, dict.fromkeys(ALL, '{"missing":"does_not_apply"}'))
    press(view, K.Key_Equal, held=ALT)
    assert own(commune).missing == "does_not_apply"


def test_a_taken_total_whose_villages_changed_is_marked_until_it_is_taken_again(
    room: EntryRoom, view: GridView, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    press(view, K.Key_Equal, held=ALT)
    assert (mark(grid), counted(grid).warnings) == (None, 0)
    report(commune, feed, {SECOND: "257"})
    assert (mark(grid), counted(grid).warnings) == (Mark.WARNING, 1)
    told = card(room)
    assert say("entry.total.changed.village", value="961", total="970") in told
    assert say("entry.total.take") in told
    assert say("entry.take.one", total="970") in told
    assert "nay các thôn cộng lại 970" in str(grid.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    link = next(one for one in room.findChildren(QPushButton) if one.text() == say("entry.take.one", total="970"))
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    assert own(commune).number == 970
    assert (mark(grid), counted(grid).warnings) == (None, 0)


def test_a_taken_total_of_which_a_village_takes_its_figure_back_is_marked(
    view: GridView, room: EntryRoom, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    press(view, K.Key_Equal, held=ALT)
    report(commune, feed, {THIRD: "null"})
    assert mark(grid) is Mark.WARNING
    told = card(room)
    assert say("entry.total.early", value="961", lacking="thiếu 1 thôn") in told
    assert say("entry.total.gap.untyped", names=VILLAGES[THIRD]) in told


def test_another_number_is_stored_and_asked_why(room: EntryRoom, grid: GridModel, commune: Store, feed: Feed) -> None:
    report(commune, feed, ALL)
    type_at(room, "households", "999")
    assert own(commune).number == 999, "nothing that somebody typed is refused storage"
    assert mark(grid) is Mark.WARNING
    reasoned = Value(number=own(commune).number, note="theo sổ hộ khẩu").content()
    feed.changed.emit(commune.record_changes([(key("households", OWN), reasoned)], "Hoa", NOW))
    assert mark(grid) is Mark.EXPLAINED
    assert counted(grid).warnings == 0
    report(commune, feed, {FIRST: "313"})
    room.show_place(Place("entry", form="summary", item="households"))
    told = card(room)
    assert say("entry.total.changed.village", value="999", total="962") in told, "the card says so all the same"
    assert "theo sổ hộ khẩu" in told


def test_the_reason_is_written_below_the_card_and_goes_with_the_value(
    room: EntryRoom, view: GridView, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    type_at(room, "households", "999")
    press(view, K.Key_Up)
    card(room)
    press(view, K.Key_E, held=CTRL)
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "theo so ho khau")
    QTest.keyClick(line, K.Key_Return)
    assert own(commune) == Value(number=own(commune).number, note="theo so ho khau")
    assert own(commune).number == 999
    assert (mark(grid), counted(grid).warnings) == (Mark.EXPLAINED, 0)
    press(view, K.Key_Z, held=CTRL)
    assert mark(grid) is Mark.WARNING


def test_a_number_typed_while_a_village_is_missing_asks_why_too(
    room: EntryRoom, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, {FIRST: "312"})
    type_at(room, "households", "900")
    assert mark(grid) is Mark.WARNING
    report(commune, feed, {SECOND: "248", THIRD: "340"})
    assert mark(grid) is None, "it is the sum now"


def test_typing_the_sum_itself_is_taking_it(room: EntryRoom, grid: GridModel, commune: Store, feed: Feed) -> None:
    report(commune, feed, ALL)
    type_at(room, "households", "961")
    assert mark(grid) is None


def test_one_cell_with_a_reason_is_replaced_when_that_one_is_asked_for(
    view: GridView, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, ALL)
    reasoned = '{"note":"theo sổ","number":999}'
    feed.changed.emit(commune.record_changes([(key("households", OWN), reasoned)], "Hoa", NOW))
    press(view, K.Key_Equal, held=ALT)
    assert own(commune) == Value(number=own(commune).number)
    assert own(commune).number == 961


def test_what_is_never_summed_is_the_commune_s_own(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    alone = catalogue.indicators["poor"]._replace(aggregation=Aggregation.NONE)
    known = catalogue._replace(indicators={**catalogue.indicators, "poor": alone})
    room = open_room(commune, known, feed, settings, qtbot)
    room.show_place(Place("entry", form="summary", item="poor"))
    report(commune, feed, ALL, "poor")
    assert grid_in(room).face(2, 1).text == "không cộng"
    press(view_of(room), K.Key_Equal, held=ALT)
    assert own(commune, "poor").is_empty
    type_at(room, "poor", "3")
    assert mark(grid_in(room), "poor") is None
    room.close()


def test_the_rules_of_the_villages_are_asked_of_the_sums(
    room: EntryRoom, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, dict.fromkeys(ALL, "10"))
    report(commune, feed, dict.fromkeys(ALL, "11"), "poor")
    room._take_all()
    assert own(commune, "poor").number == 33
    assert mark(grid, "poor") is Mark.ERROR


def test_rates_of_the_commune_are_those_of_its_sums(
    room: EntryRoom, grid: GridModel, commune: Store, feed: Feed
) -> None:
    report(commune, feed, {FIRST: "100", SECOND: "900", THIRD: "0"})
    report(commune, feed, {FIRST: "10", SECOND: "9", THIRD: "0"}, "poor")
    room._take_all()
    row = grid.row_of("poor_rate") or 0
    assert [grid.face(row, column).text for column in range(2)] == ["1,90", "1,90"]


def test_turned_it_is_taken_for_the_period_that_is_chosen(
    room: EntryRoom, view: GridView, commune: Store, feed: Feed
) -> None:
    before = [(key("households", unit, PERIOD.previous.code), [figure]) for unit, figure in ALL.items()]
    feed.changed.emit(ChangeSet(receive(commune, before)))
    room.turn_to(str(Turn.PERIODS))
    press(view, K.Key_Left)
    press(view, K.Key_Equal, held=ALT)
    shown = commune.shown(key("households", OWN, PERIOD.previous.code))
    assert shown is not None
    assert shown.content == "961"
    room.turn_to(str(Turn.INDICATOR))
    model = grid_in(room)
    assert [model.line_title(row) for row in range(2)] == ["Xã Bà Nà", "Các thôn cộng lại"]
    assert model.face(1, model.columnCount() - 2).text == "961"
    report(commune, feed, ALL)
    view.selection.only(model.index(1, model.columnCount() - 1))
    press(view, K.Key_Equal, held=ALT)
    assert own(commune).number == 961


def test_what_cannot_be_stored_stays_on_the_screen_and_nothing_is_lost(
    view: GridView, room: EntryRoom, commune: Store, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(commune, feed, ALL)
    disk = FullDisk(commune, monkeypatch)
    press(view, K.Key_Equal, held=ALT)
    face = grid_in(room).face(1, 0)
    assert face.unsaved
    assert face.text == "961"
    disk.full = False
    assert room._try_again()
    assert own(commune).number == 961


def test_totals_that_are_not_known_yet_are_waited_for(
    view: GridView, room: EntryRoom, commune: Store, feed: Feed, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(totals_of, "_AT_ONCE", 1)
    report(commune, feed, ALL)
    press(view, K.Key_Equal, held=ALT)
    assert said(room) == say("entry.take.adding")
    qtbot.waitUntil(lambda: own(commune).number == 961)


def test_a_village_form_takes_nothing(commune: Store, room: EntryRoom, feed: Feed) -> None:
    room.show_place(Place("entry", form="village"))
    report(commune, feed, ALL)
    press(view_of(room), K.Key_Equal, held=ALT)
    assert own(commune).is_empty
    assert not room._bar.take.isVisible()


# The real commune


def test_the_real_commune_s_summary_waits_for_four_villages(
    store: Store, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    enrol(store)
    fill(store)
    room = open_room(store, shipped(), feed, settings, qtbot)
    room.show_place(Place("entry", form="commune_quarter", period="A2026Q2"))
    model = grid_in(room)
    rows = [row for row, line in enumerate(model.lines) if line.indicator]
    assert {model.face(row, 1).text for row in rows} == {"thiếu 4 thôn"}
    assert "village_ct14" not in {line.indicator.key for line in model.lines if line.indicator}
    room._take_all()
    assert room._notice.accessibleName() == say("entry.take.lacking", count=13)
    assert not [one for one in store.select("value", OWN) if one.unit == OWN]
    silent = [unit for unit in model.layout.below if store.shown(Key("value", unit, "village_ct01", "A2026Q2")) is None]
    items = [f"village_ct{number:02}" for number in range(1, 14)]
    report_of = {Key("value", unit, item, "A2026Q2"): ["0"] for unit in silent for item in items}
    feed.changed.emit(ChangeSet(receive(store, list(report_of.items()), stream=COMMUNE.key)))
    room._take_all()
    shown = store.shown(Key("value", OWN, "village_ct01", "A2026Q2"))
    assert shown is not None
    assert shown.content == "4752"
    assert counted(model).filled == 13
    QApplication.processEvents()
    room.close()
