"""The room as a person meets it: choosing, the card, the last place, nothing to type, and leaving."""

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMessageBox, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.entry.card import Card
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets import theme, words
from desktop.widgets.place import Place
from desktop.widgets.resources import ROOT
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE, OWN_UNIT, UNIT, VALUE, Key
from sync.domain.units import Unit, UnitKind
from sync.domain.values import Value
from sync.exchange.samples import read_samples
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, VILLAGES, open_room, opener
from tests.desktop.entry.test_model import FullDisk, counted, kept, key
from tests.desktop.entry.test_view import editor
from tests.desktop.sampled import COMMUNE, NOW, clock, enrol, fill, push, receive
from tests.desktop.sampled import catalogue as shipped

EDIT = Qt.ItemDataRole.EditRole


def view(room: EntryRoom) -> GridView:
    found = room.findChild(GridView)
    assert found is not None
    return found


def grid(room: EntryRoom) -> GridModel:
    found = view(room).grid()
    assert found is not None
    return found


def said(widget: QWidget) -> str:
    """All that is to be read in a widget now."""
    QApplication.processEvents()
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    buttons = [button.text() for button in widget.findChildren(QPushButton) if button.isVisible()]
    return "\n".join(labels + buttons)


def card(room: EntryRoom) -> str:
    """What the card says once the keys have rested."""
    QApplication.processEvents()
    while room._rested.isActive():
        QTest.qWait(1)
    found = room.findChild(Card)
    assert found is not None
    return said(found)


def type_in(room: EntryRoom, item: str, typed: str, unit: str = FIRST) -> None:
    """Go to a cell and type, as a person does."""
    room.show_place(Place("entry", unit=unit, item=item))
    QTest.keyClicks(view(room), typed[0])
    opened = editor(view(room))
    assert opened is not None
    QTest.keyClicks(opened, typed[1:])
    QTest.keyClick(opened, Qt.Key.Key_Return)


def test_typing_shows_above_the_grid_and_in_the_card(room: EntryRoom, commune: Store) -> None:
    assert "0/12" in said(room)
    type_in(room, "households", "312")
    type_in(room, "poor", "400")
    room.show_place(Place("entry", unit=FIRST, item="poor"))
    assert "2/12" in said(room)
    assert say("entry.bar.errors", count=1) in said(room)
    told = card(room)
    for words_of_it in (
        "CT03 · Thôn An Sơn · Quý IV/2026",
        "400",
        "CT03 ≤ CT01",
        "Số hộ nghèo lớn hơn tổng số hộ.",
        say("entry.trail.to_send"),
        "Định nghĩa Số hộ nghèo",
        "Biểu của một xã",
        say("entry.confidence.verified_secondary"),
    ):
        assert words_of_it in told
    push(commune)
    room._feed.changed.emit(ChangeSet(frozenset({key("poor")})))
    assert say("entry.trail.sent") in card(room)


def test_the_card_compares_and_tells_the_history(room: EntryRoom, commune: Store) -> None:
    before, last_year = PERIOD.previous.code, PERIOD.same_period_last_year.code
    edits = [(key("households", period=before), "300"), (key("households", period=last_year), "312")]
    room._feed.changed.emit(commune.record_changes(edits, "Hoa", NOW))
    type_in(room, "households", "310")
    type_in(room, "households", "312")
    room.show_place(Place("entry", unit=FIRST, item="households"))
    told = card(room)
    assert "300 (+12)" in told
    assert say("entry.card.unchanged", value="312") in told
    assert "Nguyễn Thị Hoa · 310" in told
    room.show_place(Place("entry", unit=FIRST, item="poor_rate"))
    assert say("entry.card.computed") in card(room)


def test_a_conflict_is_told_with_both_values_and_who(room: EntryRoom, commune: Store, feed: Feed) -> None:
    feed.changed.emit(ChangeSet(receive(commune, [(key("households"), ["312", "321"])])))
    told = card(room)
    assert say("entry.conflict.title") in told
    assert "312 · Thôn trưởng" in told
    assert "321 · Thôn trưởng" in told


def test_a_parked_value_and_a_raw_one_are_told(room: EntryRoom, commune: Store, feed: Feed) -> None:
    type_in(room, "households", "khoang 30")
    room.show_place(Place("entry", unit=FIRST, item="households"))
    assert say("entry.raw.text") in card(room)
    push(commune, parked="closed")
    feed.changed.emit(ChangeSet(frozenset({key("households")})))
    assert say("entry.parked.title") in card(room)
    assert "khoang 30" in card(room)


