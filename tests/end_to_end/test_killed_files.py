"""Files between real processes: either end killed in the middle of one, and it arrives whole, once."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from sync.store import Store
from sync.store.evidence import Where, of_task
from sync.store.files import Files
from sync.store.key import store_key
from tests.bench.poor_line import PoorLine
from tests.end_to_end.places import COMMUNE, Centre, tell

TASK: Final = "019324c1-5a00-7000-8000-000000000001"
SIZE: Final = 2_000_000
KILLS: Final = 6
RATE: Final = 1_000_000
"""Bytes a second: slow enough to be killed in the middle."""


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    opened = Centre(tmp_path / "centre")
    yield opened
    opened.stop()


class Pc:
    """A `tests.end_to_end.courier` process, started again after every kill."""

    def __init__(self, folder: Path, line: PoorLine, code: str, file: Path) -> None:
        self.folder = folder
        self._code = code
        self._command = [sys.executable, "-m", "tests.end_to_end.courier", str(folder), line.address, COMMUNE]
        self._command += [TASK, str(file)]
        self.said: list[str] = []

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        tell(self._process, self._code)

    def hear(self) -> str:
        """The next word it says; "" when it has ended."""
        assert self._process.stdout
        self.said.append(self._process.stdout.readline().strip())
        return self.said[-1]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()


def test_either_end_killed_in_the_middle_of_a_file_brings_it_whole(centre: Centre, tmp_path: Path) -> None:
    chance = random.Random(20261128)
    data = b"%PDF-1.7\n" + chance.randbytes(SIZE - 9)
    (tmp_path / "Biên bản.pdf").write_bytes(data)
    line = PoorLine(centre.port, RATE)
    pc = Pc(tmp_path / "pc", line, centre.code(COMMUNE, "An"), tmp_path / "Biên bản.pdf")
    pc.start()
    try:
        for kill in range(KILLS):
            for _ in range(chance.randint(2, 4)):
                assert pc.hear() != ""
            if kill % 2:
                centre.kill()
                centre.start()
                line.port = centre.port
            else:
                pc.kill()
                pc.start()
        while pc.hear() != "whole":
            assert pc.said[-1] != ""
    finally:
        pc.kill()
    # Most was sent once, however often either end began anew.
    assert line.up < 1.5 * SIZE
    line.close()
    (path,) = (centre.folder / "files").glob("[0-9a-f][0-9a-f]/*")
    assert path.read_bytes() == data
    assert not list((centre.folder / "files" / "incoming").glob("*/*"))
    assert centre.rows("SELECT size FROM file") == [(SIZE,)]
    key = store_key(pc.folder)
    with closing(Store.open(pc.folder, key)) as store, closing(Files.open(pc.folder, key)) as files:
        (one,) = of_task(store, files, COMMUNE, TASK)
        assert one.where is Where.BOTH
        assert files.is_sound(files.whole()[0])
