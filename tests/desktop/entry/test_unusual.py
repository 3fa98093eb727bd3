"""Unusual figures in the grid: looked at when the person rests, told in words, never in the way."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.entry.layout import Turn, periods_to
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.unusual import Unusual
from desktop.feed import Feed
from desktop.widgets import words
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import UNIT, Key
from sync.domain.periods import Period
from sync.domain.units import Unit, UnitKind
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, VILLAGES, grid_of, open_room
from tests.desktop.entry.test_explaining import explain, line
from tests.desktop.entry.test_model import EDIT, FullDisk, at, counted, kept, key
from tests.desktop.entry.test_room import card, grid, said, type_in, view
from tests.desktop.sampled import COMMUNE, clock, receive

MORE = tuple(f"{COMMUNE.key}.{number:03}" for number in range(4, 10))
BEFORE = periods_to(PERIOD, 9)[:-1]


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The small form without rules, whose poor are compared by the households."""
    poor = catalogue.indicators["poor"]._replace(per="households")
    return catalogue._replace(rules={}, indicators={**catalogue.indicators, "poor": poor})


@pytest.fixture
def past(commune: Store) -> Store:
    """A store with eight quarters of one village's figures."""
    figures = (419, 421, 418, 420, 417, 419, 422, 419)
    found = [(key("households", period=one.code), [str(it)]) for one, it in zip(BEFORE, figures, strict=True)]
    receive(commune, found, stream=COMMUNE.key)
    return commune


@pytest.fixture
def nine(commune: Store) -> Store:
    """A commune of nine villages with households and poor in this quarter, one in fifty, but for the first's."""
    units = [Unit(unit, UnitKind.VILLAGE, f"Thôn {unit[-3:]}") for unit in MORE]
    receive(commune, [(Key(UNIT, unit.key), [unit.content()]) for unit in units])
    found = []
    for number, unit in enumerate((*VILLAGES, *MORE), 1):
        found += [(key("households", unit), [str(100 * number)]), (key("poor", unit), [str(2 * number)])]
    receive(commune, found, stream=COMMUNE.key)
    return commune


def looked(model: GridModel) -> None:
    """Look at every cell, however long it takes."""
    while not model.look(range(model.rowCount()), range(model.columnCount()), 10.0)[1]:
        pass


def corner(model: GridModel, item: str, unit: str = FIRST) -> Mark | None:
    index = at(model, item, unit)
    return model.face(index.row(), index.column()).corner


def sentence(model: GridModel, item: str, unit: str = FIRST, period: Period = PERIOD) -> str:
    return " ".join(wrong.sentence for wrong in model.wrongs(key(item, unit, period.code)))


def test_a_figure_unlike_its_past_is_marked_in_words_and_counts_as_nothing_wrong(
    past: Store, catalogue: Catalogue, feed: Feed
) -> None:
    model = grid_of(past, catalogue, feed)
    model.setData(at(model, "households"), "1420", EDIT)
    assert corner(model, "households") is None, "nothing is read for it until somebody rests"
    looked(model)
    assert corner(model, "households") is Mark.HIGH
    assert sentence(model, "households") == "Gấp 3,4 lần trung vị 8 kỳ trước (419)."
    told = at(model, "households").data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Gấp 3,4 lần" in told
    assert (counted(model).errors, counted(model).warnings, counted(model).unusual) == (0, 0, 1)
    words.set_language("en")
    assert sentence(model, "households") == "3.4 times the median of the 8 periods before (419)."


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("4200", "Gấp 10 lần trung vị 8 kỳ trước (419)."),
        ("84", "Chỉ bằng 1/5 trung vị 8 kỳ trước (419)."),
        ("600", "Cao hơn 43% so với trung vị 8 kỳ trước (419)."),
        ("250", "Thấp hơn 40% so với trung vị 8 kỳ trước (419)."),
        ("0", "0, khác hẳn trung vị 8 kỳ trước (419)."),
        ("430", ""),
        ("abc", ""),
        ("", ""),
        ("-5", ""),
    ],
)
def test_how_unlike_is_said_as_people_say_it(
    past: Store, catalogue: Catalogue, feed: Feed, typed: str, told: str
) -> None:
    model = grid_of(past, catalogue, feed)
    model.setData(at(model, "households"), typed, EDIT)
    looked(model)
    assert " ".join(one.sentence for one in model.unusual.wrongs(key("households"))) == told


