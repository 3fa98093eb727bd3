"""What the villages of a commune come to, beside them: the sum of all or who is missing, and never a partial sum."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.entry import totals as totals_of
from desktop.entry.exporting import shown_rows
from desktop.entry.layout import Turn, periods_to
from desktop.entry.model import GridModel
from desktop.entry.printing import printed_rows
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Aggregation, Catalogue, Gaps, Sensitivity
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit, UnitKind
from sync.exchange.names import is_total
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, VILLAGES, grid_of, open_room
from tests.desktop.entry.test_commands import paste, put
from tests.desktop.entry.test_model import at, key
from tests.desktop.entry.test_room import card
from tests.desktop.entry.test_room import grid as grid_in
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, K, press
from tests.desktop.sampled import COMMUNE, NOW, enrol, fill, receive
from tests.desktop.sampled import catalogue as shipped

TIP, ACCESSIBLE = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole
LACKING = ["Thôn Thạch Nham Tây", "Thôn Hòa Nhơn", "Thôn Sơn Phước", "Thôn Hòa Ninh"]
"""Villages of the real commune that had sent no report, or none that could be assigned."""


@pytest.fixture
def grid(commune: Store, catalogue: Catalogue, feed: Feed) -> GridModel:
    return with_total(commune, catalogue, feed)


def with_total(store: Store, catalogue: Catalogue, feed: Feed, units: Sequence[str] = tuple(VILLAGES)) -> GridModel:
    return grid_of(store, catalogue, feed, units, below=units)


def say_figures(store: Store, feed: Feed, figures: Mapping[str, str], item: str = "households") -> None:
    """Contents by unit, typed here."""
    edits = [(key(item, unit), content) for unit, content in figures.items()]
    feed.changed.emit(store.record_changes(edits, "Hoa", NOW))


def total(grid: GridModel, item: str = "households") -> str:
    """What the last column shows."""
    row = grid.row_of(item)
    assert row is not None
    return grid.face(row, grid.columnCount() - 1).text


ALL = {FIRST: "312", SECOND: "248", THIRD: "401"}


def test_the_last_column_is_the_sum_of_all(grid: GridModel, commune: Store, feed: Feed, qtbot: QtBot) -> None:
    QAbstractItemModelTester(grid, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert grid.heading(3) == "Toàn xã"
    assert grid.heading(2) == VILLAGES[THIRD]
    say_figures(commune, feed, ALL)
    assert total(grid) == "961"
    assert grid.face(1, 3).plain
    assert "CT01 Tổng số hộ dân. Toàn xã. 961 hộ" in str(grid.index(1, 3).data(ACCESSIBLE))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("null", "untyped"),
        ('{"missing":"not_collected"}', "not_collected"),
        ('{"raw":"12a"}', "unfit"),
        ("-1", "unfit"),
        ("2.5", "unfit"),
    ],
)
def test_one_village_without_a_figure_is_named_and_nothing_is_summed(
    grid: GridModel, commune: Store, feed: Feed, content: str, why: str
) -> None:
    say_figures(commune, feed, ALL)
    say_figures(commune, feed, {SECOND: content})
    assert total(grid) == "thiếu 1 thôn"
    assert not grid.face(1, 3).plain
    sentence = say(f"entry.total.gap.{why}", names=VILLAGES[SECOND])
    assert grid.index(1, 3).data(TIP) == sentence
    assert sentence in str(grid.index(1, 3).data(ACCESSIBLE))
    assert grid.index(0, 3).data() is None
    assert grid.index(1, 0).data(TIP) is None


def test_a_village_in_conflict_is_missing_until_it_is_decided(grid: GridModel, commune: Store, feed: Feed) -> None:
    say_figures(commune, feed, {FIRST: "312", SECOND: "248"})
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", THIRD), ["401", "410"])])))
    assert grid.index(1, 3).data(TIP) == say("entry.total.gap.contested", names=VILLAGES[THIRD])
    assert grid.setData(at(grid, "households", THIRD), "410", Qt.ItemDataRole.EditRole)
    assert total(grid) == "970"


def test_what_does_not_apply_adds_nothing_and_blocks_nothing(grid: GridModel, commune: Store, feed: Feed) -> None:
    say_figures(commune, feed, {**ALL, SECOND: '{"missing":"does_not_apply"}'})
    assert total(grid) == "713"
    say_figures(commune, feed, dict.fromkeys(ALL, '{"missing":"does_not_apply"}'))
    assert total(grid) == say("entry.missing.does_not_apply.short")


def test_what_is_not_summed_says_so(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    alone = catalogue.indicators["poor"]._replace(aggregation=Aggregation.NONE)
    grid = with_total(commune, catalogue._replace(indicators={**catalogue.indicators, "poor": alone}), feed)
    say_figures(commune, feed, ALL, "poor")
    assert total(grid, "poor") == total(grid, "remark") == "không cộng"
    assert total(grid, "poor_rate") == "không cộng", "nor is a rate of it"


def test_figures_that_may_be_left_out_are_and_it_says_so(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    lenient = catalogue.indicators["households"]._replace(gaps=Gaps.SKIP)
    grid = with_total(commune, catalogue._replace(indicators={**catalogue.indicators, "households": lenient}), feed)
    say_figures(commune, feed, {FIRST: "312", THIRD: "401"})
    assert total(grid) == "713, thiếu 1 thôn"
    assert grid.index(1, 3).data(TIP) == say("entry.total.gap.untyped", names=VILLAGES[SECOND])


def test_a_rate_is_one_of_sums(grid: GridModel, commune: Store, feed: Feed) -> None:
    say_figures(commune, feed, {FIRST: "100", SECOND: "900", THIRD: "0"})
    say_figures(commune, feed, {FIRST: "10", SECOND: "9"}, "poor")
    assert total(grid, "poor_rate") == "thiếu 1 thôn"
    say_figures(commune, feed, {THIRD: "0"}, "poor")
    assert total(grid, "poor_rate") == "1,90"
    say_figures(commune, feed, dict.fromkeys(ALL, "0"))
    say_figures(commune, feed, dict.fromkeys(ALL, "0"), "poor")
    assert total(grid, "poor_rate") == "—"


def test_what_a_formula_computes_is_summed_as_it_says(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    others = catalogue.indicators["area"]._replace(formula="households - poor", takes=("households", "poor"))
    grid = with_total(commune, catalogue._replace(indicators={**catalogue.indicators, "area": others}), feed)
    say_figures(commune, feed, ALL)
    say_figures(commune, feed, {FIRST: "10", SECOND: '{"missing":"not_collected"}', THIRD: "1"}, "poor")
    row = grid.row_of("area")
    assert row is not None
    assert grid.index(row, 3).data(TIP) == say("entry.total.gap.not_collected", names=VILLAGES[SECOND])
    say_figures(commune, feed, {SECOND: "8"}, "poor")
    assert total(grid, "area") == "942,00"


def test_what_arrives_moves_the_total_and_its_rate_at_once(
    grid: GridModel, commune: Store, feed: Feed, qtbot: QtBot
) -> None:
    say_figures(commune, feed, ALL)
    say_figures(commune, feed, {FIRST: "9", SECOND: "1", THIRD: "2"}, "poor")
    assert (total(grid), total(grid, "poor_rate")) == ("961", "1,25")
    with qtbot.waitSignal(grid.dataChanged, check_params_cb=lambda first, *_: first.column() == 3):
        feed.changed.emit(ChangeSet(receive(commune, [(key("households", SECOND), ["250"])])))
    assert total(grid) == "thiếu 1 thôn", "the other PC says otherwise than this one: nobody has decided yet"
    assert grid.setData(at(grid, "households", SECOND), "250", Qt.ItemDataRole.EditRole)
    assert (total(grid), total(grid, "poor_rate")) == ("963", "1,25")


def test_the_period_before_stands_beside_it_where_it_was_complete(grid: GridModel, commune: Store, feed: Feed) -> None:
    before = [(key("households", unit, PERIOD.previous.code), "100") for unit in (FIRST, SECOND)]
    feed.changed.emit(commune.record_changes(before, "Hoa", NOW))
    assert grid.face(1, 3).before == ""
    last = key("households", THIRD, PERIOD.previous.code)
    feed.changed.emit(commune.record_changes([(last, "100")], "Hoa", NOW))
    assert grid.face(1, 3).before == "300"


def test_nothing_is_typed_pasted_or_cleared_there(room: EntryRoom, commune: Store) -> None:
    view, model = view_of(room), grid_in(room)
    say_figures(commune, room._feed, ALL)
    view.selection.only(model.index(1, 3))
    press(view, K.Key_7, K.Key_Delete, K.Key_F7)
    assert total(model) == "961"
    put("5")
    paste(view)
    assert say("entry.refused.only_computed") in room._notice.accessibleName()
    view.selection.only(model.index(1, 2))
    put("7\t8")
    paste(view)
    assert "Tổng số hộ dân" in room._notice.accessibleName(), "a total that is not the grid's own is no block for it"
    assert total(model) == "961"
    put("401\t961")
    paste(view)
    assert total(model) == "961"


def test_a_total_is_copied_and_left_out_where_its_copy_is_pasted(room: EntryRoom, commune: Store) -> None:
    view, model = view_of(room), grid_in(room)
    say_figures(commune, room._feed, ALL)
    view.selection.only(model.index(1, 0))
    press(view, K.Key_End, held=Qt.KeyboardModifier.ShiftModifier)
    press(view, K.Key_C, held=CTRL)
    assert QApplication.clipboard().text().split() == ["312", "248", "401", "961"]
    view.selection.only(model.index(2, 0))
    press(view, K.Key_V, held=CTRL)
    assert [model.face(2, column).text for column in range(4)] == ["312", "248", "401", "961"]


def test_a_total_that_is_still_worked_out_is_copied_whole(
    room: EntryRoom, commune: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals_of, "_AT_ONCE", 1)
    commune.record_changes([(key("households", unit), "10") for unit in VILLAGES], "Hoa", NOW)
    view, model = view_of(room), grid_in(room)
    view.setCurrentIndex(model.index(1, 3))
    model.refresh(ChangeSet(frozenset(key("households", unit) for unit in VILLAGES)))
    view.asked.emit("copy")  # at once: nothing of it is in sight yet
    assert QApplication.clipboard().text().strip() == "30"


def test_tab_in_a_chosen_block_passes_over_the_total(room: EntryRoom) -> None:
    view, model = view_of(room), grid_in(room)
    view.selection.only(model.index(1, 0))
    view.selection.cover(model.index(2, 3))
    seen = []
    for _ in range(7):
        index = view.currentIndex()
        seen.append((index.row(), index.column()))
        press(view, K.Key_Tab)
    assert seen == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (1, 0)]


def test_rows_of_villages_end_with_their_total(commune: Store, catalogue: Catalogue, feed: Feed, qtbot: QtBot) -> None:
    periods = periods_to(PERIOD, 2)
    model = grid_of(commune, catalogue, feed, list(VILLAGES), periods, Turn.INDICATOR, "households", list(VILLAGES))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [model.line_title(row) for row in range(4)] == [*VILLAGES.values(), "Toàn xã"]
    assert model.face(3, 1).text == "thiếu 3 thôn"
    say_figures(commune, feed, ALL)
    assert model.face(3, 1).text == "961"
    assert model.face(3, 0).text == "thiếu 3 thôn"
    assert not model.setData(model.index(3, 1), "5", Qt.ItemDataRole.EditRole)


def test_one_village_s_periods_have_no_total(room: EntryRoom) -> None:
    room.turn_to(str(Turn.PERIODS))
    assert grid_in(room).layout.below == ()
    assert grid_in(room).heading(grid_in(room).columnCount() - 1) == "Quý IV/2026"


def test_a_village_s_own_officer_sees_no_total(
    store: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    enrol(store, FIRST)
    villages = [Unit(unit, UnitKind.VILLAGE, name) for unit, name in VILLAGES.items()]
    receive(store, [(Key(UNIT, unit.key), [unit.content()]) for unit in villages])
    room = open_room(store, catalogue, feed, settings, qtbot)
    assert grid_in(room).columnCount() == 1
    room.close()


def test_a_province_sees_one_commune_s_total_at_a_time_and_reads_no_other(
    commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    other = "48.20194"
    enrol(commune, "48")
    there = [Unit(other, UnitKind.COMMUNE, "Xã Hòa Vang")]
    there += [Unit(f"{other}.{number:03}", UnitKind.VILLAGE, f"Thôn {number}") for number in range(1, 3)]
    receive(commune, [(Key(UNIT, unit.key), [unit.content()]) for unit in there])
    room = open_room(commune, catalogue, feed, settings, qtbot)
    for place, below in ((other, (f"{other}.001", f"{other}.002")), (COMMUNE.key, tuple(VILLAGES))):
        room.show_place(Place("entry", form="village", unit=place))
        assert grid_in(room).layout.below == grid_in(room).layout.units == below
    say_figures(commune, feed, {**ALL, f"{other}.001": "5000"})
    assert total(grid_in(room)) == "961"
    room.close()


@pytest.mark.parametrize(
    ("kind", "heading", "lacking"),
    [(UnitKind.WARD, "Toàn phường", "thiếu 3 tổ"), (UnitKind.SPECIAL_ZONE, "Toàn đặc khu", "thiếu 3 thôn")],
)
def test_a_ward_and_a_special_zone_have_their_words(
    commune: Store, catalogue: Catalogue, feed: Feed, kind: UnitKind, heading: str, lacking: str
) -> None:
    receive(commune, [(Key(UNIT, COMMUNE.key), [Unit(COMMUNE.key, kind, "Bà Nà").content()])])
    grid = with_total(commune, catalogue, feed)
    assert (grid.heading(3), total(grid)) == (heading, lacking)


def test_a_table_that_was_written_out_comes_back_without_its_totals() -> None:
    for language in words.LANGUAGES:
        for part in ("whole", "sum"):
            for heading in words.table(language, "entry")["total"][part].values():
                assert is_total(heading), heading


# Many villages


@pytest.fixture
def many(commune: Store) -> list[str]:
    units = [f"{COMMUNE.key}.{number:03}" for number in range(100, 160)]
    found = [Unit(unit, UnitKind.VILLAGE, f"Thôn {unit[-3:]}") for unit in units]
    receive(commune, [(Key(UNIT, unit.key), [unit.content()]) for unit in found])
    return units


def test_a_total_of_many_villages_is_worked_out_in_between(
    commune: Store, catalogue: Catalogue, feed: Feed, many: list[str], qtbot: QtBot
) -> None:
    grid = with_total(commune, catalogue, feed, many)
    say_figures(commune, feed, dict.fromkeys(many, "10"))
    shown = [total(grid), total(grid, "poor_rate")]
    assert shown == ["…", "…"]
    qtbot.waitUntil(lambda: (total(grid), total(grid, "poor_rate")) == ("600", "thiếu 60 thôn"))
    assert not grid._adding.isActive()
    say_figures(commune, feed, {many[7]: "11"})
    assert total(grid) == "…"
    qtbot.waitUntil(lambda: total(grid) == "601")


def test_a_total_of_many_villages_is_worked_out_before_it_is_written_down(
    commune: Store, catalogue: Catalogue, feed: Feed, many: list[str]
) -> None:
    figures = [(key(item, unit), "10") for unit in many for item in ("households", "poor")]
    feed.changed.emit(commune.record_changes(figures, "Hoa", NOW))
    written = {row[1]: row[-1] for row in shown_rows(with_total(commune, catalogue, feed, many))}
    grid = with_total(commune, catalogue, feed, many)
    printed = {row.name: row.cells[-1] for row in printed_rows(grid, [], Sensitivity.SENSITIVE) if row.cells}
    assert (written["Tổng số hộ dân"], printed["Tổng số hộ dân"]) == (Decimal(600), "600")
    assert (written["Tỷ lệ hộ nghèo"], printed["Tỷ lệ hộ nghèo"]) == (Decimal(100), "100,00")
    assert "…" not in (*written.values(), *printed.values())


def test_what_changes_while_it_is_added_up_is_in_the_total(
    commune: Store, catalogue: Catalogue, feed: Feed, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals_of, "_AT_ONCE", 7)
    grid = with_total(commune, catalogue, feed, many)
    say_figures(commune, feed, dict.fromkeys(many, "10"))
    assert grid.totals is not None
    assert grid.totals.of("households", PERIOD.code) is None
    grid.totals.work_on(0)
    feed.changed.emit(commune.record_changes([(key("households", many[0]), "99")], "Hoa", NOW))
    assert total(grid) == "…"
    while grid.totals.busy:
        grid.totals.work_on(0)
    found = grid.totals.of("households", PERIOD.code)
    assert found is not None
    assert found.value.number == 689


# The real commune


@pytest.fixture
def real(store: Store, feed: Feed, settings: QSettings, qtbot: QtBot) -> Iterator[EntryRoom]:
    """The room of the real commune's officer, at the quarter that six of ten villages had reported."""
    enrol(store)
    fill(store)
    made = open_room(store, shipped(), feed, settings, qtbot)
    made.show_place(Place("entry", form="village_quarter", period="A2026Q2"))
    yield made
    QApplication.processEvents()
    made.close()


