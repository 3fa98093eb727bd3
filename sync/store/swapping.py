"""Databases under another key on their way into the places of those that stand there.

soxa-rekeyed.db, soxa-files-rekeyed.db    the databases under the new key, until they are in their places
"""

from pathlib import Path

from sync.protocol.disk import settle
from sync.store import connection as file
from sync.store import files_database


def swap(folder: Path) -> None:
    """Put the new databases in the places of the old ones; the first decides that it is done. Raises OSError."""
    for path in databases(folder):
        if rekeyed(path).exists():
            rekeyed(path).replace(path)
    settle(folder)


def discard(folder: Path) -> None:
    """Forget what was begun and has not taken its place. Raises OSError."""
    for path in databases(folder):
        for end in ("", "-wal", "-shm", "-journal"):
            rekeyed(path).with_name(rekeyed(path).name + end).unlink(missing_ok=True)


def databases(folder: Path) -> list[Path]:
    """The store comes first: by its salt it is known under which key everything is."""
    return [folder / file.FILE_NAME, folder / files_database.FILE_NAME]


def rekeyed(path: Path) -> Path:
    return path.with_name(f"{path.stem}-rekeyed{path.suffix}")
