"""Files in pieces: kept once, whole or not at all, encrypted, and fetched piece by piece."""

import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import MAX_BYTES
from sync.domain.media import Media
from sync.store.files import Files
from sync.store.files_database import FILE_NAME
from sync.store.pieces import PIECE_BYTES
from tests.sync.store.conversation import SECRET

PDF = b"%PDF-1.7\n"


def pdf(size: int, seed: int = 1) -> bytes:
    """A file of this many bytes that nothing packs smaller."""
    return PDF + Random(seed).randbytes(size - len(PDF))


def hash_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def rows(files: Files, table: str) -> int:
    (count,) = files.db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    with closing(Files.open(tmp_path, SECRET)) as opened:
        yield opened


@pytest.mark.parametrize(
    "size", [10, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 16 * PIECE_BYTES, 40 * PIECE_BYTES + 7]
)
def test_a_file_is_kept_whole_and_reads_back(files: Files, size: int) -> None:
    data = pdf(size)
    told: list[int] = []
    kept = files.keep(io.BytesIO(data), told.append)
    assert kept == (hash_of(data), size, Media.PDF)
    assert told[-1] == size
    with files.opened(kept.sha256) as whole:
        assert whole.read() == data
        whole.seek(-3, os.SEEK_END)
        assert whole.read() == data[-3:]
    assert files.read(kept.sha256, size // 2, 100) == data[size // 2 : size // 2 + 100]
    assert files.read(kept.sha256, size - 1, 100) == data[-1:]
    assert files.read(kept.sha256, size, 100) == files.read("0" * 64, 0, 100) == b""
    found = files.find(kept.sha256)
    assert found is not None
    assert (found.size, found.here, found.whole, found.sent, found.at_centre) == (size, size, True, 0, False)


class Sparing(io.BytesIO):
    """Gives fewer bytes than it is asked for, as a pipe does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000))


def test_a_source_that_gives_little_at_a_time_is_read_to_its_end(files: Files) -> None:
    data = pdf(3 * PIECE_BYTES + 5)
    assert files.keep(Sparing(data)).sha256 == hash_of(data)


def test_the_same_file_lies_here_once(files: Files) -> None:
    data = pdf(3 * PIECE_BYTES)
    first = files.keep(io.BytesIO(data))
    files.was_sent(first.sha256, 100, at_centre=False)
    assert files.keep(io.BytesIO(data)) == first
    assert (rows(files, "file"), rows(files, "piece")) == (1, 3)
    found = files.find(first.sha256)
    assert found is not None
    assert found.sent == 100


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "evidence_empty"), (b"#!/bin/sh\necho", "evidence_kind"), (b"PK\x03\x04" + bytes(99), "evidence_kind")],
)
def test_what_is_no_evidence_is_refused_and_leaves_nothing(files: Files, data: bytes, code: str) -> None:
    with pytest.raises(EnvironmentFault) as raised:
        files.keep(io.BytesIO(data))
    assert raised.value.code == code
    assert (rows(files, "file"), rows(files, "piece")) == (0, 0)


class Endless(io.RawIOBase):
    """Three gigabytes that nobody has to store: how far it was read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1, /) -> bytes:
        self.given += size
        return PDF.ljust(size, b" ") if self.given <= 3 << 30 else b""


def test_three_gigabytes_are_refused_long_before_their_end_in_little_memory(files: Files) -> None:
    source = Endless()
    tracemalloc.start()
    try:
        with pytest.raises(EnvironmentFault) as raised:
            files.keep(source)  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.code == "evidence_too_large"
    assert source.given < MAX_BYTES + (2 << 20)
    assert peak < 8 << 20
    assert rows(files, "piece") == 0


class GivenUp(Exception):
    """Somebody does not want to wait any longer."""


def test_whoever_gives_up_leaves_nothing(files: Files) -> None:
    def report(done: int) -> None:
        if done > 2 << 20:
            raise GivenUp

    with pytest.raises(GivenUp):
        files.keep(io.BytesIO(pdf(4 << 20)), report)
    assert (rows(files, "file"), rows(files, "piece")) == (0, 0)


