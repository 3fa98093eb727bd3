"""Files that are on the disk, whole, when a call returns: keys, and what takes the place of keys and databases."""

import os
from pathlib import Path


def write_secret(path: Path, written: bytes) -> None:
    """All of it or nothing, in the place of what stands there, for this user of the system alone. Raises OSError."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    # On Windows the mode says nothing; the user's own data folder is what protects the file there.
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(written)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Have on the disk which files a folder holds under which names; Windows does so by itself. Raises OSError."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