def test_the_real_commune_misses_four_villages_and_shows_no_partial_sum(real: EntryRoom) -> None:
    model = grid_in(real)
    last = model.columnCount() - 1
    texts = {line.indicator.key: model.face(row, last).text for row, line in enumerate(model.lines) if line.indicator}
    assert texts.pop("village_ct14") == "không cộng"
    assert set(texts.values()) == {"thiếu 4 thôn"}
    row = model.row_of("village_ct02")
    assert row is not None
    assert model.index(row, last).data(TIP) == say("entry.total.gap.untyped", names=", ".join(LACKING))


def test_its_card_names_who_is_missing(real: EntryRoom) -> None:
    view, model = view_of(real), grid_in(real)
    row = model.row_of("village_ct02")
    assert row is not None
    view.selection.only(model.index(row, model.columnCount() - 1))
    told = card(real)
    assert "CT02 · Toàn xã · Quý II/2026" in told
    assert "thiếu 4 thôn" in told
    assert ", ".join(LACKING) in told
    row = model.row_of("village_ct14")
    assert row is not None
    view.selection.only(model.index(row, model.columnCount() - 1))
    assert say("entry.card.not_summed") in card(real)


def test_when_the_four_report_the_total_is_of_all_ten(real: EntryRoom, store: Store, feed: Feed) -> None:
    model = grid_in(real)
    names = {model.unit_name(unit): unit for unit in model.layout.units}
    coming = [(Key("value", names[name], "village_ct02", "A2026Q2"), ["1000"]) for name in LACKING]
    feed.changed.emit(ChangeSet(receive(store, coming, stream=COMMUNE.key)))
    assert total(model, "village_ct02") == "21.291"
    view_of(real).selection.only(model.index(model.row_of("village_ct02") or 0, model.columnCount() - 1))
    assert "21.291" in card(real)


def test_a_window_is_shown_with_its_total(real: EntryRoom) -> None:
    view = real.findChild(GridView)
    assert view is not None
    press(view, K.Key_End, held=CTRL)
    assert not view.grab().isNull()


def test_a_closed_village_is_in_the_totals_of_its_time_and_lacks_in_none_after(
    grid: GridModel, commune: Store, feed: Feed
) -> None:
    before = [(key("households", unit, PERIOD.previous.code), "100") for unit in VILLAGES]
    feed.changed.emit(commune.record_changes(before, "Hoa", NOW))
    say_figures(commune, feed, {SECOND: "248", THIRD: "401"})
    assert total(grid) == "thiếu 1 thôn"
    closed = Unit(FIRST, UnitKind.VILLAGE, VILLAGES[FIRST], valid_to=date(2026, 9, 30))
    feed.changed.emit(ChangeSet(receive(commune, [(Key(UNIT, FIRST), [closed.content()])])))
    assert total(grid) == "649"
    assert grid.face(1, 3).before == "300"
    say_figures(commune, feed, {FIRST: "1"})
    assert total(grid) == "650", "what it reported all the same is added, and seen"
