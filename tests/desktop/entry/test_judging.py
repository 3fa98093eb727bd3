"""Rules over several indicators and periods, judged again only where a figure that they name is another one."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from desktop.entry.layout import Turn, periods_to
from desktop.entry.model import GridModel
from desktop.feed import Feed
from desktop.widgets.marks import Mark
from sync.analysis.rules import Rules
from sync.domain.catalogue import Catalogue, Figure, Label, Row, Rule, Severity
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, grid_of
from tests.desktop.entry.test_model import EDIT, at, counted, key, text
from tests.desktop.sampled import clock, receive

LAST, LAST_YEAR = PERIOD.previous, PERIOD.same_period_last_year


def rule(key: str, expression: str, *takes: str, severity: Severity = Severity.SOFT) -> Rule:
    sentence = Label(f"Không đúng: {key}.", f"Does not hold: {key}.")
    return Rule(key, "village", severity, expression, takes, Label(key, key), sentence, "")


def with_rules(catalogue: Catalogue, *rules: Rule) -> Catalogue:
    return catalogue._replace(rules={one.key: one for one in rules})


@pytest.fixture
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The small form with rules over other periods, and a computed total that one of them names."""
    total = catalogue.indicators["poor"]._replace(
        key="total", name=Label("Tổng", "Total"), formula="households + poor", takes=("households", "poor")
    )
    form = catalogue.forms["village"]
    first, *rest = form.sections
    first = first._replace(rows=(*first.rows, Row("", "total")))
    return catalogue._replace(
        indicators={**catalogue.indicators, "total": total},
        forms={**catalogue.forms, "village": form._replace(sections=(first, *rest))},
        rules={
            one.key: one
            for one in (
                rule("grown", "households <= 2 * last__households", "households", "last__households"),
                rule("as_before", "households == last_year__households", "households", "last_year__households"),
                rule("few", "total < 100", "total", severity=Severity.HARD),
                rule("alone", "poor < 50", "poor"),
            )
        },
    )


def corner(grid: GridModel, item: str, unit: str = FIRST) -> Mark | None:
    index = at(grid, item, unit)
    return grid.face(index.row(), index.column()).corner


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the rules that are judged from now on."""
    judged: list[str] = []
    fails = Rules.fails

    def watch(rules: Rules, rule: Rule, number: Callable[[Figure], Decimal | None]) -> bool:
        judged.append(rule.key)
        return fails(rules, rule, number)

    monkeypatch.setattr(Rules, "fails", watch)
    return judged


def test_a_figure_of_the_last_period_that_comes_later_judges_this_one_again(
    grid: GridModel, feed: Feed, commune: Store
) -> None:
    grid.setData(at(grid, "households"), "30", EDIT)
    assert corner(grid, "households") is None, "what is missing is not 0"
    assert counted(grid).warnings == 0
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", period=LAST.code), ["10"])])))
    assert corner(grid, "households") is Mark.WARNING
    assert corner(grid, "households", SECOND) is None
    assert counted(grid).warnings == 1
    edits = [(key("households", period=LAST.code), "15")]
    feed.changed.emit(commune.record_changes(edits, "Hoa", clock()()))
    assert corner(grid, "households") is None
    assert counted(grid).warnings == 0


def test_a_figure_of_last_year_is_looked_at_and_followed(grid: GridModel, feed: Feed, commune: Store) -> None:
    grid.setData(at(grid, "households"), "30", EDIT)
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", period=LAST_YEAR.code), ["31"])])))
    assert corner(grid, "households") is Mark.WARNING
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", period=LAST_YEAR.code), ["30"])])))
    assert corner(grid, "households") is None


def test_a_total_is_computed_live_cannot_be_typed_and_can_be_wrong(grid: GridModel) -> None:
    assert text(grid, "total") == "—"
    assert not grid.setData(at(grid, "total"), "5", EDIT)
    grid.setData(at(grid, "households"), "90", EDIT)
    assert text(grid, "total") == "—"
    grid.setData(at(grid, "poor"), "5", EDIT)
    assert (text(grid, "total"), corner(grid, "total")) == ("95", None)
    grid.setData(at(grid, "poor"), "10", EDIT)
    assert (text(grid, "total"), corner(grid, "total")) == ("100", Mark.ERROR)
    assert corner(grid, "poor") is None, "the rule names the total"
    assert counted(grid).errors == 1
    grid.clear([(at(grid, "poor").row(), 0)])
    assert (text(grid, "total"), corner(grid, "total")) == ("—", None)
    assert counted(grid).errors == 0


def test_an_edit_judges_only_what_looks_at_it(grid: GridModel, monkeypatch: pytest.MonkeyPatch) -> None:
    counted(grid)
    judged = watched(monkeypatch)
    grid.setData(at(grid, "households"), "30", EDIT)
    counted(grid)
    assert sorted(judged) == ["as_before", "few", "grown"]
    judged.clear()
    grid.setData(at(grid, "area"), "2,5", EDIT)
    counted(grid)
    assert judged == []
    grid.face(at(grid, "poor").row(), 0)
    grid.setData(at(grid, "poor"), "3", EDIT)
    grid.face(at(grid, "poor").row(), 0)
    counted(grid)
    assert sorted(judged) == ["alone", "few"]


def test_many_rules_that_all_hang_together_are_judged_one_by_one(
    commune: Store, catalogue: Catalogue, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each names the next one's indicator: what is far away in the chain is left alone."""
    first = catalogue.forms["village"].sections[0]
    items = [f"line_{number}" for number in range(40)]
    lines = {item: catalogue.indicators["poor"]._replace(key=item) for item in items}
    form = catalogue.forms["village"]._replace(sections=(first._replace(rows=tuple(Row("", item) for item in items)),))
    chain = [rule(f"r{n}", f"line_{n} <= line_{n + 1}", f"line_{n}", f"line_{n + 1}") for n in range(39)]
    grid = grid_of(commune, with_rules(catalogue, *chain)._replace(indicators=lines, forms={"village": form}), feed)
    for item in items:
        grid.setData(at(grid, item), "5", EDIT)
    counted(grid)
    judged = watched(monkeypatch)
    grid.setData(at(grid, "line_20"), "7", EDIT)
    assert counted(grid).warnings == 1
    assert sorted(judged) == ["r19", "r20"]
    assert corner(grid, "line_20") is corner(grid, "line_21") is Mark.WARNING


def test_a_period_s_own_figure_is_the_next_one_s_last(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    grid = grid_of(commune, catalogue, feed, [FIRST], periods_to(PERIOD, 5), Turn.PERIODS)
    row = at(grid, "households", FIRST).row()
    grid.setData(grid.index(row, 4), "30", EDIT)
    assert grid.face(row, 4).corner is None
    grid.setData(grid.index(row, 3), "10", EDIT)
    assert grid.face(row, 4).corner is Mark.WARNING
    assert counted(grid).warnings == 1
    grid.setData(grid.index(row, 0), "28", EDIT)
    assert counted(grid).warnings == 2, "a year earlier there were not as many"
    grid.setData(grid.index(row, 3), "20", EDIT)
    grid.setData(grid.index(row, 0), "30", EDIT)
    assert grid.face(row, 4).corner is None
    assert counted(grid).warnings == 0
