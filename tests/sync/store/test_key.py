"""The store's raw key: made once, kept by the keyring or by a file of the owner's, never made up when it is gone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

from sync.domain.errors import EnvironmentFault
from sync.store import Store
from sync.store.connection import FILE_NAME
from sync.store.key import FILE, KEY_BYTES, store_key

NO_KEYRING: KeyringBackend = fail.Keyring()  # type: ignore[no-untyped-call]


class Kept(KeyringBackend):
    """A keyring that keeps in memory; one that forgets takes what it is given and gives nothing back."""

    priority = 1

    def __init__(self, *, forgets: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self._forgets = forgets
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self._forgets:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NO_KEYRING)
    yield
    keyring.set_keyring(before)


def fault_code(folder: Path) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        store_key(folder)
    return caught.value.code


def test_without_a_keyring_the_key_is_a_file_of_the_owners(tmp_path: Path) -> None:
    key = store_key(tmp_path / "new" / "folder")
    assert len(key) == KEY_BYTES
    path = tmp_path / "new" / "folder" / FILE
    assert path.read_text() == key.hex()
    assert [found.name for found in path.parent.iterdir()] == [FILE]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store_key(tmp_path / "new" / "folder") == key


def test_every_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert store_key(tmp_path / "a") != store_key(tmp_path / "b")


def test_a_keyring_keeps_the_key_and_no_file_does(tmp_path: Path) -> None:
    keyring.set_keyring(Kept())
    key = store_key(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert store_key(tmp_path) == key


def test_a_folder_is_the_same_by_whatever_path_it_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(Kept())
    monkeypatch.chdir(tmp_path)
    assert store_key(Path("data")) == store_key(tmp_path / "data" / ".." / "data")


def test_a_keyring_that_forgets_is_not_trusted(tmp_path: Path) -> None:
    keyring.set_keyring(Kept(forgets=True))
    key = store_key(tmp_path)
    assert (tmp_path / FILE).read_text() == key.hex()


def test_a_file_goes_before_the_keyring(tmp_path: Path) -> None:
    key = store_key(tmp_path)
    keyring.set_keyring(Kept())
    assert store_key(tmp_path) == key


def test_a_store_whose_key_is_gone_gets_no_new_one(tmp_path: Path) -> None:
    Store.open(tmp_path, store_key(tmp_path)).close()
    before = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE).unlink()
    assert fault_code(tmp_path) == "store_key_missing"
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("written", ["", "not hexadecimal", "00" * 31, "00" * 33, "khoá", "\0" * 64])
def test_a_key_file_that_holds_no_key_is_left_as_it_is(tmp_path: Path, written: str) -> None:
    (tmp_path / FILE).write_text(written, encoding="utf-8")
    assert fault_code(tmp_path) == "store_key_missing"
    assert (tmp_path / FILE).read_text(encoding="utf-8") == written


def test_a_keyring_entry_that_is_no_key_is_left_as_it_is(tmp_path: Path) -> None:
    kept = Kept()
    keyring.set_keyring(kept)
    kept.set_password("soxa", str(tmp_path.resolve()), "something else")
    assert fault_code(tmp_path) == "store_key_missing"
    assert list(kept.kept.values()) == ["something else"]


def test_a_line_end_after_the_key_is_no_harm(tmp_path: Path) -> None:
    key = store_key(tmp_path)
    (tmp_path / FILE).write_text(key.hex() + "\r\n")
    assert store_key(tmp_path) == key


def test_a_start_that_was_cut_off_while_the_key_was_written_makes_it_anew(tmp_path: Path) -> None:
    (tmp_path / "soxa.key.part").write_text("00ff")
    key = store_key(tmp_path)
    assert store_key(tmp_path) == key
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_full_disk_leaves_no_half_key_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert fault_code(tmp_path) == "disk_full"
    monkeypatch.undo()
    keyring.set_keyring(NO_KEYRING)
    key = store_key(tmp_path)
    assert store_key(tmp_path) == key


def test_a_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert fault_code(tmp_path / "file") == "store_folder_unwritable"
