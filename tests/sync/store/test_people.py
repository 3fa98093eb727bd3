"""Who may open a folder: each by a password of their own, guessed slowly, and by nothing else; nothing is lost."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest

from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import Cost
from sync.store import Store
from sync.store.key import FILE as KEY_FILE
from sync.store.key import PEOPLE as FILE
from sync.store.key import PEOPLE_COPY as COPY
from sync.store.key import has_people, store_key
from sync.store.people import FREE_TRIES, LONGEST_WAIT_S, People, is_name, waits_s, weakness
from tests.sync.store.test_key import Kept, no_keyring

CHEAP = Cost(1, 1)
HOA, AN = "Nguyễn Thị Hoa", "Trần Văn An"
PASSWORD, OTHER = "con trâu đi trước", "cái cày theo sau"

__all__ = ["no_keyring"]


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a key that lies open in a file, as before anybody has a password."""
    made = tmp_path / "data"
    Store.open(made, store_key(made)).close()
    return made


MakePeople = Callable[[], People]


@pytest.fixture
def people(folder: Path, clock: Clock) -> People:
    """Hoa has a password."""
    found = People(folder, clock, CHEAP)
    found.let_in(store_key(folder))
    found.put(HOA, PASSWORD)
    return found


def fault(work: Callable[[], object]) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        work()
    return caught.value


def wait_of(found: EnvironmentFault) -> float:
    wait_s = found.details["wait_s"]
    assert isinstance(wait_s, float)
    return wait_s


def again(folder: Path, clock: Clock) -> People:
    """After a restart."""
    return People(folder, clock, CHEAP)


def test_the_first_password_takes_the_key_out_of_the_open(folder: Path, clock: Clock) -> None:
    key = store_key(folder)
    assert not has_people(folder)
    people = People(folder, clock, CHEAP)
    people.let_in(key)
    people.put(HOA, PASSWORD)
    assert has_people(folder)
    assert not (folder / KEY_FILE).exists()
    for path in folder.iterdir():
        written = path.read_bytes()
        assert key not in written
        assert key.hex().encode() not in written
        assert PASSWORD.encode() not in written
    if os.name == "posix":
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in (FILE, COPY)} == {0o600}
    assert again(folder, clock).sign_in(HOA, PASSWORD) == key
    Store.open(folder, key).close()


def test_the_first_password_takes_the_key_out_of_the_keyring(tmp_path: Path, clock: Clock) -> None:
    kept = Kept()
    keyring.set_keyring(kept)
    folder = tmp_path / "data"
    key = store_key(folder)
    Store.open(folder, key).close()
    assert kept.kept
    people = People(folder, clock, CHEAP)
    people.let_in(key)
    people.put(HOA, PASSWORD)
    assert not kept.kept
    assert fault(lambda: store_key(folder)).code == "store_key_missing"


def test_a_keyring_that_was_locked_gives_the_key_up_at_the_next_sign_in(tmp_path: Path, clock: Clock) -> None:
    kept = Kept()
    keyring.set_keyring(kept)
    folder = tmp_path / "data"
    key = store_key(folder)
    Store.open(folder, key).close()
    people = People(folder, clock, CHEAP)
    people.let_in(key)
    kept.locked = True
    people.put(HOA, PASSWORD)
    assert kept.kept
    kept.locked = False
    again(folder, clock).sign_in(HOA, PASSWORD)
    assert not kept.kept