class Failing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > PIECE_BYTES:
            raise OSError("the stick was pulled out")
        return super().read(size)


def test_a_disk_that_is_pulled_out_is_said_and_leaves_nothing(files: Files) -> None:
    with pytest.raises(EnvironmentFault) as raised:
        files.keep(Failing(pdf(4 * PIECE_BYTES)))
    assert raised.value.code == "evidence_unreadable"
    assert (rows(files, "file"), rows(files, "piece")) == (0, 0)


def test_a_full_disk_says_so_and_keeps_what_is(files: Files) -> None:
    kept = files.keep(io.BytesIO(pdf(5 * PIECE_BYTES)))
    (pages,) = files.db.execute("PRAGMA page_count").fetchone()
    files.db.execute(f"PRAGMA max_page_count = {pages + 100}")
    with pytest.raises(EnvironmentFault) as raised:
        files.keep(io.BytesIO(pdf(40 * PIECE_BYTES, 2)))
    assert raised.value.code == "disk_full"
    with files.opened(kept.sha256) as whole:
        assert hash_of(whole.read()) == kept.sha256
    files.db.execute("PRAGMA max_page_count = 1000000")
    assert files.keep(io.BytesIO(pdf(40 * PIECE_BYTES, 2))).size == 40 * PIECE_BYTES
    assert rows(files, "file") == 2


def test_the_database_is_encrypted_and_opens_with_the_stores_key_alone(tmp_path: Path, files: Files) -> None:
    files.keep(io.BytesIO(PDF + b"Nguyen Van An" * 1000))
    files.checkpoint()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Nguyen Van An" not in stored
    assert b"SQLite format" not in stored


_CRASH = """
import io, os, sys
from pathlib import Path
from sync.store.files import Files
files = Files.open(Path(sys.argv[1]), bytes(range(32)))
whole = files.keep(io.BytesIO(b"%PDF-1" + bytes(100_000)))
def report(done):
    if done >= 2 << 20:
        os.kill(os.getpid(), 9)
files.keep(io.BytesIO(b"%PDF-2" + bytes(9 << 20)), report)
"""


