"""A line for each sync that moved something or failed; quiet ones are counted together, old ones go."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.journal import MOST, Line, Noted, Way, note, read, refuse, write
from tests.sync.store.conversation import AT, open_store

QUIET = Line(AT, 120, 0, 0, 313, 216, "")
MOVED = Line(AT, 900, 14, 2, 1_024, 700, "")
FAILED = Line(AT, 15_000, 0, 0, 313, 0, "server_timeout")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def test_lines_come_back_newest_first(store: Store) -> None:
    for line in (MOVED, FAILED, QUIET):
        write(store, line)
    assert read(store) == [QUIET, FAILED, MOVED]


def test_quiet_ones_and_the_same_failure_are_counted_together(store: Store) -> None:
    later = AT + timedelta(minutes=2)
    for line in (QUIET, QUIET._replace(at=later, up_bytes=320), FAILED, FAILED._replace(at=later), MOVED, MOVED):
        write(store, line)
    assert read(store) == [
        MOVED,
        MOVED,
        FAILED._replace(at=later, times=2),
        QUIET._replace(at=later, up_bytes=320, times=2),
    ]


def test_another_failure_is_a_line_of_its_own(store: Store) -> None:
    for code in ("server_timeout", "server_unreachable", "server_timeout"):
        write(store, FAILED._replace(fault=code))
    assert [line.fault for line in read(store)] == ["server_timeout", "server_unreachable", "server_timeout"]


def test_what_goes_and_comes_by_hand_is_a_line_each_with_its_file_and_outcome(store: Store) -> None:
    ticks = iter(range(100))

    def clock() -> datetime:
        return AT + timedelta(seconds=next(ticks))

    def made() -> tuple[str, Noted]:
        return "whole", Noted(14, 0, 3_000, 0)

    def refused() -> tuple[str, Noted]:
        raise EnvironmentFault("parcel_old")

    assert note(store, clock, Way.MADE, "gửi.soxa", made) == "whole"
    with pytest.raises(EnvironmentFault):
        note(store, clock, Way.TAKEN, "về\udcff.soxa", refused)
    for _ in range(2):
        refuse(store, clock, "x" * 300, EnvironmentFault("parcel_cut"))
    write(store, QUIET)
    quiet, second, first, taken, sent = read(store)
    assert quiet == QUIET
    cut = Line(AT, 0, 0, 0, 0, 0, "parcel_cut", 1, Way.REFUSED, "x" * 200)
    assert [one._replace(at=AT) for one in (first, second)] == [cut, cut]
    assert (taken.fault, taken.way, taken.file, taken.sent) == ("parcel_old", Way.TAKEN, "về?.soxa", 0)
    assert (sent.sent, sent.up_bytes, sent.way, sent.file, sent.fault) == (14, 3_000, Way.MADE, "gửi.soxa", "")


def test_old_lines_go(store: Store) -> None:
    for sent in range(1, MOST + 3):
        write(store, MOVED._replace(sent=sent))
    kept = read(store)
    assert len(kept) == MOST
    assert (kept[0].sent, kept[-1].sent) == (MOST + 2, 3)