def test_the_keyring_is_not_asked_at_every_sign_in(
    people: People, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("the keyring was asked")

    monkeypatch.setattr(keyring, "get_password", asked)
    assert again(folder, clock).sign_in(HOA, PASSWORD) == people.key


def test_two_people_open_the_same_store(people: People, folder: Path, clock: Clock) -> None:
    people.put(AN, OTHER)
    later = again(folder, clock)
    assert later.names() == [HOA, AN]
    assert later.sign_in(HOA, PASSWORD) == later.sign_in(AN, OTHER) == people.key
    assert fault(lambda: later.sign_in(AN, PASSWORD)).code == "password_wrong"


def test_a_password_is_changed_by_who_knows_it(people: People, folder: Path, clock: Clock) -> None:
    assert fault(lambda: people.change(HOA, OTHER, OTHER)).code == "password_wrong"
    people.change(HOA, PASSWORD, OTHER)
    later = again(folder, clock)
    assert fault(lambda: later.sign_in(HOA, PASSWORD)).code == "password_wrong"
    assert later.sign_in(HOA, OTHER) == people.key


def test_who_was_removed_is_out_and_the_last_one_stays(people: People, folder: Path, clock: Clock) -> None:
    people.put(AN, OTHER)
    people.remove(HOA)
    assert again(folder, clock).names() == [AN]
    with pytest.raises(ValueError, match="last"):
        people.remove(AN)
    assert again(folder, clock).sign_in(AN, OTHER) == people.key


def test_what_a_password_costs_is_raised_when_its_owner_comes(folder: Path, people: People, clock: Clock) -> None:
    dearer = People(folder, clock, Cost(2, 2))
    assert dearer.sign_in(HOA, PASSWORD) == people.key
    assert b'"ops":2,"memory_mb":2' in (folder / FILE).read_bytes()
    assert again(folder, clock).sign_in(HOA, PASSWORD) == people.key


# Guessing


def test_wrong_passwords_cost_a_wait_that_grows_and_ends(people: People, clock: Clock) -> None:
    waits = []
    for _ in range(12):
        waits.append(wait_of(fault(lambda: people.sign_in(HOA, "không phải"))))
        if wait_s := people.wait_s(HOA):
            assert fault(lambda: people.sign_in(HOA, PASSWORD)).code == "password_wait"
            clock.now_s += wait_s
    assert waits[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S
    assert people.sign_in(HOA, PASSWORD) == people.key
    assert people.wait_s(HOA) == 0
    assert wait_of(fault(lambda: people.sign_in(HOA, "không phải"))) == 0


def test_a_thousand_wrong_passwords_lose_nothing(
    people: People, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a disk's time is no part of this
    for _ in range(1000):
        assert fault(lambda: people.sign_in(HOA, "không phải")).code == "password_wrong"
        clock.now_s += LONGEST_WAIT_S
    clock.now_s -= LONGEST_WAIT_S
    assert people.wait_s(HOA) == LONGEST_WAIT_S
    later = again(folder, clock)
    assert later.wait_s(HOA) == LONGEST_WAIT_S
    clock.now_s += LONGEST_WAIT_S
    assert later.sign_in(HOA, PASSWORD) == people.key


def test_neither_a_restart_nor_another_clock_shortens_the_wait(people: People, folder: Path) -> None:
    for _ in range(FREE_TRIES + 2):
        fault(lambda: people.sign_in(HOA, "không phải"))
        people._since[HOA] -= LONGEST_WAIT_S
    for started_s in (0.0, -(10.0**9), 10.0**9):
        clock = Clock()
        clock.now_s = started_s
        later = again(folder, clock)
        assert later.wait_s(HOA) == waits_s(FREE_TRIES + 2)
        assert fault(lambda: later.sign_in(HOA, PASSWORD)).code == "password_wait"  # noqa: B023


def test_one_persons_guesses_do_not_keep_another_out(people: People, clock: Clock) -> None:
    people.put(AN, OTHER)
    for _ in range(FREE_TRIES):
        fault(lambda: people.sign_in(HOA, "không phải"))
    assert people.wait_s(HOA) > 0
    assert people.sign_in(AN, OTHER) == people.key


def test_a_guess_counts_also_while_the_disk_is_full(
    people: People, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for _ in range(FREE_TRIES):
        assert fault(lambda: people.sign_in(HOA, "không phải")).code == "password_wrong"
    assert people.wait_s(HOA) > 0
    clock.now_s += LONGEST_WAIT_S
    assert people.sign_in(HOA, PASSWORD) == people.key


@pytest.mark.parametrize("wrong", [0, 1, FREE_TRIES - 1, FREE_TRIES, 30, 1000, 10**9])
def test_a_wait_is_bounded(wrong: int) -> None:
    assert 0 <= waits_s(wrong) <= LONGEST_WAIT_S


# Files


def test_a_full_disk_changes_nothing(people: People, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / FILE).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert fault(lambda: people.put(AN, OTHER)).code == "disk_full"
    assert (folder / FILE).read_bytes() == before
    assert people.names() == [HOA]


def test_the_key_stays_in_the_open_until_the_first_password_is_on_the_disk(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = store_key(folder)
    people = People(folder, clock, CHEAP)
    people.let_in(key)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert fault(lambda: people.put(HOA, PASSWORD)).code == "disk_full"
    assert store_key(folder) == key
    assert again(folder, clock).names() == []


@pytest.mark.parametrize("name", [FILE, COPY])
@pytest.mark.parametrize("damage", [b"", b"x", b"soxa-people 1 00\n{}", None])
def test_a_damaged_file_is_mended_from_the_other(
    people: People, folder: Path, clock: Clock, name: str, damage: bytes | None
) -> None:
    path = folder / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + b"9" + whole[-8:] if damage is None else damage)
    later = again(folder, clock)
    assert later.sign_in(HOA, PASSWORD) == people.key
    if name == FILE:
        assert later.fault is not None
        assert later.fault.code == "people_mended"
        assert (folder / "soxa-damaged-1.people").exists()
        assert again(folder, clock).fault is None


def test_a_file_that_was_deleted_is_made_again_from_the_other(people: People, folder: Path, clock: Clock) -> None:
    (folder / FILE).unlink()
    assert again(folder, clock).sign_in(HOA, PASSWORD) == people.key
    assert (folder / FILE).exists()


def test_two_damaged_files_are_said_and_kept(people: People, folder: Path, clock: Clock) -> None:
    for name in (FILE, COPY):
        (folder / name).write_bytes(b"damaged")
    for _ in range(2):
        later = again(folder, clock)
        assert later.names() == []
        assert later.fault is not None
        assert later.fault.code == "people_damaged"
    assert [path.name for path in folder.glob("*.people") if "damaged" in path.name] == ["soxa-damaged-1.people"]
    # Whoever has the key all the same is let in, and lets others in.
    assert people.key is not None
    later.let_in(people.key)
    later.put(HOA, OTHER)
    assert again(folder, clock).sign_in(HOA, OTHER) == people.key


def test_the_file_of_a_newer_version_is_left_alone(people: People, folder: Path, clock: Clock) -> None:
    newer = (folder / FILE).read_bytes().replace(b"soxa-people 2 ", b"soxa-people 3 ")
    (folder / FILE).write_bytes(newer)
    assert fault(lambda: again(folder, clock)).code == "store_newer"
    assert (folder / FILE).read_bytes() == newer


def test_another_stores_people_open_nothing_here(people: People, folder: Path, clock: Clock, tmp_path: Path) -> None:
    other = tmp_path / "other"
    Store.open(other, store_key(other)).close()
    theirs = People(other, clock, CHEAP)
    theirs.let_in(store_key(other))
    theirs.put(HOA, PASSWORD)
    for name in (FILE, COPY):
        shutil.copy(other / name, folder / name)
    found = again(folder, clock)
    assert found.names() == []
    assert found.fault is not None
    assert found.fault.code == "people_foreign"


def test_one_persons_lock_does_not_open_under_anothers_name(people: People, folder: Path, clock: Clock) -> None:
    """Whoever renames an entry in the file, and repairs its checksum, still needs that person's password."""
    people.put(AN, OTHER)
    people._write(
        type(people._body)(
            people._body.store,
            tuple(
                type(one)(other.name, one.locked)
                for one, other in zip(people._body.people, reversed(people._body.people), strict=True)
            ),
        )
    )
    later = again(folder, clock)
    for name, password in ((HOA, OTHER), (AN, PASSWORD)):
        assert fault(lambda: later.sign_in(name, password)).code == "password_wrong"  # noqa: B023


def test_a_copied_folder_opens_with_no_key(people: People, folder: Path, clock: Clock, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    shutil.copytree(folder, stolen)
    assert fault(lambda: store_key(stolen)).code == "store_key_missing"
    thief = again(stolen, clock)
    assert thief.key is None
    assert fault(lambda: thief.sign_in(HOA, "12345678")).code == "password_wrong"
    assert fault(lambda: Store.open(stolen, bytes(32))).code == "store_damaged"
    # The owner's password opens the copy: a folder is what a person may move to another PC.
    assert thief.sign_in(HOA, PASSWORD) == people.key


def test_a_store_that_is_gone_gets_no_new_one_behind_old_passwords(people: People, folder: Path, clock: Clock) -> None:
    kept = (folder / "soxa.db").rename(folder / "elsewhere")
    assert fault(lambda: again(folder, clock)).code == "store_missing"
    kept.rename(folder / "soxa.db")
    assert again(folder, clock).sign_in(HOA, PASSWORD) == people.key


# Names and passwords


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "short"),
        ("a1b2c3d", "short"),
        ("11111111", "run"),
        ("12345678", "run"),
        ("abababab", "run"),
        ("87654321", "run"),
        ("nguyenthihoa", "named"),
        ("Nguyễn Thị", "named"),
        ("19862703", ""),
        ("con trâu đi trước", ""),
    ],
)
def test_what_would_be_guessed_at_once_is_not_taken(people: People, password: str, why: str) -> None:
    assert weakness(password, HOA) == why
    if why:
        with pytest.raises(ValueError, match="password"):
            people.put(HOA, password)


@pytest.mark.parametrize(
    ("name", "may"),
    [("Hoa", True), ("", False), (" Hoa", False), ("Hoa\n", False), ("a" * 201, False), ("Hoa\u0301", False)],
)
def test_a_name_is_one_that_changes_may_bear(name: str, may: bool) -> None:
    assert is_name(name) is may
