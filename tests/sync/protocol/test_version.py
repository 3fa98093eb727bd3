"""The wire is frozen: a field that is added, moved or retyped changes a hash that stands here beside its version."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given

from sync.protocol import codec, columns, wire
from sync.protocol.messages import EnrolRequest, Push, SyncAnswer, SyncRequest
from sync.protocol.version import OLDEST, PROTOCOL
from tests.sync.protocol.generated import sync_answers, sync_requests
from tests.sync.protocol.test_codec import NOTHING, ROOT, answer_with

WIRE = {
    1: "06c8ea5b5e2804d8",
    2: "95e399ca2c468c82",
    3: "7fa05be6b744f00a",
    4: "7d9fddac77914bd4",
    5: "852becdbda15ba4d",
    6: "7374ab694c185270",
    7: "aa17c2308f9fcbfe",
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


def test_what_a_newer_end_adds_is_skipped() -> None:
    for message in (
        SyncRequest(PROTOCOL + 1, "", NOTHING, {}, 0, dictionaries=[1]),
        SyncAnswer(0, ROOT, dictionaries=[1]),
        EnrolRequest(PROTOCOL + 1, "code", b"key", "máy thôn"),
    ):
        tree = msgspec.msgpack.decode(codec.encode(message))
        assert codec.decode(msgspec.msgpack.encode([*tree, ["something", 1], "new"])) == message
    newer = answer_with(contents=[b"\x2a", [], b"", "new"], prev=None)
    assert codec.decode(newer) == codec.decode(answer_with())


@given(request=sync_requests)
def test_an_older_centre_is_asked_in_its_own_form(request: SyncRequest) -> None:
    push = Push(request.push.after, request.push.changes)
    first = msgspec.structs.replace(request, push=push, checks=[], lost=[], vector=b"", dictionaries=[])
    assert codec.decode(codec.encode(request, 1)) == first
    second = msgspec.structs.replace(request, vector=b"", dictionaries=[])
    assert codec.decode(codec.encode(request, 2)) == second


@given(answer=sync_answers)
def test_an_older_end_is_answered_in_its_own_form(answer: SyncAnswer) -> None:
    first = msgspec.structs.replace(
        answer,
        mac=b"",
        heals=[],
        known=[],
        resend=False,
        dictionaries=[],
        pages=[msgspec.structs.replace(page, digest=b"", own=[]) for page in answer.pages],
    )
    assert codec.decode(codec.encode(answer, 1)) == first
    third = msgspec.structs.replace(answer, pages=[msgspec.structs.replace(page, own=[]) for page in answer.pages])
    second = msgspec.structs.replace(third, resend=False, dictionaries=[])
    assert codec.decode(codec.encode(answer, 2)) == second
    for protocol in (3, 4):
        assert codec.decode(codec.encode(answer, protocol)) == third
