"""The recovery copy of a folder's key, kept beside the store, and how a reset of the centre lets a person in again."""

from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import msgspec
from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import WrongPasswordError
from sync.protocol.recovery import RecoveryCopy, RecoveryError, Reset, open_reset, read, seal_copy, write
from sync.store.connection import FILE_NAME
from sync.store.key import RECOVERY
from sync.store.people import People, replace_file, salt_of

SUFFIX: Final = ".soxa"
"""How the files end that go to the centre and come back."""


def keep_copy(folder: Path, key: bytes, device: str, centre: bytes) -> None:
    """Have a recovery copy for this store and centre, whose public recovery key is `centre`; b"" for none.

    One that is right already stays as it is. Raises EnvironmentFault: store_folder_unwritable, disk_full.
    """
    store = salt_of(folder)
    if not centre or store is None:
        return
    kept = _kept(folder)
    if kept is None or (kept.store, kept.device, kept.centre) != (store, device, centre):
        replace_file(folder / RECOVERY, write(seal_copy(key, store, device, centre)))


def reseal(folder: Path, key: bytes) -> None:
    """The store has another key: have the copy of that one, if there was a copy. Raises as `keep_copy`."""
    kept = _kept(folder)
    if kept is not None:
        keep_copy(folder, key, kept.device, kept.centre)


def has_copy(folder: Path) -> bool:
    """Whether the centre can let somebody into this store again."""
    kept = _kept(folder)
    return kept is not None and kept.store == salt_of(folder)


def write_request(folder: Path, person: str, path: Path) -> None:
    """Write the file that `person` sends to the centre. Raises EnvironmentFault: recovery_missing, file_unwritable."""
    kept = _kept(folder)
    if kept is None or not has_copy(folder):
        raise EnvironmentFault("recovery_missing")
    try:
        path.write_bytes(write(msgspec.structs.replace(kept, person=person)))
    except OSError as error:
        raise EnvironmentFault("file_unwritable", file=path.name) from error


def read_reset(folder: Path, people: People, path: Path, name: str) -> Reset:
    """The centre's answer in `path`, if it is one for this store and for `name`; "" for whoever it names.

    Raises EnvironmentFault: file_unreadable, recovery_damaged, recovery_request (the file that was sent, not the
    answer), recovery_foreign, recovery_other_person, recovery_used.
    """
    try:
        found = read(path.read_bytes())
    except OSError as error:
        raise EnvironmentFault("file_unreadable", file=path.name) from error
    except RecoveryError as error:
        raise EnvironmentFault("recovery_damaged", file=path.name) from error
    if isinstance(found, RecoveryCopy):
        raise EnvironmentFault("recovery_request", file=path.name)
    if found.store != salt_of(folder):
        raise EnvironmentFault("recovery_foreign", file=path.name)
    if name and found.person != name:
        raise EnvironmentFault("recovery_other_person", found=found.person)
    if people.was_used(found.id):
        raise EnvironmentFault("recovery_used", file=path.name)
    return found


def take_reset(folder: Path, people: People, reset: Reset, code: str, password: str) -> None:
    """Set a new password for the person of `reset`; it cannot be taken again.

    Raises EnvironmentFault: recovery_code, recovery_foreign, memory_short, and as `People.put`.
    """
    try:
        key = open_reset(reset, code)
    except WrongPasswordError as error:
        raise EnvironmentFault("recovery_code") from error
    if not _opens(folder, key):
        raise EnvironmentFault("recovery_foreign")
    people.let_in(key)
    people.put(reset.person, password)
    with suppress(EnvironmentFault):  # they are in; that is what counts
        people.mark_used(reset.id)


def _kept(folder: Path) -> RecoveryCopy | None:
    try:
        found = read((folder / RECOVERY).read_bytes())
    except (OSError, RecoveryError):
        return None
    return found if isinstance(found, RecoveryCopy) else None


def _opens(folder: Path, key: bytes) -> bool:
    """Whether this is the database's key: a file may say that it is, and the people's passwords hang on it."""
    path = (folder / FILE_NAME).absolute()
    try:
        with closing(dbapi2.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except dbapi2.Error:
        return False
    return True
