"""The centre's keys, in files of their owner's beside the database and never in it: one signs, one opens recoveries."""

from pathlib import Path
from typing import Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from sync.domain.errors import EnvironmentFault
from sync.protocol.chain import device_id
from sync.protocol.disk import write_secret

FILE: Final = "centre.key"
RECOVERY_FILE: Final = "recovery.key"
_SEED_BYTES: Final = 32


def make_key(folder: Path) -> SigningKey:
    """A new key, written before it is used. Raises FileExistsError when there is one: a key is never replaced."""
    key = SigningKey.generate()
    _write(folder / FILE, bytes(key))
    return key


def make_recovery_key(folder: Path) -> None:
    """A new recovery key. Raises FileExistsError: copies that are sealed to the one before need that one."""
    _write(folder / RECOVERY_FILE, bytes(PrivateKey.generate()))


def read_key(folder: Path) -> SigningKey:
    """The centre's key. Raises EnvironmentFault store_key_missing when the file is missing or holds none."""
    return SigningKey(_read(folder / FILE, "store_key_missing"))


def read_recovery_key(folder: Path) -> bytes:
    """The private half, 32 bytes. Raises EnvironmentFault recovery_key_missing when the file is missing or no key."""
    return _read(folder / RECOVERY_FILE, "recovery_key_missing")


def recovery_public_key(folder: Path) -> bytes:
    """The half that devices seal to; b"" for a centre that has none yet. Raises EnvironmentFault for one damaged."""
    if not (folder / RECOVERY_FILE).exists():
        return b""
    return bytes(PrivateKey(read_recovery_key(folder)).public_key)


def _write(path: Path, key: bytes) -> None:
    if path.exists():
        raise FileExistsError(path)
    # Half a key would lock the folder for ever.
    write_secret(path, f"{key.hex()}\n".encode())


def _read(path: Path, fault: str) -> bytes:
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise EnvironmentFault(fault, file=str(path)) from error
    if len(seed) != _SEED_BYTES:
        raise EnvironmentFault(fault, file=str(path))
    return seed


def centre_id(key: SigningKey) -> str:
    """The name of the centre and of its own device."""
    return device_id(bytes(key.verify_key))
