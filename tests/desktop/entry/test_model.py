"""What is typed reaches the store, and only the feed refreshes the grid."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from desktop.entry.model import Count, GridModel
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.marks import Mark
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, VALUE, Key
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED, Value
from sync.store import CellState, ChangeSet, Store
from sync.store.cells import Rival
from sync.store.sending import mark_sent, outbox
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, grid_of
from tests.desktop.sampled import clock, push, receive

EDIT = Qt.ItemDataRole.EditRole


def at(grid: GridModel, item: str, unit: str = FIRST) -> QModelIndex:
    row, column = grid.row_of(item), grid.column_of(unit)
    assert row is not None
    assert column is not None
    return grid.index(row, column)


def key(item: str, unit: str = FIRST, period: str = PERIOD.code) -> Key:
    return Key(VALUE, unit, item, period)


def kept(store: Store, item: str, unit: str = FIRST) -> Value:
    shown = store.shown(key(item, unit))
    assert shown is not None
    return Value.of(shown.content)


def text(grid: GridModel, item: str, unit: str = FIRST) -> str:
    found = at(grid, item, unit).data()
    assert isinstance(found, str)
    return found


def counted(grid: GridModel) -> Count:
    while (found := grid.count()) is None:
        pass
    return found


def test_the_model_keeps_qt_s_promises(grid: GridModel, qtbot: QtBot) -> None:
    QAbstractItemModelTester(grid, QAbstractItemModelTester.FailureReportingMode.Fatal)
    grid.setData(at(grid, "households"), "312", EDIT)
    assert grid.rowCount() == len(grid.lines) == 7
    assert grid.columnCount() == 3


def test_headings_cannot_be_entered_and_rates_cannot_be_typed(grid: GridModel) -> None:
    assert grid.flags(grid.index(0, 0)) == Qt.ItemFlag.NoItemFlags
    assert not grid.flags(at(grid, "poor_rate")) & Qt.ItemFlag.ItemIsEditable
    assert not grid.setData(at(grid, "poor_rate"), "5", EDIT)
    assert not grid.setData(grid.index(0, 0), "5", EDIT)


@pytest.mark.parametrize(
    ("language", "typed", "item", "content", "shown"),
    [
        ("vi", "1187", "households", "1187", "1.187"),
        ("vi", "1.187", "households", "1187", "1.187"),
        ("vi", "2,88", "area", "2.88", "2,88"),
        ("en", "2.88", "area", "2.88", "2.88"),
        ("en", "1,187", "households", "1187", "1,187"),
        ("en", "2,88", "area", '{"raw":"2,88"}', "2,88"),
        ("vi", "2.88", "area", '{"raw":"2.88"}', "2.88"),
        ("vi", "khoảng 30", "households", '{"raw":"khoảng 30"}', "khoảng 30"),
        ("vi", "Th\u00f4n  đủ", "remark", '"Thôn  đủ"', "Thôn  đủ"),
        ("vi", "Tho\u0302n", "remark", '"Thôn"', "Thôn"),
        ("vi", "12", "remark", '"12"', "12"),
        ("vi", "-5", "households", "-5", "-5"),
        ("vi", "0", "households", "0", "0"),
        ("vi", "2,000", "households", '{"raw":"2,000"}', "2,000"),
        ("en", "12.000", "households", '{"raw":"12.000"}', "12.000"),
        ("vi", "2,0", "households", "2", "2"),
        ("vi", "2,000", "area", "2", "2"),
    ],
)
def test_typing_is_read_in_the_convention_of_the_language(
    grid: GridModel, commune: Store, language: str, typed: str, item: str, content: str, shown: str
) -> None:
    words.set_language(language)
    assert grid.setData(at(grid, item), typed, EDIT)
    stored = commune.shown(key(item))
    assert stored is not None
    assert stored.content == content
    assert stored.author == "Hoa"
    assert text(grid, item) == shown


def test_set_data_itself_repaints_nothing(grid: GridModel, feed: Feed, commune: Store, qtbot: QtBot) -> None:
    feed.changed.disconnect(grid.refresh)
    with qtbot.assertNotEmitted(grid.dataChanged):
        grid.setData(at(grid, "households"), "312", EDIT)
    assert text(grid, "households") == ""
    with qtbot.waitSignal(grid.dataChanged):
        grid.refresh(ChangeSet(frozenset({key("households")})))
    assert text(grid, "households") == "312"


def test_what_another_pc_typed_appears_by_the_same_door(grid: GridModel, feed: Feed, commune: Store) -> None:
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", SECOND), ["921"])])))
    assert text(grid, "households", SECOND) == "921"
    face = grid.face(at(grid, "households").row(), 1)
    assert face.mark is Mark.RECEIVED


def test_typing_the_same_again_writes_nothing(grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "households"), "312", EDIT)
    grid.setData(at(grid, "households"), "312", EDIT)
    grid.setData(at(grid, "poor"), "", EDIT)
    assert len(commune.history(key("households"))) == 1
    assert commune.history(key("poor")) == []


def test_clearing_leaves_a_tombstone_and_one_step_may_hold_many_cells(grid: GridModel, commune: Store) -> None:
    cells = [at(grid, "households", unit) for unit in (FIRST, SECOND)]
    for cell in cells:
        grid.setData(cell, "5", EDIT)
    grid.clear([(cell.row(), cell.column()) for cell in (*cells, at(grid, "poor_rate"), grid.index(0, 0))])
    assert kept(commune, "households").is_empty
    assert kept(commune, "households", SECOND).is_empty
    assert text(grid, "households") == ""


def test_reasons_for_missing_are_values_of_their_own(grid: GridModel, commune: Store) -> None:
    grid.mark_missing([(1, 0), (2, 0)], NOT_COLLECTED)
    grid.mark_missing([(at(grid, "remark").row(), 0)], DOES_NOT_APPLY)
    assert kept(commune, "households").missing == NOT_COLLECTED
    assert kept(commune, "remark").missing == DOES_NOT_APPLY
    assert text(grid, "households") == words.say("entry.missing.not_collected.short")
    assert at(grid, "households").data(EDIT) == ""
    assert counted(grid).filled == 3


def test_a_rate_is_computed_live_and_needs_both_parts(grid: GridModel) -> None:
    assert text(grid, "poor_rate") == "—"
    grid.setData(at(grid, "households"), "312", EDIT)
    grid.setData(at(grid, "poor"), "9", EDIT)
    assert text(grid, "poor_rate") == "2,88"
    grid.setData(at(grid, "households"), "0", EDIT)
    assert text(grid, "poor_rate") == "—"
    grid.setData(at(grid, "households"), "k", EDIT)
    assert text(grid, "poor_rate") == "—"


def test_the_period_before_stands_beside_and_computes_its_rate(
    commune: Store, catalogue: Catalogue, feed: Feed
) -> None:
    before = PERIOD.previous.code
    edits = [(key("households", period=before), "300"), (key("poor", period=before), "6")]
    commune.record_changes(edits, "Hoa", clock()())
    grid = grid_of(commune, catalogue, feed, [FIRST])
    assert grid.face(at(grid, "households").row(), 0).before == "300"
    assert grid.face(at(grid, "poor_rate").row(), 0).before == "2,00"
    feed.changed.emit(commune.record_changes([(key("poor", period=before), "9")], "Hoa", clock()()))
    assert grid.face(at(grid, "poor_rate").row(), 0).before == "3,00"
    last_year = PERIOD.same_period_last_year
    commune.record_changes([(key("households", period=last_year.code), "290")], "Hoa", clock()())
    households = catalogue.indicators["households"]
    assert grid.contents.number(households, FIRST, last_year) == Decimal(290)


def test_rules_mark_cells_in_words_and_never_stop_storing(grid: GridModel, commune: Store) -> None:
    grid.setData(at(grid, "households"), "10", EDIT)
    grid.setData(at(grid, "poor"), "6", EDIT)
    row = at(grid, "poor").row()
    assert grid.face(row, 0).corner is Mark.WARNING
    assert counted(grid) == Count(filled=2, cells=12, errors=0, warnings=1, unsaved=0)
    grid.setData(at(grid, "poor"), "11", EDIT)
    assert grid.face(row, 0).corner is Mark.ERROR
    assert grid.face(at(grid, "households").row(), 0).corner is Mark.ERROR
    assert kept(commune, "poor").number == 11
    assert (counted(grid).errors, counted(grid).warnings) == (1, 1)
    said = at(grid, "poor").data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Số hộ nghèo lớn hơn tổng số hộ." in said
    assert grid.face(row, 1).corner is None


@pytest.mark.parametrize(
    ("item", "typed", "wrong"),
    [
        ("households", "2,5", "entry.fault.not_whole"),
        ("households", "abc", "entry.raw.text"),
        ("households", "-1", "entry.fault.below_minimum"),
        ("area", "1,234", "entry.fault.too_many_decimals"),
    ],
)
def test_what_the_indicator_cannot_be_is_kept_marked_and_told(
    grid: GridModel, item: str, typed: str, wrong: str
) -> None:
    assert grid.setData(at(grid, item), typed, EDIT)
    assert grid.face(at(grid, item).row(), 0).corner is Mark.ERROR
    assert counted(grid).errors == 1
    assert words.say(wrong, minimum="0", count=2) in at(grid, item).data(Qt.ItemDataRole.AccessibleTextRole)


def test_the_mark_follows_the_value_to_the_centre(grid: GridModel, feed: Feed, commune: Store) -> None:
    grid.setData(at(grid, "households"), "312", EDIT)
    row = at(grid, "households").row()
    assert grid.face(row, 0).mark is Mark.SAVED
    changed = ChangeSet(frozenset({key("households")}))
    sent = outbox(commune)
    assert sent.changes
    mark_sent(commune, sent, 0)
    feed.changed.emit(changed)
    assert grid.face(row, 0).mark is Mark.SENT
    push(commune)
    feed.changed.emit(changed)
    assert grid.face(row, 0).mark is Mark.RECEIVED
    assert text(grid, "households") == "312"


def test_a_parked_value_is_marked(grid: GridModel, feed: Feed, commune: Store) -> None:
    receive(commune, [(key("households"), ["300"])])
    grid.setData(at(grid, "households"), "312", EDIT)
    push(commune, parked="closed")
    feed.changed.emit(ChangeSet(frozenset({key("households")})))
    assert grid.face(at(grid, "households").row(), 0).mark is Mark.PARKED
    assert text(grid, "households") == "300"


def test_a_conflict_shows_both_and_typing_decides_it(grid: GridModel, feed: Feed, commune: Store) -> None:
    feed.changed.emit(ChangeSet(receive(commune, [(key("households"), ["312", "321"])])))
    row = at(grid, "households").row()
    assert grid.face(row, 0).mark is Mark.CONFLICT
    assert text(grid, "households") == "312"
    shown = grid.contents.shown(key("households"))
    assert shown is not None
    assert [rival.content for rival in shown.rivals] == ["321"]
    assert words.say("widgets.mark.conflict") in at(grid, "households").data(Qt.ItemDataRole.AccessibleTextRole)
    assert grid.setData(at(grid, "households"), "312", EDIT)
    assert len(commune.history(key("households"))) > 1, "typing what is shown decides, so it is a change"


class FullDisk:
    """A disk that is full until it is not."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = True
        write = store.record_changes

        def record_changes(
            edits: Sequence[tuple[Key, str]], author: str, at: datetime, over: Mapping[Key, Collection[Rival]]
        ) -> ChangeSet:
            if self.full:
                raise EnvironmentFault("disk_full", folder="D:/")
            return write(edits, author, at, over)

        monkeypatch.setattr(store, "record_changes", record_changes)


