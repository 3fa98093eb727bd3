"""The centre's Ed25519 key, in a file of its owner's beside the database and never in it."""

import os
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from sync.domain.errors import EnvironmentFault
from sync.protocol.chain import device_id

FILE: Final = "centre.key"
_UNFINISHED: Final = "centre.key.part"
_SEED_BYTES: Final = 32


def make_key(folder: Path) -> SigningKey:
    """A new key, written before it is used. Raises FileExistsError when there is one: a key is never replaced."""
    key = SigningKey.generate()
    if (folder / FILE).exists():
        raise FileExistsError(folder / FILE)
    # Under another name until it is whole: half a key would lock the folder for ever.
    unfinished = folder / _UNFINISHED
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(bytes(key).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / FILE)
    return key


def read_key(folder: Path) -> SigningKey:
    """The centre's key. Raises EnvironmentFault store_key_missing when the file is missing or holds none."""
    file = folder / FILE
    try:
        seed = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise EnvironmentFault("store_key_missing", file=str(file)) from error
    if len(seed) != _SEED_BYTES:
        raise EnvironmentFault("store_key_missing", file=str(file))
    return SigningKey(seed)


def centre_id(key: SigningKey) -> str:
    """The name of the centre and of its own device."""
    return device_id(bytes(key.verify_key))