def test_a_mark_goes_at_once_with_its_figure_and_comes_with_what_arrives(
    past: Store, catalogue: Catalogue, feed: Feed
) -> None:
    model = grid_of(past, catalogue, feed)
    model.setData(at(model, "households"), "1420", EDIT)
    looked(model)
    model.setData(at(model, "households"), "420", EDIT)
    assert corner(model, "households") is None
    looked(model)
    assert corner(model, "households") is None
    corrected = [(key("households", period=one.code), ["42"]) for one in BEFORE]
    feed.changed.emit(ChangeSet(receive(past, corrected, stream=COMMUNE.key)))
    looked(model)
    assert corner(model, "households") is Mark.HIGH
    assert "42" in sentence(model, "households")


def test_a_figure_unlike_its_peers_in_proportion(nine: Store, catalogue: Catalogue, feed: Feed) -> None:
    model = grid_of(nine, catalogue, feed, [*VILLAGES, *MORE])
    looked(model)
    assert {corner(model, "poor", unit) for unit in (*VILLAGES, *MORE)} == {None}, "large villages have more of all"
    model.setData(at(model, "poor", SECOND), "16", EDIT)
    looked(model)
    assert corner(model, "poor", SECOND) is Mark.HIGH
    told = sentence(model, "poor", SECOND)
    assert told == "Gấp 4 lần trung vị của 8 thôn, tổ khác tính theo “Tổng số hộ dân” (ở đây là khoảng 4)."
    # Twice as many households, and it is what is to be expected.
    model.setData(at(model, "households", SECOND), "800", EDIT)
    looked(model)
    assert corner(model, "poor", SECOND) is None


def test_villages_are_not_compared_by_what_is_sensitive(nine: Store, catalogue: Catalogue, feed: Feed) -> None:
    poor = catalogue.indicators["poor"]._replace(sensitivity=Sensitivity.SENSITIVE)
    model = grid_of(
        nine, catalogue._replace(indicators={**catalogue.indicators, "poor": poor}), feed, [*VILLAGES, *MORE]
    )
    model.setData(at(model, "poor", SECOND), "160", EDIT)
    looked(model)
    assert corner(model, "poor", SECOND) is None


def test_turned_to_periods_a_village_still_has_its_peers(nine: Store, catalogue: Catalogue, feed: Feed) -> None:
    units = [SECOND, *(unit for unit in (*VILLAGES, *MORE) if unit != SECOND)]
    model = grid_of(nine, catalogue, feed, units, periods_to(PERIOD, 4), Turn.PERIODS)
    row = at(model, "poor", SECOND).row()
    model.setData(model.index(row, 3), "16", EDIT)
    looked(model)
    assert model.face(row, 3).corner is Mark.HIGH


