"""A centre's data folder: made once for a province, then opened by the server and the administrator's commands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from nacl.signing import SigningKey
from sqlalchemy import select

from sync.central import keys
from sync.central.database import FILE, Database, open_database
from sync.central.enrolment import Enrolment
from sync.central.keys import centre_id, make_key, make_recovery_key, read_key, recovery_public_key
from sync.central.members import Membership, write_member
from sync.central.people import Staff
from sync.central.receipts import receipt_key
from sync.central.register import Register
from sync.central.repository import CENTRE, Repository, random_run, random_token
from sync.central.tables import device
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.protocol import parcel
from sync.protocol.parcel import Catalogued, pack

_NO_FILES: Final[Mapping[str, bytes]] = MappingProxyType({})


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
    staff: Staff
    catalogue_file: bytes
    """The catalogue as a parcel for its devices; b"" where its files are not at hand."""

    def close(self) -> None:
        self.database.close()


def exists(folder: Path) -> bool:
    """Whether `folder` was made a centre's."""
    return (folder / FILE).exists()


def make_centre(folder: Path, province: str, clock: Callable[[], float]) -> None:
    """Make `folder` a centre's: its keys, then its database, then its own device. What is there already stays.

    Raises OSError when the folder cannot be written, EnvironmentFault as `open_centre`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # A database never gets a second key: its devices would not know it.
    key = read_key(folder) if exists(folder) or (folder / keys.FILE).exists() else make_key(folder)
    if not (folder / keys.RECOVERY_FILE).exists():
        make_recovery_key(folder)
    now = int(clock())
    database = open_database(folder, now, create=True)
    try:
        with database.writing() as connection:
            if connection.scalar(select(device.c.device).limit(1)) is None:
                public_key = bytes(key.verify_key).hex()
                write_member(connection, province, centre_id(key), Membership(public_key, (province,), CENTRE, "", now))
    finally:
        database.close()


def open_centre(
    folder: Path,
    catalogue: Catalogue,
    clock: Callable[[], float],
    new_token: Callable[[], str] = random_token,
    new_run: Callable[[], str] = random_run,
    files: Mapping[str, bytes] = _NO_FILES,
) -> Centre:
    """Open a folder that `make_centre` made. A database that was restored is given what the centre decided since.

    `files` are those that the catalogue was read from.
    Raises EnvironmentFault store_key_missing, store_damaged, store_newer, store_folder_unwritable or register_damaged.
    """
    key = read_key(folder)
    database = open_database(folder, int(clock()))
    own = centre_id(key)
    with database.reading() as connection:
        province = connection.scalar(select(device.c.province_code).where(device.c.device == own))
    if province is None:
        database.close()
        raise EnvironmentFault("store_key_missing", file=str(folder / keys.FILE))
    repository = Repository(
        database,
        province,
        own,
        catalogue,
        Register(folder),
        receipt_key(bytes(key)),
        clock,
        new_token,
        new_run,
    )
    try:
        repository.catch_up()
    except BaseException:
        database.close()
        raise
    enrolment = Enrolment(database, repository, province, key, clock, recovery_public_key(folder))
    staff = Staff(database, repository, province, own)
    carried = catalogue_file(catalogue, files, key, clock) if files else b""
    return Centre(folder, database, province, key, catalogue, repository, enrolment, staff, carried)


def catalogue_file(
    catalogue: Catalogue, files: Mapping[str, bytes], key: SigningKey, clock: Callable[[], float]
) -> bytes:
    """The catalogue, signed by the centre, for every device of it."""
    said = Catalogued(int(clock()), catalogue.edition, catalogue.version, pack(files))
    return parcel.write(said, key, bytes(key.verify_key))