def test_ctrl_i_hides_the_card_for_next_time_too(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    QTest.keyClick(view(room), Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert not said_card_visible(room)
    room.hide()
    again = open_room(commune, catalogue, feed, settings, qtbot)
    assert not said_card_visible(again)


def said_card_visible(room: EntryRoom) -> bool:
    found = room.findChild(Card)
    return found is not None and found.isVisible()


def test_ctrl_tab_leaves_the_grid(room: EntryRoom) -> None:
    assert view(room).hasFocus()
    QTest.keyClick(view(room), Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert not view(room).hasFocus()
    view(room).setFocus()
    QTest.keyClick(view(room), Qt.Key.Key_Tab)
    assert view(room).hasFocus()


def test_checking_and_submitting_leads_to_where_the_form_stands(qtbot: QtBot, room: EntryRoom, commune: Store) -> None:
    shown = view(room)
    QTest.keyClick(shown, Qt.Key.Key_Right)
    QTest.keyClicks(shown, "7")
    button = next(one for one in room.findChildren(QPushButton) if one.text() == "Kiểm tra và nộp…")
    with qtbot.waitSignal(room.go) as went:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert went.args == [Place("review", SECOND, "village", PERIOD.code)]
    assert kept(commune, "households", SECOND).number == 7, "what was being typed is stored first"


def test_form_and_period_are_chosen_in_the_header(room: EntryRoom, qtbot: QtBot) -> None:
    room.header.show()
    earlier, later = room.header.findChildren(QToolButton)
    earlier.click()
    assert grid(room).layout.period == PERIOD.previous
    assert "Quý III/2026" in said(room.header)
    later.click()
    later.click()
    assert grid(room).layout.period.code == "A2027Q1"
    forms = next(box for box in room.header.findChildren(QComboBox) if box.count() == 2)
    forms.setCurrentIndex(1)
    forms.activated.emit(1)
    assert grid(room).form.key == "short"
    assert grid(room).layout.period.code == "A2027Q1", "the period stays when the form changes"


def test_changing_the_period_stores_what_is_being_typed(room: EntryRoom, commune: Store) -> None:
    QTest.keyClicks(view(room), "7")
    room.header.findChildren(QToolButton)[0].click()
    assert kept(commune, "households").number == 7


def test_leaving_the_room_stores_what_is_being_typed(room: EntryRoom, commune: Store) -> None:
    QTest.keyClicks(view(room), "7")
    room.hide()
    assert kept(commune, "households").number == 7


def test_the_deadline_stands_in_the_header(room: EntryRoom, commune: Store, feed: Feed) -> None:
    room.header.show()
    room.header.resize(900, 56)
    content = Deadline(NOW.replace(day=25)).content()
    feed.changed.emit(ChangeSet(receive(commune, [(Key(DEADLINE, COMMUNE.key, "village", PERIOD.code), [content])])))
    assert "25/11" in said(room.header)


def test_the_last_place_is_found_again(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    room.show_place(Place("entry", unit=SECOND, form="short", period="A2026Q2", item="remark"))
    room.hide()
    again = open_room(commune, catalogue, feed, settings, qtbot)
    model, index = grid(again), view(again).currentIndex()
    assert (model.form.key, model.layout.period.code) == ("short", "A2026Q2")
    assert model.key(index.row(), index.column()) == Key(VALUE, SECOND, "remark", "A2026Q2")


def test_a_place_that_is_gone_opens_what_is_there(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    for part, value in (("form", "gone"), ("period", "X"), ("unit", "99"), ("item", "gone")):
        settings.setValue(f"entry/{part}", value)
    room = open_room(commune, catalogue, feed, settings, qtbot)
    assert grid(room).form.key == "village"
    assert view(room).currentIndex() == view(room).first_cell()


def test_villages_that_arrive_become_columns(
    store: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    enrol(store)
    room = open_room(store, catalogue, feed, settings, qtbot)
    assert say("entry.empty.no_units.title") in said(room)
    units = [COMMUNE, *(Unit(unit, UnitKind.VILLAGE, name) for unit, name in VILLAGES.items())]
    feed.changed.emit(ChangeSet(receive(store, [(Key(UNIT, unit.key), [unit.content()]) for unit in units])))
    assert grid(room).layout.units == tuple(VILLAGES)
    assert say("entry.empty.no_units.title") not in said(room)


def test_a_village_that_arrives_keeps_what_is_being_typed(room: EntryRoom, commune: Store, feed: Feed) -> None:
    QTest.keyClicks(view(room), "7")
    new = Unit(f"{COMMUNE.key}.004", UnitKind.VILLAGE, "Thôn mới")
    feed.changed.emit(ChangeSet(receive(commune, [(Key(UNIT, new.key), [new.content()])])))
    assert grid(room).layout.units[-1] == new.key
    assert kept(commune, "households").number == 7


def test_a_new_name_does_not_disturb_who_is_typing(room: EntryRoom, commune: Store, feed: Feed) -> None:
    QTest.keyClicks(view(room), "7")
    renamed = Unit(FIRST, UnitKind.VILLAGE, "Thôn An Sơn Đông")
    feed.changed.emit(ChangeSet(receive(commune, [(Key(UNIT, FIRST), [renamed.content()])])))
    assert grid(room).heading(0) == "Thôn An Sơn Đông"
    assert editor(view(room)) is not None
    assert commune.shown(key("households")) is None


def test_what_was_typed_before_enrolment_is_found_under_the_unit(
    store: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    room = open_room(store, catalogue, feed, settings, qtbot)
    type_in(room, "households", "312", OWN_UNIT)
    enrol(store, FIRST)
    receive(store, [(Key(UNIT, FIRST), [Unit(FIRST, UnitKind.VILLAGE, "Thôn An Sơn").content()])])
    feed.changed.emit(store.adopt(FIRST))
    assert grid(room).layout.units == (FIRST,)
    assert grid(room).index(1, 0).data() == "312"


def test_a_full_disk_is_told_and_tried_again_from_the_bar(
    room: EntryRoom, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(commune, monkeypatch)
    type_in(room, "households", "312")
    room.show_place(Place("entry", unit=FIRST, item="households"))
    assert say("entry.bar.unsaved", count=1) in said(room)
    assert say("errors.disk_full.text") in card(room)
    room.header.findChildren(QToolButton)[0].click()
    assert say("entry.bar.unsaved", count=1) in said(room), "also from another period"
    disk.full = False
    retry = next(
        button
        for button in room.findChildren(QPushButton)
        if button.isVisible() and button.text() == say("entry.unsaved.retry")
    )
    retry.click()
    assert kept(commune, "households").number == 312
    assert say("entry.bar.unsaved", count=1) not in said(room)


def test_what_could_not_be_saved_outlives_the_window(
    room: EntryRoom,
    commune: Store,
    catalogue: Catalogue,
    feed: Feed,
    settings: QSettings,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = FullDisk(commune, monkeypatch)
    type_in(room, "households", "312")
    theme.apply(QApplication.instance(), "dark", 100)  # type: ignore[arg-type]
    again = open_room(commune, catalogue, feed, settings, qtbot)
    room.close()
    assert grid(again).face(1, 0).unsaved
    disk.full = False
    assert grid(again).retry()
    assert kept(commune, "households").number == 312


@pytest.mark.parametrize("button", ["stay", "close"])
def test_closing_over_an_unsaved_value_asks_once(
    room: EntryRoom, commune: Store, monkeypatch: pytest.MonkeyPatch, button: str
) -> None:
    disk = FullDisk(commune, monkeypatch)
    type_in(room, "households", "312")
    asked: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        next(one for one in box.buttons() if one.text() == say(f"entry.leaving.{button}")).click()

    QTimer.singleShot(0, answer)
    closed = room.close()
    assert asked == [say("entry.leaving.title", count=1)]
    assert closed is (button == "close")
    disk.full = False
    if not closed:
        assert room.close(), "a disk that has room again needs no question"
        assert kept(commune, "households").number == 312


def test_the_shipped_village_form_takes_the_real_quarter(
    store: Store, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    """The sample commune's quarter is shown beside the next one, and its four silent villages have no rate."""
    fill(store)
    enrol(store)
    catalogue = shipped()
    samples = read_samples(ROOT / "samples", COMMUNE, catalogue)
    values = [one for one in samples if one.kind == VALUE]
    room = open_room(store, catalogue, feed, settings, qtbot)
    room.show_place(Place("entry", form="village_quarter", period=values[0].period))
    model = grid(room)
    assert model.columnCount() == 10 + 1
    assert counted(model).filled == sum(not Value.of(samples[one]).is_empty for one in values)
    assert counted(model).errors == 0
    rates = [row for row, line in enumerate(model.lines) if line.indicator and not line.typed]
    dashes = [[model.face(row, column).text == "—" for row in rates] for column in range(10)]
    assert sum(all(column) for column in dashes) == 4
    assert sum(not any(column) for column in dashes) == 6


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize(("look", "percent"), [("light", 100), ("dark", 150), ("contrast", 200)])
def test_it_fits_a_small_screen(
    commune: Store,
    catalogue: Catalogue,
    feed: Feed,
    settings: QSettings,
    qtbot: QtBot,
    language: str,
    look: str,
    percent: int,
) -> None:
    words.set_language(language)
    theme.apply(QApplication.instance(), look, percent)  # type: ignore[arg-type]
    room = EntryRoom(commune, opener(commune), catalogue, feed, clock(), settings)
    qtbot.addWidget(room)
    qtbot.addWidget(room.header)
    room.resize(1366 - theme.px(84), 768 - theme.px(86))
    room.show()
    qtbot.waitExposed(room)
    QApplication.processEvents()
    assert room.width() == 1366 - theme.px(84), "nothing forces the window wider"
    assert room.height() == 768 - theme.px(86)
    assert view(room).columnViewportPosition(0) + view(room).columnWidth(0) <= view(room).viewport().width()
    assert THIRD in grid(room).layout.units
    room.close()


@pytest.mark.parametrize("percent", [100, 200])
def test_the_period_is_never_cut(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot, percent: int
) -> None:
    words.set_language("en")
    theme.apply(QApplication.instance(), "light", percent)  # type: ignore[arg-type]
    room = EntryRoom(commune, opener(commune), catalogue, feed, clock(), settings)
    qtbot.addWidget(room)
    qtbot.addWidget(room.header)
    room.header.resize(room.header.minimumSizeHint())
    room.header.show()
    (period,) = [label for label in room.header.findChildren(QLabel) if label.text().startswith("Quarter")]
    assert period.width() >= period.sizeHint().width()


def test_a_column_s_width_is_kept_for_its_form(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    top = view(room).horizontalHeader().viewport()
    edge = view(room).columnViewportPosition(1) + view(room).columnWidth(1) - 1
    before = view(room).columnWidth(1)
    QTest.mousePress(top, Qt.MouseButton.LeftButton, pos=QPoint(edge, 10))
    QTest.mouseMove(top, QPoint(edge - 60, 10))
    QTest.mouseRelease(top, Qt.MouseButton.LeftButton, pos=QPoint(edge - 60, 10))
    assert view(room).columnWidth(1) == before - 60
    assert view(room).selection.single, "dragging an edge chooses nothing"
    room.show_place(Place("entry", form="short"))
    assert view(room).columnWidth(1) != before - 60
    again = open_room(commune, catalogue, feed, settings, qtbot)
    again.show_place(Place("entry", form="village"))
    assert view(again).columnWidth(1) == before - 60
    again.close()


def test_widths_that_cannot_be_read_count_as_none(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    settings.setValue("entry/widths/village/units", "1:x :5 9 1:90")
    room = open_room(commune, catalogue, feed, settings, qtbot)
    assert view(room).columnWidth(1) == 90
    room.close()


def test_a_whole_quarter_is_typed_by_keyboard_alone(
    store: Store, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    """CT01–CT14 of ten villages take their digits and one Enter each, as in a spreadsheet without computed lines.

    From the end of a column to the top of the next it is two keys, as it is there.
    """
    fill(store)
    enrol(store)
    catalogue = shipped()
    samples = read_samples(ROOT / "samples", COMMUNE, catalogue)
    room = open_room(store, catalogue, feed, settings, qtbot)
    room.show_place(Place("entry", form="village_quarter", period="A2026Q4"))
    model, keys, typed = grid(room), 0, 0

    def press(key: Qt.Key | str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        nonlocal keys
        keys += 1
        target = editor(view(room)) or view(room)
        if isinstance(key, str):
            QTest.keyClicks(target, key)
        else:
            QTest.keyClick(target, key, held)

    lines = [line for line in model.lines if line.typed]
    expected: dict[Key, str] = {}
    for column, unit in enumerate(model.layout.units):
        for line in lines:
            assert line.indicator is not None
            source = Key(VALUE, unit, line.indicator.key, "A2026Q2")
            content = samples.get(source, "0")
            expected[source._replace(period="A2026Q4")] = content if content.isdigit() else "0"
            for digit in expected[source._replace(period="A2026Q4")]:
                press(digit)
            typed += len(expected[source._replace(period="A2026Q4")]) + 1
            press(Qt.Key.Key_Return)
        if column < len(model.layout.units) - 1:
            press(Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
            press(Qt.Key.Key_Right)
    assert {key: store.shown(key).content for key in expected} == expected  # type: ignore[union-attr]
    assert len(expected) == 140
    assert keys == typed + 2 * 9
    room.close()