def test_what_could_not_be_saved_is_looked_at_as_it_stands_on_the_screen(
    past: Store, catalogue: Catalogue, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullDisk(past, monkeypatch)
    model = grid_of(past, catalogue, feed)
    model.setData(at(model, "households"), "1420", EDIT)
    looked(model)
    assert corner(model, "households") is Mark.HIGH


def test_only_what_is_in_sight_is_read_and_only_once_a_little_at_a_time(
    nine: Store, catalogue: Catalogue, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = grid_of(nine, catalogue, feed, [*VILLAGES, *MORE])
    read: list[int] = []
    sheet = nine.sheet

    def watched(units: Sequence[str], periods: Sequence[str], items: Sequence[str]) -> object:
        read.append(len(units) * len(periods) * len(items))
        return sheet(units, periods, items)

    rows = range(model.rowCount())
    for row in rows:
        for column in range(model.columnCount()):
            model.face(row, column)
    monkeypatch.setattr(nine, "sheet", watched)
    assert model.look(range(at(model, "poor").row(), at(model, "poor").row() + 1), range(1, 2), 1.0)[1]
    assert sum(read) <= 8 + 2 + 2 * 9, "one cell: its own past and its peers"
    read.clear()
    while not model.look(rows, range(model.columnCount()), 0.0)[1]:
        pass
    assert max(read) <= 200
    read.clear()
    assert model.look(rows, range(model.columnCount()), 1.0) == (False, True)
    assert read == [], "what was looked at is not read again"


@pytest.fixture
def room(past: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot) -> Iterator[EntryRoom]:
    made = open_room(past, catalogue, feed, settings, qtbot)
    yield made
    QApplication.processEvents()
    made.close()


def rested(room: EntryRoom) -> None:
    """Until the person has rested and what is in sight was looked at."""
    while room._watching._resting.isActive() or room._watching._on.isActive():
        QTest.qWait(5)


def test_the_room_looks_once_the_keys_rest_and_the_card_asks(room: EntryRoom, past: Store) -> None:
    type_in(room, "households", "1420")
    room.show_place(Place("entry", unit=FIRST, item="households"))
    assert room._watching._resting.isActive()
    rested(room)
    told = card(room)
    assert mark_word(Mark.HIGH) in told
    assert "Gấp 3,4 lần trung vị 8 kỳ trước (419)." in told
    assert "Ctrl+E" in said(line(room))
    assert counted_in_bar(room) == (say("entry.bar.unusual", count=1), True)
    explain(room, "Sáp nhập ba thôn")
    rested(room)
    assert counted_in_bar(room) == (say("entry.bar.unusual", count=0), False)
    assert kept(past, "households").note == "Sáp nhập ba thôn"
    assert grid(room).face(*found(room)).corner is Mark.EXPLAINED
    assert mark_word(Mark.EXPLAINED) in card(room)


def counted_in_bar(room: EntryRoom) -> tuple[str, bool]:
    """What the bar says of unusual figures once all is counted, and whether it does where it has room for it."""
    while room._soon.isActive():
        QTest.qWait(1)
    room._bar.resize(3_000, room._bar.height())
    return room._bar._unusual.text(), room._bar._unusual.isVisible()


def found(room: EntryRoom) -> tuple[int, int]:
    cell = grid(room).cell_of(key("households"))
    assert cell is not None
    return cell


def test_nothing_is_looked_at_while_the_grid_moves(room: EntryRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    rested(room)
    looks: list[object] = []
    look = Unusual.look

    def watched(unusual: Unusual, keys: Iterable[Key], most_s: float) -> tuple[set[Key], bool]:
        looks.append(keys)
        return look(unusual, keys, most_s)

    monkeypatch.setattr(Unusual, "look", watched)
    room.resize(700, 260)
    bar = view(room).verticalScrollBar()
    for place in range(bar.maximum() + 1):
        bar.setValue(place)
        QApplication.processEvents()
    assert looks == []
    rested(room)
    assert len(looks) == 2, "what is in sight, and then the rest of a small form"


def test_a_decimal_s_median_is_told_with_its_decimals(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    figures = ("2.5", "2.4", "2.6", "2.5", "2.45", "2.55")
    edits = [(key("area", period=one.code), it) for one, it in zip(BEFORE[2:], figures, strict=True)]
    commune.record_changes(edits, "Hoa", clock()())
    model = grid_of(commune, catalogue, feed)
    model.setData(at(model, "area"), "25", EDIT)
    looked(model)
    assert sentence(model, "area") == "Gấp 10 lần trung vị 6 kỳ trước (2,5)."
    assert model.contents.value(key("area")).number == Decimal(25)
    assert say("entry.unusual.part", parts=5, rest="x") == "Chỉ bằng 1/5 x."
