"""A centre's data folder: made once for a province, then opened by the server and by the administrator's
commands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey
from sqlalchemy import Engine, select

from sync.central import database
from sync.central.database import open_database, reading, writing
from sync.central.enrolment import Enrolment, add_device
from sync.central.keys import centre_id, make_key, read_key
from sync.central.repository import Repository
from sync.central.tables import device
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault

PERSON = "soxa-central"
"""The author's name of what the centre itself decides."""


@dataclass(frozen=True, slots=True)
class Centre:
    """An open data folder."""

    folder: Path
    engine: Engine
    province: str
    key: SigningKey
    catalogue: Catalogue
    repository: Repository
    enrolment: Enrolment

    def close(self) -> None:
        self.engine.dispose()


def exists(folder: Path) -> bool:
    """Whether `folder` was made a centre's."""
    return (folder / database.FILE).exists()


def make_centre(folder: Path, province: str, clock: Callable[[], float]) -> None:
    """Make `folder` a centre's: its key, its database, and its own device. What is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    key = make_key(folder)
    engine = open_database(folder, int(clock()))
    with writing(engine) as connection:
        public_key = bytes(key.verify_key)
        add_device(connection, province, public_key, int(clock()), unit=province, person=PERSON, computer="")
    engine.dispose()


def open_centre(folder: Path, catalogue: Catalogue, clock: Callable[[], float]) -> Centre:
    """Open a folder that `make_centre` made.

    Raises EnvironmentFault store_missing, store_key_missing, store_damaged, store_newer or
    store_folder_unwritable.
    """
    if not exists(folder):
        raise EnvironmentFault("store_missing", folder=str(folder))
    key = read_key(folder)
    engine = open_database(folder, int(clock()))
    own = centre_id(key)
    with reading(engine) as connection:
        province = connection.scalar(select(device.c.province_code).where(device.c.device == own))
    if province is None:
        engine.dispose()
        raise EnvironmentFault("store_key_missing", folder=str(folder))
    repository = Repository(engine, province, own, catalogue, clock)
    return Centre(folder, engine, province, key, catalogue, repository, Enrolment(engine, province, key, clock))
