"""The overlay: what a cell shows for every combination of what the centre holds and what is open here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import pytest

from sync.domain.heads import Outcome
from sync.protocol.messages import Head, Version
from sync.store.cells import EARLIEST, LATEST, CellState, Held, Shown, Typed, moment, overlay, seen_by, seen_of
from sync.store.standing import NOTHING_LOST, Lost, Standing, standing
from tests.sync.store.conversation import CELL, NOON, OTHER, THIRD, head, version

ME = "a" * 20


HERE: Final = "0" * 28
"""The branch of what is typed here."""


def typed(
    content: str,
    *,
    n: int = 1,
    seen: tuple[Version, ...] = (),
    sent: bool = False,
    received: bool = False,
    outcome: str = "",
    reason: str = "",
) -> Typed:
    received = received or bool(outcome)
    sent_at, received_at = (NOON if sent or received else None), (NOON + 1 if received else None)
    return Typed(
        n, HERE, content, seen, "An", NOON, sent_at, received_at, outcome or ("applied" if received else ""), reason
    )


def parked(content: str, n: int = 1) -> Typed:
    return typed(content, n=n, outcome=Outcome.PARKED.value, reason="period_closed")


def shown(record: Standing | None, *open_here: Typed) -> Shown:
    """What a cell shows over `record` with these open changes, oldest first."""
    pending = [change for change in open_here if change.outcome != Outcome.PARKED]
    held = Held.of(record, next(reversed(open_here), None), pending[-1:])
    found = overlay(CELL, held, lambda: [seen_by(pending, open_here)])
    assert found is not None
    return found


SEVEN, EIGHT = head("7"), head("8", THIRD)


@pytest.mark.parametrize(
    ("heads", "open_here", "content", "state", "rivals", "reason"),
    [
        # the centre alone
        ([SEVEN], [], "7", CellState.RECEIVED, [], ""),
        ([SEVEN, EIGHT], [], "7", CellState.RECEIVED, ["8"], ""),
        ([EIGHT, SEVEN], [], "8", CellState.RECEIVED, ["7"], ""),
        ([SEVEN, head("7", THIRD)], [], "7", CellState.RECEIVED, [], ""),
        ([SEVEN, EIGHT, head("8", THIRD, 2)], [], "7", CellState.RECEIVED, ["8"], ""),
        ([head("null"), EIGHT], [], "null", CellState.RECEIVED, ["8"], ""),
        # typed here alone
        ([], [typed("1")], "1", CellState.SAVED, [], ""),
        ([], [typed("1", sent=True)], "1", CellState.SENT, [], ""),
        ([], [typed("1", received=True)], "1", CellState.RECEIVED, [], ""),
        ([], [typed("1", received=True), typed("2", n=2)], "2", CellState.SAVED, [], ""),
        ([], [typed("1", outcome=Outcome.CONFLICT.value)], "1", CellState.RECEIVED, [], ""),
        ([], [typed("1", outcome=Outcome.HISTORY.value)], "1", CellState.RECEIVED, [], ""),
        # typed here over the centre's
        ([SEVEN], [typed("1", seen=(SEVEN.version,))], "1", CellState.SAVED, [], ""),
        ([SEVEN], [typed("1")], "1", CellState.SAVED, ["7"], ""),
        ([SEVEN], [typed("7")], "7", CellState.SAVED, [], ""),
        ([SEVEN], [typed("null", seen=(SEVEN.version,))], "null", CellState.SAVED, [], ""),
        ([SEVEN, EIGHT], [typed("1", seen=(SEVEN.version,))], "1", CellState.SAVED, ["8"], ""),
        ([SEVEN, EIGHT], [typed("1", seen=(SEVEN.version, EIGHT.version))], "1", CellState.SAVED, [], ""),
        (
            [SEVEN],
            [typed("1", seen=(SEVEN.version,)), typed("2", n=2, seen=(version(ME, 1),))],
            "2",
            CellState.SAVED,
            [],
            "",
        ),
        ([head("1", ME), EIGHT], [typed("1", received=True)], "1", CellState.RECEIVED, ["8"], ""),
        # parked: no effect, so the centre's shows
        ([SEVEN], [parked("1")], "7", CellState.PARKED, [], "period_closed"),
        ([SEVEN, EIGHT], [parked("1")], "7", CellState.PARKED, ["8"], "period_closed"),
        ([], [parked("1")], "null", CellState.PARKED, [], "period_closed"),
        ([], [parked("1"), typed("2", n=2)], "2", CellState.SAVED, [], ""),
        ([SEVEN], [parked("1"), typed("2", n=2, seen=(SEVEN.version,))], "2", CellState.SAVED, [], ""),
        ([], [typed("1", received=True), parked("2", n=2)], "1", CellState.PARKED, [], "period_closed"),
    ],
)
def test_what_a_cell_shows(
    heads: list[Head], open_here: list[Typed], content: str, state: CellState, rivals: list[str], reason: str
) -> None:
    found = shown(Standing(tuple(heads), ()) if heads else None, *open_here)
    assert (found.content, found.state, [rival.content for rival in found.rivals], found.reason) == (
        content,
        state,
        rivals,
        reason,
    )


def test_what_somebody_typed_over_gives_way_as_soon_as_the_base_shows_it() -> None:
    """A PC put back from a copy has its change open still, and a base that is far ahead of it."""
    mine, base = typed("1", received=True), Standing((SEVEN,), (Version(HERE, 1),))
    found = shown(base, mine)
    assert (found.content, found.state, found.rivals) == ("7", CellState.RECEIVED, ())
    over = shown(base, mine, typed("2", n=2, seen=(Version(HERE, 1),)))
    assert (over.content, [rival.content for rival in over.rivals]) == ("2", ["7"])


def test_the_author_and_the_times_are_those_of_what_is_shown() -> None:
    base = Standing((SEVEN,), ())
    theirs = shown(base)
    assert (theirs.author, theirs.typed_at) == ("Bình", moment(NOON))
    assert theirs.received_at == moment(NOON + 5)
    ours = shown(base, typed("1"))
    assert (ours.author, ours.received_at) == ("An", None)
    assert shown(base, typed("1", received=True)).received_at == moment(NOON + 1)


def test_a_rival_says_whose_it_is_and_names_all_that_say_the_same() -> None:
    (rival,) = shown(Standing((SEVEN, EIGHT, head("8", OTHER, 2)), ())).rivals
    assert rival == ("8", "Bình", moment(NOON), (version(THIRD, 1), version(OTHER, 2)))


def test_a_cell_that_nobody_ever_typed_shows_nothing() -> None:
    assert overlay(CELL, Held()) is None
    assert overlay(CELL, Held(own=version(ME, 1))) is None


def test_only_as_much_is_looked_at_as_is_needed_to_see_that_nothing_speaks_against_it() -> None:
    mine = typed("2", n=2, seen=(Version(HERE, 1),))
    asked: list[int] = []

    def seen() -> Iterator[tuple[Version, ...]]:
        for number, more in enumerate([(SEVEN.version,), (EIGHT.version,)]):
            asked.append(number)
            yield more

    found = overlay(CELL, Held.of(Standing((SEVEN,), ()), mine, [mine]), seen)
    assert found is not None
    assert (found.rivals, asked) == ((), [0])
    over = overlay(CELL, Held.of(Standing((EIGHT,), ()), mine, [mine]), seen)
    assert over is not None
    assert (over.rivals, asked) == ((), [0, 0, 1])


def test_seen_of_a_record() -> None:
    assert seen_of(None) == ()
    found = seen_of(Standing((SEVEN, EIGHT, head("7", THIRD, 9)), (version(OTHER, 3),)))
    assert set(found) == {SEVEN.version, version(THIRD, 9), version(OTHER, 3)}


@pytest.mark.parametrize(
    ("seconds", "at"),
    [
        (0, EARLIEST),
        (-1, EARLIEST),
        (-(2**53), EARLIEST),
        (2**31, datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
        (2**53, LATEST),
        (2**63, LATEST),
    ],
)
def test_any_clock_is_a_time(seconds: int, at: datetime) -> None:
    assert moment(seconds) == at


# What a restored centre has lost


@pytest.mark.parametrize(
    ("heads", "lost", "content", "rivals"),
    [
        # In front of what it had replaced, as before the centre was restored.
        ([head("6", OTHER, 1)], Lost((head("7", OTHER, 2),), (version(OTHER, 1),)), "7", []),
        # Beside what it had not.
        ([EIGHT], Lost((SEVEN,), ()), "7", ["8"]),
        # The centre has nothing at all.
        ([], Lost((SEVEN, EIGHT), ()), "7", ["8"]),
        # The centre holds it again.
        ([SEVEN], Lost((SEVEN,), ()), "7", []),
        ([SEVEN, EIGHT], NOTHING_LOST, "7", ["8"]),
    ],
)
def test_what_was_lost_is_shown_as_before(heads: list[Head], lost: Lost, content: str, rivals: list[str]) -> None:
    found = shown(standing(tuple(heads), (), lost))
    assert (found.content, [rival.content for rival in found.rivals]) == (content, rivals)


def test_what_was_lost_is_not_called_received() -> None:
    assert shown(standing((), (), Lost((SEVEN,), ()))).state is CellState.SENT
    assert shown(standing((SEVEN,), (), NOTHING_LOST)).state is CellState.RECEIVED


def test_who_types_over_what_was_lost_has_seen_it_and_what_it_had_replaced() -> None:
    lost = Lost((head("7", OTHER, 2),), (version(OTHER, 1),))
    assert seen_of(standing((head("6", OTHER, 1),), (version(THIRD, 1),), lost)) == (
        version(OTHER, 2),
        version(OTHER, 1),
        version(THIRD, 1),
    )


def test_lost_grows_by_heads_that_it_has_not_and_ends_with_the_last() -> None:
    lost = NOTHING_LOST.and_also((SEVEN,), (version(THIRD, 9),))
    assert lost.and_also((SEVEN,), (version(THIRD, 8),)) == lost
    both = lost.and_also((EIGHT,), (version(THIRD, 9), version(THIRD, 8)))
    assert both == Lost((SEVEN, EIGHT), (version(THIRD, 9), version(THIRD, 8)))
    assert both.without({SEVEN.version}).heads == (EIGHT,)
    assert both.without({SEVEN.version, EIGHT.version}) is NOTHING_LOST
