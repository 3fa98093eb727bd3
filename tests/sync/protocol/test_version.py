"""The wire is frozen: a field that is added, moved or retyped changes a hash that stands here beside its version."""

from hashlib import sha256

import msgspec

from sync.protocol import codec
from sync.protocol.version import OLDEST, PROTOCOL

WIRE = {
    1: "fc8f24b96ec424c0",
}
"""Protocol number → hash of the wire's structures. A new wire gets a new number and a line of its own here; old
lines stay, since `version.OLDEST` says which of them are still answered."""


def wire() -> str:
    """Every structure on the wire with its fields in order, their types and bounds."""
    kinds: list[type[msgspec.Struct]] = [*codec.WIRE_TYPES, codec._Column, codec._Versions, codec._Keys]
    kinds += [codec._Changes, codec._Records, codec._Page]
    lines = [
        f"{kind.__name__} {kind.__struct_config__.tag} {field.name}: {field.type}"
        for kind in kinds
        for field in msgspec.structs.fields(kind)
    ]
    return "\n".join(lines)


def test_the_wire_is_the_one_of_this_protocol_number() -> None:
    assert sha256(wire().encode()).hexdigest()[:16] == WIRE[PROTOCOL], wire()


def test_every_structure_on_the_wire_is_under_the_hash() -> None:
    named = {kind for kind in vars(codec).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)}
    for kind in named:
        if kind.__module__ == codec.__name__:
            assert f"{kind.__name__} " in wire()


def test_every_number_that_is_still_answered_has_its_wire() -> None:
    assert set(range(OLDEST, PROTOCOL + 1)) <= WIRE.keys()
