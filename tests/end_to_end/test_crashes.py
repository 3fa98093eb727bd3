"""PCs and the centre killed at any moment, as real processes on real files: nothing is lost, nothing counts twice."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from nacl.signing import SigningKey

from sync.client.http import HttpRemote
from sync.client.session import Session
from sync.domain.keys import VALUE
from sync.store import Shown, Store
from sync.store.key import store_key
from tests.end_to_end.places import COMMUNE, Centre, Line, tell

VILLAGE: Final = f"{COMMUNE}.001"
PEOPLE: Final = ("An", "Bình")
KILLS: Final = 14
MOST_LINES: Final = 12
"""Edits that a person makes, at most, between two kills."""


class Typist:
    """A process that types and syncs until it is killed, and all that it said it had kept."""

    def __init__(self, folder: Path, line: Line, code: str, person: str) -> None:
        self.folder = folder
        self.kept: list[tuple[str, int, str, str]] = []
        self._code = code
        self._arguments = (str(folder), line.address, person, VILLAGE)

    def start(self, seed: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.typist", *self._arguments, str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        tell(self._process, self._code)

    def listen(self, count: int) -> None:
        """Wait until it has kept `count` more edits."""
        for _ in range(count):
            self._hear()

    def kill(self) -> None:
        """SIGKILL. What it had said before is heard to the end; a line that was cut was not said."""
        self._process.kill()
        assert self._process.stdout
        for line in self._process.stdout:
            if line.endswith("\n"):
                self.kept.append(tuple(json.loads(line)))
        self._process.wait()
        self._process.stdout.close()
        assert self._process.stdin
        self._process.stdin.close()

    def _hear(self) -> None:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the typist ended by itself"
        self.kept.append(tuple(json.loads(line)))


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    opened = Centre(tmp_path / "centre")
    yield opened
    opened.stop()


@pytest.fixture
def line(centre: Centre) -> Iterator[Line]:
    opened = Line(centre.port)
    yield opened
    opened.close()


def test_whoever_is_killed_at_whatever_moment_loses_nothing(centre: Centre, line: Line, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    typists = [Typist(tmp_path / person, line, centre.code(COMMUNE, person), person) for person in PEOPLE]
    try:
        for number, typist in enumerate(typists):
            typist.start(number)
        for kill in range(KILLS):
            for typist in typists:
                typist.listen(chance.randint(1, MOST_LINES))
            # Not between two steps that we choose, but wherever it happens to stand.
            time.sleep(chance.random() / 20)
            if kill % 3 == 0:
                centre.kill()
                centre.start()
                line.port = centre.port
            else:
                victim = chance.choice(typists)
                victim.kill()
                victim.start(100 + kill)
    finally:
        for typist in typists:
            typist.kill()
    _check(centre, line, typists)


def _check(centre: Centre, line: Line, typists: list[Typist]) -> None:
    stores = [Store.open(typist.folder, store_key(typist.folder)) for typist in typists]
    try:
        for _ in range(2):
            for store in stores:
                _sync(store, line)
        for store, typist in zip(stores, typists, strict=True):
            log = store.db.execute("SELECT branch, n, item, content FROM change ORDER BY n").fetchall()
            assert not set(typist.kept) - set(log), "an edit that was called durable is gone"
            assert [n for _, n, *_ in log] == list(range(1, len(log) + 1))
            held = centre.rows("SELECT branch, n, item, content FROM change WHERE device = ? ORDER BY n", store.device)
            assert held == log, "the centre holds each edit once, and as it was typed"
            assert store.waiting() == 0
        first, second = (_shown(store) for store in stores)
        assert first == second
    finally:
        for store in stores:
            store.close()


def _sync(store: Store, line: Line) -> None:
    enrolment = store.enrolment()
    assert enrolment is not None
    remote = HttpRemote(line.address, SigningKey(store.signing_seed()), enrolment.centre_key)
    try:
        Session(store, remote, lambda: int(time.time()), lambda changes: None).run()
    finally:
        remote.close()


def _shown(store: Store) -> dict[str, tuple[Any, ...]]:
    def said(cell: Shown) -> tuple[Any, ...]:
        return cell.content, cell.state, sorted((rival.content, rival.author) for rival in cell.rivals)

    return {key.item: said(cell) for key, cell in store.cells(VALUE, VILLAGE).items()}
