"""The catalogue that the centre sent, kept in the store until the program brings a newer one of its own."""

from typing import Final

import msgspec

from sync.domain.catalogue import Catalogue
from sync.store import connection as file
from sync.store.cells import CATALOGUE_ARRIVED, ChangeSet
from sync.store.store import Store

_NAME: Final = "catalogue"


class Kept(msgspec.Struct, frozen=True):
    """The files of a catalogue by name, and what they make it."""

    edition: int
    version: str
    files: dict[str, bytes]


def kept(store: Store) -> Kept | None:
    found = store.meta(_NAME)
    return None if found is None else msgspec.json.decode(found, type=Kept)


def keep(store: Store, catalogue: Catalogue, files: dict[str, bytes]) -> ChangeSet:
    """Work with `catalogue`, which these files hold, from now on: all of it or none of it. Raises `EnvironmentFault`.

    What was typed under another one stays as it is: of each change it is known under which.
    """
    content = msgspec.json.encode(Kept(catalogue.edition, catalogue.version, files)).decode()
    with file.writing(store.db):
        store.keep_meta(_NAME, content)
        store.keep_meta(f"{_NAME}.edition", str(catalogue.edition))
    store.catalogue, store.edition = catalogue.version, catalogue.edition
    return ChangeSet(frozenset({CATALOGUE_ARRIVED}))
