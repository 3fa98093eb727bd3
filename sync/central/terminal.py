"""What every command needs: the open centre of a folder, and sentences in place of faults."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

import typer
from sqlalchemy.exc import OperationalError

from sync.central.centre import Centre, exists, open_centre
from sync.central.words import RESOURCES, Words
from sync.domain.errors import EnvironmentFault
from sync.domain.local_time import VIETNAM
from sync.domain.text import nfc
from sync.domain.units import Unit
from sync.exchange.catalogue import read, texts
from sync.protocol.messages import MAX_NAME

CATALOGUES: Final = RESOURCES / "catalogues"

_FAILED: Final = 2


@contextmanager
def opened(words: Words, data: Path) -> Iterator[Centre]:
    """The centre in `data`; without one, and after a fault inside, the command ends with a sentence."""
    if not exists(data):
        stop(words, "no_centre", folder=data)
    with sentences(words, data), closing(open_with_catalogue(data)) as centre:
        yield centre


def open_with_catalogue(data: Path) -> Centre:
    """The centre in `data` under the catalogue of the program. Raises EnvironmentFault."""
    files = texts(CATALOGUES)
    catalogue = read(files)
    whole = {name: raw for name, raw in files.items() if isinstance(raw, bytes)}
    return open_centre(data, catalogue, time.time, files=whole)


@contextmanager
def sentences(words: Words, data: Path) -> Iterator[None]:
    """Turns a fault of the environment into its sentence and the end of the command."""
    try:
        yield
    except EnvironmentFault as fault:
        stop(words, fault.code, **fault.details)
    except (OperationalError, OSError):
        # The disk was full, or the database stayed locked: the transaction is undone.
        stop(words, "store_folder_unwritable", folder=data)


def unit_in(words: Words, centre: Centre, key: str) -> Unit:
    """The unit that a person named by its key, or the end of the command."""
    found = centre.repository.units().get(key)
    if found is None:
        stop(words, "unknown_unit", unit=key)
    return found


def person_in(words: Words, name: str) -> str:
    """A person's name as changes may bear it, or the end of the command."""
    found = nfc(name.strip())
    if not found or not found.isprintable() or len(found) > MAX_NAME:
        stop(words, "person_missing")
    return found


def stop(words: Words, fault: str, **details: object) -> NoReturn:
    """End the command with the sentence of `fault`."""
    errors = details.pop("errors", ())
    print(words.say(f"fault.{fault}", **details), file=sys.stderr)
    if isinstance(errors, tuple):
        for line in words.errors(errors):
            print(line, file=sys.stderr)
    raise typer.Exit(_FAILED)


def moment_in(at: int) -> str:
    """A moment in seconds since 1970 UTC as Việt Nam's clocks show it; one that no clock shows stays a number."""
    try:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    except (ValueError, OverflowError, OSError):
        return str(at)
