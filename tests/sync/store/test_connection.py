"""The file on the disk: damaged, foreign, newer, full, unwritable, held by two: said as a fault, and nothing lost."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE
from sync.store import CellState, Shown, Store
from sync.store.connection import FILE_NAME, SCHEMA
from sync.store.receiving import confirm
from sync.store.sending import outbox
from tests.sync.store.conversation import AT, CELL, SECRET, VILLAGE, cell, head, page, push_all, record, take, write

ROOT = Path(__file__).parents[3]


def made(folder: Path, count: int = 1_500) -> Path:
    """A store with enough in it that its middle is data, closed."""
    store = Store.open(folder, SECRET)
    store.record_changes([(cell(n), str(n)) for n in range(count)], "An", AT)
    store.close()
    return folder / FILE_NAME


def cut_off(folder: Path, count: int = 1_500) -> Path:
    """The same as a power cut leaves it: some of it still in the log beside it."""
    made(folder / "whole", count)
    store = Store.open(folder / "whole", SECRET)
    write(store, "434")
    for name in (FILE_NAME, FILE_NAME + "-wal"):
        shutil.copy2(folder / "whole" / name, folder / name)
    store.close()
    shutil.rmtree(folder / "whole")
    assert (folder / (FILE_NAME + "-wal")).stat().st_size > 0
    return folder / FILE_NAME


def overwrite(path: Path, at: int, count: int = 64) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\x55" * count)


def fault_of(action: Callable[[], object]) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        action()
    return caught.value


def open_and_read(folder: Path, key: bytes = SECRET) -> None:
    store = Store.open(folder, key)
    try:
        store.cells(VALUE, VILLAGE)
    finally:
        store.close()


def files(folder: Path) -> dict[str, bytes]:
    """What lies in the folder, without the index of the log, which SQLite makes anew at will."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    # Looking into a file leaves an empty log beside it.
    return {name: content for name, content in found.items() if content or not name.endswith("-wal")}


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header overwritten": lambda path: overwrite(path, 0),
    "first page overwritten": lambda path: overwrite(path, 2_000),
    "middle overwritten": lambda path: overwrite(path, path.stat().st_size // 2, 8_192),
    "cut in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut within a page": lambda path: os.truncate(path, 5_000),
    "cut to nothing": lambda path: os.truncate(path, 0),
    "not encrypted": lambda path: path.write_bytes(b"SQLite format 3\0".ljust(4_096, b"\0")),
    "a page of a portal": lambda path: path.write_text("<html>Sign in</html>" * 300),
    "a few bytes": lambda path: path.write_bytes(b"soxa"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("make", [made, cut_off])
def test_a_damaged_file_is_left_as_it_is_and_one_copy_is_kept(
    tmp_path: Path, make: Callable[[Path], Path], damage: Callable[[Path], object]
) -> None:
    path = make(tmp_path)
    damage(path)
    before = files(tmp_path)
    fault = fault_of(lambda: open_and_read(tmp_path))
    assert fault.code == "store_damaged"
    assert fault.details["folder"] == str(tmp_path)
    copy = Path(str(fault.details["copy"]))
    after = files(tmp_path)
    if damage is not DAMAGES["middle overwritten"]:
        # Damage that only reading found lets the log into the file, as every end of work does.
        assert {name: after[name] for name in before} == before
    assert after[copy.name] == before[FILE_NAME]
    assert after.get(copy.name + "-wal", b"") == before.get(FILE_NAME + "-wal", b"")
    for _ in range(2):
        assert fault_of(lambda: open_and_read(tmp_path)).details["copy"] == str(copy)
    assert files(tmp_path) == after


def test_another_key_opens_nothing_and_changes_nothing(tmp_path: Path) -> None:
    cut_off(tmp_path)
    before = files(tmp_path)
    assert fault_of(lambda: open_and_read(tmp_path, bytes(32))).code == "store_damaged"
    after = files(tmp_path)
    assert {name: after[name] for name in before} == before
    store = Store.open(tmp_path, SECRET)
    assert store.shown(CELL) is not None
    assert store.waiting() == 1_501
    store.close()


def test_another_damaged_database_in_the_same_folder_gets_a_copy_of_its_own(tmp_path: Path) -> None:
    path = made(tmp_path)
    overwrite(path, 2_000)
    first = fault_of(lambda: open_and_read(tmp_path)).details["copy"]
    path.unlink()
    overwrite(made(tmp_path), 2_000)
    second = fault_of(lambda: open_and_read(tmp_path)).details["copy"]
    assert first != second


def test_what_a_power_cut_left_in_the_log_is_there(tmp_path: Path) -> None:
    cut_off(tmp_path)
    store = Store.open(tmp_path, SECRET)
    found = store.shown(CELL)
    assert found is not None
    assert found.content == "434"
    store.close()


def test_a_log_that_was_cut_anywhere_leaves_a_beginning_of_what_was_typed(tmp_path: Path) -> None:
    """Whatever the disk lost of the log, no edit is half there, and none is there without those before it."""
    store = Store.open(tmp_path / "whole", SECRET)
    for number in range(12):
        store.record_changes([(cell(number), "1"), (cell(100 + number), "1")], "An", AT)
    log = (tmp_path / "whole" / (FILE_NAME + "-wal")).read_bytes()
    database = (tmp_path / "whole" / FILE_NAME).read_bytes()
    store.close()
    lengths = set()
    for length in range(0, len(log) + 1, 1_500):
        folder = tmp_path / str(length)
        folder.mkdir()
        (folder / FILE_NAME).write_bytes(database)
        (folder / (FILE_NAME + "-wal")).write_bytes(log[:length])
        store = Store.open(folder, SECRET)
        found = set(store.cells(VALUE, VILLAGE))
        count = len(found) // 2
        lengths.add(count)
        assert found == {cell(n) for n in range(count)} | {cell(100 + n) for n in range(count)}
        write(store, "5", cell(50))
        assert outbox(store).changes
        store.close()
        shutil.rmtree(folder)
    assert len(lengths) > 6


def test_a_newer_schema_is_left_as_it_is(tmp_path: Path) -> None:
    made(tmp_path, 10)
    store = Store.open(tmp_path, SECRET)
    store.db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    store.close()
    before = files(tmp_path)
    fault = fault_of(lambda: open_and_read(tmp_path))
    assert (fault.code, fault.details["found"], fault.details["known"]) == ("store_newer", SCHEMA + 1, SCHEMA)
    assert files(tmp_path) == before


def test_a_start_that_was_cut_off_while_the_file_was_made_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "soxa-new.db").write_bytes(b"half a page")
    (tmp_path / (FILE_NAME + "-wal")).write_bytes(b"the log of a file that is gone")
    store = Store.open(tmp_path, SECRET)
    write(store, "5")
    store.close()
    assert set(files(tmp_path)) == {FILE_NAME}


def test_nothing_typed_can_be_read_in_the_files(tmp_path: Path) -> None:
    store = Store.open(tmp_path, SECRET)
    write(store, '"Nguyễn Văn An, hộ nghèo"', author="Trần Thị Bảy")
    seed = store.signing_seed()
    for written in files(tmp_path).values():
        for secret in ("hộ nghèo".encode(), "Bảy".encode(), b"village_ct01", seed, seed.hex().encode()):
            assert secret not in written
    store.close()


def test_every_connection_waits_for_the_disk_at_every_commit(tmp_path: Path) -> None:
    for store in (Store.open(tmp_path, SECRET), Store.open(tmp_path, SECRET)):
        (synchronous,), (mode,) = (
            store.db.execute(f"PRAGMA {name}").fetchone() for name in ("synchronous", "journal_mode")
        )
        assert (synchronous, mode) == (2, "wal")
        store.close()


# Full


def test_a_full_database_keeps_nothing_half_and_works_again_afterwards(store: Store) -> None:
    write(store, "1")
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    many = [(cell(n), '"' + "đầy " * 500 + '"') for n in range(200)]
    assert fault_of(lambda: store.record_changes(many, "An", AT)).code == "disk_full"
    assert not store.db.in_transaction
    assert store.waiting() == 1
    assert fault_of(lambda: take(store, page(*(record(head(text), key=key) for key, text in many)))).code == (
        "disk_full"
    )
    assert set(store.cells(VALUE, VILLAGE)) == {CELL}
    store.db.execute("PRAGMA max_page_count = 1000000")
    store.record_changes(many, "An", AT)
    assert store.waiting() == 201


ON_A_FULL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.store import Store
store = Store.open(Path(sys.argv[1]), bytes(range(32)))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
kept = 0
try:
    while True:
        edits = [(Key(VALUE, "48.20194.003", f"i{kept}-{n}", "A2026Q2"), '"' + "x" * 900 + '"') for n in range(5)]
        store.record_changes(edits, "An", datetime.now(UTC))
        kept += 1
except EnvironmentFault as fault:
    print(fault.code, kept, len(store.cells(VALUE, "48.20194.003")))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
store.record_changes([(Key(VALUE, "48.20194.003", "again", "A2026Q2"), "1")], "An", datetime.now(UTC))
print(len(store.cells(VALUE, "48.20194.003")))
"""


@pytest.mark.skipif(os.name != "posix", reason="file sizes are limited by the process on POSIX only")
def test_a_write_that_the_system_refuses_keeps_nothing_half_and_works_again_afterwards(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (code, kept, cells), (after,) = (line.split() for line in said.splitlines())
    assert code == "disk_full"
    assert int(kept) > 0
    assert int(cells) == 5 * int(kept)
    assert int(after) == int(cells) + 1
    store = Store.open(tmp_path, SECRET)
    assert store.waiting() == int(after)
    assert outbox(store).changes
    store.close()


# Unwritable


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Without the rights of root, which may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    modes = {parent: parent.stat().st_mode for parent in folder.parents if parent.stat().st_mode & 0o055 != 0o055}
    for parent, mode in modes.items():
        parent.chmod(mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for parent, mode in modes.items():
            parent.chmod(mode)


@pytest.mark.skipif(os.name != "posix", reason="rights are set by modes on POSIX only")
def test_a_folder_without_the_right_to_write_is_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o555)
    with as_nobody(folder):
        assert fault_of(lambda: Store.open(folder, SECRET)).code == "store_folder_unwritable"
        assert fault_of(lambda: Store.open(folder / "below", SECRET)).code == "store_folder_unwritable"
    folder.chmod(0o755)
    assert files(folder) == {}


@pytest.mark.skipif(os.name != "posix", reason="rights are set by modes on POSIX only")
def test_a_store_without_the_right_to_write_is_a_fault_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    path = made(folder, 10)
    path.chmod(0o444)
    before = files(folder)
    with as_nobody(folder):
        assert fault_of(lambda: Store.open(folder, SECRET)).code == "store_folder_unwritable"
    assert files(folder) == before


def test_a_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert fault_of(lambda: Store.open(tmp_path / "file", SECRET)).code == "store_folder_unwritable"
    assert fault_of(lambda: Store.open(tmp_path / "file" / "below", SECRET)).code == "store_folder_unwritable"


def test_a_folder_with_signs_of_addresses_in_its_name_opens(tmp_path: Path) -> None:
    folder = tmp_path / "Sổ Xã #1 100% ?mode=ro & 'x'"
    made(folder, 3)
    open_and_read(folder)


# Two connections


def test_typing_and_pulling_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """The screen's connection types while the worker's takes pages and confirms."""
    typing = Store.open(tmp_path, SECRET)
    failed: list[BaseException] = []

    def pull() -> None:
        worker = Store.open(tmp_path, SECRET)
        try:
            for seq in range(1, 60):
                rows = [record(head(str(seq)), key=cell(1_000 + seq * 20 + n)) for n in range(20)]
                take(worker, page(*rows, seq=seq))
                confirm(worker)
                worker.checkpoint()
        except BaseException as error:  # noqa: BLE001 what went wrong in the thread is the test's result
            failed.append(error)
        finally:
            worker.close()

    thread = threading.Thread(target=pull)
    thread.start()
    typed = 0
    while thread.is_alive() or typed < 50:
        write(typing, str(typed), cell(typed % 40))
        typed += 1
    thread.join()
    assert failed == []
    assert typing.waiting() == typed
    assert len(typing.cells(VALUE, VILLAGE)) == 59 * 20 + min(typed, 40)
    push = outbox(typing)
    assert [change.n for change in push.changes] == list(range(1, len(push.changes) + 1))
    typing.close()


@pytest.mark.parametrize("read", ["shown", "cells", "select"])
def test_a_cell_is_read_of_one_state_while_the_worker_lets_it_give_way(tmp_path: Path, read: str) -> None:
    """The page and the confirmation come between two looks; of what was typed twice, one has not seen the base."""
    screen, worker = Store.open(tmp_path, SECRET), Store.open(tmp_path, SECRET)
    take(worker, page(record(head("0"))))
    write(screen, "2")
    write(screen, "1")
    push_all(worker)
    reads: dict[str, Callable[[], Shown | None]] = {
        "shown": lambda: screen.shown(CELL),
        "cells": lambda: screen.cells(VALUE, VILLAGE)[CELL],
        "select": lambda: screen.select(VALUE, "48")[CELL],
    }
    came: list[str] = []

    def between(statement: str) -> None:
        if statement.startswith("SELECT") and not came:
            came.append(statement)
            return
        if len(came) == 1 and statement.startswith("SELECT"):
            came.append(statement)
            take(worker, page(record(head("7")), seq=2))
            confirm(worker)

    screen.db.set_trace_callback(between)
    during = reads[read]()
    screen.db.set_trace_callback(None)
    assert len(came) == 2
    assert during is not None
    assert during.content == "1"
    found = screen.shown(CELL)
    assert found is not None
    assert found.content == "7"
    screen.close()
    worker.close()


def test_what_one_connection_wrote_the_other_reads(tmp_path: Path) -> None:
    screen, worker = Store.open(tmp_path, SECRET), Store.open(tmp_path, SECRET)
    assert screen.device == worker.device
    write(screen, "5")
    assert outbox(worker).changes
    take(worker, page(record(head("7"), key=cell(2))))
    found = screen.shown(cell(2))
    assert found is not None
    assert found.state is CellState.RECEIVED
    screen.close()
    worker.close()


def test_a_file_that_is_damaged_under_an_open_store_is_a_fault_wherever_it_is_read(tmp_path: Path) -> None:
    store = Store.open(tmp_path, SECRET)
    write(store, "5")
    store.close()
    store = Store.open(tmp_path, SECRET)
    whole = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    for read in (store.last_link, lambda: store.shown(CELL), lambda: store.history(CELL), lambda: outbox(store)):
        assert fault_of(read).code == "store_damaged"
    store.close()


def test_a_file_that_another_program_holds_is_busy(tmp_path: Path) -> None:
    store, other = Store.open(tmp_path, SECRET), Store.open(tmp_path, SECRET)
    store.db.execute("PRAGMA busy_timeout = 1")
    other.db.execute("BEGIN IMMEDIATE")
    assert fault_of(lambda: write(store, "5")).code == "store_busy"
    assert store.shown(CELL) is None
    other.db.execute("ROLLBACK")
    write(store, "5")
    assert store.waiting() == 1
    store.close()
    other.close()
