"""The overlay: what a cell shows for every combination of what the centre holds and what is open here."""

from datetime import UTC, datetime

import pytest

from sync.domain.heads import Outcome
from sync.protocol.messages import Head, Record, Version
from sync.store.cells import EARLIEST, LATEST, CellState, Typed, moment, overlay, seen_of
from tests.sync.store.conversation import CELL, NOON, OTHER, THIRD, head, record

ME = "a" * 20


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
    return Typed(n, content, seen, "An", NOON, sent_at, received_at, outcome or ("applied" if received else ""), reason)


def parked(content: str, n: int = 1) -> Typed:
    return typed(content, n=n, outcome=Outcome.PARKED.value, reason="period_closed")


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
            [typed("1", seen=(SEVEN.version,)), typed("2", n=2, seen=(Version(ME, 1),))],
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
    found = overlay(CELL, Record(CELL, tuple(heads)) if heads else None, open_here)
    assert (found.content, found.state, [rival.content for rival in found.rivals], found.reason) == (
        content,
        state,
        rivals,
        reason,
    )


def test_the_author_and_the_times_are_those_of_what_is_shown() -> None:
    base = record(SEVEN)
    theirs = overlay(CELL, base, [])
    assert (theirs.author, theirs.typed_at) == ("Bình", moment(NOON))
    assert theirs.received_at == moment(NOON + 5)
    ours = overlay(CELL, base, [typed("1")])
    assert (ours.author, ours.received_at) == ("An", None)
    assert overlay(CELL, base, [typed("1", received=True)]).received_at == moment(NOON + 1)


def test_a_rival_says_whose_it_is() -> None:
    (rival,) = overlay(CELL, record(SEVEN, EIGHT), []).rivals
    assert rival == ("8", "Bình", moment(NOON), THIRD)


def test_seen_of_a_record() -> None:
    assert seen_of(None) == ()
    found = seen_of(record(SEVEN, EIGHT, head("7", THIRD, 9), prev=[Version(OTHER, 3)]))
    assert set(found) == {SEVEN.version, Version(THIRD, 9), Version(OTHER, 3)}


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
