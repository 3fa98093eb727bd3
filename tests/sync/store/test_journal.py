"""A line for each sync that moved something or failed; quiet ones are counted together, old ones go."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sync.store import Store
from sync.store.journal import MOST, Line, read, write
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


def test_old_lines_go(store: Store) -> None:
    for sent in range(1, MOST + 3):
        write(store, MOVED._replace(sent=sent))
    kept = read(store)
    assert len(kept) == MOST
    assert (kept[0].sent, kept[-1].sent) == (MOST + 2, 3)
