"""The hash chain: any altered field alters every later hash, and the root names the device."""

from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from sync.domain.keys import Key
from sync.protocol import chain
from sync.protocol.messages import Change, Version

BRANCH = "a" * 20 + "01234567"
CHANGE = Change(
    n=7,
    branch=BRANCH,
    key=Key("value", "48.20194.003", "village_ct01", "A2026Q2", "female"),
    content="434",
    seen=(Version(BRANCH, 3), Version("b" * 28, 9)),
    author="Nguyễn Văn An",
    typed_at=1_790_000_000,
    catalogue="2026.1",
)


@pytest.mark.parametrize(
    "altered",
    [
        {"n": 8},
        {"branch": "a" * 20 + "01234568"},
        *({"key": CHANGE.key._replace(**{field: "x"})} for field in Key._fields),
        {"content": "435"},
        {"content": ""},
        {"seen": ()},
        {"seen": CHANGE.seen[::-1]},
        {"seen": (Version(BRANCH, 3), Version("b" * 28, 10))},
        {"author": "Nguyễn Văn Ân"},
        {"typed_at": CHANGE.typed_at + 1},
        {"typed_at": -1},
        {"catalogue": "2026.2"},
        {"extra": b"\x00"},
    ],
)
def test_any_altered_field_alters_the_hash(altered: dict[str, Any]) -> None:
    before = chain.root("a" * 20)
    assert chain.link(before, msgspec.structs.replace(CHANGE, **altered)) != chain.link(before, CHANGE)


def test_every_field_of_a_change_is_under_the_hash() -> None:
    assert {field.name for field in msgspec.structs.fields(Change)} == {
        "n", "branch", "key", "content", "seen", "author", "typed_at", "catalogue", "extra"
    }  # fmt: skip


def test_text_that_moves_from_one_field_to_the_next_alters_the_hash() -> None:
    before = chain.root("a" * 20)
    moved = msgspec.structs.replace(CHANGE, key=CHANGE.key._replace(period="A2026Q2f", part="emale"))
    assert chain.link(before, moved) != chain.link(before, CHANGE)


def test_the_root_names_the_device() -> None:
    assert chain.root("a" * 20) != chain.root("b" * 20)
    assert chain.link(chain.root("a" * 20), CHANGE) != chain.link(chain.root("b" * 20), CHANGE)


def test_an_altered_change_alters_every_later_hash() -> None:
    changes = [msgspec.structs.replace(CHANGE, n=n) for n in range(1, 6)]
    before = chain.links(chain.root("a" * 20), changes)
    changes[2] = msgspec.structs.replace(changes[2], content="0")
    after = chain.links(chain.root("a" * 20), changes)
    assert before[:2] == after[:2]
    assert all(old != new for old, new in zip(before[2:], after[2:], strict=True))


def test_a_chain_goes_on_where_a_part_of_it_ended() -> None:
    changes = [msgspec.structs.replace(CHANGE, n=n) for n in range(1, 6)]
    whole = chain.links(chain.root("a" * 20), changes)
    assert chain.links(whole[1], changes[2:]) == whole[2:]
    assert chain.links(whole[1], []) == []


def test_the_hash_of_a_change_stays_what_it_was() -> None:
    """Devices and the centre keep these hashes for ever: another form of them would cut every chain."""
    assert chain.device_id(bytes(SigningKey(bytes(32)).verify_key)) == "5911b6ce200205592e9e"
    assert chain.link(chain.root("a" * 20), CHANGE).hash.hex() == "ef91a0ae946c6012e98df1e698dd5f5a"
