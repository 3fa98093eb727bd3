"""What is sealed to the centre opens for the centre alone, and its answer with the code alone."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from sync.protocol.locked import Cost, WrongPasswordError
from sync.protocol.recovery import (
    ALPHABET,
    CODE_SIGNS,
    RecoveryCopy,
    RecoveryError,
    Reset,
    make_reset,
    open_copy,
    open_reset,
    random_code,
    read,
    seal_copy,
    signs_of,
    write,
)

KEY, STORE, DEVICE = bytes(range(32)), b"s" * 16, "d" * 20
CENTRE = PrivateKey(b"c" * 32)
CHEAP = Cost(1, 1)


def copy() -> RecoveryCopy:
    return seal_copy(KEY, STORE, DEVICE, bytes(CENTRE.public_key))


def test_the_centre_opens_what_was_sealed_to_it() -> None:
    found = read(write(msgspec.structs.replace(copy(), person="Nguyễn Thị Hoa")))
    assert isinstance(found, RecoveryCopy)
    assert found.person == "Nguyễn Thị Hoa"
    assert open_copy(found, bytes(CENTRE)) == KEY
    assert KEY not in write(found)


def test_nobody_else_does() -> None:
    with pytest.raises(RecoveryError, match="other_centre"):
        open_copy(copy(), bytes(PrivateKey(b"x" * 32)))


@pytest.mark.parametrize(
    "change", [{"store": b"t" * 16}, {"device": "e" * 20}, {"sealed": b"0" * 100}, {"sealed": b""}]
)
def test_a_copy_that_says_it_is_of_another_store_or_device_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(RecoveryError, match="damaged"):
        open_copy(msgspec.structs.replace(copy(), **change), bytes(CENTRE))


def test_a_reset_opens_with_its_code_however_it_is_written() -> None:
    code = random_code()
    reset = read(write(make_reset(KEY, copy(), code, CHEAP)))
    assert isinstance(reset, Reset)
    for written in (code, code.lower(), code.replace("-", " "), signs_of(code)):
        assert open_reset(reset, written) == KEY


@pytest.mark.parametrize("change", [{"person": "An"}, {"store": b"t" * 16}, {"id": "0"}])
def test_a_reset_is_bound_to_its_store_and_person(change: dict[str, object]) -> None:
    code = random_code()
    reset = make_reset(KEY, msgspec.structs.replace(copy(), person="Hoa"), code, CHEAP)
    with pytest.raises(WrongPasswordError):
        open_reset(msgspec.structs.replace(reset, **change), code)
    with pytest.raises(WrongPasswordError):
        open_reset(reset, random_code())


@given(written=st.binary(max_size=200) | st.sampled_from([b"{}", b"[]", b'{"kind":"soxa-reset-1"}', b"[" * 5000]))
def test_other_bytes_are_refused(written: bytes) -> None:
    with pytest.raises(RecoveryError, match="damaged"):
        read(written)


def test_codes_are_long_and_of_clear_signs() -> None:
    codes = {random_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(len(signs_of(code)) == CODE_SIGNS and set(signs_of(code)) <= set(ALPHABET) for code in codes)
