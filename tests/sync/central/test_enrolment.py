"""Codes, the devices that used them, and how often one may guess."""

import re

import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from sync.central import tables
from sync.central.centre import Centre
from sync.central.enrolment import Throttle
from sync.domain.errors import EnvironmentFault
from sync.protocol.messages import EnrolAnswer, EnrolRequest
from sync.protocol.version import PROTOCOL
from tests.sync.central.conftest import COMMUNE, VILLAGE, Clock, Device, value_key


def enrol(centre: Centre, key: SigningKey, code: str, computer: str = "PC") -> EnrolAnswer:
    return centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), computer))


def test_a_code_is_long_readable_and_kept_as_a_hash_only(centre: Centre) -> None:
    codes = {centre.enrolment.make_code(VILLAGE, "An", 7) for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(r"(?:[2-9A-HJKMNP-Z]{4}-){2}[2-9A-HJKMNP-Z]{4}", code) for code in codes)
    with centre.database.reading() as connection:
        rows = connection.execute(select(tables.enrolment_code)).all()
    kept = repr(rows)
    assert len(rows) == 50
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


@pytest.mark.parametrize("write", [str.lower, str.upper, lambda code: f" {code.replace('-', '')} ", "–".join])
def test_a_code_is_read_however_it_is_written(centre: Centre, write: object) -> None:
    assert callable(write)
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    assert enrol(centre, SigningKey.generate(), write(code)).unit == VILLAGE


@pytest.mark.parametrize("code", ["", "-", "ABCD-EFGH-JKMN", "x" * 200, "ạ", "\0"])
def test_a_wrong_code_is_refused(centre: Centre, code: str) -> None:
    with pytest.raises(EnvironmentFault, match="code_wrong"):
        enrol(centre, SigningKey.generate(), code)


def test_a_known_device_moves_with_a_new_code_and_keeps_its_chain(centre: Centre) -> None:
    village = Device(centre, VILLAGE)
    village.type(value_key(VILLAGE), "1")
    village.ask(village.push())
    answer = enrol(centre, village.key, centre.enrolment.make_code(COMMUNE, "Bình", 7))
    assert (answer.unit, answer.person) == (COMMUNE, "Bình")
    assert village.ask().held == village.link(1)
    (found,) = [device for device in centre.enrolment.devices() if device.device == village.name]
    assert (found.units, found.person, found.last_n) == ((COMMUNE,), "Bình", 1)


def test_a_used_code_brings_nobody_back_to_where_a_later_one_moved_them_from(centre: Centre) -> None:
    key = SigningKey.generate()
    first, second = (centre.enrolment.make_code(unit, unit, 7) for unit in (VILLAGE, COMMUNE))
    for code, unit in ((first, VILLAGE), (second, COMMUNE), (first, COMMUNE)):
        answer = enrol(centre, key, code)
        assert (answer.unit, answer.person) == (unit, unit)
    (known,) = [device for device in centre.enrolment.devices() if device.units != ("48",)]
    assert known.units == (COMMUNE,)


def test_a_used_code_answers_its_own_device_even_when_it_is_out_of_date(centre: Centre, clock: Clock) -> None:
    key = SigningKey.generate()
    code = centre.enrolment.make_code(VILLAGE, "An", 1)
    enrol(centre, key, code)
    clock.now += 10 * 86_400
    assert enrol(centre, key, code).unit == VILLAGE
    assert len(centre.enrolment.devices()) == 2


def test_a_revoked_device_neither_syncs_nor_enrols_again(centre: Centre) -> None:
    village = Device(centre, VILLAGE)
    centre.enrolment.revoke(village.name)
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        village.ask()
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        enrol(centre, village.key, code)
    # The code was not spent on it.
    assert enrol(centre, SigningKey.generate(), code).unit == VILLAGE


def test_a_computer_s_name_gives_no_orders_to_a_terminal(centre: Centre) -> None:
    code = centre.enrolment.make_code(VILLAGE, "An", 7)
    enrol(centre, SigningKey.generate(), code, "Máy\x1b[2J\0 số 1\n" + "x" * 200)
    (found,) = [device for device in centre.enrolment.devices() if device.units == (VILLAGE,)]
    assert found.computer.startswith("Máy[2J số 1x")
    assert len(found.computer) == 100


def test_guesses_are_counted_for_each_address() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(Throttle.PER_ADDRESS):
        assert throttle.wait_s("a") == 0
        throttle.failed("a")
    assert throttle.wait_s("a") == Throttle.WINDOW_S + 1
    assert throttle.wait_s("b") == 0
    clock.now += Throttle.WINDOW_S
    assert throttle.wait_s("a") == 0


def test_guesses_are_counted_for_all() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(Throttle.FOR_ALL + 5):
        throttle.failed(f"address {number}")
    assert throttle.wait_s("another") == Throttle.WINDOW_S + 1
    clock.now += Throttle.WINDOW_S
    assert throttle.wait_s("another") == 0
