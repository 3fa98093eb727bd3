"""The store's raw key while nobody has a password: in the system's keyring where there is one, else in a file that
only its owner may read. With the first password it leaves both."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.protocol.disk import write_secret
from sync.store.connection import FILE_NAME

KEY_BYTES: Final = 32
FILE: Final = "soxa.key"
PEOPLE: Final = "soxa.people"
PEOPLE_COPY: Final = "soxa.people.copy"
RECOVERY: Final = "soxa.recovery"
SERVICE: Final = "soxa"


def store_key(folder: Path) -> bytes:
    """The folder's key, made on first use: 32 bytes.

    Raises `EnvironmentFault`: store_key_missing when there is a store but its key is on another PC or was removed,
    store_folder_unwritable, disk_full.
    """
    folder = folder.resolve()
    try:
        kept = _from_file(folder / FILE) or _from_keyring(folder)
        if kept:
            return kept
        if (folder / FILE_NAME).exists():
            raise EnvironmentFault("store_key_missing", folder=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        return _make(folder)
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "store_folder_unwritable"
        raise EnvironmentFault(code, folder=str(folder)) from error


def has_people(folder: Path) -> bool:
    """Whether somebody has a password here (`people`): then nothing opens without one."""
    return (folder / PEOPLE).exists() or (folder / PEOPLE_COPY).exists()


def has_recovery(folder: Path) -> bool:
    """Whether a copy of the key is kept that a centre can open (`recovery`)."""
    return (folder / RECOVERY).exists()


def forget_key(folder: Path) -> bool:
    """Let the raw key lie here no longer: somebody has a password. False if it may still, in a keyring that is locked.

    Another store's key stays.
    """
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    folder = folder.resolve()
    try:
        _wipe(folder / FILE)
        if keyring.get_password(SERVICE, str(folder)):
            keyring.delete_password(SERVICE, str(folder))
    except NoKeyringError:
        return True
    except (KeyringError, OSError):
        return False
    return True


def _wipe(path: Path) -> None:
    """Write over it first: what is only unlinked can be read for a while."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(b"0" * 2 * KEY_BYTES)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _from_file(path: Path) -> bytes | None:
    try:
        written = path.read_text("ascii").strip()
        return _checked(written, path.parent)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise EnvironmentFault("store_key_missing", folder=str(path.parent)) from error


def _from_keyring(folder: Path) -> bytes | None:
    # Imported only for a folder that has no key file: the import is half of a start.
    import keyring
    from keyring.errors import KeyringError

    try:
        written = keyring.get_password(SERVICE, str(folder))
    except KeyringError:
        return None
    return _checked(written, folder) if written else None


def _checked(written: str, folder: Path) -> bytes:
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise EnvironmentFault("store_key_missing", folder=str(folder))
    return key


def _make(folder: Path) -> bytes:
    """A new key, in the keyring if that takes it and gives it back, else in the file."""
    import keyring
    from keyring.errors import KeyringError

    key = os.urandom(KEY_BYTES)
    try:
        keyring.set_password(SERVICE, str(folder), key.hex())
        if keyring.get_password(SERVICE, str(folder)) == key.hex():
            return key
    except KeyringError:
        pass
    # Half a key would lock the folder for ever.
    write_secret(folder / FILE, key.hex().encode())
    return key
