"""The address of a withdrawal says whose change it is about, and nothing else reads as one."""

import pytest

from sync.domain.keys import VALUE, WITHDRAWAL, Key, stream_of
from sync.domain.values import ContentError
from sync.domain.withdrawing import about, device_of, key_of

DEVICE = "a" * 20
BRANCH = f"{DEVICE}5eed0001"


def test_it_names_one_change_in_the_stream_of_its_device() -> None:
    key = key_of(BRANCH, 12)
    assert key == Key(WITHDRAWAL, f"@{DEVICE}", BRANCH, "", "12")
    assert (about(key), device_of(key), stream_of(key)) == ((BRANCH, 12), DEVICE, f"@{DEVICE}")


@pytest.mark.parametrize(
    "key",
    [
        key_of(BRANCH, 12)._replace(unit="48"),
        key_of(BRANCH, 12)._replace(unit="@" + "b" * 20),
        key_of(BRANCH, 12)._replace(part="012"),
        key_of(BRANCH, 12)._replace(part="-1"),
        key_of(BRANCH, 12)._replace(part="1" * 17),
        key_of(BRANCH, 12)._replace(part="١٢"),
        key_of(BRANCH, 12)._replace(part=""),
        key_of(BRANCH, 12)._replace(period="A2026Q1"),
        key_of(BRANCH, 12)._replace(kind=VALUE),
    ],
)
def test_what_is_no_such_address_is_refused(key: Key) -> None:
    with pytest.raises(ContentError):
        about(key)
