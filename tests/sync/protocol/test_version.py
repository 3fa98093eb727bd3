"""The wire is frozen: a field that is added, moved or retyped changes a hash that stands here beside its version."""

from hashlib import sha256

import msgspec
import pytest

from sync.protocol import columns, wire
from sync.protocol.version import OLDEST, PROTOCOL

WIRE = {
    1: "06c8ea5b5e2804d8",
    2: "95e399ca2c468c82",
    3: "7fa05be6b744f00a",
}
"""Protocol number → hash of the structures as that protocol knows them. A new wire gets a new number and a line of its
own here; old lines stay as they are, since `version.OLDEST` says which of them are still answered."""

STRUCTURES = [
    kind
    for module in (columns, wire)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__
]


def structures(protocol: int) -> str:
    """Every structure on the wire with its fields in order, their types and bounds."""
    lines: list[str] = []
    for kind in STRUCTURES:
        known = wire.known(kind, protocol)
        lines += [
            f"{kind.__name__} {kind.__struct_config__.tag} {field.name}: {field.type}"
            for field in msgspec.structs.fields(kind)
            if field.name in known
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("protocol", range(OLDEST, PROTOCOL + 1))
def test_the_wire_is_the_one_of_each_protocol_number_that_is_still_answered(protocol: int) -> None:
    assert sha256(structures(protocol).encode()).hexdigest()[:16] == WIRE[protocol], structures(protocol)


def test_every_structure_that_an_older_protocol_knows_less_of_is_on_the_wire() -> None:
    assert set(wire.SINCE) <= set(STRUCTURES)
    for kind, counts in wire.SINCE.items():
        assert list(counts.values()) == sorted(counts.values())
        assert max(counts.values()) < len(kind.__struct_fields__)
