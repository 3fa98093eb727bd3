"""The centre's catalogue as it comes: as a file of its own, with an answer by hand, or over a line.

It is taken whole or not at all: signed by the centre, newer than what is worked with, and read as the program reads its
own, with all errors at once.
"""

from collections.abc import Callable
from typing import NamedTuple

from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.exchange.catalogue import read
from sync.protocol import parcel
from sync.store import ChangeSet, Store
from sync.store.catalogue import keep


class Edition(NamedTuple):
    """A catalogue that came. `made_at` is the centre's clock, seconds since 1970 UTC."""

    made_at: int
    number: int
    forms: int
    indicators: int


def look(store: Store, carried: bytes) -> Edition:
    """What a catalogue that came is; nothing is taken.

    Raises `EnvironmentFault` parcel_damaged, parcel_cut, parcel_newer, parcel_too_large, parcel_unenrolled,
    parcel_other_centre, catalogue_old, and catalogue_unfit with `errors` as `exchange.catalogue.read`.
    """
    said, catalogue, _ = _read(store, carried)
    return Edition(said.made_at, catalogue.edition, len(catalogue.forms), len(catalogue.indicators))


def take(store: Store, carried: bytes, tell: Callable[[ChangeSet], None]) -> Edition:
    """Work with it from now on. Raises `EnvironmentFault` as `look`, and as the store; then nothing changed."""
    said, catalogue, files = _read(store, carried)
    tell(keep(store, catalogue, files))
    return Edition(said.made_at, catalogue.edition, len(catalogue.forms), len(catalogue.indicators))


def take_newer(store: Store, carried: bytes, tell: Callable[[ChangeSet], None]) -> None:
    """As `take`, of one that came with something else: where that is no newer than what is had, it is left."""
    try:
        if carried:
            take(store, carried, tell)
    except EnvironmentFault as fault:
        if fault.code != "catalogue_old":
            raise


def unfit(fault: EnvironmentFault) -> EnvironmentFault:
    """That a catalogue which was whole cannot be read here, with the first that is wrong with it."""
    errors = fault.details["errors"]
    assert isinstance(errors, tuple)
    return EnvironmentFault("catalogue_unfit", errors=errors, found="; ".join(map(str, errors[:3])))


def _read(store: Store, carried: bytes) -> tuple[parcel.Catalogued, Catalogue, dict[str, bytes]]:
    enrolment = store.enrolment()
    if enrolment is None:
        raise EnvironmentFault("parcel_unenrolled")
    said = parcel.read_catalogue(carried, enrolment.centre_key)
    if said.edition <= store.edition:
        raise EnvironmentFault("catalogue_old")
    files = said.files()
    try:
        catalogue = read(files)
    except EnvironmentFault as fault:
        # Not damaged on its way: the program is of another time.
        raise unfit(fault) from fault
    if (catalogue.edition, catalogue.version) != (said.edition, said.version):
        raise EnvironmentFault("parcel_damaged")
    return said, catalogue, files
