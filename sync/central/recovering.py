"""Letting a person into their store again: the administrator answers a recovery file with a reset and a code."""

from pathlib import Path
from typing import NamedTuple

from sync.central.centre import Centre
from sync.central.enrolment import Device
from sync.central.keys import read_recovery_key
from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import COST, Cost
from sync.protocol.recovery import (
    MAX_FILE,
    RecoveryCopy,
    RecoveryError,
    make_reset,
    open_copy,
    random_code,
    read,
    write,
)


class Answer(NamedTuple):
    """What goes back as a file, and the code that is told otherwise; `device` and `person` are who asked."""

    device: Device
    person: str
    file: bytes
    code: str


def answer(centre: Centre, file: Path, cost: Cost = COST) -> Answer:
    """The answer to a recovery file of a device of this centre.

    Raises EnvironmentFault: file_missing, recovery_damaged, recovery_nobody, recovery_other_centre,
    recovery_key_missing, device_unknown, device_revoked.
    """
    try:
        with file.open("rb") as opened:
            found = read(opened.read(MAX_FILE))
    except OSError as error:
        raise EnvironmentFault("file_missing", file=file) from error
    except RecoveryError as error:
        raise EnvironmentFault("recovery_damaged", file=file) from error
    if not isinstance(found, RecoveryCopy):
        raise EnvironmentFault("recovery_damaged", file=file)
    if not found.person:
        raise EnvironmentFault("recovery_nobody", file=file)
    try:
        key = open_copy(found, read_recovery_key(centre.folder))
    except RecoveryError as error:
        raise EnvironmentFault(f"recovery_{error.reason}", file=file) from error
    device = next((one for one in centre.enrolment.devices() if one.device == found.device), None)
    if device is None:
        raise EnvironmentFault("device_unknown")
    if device.revoked_at is not None:
        raise EnvironmentFault("device_revoked", device=device.device)
    code = random_code()
    return Answer(device, found.person, write(make_reset(key, found, code, cost)), code)