def test_a_full_disk_leaves_the_value_on_the_screen_and_the_next_edit_saves_both(
    grid: GridModel, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(commune, monkeypatch)
    assert not grid.setData(at(grid, "households"), "312", EDIT)
    row = at(grid, "households").row()
    face = grid.face(row, 0)
    assert (face.text, face.unsaved, face.mark) == ("312", True, None)
    assert counted(grid).unsaved == 1
    assert words.say("entry.unsaved.word") in at(grid, "households").data(Qt.ItemDataRole.AccessibleTextRole)
    assert not grid.retry()
    assert commune.shown(key("households")) is None
    disk.full = False
    assert grid.setData(at(grid, "poor"), "9", EDIT)
    assert kept(commune, "households").number == 312
    assert kept(commune, "poor").number == 9
    assert grid.face(row, 0).mark is Mark.SAVED
    assert counted(grid).unsaved == 0


def test_typing_the_old_value_back_takes_an_unsaved_one_away(
    grid: GridModel, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid.setData(at(grid, "households"), "300", EDIT)
    disk = FullDisk(commune, monkeypatch)
    grid.setData(at(grid, "households"), "312", EDIT)
    grid.setData(at(grid, "households"), "300", EDIT)
    disk.full = False
    assert grid.retry()
    assert kept(commune, "households").number == 300
    assert not grid.face(at(grid, "households").row(), 0).unsaved
    assert len(commune.history(key("households"))) == 1


def test_before_enrolment_one_column_takes_what_is_typed(store: Store, catalogue: Catalogue, feed: Feed) -> None:
    grid = grid_of(store, catalogue, feed, [OWN_UNIT])
    assert grid.setData(at(grid, "households", OWN_UNIT), "312", EDIT)
    shown = store.shown(key("households", OWN_UNIT))
    assert shown is not None
    assert shown.state is CellState.SAVED
    assert grid.heading(0) == ""


def test_a_village_that_gets_its_name_later(store: Store, catalogue: Catalogue, feed: Feed, commune: Store) -> None:
    grid = grid_of(commune, catalogue, feed, [THIRD])
    assert grid.headerData(0, Qt.Orientation.Horizontal) == "Thôn Ẳng Đông"
