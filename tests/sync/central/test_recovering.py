"""A recovery file is answered for a device of this centre and nobody else, with the key it was sealed to."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey

from sync.central.centre import Centre
from sync.central.keys import RECOVERY_FILE, make_recovery_key
from sync.central.recovering import answer
from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import Cost
from sync.protocol.messages import EnrolRequest
from sync.protocol.recovery import Reset, open_reset, read, seal_copy, write
from sync.protocol.version import PROTOCOL
from tests.sync.central.conftest import VILLAGE, Clock, Device

KEY, STORE, HOA = bytes(range(32)), b"s" * 16, "Nguyễn Thị Hoa"
CHEAP = Cost(1, 1)


@pytest.fixture
def village(centre: Centre) -> Device:
    return Device(centre, VILLAGE)


def public_key(centre: Centre, village: Device) -> bytes:
    """As the enrolment's answer brings it."""
    code = centre.enrolment.make_code(VILLAGE, HOA, 7)
    found = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(village.key.verify_key), "PC"))
    return found.recovery_key


@pytest.fixture
def asked(centre: Centre, village: Device, tmp_path: Path) -> Path:
    """The file that the village's person sent."""
    copy = seal_copy(KEY, STORE, village.name, public_key(centre, village))
    path = tmp_path / "asked.soxa"
    path.write_bytes(write(msgspec.structs.replace(copy, person=HOA)))
    return path


def fault(work: Callable[[], object]) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        work()
    return caught.value.code


def test_a_file_of_a_device_is_answered_and_the_answer_opens_with_its_code(
    centre: Centre, village: Device, asked: Path
) -> None:
    found = answer(centre, asked, CHEAP)
    assert (found.device.device, found.person) == (village.name, HOA)
    reset = read(found.file)
    assert isinstance(reset, Reset)
    assert (reset.store, reset.person) == (STORE, HOA)
    assert open_reset(reset, found.code) == KEY
    assert KEY not in found.file
    assert found.code.encode() not in found.file


def test_two_answers_have_nothing_in_common(centre: Centre, asked: Path) -> None:
    one, other = answer(centre, asked, CHEAP), answer(centre, asked, CHEAP)
    assert one.code != other.code
    assert one.file != other.file


def test_a_revoked_device_is_not_helped(centre: Centre, village: Device, asked: Path) -> None:
    centre.enrolment.revoke(village.name)
    assert fault(lambda: answer(centre, asked, CHEAP)) == "device_revoked"


def test_who_does_not_belong_to_the_centre_is_not_helped(centre: Centre, village: Device, asked: Path) -> None:
    copy = seal_copy(KEY, STORE, "f" * 20, public_key(centre, village))
    asked.write_bytes(write(msgspec.structs.replace(copy, person=HOA)))
    assert fault(lambda: answer(centre, asked, CHEAP)) == "device_unknown"


def test_files_that_cannot_be_answered_are_told_apart(
    centre: Centre, village: Device, asked: Path, tmp_path: Path
) -> None:
    assert fault(lambda: answer(centre, tmp_path / "none", CHEAP)) == "file_missing"
    elsewhere = seal_copy(KEY, STORE, village.name, bytes(PrivateKey.generate().public_key))
    for written, code in (
        (b"%PDF-1.7", "recovery_damaged"),
        (answer(centre, asked, CHEAP).file, "recovery_damaged"),
        (write(msgspec.structs.replace(elsewhere, person=HOA)), "recovery_other_centre"),
        (write(elsewhere), "recovery_nobody"),
    ):
        asked.write_bytes(written)
        assert fault(lambda: answer(centre, asked, CHEAP)) == code


def test_without_its_recovery_key_a_centre_says_so_and_makes_no_other(
    centre: Centre, asked: Path, reopened: Callable[..., Centre], clock: Clock, village: Device
) -> None:
    (centre.folder / RECOVERY_FILE).rename(centre.folder / "elsewhere")
    assert fault(lambda: answer(centre, asked, CHEAP)) == "recovery_key_missing"
    later = reopened(centre.folder)
    assert not (centre.folder / RECOVERY_FILE).exists()
    assert public_key(later, village) == b""
    (centre.folder / RECOVERY_FILE).write_text("half a key")
    assert fault(lambda: answer(centre, asked, CHEAP)) == "recovery_key_missing"
    with pytest.raises(FileExistsError):
        make_recovery_key(centre.folder)


def test_the_recovery_key_is_its_owner_s_alone_and_not_in_the_database(centre: Centre) -> None:
    path = centre.folder / RECOVERY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert bytes.fromhex(path.read_text()) not in (centre.folder / "centre.db").read_bytes()
