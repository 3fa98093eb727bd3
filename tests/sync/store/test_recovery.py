"""A forgotten password: the copy beside the store, the file for the centre, and the reset that lets in once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey

from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import Cost
from sync.protocol.recovery import RecoveryCopy, Reset, make_reset, open_copy, random_code, read, write
from sync.store import Store
from sync.store.key import RECOVERY
from sync.store.people import People
from sync.store.recovery import has_copy, keep_copy, read_reset, take_reset, write_request

CENTRE = PrivateKey(b"c" * 32)
PUBLIC = bytes(CENTRE.public_key)
CHEAP = Cost(1, 1)
HOA, AN = "Nguyễn Thị Hoa", "Trần Văn An"
PASSWORD, NEW = "mot hai ba bon", "nam sau bay tam"


def key_of(folder: Path) -> bytes:
    return folder.name.encode().ljust(32, b"k")


def made(folder: Path) -> People:
    """A store with two people and a recovery copy."""
    store = Store.open(folder, key_of(folder))
    keep_copy(folder, key_of(folder), store.device, PUBLIC)
    store.close()
    people = People(folder, cost=CHEAP)
    people.let_in(key_of(folder))
    people.put(HOA, PASSWORD)
    people.put(AN, PASSWORD)
    return people


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def people(folder: Path) -> People:
    """After a restart, with nobody in."""
    return People(folder, cost=CHEAP)


def answered(folder: Path, person: str, path: Path) -> str:
    """What the centre does: the answer written into `path`, and its code."""
    write_request(folder, person, path)
    copy = read(path.read_bytes())
    assert isinstance(copy, RecoveryCopy)
    code = random_code()
    path.write_bytes(write(make_reset(open_copy(copy, bytes(CENTRE)), copy, code, CHEAP)))
    return code


def fault(work: Callable[[], object]) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        work()
    return caught.value.code


def test_a_new_password_by_a_file_and_a_code(folder: Path, people: People, tmp_path: Path) -> None:
    code = answered(folder, HOA, tmp_path / "file")
    reset = read_reset(folder, people, tmp_path / "file", HOA)
    take_reset(folder, people, reset, code, NEW)
    later = People(folder, cost=CHEAP)
    assert later.names() == [HOA, AN]
    assert later.sign_in(HOA, NEW) == later.sign_in(AN, PASSWORD) == key_of(folder)
    assert fault(lambda: later.sign_in(HOA, PASSWORD)) == "password_wrong"


def test_a_reset_is_taken_once(folder: Path, people: People, tmp_path: Path) -> None:
    code = answered(folder, HOA, tmp_path / "file")
    take_reset(folder, people, read_reset(folder, people, tmp_path / "file", HOA), code, NEW)
    for found in (people, People(folder, cost=CHEAP)):
        assert fault(lambda: read_reset(folder, found, tmp_path / "file", HOA)) == "recovery_used"  # noqa: B023


def test_a_wrong_code_changes_nothing(folder: Path, people: People, tmp_path: Path) -> None:
    code = answered(folder, HOA, tmp_path / "file")
    reset = read_reset(folder, people, tmp_path / "file", HOA)
    assert fault(lambda: take_reset(folder, people, reset, random_code(), NEW)) == "recovery_code"
    assert people.key is None
    assert People(folder, cost=CHEAP).sign_in(HOA, PASSWORD) == key_of(folder)
    take_reset(folder, people, reset, code, NEW)


def test_the_file_of_another_store_or_person_is_refused(folder: Path, people: People, tmp_path: Path) -> None:
    other = tmp_path / "other"
    made(other)
    answered(other, HOA, tmp_path / "file")
    assert fault(lambda: read_reset(folder, people, tmp_path / "file", HOA)) == "recovery_foreign"
    answered(folder, AN, tmp_path / "file")
    assert fault(lambda: read_reset(folder, people, tmp_path / "file", HOA)) == "recovery_other_person"
    assert read_reset(folder, people, tmp_path / "file", "").person == AN


def test_a_key_that_is_not_the_stores_locks_nobody_out(folder: Path, people: People, tmp_path: Path) -> None:
    """Whoever forges a copy for this store, sealed to the centre, gets an answer that opens nothing."""
    write_request(folder, HOA, tmp_path / "file")
    copy = read((tmp_path / "file").read_bytes())
    assert isinstance(copy, RecoveryCopy)
    code = random_code()
    forged = make_reset(b"f" * 32, copy, code, CHEAP)
    assert fault(lambda: take_reset(folder, people, forged, code, NEW)) == "recovery_foreign"
    assert not list(folder.glob("soxa-damaged*"))
    assert People(folder, cost=CHEAP).sign_in(HOA, PASSWORD) == key_of(folder)


def test_other_files_are_refused_in_words(folder: Path, people: People, tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert fault(lambda: read_reset(folder, people, path, HOA)) == "file_unreadable"
    path.write_bytes(b"%PDF-1.7")
    assert fault(lambda: read_reset(folder, people, path, HOA)) == "recovery_damaged"
    write_request(folder, HOA, path)
    assert fault(lambda: read_reset(folder, people, path, HOA)) == "recovery_request"
    assert fault(lambda: write_request(folder, HOA, tmp_path / "no" / "file")) == "file_unwritable"


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_without_a_copy_it_is_said(folder: Path, tmp_path: Path, damage: bytes | None) -> None:
    (folder / RECOVERY).unlink()
    if damage is not None:
        (folder / RECOVERY).write_bytes(damage)
    assert not has_copy(folder)
    assert fault(lambda: write_request(folder, HOA, tmp_path / "file")) == "recovery_missing"
    # The next sign-in makes it again.
    keep_copy(folder, key_of(folder), "d" * 20, PUBLIC)
    assert has_copy(folder)


def test_a_copy_is_made_anew_for_another_centre_only(folder: Path) -> None:
    before = (folder / RECOVERY).read_bytes()
    found = read(before)
    assert isinstance(found, RecoveryCopy)
    keep_copy(folder, key_of(folder), found.device, PUBLIC)
    keep_copy(folder, key_of(folder), found.device, b"")
    assert (folder / RECOVERY).read_bytes() == before
    keep_copy(folder, key_of(folder), found.device, bytes(PrivateKey(b"x" * 32).public_key))
    assert (folder / RECOVERY).read_bytes() != before


def test_a_damaged_file_of_passwords_is_no_end(folder: Path, tmp_path: Path) -> None:
    for name in ("soxa.people", "soxa.people.copy"):
        (folder / name).write_bytes(b"damaged")
    people = People(folder, cost=CHEAP)
    assert people.names() == []
    code = answered(folder, HOA, tmp_path / "file")
    take_reset(folder, people, read_reset(folder, people, tmp_path / "file", ""), code, NEW)
    assert People(folder, cost=CHEAP).sign_in(HOA, NEW) == key_of(folder)


def test_a_full_disk_loses_nothing(
    folder: Path, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = answered(folder, HOA, tmp_path / "file")
    reset = read_reset(folder, people, tmp_path / "file", HOA)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert fault(lambda: take_reset(folder, people, reset, code, NEW)) == "disk_full"
    assert People(folder, cost=CHEAP).sign_in(HOA, PASSWORD) == key_of(folder)
    take_reset(folder, people, reset, code, NEW)
    assert People(folder, cost=CHEAP).sign_in(HOA, NEW) == key_of(folder)


def test_neither_file_tells_a_thief_anything(folder: Path, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    shutil.copytree(folder, stolen)
    code = answered(folder, HOA, tmp_path / "file")
    for path in (*stolen.iterdir(), tmp_path / "file"):
        assert key_of(folder) not in path.read_bytes()
    thief = People(stolen, cost=CHEAP)
    reset = read_reset(stolen, thief, tmp_path / "file", HOA)
    assert fault(lambda: take_reset(stolen, thief, reset, random_code(), NEW)) == "recovery_code"
    other = msgspec.structs.replace(reset, person=AN)
    assert fault(lambda: take_reset(stolen, thief, other, code, NEW)) == "recovery_code"
    assert isinstance(reset, Reset)
