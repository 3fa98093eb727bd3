"""Another key for a folder's databases, so that whoever knew the one before reads nothing that is typed from then on.

Whoever was taken out of a PC's people may have kept a copy of the file of people: with their password it opens the key
of then. So the databases are written once more under a new key, beside the old ones, and the people's file says both
keys until the new databases stand in the place of the old ones (`swapping`). When the power fails, either all is as
before and it begins again at the next sign-in, or it is done.
"""

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault
from sync.store import connection as file
from sync.store import swapping
from sync.store.people import People
from sync.store.recovery import reseal

KEY_BYTES: Final = 32
_TRIES: Final = 20
_TRY_S: Final = 0.25
_PAGES: Final = 256
"""Pages in one go: a megabyte, after which it is told how far it is."""

Report = Callable[[int, int], None]
"""Is told how many pages are done, and how many there are."""


def change_key(folder: Path, people: People, report: Report) -> None:
    """Write the databases under a new key and let the people who are left open it. Nobody else may have them open.

    Raises `EnvironmentFault`: store_busy, disk_full, store_folder_unwritable, and store_damaged or evidence_damaged
    where not every page can be read. Then the key is as it was; or, where only half could take its place, `people`
    holds none, and the next start ends it before anything is opened.
    """
    assert people.key is not None, "only who is in changes the key"
    new = os.urandom(KEY_BYTES)
    paths = [path for path in swapping.databases(folder) if path.exists()]
    with file.faults(folder / file.FILE_NAME):
        swapping.discard(folder)
        for path in paths:
            with file.faults(path):
                _wait_until_alone(path, people.key)
        for path in paths:
            with file.faults(path), closing(_open(path, people.key)) as source:
                file.check(source, path)
        try:
            for path in paths:
                with file.faults(path):
                    _copy(path, people.key, new, report)
        except EnvironmentFault:
            # On a full disk whoever is let in would have no room to type.
            swapping.discard(folder)
            raise
        store = file.salt_at(swapping.rekeyed(folder / file.FILE_NAME))
        people.prepare(new, store)
        try:
            swapping.swap(folder)
        except OSError:
            if file.salt_at(folder / file.FILE_NAME) == store:
                people.key = None
            raise
    people.settle(new)
    with suppress(EnvironmentFault):  # the next sign-in does it
        reseal(folder, new)


def _open(path: Path, key: bytes) -> dbapi2.Connection:
    made = dbapi2.connect(str(path), isolation_level=None)
    file.unlock(made, key)
    return made


def _wait_until_alone(path: Path, key: bytes) -> None:
    """Until a thread that is about to end has closed it. Raises EnvironmentFault store_busy.

    Whoever closes a database last takes its log away.
    """
    log = path.with_name(path.name + "-wal")
    for _ in range(_TRIES):
        with closing(_open(path, key)) as source:
            source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if not log.exists():
            return
        time.sleep(_TRY_S)
    raise EnvironmentFault("store_busy", folder=str(path.parent))


def _copy(path: Path, old: bytes, new: bytes, report: Report) -> None:
    with closing(_open(path, old)) as source, closing(_open(swapping.rekeyed(path), new)) as made:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        source.backup(made, pages=_PAGES, progress=lambda _, left, all_of: report(all_of - left, all_of))
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        # What cannot be read back must not take the place of what can. A page that could not be read stops no copying:
        # rubbish stands for it and for all behind it, under seals that are right.
        if file.pages(made) != file.pages(source) or not file.is_whole(made):
            raise EnvironmentFault("disk_full", folder=str(path.parent))
    if path.with_name(path.name + "-wal").exists():
        # Somebody opened it meanwhile: what they write would stay behind.
        raise EnvironmentFault("store_busy", folder=str(path.parent))
    descriptor = os.open(swapping.rekeyed(path), os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
