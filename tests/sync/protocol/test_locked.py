"""A locked secret opens with its password, for what it was locked for, and with nothing else."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import COST, Cost, Locked, WrongPasswordError, lock, unlock

CHEAP = Cost(1, 1)
SECRET = bytes(range(32))


@given(password=st.text(min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_what_was_locked_opens_with_the_same_password(password: str) -> None:
    assert unlock(lock(SECRET, password, b"store", CHEAP), password, b"store") == SECRET


def test_letters_are_the_same_in_whatever_form_a_keyboard_writes_them() -> None:
    assert unlock(lock(SECRET, "mật khẩu", b"", CHEAP), "mật khẩu", b"") == SECRET


@pytest.mark.parametrize(("password", "about"), [("mat khau", b"store"), ("mật khẩu", b"other"), ("", b"store")])
def test_another_password_or_another_thing_does_not_open(password: str, about: bytes) -> None:
    locked = lock(SECRET, "mật khẩu", b"store", CHEAP)
    with pytest.raises(WrongPasswordError):
        unlock(locked, password, about)


def test_one_altered_bit_anywhere_does_not_open() -> None:
    locked = lock(SECRET, "mật khẩu", b"", CHEAP)
    for place in (0, 24, len(locked.box) - 1):
        box = bytearray(locked.box)
        box[place] ^= 1
        with pytest.raises(WrongPasswordError):
            unlock(msgspec.structs.replace(locked, box=bytes(box)), "mật khẩu", b"")


def test_two_locks_of_one_secret_have_nothing_in_common() -> None:
    one, other = (lock(SECRET, "mật khẩu", b"", CHEAP) for _ in range(2))
    assert one.salt != other.salt
    assert one.box[24:] != other.box[24:]


@pytest.mark.parametrize("change", [{"ops": 0}, {"ops": 10**9}, {"memory_mb": 10**6}, {"salt": b"short"}])
def test_numbers_that_a_damaged_file_may_hold_are_refused(change: dict[str, object]) -> None:
    written = msgspec.json.decode(msgspec.json.encode(lock(SECRET, "mật khẩu", b"", CHEAP)))
    for name, value in change.items():
        written[name] = value if not isinstance(value, bytes) else "c2hvcnQ="
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(written, Locked, builtin_types=())


def test_a_pc_without_the_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from nacl.pwhash import argon2id

    def short(*_: object, **__: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(argon2id, "kdf", short)
    with pytest.raises(EnvironmentFault) as caught:
        lock(SECRET, "mật khẩu", b"")
    assert caught.value.code == "memory_short"


def test_a_guess_is_dear() -> None:
    """At least what RFC 9106 recommends where memory is short: three passes over 64 MiB."""
    assert COST.ops >= 3
    assert COST.memory_mb >= 64
