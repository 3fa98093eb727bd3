"""The card's line of earlier periods and their median: of what was reported, and of nothing else."""

from decimal import Decimal
from itertools import accumulate, repeat

import pytest
from pytestqt.qtbot import QtBot

from desktop.entry.room import EntryRoom
from desktop.entry.spark import PERIODS, Past, Spark, median_words
from desktop.feed import Feed
from desktop.widgets.marks import Mark
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.periods import Period
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, PERIOD
from tests.desktop.entry.test_model import key
from tests.desktop.entry.test_room import card
from tests.desktop.sampled import NOW, PERSON

BEFORE = list(accumulate(repeat(PERIOD.previous, PERIODS + 1), lambda then, _: then.previous))
"""The nine periods before, the latest first."""


def fill(store: Store, feed: Feed, contents: dict[Period, str], item: str = "households") -> None:
    edits = [(key(item, period=period.code), content) for period, content in contents.items()]
    feed.changed.emit(store.record_changes(edits, PERSON, NOW))


def past(numbers: list[str | None], now: str | None = None) -> Past:
    found = tuple(None if number is None else Decimal(number) for number in numbers)
    return Past(tuple(BEFORE[: len(numbers)][::-1]), found, None if now is None else Decimal(now))


def sparks(room: EntryRoom) -> list[Spark]:
    return [found for found in room.findChildren(Spark) if found.isVisible()]


def test_the_card_shows_the_eight_periods_before_and_their_median(room: EntryRoom, commune: Store, feed: Feed) -> None:
    history = dict(zip(BEFORE, ("421", "418", "420", "419", "417", "416", "422", "419", "9999"), strict=True))
    fill(commune, feed, history | {PERIOD: "1420"})
    room.show_place(Place("entry", unit=FIRST, item="households"))
    told = card(room)
    assert say("entry.card.median", count=8) in told
    assert "419 · gấp 3,4 lần" in told
    (spark,) = sparks(room)
    assert "Quý III/2026: 421" in spark.accessibleName()
    assert "9.999" not in spark.accessibleName()


def test_gaps_and_words_for_missing_figures_are_left_out(room: EntryRoom, commune: Store, feed: Feed) -> None:
    fill(commune, feed, {BEFORE[0]: "10", BEFORE[2]: '{"missing":"not_collected"}', BEFORE[5]: "12"})
    room.show_place(Place("entry", unit=FIRST, item="households"))
    assert say("entry.card.median", count=2) not in card(room)
    (spark,) = sparks(room)
    assert [point is not None for point in spark.points()] == [False, False, True, *[False] * 4, True, False]


@pytest.mark.parametrize("history", [{}, {BEFORE[0]: "10"}])
def test_without_a_history_no_line_is_made_up(
    room: EntryRoom, commune: Store, feed: Feed, history: dict[Period, str]
) -> None:
    fill(commune, feed, history | {PERIOD: "5"})
    room.show_place(Place("entry", unit=FIRST, item="households"))
    card(room)
    assert sparks(room) == []


def test_a_rate_has_its_line_too(room: EntryRoom, commune: Store, feed: Feed) -> None:
    for item, content in (("households", "100"), ("poor", "5")):
        fill(commune, feed, dict.fromkeys(BEFORE[:3], content), item)
    room.show_place(Place("entry", unit=FIRST, item="poor_rate"))
    assert "5,00" in card(room)
    assert len(sparks(room)) == 1


def test_the_multiple_is_told_only_where_it_is_far(catalogue: Catalogue) -> None:
    households = catalogue.indicators["households"]
    few = past(["1", None, "3"], "9")
    assert median_words(few, households) is None
    assert median_words(past(["4", "2", "6"], "7"), households) == (say("entry.card.median", count=3), "4")
    assert median_words(past(["4", "2", "6"], "8"), households) == (
        say("entry.card.median", count=3),
        say("entry.card.times", value="4", times="2,0"),
    )
    assert median_words(past(["0", "0", "0"], "8"), households) == (say("entry.card.median", count=3), "0")
    assert median_words(past(["4", "5"] * 2), households) == (say("entry.card.median", count=4), "4,5")


def test_the_line_is_drawn_from_low_to_high(catalogue: Catalogue, qtbot: QtBot) -> None:
    spark = Spark(past(["1", "3", "2"], "3"), catalogue.indicators["households"], Mark.ERROR)
    qtbot.addWidget(spark)
    spark.resize(200, 40)
    heights = [point.y() for point in spark.points() if point is not None]
    assert heights[0] > heights[2] > heights[1] == heights[3]
    level = Spark(past(["2", "2"], "2"), catalogue.indicators["households"])
    qtbot.addWidget(level)
    assert len({point.y() for point in level.points() if point is not None}) == 1
    spark.grab()
    level.grab()
