"""A centre's data folder: made once for a province, then opened by the server and the administrator's commands."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey
from sqlalchemy import select

from sync.central import keys
from sync.central.database import FILE, Database, open_database
from sync.central.enrolment import Enrolment, add_device
from sync.central.keys import centre_id, make_key, read_key
from sync.central.repository import Repository
from sync.central.tables import device
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault

PERSON: Final = "Trung tâm"
"""The author of what the centre itself decides: a name, as those of people are, and so data."""


@dataclass(frozen=True, slots=True)
class Centre:
    """An open data folder."""

    folder: Path
    database: Database
    province: str
    key: SigningKey
    catalogue: Catalogue
    repository: Repository
    enrolment: Enrolment

    def close(self) -> None:
        self.database.close()


def exists(folder: Path) -> bool:
    """Whether `folder` was made a centre's."""
    return (folder / FILE).exists()


def make_centre(folder: Path, province: str, clock: Callable[[], float]) -> None:
    """Make `folder` a centre's: its key, then its database, then its own device. What is there already stays.

    Raises OSError when the folder cannot be written, EnvironmentFault as `open_centre`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # A database never gets a second key: its devices would not know it.
    key = read_key(folder) if exists(folder) or (folder / keys.FILE).exists() else make_key(folder)
    now = int(clock())
    database = open_database(folder, now, create=True)
    try:
        with database.writing() as connection:
            if connection.scalar(select(device.c.device).limit(1)) is None:
                public_key = bytes(key.verify_key)
                add_device(connection, province, public_key, now, unit=province, person=PERSON, computer="")
    finally:
        database.close()


def open_centre(folder: Path, catalogue: Catalogue, clock: Callable[[], float]) -> Centre:
    """Open a folder that `make_centre` made.

    Raises EnvironmentFault store_key_missing, store_damaged, store_newer or store_folder_unwritable.
    """
    key = read_key(folder)
    database = open_database(folder, int(clock()))
    own = centre_id(key)
    with database.reading() as connection:
        province = connection.scalar(select(device.c.province_code).where(device.c.device == own))
    if province is None:
        database.close()
        raise EnvironmentFault("store_key_missing", file=str(folder / keys.FILE))
    repository = Repository(database, province, own, catalogue, clock)
    return Centre(folder, database, province, key, catalogue, repository, Enrolment(database, province, key, clock))