@pytest.mark.skipif(os.name != "posix", reason="a kill that nobody can prepare for")
def test_a_process_that_dies_while_it_reads_leaves_what_is_whole_and_nothing_else(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", _CRASH, str(tmp_path)], check=False)
    assert ended.returncode == -9
    with closing(Files.open(tmp_path, SECRET)) as files:
        (found,) = files.whole()
        assert found.size == 100_006
        assert files.is_sound(found)
        assert rows(files, "piece") == 2


def test_what_somebody_reads_in_at_this_moment_is_not_swept_away(tmp_path: Path, files: Files) -> None:
    def report(_: int) -> None:
        with closing(Files.open(tmp_path, SECRET)) as other:
            assert other.whole() == []

    data = pdf(2 * PIECE_BYTES)
    assert files.keep(io.BytesIO(data), report).sha256 == hash_of(data)
    assert files.read(hash_of(data), 0, len(data)) == data


@pytest.mark.parametrize("how", ["head", "empty", "key"])
def test_a_damaged_database_is_put_aside_and_a_new_one_begun(tmp_path: Path, how: str) -> None:
    with closing(Files.open(tmp_path, SECRET)) as files:
        files.keep(io.BytesIO(pdf(100)))
        assert files.damaged is None
    path = tmp_path / FILE_NAME
    before = path.read_bytes()
    after = {"head": b"x" * 5000 + before[5000:], "empty": b"", "key": before}[how]
    path.write_bytes(after)
    with closing(Files.open(tmp_path, SECRET if how != "key" else bytes(32))) as files:
        assert files.damaged == tmp_path / "soxa-files-damaged-1.db"
        assert files.whole() == []
        files.keep(io.BytesIO(pdf(100)))
    assert (tmp_path / "soxa-files-damaged-1.db").read_bytes() == after


def test_a_piece_that_went_bad_is_said(tmp_path: Path) -> None:
    with closing(Files.open(tmp_path, SECRET)) as files:
        kept = files.keep(io.BytesIO(pdf(40 * PIECE_BYTES)))
        files.checkpoint()
    path = tmp_path / FILE_NAME
    stored = bytearray(path.read_bytes())
    middle = len(stored) // 2
    stored[middle : middle + 10] = bytes(10)
    path.write_bytes(stored)
    with closing(Files.open(tmp_path, SECRET)) as files:
        found = files.find(kept.sha256)
        assert found is not None
        with pytest.raises(EnvironmentFault) as raised:
            files.is_sound(found)
        assert raised.value.code == "evidence_damaged"


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with closing(Files.open(tmp_path, SECRET)) as files:
        files.db.execute("PRAGMA user_version = 99")
    with pytest.raises(EnvironmentFault) as raised:
        Files.open(tmp_path, SECRET)
    assert raised.value.code == "store_newer"


# Fetching


def test_a_file_is_fetched_piece_by_piece_and_looked_at_at_its_end(files: Files) -> None:
    data = pdf(3 * PIECE_BYTES + 100)
    hashed = hash_of(data)
    files.ask_for(hashed, len(data))
    here = 0
    for length in (10, PIECE_BYTES, 5, 2 * PIECE_BYTES, 100, 100_000):
        assert files.add(hashed, here + 1, data[here + 1 : here + 2]) == here  # not what comes next
        here = files.add(hashed, here, data[here : here + length])
    found = files.find(hashed)
    assert found is not None
    assert (found.whole, found.at_centre, found.asked, found.here) == (True, True, False, len(data))
    with files.opened(hashed) as whole:
        assert whole.read() == data
    assert files.moving() == []
    assert files.add(hashed, 0, b"x") == len(data)
    assert files.add("0" * 64, 0, b"x") == 0


def test_what_was_fetched_and_is_another_file_is_thrown_away(files: Files) -> None:
    data = pdf(PIECE_BYTES)
    files.ask_for(hash_of(data), len(data))
    with pytest.raises(EnvironmentFault) as raised:
        files.add(hash_of(data), 0, data[:-1] + b"x")
    assert raised.value.code == "evidence_came_wrong"
    found = files.find(hash_of(data))
    assert found is not None
    assert (found.here, found.whole, found.fault) == (0, False, "evidence_came_wrong")
    with pytest.raises(KeyError), files.opened(hash_of(data)):
        pass
    files.ask_for(hash_of(data), len(data))
    assert files.add(hash_of(data), 0, data) == len(data)


def test_more_than_the_file_has_is_left_out(files: Files) -> None:
    files.ask_for("0" * 64, 10)
    assert files.add("0" * 64, 0, bytes(11)) == 0


def test_a_file_that_is_half_fetched_and_attached_here_is_whole(files: Files) -> None:
    data = pdf(2 * PIECE_BYTES)
    files.ask_for(hash_of(data), len(data))
    files.add(hash_of(data), 0, data[:100])
    files.keep(io.BytesIO(data))
    found = files.find(hash_of(data))
    assert found is not None
    assert (found.whole, found.asked) == (True, False)
    assert (rows(files, "file"), rows(files, "piece")) == (1, 2)


def test_what_moves_is_known_by_what_was_said_of_it(files: Files) -> None:
    mine = files.keep(io.BytesIO(pdf(100))).sha256
    files.ask_for("0" * 64, 10)
    assert [found.sha256 for found in files.moving()] == ["0" * 64, mine]
    files.pause(mine, True)
    files.was_refused("0" * 64, "evidence_absent")
    asked, waits = files.moving()
    assert (asked.fault, waits.paused) == ("evidence_absent", True)
    files.try_again("0" * 64)
    files.pause(mine, False)
    files.was_sent(mine, 100, at_centre=True)
    (asked,) = files.moving()
    assert asked.fault == ""
    assert set(files.finds([mine, "0" * 64, "1" * 64])) == {mine, "0" * 64}


def test_what_is_let_go_gives_the_disk_its_room_back(tmp_path: Path, files: Files) -> None:
    kept = files.keep(io.BytesIO(pdf(8 << 20)))
    files.checkpoint()
    before = (tmp_path / FILE_NAME).stat().st_size
    files.let_go(kept.sha256)
    files.checkpoint()
    assert files.find(kept.sha256) is None
    assert (tmp_path / FILE_NAME).stat().st_size < before - (7 << 20)


def test_a_file_is_written_out_whole_or_not_at_all(tmp_path: Path, files: Files) -> None:
    data = pdf(3 * PIECE_BYTES)
    kept = files.keep(io.BytesIO(data))
    files.write_to(kept.sha256, tmp_path / "Biên bản.pdf")
    assert (tmp_path / "Biên bản.pdf").read_bytes() == data
    with pytest.raises(EnvironmentFault) as raised:
        files.write_to(kept.sha256, tmp_path / "no folder" / "a.pdf")
    assert raised.value.code == "file_unwritable"

    def report(_: int) -> None:
        raise GivenUp

    with pytest.raises(GivenUp):
        files.write_to(kept.sha256, tmp_path / "b.pdf", report)
    assert not list(tmp_path.glob("*b.pdf*"))


def test_a_day_counts_what_it_moved_and_no_clock_locks_it_for_ever(files: Files) -> None:
    today, before = date(2026, 11, 28), date(2026, 11, 27)
    assert files.moved_on(today) == 0
    files.add_moved(today, 100)
    files.add_moved(today, 50)
    assert files.moved_on(today) == 150
    # The clock is set back: the day that it shows now begins with nothing, and so does the next.
    assert files.moved_on(before) == 0
    files.add_moved(before, 10)
    assert files.moved_on(today) == 0


def damaged(folder: Path, at: int) -> None:
    """Write over a page of the disk."""
    with (folder / FILE_NAME).open("r+b") as database:
        database.seek(at - at % 4096)
        database.write(bytes(4096))


def test_what_cannot_be_read_any_more_comes_from_the_centre_again(tmp_path: Path) -> None:
    sent, unsent = pdf(20 * PIECE_BYTES), pdf(20 * PIECE_BYTES, 2)
    with closing(Files.open(tmp_path, SECRET)) as files:
        for data in (sent, unsent):
            files.keep(io.BytesIO(data))
        files.was_sent(hash_of(sent), len(sent), at_centre=True)
    size = (tmp_path / FILE_NAME).stat().st_size
    for at in (size // 4, size * 3 // 4):
        damaged(tmp_path, at)
    with closing(Files.open(tmp_path, SECRET)) as files:
        assert files.damaged is None
        for data, fault in ((sent, ""), (unsent, "evidence_damaged")):
            with pytest.raises(EnvironmentFault, match="evidence_damaged"), files.opened(hash_of(data)) as whole:
                whole.read()
            files.spoilt(hash_of(data))
            found = files.find(hash_of(data))
            assert found is not None
            assert (found.whole, found.fault) == (data is unsent, fault)
        files.ask_for(hash_of(sent), len(sent))
        assert files.add(hash_of(sent), 0, sent) == len(sent)
        with files.opened(hash_of(sent)) as whole:
            assert whole.read() == sent


def test_opening_waits_for_nobody_who_writes(files: Files, tmp_path: Path) -> None:
    with files._writing():
        files.db.execute("INSERT INTO meta VALUES ('x', '')")
        with closing(Files.open(tmp_path, SECRET)) as other:
            assert other.whole() == []


def test_a_database_that_no_longer_says_which_files_there_are_is_put_aside(tmp_path: Path) -> None:
    with closing(Files.open(tmp_path, SECRET)) as files:
        files.keep(io.BytesIO(pdf(100)))
        (page,) = files.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'file'").fetchone()
    damaged(tmp_path, (page - 1) * 4096)
    with closing(Files.open(tmp_path, SECRET)) as files:
        assert files.damaged == tmp_path / "soxa-files-damaged-1.db"
        assert files.keep(io.BytesIO(pdf(100))).size == 100
