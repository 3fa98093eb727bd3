"""The administrator's commands for files of evidence."""

import os
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from sync.central.centre import open_centre
from sync.central.shelf import Shelf
from sync.central.terminal import CATALOGUES
from sync.domain.evidence import Evidence, key_of
from sync.domain.media import Media
from sync.exchange.catalogue import load
from tests.sync.central.conftest import COMMUNE, Clock, Run
from tests.sync.central.test_filing import DATA, HASH, TASK, pdf


def name(folder: Path, data: bytes = DATA, number: int = 1) -> str:
    """Let a record name a file."""
    said = Evidence("a.pdf", sha256(data).hexdigest(), len(data), Media.PDF)
    key = key_of(COMMUNE, TASK, f"019324c1-5a00-7000-8000-{number:012x}")
    with closing(open_centre(folder, load(CATALOGUES), Clock())) as centre:
        centre.repository.decide([(key, said.content())], "admin")
    return said.sha256


def put(folder: Path, data: bytes = DATA, hashed: str = HASH, days: int = 0) -> Path:
    path = Shelf(folder).folder / hashed[:2] / hashed
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_what_has_not_come_is_listed(run: Run, province_folder: Path) -> None:
    assert "0 files, 0 MB; 0 have not come; 0 are evidence of nothing" in run("evidence", "list").stdout
    name(province_folder)
    other = name(province_folder, pdf(3 << 20, 2), 2)
    put(province_folder, pdf(3 << 20, 2), other)
    put(province_folder, b"x", "a" * 64)
    said = run("evidence", "list").stdout.splitlines()
    assert said[0] == f"{HASH}\t{len(DATA)}\t{COMMUNE}"
    assert said[1].startswith("2 files, 3 MB; 1 have not come; 1 are evidence of nothing any more.")


def test_a_damaged_file_is_put_aside_and_said(run: Run, province_folder: Path) -> None:
    path = put(province_folder)
    assert run("evidence", "check").stdout == "1 files, all whole.\n"
    path.write_bytes(DATA[:-1])
    done = run("evidence", "check")
    assert done.exit_code == 2
    assert f"{path}.damaged" in done.stdout
    assert "1 of 1 files are damaged" in done.stderr
    assert not path.exists()
    assert run("evidence", "check").stdout == "0 files, all whole.\n"


def test_only_what_is_evidence_of_nothing_and_came_long_ago_is_dropped(run: Run, province_folder: Path) -> None:
    name(province_folder)
    kept = [put(province_folder, days=100), put(province_folder, b"x", "b" * 64, days=29)]
    old = put(province_folder, b"x", "a" * 64, days=31)
    assert run("evidence", "tidy").stdout == "Dropped 1 files, 0 MB, that came more than 30 days ago.\n"
    assert not old.exists()
    assert all(path.exists() for path in kept)
    assert "Dropped 1 files" in run("evidence", "tidy", "--days", "28").stdout
    assert kept[0].exists()
